/**
 * Reloading: a good folder becomes active, a bad one changes nothing and says why, whatever goes
 * wrong and wherever.
 * Method: real child processes. A child executes /proc/self/exe, which is this test: main() is then
 * the real `redress rules check`, or, by the folder's name, one that spins, dies or says nothing.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

static bool vfork_fails;

static int thread_or_fail(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
/* In place: the function that calls vfork may not return in the child. */
#define vfork()        (vfork_fails ? (errno = EAGAIN, -1) : vfork())
#define pthread_create thread_or_fail
#include "runtime/reload.c"
#undef vfork
#undef pthread_create

#include "base/memory.h"
#include "helpers/rules_checker.h"
#include "helpers/rules_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
#include <cmocka.h>

static bool thread_fails;

static int thread_or_fail(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    return thread_fails ? EAGAIN : pthread_create(thread, attributes, run, argument);
}

#define RULE(weight)                                                                               \
    "language: en\nrules:\n"                                                                       \
    "  - {id: en.a.broken, why: x, pattern: '\\bbroken\\b', complaint: " weight                    \
    ", examples: {match: [broken, broken], calm: [a, b]}}\n"

struct fixture {
    struct rules_folder folder;
    struct generation_registry registry;
    struct reload reload;
    struct reload_settings settings;
};

static int begin(void **state)
{
    struct fixture *fixture = memory_allocate(sizeof *fixture);
    fixture->folder = rules_folder_make_english(RULE("1"));
    fixture->settings = (struct reload_settings){.rules_folder = fixture->folder.path,
                                                 .child_memory_bytes_max = 1ull << 30,
                                                 .child_cpu_s_max = 20};
    generation_registry_init(&fixture->registry, 1);
    *state = fixture;
    return reload_start(&fixture->reload, &fixture->settings, &fixture->registry) == STATUS_OK ? 0
                                                                                               : -1;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    reload_stop(&fixture->reload);
    generation_registry_destroy(&fixture->registry);
    rules_folder_remove(&fixture->folder);
    memory_free(fixture);
    vfork_fails = thread_fails = false;
    return 0;
}

static void breathe(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Steps until the run has ended, the worker adopting what is published. */
static void settle(struct fixture *fixture)
{
    uint64_t deadline_ns = clock_monotonic_ns() + 60ull * 1000000000;
    while (reload_step(&fixture->reload)) {
        generation_adopt(&fixture->registry, 0);
        assert_true(clock_monotonic_ns() < deadline_ns);
        breathe();
    }
}

static void run(struct fixture *fixture)
{
    reload_request(&fixture->reload);
    settle(fixture);
}

static void assert_refused(struct fixture *fixture, uint64_t hash, uint64_t failures,
                           const char *why)
{
    struct reload *reload = &fixture->reload;
    assert_int_equal(reload->failures, failures);
    assert_int_equal(reload->state, RELOAD_IDLE);
    assert_int_equal(reload->rule_set_hash, hash);
    assert_int_equal(redress_rule_set_hash(generation_adopt(&fixture->registry, 0)->rule_set),
                     hash);
    assert_true(reload->last_failure_ms > 0);
    if (!strstr(reload->failure, why))
        fail_msg("%s stands not in: %s", why, reload->failure);
}

static void a_good_folder_becomes_active(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash = fixture->reload.rule_set_hash;
    assert_int_equal(fixture->reload.version, 1);
    rules_folder_write(&fixture->folder, "en/a.yaml", RULE("2"));
    run(fixture);
    assert_int_equal(fixture->reload.successes, 1);
    assert_int_equal(fixture->reload.failures, 0);
    assert_int_equal(fixture->reload.last_failure_ms, 0);
    assert_int_equal(fixture->reload.version, 2);
    assert_int_not_equal(fixture->reload.rule_set_hash, hash);
    assert_int_equal(redress_rule_set_hash(generation_adopt(&fixture->registry, 0)->rule_set),
                     fixture->reload.rule_set_hash);
    assert_int_equal(generation_retire(&fixture->registry), 1); /* the old one is freed */
}

static void what_the_site_overrides_is_loaded_again_too(void **state)
{
    struct fixture *fixture = *state;
    struct rules_folder site = rules_folder_make();
    uint64_t hash = fixture->reload.rule_set_hash;
    rules_folder_write(&site, "scores/en.yaml", "scores: {en.a.broken: {complaint: 3}}\n");
    fixture->reload.settings.override_folder = site.path;
    run(fixture);
    assert_int_equal(fixture->reload.successes, 1);
    assert_int_not_equal(fixture->reload.rule_set_hash, hash);
    hash = fixture->reload.rule_set_hash;
    rules_folder_write(&site, "disabled.yaml", "disabled: [en.a.burnt]\n");
    run(fixture);
    assert_refused(fixture, hash, 1, "disabled.yaml:1:12: no shipped rule has the id");
    rules_folder_remove(&site);
}

static void bad_folders_change_nothing_and_say_why(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash = fixture->reload.rule_set_hash;
    static const struct {
        const char *name;
        const char *content;
        const char *why;
    } bad[] = {
        {"en/a.yaml", "language: en\nrules: [\n", "en/a.yaml:3:1: "},
        {"en/a.yaml", "", "en/a.yaml"},
        {"en/a.yaml",
         "language: en\nrules:\n  - {id: en.a.b, why: x, pattern: '(', complaint: 1, "
         "examples: {match: [a, b], calm: [c, d]}}\n",
         "en/a.yaml:3:36: "},
        {"tiers.yaml", "tiers: {minor: 2, moderate: 1}\n", "tiers.yaml:1:"},
    };
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        rules_folder_write(&fixture->folder, "tiers.yaml", "tiers: {minor: 0.5, moderate: 1}\n");
        rules_folder_write(&fixture->folder, "en/a.yaml", RULE("1"));
        rules_folder_write(&fixture->folder, bad[index].name, bad[index].content);
        run(fixture);
        assert_refused(fixture, hash, index + 1, bad[index].why);
    }
    fixture->reload.settings.rules_folder = "/no/such/folder";
    run(fixture);
    assert_refused(fixture, hash, 5, "/no/such/folder: cannot be read");
    assert_null(strchr(fixture->reload.failure, '\n'));
}

