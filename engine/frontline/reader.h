/**
 * The inside of a reader. Only for reader*.c, which become the library redress-frontline and
 * include nothing but <redress/...>, layout.h, wire.h and libc.
 */
#ifndef REDRESS_FRONTLINE_READER_H
#define REDRESS_FRONTLINE_READER_H

#include "frontline/layout.h"

struct frontline_reader {
    int fd;
    uint32_t owner;
    uint32_t serial;
    bool stopped; /* the engine has hung up; final */
    const char *records_map;
    const struct frontline_head *head;
    const struct frontline_ring_head *ring_heads;
    const _Atomic uint32_t *logs;
    const _Atomic uint64_t *standing_bits;
    const _Atomic uint64_t *orders;
    const struct frontline_slot_head *slot_heads;
    const struct frontline_shared_record *records;
    struct frontline_claims *claims;
    struct frontline_geometry geometry;
    uint32_t producer_count;
    uint32_t queue_count;
    uint32_t slots_per_ring;
    uint64_t lease_ns;
    uint64_t instance;
    uint64_t *tail_positions; /* of each ring */
    uint64_t map_bytes;       /* of this struct and the positions behind it */
};

uint64_t reader_now_ns(void);
/** True once the engine's end of the socket is closed; asks the kernel. */
bool reader_is_stopped(struct frontline_reader *reader);
/** Has the engine look at the claim words now: by a packet, or by none where it comes anyway. Best
 * effort: it looks by itself soon. */
void reader_nudge(const struct frontline_reader *reader);

static inline bool reader_selects(const struct frontline_reader *reader, uint64_t queues,
                                  uint32_t ring)
{
    return (queues >> (ring / reader->producer_count) & 1) != 0;
}

/** The standing bits of the slots [n, n + FRONTLINE_STANDING_BITS) of a ring. */
static inline uint64_t reader_standing(const struct frontline_reader *reader, uint32_t ring,
                                       uint32_t n)
{
    size_t first = (size_t)ring * reader->geometry.standing_words;
    /* Pairs with the release in publish() (ring.c): what stands is seen whole. */
    return atomic_load_explicit(&reader->standing_bits[first + n / FRONTLINE_STANDING_BITS],
                                memory_order_acquire);
}

/**
 * Copies the record of a slot whose issued word is `ready`. False where the slot was taken back or
 * used again meanwhile: the copy is then worth nothing.
 */
bool reader_copy(const struct frontline_reader *reader, uint32_t slot, uint64_t ready,
                 struct frontline_record *record);

/** True where a claim word that says READY is the one that was issued: it can be claimed. */
bool reader_is_issued(const struct frontline_reader *reader, uint32_t slot, uint64_t word);
bool reader_any_ready(const struct frontline_reader *reader, uint64_t queues);

/**
 * Sleeps until the bell rings for `queues` or, with durable, for acknowledgements.
 * reader_register() first, then look again, then this; sleeps at most one slice, and not past
 * until_ns.
 */
uint32_t reader_register(struct frontline_reader *reader, uint64_t queues, bool durable);
void reader_sleep(const struct frontline_reader *reader, uint32_t bell, uint64_t queues,
                  bool durable, uint64_t until_ns);
/** The moment a timeout ends; UINT64_MAX for none. */
uint64_t reader_deadline_ns(int64_t timeout_ms);

#endif
