/**
 * Turns the settings of an operator into what each stage wants to hear. Stages do not see config/;
 * this is the one place where a setting and a stage's option meet.
 *
 * Owns:    arrays made here live as long as the assembly; names point into the settings.
 * Threads: one, at start-up.
 */
#ifndef REDRESS_RUNTIME_ASSEMBLY_H
#define REDRESS_RUNTIME_ASSEMBLY_H

#include "base/error_list.h"
#include "config/settings.h"
#include "egress/kafka_sink.h"
#include "ingest/ingest.h"
#include "ingest/kafka_source.h"
#include "ingest/loop.h"
#include "runtime/pipeline.h"

#include <librdkafka/rdkafka.h>

enum { ASSEMBLY_TOPIC_BYTES_MAX = 256 };

struct assembly {
    const struct settings *settings;
    unsigned worker_count; /* at least 1 */
    bool workers_inline;
    uint32_t payload_bytes_max;
    struct pipeline_channel channels[CHANNELS_MAX];
    const char *channel_names[CHANNELS_MAX];
    struct kafka_topic *topics; /* of all channels */
    uint32_t topic_count;
    struct kafka_property *consumer_properties;
    uint32_t consumer_property_count;
    struct kafka_property *producer_properties;
    uint32_t producer_property_count;
    const char *frontline_topics[QUEUES_MAX];
    char frontline_topic_names[QUEUES_MAX][ASSEMBLY_TOPIC_BYTES_MAX];
    struct routing *routing;
};

/** Adds every error it finds. Release with assembly_destroy() in any case. */
NODISCARD enum redress_status assembly_create(const struct settings *settings,
                                              struct error_list *errors, struct assembly *out);
void assembly_destroy(struct assembly *assembly);

struct pipeline_settings assembly_pipeline(const struct assembly *assembly);
struct kafka_source_settings assembly_kafka_source(const struct assembly *assembly);
struct kafka_sink_settings assembly_kafka_sink(const struct assembly *assembly);
struct frontline_settings assembly_frontline(const struct assembly *assembly);
/** source, partitions, loop, doorbell and rings are the caller's to fill in. */
struct ingest_settings assembly_ingest(const struct assembly *assembly);
enum loop_kind assembly_loop_kind(const struct assembly *assembly);

/** A librdkafka configuration with brokers and the operator's properties; NULL with an error. */
NODISCARD rd_kafka_conf_t *assembly_kafka_conf(const struct assembly *assembly, bool is_consumer,
                                               struct error_list *errors);

/** For settings_surroundings: asks librdkafka whether it knows a property and takes its value. */
bool assembly_check_property(void *context, enum settings_side side, const char *name,
                             const char *value, char *why, size_t why_size);

#endif
