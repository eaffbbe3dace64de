#include "runtime/watchdog.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>

/* Control writes, anybody reads: all words are relaxed, because each is right by itself. */
struct watched_thread {
    char name[WATCHDOG_NAME_BYTES];
    struct heartbeat *heartbeat;
    uint64_t beats_seen; /* control's own */
    uint64_t moved_ns;   /* control's own: when beats last changed or it was parked */
    _Atomic uint64_t silence_ns;
    atomic_bool stuck;
};

struct watched_partition {
    _Atomic(const char *) topic; /* set before stuck, which is read with acquire */
    _Atomic int32_t partition;
    _Atomic uint64_t silence_ns;
    atomic_bool stuck;
    atomic_bool not_read;
};

struct watchdog {
    struct heartbeat heartbeats[WATCHDOG_THREADS_MAX];
    struct watched_thread threads[WATCHDOG_THREADS_MAX];
    unsigned thread_count;
    uint64_t stalled_ns;
    _Atomic uint32_t stuck_threads;
    _Atomic uint32_t stuck_partitions;
    struct watched_partition partitions[PARTITIONS_MAX];
};

enum redress_status watchdog_create(uint64_t stalled_ns, struct watchdog **out)
{
    ASSERT(stalled_ns > 0);
    struct watchdog *watchdog = memory_map(sizeof *watchdog); /* for the heartbeats' alignment */
    if (!watchdog)
        return STATUS_MEMORY;
    watchdog->stalled_ns = stalled_ns;
    *out = watchdog;
    return STATUS_OK;
}

void watchdog_destroy(struct watchdog *watchdog)
{
    memory_unmap(watchdog, sizeof *watchdog);
}

struct heartbeat *watchdog_add_thread(struct watchdog *watchdog, const char *name)
{
    ASSERT(watchdog->thread_count < WATCHDOG_THREADS_MAX);
    unsigned index = watchdog->thread_count++;
    struct watched_thread *thread = &watchdog->threads[index];
    snprintf(thread->name, sizeof thread->name, "%s", name);
    thread->heartbeat = &watchdog->heartbeats[index];
    heartbeat_park(thread->heartbeat);
    return thread->heartbeat;
}

static void set_thread_stuck(struct watchdog *watchdog, struct watched_thread *thread, bool stuck,
                             uint64_t silence_ns)
{
    if (atomic_exchange_explicit(&thread->stuck, stuck, memory_order_relaxed) == stuck)
        return;
    if (stuck) {
        atomic_fetch_add_explicit(&watchdog->stuck_threads, 1, memory_order_relaxed);
        LOG_ERROR("a thread is stuck", log_text("thread", thread->name),
                  log_integer("silent_ms", (int64_t)(silence_ns / NS_PER_MS)));
    } else {
        atomic_fetch_sub_explicit(&watchdog->stuck_threads, 1, memory_order_relaxed);
        LOG_INFO("a stuck thread moves again", log_text("thread", thread->name));
    }
}

static void look_at_thread(struct watchdog *watchdog, struct watched_thread *thread,
                           uint64_t now_ns)
{
    uint64_t beats = atomic_load_explicit(&thread->heartbeat->beats, memory_order_relaxed);
    bool parked = beats & 1;
    if (parked || beats != thread->beats_seen || !thread->moved_ns)
        thread->moved_ns = now_ns;
    thread->beats_seen = beats;
    uint64_t silence_ns = now_ns > thread->moved_ns ? now_ns - thread->moved_ns : 0;
    atomic_store_explicit(&thread->silence_ns, silence_ns, memory_order_relaxed);
    set_thread_stuck(watchdog, thread, silence_ns >= watchdog->stalled_ns, silence_ns);
}

void watchdog_step(struct watchdog *watchdog, uint64_t now_ns)
{
    for (unsigned index = 0; index < watchdog->thread_count; index++)
        look_at_thread(watchdog, &watchdog->threads[index], now_ns);
}

