/** What /metrics shows: reads every stage's counters and sums them over the threads. */
#include "runtime/engine_parts.h"

#include "base/clock.h"
#include "route/ending.h"
#include "runtime/metrics.h"
#include "runtime/watchdog.h"

#include <stdio.h>

#ifndef REDRESS_VERSION
#define REDRESS_VERSION "0.1.0"
#endif

static void put(struct metrics *metrics, enum metric_id id, uint64_t value)
{
    metrics_put_count(metrics, id, value, NULL, 0);
}

static void put_labelled(struct metrics *metrics, enum metric_id id, uint64_t value,
                         const char *name, const char *label)
{
    const struct metric_label labels[] = {{name, label}};
    metrics_put_count(metrics, id, value, labels, 1);
}

static double seconds_between(uint64_t start_ns, uint64_t end_ns)
{
    return end_ns > start_ns ? (double)(end_ns - start_ns) / NS_PER_S : 0;
}

/* --- runtime -----------------------------------------------------------------------------------
 */

static void put_ring(struct metrics *metrics, const char *ring, unsigned worker, uint64_t count)
{
    char number[16];
    snprintf(number, sizeof number, "%u", worker);
    const struct metric_label labels[] = {{"ring", ring}, {"worker", number}};
    metrics_put_count(metrics, METRIC_RING_MESSAGES, count, labels, 2);
}

static void collect_watchdog(const struct watchdog *watchdog, struct metrics *metrics)
{
    for (unsigned index = 0; index < watchdog_thread_count(watchdog); index++) {
        const struct metric_label labels[] = {{"thread", watchdog_thread_name(watchdog, index)}};
        metrics_put(metrics, METRIC_THREAD_SILENCE,
                    (double)watchdog_thread_silence_ns(watchdog, index) / NS_PER_S, labels, 1);
    }
    put(metrics, METRIC_STUCK_THREADS, watchdog_stuck_threads(watchdog));
    put(metrics, METRIC_STUCK_PARTITIONS, watchdog_stuck_partitions(watchdog));
}

static void collect_runtime(struct engine *engine, struct metrics *metrics)
{
    const struct conservation *law = pipeline_conservation(engine->pipeline);
    put_labelled(metrics, METRIC_BUILD_INFO, 1, "version", REDRESS_VERSION);
    metrics_put(metrics, METRIC_UPTIME, seconds_between(engine->created_ns, clock_monotonic_ns()),
                NULL, 0);
    put(metrics, METRIC_READY, engine_is_ready(engine));
    collect_watchdog(engine->watchdog, metrics);
    for (unsigned worker = 0; worker < engine->assembly.worker_count; worker++) {
        put_ring(metrics, "inbox", worker, pipeline_inbox_depth(engine->pipeline, worker));
        put_ring(metrics, "outbox", worker, pipeline_outbox_depth(engine->pipeline, worker));
    }
    put(metrics, METRIC_CONSERVATION_RESIDUE, worker_count(&law->residue_messages));
    put(metrics, METRIC_CONSERVATION_ROUNDS, worker_count(&law->checks));
}

/* --- ingest ------------------------------------------------------------------------------------
 */

struct channel_sums {
    uint64_t received[CHANNELS_MAX];
    uint64_t refused_full[CHANNELS_MAX];
    uint64_t over_large[CHANNELS_MAX];
    uint64_t oldest_ns[CHANNELS_MAX];
    uint64_t stale_marks;
    uint64_t stores;
};

static void add_slot(const struct ingest_counters *slot, unsigned channel,
                     struct channel_sums *sums)
{
    uint64_t oldest_ns = worker_count(&slot->oldest_ns);
    sums->received[channel] += worker_count(&slot->received);
    sums->refused_full[channel] += worker_count(&slot->refused_full);
    sums->over_large[channel] += worker_count(&slot->over_large);
    sums->stale_marks += worker_count(&slot->stale_marks);
    sums->stores += worker_count(&slot->stores);
    if (oldest_ns && (!sums->oldest_ns[channel] || oldest_ns < sums->oldest_ns[channel]))
        sums->oldest_ns[channel] = oldest_ns;
}

static void put_channels(const struct engine *engine, struct metrics *metrics, enum metric_id id,
                         const uint64_t *values)
{
    for (size_t channel = 0; channel < engine->settings->channel_count; channel++)
        put_labelled(metrics, id, values[channel], "channel",
                     engine->settings->channels[channel].name);
}

static void put_ages(const struct engine *engine, struct metrics *metrics,
                     const uint64_t *oldest_ns)
{
    uint64_t now_ns = clock_monotonic_ns();
    for (size_t channel = 0; channel < engine->settings->channel_count; channel++) {
        const struct metric_label labels[] = {
            {"channel", engine->settings->channels[channel].name}};
        double age_s = oldest_ns[channel] ? seconds_between(oldest_ns[channel], now_ns) : 0;
        metrics_put(metrics, METRIC_INGEST_OLDEST_AGE, age_s, labels, 1);
    }
}

