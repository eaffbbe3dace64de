/**
 * One worker: judges the messages of its partitions (revision 0) and owns the history of its share
 * of the customers (revision 1). See pipeline.h for where it stands.
 *
 * Threads: one; counters are read by any.
 */
#ifndef REDRESS_RUNTIME_WORKER_H
#define REDRESS_RUNTIME_WORKER_H

#include "base/histogram.h"
#include "frontline/record.h"
#include "runtime/pipeline.h"

struct worker {
    unsigned index;
    const struct pipeline_settings *settings;
    struct generation *generation; /* adopted at the start of each turn */
    struct decode_scratch *decode_scratch;
    struct history *history;
    struct worker_counters counters;
    struct undecided_rules undecided_rules;
    struct histogram *queue_latency;
    struct frontline_record record; /* built here, copied into shared memory */
};

NODISCARD enum redress_status
worker_create(unsigned index, const struct pipeline_settings *settings, struct worker **out);
void worker_destroy(struct worker *worker);

/** The pipeline's clock: CLOCK_MONOTONIC, or virtual. */
uint64_t worker_now_ns(const struct worker *worker);

/** Starts a turn: the rules of this moment hold for all of it. */
void worker_adopt_rules(struct worker *worker);

/** Decodes, classifies and, where it is urgent, puts the message in front of people at once. */
void worker_judge(struct worker *worker, struct message *message);

/** Which worker owns the history of this message's customer. */
unsigned worker_history_owner(const struct worker *worker, const struct message *message);

/** Applies history, decides again, chooses the route and the ending. */
void worker_conclude(struct worker *worker, struct message *message);
/** Of a message that will be concluded soon. */
void worker_prefetch_history(const struct worker *worker, const struct message *message);

#endif
