/** What /healthz and /readyz say, and the watchdog's round that it rests on. */
#include "runtime/engine_parts.h"

#include "base/clock.h"

enum { WATCH_INTERVAL_MS = 1000 };

static const char *trouble_text(enum redress_status trouble)
{
    switch ((int)trouble) {
    case STATUS_NOT_FOUND:
        return "an output topic does not exist: create it";
    case STATUS_DENIED:
        return "an output topic may not be written: grant the permission";
    case STATUS_IO:
        return "no broker answers";
    default:
        return "the producer has failed";
    }
}

static void watch_partitions(struct engine *engine, const struct ingest *ingest, uint64_t now_ns)
{
    for (uint32_t slot = 0; slot < partition_table_count(engine->partitions); slot++) {
        const struct partition_entry *entry = partition_table_get(engine->partitions, slot);
        const struct ingest_counters *counters = ingest_counters(ingest, slot);
        if (!atomic_load_explicit(&counters->assigned, memory_order_relaxed)) {
            watchdog_forget_partition(engine->watchdog, slot);
            continue;
        }
        int64_t next = atomic_load_explicit(&counters->next_offset, memory_order_relaxed);
        int64_t high = atomic_load_explicit(&counters->high_offset, memory_order_relaxed);
        const struct watchdog_partition seen = {
            .slot = slot,
            .topic = entry->topic,
            .partition = entry->partition,
            .has_work = worker_count(&counters->held) > 0 || (next >= 0 && high > next),
            .not_read = atomic_load_explicit(&counters->not_read, memory_order_relaxed),
            .progress_ns = worker_count(&counters->progress_ns),
        };
        watchdog_see_partition(engine->watchdog, &seen, now_ns);
    }
}

void engine_watch(struct engine *engine, uint64_t now_ns)
{
    if (now_ns < engine->next_watch_ns)
        return;
    engine->next_watch_ns = now_ns + (uint64_t)WATCH_INTERVAL_MS * NS_PER_MS;
    const struct ingest *ingest = engine_ingest(engine);
    if (ingest)
        watch_partitions(engine, ingest, now_ns);
    watchdog_step(engine->watchdog, now_ns);
    if (service_watchdog_us() > 0 && watchdog_stuck_threads(engine->watchdog) == 0)
        (void)service_notify_alive();
}

void engine_check_health(void *context, struct health_report *report)
{
    struct engine *engine = context;
    uint64_t residue = worker_count(&pipeline_conservation(engine->pipeline)->residue_messages);
    watchdog_report(engine->watchdog, report);
    if (residue > 0)
        health_add(report, "%llu messages were received that have no ending",
                   (unsigned long long)residue);
}

void engine_check_ready(void *context, struct health_report *report)
{
    struct engine *engine = context;
    const struct ingest *ingest = engine_ingest(engine);
    enum redress_status trouble = sink_trouble(engine->sink);
    if (!ingest)
        health_add(report, "starting");
    else if (worker_count(&ingest_totals(ingest)->partitions_assigned) == 0)
        health_add(report, "no partition is assigned to this instance");
    if (atomic_load_explicit(&engine->end, memory_order_relaxed) != ENGINE_GOES_ON)
        health_add(report, "ending");
    if (trouble != STATUS_OK)
        health_add(report, "%s", trouble_text(trouble));
}
