/**
 * What the engine will hold at most, by purpose, computed from the settings before anything is
 * allocated. librdkafka's queues stand apart: they are bounded, but not ours.
 *
 * Units:   bytes. Stages that can say exactly what they take overwrite their figure.
 * Threads: any.
 */
#ifndef REDRESS_CONFIG_MEMORY_PLAN_H
#define REDRESS_CONFIG_MEMORY_PLAN_H

#include "config/settings.h"

/** Of each worker: view, offsets, candidates and respellings of the longest text; JIT stack,
 * Vectorscan. */
enum { MEMORY_CLASSIFY_SCRATCH_BYTES = 30 * MESSAGE_TEXT_BYTES_MAX + (2 << 20) };

enum memory_purpose {
    MEMORY_MESSAGES,  /* the slab that holds every message in flight */
    MEMORY_LEDGER,    /* offsets of what is in flight, and the slab's books */
    MEMORY_RINGS,     /* between ingest, workers, history owners and egress */
    MEMORY_SCRATCH,   /* of each worker: parser, view, matcher */
    MEMORY_HISTORY,   /* the table of customers */
    MEMORY_FRONTLINE, /* the shared records */
    MEMORY_EGRESS,    /* what is being written and not yet delivered */
    MEMORY_OPERATING, /* metrics, HTTP, logs, admin socket */
    MEMORY_PURPOSE_COUNT
};

struct memory_plan {
    uint64_t bytes[MEMORY_PURPOSE_COUNT];
    uint64_t fetch_queue_bytes;    /* librdkafka's, for each partition */
    uint64_t producer_queue_bytes; /* librdkafka's, of the one producer */
    uint64_t reload_bytes;         /* of the process that checks a new rule set, while it runs */
};

void memory_plan_compute(const struct settings *settings, struct memory_plan *plan);

/** The sum of bytes[]: ours alone. */
uint64_t memory_plan_total(const struct memory_plan *plan);

/** "messages", "ledger"... and what it is, for people. Never NULL. */
const char *memory_purpose_name(enum memory_purpose purpose);
const char *memory_purpose_text(enum memory_purpose purpose);

/** A table, each line led by `prefix` ("# " keeps a YAML file readable). */
void memory_plan_print(const struct memory_plan *plan, const char *prefix, FILE *stream);
/** One JSON object. */
void memory_plan_print_json(const struct memory_plan *plan, FILE *stream);

#endif
