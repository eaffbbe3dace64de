/** The part of fake_kafka.h that gives records: included by it alone. */
#ifndef REDRESS_TESTS_FAKE_KAFKA_MESSAGES_H
#define REDRESS_TESTS_FAKE_KAFKA_MESSAGES_H

rd_kafka_message_t *rd_kafka_consumer_poll(rd_kafka_t *handle, int timeout_ms)
{
    return fake_take(&fake.consumer);
}

rd_kafka_message_t *rd_kafka_consume_queue(rd_kafka_queue_t *queue, int timeout_ms)
{
    return fake_take(&fake.partition);
}

void rd_kafka_message_destroy(rd_kafka_message_t *message)
{
    if (message->rkt)
        rd_kafka_topic_destroy(message->rkt);
    memory_free(message->_private); /* its headers, where it has some */
    memory_free(message);
}

int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *message,
                                   rd_kafka_timestamp_type_t *type)
{
    *type = fake.timestamp_type;
    return 1234;
}

rd_kafka_resp_err_t rd_kafka_message_headers(const rd_kafka_message_t *message,
                                             rd_kafka_headers_t **headers)
{
    *headers = (rd_kafka_headers_t *)(uintptr_t)message;
    return fake.headers_refused ? RD_KAFKA_RESP_ERR__NOENT : RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* As many headers as the message's payload is long. */
rd_kafka_resp_err_t rd_kafka_header_get_all(const rd_kafka_headers_t *headers, size_t index,
                                            const char **name, const void **value, size_t *size)
{
    const rd_kafka_message_t *message = (const rd_kafka_message_t *)(const void *)headers;
    if (index >= message->len)
        return RD_KAFKA_RESP_ERR__NOENT;
    *name = "name";
    *value = "value";
    *size = 5;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

#endif
