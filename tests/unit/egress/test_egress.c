/**
 * Egress: one primary ending a message, frontline copies, back-pressure, refusals by size, the
 * conservation law at this end.
 *
 * Single behaviours over a memory sink first. Then thousands of messages under random faults (seed
 * printed; EGRESS_SEED sets it): each is handed back exactly once and only after its records stand
 * in the sink, none stands there twice, and at every marker the law balances.
 */
#include "egress/egress.h"

#include "base/memory.h"
#include "egress/memory_sink.h"
#include "unit/egress/messages.h"

#include <stdlib.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MESSAGES_MAX = 64, OUTPUT_BYTES_MAX = 256 * 1024, RETRY_WAIT_US = 1000, MS_NS = 1000000 };

struct fixture {
    struct memory_sink *memory;
    struct sink *sink;
    struct egress *egress;
    struct memory_sink_manners *manners;
    struct message *done[MESSAGES_MAX];
    uint32_t done_count;
    uint64_t now_ns;
    size_t record_size;
};

static void note_done(void *context, struct message *message)
{
    struct fixture *fixture = context;
    fixture->done[fixture->done_count++ % MESSAGES_MAX] = message;
}

static size_t frontline_record(void *context, const struct message *message, char *out,
                               size_t out_max)
{
    struct fixture *fixture = context;
    (void)message;
    assert_true(fixture->record_size <= out_max);
    memset(out, 'r', fixture->record_size);
    return fixture->record_size;
}

static struct egress_settings settings_for(struct fixture *fixture)
{
    return (struct egress_settings){
        .topics = {"cases", "calm", "dead", "front."},
        .names = test_names(),
        .messages_max = MESSAGES_MAX,
        .output_bytes_max = OUTPUT_BYTES_MAX,
        .retry_wait_us = RETRY_WAIT_US,
        .done = note_done,
        .done_context = fixture,
        .frontline_record = frontline_record,
        .frontline_context = fixture,
    };
}

static void begin_with(struct fixture *fixture, const struct egress_settings *settings)
{
    assert_int_equal(memory_sink_create(MESSAGES_MAX, &fixture->memory), STATUS_OK);
    fixture->sink = memory_sink_base(fixture->memory);
    fixture->manners = memory_sink_manners(fixture->memory);
    fixture->manners->keep = true;
    assert_int_equal(egress_create(settings, fixture->sink, &fixture->egress), STATUS_OK);
    fixture->now_ns = 5000ull * MS_NS;
    (void)egress_step(fixture->egress, fixture->now_ns);
}

static void begin(struct fixture *fixture)
{
    *fixture = (struct fixture){.record_size = 3};
    struct egress_settings settings = settings_for(fixture);
    begin_with(fixture, &settings);
}

static void end(struct fixture *fixture)
{
    egress_destroy(fixture->egress);
    sink_close(fixture->sink);
}

static bool step(struct fixture *fixture, uint64_t later_ms)
{
    fixture->now_ns += later_ms * MS_NS;
    return egress_step(fixture->egress, fixture->now_ns);
}

static uint64_t in_topic(const struct fixture *fixture, const char *topic)
{
    return memory_sink_topic_count(fixture->memory, topic);
}

/* The text of the index-th delivered record, to search in. */
static const char *value_of(const struct fixture *fixture, uint64_t index)
{
    static char text[OUTPUT_BYTES_MAX + 1];
    struct memory_record record = memory_sink_record(fixture->memory, index);
    memcpy(text, record.value.data, record.value.size);
    text[record.value.size] = '\0';
    return text;
}

