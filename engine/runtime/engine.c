/**
 * The order of the engine's life.
 *
 *   create   rules -> broker check -> frontline -> sink -> pipeline -> source -> control
 *   run      learn acknowledgements -> egress, workers, ingest -> control loop
 *   end      ingest drains and stores -> workers -> egress -> acknowledgements flushed -> balance
 *   destroy  the reverse of create
 *
 * Each step of the end only begins when the one before it has nothing left to give to the next.
 */
#include "runtime/engine_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "egress/file_sink.h"
#include "egress/memory_sink.h"
#include "ingest/file_source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    BROKER_CHECK_MS_MAX = 15 * 1000,
    CLUSTER_ID_MS_MAX = 10 * 1000,
    ACKS_FLUSH_MS_MAX = 3 * 1000, /* less than an ending may take */
    RECORDS_A_MESSAGE_MAX = 2     /* its ending and its frontline copy */
};

void engine_fail(struct engine *engine, int exit_code, const char *what, const char *why)
{
    int expected = EXIT_DONE;
    /* Relaxed: only the first failure counts, and nothing is published with it. */
    if (atomic_compare_exchange_strong_explicit(&engine->exit_code, &expected, exit_code,
                                                memory_order_relaxed, memory_order_relaxed))
        LOG_ERROR("the engine ends", log_text("what", what), log_text("why", why));
    engine_request_stop(engine);
}

/* --- create ------------------------------------------------------------------------------------
 */

static bool reads_kafka(const struct engine *engine)
{
    return engine->options.replay_file == NULL;
}

static bool writes_kafka(const struct engine *engine)
{
    return engine->options.output == ENGINE_OUTPUT_KAFKA;
}

static enum redress_status open_kafka_source(struct engine *engine, struct error_list *errors)
{
    struct kafka_source_settings settings = assembly_kafka_source(&engine->assembly);
    struct redress_error error = {0};
    settings.partitions = engine->partitions;
    settings.doorbell = &engine->ingest_bell;
    enum redress_status status = kafka_source_check(&settings, engine->assembly.payload_bytes_max,
                                                    BROKER_CHECK_MS_MAX, errors);
    if (status != STATUS_OK)
        return status;
    status = kafka_source_create(&settings, &engine->source, &error);
    if (status != STATUS_OK) {
        error_list_add(errors, status, engine->settings->file, 0, 0, "%s", error.text);
        return status;
    }
    const char *id = kafka_source_cluster_id(engine->source, CLUSTER_ID_MS_MAX);
    pipeline_set_cluster_id(engine->pipeline,
                            (struct slice){.data = id, .size = (uint32_t)strlen(id)});
    return STATUS_OK;
}

static enum redress_status open_file_source(struct engine *engine, struct error_list *errors)
{
    struct redress_error error = {0};
    const struct file_source_settings settings = {
        .path = engine->options.replay_file,
        .partitions = engine->assembly.worker_count,
        .lines_per_second = engine->options.replay_lines_per_second,
        .repeat = engine->options.replay_repeat,
        .table = engine->partitions,
    };
    enum redress_status status = file_source_create(&settings, &engine->source, &error);
    if (status != STATUS_OK)
        error_list_add(errors, status, engine->options.replay_file, 0, 0, "%s", error.text);
    return status;
}

/* What wakes the thread that runs egress. */
static struct doorbell *bell_of_egress(struct engine *engine)
{
    return engine->assembly.workers_inline ? &engine->ingest_bell : &engine->egress_bell;
}

static enum redress_status open_sink(struct engine *engine, struct error_list *errors)
{
    uint32_t records = (uint32_t)engine->settings->messages_max * RECORDS_A_MESSAGE_MAX;
    if (engine->options.output == ENGINE_OUTPUT_FILES) {
        enum redress_status status =
            file_sink_create(engine->options.output_folder, records, &engine->sink);
        if (status != STATUS_OK)
            error_list_add(errors, status, engine->options.output_folder, 0, 0,
                           "no folder to write to: make it, then start again");
        return status;
    }
    if (!writes_kafka(engine)) {
        struct memory_sink *sink = NULL;
        enum redress_status status = memory_sink_create(records, &sink);
        engine->sink = status == STATUS_OK ? memory_sink_base(sink) : NULL;
        return status;
    }
    char why[256] = "";
    struct kafka_sink_settings settings = assembly_kafka_sink(&engine->assembly);
    settings.wake_fd = bell_of_egress(engine)->fd;
    enum redress_status status = kafka_sink_create(&settings, why, sizeof why, &engine->sink);
    if (status != STATUS_OK)
        error_list_add(errors, status, engine->settings->file, 0, 0, "producer: %s", why);
    return status;
}

