#include "runtime/metrics.h"

#include "base/assert.h"
#include "base/memory.h"
#include "runtime/metrics_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

enum {
    PAGE_BYTES_FIRST = 64 * 1024,
    PAGE_BYTES_MAX = 16 * 1024 * 1024, /* every partition of PARTITIONS_MAX fits */
    LINE_BYTES_MAX = 2048
};

struct metrics {
    struct {
        metrics_collector *collect;
        void *context;
    } collectors[METRICS_COLLECTORS_MAX];
    unsigned collector_count;
    char *page;
    size_t capacity;
    size_t size;
    enum redress_status status; /* of the scrape under way */
    int current;                /* the metric whose values are being put, or -1 */
    bool begun[METRIC_COUNT];
};

/* Upper bounds in nanoseconds: microseconds up to minutes. */
static const uint64_t bounds_ns[] = {
    1000,      2000,      5000,       10000,      20000,      50000,       100000,      200000,
    500000,    1000000,   2000000,    5000000,    10000000,   20000000,    50000000,    100000000,
    200000000, 500000000, 1000000000, 2000000000, 5000000000, 10000000000, 30000000000, 60000000000,
};

const char *metric_name(enum metric_id id)
{
    return metrics_table[id].name;
}

enum redress_status metrics_create(struct metrics **out)
{
    struct metrics *metrics = memory_allocate(sizeof *metrics);
    if (!metrics)
        return STATUS_MEMORY;
    metrics->page = memory_allocate(PAGE_BYTES_FIRST);
    if (!metrics->page) {
        memory_free(metrics);
        return STATUS_MEMORY;
    }
    metrics->capacity = PAGE_BYTES_FIRST;
    *out = metrics;
    return STATUS_OK;
}

void metrics_destroy(struct metrics *metrics)
{
    if (!metrics)
        return;
    memory_free(metrics->page);
    memory_free(metrics);
}

void metrics_add_collector(struct metrics *metrics, metrics_collector *collect, void *context)
{
    ASSERT(metrics->collector_count < METRICS_COLLECTORS_MAX);
    metrics->collectors[metrics->collector_count].collect = collect;
    metrics->collectors[metrics->collector_count++].context = context;
}

/* Room for one more line; false where the scrape has failed. */
static bool reserve(struct metrics *metrics, size_t size)
{
    while (metrics->status == STATUS_OK && metrics->capacity - metrics->size < size) {
        char *larger = NULL;
        if (metrics->capacity >= PAGE_BYTES_MAX)
            metrics->status = STATUS_TOO_LARGE;
        else if (!(larger = memory_resize(metrics->page, metrics->capacity * 2)))
            metrics->status = STATUS_MEMORY;
        else
            metrics->capacity *= 2;
        if (larger)
            metrics->page = larger;
    }
    return metrics->status == STATUS_OK;
}

__attribute__((format(printf, 2, 3))) static void put(struct metrics *metrics, const char *format,
                                                      ...)
{
    if (!reserve(metrics, LINE_BYTES_MAX))
        return;
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(metrics->page + metrics->size, LINE_BYTES_MAX, format, arguments);
    va_end(arguments);
    ASSERT(size >= 0 && size < LINE_BYTES_MAX);
    metrics->size += (size_t)size;
}

/* Prometheus escapes these three and nothing else. */
static void put_label_value(struct metrics *metrics, const char *value)
{
    if (!reserve(metrics, 2 * strlen(value)))
        return;
    for (; *value; value++) {
        bool escaped = *value == '\\' || *value == '"' || *value == '\n';
        if (escaped)
            metrics->page[metrics->size++] = '\\';
        metrics->page[metrics->size++] = *value == '\n' ? 'n' : *value;
    }
}

/* `bound` is the value of the label le, or NULL. */
static void put_labels(struct metrics *metrics, const struct metric_label *labels, unsigned count,
                       const char *bound)
{
    if (!count && !bound)
        return;
    put(metrics, "{");
    for (unsigned index = 0; index < count; index++) {
        put(metrics, "%s%s=\"", index ? "," : "", labels[index].name);
        put_label_value(metrics, labels[index].value);
        put(metrics, "\"");
    }
    if (bound)
        put(metrics, "%sle=\"%s\"", count ? "," : "", bound);
    put(metrics, "}");
}

