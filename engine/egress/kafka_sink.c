#include "egress/kafka_sink.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/memory.h"
#include "egress/sink_topics.h"
#include "kafka/topic_sizes.h"

#include <librdkafka/rdkafka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RECORD_OVERHEAD_BYTES = 512, /* of batch and record framing, generously */
    PURGE_WAIT_MS = 1000,
    CHECK_TRIES = 4,
    CHECK_AGAIN_NS = 100 * 1000 * 1000
};

/* One librdkafka producer: `crowd` batches, `alone` sends batches of one. */
struct producer {
    rd_kafka_t *handle;
    rd_kafka_queue_t *reports;
    rd_kafka_topic_t *topics[SINK_TOPICS_MAX];
};

struct kafka_sink {
    struct sink base;
    struct kafka_sink_settings settings;
    rd_kafka_conf_t *configuration; /* the template that both producers copy */
    struct producer crowd;
    struct producer alone;
    struct sink_topics topics;
    uint32_t record_bytes_max;
    uint64_t pending;
    uint32_t delivered_now; /* since the running poll began */
    bool closing;
};

/* What librdkafka's errors mean to egress, and what to show on /readyz. Everything that is not
 * listed passes by itself or needs an operator: the record stays and is produced again. */
static enum redress_status outcome_of(rd_kafka_resp_err_t code, enum redress_status *trouble)
{
    *trouble = STATUS_RETRY;
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        *trouble = STATUS_OK;
        return STATUS_OK;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: /* our own limit: back-pressure, no trouble */
        *trouble = STATUS_OK;
        return STATUS_FULL;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:    /* the topic's or the broker's limit */
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: /* the segment's limit */
        *trouble = STATUS_OK;
        return STATUS_TOO_LARGE;
    case RD_KAFKA_RESP_ERR__FATAL: /* the idempotent producer lost its place */
        *trouble = STATUS_FATAL;
        return STATUS_FATAL;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:        /* the metadata says so */
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:    /* the topic has become smaller */
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: /* the broker says so */
        *trouble = STATUS_NOT_FOUND;
        return STATUS_RETRY;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED: /* an ACL is missing */
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION: /* the credentials are wrong */
        *trouble = STATUS_DENIED;
        return STATUS_RETRY;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: /* an outage */
    case RD_KAFKA_RESP_ERR__TRANSPORT:
        *trouble = STATUS_IO;
        return STATUS_RETRY;
    default:
        return STATUS_RETRY;
    }
}

/* After a fatal error librdkafka answers with its cause, or with whatever the purge of its queues
 * gives: nothing of it is worth another try. */
static enum redress_status unless_fatal(rd_kafka_t *handle, enum redress_status outcome)
{
    if (outcome == STATUS_OK || !rd_kafka_fatal_error(handle, NULL, 0))
        return outcome;
    return STATUS_FATAL;
}

static void note_trouble(struct kafka_sink *sink, enum redress_status trouble)
{
    if (sink_trouble(&sink->base) != STATUS_FATAL) /* that one stays */
        sink_set_trouble(&sink->base, trouble);
}

static void on_report(rd_kafka_t *handle, const rd_kafka_message_t *report, void *opaque)
{
    struct kafka_sink *sink = opaque;
    enum redress_status trouble;
    enum redress_status outcome = unless_fatal(handle, outcome_of(report->err, &trouble));
    ASSERT(sink->pending > 0);
    sink->pending--;
    sink->delivered_now++;
    if (sink->closing)
        return;
    if (outcome != STATUS_OK && outcome != STATUS_TOO_LARGE)
        LOG_WARN("a record was not delivered", log_text("topic", rd_kafka_topic_name(report->rkt)),
                 log_text("error", rd_kafka_err2name(report->err)));
    note_trouble(sink, outcome == STATUS_FATAL ? STATUS_FATAL : trouble);
    sink->base.delivered(sink->base.context, report->_private, outcome);
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
    struct kafka_sink *sink = opaque;
    enum redress_status trouble;
    (void)outcome_of((rd_kafka_resp_err_t)code, &trouble);
    if (trouble == STATUS_FATAL) {
        char fatal[256];
        rd_kafka_resp_err_t cause = rd_kafka_fatal_error(handle, fatal, sizeof fatal);
        LOG_ERROR("the producer has failed for good", log_text("error", rd_kafka_err2name(cause)),
                  log_text("reason", fatal));
    } else {
        LOG_WARN("the producer reports", log_text("error", rd_kafka_err2name(code)),
                 log_text("reason", reason));
    }
    note_trouble(sink, trouble);
}

