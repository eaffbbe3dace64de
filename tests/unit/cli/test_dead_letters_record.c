/**
 * Reading dead letters back: what egress wrote comes out as it went in, anything else is refused.
 *
 * Thousands of random messages (seed printed) go through the encoder of egress and the parser; then
 * records that lack a field, have it in another type or are cut short.
 */
#include "cli/dead_letters_record.c"

#include "unit/egress/messages.h"

#include <stdlib.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { OUT_BYTES = 2 * 1024 * 1024, RANDOM_MESSAGES = 1000 };

static char out[OUT_BYTES];

static void assert_same_bytes(struct slice left, struct slice right)
{
    assert_int_equal(left.data == NULL, right.data == NULL);
    assert_int_equal(left.size, right.size);
    if (left.size)
        assert_memory_equal(left.data, right.data, left.size);
}

static void whole_record_comes_back_as_it_was(void **state)
{
    (void)state;
    static struct message message;
    static struct message_header headers[MESSAGE_HEADERS_MAX];
    struct test_random random = {.state = (uint64_t)time(NULL)};
    print_message("seed %llu\n", (unsigned long long)random.state);
    char *room = malloc(TEST_ROOM_BYTES);
    struct record_names names = test_names();
    for (int index = 0; index < RANDOM_MESSAGES; index++) {
        test_random_message(&random, &message, headers, room);
        size_t size;
        assert_int_equal(
            record_encode_dead_letter(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
            STATUS_OK);
        struct arena arena = {0};
        struct dead_letter letter;
        assert_int_equal(dead_letter_parse(out, size, &arena, &letter), STATUS_OK);
        assert_true(letter.case_id.high == message.case_id.high);
        assert_true(letter.case_id.low == message.case_id.low);
        assert_string_equal(letter.reason, redress_dead_reason_name(message.dead_reason));
        assert_string_equal(letter.topic, message.topic);
        assert_int_equal(letter.partition, message.partition);
        assert_true(letter.offset == message.offset);
        assert_true(letter.payload_hash == message.payload_hash);
        assert_int_equal(letter.payload_bytes, message.payload_size_original);
        assert_same_bytes(letter.key, message.key);
        assert_same_bytes(letter.payload, message.payload);
        assert_int_equal(letter.header_count, message.header_count);
        for (unsigned header = 0; header < letter.header_count; header++) {
            assert_same_bytes(letter.headers[header].name, headers[header].name);
            assert_same_bytes(letter.headers[header].value, headers[header].value);
        }
        assert_int_equal(dead_letter_is_whole(&letter),
                         message.payload.size == message.payload_size_original);
        arena_free(&arena);
    }
    free(room);
}

static void record_by_reference_is_not_whole(void **state)
{
    (void)state;
    static char payload[DEAD_LETTER_BYTES_MAX + 1];
    struct slice large = {.data = payload, .size = sizeof payload};
    struct record_names names = test_names();
    for (int part = 0; part < 3; part++) {
        struct message message = test_message();
        struct message_header header = {test_slice("name"), large};
        message.dead_reason = DEAD_NOT_JSON;
        if (part == 0)
            message.payload = large;
        if (part == 1)
            message.key = large;
        if (part == 2)
            message.headers = &header;
        message.header_count = part == 2;
        message.payload_size_original = message.payload.size;
        size_t size;
        assert_int_equal(
            record_encode_dead_letter(&message, &names, RECORD_HEAD, out, sizeof out, &size),
            STATUS_OK);
        struct arena arena = {0};
        struct dead_letter letter;
        assert_int_equal(dead_letter_parse(out, size, &arena, &letter), STATUS_OK);
        assert_false(dead_letter_is_whole(&letter));
        arena_free(&arena);
    }
}

/* Replaces the first `from` in a good record by `to`; the result must be refused. */
static void refuse_with(const char *from, const char *to)
{
    struct message message = test_message();
    struct message_header header = {test_slice("name"), test_slice("value")};
    struct record_names names = test_names();
    message.headers = &header;
    message.header_count = 1;
    message.dead_reason = DEAD_NOT_JSON;
    message.decided_ns = 0;
    size_t size;
    assert_int_equal(
        record_encode_dead_letter(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
        STATUS_OK);
    out[size] = '\0';
    char *place = strstr(out, from);
    assert_non_null(place);
    static char changed[OUT_BYTES];
    int changed_size = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(place - out), out, to,
                                place + strlen(from));
    struct arena arena = {0};
    struct dead_letter letter;
    enum redress_status status = dead_letter_parse(changed, (size_t)changed_size, &arena, &letter);
    if (status != STATUS_INVALID)
        fail_msg("taken with %s in place of %s", to, from);
    arena_free(&arena);
}

static void wrong_fields_are_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"redress.dead-letter/1", "redress.dead-letter/2"},
        {"\"schema\":", "\"scheme\":"},
        {"\"case_id\":\"0", "\"case_id\":\"X"},
        {"\"case_id\":", "\"case\":"},
        {"\"reason\":\"not_json\"", "\"reason\":1"},
        {"\"detail\":", "\"details\":"},
        {"\"channel\":", "\"channels\":"},
        {"\"source\":{", "\"sauce\":{"},
        {"\"topic\":", "\"topics\":"},
        {"\"partition\":2", "\"partition\":-2"},
        {"\"partition\":2", "\"partition\":4294967296"},
        {"\"offset\":4711", "\"offset\":\"4711\""},
        {"\"key_base64\":null", "\"key_base64\":\"!\""},
        {"\"key_base64\":null", "\"key_base64\":7"},
        {"\"key_cut\":false", "\"key_cut\":0"},
        {"\"headers\":[", "\"heads\":["},
        {"\"headers_cut\":false", "\"headers_cut\":null"},
        {"\"headers\":[{", "\"headers\":[1,{"},
        {"\"name_base64\":\"", "\"name_base64\":\"?"},
        {"\"value_base64\":\"", "\"value_base64\":\"?"},
        {"\"payload\":{", "\"payloads\":{"},
        {"\"bytes\":", "\"bits\":"},
        {"\"hash\":\"0", "\"hash\":\"x"},
        {"\"hash\":\"0", "\"hash\":\""},
        {"\"hash\":\"0123456789abcdef\"", "\"hash\":1"},
        {"\"whole\":true", "\"whole\":1"},
        {"\"base64\":\"", "\"base64\":\"?"},
        {"}", ""},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
        refuse_with(rows[row][0], rows[row][1]);
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "[]", "7", "\"text\"", "null", "{}", "\xff", "{\"a\":"};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct arena arena = {0};
        struct dead_letter letter;
        assert_int_equal(dead_letter_parse(rows[row], strlen(rows[row]), &arena, &letter),
                         STATUS_INVALID);
        arena_free(&arena);
    }
}