static void message_is_done_only_after_delivery(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct message message = test_message();
    egress_accept(fixture.egress, &message);
    assert_int_equal(fixture.done_count, 0);
    assert_int_equal(message.deliveries_pending, 1);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_HELD), 1);
    assert_int_equal(egress_wait_us(fixture.egress, fixture.now_ns), -1);
    assert_true(step(&fixture, 1));
    assert_int_equal(fixture.done_count, 1);
    assert_ptr_equal(fixture.done[0], &message);
    assert_int_equal(in_topic(&fixture, "cases"), 1);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_CASES), 1);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_HELD), 0);
    struct memory_record record = memory_sink_record(fixture.memory, 0);
    assert_int_equal(record.key.size, 3);
    assert_memory_equal(record.key.data, "c-1", 3);
    assert_int_equal(record.header_count, 0);
    assert_false(step(&fixture, 1));
    end(&fixture);
}

static void urgent_case_is_done_after_both_copies(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct message message = test_message();
    message.verdict.urgent = true;
    message.customer = (struct slice){0};
    message.revision = 1;
    egress_accept(fixture.egress, &message);
    assert_int_equal(message.deliveries_pending, 2);
    step(&fixture, 1);
    assert_int_equal(fixture.done_count, 1);
    assert_int_equal(in_topic(&fixture, "cases"), 1);
    assert_int_equal(in_topic(&fixture, "front.safety"), 1);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_FRONTLINE), 1);
    struct memory_record copy = memory_sink_record(fixture.memory, 0);
    assert_string_equal(copy.topic, "front.safety");
    assert_memory_equal(copy.key.data, "00000000000000010000000000000002", 32);
    assert_int_equal(copy.header_count, 3);
    assert_memory_equal(copy.headers[0].value.data, "00000000000000010000000000000002", 32);
    assert_int_equal(copy.headers[1].value.size, 1);
    assert_memory_equal(copy.headers[1].value.data, "1", 1);
    assert_memory_equal(copy.headers[2].name.data, "redress-record", 14);
    assert_memory_equal(copy.headers[2].value.data, "rrr", 3);
    end(&fixture);
}

static void frontline_copy_goes_without_a_record_where_there_is_none(void **state)
{
    (void)state;
    struct fixture fixture;
    for (int given = 0; given < 2; given++) {
        fixture = (struct fixture){0};
        struct egress_settings settings = settings_for(&fixture);
        if (!given)
            settings.frontline_record = NULL;
        begin_with(&fixture, &settings);
        struct message message = test_message();
        message.verdict.urgent = true;
        egress_accept(fixture.egress, &message);
        step(&fixture, 1);
        assert_int_equal(memory_sink_record(fixture.memory, 0).header_count, 2);
        end(&fixture);
    }
}

static void calm_message_is_written_or_only_counted(void **state)
{
    (void)state;
    struct fixture fixture;
    for (int written = 0; written < 2; written++) {
        fixture = (struct fixture){0};
        struct egress_settings settings = settings_for(&fixture);
        if (!written)
            settings.topics.calm = NULL;
        begin_with(&fixture, &settings);
        struct message message = test_message();
        message.ending = ENDING_CALM;
        message.verdict.urgent = true; /* only cases have copies */
        egress_accept(fixture.egress, &message);
        assert_int_equal(fixture.done_count, written ? 0 : 1);
        step(&fixture, 1);
        assert_int_equal(fixture.done_count, 1);
        assert_int_equal(memory_sink_count(fixture.memory), written);
        assert_int_equal(in_topic(&fixture, "calm"), written);
        assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_CALM), 1);
        end(&fixture);
    }
}

static void dead_letter_is_counted_by_reason(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct message message = test_message();
    message.ending = ENDING_DEAD_LETTER;
    message.dead_reason = DEAD_TOO_DEEP;
    egress_accept(fixture.egress, &message);
    step(&fixture, 1);
    assert_int_equal(in_topic(&fixture, "dead"), 1);
    assert_int_equal(egress_dead_letters(fixture.egress, DEAD_TOO_DEEP), 1);
    assert_int_equal(egress_dead_letters(fixture.egress, DEAD_NOT_JSON), 0);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_DEAD_LETTERS), 1);
    assert_int_equal(memory_sink_record(fixture.memory, 0).header_count, 1);
    end(&fixture);
}

