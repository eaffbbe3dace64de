/**
 * The questions of a start and the consumer's properties, with every answer that there can be.
 *
 * Goal:   each thing that is missing is named, each answer that does not come is a timeout.
 * Method: fake_kafka.h in librdkafka's place.
 */
#include "fake_kafka_admin.h"
#include "fake_kafka_fixture.h"

#include "base/log.h"
#include "ingest/kafka_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static struct rd_kafka_metadata_topic known = {.topic = (char *)(uintptr_t) "a",
                                               .partition_cnt = 1};
static const struct rd_kafka_metadata metadata = {.topic_cnt = 1, .topics = &known};
static struct error_list errors;
static struct kafka_topic topics[CHANNELS_MAX + 1];
static struct kafka_source_settings settings;

static enum redress_status check(void)
{
    errors.count = 0;
    return kafka_source_check(&settings, 1000, 150, &errors);
}

static void expect(enum redress_status status, const char *text)
{
    assert_int_equal(check(), status);
    assert_int_equal(errors.count, 1);
    if (!strstr(errors.errors[0].text, text))
        fail_msg("\"%s\" does not say \"%s\"", errors.errors[0].text, text);
}

static void each_thing_that_is_missing_is_named(void **state)
{
    (void)state;
    assert_int_equal(check(), STATUS_OK);
    known.err = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    assert_int_equal(check(), STATUS_OK);
    known.err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    expect(STATUS_INVALID, "topic a: is not there");
    known.err = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    expect(STATUS_INVALID, "may not be read");
    known.err = RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
    expect(STATUS_INVALID, "eplication factor");
    known.err = 0;
    known.partition_cnt = 0;
    expect(STATUS_INVALID, "has no partitions");
    known.partition_cnt = 1;
    char long_name[600] = {0};
    memset(long_name, 'x', sizeof long_name - 1);
    topics[0].name = long_name;
    expect(STATUS_INVALID, "topic xxxx");
    topics[0].name = "a";
    fake.metadata_code = RD_KAFKA_RESP_ERR__TRANSPORT;
    expect(STATUS_TIMEOUT, "no broker answered");
    fake.metadata_code = 0;
    fake.no_handle = true;
    expect(STATUS_INVALID, "no handle");
    fake.no_handle = false;
    fake.conf_calls_until_refusal = 3;
    expect(STATUS_INVALID, "refused");
    fake.conf_calls_until_refusal = -1;
    assert_int_equal(check(), STATUS_OK);
}

static void the_group_is_asked_until_its_coordinator_is_there(void **state)
{
    (void)state;
    fake.committed = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    expect(STATUS_INVALID, "allow READ on it");
    static const rd_kafka_resp_err_t passing[] = {
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION};
    for (size_t index = 0; index < sizeof passing / sizeof passing[0]; index++) {
        fake.committed = passing[index];
        fake.committed_refusals = 1;
        assert_int_equal(check(), STATUS_OK);
        fake.committed_refusals = UINT32_MAX;
    }
    expect(STATUS_INVALID, "did not answer");
}

static void larger_records_than_ours_are_worth_a_warning(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
    } entries[] = {{"max.message.bytes", "100000"}, {"max.message.bytes", "1000"},
                   {"max.message.bytes", "many"},   {"max.message.bytes", NULL},
                   {"retention.ms", "100000"},      {"max.message.bytes", "99999999999"}};
    for (size_t index = 0; index < sizeof entries / sizeof entries[0]; index++) {
        fake.entry_name = entries[index].name;
        fake.entry_value = entries[index].value;
        assert_int_equal(check(), STATUS_OK);
    }
    fake.commit_answer = RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
    assert_int_equal(check(), STATUS_OK); /* describing is often not permitted */
    fake.no_result = true;
    assert_int_equal(check(), STATUS_OK);
    fake.silent = true;
    assert_int_equal(check(), STATUS_OK);
    fake.options_refused = true;
    assert_int_equal(check(), STATUS_OK);
    for (int index = 0; index <= CHANNELS_MAX; index++)
        topics[index].name = "a";
    settings.topic_count = CHANNELS_MAX + 1; /* the configuration allows no more; no overrun */
    assert_int_equal(check(), STATUS_OK);
}

static void the_plan_follows_the_version_and_the_users_queue(void **state)
{
    (void)state;
    assert_int_equal(kafka_source_plan_bytes(&settings, 2), 2 * 1024 * KAFKA_QUEUED_KBYTES_OLD);
    fake.version = KAFKA_VERSION_QUEUE_BACKOFF;
    assert_int_equal(kafka_source_plan_bytes(&settings, 2), 2 * 1024 * KAFKA_QUEUED_KBYTES);
    const struct kafka_property properties[] = {{"fetch.min.bytes", "7"},
                                                {"queued.max.messages.kbytes", "100"},
                                                {"queued.max.messages.kbytes", "x"}};
    settings.properties = properties;
    settings.property_count = 3;
    assert_int_equal(kafka_source_plan_bytes(&settings, 2), 2 * 1024 * 100);
}

static void what_librdkafka_logs_comes_through(void **state)
{
    (void)state;
    assert_int_equal(check(), STATUS_OK);
    for (int level = 0; level < 8; level++)
        fake.log(NULL, level, "FAIL", "a line");
}

static int begin(void **state)
{
    (void)state;
    fake_reset();
    fake.metadata = &metadata;
    fake.metadata_code = 0;
    fake.entry_name = "max.message.bytes";
    fake.entry_value = "1000";
    known.err = 0;
    known.partition_cnt = 1;
    topics[0] = (struct kafka_topic){.name = "a"};
    settings = (struct kafka_source_settings){.brokers = "none:1",
                                              .group = "group",
                                              .instance = "",
                                              .topics = topics,
                                              .topic_count = 1,
                                              .commit_interval_ms = 7};
    return 0;
}

int main(void)
{
    if (!FAKE_IS_POSSIBLE)
        return FAKE_SKIPPED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_thing_that_is_missing_is_named, begin),
        cmocka_unit_test_setup(the_group_is_asked_until_its_coordinator_is_there, begin),
        cmocka_unit_test_setup(larger_records_than_ours_are_worth_a_warning, begin),
        cmocka_unit_test_setup(the_plan_follows_the_version_and_the_users_queue, begin),
        cmocka_unit_test_setup(what_librdkafka_logs_comes_through, begin),
    };
    return cmocka_run_group_tests(tests, fake_open_handle, fake_close_handle);
}
