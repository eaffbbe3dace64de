/**
 * The whole engine on real threads, without Kafka: file source, workers, history, egress to a
 * memory sink, the frontline with a reader beside it, rules reloaded meanwhile, and the end in
 * order.
 *
 * Goal: every line ends once whatever the number of workers and the kind of I/O, and
 * ThreadSanitizer finds no race in any of it (librdkafka, which it cannot follow, is not started).
 */
#include "runtime/engine_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "helpers/crowded_rules.h"
#include "helpers/two_rules.h"
#include "runtime/metrics.h"

#include <redress/frontline.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { LINES = 4000, URGENT_EVERY = 40, END_SECONDS_MAX = 120 };

struct run {
    struct engine *engine;
    int exit_code;
    atomic_bool ended;
    unsigned acknowledged;
};

static struct rules_folder folder;

static int write_input(void **state)
{
    (void)state;
    static const char *const texts[] = {"thank you for the quick help", "I was charged twice",
                                        "where is the next shop"};
    folder = rules_folder_make();
    const struct rules_folder rules = rules_folder_make_inside(&folder, "rules");
    two_rules_write(&rules);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/input.jsonl", folder.path);
    FILE *file = fopen(path, "we");
    for (unsigned line = 0; line < LINES; line++)
        fprintf(file, "{\"id\":\"%u\",\"customer\":\"c%u\",\"language\":\"en\",\"text\":\"%s\"}\n",
                line, line % 97,
                line % URGENT_EVERY == 0 ? "there is a gas leak in the hall" : texts[line % 3]);
    return fclose(file);
}

static int remove_input(void **state)
{
    (void)state;
    rules_folder_remove(&folder);
    return 0;
}

static struct settings *load_settings(const char *workers, const char *io)
{
    static char text[4096];
    static struct error_list errors;
    const struct settings_surroundings surroundings = {.without_kafka = true};
    int size = snprintf(text, sizeof text,
                        "channels: [{name: chat, topics: [chat], customer_is_key: true}]\n"
                        "workers: %s\nio: %s\nrules: %s/rules\nhttp: {enabled: false}\n"
                        "limits: {in_flight: {messages: 256, bytes: 16 MiB}, customers: 1024}\n"
                        "frontline: {socket: %s/frontline.sock, records: 64}\n"
                        "admin: {socket: %s/admin.sock}\n",
                        workers, io, folder.path, folder.path, folder.path);
    struct settings *settings =
        settings_load_bytes("test.yaml", folder.path, text, (size_t)size, &surroundings, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(settings);
    return settings;
}

static void *run_engine(void *argument)
{
    struct run *run = argument;
    run->exit_code = engine_run(run->engine);
    atomic_store(&run->ended, true);
    return NULL;
}

static struct frontline_reader *attach(const struct run *run)
{
    struct frontline_reader *reader = NULL;
    while (!reader && !atomic_load(&run->ended))
        if (redress_frontline_attach(engine_frontline_socket(run->engine), &reader) != STATUS_OK)
            sched_yield();
    return reader;
}

/* Works on what comes until the engine hangs up, and asks for new rules now and then. */
static void read_frontline(struct run *run)
{
    struct frontline_reader *reader = attach(run);
    struct frontline_record record;
    struct frontline_token token;
    uint64_t until_ns = clock_monotonic_ns() + (uint64_t)END_SECONDS_MAX * NS_PER_S;
    while (reader && !atomic_load(&run->ended)) {
        assert_true(clock_monotonic_ns() < until_ns);
        if (redress_frontline_wait(reader, REDRESS_FRONTLINE_ALL, FRONTLINE_WAIT_BLOCK, 20) !=
                STATUS_OK ||
            redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, 0, &record, &token) != STATUS_OK)
            continue;
        assert_int_equal(record.severity, SEVERITY_CRITICAL);
        if (redress_frontline_acknowledge(reader, &token) == STATUS_OK &&
            ++run->acknowledged % 16 == 1)
            engine_request_reload(run->engine);
    }
    redress_frontline_detach(reader);
}

