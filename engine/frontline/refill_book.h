/**
 * The refill without Kafka: what is done with each record of the frontline topics and of the topic
 * of acknowledgements, and which offsets must be kept because of it.
 *
 * Threads: one at a time.
 */
#ifndef REDRESS_FRONTLINE_REFILL_BOOK_H
#define REDRESS_FRONTLINE_REFILL_BOOK_H

#include "frontline/frontline.h"

/** One case that stands, and the place in the topic that it can come back from. */
struct refill_entry {
    struct case_id case_id;
    int64_t offset;
    uint32_t partition_index; /* of all partitions of all frontline topics */
    uint8_t revision;
};

struct refill_book {
    struct frontline *frontline;
    uint32_t producer_index;
    bool late; /* what is pushed from now on had overflowed */
    struct refill_entry *entries;
    uint32_t entry_count;
    uint32_t entries_max;
    uint64_t read_total;
    uint64_t pushed_total;
    uint64_t refused_total;
    uint64_t known_total;
};

NODISCARD enum redress_status
refill_book_init(struct refill_book *book, struct frontline *frontline, uint32_t producer_index);
void refill_book_destroy(struct refill_book *book);

/**
 * One record of a frontline topic; `bytes` is its header FRONTLINE_RECORD_HEADER and may be
 * anything.
 *
 * Returns: STATUS_OK: go on with the next; STATUS_FULL: offer the same one again later.
 */
NODISCARD enum redress_status refill_book_offer(struct refill_book *book, uint32_t queue_index,
                                                uint32_t partition_index, int64_t offset,
                                                const void *bytes, size_t size, uint64_t now_ns);

/** One record of the topic of acknowledgements; key and value may be anything. */
void refill_book_acknowledgement(struct refill_book *book, const char *key, size_t key_size,
                                 const char *value, size_t value_size);

/** Nothing before the answer is unacknowledged; `position` is the next offset to be read. */
int64_t refill_book_low_offset(const struct refill_book *book, uint32_t partition_index,
                               int64_t position);

#endif
