/**
 * The slab.
 *
 * Goal:   blocks never overlap, everything comes back together, a few held blocks keep nothing
 * large out. Method: seeded random walks that write a pattern through each block and look at it
 * before freeing.
 */
#include "ingest/slab.h"

#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { KB = 1024, BLOCKS_MAX = 512, STEPS = 20000, SEEDS = 10 };

static struct slab *open_slab(size_t bytes, size_t block_bytes)
{
    struct slab *slab;
    assert_int_equal(slab_create(bytes, block_bytes, &slab), STATUS_OK);
    return slab;
}

static void slab_refuses_what_cannot_work(void **state)
{
    (void)state;
    struct slab *slab;
    assert_int_equal(slab_create(64 * KB, 64 * KB, &slab), STATUS_INVALID);
    assert_int_equal(slab_create(128 * KB, 65 * KB, &slab), STATUS_INVALID);
    for (long calls = 0; calls < 3; calls++) {
        memory_fail_after(calls);
        assert_int_equal(slab_create(1 << 20, 64 * KB, &slab), STATUS_MEMORY);
        memory_fail_after(-1);
        assert_null(slab);
    }
    slab_destroy(NULL);
    slab = open_slab(1 << 20, 64 * KB);
    void *block;
    size_t size;
    assert_int_equal(slab_allocate(slab, 64 * KB + 1, &block, &size), STATUS_TOO_LARGE);
    assert_int_equal(slab_bytes_max(slab), 1 << 20);
    slab_destroy(slab);
}

static void slab_gives_all_of_its_region_and_takes_it_back(void **state)
{
    (void)state;
    struct slab *slab = open_slab(1 << 20, 64 * KB);
    void *blocks[16];
    size_t size;
    for (int round = 0; round < 3; round++) {
        for (int index = 0; index < 16; index++) {
            assert_int_equal(slab_allocate(slab, 64 * KB, &blocks[index], &size), STATUS_OK);
            assert_int_equal(size, 64 * KB);
        }
        void *more;
        assert_int_equal(slab_allocate(slab, 64 * KB, &more, &size), STATUS_FULL);
        assert_int_equal(slab_held_bytes(slab), 1 << 20);
        for (int index = 0; index < 16; index++)
            slab_free(slab, blocks[index]);
        assert_int_equal(slab_held_bytes(slab), 0);
    }
    slab_destroy(slab);
}

static void small_blocks_held_everywhere_leave_room_for_a_large_one(void **state)
{
    (void)state;
    struct slab *slab = open_slab(1 << 20, 64 * KB);
    void *block;
    size_t size;
    uint32_t count = 0;
    while (slab_allocate(slab, 1, &block, &size) == STATUS_OK)
        count++;
    assert_int_equal(count, 768); /* a quarter of the region is kept for large blocks */
    for (int index = 0; index < 4; index++)
        assert_int_equal(slab_allocate(slab, 64 * KB, &block, &size), STATUS_OK);
    assert_int_equal(slab_allocate(slab, 64 * KB, &block, &size), STATUS_FULL);
    slab_destroy(slab);
}

struct held {
    unsigned char *bytes;
    size_t size;
    unsigned char mark;
};

static void check_mark(const struct held *held)
{
    for (size_t index = 0; index < held->size; index += 97)
        assert_int_equal(held->bytes[index], held->mark);
    assert_int_equal(held->bytes[held->size - 1], held->mark);
}

static void walk(unsigned seed)
{
    struct slab *slab = open_slab(4 << 20, 256 * KB);
    struct held held[BLOCKS_MAX];
    uint32_t count = 0;
    size_t bytes = 0;
    for (int step = 0; step < STEPS; step++) {
        if (count < BLOCKS_MAX && rand_r(&seed) % 2) {
            size_t wanted = 1 + (size_t)(rand_r(&seed) % KB) * (rand_r(&seed) % 8 ? 4 : 256);
            void *block;
            size_t size;
            if (slab_allocate(slab, wanted, &block, &size) != STATUS_OK)
                continue;
            assert_true(size >= wanted && (uintptr_t)block % SLAB_BLOCK_BYTES_MIN == 0);
            held[count] = (struct held){block, size, (unsigned char)step};
            memset(block, held[count].mark, size);
            bytes += held[count++].size;
        } else if (count > 0) {
            uint32_t index = (uint32_t)rand_r(&seed) % count;
            check_mark(&held[index]);
            bytes -= held[index].size;
            slab_free(slab, held[index].bytes);
            held[index] = held[--count];
        }
        assert_int_equal(slab_held_bytes(slab), bytes);
    }
    while (count > 0)
        slab_free(slab, held[--count].bytes);
    /* All came together again: the largest blocks fit. */
    for (int index = 0; index < 16; index++) {
        void *block;
        size_t size;
        assert_int_equal(slab_allocate(slab, 256 * KB, &block, &size), STATUS_OK);
    }
    slab_destroy(slab);
}

static void blocks_never_overlap_on_random_walks(void **state)
{
    (void)state;
    const char *given = getenv("REDRESS_SEED");
    unsigned first = given ? (unsigned)strtoul(given, NULL, 10) : 1;
    print_message("seeds %u to %u\n", first, first + SEEDS - 1);
    for (unsigned seed = first; seed < first + SEEDS; seed++)
        walk(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slab_refuses_what_cannot_work),
        cmocka_unit_test(slab_gives_all_of_its_region_and_takes_it_back),
        cmocka_unit_test(small_blocks_held_everywhere_leave_room_for_a_large_one),
        cmocka_unit_test(blocks_never_overlap_on_random_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
