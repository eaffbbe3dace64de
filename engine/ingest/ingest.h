/**
 * Ingest: takes records from a source into the slab, enters them in the ledger, hands them over,
 * takes them back when they are done, and has their offsets stored. Never classifies, never blocks.
 *
 *   source --peek--> slab block + ledger entry --hand_over--> ... --return ring--> ledger, store,
 * free
 *
 * Back-pressure is not reading: over the message or byte budget, or when hand_over says
 * STATUS_FULL, a partition is not read until there is room; the others go on, in turn.
 *
 * Conservation, per slot: received = done[case] + done[calm] + done[dead letter] + abandoned +
 * held.
 *
 * Threads: everything by the ingest thread, but the reading of counters, which anybody may do.
 */
#ifndef REDRESS_INGEST_INGEST_H
#define REDRESS_INGEST_INGEST_H

#include "base/doorbell.h"
#include "base/ring.h"
#include "ingest/partitions.h"
#include "ingest/source.h"

#include <redress/message.h>

#include <stdatomic.h>

struct loop;

struct ingest_settings {
    struct source *source;              /* the caller closes it after ingest_destroy() */
    struct partition_table *partitions; /* the one that the source fills */
    struct loop *loop;                  /* NULL: ingest_wait() returns at once (simulator) */
    struct doorbell *doorbell; /* rung by whoever pushes into a return ring; NULL without loop */
    struct ring *const *return_rings; /* messages that have ended; each holds held_messages_max */
    uint32_t return_ring_count;
    uint32_t held_messages_max;
    uint64_t held_bytes_max;   /* the slab's region */
    uint32_t quantum_messages; /* how many of one partition before the next has its turn; 0: 64 */
    uint32_t lap_messages_max; /* how many of all partitions in one step; 0: as many as there are */
    uint64_t drain_ns_max;     /* how long a revoke waits for messages in flight */
    uint32_t payload_bytes_max[CHANNELS_MAX]; /* by channel index; above it only the head is kept */
    uint32_t channel_count;
    /* How many bytes decoding may need behind a payload of this size. */
    size_t (*room_bytes)(uint32_t payload_size);
    /* The message is whole but for case_id, which hand_over fills in. STATUS_OK: it has a new
     * owner; STATUS_FULL: no room now, the same message is offered again later. */
    enum redress_status (*hand_over)(void *context, struct message *message);
    /* After a batch of hand_over calls, so that doorbells ring once a batch. May be NULL. */
    void (*hand_over_end)(void *context);
    /* A slot began (true) or ended (false) a generation. May be NULL. */
    void (*assignment)(void *context, uint32_t slot, uint32_t generation, bool assigned);
    void *context;
    uint64_t (*clock_ns)(void); /* NULL: CLOCK_MONOTONIC; the simulator gives its own */
};

/** One slot's counters. Written by ingest alone (relaxed), read by anybody: each is right by
 * itself. */
struct ingest_counters {
    _Atomic uint64_t received;           /* records that became messages */
    _Atomic uint64_t done[ENDING_COUNT]; /* by ending; [ENDING_NONE] were given back unfinished */
    _Atomic uint64_t lost_before_read;   /* offsets deleted before they could be read */
    _Atomic uint64_t stale_marks;        /* finished after their generation had ended */
    _Atomic uint64_t stores;             /* watermarks given to the source */
    _Atomic uint64_t refused_full;       /* hand-overs that found no room */
    _Atomic uint64_t over_large;         /* only the head was kept */
    _Atomic uint64_t repeated;     /* given twice by the source in one generation, and left out */
    _Atomic uint64_t held;         /* unfinished messages of every generation */
    _Atomic int64_t stored_offset; /* -1: none in this generation */
    _Atomic int64_t next_offset;   /* the next that will be read, -1: not known */
    _Atomic int64_t high_offset;   /* the end of the log, -1: not known */
    _Atomic uint64_t oldest_ns;    /* received_ns of the oldest unfinished message, 0: none */
    _Atomic uint64_t progress_ns;  /* when the slot last received or finished something */
    _Atomic uint32_t generation;
    atomic_bool assigned;
    atomic_bool not_read; /* back-pressure holds this partition now */
};

struct ingest_totals {
    _Atomic uint64_t held_messages;
    _Atomic uint64_t held_bytes;
    _Atomic uint64_t partitions_assigned;
    _Atomic uint64_t partitions_not_read;
    _Atomic uint64_t budget_stops; /* turns that ended because the budget was used up */
    _Atomic uint64_t rebalances;
    _Atomic uint64_t drain_timeouts; /* revokes whose messages were not all done in time */
    _Atomic uint64_t source_faults;
    _Atomic uint64_t steps;
};

struct ingest;

/** On the thread that will step it. Returns: STATUS_OK, STATUS_INVALID (budget too small),
 * STATUS_MEMORY. */
NODISCARD enum redress_status ingest_create(const struct ingest_settings *settings,
                                            struct ingest **out);
/** Every message must be back (ingest_held() is 0), or be given up with the process. */
void ingest_destroy(struct ingest *ingest);

/**
 * One bounded turn: returns, events, records of each partition, stores.
 *
 * Returns: STATUS_OK      work was done: go round again
 *          STATUS_EMPTY   nothing to do: ingest_wait()
 *          STATUS_STOPPED the source has ended or ingest_stop() is through; nothing is held any
 *                         more, or the time for it is over
 *          STATUS_DENIED, STATUS_FATAL ... the source is over, and so is what it gave, or the
 *                         time of a revoke; ingest_error() says why
 *          STATUS_FENCED  another instance has our name: over at once
 */
NODISCARD enum redress_status ingest_step(struct ingest *ingest, uint64_t now_ns);

/** Waits for the source, a return or the doorbell; timeout_ns at most. */
void ingest_wait(struct ingest *ingest, uint64_t timeout_ns);

/** Takes one message back without a ring (`workers: inline`). message->ending says how it ended. */
void ingest_return(struct ingest *ingest, struct message *message);

/** Reads no more; steps go on until everything held is back and stored, or until deadline_ns. */
void ingest_stop(struct ingest *ingest, uint64_t deadline_ns);

/** As ingest_stop, and leaves the group. */
void ingest_leave(struct ingest *ingest, uint64_t deadline_ns);

/** Messages that are out or wait to be handed over. */
uint32_t ingest_held(const struct ingest *ingest);
const char *ingest_error(const struct ingest *ingest);

/* Readable by any thread for as long as the ingest lives. */
const struct ingest_counters *ingest_counters(const struct ingest *ingest, uint32_t slot);
const struct ingest_totals *ingest_totals(const struct ingest *ingest);

/** Bytes that an ingest with these settings takes, the slab's region included, for the memory plan.
 */
size_t ingest_plan_bytes(const struct ingest_settings *settings);

#endif
