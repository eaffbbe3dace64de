/** The questions of a start: is everything there that the engine needs to read? */
#include "ingest/kafka_state.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "kafka/topic_sizes.h"

#include <stdio.h>
#include <string.h>

enum {
    ASK_AGAIN_MS = 100,
    /* A batch's head and the least of a record's own fields: a topic's limit counts them in. */
    BATCH_OVERHEAD_BYTES = 68
};

static void missing(struct error_list *errors, enum redress_status status, const char *topic,
                    const char *what)
{
    error_list_add(errors, status, NULL, 0, 0, "topic %s: %s", topic, what);
}

static void check_topic_metadata(const struct rd_kafka_metadata_topic *topic,
                                 struct error_list *errors)
{
    if (topic->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        missing(errors, STATUS_NOT_FOUND, topic->topic, "is not there: make it, then start again");
    else if (topic->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        missing(errors, STATUS_DENIED, topic->topic, "may not be read: allow READ and DESCRIBE");
    else if (topic->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
             topic->err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) /* passes by itself */
        missing(errors, STATUS_INVALID, topic->topic, rd_kafka_err2str(topic->err));
    else if (topic->partition_cnt == 0)
        missing(errors, STATUS_INVALID, topic->topic, "has no partitions");
}

/* False where no broker answered at all. */
static bool check_topic(rd_kafka_t *consumer, const char *name, int timeout_ms,
                        struct error_list *errors)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, name, NULL);
    if (!topic) {
        missing(errors, STATUS_INVALID, name, "is no possible name of a topic");
        return true;
    }
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(consumer, 0, topic, &metadata, timeout_ms);
    rd_kafka_topic_destroy(topic);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        error_list_add(errors, STATUS_TIMEOUT, NULL, 0, 0,
                       "no broker answered: %s; check `brokers` and its security properties",
                       rd_kafka_err2str(code));
        return false;
    }
    for (int index = 0; index < metadata->topic_cnt; index++)
        check_topic_metadata(&metadata->topics[index], errors);
    rd_kafka_metadata_destroy(metadata);
    return true;
}

/* What a coordinator says that is just being elected, or still loads: after a broker's start. */
static bool is_not_yet(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
           code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
           code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
}

/* Asks for a committed offset; again while the coordinator is not there yet, within timeout_ms. */
static rd_kafka_resp_err_t ask_committed(rd_kafka_t *consumer,
                                         rd_kafka_topic_partition_list_t *list, int timeout_ms)
{
    rd_kafka_resp_err_t code;
    int waited_ms = 0;
    while (is_not_yet(code = rd_kafka_committed(consumer, list, timeout_ms)) &&
           waited_ms < timeout_ms) {
        nanosleep(&(struct timespec){.tv_nsec = ASK_AGAIN_MS * NS_PER_MS}, NULL);
        waited_ms += ASK_AGAIN_MS;
    }
    return code;
}

/* May this group commit at all? The coordinator says so when it is asked what was committed. */
static void check_group(rd_kafka_t *consumer, const struct kafka_source_settings *settings,
                        int timeout_ms, struct error_list *errors)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, settings->topics[0].name, 0);
    rd_kafka_resp_err_t code = ask_committed(consumer, list, timeout_ms);
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
        error_list_add(errors, STATUS_DENIED, NULL, 0, 0,
                       "group %s: may not be joined: allow READ on it", settings->group);
    else if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        error_list_add(errors, STATUS_TIMEOUT, NULL, 0, 0,
                       "group %s: its coordinator did not answer: %s", settings->group,
                       rd_kafka_err2str(code));
}

static void compare_size(void *context, const char *topic, uint64_t max_message_bytes)
{
    uint32_t payload_bytes_max = *(const uint32_t *)context;
    if (max_message_bytes <= (uint64_t)payload_bytes_max + BATCH_OVERHEAD_BYTES)
        return;
    LOG_WARN("the topic takes larger records than the engine: those become dead letters by "
             "reference",
             log_text("topic", topic), log_integer("max_message_bytes", (int64_t)max_message_bytes),
             log_integer("payload_bytes_max", payload_bytes_max));
}

static void check_sizes(rd_kafka_t *consumer, const struct kafka_source_settings *settings,
                        uint32_t payload_bytes_max, int timeout_ms)
{
    const char *names[CHANNELS_MAX];
    size_t count = 0;
    for (; count < settings->topic_count && count < CHANNELS_MAX; count++)
        names[count] = settings->topics[count].name;
    topic_sizes_ask(consumer, names, count, timeout_ms, compare_size, &payload_bytes_max);
}

enum redress_status kafka_source_check(const struct kafka_source_settings *settings,
                                       uint32_t payload_bytes_max, int timeout_ms,
                                       struct error_list *errors)
{
    ASSERT(settings->topic_count > 0);
    rd_kafka_conf_t *conf;
    struct redress_error error;
    uint32_t before = errors->count;
    enum redress_status status = kafka_make_conf(settings, &conf, &error);
    if (status != STATUS_OK) {
        error_list_add(errors, status, NULL, 0, 0, "%s", error.text);
        return status;
    }
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.text, sizeof error.text);
    if (!consumer) {
        rd_kafka_conf_destroy(conf);
        error_list_add(errors, STATUS_INVALID, NULL, 0, 0, "%s", error.text);
        return STATUS_INVALID;
    }
    bool answered = true;
    for (uint32_t index = 0; answered && index < settings->topic_count; index++)
        answered = check_topic(consumer, settings->topics[index].name, timeout_ms, errors);
    if (answered && errors->count == before) {
        check_group(consumer, settings, timeout_ms, errors);
        check_sizes(consumer, settings, payload_bytes_max, timeout_ms);
    }
    /* It never joined the group: there is nothing to close in order. */
    rd_kafka_destroy_flags(consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    if (!answered)
        return STATUS_TIMEOUT;
    return errors->count == before ? STATUS_OK : STATUS_INVALID;
}
