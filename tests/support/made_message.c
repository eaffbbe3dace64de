#include "support/made_message.h"

#include "base/assert.h"
#include "base/memory.h"
#include "decode/envelope.h"

#include <string.h>

struct made_message *made_message_create(const char *payload, size_t size)
{
    return made_message_create_with_headers(payload, size, NULL, 0);
}

struct made_message *made_message_create_with_headers(const char *payload, size_t size,
                                                      const struct message_header *headers,
                                                      uint16_t header_count)
{
    size_t sum = size;
    for (uint16_t index = 0; index < header_count; index++)
        sum += headers[index].name.size + headers[index].value.size;
    struct made_message *made = memory_allocate(sizeof *made);
    size_t room_size = envelope_room_bytes((uint32_t)sum);
    ASSERT(made);
    made->payload = memory_allocate(size + MESSAGE_PADDING_BYTES);
    made->room = memory_allocate(room_size);
    ASSERT(made->payload && made->room);
    if (size > 0)
        memcpy(made->payload, payload, size);
    memset(made->room, 'x', room_size);
    made->message = (struct message){
        .kind = MESSAGE_RECORD,
        .flags = payload ? 0 : MESSAGE_TOMBSTONE,
        .topic = "made",
        .payload = {made->payload, (uint32_t)size},
        .payload_size_original = (uint32_t)size,
        .headers = headers,
        .header_count = header_count,
        .room = made->room,
        .room_size = (uint32_t)room_size,
    };
    return made;
}

void made_message_free(struct made_message *made)
{
    if (!made)
        return;
    memory_free(made->payload);
    memory_free(made->room);
    memory_free(made);
}
