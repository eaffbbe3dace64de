/**
 * The names of a sink's topics, each once; a topic's number is its place here. What a sink keeps of
 * a topic beside its name stands at the same place of an array of its own.
 *
 * Threads: one.
 */
#ifndef REDRESS_EGRESS_SINK_TOPICS_H
#define REDRESS_EGRESS_SINK_TOPICS_H

#include "egress/sink.h"

struct sink_topics {
    char *names[SINK_TOPICS_MAX];
    uint32_t count;
};

/**
 * Returns: STATUS_OK         *out is the topic's number;
 *          STATUS_NOT_FOUND  it has none yet: *out is the one that sink_topics_add would give;
 *          STATUS_FULL       nor is there room for it.
 */
NODISCARD enum redress_status sink_topics_find(const struct sink_topics *topics, const char *name,
                                               uint32_t *out);
/** Copies a name that was not found. STATUS_OK or STATUS_MEMORY. */
NODISCARD enum redress_status sink_topics_add(struct sink_topics *topics, const char *name);
/** Takes the name added last away again: what belongs to it could not be had. */
void sink_topics_drop_last(struct sink_topics *topics);
void sink_topics_free(struct sink_topics *topics);

#endif
