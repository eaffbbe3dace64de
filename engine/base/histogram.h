/**
 * Counts durations in buckets whose width is an eighth of their size: quantiles right to 12.5 %
 * from one nanosecond to centuries, in 4 KB.
 *
 * Threads: one writer; any number of readers, each count right by itself.
 */
#ifndef REDRESS_BASE_HISTOGRAM_H
#define REDRESS_BASE_HISTOGRAM_H

#include <redress/status.h>

#include <stdatomic.h>

enum { HISTOGRAM_STEPS = 8, HISTOGRAM_BUCKETS = 64 * HISTOGRAM_STEPS };

struct histogram {
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum;
};

/** A plain copy to add up several writers' histograms in. */
struct histogram_sum {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t sum;
    uint64_t count;
};

NODISCARD enum redress_status histogram_create(struct histogram **out);
void histogram_destroy(struct histogram *histogram);

/** The bucket of a value, and the largest value of a bucket. */
static inline unsigned histogram_bucket(uint64_t value)
{
    if (value < HISTOGRAM_STEPS)
        return (unsigned)value;
    unsigned exponent = 63 - (unsigned)__builtin_clzll(value); /* >= 3 */
    return (exponent - 2) * HISTOGRAM_STEPS + (unsigned)(value >> (exponent - 3)) % HISTOGRAM_STEPS;
}

uint64_t histogram_bucket_max(unsigned bucket);

static inline void histogram_record(struct histogram *histogram, uint64_t value)
{
    /* Relaxed and without a locked instruction: there is one writer. */
    _Atomic uint64_t *bucket = &histogram->buckets[histogram_bucket(value)];
    uint64_t count = atomic_load_explicit(bucket, memory_order_relaxed);
    atomic_store_explicit(bucket, count + 1, memory_order_relaxed);
    uint64_t sum = atomic_load_explicit(&histogram->sum, memory_order_relaxed);
    atomic_store_explicit(&histogram->sum, sum + value, memory_order_relaxed);
}

void histogram_add(const struct histogram *histogram, struct histogram_sum *sum);

/** The value that a share of all (0 to 1) does not exceed; 0 where there is none. */
uint64_t histogram_quantile(const struct histogram_sum *sum, double share);
/** How many values do not exceed `value`, to the bucket's precision. */
uint64_t histogram_count_up_to(const struct histogram_sum *sum, uint64_t value);

#endif