static void long_complaints_are_cut(void **state)
{
    struct fixture *fixture = *state;
    char text[8192] = "language: en\nrules:\n";
    for (int index = 0; index < 60; index++)
        strncat(text, "  - {id: nothing, pattern: '('}\n", sizeof text - strlen(text) - 1);
    rules_folder_write(&fixture->folder, "en/a.yaml", text);
    run(fixture);
    assert_int_equal(fixture->reload.failures, 1);
    assert_int_equal(strlen(fixture->reload.failure), RELOAD_FAILURE_BYTES_MAX - 1);
}

static void a_checker_that_does_not_end_well_is_a_refusal(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash = fixture->reload.rule_set_hash;
    fixture->reload.settings.child_cpu_s_max = 1;
    fixture->reload.settings.rules_folder = "/checker-spins";
    run(fixture);
    assert_refused(fixture, hash, 1, "CPU time limit exceeded");
    assert_refused(fixture, hash, 1, "1 s of CPU");
    fixture->reload.settings.rules_folder = "/checker-dies";
    run(fixture);
    assert_refused(fixture, hash, 2, "ended with signal 9");
    fixture->reload.settings.rules_folder = "/checker-says-nothing";
    run(fixture);
    assert_refused(fixture, hash, 3, "ended with exit code 1 ");
    fixture->reload.settings.rules_folder = "/checker-eats-memory";
    fixture->reload.settings.child_memory_bytes_max = 256ull << 20;
    run(fixture);
    /* Sanitizers can't live under the limit: there the checker refuses by itself. */
    assert_refused(fixture, hash, 4, "no memory; ");
    assert_refused(fixture, hash, 4, "exit code 3 (limits: 268 MB of memory");
}

static void the_check_gives_way_to_messages(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash = fixture->reload.rule_set_hash;
    fixture->reload.settings.rules_folder = "/checker-tells-its-priority";
    run(fixture);
    assert_refused(fixture, hash, 1, "nice");
}

static void requests_under_way_become_one_more_run(void **state)
{
    struct fixture *fixture = *state;
    reload_request(&fixture->reload);
    assert_int_equal(fixture->reload.state, RELOAD_CHECKING);
    rules_folder_write(&fixture->folder, "en/a.yaml", RULE("3"));
    for (int index = 0; index < 5; index++)
        reload_request(&fixture->reload);
    settle(fixture);
    assert_int_equal(fixture->reload.successes, 2);
    run(fixture);
    assert_int_equal(fixture->reload.successes, 3);
}

static void what_turns_bad_after_the_check_is_refused_by_the_compiler(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash = fixture->reload.rule_set_hash;
    rules_folder_write(&fixture->folder, "en/a.yaml", "rules: 3\n");
    start_compiling(&fixture->reload);
    assert_int_equal(fixture->reload.state, RELOAD_COMPILING);
    settle(fixture);
    assert_refused(fixture, hash, 1, "en/a.yaml:1:");
}

static void a_lack_of_descriptors_processes_or_threads_is_said(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash = fixture->reload.rule_set_hash;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}), 0);
    reload_request(&fixture->reload);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_refused(fixture, hash, 1, "pipe: ");
    vfork_fails = true;
    reload_request(&fixture->reload);
    assert_refused(fixture, hash, 2, "vfork: ");
    vfork_fails = false;
    thread_fails = true;
    run(fixture);
    assert_refused(fixture, hash, 3, "no thread");
    thread_fails = false;
    run(fixture);
    assert_int_equal(fixture->reload.successes, 1); /* and it recovers */
}

