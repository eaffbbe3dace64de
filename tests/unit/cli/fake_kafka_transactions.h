/** What replay needs beside fake_kafka.h: transactions, records produced, a topic created. */
#ifndef REDRESS_TESTS_FAKE_KAFKA_TRANSACTIONS_H
#define REDRESS_TESTS_FAKE_KAFKA_TRANSACTIONS_H

#include "unit/ingest/fake_kafka_fixture.h"

/* Each call of a kind takes one from `until`; the one that finds 0 is refused, and only that. */
struct fake_refusal {
    int until; /* -1: never */
    rd_kafka_resp_err_t code;
};

static struct {
    struct fake_refusal watermarks, init, begin, produce, commit;
    uint32_t produced, committed, aborted;
    size_t headers; /* of the record produced last */
    bool no_new_topic, no_marks;
    rd_kafka_resp_err_t created;
} fake_more;

/* The one topic there is. */
static struct rd_kafka_metadata_partition fake_partitions[2] = {{.id = 0}, {.id = 1}};
static struct rd_kafka_metadata_topic fake_topic = {.topic = (char *)(uintptr_t) "t",
                                                    .partitions = fake_partitions};
static const struct rd_kafka_metadata fake_metadata = {.topic_cnt = 1, .topics = &fake_topic};

/* Nothing is refused; the topic has one partition, with offsets up to `high`. */
static void fake_topic_reset(int64_t high)
{
    const struct fake_refusal never = {.until = -1};
    fake_reset();
    fake.metadata = &fake_metadata;
    fake.metadata_code = 0;
    fake.high = high;
    fake_topic.err = 0;
    fake_topic.partition_cnt = 1;
    memset(&fake_more, 0, sizeof fake_more);
    fake_more.watermarks = fake_more.init = fake_more.begin = never;
    fake_more.produce = fake_more.commit = never;
}

static inline struct fake_refusal fake_refuse(int until, rd_kafka_resp_err_t code)
{
    return (struct fake_refusal){.until = until, .code = code};
}

static rd_kafka_resp_err_t fake_answer(struct fake_refusal *refusal)
{
    if (refusal->until < 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    return refusal->until-- == 0 ? refusal->code : RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_error_t *fake_error(struct fake_refusal *refusal)
{
    rd_kafka_resp_err_t code = fake_answer(refusal);
    return code ? rd_kafka_error_new(code, "refused") : NULL;
}

rd_kafka_resp_err_t rd_kafka_query_watermark_offsets(rd_kafka_t *handle, const char *topic,
                                                     int32_t partition, int64_t *low, int64_t *high,
                                                     int timeout_ms)
{
    *low = fake.low;
    *high = fake_more.no_marks && strstr(topic, ".replayed") ? fake.low : fake.high;
    return fake_answer(&fake_more.watermarks);
}

rd_kafka_error_t *rd_kafka_init_transactions(rd_kafka_t *handle, int timeout_ms)
{
    return fake_error(&fake_more.init);
}

rd_kafka_error_t *rd_kafka_begin_transaction(rd_kafka_t *handle)
{
    return fake_error(&fake_more.begin);
}

rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *handle, int timeout_ms)
{
    rd_kafka_error_t *error = fake_error(&fake_more.commit);
    fake_more.committed += !error;
    return error;
}

rd_kafka_error_t *rd_kafka_abort_transaction(rd_kafka_t *handle, int timeout_ms)
{
    fake_more.aborted++;
    return NULL;
}

rd_kafka_error_t *rd_kafka_produceva(rd_kafka_t *handle, const rd_kafka_vu_t *parts, size_t count)
{
    rd_kafka_error_t *error = fake_error(&fake_more.produce);
    const rd_kafka_vu_t *last = &parts[count - 1];
    if (error || last->vtype != RD_KAFKA_VTYPE_HEADERS) {
        fake_more.produced += !error;
        return error;
    }
    fake_more.produced++;
    fake_more.headers = rd_kafka_header_cnt(last->u.headers);
    rd_kafka_headers_destroy(last->u.headers); /* taken with the record */
    return NULL;
}

rd_kafka_NewTopic_t *rd_kafka_NewTopic_new(const char *topic, int partitions, int replicas,
                                           char *text, size_t size)
{
    return fake_more.no_new_topic ? NULL : (rd_kafka_NewTopic_t *)&fake_more;
}

void rd_kafka_NewTopic_destroy(rd_kafka_NewTopic_t *topic)
{
}

rd_kafka_resp_err_t rd_kafka_NewTopic_set_config(rd_kafka_NewTopic_t *topic, const char *name,
                                                 const char *value)
{
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void rd_kafka_CreateTopics(rd_kafka_t *handle, rd_kafka_NewTopic_t **topics, size_t count,
                           const rd_kafka_AdminOptions_t *options, rd_kafka_queue_t *queue)
{
}

const rd_kafka_CreateTopics_result_t *rd_kafka_event_CreateTopics_result(rd_kafka_event_t *event)
{
    return (const rd_kafka_CreateTopics_result_t *)event;
}

const rd_kafka_topic_result_t **
rd_kafka_CreateTopics_result_topics(const rd_kafka_CreateTopics_result_t *result, size_t *count)
{
    static const rd_kafka_topic_result_t *results[1];
    *count = 1;
    return results;
}

rd_kafka_resp_err_t rd_kafka_topic_result_error(const rd_kafka_topic_result_t *result)
{
    return fake_more.created;
}

#endif
