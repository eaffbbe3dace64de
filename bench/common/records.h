/*
 * A corpus as ingest would hold it: one struct message a line of a JSON Lines file, each in a block
 * of ingest's slab with its payload, its padding and its room.
 */
#ifndef REDRESS_BENCH_RECORDS_H
#define REDRESS_BENCH_RECORDS_H

#include <redress/message.h>

struct records {
    struct slab *slab;
    struct message **messages;
    uint32_t count;
    uint64_t payload_bytes;
    uint64_t text_bytes; /* once they are decoded */
};

/** Adds the lines of one file; false where it can't be read or memory is out. */
bool records_read(struct records *records, const char *path);
void records_free(struct records *records);

/** Makes a message what it was before decoding. */
static inline void record_reset(struct message *message)
{
    message->flags = 0;
    message->dead_reason = DEAD_NONE;
    message->text = message->id = message->customer = message->time = (struct slice){0};
    message->language_hint = message->attributes = (struct slice){0};
}

#endif
