/** Jobs: each is done once, whoever does it, and all are done on return. */
#include "base/jobs.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdatomic.h>
#include <cmocka.h>

enum { COUNT = 1000 };

struct tally {
    _Atomic uint32_t done[COUNT];
    _Atomic uint32_t turn;
};

static void count_job(void *context, uint32_t job)
{
    struct tally *tally = context;
    atomic_fetch_add(&tally->done[job], 1);
    atomic_fetch_add(&tally->turn, 1);
}

static void each_job_is_done_once(void **state)
{
    (void)state;
    static struct tally tally;
    jobs_run(COUNT, true, count_job, &tally);
    for (uint32_t job = 0; job < COUNT; job++)
        assert_int_equal(tally.done[job], 1);
}

static void one_job_is_done_by_the_caller_and_none_by_nobody(void **state)
{
    (void)state;
    static struct tally tally;
    jobs_run(0, true, count_job, &tally);
    assert_int_equal(tally.turn, 0);
    jobs_run(1, true, count_job, &tally);
    assert_int_equal(tally.done[0], 1);
    assert_int_equal(tally.turn, 1);
}

/* What one job leaves a later run finds: the second thread has ended by then. */
static void add_up(void *context, uint32_t job)
{
    uint32_t *sums = context;
    sums[job] += job;
}

static void what_jobs_wrote_is_there_on_return(void **state)
{
    (void)state;
    uint32_t sums[COUNT] = {0};
    for (int round = 0; round < 3; round++)
        jobs_run(COUNT, true, add_up, sums);
    for (uint32_t job = 0; job < COUNT; job++)
        assert_int_equal(sums[job], 3 * job);
}

static void note_thread(void *context, uint32_t job)
{
    ((pthread_t *)context)[job] = pthread_self();
}

static void jobs_that_are_not_shared_are_the_callers(void **state)
{
    (void)state;
    pthread_t threads[COUNT] = {0};
    jobs_run(COUNT, false, note_thread, threads);
    for (uint32_t job = 0; job < COUNT; job++)
        assert_true(pthread_equal(threads[job], pthread_self()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_is_done_once),
        cmocka_unit_test(one_job_is_done_by_the_caller_and_none_by_nobody),
        cmocka_unit_test(what_jobs_wrote_is_there_on_return),
        cmocka_unit_test(jobs_that_are_not_shared_are_the_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
