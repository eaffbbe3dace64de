/**
 * A source whose records and group events are scripted, for tests and the simulator.
 *
 * It keeps what was committed, so that a test may "restart" it and see what comes again.
 * Threads: one.
 */
#ifndef REDRESS_INGEST_MEMORY_SOURCE_H
#define REDRESS_INGEST_MEMORY_SOURCE_H

#include "ingest/partitions.h"
#include "ingest/source.h"

struct memory_source_record {
    int64_t
        offset; /* greater than that of the record before it in the same slot: gaps are allowed */
    int64_t timestamp_ms;
    const char *key; /* NULL: none */
    const char *value;
    uint32_t value_size;
    bool tombstone;
};

NODISCARD enum redress_status memory_source_create(struct partition_table *partitions,
                                                   struct source **out);
/** Adds a record to a slot's log; the value is copied. */
NODISCARD enum redress_status memory_source_append(struct source *source, uint32_t slot,
                                                   const struct memory_source_record *record);

/* Group events, in the order in which the calls are made. A revoke or loss names slots now
 * assigned. */
NODISCARD enum redress_status memory_source_assign(struct source *source, const uint32_t *slots,
                                                   uint32_t count);
NODISCARD enum redress_status memory_source_revoke(struct source *source, const uint32_t *slots,
                                                   uint32_t count);
NODISCARD enum redress_status memory_source_lose(struct source *source, const uint32_t *slots,
                                                 uint32_t count);
NODISCARD enum redress_status memory_source_end(struct source *source);
NODISCARD enum redress_status memory_source_fail(struct source *source, enum redress_status status,
                                                 const char *text);
/** The log's head below offset is deleted; a slot that stood before it reports what it lost. */
NODISCARD enum redress_status memory_source_delete_before(struct source *source, uint32_t slot,
                                                          int64_t offset);

/** What is committed: the next offset to read, or -1. */
int64_t memory_source_committed(const struct source *source, uint32_t slot);
/** True while a revoke waits for source_released(). */
bool memory_source_is_revoking(const struct source *source);

#endif
