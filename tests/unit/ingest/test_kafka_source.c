/**
 * The Kafka source against a librdkafka that answers what the test wants.
 *
 * Goal:   every answer that a broker, the group or memory can give leaves the source in a state
 * that loses nothing: what was not answered is asked again, what was lost is told, what is fatal
 * stays. Method: fake_kafka.h in librdkafka's place; the test plays the group through the callbacks
 * that the source gave to librdkafka, and polls. The flow test runs the same source on a mock
 * cluster.
 */
#include "fake_kafka_fixture.h"

#include "ingest/kafka_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static struct partition_table *partitions;
static struct source_event event;

static const struct kafka_topic topics[] = {{"a", 1, true}, {"b", 2, true}, {"c", 3, false}};

static struct kafka_source_settings plan(void)
{
    return (struct kafka_source_settings){.brokers = "none:1",
                                          .group = "group",
                                          .topics = topics,
                                          .topic_count = 3,
                                          .on_log_loss = ON_LOG_LOSS_CONTINUE,
                                          .ask_timeout_ms = 5,
                                          .partitions = partitions};
}

static struct kafka_source *open_with(const struct kafka_source_settings *settings)
{
    struct source *source;
    struct redress_error error;
    assert_int_equal(kafka_source_create(settings, &source, &error), STATUS_OK);
    return (struct kafka_source *)source;
}

static struct kafka_source *open_plain(void)
{
    struct kafka_source_settings settings = plan();
    return open_with(&settings);
}

static enum source_event_kind poll(struct kafka_source *source)
{
    source->retry_ns = 0;
    source_poll(&source->source, &event);
    return event.kind;
}

static void group_gives(struct kafka_source *source, int count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(2);
    for (int partition = 0; partition < count; partition++)
        rd_kafka_topic_partition_list_add(list, partition < 2 ? "a" : "b", partition % 2);
    kafka_on_rebalance(source->consumer, RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, list, source);
    rd_kafka_topic_partition_list_destroy(list);
}

static void group_takes(struct kafka_source *source)
{
    kafka_on_rebalance(source->consumer, RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS, NULL, source);
}

static struct kafka_source *open_reading(int count)
{
    struct kafka_source *source = open_plain();
    group_gives(source, count);
    assert_int_equal(poll(source), SOURCE_ASSIGNED);
    assert_int_equal(event.slot_count, count);
    return source;
}

static rd_kafka_message_t *message_of(const char *topic, int64_t offset, rd_kafka_resp_err_t code)
{
    rd_kafka_message_t *message = memory_allocate(sizeof *message);
    message->rkt = topic ? rd_kafka_topic_new(fake_handle, topic, NULL) : NULL;
    message->offset = offset;
    message->err = code;
    return message;
}

static void give(struct kafka_source *source, const char *topic, int64_t offset,
                 rd_kafka_resp_err_t code)
{
    fake_push(&fake.consumer, message_of(topic, offset, code));
    source->timer_ns = 0;
}

static void creating_fails_whole_and_says_why(void **state)
{
    (void)state;
    struct kafka_source_settings settings = plan();
    settings.instance = "one";
    settings.properties = &(struct kafka_property){"fetch.min.bytes", "1"};
    settings.property_count = 1;
    struct source *source;
    struct redress_error error;
    for (int newer = 0; newer < 2; newer++) {
        fake.version = newer ? KAFKA_VERSION_QUEUE_BACKOFF : 0;
        int refusals = 0;
        for (;; refusals++) {
            fake.conf_calls_until_refusal = refusals;
            if (kafka_source_create(&settings, &source, &error) == STATUS_OK)
                break;
            assert_non_null(strstr(error.text, "refused"));
            assert_null(source);
        }
        assert_in_range(refusals, 12, 20);
        source_close(source);
    }
    fake.conf_calls_until_refusal = -1;
    fake.no_handle = true;
    assert_int_equal(kafka_source_create(&settings, &source, &error), STATUS_INVALID);
    assert_string_equal(error.text, "no handle");
    fake.no_handle = false;
    fake.subscribe = RD_KAFKA_RESP_ERR__INVALID_ARG;
    assert_int_equal(kafka_source_create(&settings, &source, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "subscribed"));
}

