/** What the tests of ingest share: ingest over the memory source, a worker that holds messages
 * until the test ends them, and a clock that the test moves. */
#ifndef REDRESS_TESTS_INGEST_BENCH_H
#define REDRESS_TESTS_INGEST_BENCH_H

#include "ingest/ingest.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/memory.h"
#include "ingest/memory_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { WORKER_MAX = 8192 };

static uint64_t virtual_ns;

static inline uint64_t virtual_clock(void)
{
    return virtual_ns;
}

struct bench {
    struct partition_table *partitions;
    struct source *source;
    struct ingest *ingest;
    struct ring returns;
    struct ring *return_rings[1];
    struct message *held[WORKER_MAX];
    uint32_t held_count;
    uint32_t room;
    uint64_t taken;
    int assigned;
    uint32_t slots[3];
    int64_t next_offset[3];
};

static inline size_t room_bytes(uint32_t payload_size)
{
    return payload_size + 128u;
}

static inline enum redress_status take_message(void *context, struct message *message)
{
    struct bench *bench = context;
    if (bench->held_count >= bench->room)
        return STATUS_FULL;
    bench->held[bench->held_count++] = message;
    bench->taken++;
    return STATUS_OK;
}

static inline void on_assignment(void *context, uint32_t slot, uint32_t generation, bool assigned)
{
    struct bench *bench = context;
    (void)slot;
    assert_true(generation > 0);
    bench->assigned += assigned ? 1 : -1;
}

static inline struct ingest_settings settings_of(struct bench *bench)
{
    return (struct ingest_settings){.source = bench->source,
                                    .partitions = bench->partitions,
                                    .return_rings = bench->return_rings,
                                    .return_ring_count = 1,
                                    .held_messages_max = 1000,
                                    .held_bytes_max = 16 << 20,
                                    .quantum_messages = 16,
                                    .drain_ns_max = NS_PER_S,
                                    .payload_bytes_max = {256 * 1024},
                                    .channel_count = 1,
                                    .room_bytes = room_bytes,
                                    .hand_over = take_message,
                                    .assignment = on_assignment,
                                    .context = bench,
                                    .clock_ns = virtual_clock};
}

static inline struct bench *open_bench_with(void (*change)(struct ingest_settings *))
{
    struct bench *bench = memory_allocate(sizeof *bench);
    assert_non_null(bench);
    virtual_ns = NS_PER_S;
    bench->room = WORKER_MAX;
    assert_int_equal(partition_table_create(&bench->partitions), STATUS_OK);
    for (int32_t partition = 0; partition < 3; partition++)
        assert_int_equal(
            partition_table_add(bench->partitions, "mail", partition, 0, &bench->slots[partition]),
            STATUS_OK);
    assert_int_equal(memory_source_create(bench->partitions, &bench->source), STATUS_OK);
    assert_int_equal(ring_init(&bench->returns, 1024), STATUS_OK);
    bench->return_rings[0] = &bench->returns;
    struct ingest_settings settings = settings_of(bench);
    if (change)
        change(&settings);
    assert_int_equal(ingest_create(&settings, &bench->ingest), STATUS_OK);
    return bench;
}

static inline struct bench *open_bench(void)
{
    return open_bench_with(NULL);
}

static inline void close_bench(struct bench *bench)
{
    ingest_destroy(bench->ingest);
    source_close(bench->source);
    partition_table_destroy(bench->partitions);
    ring_destroy(&bench->returns);
    memory_free(bench);
}

static inline void append(struct bench *bench, int slot, int count)
{
    for (int index = 0; index < count; index++) {
        struct memory_source_record record = {.offset = bench->next_offset[slot]++,
                                              .timestamp_ms = 5,
                                              .key = "anna",
                                              .value = "broken again",
                                              .value_size = 12};
        assert_int_equal(memory_source_append(bench->source, bench->slots[slot], &record),
                         STATUS_OK);
    }
}

static inline enum redress_status step(struct bench *bench)
{
    virtual_ns += NS_PER_MS;
    return ingest_step(bench->ingest, virtual_ns);
}

static inline enum redress_status step_until_idle(struct bench *bench)
{
    enum redress_status status;
    while ((status = step(bench)) == STATUS_OK) {
    }
    return status;
}

/* Sends the index-th held message back with an ending. */
static inline void end_one(struct bench *bench, uint32_t index, enum ending ending)
{
    struct message *message = bench->held[index];
    bench->held[index] = bench->held[--bench->held_count];
    message->ending = ending;
    assert_true(ring_push(&bench->returns, message));
}

static inline void end_all(struct bench *bench)
{
    while (bench->held_count > 0)
        end_one(bench, 0, ENDING_CALM);
}

static inline const struct ingest_counters *counters_of(const struct bench *bench, int slot)
{
    return ingest_counters(bench->ingest, bench->slots[slot]);
}

static inline uint64_t done_of(const struct ingest_counters *counters)
{
    uint64_t sum = 0;
    for (int ending = 0; ending < ENDING_COUNT; ending++)
        sum += atomic_load(&counters->done[ending]);
    return sum;
}

static inline void check_law(const struct bench *bench)
{
    uint64_t held = 0;
    for (int slot = 0; slot < 3; slot++) {
        const struct ingest_counters *counters = counters_of(bench, slot);
        assert_int_equal(atomic_load(&counters->received),
                         done_of(counters) + atomic_load(&counters->held));
        held += atomic_load(&counters->held);
    }
    assert_int_equal(held, ingest_held(bench->ingest));
}

#endif
