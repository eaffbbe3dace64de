/**
 * Reading topics and putting dead letters back, with every answer that a broker can give.
 *
 * Goal:   no refusal, silence or lack of memory is taken for the end of a topic, for a message that
 * is gone, or for a replay that was done. Method: fake_kafka.h in librdkafka's place; the flow test
 * runs the same code on a mock cluster.
 */
#include "cli/dead_letters_record.c"
#include "cli/dead_letters_replay.c"
#include "cli/dead_letters_topic.c"

#include "fake_kafka_transactions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup(name, reset)

static struct dead_letters_kafka kafka;
static uint32_t visited;

static int reset(void **state)
{
    (void)state;
    fake_topic_reset(2);
    kafka = (struct dead_letters_kafka){.topic = "t", .timeout_ms = 5};
    visited = 0;
    return 0;
}

static enum redress_status count_visit(void *context, const rd_kafka_message_t *record)
{
    (void)context;
    (void)record;
    visited++;
    return STATUS_OK;
}

static const struct dead_letters_visitor counting = {.visit = count_visit};

static rd_kafka_message_t *message_at(const char *topic, int64_t offset, rd_kafka_resp_err_t code)
{
    rd_kafka_message_t *message = memory_allocate(sizeof *message);
    assert_non_null(message);
    message->rkt = rd_kafka_topic_new(fake_handle, topic, NULL);
    message->offset = offset;
    message->err = code;
    return message;
}

static void next_is(int64_t offset, rd_kafka_resp_err_t code)
{
    fake_push(&fake.consumer, message_at("t", offset, code));
}

static void next_has(const char *topic, int64_t offset, const char *key, const char *value)
{
    rd_kafka_message_t *message = message_at(topic, offset, 0);
    message->key = (void *)(uintptr_t)key;
    message->key_len = strlen(key);
    message->payload = (void *)(uintptr_t)value;
    message->len = strlen(value);
    fake_push(&fake.consumer, message);
}

static void expect_read(enum redress_status status, const char *text)
{
    assert_int_equal(dead_letters_read_topic(&kafka, "t", counting), status);
    if (!strstr(kafka.error, text))
        fail_msg("\"%s\" does not say \"%s\"", kafka.error, text);
}

static void reading_says_what_kept_it_from_a_topic(void **state)
{
    (void)state;
    fake.no_handle = true;
    expect_read(STATUS_INVALID, "no handle");
    assert_int_equal(dead_letters_read_record(&kafka, "t", 0, 0, counting), STATUS_INVALID);
    fake.no_handle = false;
    fake.conf_calls_until_refusal = 1;
    expect_read(STATUS_INVALID, "refused");
    fake.conf_calls_until_refusal = -1;
    char name[600] = {0};
    memset(name, 'n', sizeof name - 1);
    assert_int_equal(dead_letters_read_topic(&kafka, name, counting), STATUS_INVALID);
    assert_non_null(strstr(kafka.error, "nnn"));
    fake.metadata_code = RD_KAFKA_RESP_ERR__TRANSPORT;
    expect_read(STATUS_TIMEOUT, "no broker answers");
    fake.metadata_code = 0;
    fake_topic.err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    expect_read(STATUS_NOT_FOUND, "t: ");
    fake_topic.err = 0;
    fake_topic.partition_cnt = 2;
    fake_more.watermarks = fake_refuse(0, RD_KAFKA_RESP_ERR__TIMED_OUT);
    expect_read(STATUS_TIMEOUT, "t: ");
    assert_int_equal(visited, 0);
}

static void reading_says_what_stopped_it(void **state)
{
    (void)state;
    next_is(0, 0);
    expect_read(STATUS_TIMEOUT, "nothing was read"); /* a record, then silence */
    assert_int_equal(visited, 1);
    fake.assign = RD_KAFKA_RESP_ERR__INVALID_ARG;
    expect_read(STATUS_IO, "assigning failed");
    fake.assign = 0;
    next_is(0, RD_KAFKA_RESP_ERR__AUTHENTICATION);
    expect_read(STATUS_IO, "reading failed");
    assert_int_equal(visited, 1);
}

