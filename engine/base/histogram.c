#include "base/histogram.h"

#include "base/memory.h"

enum redress_status histogram_create(struct histogram **out)
{
    *out = memory_allocate(sizeof **out);
    return *out ? STATUS_OK : STATUS_MEMORY;
}

void histogram_destroy(struct histogram *histogram)
{
    memory_free(histogram);
}

uint64_t histogram_bucket_max(unsigned bucket)
{
    if (bucket < 2 * HISTOGRAM_STEPS)
        return bucket;
    unsigned shift = bucket / HISTOGRAM_STEPS - 1;
    uint64_t lead = HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS;
    return ((lead + 1) << shift) - 1;
}

void histogram_add(const struct histogram *histogram, struct histogram_sum *sum)
{
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        uint64_t count = atomic_load_explicit(&histogram->buckets[bucket], memory_order_relaxed);
        sum->buckets[bucket] += count;
        sum->count += count;
    }
    sum->sum += atomic_load_explicit(&histogram->sum, memory_order_relaxed);
}

uint64_t histogram_quantile(const struct histogram_sum *sum, double share)
{
    double wanted = share * (double)sum->count;
    uint64_t seen = 0;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += sum->buckets[bucket];
        if (seen > 0 && (double)seen >= wanted)
            return histogram_bucket_max(bucket);
    }
    return 0;
}

uint64_t histogram_count_up_to(const struct histogram_sum *sum, uint64_t value)
{
    uint64_t count = 0;
    for (unsigned bucket = 0; bucket <= histogram_bucket(value); bucket++)
        count += sum->buckets[bucket];
    return count;
}
