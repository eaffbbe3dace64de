/**
 * A source that reads JSON Lines from a file (`redress run --replay FILE`) and then ends.
 *
 * A line is a record; its offset is its number in its partition. Lines are spread over virtual
 * partitions in turn, or by the customer, so that one customer's lines stay in order. Empty lines
 * are skipped and counted. At a given rate the schedule is open-loop: line n is due at start + n /
 * rate, however slow the engine is, so that a measured latency does not hide the waiting.
 *
 * Threads: one. The file is read through the loop, two buffers in turn.
 */
#ifndef REDRESS_INGEST_FILE_SOURCE_H
#define REDRESS_INGEST_FILE_SOURCE_H

#include "ingest/loop.h"
#include "ingest/partitions.h"
#include "ingest/source.h"

struct file_source_settings {
    const char *path;
    const char *topic; /* the name that the virtual partitions get; NULL: "replay" */
    uint16_t channel_index;
    uint32_t partitions;       /* 0: 1 */
    uint64_t lines_per_second; /* 0: full speed */
    uint32_t repeat;           /* how often the file is read; 0: once */
    /* 0: MESSAGE_PAYLOAD_BYTES_MAX. Of a longer line the head is given, one byte over the limit,
     * with its whole size: a dead letter for whoever reads it. */
    uint32_t line_bytes_max;
    const char *customer_field; /* top-level JSON string that picks the partition; NULL: in turn */
    struct partition_table *table;
    struct loop *loop;          /* NULL: pread(2) */
    uint64_t (*clock_ns)(void); /* NULL: CLOCK_MONOTONIC */
};

NODISCARD enum redress_status file_source_create(const struct file_source_settings *settings,
                                                 struct source **out, struct redress_error *error);

/** Lines given so far, over all partitions. */
uint64_t file_source_lines(const struct source *source);

#endif