static void full_sink_fills_the_backlog_in_order(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture.manners->pending_max = 2;
    struct message messages[6];
    for (int index = 0; index < 6; index++) {
        messages[index] = test_message();
        messages[index].offset = index;
        egress_accept(fixture.egress, &messages[index]);
    }
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_BACKLOG), 4);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_FULL), 1);
    assert_true(egress_wait_us(fixture.egress, fixture.now_ns) > 0);
    /* A try in vain, with others behind it and alone: the order stays. */
    fixture.manners->stalled = true;
    assert_false(step(&fixture, 5));
    fixture.manners->stalled = false;
    for (int turn = 0; turn < 3; turn++)
        assert_true(step(&fixture, 0));
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_BACKLOG), 0);
    step(&fixture, 0);
    assert_int_equal(fixture.done_count, 6);
    for (int index = 0; index < 6; index++)
        assert_ptr_equal(fixture.done[index], &messages[index]);
    end(&fixture);
}

static void sink_that_is_full_without_pending_is_tried_again(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture.manners->full_per_1000 = 1000;
    struct message message = test_message();
    egress_accept(fixture.egress, &message);
    fixture.manners->full_per_1000 = 0;
    assert_false(step(&fixture, 1));
    assert_int_equal(egress_wait_us(fixture.egress, fixture.now_ns), 4000);
    fixture.manners->full_per_1000 = 1000;
    assert_false(step(&fixture, 4));
    fixture.manners->full_per_1000 = 0;
    assert_true(step(&fixture, 5));
    step(&fixture, 0);
    assert_int_equal(fixture.done_count, 1);
    end(&fixture);
}

static void step_stops_at_its_bound_and_goes_on(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    enum { MANY = 1500 };
    struct egress_settings settings = settings_for(&fixture);
    settings.messages_max = MANY + 1;
    assert_int_equal(memory_sink_create(MANY + 1, &fixture.memory), STATUS_OK);
    fixture.sink = memory_sink_base(fixture.memory);
    fixture.manners = memory_sink_manners(fixture.memory);
    assert_int_equal(egress_create(&settings, fixture.sink, &fixture.egress), STATUS_OK);
    struct message *messages = memory_allocate_array(MANY, sizeof *messages);
    assert_non_null(messages);
    struct message failing = test_message();
    egress_accept(fixture.egress, &failing);
    fixture.manners->full_per_1000 = 1000;
    for (int index = 0; index < MANY; index++) {
        messages[index] = test_message();
        egress_accept(fixture.egress, &messages[index]);
    }
    fixture.manners->full_per_1000 = 0;
    fixture.manners->fail = STATUS_RETRY;
    step(&fixture, 5);
    fixture.manners->fail = STATUS_OK;
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_BACKLOG), 1 + MANY - 1024);
    /* What waits for room has some now; the one that failed has to wait longer. */
    assert_int_equal(egress_wait_us(fixture.egress, fixture.now_ns), 0);
    step(&fixture, 0);
    step(&fixture, 0);
    assert_int_equal(fixture.done_count, MANY);
    step(&fixture, 5);
    step(&fixture, 0);
    assert_int_equal(fixture.done_count, MANY + 1);
    end(&fixture);
    memory_free(messages);
}

static void failed_record_is_produced_again_after_a_wait(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct message message = test_message();
    fixture.manners->fail = STATUS_RETRY;
    egress_accept(fixture.egress, &message);
    step(&fixture, 0);
    fixture.manners->fail = STATUS_OK;
    assert_int_equal(fixture.done_count, 0);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_RETRIES), 1);
    assert_int_equal(egress_wait_us(fixture.egress, fixture.now_ns), RETRY_WAIT_US);
    assert_int_equal(egress_wait_us(fixture.egress, fixture.now_ns + 2ull * MS_NS), 0);
    assert_false(step(&fixture, 0));
    assert_true(step(&fixture, 1));
    step(&fixture, 0);
    assert_int_equal(fixture.done_count, 1);
    assert_int_equal(in_topic(&fixture, "cases"), 1);
    end(&fixture);
}

