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
 * whether somebody sleeps. Both do so by a read-modify-write of the same word, and one of the two
 * comes first: either the ringer sees that somebody sleeps, or the waiter sees what was pushed.
 * (Two fences would do as well, but ThreadSanitizer does not know fences.)
 *
 * Threads: one waiter, any number of ringers. fd may be given to poll(2), epoll or io_uring.
 */
#ifndef REDRESS_BASE_DOORBELL_H
#define REDRESS_BASE_DOORBELL_H

#include <redress/status.h>

#include <stdalign.h>
#include <stdatomic.h>

struct doorbell {
    alignas(64) _Atomic uint32_t waiting; /* 1 while the waiter sleeps or is about to */
    int fd;                               /* an eventfd */
};

NODISCARD enum redress_status doorbell_open(struct doorbell *doorbell);
void doorbell_close(struct doorbell *doorbell);

/** Writes the eventfd whatever the waiter does: for signal handlers and the control thread. */
void doorbell_wake(struct doorbell *doorbell);

static inline void doorbell_ring(struct doorbell *doorbell)
{
    /* Pairs with the exchange in doorbell_prepare; adds nothing, but takes its turn among them. */
    if (atomic_fetch_add_explicit(&doorbell->waiting, 0, memory_order_acq_rel) != 0)
        doorbell_wake(doorbell);
}

static inline void doorbell_prepare(struct doorbell *doorbell)
{
    /* Pairs with the addition in doorbell_ring. */
    (void)atomic_exchange_explicit(&doorbell->waiting, 1, memory_order_acq_rel);
}

/** Sleeps until the bell rings or timeout_us is over (negative: no bound); takes the ring off. */
void doorbell_wait(struct doorbell *doorbell, int64_t timeout_us);

static inline void doorbell_finish(struct doorbell *doorbell)
{
    /* Relaxed: who still reads 1 wakes us once too often. */
    atomic_store_explicit(&doorbell->waiting, 0, memory_order_relaxed);
}

#endif