static void collect_channels(struct engine *engine, const struct ingest *ingest,
                             struct metrics *metrics)
{
    struct channel_sums sums = {0};
    for (uint32_t slot = 0; slot < partition_table_count(engine->partitions); slot++)
        add_slot(ingest_counters(ingest, slot),
                 partition_table_get(engine->partitions, slot)->channel_index, &sums);
    put_channels(engine, metrics, METRIC_INGEST_MESSAGES, sums.received);
    put_channels(engine, metrics, METRIC_INGEST_REFUSED_FULL, sums.refused_full);
    put_channels(engine, metrics, METRIC_INGEST_OVER_LARGE, sums.over_large);
    put_ages(engine, metrics, sums.oldest_ns);
    put(metrics, METRIC_INGEST_STALE_MARKS, sums.stale_marks);
    put(metrics, METRIC_INGEST_STORES, sums.stores);
}

/* The value of one partition; false where it has none now, as an unowned one has no lag. */
typedef bool partition_value(const struct ingest_counters *counters, double *out);

static bool is_owned(const struct ingest_counters *counters)
{
    return atomic_load_explicit(&counters->assigned, memory_order_relaxed);
}

static bool value_of_lost(const struct ingest_counters *counters, double *out)
{
    *out = (double)worker_count(&counters->lost_before_read);
    return true;
}

static bool value_of_lag(const struct ingest_counters *counters, double *out)
{
    int64_t high = atomic_load_explicit(&counters->high_offset, memory_order_relaxed);
    int64_t stored = atomic_load_explicit(&counters->stored_offset, memory_order_relaxed);
    int64_t next = atomic_load_explicit(&counters->next_offset, memory_order_relaxed);
    int64_t position = stored >= 0 ? stored : next;
    if (!is_owned(counters) || high < 0 || position < 0)
        return false;
    *out = high > position ? (double)(high - position) : 0;
    return true;
}

static bool value_of_not_read(const struct ingest_counters *counters, double *out)
{
    *out = atomic_load_explicit(&counters->not_read, memory_order_relaxed);
    return is_owned(counters);
}

static bool value_of_progress(const struct ingest_counters *counters, double *out)
{
    uint64_t progress_ns = worker_count(&counters->progress_ns);
    *out = seconds_between(progress_ns, clock_monotonic_ns());
    return is_owned(counters) && progress_ns > 0;
}

static void put_partitions(struct engine *engine, const struct ingest *ingest,
                           struct metrics *metrics, enum metric_id id, partition_value *value_of)
{
    for (uint32_t slot = 0; slot < partition_table_count(engine->partitions); slot++) {
        const struct partition_entry *entry = partition_table_get(engine->partitions, slot);
        char partition[16];
        double value;
        if (!value_of(ingest_counters(ingest, slot), &value))
            continue;
        snprintf(partition, sizeof partition, "%d", entry->partition);
        const struct metric_label labels[] = {{"topic", entry->topic}, {"partition", partition}};
        metrics_put(metrics, id, value, labels, 2);
    }
}

static void collect_ingest(struct engine *engine, const struct ingest *ingest,
                           struct metrics *metrics)
{
    const struct ingest_totals *totals = ingest_totals(ingest);
    collect_channels(engine, ingest, metrics);
    put_partitions(engine, ingest, metrics, METRIC_INGEST_LOST_BEFORE_READ, value_of_lost);
    put_partitions(engine, ingest, metrics, METRIC_INGEST_LAG, value_of_lag);
    put_partitions(engine, ingest, metrics, METRIC_INGEST_NOT_READ, value_of_not_read);
    put_partitions(engine, ingest, metrics, METRIC_INGEST_PROGRESS_AGE, value_of_progress);
    put(metrics, METRIC_INGEST_PARTITIONS, worker_count(&totals->partitions_assigned));
    put(metrics, METRIC_INGEST_HELD_MESSAGES, worker_count(&totals->held_messages));
    put(metrics, METRIC_INGEST_HELD_BYTES, worker_count(&totals->held_bytes));
    put(metrics, METRIC_INGEST_HELD_BYTES_MAX, engine->settings->bytes_max);
    put(metrics, METRIC_INGEST_BUDGET_STOPS, worker_count(&totals->budget_stops));
    put(metrics, METRIC_INGEST_REBALANCES, worker_count(&totals->rebalances));
    put(metrics, METRIC_INGEST_DRAIN_TIMEOUTS, worker_count(&totals->drain_timeouts));
    put(metrics, METRIC_INGEST_SOURCE_FAULTS, worker_count(&totals->source_faults));
}

