#include "runtime/health.h"

#include <stdarg.h>
#include <stdio.h>

void health_add(struct health_report *report, const char *format, ...)
{
    if (report->count++ >= HEALTH_REASONS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->reasons[report->count - 1], HEALTH_REASON_BYTES, format, arguments);
    va_end(arguments);
}
