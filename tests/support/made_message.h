/**
 * Messages for tests of the stages behind ingest: the same shape as ingest makes, but each part in
 * a block of its own and exactly as large as promised, so that AddressSanitizer sees one byte too
 * much.
 */
#ifndef REDRESS_TESTS_SUPPORT_MADE_MESSAGE_H
#define REDRESS_TESTS_SUPPORT_MADE_MESSAGE_H

#include <redress/message.h>

struct made_message {
    struct message message;
    char *payload;
    char *room;
};

/** A record with that value (copied) and as much room as decoding asks for. NULL: a tombstone. */
struct made_message *made_message_create(const char *payload, size_t size);
/** The same with headers, which are not copied. */
struct made_message *made_message_create_with_headers(const char *payload, size_t size,
                                                      const struct message_header *headers,
                                                      uint16_t header_count);
void made_message_free(struct made_message *made);

static inline struct slice slice_from(const char *text, size_t size)
{
    return (struct slice){text, (uint32_t)size};
}

#endif
