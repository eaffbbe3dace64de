/**
 * What the engine keeps for itself about the frontline queue: its own truth of every slot, which it
 * decides from, beside the shared words, which it only compares with that truth.
 *
 * Only for the files of this folder (and tests).
 */
#ifndef REDRESS_FRONTLINE_RING_H
#define REDRESS_FRONTLINE_RING_H

#include "base/ring.h"
#include "frontline/frontline.h"
#include "frontline/layout.h"
#include "frontline/standing.h"

enum slot_holder { HOLDER_PRODUCER, HOLDER_SERVER };
/** SLOT_WAITING: a higher revision of a case that stands; nobody can claim it yet. */
enum slot_state { SLOT_READY, SLOT_CLAIMED, SLOT_HELD, SLOT_ACKED, SLOT_WAITING };

/** Written by its holder only; the other side reads `holder` first. */
struct slot_truth {
    _Atomic uint32_t holder; /* enum slot_holder */
    enum slot_state state;
    uint32_t ring;
    uint32_t owner;
    bool bound;    /* the claim ends when its owner hangs up */
    bool reported; /* handed to on_acknowledged */
    bool indexed;  /* in the case index; the server's, as is next */
    uint8_t revision;
    uint64_t epoch;    /* the last one issued */
    uint64_t word;     /* what the claim word is while no reader changes it */
    uint64_t until_ns; /* end of the lease or of being held; 0: set at the next walk */
    struct case_id case_id;
    uint32_t first_walk;            /* the server's: when it saw this first */
    uint32_t next;                  /* slot + 1 in the same bucket of the case index */
    _Atomic uint64_t durable_epoch; /* set by whoever hears from Kafka */
};

/** One ring: slots of one queue that one producer fills. */
struct frontline_ring {
    struct ring free_slots;        /* server to producer; struct slot_truth */
    struct slot_truth *spare;      /* the producer's: a slot it took and did not need */
    uint64_t log_position;         /* the producer's */
    _Atomic uint64_t pushed_total; /* by the producer */
    _Atomic uint64_t duplicates_total;
    _Atomic uint64_t overflowed_total;
    alignas(RING_CACHE_LINE_BYTES) _Atomic uint64_t freed_total; /* by the server */
};

/** Written by the server, read by anybody. */
struct claim_figures {
    _Atomic uint64_t claimed;
    _Atomic uint64_t waiting_durable;
    _Atomic uint64_t acknowledged_total;
    _Atomic uint64_t given_back_total;
    _Atomic uint64_t expired_total;
    _Atomic uint64_t hung_up_total;
    _Atomic uint64_t repaired_total;
    _Atomic uint64_t withdrawn_total;
    _Atomic uint64_t superseded_total;
    _Atomic uint64_t readers;
};

/** Beside an epoch in slot_truth.durable_epoch: not durable, offer it again. */
#define ACKNOWLEDGEMENT_FAILED (UINT64_C(1) << 63)

struct frontline {
    uint32_t producer_count;
    uint32_t queue_count;
    uint32_t slots_per_ring;
    uint64_t lease_ns;
    struct frontline_geometry geometry;
    int records_fd;
    int claims_fd;
    char *records_map;
    struct frontline_head *head;
    struct frontline_ring_head *ring_heads;
    _Atomic uint32_t *logs;
    _Atomic uint64_t *standing_bits;
    _Atomic uint64_t *orders;
    struct frontline_slot_head *slot_heads;
    struct frontline_shared_record *records;
    struct frontline_claims *claims;
    struct frontline_ring *rings;
    struct slot_truth *truths;
    uint32_t *buckets; /* of the case index: slot + 1, 0 none; the server's */
    uint32_t bucket_count;
    uint32_t walk_serial; /* the server's */
    struct standing standing;
    struct claim_figures figures;
    _Atomic uint64_t refilled_late_total; /* by the refill, once it has caught up */
    _Atomic uint64_t noted_total;         /* acknowledgements heard of that were not our own */
    uint64_t noted_seen;                  /* the server's */
    uint64_t attached[(FRONTLINE_OWNER_LAST + 1) / 64]; /* the server's: owners with a connection */
};

static inline uint32_t frontline_slot_of(const struct frontline *frontline,
                                         const struct slot_truth *truth)
{
    return (uint32_t)(truth - frontline->truths);
}

static inline uint32_t frontline_queue_of(const struct frontline *frontline, uint32_t ring)
{
    return ring / frontline->producer_count;
}

/** The word that has the slot's standing bit. */
static inline _Atomic uint64_t *frontline_standing_word(const struct frontline *frontline,
                                                        uint32_t ring, uint32_t slot)
{
    uint32_t place = (slot - ring * frontline->slots_per_ring) / FRONTLINE_STANDING_BITS;
    return &frontline->standing_bits[(size_t)ring * frontline->geometry.standing_words + place];
}

static inline uint64_t frontline_standing_bit(const struct frontline *frontline, uint32_t ring,
                                              uint32_t slot)
{
    uint32_t place = (slot - ring * frontline->slots_per_ring) % FRONTLINE_STANDING_BITS;
    return UINT64_C(1) << place;
}

/** Wakes the readers that wait on `waiters` (a queue index or FRONTLINE_DURABLE_WAITERS). */
void frontline_ring_bell(struct frontline *frontline, uint32_t waiters);

#endif
