#include "base/log.h"

#include "base/clock.h"
#include "base/json_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOG_LINE_BYTES_MAX = 2048 };

static _Atomic int least_level = LOG_LEVEL_INFO;
static _Atomic int line_format = LOG_FORMAT_TEXT;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_configure(enum log_level least, enum log_format format)
{
    /* Relaxed: a line written meanwhile may still have the old look. */
    atomic_store_explicit(&least_level, least, memory_order_relaxed);
    atomic_store_explicit(&line_format, format, memory_order_relaxed);
}

/* True where this call site may still write in this second. Races between threads only blur the
 * count by a few lines. */
static bool site_admits(struct log_site *site, uint32_t *suppressed)
{
    int64_t second = clock_unix_ms() / 1000;
    *suppressed = 0;
    if (atomic_exchange_explicit(&site->second, second, memory_order_relaxed) != second) {
        atomic_store_explicit(&site->lines, 0, memory_order_relaxed);
        *suppressed = atomic_exchange_explicit(&site->suppressed, 0, memory_order_relaxed);
    }
    if (atomic_fetch_add_explicit(&site->lines, 1, memory_order_relaxed) < LOG_LINES_PER_SECOND_MAX)
        return true;
    atomic_fetch_add_explicit(&site->suppressed, 1, memory_order_relaxed);
    return false;
}

static void write_time(char *out, size_t size)
{
    int64_t now_ms = clock_unix_ms();
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t used = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + used, size - used, ".%03dZ", (int)(now_ms % 1000));
}

static size_t format_json(char *line, const char *time, enum log_level level, const char *event,
                          const struct log_field *fields, unsigned count)
{
    struct json_writer json;
    json_start(&json, line, LOG_LINE_BYTES_MAX - 1);
    json_object_open(&json);
    json_key(&json, "time");
    json_string(&json, time);
    json_key(&json, "level");
    json_string(&json, level_names[level]);
    json_key(&json, "event");
    json_string(&json, event);
    for (unsigned index = 0; index < count; index++) {
        json_key(&json, fields[index].name);
        if (fields[index].text)
            json_string(&json, fields[index].text);
        else
            json_integer(&json, fields[index].integer);
    }
    json_object_close(&json);
    return json.size;
}

static size_t format_text(char *line, const char *time, enum log_level level, const char *event,
                          const struct log_field *fields, unsigned count)
{
    size_t room = LOG_LINE_BYTES_MAX - 1;
    size_t used = (size_t)snprintf(line, room, "%s %-5s %s", time, level_names[level], event);
    for (unsigned index = 0; index < count && used < room; index++) {
        const struct log_field *field = &fields[index];
        int wrote =
            field->text
                ? snprintf(line + used, room - used, " %s=%s", field->name, field->text)
                : snprintf(line + used, room - used, " %s=%" PRId64, field->name, field->integer);
        used += (size_t)wrote;
    }
    return used < room ? used : room - 1;
}

void log_write(struct log_site *site, enum log_level level, const char *event,
               const struct log_field *fields, unsigned count)
{
    uint32_t suppressed;
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed))
        return;
    if (!site_admits(site, &suppressed))
        return;
    struct log_field all[LOG_FIELDS_MAX + 1];
    unsigned total = count < LOG_FIELDS_MAX ? count : LOG_FIELDS_MAX;
    memcpy(all, fields, total * sizeof *fields);
    if (suppressed)
        all[total++] = log_integer("suppressed_lines", suppressed);
    char time[32];
    char line[LOG_LINE_BYTES_MAX];
    write_time(time, sizeof time);
    bool json = atomic_load_explicit(&line_format, memory_order_relaxed) == LOG_FORMAT_JSON;
    size_t size = json ? format_json(line, time, level, event, all, total)
                       : format_text(line, time, level, event, all, total);
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* nowhere left to say that the log is gone */
}