static void too_many_headers_are_refused(void **state)
{
    (void)state;
    char many[64 + 64 * 80] = "\"headers\":[";
    size_t used = strlen(many);
    for (int index = 0; index < MESSAGE_HEADERS_MAX; index++)
        used += (size_t)snprintf(many + used, sizeof many - used,
                                 "{\"name_base64\":\"\",\"value_base64\":null},");
    refuse_with("\"headers\":[", many);
}

static void memory_that_is_out_is_said(void **state)
{
    (void)state;
    static char payload[DEAD_LETTER_BYTES_MAX - 1]; /* more than the rest of its block can hold */
    struct message message = test_message();
    struct record_names names = test_names();
    message.dead_reason = DEAD_NOT_JSON;
    message.key = test_slice("key");
    message.payload = (struct slice){.data = payload, .size = sizeof payload};
    message.payload_size_original = message.payload.size;
    size_t size;
    assert_int_equal(
        record_encode_dead_letter(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
        STATUS_OK);
    enum redress_status status = STATUS_MEMORY;
    for (long calls = 0; status != STATUS_OK; calls++) {
        assert_true(calls < 100);
        struct arena arena = {0};
        struct dead_letter letter;
        memory_fail_after(calls);
        status = dead_letter_parse(out, size, &arena, &letter);
        memory_fail_after(-1);
        assert_true(status == STATUS_OK || status == STATUS_MEMORY);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_record_comes_back_as_it_was),
        cmocka_unit_test(record_by_reference_is_not_whole),
        cmocka_unit_test(wrong_fields_are_refused),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(too_many_headers_are_refused),
        cmocka_unit_test(memory_that_is_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