static void reading_ends_where_the_topic_ended_when_it_began(void **state)
{
    (void)state;
    next_is(0, 0);
    next_is(1, 0);
    expect_read(STATUS_OK, "");
    assert_int_equal(visited, 2);
    next_is(0, 0);
    next_is(2, RD_KAFKA_RESP_ERR__PARTITION_EOF); /* the last one was compacted away */
    expect_read(STATUS_OK, "");
    assert_int_equal(visited, 3);
    next_is(7, 0); /* all of it was, and this one came meanwhile */
    expect_read(STATUS_OK, "");
    assert_int_equal(visited, 3);
}

static void only_the_record_asked_for_is_found(void **state)
{
    (void)state;
    fake.low = 1;
    fake.high = 5;
    static const struct {
        int64_t offset;
        int64_t answer;
        enum redress_status status;
    } rows[] = {{0, -1, STATUS_NOT_FOUND},
                {5, -1, STATUS_NOT_FOUND},
                {3, 4, STATUS_NOT_FOUND}, /* compacted away */
                {3, 3, STATUS_OK}};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        if (rows[row].answer >= 0)
            next_is(rows[row].answer, 0);
        assert_int_equal(dead_letters_read_record(&kafka, "t", 0, rows[row].offset, counting),
                         rows[row].status);
    }
    assert_int_equal(visited, 1);
    assert_int_equal(dead_letters_read_record(&kafka, "t", 0, 3, counting), STATUS_TIMEOUT);
}