/* --- decode, classify, recurrence --------------------------------------------------------------
 */

static void collect_decode(struct engine *engine, struct metrics *metrics)
{
    struct decode_counts counts = {0};
    pipeline_decode_counts(engine->pipeline, &counts);
    put(metrics, METRIC_DECODE_MESSAGES, counts.decoded);
    put(metrics, METRIC_DECODE_REPAIRED, counts.repaired);
    put(metrics, METRIC_DECODE_TRUNCATED, counts.truncated);
    put(metrics, METRIC_DECODE_ATTRIBUTES_CUT, counts.attributes_cut);
    for (unsigned reason = DEAD_NONE + 1; reason < DEAD_REASON_COUNT; reason++)
        put_labelled(metrics, METRIC_DECODE_REFUSED, counts.dead[reason], "reason",
                     redress_dead_reason_name((enum dead_reason)reason));
}

struct worker_sums {
    uint64_t by_language[LANGUAGE_COUNT];
    uint64_t by_severity[SEVERITY_COUNT];
    uint64_t urgent;
    uint64_t undecided;
    struct histogram_sum latency;
    struct history_stats history;
};

static void add_worker(const struct engine *engine, unsigned worker, struct worker_sums *sums)
{
    const struct worker_counters *counters = pipeline_worker_counters(engine->pipeline, worker);
    struct history_stats history;
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        sums->by_language[language] += worker_count(&counters->by_language[language]);
    for (unsigned severity = 0; severity < SEVERITY_COUNT; severity++)
        sums->by_severity[severity] += worker_count(&counters->by_severity[severity]);
    sums->urgent += worker_count(&counters->urgent);
    sums->undecided += worker_count(&counters->undecided);
    histogram_add(pipeline_queue_latency(engine->pipeline, worker), &sums->latency);
    pipeline_history_stats(engine->pipeline, worker, &history);
    sums->history.customers += history.customers;
    sums->history.evictions += history.evictions;
    sums->history.complaints += history.complaints;
    sums->history.redelivered += history.redelivered;
}

static void collect_rules(struct engine *engine, struct metrics *metrics)
{
    char hash[24];
    /* The set may be replaced at any moment: control keeps its figures for us. */
    snprintf(hash, sizeof hash, "%016llx",
             (unsigned long long)worker_count(&engine->reload.rule_set_hash));
    put(metrics, METRIC_CLASSIFY_RULES, worker_count(&engine->reload.rule_count));
    put(metrics, METRIC_CLASSIFY_RULE_SET_VERSION, worker_count(&engine->reload.version));
    put_labelled(metrics, METRIC_CLASSIFY_RULE_SET_INFO, 1, "hash", hash);
    put(metrics, METRIC_CLASSIFY_RELOADS, worker_count(&engine->reload.successes));
    put(metrics, METRIC_CLASSIFY_RELOAD_FAILURES, worker_count(&engine->reload.failures));
    metrics_put(
        metrics, METRIC_CLASSIFY_RELOAD_SUCCESS_TIME,
        (double)atomic_load_explicit(&engine->reload.last_success_ms, memory_order_relaxed) /
            1000.0,
        NULL, 0);
    metrics_put(
        metrics, METRIC_CLASSIFY_RELOAD_FAILURE_TIME,
        (double)atomic_load_explicit(&engine->reload.last_failure_ms, memory_order_relaxed) /
            1000.0,
        NULL, 0);
}

static void put_undecided_rule(void *metrics, const char *id, uint64_t count)
{
    put_labelled(metrics, METRIC_CLASSIFY_UNDECIDED_RULES, count, "rule", id);
}

static void collect_undecided_rules(const struct engine *engine, struct metrics *metrics)
{
    const struct undecided_rules *workers[WORKERS_MAX];
    for (unsigned worker = 0; worker < engine->assembly.worker_count; worker++)
        workers[worker] = pipeline_undecided_rules(engine->pipeline, worker);
    undecided_rules_sum(workers, engine->assembly.worker_count, put_undecided_rule, metrics);
}

