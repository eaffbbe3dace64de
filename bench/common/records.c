#include "common/records.h"

#include "base/memory.h"
#include "decode/envelope.h"
#include "ingest/slab.h"
#include "support/lines.h"

#include <string.h>

#define SLAB_BYTES ((size_t)1 << 30) /* mapped; what no message stands in is never touched */
enum { BLOCK_BYTES_MAX = 1 << 20 };

static struct message *make_message(struct slab *slab, const char *line, uint32_t size,
                                    uint32_t index)
{
    uint32_t room = (uint32_t)envelope_room_bytes(size);
    void *block = NULL;
    size_t block_bytes = 0;
    if (slab_allocate(slab, sizeof(struct message) + size + MESSAGE_PADDING_BYTES + room, &block,
                      &block_bytes) != STATUS_OK)
        return NULL;
    struct message *message = memset(block, 0, block_bytes);
    char *payload = (char *)(message + 1);
    memcpy(payload, line, size);
    message->payload = (struct slice){payload, size};
    message->payload_size_original = size;
    message->room = payload + size + MESSAGE_PADDING_BYTES;
    message->room_size = room;
    message->topic = "bench";
    message->offset = index;
    message->timestamp_ms = 1;
    message->case_id = (struct case_id){index, index};
    return message;
}

static bool add(struct records *records, struct message *message)
{
    if (!message)
        return false;
    if ((records->count & (records->count - 1)) == 0) {
        size_t room = records->count ? 2 * (size_t)records->count : 1;
        records->messages = memory_resize(records->messages, room * sizeof *records->messages);
    }
    if (!records->messages)
        return false;
    records->messages[records->count++] = message;
    records->payload_bytes += message->payload.size;
    return true;
}

static bool add_line(void *context, const struct line *line)
{
    struct records *records = context;
    return line->size == 0 || add(records, make_message(records->slab, line->text,
                                                        (uint32_t)line->size, records->count));
}

bool records_read(struct records *records, const char *path)
{
    if (!records->slab && slab_create(SLAB_BYTES, BLOCK_BYTES_MAX, &records->slab) != STATUS_OK)
        return false;
    return lines_read(path, add_line, records);
}

void records_free(struct records *records)
{
    memory_free(records->messages);
    slab_destroy(records->slab);
    *records = (struct records){0};
}