/* librdkafka passes syslog levels: 3 is an error, 4 a warning, 7 debug. */
static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    (void)handle;
    enum log_level ours = level <= 3   ? LOG_LEVEL_ERROR
                          : level == 4 ? LOG_LEVEL_WARN
                          : level <= 6 ? LOG_LEVEL_INFO
                                       : LOG_LEVEL_DEBUG;
    LOG_AT(ours, "librdkafka", log_text("client", "producer"), log_text("facility", facility),
           log_text("text", text));
}

static enum redress_status set_property(rd_kafka_conf_t *configuration, const char *name,
                                        const char *value, char *error, size_t error_size)
{
    if (rd_kafka_conf_set(configuration, name, value, error, error_size) == RD_KAFKA_CONF_OK)
        return STATUS_OK;
    return STATUS_INVALID;
}

static enum redress_status set_properties(rd_kafka_conf_t *configuration,
                                          const struct kafka_property *properties, uint32_t count,
                                          char *error, size_t error_size)
{
    enum redress_status status = STATUS_OK;
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++)
        status = set_property(configuration, properties[index].name, properties[index].value, error,
                              error_size);
    return status;
}

/* Our defaults first, the operator's properties over them, what the engine relies on last. */
static enum redress_status configure(struct kafka_sink *sink, char *error, size_t error_size)
{
    const struct kafka_sink_settings *settings = &sink->settings;
    char linger_ms[32];
    char queue_messages[16];
    char queue_kbytes[16];
    snprintf(linger_ms, sizeof linger_ms, "%.3f", settings->linger_us / 1000.0);
    snprintf(queue_messages, sizeof queue_messages, "%u", settings->queue_messages_max);
    snprintf(queue_kbytes, sizeof queue_kbytes, "%u", settings->queue_kbytes_max);
    const struct kafka_property defaults[] = {
        {"linger.ms", linger_ms},
        {"queue.buffering.max.messages", queue_messages},
        {"queue.buffering.max.kbytes", queue_kbytes},
    };
    const struct kafka_property owned[] = {
        {"enable.idempotence", "true"},
        {"acks", "all"},
        {"message.timeout.ms", "0"},
        {"partitioner", "murmur2_random"},
    };
    enum redress_status status =
        set_properties(sink->configuration, defaults, 3, error, error_size);
    if (status == STATUS_OK)
        status = set_properties(sink->configuration, settings->properties, settings->property_count,
                                error, error_size);
    if (status == STATUS_OK)
        status = set_properties(sink->configuration, owned, 4, error, error_size);
    rd_kafka_conf_set_dr_msg_cb(sink->configuration, on_report);
    rd_kafka_conf_set_error_cb(sink->configuration, on_error);
    rd_kafka_conf_set_log_cb(sink->configuration, on_log);
    rd_kafka_conf_set_opaque(sink->configuration, sink);
    char bytes[32] = "";
    size_t size = sizeof bytes;
    (void)rd_kafka_conf_get(sink->configuration, "message.max.bytes", bytes, &size);
    sink->record_bytes_max = (uint32_t)strtoul(bytes, NULL, 10);
    return status;
}

static rd_kafka_topic_t *open_in(struct producer *producer, const char *name)
{
    return rd_kafka_topic_new(producer->handle, name, NULL);
}

static void stop_producer(struct producer *producer)
{
    if (!producer->handle)
        return;
    /* No more writes to wake_fd, then nothing left to report, then the topics, then the handle. */
    rd_kafka_queue_io_event_enable(producer->reports, -1, NULL, 0);
    rd_kafka_queue_destroy(producer->reports);
    rd_kafka_purge(producer->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer->handle, PURGE_WAIT_MS);
    for (uint32_t index = 0; index < SINK_TOPICS_MAX; index++)
        if (producer->topics[index])
            rd_kafka_topic_destroy(producer->topics[index]);
    rd_kafka_destroy(producer->handle);
    producer->handle = NULL;
}

static enum redress_status start_producer(struct kafka_sink *sink, struct producer *producer,
                                          const char *batch_records_max, char *error,
                                          size_t error_size)
{
    static const uint64_t one = 1; /* what an eventfd takes */
    rd_kafka_conf_t *copy = rd_kafka_conf_dup(sink->configuration);
    if (batch_records_max && set_property(copy, "batch.num.messages", batch_records_max, error,
                                          error_size) != STATUS_OK) {
        rd_kafka_conf_destroy(copy);
        return STATUS_INVALID;
    }
    producer->handle = rd_kafka_new(RD_KAFKA_PRODUCER, copy, error, error_size);
    if (!producer->handle) {
        rd_kafka_conf_destroy(copy);
        return STATUS_INVALID;
    }
    producer->reports = rd_kafka_queue_get_main(producer->handle);
    if (sink->settings.wake_fd >= 0)
        rd_kafka_queue_io_event_enable(producer->reports, sink->settings.wake_fd, &one, sizeof one);
    for (uint32_t index = 0; index < sink->topics.count; index++) {
        producer->topics[index] = open_in(producer, sink->topics.names[index]);
        if (!producer->topics[index]) {
            stop_producer(producer);
            snprintf(error, error_size, "librdkafka cannot open %s", sink->topics.names[index]);
            return STATUS_INVALID;
        }
    }
    return STATUS_OK;
}