static void creating_survives_every_allocation_that_fails(void **state)
{
    (void)state;
    struct kafka_source_settings settings = plan();
    struct source *source;
    struct redress_error error;
    long allocations = 0;
    for (;; allocations++) {
        memory_fail_after(allocations);
        enum redress_status status = kafka_source_create(&settings, &source, &error);
        memory_fail_after(-1);
        if (status == STATUS_OK)
            break;
        assert_int_equal(status, STATUS_MEMORY);
    }
    assert_int_equal(allocations, 6 + 3);
    fake.cluster_id = "cluster";
    memory_fail_after(0);
    assert_string_equal(kafka_source_cluster_id(source, 1), "");
    memory_fail_after(-1);
    fake.cluster_id = NULL;
    assert_string_equal(kafka_source_cluster_id(source, 1), "");
    fake.cluster_id = "cluster";
    assert_string_equal(kafka_source_cluster_id(source, 1), "cluster");
    assert_string_equal(kafka_source_cluster_id(source, 1), "cluster");
    source_close(source);
}

/* Polls until the brokers answer; each refusal on the way is a passing fault. */
static void fault_until(struct kafka_source *source, rd_kafka_resp_err_t *answer)
{
    *answer = RD_KAFKA_RESP_ERR__TIMED_OUT;
    assert_int_equal(poll(source), SOURCE_FAULT);
    assert_int_equal(event.status, STATUS_RETRY);
    *answer = RD_KAFKA_RESP_ERR_NO_ERROR;
    assert_int_equal(source->state, KAFKA_GROUP_ASSIGNING);
    assert_int_equal(source->assigned_count, 0);
}

static void an_assignment_waits_for_every_answer(void **state)
{
    (void)state;
    struct kafka_source *source = open_plain();
    assert_int_equal(poll(source), SOURCE_NOTHING);
    source->events_ready = false;
    assert_false(source_ready(&source->source, SOURCE_EVENTS));
    group_gives(source, 2);
    group_gives(source, 2);
    fault_until(source, &fake.committed);
    source_poll(&source->source, &event); /* too early to ask again */
    assert_int_equal(event.kind, SOURCE_NOTHING);
    fault_until(source, &fake.committed_element);
    fault_until(source, &fake.ends[0]);
    fault_until(source, &fake.ends[1]);
    fault_until(source, &fake.ends_element);
    fault_until(source, &fake.assign);
    source->settings.ask_timeout_ms = 0;
    fake.store = RD_KAFKA_RESP_ERR__STATE;
    assert_int_equal(poll(source), SOURCE_ASSIGNED);
    assert_int_equal(event.slots[1].generation, 1);
    assert_int_equal(event.slots[1].start_offset, 0);
    assert_int_equal(fake.stored, 2);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    source->events_ready = false;
    assert_false(source_ready(&source->source, SOURCE_EVENTS));
    assert_true(source_ready(&source->source, event.slots[0].slot)); /* looked at once */
    source_close(&source->source);
    assert_int_equal(fake.destroyed, 1);
}

static void an_empty_assignment_reads_nothing(void **state)
{
    (void)state;
    source_close(&open_reading(4)->source);
    struct kafka_source *source = open_reading(0);
    group_takes(source);
    assert_int_equal(source->state, KAFKA_GROUP_NONE);
    group_gives(source, 1); /* given and taken before it began */
    group_takes(source);
    fake.assign = RD_KAFKA_RESP_ERR__STATE;
    kafka_on_rebalance(source->consumer, RD_KAFKA_RESP_ERR__TRANSPORT, NULL, source);
    assert_int_equal(poll(source), SOURCE_FAULT);
    assert_non_null(strstr(event.text, "given back"));
    source_close(&source->source);
}

static void a_full_table_of_partitions_is_fatal(void **state)
{
    (void)state;
    uint32_t slot;
    for (int32_t partition = 0; partition < PARTITIONS_MAX; partition++)
        assert_int_equal(partition_table_add(partitions, "x", partition, 0, &slot), STATUS_OK);
    struct kafka_source *source = open_plain();
    group_gives(source, 1);
    assert_true(poll(source) == SOURCE_FATAL);
    assert_non_null(strstr(event.text, "no room for a[0]"));
    assert_int_equal(poll(source), SOURCE_NOTHING);
    source_close(&source->source);
}

