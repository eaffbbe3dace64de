/**
 * One buffer: lines are cut from its front while a read appends behind.
 *
 *   [ given lines | current line | lines to come, perhaps cut | free, one read under way ]
 *     0            line_begin     line_end                     filled                capacity
 */
#include "ingest/file_source.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_READ_BYTES = 64 * 1024, FILE_PARTITIONS_MAX = 256, FILE_FIELD_BYTES_MAX = 64 };

struct file_source {
    struct source source;
    struct file_source_settings settings;
    char path[256];
    char needle[FILE_FIELD_BYTES_MAX + 4]; /* "field" with its quotes; "" without one */
    int fd;
    char *buffer;
    size_t capacity;
    size_t line_begin;
    size_t line_end; /* behind the current line, without its line break */
    size_t next;     /* where the line after it begins */
    size_t searched; /* no line break between next and here */
    size_t filled;
    uint64_t shed_bytes;         /* of the line that is being cut: behind its head, and forgotten */
    uint32_t line_size_original; /* of the current line, where bytes of it were shed; else 0 */
    bool have_line;
    bool reading;
    bool at_end; /* of the file, in the last round */
    uint32_t rounds_left;
    uint64_t file_offset;
    uint64_t line_number; /* over all rounds, of the current or next line, from 0 */
    uint64_t file_line;   /* of the file, for people */
    uint64_t start_ns;    /* when the first line was due; 0 before it */
    uint32_t line_partition;
    bool assigned_told;
    bool end_told;
    enum redress_status failed;
    bool failed_told;
    char error[256];
    uint32_t slots[FILE_PARTITIONS_MAX];
    int64_t offsets[FILE_PARTITIONS_MAX];
    int64_t stored[FILE_PARTITIONS_MAX];
    struct source_assignment told[FILE_PARTITIONS_MAX];
};

static struct file_source *own(struct source *base)
{
    return (struct file_source *)base;
}

static void fail(struct file_source *source, enum redress_status status, const char *what)
{
    source->failed = status;
    snprintf(source->error, sizeof source->error, "%.180s:%llu: %.40s", source->path,
             (unsigned long long)source->file_line + 1, what);
}

static void took_bytes(struct file_source *source, size_t size)
{
    if (size > 0) {
        source->filled += size;
        source->file_offset += size;
    } else if (source->rounds_left > 0) {
        source->rounds_left--;
        source->file_offset = 0;
        source->file_line = 0;
        /* The last line may lack its line break: the next round must not join it. */
        if (source->filled > source->next && source->buffer[source->filled - 1] != '\n')
            source->buffer[source->filled++] = '\n';
    } else {
        source->at_end = true;
    }
}

/* Little enough to read on, and to be moved to the front: a page cache gives a whole file at once,
 * and copying it would keep lines waiting that are due. */
static bool few_are_left(const struct file_source *source)
{
    return source->filled - source->next <= FILE_READ_BYTES;
}

/* No end of a line is in sight: more is needed, however much is there. */
static bool line_is_cut(const struct file_source *source)
{
    return !source->have_line && source->searched == source->filled;
}

/* Reads on if there is room: through the loop, or at once without one. */
static void read_more(struct file_source *source)
{
    if (source->at_end || source->failed != STATUS_OK)
        return;
    size_t size = 0;
    enum redress_status status;
    if (source->reading) {
        status = loop_read_result(source->settings.loop, &size);
        if (status == STATUS_EMPTY)
            return;
        source->reading = false;
        if (status == STATUS_OK)
            took_bytes(source, size);
        else
            fail(source, STATUS_IO, "cannot be read on");
    }
    /* One byte is kept for a line break between rounds. */
    size_t room = source->capacity - source->filled - 1;
    if (source->at_end || room < FILE_READ_BYTES || source->failed != STATUS_OK)
        return;
    if (!few_are_left(source) && !line_is_cut(source))
        return;
    char *into = source->buffer + source->filled;
    if (source->settings.loop) {
        status = loop_read_start(source->settings.loop, source->fd, into, FILE_READ_BYTES,
                                 source->file_offset);
        source->reading = status == STATUS_OK;
        if (status != STATUS_OK)
            fail(source, STATUS_IO, "cannot be read");
        return;
    }
    ssize_t answer = pread(source->fd, into, FILE_READ_BYTES, (off_t)source->file_offset);
    if (answer < 0)
        fail(source, STATUS_IO, strerror(errno));
    else
        took_bytes(source, (size_t)answer);
}

