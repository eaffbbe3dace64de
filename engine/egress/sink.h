/**
 * Where egress puts records: Kafka in production, memory in tests and simulation, files in a
 * replay.
 *
 *   produce() copies the record and answers at once; poll() runs `delivered` for records whose
 *   outcome is known, once for each record that produce() took.
 *
 * A sink embeds struct sink as its first member. Egress sets delivered and context before the first
 * record.
 *
 * Threads: one at a time (the egress thread), but sink_trouble(): any.
 */
#ifndef REDRESS_EGRESS_SINK_H
#define REDRESS_EGRESS_SINK_H

#include <redress/message.h>

#include <stdatomic.h>

enum { SINK_TOPICS_MAX = QUEUES_MAX + 8, SINK_HEADERS_MAX = MESSAGE_HEADERS_MAX + 4 };

struct sink_record {
    uint32_t topic;     /* from sink_topic() */
    bool alone;         /* refused by size in company: put it into a batch of its own */
    struct slice key;   /* data NULL: no key */
    struct slice value; /* data NULL: a tombstone */
    const struct message_header *headers; /* values with data NULL are null headers */
    uint32_t header_count;
    void *opaque; /* comes back in delivered */
};

struct sink;

struct sink_ops {
    enum redress_status (*topic)(struct sink *sink, const char *name, uint32_t *out);
    enum redress_status (*produce)(struct sink *sink, const struct sink_record *record);
    uint32_t (*poll)(struct sink *sink);
    uint64_t (*pending)(const struct sink *sink);
    void (*close)(struct sink *sink);
};

struct sink {
    const struct sink_ops *ops;
    /**
     * Outcomes: STATUS_OK         delivered;
     *           STATUS_TOO_LARGE  refused by size (in company of others, unless the record was
     * alone); STATUS_RETRY      it never reached the log, or nobody knows: produce it again;
     *           STATUS_FATAL      the sink can deliver nothing more.
     */
    void (*delivered)(void *context, void *opaque, enum redress_status outcome);
    void *context;
    _Atomic int trouble; /* enum redress_status */
};

/** Prepares a topic (creates nothing at the broker). STATUS_FULL over SINK_TOPICS_MAX. */
NODISCARD static inline enum redress_status sink_topic(struct sink *sink, const char *name,
                                                       uint32_t *out)
{
    return sink->ops->topic(sink, name, out);
}

/**
 * Returns: STATUS_OK         taken, an outcome will follow;
 *          STATUS_FULL       no room now: the same record later;
 *          STATUS_RETRY      the topic does not exist or may not be written now: later;
 *          STATUS_TOO_LARGE  over the sink's own limit, whatever its company;
 *          STATUS_FATAL      the sink can deliver nothing more.
 */
NODISCARD static inline enum redress_status sink_produce(struct sink *sink,
                                                         const struct sink_record *record)
{
    return sink->ops->produce(sink, record);
}

/** Runs delivered for what is known by now; never waits. Answers how many. */
static inline uint32_t sink_poll(struct sink *sink)
{
    return sink->ops->poll(sink);
}

/** Records taken whose outcome is not known yet. */
static inline uint64_t sink_pending(const struct sink *sink)
{
    return sink->ops->pending(sink);
}

/** Throws away what is pending without another delivered, and frees the sink. */
static inline void sink_close(struct sink *sink)
{
    sink->ops->close(sink);
}

/**
 * What keeps records from being delivered, as /readyz shows it: STATUS_OK nothing; STATUS_NOT_FOUND
 * a topic does not exist; STATUS_DENIED not permitted; STATUS_IO no broker answers; STATUS_FATAL.
 * Back to STATUS_OK with the next delivery.
 */
static inline enum redress_status sink_trouble(const struct sink *sink)
{
    /* Relaxed: a report to people, nothing hangs on its order. */
    return (enum redress_status)atomic_load_explicit(&sink->trouble, memory_order_relaxed);
}

static inline void sink_set_trouble(struct sink *sink, enum redress_status status)
{
    atomic_store_explicit(&sink->trouble, (int)status, memory_order_relaxed); /* see sink_trouble */
}

#endif
