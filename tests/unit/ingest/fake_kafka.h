/**
 * Stands in for the functions of librdkafka that ask or tell a broker something.
 *
 * A test program that includes this defines them itself, so the engine's files, which are linked
 * from the same library as everywhere, call these instead. Handles, lists, queues and headers stay
 * librdkafka's own; what comes from a broker is what the test wrote into `fake`.
 */
#ifndef REDRESS_TESTS_FAKE_KAFKA_H
#define REDRESS_TESTS_FAKE_KAFKA_H

#include "base/memory.h"

#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

/* The signatures are librdkafka's; most of what they pass is of no interest here. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

enum { FAKE_MESSAGES_MAX = 16 };

struct fake_queue {
    rd_kafka_message_t *messages[FAKE_MESSAGES_MAX]; /* NULL: the queue looks empty once */
    uint32_t count;
    uint32_t next;
};

static struct {
    int version;
    int conf_calls_until_refusal; /* -1: never */
    bool no_handle;
    rd_kafka_resp_err_t subscribe, unsubscribe, assign, store, fatal;
    rd_kafka_resp_err_t committed, committed_element;
    uint32_t committed_refusals; /* so often `committed` is answered, then none */
    int64_t committed_offset;
    rd_kafka_resp_err_t ends[2], ends_element;
    int64_t low, high;
    rd_kafka_resp_err_t commit, commit_answer;
    bool silent; /* no event comes from a queue */
    bool lost;
    bool headers_refused;
    rd_kafka_timestamp_type_t timestamp_type;
    rd_kafka_resp_err_t metadata_code;
    const struct rd_kafka_metadata *metadata;
    const char *cluster_id;
    const char *member_id;
    struct fake_queue consumer, partition;
    uint32_t stored, assigned, destroyed;
    int64_t stored_offset;
    int64_t assigned_offsets[2]; /* of the first two partitions, at the last assignment */
    void (*log)(const rd_kafka_t *, int, const char *, const char *);
    /* DescribeConfigs: one resource, one entry. */
    bool options_refused, no_result;
    const char *entry_name, *entry_value;
} fake;

static void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
    fake.version = 0x020002ff;
    fake.conf_calls_until_refusal = -1;
    fake.committed_offset = RD_KAFKA_OFFSET_INVALID;
    fake.committed_refusals = UINT32_MAX;
    fake.high = 100;
    fake.metadata_code = RD_KAFKA_RESP_ERR__TRANSPORT;
}

static inline void fake_push(struct fake_queue *queue, rd_kafka_message_t *message)
{
    queue->messages[queue->count++] = message;
}

static rd_kafka_message_t *fake_take(struct fake_queue *queue)
{
    return queue->next < queue->count ? queue->messages[queue->next++] : NULL;
}

int rd_kafka_version(void)
{
    return fake.version;
}

rd_kafka_conf_res_t rd_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                                      char *text, size_t size)
{
    if (fake.conf_calls_until_refusal != 0) {
        fake.conf_calls_until_refusal--;
        return RD_KAFKA_CONF_OK;
    }
    snprintf(text, size, "%s=%s refused", name, value);
    return RD_KAFKA_CONF_INVALID;
}

void rd_kafka_conf_set_log_cb(rd_kafka_conf_t *conf,
                              void (*log)(const rd_kafka_t *, int, const char *, const char *))
{
    fake.log = log;
}

/* A producer without brokers does for everything that the fakes leave to librdkafka. */
static rd_kafka_t *fake_handle;

/* librdkafka's own threads do not run under ThreadSanitizer: such a test is skipped there. */
#if defined(__SANITIZE_THREAD__)
enum { FAKE_IS_POSSIBLE = 0 };
#else
enum { FAKE_IS_POSSIBLE = 1 };
#endif
enum { FAKE_SKIPPED = 77 };

static rd_kafka_t *fake_real_handle(void)
{
    typedef rd_kafka_t *make(rd_kafka_type_t, rd_kafka_conf_t *, char *, size_t);
    void *symbol = dlsym(RTLD_NEXT, "rd_kafka_new");
    make *function;
    memcpy(&function, &symbol, sizeof function);
    char text[64];
    return function(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
}

static void fake_destroy_handle(void)
{
    typedef void unmake(rd_kafka_t *);
    void *symbol = dlsym(RTLD_NEXT, "rd_kafka_destroy");
    unmake *function;
    memcpy(&function, &symbol, sizeof function);
    function(fake_handle);
}

rd_kafka_t *rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, char *text, size_t size)
{
    if (fake.no_handle) {
        snprintf(text, size, "no handle");
        return NULL;
    }
    rd_kafka_conf_destroy(conf);
    return fake_handle;
}

