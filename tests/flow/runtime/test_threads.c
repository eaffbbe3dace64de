/**
 * The whole engine with all its threads, but without Kafka: a file in, a memory sink out.
 *
 * Goal:   under ThreadSanitizer no two threads meet without an order between them: ingest, workers,
 * history, egress, control, the reload's thread, HTTP, and a reader of the frontline queue. Nothing
 * is lost on the way, a reload in the middle and an early stop included. Method: the real
 * engine_run() for every number of workers and both kinds of input; a reader in this process claims
 * and acknowledges meanwhile; the input has no end before the reload has one, however long its
 * thread of idle priority waits for a processor. librdkafka is never started: ThreadSanitizer
 * cannot see into it. The law is checked by the engine's exit code and by the totals of egress.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "helpers/rules_checker.h"
#include "runtime/engine_parts.h"

#include <redress/frontline.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { MESSAGES = 6000, URGENT_EVERY = 20, LINES_PER_SECOND = 4000, CUSTOMERS = 300 };

static char folder[] = "/tmp/redress-threads-XXXXXX";
static char input[64];

struct run {
    const char *workers;
    const char *io;
    bool stop_early;
};

struct companion {
    struct engine *engine;
    bool stop_early;
    atomic_bool engine_done;
    uint32_t acknowledged;
    uint64_t reloads;
};

/* What is left of a run once the engine is gone: whatever fails then, the sockets are closed. */
struct outcome {
    int exit_code;
    uint64_t held;
    uint64_t ended;
    uint64_t dead_letters;
    uint64_t frontline;
};

/* The file source, with its end kept back until the rules were loaded again. */
static struct {
    struct source_operations operations;
    const struct source_operations *real;
    const struct reload *reload;
    uint64_t reloads_before;
    bool assigned; /* of the ingest thread alone */
} gate;

static bool gate_is_closed(void)
{
    const struct reload *reload = gate.reload;
    return gate.assigned && atomic_load_explicit(&reload->failures, memory_order_relaxed) == 0 &&
           atomic_load_explicit(&reload->successes, memory_order_relaxed) == gate.reloads_before;
}

static void gated_poll(struct source *source, struct source_event *event)
{
    if (gate_is_closed())
        return;
    gate.real->poll(source, event);
    gate.assigned |= event->kind == SOURCE_ASSIGNED;
}

static bool gated_ready(struct source *source, uint32_t slot)
{
    return (slot != SOURCE_EVENTS || !gate_is_closed()) && gate.real->ready(source, slot);
}

static void put_gate(struct engine *engine)
{
    struct source *source = engine->source;
    gate.real = source->operations;
    gate.operations = *source->operations;
    gate.operations.poll = gated_poll;
    gate.operations.ready = gated_ready;
    gate.reload = &engine->reload;
    gate.reloads_before = atomic_load_explicit(&engine->reload.successes, memory_order_relaxed);
    gate.assigned = false;
    source->operations = &gate.operations;
}

static void write_input(void)
{
    snprintf(input, sizeof input, "%s/input.jsonl", folder);
    FILE *file = fopen(input, "w");
    assert_non_null(file);
    for (int index = 0; index < MESSAGES; index++) {
        const char *text = index % URGENT_EVERY == 0 ? "The charger caught fire"
                           : index % 3 == 0          ? "You charged me twice, money back please"
                                                     : "The parcel came with the post, thank you";
        fprintf(file, "{\"id\":\"%d\",\"customer\":\"c%d\",\"text\":\"%s\"}\n", index,
                index % CUSTOMERS, text);
        if (index % 500 == 7)
            fputs("{\"id\":\"x\",\"text\":7}\n", file); /* a dead letter */
    }
    assert_int_equal(fclose(file), 0);
}

static struct settings *load(const struct run *run)
{
    char text[2048];
    int size = snprintf(text, sizeof text,
                        "instance: threads\n"
                        "channels:\n  - {name: chat, topics: [in]}\n"
                        "workers: %s\n"
                        "io: %s\n"
                        "rules: %s/tests/kafka/rules\n"
                        "frontline: {socket: %s/frontline.sock}\n"
                        "admin: {socket: %s/admin.sock}\n"
                        "http: {enabled: false}\n",
                        run->workers, run->io, REDRESS_SOURCE_DIR, folder, folder);
    const struct settings_surroundings surroundings = {.without_kafka = true, .cores = 8};
    struct error_list *errors = memory_allocate(sizeof *errors);
    struct settings *settings =
        settings_load_bytes("threads.yaml", folder, text, (size_t)size, &surroundings, errors);
    error_list_print(errors, stderr);
    memory_free(errors);
    assert_non_null(settings);
    return settings;
}

static uint64_t reload_successes(const struct companion *companion)
{
    return atomic_load_explicit(&companion->engine->reload.successes, memory_order_relaxed);
}

