/**
 * A source that reads topics as a member of a Kafka consumer group, through librdkafka.
 *
 * What the engine owns: offset storing (after delivery only, committed on a timer), the position at
 * a start (`start_from`) and at a log loss, the assignor (range: equal partitions of all
 * topics go together), isolation (committed transactions only), static membership.
 *
 * Threads: one, but librdkafka's own threads ring the doorbell.
 */
#ifndef REDRESS_INGEST_KAFKA_SOURCE_H
#define REDRESS_INGEST_KAFKA_SOURCE_H

#include "base/doorbell.h"
#include "base/error_list.h"
#include "base/kafka_property.h"
#include "ingest/partitions.h"
#include "ingest/source.h"

struct kafka_topic {
    const char *name;
    uint16_t channel_index;
    bool shares_customers; /* its key is the customer: must have as many partitions as the others
                              that do */
};

enum start_from { START_FROM_EARLIEST, START_FROM_LATEST };
enum on_log_loss { ON_LOG_LOSS_HALT, ON_LOG_LOSS_CONTINUE };

struct kafka_source_settings {
    const char *brokers;
    const char *group;
    const char *instance; /* static member; NULL or "" for a dynamic one */
    const struct kafka_topic *topics;
    uint32_t topic_count;
    const struct kafka_property *properties; /* the user's; the engine's own are refused before */
    uint32_t property_count;
    enum start_from start_from;
    enum on_log_loss on_log_loss;
    uint32_t commit_interval_ms; /* 0: 1000 */
    uint32_t ask_timeout_ms;     /* for questions to the broker at an assignment; 0: 10000 */
    struct partition_table *partitions;
    struct doorbell *doorbell; /* rung by librdkafka's threads; must outlive the source */
};

/** Strings are copied. error gets the reason: a property that librdkafka refuses is named. */
NODISCARD enum redress_status kafka_source_create(const struct kafka_source_settings *settings,
                                                  struct source **out, struct redress_error *error);

/** The cluster's id, or "" where the brokers do not answer within timeout_ms. Lives as long as the
 * source. */
const char *kafka_source_cluster_id(struct source *source, int timeout_ms);

/**
 * Asks the brokers whether the engine could run: topics, partitions, permissions, message sizes.
 *
 * payload_bytes_max is the largest of the channels' limits. Adds one error for each thing that is
 * missing, and returns STATUS_INVALID where there was any, STATUS_TIMEOUT where no broker answered.
 */
NODISCARD enum redress_status kafka_source_check(const struct kafka_source_settings *settings,
                                                 uint32_t payload_bytes_max, int timeout_ms,
                                                 struct error_list *errors);

/** Bytes of librdkafka's fetch queues with these settings, for the memory plan. */
size_t kafka_source_plan_bytes(const struct kafka_source_settings *settings, uint32_t partitions);

#endif
