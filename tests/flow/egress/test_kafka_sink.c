/**
 * The Kafka sink against librdkafka's mock cluster: what arrives, and what each kind of refusal is
 * translated into.
 *
 * The cluster answers with errors on command. Waits are for conditions, bounded by WAIT_S seconds.
 * Records are read back by a consumer where their bytes matter.
 */
#include "egress/kafka_sink.c"

#include "base/clock.h"
#include "base/doorbell.h"
#include "unit/egress/messages.h"

#include <librdkafka/rdkafka_mock.h>
#include <poll.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum {
    WAIT_S = 30,
    OUTCOMES_MAX = 256,
    PRODUCE_API = 0,
    QUEUE_MESSAGES = 100,
    QUEUE_MESSAGES_FEW = 20
};

struct fixture {
    rd_kafka_t *host; /* lends the mock cluster its threads */
    rd_kafka_mock_cluster_t *cluster;
    struct sink *sink;
    uint32_t topic;
    struct doorbell doorbell;
    enum redress_status outcomes[OUTCOMES_MAX];
    uint32_t outcome_count;
    bool is_closed;
};

static struct fixture fixture;

static void note(void *context, void *opaque, enum redress_status outcome)
{
    (void)context;
    assert_ptr_equal(opaque, &fixture);
    assert_true(fixture.outcome_count < OUTCOMES_MAX);
    fixture.outcomes[fixture.outcome_count++] = outcome;
}

static int start(uint32_t queue_messages_max)
{
    fixture = (struct fixture){0};
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, NULL);
    fixture.host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    assert_non_null(fixture.host);
    fixture.cluster = rd_kafka_mock_cluster_new(fixture.host, 1);
    assert_int_equal(rd_kafka_mock_topic_create(fixture.cluster, "cases", 4, 1), 0);
    assert_int_equal(doorbell_open(&fixture.doorbell), STATUS_OK);
    const struct kafka_property properties[] = {
        {"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(fixture.cluster)},
        {"topic.metadata.propagation.max.ms", "200"},
        {"topic.metadata.refresh.interval.ms", "200"},
        {"reconnect.backoff.max.ms", "100"},
        {"retry.backoff.ms", "20"},
        {"message.max.bytes", "100000"},
        {"enable.idempotence", "false"}, /* must not win over the engine's own */
        {"log.connection.close", "false"},
    };
    struct kafka_sink_settings settings = {
        .properties = properties,
        .property_count = sizeof properties / sizeof properties[0],
        .queue_messages_max = queue_messages_max,
        .queue_kbytes_max = 1024,
        .linger_us = 1500,
        .wake_fd = fixture.doorbell.fd,
    };
    assert_int_equal(kafka_sink_create(&settings, error, sizeof error, &fixture.sink), STATUS_OK);
    fixture.sink->delivered = note;
    assert_int_equal(sink_topic(fixture.sink, "cases", &fixture.topic), STATUS_OK);
    return 0;
}

static int start_usual(void **state)
{
    (void)state;
    return start(QUEUE_MESSAGES);
}

static int start_with_short_queue(void **state)
{
    (void)state;
    return start(QUEUE_MESSAGES_FEW);
}

static void close_the_sink(void)
{
    sink_close(fixture.sink);
    fixture.is_closed = true;
}

static int end(void **state)
{
    (void)state;
    if (!fixture.is_closed)
        close_the_sink();
    rd_kafka_mock_cluster_destroy(fixture.cluster);
    rd_kafka_destroy(fixture.host);
    doorbell_close(&fixture.doorbell);
    return 0;
}

#define TEST(name)             TEST_WITH(name, start_usual)
#define TEST_WITH(name, setup) cmocka_unit_test_setup_teardown(name, setup, end)

static enum redress_status give(const char *key, const char *value, bool alone)
{
    struct sink_record record = {.topic = fixture.topic,
                                 .alone = alone,
                                 .key = test_slice(key),
                                 .value = test_slice(value),
                                 .opaque = &fixture};
    return sink_produce(fixture.sink, &record);
}

static void await_outcomes(uint32_t count)
{
    uint64_t until_ns = clock_monotonic_ns() + WAIT_S * (uint64_t)NS_PER_S;
    while (fixture.outcome_count < count && clock_monotonic_ns() < until_ns) {
        struct pollfd waited = {.fd = fixture.doorbell.fd, .events = POLLIN};
        poll(&waited, 1, 20);
        sink_poll(fixture.sink);
    }
    assert_int_equal(fixture.outcome_count, count);
}

/* Tries like egress does, until the sink takes the record. */
static void give_until_taken(void)
{
    uint64_t until_ns = clock_monotonic_ns() + WAIT_S * (uint64_t)NS_PER_S;
    enum redress_status status = STATUS_RETRY;
    while (status == STATUS_RETRY && clock_monotonic_ns() < until_ns) {
        status = give("k", "v", false);
        poll(NULL, 0, 5);
    }
    assert_int_equal(status, STATUS_OK);
}