/* Moves what is not yet given to the front. Only between lines, and with no read under way. */
static void make_room(struct file_source *source)
{
    if (source->reading || source->next == 0 || source->capacity - source->filled > FILE_READ_BYTES)
        return;
    memmove(source->buffer, source->buffer + source->next, source->filled - source->next);
    source->filled -= source->next;
    source->searched -= source->next;
    source->next = 0;
}

/* The customer's bytes as they stand in the line: enough to keep equal customers together. */
static bool find_customer(const struct file_source *source, const char *line, size_t size,
                          uint64_t *hash)
{
    size_t needle_size = strlen(source->needle);
    if (needle_size == 0)
        return false;
    const char *end = line + size;
    const char *at = memmem(line, size, source->needle, needle_size);
    if (!at)
        return false;
    at += needle_size;
    while (at < end && (*at == ' ' || *at == ':'))
        at++;
    if (at == end || *at++ != '"')
        return false;
    const char *close = memchr(at, '"', (size_t)(end - at));
    if (!close)
        return false;
    *hash = hash_bytes(at, (size_t)(close - at));
    return true;
}

/* A line whose bytes do not fit: its head stays, what came behind it so far is only counted. */
static void shed_tail(struct file_source *source)
{
    size_t head_end = source->next + source->settings.line_bytes_max + 1;
    if (source->reading || source->filled <= head_end)
        return; /* the kernel writes behind what is filled: when it is through */
    source->shed_bytes += source->filled - head_end;
    source->filled = head_end;
    source->searched = head_end;
}

/* The end of a line that was shed in part: the head alone is the record. */
static void end_shed_line(struct file_source *source)
{
    uint64_t size = source->line_end - source->line_begin + source->shed_bytes;
    source->line_size_original = 0;
    if (source->shed_bytes == 0)
        return;
    source->line_size_original = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    source->line_end = source->line_begin + source->settings.line_bytes_max + 1;
    source->shed_bytes = 0;
}

static void take_line(struct file_source *source, size_t end, size_t next)
{
    source->line_begin = source->next;
    source->line_end = end;
    if (end > source->line_begin && source->buffer[end - 1] == '\r')
        source->line_end--;
    end_shed_line(source);
    source->next = next;
    source->searched = next;
    if (source->line_end == source->line_begin) {
        source->file_line++; /* an empty line is no record */
        return;
    }
    uint64_t hash = source->line_number;
    find_customer(source, source->buffer + source->line_begin,
                  source->line_end - source->line_begin, &hash);
    source->line_partition = (uint32_t)(hash % source->settings.partitions);
    source->have_line = true;
}

/* Makes the next line current, if its end has been read. */
static void cut_line(struct file_source *source)
{
    while (!source->have_line && source->failed == STATUS_OK) {
        const char *from = source->buffer + source->searched;
        const char *newline = memchr(from, '\n', source->filled - source->searched);
        if (newline) {
            size_t end = (size_t)(newline - source->buffer);
            take_line(source, end, end + 1);
        } else if (source->at_end && source->filled > source->next) {
            take_line(source, source->filled, source->filled);
        } else {
            source->searched = source->filled;
            if (source->filled - source->next > source->settings.line_bytes_max)
                shed_tail(source);
            return;
        }
    }
}

static uint64_t due_ns(const struct file_source *source)
{
    uint64_t rate = source->settings.lines_per_second;
    uint64_t number = source->line_number;
    return source->start_ns + number / rate * NS_PER_S + number % rate * NS_PER_S / rate;
}

