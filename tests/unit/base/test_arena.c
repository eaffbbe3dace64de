/** The arena: what it gives out is zeroed, aligned, apart from its neighbours, and freed whole. */
#include "base/arena.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void blocks_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena = {0};
    unsigned char *pieces[400];
    for (size_t index = 0; index < 400; index++) {
        size_t size = index * 7;
        pieces[index] = arena_allocate(&arena, size);
        assert_non_null(pieces[index]);
        assert_int_equal((uintptr_t)pieces[index] % alignof(max_align_t), 0);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(pieces[index][at], 0);
        memset(pieces[index], (int)(index & 0xff), size);
    }
    for (size_t index = 0; index < 400; index++)
        for (size_t at = 0; at < index * 7; at++)
            assert_int_equal(pieces[index][at], index & 0xff);
    arena_free(&arena);
    assert_int_equal(arena.held_bytes, 0);
}

static void text_is_copied_with_its_end(void **state)
{
    (void)state;
    struct arena arena = {0};
    char *copy = arena_copy_text(&arena, "gas leak", 3);
    assert_string_equal(copy, "gas");
    assert_string_equal(arena_copy_text(&arena, NULL, 0), "");
    arena_free(&arena);
}

static void overflow_and_missing_memory_are_answered_with_null(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_null(arena_allocate_array(&arena, SIZE_MAX / 2, 4));
    assert_null(arena_allocate(&arena, SIZE_MAX - 4));
    memory_fail_after(0);
    assert_null(arena_allocate(&arena, 8));
    memory_fail_after(-1);
    assert_non_null(arena_allocate(&arena, 8));
    arena_free(&arena);
}

static void lack_of_memory_is_remembered(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct arena arena = {0};
        assert_non_null(arena_allocate(&arena, 1));
        assert_false(arena.is_out_of_memory);
        memory_fail_after(0);
        if (way == 0)
            assert_null(arena_allocate(&arena, 1024 * 1024));
        else if (way == 1)
            assert_null(arena_allocate(&arena, SIZE_MAX));
        else
            assert_null(arena_allocate_array(&arena, SIZE_MAX, 2));
        memory_fail_after(-1);
        assert_true(arena.is_out_of_memory);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(text_is_copied_with_its_end),
        cmocka_unit_test(overflow_and_missing_memory_are_answered_with_null),
        cmocka_unit_test(lack_of_memory_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
