/**
 * The watchdog names what does not move and nothing else. Method: time is an argument, so every
 * moment is exact; the log is read through a pipe.
 */
#include "runtime/watchdog.h"

#include "base/memory.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

static struct watchdog *watchdog;
static int log_fds[2];
static int saved_stderr;

static int set_up(void **state)
{
    (void)state;
    if (watchdog_create(10 * SECOND, &watchdog) != STATUS_OK || pipe(log_fds) != 0)
        return -1;
    fcntl(log_fds[0], F_SETFL, O_NONBLOCK);
    saved_stderr = dup(STDERR_FILENO);
    return dup2(log_fds[1], STDERR_FILENO) < 0;
}

static int tear_down(void **state)
{
    (void)state;
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    close(log_fds[0]);
    close(log_fds[1]);
    watchdog_destroy(watchdog);
    return 0;
}

/* What was logged since the last call. */
static const char *logged(void)
{
    static char text[65536];
    ssize_t got = read(log_fds[0], text, sizeof text - 1);
    text[got > 0 ? got : 0] = 0;
    return text;
}

static unsigned lines(const char *text)
{
    unsigned count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void a_thread_that_stops_beating_is_named_once(void **state)
{
    (void)state;
    struct heartbeat *ingest = watchdog_add_thread(watchdog, "ingest");
    struct heartbeat *egress = watchdog_add_thread(watchdog, "egress");
    for (uint64_t now = 1; now <= 9; now++) {
        heartbeat_beat(ingest);
        heartbeat_beat(egress);
        watchdog_step(watchdog, now * SECOND);
    }
    for (uint64_t now = 10; now <= 18; now++) {
        heartbeat_beat(ingest);
        watchdog_step(watchdog, now * SECOND);
    }
    assert_int_equal(watchdog_stuck_threads(watchdog), 0);
    assert_string_equal(logged(), "");
    for (uint64_t now = 19; now <= 30; now++) {
        heartbeat_beat(ingest);
        watchdog_step(watchdog, now * SECOND);
    }
    assert_int_equal(watchdog_stuck_threads(watchdog), 1);
    assert_int_equal(watchdog_thread_silence_ns(watchdog, 0), 0);
    assert_int_equal(watchdog_thread_silence_ns(watchdog, 1), 21 * SECOND);
    const char *text = logged();
    assert_int_equal(lines(text), 1);
    assert_non_null(strstr(text, "a thread is stuck thread=egress silent_ms=10000"));
    struct health_report report = {0};
    watchdog_report(watchdog, &report);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.reasons[0], "the thread egress has been stuck for 21 s");
    heartbeat_beat(egress);
    watchdog_step(watchdog, 31 * SECOND);
    assert_int_equal(watchdog_stuck_threads(watchdog), 0);
    assert_non_null(strstr(logged(), "moves again thread=egress"));
}

static void a_parked_thread_is_not_stuck(void **state)
{
    (void)state;
    struct heartbeat *worker = watchdog_add_thread(watchdog, "worker-0");
    watchdog_step(watchdog, 1 * SECOND);
    watchdog_step(watchdog, 100 * SECOND); /* has not begun yet */
    heartbeat_beat(worker);
    heartbeat_park(worker);
    watchdog_step(watchdog, 101 * SECOND);
    watchdog_step(watchdog, 200 * SECOND);
    assert_int_equal(watchdog_stuck_threads(watchdog), 0);
    heartbeat_beat(worker); /* woken, and stuck in that round */
    watchdog_step(watchdog, 201 * SECOND);
    watchdog_step(watchdog, 211 * SECOND);
    assert_int_equal(watchdog_stuck_threads(watchdog), 1);
}

static struct watchdog_partition partition_at(uint64_t progress_ns)
{
    return (struct watchdog_partition){.slot = 7,
                                       .topic = "contact.chat",
                                       .partition = 3,
                                       .has_work = true,
                                       .progress_ns = progress_ns};
}

static void a_partition_with_work_and_no_progress_is_named(void **state)
{
    (void)state;
    struct watchdog_partition seen = partition_at(5 * SECOND);
    watchdog_see_partition(watchdog, &seen, 14 * SECOND);
    assert_int_equal(watchdog_stuck_partitions(watchdog), 0);
    seen.not_read = true;
    watchdog_see_partition(watchdog, &seen, 15 * SECOND);
    watchdog_see_partition(watchdog, &seen, 16 * SECOND);
    assert_int_equal(watchdog_stuck_partitions(watchdog), 1);
    const char *text = logged();
    assert_int_equal(lines(text), 1);
    assert_non_null(strstr(
        text, "a partition is stuck topic=contact.chat partition=3 silent_ms=10000 held_back=yes"));
    struct health_report report = {0};
    watchdog_report(watchdog, &report);
    assert_string_equal(
        report.reasons[0],
        "partition 3 of contact.chat has made no progress for 11 s, held by back-pressure");
    seen.progress_ns = 17 * SECOND;
    watchdog_see_partition(watchdog, &seen, 17 * SECOND);
    assert_int_equal(watchdog_stuck_partitions(watchdog), 0);
    assert_int_equal(lines(logged()), 1);
}

static void an_idle_or_lost_partition_is_not_stuck(void **state)
{
    (void)state;
    struct watchdog_partition seen = partition_at(5 * SECOND);
    seen.has_work = false;
    watchdog_see_partition(watchdog, &seen, 500 * SECOND);
    assert_int_equal(watchdog_stuck_partitions(watchdog), 0);
    seen.has_work = true;
    watchdog_see_partition(watchdog, &seen, 500 * SECOND);
    assert_int_equal(watchdog_stuck_partitions(watchdog), 1);
    watchdog_forget_partition(watchdog, seen.slot);
    watchdog_forget_partition(watchdog, 0); /* never seen */
    assert_int_equal(watchdog_stuck_partitions(watchdog), 0);
    struct health_report report = {0};
    watchdog_report(watchdog, &report);
    assert_int_equal(report.count, 0);
}

static void more_reasons_than_fit_are_counted(void **state)
{
    (void)state;
    for (uint32_t slot = 0; slot < 40; slot++) {
        struct watchdog_partition seen = partition_at(1);
        seen.slot = slot;
        watchdog_see_partition(watchdog, &seen, 500 * SECOND);
    }
    struct health_report report = {0};
    watchdog_report(watchdog, &report);
    assert_int_equal(report.count, 40);
}

static void out_of_memory_is_said(void **state)
{
    (void)state;
    struct watchdog *none;
    memory_fail_after(0);
    assert_int_equal(watchdog_create(1, &none), STATUS_MEMORY);
    memory_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_thread_that_stops_beating_is_named_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_parked_thread_is_not_stuck, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_partition_with_work_and_no_progress_is_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_idle_or_lost_partition_is_not_stuck, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_reasons_than_fit_are_counted, set_up, tear_down),
        cmocka_unit_test(out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