static enum redress_status open_pipeline(struct engine *engine)
{
    struct pipeline_settings settings = assembly_pipeline(&engine->assembly);
    settings.generations = &engine->generations;
    settings.frontline = engine->frontline;
    settings.sink = engine->sink;
    if (!engine->assembly.workers_inline) { /* nobody has to wake itself */
        settings.egress_bell = &engine->egress_bell;
        settings.ingest_bell = &engine->ingest_bell;
    }
    return pipeline_create(&settings, &engine->pipeline);
}

static enum redress_status open_frontline_topics(struct engine *engine, struct error_list *errors)
{
    const struct settings *settings = engine->settings;
    char why[256] = "";
    rd_kafka_conf_t *producer = assembly_kafka_conf(&engine->assembly, false, errors);
    rd_kafka_conf_t *consumer = assembly_kafka_conf(&engine->assembly, true, errors);
    if (!producer || !consumer)
        return STATUS_INVALID;
    const struct frontline_acks_settings acks = {
        .conf = producer, .topic = settings->topic_acks, .queue_names = settings->queues};
    const struct frontline_refill_settings refill = {
        .conf = consumer,
        .group = settings->group,
        .acks_topic = settings->topic_acks,
        .queue_count = (uint32_t)settings->queue_count,
        .topics = engine->assembly.frontline_topics,
        .producer_index = engine->assembly.worker_count,
    };
    enum redress_status status =
        frontline_acks_open(engine->frontline, &acks, &engine->frontline_acks, why);
    if (status == STATUS_OK)
        status = frontline_refill_open(engine->frontline, &refill, &engine->frontline_refill, why);
    else
        rd_kafka_conf_destroy(consumer);
    if (status != STATUS_OK)
        error_list_add(errors, status, settings->file, 0, 0, "frontline: %s", why);
    return status;
}

static enum redress_status open_frontline_server(struct engine *engine, struct error_list *errors)
{
    const struct settings *settings = engine->settings;
    const struct frontline_server_settings server = {
        .socket_path = settings->frontline_socket,
        .group = settings->frontline_group,
        .mode = settings->frontline_mode,
        .context = engine->frontline_acks,
        .on_acknowledged = engine->frontline_acks ? frontline_acks_write : NULL,
    };
    enum redress_status status =
        frontline_server_open(engine->frontline, &server, &engine->frontline_server);
    if (status != STATUS_OK)
        error_list_add(errors, status, settings->file, 0, 0,
                       "the frontline socket %s can't be opened: %s%s", settings->frontline_socket,
                       redress_status_name(status),
                       status == STATUS_CONFLICT ? " (another engine listens there)" : "");
    return status;
}

static enum redress_status open_frontline(struct engine *engine, struct error_list *errors)
{
    struct frontline_settings settings = assembly_frontline(&engine->assembly);
    enum redress_status status = frontline_create(&settings, &engine->frontline);
    if (status == STATUS_OK && writes_kafka(engine))
        status = open_frontline_topics(engine, errors);
    if (status == STATUS_OK)
        status = open_frontline_server(engine, errors);
    return status;
}

static enum redress_status open_rules(struct engine *engine)
{
    generation_registry_init(&engine->generations, engine->assembly.worker_count);
    const struct reload_settings settings = {
        .rules_folder = engine->settings->rules_folder,
        .override_folder = engine->settings->rules_override,
        .child_memory_bytes_max = engine->settings->reload_memory_bytes_max,
        .child_cpu_s_max = engine->settings->reload_cpu_ms_max / 1000 + 1,
    };
    return reload_start(&engine->reload, &settings, &engine->generations);
}

