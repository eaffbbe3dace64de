/**
 * How ingest ends: told to stop or to leave, or because its source is over.
 *
 * Goal:   what is done is committed, in time, and nothing else is. Method: ingest_bench.h.
 */
#include "ingest_bench.h"

static void stopping_waits_for_what_is_held_and_commits_it(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 20);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    bench->room = 5;
    step_until_idle(bench);
    ingest_stop(bench->ingest, virtual_ns + 10ull * NS_PER_S);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    bench->room = WORKER_MAX;
    step_until_idle(bench); /* the one that waited for the ring goes on, nothing more is read */
    assert_int_equal(bench->taken, 6);
    end_all(bench);
    assert_int_equal(step_until_idle(bench), STATUS_STOPPED);
    assert_int_equal(step(bench), STATUS_STOPPED);
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), 6);
    close_bench(bench);
}

static void stopping_ends_at_its_deadline_and_commits_what_is_done(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 4);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    end_one(bench, 0, ENDING_DEAD_LETTER);
    ingest_stop(bench->ingest, virtual_ns + NS_PER_S);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    virtual_ns += NS_PER_S;
    assert_int_equal(step(bench), STATUS_STOPPED);
    assert_int_equal(ingest_held(bench->ingest), 3);
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), 1);
    close_bench(bench);
}

static void leaving_gives_the_partitions_back_first(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 4);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 2), STATUS_OK);
    step_until_idle(bench);
    ingest_leave(bench->ingest, virtual_ns + 10ull * NS_PER_S);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    end_all(bench);
    assert_int_equal(step_until_idle(bench), STATUS_STOPPED);
    assert_int_equal(bench->assigned, 0);
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), 4);
    close_bench(bench);
}

static void a_source_that_ends_stops_ingest_when_all_is_back(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 4);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    assert_int_equal(memory_source_end(bench->source), STATUS_OK);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    end_all(bench);
    assert_int_equal(step_until_idle(bench), STATUS_STOPPED);
    close_bench(bench);
}

static void a_fatal_source_stops_everything_with_its_reason(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    assert_int_equal(memory_source_fail(bench->source, STATUS_FENCED, "somebody else is me"),
                     STATUS_OK);
    assert_int_equal(step_until_idle(bench), STATUS_FENCED);
    assert_int_equal(step(bench), STATUS_FENCED);
    assert_string_equal(ingest_error(bench->ingest), "somebody else is me");
    close_bench(bench);
}

static void what_a_source_gave_before_it_failed_ends_and_is_committed(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 4);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    append(bench, 0, 4);
    assert_int_equal(memory_source_fail(bench->source, STATUS_FATAL, "records were deleted"),
                     STATUS_OK);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    uint64_t taken = bench->taken;
    end_all(bench);
    assert_int_equal(step_until_idle(bench), STATUS_FATAL);
    assert_int_equal(bench->taken, taken);
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), taken);
    assert_string_equal(ingest_error(bench->ingest), "records were deleted");
    close_bench(bench);
}

static void a_failed_source_waits_no_longer_than_a_revoke(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 4);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(memory_source_fail(bench->source, STATUS_FATAL, "records were deleted"),
                     STATUS_OK);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    virtual_ns += NS_PER_S;
    assert_int_equal(step(bench), STATUS_FATAL);
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), -1);
    close_bench(bench);
}

int main(void)
{
    if (FAULT_STORE_BEFORE_DELIVERY || FAULT_IGNORE_GENERATION)
        print_message("this build carries a planted fault: a test below has to fail\n");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopping_waits_for_what_is_held_and_commits_it),
        cmocka_unit_test(stopping_ends_at_its_deadline_and_commits_what_is_done),
        cmocka_unit_test(leaving_gives_the_partitions_back_first),
        cmocka_unit_test(a_source_that_ends_stops_ingest_when_all_is_back),
        cmocka_unit_test(a_fatal_source_stops_everything_with_its_reason),
        cmocka_unit_test(what_a_source_gave_before_it_failed_ends_and_is_committed),
        cmocka_unit_test(a_failed_source_waits_no_longer_than_a_revoke),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