static void a_topic_that_does_not_answer_is_not_gone(void **state)
{
    (void)state;
    static const rd_kafka_resp_err_t gone[] = {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
                                               RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                                               RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
    for (size_t row = 0; row < sizeof gone / sizeof gone[0]; row++) {
        fake_more.watermarks = fake_refuse(0, gone[row]);
        assert_int_equal(dead_letters_read_record(&kafka, "t", 0, 0, counting), STATUS_NOT_FOUND);
    }
    fake_more.watermarks = fake_refuse(0, RD_KAFKA_RESP_ERR__TIMED_OUT);
    assert_int_equal(dead_letters_read_record(&kafka, "t", 0, 0, counting), STATUS_TIMEOUT);
    assert_non_null(strstr(kafka.error, "t: "));
}

/* Marks. */

static struct dead_letter letter_of(uint64_t high, uint64_t low, int32_t partition, int64_t offset)
{
    return (struct dead_letter){.case_id = {.high = high, .low = low},
                                .topic = "in",
                                .own_partition = partition,
                                .own_offset = offset,
                                .payload = {.data = "v", .size = 1},
                                .payload_bytes = 1,
                                .payload_whole = true};
}

#define ID_HEAD "000000000000000"

static void marks_are_told_apart_by_each_of_their_parts(void **state)
{
    (void)state;
    static const char *const keys[] = {ID_HEAD "2" ID_HEAD "2/1/7", ID_HEAD "1" ID_HEAD "1/0/5",
                                       ID_HEAD "1" ID_HEAD "2/1/5", ID_HEAD "1" ID_HEAD "2/1/7",
                                       ID_HEAD "1" ID_HEAD "2/0/5"};
    struct dead_letters_marks marks;
    fake.high = 5;
    for (int64_t offset = 0; offset < 5; offset++)
        next_has("t.replayed", offset, keys[offset], "v");
    assert_int_equal(dead_letters_marks_load(&kafka, &marks), STATUS_OK);
    assert_int_equal(marks.count, 5);
    const struct dead_letter there[] = {letter_of(2, 2, 1, 7), letter_of(1, 1, 0, 5),
                                        letter_of(1, 2, 1, 5), letter_of(1, 2, 1, 7),
                                        letter_of(1, 2, 0, 5)};
    const struct dead_letter absent[] = {letter_of(3, 2, 1, 7), letter_of(1, 3, 0, 5),
                                         letter_of(1, 2, 2, 5), letter_of(1, 2, 1, 6)};
    for (size_t index = 0; index < sizeof there / sizeof there[0]; index++)
        assert_true(dead_letters_marks_has(&marks, &there[index]));
    for (size_t index = 0; index < sizeof absent / sizeof absent[0]; index++)
        assert_false(dead_letters_marks_has(&marks, &absent[index]));
    dead_letters_marks_free(&marks);
}

static void marks_that_cannot_be_kept_end_the_loading(void **state)
{
    (void)state;
    struct dead_letters_marks marks;
    next_has("t.replayed", 0, ID_HEAD "1" ID_HEAD "1/0/5", "v");
    memory_fail_after(0);
    assert_int_equal(dead_letters_marks_load(&kafka, &marks), STATUS_MEMORY);
    memory_fail_after(-1);
    dead_letters_marks_free(&marks);
    fake_topic.err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    assert_int_equal(dead_letters_marks_load(&kafka, &marks), STATUS_OK); /* there are none yet */
    assert_int_equal(marks.count, 0);
}

/* Replay. */

static struct dead_letters_replay *open_replay(void)
{
    struct dead_letters_replay *replay;
    fake_more.no_marks = true;
    assert_int_equal(dead_letters_replay_open(&kafka, &replay), STATUS_OK);
    return replay;
}

static void expect_no_replay(enum redress_status status, const char *text)
{
    struct dead_letters_replay *replay;
    kafka.error[0] = '\0';
    assert_int_equal(dead_letters_replay_open(&kafka, &replay), status);
    if (!strstr(kafka.error, text))
        fail_msg("\"%s\" does not say \"%s\"", kafka.error, text);
}

static void replay_that_cannot_begin_says_why(void **state)
{
    (void)state;
    memory_fail_after(0);
    expect_no_replay(STATUS_MEMORY, "out of memory");
    memory_fail_after(-1);
    fake.no_handle = true;
    expect_no_replay(STATUS_INVALID, "no handle");
    fake.no_handle = false;
    fake_more.init = fake_refuse(0, RD_KAFKA_RESP_ERR__TIMED_OUT);
    expect_no_replay(STATUS_TIMEOUT, "taking the transactional id");
    fake.metadata_code = RD_KAFKA_RESP_ERR__TRANSPORT;
    expect_no_replay(STATUS_TIMEOUT, "no broker answers");
    fake.metadata_code = 0;
    next_has("t.replayed", 0, "k",
             "v"); /* the topic of the marks is there; then nothing more is read */
    expect_no_replay(STATUS_TIMEOUT, "nothing was read");
}

static void topic_of_the_marks_is_created_once(void **state)
{
    (void)state;
    struct dead_letters_replay *replay;
    fake_topic.err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    static const rd_kafka_resp_err_t good[] = {RD_KAFKA_RESP_ERR_NO_ERROR,
                                               RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS};
    for (size_t row = 0; row < sizeof good / sizeof good[0]; row++) {
        fake_more.created = good[row];
        assert_int_equal(dead_letters_replay_open(&kafka, &replay), STATUS_OK);
        dead_letters_replay_close(replay);
    }
    fake_more.created = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    expect_no_replay(STATUS_DENIED, "create it with cleanup.policy=compact");
    fake.commit_answer = RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE; /* of the event as a whole */
    expect_no_replay(STATUS_DENIED, "cannot be created");
    fake.silent = true;
    expect_no_replay(STATUS_DENIED, "imed out");
    fake_more.no_new_topic = true;
    expect_no_replay(STATUS_DENIED, "cannot be created");
}

static void refused_transaction_puts_nothing_back(void **state)
{
    (void)state;
    struct dead_letters_replay *replay = open_replay();
    struct dead_letter letter = letter_of(1, 1, 0, 0);
    static const struct {
        struct fake_refusal begin, produce, commit;
    } rows[] = {
        {{0, RD_KAFKA_RESP_ERR__STATE}, {-1, 0}, {-1, 0}},
        {{-1, 0}, {0, RD_KAFKA_RESP_ERR__QUEUE_FULL}, {-1, 0}}, /* the original */
        {{-1, 0}, {1, RD_KAFKA_RESP_ERR__QUEUE_FULL}, {-1, 0}}, /* its mark */
        {{-1, 0}, {-1, 0}, {0, RD_KAFKA_RESP_ERR__TIMED_OUT}},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        fake_more.begin = rows[row].begin;
        fake_more.produce = rows[row].produce;
        fake_more.commit = rows[row].commit;
        kafka.error[0] = '\0';
        assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_FAILED);
        assert_non_null(strstr(kafka.error, "refused"));
        assert_int_equal(fake_more.aborted, row);
    }
    assert_int_equal(fake_more.committed, 0);
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_REPLAYED);
    assert_int_equal(fake_more.committed, 1);
    dead_letters_replay_close(replay);
}

