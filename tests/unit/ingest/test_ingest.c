/**
 * Ingest's step machine over the memory source, on virtual time; how it ends is
 * test_ingest_end.c's.
 *
 * Goal:   what is stored was done; budgets hold and end; nothing is received that is not accounted
 * for. Method: a worker that holds messages until the test ends them, and a clock that the test
 * moves.
 */
#include "ingest_bench.h"

static void a_message_carries_all_of_its_record(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 1, 1);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 3), STATUS_OK);
    assert_int_equal(step_until_idle(bench), STATUS_EMPTY);
    assert_int_equal(bench->held_count, 1);
    const struct message *message = bench->held[0];
    assert_int_equal(message->kind, MESSAGE_RECORD);
    assert_string_equal(message->topic, "mail");
    assert_int_equal(message->partition, 1);
    assert_int_equal(message->partition_slot, bench->slots[1]);
    assert_int_equal(message->generation, 1);
    assert_int_equal(message->timestamp_ms, 5);
    assert_int_equal(message->payload.size, 12);
    assert_memory_equal(message->payload.data, "broken again", 12);
    for (int index = 0; index < MESSAGE_PADDING_BYTES; index++)
        assert_int_equal(message->payload.data[12 + index], 0);
    assert_memory_equal(message->key.data, "anna", 4);
    assert_true(message->payload_hash == hash_bytes("broken again", 12));
    assert_int_equal(message->payload_size_original, 12);
    assert_true(message->room_size >= room_bytes(12));
    memset(message->room, 1, message->room_size); /* all of it is ours */
    assert_true(message->received_ns > 0);
    assert_int_equal(atomic_load(&counters_of(bench, 1)->oldest_ns), message->received_ns);
    end_all(bench);
    step_until_idle(bench);
    check_law(bench);
    close_bench(bench);
}

static void only_the_head_of_an_over_large_record_is_kept(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    size_t size = 300 * 1024;
    char *value = memory_allocate(size);
    memset(value, 'x', size);
    struct memory_source_record large = {.offset = 0, .value = value, .value_size = (uint32_t)size};
    struct memory_source_record none = {.offset = 7, .tombstone = true};
    assert_int_equal(memory_source_append(bench->source, bench->slots[0], &large), STATUS_OK);
    assert_int_equal(memory_source_append(bench->source, bench->slots[0], &none), STATUS_OK);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(bench->held_count, 2);
    const struct message *message = bench->held[0];
    assert_int_equal(message->payload.size, DEAD_LETTER_BYTES_MAX);
    assert_int_equal(message->payload_size_original, size);
    assert_true(message->payload_hash == hash_bytes(value, size));
    assert_int_equal(bench->held[1]->flags, MESSAGE_TOMBSTONE);
    assert_null(bench->held[1]->payload.data);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->over_large), 1);
    memory_free(value);
    close_bench(bench);
}

static void nothing_is_stored_beyond_an_unfinished_message(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 10);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(bench->held_count, 10);
    for (uint32_t index = 10; index-- > 0;)
        if (index != 4)
            end_one(bench, index, ENDING_CASE);
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stored_offset), 4);
    assert_int_equal(source_commit(bench->source), STATUS_OK);
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), 4);
    end_all(bench);
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stored_offset), 10);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->done[ENDING_CASE]), 9);
    close_bench(bench);
}

static void limit_laps(struct ingest_settings *settings)
{
    settings->quantum_messages = settings->lap_messages_max = 8;
}

static void
a_step_reads_no_more_than_a_lap_and_the_next_one_goes_on_with_the_next_partition(void **state)
{
    (void)state;
    struct bench *bench = open_bench_with(limit_laps);
    append(bench, 0, 20);
    append(bench, 1, 20);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 2), STATUS_OK);
    while (bench->held_count == 0)
        assert_int_equal(step(bench), STATUS_OK);
    assert_int_equal(bench->held_count, 8);
    assert_int_equal(step(bench), STATUS_OK);
    assert_int_equal(bench->held_count, 16);
    assert_int_not_equal(bench->held[0]->partition_slot, bench->held[8]->partition_slot);
    step_until_idle(bench);
    assert_int_equal(bench->held_count, 40);
    end_all(bench);
    step_until_idle(bench);
    check_law(bench);
    close_bench(bench);
}

static void a_message_given_back_without_an_ending_is_never_passed(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 3);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    struct message *second = bench->held[1];
    bench->held[1] = bench->held[2];
    bench->held_count = 2;
    end_all(bench);
    second->ending = ENDING_NONE;
    assert_true(ring_push(&bench->returns, second));
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stored_offset), 1);
    check_law(bench);
    close_bench(bench);
}