static void starts_and_losses_are_told_exactly(void **state)
{
    (void)state;
    struct kafka_source_settings settings = plan();
    settings.start_from = START_FROM_LATEST;
    struct kafka_source *source = open_with(&settings);
    group_gives(source, 1);
    assert_int_equal(poll(source), SOURCE_ASSIGNED);
    assert_int_equal(event.slots[0].start_offset, 100);
    source_close(&source->source);

    fake.committed_offset = 10;
    fake.low = 50;
    source = open_reading(2);
    assert_true(source_ready(&source->source, SOURCE_EVENTS));
    assert_int_equal(poll(source), SOURCE_LOG_LOSS);
    assert_int_equal(event.slot_count, 2);
    assert_int_equal(event.slots[1].lost_offsets, 40);
    assert_int_equal(event.slots[1].generation, source->slots[event.slots[1].slot].generation);
    source_close(&source->source);

    fake.committed_offset = 101; /* beyond the end: the topic is a new one */
    source = open_reading(1);
    assert_int_equal(poll(source), SOURCE_LOG_LOSS);
    assert_int_equal(event.slots[0].lost_offsets, 0);
    assert_non_null(strstr(event.text, "made anew"));
    source_close(&source->source);

    settings.on_log_loss = ON_LOG_LOSS_HALT;
    source = open_with(&settings);
    group_gives(source, 1);
    assert_int_equal(poll(source), SOURCE_LOG_LOSS);
    assert_int_equal(poll(source), SOURCE_FATAL);
    assert_non_null(strstr(event.text, "on_log_loss: continue"));
    source_close(&source->source);
}

static void unequal_partition_counts_are_looked_for(void **state)
{
    (void)state;
    struct rd_kafka_metadata_topic known[] = {
        {.topic = (char *)(uintptr_t) "a", .partition_cnt = 2},
        {.topic = (char *)(uintptr_t) "b", .partition_cnt = 3},
        {.topic = (char *)(uintptr_t) "b", .partition_cnt = 0},
        {.topic = (char *)(uintptr_t) "c", .partition_cnt = 9}};
    struct rd_kafka_metadata metadata = {.topic_cnt = 4, .topics = known};
    fake.metadata = &metadata;
    fake.metadata_code = RD_KAFKA_RESP_ERR_NO_ERROR;
    source_close(&open_reading(1)->source);
    known[1].partition_cnt = 2;
    source_close(&open_reading(1)->source);
}

static void a_revoke_drains_commits_and_gives_back(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(2);
    fake_push(&fake.partition, message_of("a", 0, 0));
    struct source_record record;
    assert_int_equal(source_peek(&source->source, event.slots[0].slot, &record), STATUS_OK);
    group_takes(source);
    source->events_ready = false;
    assert_true(source_ready(&source->source, SOURCE_EVENTS));
    assert_int_equal(poll(source), SOURCE_REVOKING);
    assert_int_equal(event.slot_count, 2);
    group_takes(source); /* said twice: still draining */
    assert_int_equal(poll(source), SOURCE_NOTHING);
    fake.commit_answer = RD_KAFKA_RESP_ERR__TIMED_OUT;
    source_released(&source->source);
    assert_int_equal(poll(source), SOURCE_FAULT);
    assert_non_null(strstr(event.text, "read again"));
    fake.commit_answer = 0;
    group_gives(source, 2);
    assert_int_equal(poll(source), SOURCE_ASSIGNED);
    assert_int_equal(event.slots[0].generation, 2);
    group_takes(source);
    assert_int_equal(poll(source), SOURCE_REVOKING);
    source_released(&source->source); /* and this commit goes well */
    assert_int_equal(poll(source), SOURCE_NOTHING);
    group_gives(source, 2);
    assert_int_equal(poll(source), SOURCE_ASSIGNED);
    group_takes(source);
    assert_int_equal(poll(source), SOURCE_REVOKING);
    fake.lost = true; /* while it drained: nothing may be committed */
    fake.commit_answer = RD_KAFKA_RESP_ERR__TIMED_OUT;
    source_released(&source->source);
    source_released(&source->source); /* and once more, with nothing to release */
    assert_int_equal(poll(source), SOURCE_NOTHING);
    group_gives(source, 1);
    assert_int_equal(poll(source), SOURCE_ASSIGNED);
    group_takes(source);
    source->events_ready = false;
    assert_true(source_ready(&source->source, SOURCE_EVENTS));
    assert_int_equal(poll(source), SOURCE_LOST);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    group_gives(source, 1); /* closing with an assignment, in the midst of a rebalance */
    source->closing = true;
    group_takes(source);
    source_close(&source->source);
}

