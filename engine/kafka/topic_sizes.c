#include "kafka/topic_sizes.h"

#include "base/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ASK_MS_MAX = 500 };

static const char *config_value(const rd_kafka_ConfigResource_t *resource, const char *name)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t index = 0; index < count; index++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[index]), name) == 0)
            return rd_kafka_ConfigEntry_value(entries[index]);
    return NULL;
}

static void read_answer(rd_kafka_event_t *event, topic_sizes_visitor *visit, void *context)
{
    const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
    if (!result || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    size_t count;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(result, &count);
    for (size_t index = 0; index < count; index++) {
        const char *value = config_value(resources[index], "max.message.bytes");
        uint64_t bytes;
        if (value && sscanf(value, "%" SCNu64, &bytes) == 1)
            visit(context, rd_kafka_ConfigResource_name(resources[index]), bytes);
    }
}

void topic_sizes_ask(rd_kafka_t *client, const char *const *topics, size_t topic_count,
                     int timeout_ms, topic_sizes_visitor *visit, void *context)
{
    rd_kafka_ConfigResource_t *asked[TOPIC_SIZES_MAX];
    size_t count = 0;
    char text[64];
    ASSERT(topic_count <= TOPIC_SIZES_MAX);
    timeout_ms = timeout_ms < ASK_MS_MAX ? timeout_ms : ASK_MS_MAX;
    for (; count < topic_count; count++)
        asked[count] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[count]);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    if (rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, text, sizeof text) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_DescribeConfigs(client, asked, count, options, queue);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
        if (event)
            read_answer(event, visit, context);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy_array(asked, count);
}
