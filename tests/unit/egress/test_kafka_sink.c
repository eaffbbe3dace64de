/**
 * The Kafka sink where librdkafka itself refuses: no producer for single records, no topic in it.
 *
 * Goal:   a record that cannot be handed over stays with egress, which tries it again; the sink
 * keeps nothing half made. Method: fake_kafka.h in librdkafka's place. What a broker refuses is the
 * flow test's.
 */
#include "unit/ingest/fake_kafka_admin.h"
#include "unit/ingest/fake_kafka_fixture.h"

#include "base/log.h"

static rd_kafka_topic_t *topic_unless_refused(rd_kafka_t *handle, const char *name,
                                              rd_kafka_topic_conf_t *conf);
static void log_and_count(struct log_site *site, enum log_level level, const char *event,
                          const struct log_field *fields, unsigned count);
#define rd_kafka_topic_new topic_unless_refused
#define log_write          log_and_count
#include "egress/kafka_sink.c"
#undef rd_kafka_topic_new
#undef log_write

#include "unit/egress/messages.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sink, close_it)

static bool topics_are_refused;
static unsigned warnings;
static struct sink *sink;
static uint32_t topic;

static rd_kafka_topic_t *topic_unless_refused(rd_kafka_t *handle, const char *name,
                                              rd_kafka_topic_conf_t *conf)
{
    return topics_are_refused ? NULL : rd_kafka_topic_new(handle, name, conf);
}

static void log_and_count(struct log_site *site, enum log_level level, const char *event,
                          const struct log_field *fields, unsigned count)
{
    warnings += level == LOG_LEVEL_WARN;
    log_write(site, level, event, fields, count);
}

static int open_sink(void **state)
{
    (void)state;
    fake_reset();
    fake.entry_name = "retention.ms";
    fake.entry_value = "1";
    topics_are_refused = false;
    const struct kafka_sink_settings settings = {
        .queue_messages_max = 10, .queue_kbytes_max = 10, .wake_fd = -1};
    char error[256];
    assert_int_equal(kafka_sink_create(&settings, error, sizeof error, &sink), STATUS_OK);
    assert_int_equal(sink_topic(sink, "cases", &topic), STATUS_OK);
    return 0;
}

static int close_it(void **state)
{
    (void)state;
    sink_close(sink);
    return 0;
}

static enum redress_status give_alone(void)
{
    const struct sink_record record = {.topic = topic, .alone = true, .value = test_slice("v")};
    return sink_produce(sink, &record);
}

static void record_waits_where_no_producer_can_be_made_for_it(void **state)
{
    (void)state;
    fake.conf_calls_until_refusal = 0;
    assert_int_equal(give_alone(), STATUS_RETRY);
    fake.conf_calls_until_refusal = -1;
    fake.no_handle = true;
    assert_int_equal(give_alone(), STATUS_RETRY);
    fake.no_handle = false;
    topics_are_refused = true;
    assert_int_equal(give_alone(), STATUS_RETRY);
    topics_are_refused = false;
    assert_int_equal(sink_pending(sink), 0);
    assert_int_equal(give_alone(), STATUS_OK);
    assert_int_equal(sink_pending(sink), 1);
}

static void each_topic_that_is_missing_is_named(void **state)
{
    (void)state;
    static struct rd_kafka_metadata_topic known = {.partition_cnt = 1};
    static const struct rd_kafka_metadata metadata = {.topic_cnt = 1, .topics = &known};
    static const struct {
        rd_kafka_resp_err_t answer;
        int partitions;
        const char *text; /* NULL: all is well */
    } rows[] = {{0, 1, NULL},
                {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, 1, NULL},
                {0, 0, "topic cases: is not there"},
                {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, 0, "topic cases: is not there"},
                {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 0, "allow WRITE and DESCRIBE"},
                {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, 0, "topic cases: "}};
    static struct error_list errors;
    fake.metadata = &metadata;
    fake.metadata_code = 0;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        errors.count = 0;
        known.err = rows[row].answer;
        known.partition_cnt = rows[row].partitions;
        assert_int_equal(kafka_sink_check(sink, 10, &errors),
                         rows[row].text ? STATUS_INVALID : STATUS_OK);
        assert_int_equal(errors.count, rows[row].text ? 1 : 0);
        if (rows[row].text && !strstr(errors.errors[0].text, rows[row].text))
            fail_msg("\"%s\" does not say \"%s\"", errors.errors[0].text, rows[row].text);
    }
    errors.count = 0;
    fake.metadata_code = RD_KAFKA_RESP_ERR__TRANSPORT;
    assert_int_equal(kafka_sink_check(sink, 10, &errors), STATUS_TIMEOUT);
    assert_non_null(strstr(errors.errors[0].text, "no broker answered the producer"));
}

static void a_topic_of_smaller_records_is_worth_a_warning(void **state)
{
    (void)state;
    static struct rd_kafka_metadata_topic known = {.partition_cnt = 1};
    static const struct rd_kafka_metadata metadata = {.topic_cnt = 1, .topics = &known};
    static const char *const values[] = {"100", "99999999999"};
    static struct error_list errors;
    fake.metadata = &metadata;
    fake.metadata_code = 0;
    fake.entry_name = "max.message.bytes";
    ((struct kafka_sink *)sink)->record_bytes_max = 1000;
    for (size_t index = 0; index < 2; index++) {
        fake.entry_value = values[index];
        warnings = 0;
        assert_int_equal(kafka_sink_check(sink, 10, &errors), STATUS_OK);
        assert_int_equal(warnings, index == 0);
    }
}

static void the_first_property_that_is_refused_ends_the_start(void **state)
{
    (void)state;
    const struct kafka_sink_settings settings = {
        .queue_messages_max = 10, .queue_kbytes_max = 10, .wake_fd = -1};
    char error[256];
    struct sink *none;
    for (int call = 0; call < 7; call++) {
        fake.conf_calls_until_refusal = call;
        assert_int_equal(kafka_sink_create(&settings, error, sizeof error, &none), STATUS_INVALID);
        assert_non_null(strstr(error, "refused"));
    }
    fake.conf_calls_until_refusal = -1;
}

static void each_level_of_librdkafka_has_one_of_ours(void **state)
{
    (void)state;
    static const char *const expected[] = {"error", "warn", "info", "info", "debug"};
    log_configure(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
    FILE *lines = tmpfile();
    assert_non_null(lines);
    int kept = dup(STDERR_FILENO);
    assert_int_equal(dup2(fileno(lines), STDERR_FILENO), STDERR_FILENO);
    for (int level = 3; level <= 7; level++)
        on_log(fake_handle, level, "FACILITY", "said");
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
    log_configure(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    rewind(lines);
    for (int row = 0; row < 5; row++) {
        char line[1024];
        char level[32];
        snprintf(level, sizeof level, "\"level\":\"%s\"", expected[row]);
        assert_non_null(fgets(line, sizeof line, lines));
        if (!strstr(line, level))
            fail_msg("%s is not in %s", level, line);
    }
    fclose(lines);
}

int main(void)
{
    if (!FAKE_IS_POSSIBLE)
        return FAKE_SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(record_waits_where_no_producer_can_be_made_for_it),
        TEST(each_topic_that_is_missing_is_named),
        TEST(a_topic_of_smaller_records_is_worth_a_warning),
        TEST(the_first_property_that_is_refused_ends_the_start),
        TEST(each_level_of_librdkafka_has_one_of_ours),
    };
    return cmocka_run_group_tests(tests, fake_open_handle, fake_close_handle);
}