static void await_trouble(enum redress_status trouble)
{
    uint64_t until_ns = clock_monotonic_ns() + WAIT_S * (uint64_t)NS_PER_S;
    while (sink_trouble(fixture.sink) != trouble && clock_monotonic_ns() < until_ns) {
        poll(NULL, 0, 5);
        sink_poll(fixture.sink);
    }
    assert_int_equal(sink_trouble(fixture.sink), trouble);
}

static rd_kafka_t *open_reader(void)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(fixture.cluster),
                      error, sizeof error);
    rd_kafka_conf_set(conf, "group.id", "reader", error, sizeof error);
    rd_kafka_t *reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    assert_non_null(reader);
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(4);
    for (int32_t partition = 0; partition < 4; partition++)
        rd_kafka_topic_partition_list_add(all, "cases", partition)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    assert_int_equal(rd_kafka_assign(reader, all), 0);
    rd_kafka_topic_partition_list_destroy(all);
    return reader;
}

static rd_kafka_message_t *read_one(rd_kafka_t *reader)
{
    uint64_t until_ns = clock_monotonic_ns() + WAIT_S * (uint64_t)NS_PER_S;
    while (clock_monotonic_ns() < until_ns) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, 100);
        if (message && !message->err)
            return message;
        if (message)
            rd_kafka_message_destroy(message);
    }
    fail_msg("no record arrived");
    return NULL;
}

static void record_arrives_whole_where_java_would_put_it(void **state)
{
    (void)state;
    /* murmur2 of Kafka's Java client, from its own unit tests. */
    static const struct {
        const char *key;
        int32_t murmur2;
    } rows[] = {{"21", -973932308},
                {"foobar", -790332482},
                {"a-little-bit-long-string", -985981536},
                {"abc", 479470107}};
    rd_kafka_t *reader = open_reader();
    for (uint32_t row = 0; row < 4; row++) {
        const struct message_header headers[] = {{test_slice("h"), test_slice("\x01")},
                                                 {test_slice("null"), {0}}};
        struct sink_record record = {.topic = fixture.topic,
                                     .key = test_slice(rows[row].key),
                                     .value = test_slice("value"),
                                     .headers = headers,
                                     .header_count = 2,
                                     .opaque = &fixture};
        assert_int_equal(sink_produce(fixture.sink, &record), STATUS_OK);
        assert_int_equal(sink_pending(fixture.sink), 1);
        await_outcomes(row + 1);
        assert_int_equal(fixture.outcomes[row], STATUS_OK);
        rd_kafka_message_t *message = read_one(reader);
        assert_int_equal(message->partition, (rows[row].murmur2 & 0x7fffffff) % 4);
        assert_int_equal(message->len, 5);
        assert_memory_equal(message->payload, "value", 5);
        assert_memory_equal(message->key, rows[row].key, message->key_len);
        rd_kafka_headers_t *read;
        assert_int_equal(rd_kafka_message_headers(message, &read), 0);
        const void *value;
        size_t size;
        assert_int_equal(rd_kafka_header_get_last(read, "h", &value, &size), 0);
        assert_int_equal(size, 1);
        assert_int_equal(rd_kafka_header_get_last(read, "null", &value, &size), 0);
        assert_null(value);
        rd_kafka_message_destroy(message);
    }
    assert_int_equal(sink_pending(fixture.sink), 0);
    rd_kafka_destroy(reader);
}

static void engine_owned_properties_win(void **state)
{
    (void)state;
    struct kafka_sink *sink = (struct kafka_sink *)fixture.sink;
    static const char *const rows[][2] = {{"enable.idempotence", "true"},
                                          {"queue.buffering.max.messages", "100"},
                                          {"linger.ms", "1.5"}};
    for (int row = 0; row < 3; row++) {
        char value[64];
        size_t size = sizeof value;
        assert_int_equal(
            rd_kafka_conf_get(rd_kafka_conf(sink->crowd.handle), rows[row][0], value, &size),
            RD_KAFKA_CONF_OK);
        assert_string_equal(value, rows[row][1]);
    }
    assert_int_equal(kafka_sink_record_bytes_max(fixture.sink), 100000);
}