void rd_kafka_destroy(rd_kafka_t *handle)
{
    fake.destroyed++;
}

void rd_kafka_destroy_flags(rd_kafka_t *handle, int flags)
{
    fake.destroyed += flags ? 1 : 0;
}

rd_kafka_resp_err_t rd_kafka_poll_set_consumer(rd_kafka_t *handle)
{
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_queue_t *rd_kafka_queue_get_consumer(rd_kafka_t *handle)
{
    return rd_kafka_queue_get_main(handle);
}

rd_kafka_queue_t *rd_kafka_queue_get_partition(rd_kafka_t *handle, const char *topic,
                                               int32_t partition)
{
    return rd_kafka_queue_new(handle);
}

rd_kafka_resp_err_t rd_kafka_subscribe(rd_kafka_t *handle,
                                       const rd_kafka_topic_partition_list_t *list)
{
    return fake.subscribe;
}

rd_kafka_resp_err_t rd_kafka_unsubscribe(rd_kafka_t *handle)
{
    return fake.unsubscribe;
}

rd_kafka_resp_err_t rd_kafka_assign(rd_kafka_t *handle, const rd_kafka_topic_partition_list_t *list)
{
    fake.assigned++;
    for (int index = 0; list && index < list->cnt && index < 2; index++)
        fake.assigned_offsets[index] = list->elems[index].offset;
    return fake.assign;
}

int rd_kafka_assignment_lost(rd_kafka_t *handle)
{
    return fake.lost;
}

rd_kafka_resp_err_t rd_kafka_fatal_error(rd_kafka_t *handle, char *text, size_t size)
{
    snprintf(text, size, "fatal");
    return fake.fatal;
}

rd_kafka_resp_err_t rd_kafka_consumer_close(rd_kafka_t *handle)
{
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list,
                                       int timeout_ms)
{
    for (int index = 0; index < list->cnt; index++) {
        list->elems[index].err = fake.committed_element;
        list->elems[index].offset = fake.committed_offset;
    }
    if (fake.committed_refusals == 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    fake.committed_refusals--;
    return fake.committed;
}

rd_kafka_resp_err_t rd_kafka_offsets_for_times(rd_kafka_t *handle,
                                               rd_kafka_topic_partition_list_t *list,
                                               int timeout_ms)
{
    bool end = list->elems[0].offset == RD_KAFKA_OFFSET_END;
    for (int index = 0; index < list->cnt; index++) {
        list->elems[index].err = fake.ends_element;
        list->elems[index].offset = end ? fake.high : fake.low;
    }
    return fake.ends[end];
}

rd_kafka_resp_err_t rd_kafka_offsets_store(rd_kafka_t *handle,
                                           rd_kafka_topic_partition_list_t *list)
{
    fake.stored++;
    fake.stored_offset = list->elems[0].offset;
    return fake.store;
}

rd_kafka_resp_err_t rd_kafka_commit_queue(
    rd_kafka_t *handle, const rd_kafka_topic_partition_list_t *offsets, rd_kafka_queue_t *queue,
    void (*done)(rd_kafka_t *, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t *, void *),
    void *opaque)
{
    return fake.commit;
}

/* The one event there is stands for any: its address says nothing. */
rd_kafka_event_t *rd_kafka_queue_poll(rd_kafka_queue_t *queue, int timeout_ms)
{
    return fake.silent ? NULL : (rd_kafka_event_t *)&fake;
}

rd_kafka_resp_err_t rd_kafka_event_error(rd_kafka_event_t *event)
{
    return fake.commit_answer;
}

void rd_kafka_event_destroy(rd_kafka_event_t *event)
{
}

rd_kafka_resp_err_t rd_kafka_get_watermark_offsets(rd_kafka_t *handle, const char *topic,
                                                   int32_t partition, int64_t *low, int64_t *high)
{
    *low = fake.low;
    *high = fake.high;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

char *rd_kafka_clusterid(rd_kafka_t *handle, int timeout_ms)
{
    return (char *)(uintptr_t)fake.cluster_id;
}

char *rd_kafka_memberid(const rd_kafka_t *handle)
{
    return (char *)(uintptr_t)fake.member_id;
}

void rd_kafka_mem_free(rd_kafka_t *handle, void *memory)
{
}

rd_kafka_resp_err_t rd_kafka_metadata(rd_kafka_t *handle, int all, rd_kafka_topic_t *topic,
                                      const struct rd_kafka_metadata **out, int timeout_ms)
{
    *out = fake.metadata;
    return fake.metadata_code;
}

void rd_kafka_metadata_destroy(const struct rd_kafka_metadata *metadata)
{
}

#include "fake_kafka_messages.h"

#endif