static void topic_that_may_not_be_written_waits(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct message messages[2] = {test_message(), test_message()};
    fixture.manners->refuse = STATUS_RETRY;
    egress_accept(fixture.egress, &messages[0]);
    egress_accept(fixture.egress, &messages[1]);
    for (int turn = 0; turn < 3; turn++)
        step(&fixture, 2);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_BACKLOG), 2);
    fixture.manners->refuse = STATUS_OK;
    step(&fixture, 2);
    step(&fixture, 0);
    assert_int_equal(fixture.done_count, 2);
    end(&fixture);
}

static void case_over_the_brokers_limit_becomes_a_dead_letter(void **state)
{
    (void)state;
    static char text[20000];
    memset(text, 'a', sizeof text);
    struct fixture fixture;
    begin(&fixture);
    fixture.manners->broker_bytes_max = 10000;
    struct message messages[2] = {test_message(), test_message()};
    messages[0].verdict.urgent = true;
    messages[0].text = (struct slice){.data = text, .size = sizeof text};
    egress_accept(fixture.egress, &messages[0]);
    egress_accept(fixture.egress, &messages[1]);
    for (int turn = 0; turn < 6; turn++)
        step(&fixture, 2);
    assert_int_equal(fixture.done_count, 2);
    assert_int_equal(messages[0].ending, ENDING_DEAD_LETTER);
    assert_int_equal(messages[0].dead_reason, DEAD_OUTPUT_TOO_LARGE);
    assert_int_equal(in_topic(&fixture, "dead"), 1);
    assert_int_equal(in_topic(&fixture, "front.safety"), 1); /* cut, but there */
    /* The innocent one of the same batch is a case all the same. */
    assert_int_equal(messages[1].ending, ENDING_CASE);
    assert_int_equal(in_topic(&fixture, "cases"), 1);
    assert_int_equal(egress_dead_letters(fixture.egress, DEAD_OUTPUT_TOO_LARGE), 1);
    end(&fixture);
}

static void dead_letter_shrinks_until_it_fits(void **state)
{
    (void)state;
    static char payload[300000];
    static const struct {
        uint32_t value_bytes_max;
        const char *found;
    } rows[] = {{100000, "\"whole\":false"}, {2000, "\"base64\":\"\""}};
    for (int row = 0; row < 2; row++) {
        struct fixture fixture;
        begin(&fixture);
        fixture.manners->value_bytes_max = rows[row].value_bytes_max;
        struct message message = test_message();
        message.ending = ENDING_DEAD_LETTER;
        message.dead_reason = DEAD_NOT_JSON;
        message.payload = (struct slice){.data = payload, .size = sizeof payload};
        message.payload_size_original = sizeof payload;
        egress_accept(fixture.egress, &message);
        step(&fixture, 0);
        assert_int_equal(fixture.done_count, 1);
        assert_non_null(strstr(value_of(&fixture, 0), rows[row].found));
        assert_non_null(strstr(value_of(&fixture, 0), "\"reason\":\"not_json\""));
        assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_TOO_LARGE), row + 1);
        end(&fixture);
    }
}

static void what_fits_in_no_form_waits_and_is_not_lost(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct message message = test_message();
    fixture.manners->value_bytes_max = 10;
    egress_accept(fixture.egress, &message);
    fixture.manners->value_bytes_max = 0;
    fixture.manners->broker_bytes_max = 10;
    for (int turn = 0; turn < 10; turn++)
        step(&fixture, 2);
    assert_int_equal(fixture.done_count, 0);
    assert_int_equal(egress_count(fixture.egress, EGRESS_COUNT_HELD), 1);
    fixture.manners->broker_bytes_max = 0;
    step(&fixture, 2);
    step(&fixture, 2);
    assert_int_equal(fixture.done_count, 1);
    assert_int_equal(in_topic(&fixture, "dead"), 1);
    end(&fixture);
}