static void read_cases(struct companion *companion, struct frontline_reader *reader)
{
    struct frontline_record record;
    struct frontline_token token;
    while (redress_frontline_claim(reader, UINT64_MAX, 0, &record, &token) == STATUS_OK)
        if (redress_frontline_acknowledge(reader, &token) == STATUS_OK)
            companion->acknowledged++;
}

/* Another thread plays the readers and the operator. */
static void *accompany(void *argument)
{
    struct companion *companion = argument;
    struct frontline_reader *reader = NULL;
    uint64_t before = reload_successes(companion);
    bool asked = false;
    bool done = false;
    while (!done) {
        /* Pairs with the release after engine_run; one more look after it. */
        done = atomic_load_explicit(&companion->engine_done, memory_order_acquire);
        if (!reader && !done && engine_is_ready(companion->engine) &&
            redress_frontline_attach(engine_frontline_socket(companion->engine), &reader) !=
                STATUS_OK)
            reader = NULL;
        if (!reader)
            continue;
        (void)!redress_frontline_wait(reader, UINT64_MAX, FRONTLINE_WAIT_BLOCK, 5);
        read_cases(companion, reader);
        if (!asked && companion->acknowledged > 10) {
            asked = true;
            engine_request_reload(companion->engine);
        }
        if (companion->stop_early && reload_successes(companion) > before)
            engine_request_stop(companion->engine);
    }
    companion->reloads = reload_successes(companion) - before;
    redress_frontline_detach(reader);
    return NULL;
}

static struct outcome outcome_of(const struct engine *engine, int exit_code)
{
    const struct egress *egress = pipeline_egress(engine_pipeline(engine));
    struct outcome outcome = {
        .exit_code = exit_code,
        .held = egress_count(egress, EGRESS_COUNT_HELD),
        .dead_letters = egress_count(egress, EGRESS_COUNT_DEAD_LETTERS),
        .frontline = egress_count(egress, EGRESS_COUNT_FRONTLINE),
    };
    outcome.ended = egress_count(egress, EGRESS_COUNT_CASES) +
                    egress_count(egress, EGRESS_COUNT_CALM) + outcome.dead_letters;
    return outcome;
}

static void check_ends(const struct run *run, const struct companion *companion,
                       const struct outcome *outcome)
{
    print_message("workers %s, %s: %lu ended, %u urgent acknowledged, %lu reloads\n", run->workers,
                  run->io, (unsigned long)outcome->ended, companion->acknowledged,
                  (unsigned long)companion->reloads);
    assert_int_equal(outcome->exit_code, 0);
    assert_int_equal(outcome->held, 0);
    assert_true(companion->acknowledged > 10);
    assert_int_equal(companion->reloads, 1);
    if (run->stop_early) {
        assert_true(outcome->ended > 0);
        return;
    }
    assert_int_equal(outcome->ended, MESSAGES + MESSAGES / 500);
    assert_int_equal(outcome->dead_letters, MESSAGES / 500);
    assert_int_equal(outcome->frontline, MESSAGES / URGENT_EVERY);
}

static void nothing_is_lost_and_no_two_threads_race(void **state)
{
    const struct run *run = *state;
    struct settings *settings = load(run);
    const struct engine_options options = {.settings = settings,
                                           .replay_file = input,
                                           .replay_lines_per_second = LINES_PER_SECOND,
                                           .output = ENGINE_OUTPUT_MEMORY};
    struct companion companion = {.stop_early = run->stop_early};
    assert_int_equal(engine_create(&options, &companion.engine), STATUS_OK);
    put_gate(companion.engine);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, accompany, &companion), 0);
    int exit_code = engine_run(companion.engine);
    /* Pairs with the acquire in accompany. */
    atomic_store_explicit(&companion.engine_done, true, memory_order_release);
    int joined = pthread_join(thread, NULL);
    struct outcome outcome = outcome_of(companion.engine, exit_code);
    engine_destroy(companion.engine);
    settings_free(settings);
    assert_int_equal(joined, 0);
    check_ends(run, &companion, &outcome);
}

static int begin(void **state)
{
    (void)state;
    log_configure(LOG_LEVEL_WARN, LOG_FORMAT_TEXT);
    assert_non_null(mkdtemp(folder));
    write_input();
    return 0;
}

static int end(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const struct run runs[] = {
    {"inline", "uring", false}, {"inline", "epoll", false}, {"1", "uring", false},
    {"2", "epoll", false},      {"4", "uring", false},      {"4", "epoll", true},
    {"2", "uring", true},       {"inline", "epoll", true},
};

#define TEST(index)                                                                                \
    cmocka_unit_test_prestate(nothing_is_lost_and_no_two_threads_race,                             \
                              (void *)(uintptr_t)&runs[index])

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "rules") == 0) /* the child that checks a reload */
        return cli_rules(argc - 1, argv + 1);
    const struct CMUnitTest tests[] = {TEST(0), TEST(1), TEST(2), TEST(3),
                                       TEST(4), TEST(5), TEST(6), TEST(7)};
    return cmocka_run_group_tests(tests, begin, end);
}
