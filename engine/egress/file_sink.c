#include "egress/file_sink.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/memory.h"
#include "egress/sink_topics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_NAME_BYTES_MAX = 280 };

struct file_sink {
    struct sink base;
    int folder;
    struct sink_topics topics;
    FILE *files[SINK_TOPICS_MAX];
    void **pending; /* opaques of the lines written since the last poll */
    uint32_t pending_count;
    uint32_t pending_max;
};

static FILE *open_file(const struct file_sink *sink, const char *topic)
{
    char name[FILE_NAME_BYTES_MAX];
    if (strchr(topic, '/') || snprintf(name, sizeof name, "%s.jsonl", topic) >= (int)sizeof name)
        return NULL;
    int fd = openat(sink->folder, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0)
        return NULL;
    FILE *file = fdopen(fd, "a");
    if (!file)     /* unreachable: only without memory, which the tests cannot take from libc */
        close(fd); /* unreachable: see above */
    return file;
}

static enum redress_status open_topic(struct sink *base, const char *name, uint32_t *out)
{
    struct file_sink *sink = (struct file_sink *)base;
    enum redress_status status = sink_topics_find(&sink->topics, name, out);
    if (status != STATUS_NOT_FOUND)
        return status;
    status = sink_topics_add(&sink->topics, name);
    if (status != STATUS_OK)
        return status;
    sink->files[*out] = open_file(sink, name);
    if (sink->files[*out])
        return STATUS_OK;
    sink_topics_drop_last(&sink->topics);
    return STATUS_IO;
}

static enum redress_status become_fatal(struct file_sink *sink, uint32_t topic)
{
    LOG_ERROR("a file of the output cannot be written",
              log_text("topic", sink->topics.names[topic]), log_text("error", strerror(errno)));
    sink_set_trouble(&sink->base, STATUS_FATAL);
    return STATUS_FATAL;
}

static enum redress_status produce(struct sink *base, const struct sink_record *record)
{
    struct file_sink *sink = (struct file_sink *)base;
    ASSERT(record->topic < sink->topics.count);
    if (sink_trouble(base) == STATUS_FATAL)
        return STATUS_FATAL;
    if (sink->pending_count == sink->pending_max)
        return STATUS_FULL;
    FILE *file = sink->files[record->topic];
    if (fwrite(record->value.data, 1, record->value.size, file) != record->value.size ||
        fputc('\n', file) == EOF)
        return become_fatal(sink, record->topic);
    sink->pending[sink->pending_count++] = record->opaque;
    return STATUS_OK;
}

static uint32_t poll_lines(struct sink *base)
{
    struct file_sink *sink = (struct file_sink *)base;
    uint32_t count = sink->pending_count;
    if (count == 0)
        return 0;
    for (uint32_t topic = 0; topic < sink->topics.count; topic++)
        if (fflush(sink->files[topic]) != 0)
            (void)become_fatal(sink, topic);
    enum redress_status outcome = sink_trouble(base) == STATUS_FATAL ? STATUS_FATAL : STATUS_OK;
    sink->pending_count = 0;
    for (uint32_t index = 0; index < count; index++)
        base->delivered(base->context, sink->pending[index], outcome);
    return count;
}

static uint64_t pending(const struct sink *base)
{
    return ((const struct file_sink *)base)->pending_count;
}

static void close_sink(struct sink *base)
{
    struct file_sink *sink = (struct file_sink *)base;
    for (uint32_t topic = 0; topic < sink->topics.count; topic++)
        fclose(sink->files[topic]);
    sink_topics_free(&sink->topics);
    close(sink->folder);
    memory_free(sink->pending);
    memory_free(sink);
}

enum redress_status file_sink_create(const char *folder, uint32_t pending_max, struct sink **out)
{
    static const struct sink_ops ops = {
        .topic = open_topic,
        .produce = produce,
        .poll = poll_lines,
        .pending = pending,
        .close = close_sink,
    };
    struct file_sink *sink = memory_allocate(sizeof *sink);
    if (!sink)
        return STATUS_MEMORY;
    sink->base.ops = &ops;
    sink->pending_max = pending_max;
    sink->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sink->pending = memory_allocate_array(pending_max, sizeof *sink->pending);
    if (sink->folder < 0 || !sink->pending) {
        enum redress_status status = sink->pending ? STATUS_IO : STATUS_MEMORY;
        if (sink->folder >= 0)
            close(sink->folder);
        memory_free(sink->pending);
        memory_free(sink);
        return status;
    }
    *out = &sink->base;
    return STATUS_OK;
}
