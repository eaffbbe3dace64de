#include "base/log.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/printable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOG_LINE_BYTES_MAX = 2048, LOG_TEXT_BYTES_MAX = 400 };

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
static bool site_admits(struct log_site *site, int64_t second, uint32_t *suppressed)
{
    if (atomic_exchange_explicit(&site->second, second, memory_order_relaxed) != second)
        atomic_store_explicit(&site->lines, 0, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&site->lines, 1, memory_order_relaxed) >=
        LOG_LINES_PER_SECOND_MAX) {
        atomic_fetch_add_explicit(&site->suppressed, 1, memory_order_relaxed);
        return false;
    }
    /* Taken by whoever writes, so that no count is lost with a line that is not written. */
    *suppressed = atomic_exchange_explicit(&site->suppressed, 0, memory_order_relaxed);
    return true;
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

/* A copy of which every byte may be shown, cut at LOG_TEXT_BYTES_MAX. */
static const char *clean(const char *text, char room[LOG_TEXT_BYTES_MAX])
{
    snprintf(room, LOG_TEXT_BYTES_MAX, "%s", text);
    printable_make(room);
    return room;
}

/* A line that has no room for a field says that it was cut, and stays valid JSON. */
static size_t format_json(char *line, const char *time, enum log_level level, const char *event,
                          const struct log_field *fields, unsigned count)
{
    const size_t cut_bytes = sizeof ",\"cut\":true}";
    char room[LOG_TEXT_BYTES_MAX];
    bool cut = false;
    struct json_writer json;
    json_start(&json, line, LOG_LINE_BYTES_MAX - 1 - cut_bytes);
    json_object_open(&json);
    json_key(&json, "time");
    json_string(&json, time);
    json_key(&json, "level");
    json_string(&json, level_names[level]);
    json_key(&json, "event");
    json_string(&json, clean(event, room));
    for (unsigned index = 0; index < count; index++) {
        struct json_writer before = json;
        json_key(&json, fields[index].name);
        if (fields[index].text)
            json_string(&json, clean(fields[index].text, room));
        else
            json_integer(&json, fields[index].integer);
        if (json.overflow) {
            json = before;
            cut = true;
        }
    }
    json.capacity += cut_bytes;
    if (cut) {
        json_key(&json, "cut");
        json_bool(&json, true);
    }
    json_object_close(&json);
    return json.size;
}

/* A text that could be taken for more than one field stands in quotes. */
static int print_field(char *out, size_t room, const struct log_field *field)
{
    char text[LOG_TEXT_BYTES_MAX];
    if (!field->text)
        return snprintf(out, room, " %s=%" PRId64, field->name, field->integer);
    clean(field->text, text);
    bool quoted = !*text || strpbrk(text, " =\"\\");
    if (!quoted)
        return snprintf(out, room, " %s=%s", field->name, text);
    char escaped[2 * LOG_TEXT_BYTES_MAX];
    size_t size = 0;
    for (const char *byte = text; *byte; byte++) {
        if (*byte == '"' || *byte == '\\')
            escaped[size++] = '\\';
        escaped[size++] = *byte;
    }
    escaped[size] = 0;
    return snprintf(out, room, " %s=\"%s\"", field->name, escaped);
}

static size_t format_text(char *line, const char *time, enum log_level level, const char *event,
                          const struct log_field *fields, unsigned count)
{
    char shown[LOG_TEXT_BYTES_MAX];
    size_t room = LOG_LINE_BYTES_MAX - 1 - sizeof " cut=true";
    size_t used =
        (size_t)snprintf(line, room, "%s %-5s %s", time, level_names[level], clean(event, shown));
    bool cut = false;
    for (unsigned index = 0; index < count; index++) {
        size_t size = (size_t)print_field(line + used, room - used, &fields[index]);
        bool fits = size < room - used;
        used += fits ? size : 0;
        cut = cut || !fits;
    }
    if (cut)
        used += (size_t)snprintf(line + used, sizeof " cut=true", " cut=true");
    return used;
}

void log_write(struct log_site *site, enum log_level level, const char *event,
               const struct log_field *fields, unsigned count)
{
    uint32_t suppressed;
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed))
        return;
    if (!site_admits(site, clock_unix_ms() / 1000, &suppressed))
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
