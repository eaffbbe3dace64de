#include "cli/dead_letters.h"

static enum redress_status fail(struct dead_letters_kafka *kafka, enum redress_status status,
                                const char *what, const char *why)
{
    snprintf(kafka->error, sizeof kafka->error, "%s: %s", what, why);
    return status;
}

static bool set_property(struct dead_letters_kafka *kafka, rd_kafka_conf_t *configuration,
                         const struct dead_letters_property *property)
{
    return rd_kafka_conf_set(configuration, property->name, property->value, kafka->error,
                             sizeof kafka->error) == RD_KAFKA_CONF_OK;
}

rd_kafka_t *dead_letters_client(struct dead_letters_kafka *kafka, rd_kafka_type_t type,
                                const struct dead_letters_property *own)
{
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    bool good = true;
    for (uint32_t index = 0; index < kafka->property_count && good; index++)
        good = set_property(kafka, configuration, &kafka->properties[index]);
    for (; own->name && good; own++)
        good = set_property(kafka, configuration, own);
    rd_kafka_conf_set_log_cb(configuration, NULL); /* errors are answered, not logged */
    rd_kafka_t *client = NULL;
    if (good)
        client = rd_kafka_new(type, configuration, kafka->error, sizeof kafka->error);
    if (!client)
        rd_kafka_conf_destroy(configuration);
    return client;
}

static rd_kafka_t *open_consumer(struct dead_letters_kafka *kafka)
{
    static const struct dead_letters_property own[] = {
        {"group.id", "redress-dead-letters"}, /* never joined: partitions are assigned by hand */
        {"enable.auto.commit", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "earliest"},
        {"isolation.level", "read_committed"},
        {NULL, NULL},
    };
    return dead_letters_client(kafka, RD_KAFKA_CONSUMER, own);
}

/* What is still to be read: elems[].offset of `ends` is the first offset that is not, or done. */
enum { PARTITION_DONE = -1 };

struct reading {
    rd_kafka_topic_partition_list_t *starts;
    rd_kafka_topic_partition_list_t *ends;
    int left; /* partitions that are not done */
};

static void reading_open(struct reading *reading)
{
    *reading = (struct reading){.starts = rd_kafka_topic_partition_list_new(8),
                                .ends = rd_kafka_topic_partition_list_new(8)};
}

static void reading_close(struct reading *reading)
{
    rd_kafka_topic_partition_list_destroy(reading->starts);
    rd_kafka_topic_partition_list_destroy(reading->ends);
}

static void reading_add(struct reading *reading, const char *topic, int32_t partition,
                        int64_t start, int64_t end)
{
    if (start >= end)
        return;
    rd_kafka_topic_partition_list_add(reading->starts, topic, partition)->offset = start;
    rd_kafka_topic_partition_list_add(reading->ends, topic, partition)->offset = end;
    reading->left++;
}

/* True where the record, or the end of its partition, lies before the end of this reading; notes
 * what is done with it. What is appended meanwhile is left for the next reading. */
static bool reading_takes(struct reading *reading, const rd_kafka_message_t *record)
{
    rd_kafka_topic_partition_t *end = rd_kafka_topic_partition_list_find(
        reading->ends, rd_kafka_topic_name(record->rkt), record->partition);
    if (end->offset == PARTITION_DONE)
        return false;
    bool takes = !record->err && record->offset < end->offset;
    if (record->err || record->offset >= end->offset - 1) {
        end->offset = PARTITION_DONE;
        reading->left--;
    }
    return takes;
}

static enum redress_status add_partition(struct dead_letters_kafka *kafka, rd_kafka_t *consumer,
                                         const char *topic, int32_t partition,
                                         struct reading *reading)
{
    int64_t low;
    int64_t high;
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(consumer, topic, partition, &low,
                                                                &high, kafka->timeout_ms);
    if (code)
        return fail(kafka, STATUS_TIMEOUT, topic, rd_kafka_err2str(code));
    reading_add(reading, topic, partition, low, high);
    return STATUS_OK;
}

