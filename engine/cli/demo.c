/** redress demo: the whole engine against a mock cluster, with sample traffic in six languages. */
#include "cli/cli.h"
#include "cli/data_path.h"
#include "cli/demo_cluster.h"
#include "cli/demo_screen.h"

#include "base/clock.h"
#include "base/log.h"
#include "runtime/assembly.h"
#include "runtime/engine.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: redress demo [OPTIONS]\n"
    "\n"
    "Runs the whole engine for a while on sample messages in English, Polish, Swedish, Dutch,\n"
    "Russian and Greek and shows what becomes urgent, why and how fast. Ends by itself with a\n"
    "summary; Ctrl-C ends it early.\n"
    "\n"
    "      --seconds N        how long, 1 to 1000000; default 20\n"
    "      --rate N           messages a second, 1 to 1000000; default 50\n"
    "      --brokers LIST     HOST:PORT,...: a real Kafka instead of the built-in mock cluster;\n"
    "                         topics demo.* are made there where they are missing, and stay\n"
    "      --help\n";

enum {
    SECONDS_DEFAULT = 20,
    RATE_DEFAULT = 50,
    REDRAW_MS = 500,
    ATTACH_MS_MAX = 10000,
    JOIN_MS_MAX = 30000,
    POLL_US = 10000,
    STANDING_MAX = 24, /* beyond that the demo handles cases itself, as people would */
    FIGURE_TRIES = 16
};

/* All that the engine reads and writes. On a real Kafka nothing else is touched. */
static const char *const demo_topics[] = {
    "demo.web",
    "demo.mail",
    "demo.chat",
    "demo.social",
    "demo.cases",
    "demo.calm",
    "demo.dead-letters",
    "demo.frontline.acks",
    "demo.frontline.people",
    "demo.frontline.safety",
    "demo.frontline.fraud",
};
enum { INPUT_TOPICS = 4 }; /* the first of them */

static const char configuration[] =
    "brokers: %s\n"
    "group: redress-demo-%ld\n"
    "instance: demo-%ld\n"
    "channels:\n"
    "  - {name: web, topics: [demo.web], customer_is_key: true}\n"
    "  - {name: mail, topics: [demo.mail], customer_is_key: true}\n"
    "  - {name: chat, topics: [demo.chat], customer_is_key: true}\n"
    "  - {name: social, topics: [demo.social], customer_is_key: true}\n"
    "rules: %s\n"
    "outputs: {cases: demo.cases, calm: {topic: demo.calm}, dead_letters: demo.dead-letters,\n"
    "  frontline_prefix: demo.frontline., acks: demo.frontline.acks}\n"
    "limits: {in_flight: {messages: 4096, bytes: 64 MiB}, customers: 65536}\n"
    "routing:\n"
    "  default_queue: people\n"
    "  rows:\n"
    "    - {when: {traits: [self_harm, threat, safety]}, queue: safety}\n"
    "    - {when: {traits: [fraud]}, queue: fraud}\n"
    "http: {enabled: false}\n"
    "frontline: {socket: %s/frontline.sock, records: 1024}\n"
    "admin: {socket: %s/admin.sock}\n"
    "log: {level: warn}\n";

struct demo {
    unsigned seconds;
    unsigned rate;
    const char *brokers;
    char folder[64];
    struct demo_cluster *cluster;
    struct settings *settings;
    struct engine *engine;
    pthread_t engine_thread;
    int engine_exit;
    struct frontline_reader *reader;
    struct demo_screen screen;
    uint64_t handled;
    uint64_t started_ns;
};

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

static double seconds_since(uint64_t start_ns)
{
    return (double)(clock_monotonic_ns() - start_ns) / NS_PER_S;
}

/* --- making ------------------------------------------------------------------------------------
 */

static bool open_cluster(struct demo *demo)
{
    static char samples[512];
    if (!data_path_find("share/demo/messages.jsonl", samples, sizeof samples))
        data_path_find("demo/messages.jsonl", samples, sizeof samples);
    const struct demo_cluster_settings settings = {
        .brokers = demo->brokers,
        .samples_path = samples,
        .messages_per_second = demo->rate,
        .topics = demo_topics,
        .topic_count = sizeof demo_topics / sizeof *demo_topics,
        .input_count = INPUT_TOPICS,
    };
    return demo_cluster_open(&settings, &demo->cluster) == STATUS_OK;
}

static bool load_settings(struct demo *demo)
{
    char rules[512];
    char text[sizeof configuration + 2048];
    struct error_list errors = {0};
    const struct settings_surroundings surroundings = {.property_check = assembly_check_property};
    long id = (long)getpid();
    if (!data_path_find("rules", rules, sizeof rules))
        fprintf(stderr, "redress: no rules found, last looked at %s\n", rules);
    int size = snprintf(text, sizeof text, configuration, demo_cluster_brokers(demo->cluster), id,
                        id, rules, demo->folder, demo->folder);
    char here[512];
    demo->settings = settings_load_bytes("demo", getcwd(here, sizeof here) ? here : "/", text,
                                         (size_t)size, &surroundings, &errors);
    error_list_print(&errors, stderr);
    return demo->settings != NULL;
}