static void a_revoke_waits_until_all_is_done(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 5);
    append(bench, 1, 5);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 2), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(bench->assigned, 2);
    assert_int_equal(memory_source_revoke(bench->source, bench->slots, 1), STATUS_OK);
    append(bench, 0, 5); /* not to be read any more */
    append(bench, 1, 1); /* goes on */
    step_until_idle(bench);
    assert_true(memory_source_is_revoking(bench->source));
    assert_int_equal(bench->held_count, 11);
    end_all(bench);
    step_until_idle(bench);
    assert_false(memory_source_is_revoking(bench->source));
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), 5);
    assert_int_equal(bench->assigned, 1);
    assert_int_equal(atomic_load(&ingest_totals(bench->ingest)->drain_timeouts), 0);
    assert_false(atomic_load(&counters_of(bench, 0)->assigned));
    /* Assigned again it goes on there, in a new generation. */
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(bench->held_count, 5);
    assert_int_equal(bench->held[0]->generation, 2);
    assert_int_equal(bench->held[0]->offset, 5);
    check_law(bench);
    close_bench(bench);
}

static void late_messages_of_an_older_generation_move_nothing(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 5);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(memory_source_revoke(bench->source, bench->slots, 1), STATUS_OK);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    virtual_ns += 2ull * NS_PER_S; /* over the drain's bound */
    step_until_idle(bench);
    assert_int_equal(atomic_load(&ingest_totals(bench->ingest)->drain_timeouts), 1);
    assert_int_equal(bench->held_count, 10);
    for (int count = 0; count < 5; count++) /* the old generation's five */
        end_one(bench, 0, ENDING_CALM);
    step_until_idle(bench);
    /* end_one swaps: make sure which ones are left */
    uint32_t old = 0;
    for (uint32_t index = 0; index < bench->held_count; index++)
        old += bench->held[index]->generation == 1;
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stale_marks) + old, 5);
    for (uint32_t index = bench->held_count; index-- > 0;)
        if (bench->held[index]->generation == 1)
            end_one(bench, index, ENDING_CALM);
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stale_marks), 5);
    bool first_left = false;
    for (uint32_t index = 0; index < bench->held_count; index++)
        first_left |= bench->held[index]->offset == 0;
    if (first_left)
        assert_int_equal(atomic_load(&counters_of(bench, 0)->stored_offset), -1);
    end_all(bench);
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stored_offset), 5);
    check_law(bench);
    close_bench(bench);
}

static void what_the_group_lost_is_not_stored(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 5);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(memory_source_lose(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    end_all(bench);
    step_until_idle(bench);
    assert_int_equal(source_commit(bench->source), STATUS_OK);
    assert_int_equal(memory_source_committed(bench->source, bench->slots[0]), -1);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stale_marks), 5);
    check_law(bench);
    close_bench(bench);
}

static void deleted_records_are_counted_and_reading_goes_on(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 100);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    bench->room = 10;
    step_until_idle(bench);
    int64_t next = bench->next_offset[0];
    assert_int_equal(ingest_held(bench->ingest), 11); /* ten in the ring, one waits for it */
    assert_int_equal(memory_source_delete_before(bench->source, bench->slots[0], 40), STATUS_OK);
    bench->room = WORKER_MAX;
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->lost_before_read), 29);
    assert_int_equal(bench->taken, 11 + 60);
    end_all(bench);
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->stored_offset), next);
    check_law(bench);
    close_bench(bench);
}

static void the_message_budget_stops_reading_and_room_starts_it_again(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    append(bench, 0, 900);
    append(bench, 1, 900);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 3), STATUS_OK);
    step_until_idle(bench);
    assert_int_equal(bench->held_count, 1000);
    assert_true(atomic_load(&ingest_totals(bench->ingest)->budget_stops) > 0);
    assert_int_equal(atomic_load(&ingest_totals(bench->ingest)->partitions_not_read), 2);
    assert_true(atomic_load(&counters_of(bench, 0)->not_read));
    for (int count = 0; count < 32; count++) /* what gets free is shared */
        end_one(bench, 0, ENDING_CALM);
    uint64_t before[2] = {atomic_load(&counters_of(bench, 0)->received),
                          atomic_load(&counters_of(bench, 1)->received)};
    step_until_idle(bench);
    assert_int_equal(atomic_load(&counters_of(bench, 0)->received), before[0] + 16);
    assert_int_equal(atomic_load(&counters_of(bench, 1)->received), before[1] + 16);
    while (bench->taken < 1800) {
        end_all(bench);
        step_until_idle(bench);
    }
    end_all(bench);
    step_until_idle(bench);
    assert_int_equal(atomic_load(&ingest_totals(bench->ingest)->partitions_not_read), 0);
    check_law(bench);
    close_bench(bench);
}

static void few_bytes(struct ingest_settings *settings)
{
    settings->held_bytes_max = 2 << 20;
    settings->held_messages_max = 100000;
}

static void the_byte_budget_holds_however_many_messages_are_allowed(void **state)
{
    (void)state;
    struct bench *bench = open_bench_with(few_bytes);
    append(bench, 0, 3000);
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 1), STATUS_OK);
    step_until_idle(bench);
    assert_in_range(bench->held_count, 100, 1999);
    assert_true(atomic_load(&ingest_totals(bench->ingest)->held_bytes) <= 2 << 20);
    assert_int_equal(atomic_load(&ingest_totals(bench->ingest)->partitions_not_read), 1);
    while (bench->taken < 3000) {
        end_all(bench);
        step_until_idle(bench);
    }
    end_all(bench);
    step_until_idle(bench);
    assert_int_equal(atomic_load(&ingest_totals(bench->ingest)->held_bytes), 0);
    close_bench(bench);
}

