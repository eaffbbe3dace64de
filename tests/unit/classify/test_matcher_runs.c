/*
 * Goal:   a matcher of so many patterns that they are read in several runs, on two threads, is the
 * one that reading them one after the other makes.
 * Method: three runs of words, phrases with a gap and patterns that PCRE2 decides, the last two
 * kinds in each run; texts with some of every run, held against the plain loop; and again with
 * languages. Then errors in every run, which must come in the order of the patterns.
 */
#include "../../../engine/classify/match/matcher.c"

#include "classify/match/scan_build.h"

#include "support/matching.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { COUNT = 2 * SCAN_RUN_PATTERNS + 1000, TEXTS = 40, PATTERN_BYTES = 96, TEXT_BYTES = 4096 };

static char sources[COUNT][PATTERN_BYTES];
static struct matcher_pattern patterns[COUNT];
static struct error_list errors;
static struct padded_text text;

/* A word of its own for every number, in letters. */
static void spell(uint32_t number, char *out)
{
    for (unsigned place = 0; place < 6; place++, number /= 13)
        out[place] = (char)('b' + 2 * (number % 13) % 25);
    out[6] = '\0';
}

static void fill(bool with_languages)
{
    for (uint32_t i = 0; i < COUNT; i++) {
        char word[8];
        spell(i, word);
        if (i % 7 == 0)
            snprintf(sources[i], PATTERN_BYTES,
                     "\\bask(?:[^\\w.!?;]++\\w++){0,4}?[^\\w.!?;]++%s\\b", word);
        else if (i % 11 == 0)
            snprintf(sources[i], PATTERN_BYTES, "%s[^z]{3,9}pay[0-9]", word);
        else
            snprintf(sources[i], PATTERN_BYTES, "\\b%ss?\\b", word);
        patterns[i] = pattern_of(sources[i], i);
        patterns[i].languages = with_languages ? 2u << i % 3 : 0;
    }
}

static size_t write_text(uint32_t seed, char *out)
{
    size_t size = 0;
    for (uint32_t i = 0; i < 30; i++) {
        char word[8];
        spell((seed * 7919 + i * 1237) % COUNT, word);
        size += (size_t)snprintf(out + size, TEXT_BYTES - size, "ask for %s and pay%u ", word, i);
    }
    return size;
}

static void expect_hits_of_the_loop(uint32_t languages)
{
    static char bytes[TEXT_BYTES];
    struct matcher *matcher;
    struct matcher_scratch *scratch;
    struct reference *reference;
    uint32_t hits = 0;
    assert_int_equal(matcher_create(patterns, COUNT, COUNT, &errors, &matcher), STATUS_OK);
    assert_int_equal(matcher_scratch_create(matcher, &scratch), STATUS_OK);
    assert_int_equal(reference_create(patterns, COUNT, COUNT, REFERENCE_VIEW, &errors, &reference),
                     STATUS_OK);
    for (uint32_t seed = 1; seed <= TEXTS; seed++) {
        struct match_outcome found;
        struct match_outcome wanted;
        uint32_t differs = 0;
        padded(&text, bytes, write_text(seed, bytes));
        assert_int_equal(matcher_match(matcher, scratch, text.slice, languages, &found), STATUS_OK);
        (void)!reference_match(reference, text.slice, languages, &wanted);
        if (!outcomes_agree(&found, &wanted, &differs))
            fail_msg("text %u: rule %u differs", seed, differs);
        hits += found.hit_count;
    }
    assert_true(hits > TEXTS * 5);
    reference_free(reference);
    matcher_scratch_free(scratch);
    matcher_free(matcher);
}

static void patterns_of_several_runs_match_as_the_plain_loop_does(void **state)
{
    (void)state;
    fill(false);
    expect_hits_of_the_loop(0);
}

static void each_language_has_the_patterns_of_all_runs(void **state)
{
    (void)state;
    fill(true);
    expect_hits_of_the_loop(4);
}

static void errors_of_all_runs_come_in_the_order_of_the_patterns(void **state)
{
    (void)state;
    struct matcher *matcher;
    fill(false);
    for (uint32_t i = 0; i < COUNT; i++)
        patterns[i].line = i + 1;
    static const uint32_t bad[] = {COUNT - 1, 3, SCAN_RUN_PATTERNS, 2 * SCAN_RUN_PATTERNS - 1, 5};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        snprintf(sources[bad[i]], PATTERN_BYTES, "(");
    for (uint32_t i = 0; i < COUNT; i++)
        patterns[i].text_size = strlen(sources[i]);
    errors.count = 0;
    assert_int_equal(matcher_create(patterns, COUNT, COUNT, &errors, &matcher), STATUS_INVALID);
    assert_int_equal(errors.count, 5);
    for (uint32_t i = 1; i < errors.count; i++)
        assert_true(errors.errors[i - 1].line < errors.errors[i].line);
    assert_int_equal(errors.errors[4].line, COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_of_several_runs_match_as_the_plain_loop_does),
        cmocka_unit_test(each_language_has_the_patterns_of_all_runs),
        cmocka_unit_test(errors_of_all_runs_come_in_the_order_of_the_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