static void collect_verdicts(struct engine *engine, struct metrics *metrics)
{
    struct worker_sums sums = {0};
    for (unsigned worker = 0; worker < engine->assembly.worker_count; worker++)
        add_worker(engine, worker, &sums);
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        put_labelled(metrics, METRIC_CLASSIFY_MESSAGES, sums.by_language[language], "language",
                     redress_language_name((enum language)language));
    for (unsigned severity = 0; severity < SEVERITY_COUNT; severity++)
        put_labelled(metrics, METRIC_CLASSIFY_SEVERITY, sums.by_severity[severity], "severity",
                     redress_severity_name((enum severity)severity));
    put(metrics, METRIC_CLASSIFY_URGENT, sums.urgent);
    put(metrics, METRIC_CLASSIFY_UNDECIDED, sums.undecided);
    collect_undecided_rules(engine, metrics);
    put(metrics, METRIC_RECURRENCE_CUSTOMERS, sums.history.customers);
    put(metrics, METRIC_RECURRENCE_EVICTIONS, sums.history.evictions);
    put(metrics, METRIC_RECURRENCE_COMPLAINTS, sums.history.complaints);
    put(metrics, METRIC_RECURRENCE_REDELIVERED, sums.history.redelivered);
    metrics_put_histogram(metrics, METRIC_FRONTLINE_LATENCY, &sums.latency, NULL, 0);
}

/* --- frontline, egress --------------------------------------------------------------------------
 */

static void collect_frontline(struct engine *engine, struct metrics *metrics)
{
    struct frontline_stats stats;
    frontline_read_stats(engine->frontline, &stats);
    put(metrics, METRIC_FRONTLINE_STANDING, stats.standing);
    put(metrics, METRIC_FRONTLINE_CLAIMED, stats.claimed);
    put(metrics, METRIC_FRONTLINE_OVERFLOWED, stats.overflowed);
    put(metrics, METRIC_FRONTLINE_READERS, stats.readers);
    put(metrics, METRIC_FRONTLINE_PUSHED, stats.pushed_total);
    put(metrics, METRIC_FRONTLINE_REFILLED, stats.refilled_total);
    put(metrics, METRIC_FRONTLINE_DUPLICATES, stats.duplicates_total);
    put(metrics, METRIC_FRONTLINE_ACKNOWLEDGED, stats.acknowledged_total);
    put(metrics, METRIC_FRONTLINE_GIVEN_BACK, stats.given_back_total);
    put(metrics, METRIC_FRONTLINE_EXPIRED, stats.expired_total);
    put(metrics, METRIC_FRONTLINE_HUNG_UP, stats.hung_up_total);
    put(metrics, METRIC_FRONTLINE_REPAIRED, stats.repaired_total);
    for (uint32_t queue = 0; queue < engine->settings->queue_count; queue++)
        put_labelled(metrics, METRIC_FRONTLINE_QUEUE_DEPTH,
                     frontline_queue_depth(engine->frontline, queue), "queue",
                     engine->settings->queues[queue]);
}

static void collect_egress(struct engine *engine, struct metrics *metrics)
{
    const struct egress *egress = pipeline_egress(engine->pipeline);
    static const struct {
        enum ending ending;
        enum egress_counter counter;
    } endings[] = {
        {ENDING_CASE, EGRESS_COUNT_CASES},
        {ENDING_CALM, EGRESS_COUNT_CALM},
        {ENDING_DEAD_LETTER, EGRESS_COUNT_DEAD_LETTERS},
    };
    for (size_t index = 0; index < sizeof endings / sizeof *endings; index++)
        put_labelled(metrics, METRIC_EGRESS_ENDINGS, egress_count(egress, endings[index].counter),
                     "ending", ending_name(endings[index].ending));
    for (unsigned reason = DEAD_NONE + 1; reason < DEAD_REASON_COUNT; reason++)
        put_labelled(metrics, METRIC_EGRESS_DEAD_LETTERS,
                     egress_dead_letters(egress, (enum dead_reason)reason), "reason",
                     redress_dead_reason_name((enum dead_reason)reason));
    put(metrics, METRIC_EGRESS_FRONTLINE, egress_count(egress, EGRESS_COUNT_FRONTLINE));
    put(metrics, METRIC_EGRESS_RETRIES, egress_count(egress, EGRESS_COUNT_RETRIES));
    put(metrics, METRIC_EGRESS_TOO_LARGE, egress_count(egress, EGRESS_COUNT_TOO_LARGE));
    put(metrics, METRIC_EGRESS_FULL, egress_count(egress, EGRESS_COUNT_FULL));
    put(metrics, METRIC_EGRESS_BACKLOG, egress_count(egress, EGRESS_COUNT_BACKLOG));
    put(metrics, METRIC_EGRESS_HELD, egress_count(egress, EGRESS_COUNT_HELD));
}

void engine_collect_metrics(void *context, struct metrics *metrics)
{
    struct engine *engine = context;
    const struct ingest *ingest = engine_ingest(engine);
    collect_runtime(engine, metrics);
    if (ingest)
        collect_ingest(engine, ingest, metrics);
    collect_decode(engine, metrics);
    collect_verdicts(engine, metrics);
    collect_rules(engine, metrics);
    collect_frontline(engine, metrics);
    collect_egress(engine, metrics);
}
