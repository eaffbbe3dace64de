/** A complaint as the history sees it, for benches that ask it about many customers. */
#ifndef REDRESS_BENCH_HISTORY_CALL_H
#define REDRESS_BENCH_HISTORY_CALL_H

#include "recurrence/history.h"

static const int64_t BEGIN_MS = INT64_C(1700000000000);

/* A number whose bits all depend on all of `value`'s (SplitMix64). */
static inline uint64_t mix(uint64_t value)
{
    value += UINT64_C(0x9E3779B97F4A7C15);
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

/** The call'th one, of a customer by number; the calls are a millisecond apart. */
static inline void history_call(struct history *history, struct message *message, uint64_t customer,
                                uint64_t call)
{
    message->customer_hash = mix(customer);
    message->offset = (int64_t)call;
    message->timestamp_ms = BEGIN_MS + (int64_t)call;
    history_apply(history, message, HISTORY_WHOLE, message->timestamp_ms, &message->recurrence);
}

#endif
