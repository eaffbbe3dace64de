/**
 * The memory sink: what the other tests and the simulation rely on, each manner by itself.
 */
#include "egress/memory_sink.h"

#include "base/memory.h"
#include "unit/egress/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { CAPACITY = 8 };

struct fixture {
    struct memory_sink *memory;
    struct sink *sink;
    uint32_t topic;
    uint32_t other;
    enum redress_status outcomes[64];
    uint32_t outcome_count;
};

static void note(void *context, void *opaque, enum redress_status outcome)
{
    struct fixture *fixture = context;
    assert_int_equal((uintptr_t)opaque, fixture->outcome_count);
    fixture->outcomes[fixture->outcome_count++] = outcome;
}

static void begin(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    assert_int_equal(memory_sink_create(CAPACITY, &fixture->memory), STATUS_OK);
    fixture->sink = memory_sink_base(fixture->memory);
    fixture->sink->delivered = note;
    fixture->sink->context = fixture;
    assert_int_equal(sink_topic(fixture->sink, "one", &fixture->topic), STATUS_OK);
    assert_int_equal(sink_topic(fixture->sink, "two", &fixture->other), STATUS_OK);
}

static enum redress_status give(struct fixture *fixture, uint32_t topic, const char *value,
                                bool alone, uintptr_t opaque)
{
    struct message_header header = {test_slice("name"), {0}};
    struct sink_record record = {.topic = topic,
                                 .alone = alone,
                                 .key = test_slice("key"),
                                 .value = test_slice(value),
                                 .headers = &header,
                                 .header_count = 1,
                                 .opaque = (void *)opaque};
    return sink_produce(fixture->sink, &record);
}

static void records_are_kept_as_they_were_given(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    memory_sink_manners(fixture.memory)->keep = true;
    char value[] = "first";
    assert_int_equal(give(&fixture, fixture.topic, value, false, 0), STATUS_OK);
    memset(value, 'x', sizeof value - 1);
    assert_int_equal(give(&fixture, fixture.other, "second", true, 1), STATUS_OK);
    assert_int_equal(sink_pending(fixture.sink), 2);
    assert_int_equal(sink_poll(fixture.sink), 2);
    assert_int_equal(sink_pending(fixture.sink), 0);
    struct memory_record record = memory_sink_record(fixture.memory, 0);
    assert_string_equal(record.topic, "one");
    assert_int_equal(record.value.size, 5);
    assert_memory_equal(record.value.data, "first", 5);
    assert_memory_equal(record.key.data, "key", 3);
    assert_int_equal(record.header_count, 1);
    assert_memory_equal(record.headers[0].name.data, "name", 4);
    assert_null(record.headers[0].value.data);
    assert_false(record.alone);
    assert_true(memory_sink_record(fixture.memory, 1).alone);
    assert_int_equal(memory_sink_count(fixture.memory), 2);
    assert_int_equal(memory_sink_topic_count(fixture.memory, "two"), 1);
    assert_int_equal(memory_sink_topic_count(fixture.memory, "none"), 0);
    assert_int_equal(give(&fixture, fixture.topic, "left", false, 2), STATUS_OK);
    sink_close(fixture.sink);
}

static void full_sink_takes_no_more_until_a_poll(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    for (uintptr_t index = 0; index < CAPACITY; index++)
        assert_int_equal(give(&fixture, fixture.topic, "v", false, index), STATUS_OK);
    assert_int_equal(give(&fixture, fixture.topic, "v", false, CAPACITY), STATUS_FULL);
    assert_int_equal(sink_poll(fixture.sink), CAPACITY);
    memory_sink_manners(fixture.memory)->pending_max = 1;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, CAPACITY), STATUS_OK);
    assert_int_equal(give(&fixture, fixture.topic, "v", false, CAPACITY + 1), STATUS_FULL);
    memory_sink_manners(fixture.memory)->pending_max = CAPACITY + 1;
    memory_sink_manners(fixture.memory)->full_per_1000 = 1000;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, CAPACITY + 1), STATUS_FULL);
    sink_close(fixture.sink);
}

