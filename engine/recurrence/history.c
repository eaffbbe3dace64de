#include "recurrence/history.h"

#include "base/assert.h"
#include "base/memory.h"

#include <stdatomic.h>

enum { WINDOW_1H, WINDOW_1D, WINDOW_7D, WINDOW_30D, WINDOW_COUNT };

enum {
    MS_PER_MINUTE = 60 * 1000,
    MS_PER_HOUR = 60 * MS_PER_MINUTE,
    BUCKETS_1H = 7,
    BUCKETS_1D = 13,
    BUCKETS_7D = 15,
    BUCKETS_30D = 9,
    BUCKETS = BUCKETS_1H + BUCKETS_1D + BUCKETS_7D + BUCKETS_30D
};

/* Each window is one bucket shorter than its ring. */
static const struct window {
    int64_t bucket_ms;
    uint32_t buckets;
    uint32_t first; /* in customer.counts */
} windows[WINDOW_COUNT] = {
    [WINDOW_1H] = {10 * MS_PER_MINUTE, BUCKETS_1H, 0},
    [WINDOW_1D] = {2 * MS_PER_HOUR, BUCKETS_1D, BUCKETS_1H},
    [WINDOW_7D] = {12 * MS_PER_HOUR, BUCKETS_7D, BUCKETS_1H + BUCKETS_1D},
    [WINDOW_30D] = {90 * MS_PER_HOUR, BUCKETS_30D, BUCKETS_1H + BUCKETS_1D + BUCKETS_7D},
};

struct customer {
    uint64_t hash;          /* 0: the place is free */
    int64_t newest_ms;      /* the newest complaint; the rings end at its bucket */
    uint32_t before_newest; /* Unix seconds of the second newest; 0 where there is none */
    uint8_t counts[BUCKETS];
};
static_assert(sizeof(struct customer) == 64, "a customer is one cache line");

struct history {
    struct customer *customers;
    uint64_t mask;
    int64_t repeat_window_ms;
    struct {
        int64_t last_offset;         /* applied; -1: none yet */
        int64_t newest_timestamp_ms; /* of those applied */
    } partitions[PARTITIONS_MAX];
    /* Written by the owner with relaxed loads and stores, read relaxed by history_stats(). */
    struct {
        _Atomic uint64_t customers;
        _Atomic uint64_t evictions;
        _Atomic uint64_t complaints;
        _Atomic uint64_t redelivered;
    } stats;
};

static void count_one(_Atomic uint64_t *count)
{
    uint64_t value = atomic_load_explicit(count, memory_order_relaxed); /* we alone write it */
    atomic_store_explicit(count, value + 1, memory_order_relaxed); /* pairs with history_stats */
}

/* A quarter more places than customers, in a power of two. */
static uint64_t places_for(uint64_t customers_max)
{
    uint64_t places = HISTORY_PROBE_SLOTS;
    while (places < customers_max + customers_max / 4)
        places *= 2;
    return places;
}

size_t history_plan_bytes(const struct history_settings *settings)
{
    return places_for(settings->customers_max) * sizeof(struct customer) + sizeof(struct history);
}

enum redress_status history_create(const struct history_settings *settings, struct history **out)
{
    ASSERT(settings->customers_max <= UINT64_C(1) << 31 && settings->repeat_window_ms >= 0);
    *out = NULL;
    struct history *history = memory_allocate(sizeof *history);
    if (!history)
        return STATUS_MEMORY;
    uint64_t places = places_for(settings->customers_max);
    history->customers = memory_map_table(places * sizeof *history->customers);
    if (!history->customers) {
        memory_free(history);
        return STATUS_MEMORY;
    }
    /* Customers are spread over all of it: the first thousands would each wait for a page. */
    memory_populate(history->customers, places * sizeof *history->customers);
    history->mask = places - 1;
    history->repeat_window_ms =
        settings->repeat_window_ms ? settings->repeat_window_ms : HISTORY_REPEAT_WINDOW_MS_DEFAULT;
    for (uint32_t slot = 0; slot < PARTITIONS_MAX; slot++)
        history_forget_partition(history, slot);
    *out = history;
    return STATUS_OK;
}

void history_destroy(struct history *history)
{
    if (!history)
        return;
    memory_unmap(history->customers, (history->mask + 1) * sizeof *history->customers);
    memory_free(history);
}

/* By the high half: the low bits have chosen the owner already. */
static uint64_t home_of(const struct history *history, uint64_t hash)
{
    return (hash >> 32) & history->mask;
}

