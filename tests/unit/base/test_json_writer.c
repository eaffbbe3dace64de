/**
 * The JSON writer: numbers against printf(3) as oracle, escapes, commas, the full buffer.
 */
#include "base/json_writer.h"

#include "support/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static char out[512];

static const char *finish(struct json_writer *json)
{
    assert_false(json->overflow);
    out[json->size] = '\0';
    return out;
}

static void integers_are_what_printf_writes(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int turn = 0; turn < 20000; turn++) {
        uint64_t number = turn < 3 ? (uint64_t[]){0, UINT64_MAX, (uint64_t)INT64_MIN}[turn]
                                   : random_next(&seed) >> (turn % 64);
        char expected[128];
        snprintf(expected, sizeof expected,
                 "[%" PRIu64 ",%" PRId64 ",\"%016" PRIx64 "\",\"%016" PRIx64 "%016" PRIx64 "\"]",
                 number, (int64_t)number, number, number, ~number);
        struct json_writer json;
        json_start(&json, out, sizeof out);
        json_array_open(&json);
        json_unsigned(&json, number);
        json_integer(&json, (int64_t)number);
        json_hex(&json, number);
        json_hex_128(&json, number, ~number);
        json_array_close(&json);
        assert_string_equal(finish(&json), expected);
    }
}

static void numbers_have_three_digits_at_most(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0, "0.0"},    {2.5, "2.5"},       {-1.25, "-1.25"},      {1.0005, "1.0"},
                {NAN, "null"}, {INFINITY, "null"}, {1e60, "1.000000e+60"}};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct json_writer json;
        json_start(&json, out, sizeof out);
        json_number(&json, rows[row].value);
        const char *text = finish(&json);
        if (row != 3) /* the half may round either way in binary */
            assert_string_equal(text, rows[row].text);
    }
}

static void texts_are_escaped(void **state)
{
    (void)state;
    struct json_writer json;
    json_start(&json, out, sizeof out);
    json_object_open(&json);
    json_key(&json, "k");
    json_string(&json, "\"\\\n\r\t\x01\x7f\xE2\x80\xA8\xE2\x80\xA9\xE2\x82\xAC");
    json_key(&json, "l");
    json_bool(&json, true);
    json_key(&json, "m");
    json_null(&json);
    json_object_close(&json);
    json_newline(&json);
    assert_string_equal(finish(&json),
                        "{\"k\":\"\\\"\\\\\\n\\r\\t\\u0001\\u007f\\u2028\\u2029\xE2\x82"
                        "\xAC\",\"l\":true,\"m\":null}\n");
}

static void full_buffer_is_said_and_not_overrun(void **state)
{
    (void)state;
    for (size_t room = 0; room < 9; room++) {
        struct json_writer json;
        memset(out, '#', sizeof out);
        json_start(&json, out, room);
        json_string(&json, "1234567");
        assert_int_equal(json.overflow, room < 9);
        assert_int_equal(out[room], '#');
        assert_true(json.size <= room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_what_printf_writes),
        cmocka_unit_test(numbers_have_three_digits_at_most),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(full_buffer_is_said_and_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
