/*
 * Goal: no ring of the bell is ever lost, however the waiter's last look and the ringer's push fall
 * together; and a bell that nobody waits for costs no system call.
 *
 * Method: a waiter that sleeps without a timer of its own takes items that two ringers push one at
 * a time. The wait has a bound of seconds, far above any real one: reaching it once is the failure.
 */
#include "base/doorbell.h"

#include "base/ring.h"
#include "support/random.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <poll.h>

enum { ITEMS_EACH = 20000, RINGERS = 2, LOST_AFTER_US = 20 * 1000 * 1000 };

struct ringer {
    struct doorbell *doorbell;
    struct ring ring;
    uint32_t seed;
};

static void *push_and_ring(void *context)
{
    struct ringer *ringer = context;
    uint64_t state = ringer->seed;
    for (uintptr_t item = 1; item <= ITEMS_EACH; item++) {
        while (!ring_push(&ringer->ring, (void *)item))
            ;
        doorbell_ring(ringer->doorbell);
        /* A pause of varying length, so that the waiter falls asleep at every possible moment. */
        for (volatile uint32_t spin = random_below(&state, 1024); spin > 0; spin--)
            ;
    }
    return NULL;
}

static uint32_t take_all(struct ringer *ringers, uintptr_t *last)
{
    uint32_t taken = 0;
    for (int index = 0; index < RINGERS; index++)
        for (void *item; (item = ring_pop(&ringers[index].ring)) != NULL; taken++) {
            assert_int_equal((uintptr_t)item, last[index] + 1);
            last[index] = (uintptr_t)item;
        }
    return taken;
}

static void a_waiter_sees_every_item_of_every_ringer(void **state)
{
    (void)state;
    struct doorbell doorbell;
    assert_int_equal(doorbell_open(&doorbell), STATUS_OK);
    struct ringer ringers[RINGERS];
    pthread_t threads[RINGERS];
    uintptr_t last[RINGERS] = {0};
    for (int index = 0; index < RINGERS; index++) {
        ringers[index].doorbell = &doorbell;
        ringers[index].seed = (uint32_t)index + 7;
        assert_int_equal(ring_init(&ringers[index].ring, 64), STATUS_OK);
        assert_int_equal(pthread_create(&threads[index], NULL, push_and_ring, &ringers[index]), 0);
    }
    uint32_t taken = 0;
    while (taken < RINGERS * ITEMS_EACH) {
        doorbell_prepare(&doorbell);
        uint32_t now = take_all(ringers, last);
        taken += now;
        if (now == 0) {
            struct timespec begin;
            struct timespec end;
            clock_gettime(CLOCK_MONOTONIC, &begin);
            doorbell_wait(&doorbell, LOST_AFTER_US);
            clock_gettime(CLOCK_MONOTONIC, &end);
            assert_true(end.tv_sec - begin.tv_sec < LOST_AFTER_US / 1000000);
        }
        doorbell_finish(&doorbell);
    }
    for (int index = 0; index < RINGERS; index++) {
        assert_int_equal(pthread_join(threads[index], NULL), 0);
        ring_destroy(&ringers[index].ring);
    }
    doorbell_close(&doorbell);
}

static bool is_readable(const struct doorbell *doorbell)
{
    struct pollfd polled = {.fd = doorbell->fd, .events = POLLIN};
    return poll(&polled, 1, 0) == 1;
}

static void a_bell_that_nobody_waits_for_writes_nothing(void **state)
{
    (void)state;
    struct doorbell doorbell;
    assert_int_equal(doorbell_open(&doorbell), STATUS_OK);
    doorbell_ring(&doorbell);
    assert_false(is_readable(&doorbell));
    doorbell_prepare(&doorbell);
    doorbell_ring(&doorbell);
    assert_true(is_readable(&doorbell));
    doorbell_wait(&doorbell, -1); /* returns at once: the bell has rung */
    doorbell_finish(&doorbell);
    assert_false(is_readable(&doorbell));
    doorbell_ring(&doorbell);
    assert_false(is_readable(&doorbell));
    doorbell_wake(&doorbell); /* whatever the waiter does */
    assert_true(is_readable(&doorbell));
    doorbell_close(&doorbell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_waiter_sees_every_item_of_every_ringer),
        cmocka_unit_test(a_bell_that_nobody_waits_for_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