static void refusal_by_size_is_said_and_alone_it_passes(void **state)
{
    (void)state;
    rd_kafka_mock_push_request_errors(fixture.cluster, PRODUCE_API, 1,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    assert_int_equal(give("k", "one", false), STATUS_OK);
    assert_int_equal(give("k", "two", false), STATUS_OK);
    await_outcomes(2);
    assert_int_equal(fixture.outcomes[0], STATUS_TOO_LARGE);
    assert_int_equal(fixture.outcomes[1], STATUS_TOO_LARGE);
    uint32_t later;
    assert_int_equal(give("k", "one", true), STATUS_OK);
    assert_int_equal(sink_topic(fixture.sink, "later", &later), STATUS_OK); /* for both producers */
    assert_int_equal(give("k", "two", true), STATUS_OK);
    await_outcomes(4);
    assert_int_equal(fixture.outcomes[2], STATUS_OK);
    assert_int_equal(fixture.outcomes[3], STATUS_OK);
    struct kafka_sink *sink = (struct kafka_sink *)fixture.sink;
    char value[16];
    size_t size = sizeof value;
    assert_int_equal(
        rd_kafka_conf_get(rd_kafka_conf(sink->alone.handle), "batch.num.messages", value, &size),
        RD_KAFKA_CONF_OK);
    assert_string_equal(value, "1");
}

static void record_over_the_producers_limit_is_refused_at_once(void **state)
{
    (void)state;
    static char value[100001];
    memset(value, 'v', sizeof value - 1);
    assert_int_equal(give("k", value, false), STATUS_TOO_LARGE);
    /* Just under the limit librdkafka would keep a record for ever; what is taken must arrive. */
    value[100000 - RECORD_OVERHEAD_BYTES - 1] = '\0';
    assert_int_equal(give("k", value, false), STATUS_OK);
    await_outcomes(1);
    assert_int_equal(fixture.outcomes[0], STATUS_OK);
}

static void missing_permission_is_retried_and_shown(void **state)
{
    (void)state;
    rd_kafka_mock_push_request_errors(fixture.cluster, PRODUCE_API, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(give("k", "v", false), STATUS_OK);
    await_outcomes(1);
    assert_int_equal(fixture.outcomes[0], STATUS_RETRY);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_DENIED);
    /* librdkafka holds the topic to be closed until its next metadata. */
    give_until_taken();
    await_outcomes(2);
    assert_int_equal(fixture.outcomes[1], STATUS_OK);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_OK);
}

static void passing_broker_errors_stay_inside_librdkafka(void **state)
{
    (void)state;
    rd_kafka_mock_push_request_errors(
        fixture.cluster, PRODUCE_API, 3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    assert_int_equal(give("k", "v", false), STATUS_OK);
    await_outcomes(1);
    assert_int_equal(fixture.outcomes[0], STATUS_OK);
}

static void unknown_topic_is_retried_and_shown(void **state)
{
    (void)state;
    uint32_t known = fixture.topic;
    rd_kafka_mock_topic_set_error(fixture.cluster, "gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    assert_int_equal(sink_topic(fixture.sink, "gone", &fixture.topic), STATUS_OK);
    assert_int_equal(give("k", "v", false), STATUS_OK);
    await_outcomes(1);
    assert_int_equal(fixture.outcomes[0], STATUS_RETRY);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_NOT_FOUND);
    /* By now the metadata is known: refused at once. */
    assert_int_equal(give("k", "v", false), STATUS_RETRY);
    struct sink_record with_header = {.topic = fixture.topic,
                                      .headers = &(struct message_header){test_slice("h"), {0}},
                                      .header_count = 1,
                                      .opaque = &fixture};
    assert_int_equal(sink_produce(fixture.sink, &with_header), STATUS_RETRY);
    fixture.topic = known;
    assert_int_equal(give("k", "v", false), STATUS_OK);
    await_outcomes(2);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_OK);
}

static void outage_fills_the_queue_and_ends_without_loss(void **state)
{
    (void)state;
    assert_int_equal(give("k", "v", false), STATUS_OK);
    await_outcomes(1);
    rd_kafka_mock_broker_set_down(fixture.cluster, 1);
    uint32_t taken = 0;
    while (give("k", "v", false) == STATUS_OK)
        taken++;
    assert_int_equal(taken, QUEUE_MESSAGES_FEW);
    await_trouble(STATUS_IO);
    assert_int_equal(give("k", "v", false), STATUS_FULL);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_IO);
    assert_int_equal(fixture.outcome_count, 1);
    rd_kafka_mock_broker_set_up(fixture.cluster, 1);
    await_outcomes(1 + QUEUE_MESSAGES_FEW);
    for (uint32_t index = 0; index < 1 + QUEUE_MESSAGES_FEW; index++)
        assert_int_equal(fixture.outcomes[index], STATUS_OK);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_OK);
}

static void lost_connection_troubles_nobody_when_nothing_is_pending(void **state)
{
    (void)state;
    sink_set_trouble(fixture.sink, STATUS_IO);
    sink_poll(fixture.sink);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_OK);
}