static enum redress_status open_watchdog(struct engine *engine)
{
    enum redress_status status =
        watchdog_create(engine->settings->stalled_after_ms * NS_PER_MS, &engine->watchdog);
    if (status != STATUS_OK)
        return status;
    engine->ingest_heart = watchdog_add_thread(engine->watchdog, "ingest");
    engine->egress_heart = watchdog_add_thread(engine->watchdog, "egress");
    engine->control_heart = watchdog_add_thread(engine->watchdog, "control");
    for (unsigned index = 0; index < engine->assembly.worker_count; index++) {
        char name[WATCHDOG_NAME_BYTES];
        snprintf(name, sizeof name, "worker-%u", index);
        engine->workers[index].heart = watchdog_add_thread(engine->watchdog, name);
    }
    return STATUS_OK;
}

static enum redress_status open_http(struct engine *engine, struct error_list *errors)
{
    const struct settings *settings = engine->settings;
    char why[HTTP_ERROR_BYTES] = "";
    enum redress_status status = metrics_create(&engine->metrics);
    if (status != STATUS_OK || !settings->http_enabled)
        return status;
    metrics_add_collector(engine->metrics, engine_collect_metrics, engine);
    const struct http_settings http = {
        .address = settings->http_address,
        .port = (uint16_t)settings->http_port,
        .metrics = engine->metrics,
        .healthy = engine_check_health,
        .ready = engine_check_ready,
        .context = engine,
    };
    status = http_start(&http, &engine->http, why);
    if (status != STATUS_OK)
        error_list_add(errors, status, settings->file, 0, 0, "http: %s", why);
    return status;
}

static enum redress_status open_stages(struct engine *engine, struct error_list *errors)
{
    enum redress_status status = assembly_create(engine->settings, errors, &engine->assembly);
    if (status == STATUS_OK)
        status = open_rules(engine);
    if (status == STATUS_OK)
        status = open_watchdog(engine);
    if (status == STATUS_OK)
        status = doorbell_open(&engine->ingest_bell);
    if (status == STATUS_OK)
        status = doorbell_open(&engine->control_bell);
    if (status == STATUS_OK)
        status = doorbell_open(&engine->egress_bell);
    if (status == STATUS_OK)
        status = partition_table_create(&engine->partitions);
    if (status == STATUS_OK)
        status = open_frontline(engine, errors);
    if (status == STATUS_OK)
        status = open_sink(engine, errors);
    if (status == STATUS_OK)
        status = open_pipeline(engine);
    /* Behind the pipeline, which has named every topic that it writes. */
    if (status == STATUS_OK && writes_kafka(engine))
        status = kafka_sink_check(engine->sink, BROKER_CHECK_MS_MAX, errors);
    if (status == STATUS_OK)
        status = reads_kafka(engine) ? open_kafka_source(engine, errors)
                                     : open_file_source(engine, errors);
    if (status == STATUS_OK)
        status = open_http(engine, errors);
    return status;
}

enum redress_status engine_create(const struct engine_options *options, struct engine **out)
{
    struct engine *engine = memory_allocate(sizeof *engine);
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!engine || !errors) {
        memory_free(engine);
        memory_free(errors);
        return STATUS_MEMORY;
    }
    engine->options = *options;
    engine->settings = options->settings;
    engine->created_ns = clock_monotonic_ns();
    engine->signal_fd = engine->epoll_fd = engine->admin.fd = -1;
    engine->ingest_bell.fd = engine->control_bell.fd = engine->egress_bell.fd = -1;
    enum redress_status status = engine_control_open(engine);
    if (status == STATUS_OK)
        status = open_stages(engine, errors);
    if (status == STATUS_OK)
        engine_control_watch(engine);
    error_list_print(errors, stderr);
    memory_free(errors);
    if (status != STATUS_OK) {
        fprintf(stderr, "redress: the engine can't start (%s); %s\n", redress_status_name(status),
                status == STATUS_MEMORY ? "`redress config print` shows what it needs"
                                        : "the lines above say why");
        engine_destroy(engine);
        return status;
    }
    *out = engine;
    return STATUS_OK;
}

/* --- run ---------------------------------------------------------------------------------------
 */

static void close_frontline_topics(struct engine *engine)
{
    /* Acknowledgements first: the refill may then move its low offset past them. */
    if (engine->frontline_acks && !frontline_acks_close(engine->frontline_acks, ACKS_FLUSH_MS_MAX))
        LOG_WARN("acknowledgements were not all written; those cases will be shown again",
                 log_integer("waited_ms", ACKS_FLUSH_MS_MAX));
    engine->frontline_acks = NULL;
    frontline_refill_close(engine->frontline_refill);
    engine->frontline_refill = NULL;
}

