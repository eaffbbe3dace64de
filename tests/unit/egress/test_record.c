/**
 * Records: what egress writes is valid JSON, follows the published schemas, and holds what the
 * message held.
 *
 * Some records are compared byte by byte; thousands of random messages (seed printed; EGRESS_SEED
 * sets it) are encoded and handed to a JSON Schema validator in Python, strictly. The validator
 * itself is shown to fail.
 */
#include "egress/record.h"

#include "unit/egress/messages.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { OUT_BYTES = 2 * 1024 * 1024, RANDOM_MESSAGES = 2000, CHECK_SKIPPED = 77 };

static char out[OUT_BYTES];

static void case_shows_verdict_words_and_history(void **state)
{
    (void)state;
    struct message message = test_message();
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(record_encode_case(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
                     STATUS_OK);
    out[size] = '\0';
    assert_string_equal(
        out, "{\"schema\":\"redress.case/1\",\"case_id\":\"00000000000000010000000000000002\","
             "\"channel\":\"web\",\"source\":{\"topic\":\"in.web\",\"partition\":2,\"offset\":4711,"
             "\"timestamp_ms\":1700000000000},\"flags\":[],\"revision\":0,\"queue\":\"safety\","
             "\"id\":\"m-1\",\"customer\":\"c-1\",\"time\":null,\"text\":\"I was hurt\","
             "\"text_bytes\":10,\"attributes\":null,\"verdict\":{\"language\":\"en\","
             "\"complaint\":true,\"severity\":2,\"severity_name\":\"moderate\",\"urgent\":false,"
             "\"categories\":[\"staff\"],\"traits\":[\"safety\"],\"score\":2.5,\"undecided\":false,"
             "\"rules\":[{\"id\":\"en.safety.hurt\",\"start\":6,\"end\":10,\"matched\":\"hurt\","
             "\"why\":\"somebody is \\\"hurt\\\"\"}],\"rules_fired\":1,"
             "\"rule_set\":\"000000000000feed\"},\"recurrence\":{\"history\":\"whole\","
             "\"repeat\":false,\"redelivered\":false,\"complaints_1h\":0,\"complaints_1d\":0,"
             "\"complaints_7d\":0,\"complaints_30d\":0,\"last_complaint_ms\":null},"
             "\"latency_us\":45}");
}

static void calm_message_shows_no_words(void **state)
{
    (void)state;
    struct message message = test_message();
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(record_encode_calm(&message, &names, out, sizeof out, &size), STATUS_OK);
    out[size] = '\0';
    assert_null(strstr(out, "I was"));
    assert_null(strstr(out, "matched"));
    assert_non_null(strstr(out, "\"start\":6,\"end\":10"));
}

static void smaller_case_forms_lose_text_first(void **state)
{
    (void)state;
    static char text[3 * RECORD_TEXT_HEAD_BYTES_MAX];
    for (size_t index = 0; index + 3 <= sizeof text; index += 3)
        memcpy(text + index, "€", 3);
    struct message message = test_message();
    message.text = (struct slice){.data = text, .size = sizeof text};
    message.attributes = test_slice("{\"kept\":1}");
    struct record_names names = test_names();
    size_t sizes[RECORD_FORM_COUNT];
    for (unsigned form = 0; form < RECORD_FORM_COUNT; form++) {
        assert_int_equal(record_encode_case(&message, &names, (enum record_form)form, out,
                                            sizeof out, &sizes[form]),
                         STATUS_OK);
        out[sizes[form]] = '\0';
        assert_int_equal(strstr(out, "\"kept\":1") != NULL, form == RECORD_WHOLE);
        assert_non_null(strstr(out, "\"text_bytes\":12288"));
    }
    assert_true(sizes[RECORD_WHOLE] - sizes[RECORD_HEAD] > 2 * RECORD_TEXT_HEAD_BYTES_MAX);
    assert_true(sizes[RECORD_HEAD] - sizes[RECORD_BARE] > RECORD_TEXT_HEAD_BYTES_MAX - 10);
    assert_non_null(strstr(out, "\"text\":\"\""));
}

static void long_match_is_cut_between_characters(void **state)
{
    (void)state;
    char text[401] = "a"; /* the cut at 160 bytes would fall into a character */
    for (size_t index = 0; index < 100; index++)
        memcpy(text + 1 + 3 * index, "€", 3);
    struct message message = test_message();
    message.text = (struct slice){.data = text, .size = 301};
    message.hits[0] = (struct verdict_hit){.start = 0, .end = 301};
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(record_encode_case(&message, &names, RECORD_BARE, out, sizeof out, &size),
                     STATUS_OK);
    assert_int_equal(record_encode_case(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
                     STATUS_OK);
    out[size] = '\0';
    const char *matched = strstr(out, "\"matched\":\"") + strlen("\"matched\":\"");
    assert_int_equal(strchr(matched, '"') - matched, 1 + 53 * 3);
}

static void match_without_the_start_of_a_character_shows_nothing(void **state)
{
    (void)state;
    char text[400];
    memset(text, '\x80', sizeof text); /* no view gives that; nothing before it may be read */
    struct message message = test_message();
    message.text = (struct slice){.data = text, .size = sizeof text};
    message.hits[0] = (struct verdict_hit){.start = 0, .end = sizeof text};
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(record_encode_case(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
                     STATUS_OK);
    out[size] = '\0';
    assert_non_null(strstr(out, "\"matched\":\"\""));
}

static void hit_outside_the_text_is_never_read(void **state)
{
    (void)state;
    struct message message = test_message();
    struct record_names names = test_names();
    const struct verdict_hit wrong[] = {{.start = 3, .end = 11}, {.start = 5, .end = 4}};
    for (int index = 0; index < 2; index++) {
        message.hits[0] = wrong[index];
        size_t size;
        assert_int_equal(record_encode_case(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
                         STATUS_OK);
        out[size] = '\0';
        assert_non_null(strstr(out, "\"matched\":\"\""));
    }
}

static void dead_letter_keeps_key_headers_and_bytes(void **state)
{
    (void)state;
    struct message_header headers[] = {{test_slice("trace"), test_slice("\xff")},
                                       {test_slice("null"), {0}}};
    struct message message = test_message();
    message.payload = (struct slice){.data = "\x00\xff{", .size = 3};
    message.payload_size_original = 3;
    message.decided_ns = 0;
    message.key = test_slice("k");
    message.headers = headers;
    message.header_count = 2;
    message.dead_reason = DEAD_NOT_JSON;
    snprintf(message.dead_detail, sizeof message.dead_detail, "no value at byte 0");
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(
        record_encode_dead_letter(&message, &names, RECORD_WHOLE, out, sizeof out, &size),
        STATUS_OK);
    out[size] = '\0';
    assert_non_null(strstr(
        out, "\"flags\":[],\"reason\":\"not_json\",\"detail\":\"no value at byte 0\","
             "\"rule_set\":\"000000000000feed\",\"verdict\":null,\"key_base64\":\"aw==\","
             "\"key_cut\":false,\"headers\":[{\"name_base64\":\"dHJhY2U=\","
             "\"value_base64\":\"/w==\"},{\"name_base64\":\"bnVsbA==\",\"value_base64\":null}],"
             "\"headers_cut\":false,\"payload\":{\"bytes\":3,\"hash\":\"0123456789abcdef\","
             "\"whole\":true,\"base64\":\"AP97\"}}"));
}

static void dead_letter_by_reference_keeps_the_head(void **state)
{
    (void)state;
    static char payload[DEAD_LETTER_BYTES_MAX + 100];
    struct message_header headers[] = {{test_slice("small"), test_slice("v")},
                                       {test_slice("large"), {payload, sizeof payload}},
                                       {test_slice("last"), test_slice("v")}};
    struct message message = test_message();
    message.payload = (struct slice){.data = payload, .size = sizeof payload};
    message.payload_size_original = sizeof payload;
    message.key = message.payload;
    message.headers = headers;
    message.header_count = 3;
    message.dead_reason = DEAD_OUTPUT_TOO_LARGE;
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(
        record_encode_dead_letter(&message, &names, RECORD_HEAD, out, sizeof out, &size),
        STATUS_OK);
    assert_in_range(size, DEAD_LETTER_BYTES_MAX * 4 / 3, DEAD_LETTER_BYTES_MAX * 4 / 3 + 2000);
    out[size] = '\0';
    assert_non_null(strstr(out, "\"whole\":false"));
    assert_non_null(strstr(out, "\"headers_cut\":true"));
    assert_non_null(strstr(out, "\"key_base64\":null,\"key_cut\":true"));
    assert_int_equal(
        record_encode_dead_letter(&message, &names, RECORD_BARE, out, sizeof out, &size),
        STATUS_OK);
    out[size] = '\0';
    assert_true(size < 1500);
    assert_non_null(strstr(out, "\"headers\":[],\"headers_cut\":true"));
    assert_non_null(strstr(out, "\"base64\":\"\""));
}

static void detail_cut_inside_a_character_stays_valid(void **state)
{
    (void)state;
    static const struct {
        const char *detail;
        const char *shown;
    } rows[] = {{"key ż", "key ż"},
                {"key \xC5", "key "},
                {"key \xE2\x82", "key "},
                {"key \xF0\x9F\x98", "key "},
                {"\xE2\x82\xAC", "\xE2\x82\xAC"},
                {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
                {"\x82", ""},
                {"", ""}};
    struct record_names names = test_names();
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct message message = test_message();
        message.dead_reason = DEAD_WRONG_TYPE;
        snprintf(message.dead_detail, sizeof message.dead_detail, "%s", rows[row].detail);
        size_t size;
        assert_int_equal(
            record_encode_dead_letter(&message, &names, RECORD_BARE, out, sizeof out, &size),
            STATUS_OK);
        out[size] = '\0';
        char expected[64];
        snprintf(expected, sizeof expected, "\"detail\":\"%s\"", rows[row].shown);
        assert_non_null(strstr(out, expected));
    }
}

static void every_short_buffer_is_refused(void **state)
{
    (void)state;
    struct message message = test_message();
    struct record_names names = test_names();
    for (int kind = 0; kind < 3; kind++) {
        size_t size = 0;
        size_t whole = 0;
        for (size_t room = 0; room < 4000 && !whole; room++) {
            /* Of its exact size, so that the sanitizer sees a byte too many. */
            char *exact = malloc(room + 1);
            enum redress_status status =
                kind == 0 ? record_encode_case(&message, &names, RECORD_WHOLE, exact, room, &size)
                : kind == 1
                    ? record_encode_calm(&message, &names, exact, room, &size)
                    : record_encode_dead_letter(&message, &names, RECORD_WHOLE, exact, room, &size);
            assert_true(status == STATUS_OK || status == STATUS_TOO_LARGE);
            if (status == STATUS_OK)
                whole = size;
            free(exact);
        }
        assert_in_range(whole, 300, 3999);
    }
}

static void reasons_have_names_and_back(void **state)
{
    (void)state;
    for (unsigned reason = DEAD_NONE + 1; reason < DEAD_REASON_COUNT; reason++) {
        enum dead_reason back;
        const char *name = redress_dead_reason_name((enum dead_reason)reason);
        assert_true(redress_dead_reason_parse(name, strlen(name), &back));
        assert_int_equal(back, reason);
    }
    enum dead_reason none;
    assert_false(redress_dead_reason_parse("no such", strlen("no such"), &none));
    assert_string_equal(redress_dead_reason_name((enum dead_reason)DEAD_REASON_COUNT), "unknown");
}

static int check(const char *schema, const char *lines)
{
    char command[1024];
    snprintf(command, sizeof command,
             "/usr/bin/python3 " REDRESS_SOURCE_DIR
             "/tests/unit/egress/check_records.py " REDRESS_SOURCE_DIR "/docs/schemas/%s.json %s",
             schema, lines);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static enum redress_status encode_kind(unsigned kind, const struct message *message,
                                       enum record_form form, size_t *size)
{
    struct record_names names = test_names();
    if (kind == 0)
        return record_encode_case(message, &names, form, out, sizeof out, size);
    if (kind == 1)
        return record_encode_calm(message, &names, out, sizeof out, size);
    return record_encode_dead_letter(message, &names, form, out, sizeof out, size);
}

static void random_records_follow_their_schemas(void **state)
{
    (void)state;
    static const char *const schemas[] = {"case", "calm", "dead-letter"};
    static struct message message;
    static struct message_header headers[MESSAGE_HEADERS_MAX];
    const char *seed_given = getenv("EGRESS_SEED");
    uint64_t seed = seed_given ? strtoull(seed_given, NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    char *room = malloc(TEST_ROOM_BYTES);
    for (unsigned kind = 0; kind < 3; kind++) {
        struct test_random random = {.state = seed + kind};
        char path[] = "/tmp/egress-test-records-XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        FILE *file = fdopen(fd, "w");
        for (unsigned index = 0; index < RANDOM_MESSAGES; index++) {
            test_random_message(&random, &message, headers, room);
            size_t size;
            enum record_form form = (enum record_form)test_next(&random, RECORD_FORM_COUNT);
            assert_int_equal(encode_kind(kind, &message, form, &size), STATUS_OK);
            fwrite(out, 1, size, file);
            fputc('\n', file);
        }
        fclose(file);
        int answer = check(schemas[kind], path);
        unlink(path);
        if (answer == CHECK_SKIPPED) {
            free(room);
            skip();
        }
        assert_int_equal(answer, 0);
    }
    free(room);
}

static void validator_refuses_what_no_schema_names(void **state)
{
    (void)state;
    static const char *const lines[] = {"{}\n", "", "{\"schema\":\"redress.case/1\"}\n",
                                        "not JSON\n"};
    struct message message = test_message();
    for (unsigned index = 0; index <= 4; index++) {
        char path[] = "/tmp/egress-test-records-XXXXXX";
        FILE *file = fdopen(mkstemp(path), "w");
        if (index < 4) {
            fputs(lines[index], file);
        } else {
            size_t size;
            assert_int_equal(encode_kind(0, &message, RECORD_WHOLE, &size), STATUS_OK);
            fprintf(file, "{\"unknown\":1,%.*s\n", (int)size - 1, out + 1);
        }
        fclose(file);
        int answer = check("case", path);
        unlink(path);
        if (answer == CHECK_SKIPPED)
            skip();
        assert_int_equal(answer, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_shows_verdict_words_and_history),
        cmocka_unit_test(calm_message_shows_no_words),
        cmocka_unit_test(smaller_case_forms_lose_text_first),
        cmocka_unit_test(long_match_is_cut_between_characters),
        cmocka_unit_test(match_without_the_start_of_a_character_shows_nothing),
        cmocka_unit_test(hit_outside_the_text_is_never_read),
        cmocka_unit_test(dead_letter_keeps_key_headers_and_bytes),
        cmocka_unit_test(dead_letter_by_reference_keeps_the_head),
        cmocka_unit_test(detail_cut_inside_a_character_stays_valid),
        cmocka_unit_test(every_short_buffer_is_refused),
        cmocka_unit_test(reasons_have_names_and_back),
        cmocka_unit_test(random_records_follow_their_schemas),
        cmocka_unit_test(validator_refuses_what_no_schema_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
