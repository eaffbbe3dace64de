/**
 * What lies where in the shared memory of the frontline queue, for the engine and for readers.
 * Needs only libc, because the readers' library includes it.
 *
 *   records memfd (readers map it read-only, sealed against any later writable mapping)
 *     head | ring heads | logs | standing bits | orders | slot heads | records
 *   claims memfd (readers write it; the engine believes nothing that stands there)
 *     waiter counts | one claim word a slot
 *
 * One ring a (producer, queue): ring = queue * producers + producer; slot = ring * slots_per_ring +
 * n. What each word means and who may change it when is said at the head of ring.c.
 *
 * Who looks for a case reads the standing bits of a ring first, one for each slot that is the
 * server's, and of those slots the claim word and the order, eight to a line each.
 */
#ifndef REDRESS_FRONTLINE_LAYOUT_H
#define REDRESS_FRONTLINE_LAYOUT_H

#include <redress/frontline.h>

#include <stdalign.h>
#include <stdatomic.h>

enum {
    FRONTLINE_LINE_BYTES = 64,
    FRONTLINE_STANDING_BITS = 64, /* of one word of standing bits */
    FRONTLINE_LAYOUT_VERSION = 3,
    FRONTLINE_RECORD_WORDS = FRONTLINE_RECORD_BYTES / 8,
    FRONTLINE_DURABLE_WAITERS = QUEUES_MAX, /* its waiter count follows those of the queues */
    FRONTLINE_OWNER_NONE = 0,
    FRONTLINE_OWNER_KEPT = 1, /* claims that outlive the reader that made them */
    FRONTLINE_OWNER_FIRST = 2,
    FRONTLINE_OWNER_LAST = (1 << 13) - 1,
    /* Mappings up to here are made resident at once, so that no urgent case pays for a page: 30 us
     * on a virtual machine. Larger ones grow as they are used. */
    FRONTLINE_POPULATED_BYTES_MAX = 16 * 1024 * 1024
};

#define FRONTLINE_LAYOUT_MAGIC UINT64_C(0x6e6f72662d646572) /* "red-fron" */

/** A claim word: state 3 bits, owner 13, check 8, epoch 40. */
enum frontline_word_state {
    WORD_FREE = 0,
    WORD_READY = 1,
    WORD_CLAIMED = 2,
    WORD_RETURNED = 3,
    WORD_ACKED = 4,
    WORD_HELD = 5 /* out of everybody's hands until every lease on it has run out */
};

#define FRONTLINE_EPOCH_MAX ((UINT64_C(1) << 40) - 1)

/** CRC-8 (polynomial 0x07) of the other 56 bits: no word that differs in up to two bits passes.
 * Four bits at a time: a claim and its end ask for it four times. */
static inline uint64_t frontline_word_check(uint64_t word)
{
    static const uint8_t of_four_bits[16] = {0x00, 0x07, 0x0E, 0x09, 0x1C, 0x1B, 0x12, 0x15,
                                             0x38, 0x3F, 0x36, 0x31, 0x24, 0x23, 0x2A, 0x2D};
    uint64_t rest = (word & 0xFFFF) | (word >> 24 << 16);
    unsigned crc = 0;
    for (int at = 52; at >= 0; at -= 4)
        crc = ((crc << 4) & 0xFF) ^ of_four_bits[(crc >> 4) ^ (rest >> at & 0xF)];
    return crc;
}

static inline uint64_t frontline_word(enum frontline_word_state state, uint32_t owner,
                                      uint64_t epoch)
{
    uint64_t word = (uint64_t)state | (uint64_t)owner << 3 | epoch << 24;
    return word | frontline_word_check(word) << 16;
}

static inline enum frontline_word_state frontline_word_state(uint64_t word)
{
    return (enum frontline_word_state)(word & 7);
}

static inline uint32_t frontline_word_owner(uint64_t word)
{
    return (uint32_t)(word >> 3) & FRONTLINE_OWNER_LAST;
}

static inline uint64_t frontline_word_epoch(uint64_t word)
{
    return word >> 24;
}

static inline bool frontline_word_is_sound(uint64_t word)
{
    return ((word >> 16) & 0xFF) == frontline_word_check(word);
}

/** Figures as readers see them, in the order of struct frontline_stats. */
enum { FRONTLINE_STATS_WORDS = sizeof(struct frontline_stats) / sizeof(uint64_t) };

