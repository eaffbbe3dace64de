/**
 * The sink that produces to Kafka, over librdkafka's idempotent producer.
 *
 * What the engine relies on is set here and cannot be overridden: enable.idempotence, acks=all,
 * message.timeout.ms=0 (an outage is back-pressure, never a failure), the Java client's partitioner
 * (murmur2_random, so that keys land where other producers put them), the size of its queue.
 *
 * A broker refuses a batch as a whole when it is too large, small records along with a large one. A
 * record marked `alone` goes through a second producer with batches of one, made when first needed:
 * only its refusal is certain.
 *
 * Threads: as sink.h says. librdkafka's own threads log and nothing else.
 */
#ifndef REDRESS_EGRESS_KAFKA_SINK_H
#define REDRESS_EGRESS_KAFKA_SINK_H

#include "base/error_list.h"
#include "base/kafka_property.h"
#include "egress/sink.h"

struct kafka_sink_settings {
    const struct kafka_property *properties; /* bootstrap.servers, security and the like */
    uint32_t property_count;
    uint32_t queue_messages_max; /* records pending; over it produce answers STATUS_FULL */
    uint32_t queue_kbytes_max;   /* their bytes, 1 to 2097151 */
    uint32_t linger_us;          /* how long a batch may wait for company */
    int wake_fd; /* an eventfd written when poll has work; -1: none. It outlives the sink. */
};

/**
 * Connects to nothing yet: brokers that are away are an outage, not an error.
 *
 * Returns: STATUS_OK; STATUS_INVALID where librdkafka refuses a property, STATUS_MEMORY; the reason
 *          for people in error[error_size].
 */
NODISCARD enum redress_status kafka_sink_create(const struct kafka_sink_settings *settings,
                                                char *error, size_t error_size, struct sink **out);

/**
 * Asks the brokers for every topic opened so far: is it there, may it be seen, has it partitions?
 * Where brokers make topics by themselves the question makes it, and is asked again for a while.
 * Whether a topic may be written too a broker only says when it is: /readyz shows that. A topic
 * that takes smaller records than the producer is worth a warning.
 *
 * Adds one error for each topic that is not as it must be. Returns: STATUS_OK, STATUS_INVALID where
 * there was any, STATUS_TIMEOUT where no broker answered.
 */
NODISCARD enum redress_status kafka_sink_check(struct sink *sink, int timeout_ms,
                                               struct error_list *errors);

/** The largest record, with key and headers, that the producer takes (message.max.bytes). */
uint32_t kafka_sink_record_bytes_max(const struct sink *sink);

#endif
