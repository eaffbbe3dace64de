/**
 * Writes acknowledgements to the compacted topic redress.frontline.acks: key = case id as 32 hex
 * digits, value = {"revision":n,"queue":"...","acknowledged_ms":n}.
 *
 * Has its own small librdkafka producer (idempotent, no message timeout): an acknowledgement is
 * written while egress is busy with something else, and its delivery report must not wait there.
 *
 * Threads: one at a time: the one that calls frontline_server_step().
 */
#ifndef REDRESS_FRONTLINE_ACKS_H
#define REDRESS_FRONTLINE_ACKS_H

#include "frontline/frontline.h"

#include <librdkafka/rdkafka.h>

struct frontline_acks;

struct frontline_acks_settings {
    rd_kafka_conf_t *conf;          /* brokers and security; taken over, also on failure */
    const char *topic;              /* copied */
    const char *const *queue_names; /* must outlive this */
};

/** `error` (256 bytes) says what librdkafka disliked. STATUS_INVALID, STATUS_MEMORY. */
NODISCARD enum redress_status frontline_acks_open(struct frontline *frontline,
                                                  const struct frontline_acks_settings *settings,
                                                  struct frontline_acks **out, char error[256]);

/** Fits frontline_server_settings.on_acknowledged; context is the struct frontline_acks. */
enum redress_status frontline_acks_write(void *context,
                                         const struct frontline_acknowledgement *acknowledgement);

/** Serves delivery reports, never blocks. STATUS_OK; STATUS_FATAL the producer is beyond repair. */
NODISCARD enum redress_status frontline_acks_step(struct frontline_acks *acks);

/** Waits up to timeout_ms for what is on its way, then ends. True where nothing was left. */
bool frontline_acks_close(struct frontline_acks *acks, int timeout_ms);

#endif
