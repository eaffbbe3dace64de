/**
 * `redress classify`: JSON Lines in, one line of JSON out for each, in the same order, on any
 * number of threads. The same decoding and the same rules as the engine, without Kafka.
 *
 *   reader ── batches of whole lines ──> worker × N ── batches of answers ──> writer
 *   (the calling thread reads and writes; with one thread it also works)
 *
 * Every line is answered: a verdict, or {"line":N,"error":"…"}.
 */
#ifndef REDRESS_RUNTIME_CLASSIFY_STREAM_H
#define REDRESS_RUNTIME_CLASSIFY_STREAM_H

#include <redress/classify.h>

enum { CLASSIFY_THREADS_MAX = WORKERS_MAX };

struct classify_stream {
    const struct rule_set *rule_set;
    unsigned threads; /* 1 to CLASSIFY_THREADS_MAX */
    bool explain;
    int input_fd;
    int output_fd;
};

struct classify_totals {
    uint64_t lines;
    uint64_t errors; /* lines that were answered with an error */
};

/** STATUS_OK; STATUS_IO where reading or writing failed (errno says why); STATUS_MEMORY. */
NODISCARD enum redress_status classify_stream_run(const struct classify_stream *stream,
                                                  struct classify_totals *totals);

#endif