static void message_that_died_twice_is_put_back_once(void **state)
{
    (void)state;
    struct dead_letters_replay *replay = open_replay();
    struct dead_letter letter = letter_of(1, 1, 0, 0);
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_REPLAYED);
    assert_int_equal(fake_more.produced, 2);
    struct dead_letter again = letter_of(1, 1, 0, 1);
    fake_more.commit = fake_refuse(0, RD_KAFKA_RESP_ERR__TIMED_OUT);
    assert_int_equal(dead_letters_replay_one(replay, &again), DEAD_LETTERS_FAILED);
    assert_int_equal(dead_letters_replay_one(replay, &again), DEAD_LETTERS_ALREADY);
    assert_int_equal(fake_more.produced, 4); /* marks only */
    struct dead_letter other = letter_of(1, 2, 0, 2);
    struct dead_letter another = letter_of(2, 1, 0, 3);
    assert_int_equal(dead_letters_replay_one(replay, &other), DEAD_LETTERS_REPLAYED);
    assert_int_equal(dead_letters_replay_one(replay, &another), DEAD_LETTERS_REPLAYED);
    dead_letters_replay_close(replay);
}

static void replay_without_memory_for_its_mark_stops(void **state)
{
    (void)state;
    struct dead_letters_replay *replay = open_replay();
    struct dead_letter letter = letter_of(1, 1, 0, 0);
    memory_fail_after(0);
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_FAILED);
    memory_fail_after(-1);
    assert_string_equal(kafka.error, "out of memory");
    dead_letters_replay_close(replay);
}

static void letter_by_reference_is_fetched_whole(void **state)
{
    (void)state;
    static char many[2 * MESSAGE_HEADERS_MAX]; /* the fake gives a header for each byte */
    memset(many, 'v', sizeof many - 1);
    struct dead_letters_replay *replay = open_replay();
    static const char *const values[] = {"", "vv", many, "vv"};
    for (uint64_t row = 0; row < 4; row++) {
        struct dead_letter letter = letter_of(3, row, 0, 0);
        letter.payload_whole = row == 0;
        letter.key_cut = row == 0; /* each of these makes it a reference */
        letter.payload_bytes = strlen(values[row]);
        letter.payload_hash = hash_bytes(values[row], strlen(values[row]));
        next_has("in", 0, "k", values[row]);
        fake.headers_refused = row == 3;
        assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_REPLAYED);
        /* And the case id's own. */
        static const size_t expected[] = {1, 3, MESSAGE_HEADERS_MAX + 1, 1};
        assert_int_equal(fake_more.headers, expected[row]);
    }
    dead_letters_replay_close(replay);
}

static void letter_by_reference_that_cannot_be_fetched_is_told(void **state)
{
    (void)state;
    struct dead_letters_replay *replay = open_replay();
    struct dead_letter letter = letter_of(1, 1, 0, 0);
    letter.headers_cut = true;
    letter.payload_hash = hash_bytes("v", 1);
    next_has("in", 0, "k", "w");
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_OTHER_SOURCE);
    next_has("in", 0, "k", "longer");
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_OTHER_SOURCE);
    next_has("in", 0, "k", "v");
    fake_more.commit = fake_refuse(0, RD_KAFKA_RESP_ERR__TIMED_OUT);
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_FAILED);
    fake.no_handle = true;
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_FAILED);
    fake.no_handle = false;
    fake.low = 1;
    assert_int_equal(dead_letters_replay_one(replay, &letter), DEAD_LETTERS_GONE);
    dead_letters_replay_close(replay);
}

int main(void)
{
    if (!FAKE_IS_POSSIBLE)
        return FAKE_SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(reading_says_what_kept_it_from_a_topic),
        TEST(reading_says_what_stopped_it),
        TEST(reading_ends_where_the_topic_ended_when_it_began),
        TEST(only_the_record_asked_for_is_found),
        TEST(a_topic_that_does_not_answer_is_not_gone),
        TEST(marks_are_told_apart_by_each_of_their_parts),
        TEST(marks_that_cannot_be_kept_end_the_loading),
        TEST(replay_that_cannot_begin_says_why),
        TEST(topic_of_the_marks_is_created_once),
        TEST(refused_transaction_puts_nothing_back),
        TEST(message_that_died_twice_is_put_back_once),
        TEST(replay_without_memory_for_its_mark_stops),
        TEST(letter_by_reference_is_fetched_whole),
        TEST(letter_by_reference_that_cannot_be_fetched_is_told),
    };
    return cmocka_run_group_tests(tests, fake_open_handle, fake_close_handle);
}
