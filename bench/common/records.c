#include "common/records.h"

#include "base/memory.h"
#include "decode/envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct message *make_message(const char *line, uint32_t size, uint32_t index)
{
    uint32_t room = (uint32_t)envelope_room_bytes(size);
    struct message *message =
        memory_allocate(sizeof *message + size + MESSAGE_PADDING_BYTES + room);
    if (!message)
        return NULL;
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

bool records_read(struct records *records, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    char *line = NULL;
    size_t capacity = 0;
    bool good = true;
    ssize_t size;
    while (good && (size = getline(&line, &capacity, file)) > 0) {
        if (line[size - 1] == '\n')
            size--;
        if (size > 0)
            good = add(records, make_message(line, (uint32_t)size, records->count));
    }
    memory_free(line);
    (void)fclose(file);
    return good;
}

void records_free(struct records *records)
{
    for (uint32_t i = 0; i < records->count; i++)
        memory_free(records->messages[i]);
    memory_free(records->messages);
    *records = (struct records){0};
}