static void a_lack_of_memory_at_the_end_is_said(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash = fixture->reload.rule_set_hash;
    char failure[256];
    assert_int_equal(
        load_rules(&fixture->reload.settings, failure, sizeof failure, &fixture->reload.loaded),
        STATUS_OK);
    fixture->reload.state = RELOAD_COMPILING;
    memory_fail_after(0);
    publish(&fixture->reload);
    memory_fail_after(-1);
    assert_refused(fixture, hash, 1, redress_status_name(STATUS_MEMORY));
    memory_fail_after(0);
    struct rule_set *none = NULL;
    enum redress_status status =
        load_rules(&fixture->reload.settings, failure, sizeof failure, &none);
    memory_fail_after(-1);
    assert_int_equal(status, STATUS_MEMORY);
    assert_non_null(strstr(failure, fixture->folder.path));
}

static void a_new_set_waits_until_there_is_room_for_it(void **state)
{
    struct fixture *fixture = *state;
    /* A message of every set is still held. */
    for (int index = 0; index < GENERATIONS_MAX; index++) {
        generation_take(generation_adopt(&fixture->registry, 0), 0);
        if (index + 1 < GENERATIONS_MAX)
            run(fixture);
    }
    reload_request(&fixture->reload);
    uint64_t deadline_ns = clock_monotonic_ns() + 60ull * 1000000000;
    while (!atomic_load(&fixture->reload.thread_done) ||
           fixture->reload.state != RELOAD_COMPILING) {
        assert_true(reload_step(&fixture->reload));
        assert_true(clock_monotonic_ns() < deadline_ns);
        breathe();
    }
    for (int turn = 0; turn < 3; turn++)
        assert_true(reload_step(&fixture->reload));
    assert_int_equal(fixture->reload.successes, GENERATIONS_MAX - 1);
    generation_release(&fixture->registry, 1);
    assert_false(reload_step(&fixture->reload));
    assert_int_equal(fixture->reload.successes, GENERATIONS_MAX);
    assert_int_equal(fixture->reload.failures, 0);
}

static void stopping_ends_what_is_under_way(void **state)
{
    struct fixture *fixture = *state;
    fixture->reload.settings.rules_folder = "/checker-spins";
    reload_request(&fixture->reload);
    reload_request(&fixture->reload);
    pid_t child = fixture->reload.child;
    reload_stop(&fixture->reload);
    assert_int_equal(kill(child, 0), -1); /* and no zombie stays */
    assert_int_equal(fixture->reload.state, RELOAD_IDLE);
    assert_false(reload_step(&fixture->reload));
    fixture->reload.settings.rules_folder = fixture->folder.path;
    start_compiling(&fixture->reload);
    reload_stop(&fixture->reload); /* the leak checker watches */
    assert_int_equal(fixture->reload.successes, 0);
}

static void the_first_load_says_what_is_wrong(void **state)
{
    (void)state;
    struct reload reload;
    struct generation_registry registry;
    generation_registry_init(&registry, 1);
    struct reload_settings settings = {.rules_folder = "/no/such/folder"};
    assert_int_equal(reload_start(&reload, &settings, &registry), STATUS_INVALID);
    generation_registry_destroy(&registry);
}

/* What the child of reload.c executes. */
static int be_the_checker(int argc, char **argv)
{
    const char *folder = argv[argc - 1];
    volatile unsigned turns = 0;
    while (strcmp(folder, "/checker-spins") == 0)
        turns++;
    if (strcmp(folder, "/checker-dies") == 0)
        raise(SIGKILL);
    if (strcmp(folder, "/checker-says-nothing") == 0)
        return EXIT_ANSWER_NO;
    if (strcmp(folder, "/checker-tells-its-priority") == 0) {
        fputs(getpriority(PRIO_PROCESS, 0) > 0 ? "nice\n" : "not so\n", stderr);
        return EXIT_ANSWER_NO;
    }
    if (strcmp(folder, "/checker-eats-memory") == 0) {
        if (LIMITS_MEMORY && memory_map(512ull << 20))
            return EXIT_DONE;
        fputs("no memory\n", stderr);
        return EXIT_ENVIRONMENT;
    }
    return cli_rules(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "rules") == 0)
        return be_the_checker(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_folder_becomes_active, begin, end),
        cmocka_unit_test_setup_teardown(what_the_site_overrides_is_loaded_again_too, begin, end),
        cmocka_unit_test_setup_teardown(bad_folders_change_nothing_and_say_why, begin, end),
        cmocka_unit_test_setup_teardown(long_complaints_are_cut, begin, end),
        cmocka_unit_test_setup_teardown(a_checker_that_does_not_end_well_is_a_refusal, begin, end),
        cmocka_unit_test_setup_teardown(the_check_gives_way_to_messages, begin, end),
        cmocka_unit_test_setup_teardown(requests_under_way_become_one_more_run, begin, end),
        cmocka_unit_test_setup_teardown(what_turns_bad_after_the_check_is_refused_by_the_compiler,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_lack_of_descriptors_processes_or_threads_is_said, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_lack_of_memory_at_the_end_is_said, begin, end),
        cmocka_unit_test_setup_teardown(a_new_set_waits_until_there_is_room_for_it, begin, end),
        cmocka_unit_test_setup_teardown(stopping_ends_what_is_under_way, begin, end),
        cmocka_unit_test(the_first_load_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
