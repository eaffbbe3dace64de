/** The inside of ingest, shared by its files and nobody else. */
#ifndef REDRESS_INGEST_INGEST_STATE_H
#define REDRESS_INGEST_INGEST_STATE_H

#include "ingest/ingest.h"
#include "ingest/ledger.h"
#include "ingest/slab.h"

enum {
    INGEST_QUANTUM_DEFAULT = 64,
    INGEST_EVENTS_PER_STEP = 16,
    INGEST_KEY_BYTES_MAX = 64 * 1024,     /* a longer key is cut */
    INGEST_HEADERS_BYTES_MAX = 64 * 1024, /* headers beyond it are left out */
    INGEST_NOT_READ_LOG_NS = 100 * 1000 * 1000,
    INGEST_PUBLISH_NS = 100 * 1000 * 1000,
    INGEST_RETRY_NS = 200 * 1000 /* how soon a full ring is tried again */
};

struct ingest_slot {
    struct message *pending; /* whole, but the ring behind hand_over was full */
    uint32_t generation;
    uint32_t active_index; /* where it stands in ingest->active */
    bool assigned;
    bool draining; /* being revoked: not read */
    bool not_read; /* wanted to read, had no room */
    bool not_read_logged;
    uint64_t not_read_ns; /* since when */
};

struct ingest {
    struct ingest_settings settings;
    struct offset_ledger *ledger;
    struct slab *slab;
    struct ingest_counters *counters; /* by slot, PARTITIONS_MAX */
    struct ingest_slot *slots;
    uint32_t *active; /* assigned slots, in the order of their turns */
    uint32_t active_count;
    uint32_t turn;     /* index into active: whose turn is next */
    uint32_t *pending; /* slots with a pending message */
    uint32_t pending_count;
    uint32_t draining_count; /* assigned slots that are being revoked */
    uint32_t held;
    uint32_t lap;  /* messages handed over in this step */
    bool revoking; /* until source_released() */
    bool stopping;
    bool source_ended;
    bool leaving;
    bool committed; /* all is stored and committed: STATUS_STOPPED */
    uint64_t stop_deadline_ns;
    uint64_t drain_deadline_ns;
    uint64_t publish_ns;
    uint64_t now_ns; /* of the step under way */
    enum redress_status failed;
    char error[256];
    struct ingest_totals totals;
};

/* Counters have one writer, this thread: a relaxed load and store is an increment. */
#define COUNTER_ADD(counter, amount)                                                               \
    atomic_store_explicit((counter),                                                               \
                          atomic_load_explicit((counter), memory_order_relaxed) + (amount),        \
                          memory_order_relaxed)
#define COUNTER_SET(counter, value) atomic_store_explicit((counter), (value), memory_order_relaxed)

/* ingest_build.c */
/** The largest block that a message of these settings can need. */
size_t message_block_bytes_max(const struct ingest_settings *settings);
/** Copies the record into a block of the slab. STATUS_FULL: no room now. */
NODISCARD enum redress_status message_build(struct ingest *ingest, uint32_t slot,
                                            const struct source_record *record,
                                            struct message **out);

/* ingest_read.c */
/** Offers pending messages again, then reads each partition in turn. True where anything moved. */
bool ingest_read(struct ingest *ingest);

/* ingest_group.c */
/** Takes the source's events. True where there was one. */
bool ingest_events(struct ingest *ingest);
/** Gives the watermarks that moved to the source. */
void ingest_store(struct ingest *ingest);
/** Ends a revoke whose slots are drained or late. True where it ended. */
bool ingest_drain(struct ingest *ingest);
void ingest_fail(struct ingest *ingest, enum redress_status status, const char *text);

void slot_set_not_read(struct ingest *ingest, uint32_t slot, bool not_read);

#endif
