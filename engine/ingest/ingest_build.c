/** Makes a message of a record: one block, one copy. */
#include "ingest/ingest_state.h"

#include "base/hash.h"

#include <string.h>

/* What of a record is kept, and where in the block it goes. */
struct block_plan {
    uint32_t payload_size;
    uint32_t key_size;
    uint16_t header_count;
    size_t header_bytes; /* names and values, without the array */
    size_t room_min;
    size_t total;
};

static size_t fixed_bytes(uint16_t header_count)
{
    return sizeof(struct message) + header_count * sizeof(struct message_header);
}

static size_t align_up(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

size_t message_block_bytes_max(const struct ingest_settings *settings)
{
    uint32_t payload_max = DEAD_LETTER_BYTES_MAX;
    for (uint32_t channel = 0; channel < settings->channel_count; channel++)
        if (settings->payload_bytes_max[channel] > payload_max)
            payload_max = settings->payload_bytes_max[channel];
    return align_up(fixed_bytes(MESSAGE_HEADERS_MAX) + INGEST_KEY_BYTES_MAX +
                    INGEST_HEADERS_BYTES_MAX + payload_max + MESSAGE_PADDING_BYTES) +
           settings->room_bytes(payload_max);
}

/* Headers are kept from the first on while they fit. */
static void plan_headers(const struct source_record *record, struct block_plan *plan)
{
    for (uint16_t index = 0; index < record->header_count; index++) {
        const struct message_header *header = &record->headers[index];
        size_t bytes = (size_t)header->name.size + header->value.size;
        if (index == MESSAGE_HEADERS_MAX || plan->header_bytes + bytes > INGEST_HEADERS_BYTES_MAX)
            return;
        plan->header_bytes += bytes;
        plan->header_count++;
    }
}

static void plan_block(const struct ingest *ingest, uint16_t channel,
                       const struct source_record *record, struct block_plan *plan)
{
    *plan = (struct block_plan){.payload_size = record->value.size, .key_size = record->key.size};
    uint32_t payload_max = ingest->settings.payload_bytes_max[channel];
    if (plan->payload_size > payload_max)
        plan->payload_size =
            payload_max < DEAD_LETTER_BYTES_MAX ? payload_max : DEAD_LETTER_BYTES_MAX;
    if (plan->key_size > INGEST_KEY_BYTES_MAX)
        plan->key_size = INGEST_KEY_BYTES_MAX;
    plan_headers(record, plan);
    /* Fields and attributes may come from the headers and the key as well. */
    size_t decoded = plan->payload_size + plan->header_bytes + plan->key_size;
    plan->room_min = ingest->settings.room_bytes((uint32_t)decoded);
    plan->total = align_up(fixed_bytes(plan->header_count) + plan->key_size + plan->header_bytes +
                           plan->payload_size + MESSAGE_PADDING_BYTES) +
                  plan->room_min;
}

static struct slice put(char **cursor, const char *data, uint32_t size)
{
    struct slice copy = {.data = data ? *cursor : NULL, .size = size};
    if (size > 0)
        memcpy(*cursor, data, size);
    *cursor += size;
    return copy;
}

static void copy_record(struct message *message, const struct source_record *record,
                        const struct block_plan *plan, size_t block_size)
{
    char *cursor = (char *)message + fixed_bytes(plan->header_count);
    struct message_header *headers = (struct message_header *)(message + 1);
    message->key = put(&cursor, record->key.data, plan->key_size);
    for (uint16_t index = 0; index < plan->header_count; index++) {
        const struct message_header *header = &record->headers[index];
        headers[index].name = put(&cursor, header->name.data, header->name.size);
        headers[index].value = put(&cursor, header->value.data, header->value.size);
    }
    message->headers = headers;
    message->header_count = plan->header_count;
    message->payload = put(&cursor, record->value.data, plan->payload_size);
    memset(cursor, 0, MESSAGE_PADDING_BYTES);
    size_t used = align_up((size_t)(cursor - (char *)message) + MESSAGE_PADDING_BYTES);
    message->room = (char *)message + used;
    message->room_size = (uint32_t)(block_size - used);
    ASSERT(message->room_size >= plan->room_min);
}

enum redress_status message_build(struct ingest *ingest, uint32_t slot,
                                  const struct source_record *record, struct message **out)
{
    const struct partition_entry *entry = partition_table_get(ingest->settings.partitions, slot);
    struct block_plan plan;
    plan_block(ingest, entry->channel_index, record, &plan);
    void *block;
    size_t block_size;
    enum redress_status status = slab_allocate(ingest->slab, plan.total, &block, &block_size);
    if (status != STATUS_OK)
        return status;
    struct message *message = block;
    memset(message, 0, sizeof *message);
    message->kind = MESSAGE_RECORD;
    message->partition_slot = slot;
    message->generation = ingest->slots[slot].generation;
    message->channel_index = entry->channel_index;
    message->partition = entry->partition;
    message->topic = entry->topic;
    message->offset = record->offset;
    message->timestamp_ms = record->timestamp_ms;
    message->flags = record->tombstone ? MESSAGE_TOMBSTONE : 0;
    message->payload_size_original =
        record->value_size_original ? record->value_size_original : record->value.size;
    message->payload_hash = hash_bytes(record->value.data, record->value.size);
    copy_record(message, record, &plan, block_size);
    *out = message;
    return STATUS_OK;
}
