/**
 * How large a record may be in each topic, as its brokers say: asked at the start by whoever reads
 * or writes them.
 *
 * Threads: any one.
 */
#ifndef REDRESS_KAFKA_TOPIC_SIZES_H
#define REDRESS_KAFKA_TOPIC_SIZES_H

#include <librdkafka/rdkafka.h>

#include <stddef.h>
#include <stdint.h>

enum { TOPIC_SIZES_MAX = 128 };

typedef void topic_sizes_visitor(void *context, const char *topic, uint64_t max_message_bytes);

/**
 * Visits each of at most TOPIC_SIZES_MAX topics of which max.message.bytes is known.
 *
 * Only advice comes of it: describing configurations is often not permitted, and then nothing is
 * said; brokers that do not answer, as the mock cluster, hold the start up for half a second at
 * most.
 */
void topic_sizes_ask(rd_kafka_t *client, const char *const *topics, size_t topic_count,
                     int timeout_ms, topic_sizes_visitor *visit, void *context);

#endif
