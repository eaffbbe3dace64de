/**
 * Brings back from Kafka what shared memory does not hold: all unacknowledged cases after a
 * restart, and those that found their ring full.
 *
 *   acks topic, whole  ->  frontline topics from the low offset on  ->  refill's own rings
 *
 * It reads without joining a group, and keeps one offset a partition in the group
 * `<group>.frontline`: nothing before it is unacknowledged. A case whose ring is full is held, and
 * only its partition waits.
 *
 * Both kinds of topic are read on for as long as the engine runs: that is how an overflowed case
 * comes back, how the low offset follows the acknowledgements, and how a case that another instance
 * acknowledged is withdrawn here.
 *
 * Threads: one at a time; it is the last producer of the frontline. It may share the control
 * thread: a step takes at most about a millisecond.
 */
#ifndef REDRESS_FRONTLINE_REFILL_H
#define REDRESS_FRONTLINE_REFILL_H

#include "frontline/frontline.h"

#include <librdkafka/rdkafka.h>

struct frontline_refill;

struct frontline_refill_settings {
    rd_kafka_conf_t *conf; /* brokers and security; taken over, also on failure */
    const char *group;     /* the engine's group; ".frontline" is added */
    const char *acks_topic;
    uint32_t queue_count;
    const char *const *topics; /* of each queue, in order; copied */
    uint32_t producer_index;   /* the last one */
};

/** `error` (256 bytes) says what was wrong. Does not wait for the broker. */
NODISCARD enum redress_status
frontline_refill_open(struct frontline *frontline, const struct frontline_refill_settings *settings,
                      struct frontline_refill **out, char error[256]);

/** Reads and pushes what there is, never blocks. STATUS_FATAL: the consumer is beyond repair. */
NODISCARD enum redress_status frontline_refill_step(struct frontline_refill *refill,
                                                    uint64_t now_ns);

/**
 * True once every acknowledgement written before the start has been read. Until then a worker that
 * is handed an old message again may push a case that somebody has acknowledged: start ingest
 * afterwards, or after a bound and with a warning.
 */
bool frontline_refill_knows_acknowledged(const struct frontline_refill *refill);
/** True once the frontline topics were read up to where they ended at the start. */
bool frontline_refill_caught_up(const struct frontline_refill *refill);

struct frontline_refill_stats {
    uint64_t read_total;
    uint64_t pushed_total;
    uint64_t refused_total;  /* records that are none of ours: bad version, checksum or field */
    uint64_t known_total;    /* stood already or were acknowledged */
    uint64_t held;           /* partitions that wait for room in their ring */
    uint64_t unacknowledged; /* cases that keep the low offset where it is */
};
void frontline_refill_read_stats(const struct frontline_refill *refill,
                                 struct frontline_refill_stats *stats);

/** Commits the low offsets and ends. NULL is fine. */
void frontline_refill_close(struct frontline_refill *refill);

#endif
