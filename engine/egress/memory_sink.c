#include "egress/memory_sink.h"

#include "base/assert.h"
#include "base/memory.h"
#include "egress/sink_topics.h"

#include <string.h>

enum { KEPT_GROWTH = 256 };

struct entry {
    void *opaque;
    char *block; /* the copy that record points into; NULL where nothing is kept */
    struct memory_record record;
    uint32_t topic;
    uint32_t value_size;
    uint64_t due_poll;
};

struct memory_sink {
    struct sink base;
    struct memory_sink_manners manners;
    uint64_t seed_taken;
    uint64_t random;
    struct sink_topics topics;
    uint64_t topic_counts[SINK_TOPICS_MAX];
    struct entry *entries; /* pending, a circle of `capacity` */
    uint32_t capacity;
    uint64_t head;
    uint64_t tail;
    uint64_t polls;
    uint64_t delivered_count;
    struct entry *kept;
    uint64_t kept_count;
    uint64_t kept_max;
};

/* splitmix64: small, good enough, the same everywhere. */
static uint64_t next_random(struct memory_sink *sink)
{
    if (sink->manners.seed != sink->seed_taken) {
        sink->seed_taken = sink->manners.seed;
        sink->random = sink->manners.seed;
    }
    uint64_t mixed = sink->random += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

static bool happens(struct memory_sink *sink, uint32_t per_1000)
{
    return per_1000 > 0 && next_random(sink) % 1000 < per_1000;
}

static enum redress_status open_topic(struct sink *base, const char *name, uint32_t *out)
{
    struct memory_sink *sink = (struct memory_sink *)base;
    enum redress_status status = sink_topics_find(&sink->topics, name, out);
    return status == STATUS_NOT_FOUND ? sink_topics_add(&sink->topics, name) : status;
}

static struct slice copy_slice(char **place, struct slice from)
{
    if (!from.data)
        return from;
    struct slice copy = {.data = *place, .size = from.size};
    memcpy(*place, from.data, from.size);
    *place += from.size;
    return copy;
}

static size_t bytes_of(const struct sink_record *record)
{
    size_t bytes = record->header_count * sizeof(struct message_header) + record->key.size +
                   record->value.size;
    for (uint32_t index = 0; index < record->header_count; index++)
        bytes += record->headers[index].name.size + record->headers[index].value.size;
    return bytes;
}

static bool copy_record(const struct memory_sink *sink, const struct sink_record *record,
                        struct entry *entry)
{
    entry->block = memory_allocate(bytes_of(record) + 1);
    if (!entry->block)
        return false;
    struct message_header *headers = (struct message_header *)(void *)entry->block;
    char *place = (char *)(headers + record->header_count);
    for (uint32_t index = 0; index < record->header_count; index++) {
        headers[index].name = copy_slice(&place, record->headers[index].name);
        headers[index].value = copy_slice(&place, record->headers[index].value);
    }
    entry->record = (struct memory_record){
        .topic = sink->topics.names[record->topic],
        .key = copy_slice(&place, record->key),
        .value = copy_slice(&place, record->value),
        .headers = headers,
        .header_count = record->header_count,
        .alone = record->alone,
    };
    return true;
}

static enum redress_status admit(struct memory_sink *sink, const struct sink_record *record)
{
    const struct memory_sink_manners *manners = &sink->manners;
    uint64_t pending_max = manners->pending_max && manners->pending_max < sink->capacity
                               ? manners->pending_max
                               : sink->capacity;
    if (sink_trouble(&sink->base) == STATUS_FATAL)
        return STATUS_FATAL;
    if (manners->refuse != STATUS_OK)
        return manners->refuse;
    if (manners->value_bytes_max && record->value.size > manners->value_bytes_max)
        return STATUS_TOO_LARGE;
    if (sink->tail - sink->head >= pending_max || happens(sink, manners->full_per_1000))
        return STATUS_FULL;
    return STATUS_OK;
}

static enum redress_status produce(struct sink *base, const struct sink_record *record)
{
    struct memory_sink *sink = (struct memory_sink *)base;
    ASSERT(record->topic < sink->topics.count);
    enum redress_status status = admit(sink, record);
    if (status != STATUS_OK)
        return status;
    struct entry *entry = &sink->entries[sink->tail % sink->capacity];
    *entry = (struct entry){
        .opaque = record->opaque,
        .record.alone = record->alone,
        .topic = record->topic,
        .value_size = record->value.size,
        .due_poll = sink->polls + 1 + sink->manners.delay_polls,
    };
    if (sink->manners.keep && !copy_record(sink, record, entry))
        return STATUS_FULL;
    sink->tail++;
    return STATUS_OK;
}

static bool over_broker_limit(const struct memory_sink *sink, const struct entry *entry)
{
    return sink->manners.broker_bytes_max && entry->value_size > sink->manners.broker_bytes_max;
}

/* The records that end in this poll travelled in one batch a topic, but those sent alone: one that
 * is too large takes its whole batch with it, as at a real broker. */
static void mark_refused_batches(const struct memory_sink *sink, uint64_t end,
                                 bool refused[SINK_TOPICS_MAX])
{
    for (uint64_t index = sink->head; index < end; index++) {
        const struct entry *entry = &sink->entries[index % sink->capacity];
        if (!entry->record.alone && over_broker_limit(sink, entry))
            refused[entry->topic] = true;
    }
}

static enum redress_status outcome_of(struct memory_sink *sink, const struct entry *entry,
                                      const bool refused[SINK_TOPICS_MAX])
{
    if (sink->manners.fail != STATUS_OK)
        return sink->manners.fail;
    if (entry->record.alone ? over_broker_limit(sink, entry) : refused[entry->topic])
        return STATUS_TOO_LARGE;
    return happens(sink, sink->manners.retry_per_1000) ? STATUS_RETRY : STATUS_OK;
}

static void keep_entry(struct memory_sink *sink, const struct entry *entry)
{
    if (sink->kept_count == sink->kept_max) {
        uint64_t kept_max = sink->kept_max + sink->kept_max / 2 + KEPT_GROWTH;
        struct entry *grown = memory_resize(sink->kept, kept_max * sizeof *grown);
        ASSERT(grown != NULL); /* a test that keeps more than fits is wrong */
        sink->kept = grown;
        sink->kept_max = kept_max;
    }
    sink->kept[sink->kept_count++] = *entry;
}

static void settle(struct memory_sink *sink, const struct entry *entry, enum redress_status outcome)
{
    if (outcome == STATUS_OK) {
        sink->delivered_count++;
        sink->topic_counts[entry->topic]++;
        sink_set_trouble(&sink->base, STATUS_OK);
    } else if (outcome == STATUS_FATAL) {
        sink_set_trouble(&sink->base, STATUS_FATAL);
    }
    if (outcome == STATUS_OK && entry->block)
        keep_entry(sink, entry);
    else
        memory_free(entry->block);
}

static uint32_t poll_outcomes(struct sink *base)
{
    struct memory_sink *sink = (struct memory_sink *)base;
    sink->polls++;
    if (sink->manners.stalled)
        return 0;
    uint64_t end = sink->head;
    while (end < sink->tail && sink->entries[end % sink->capacity].due_poll <= sink->polls)
        end++;
    bool refused[SINK_TOPICS_MAX] = {false};
    mark_refused_batches(sink, end, refused);
    uint32_t count = 0;
    for (; sink->head < end; count++) {
        struct entry entry = sink->entries[sink->head % sink->capacity];
        enum redress_status outcome = outcome_of(sink, &entry, refused);
        settle(sink, &entry, outcome);
        sink->head++;
        base->delivered(base->context, entry.opaque, outcome);
    }
    return count;
}

static uint64_t pending(const struct sink *base)
{
    const struct memory_sink *sink = (const struct memory_sink *)base;
    return sink->tail - sink->head;
}

static void close_sink(struct sink *base)
{
    struct memory_sink *sink = (struct memory_sink *)base;
    for (; sink->head < sink->tail; sink->head++)
        memory_free(sink->entries[sink->head % sink->capacity].block);
    for (uint64_t index = 0; index < sink->kept_count; index++)
        memory_free(sink->kept[index].block);
    sink_topics_free(&sink->topics);
    memory_free(sink->kept);
    memory_free(sink->entries);
    memory_free(sink);
}

enum redress_status memory_sink_create(uint32_t capacity, struct memory_sink **out)
{
    static const struct sink_ops ops = {
        .topic = open_topic,
        .produce = produce,
        .poll = poll_outcomes,
        .pending = pending,
        .close = close_sink,
    };
    struct memory_sink *sink = memory_allocate(sizeof *sink);
    if (!sink)
        return STATUS_MEMORY;
    sink->base.ops = &ops;
    sink->capacity = capacity;
    sink->entries = memory_allocate_array(capacity, sizeof *sink->entries);
    if (!sink->entries) {
        memory_free(sink);
        return STATUS_MEMORY;
    }
    *out = sink;
    return STATUS_OK;
}

struct sink *memory_sink_base(struct memory_sink *sink)
{
    return &sink->base;
}

struct memory_sink_manners *memory_sink_manners(struct memory_sink *sink)
{
    return &sink->manners;
}

uint64_t memory_sink_count(const struct memory_sink *sink)
{
    return sink->delivered_count;
}

uint64_t memory_sink_topic_count(const struct memory_sink *sink, const char *topic)
{
    uint32_t index;
    enum redress_status status = sink_topics_find(&sink->topics, topic, &index);
    return status == STATUS_OK ? sink->topic_counts[index] : 0;
}

struct memory_record memory_sink_record(const struct memory_sink *sink, uint64_t index)
{
    ASSERT(index < sink->kept_count);
    return sink->kept[index].record;
}
