/**
 * The answer to "are you well?" with its reasons, for /healthz, /readyz and the log.
 *
 * Threads: one at a time per report.
 */
#ifndef REDRESS_RUNTIME_HEALTH_H
#define REDRESS_RUNTIME_HEALTH_H

#include <redress/status.h>

enum { HEALTH_REASONS_MAX = 16, HEALTH_REASON_BYTES = 200 };

/** No reasons: all is well. */
struct health_report {
    uint32_t count; /* of all reasons; the first HEALTH_REASONS_MAX are kept */
    char reasons[HEALTH_REASONS_MAX][HEALTH_REASON_BYTES];
};

void health_add(struct health_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Adds what is wrong. */
typedef void health_check(void *context, struct health_report *report);

#endif