static void leave(struct kafka_source *source)
{
    fake.unsubscribe = RD_KAFKA_RESP_ERR__STATE;
    assert_int_equal(source_leave(&source->source), STATUS_RETRY);
    fake.unsubscribe = 0;
    assert_int_equal(source_leave(&source->source), STATUS_OK);
}

static void leaving_ends_once_the_group_was_told(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(1);
    fake.member_id = "still a member";
    leave(source);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    assert_int_equal(source_wait_ns(&source->source, source->timer_ns - 1), 1);
    group_takes(source);
    assert_int_equal(poll(source), SOURCE_REVOKING);
    source_released(&source->source);
    assert_int_equal(source_wait_ns(&source->source, source->timer_ns - 1), 0); /* look at once */
    assert_int_equal(poll(source), SOURCE_NOTHING);
    source->timer_ns = source->retry_ns + 1; /* the next look comes before the timer's */
    assert_int_equal(source_wait_ns(&source->source, source->retry_ns - 3), 3);
    fake.member_id = "";
    assert_int_equal(poll(source), SOURCE_END);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    source_close(&source->source);
}

static void leaving_without_a_membership_ends_at_once(void **state)
{
    (void)state;
    struct kafka_source *source = open_plain();
    fake.member_id = NULL;
    leave(source);
    assert_int_equal(source_wait_ns(&source->source, 1), 0);
    assert_int_equal(poll(source), SOURCE_END);
    source_close(&source->source);
}

static void closing_before_the_group_was_told_is_possible(void **state)
{
    (void)state;
    struct kafka_source *source = open_plain();
    fake.member_id = "still a member";
    leave(source);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    source->timer_ns = source->retry_ns - 1; /* the timer's look comes first */
    assert_int_equal(source_wait_ns(&source->source, source->retry_ns - 4), 3);
    uint32_t destroyed = fake.destroyed;
    source_close(&source->source);
    assert_true(fake.destroyed > destroyed);
}

static void strays_are_kept_or_fatal_never_dropped_in_silence(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(1);
    uint32_t slot = event.slots[0].slot;
    give(source, "unknown", 0, 0);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    give(source, "a", 7, 0);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    assert_true(source_ready(&source->source, slot));
    struct source_record record;
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_OK);
    assert_int_equal(record.offset, 7);
    give(source, "a", 8, 0);
    assert_int_equal(poll(source), SOURCE_FATAL);
    source_close(&source->source);
    source = open_reading(1);
    group_takes(source);
    poll(source);
    source_released(&source->source);
    give(source, "a", 9, 0); /* of a partition that was given back: its next owner reads it */
    assert_int_equal(poll(source), SOURCE_NOTHING);
    give(source, "a", 0, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    assert_false(source->recheck);
    source_close(&source->source);
}