static void begin(struct metrics *metrics, enum metric_id id, const struct metric_label *labels,
                  unsigned count)
{
    const struct metric *metric = &metrics_table[id];
    for (unsigned index = 0; index < METRICS_LABELS_MAX; index++) {
        const char *expected = metric->labels[index];
        ASSERT(index < count ? expected && strcmp(labels[index].name, expected) == 0 : !expected);
    }
    if (metrics->current == (int)id)
        return;
    ASSERT(!metrics->begun[id]); /* values of one metric stand together */
    metrics->begun[id] = true;
    metrics->current = (int)id;
    put(metrics, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
        metric_kind_names[metric->kind]);
}

void metrics_put(struct metrics *metrics, enum metric_id id, double value,
                 const struct metric_label *labels, unsigned label_count)
{
    ASSERT(metrics_table[id].kind != METRIC_HISTOGRAM && isfinite(value));
    begin(metrics, id, labels, label_count);
    put(metrics, "%s", metrics_table[id].name);
    put_labels(metrics, labels, label_count, NULL);
    put(metrics, " %.15g\n", value);
}

void metrics_put_count(struct metrics *metrics, enum metric_id id, uint64_t value,
                       const struct metric_label *labels, unsigned label_count)
{
    ASSERT(metrics_table[id].kind != METRIC_HISTOGRAM);
    begin(metrics, id, labels, label_count);
    put(metrics, "%s", metrics_table[id].name);
    put_labels(metrics, labels, label_count, NULL);
    put(metrics, " %" PRIu64 "\n", value);
}

static void put_bucket(struct metrics *metrics, const char *name, const char *bound, uint64_t count,
                       const struct metric_label *labels, unsigned label_count)
{
    put(metrics, "%s_bucket", name);
    put_labels(metrics, labels, label_count, bound);
    put(metrics, " %" PRIu64 "\n", count);
}

void metrics_put_histogram(struct metrics *metrics, enum metric_id id,
                           const struct histogram_sum *nanoseconds,
                           const struct metric_label *labels, unsigned label_count)
{
    const char *name = metrics_table[id].name;
    ASSERT(metrics_table[id].kind == METRIC_HISTOGRAM);
    begin(metrics, id, labels, label_count);
    for (size_t index = 0; index < sizeof bounds_ns / sizeof *bounds_ns; index++) {
        char bound[32];
        snprintf(bound, sizeof bound, "%.9g", (double)bounds_ns[index] / 1e9);
        put_bucket(metrics, name, bound, histogram_count_up_to(nanoseconds, bounds_ns[index]),
                   labels, label_count);
    }
    put_bucket(metrics, name, "+Inf", nanoseconds->count, labels, label_count);
    put(metrics, "%s_sum", name);
    put_labels(metrics, labels, label_count, NULL);
    put(metrics, " %.15g\n%s_count", (double)nanoseconds->sum / 1e9, name);
    put_labels(metrics, labels, label_count, NULL);
    put(metrics, " %" PRIu64 "\n", nanoseconds->count);
}

enum redress_status metrics_scrape(struct metrics *metrics, const char **text, size_t *size)
{
    metrics->size = 0;
    metrics->status = STATUS_OK;
    metrics->current = -1;
    memset(metrics->begun, 0, sizeof metrics->begun);
    for (unsigned index = 0; index < metrics->collector_count; index++)
        metrics->collectors[index].collect(metrics->collectors[index].context, metrics);
    *text = metrics->page;
    *size = metrics->size;
    return metrics->status;
}

void metrics_print_reference(FILE *stream)
{
    fputs("# Metrics\n"
          "\n"
          "`GET /metrics` answers in Prometheus' text form. Counters are kept by each thread for "
          "itself\n"
          "and summed when somebody asks, so that asking costs the messages nothing. Values of a\n"
          "partition are there only while this instance owns it: absent, never stale.\n"
          "\n"
          "| name | kind | labels | |\n|---|---|---|---|\n",
          stream);
    for (unsigned id = 0; id < METRIC_COUNT; id++) {
        const struct metric *metric = &metrics_table[id];
        fprintf(stream, "| `%s` | %s | ", metric->name, metric_kind_names[metric->kind]);
        for (unsigned index = 0; index < METRICS_LABELS_MAX && metric->labels[index]; index++)
            fprintf(stream, "%s`%s`", index ? ", " : "", metric->labels[index]);
        fprintf(stream, " | %s |\n", metric->help);
    }
}