void history_prefetch(const struct history *history, uint64_t customer_hash)
{
    enum { WRITTEN = 1 };
    __builtin_prefetch(&history->customers[home_of(history, customer_hash)], WRITTEN);
}

/* The customer's entry, or the free place or the oldest entry that it would take. */
static struct customer *find_place(const struct history *history, uint64_t hash)
{
    struct customer *oldest = NULL;
    for (uint64_t probe = 0; probe < HISTORY_PROBE_SLOTS; probe++) {
        struct customer *customer =
            &history->customers[(home_of(history, hash) + probe) & history->mask];
        if (customer->hash == hash || customer->hash == 0)
            return customer;
        if (!oldest || customer->newest_ms < oldest->newest_ms)
            oldest = customer;
    }
    return oldest;
}

static uint8_t *bucket_of(struct customer *customer, const struct window *window, int64_t number)
{
    return &customer->counts[window->first + (uint64_t)number % window->buckets];
}

/* Complaints in the window that ends at as_of_ms, which is not before the newest one. Inlined with
 * each window's constants: divisions by them are multiplications then. */
static inline __attribute__((always_inline)) uint32_t
count_window(const struct customer *customer, const struct window *window, int64_t as_of_ms)
{
    int64_t last = customer->newest_ms / window->bucket_ms;
    int64_t first = as_of_ms / window->bucket_ms - (int64_t)window->buckets + 1;
    uint32_t sum = 0;
    if (first == last - (int64_t)window->buckets + 1) { /* the whole ring, in whatever order */
        for (uint32_t slot = 0; slot < window->buckets; slot++)
            sum += customer->counts[window->first + slot];
        return sum;
    }
    for (int64_t number = first < 0 ? 0 : first; number <= last; number++)
        sum += customer->counts[window->first + (uint64_t)number % window->buckets];
    return sum;
}

/* Moves the ring's end to the bucket of new_ms; buckets that come round again start at 0. */
static inline __attribute__((always_inline)) void
advance_window(struct customer *customer, const struct window *window, int64_t new_ms)
{
    int64_t last = new_ms / window->bucket_ms;
    int64_t number = customer->newest_ms / window->bucket_ms + 1;
    if (number < last - (int64_t)window->buckets + 1)
        number = last - (int64_t)window->buckets + 1;
    for (; number <= last; number++)
        *bucket_of(customer, window, number) = 0;
}

static inline __attribute__((always_inline)) void
add_to_window(struct customer *customer, const struct window *window, int64_t time_ms)
{
    int64_t number = time_ms / window->bucket_ms;
    int64_t first = customer->newest_ms / window->bucket_ms - (int64_t)window->buckets + 1;
    if (number < first)
        return; /* too late to count in this window */
    uint8_t *count = bucket_of(customer, window, number);
    if (*count < HISTORY_BUCKET_COUNT_MAX)
        ++*count;
}

static void add_complaint(struct customer *customer, int64_t time_ms)
{
    uint32_t earlier_s = (uint32_t)(time_ms / 1000);
    if (time_ms >= customer->newest_ms) {
        for (unsigned window = 0; window < WINDOW_COUNT; window++)
            advance_window(customer, &windows[window], time_ms);
        earlier_s = (uint32_t)(customer->newest_ms / 1000);
        customer->newest_ms = time_ms;
    }
    if (earlier_s > customer->before_newest)
        customer->before_newest = earlier_s;
    for (unsigned window = 0; window < WINDOW_COUNT; window++)
        add_to_window(customer, &windows[window], time_ms);
}

static void start_entry(struct history *history, struct customer *customer, uint64_t hash,
                        int64_t time_ms)
{
    count_one(customer->hash == 0 ? &history->stats.customers : &history->stats.evictions);
    *customer = (struct customer){.hash = hash, .newest_ms = time_ms};
    for (unsigned window = 0; window < WINDOW_COUNT; window++)
        add_to_window(customer, &windows[window], time_ms);
}

static void read_counts(struct customer *customer, int64_t as_of_ms, struct recurrence *out)
{
    out->complaints_1h = count_window(customer, &windows[WINDOW_1H], as_of_ms);
    out->complaints_1d = count_window(customer, &windows[WINDOW_1D], as_of_ms);
    out->complaints_7d = count_window(customer, &windows[WINDOW_7D], as_of_ms);
    out->complaints_30d = count_window(customer, &windows[WINDOW_30D], as_of_ms);
    out->last_complaint_ms = customer->newest_ms;
}