static void set_partition_stuck(struct watchdog *watchdog, struct watched_partition *partition,
                                bool stuck, uint64_t silence_ns)
{
    /* Release: pairs with the acquire in report_partitions, so that the topic is there to be read.
     */
    if (atomic_exchange_explicit(&partition->stuck, stuck, memory_order_release) == stuck)
        return;
    const char *topic = atomic_load_explicit(&partition->topic, memory_order_relaxed);
    int32_t number = atomic_load_explicit(&partition->partition, memory_order_relaxed);
    bool not_read = atomic_load_explicit(&partition->not_read, memory_order_relaxed);
    if (stuck) {
        atomic_fetch_add_explicit(&watchdog->stuck_partitions, 1, memory_order_relaxed);
        LOG_ERROR("a partition is stuck", log_text("topic", topic),
                  log_integer("partition", number),
                  log_integer("silent_ms", (int64_t)(silence_ns / NS_PER_MS)),
                  log_text("held_back", not_read ? "yes" : "no"));
    } else {
        atomic_fetch_sub_explicit(&watchdog->stuck_partitions, 1, memory_order_relaxed);
        LOG_INFO("a stuck partition is no longer stuck", log_text("topic", topic),
                 log_integer("partition", number));
    }
}

void watchdog_see_partition(struct watchdog *watchdog, const struct watchdog_partition *seen,
                            uint64_t now_ns)
{
    ASSERT(seen->slot < PARTITIONS_MAX && seen->topic);
    struct watched_partition *partition = &watchdog->partitions[seen->slot];
    uint64_t silence_ns = now_ns > seen->progress_ns ? now_ns - seen->progress_ns : 0;
    if (!seen->has_work)
        silence_ns = 0;
    atomic_store_explicit(&partition->topic, seen->topic, memory_order_relaxed);
    atomic_store_explicit(&partition->partition, seen->partition, memory_order_relaxed);
    atomic_store_explicit(&partition->not_read, seen->not_read, memory_order_relaxed);
    atomic_store_explicit(&partition->silence_ns, silence_ns, memory_order_relaxed);
    set_partition_stuck(watchdog, partition, silence_ns >= watchdog->stalled_ns, silence_ns);
}

void watchdog_forget_partition(struct watchdog *watchdog, uint32_t slot)
{
    ASSERT(slot < PARTITIONS_MAX);
    set_partition_stuck(watchdog, &watchdog->partitions[slot], false, 0);
}

unsigned watchdog_thread_count(const struct watchdog *watchdog)
{
    return watchdog->thread_count;
}

const char *watchdog_thread_name(const struct watchdog *watchdog, unsigned index)
{
    ASSERT(index < watchdog->thread_count);
    return watchdog->threads[index].name;
}

uint64_t watchdog_thread_silence_ns(const struct watchdog *watchdog, unsigned index)
{
    ASSERT(index < watchdog->thread_count);
    return atomic_load_explicit(&watchdog->threads[index].silence_ns, memory_order_relaxed);
}

unsigned watchdog_stuck_threads(const struct watchdog *watchdog)
{
    return atomic_load_explicit(&watchdog->stuck_threads, memory_order_relaxed);
}

unsigned watchdog_stuck_partitions(const struct watchdog *watchdog)
{
    return atomic_load_explicit(&watchdog->stuck_partitions, memory_order_relaxed);
}

static unsigned seconds_of(const _Atomic uint64_t *silence_ns)
{
    return (unsigned)(atomic_load_explicit(silence_ns, memory_order_relaxed) / NS_PER_S);
}

static void report_partitions(const struct watchdog *watchdog, struct health_report *report)
{
    for (uint32_t slot = 0; slot < PARTITIONS_MAX; slot++) {
        const struct watched_partition *partition = &watchdog->partitions[slot];
        /* Acquire: pairs with the release in set_partition_stuck. */
        if (!atomic_load_explicit(&partition->stuck, memory_order_acquire))
            continue;
        bool not_read = atomic_load_explicit(&partition->not_read, memory_order_relaxed);
        health_add(report, "partition %d of %.120s has made no progress for %u s%s",
                   atomic_load_explicit(&partition->partition, memory_order_relaxed),
                   atomic_load_explicit(&partition->topic, memory_order_relaxed),
                   seconds_of(&partition->silence_ns), not_read ? ", held by back-pressure" : "");
    }
}

void watchdog_report(void *context, struct health_report *report)
{
    const struct watchdog *watchdog = context;
    for (unsigned index = 0; index < watchdog->thread_count; index++) {
        const struct watched_thread *thread = &watchdog->threads[index];
        if (atomic_load_explicit(&thread->stuck, memory_order_relaxed))
            health_add(report, "the thread %s has been stuck for %u s", thread->name,
                       seconds_of(&thread->silence_ns));
    }
    report_partitions(watchdog, report);
}
