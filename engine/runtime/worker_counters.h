/**
 * What one worker has counted. It alone writes; whoever scrapes sums over the workers.
 *
 * Relaxed everywhere: each count is right by itself, together they are no snapshot.
 */
#ifndef REDRESS_RUNTIME_WORKER_COUNTERS_H
#define REDRESS_RUNTIME_WORKER_COUNTERS_H

#include <redress/message.h>

#include <stdatomic.h>

struct worker_counters {
    _Atomic uint64_t judged; /* messages that got a verdict */
    _Atomic uint64_t by_channel[CHANNELS_MAX];
    _Atomic uint64_t by_language[LANGUAGE_COUNT];
    _Atomic uint64_t by_severity[SEVERITY_COUNT];
    _Atomic uint64_t urgent;
    _Atomic uint64_t undecided;
    _Atomic uint64_t raised; /* revision 1: history raised care */
    _Atomic uint64_t redelivered;
    _Atomic uint64_t queued;           /* stood in shared memory */
    _Atomic uint64_t queue_overflowed; /* ring full: in the topic only, until the refill */
    _Atomic uint64_t queue_duplicates; /* stood there already */
};

static inline void worker_count_add(_Atomic uint64_t *counter, uint64_t amount)
{
    /* One writer, so a load and a store are enough: no locked instruction a message. */
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + amount, memory_order_relaxed);
}

static inline uint64_t worker_count(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