/* Everything has ended: what was received must be accounted for to the last message. */
static void balance(struct engine *engine)
{
    struct ingest *ingest = atomic_load_explicit(&engine->ingest, memory_order_acquire);
    if (!ingest || ingest_held(ingest) > 0)
        return; /* given up at the bound: not done, so it will be read again */
    if (!pipeline_is_balanced(engine->pipeline))
        engine_fail(engine, EXIT_ANSWER_NO, "the conservation law is broken",
                    "messages were received that have no ending; see the log");
}

int engine_run(struct engine *engine)
{
    engine_control_learn_acknowledged(engine);
    if (engine_threads_start(engine) != STATUS_OK)
        engine_fail(engine, EXIT_ENVIRONMENT, "threads can't be started", "no memory or a limit");
    else
        LOG_INFO("reading", log_text("rules", engine->settings->rules_folder),
                 log_integer("workers", engine->assembly.worker_count),
                 log_integer("started_in_ms",
                             (int64_t)((clock_monotonic_ns() - engine->created_ns) / NS_PER_MS)));
    (void)service_notify_ready(); /* STATUS_NOT_FOUND: systemd did not start us */
    if (engine->ingest_started)
        engine_control_run(engine);
    engine_threads_join(engine);
    balance(engine);
    engine_guard_ending(engine);
    close_frontline_topics(engine);
    return atomic_load_explicit(&engine->exit_code, memory_order_relaxed);
}

/* --- destroy -----------------------------------------------------------------------------------
 */

void engine_destroy(struct engine *engine)
{
    struct ingest *ingest = atomic_load_explicit(&engine->ingest, memory_order_relaxed);
    http_stop(engine->http); /* it reads all that is freed below */
    if (engine->metrics)
        metrics_destroy(engine->metrics);
    if (ingest)
        ingest_destroy(ingest);
    if (engine->source)
        source_close(engine->source);
    pipeline_destroy(engine->pipeline);
    if (engine->sink)
        sink_close(engine->sink);
    close_frontline_topics(engine);
    frontline_server_close(engine->frontline_server);
    frontline_free(engine->frontline);
    engine_control_close(engine);
    generation_registry_destroy(&engine->generations);
    if (engine->partitions)
        partition_table_destroy(engine->partitions);
    doorbell_close(&engine->ingest_bell);
    doorbell_close(&engine->control_bell);
    doorbell_close(&engine->egress_bell);
    if (engine->watchdog)
        watchdog_destroy(engine->watchdog);
    assembly_destroy(&engine->assembly);
    engine_unguard_ending(engine);
    memory_free(engine);
}

/* --- asked from outside -------------------------------------------------------------------------
 */

static void ask_end(struct engine *engine, enum engine_end end)
{
    int now = atomic_load_explicit(&engine->end, memory_order_relaxed);
    /* Relaxed: a flag that only grows; the bells wake those who look at it. */
    while (now < (int)end &&
           !atomic_compare_exchange_weak_explicit(&engine->end, &now, end, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
    doorbell_wake(&engine->ingest_bell);
    doorbell_wake(&engine->control_bell);
}

void engine_request_stop(struct engine *engine)
{
    (void)service_notify_stopping();
    ask_end(engine, ENGINE_STOPS);
}

void engine_request_drain(struct engine *engine)
{
    ask_end(engine, ENGINE_LEAVES);
}

void engine_request_reload(struct engine *engine)
{
    atomic_store_explicit(&engine->reload_requested, true, memory_order_relaxed);
    doorbell_wake(&engine->control_bell);
}

bool engine_is_ready(const struct engine *engine)
{
    return engine_ingest(engine) != NULL &&
           atomic_load_explicit(&engine->end, memory_order_relaxed) == ENGINE_GOES_ON;
}

const struct pipeline *engine_pipeline(const struct engine *engine)
{
    return engine->pipeline;
}

const struct ingest *engine_ingest(const struct engine *engine)
{
    /* Acquire: pairs with the release in open_ingest(). */
    return atomic_load_explicit(&engine->ingest, memory_order_acquire);
}

const struct partition_table *engine_partitions(const struct engine *engine)
{
    return engine->partitions;
}

const struct settings *engine_settings(const struct engine *engine)
{
    return engine->settings;
}

const char *engine_frontline_socket(const struct engine *engine)
{
    return engine->settings->frontline_socket;
}
