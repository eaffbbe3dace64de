#include "runtime/assembly.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum {
    /* Each partition of an output is a request of its own, and at low rates they are what a broker
     * is busy with: at 5 ms it answered the readers of the input later by ten times. An urgent
     * case stands in shared memory long before. */
    PRODUCER_LINGER_US = 25 * 1000,
    PRODUCER_QUEUE_KBYTES_MAX = 256 * 1024
};

static const enum envelope_kind envelope_kinds[] = {
    [SETTINGS_ENVELOPE_JSON] = ENVELOPE_JSON,
    [SETTINGS_ENVELOPE_CLOUDEVENTS] = ENVELOPE_CLOUDEVENTS,
    [SETTINGS_ENVELOPE_RAW] = ENVELOPE_TEXT,
};

static struct envelope_settings envelope_of(const struct settings_channel *channel)
{
    const struct settings_mapping *mapping = &channel->envelope;
    return (struct envelope_settings){
        .kind = envelope_kinds[mapping->preset],
        .pointers = {[ENVELOPE_FIELD_TEXT] = mapping->text_pointer,
                     [ENVELOPE_FIELD_ID] = mapping->id_pointer,
                     [ENVELOPE_FIELD_CUSTOMER] = mapping->customer_pointer,
                     [ENVELOPE_FIELD_TIME] = mapping->time_pointer,
                     [ENVELOPE_FIELD_LANGUAGE] = mapping->language_pointer},
        .places = {[ENVELOPE_FIELD_TEXT] = {mapping->text_place.line, mapping->text_place.column},
                   [ENVELOPE_FIELD_ID] = {mapping->id_place.line, mapping->id_place.column},
                   [ENVELOPE_FIELD_CUSTOMER] = {mapping->customer_place.line,
                                                mapping->customer_place.column},
                   [ENVELOPE_FIELD_TIME] = {mapping->time_place.line, mapping->time_place.column},
                   [ENVELOPE_FIELD_LANGUAGE] = {mapping->language_place.line,
                                                mapping->language_place.column}},
        .customer_is_key = channel->customer_is_key,
        .payload_bytes_max = (uint32_t)channel->limits.payload_bytes_max,
        .text_bytes_max = (uint32_t)channel->limits.text_bytes_max,
        .depth_max = (uint32_t)channel->limits.depth_max,
        .keys_max = (uint32_t)channel->limits.keys_max,
        .text_policy = channel->limits.text_over == SETTINGS_OVER_TRUNCATE
                           ? TEXT_POLICY_TRUNCATE
                           : TEXT_POLICY_DEAD_LETTER,
    };
}

/* Producers that place equal keys differently send one customer to different partitions, so to
 * different instances: no channel that shares customers then knows the whole history. */
static bool partitioners_agree(const struct settings *settings)
{
    const struct settings_channel *first = NULL;
    for (size_t index = 0; index < settings->channel_count; index++) {
        const struct settings_channel *channel = &settings->channels[index];
        if (!channel->customer_is_key)
            continue;
        if (first && channel->partitioner != first->partitioner) {
            LOG_WARN("channels that share customers declare different partitioners: their "
                     "verdicts say that the history is partial",
                     log_text("channel", first->name), log_text("other_channel", channel->name));
            return false;
        }
        first = channel;
    }
    return true;
}

static void assemble_channels(struct assembly *assembly, struct error_list *errors)
{
    const struct settings *settings = assembly->settings;
    bool shared_keys_meet = partitioners_agree(settings);
    for (size_t index = 0; index < settings->channel_count; index++) {
        const struct settings_channel *channel = &settings->channels[index];
        struct pipeline_channel *out = &assembly->channels[index];
        struct envelope_settings envelope = envelope_of(channel);
        out->name = channel->name;
        out->history_scope =
            channel->customer_is_key && shared_keys_meet ? HISTORY_WHOLE : HISTORY_PARTIAL;
        assembly->channel_names[index] = channel->name;
        if (envelope_mapping_compile(&envelope, settings->file, errors, &out->mapping) != STATUS_OK)
            continue; /* its errors are in the list */
        if (channel->limits.payload_bytes_max > assembly->payload_bytes_max)
            assembly->payload_bytes_max = (uint32_t)channel->limits.payload_bytes_max;
        assembly->topic_count += (uint32_t)channel->topic_count;
    }
}

static enum redress_status assemble_topics(struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    assembly->topics = memory_allocate_array(assembly->topic_count + 1, sizeof *assembly->topics);
    if (!assembly->topics)
        return STATUS_MEMORY;
    uint32_t count = 0;
    for (size_t index = 0; index < settings->channel_count; index++)
        for (size_t topic = 0; topic < settings->channels[index].topic_count; topic++)
            assembly->topics[count++] = (struct kafka_topic){
                .name = settings->channels[index].topics[topic],
                .channel_index = (uint16_t)index,
                .shares_customers = settings->channels[index].customer_is_key,
            };
    return STATUS_OK;
}

