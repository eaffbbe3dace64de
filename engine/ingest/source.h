/**
 * Where records come from: Kafka, a file, or memory.
 *
 * Ingest asks partition by partition, so that not reading one (back-pressure) and taking turns
 * between channels is one piece of code for every source:
 *
 *   source_poll()     group events: assigned, revoking, lost, end, faults
 *   source_peek()     the next record of one slot, borrowed until source_advance()
 *   source_advance()  the record was copied: the source may let go of it
 *   source_store()    this far the slot is done; committed on the source's timer
 *   source_released() answer to SOURCE_REVOKING: everything is drained and stored, or the time is
 * over
 *
 *        unassigned --ASSIGNED--> reading --REVOKING--> draining --source_released--> unassigned
 *                                    '------LOST--------------------------------------^
 *
 * None of the calls blocks for long but source_poll at an assignment (the broker is asked for
 * positions) and source_released (a synchronous commit); both are bounded.
 *
 * Threads: one, ingest, unless a line says otherwise.
 */
#ifndef REDRESS_INGEST_SOURCE_H
#define REDRESS_INGEST_SOURCE_H

#include <redress/message.h>

enum source_event_kind {
    SOURCE_NOTHING,  /* no event now */
    SOURCE_ASSIGNED, /* these slots may be read; each has a new generation */
    SOURCE_REVOKING, /* these slots are to be drained, then source_released() */
    SOURCE_LOST,     /* these slots belong to others already: nothing of them may be stored */
    SOURCE_LOG_LOSS, /* records were deleted, or their topic made anew, before they could be read;
                        the slot goes on at start_offset, in a new generation where that is
                        below what was read */
    SOURCE_END,      /* a finite source has no more records */
    SOURCE_FAULT,    /* passing: the source goes on by itself */
    SOURCE_FATAL     /* over: status says why (STATUS_FENCED, STATUS_DENIED, STATUS_FATAL ...) */
};

struct source_assignment {
    uint32_t slot;
    uint32_t generation;   /* grows with every assignment of the slot, from 1 */
    int64_t start_offset;  /* the first that will be read, or -1 where it is not known */
    uint64_t lost_offsets; /* SOURCE_LOG_LOSS: how many were lost before they could be read */
};

enum { SOURCE_EVENTS = UINT32_MAX }; /* in place of a slot: group events */

struct source_event {
    enum source_event_kind kind;
    enum redress_status status;
    uint32_t slot_count;
    const struct source_assignment *slots; /* borrowed until the next call */
    char text[256];                        /* for people: what happened and what to do */
};

/** One record, borrowed from the source. */
struct source_record {
    int64_t offset;
    int64_t timestamp_ms; /* -1 where it has none */
    uint64_t received_ns; /* when it was due, for an open-loop schedule; 0: when it is read */
    struct slice key;     /* data is NULL where it has none */
    struct slice value;
    uint32_t value_size_original; /* where the source kept only the head; 0: value.size */
    bool tombstone;               /* there was no value at all; an empty value is none */
    uint16_t header_count;
    const struct message_header *headers; /* at most MESSAGE_HEADERS_MAX, the rest is left out */
};

/** What the source knows of a slot, for metrics. */
struct source_position {
    int64_t high_offset;   /* the end of the log, or -1 where it is not known */
    int64_t next_offset;   /* the next that will be read, or -1 */
    int64_t stored_offset; /* the last watermark given to source_store, or -1 */
};

struct source;

struct source_operations {
    const char *name;
    void (*poll)(struct source *source, struct source_event *event);
    enum redress_status (*peek)(struct source *source, uint32_t slot, struct source_record *record);
    void (*advance)(struct source *source, uint32_t slot);
    enum redress_status (*store)(struct source *source, uint32_t slot, uint32_t generation,
                                 int64_t next_offset);
    enum redress_status (*commit)(struct source *source);
    void (*released)(struct source *source);
    enum redress_status (*leave)(struct source *source);
    bool (*position)(struct source *source, uint32_t slot, struct source_position *out);
    bool (*ready)(struct source *source, uint32_t slot);
    uint64_t (*wait_ns)(struct source *source, uint64_t now_ns);
    void (*close)(struct source *source);
};

/** Every implementation begins with this. */
struct source {
    const struct source_operations *operations;
};

/** The next group event; SOURCE_NOTHING when there is none. Never reads records. */
static inline void source_poll(struct source *source, struct source_event *event)
{
    event->kind = SOURCE_NOTHING;
    event->status = STATUS_OK;
    event->slot_count = 0;
    event->text[0] = '\0';
    source->operations->poll(source, event);
}

/** STATUS_OK and the slot's next record; STATUS_EMPTY when none is there now. The same until
 * advanced. */
NODISCARD static inline enum redress_status source_peek(struct source *source, uint32_t slot,
                                                        struct source_record *record)
{
    return source->operations->peek(source, slot, record);
}

static inline void source_advance(struct source *source, uint32_t slot)
{
    source->operations->advance(source, slot);
}

/** STATUS_CONFLICT where the generation is not the slot's present one: nothing was stored. */
NODISCARD static inline enum redress_status source_store(struct source *source, uint32_t slot,
                                                         uint32_t generation, int64_t next_offset)
{
    return source->operations->store(source, slot, generation, next_offset);
}

/** Commits what is stored and waits for the answer. */
NODISCARD static inline enum redress_status source_commit(struct source *source)
{
    return source->operations->commit(source);
}

/** Answers SOURCE_REVOKING: commits what is stored and gives the slots up. */
static inline void source_released(struct source *source)
{
    source->operations->released(source);
}

/** Leaves the group for good (scale-in): SOURCE_REVOKING follows, then SOURCE_END. */
NODISCARD static inline enum redress_status source_leave(struct source *source)
{
    return source->operations->leave(source);
}

/** False for a slot that is not assigned. Ingest calls it on its timer and publishes the answer. */
NODISCARD static inline bool source_position(struct source *source, uint32_t slot,
                                             struct source_position *out)
{
    return source->operations->position(source, slot, out);
}

/** True where peeking this slot (or, for SOURCE_EVENTS, polling) may give something: do not wait.
 */
NODISCARD static inline bool source_ready(struct source *source, uint32_t slot)
{
    return source->operations->ready(source, slot);
}

/** The longest that the thread may wait before it asks this source again, doorbell or not. */
NODISCARD static inline uint64_t source_wait_ns(struct source *source, uint64_t now_ns)
{
    return source->operations->wait_ns(source, now_ns);
}

/** Everything is drained and stored before; frees the source. */
static inline void source_close(struct source *source)
{
    source->operations->close(source);
}

#endif