static void stalled_and_late_outcomes_come_in_order(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct memory_sink_manners *manners = memory_sink_manners(fixture.memory);
    manners->delay_polls = 2;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, 0), STATUS_OK);
    manners->delay_polls = 0;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, 1), STATUS_OK);
    assert_int_equal(sink_poll(fixture.sink), 0);
    assert_int_equal(sink_poll(fixture.sink), 0);
    manners->stalled = true;
    assert_int_equal(sink_poll(fixture.sink), 0);
    manners->stalled = false;
    assert_int_equal(sink_poll(fixture.sink), 2);
    sink_close(fixture.sink);
}

static void large_record_takes_its_batch_with_it(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct memory_sink_manners *manners = memory_sink_manners(fixture.memory);
    manners->broker_bytes_max = 3;
    manners->value_bytes_max = 10;
    assert_int_equal(give(&fixture, fixture.topic, "12345678901", false, 0), STATUS_TOO_LARGE);
    assert_int_equal(give(&fixture, fixture.topic, "ok", false, 0), STATUS_OK);
    assert_int_equal(give(&fixture, fixture.topic, "large", false, 1), STATUS_OK);
    assert_int_equal(give(&fixture, fixture.topic, "ok", true, 2), STATUS_OK);
    assert_int_equal(give(&fixture, fixture.topic, "large", true, 3), STATUS_OK);
    assert_int_equal(give(&fixture, fixture.other, "ok", false, 4), STATUS_OK);
    assert_int_equal(sink_poll(fixture.sink), 5);
    assert_int_equal(fixture.outcomes[0], STATUS_TOO_LARGE);
    assert_int_equal(fixture.outcomes[1], STATUS_TOO_LARGE);
    assert_int_equal(fixture.outcomes[2], STATUS_OK);
    assert_int_equal(fixture.outcomes[3], STATUS_TOO_LARGE);
    assert_int_equal(fixture.outcomes[4], STATUS_OK);
    sink_close(fixture.sink);
}

static void failures_are_as_commanded_and_fatal_stays(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct memory_sink_manners *manners = memory_sink_manners(fixture.memory);
    manners->refuse = STATUS_RETRY;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, 0), STATUS_RETRY);
    manners->refuse = STATUS_OK;
    manners->retry_per_1000 = 1000;
    manners->keep = true;
    manners->seed = 7;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, 0), STATUS_OK);
    sink_poll(fixture.sink);
    assert_int_equal(fixture.outcomes[0], STATUS_RETRY);
    manners->fail = STATUS_FATAL;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, 1), STATUS_OK);
    sink_poll(fixture.sink);
    assert_int_equal(fixture.outcomes[1], STATUS_FATAL);
    assert_int_equal(sink_trouble(fixture.sink), STATUS_FATAL);
    manners->fail = STATUS_OK;
    assert_int_equal(give(&fixture, fixture.topic, "v", false, 2), STATUS_FATAL);
    sink_close(fixture.sink);
}

static void memory_that_is_out_is_said(void **state)
{
    (void)state;
    struct memory_sink *memory;
    for (long calls = 0; calls < 2; calls++) {
        memory_fail_after(calls);
        assert_int_equal(memory_sink_create(CAPACITY, &memory), STATUS_MEMORY);
    }
    memory_fail_after(-1);
    struct fixture fixture;
    begin(&fixture);
    memory_sink_manners(fixture.memory)->keep = true;
    uint32_t topic;
    memory_fail_after(0);
    assert_int_equal(sink_topic(fixture.sink, "three", &topic), STATUS_MEMORY);
    assert_int_equal(give(&fixture, fixture.topic, "v", false, 0), STATUS_FULL);
    memory_fail_after(-1);
    assert_int_equal(sink_topic(fixture.sink, "two", &topic), STATUS_OK);
    assert_int_equal(topic, fixture.other);
    for (int index = 2; index < SINK_TOPICS_MAX; index++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", index);
        assert_int_equal(sink_topic(fixture.sink, name, &topic), STATUS_OK);
    }
    assert_int_equal(sink_topic(fixture.sink, "one too many", &topic), STATUS_FULL);
    sink_close(fixture.sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_kept_as_they_were_given),
        cmocka_unit_test(full_sink_takes_no_more_until_a_poll),
        cmocka_unit_test(stalled_and_late_outcomes_come_in_order),
        cmocka_unit_test(large_record_takes_its_batch_with_it),
        cmocka_unit_test(failures_are_as_commanded_and_fatal_stays),
        cmocka_unit_test(memory_that_is_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