/* All partitions of the topic, from their beginning to the end they have now. */
static enum redress_status add_topic(struct dead_letters_kafka *kafka, rd_kafka_t *consumer,
                                     const char *topic, struct reading *reading)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer, topic, NULL);
    if (!handle)
        return fail(kafka, STATUS_INVALID, topic, "not a name that a topic can have");
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(consumer, 0, handle, &metadata, kafka->timeout_ms);
    rd_kafka_topic_destroy(handle);
    if (code)
        return fail(kafka, STATUS_TIMEOUT,
                    "no broker answers, check address and security properties",
                    rd_kafka_err2str(code));
    const struct rd_kafka_metadata_topic *found = &metadata->topics[0];
    enum redress_status status = STATUS_OK;
    if (found->err)
        status = fail(kafka, STATUS_NOT_FOUND, topic, rd_kafka_err2str(found->err));
    for (int index = 0; index < found->partition_cnt && status == STATUS_OK; index++)
        status = add_partition(kafka, consumer, topic, found->partitions[index].id, reading);
    rd_kafka_metadata_destroy(metadata);
    return status;
}

static enum redress_status read_next(struct dead_letters_kafka *kafka, rd_kafka_t *consumer,
                                     struct reading *reading, struct dead_letters_visitor visitor)
{
    rd_kafka_message_t *record = rd_kafka_consumer_poll(consumer, kafka->timeout_ms);
    if (!record)
        return fail(kafka, STATUS_TIMEOUT,
                    "no broker answers, check address and security properties", "nothing was read");
    enum redress_status status = STATUS_OK;
    if (record->err && record->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
        status = fail(kafka, STATUS_IO, "reading failed", rd_kafka_message_errstr(record));
    else if (reading_takes(reading, record))
        status = visitor.visit(visitor.context, record);
    rd_kafka_message_destroy(record);
    return status;
}

static enum redress_status read_all(struct dead_letters_kafka *kafka, rd_kafka_t *consumer,
                                    struct reading *reading, struct dead_letters_visitor visitor)
{
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer, reading->starts);
    enum redress_status status = STATUS_OK;
    if (code)
        status = fail(kafka, STATUS_IO, "assigning failed", rd_kafka_err2str(code));
    while (reading->left > 0 && status == STATUS_OK)
        status = read_next(kafka, consumer, reading, visitor);
    return status;
}

enum redress_status dead_letters_read_topic(struct dead_letters_kafka *kafka, const char *topic,
                                            struct dead_letters_visitor visitor)
{
    rd_kafka_t *consumer = open_consumer(kafka);
    if (!consumer)
        return STATUS_INVALID;
    struct reading reading;
    reading_open(&reading);
    enum redress_status status = add_topic(kafka, consumer, topic, &reading);
    if (status == STATUS_OK)
        status = read_all(kafka, consumer, &reading, visitor);
    reading_close(&reading);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return status;
}

static bool is_unknown(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

struct exact {
    struct dead_letters_visitor visitor;
    bool found;
};

static enum redress_status visit_exact(void *context, const rd_kafka_message_t *record)
{
    struct exact *exact = context;
    exact->found = true;
    return exact->visitor.visit(exact->visitor.context, record);
}

static enum redress_status read_exact(struct dead_letters_kafka *kafka, rd_kafka_t *consumer,
                                      const char *topic, int32_t partition, int64_t offset,
                                      struct dead_letters_visitor visitor)
{
    int64_t low;
    int64_t high;
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(consumer, topic, partition, &low,
                                                                &high, kafka->timeout_ms);
    if (is_unknown(code))
        return STATUS_NOT_FOUND;
    if (code)
        return fail(kafka, STATUS_TIMEOUT, topic, rd_kafka_err2str(code));
    if (offset < low || offset >= high)
        return STATUS_NOT_FOUND;
    struct exact exact = {.visitor = visitor};
    struct reading reading;
    reading_open(&reading);
    reading_add(&reading, topic, partition, offset, offset + 1);
    /* Where it was compacted away the next one is the first to come, and is not taken. */
    enum redress_status status =
        read_all(kafka, consumer, &reading,
                 (struct dead_letters_visitor){.visit = visit_exact, .context = &exact});
    reading_close(&reading);
    return status == STATUS_OK && !exact.found ? STATUS_NOT_FOUND : status;
}

enum redress_status dead_letters_read_record(struct dead_letters_kafka *kafka, const char *topic,
                                             int32_t partition, int64_t offset,
                                             struct dead_letters_visitor visitor)
{
    rd_kafka_t *consumer = open_consumer(kafka);
    if (!consumer)
        return STATUS_INVALID;
    enum redress_status status = read_exact(kafka, consumer, topic, partition, offset, visitor);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return status;
}