static void errors_are_passing_or_fatal(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(1);
    kafka_on_events(source->consumer, source);
    assert_true(source_ready(&source->source, SOURCE_EVENTS));
    assert_int_equal(poll(source), SOURCE_NOTHING);
    give(source, NULL, 0, RD_KAFKA_RESP_ERR__TRANSPORT);
    assert_int_equal(poll(source), SOURCE_FAULT);
    assert_non_null(strstr(event.text, "consumer"));
    give(source, "a", 0, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(poll(source), SOURCE_FAULT);
    assert_non_null(strstr(event.text, "a[0]"));
    kafka_on_error(source->consumer, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "down", source);
    source->events_ready = false;
    assert_true(source_ready(&source->source, SOURCE_EVENTS));
    assert_int_equal(poll(source), SOURCE_FAULT);
    give(source, NULL, 0, RD_KAFKA_RESP_ERR__FATAL); /* said, and nothing behind it */
    assert_int_equal(poll(source), SOURCE_NOTHING);
    fake.fatal = RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    give(source, NULL, 0, RD_KAFKA_RESP_ERR__FATAL);
    kafka_on_error(source->consumer, RD_KAFKA_RESP_ERR__FATAL, "fatal", source);
    source->events_ready = false;
    assert_true(source_ready(&source->source, SOURCE_EVENTS));
    assert_int_equal(poll(source), SOURCE_FATAL);
    assert_int_equal(event.status, STATUS_FENCED);
    kafka_fatal(source, STATUS_FATAL, "the second does not count");
    assert_non_null(strstr(source->fatal_text, "instance"));
    assert_int_equal(poll(source), SOURCE_NOTHING);
    source->events_ready = false;
    assert_false(source_ready(&source->source, SOURCE_EVENTS));
    rd_kafka_message_destroy(fake_take(&fake.consumer)); /* it is not polled any more */
    source_close(&source->source);
    source = open_plain();
    fake.fatal = RD_KAFKA_RESP_ERR__FATAL;
    kafka_on_error(source->consumer, RD_KAFKA_RESP_ERR__FATAL, "fatal", source);
    assert_int_equal(poll(source), SOURCE_FATAL);
    assert_int_equal(event.status, STATUS_FATAL);
    source_close(&source->source);
}

static void the_doorbell_rings_where_there_is_one(void **state)
{
    (void)state;
    struct doorbell bell;
    assert_int_equal(doorbell_open(&bell), STATUS_OK);
    struct kafka_source *source = open_reading(1);
    struct kafka_slot *slot = &source->slots[event.slots[0].slot];
    for (int round = 0; round < 2; round++) {
        slot->ready = source->events_ready = false;
        kafka_on_queue(source->consumer, slot);
        kafka_on_events(source->consumer, source);
        assert_true(slot->ready && source->events_ready);
        source->doorbell = &bell;
    }
    source_close(&source->source);
    doorbell_close(&bell);
}

static void records_come_with_what_they_carry(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(1);
    uint32_t slot = event.slots[0].slot;
    struct source_record record;
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_EMPTY);
    assert_false(source_ready(&source->source, slot));
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_EMPTY);
    /* A record that comes between the first look and the second, behind one error. */
    source->slots[slot].ready = true;
    fake_push(&fake.partition, NULL);
    fake_push(&fake.partition, message_of("a", 0, RD_KAFKA_RESP_ERR__TRANSPORT));
    static char long_value[MESSAGE_HEADERS_MAX + 1];
    rd_kafka_message_t *message = message_of("a", 5, 0);
    message->payload = long_value;
    message->len = 2;
    fake_push(&fake.partition, message);
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_OK);
    assert_true(source_ready(&source->source, slot));
    assert_int_equal(record.header_count, 2);
    assert_int_equal(record.timestamp_ms, -1);
    assert_false(record.tombstone);
    message->len = sizeof long_value;
    fake.timestamp_type = RD_KAFKA_TIMESTAMP_CREATE_TIME;
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_OK);
    assert_int_equal(record.header_count, MESSAGE_HEADERS_MAX);
    assert_int_equal(record.timestamp_ms, 1234);
    message->payload = NULL;
    fake.headers_refused = true;
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_OK);
    assert_true(record.tombstone && record.header_count == 0);
    source_advance(&source->source, slot);
    struct source_position position;
    assert_true(source_position(&source->source, slot, &position));
    assert_int_equal(position.next_offset, 6);
    assert_int_equal(position.high_offset, 100);
    fake.high = RD_KAFKA_OFFSET_INVALID;
    assert_true(source_position(&source->source, slot, &position));
    assert_int_equal(position.high_offset, -1);
    assert_false(source_position(&source->source, slot + 1, &position));
    assert_true(source_wait_ns(&source->source, source->timer_ns - 3) == 3);
    assert_true(source_wait_ns(&source->source, source->timer_ns) == 0);
    source_close(&source->source);
}