/* What is said for both sides comes first, so that the side's own word is the last one. */
static struct kafka_property *join_properties(const char *brokers,
                                              const struct settings_properties *both,
                                              const struct settings_properties *side,
                                              uint32_t *count)
{
    struct kafka_property *all = memory_allocate_array(both->count + side->count + 2, sizeof *all);
    *count = 0;
    if (all && brokers)
        all[(*count)++] = (struct kafka_property){"bootstrap.servers", brokers};
    for (size_t index = 0; all && index < both->count + side->count; index++) {
        const struct settings_property *property =
            index < both->count ? &both->items[index] : &side->items[index - both->count];
        all[(*count)++] = (struct kafka_property){property->name, property->value};
    }
    return all;
}

static enum redress_status assemble_properties(struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    assembly->consumer_properties = join_properties(NULL, &settings->kafka, &settings->consumer,
                                                    &assembly->consumer_property_count);
    assembly->producer_properties =
        join_properties(settings->brokers, &settings->kafka, &settings->producer,
                        &assembly->producer_property_count);
    return assembly->consumer_properties && assembly->producer_properties ? STATUS_OK
                                                                          : STATUS_MEMORY;
}

static void assemble_frontline_topics(struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    for (size_t index = 0; index < settings->queue_count; index++) {
        snprintf(assembly->frontline_topic_names[index], ASSEMBLY_TOPIC_BYTES_MAX, "%s%s",
                 settings->frontline_prefix, settings->queues[index]);
        assembly->frontline_topics[index] = assembly->frontline_topic_names[index];
    }
}

static const enum route_urgency route_urgencies[] = {
    [SETTINGS_ANY] = ROUTE_URGENCY_ANY,
    [SETTINGS_NO] = ROUTE_URGENCY_NO,
    [SETTINGS_YES] = ROUTE_URGENCY_YES,
};

static enum redress_status assemble_routing(struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    struct route_row *rows = memory_allocate_array(settings->route_count + 1, sizeof *rows);
    if (!rows)
        return STATUS_MEMORY;
    for (size_t index = 0; index < settings->route_count; index++) {
        const struct settings_route *route = &settings->routes[index];
        rows[index] = (struct route_row){
            .severity_at_least = route->severity_at_least,
            .categories = route->categories,
            .traits = route->traits,
            .languages = route->languages,
            .channels = route->channels,
            .urgency = route_urgencies[route->urgent],
            .queue_index = route->queue_index,
        };
    }
    enum redress_status status = routing_create(rows, settings->route_count,
                                                settings->default_queue_index, &assembly->routing);
    memory_free(rows);
    return status;
}

static void choose_workers(struct assembly *assembly)
{
    uint64_t count = assembly->settings->worker_count;
    assembly->workers_inline = count == 0;
    assembly->worker_count = count == 0 ? 1 : (unsigned)count;
    ASSERT(assembly->worker_count <= WORKERS_MAX);
}

enum redress_status assembly_create(const struct settings *settings, struct error_list *errors,
                                    struct assembly *out)
{
    *out = (struct assembly){.settings = settings};
    choose_workers(out);
    uint32_t errors_before = errors->count;
    assemble_channels(out, errors);
    if (errors->count > errors_before)
        return STATUS_INVALID;
    enum redress_status status = assemble_topics(out);
    if (status == STATUS_OK)
        status = assemble_properties(out);
    if (status == STATUS_OK)
        status = assemble_routing(out);
    assemble_frontline_topics(out);
    return status;
}

void assembly_destroy(struct assembly *assembly)
{
    routing_destroy(assembly->routing);
    memory_free(assembly->topics);
    memory_free(assembly->consumer_properties);
    memory_free(assembly->producer_properties);
}

struct pipeline_settings assembly_pipeline(const struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    uint32_t messages_max = (uint32_t)settings->messages_max;
    return (struct pipeline_settings){
        .worker_count = assembly->worker_count,
        .messages_max = messages_max,
        /* Half the budget at most stands before one worker: its partitions stop, others go on. */
        .inbox_messages_max = messages_max / 2 > 0 ? messages_max / 2 : 1,
        .payload_bytes_max = assembly->payload_bytes_max,
        .channels = assembly->channels,
        .channel_count = (uint32_t)settings->channel_count,
        .queues = settings->queues,
        .queue_count = (uint32_t)settings->queue_count,
        .routing = assembly->routing,
        .history = {.customers_max = settings->customers_max / assembly->worker_count + 1,
                    .repeat_window_ms = (int64_t)settings->repeat_window_ms},
        .egress = {.topics = {.cases = settings->topic_cases,
                              .calm = settings->calm_enabled ? settings->topic_calm : NULL,
                              .dead_letters = settings->topic_dead_letters,
                              .frontline_prefix = settings->frontline_prefix},
                   .names = {.channels = assembly->channel_names,
                             .channel_count = (uint32_t)settings->channel_count,
                             .queues = settings->queues,
                             .queue_count = (uint32_t)settings->queue_count},
                   .messages_max = messages_max,
                   .output_bytes_max = (uint32_t)settings->output_bytes_max,
                   .retry_wait_us = 100 * 1000},
    };
}