struct frontline_head {
    uint64_t magic;
    uint32_t version;
    uint32_t record_bytes;
    uint32_t producer_count;
    uint32_t queue_count;
    uint32_t slots_per_ring;
    uint32_t reserved;
    uint64_t instance; /* random, of this life of the engine */
    uint64_t lease_ns;
    uint64_t records_bytes; /* of the two memfds */
    uint64_t claims_bytes;
    alignas(
        FRONTLINE_LINE_BYTES) _Atomic uint32_t bell; /* the futex that sleeping readers wait on */
    alignas(FRONTLINE_LINE_BYTES) _Atomic uint64_t stats[FRONTLINE_STATS_WORDS];
    char queue_names[QUEUES_MAX][FRONTLINE_QUEUE_BYTES];
};

struct frontline_ring_head {
    alignas(
        FRONTLINE_LINE_BYTES) _Atomic uint64_t published; /* by the producer: entries in its log */
    alignas(FRONTLINE_LINE_BYTES) _Atomic uint64_t reissued; /* by the server: cases come back */
};

struct frontline_slot_head {
    alignas(
        FRONTLINE_LINE_BYTES) _Atomic uint64_t issued; /* the one word that may be claimed, or 0 */
    _Atomic uint64_t durable_epoch;                    /* its acknowledgement is in Kafka */
    _Atomic uint64_t case_high;
    _Atomic uint64_t case_low;
    _Atomic uint32_t revision;
    _Atomic uint32_t bytes;
    _Atomic uint32_t newer; /* slot + 1 of a higher revision that waits for this one; 0: none */
};

struct frontline_shared_record {
    _Atomic uint64_t words[FRONTLINE_RECORD_WORDS];
};

struct frontline_waiters {
    alignas(FRONTLINE_LINE_BYTES) _Atomic uint32_t count;
};

struct frontline_claims {
    struct frontline_waiters waiters[QUEUES_MAX + 1];
    /* Not 0: the engine will look at the words soon, nobody has to ask it. */
    alignas(FRONTLINE_LINE_BYTES) _Atomic uint32_t nudged;
    alignas(FRONTLINE_LINE_BYTES) _Atomic uint64_t words[];
};

/** Where each part begins, in bytes; computed alike on both sides. */
struct frontline_geometry {
    uint32_t ring_count;
    uint32_t slot_count;
    uint32_t standing_words; /* of one ring */
    uint64_t rings;
    uint64_t logs;     /* _Atomic uint32_t [ring][slots_per_ring] */
    uint64_t standing; /* _Atomic uint64_t [ring][standing_words] */
    uint64_t orders;   /* _Atomic uint64_t [slot]; higher goes first */
    uint64_t slots;
    uint64_t records;
    uint64_t records_bytes;
    uint64_t claims_bytes;
};

static inline uint64_t frontline_line_up(uint64_t size)
{
    return (size + FRONTLINE_LINE_BYTES - 1) / FRONTLINE_LINE_BYTES * FRONTLINE_LINE_BYTES;
}

static inline struct frontline_geometry
frontline_geometry(uint32_t producer_count, uint32_t queue_count, uint32_t slots_per_ring)
{
    struct frontline_geometry geometry = {.ring_count = producer_count * queue_count};
    geometry.slot_count = geometry.ring_count * slots_per_ring;
    uint64_t slots = geometry.slot_count;
    geometry.rings = frontline_line_up(sizeof(struct frontline_head));
    geometry.logs = geometry.rings + geometry.ring_count * sizeof(struct frontline_ring_head);
    geometry.standing_words =
        (slots_per_ring + FRONTLINE_STANDING_BITS - 1) / FRONTLINE_STANDING_BITS;
    geometry.standing = frontline_line_up(geometry.logs + slots * sizeof(uint32_t));
    uint64_t standing_words = (uint64_t)geometry.ring_count * geometry.standing_words;
    geometry.orders = frontline_line_up(geometry.standing + standing_words * sizeof(uint64_t));
    geometry.slots = frontline_line_up(geometry.orders + slots * sizeof(uint64_t));
    geometry.records = geometry.slots + slots * sizeof(struct frontline_slot_head);
    geometry.records_bytes = geometry.records + slots * FRONTLINE_RECORD_BYTES;
    geometry.claims_bytes = sizeof(struct frontline_claims) + slots * sizeof(uint64_t);
    return geometry;
}

/** The graver goes first, then the older. */
static inline uint64_t frontline_order(const struct frontline_record *record)
{
    uint64_t age_max = (UINT64_C(1) << 48) - 1;
    uint64_t since = record->decided_ms > 0 ? (uint64_t)record->decided_ms & age_max : 0;
    return (uint64_t)record->severity << 56 | (age_max - since);
}

/** The bit of FUTEX_WAIT_BITSET that wakes for a queue. */
static inline uint32_t frontline_bell_bit(uint32_t queue_index)
{
    return 1u << (queue_index % 31);
}

static inline uint32_t frontline_bell_bit_durable(void)
{
    return 1u << 31;
}

#endif
