/** The metrics as rows: name, kind, labels and meaning. Inside runtime/ only. */
#ifndef REDRESS_RUNTIME_METRICS_TABLE_H
#define REDRESS_RUNTIME_METRICS_TABLE_H

#include "runtime/metrics.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
    const char *name;
    enum metric_kind kind;
    const char *labels[METRICS_LABELS_MAX]; /* NULL behind the last */
    const char *help;
};

extern const struct metric metrics_table[METRIC_COUNT];
extern const char *const metric_kind_names[];

#endif