static void take_one_off(uint32_t *count, const struct window *window, int64_t time_ms,
                         int64_t as_of_ms)
{
    int64_t first = as_of_ms / window->bucket_ms - (int64_t)window->buckets + 1;
    if (*count > 0 && time_ms / window->bucket_ms >= first)
        --*count;
}

/* The message's own complaint is among the counts, from its first delivery. */
static void take_own_off(const struct customer *customer, int64_t time_ms, int64_t as_of_ms,
                         struct recurrence *out)
{
    take_one_off(&out->complaints_1h, &windows[WINDOW_1H], time_ms, as_of_ms);
    take_one_off(&out->complaints_1d, &windows[WINDOW_1D], time_ms, as_of_ms);
    take_one_off(&out->complaints_7d, &windows[WINDOW_7D], time_ms, as_of_ms);
    take_one_off(&out->complaints_30d, &windows[WINDOW_30D], time_ms, as_of_ms);
    if (time_ms == customer->newest_ms)
        out->last_complaint_ms =
            customer->before_newest ? (int64_t)customer->before_newest * 1000 : -1;
}

/* Before or after: of two complaints the one that arrives second is the repeat. */
static bool is_repeat(const struct history *history, int64_t time_ms, int64_t other_ms)
{
    if (other_ms < 0)
        return false;
    int64_t apart_ms = time_ms > other_ms ? time_ms - other_ms : other_ms - time_ms;
    return apart_ms <= history->repeat_window_ms;
}

static int64_t event_time(const struct message *message, int64_t now_ms)
{
    int64_t latest_ms = now_ms + HISTORY_FUTURE_MS_MAX;
    int64_t time_ms = message->timestamp_ms < 0 ? now_ms : message->timestamp_ms;
    return time_ms < latest_ms ? time_ms : latest_ms;
}

/* True where the message was applied before; otherwise it is from now on. What was applied has no
 * later timestamp than the newest applied: a later one with an old offset means that the topic was
 * made anew and counts from 0 again. */
static bool apply_offset(struct history *history, const struct message *message)
{
    ASSERT(message->partition_slot < PARTITIONS_MAX);
    int64_t *last_offset = &history->partitions[message->partition_slot].last_offset;
    int64_t *newest_ms = &history->partitions[message->partition_slot].newest_timestamp_ms;
    bool is_newer = message->timestamp_ms > *newest_ms;
    if (message->offset <= *last_offset && !is_newer) {
        count_one(&history->stats.redelivered);
        return true;
    }
    *last_offset = message->offset;
    if (is_newer)
        *newest_ms = message->timestamp_ms;
    return false;
}

void history_apply(struct history *history, const struct message *message, enum history_scope scope,
                   int64_t now_ms, struct recurrence *out)
{
    ASSERT(now_ms >= 0);
    *out = (struct recurrence){.scope = HISTORY_UNKNOWN, .last_complaint_ms = -1};
    out->redelivered = apply_offset(history, message);
    uint64_t hash = message->customer_hash;
    bool is_complaint = message->verdict.complaint;
    if (hash == 0)
        return;
    out->scope = scope;
    int64_t time_ms = event_time(message, now_ms);
    struct customer *customer = find_place(history, hash);
    bool is_known = customer->hash == hash;
    if (is_known) {
        int64_t as_of_ms = time_ms > customer->newest_ms ? time_ms : customer->newest_ms;
        read_counts(customer, as_of_ms, out);
        if (out->redelivered && is_complaint)
            take_own_off(customer, time_ms, as_of_ms, out);
    }
    if (!is_complaint)
        return;
    out->repeat = is_repeat(history, time_ms, out->last_complaint_ms);
    if (out->redelivered)
        return;
    count_one(&history->stats.complaints);
    if (is_known)
        add_complaint(customer, time_ms);
    else
        start_entry(history, customer, hash, time_ms);
}

void history_forget_partition(struct history *history, uint32_t partition_slot)
{
    ASSERT(partition_slot < PARTITIONS_MAX);
    history->partitions[partition_slot].last_offset = -1;
    history->partitions[partition_slot].newest_timestamp_ms = -1;
}

void history_stats(const struct history *history, struct history_stats *out)
{
    /* Relaxed, paired with count_one(): each is read whole, the set is no snapshot. */
    out->customers = atomic_load_explicit(&history->stats.customers, memory_order_relaxed);
    out->evictions = atomic_load_explicit(&history->stats.evictions, memory_order_relaxed);
    out->complaints = atomic_load_explicit(&history->stats.complaints, memory_order_relaxed);
    out->redelivered = atomic_load_explicit(&history->stats.redelivered, memory_order_relaxed);
}