static void *run_engine(void *argument)
{
    struct demo *demo = argument;
    demo->engine_exit = engine_run(demo->engine);
    return NULL;
}

static bool start_engine(struct demo *demo)
{
    const struct engine_options options = {.settings = demo->settings};
    log_configure(LOG_LEVEL_WARN, LOG_FORMAT_TEXT);
    if (engine_create(&options, &demo->engine) != STATUS_OK)
        return false;
    return pthread_create(&demo->engine_thread, NULL, run_engine, demo) == 0;
}

/* The frontline's server answers from the engine's own loop, which has only just begun. */
static bool attach(struct demo *demo)
{
    uint64_t deadline_ns = clock_monotonic_ns() + (uint64_t)ATTACH_MS_MAX * NS_PER_MS;
    while (!demo->reader && clock_monotonic_ns() < deadline_ns)
        if (redress_frontline_attach(engine_frontline_socket(demo->engine), &demo->reader) !=
            STATUS_OK)
            usleep(POLL_US);
    return demo->reader != NULL;
}

static bool owns_partitions(const struct demo *demo)
{
    const struct ingest *ingest = engine_ingest(demo->engine);
    return ingest && worker_count(&ingest_totals(ingest)->partitions_assigned) > 0;
}

/* A new group waits some seconds for more members before anybody reads: the show begins after. */
static bool wait_for_partitions(const struct demo *demo)
{
    uint64_t deadline_ns = clock_monotonic_ns() + (uint64_t)JOIN_MS_MAX * NS_PER_MS;
    puts("redress demo: the engine joins its consumer group, which takes a few seconds");
    while (!owns_partitions(demo) && !interrupted && clock_monotonic_ns() < deadline_ns)
        usleep(POLL_US);
    return owns_partitions(demo);
}

/* --- watching ----------------------------------------------------------------------------------
 */

static void add_workers(const struct pipeline *pipeline, struct demo_figures *figures)
{
    struct histogram_sum latency = {0};
    const struct pipeline_settings *settings = pipeline_settings_of(pipeline);
    for (unsigned worker = 0; worker < settings->worker_count; worker++) {
        const struct worker_counters *counters = pipeline_worker_counters(pipeline, worker);
        for (unsigned channel = 0; channel < settings->channel_count; channel++)
            figures->by_channel[channel] += worker_count(&counters->by_channel[channel]);
        for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
            figures->by_language[language] += worker_count(&counters->by_language[language]);
        figures->urgent += worker_count(&counters->urgent);
        figures->undecided += worker_count(&counters->undecided);
        figures->raised += worker_count(&counters->raised);
        histogram_add(pipeline_queue_latency(pipeline, worker), &latency);
    }
    figures->latency_p50_ns = histogram_quantile(&latency, 0.5);
    figures->latency_p99_ns = histogram_quantile(&latency, 0.99);
}

/* Received, ended and held are counted by different threads: only a moment in which none moves
   shows what stands at once. */
static void take_totals(const struct demo *demo, struct demo_figures *figures)
{
    const struct egress *egress = pipeline_egress(engine_pipeline(demo->engine));
    const struct ingest *ingest = engine_ingest(demo->engine);
    for (unsigned try = 0; ingest && try < FIGURE_TRIES; try++) {
        figures->cases = egress_count(egress, EGRESS_COUNT_CASES);
        figures->calm = egress_count(egress, EGRESS_COUNT_CALM);
        figures->dead_letters = egress_count(egress, EGRESS_COUNT_DEAD_LETTERS);
        figures->in_flight = worker_count(&ingest_totals(ingest)->held_messages);
        figures->received = 0;
        for (uint32_t slot = 0; slot < PARTITIONS_MAX; slot++)
            figures->received += worker_count(&ingest_counters(ingest, slot)->received);
        if (figures->received ==
            figures->cases + figures->calm + figures->dead_letters + figures->in_flight)
            return;
        usleep(100);
    }
}

static void take_figures(const struct demo *demo, struct demo_figures *figures)
{
    const struct pipeline *pipeline = engine_pipeline(demo->engine);
    const struct pipeline_settings *settings = pipeline_settings_of(pipeline);
    struct frontline_stats stats = {0};
    if (redress_frontline_stats(demo->reader, &stats) != STATUS_OK)
        stats.standing = 0;
    *figures = (struct demo_figures){
        .seconds = seconds_since(demo->started_ns),
        .sent = demo_cluster_sent(demo->cluster),
        .found = demo_cluster_found(demo->cluster),
        .standing = stats.standing,
        .handled = demo->handled,
        .checks =
            atomic_load_explicit(&pipeline_conservation(pipeline)->checks, memory_order_relaxed),
        .channel_count = settings->channel_count,
    };
    for (unsigned channel = 0; channel < settings->channel_count; channel++)
        figures->channel_names[channel] = settings->channels[channel].name;
    take_totals(demo, figures);
    add_workers(pipeline, figures);
}

