/**
 * Log lines to stderr, text or JSON, rate-limited per call site, never with a message's text.
 *
 * Never called from a worker's path through a message (style: no log line per message).
 * Fields are pairs of name and value, ended by NULL: LOG_WARN("partition is not read",
 * log_text("topic", topic), log_integer("partition", partition)).
 *
 * Threads: any. A line is one write(2).
 */
#ifndef REDRESS_BASE_LOG_H
#define REDRESS_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
    const char *name;
    const char *text; /* NULL where the value is an integer */
    int64_t integer;
};

/** One call site's allowance: LOG_LINES_PER_SECOND_MAX lines, then a count of what was left out. */
struct log_site {
    _Atomic int64_t second;
    _Atomic uint32_t lines;
    _Atomic uint32_t suppressed;
};

enum { LOG_LINES_PER_SECOND_MAX = 10, LOG_FIELDS_MAX = 12 };

static inline struct log_field log_text(const char *name, const char *text)
{
    return (struct log_field){.name = name, .text = text ? text : ""};
}

static inline struct log_field log_integer(const char *name, int64_t value)
{
    return (struct log_field){.name = name, .integer = value};
}

void log_configure(enum log_level least, enum log_format format);

void log_write(struct log_site *site, enum log_level level, const char *event,
               const struct log_field *fields, unsigned count);

#define LOG_AT(level, event, ...)                                                                  \
    do {                                                                                           \
        static struct log_site log_site_here;                                                      \
        const struct log_field log_fields_here[] = {__VA_ARGS__};                                  \
        log_write(&log_site_here, level, event, log_fields_here,                                   \
                  sizeof log_fields_here / sizeof log_fields_here[0]);                             \
    } while (0)

/* Each needs at least one field. */
#define LOG_DEBUG(event, ...) LOG_AT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define LOG_INFO(event, ...)  LOG_AT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define LOG_WARN(event, ...)  LOG_AT(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define LOG_ERROR(event, ...) LOG_AT(LOG_LEVEL_ERROR, event, __VA_ARGS__)

#endif