static void fatal_error_ends_everything(void **state)
{
    (void)state;
    rd_kafka_mock_broker_set_down(fixture.cluster, 1);
    assert_int_equal(give("k", "v", false), STATUS_OK);
    struct kafka_sink *sink = (struct kafka_sink *)fixture.sink;
    rd_kafka_test_fatal_error(sink->crowd.handle, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "on command");
    await_trouble(STATUS_FATAL);
    assert_int_equal(give("k", "v", false), STATUS_FATAL);
    /* What was pending is given up by a purge, with an error of its own kind: fatal all the same.
     */
    rd_kafka_purge(sink->crowd.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    await_outcomes(1);
    assert_int_equal(fixture.outcomes[0], STATUS_FATAL);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_FATAL);
}

static void purged_record_is_to_be_produced_again(void **state)
{
    (void)state;
    rd_kafka_mock_broker_set_down(fixture.cluster, 1);
    assert_int_equal(give("k", "v", false), STATUS_OK);
    struct kafka_sink *sink = (struct kafka_sink *)fixture.sink;
    rd_kafka_purge(sink->crowd.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    await_outcomes(1);
    assert_int_equal(fixture.outcomes[0], STATUS_RETRY);
}

static void closing_with_records_pending_is_quick_and_silent(void **state)
{
    (void)state;
    rd_kafka_mock_broker_set_down(fixture.cluster, 1);
    for (int index = 0; index < 50; index++)
        assert_int_equal(give("k", "v", index % 2), STATUS_OK);
    uint64_t before_ns = clock_monotonic_ns();
    close_the_sink();
    assert_true(clock_monotonic_ns() - before_ns < 5ull * NS_PER_S);
    assert_int_equal(fixture.outcome_count, 0);
}

static void start_fails_with_a_reason(void **state)
{
    (void)state;
    static const struct kafka_property rows[][1] = {{{"no.such.property", "1"}},
                                                    {{"linger.ms", "many"}},
                                                    {{"transactional.id", ""}},
                                                    {{"ssl.ca.location", "/no/such/file"}}};
    for (int row = 0; row < 4; row++) {
        struct kafka_property properties[2] = {rows[row][0], {"security.protocol", "ssl"}};
        struct kafka_sink_settings settings = {.properties = properties,
                                               .property_count = row == 3 ? 2 : 1,
                                               .queue_messages_max = 10,
                                               .queue_kbytes_max = 10,
                                               .wake_fd = -1};
        char error[256] = "";
        struct sink *sink;
        if (row == 2)
            settings.queue_kbytes_max = 0; /* out of librdkafka's range */
        assert_int_equal(kafka_sink_create(&settings, error, sizeof error, &sink), STATUS_INVALID);
        assert_true(strlen(error) > 10);
    }
    struct kafka_sink_settings settings = {.queue_messages_max = 1, .queue_kbytes_max = 1};
    char error[256] = "";
    struct sink *sink;
    memory_fail_after(0);
    assert_int_equal(kafka_sink_create(&settings, error, sizeof error, &sink), STATUS_MEMORY);
    memory_fail_after(-1);
    assert_string_equal(error, "out of memory");
}

static void topics_are_opened_once_and_bounded(void **state)
{
    (void)state;
    uint32_t topic;
    assert_int_equal(sink_topic(fixture.sink, "cases", &topic), STATUS_OK);
    assert_int_equal(topic, fixture.topic);
    char long_name[600];
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    assert_int_equal(sink_topic(fixture.sink, long_name, &topic), STATUS_INVALID);
    memory_fail_after(0);
    assert_int_equal(sink_topic(fixture.sink, "t", &topic), STATUS_MEMORY);
    memory_fail_after(-1);
    for (int index = 1; index < SINK_TOPICS_MAX; index++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", index);
        assert_int_equal(sink_topic(fixture.sink, name, &topic), STATUS_OK);
    }
    assert_int_equal(sink_topic(fixture.sink, "one-too-many", &topic), STATUS_FULL);
}

int main(void)
{
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
    const struct CMUnitTest tests[] = {
        TEST(record_arrives_whole_where_java_would_put_it),
        TEST(engine_owned_properties_win),
        TEST(refusal_by_size_is_said_and_alone_it_passes),
        TEST(record_over_the_producers_limit_is_refused_at_once),
        TEST(missing_permission_is_retried_and_shown),
        TEST(passing_broker_errors_stay_inside_librdkafka),
        TEST(unknown_topic_is_retried_and_shown),
        TEST_WITH(outage_fills_the_queue_and_ends_without_loss, start_with_short_queue),
        TEST(lost_connection_troubles_nobody_when_nothing_is_pending),
        TEST(fatal_error_ends_everything),
        TEST(purged_record_is_to_be_produced_again),
        TEST(closing_with_records_pending_is_quick_and_silent),
        cmocka_unit_test(start_fails_with_a_reason),
        TEST(topics_are_opened_once_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