static void a_position_out_of_range_is_settled_once_it_can_be(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(2);
    uint32_t slot = event.slots[0].slot;
    struct kafka_slot *slots = source->slots;
    struct source_record record;
    fake_push(&fake.partition, message_of("a", 0, 0));
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_OK);
    give(source, "unknown", 0, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    assert_false(source->recheck);
    give(source, "a", 0, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET);
    assert_int_equal(poll(source), SOURCE_NOTHING); /* its record must be taken first */
    assert_true(source->recheck && slots[slot].reset);
    source_advance(&source->source, slot);
    assert_int_equal(source_peek(&source->source, slot, &record), STATUS_EMPTY);
    fake.ends[0] = RD_KAFKA_RESP_ERR__TIMED_OUT;
    assert_int_equal(poll(source), SOURCE_FAULT);
    source_poll(&source->source, &event); /* too early to ask again */
    assert_int_equal(event.kind, SOURCE_NOTHING);
    fake.ends[0] = 0;
    fake.assign = RD_KAFKA_RESP_ERR__STATE;
    assert_int_equal(poll(source), SOURCE_FAULT);
    fake.assign = 0;
    /* The other partition holds a record: it goes on behind that one. */
    fake_push(&fake.partition, message_of("a", 7, 0));
    slots[slot + 1].ready = true;
    assert_int_equal(source_peek(&source->source, slot + 1, &record), STATUS_OK);
    assert_int_equal(poll(source), SOURCE_LOG_LOSS); /* nothing lost: what is in flight counts on */
    assert_int_equal(event.slots[0].lost_offsets, 0);
    assert_int_equal(event.slots[0].generation, 1);
    assert_int_equal(fake.assigned_offsets[0], 1);
    assert_int_equal(fake.assigned_offsets[1], 8);
    source_advance(&source->source, slot + 1);
    assert_int_equal(poll(source), SOURCE_NOTHING);
    assert_false(source->recheck);
    /* Now two at once, the second with a loss; before it is told nothing else is settled. */
    slots[event.slots[0].slot].reset = slots[slot + 1].reset = source->recheck = true;
    slots[slot].next_offset = 60;
    slots[slot + 1].next_offset = 20;
    fake.low = 50;
    source->loss_count = 1;
    source->losses[0] = (struct source_assignment){.slot = slot};
    assert_int_equal(poll(source), SOURCE_LOG_LOSS);
    assert_int_equal(poll(source), SOURCE_LOG_LOSS);
    assert_int_equal(event.slot_count, 2);
    assert_int_equal(event.slots[0].lost_offsets, 30);
    assert_int_equal(event.slots[1].lost_offsets, 0);
    assert_int_equal(fake.assigned_offsets[0], 60);
    assert_int_equal(fake.assigned_offsets[1], 50);
    assert_int_equal(slots[slot + 1].generation, 1);
    /* Another topic under the old name: its offsets begin anew, and so does the generation. */
    slots[slot].reset = source->recheck = true;
    slots[slot].next_offset = 5000;
    assert_int_equal(poll(source), SOURCE_LOG_LOSS);
    assert_int_equal(event.slots[0].generation, 2);
    assert_int_equal(fake.assigned_offsets[0], 50);
    slots[slot].reset = source->recheck = true; /* a revoke makes it somebody else's matter */
    group_takes(source);
    assert_int_equal(poll(source), SOURCE_REVOKING);
    source_close(&source->source);
}

static void a_halting_loss_while_reading_moves_nothing(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(1);
    source->settings.on_log_loss = ON_LOG_LOSS_HALT;
    struct kafka_slot *slot = &source->slots[event.slots[0].slot];
    slot->reset = source->recheck = true;
    slot->next_offset = 20;
    fake.low = 50;
    assert_int_equal(poll(source), SOURCE_LOG_LOSS);
    assert_int_equal(poll(source), SOURCE_FATAL);
    assert_int_equal(slot->generation, 1);
    source_close(&source->source);
}