static enum redress_status open_topic(struct sink *base, const char *name, uint32_t *out)
{
    struct kafka_sink *sink = (struct kafka_sink *)base;
    enum redress_status status = sink_topics_find(&sink->topics, name, out);
    if (status != STATUS_NOT_FOUND)
        return status;
    status = sink_topics_add(&sink->topics, name);
    if (status != STATUS_OK)
        return status;
    sink->crowd.topics[*out] = open_in(&sink->crowd, name);
    if (!sink->crowd.topics[*out]) {
        sink_topics_drop_last(&sink->topics);
        return STATUS_INVALID; /* no name that Kafka takes */
    }
    if (sink->alone.handle)
        sink->alone.topics[*out] = open_in(&sink->alone, name);
    return STATUS_OK;
}

static uint64_t bytes_of(const struct sink_record *record)
{
    uint64_t bytes = RECORD_OVERHEAD_BYTES + (uint64_t)record->key.size + record->value.size;
    for (uint32_t index = 0; index < record->header_count; index++)
        bytes += record->headers[index].name.size + record->headers[index].value.size;
    return bytes;
}

static rd_kafka_headers_t *headers_of(const struct sink_record *record)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (uint32_t index = 0; index < record->header_count; index++) {
        const struct message_header *header = &record->headers[index];
        rd_kafka_resp_err_t code = rd_kafka_header_add(
            headers, header->name.data, header->name.size, header->value.data, header->value.size);
        ASSERT(code == RD_KAFKA_RESP_ERR_NO_ERROR); /* it only refuses read-only lists */
    }
    return headers;
}

static rd_kafka_resp_err_t hand_over(struct producer *producer, const struct sink_record *record)
{
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = producer->topics[record->topic]},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {.ptr = (void *)(uintptr_t)record->value.data, .size = record->value.size}},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {.ptr = (void *)(uintptr_t)record->key.data, .size = record->key.size}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = record->opaque},
        {.vtype = RD_KAFKA_VTYPE_HEADERS,
         .u.headers = record->header_count ? headers_of(record) : NULL},
    };
    size_t count = sizeof parts / sizeof parts[0] - (record->header_count ? 0 : 1);
    rd_kafka_error_t *error = rd_kafka_produceva(producer->handle, parts, count);
    if (!error)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (record->header_count)
        rd_kafka_headers_destroy(parts[5].u.headers); /* only taken with the record */
    return code;
}

static enum redress_status produce(struct sink *base, const struct sink_record *record)
{
    struct kafka_sink *sink = (struct kafka_sink *)base;
    ASSERT(record->topic < sink->topics.count);
    /* Refused here for certain: librdkafka lets records just over its limit in and then keeps them
     * for ever, because no batch of the allowed size can hold them. */
    if (bytes_of(record) > sink->record_bytes_max)
        return STATUS_TOO_LARGE;
    struct producer *producer = record->alone ? &sink->alone : &sink->crowd;
    char error[256];
    if (!producer->handle &&
        start_producer(sink, producer, "1", error, sizeof error) != STATUS_OK) {
        LOG_ERROR("no producer for single records", log_text("error", error));
        return STATUS_RETRY;
    }
    enum redress_status trouble;
    enum redress_status status =
        unless_fatal(producer->handle, outcome_of(hand_over(producer, record), &trouble));
    if (status == STATUS_OK)
        sink->pending++;
    else if (status != STATUS_FULL) /* back-pressure says nothing about what the trouble is */
        note_trouble(sink, status == STATUS_FATAL ? STATUS_FATAL : trouble);
    return status;
}

static uint32_t poll_reports(struct sink *base)
{
    struct kafka_sink *sink = (struct kafka_sink *)base;
    sink->delivered_now = 0;
    rd_kafka_poll(sink->crowd.handle, 0);
    if (sink->alone.handle)
        rd_kafka_poll(sink->alone.handle, 0);
    /* With nothing to deliver a lost connection troubles nobody; no delivery would clear it. */
    if (sink->pending == 0 && sink_trouble(base) == STATUS_IO)
        sink_set_trouble(base, STATUS_OK);
    return sink->delivered_now;
}

