/** The part of fake_kafka.h that describes configurations: one topic with one entry. */
#ifndef REDRESS_TESTS_FAKE_KAFKA_ADMIN_H
#define REDRESS_TESTS_FAKE_KAFKA_ADMIN_H

#include "fake_kafka.h"

rd_kafka_resp_err_t rd_kafka_AdminOptions_set_request_timeout(rd_kafka_AdminOptions_t *options,
                                                              int timeout_ms, char *text,
                                                              size_t size)
{
    return fake.options_refused ? RD_KAFKA_RESP_ERR__INVALID_ARG : RD_KAFKA_RESP_ERR_NO_ERROR;
}

void rd_kafka_DescribeConfigs(rd_kafka_t *handle, rd_kafka_ConfigResource_t **configs, size_t count,
                              const rd_kafka_AdminOptions_t *options, rd_kafka_queue_t *queue)
{
}

const rd_kafka_DescribeConfigs_result_t *
rd_kafka_event_DescribeConfigs_result(rd_kafka_event_t *event)
{
    return fake.no_result ? NULL : (const rd_kafka_DescribeConfigs_result_t *)event;
}

const rd_kafka_ConfigResource_t **
rd_kafka_DescribeConfigs_result_resources(const rd_kafka_DescribeConfigs_result_t *result,
                                          size_t *count)
{
    static const rd_kafka_ConfigResource_t *resources[1];
    *count = 1;
    return resources;
}

const rd_kafka_ConfigEntry_t **
rd_kafka_ConfigResource_configs(const rd_kafka_ConfigResource_t *resource, size_t *count)
{
    static const rd_kafka_ConfigEntry_t *entries[1];
    *count = 1;
    return entries;
}

const char *rd_kafka_ConfigResource_name(const rd_kafka_ConfigResource_t *resource)
{
    return "topic";
}

const char *rd_kafka_ConfigEntry_name(const rd_kafka_ConfigEntry_t *entry)
{
    return fake.entry_name;
}

const char *rd_kafka_ConfigEntry_value(const rd_kafka_ConfigEntry_t *entry)
{
    return fake.entry_value;
}

#endif