static bool line_is_due(struct file_source *source)
{
    if (!source->have_line)
        return false;
    if (source->settings.lines_per_second == 0)
        return true;
    uint64_t now_ns = source->settings.clock_ns();
    if (source->start_ns == 0)
        source->start_ns = now_ns;
    return due_ns(source) <= now_ns;
}

static void advance_file(struct file_source *source)
{
    read_more(source);
    if (source->have_line)
        return;
    if (few_are_left(source))
        make_room(source); /* before the last line is given: none waits for the next read */
    cut_line(source);
    if (!source->have_line) {
        make_room(source);
        read_more(source);
        cut_line(source);
    }
}

static bool file_is_through(const struct file_source *source)
{
    return source->at_end && !source->have_line && source->next == source->filled;
}

static bool file_ready(struct source *base, uint32_t slot)
{
    struct file_source *source = own(base);
    if (slot == SOURCE_EVENTS)
        return !source->assigned_told || (source->failed != STATUS_OK && !source->failed_told) ||
               (file_is_through(source) && !source->end_told);
    if (!source->have_line)
        advance_file(source);
    return source->slots[source->line_partition] == slot && line_is_due(source);
}

static void tell_slots(struct file_source *source, struct source_event *event,
                       enum source_event_kind kind)
{
    for (uint32_t index = 0; index < source->settings.partitions; index++)
        source->told[index] =
            (struct source_assignment){.slot = source->slots[index], .generation = 1};
    event->kind = kind;
    event->slots = source->told;
    event->slot_count = source->settings.partitions;
}

static void file_poll(struct source *base, struct source_event *event)
{
    struct file_source *source = own(base);
    advance_file(source);
    if (!source->assigned_told) {
        source->assigned_told = true;
        tell_slots(source, event, SOURCE_ASSIGNED);
    } else if (source->failed != STATUS_OK && !source->failed_told) {
        source->failed_told = true;
        event->kind = SOURCE_FATAL;
        event->status = source->failed;
        snprintf(event->text, sizeof event->text, "%s", source->error);
    } else if (file_is_through(source) && !source->end_told) {
        source->end_told = true;
        event->kind = SOURCE_END;
    }
}

static enum redress_status file_peek(struct source *base, uint32_t slot,
                                     struct source_record *record)
{
    struct file_source *source = own(base);
    if (!file_ready(base, slot))
        return STATUS_EMPTY;
    *record = (struct source_record){
        .offset = source->offsets[source->line_partition],
        .timestamp_ms = clock_unix_ms(),
        .received_ns = source->settings.lines_per_second ? due_ns(source) : 0,
        .value_size_original = source->line_size_original,
        .value = {.data = source->buffer + source->line_begin,
                  .size = (uint32_t)(source->line_end - source->line_begin)}};
    return STATUS_OK;
}

static void file_advance(struct source *base, uint32_t slot)
{
    struct file_source *source = own(base);
    ASSERT(source->have_line && source->slots[source->line_partition] == slot);
    source->offsets[source->line_partition]++;
    source->have_line = false;
    source->line_number++;
    source->file_line++;
}

static uint32_t partition_of(const struct file_source *source, uint32_t slot)
{
    uint32_t index = 0;
    while (index < source->settings.partitions && source->slots[index] != slot)
        index++;
    ASSERT(index < source->settings.partitions);
    return index;
}

static enum redress_status file_store(struct source *base, uint32_t slot, uint32_t generation,
                                      int64_t next_offset)
{
    struct file_source *source = own(base);
    if (generation != 1)
        return STATUS_CONFLICT;
    source->stored[partition_of(source, slot)] = next_offset;
    return STATUS_OK;
}

static enum redress_status file_commit(struct source *base)
{
    (void)base; /* a file keeps no position: a replay begins at its beginning */
    return STATUS_OK;
}

static void file_released(struct source *base)
{
    (void)base; /* never revoked */
}

static enum redress_status file_leave(struct source *base)
{
    struct file_source *source = own(base);
    source->at_end = true;
    source->have_line = false;
    source->next = source->filled;
    return STATUS_OK;
}