static void run_once(const char *workers, const char *io)
{
    static struct run run;
    char input[PATH_MAX];
    pthread_t thread;
    struct settings *settings = load_settings(workers, io);
    snprintf(input, sizeof input, "%s/input.jsonl", folder.path);
    /* At a pace, so that reader and reload have something to meet. */
    const struct engine_options options = {.settings = settings,
                                           .replay_file = input,
                                           .replay_lines_per_second = 8000,
                                           .output = ENGINE_OUTPUT_MEMORY};
    run = (struct run){.exit_code = -1};
    assert_int_equal(engine_create(&options, &run.engine), STATUS_OK);
    assert_int_equal(pthread_create(&thread, NULL, run_engine, &run), 0);
    read_frontline(&run);
    pthread_join(thread, NULL);
    const struct egress *egress = pipeline_egress(engine_pipeline(run.engine));
    uint64_t cases = egress_count(egress, EGRESS_COUNT_CASES);
    uint64_t calm = egress_count(egress, EGRESS_COUNT_CALM);
    print_message("workers %s, %s: cases %llu, calm %llu, acknowledged %u\n", workers, io,
                  (unsigned long long)cases, (unsigned long long)calm, run.acknowledged);
    assert_int_equal(run.exit_code, 0);
    assert_int_equal(cases + calm, LINES);
    assert_true(cases >= LINES / URGENT_EVERY);
    assert_true(run.acknowledged > 0);
    engine_destroy(run.engine);
    settings_free(settings);
}

static void every_line_ends_once_inline(void **state)
{
    (void)state;
    run_once("inline", "epoll");
    run_once("inline", "auto");
}

static void every_line_ends_once_with_one_worker(void **state)
{
    (void)state;
    run_once("1", "auto");
}

static void every_line_ends_once_with_four_workers(void **state)
{
    (void)state;
    run_once("4", "auto");
    run_once("4", "epoll");
}

static void write_crowded_input(const char *path, unsigned lines)
{
    static char text[CROWDED_TEXT_BYTES];
    FILE *file = fopen(path, "we");
    crowded_text(text);
    for (unsigned line = 0; line < lines; line++)
        fprintf(file, "{\"id\":\"%u\",\"language\":\"en\",\"text\":\"%.*s\"}\n", line,
                (int)sizeof text, text);
    assert_int_equal(fclose(file), 0);
}

static void expect_metric(struct engine *engine, const char *line, bool is_there)
{
    struct metrics *metrics;
    const char *page;
    size_t size;
    assert_int_equal(metrics_create(&metrics), STATUS_OK);
    metrics_add_collector(metrics, engine_collect_metrics, engine);
    assert_int_equal(metrics_scrape(metrics, &page, &size), STATUS_OK);
    assert_int_equal(memmem(page, size, line, strlen(line)) != NULL, is_there);
    metrics_destroy(metrics);
}

static void a_rule_that_a_limit_stops_stands_in_the_metrics_by_name(void **state)
{
    (void)state;
    enum { STOPPED = 5 };
    char input[PATH_MAX];
    struct engine *engine;
    crowded_rules_write(&folder, "rules/en/crowd.yaml");
    snprintf(input, sizeof input, "%s/crowd.jsonl", folder.path);
    write_crowded_input(input, STOPPED);
    struct settings *settings = load_settings("2", "auto");
    const struct engine_options options = {
        .settings = settings, .replay_file = input, .output = ENGINE_OUTPUT_MEMORY};
    assert_int_equal(engine_create(&options, &engine), STATUS_OK);
    expect_metric(engine, "redress_classify_undecided_rules_total", false);
    assert_int_equal(engine_run(engine), 0);
    expect_metric(engine,
                  "redress_classify_undecided_rules_total{rule=\"" CROWDED_RULE_SECOND "\"} 5\n",
                  true);
    expect_metric(engine, "rules_total{rule=\"" CROWDED_RULE_FIRST "\"}", false);
    expect_metric(engine, "redress_classify_undecided_messages_total 5\n", true);
    engine_destroy(engine);
    settings_free(settings);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 0; /* the checker that a reload starts is this program: these rules are good */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_ends_once_inline),
        cmocka_unit_test(every_line_ends_once_with_one_worker),
        cmocka_unit_test(every_line_ends_once_with_four_workers),
        cmocka_unit_test(a_rule_that_a_limit_stops_stands_in_the_metrics_by_name),
    };
    log_configure(LOG_LEVEL_WARN, LOG_FORMAT_TEXT);
    return cmocka_run_group_tests(tests, write_input, remove_input);
}
