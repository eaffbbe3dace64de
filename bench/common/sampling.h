/*
 * What the benches share to measure: a clock of this thread's processor time, a yardstick of known
 * length in cycles, counted allocations, and marks for callgrind.
 *
 * Raw samples are printed, one a round; script/bench makes medians and intervals of them.
 */
#ifndef REDRESS_BENCH_SAMPLING_H
#define REDRESS_BENCH_SAMPLING_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define RUNNING_ON_VALGRIND             0
#define CALLGRIND_START_INSTRUMENTATION ((void)0)
#define CALLGRIND_STOP_INSTRUMENTATION  ((void)0)
#define CALLGRIND_ZERO_STATS            ((void)0)
#define CALLGRIND_DUMP_STATS_AT(name)   ((void)(name))
#endif

enum { SAMPLES_MAX = 1000 };

struct samples {
    double values[SAMPLES_MAX];
    uint32_t count;
};

static inline void samples_add(struct samples *samples, double value)
{
    if (samples->count < SAMPLES_MAX)
        samples->values[samples->count++] = value;
}

static inline void samples_print(const char *key, const struct samples *samples)
{
    printf(",\"%s\":[", key);
    for (uint32_t i = 0; i < samples->count; i++)
        printf("%s%.2f", i ? "," : "", samples->values[i]);
    printf("]");
}

/*
 * Nanoseconds of a chain of additions that takes one cycle each: what turns nanoseconds into cycles
 * where no counter may be read, and how far its rounds lie apart is the noise of the machine.
 */
static inline double yardstick_ns_per_cycle(void)
{
    enum { CYCLES = 1000 * 1000 };
    uint64_t sum = 0;
    uint64_t begin = clock_processor_ns();
#if defined(__x86_64__)
    for (uint32_t i = 0; i < CYCLES; i += 10)
        __asm__ volatile("add $1,%0\nadd $1,%0\nadd $1,%0\nadd $1,%0\nadd $1,%0\n"
                         "add $1,%0\nadd $1,%0\nadd $1,%0\nadd $1,%0\nadd $1,%0\n"
                         : "+r"(sum));
#elif defined(__aarch64__)
    for (uint32_t i = 0; i < CYCLES; i += 10)
        __asm__ volatile("add %0,%0,#1\nadd %0,%0,#1\nadd %0,%0,#1\nadd %0,%0,#1\nadd %0,%0,#1\n"
                         "add %0,%0,#1\nadd %0,%0,#1\nadd %0,%0,#1\nadd %0,%0,#1\nadd %0,%0,#1\n"
                         : "+r"(sum));
#else
#error "no yardstick for this processor"
#endif
    return (double)(clock_processor_ns() - begin) / CYCLES;
}

/** Allocations of this thread since it started, whoever made them. */
uint64_t allocations_count(void);

/** From now on every clock of this process stands still (frozen_clock.c). */
void clock_freeze(void);

#endif
