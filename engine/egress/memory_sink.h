/**
 * A sink in memory, for tests, simulation and benchmarks: keeps or counts what it is given, and
 * stalls, refuses, fails and answers late on command. The same commands and seed give the same run.
 *
 * Threads: one at a time. Kept records grow with memory_resize, so the thread must not be sealed
 * where `keep` is set.
 */
#ifndef REDRESS_EGRESS_MEMORY_SINK_H
#define REDRESS_EGRESS_MEMORY_SINK_H

#include "egress/sink.h"

struct memory_sink;

/** What the sink does to records; may be changed at any moment between calls. */
struct memory_sink_manners {
    bool keep;                 /* keep delivered records for memory_sink_record() */
    bool stalled;              /* nothing is delivered, what is taken stays pending */
    uint32_t pending_max;      /* over it produce answers STATUS_FULL; 0: the capacity */
    uint32_t delay_polls;      /* a record's outcome is known that many polls after its own */
    uint32_t value_bytes_max;  /* over it produce answers STATUS_TOO_LARGE; 0: no limit */
    uint32_t broker_bytes_max; /* over it the outcome is, and that of its poll's company; 0: none */
    uint32_t retry_per_1000;   /* chance of the outcome STATUS_RETRY */
    uint32_t full_per_1000;    /* chance that produce answers STATUS_FULL */
    enum redress_status refuse; /* not STATUS_OK: what produce answers to all */
    enum redress_status fail;   /* not STATUS_OK: the outcome of all; STATUS_FATAL stays */
    uint64_t seed;
};

struct memory_record {
    const char *topic;
    struct slice key; /* all of it lives until sink_close() */
    struct slice value;
    const struct message_header *headers;
    uint32_t header_count;
    bool alone;
};

/** capacity: the most records that can be pending. */
NODISCARD enum redress_status memory_sink_create(uint32_t capacity, struct memory_sink **out);

/** The sink to give to egress; closed with sink_close(). */
struct sink *memory_sink_base(struct memory_sink *sink);

/** For reading and changing; `seed` is taken when it differs from the one before. */
struct memory_sink_manners *memory_sink_manners(struct memory_sink *sink);

/** Records delivered so far, to all topics or to one. */
uint64_t memory_sink_count(const struct memory_sink *sink);
uint64_t memory_sink_topic_count(const struct memory_sink *sink, const char *topic);

/** The index-th delivered record; only with `keep`. */
struct memory_record memory_sink_record(const struct memory_sink *sink, uint64_t index);

#endif