static bool file_position(struct source *base, uint32_t slot, struct source_position *out)
{
    const struct file_source *source = own(base);
    uint32_t partition = partition_of(source, slot);
    *out = (struct source_position){.high_offset = -1,
                                    .next_offset = source->offsets[partition],
                                    .stored_offset = source->stored[partition]};
    return true;
}

static uint64_t file_wait_ns(struct source *base, uint64_t now_ns)
{
    const struct file_source *source = own(base);
    if (!source->have_line || source->settings.lines_per_second == 0 || source->start_ns == 0)
        return UINT64_MAX;
    uint64_t due = due_ns(source);
    return due > now_ns ? due - now_ns : 0;
}

static void file_close(struct source *base)
{
    struct file_source *source = own(base);
    size_t size;
    while (source->reading && loop_read_result(source->settings.loop, &size) == STATUS_EMPTY)
        loop_wait(source->settings.loop, NS_PER_MS); /* the kernel still writes into our buffer */
    if (source->fd >= 0)
        close(source->fd);
    memory_unmap(source->buffer, source->capacity);
    memory_free(source);
}

static const struct source_operations file_operations = {
    .name = "file",
    .poll = file_poll,
    .peek = file_peek,
    .advance = file_advance,
    .store = file_store,
    .commit = file_commit,
    .released = file_released,
    .leave = file_leave,
    .position = file_position,
    .ready = file_ready,
    .wait_ns = file_wait_ns,
    .close = file_close,
};

static enum redress_status open_file(struct file_source *source, struct redress_error *error)
{
    source->fd = open(source->settings.path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        *error = (struct redress_error){.status = STATUS_IO};
        snprintf(error->file, sizeof error->file, "%s", source->settings.path);
        snprintf(error->text, sizeof error->text, "cannot be opened: %s", strerror(errno));
        return STATUS_IO;
    }
    source->capacity = (size_t)source->settings.line_bytes_max + 2 * FILE_READ_BYTES;
    source->buffer = memory_map(source->capacity);
    return source->buffer ? STATUS_OK : STATUS_MEMORY;
}

static void set_defaults(struct file_source *source)
{
    struct file_source_settings *settings = &source->settings;
    settings->topic = settings->topic ? settings->topic : "replay";
    settings->partitions = settings->partitions ? settings->partitions : 1;
    settings->line_bytes_max =
        settings->line_bytes_max ? settings->line_bytes_max : MESSAGE_PAYLOAD_BYTES_MAX;
    settings->clock_ns = settings->clock_ns ? settings->clock_ns : clock_monotonic_ns;
    source->rounds_left = settings->repeat > 1 ? settings->repeat - 1 : 0;
    snprintf(source->path, sizeof source->path, "%s", settings->path);
    if (settings->customer_field && strlen(settings->customer_field) <= FILE_FIELD_BYTES_MAX)
        snprintf(source->needle, sizeof source->needle, "\"%s\"", settings->customer_field);
}

enum redress_status file_source_create(const struct file_source_settings *settings,
                                       struct source **out, struct redress_error *error)
{
    ASSERT(settings->path && settings->table && settings->partitions <= FILE_PARTITIONS_MAX);
    *out = NULL;
    *error = (struct redress_error){.status = STATUS_MEMORY, .text = "out of memory"};
    struct file_source *source = memory_allocate(sizeof *source);
    if (!source)
        return STATUS_MEMORY;
    source->source.operations = &file_operations;
    source->settings = *settings;
    source->fd = -1;
    set_defaults(source);
    enum redress_status status = open_file(source, error);
    for (uint32_t index = 0; status == STATUS_OK && index < source->settings.partitions; index++) {
        source->stored[index] = -1;
        status = partition_table_add(settings->table, source->settings.topic, (int32_t)index,
                                     settings->channel_index, &source->slots[index]);
    }
    if (status != STATUS_OK) {
        file_close(&source->source);
        return status;
    }
    *out = &source->source;
    return STATUS_OK;
}

uint64_t file_source_lines(const struct source *source)
{
    return ((const struct file_source *)source)->line_number;
}