static void dead_letter_for_its_size_starts_by_reference(void **state)
{
    (void)state;
    static char payload[DEAD_LETTER_BYTES_MAX + 1];
    struct fixture fixture;
    begin(&fixture);
    struct message message = test_message();
    message.ending = ENDING_DEAD_LETTER;
    message.dead_reason = DEAD_OUTPUT_TOO_LARGE;
    message.payload = (struct slice){.data = payload, .size = sizeof payload};
    message.payload_size_original = sizeof payload;
    egress_accept(fixture.egress, &message);
    step(&fixture, 0);
    assert_non_null(strstr(value_of(&fixture, 0), "\"whole\":false"));
    end(&fixture);
}

static void fatal_sink_stops_everything_and_loses_nothing(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct fixture fixture;
        begin(&fixture);
        struct message messages[3] = {test_message(), test_message(), test_message()};
        if (way == 0)
            fixture.manners->refuse = STATUS_FATAL;
        if (way == 1)
            fixture.manners->fail = STATUS_FATAL;
        egress_accept(fixture.egress, &messages[0]);
        egress_accept(fixture.egress, &messages[1]);
        fixture.manners->stalled = way == 2;
        if (way == 2)
            sink_set_trouble(fixture.sink, STATUS_FATAL);
        step(&fixture, 1);
        assert_int_equal(egress_state(fixture.egress), EGRESS_FATAL);
        egress_accept(fixture.egress, &messages[2]);
        fixture.manners->refuse = STATUS_OK;
        fixture.manners->fail = STATUS_OK;
        step(&fixture, 10);
        assert_int_equal(egress_wait_us(fixture.egress, fixture.now_ns), -1);
        struct egress_law laws[1];
        egress_law_snapshot(fixture.egress, 1, laws, 1);
        assert_int_equal(laws[0].accepted, 3);
        assert_int_equal(egress_law_answered(&laws[0]), 3);
        assert_int_equal(laws[0].pending + fixture.done_count, 3);
        assert_int_equal(fixture.done_count, 0);
        end(&fixture);
    }
}

static void law_counts_by_slot_and_parity_of_epochs(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture.manners->stalled = true;
    struct message messages[4];
    for (uint32_t index = 0; index < 4; index++) {
        messages[index] = test_message();
        messages[index].partition_slot = index / 2;
        messages[index].epoch = 6 + index % 2;
        messages[index].verdict.urgent = true;
        egress_accept(fixture.egress, &messages[index]);
    }
    struct egress_law laws[2];
    egress_law_snapshot(fixture.egress, 6, laws, 2);
    assert_int_equal(laws[0].accepted, 1);
    assert_int_equal(laws[0].pending, 1); /* two records, one message */
    assert_int_equal(laws[1].pending, 1);
    egress_law_snapshot(fixture.egress, 6, laws, 1); /* fewer slots than are in use */
    assert_int_equal(laws[0].pending, 1);
    /* The primary of the first arrives, its frontline copy fails: still one message. */
    fixture.manners->stalled = false;
    fixture.manners->broker_bytes_max = 1;
    step(&fixture, 1);
    fixture.manners->broker_bytes_max = 0;
    step(&fixture, 2);
    step(&fixture, 2);
    egress_law_snapshot(fixture.egress, 7, laws, 2);
    assert_int_equal(laws[0].ended[ENDING_CASE], 1);
    assert_int_equal(laws[0].pending, 0);
    assert_int_equal(fixture.done_count, 4);
    end(&fixture);
}