/* What the front line does: take the gravest, oldest case, deal with it, acknowledge. */
static void handle_case(struct demo *demo)
{
    struct frontline_stats stats;
    struct frontline_record record;
    struct frontline_token token;
    if (redress_frontline_stats(demo->reader, &stats) == STATUS_OK &&
        stats.standing > STANDING_MAX &&
        redress_frontline_claim(demo->reader, REDRESS_FRONTLINE_ALL, 0, &record, &token) ==
            STATUS_OK)
        demo->handled += redress_frontline_acknowledge(demo->reader, &token) == STATUS_OK;
}

static void watch(struct demo *demo)
{
    struct demo_figures figures;
    uint64_t next_draw_ns = clock_monotonic_ns() + (uint64_t)REDRAW_MS * NS_PER_MS;
    while (!interrupted && seconds_since(demo->started_ns) < demo->seconds) {
        struct frontline_record record;
        enum redress_status status =
            redress_frontline_tail(demo->reader, REDRESS_FRONTLINE_ALL, 100, &record, NULL);
        if (status == STATUS_OK)
            demo_screen_add_case(&demo->screen, &record);
        else if (status != STATUS_TIMEOUT)
            return; /* the engine has gone: its own words are on stderr */
        handle_case(demo);
        if (clock_monotonic_ns() < next_draw_ns)
            continue;
        take_figures(demo, &figures);
        demo_screen_draw(&demo->screen, &figures);
        next_draw_ns = clock_monotonic_ns() + (uint64_t)REDRAW_MS * NS_PER_MS;
    }
}

/* Everything that was sent shall be seen to end before the summary is drawn. */
static void wait_for_endings(struct demo *demo, struct demo_figures *figures)
{
    uint64_t deadline_ns = clock_monotonic_ns() + (uint64_t)ATTACH_MS_MAX * NS_PER_MS;
    do {
        take_figures(demo, figures);
        uint64_t ended = figures->cases + figures->calm + figures->dead_letters;
        if (ended >= figures->sent + figures->found && figures->in_flight == 0)
            return;
        usleep(POLL_US);
    } while (clock_monotonic_ns() < deadline_ns);
}

static int finish(struct demo *demo)
{
    struct demo_figures figures;
    demo_cluster_stop_feed(demo->cluster);
    wait_for_endings(demo, &figures);
    redress_frontline_detach(demo->reader);
    engine_request_stop(demo->engine);
    pthread_join(demo->engine_thread, NULL);
    bool balances = demo_screen_summary(&demo->screen, &figures);
    return demo->engine_exit == EXIT_DONE && !balances ? EXIT_ANSWER_NO : demo->engine_exit;
}

static int run(struct demo *demo)
{
    if (!open_cluster(demo) || !load_settings(demo) || !start_engine(demo))
        return EXIT_ENVIRONMENT;
    demo_screen_open(&demo->screen);
    bool attached = attach(demo) && wait_for_partitions(demo);
    demo->started_ns = clock_monotonic_ns();
    if (!attached || demo_cluster_feed(demo->cluster) != STATUS_OK) {
        fprintf(stderr, "redress: the demo's engine can't read or be watched; see above\n");
        engine_request_stop(demo->engine);
        pthread_join(demo->engine_thread, NULL);
        return EXIT_ENVIRONMENT;
    }
    watch(demo);
    return finish(demo);
}

static void clean(struct demo *demo)
{
    if (demo->engine)
        engine_destroy(demo->engine);
    settings_free(demo->settings);
    if (demo->cluster)
        demo_cluster_close(demo->cluster);
    rmdir(demo->folder); /* sockets are removed by the engine; anything else stays to be seen */
}

/* --- the command -------------------------------------------------------------------------------
 */

static unsigned read_positive(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && value <= 1000000 ? (unsigned)value : 0;
}

static int parse(int argc, char **argv, struct demo *demo)
{
    static const struct option options[] = {
        {"seconds", required_argument, NULL, 's'},
        {"rate", required_argument, NULL, 'r'},
        {"brokers", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 's')
            demo->seconds = read_positive(optarg);
        else if (option == 'r')
            demo->rate = read_positive(optarg);
        else if (option == 'b')
            demo->brokers = optarg;
        else {
            fputs(usage, option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_DONE : EXIT_USAGE;
        }
    }
    if (demo->seconds > 0 && demo->rate > 0 && optind == argc)
        return -1;
    fputs(optind < argc ? "redress: the demo takes options only\n"
                        : "redress: --seconds and --rate take a number from 1 to 1000000\n",
          stderr);
    return EXIT_USAGE;
}

int cli_demo(int argc, char **argv)
{
    struct demo demo = {.seconds = SECONDS_DEFAULT, .rate = RATE_DEFAULT};
    int parsed = parse(argc, argv, &demo);
    if (parsed >= 0)
        return parsed;
    snprintf(demo.folder, sizeof demo.folder, "/tmp/redress-demo-XXXXXX");
    if (!mkdtemp(demo.folder)) {
        fprintf(stderr, "redress: no folder for the demo's sockets in /tmp\n");
        return EXIT_ENVIRONMENT;
    }
    signal(SIGINT, note_interrupt);
    signal(SIGTERM, note_interrupt);
    int exit_code = run(&demo);
    clean(&demo);
    return exit_code;
}