static void only_the_present_generation_stores(void **state)
{
    (void)state;
    struct kafka_source *source = open_reading(1);
    uint32_t slot = event.slots[0].slot;
    assert_int_equal(source_store(&source->source, slot, 0, 5), STATUS_CONFLICT);
    assert_int_equal(source_store(&source->source, slot + 1, 0, 5), STATUS_CONFLICT);
    assert_int_equal(source_store(&source->source, slot, 1, 5), STATUS_OK);
    assert_int_equal(fake.stored_offset, 5);
    fake.store = RD_KAFKA_RESP_ERR__STATE;
    assert_int_equal(source_store(&source->source, slot, 1, 6), STATUS_CONFLICT);
    struct source_position position;
    assert_true(source_position(&source->source, slot, &position));
    assert_int_equal(position.stored_offset, 5);
    source->timer_ns = 0; /* it is owed, and tried again on the timer until it is taken */
    assert_int_equal(poll(source), SOURCE_NOTHING);
    assert_int_equal(source->slots[slot].owed_offset, 6);
    fake.store = 0;
    source->timer_ns = 0;
    assert_int_equal(poll(source), SOURCE_NOTHING);
    assert_int_equal(source->slots[slot].owed_offset, -1);
    assert_int_equal(fake.stored_offset, 6);
    source_close(&source->source);
}

static void a_commit_says_what_the_group_said(void **state)
{
    (void)state;
    static const struct {
        rd_kafka_resp_err_t code;
        enum redress_status status;
    } answers[] = {{RD_KAFKA_RESP_ERR_NO_ERROR, STATUS_OK},
                   {RD_KAFKA_RESP_ERR__NO_OFFSET, STATUS_OK},
                   {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, STATUS_CONFLICT},
                   {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, STATUS_CONFLICT},
                   {RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, STATUS_CONFLICT},
                   {RD_KAFKA_RESP_ERR__TRANSPORT, STATUS_RETRY},
                   {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, STATUS_FENCED},
                   {RD_KAFKA_RESP_ERR__FATAL, STATUS_FENCED}};
    struct kafka_source *source = open_plain();
    for (size_t index = 0; index < sizeof answers / sizeof answers[0]; index++) {
        fake.commit = answers[index].code;
        assert_int_equal(source_commit(&source->source), answers[index].status);
        fake.commit = 0;
        fake.commit_answer = answers[index].code;
        assert_int_equal(source_commit(&source->source), answers[index].status);
        assert_false(source->commit_failed);
    }
    fake.silent = true;
    assert_int_equal(source_commit(&source->source), STATUS_TIMEOUT);
    assert_true(source->commit_failed);
    source_close(&source->source); /* without waiting for brokers */
}

static int begin(void **state)
{
    (void)state;
    fake_reset();
    return (int)partition_table_create(&partitions);
}

static int end(void **state)
{
    (void)state;
    partition_table_destroy(partitions);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    if (!FAKE_IS_POSSIBLE)
        return FAKE_SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(creating_fails_whole_and_says_why),
        TEST(creating_survives_every_allocation_that_fails),
        TEST(an_assignment_waits_for_every_answer),
        TEST(an_empty_assignment_reads_nothing),
        TEST(a_full_table_of_partitions_is_fatal),
        TEST(starts_and_losses_are_told_exactly),
        TEST(unequal_partition_counts_are_looked_for),
        TEST(a_revoke_drains_commits_and_gives_back),
        TEST(leaving_ends_once_the_group_was_told),
        TEST(leaving_without_a_membership_ends_at_once),
        TEST(closing_before_the_group_was_told_is_possible),
        TEST(strays_are_kept_or_fatal_never_dropped_in_silence),
        TEST(errors_are_passing_or_fatal),
        TEST(the_doorbell_rings_where_there_is_one),
        TEST(records_come_with_what_they_carry),
        TEST(a_position_out_of_range_is_settled_once_it_can_be),
        TEST(a_halting_loss_while_reading_moves_nothing),
        TEST(only_the_present_generation_stores),
        TEST(a_commit_says_what_the_group_said),
    };
    return cmocka_run_group_tests(tests, fake_open_handle, fake_close_handle);
}