static void start_fails_cleanly(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct egress_settings settings = settings_for(&fixture);
    assert_true(egress_memory_bytes(&settings) > OUTPUT_BYTES_MAX + MESSAGES_MAX * 2);
    struct egress *egress;
    for (long calls = 0; calls < 3; calls++) {
        memory_fail_after(calls);
        assert_int_equal(egress_create(&settings, fixture.sink, &egress), STATUS_MEMORY);
    }
    memory_fail_after(-1);
    char prefix[300];
    memset(prefix, 'p', sizeof prefix);
    prefix[sizeof prefix - 1] = '\0';
    settings.topics.frontline_prefix = prefix;
    assert_int_equal(egress_create(&settings, fixture.sink, &egress), STATUS_INVALID);
    const char *const names[] = {"new cases", "new dead", "new calm", "new queue"};
    for (long calls = 0; calls < 4; calls++) {
        settings = settings_for(&fixture);
        if (calls == 0)
            settings.topics.cases = names[0];
        if (calls == 1)
            settings.topics.dead_letters = names[1];
        if (calls == 2)
            settings.topics.calm = names[2];
        if (calls == 3)
            settings.topics.frontline_prefix = names[3];
        memory_fail_after(3);
        assert_int_equal(egress_create(&settings, fixture.sink, &egress), STATUS_MEMORY);
        memory_fail_after(-1);
    }
    egress_destroy(NULL);
    end(&fixture);
}

/* Random faults. */

enum { STORM_MESSAGES = 4000, STORM_SLOTS = 3, STORM_TURNS_MAX = 200000 };

struct storm {
    struct fixture fixture;
    struct test_random random;
    struct message slab[MESSAGES_MAX];
    bool held[MESSAGES_MAX];
    uint64_t received[STORM_SLOTS][2];
    uint32_t epoch;
    uint64_t sent;
    uint64_t done;
    uint64_t endings[ENDING_COUNT];
    uint64_t copies;
};

static void storm_done(void *context, struct message *message)
{
    struct storm *storm = context;
    size_t index = (size_t)(message - storm->slab);
    assert_true(index < MESSAGES_MAX && storm->held[index]);
    assert_int_equal(message->deliveries_pending, 0);
    storm->held[index] = false;
    storm->done++;
    storm->endings[message->ending]++;
}

static void storm_send(struct storm *storm)
{
    for (size_t index = 0; index < MESSAGES_MAX && storm->sent < STORM_MESSAGES; index++) {
        if (storm->held[index] || test_next(&storm->random, 2))
            continue;
        struct message *message = &storm->slab[index];
        *message = test_message();
        message->offset = (int64_t)storm->sent++;
        message->case_id.low = (uint64_t)message->offset;
        message->partition_slot = (uint32_t)test_next(&storm->random, STORM_SLOTS);
        message->epoch = storm->epoch;
        message->verdict.urgent = test_next(&storm->random, 3) == 0;
        message->ending = (enum ending)(1 + test_next(&storm->random, 3));
        if (message->ending == ENDING_DEAD_LETTER)
            message->dead_reason = DEAD_NOT_JSON;
        storm->copies += message->ending == ENDING_CASE && message->verdict.urgent;
        storm->received[message->partition_slot][message->epoch & 1]++;
        storm->held[index] = true;
        egress_accept(storm->fixture.egress, message);
    }
}

static void storm_check_law(struct storm *storm)
{
    struct egress_law laws[STORM_SLOTS];
    egress_law_snapshot(storm->fixture.egress, storm->epoch, laws, STORM_SLOTS);
    for (uint32_t slot = 0; slot < STORM_SLOTS; slot++) {
        assert_int_equal(laws[slot].accepted, storm->received[slot][storm->epoch & 1]);
        assert_int_equal(egress_law_answered(&laws[slot]), laws[slot].accepted);
    }
    storm->epoch++;
}

