/*
 * Goal:   repair replaces exactly the maximal subparts of broken sequences, stays inside its
 *         buffer and leaves valid text alone.
 * Method: the examples of Unicode 15, table 3-8 ff.; random bytes with a printed seed, checked
 *         for validity, for idempotence and against a one-byte-at-a-time repair.
 */
#include "text/utf8.h"

#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_repair(const char *bytes, size_t size, const char *wanted)
{
    char out[256];
    struct utf8_repair repair = utf8_repair(bytes, size, out, sizeof out);
    assert_int_equal(repair.size, strlen(wanted));
    assert_memory_equal(out, wanted, repair.size);
    assert_int_equal(repair.consumed, size);
    assert_false(repair.cut);
    assert_int_equal(repair.replaced, strcmp(bytes, wanted) != 0);
}

#define R "\xEF\xBF\xBD"

static void repair_replaces_maximal_subparts(void **state)
{
    (void)state;
    expect_repair("plain", 5, "plain");
    expect_repair("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", 9, R R R R R R R R "A");
    expect_repair("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", 9, R R R R R R R R "A");
    expect_repair("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", 9, R R R R R "A" R R "B");
    expect_repair("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 9, R R R R "A");
    expect_repair("\xD0\xB6\xD0", 3, "\xD0\xB6" R);
}

static void output_ends_on_a_character_when_it_is_full(void **state)
{
    (void)state;
    char out[8];
    struct utf8_repair repair = utf8_repair("abcdefg\xD0\xB6", 9, out, sizeof out);
    assert_true(repair.cut);
    assert_int_equal(repair.size, 7);
    assert_int_equal(repair.consumed, 7);
    repair = utf8_repair("abcdef\xFF", 7, out, sizeof out);
    assert_true(repair.cut);
    assert_int_equal(repair.size, 6);
    assert_false(repair.replaced);
}

static void empty_input_is_empty_output(void **state)
{
    (void)state;
    struct utf8_repair repair = utf8_repair("", 0, NULL, 0);
    assert_int_equal(repair.size, 0);
    assert_false(repair.cut);
    assert_true(utf8_is_valid("", 0));
}

static void cut_never_splits_a_character(void **state)
{
    (void)state;
    const char *text = "a\xD0\xB6\xE2\x82\xAC\xF0\x9F\x98\x80";
    const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    for (size_t limit = 0; limit <= 10; limit++)
        assert_int_equal(utf8_cut(text, 10, limit), ends[limit]);
}

/* A second reading of the practice, one byte at a time: grow while some valid character begins so.
 */
static bool begins_a_character(const char *bytes, size_t size)
{
    char probe[UTF8_CHARACTER_BYTES_MAX] = {0};
    uint32_t code_point;
    for (uint32_t tail = 0x80; tail <= 0xBF; tail++) {
        for (size_t i = 0; i < UTF8_CHARACTER_BYTES_MAX; i++)
            probe[i] = i < size ? bytes[i] : (char)tail;
        for (size_t length = size; length <= UTF8_CHARACTER_BYTES_MAX; length++)
            if (utf8_decode(probe, length, &code_point, NULL) >= size)
                return true;
    }
    return false;
}

static size_t repair_slowly(const char *bytes, size_t size, char *out)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        size_t length = utf8_decode(bytes + at, size - at, &code_point, NULL);
        if (length > 0) {
            used += utf8_encode(code_point, out + used);
            at += length;
            continue;
        }
        size_t bad = 1;
        while (at + bad < size && bad < 3 && begins_a_character(bytes + at, bad + 1))
            bad++;
        memcpy(out + used, R, 3);
        used += 3;
        at += bad;
    }
    return used;
}

static void random_bytes_are_repaired_alike_by_a_slow_repair(void **state)
{
    (void)state;
    uint64_t seed = 20240607;
    print_message("seed %llu\n", (unsigned long long)seed);
    static const uint8_t likely[] = {0x41, 0x80, 0xBF, 0xC2, 0xE0, 0xA0, 0xED, 0x9F,
                                     0xF0, 0x90, 0xF4, 0x8F, 0xFF, 0xC0, 0xE2, 0x82};
    for (int round = 0; round < 3000; round++) {
        char bytes[24];
        char fast[72];
        char slow[72];
        char again[72];
        size_t size = random_next(&seed) % sizeof bytes;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)likely[random_next(&seed) % sizeof likely];
        struct utf8_repair repair = utf8_repair(bytes, size, fast, sizeof fast);
        size_t slow_size = repair_slowly(bytes, size, slow);
        assert_int_equal(repair.size, slow_size);
        assert_memory_equal(fast, slow, slow_size);
        assert_true(utf8_is_valid(fast, repair.size));
        assert_int_equal(repair.replaced, !utf8_is_valid(bytes, size));
        struct utf8_repair second = utf8_repair(fast, repair.size, again, sizeof again);
        assert_false(second.replaced);
        assert_int_equal(second.size, repair.size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repair_replaces_maximal_subparts),
        cmocka_unit_test(output_ends_on_a_character_when_it_is_full),
        cmocka_unit_test(empty_input_is_empty_output),
        cmocka_unit_test(cut_never_splits_a_character),
        cmocka_unit_test(random_bytes_are_repaired_alike_by_a_slow_repair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
