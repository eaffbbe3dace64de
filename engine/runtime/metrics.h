/**
 * Metrics in Prometheus' text form. Nothing is counted here: threads count for themselves, and a
 * collector reads and sums their counters when somebody scrapes.
 *
 *   metrics_scrape() -> each collector -> metrics_put(METRIC_..., value, labels...)
 *
 * Every metric is a row of the table in metrics_table.c, which also makes docs/metrics.md; putting
 * a value with other labels than its row names is our bug and asserted.
 *
 * Shape:   all values of one metric are put one after another, by one collector.
 * Threads: create, add and destroy by one; scrapes by one at a time (the HTTP thread).
 */
#ifndef REDRESS_RUNTIME_METRICS_H
#define REDRESS_RUNTIME_METRICS_H

#include "base/histogram.h"

#include <stdio.h>

enum metric_id {
    METRIC_BUILD_INFO,
    METRIC_UPTIME,
    METRIC_READY,
    METRIC_THREAD_SILENCE,
    METRIC_STUCK_THREADS,
    METRIC_STUCK_PARTITIONS,
    METRIC_RING_MESSAGES,
    METRIC_CONSERVATION_RESIDUE,
    METRIC_CONSERVATION_ROUNDS,
    METRIC_INGEST_MESSAGES,
    METRIC_INGEST_LOST_BEFORE_READ,
    METRIC_INGEST_LAG,
    METRIC_INGEST_OLDEST_AGE,
    METRIC_INGEST_NOT_READ,
    METRIC_INGEST_PROGRESS_AGE,
    METRIC_INGEST_PARTITIONS,
    METRIC_INGEST_HELD_MESSAGES,
    METRIC_INGEST_HELD_BYTES,
    METRIC_INGEST_HELD_BYTES_MAX,
    METRIC_INGEST_BUDGET_STOPS,
    METRIC_INGEST_REFUSED_FULL,
    METRIC_INGEST_OVER_LARGE,
    METRIC_INGEST_STORES,
    METRIC_INGEST_STALE_MARKS,
    METRIC_INGEST_REBALANCES,
    METRIC_INGEST_DRAIN_TIMEOUTS,
    METRIC_INGEST_SOURCE_FAULTS,
    METRIC_DECODE_MESSAGES,
    METRIC_DECODE_REPAIRED,
    METRIC_DECODE_TRUNCATED,
    METRIC_DECODE_ATTRIBUTES_CUT,
    METRIC_DECODE_REFUSED,
    METRIC_CLASSIFY_MESSAGES,
    METRIC_CLASSIFY_SEVERITY,
    METRIC_CLASSIFY_URGENT,
    METRIC_CLASSIFY_UNDECIDED,
    METRIC_CLASSIFY_UNDECIDED_RULES,
    METRIC_CLASSIFY_RULES,
    METRIC_CLASSIFY_RULE_SET_VERSION,
    METRIC_CLASSIFY_RULE_SET_INFO,
    METRIC_CLASSIFY_RELOADS,
    METRIC_CLASSIFY_RELOAD_FAILURES,
    METRIC_CLASSIFY_RELOAD_SUCCESS_TIME,
    METRIC_CLASSIFY_RELOAD_FAILURE_TIME,
    METRIC_RECURRENCE_CUSTOMERS,
    METRIC_RECURRENCE_EVICTIONS,
    METRIC_RECURRENCE_COMPLAINTS,
    METRIC_RECURRENCE_REDELIVERED,
    METRIC_FRONTLINE_LATENCY,
    METRIC_FRONTLINE_STANDING,
    METRIC_FRONTLINE_CLAIMED,
    METRIC_FRONTLINE_OVERFLOWED,
    METRIC_FRONTLINE_READERS,
    METRIC_FRONTLINE_PUSHED,
    METRIC_FRONTLINE_REFILLED,
    METRIC_FRONTLINE_DUPLICATES,
    METRIC_FRONTLINE_ACKNOWLEDGED,
    METRIC_FRONTLINE_GIVEN_BACK,
    METRIC_FRONTLINE_EXPIRED,
    METRIC_FRONTLINE_HUNG_UP,
    METRIC_FRONTLINE_REPAIRED,
    METRIC_FRONTLINE_QUEUE_DEPTH,
    METRIC_EGRESS_ENDINGS,
    METRIC_EGRESS_DEAD_LETTERS,
    METRIC_EGRESS_FRONTLINE,
    METRIC_EGRESS_RETRIES,
    METRIC_EGRESS_TOO_LARGE,
    METRIC_EGRESS_FULL,
    METRIC_EGRESS_BACKLOG,
    METRIC_EGRESS_HELD,
    METRIC_COUNT
};

struct metrics;

struct metric_label {
    const char *name;
    const char *value;
};

/** Puts the values of its metrics, on the scraping thread. */
typedef void metrics_collector(void *context, struct metrics *metrics);

enum { METRICS_COLLECTORS_MAX = 8, METRICS_LABELS_MAX = 4 };

NODISCARD enum redress_status metrics_create(struct metrics **out);
void metrics_destroy(struct metrics *metrics);
void metrics_add_collector(struct metrics *metrics, metrics_collector *collect, void *context);

/** The whole page, good until the next scrape. STATUS_MEMORY, STATUS_TOO_LARGE. */
NODISCARD enum redress_status metrics_scrape(struct metrics *metrics, const char **text,
                                             size_t *size);

/* For collectors. Labels in the order of the metric's row. */
void metrics_put(struct metrics *metrics, enum metric_id id, double value,
                 const struct metric_label *labels, unsigned label_count);
/** Exact also above 2^53. */
void metrics_put_count(struct metrics *metrics, enum metric_id id, uint64_t value,
                       const struct metric_label *labels, unsigned label_count);
/** A histogram of nanoseconds, written in seconds. */
void metrics_put_histogram(struct metrics *metrics, enum metric_id id,
                           const struct histogram_sum *nanoseconds,
                           const struct metric_label *labels, unsigned label_count);

const char *metric_name(enum metric_id id);

/** docs/metrics.md. */
void metrics_print_reference(FILE *stream);

#endif