static void storm_change_weather(struct storm *storm)
{
    struct memory_sink_manners *manners = storm->fixture.manners;
    bool calm_now = storm->sent == STORM_MESSAGES;
    manners->stalled = !calm_now && test_next(&storm->random, 5) == 0;
    manners->delay_polls = (uint32_t)test_next(&storm->random, 4);
    manners->pending_max = (uint32_t)test_next(&storm->random, MESSAGES_MAX);
    manners->retry_per_1000 = calm_now ? 0 : (uint32_t)test_next(&storm->random, 300);
    manners->full_per_1000 = calm_now ? 0 : (uint32_t)test_next(&storm->random, 300);
    manners->broker_bytes_max = 600 + (uint32_t)test_next(&storm->random, 500);
    manners->refuse = !calm_now && test_next(&storm->random, 10) == 0 ? STATUS_RETRY : STATUS_OK;
}

static void nothing_is_lost_or_doubled_under_random_faults(void **state)
{
    (void)state;
    static struct storm storm;
    const char *seed_given = getenv("EGRESS_SEED");
    uint64_t seed = seed_given ? strtoull(seed_given, NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    storm.random.state = seed;
    struct egress_settings settings = settings_for(&storm.fixture);
    settings.done = storm_done;
    settings.done_context = &storm;
    begin_with(&storm.fixture, &settings);
    storm.fixture.manners->seed = seed;
    for (int turn = 0; turn < STORM_TURNS_MAX && storm.done < STORM_MESSAGES; turn++) {
        if (turn % 20 == 0)
            storm_change_weather(&storm);
        storm_send(&storm);
        step(&storm.fixture, test_next(&storm.random, 3));
        if (test_next(&storm.random, 10) == 0)
            storm_check_law(&storm);
    }
    assert_int_equal(storm.done, STORM_MESSAGES);
    /* The sink keeps a record only once for each delivery: as many as there were endings. */
    assert_int_equal(in_topic(&storm.fixture, "cases"), storm.endings[ENDING_CASE]);
    assert_int_equal(in_topic(&storm.fixture, "calm"), storm.endings[ENDING_CALM]);
    assert_int_equal(in_topic(&storm.fixture, "dead"), storm.endings[ENDING_DEAD_LETTER]);
    assert_int_equal(in_topic(&storm.fixture, "front.safety"), storm.copies);
    assert_int_equal(egress_count(storm.fixture.egress, EGRESS_COUNT_BACKLOG), 0);
    assert_int_equal(egress_count(storm.fixture.egress, EGRESS_COUNT_HELD), 0);
    assert_true(egress_dead_letters(storm.fixture.egress, DEAD_OUTPUT_TOO_LARGE) > 0);
    end(&storm.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_is_done_only_after_delivery),
        cmocka_unit_test(urgent_case_is_done_after_both_copies),
        cmocka_unit_test(frontline_copy_goes_without_a_record_where_there_is_none),
        cmocka_unit_test(calm_message_is_written_or_only_counted),
        cmocka_unit_test(dead_letter_is_counted_by_reason),
        cmocka_unit_test(full_sink_fills_the_backlog_in_order),
        cmocka_unit_test(sink_that_is_full_without_pending_is_tried_again),
        cmocka_unit_test(step_stops_at_its_bound_and_goes_on),
        cmocka_unit_test(failed_record_is_produced_again_after_a_wait),
        cmocka_unit_test(topic_that_may_not_be_written_waits),
        cmocka_unit_test(case_over_the_brokers_limit_becomes_a_dead_letter),
        cmocka_unit_test(dead_letter_shrinks_until_it_fits),
        cmocka_unit_test(what_fits_in_no_form_waits_and_is_not_lost),
        cmocka_unit_test(dead_letter_for_its_size_starts_by_reference),
        cmocka_unit_test(fatal_sink_stops_everything_and_loses_nothing),
        cmocka_unit_test(law_counts_by_slot_and_parity_of_epochs),
        cmocka_unit_test(start_fails_cleanly),
        cmocka_unit_test(nothing_is_lost_or_doubled_under_random_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