struct kafka_source_settings assembly_kafka_source(const struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    return (struct kafka_source_settings){
        .brokers = settings->brokers,
        .group = settings->group,
        .instance = settings->instance,
        .topics = assembly->topics,
        .topic_count = assembly->topic_count,
        .properties = assembly->consumer_properties,
        .property_count = assembly->consumer_property_count,
        .start_from =
            settings->start_from == SETTINGS_START_LATEST ? START_FROM_LATEST : START_FROM_EARLIEST,
        .on_log_loss = settings->on_log_loss == SETTINGS_LOG_LOSS_CONTINUE ? ON_LOG_LOSS_CONTINUE
                                                                           : ON_LOG_LOSS_HALT,
        .commit_interval_ms = (uint32_t)settings->commit_interval_ms,
    };
}

struct kafka_sink_settings assembly_kafka_sink(const struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    return (struct kafka_sink_settings){
        .properties = assembly->producer_properties,
        .property_count = assembly->producer_property_count,
        .queue_messages_max = (uint32_t)settings->messages_max * 2, /* an ending and a copy each */
        .queue_kbytes_max = PRODUCER_QUEUE_KBYTES_MAX,
        .linger_us = PRODUCER_LINGER_US,
        .wake_fd = -1,
    };
}

struct frontline_settings assembly_frontline(const struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    return (struct frontline_settings){
        .producer_count = assembly->worker_count + 1,
        .queue_count = (uint32_t)settings->queue_count,
        .queue_names = settings->queues,
        .slots_per_ring = (uint32_t)settings->frontline_records,
        .lease_ms = (uint32_t)settings->frontline_lease_ms,
    };
}

struct ingest_settings assembly_ingest(const struct assembly *assembly)
{
    const struct settings *settings = assembly->settings;
    struct ingest_settings ingest = {
        .held_messages_max = (uint32_t)settings->messages_max,
        .held_bytes_max = settings->bytes_max,
        .drain_ns_max = settings->revoke_drain_ms * NS_PER_MS,
        .channel_count = (uint32_t)settings->channel_count,
        .room_bytes = envelope_room_bytes,
    };
    for (size_t index = 0; index < settings->channel_count; index++)
        ingest.payload_bytes_max[index] =
            (uint32_t)settings->channels[index].limits.payload_bytes_max;
    return ingest;
}

enum loop_kind assembly_loop_kind(const struct assembly *assembly)
{
    switch (assembly->settings->io) {
    case SETTINGS_IO_URING:
        return LOOP_URING;
    case SETTINGS_IO_EPOLL:
        return LOOP_EPOLL;
    case SETTINGS_IO_AUTO:
    default:
        return LOOP_AUTO;
    }
}

/* For the frontline's small clients. Errors reach people through the calls that failed. */
static void log_client(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client;
    (void)level;
    LOG_DEBUG("librdkafka", log_text("facility", facility), log_text("text", text));
}

static bool set_property(rd_kafka_conf_t *conf, const char *name, const char *value, char *why,
                         size_t why_size)
{
    return rd_kafka_conf_set(conf, name, value, why, why_size) == RD_KAFKA_CONF_OK;
}

rd_kafka_conf_t *assembly_kafka_conf(const struct assembly *assembly, bool is_consumer,
                                     struct error_list *errors)
{
    const struct kafka_property *properties =
        is_consumer ? assembly->consumer_properties : assembly->producer_properties;
    uint32_t count =
        is_consumer ? assembly->consumer_property_count : assembly->producer_property_count;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];
    rd_kafka_conf_set_log_cb(conf, log_client);
    bool fine =
        set_property(conf, "bootstrap.servers", assembly->settings->brokers, why, sizeof why);
    for (uint32_t index = 0; index < count && fine; index++)
        fine = set_property(conf, properties[index].name, properties[index].value, why, sizeof why);
    if (fine)
        return conf;
    error_list_add(errors, STATUS_INVALID, assembly->settings->file, 0, 0, "librdkafka: %s", why);
    rd_kafka_conf_destroy(conf);
    return NULL;
}

bool assembly_check_property(void *context, enum settings_side side, const char *name,
                             const char *value, char *why, size_t why_size)
{
    (void)context;
    (void)side; /* librdkafka keeps one table for both */
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool fine = set_property(conf, name, value, why, why_size);
    rd_kafka_conf_destroy(conf);
    return fine;
}
