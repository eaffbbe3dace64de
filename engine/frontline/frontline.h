/**
 * The engine's side of the frontline queue: makes the shared memory and publishes cases into it.
 *
 *   frontline_create()            start-up; frontline_server_open() (server.h) lets readers in
 *   frontline_push()              workers and the refill, each with its own producer index
 *   frontline_server_step()       control thread: claims, leases, acknowledgements
 *   frontline_acknowledgement_durable()   any thread, once Kafka has the acknowledgement
 *
 * What the protocol promises and why is at the head of ring.c.
 */
#ifndef REDRESS_FRONTLINE_FRONTLINE_H
#define REDRESS_FRONTLINE_FRONTLINE_H

#include <redress/frontline.h>

enum {
    FRONTLINE_SLOTS_DEFAULT = 1024, /* of one ring: one producer, one queue */
    FRONTLINE_SLOTS_MAX = 65536,
    FRONTLINE_SLOTS_TOTAL_MAX = 1 << 24,
    FRONTLINE_LEASE_MS_DEFAULT = 5 * 60 * 1000,
    FRONTLINE_STANDING_DEFAULT = 1 << 20, /* case ids remembered against repeats */
    FRONTLINE_PRODUCERS_MAX = WORKERS_MAX + 1
};

struct frontline;

struct frontline_settings {
    uint32_t producer_count;        /* workers, plus one for the refill, which is the last */
    uint32_t queue_count;           /* <= QUEUES_MAX */
    const char *const *queue_names; /* copied; shorter than FRONTLINE_QUEUE_BYTES */
    uint32_t slots_per_ring;        /* 0 takes the default; rounded up to a power of two */
    uint32_t lease_ms;              /* 0 takes the default */
    uint32_t standing_max;          /* 0 takes the default; rounded up to a power of two */
};

/** Creates both memfds. STATUS_INVALID bad settings, STATUS_MEMORY, STATUS_IO no memfd. */
NODISCARD enum redress_status frontline_create(const struct frontline_settings *settings,
                                               struct frontline **out);
/** Every producer and the server must have ended. NULL is fine. */
void frontline_free(struct frontline *frontline);

/** What frontline_create() will map and allocate, for the memory plan. */
uint64_t frontline_memory_bytes(const struct frontline_settings *settings);

/**
 * Publishes one case and wakes the readers that sleep. Copies; no system call unless one sleeps.
 *
 * Shape:   record comes from frontline_record_from_message() or frontline_record_read().
 * Returns: STATUS_OK; STATUS_FULL no slot: the case is in the topic and the refill will bring it;
 *          STATUS_CONFLICT this (case id, revision) stands or is acknowledged already. In all
 *          three the case is cared for; the others are counted.
 * Threads: one at a time per producer_index.
 */
NODISCARD enum redress_status frontline_push(struct frontline *frontline, uint32_t producer_index,
                                             uint32_t queue_index,
                                             const struct frontline_record *record);

/** Names one acknowledged case between the server and whoever writes it to Kafka. */
struct frontline_acknowledgement {
    uint64_t reference; /* give it back to frontline_acknowledgement_durable() */
    uint32_t queue_index;
    uint8_t revision;
    struct case_id case_id;
};

/**
 * Kafka has the acknowledgement: its slot may be used again. An unknown reference is ignored.
 * Threads: any.
 */
void frontline_acknowledgement_durable(struct frontline *frontline, uint64_t reference);

/** Kafka refused it: it is offered to on_acknowledged again. Threads: any. */
void frontline_acknowledgement_failed(struct frontline *frontline, uint64_t reference);

/** Marks a case as acknowledged, as read from the topic of acknowledgements. Threads: any. */
void frontline_note_acknowledged(struct frontline *frontline, struct case_id case_id,
                                 uint8_t revision);

/** Threads: any; a snapshot, each figure on its own. */
void frontline_read_stats(const struct frontline *frontline, struct frontline_stats *stats);
/** Standing cases of one queue, for the depth gauge. Threads: any. */
uint64_t frontline_queue_depth(const struct frontline *frontline, uint32_t queue_index);

#endif