static uint64_t pending(const struct sink *base)
{
    return ((const struct kafka_sink *)base)->pending;
}

static void close_sink(struct sink *base)
{
    struct kafka_sink *sink = (struct kafka_sink *)base;
    sink->closing = true;
    stop_producer(&sink->crowd);
    stop_producer(&sink->alone);
    sink_topics_free(&sink->topics);
    rd_kafka_conf_destroy(sink->configuration);
    memory_free(sink);
}

enum redress_status kafka_sink_create(const struct kafka_sink_settings *settings, char *error,
                                      size_t error_size, struct sink **out)
{
    static const struct sink_ops ops = {
        .topic = open_topic,
        .produce = produce,
        .poll = poll_reports,
        .pending = pending,
        .close = close_sink,
    };
    struct kafka_sink *sink = memory_allocate(sizeof *sink);
    if (!sink) {
        snprintf(error, error_size, "out of memory");
        return STATUS_MEMORY;
    }
    sink->base.ops = &ops;
    sink->settings = *settings;
    sink->configuration = rd_kafka_conf_new();
    enum redress_status status = configure(sink, error, error_size);
    if (status == STATUS_OK)
        status = start_producer(sink, &sink->crowd, NULL, error, error_size);
    if (status != STATUS_OK) {
        close_sink(&sink->base);
        return status;
    }
    *out = &sink->base;
    return STATUS_OK;
}

/* One question. Brokers that make topics by themselves name the topic unknown at first. */
static rd_kafka_resp_err_t ask_topic(struct producer *producer, uint32_t topic, int timeout_ms,
                                     rd_kafka_resp_err_t *answer)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(producer->handle, 0, producer->topics[topic], &metadata, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return code;
    *answer = metadata->topics[0].err;
    if (*answer == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topics[0].partition_cnt == 0)
        *answer = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    rd_kafka_metadata_destroy(metadata);
    return code;
}

static void say_missing(const char *topic, rd_kafka_resp_err_t answer, struct error_list *errors)
{
    if (answer == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        error_list_add(errors, STATUS_NOT_FOUND, NULL, 0, 0,
                       "output topic %s: is not there: make it, then start again", topic);
    else if (answer == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        error_list_add(errors, STATUS_DENIED, NULL, 0, 0,
                       "output topic %s: may not be written: allow WRITE and DESCRIBE", topic);
    else
        error_list_add(errors, STATUS_INVALID, NULL, 0, 0, "output topic %s: %s", topic,
                       rd_kafka_err2str(answer));
}

static void compare_size(void *context, const char *topic, uint64_t max_message_bytes)
{
    const struct kafka_sink *sink = context;
    if (max_message_bytes >= sink->record_bytes_max)
        return;
    LOG_WARN("the output topic takes smaller records than the engine writes: larger ones go in a "
             "smaller form",
             log_text("topic", topic), log_integer("max_message_bytes", (int64_t)max_message_bytes),
             log_integer("record_bytes_max", sink->record_bytes_max));
}

enum redress_status kafka_sink_check(struct sink *base, int timeout_ms, struct error_list *errors)
{
    struct kafka_sink *sink = (struct kafka_sink *)base;
    uint32_t before = errors->count;
    for (uint32_t topic = 0; topic < sink->topics.count; topic++) {
        rd_kafka_resp_err_t answer = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
        for (int tries = 0; tries < CHECK_TRIES && code == RD_KAFKA_RESP_ERR_NO_ERROR &&
                            answer == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
             tries++) {
            if (tries > 0)
                nanosleep(&(struct timespec){.tv_nsec = CHECK_AGAIN_NS}, NULL);
            code = ask_topic(&sink->crowd, topic, timeout_ms, &answer);
        }
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            error_list_add(errors, STATUS_TIMEOUT, NULL, 0, 0,
                           "no broker answered the producer: %s; check `brokers` and its "
                           "security properties",
                           rd_kafka_err2str(code));
            return STATUS_TIMEOUT;
        }
        if (answer != RD_KAFKA_RESP_ERR_NO_ERROR &&
            answer != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) /* passes by itself */
            say_missing(sink->topics.names[topic], answer, errors);
    }
    if (errors->count != before)
        return STATUS_INVALID;
    topic_sizes_ask(sink->crowd.handle, (const char *const *)sink->topics.names, sink->topics.count,
                    timeout_ms, compare_size, sink);
    return STATUS_OK;
}

uint32_t kafka_sink_record_bytes_max(const struct sink *sink)
{
    return ((const struct kafka_sink *)sink)->record_bytes_max;
}
