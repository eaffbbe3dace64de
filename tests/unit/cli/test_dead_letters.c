/**
 * The command line of redress dead-letters: what it refuses, where it takes its settings from, and
 * what it shows of records that are out of the ordinary.
 *
 * The command runs in-process, its output is caught in memory, and fake_kafka.h stands in
 * librdkafka's place; the flow test runs it on a mock cluster.
 */
#include "cli/dead_letters.c"
#include "cli/dead_letters_record.c"
#include "cli/dead_letters_replay.c"
#include "cli/dead_letters_topic.c"

#include "fake_kafka_transactions.h"
#include "unit/egress/messages.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup(name, reset)

enum { ARGUMENTS_MAX = 2 * IDS_MAX + 16, OUTPUT_MAX = 16 * 1024 };

static char output[OUTPUT_MAX];
static char errors[OUTPUT_MAX];
static char *arguments[ARGUMENTS_MAX + 1];
static int argument_count;

static int reset(void **state)
{
    (void)state;
    fake_topic_reset(1);
    fake_more.no_marks = true;
    return 0;
}

static void add(const char *argument)
{
    assert_true(argument_count < ARGUMENTS_MAX);
    arguments[argument_count] = strdup(argument); /* the command writes into its arguments */
    assert_non_null(arguments[argument_count++]);
}

/* Runs the command with what was added, and forgets it. */
static int run_added(void)
{
    memset(output, 0, sizeof output);
    memset(errors, 0, sizeof errors);
    FILE *kept_out = stdout;
    FILE *kept_err = stderr;
    stdout = fmemopen(output, sizeof output, "w");
    stderr = fmemopen(errors, sizeof errors, "w");
    int code = cli_dead_letters(argument_count, arguments);
    fclose(stdout);
    fclose(stderr);
    stdout = kept_out;
    stderr = kept_err;
    while (argument_count > 0) {
        free(arguments[--argument_count]);
        arguments[argument_count] = NULL;
    }
    return code;
}

static int command(const char *const *words)
{
    add("dead-letters");
    for (; *words; words++)
        add(*words);
    return run_added();
}

#define RUN(...) command((const char *const[]){__VA_ARGS__, NULL})

static void expect_error(int code, int expected, const char *text)
{
    assert_int_equal(code, expected);
    if (!strstr(errors, text))
        fail_msg("\"%s\" does not say \"%s\"", errors, text);
}

/* The record that the topic gives next: a dead letter of this message. */
static void next_is_letter_of(const struct message *message, enum record_form form)
{
    static char value[256 * 1024];
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(record_encode_dead_letter(message, &names, form, value, sizeof value, &size),
                     STATUS_OK);
    rd_kafka_message_t *record = memory_allocate(sizeof *record);
    assert_non_null(record);
    record->rkt = rd_kafka_topic_new(fake_handle, "redress.dead-letters", NULL);
    record->payload = value;
    record->len = size;
    fake_push(&fake.consumer, record);
}

static struct message dead_message(void)
{
    struct message message = test_message();
    message.dead_reason = DEAD_NOT_JSON;
    message.decided_ns = 0;
    return message;
}

static void more_than_there_is_room_for_is_refused(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        add("dead-letters");
        add("list");
        add("--brokers=none:1");
        for (int index = 0; index < DEAD_LETTERS_PROPERTIES_MAX + over; index++) {
            add("-X");
            add("client.id=one");
        }
        expect_error(run_added(), EXIT_USAGE,
                     over ? "too many properties at client.id"
                          : "too many properties at bootstrap.servers");
    }
    add("dead-letters");
    add("list");
    for (int index = 0; index <= IDS_MAX; index++) {
        add("--id");
        add("00000000000000010000000000000002");
    }
    expect_error(run_added(), EXIT_USAGE, "too many ids at 0000000000000001");
}

static void wrong_words_are_refused_even_beside_help(void **state)
{
    (void)state;
    expect_error(RUN("--help", "--unknown"), EXIT_USAGE, "--help says more");
    expect_error(RUN("list", "--reason", "boredom"), EXIT_USAGE, "names the reasons");
    expect_error(RUN("list", "--limit", "x"), EXIT_USAGE, "a limit is a number");
    expect_error(RUN("list", "--reason", "none"), EXIT_USAGE, "names the reasons");
    assert_int_equal(RUN("--help"), EXIT_DONE);
    assert_non_null(strstr(output, "usage: redress dead-letters"));
}

static void write_settings(char path[64])
{
    snprintf(path, 64, "/tmp/redress-dead-letters-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd, "brokers: none:1\n"
                "group: people\n"
                "kafka: {client.id: one, socket.timeout.ms: 1000}\n"
                "channels: [{name: chat, topics: [in.chat]}]\n"
                "rules: " REDRESS_SOURCE_DIR "/tests/kafka/rules\n"
                "outputs: {dead_letters: letters.of.the.file}\n");
    assert_int_equal(close(fd), 0);
}