static void one_in_a_thousand_held_for_a_minute_stays_within_the_budget(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 3), STATUS_OK);
    struct message *slow[256];
    uint64_t until_ns[256];
    uint32_t slow_count = 0;
    uint64_t bytes_peak = 0;
    /* 2,000 messages a second for a minute and a half of virtual time, a turn each 20 ms. */
    for (int turn = 0; turn < 4500; turn++) {
        append(bench, turn % 3, 40);
        virtual_ns += 19ull * NS_PER_MS;
        step_until_idle(bench);
        uint64_t bytes = atomic_load(&ingest_totals(bench->ingest)->held_bytes);
        bytes_peak = bytes > bytes_peak ? bytes : bytes_peak;
        for (uint32_t index = bench->held_count; index-- > 0;) {
            struct message *message = bench->held[index];
            if (message->offset % 1000 == 999 && slow_count < 256) {
                until_ns[slow_count] = virtual_ns + 60ull * NS_PER_S;
                slow[slow_count++] = message;
                bench->held[index] = bench->held[--bench->held_count];
            }
        }
        end_all(bench);
        for (uint32_t index = slow_count; index-- > 0;)
            if (until_ns[index] <= virtual_ns) {
                bench->held[bench->held_count++] = slow[index];
                slow[index] = slow[--slow_count];
                until_ns[index] = until_ns[slow_count];
            }
        end_all(bench);
    }
    assert_true(slow_count > 0);
    assert_int_equal(bench->taken, 180000); /* never stopped by what is held */
    assert_true(bytes_peak < 16 << 20);
    print_message("%u held at the end, at most %llu KB\n", slow_count,
                  (unsigned long long)bytes_peak / 1024);
    check_law(bench);
    close_bench(bench);
}

static void twenty_stalls_of_the_sink_leave_no_gap_in_reading(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    assert_int_equal(memory_source_assign(bench->source, bench->slots, 3), STATUS_OK);
    uint64_t last_ns = 0;
    uint64_t gap_ns = 0;
    for (int ms = 0; ms < 2000; ms++) { /* 10 messages a millisecond; each 100 ms a stall of 50 */
        append(bench, ms % 3, 10);
        uint64_t before = bench->taken;
        step_until_idle(bench);
        if (bench->taken > before) {
            if (last_ns > 0 && virtual_ns - last_ns > gap_ns)
                gap_ns = virtual_ns - last_ns;
            last_ns = virtual_ns;
        }
        if (ms % 100 >= 50)
            end_all(bench);
    }
    print_message("longest gap: %llu ms\n", (unsigned long long)gap_ns / NS_PER_MS);
    assert_true(gap_ns <= 100ull * NS_PER_MS);
    close_bench(bench);
}

static void creation_says_what_is_wrong(void **state)
{
    (void)state;
    struct bench *bench = open_bench();
    struct ingest_settings settings = settings_of(bench);
    struct ingest *ingest;
    settings.held_bytes_max = 1 << 20; /* one largest block, not two */
    assert_int_equal(ingest_create(&settings, &ingest), STATUS_INVALID);
    assert_null(ingest);
    settings.held_bytes_max = 16 << 20;
    for (long calls = 0; calls < 12; calls++) {
        memory_fail_after(calls);
        assert_int_equal(ingest_create(&settings, &ingest), STATUS_MEMORY);
        memory_fail_after(-1);
    }
    assert_int_equal(ingest_create(&settings, &ingest), STATUS_OK);
    assert_true(ingest_plan_bytes(&settings) > settings.held_bytes_max);
    ingest_destroy(ingest);
    close_bench(bench);
}

int main(void)
{
    if (FAULT_STORE_BEFORE_DELIVERY || FAULT_IGNORE_GENERATION || FAULT_DROP_ON_FULL_RING)
        print_message("this build carries a planted fault: a test below has to fail\n");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_carries_all_of_its_record),
        cmocka_unit_test(only_the_head_of_an_over_large_record_is_kept),
        cmocka_unit_test(nothing_is_stored_beyond_an_unfinished_message),
        cmocka_unit_test(
            a_step_reads_no_more_than_a_lap_and_the_next_one_goes_on_with_the_next_partition),
        cmocka_unit_test(a_message_given_back_without_an_ending_is_never_passed),
        cmocka_unit_test(a_revoke_waits_until_all_is_done),
        cmocka_unit_test(late_messages_of_an_older_generation_move_nothing),
        cmocka_unit_test(what_the_group_lost_is_not_stored),
        cmocka_unit_test(deleted_records_are_counted_and_reading_goes_on),
        cmocka_unit_test(the_message_budget_stops_reading_and_room_starts_it_again),
        cmocka_unit_test(the_byte_budget_holds_however_many_messages_are_allowed),
        cmocka_unit_test(one_in_a_thousand_held_for_a_minute_stays_within_the_budget),
        cmocka_unit_test(twenty_stalls_of_the_sink_leave_no_gap_in_reading),
        cmocka_unit_test(creation_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
