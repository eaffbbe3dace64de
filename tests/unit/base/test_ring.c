/** The ring: one producer, one consumer, nothing lost, order kept. */
#include "base/ring.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ITEMS = 200000 };

static void ring_refuses_when_full_and_gives_back_in_order(void **state)
{
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, 3), STATUS_OK);
    char items[5];
    for (int index = 0; index < 4; index++)
        assert_true(ring_push(&ring, &items[index]));
    assert_false(ring_push(&ring, &items[4]));
    assert_int_equal(ring_count(&ring), 4);
    for (int index = 0; index < 4; index++)
        assert_ptr_equal(ring_pop(&ring), &items[index]);
    assert_null(ring_pop(&ring));
    ring_destroy(&ring);
}

static void *push_all(void *argument)
{
    struct ring *ring = argument;
    for (uintptr_t value = 1; value <= ITEMS; value++)
        while (!ring_push(ring, (void *)value))
            sched_yield();
    return NULL;
}

static void ring_keeps_order_between_two_threads(void **state)
{
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, 64), STATUS_OK);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, push_all, &ring), 0);
    for (uintptr_t expected = 1; expected <= ITEMS;) {
        void *item = ring_pop(&ring);
        if (item)
            assert_int_equal((uintptr_t)item, expected++);
        else
            sched_yield();
    }
    pthread_join(producer, NULL);
    ring_destroy(&ring);
}

static void ring_says_when_memory_is_out(void **state)
{
    (void)state;
    struct ring ring;
    memory_fail_after(0);
    assert_int_equal(ring_init(&ring, 8), STATUS_MEMORY);
    memory_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_refuses_when_full_and_gives_back_in_order),
        cmocka_unit_test(ring_keeps_order_between_two_threads),
        cmocka_unit_test(ring_says_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
