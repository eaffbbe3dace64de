/**
 * What is known of a customer from before: how many complaints in the last hour, day, week and
 * month, and when the newest was. One table for each history owner; a customer belongs to one
 * owner, so that nothing is locked.
 *
 *   slot      hash ─> [ . . A B C . . . ]   64 bytes a customer, at most HISTORY_PROBE_SLOTS looked
 * at customer  hash │ newest, second newest │ rings of small counters, one a window
 *
 * A window is a ring of buckets that is one bucket longer than the window:
 *
 *   1 h: 10 min   1 d: 2 h   7 d: 12 h   30 d: 90 h
 *
 * So a count is never too low, and too high only by complaints that are up to one bucket older than
 * the window: it lies between the true counts of the window and of window + bucket. A bucket counts
 * to HISTORY_BUCKET_COUNT_MAX and stays there. Counts are taken as of the message's time or of the
 * customer's newest complaint, whichever is later, so that late and disordered messages harm
 * nothing.
 *
 * Only complaints make entries. Where all places that a customer may have are taken, the one whose
 * newest complaint is oldest goes, and is counted.
 *
 * Threads: one owner; history_stats() from any thread.
 */
#ifndef REDRESS_RECURRENCE_HISTORY_H
#define REDRESS_RECURRENCE_HISTORY_H

#include <redress/message.h>

enum {
    HISTORY_PROBE_SLOTS = 16,
    HISTORY_BUCKET_COUNT_MAX = 255,
    HISTORY_FUTURE_MS_MAX = 5 * 60 * 1000 /* a record's clock may be that far ahead of ours */
};

#define HISTORY_REPEAT_WINDOW_MS_DEFAULT (7 * INT64_C(24) * 3600 * 1000)

struct history_settings {
    uint64_t customers_max;
    int64_t repeat_window_ms; /* 0: the default, seven days */
};

struct history_stats {
    uint64_t customers;   /* places taken */
    uint64_t evictions;   /* customers forgotten to make room for another */
    uint64_t complaints;  /* applied */
    uint64_t redelivered; /* messages that changed nothing, because they had been applied before */
};

struct history;

/** Zeroed memory for all customers at once. The caller destroys it. */
NODISCARD enum redress_status history_create(const struct history_settings *settings,
                                             struct history **out);
void history_destroy(struct history *history);
/** Bytes that a table takes, for the memory plan. */
size_t history_plan_bytes(const struct history_settings *settings);

/**
 * Says what was known before this message, then adds it if its verdict calls it a complaint.
 * The customer is message->customer_hash; 0 makes the scope HISTORY_UNKNOWN, otherwise it is
 * `scope`.
 *
 * A message whose offset is not above the last one applied of its partition has been here before:
 * it changes nothing and is marked redelivered, its own complaint is taken off the counts, and
 * repeat is judged from the customer's other newest complaint.
 *
 * Shape:   messages of one partition come in the order of their offsets, but for redeliveries.
 * Units:   now_ms and times are Unix milliseconds. The message's time is its record's timestamp
 * (now where it has none), at most HISTORY_FUTURE_MS_MAX ahead of now.
 */
void history_apply(struct history *history, const struct message *message, enum history_scope scope,
                   int64_t now_ms, struct recurrence *out);

/** Asks memory for what history_apply() will read: one line of a table that no cache holds. */
void history_prefetch(const struct history *history, uint64_t customer_hash);

/**
 * The partition's offsets start anew. history_apply() notices by itself when a topic was deleted
 * and made again: an old offset with a timestamp later than all that were applied.
 */
void history_forget_partition(struct history *history, uint32_t partition_slot);

void history_stats(const struct history *history, struct history_stats *out);

#endif