static void settings_come_from_the_file_unless_the_command_line_says(void **state)
{
    (void)state;
    char path[64];
    write_settings(path);
    fake_topic.err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART; /* the complaint names the topic */
    expect_error(RUN("list", "-c", path), EXIT_ENVIRONMENT, "letters.of.the.file: ");
    expect_error(RUN("list", "-c", path, "--topic", "other", "-b", "elsewhere:1"), EXIT_ENVIRONMENT,
                 "other: ");
    fake.conf_calls_until_refusal = 0;
    expect_error(RUN("list", "-c", path), EXIT_ENVIRONMENT, "client.id=one refused");
    fake.conf_calls_until_refusal = 2;
    expect_error(RUN("list", "-c", path), EXIT_ENVIRONMENT, "bootstrap.servers=none:1 refused");
    fake.conf_calls_until_refusal = 2;
    expect_error(RUN("list", "-c", path, "-b", "elsewhere:1"), EXIT_ENVIRONMENT,
                 "bootstrap.servers=elsewhere:1 refused");
    fake.conf_calls_until_refusal = -1;
    add("dead-letters");
    add("list");
    add("-c");
    add(path);
    for (int index = 0; index < DEAD_LETTERS_PROPERTIES_MAX; index++) {
        add("-X");
        add("client.id=one");
    }
    expect_error(run_added(), EXIT_USAGE, "too many properties at client.id");
    unlink(path);
}

static void what_has_too_long_texts_is_said_in_one_line(void **state)
{
    (void)state;
    struct message message = dead_message();
    static char topic[LINE_BYTES_MAX + 1];
    memset(topic, 't', sizeof topic - 1);
    message.topic = topic;
    next_is_letter_of(&message, RECORD_WHOLE);
    assert_int_equal(RUN("list", "-b", "none:1", "--json"), EXIT_DONE);
    assert_string_equal(output, "{\"error\":\"a dead letter with texts too long to show\"}\n");
}

static void references_are_told_from_whole_records(void **state)
{
    (void)state;
    struct message message = dead_message();
    next_is_letter_of(&message, RECORD_WHOLE);
    assert_int_equal(RUN("list", "-b", "none:1", "--json"), EXIT_DONE);
    assert_non_null(strstr(output, "\"kept\":\"whole\""));
    next_is_letter_of(&message, RECORD_BARE);
    assert_int_equal(RUN("list", "-b", "none:1", "--json"), EXIT_DONE);
    assert_non_null(strstr(output, "\"kept\":\"reference\""));
}

static void nothing_is_shown_that_a_terminal_would_obey(void **state)
{
    (void)state;
    struct message message = dead_message();
    snprintf(message.dead_detail, sizeof message.dead_detail, "\x1b[2J~\x7f");
    next_is_letter_of(&message, RECORD_WHOLE);
    assert_int_equal(RUN("list", "-b", "none:1"), EXIT_DONE);
    assert_non_null(strstr(output, "?[2J~?\n"));
}

static void ids_are_compared_whole(void **state)
{
    (void)state;
    struct message message = dead_message();
    next_is_letter_of(&message, RECORD_WHOLE);
    expect_error(RUN("list", "-b", "none:1", "--id", "00000000000000020000000000000002", "--id",
                     "00000000000000010000000000000003", "--id",
                     "00000000000000010000000000000002"),
                 EXIT_ANSWER_NO, "no dead letter of case 00000000000000020000000000000002");
    assert_non_null(strstr(output, "00000000000000010000000000000002  waiting"));
}

static void lack_of_memory_is_no_foreign_record(void **state)
{
    (void)state;
    struct message message = dead_message();
    int code = EXIT_ENVIRONMENT;
    for (long calls = 0; code != EXIT_DONE; calls++) {
        assert_true(calls < 20);
        next_is_letter_of(&message, RECORD_WHOLE);
        memory_fail_after(calls);
        code = RUN("list", "-b", "none:1");
        memory_fail_after(-1);
        if (code != EXIT_DONE)
            expect_error(code, EXIT_ENVIRONMENT, "out of memory");
    }
    assert_string_equal(errors, "");
    assert_non_null(strstr(output, "waiting"));
}

int main(void)
{
    if (!FAKE_IS_POSSIBLE)
        return FAKE_SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(more_than_there_is_room_for_is_refused),
        TEST(wrong_words_are_refused_even_beside_help),
        TEST(settings_come_from_the_file_unless_the_command_line_says),
        TEST(what_has_too_long_texts_is_said_in_one_line),
        TEST(references_are_told_from_whole_records),
        TEST(nothing_is_shown_that_a_terminal_would_obey),
        TEST(ids_are_compared_whole),
        TEST(lack_of_memory_is_no_foreign_record),
    };
    return cmocka_run_group_tests(tests, fake_open_handle, fake_close_handle);
}
