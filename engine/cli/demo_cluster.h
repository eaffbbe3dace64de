/**
 * The demo's surroundings: librdkafka's mock cluster in this process, or a real broker, and
 * somebody who writes messages to it at a pace that people can follow.
 *
 * Threads: open and close on one; the feed runs on a thread of its own.
 */
#ifndef REDRESS_CLI_DEMO_CLUSTER_H
#define REDRESS_CLI_DEMO_CLUSTER_H

#include <redress/status.h>

struct demo_cluster;

struct demo_cluster_settings {
    const char *brokers;      /* NULL: a mock cluster */
    const char *samples_path; /* JSON Lines: channel and the message itself */
    uint32_t messages_per_second;
    const char *const *topics; /* made where they are missing */
    unsigned topic_count;
    unsigned input_count; /* the first of them are written to */
};

/** Says on stderr what was wrong. */
NODISCARD enum redress_status demo_cluster_open(const struct demo_cluster_settings *settings,
                                                struct demo_cluster **out);
const char *demo_cluster_brokers(const struct demo_cluster *cluster);
/** Starts to write, again from the first sample after the last one. */
NODISCARD enum redress_status demo_cluster_feed(struct demo_cluster *cluster);
/** Ends writing and waits until everything written is in the cluster. */
void demo_cluster_stop_feed(struct demo_cluster *cluster);
/** Messages that stood in the topics before: of earlier runs on a real broker. */
uint64_t demo_cluster_found(const struct demo_cluster *cluster);
/** Messages that the cluster has taken. */
uint64_t demo_cluster_sent(const struct demo_cluster *cluster);
void demo_cluster_close(struct demo_cluster *cluster);

#endif
