/** Escapes and numbers are repaired and nothing else: tables of small documents. */
#include "decode/json_repair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void lone_surrogates_are_replaced_and_pairs_stay(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"\\ud83d\\ude00\"", NULL},
        {"\"\\uD83D\\uDE00\"", NULL},
        {"\"\\u0041\\n\\\\\"", NULL},
        {"\"\\\\ud83d\"", NULL}, /* an escaped backslash and letters */
        {"\"\\ud83\"", NULL},
        {"\"\\ud83z\"", NULL},
        {"\"\\ud83d\"", "\"\\uFFFD\""},
        {"\"\\ude00\"", "\"\\uFFFD\""},
        {"\"\\ude00\\ud83d\"", "\"\\uFFFD\\uFFFD\""},
        {"\"\\ud83d\\ud83d\\ude00\"", "\"\\uFFFD\\ud83d\\ude00\""},
        {"\"\\ud83d\\u0041\"", "\"\\uFFFD\\u0041\""},
        {"\"\\ud83d\\\\ude00\"", "\"\\uFFFD\\\\ude00\""},
        {"\"\\ud83dx\\ude00\"", "\"\\uFFFDx\\uFFFD\""},
        {"\\ud83d", "\\uFFFD"},
        {"\\", NULL},
        {"", NULL},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        char bytes[64];
        size_t size = strlen(cases[index][0]);
        memcpy(bytes, cases[index][0], size);
        assert_int_equal(json_has_lone_surrogate(bytes, size), cases[index][1] != NULL);
        json_replace_lone_surrogates(bytes, size);
        assert_memory_equal(bytes, cases[index][cases[index][1] != NULL], size);
    }
}

static void only_numbers_that_may_not_fit_become_strings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[1,-2,3.5,1e9,0]", "[1,-2,3.5,1e9,0]"},
        {"[123456789012345678]", "[123456789012345678]"},
        {"[1234567890123456789]", "[\"\\u00001234567890123456789\"]"},
        {"{\"a\": -18446744073709551616}", "{\"a\": \"\\u0000-18446744073709551616\"}"},
        {"1e400", "\"\\u00001e400\""},
        {"[1E+999 ]", "[\"\\u00001E+999\" ]"},
        {"[\"1e400\",\"12345678901234567890\"]", "[\"1e400\",\"12345678901234567890\"]"},
        {"[\"\\\"1e400\"]", "[\"\\\"1e400\"]"},
        {"[\"\\u0000a\"]", "[\"\\u0000\\u0000a\"]"},
        {"{\"\\u0000k\" : 1e400}", "{\"\\u0000k\" : \"\\u00001e400\"}"},
        /* No number by the grammar: left for the parser to refuse. */
        {"[01234567890123456789]", "[01234567890123456789]"},
        {"[12345678901234567890x]", "[12345678901234567890x]"},
        {"[1.e400]", "[1.e400]"},
        {"[+1e400]", "[+1e400]"},
        {"[--1e400]", "[--1e400]"},
        {"[\"a\"1e400]", "[\"a\"1e400]"},
        {"\"open", "\"open"},
        {"\"open\\", "\"open\\"},
        {"-", "-"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        char out[128];
        size_t size = strlen(cases[index][0]);
        size_t written = json_rewrite_numbers(cases[index][0], size, out, sizeof out);
        assert_int_equal(written, strlen(cases[index][1]));
        assert_memory_equal(out, cases[index][1], written);
        assert_true(written <= 3 * size);
    }
}

static void rewriting_stops_where_the_buffer_ends(void **state)
{
    (void)state;
    char out[12];
    assert_int_equal(json_rewrite_numbers("1e400", 5, out, sizeof out), 0);
    assert_int_equal(json_rewrite_numbers("1e40", 4, out, sizeof out), 4);
}

static void rewritten_values_tell_what_they_were(void **state)
{
    (void)state;
    assert_int_equal(json_rewritten_kind("", 0), JSON_REWRITTEN_NOT);
    assert_int_equal(json_rewritten_kind("1", 1), JSON_REWRITTEN_NOT);
    assert_int_equal(json_rewritten_kind("\0001e400", 6), JSON_REWRITTEN_NUMBER);
    assert_int_equal(json_rewritten_kind("\0\0", 2), JSON_REWRITTEN_STRING);
    assert_int_equal(json_rewritten_kind("\0\0001", 3), JSON_REWRITTEN_STRING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lone_surrogates_are_replaced_and_pairs_stay),
        cmocka_unit_test(only_numbers_that_may_not_fit_become_strings),
        cmocka_unit_test(rewriting_stops_where_the_buffer_ends),
        cmocka_unit_test(rewritten_values_tell_what_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
