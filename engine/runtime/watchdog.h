/**
 * Names the thread or the partition that no longer moves: one log line when it stalls, one when it
 * moves again, a metric and a reason in /healthz in between.
 *
 *   thread:   heartbeat_beat() once a round; heartbeat_park() before it sleeps for want of work
 *   control:  watchdog_step() and watchdog_see_partition() about once a second
 *
 * A parked thread is never stuck: nobody rang, so there is nothing to do. A partition is stuck when
 * it has work (messages held, or records that wait) and nothing was received or ended for too long.
 *
 * Threads: add before they start; beat and park by the thread itself; step, see and forget by
 *          control; report and the readers by anybody.
 */
#ifndef REDRESS_RUNTIME_WATCHDOG_H
#define REDRESS_RUNTIME_WATCHDOG_H

#include "runtime/health.h"

#include <redress/limits.h>

#include <stdalign.h>
#include <stdatomic.h>

enum { WATCHDOG_THREADS_MAX = WORKERS_MAX + 8, WATCHDOG_NAME_BYTES = 24 };

/** Written by one thread, on a cache line of its own. Odd: parked. */
struct heartbeat {
    alignas(64) _Atomic uint64_t beats;
};

struct watchdog;

NODISCARD enum redress_status watchdog_create(uint64_t stalled_ns, struct watchdog **out);
void watchdog_destroy(struct watchdog *watchdog);

/** The heartbeat of a new thread, parked until its first beat. It lives as long as the watchdog. */
struct heartbeat *watchdog_add_thread(struct watchdog *watchdog, const char *name);

/** Once a round of the thread's loop. */
static inline void heartbeat_beat(struct heartbeat *heartbeat)
{
    /* Relaxed, here and in the watchdog: only change matters, and nothing hangs on the order. */
    uint64_t beats = atomic_load_explicit(&heartbeat->beats, memory_order_relaxed);
    atomic_store_explicit(&heartbeat->beats, (beats | 1) + 1, memory_order_relaxed);
}

/** Before sleeping without work, and when the thread ends. The next beat takes it back. */
static inline void heartbeat_park(struct heartbeat *heartbeat)
{
    uint64_t beats = atomic_load_explicit(&heartbeat->beats, memory_order_relaxed);
    atomic_store_explicit(&heartbeat->beats, beats | 1, memory_order_relaxed);
}

/** Looks at every thread. */
void watchdog_step(struct watchdog *watchdog, uint64_t now_ns);

/** What is known of one partition, for watchdog_see_partition(). */
struct watchdog_partition {
    uint32_t slot;     /* < PARTITIONS_MAX */
    const char *topic; /* lives as long as the watchdog */
    int32_t partition;
    bool has_work;
    bool not_read; /* back-pressure holds it: said in the reason */
    uint64_t progress_ns;
};

void watchdog_see_partition(struct watchdog *watchdog, const struct watchdog_partition *seen,
                            uint64_t now_ns);
/** The partition is no longer ours. */
void watchdog_forget_partition(struct watchdog *watchdog, uint32_t slot);

unsigned watchdog_thread_count(const struct watchdog *watchdog);
const char *watchdog_thread_name(const struct watchdog *watchdog, unsigned index);
/** Nanoseconds since the thread was last seen to move; 0 while it is parked. */
uint64_t watchdog_thread_silence_ns(const struct watchdog *watchdog, unsigned index);
unsigned watchdog_stuck_threads(const struct watchdog *watchdog);
unsigned watchdog_stuck_partitions(const struct watchdog *watchdog);

/** A health_check: context is the watchdog. */
void watchdog_report(void *watchdog, struct health_report *report);

#endif
