/**
 * Wakes one thread that waits for work on any number of rings, and costs its ringers no system call
 * while that thread is awake.
 *
 *   waiter:  doorbell_prepare(); look at every ring once more; nothing? doorbell_wait();
 *            doorbell_finish()
 *
 *   ringer:  ring_push(); doorbell_ring()
 *
 * The waiter says that it will sleep before it looks a last time; the ringer pushes before it looks
 * whether somebody sleeps. Both put a full fence between, so one of them always sees the other.
 *
 * Threads: one waiter, any number of ringers. fd may be given to poll(2), epoll or io_uring.
 */
#ifndef REDRESS_BASE_DOORBELL_H
#define REDRESS_BASE_DOORBELL_H

#include <redress/status.h>

#include <stdalign.h>
#include <stdatomic.h>

struct doorbell {
    alignas(64) atomic_bool waiting;
    int fd; /* an eventfd */
};

NODISCARD enum redress_status doorbell_open(struct doorbell *doorbell);
void doorbell_close(struct doorbell *doorbell);

/** Writes the eventfd whatever the waiter does: for signal handlers and the control thread. */
void doorbell_wake(struct doorbell *doorbell);

static inline void doorbell_ring(struct doorbell *doorbell)
{
    atomic_thread_fence(memory_order_seq_cst); /* pairs with the fence in doorbell_prepare */
    if (atomic_load_explicit(&doorbell->waiting, memory_order_relaxed))
        doorbell_wake(doorbell);
}

static inline void doorbell_prepare(struct doorbell *doorbell)
{
    atomic_store_explicit(&doorbell->waiting, true, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst); /* pairs with the fence in doorbell_ring */
}

/** Sleeps until the bell rings or timeout_us is over (negative: no bound); takes the ring off. */
void doorbell_wait(struct doorbell *doorbell, int64_t timeout_us);

static inline void doorbell_finish(struct doorbell *doorbell)
{
    atomic_store_explicit(&doorbell->waiting, false, memory_order_relaxed);
}

#endif
