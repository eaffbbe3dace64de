/*
 * Goal:   the parser takes what both engines read alike, prints it folded, and refuses the rest at
 *         the right column with a remedy.
 * Method: printed forms of single constructs; a table of refusals with their columns; every trap of
 *         Vectorscan and of text folding as a row. That the printed forms match what they should is
 *         test_matcher_property.c's business.
 */
#include "classify/confirm.h"
#include "classify/pattern_literals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void expect_print(const char *text, const char *folded)
{
    struct pattern pattern;
    struct pattern_error error = {0};
    struct pattern_text out;
    enum redress_status status = pattern_parse(text, strlen(text), false, &pattern, &error);
    if (status != STATUS_OK)
        print_message("%s: %u: %s\n", text, error.at, error.text);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(pattern_print(&pattern, false, &out), STATUS_OK);
    assert_string_equal(out.data, folded);
    pattern_text_free(&out);
    pattern_free(&pattern);
}

static void expect_refusal(const char *text, uint32_t at, const char *remedy)
{
    struct pattern pattern;
    struct pattern_error error = {0};
    if (pattern_parse(text, strlen(text), false, &pattern, &error) == STATUS_OK) {
        print_message("%s was taken\n", text);
        fail();
    }
    if (error.at != at || !strstr(error.text, remedy))
        print_message("%s: %u: %s\n", text, error.at, error.text);
    assert_int_equal(error.at, at);
    assert_non_null(strstr(error.text, remedy));
}

static void letters_are_folded(void **state)
{
    (void)state;
    expect_print("Refund", "refund");
    expect_print("pieniędzy", "pieniedzy");
    expect_print("ΑΠΆΤΗ", "\\xae\\xbd\\xae\\xc0\\xb4");
    expect_print("Же", "\\x87\\x86");
    expect_print("straße", "strasse");
    expect_print("e\xCC\x81", "e"); /* a letter and its mark */
    expect_print("’€", "\\x27\\xfe");
    expect_print("\\x{416}\\xe9", "\\x87e");
}

static void ranges_classes_and_quotes_are_folded_by_member(void **state)
{
    (void)state;
    expect_print("[A-C]", "[\\x61-\\x63]");
    expect_print("[а-яё]x", "[\\x80-\\x84\\x86-\\x9f]x");
    expect_print("[aæ]x", "(?:[\\x61]|ae)x");
    expect_print("\\Qa.b|É\\E+", "a\\x2eb\\x7ce+");
    expect_print("(?x) a b # note\n c", "abc");
    expect_print("a(?#note)+", "a+");
    expect_print("ß+", "(?:ss)+");
    expect_print("[]a]", "[\\x5d\\x61]");
    expect_print("a{,3}", "a\\x7b\\x2c3\\x7d");
    expect_print("(?s).(?-s).", "[\\x00-\\xff][\\x00-\\x09\\x0b-\\xff]");
    expect_print("(?<n>a)\\k<n>\\g{-1}", "(a)\\g{1}\\g{1}");
}

static void expect_literals(const char *text, bool original, const char *wanted)
{
    struct pattern pattern;
    struct pattern_error error;
    struct pattern_literals literals;
    char found[1024] = "";
    assert_int_equal(pattern_parse(text, strlen(text), original, &pattern, &error), STATUS_OK);
    pattern_find_literals(&pattern, &literals);
    for (uint32_t i = 0; i < literals.count; i++) {
        strncat(found, i ? "," : "", 2);
        strncat(found, (const char *)literals.items[i].bytes, literals.items[i].size);
    }
    assert_string_equal(found, wanted);
    pattern_free(&pattern);
}

static void the_scan_gets_literals_that_every_match_holds(void **state)
{
    (void)state;
    expect_literals("\\brefunds?\\b", false, "refund");
    expect_literals("(?:ab|cd)+e", false, "ab,cd");
    expect_literals("a[xy]b", false, "axb,ayb");
    expect_literals("a\\w+longest\\w", false, "longest");
    expect_literals("(?:money\\s+back|refund)", false, "money,refund");
    expect_literals("(?:\\w+|refund)", false, "");
    expect_literals("x*yz?", false, "y");
    expect_literals("\\d+", false, "");
    expect_literals("(?!no)go(?=od)", false, "go");
    expect_literals("stra[ßs]e", false, "strase,strasse");
    expect_literals("(a)\\1b", false, "a");
    expect_literals("abc\\x00de", false, "abc");
    expect_literals("\\0}de", false, "}de");
    expect_literals("ab[\\x00x]", false, "ab");
    expect_literals("(?i)PIN\\d", true, "pin");
    expect_literals("x\xCE\xB9y", true, "xy,x\xb6y");
    expect_literals("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false, "aaaaaaaaaaaaaaaaaaaaaaaa");
}

static void what_the_engines_read_apart_is_refused_at_its_column(void **state)
{
    (void)state;
    expect_refusal("ab\\R", 2, "[\\r\\n]+");
    expect_refusal("ab\\Kc", 2, "lookbehind");
    expect_refusal("\\Ga", 0, "lookbehind");
    expect_refusal("a\\X", 1, "dot");
    expect_refusal("(?|a|b)", 0, "(?:...)");
    expect_refusal("a(?R)", 1, "not supported");
    expect_refusal("(a)(?1)", 3, "not supported");
    expect_refusal("(?(1)a|b)", 0, "not supported");
    expect_refusal("(*UTF)a", 0, "verbs");
    expect_refusal("a(?C)b", 1, "not supported");
    expect_refusal("a(?-i)b", 1, "match: original");
    expect_refusal("[[:upper:]]", 1, "match: original");
    expect_refusal("\\p{Lu}", 0, "match: original");
    expect_refusal("\\N{U+41}", 0, "\\x{...}");
    expect_refusal("\\g<1>a", 0, "not supported");
    expect_refusal("(?<=a+)b", 0, "fixed length");
    expect_refusal("(?<=[aæ])b", 0, "fixed length");
}

static void what_leaves_no_byte_of_its_own_is_refused(void **state)
{
    (void)state;
    expect_refusal("ab😀", 2, "match: original");
    expect_refusal("漢", 0, "match: original");
    expect_refusal("[a😀]", 2, "match: original");
    expect_refusal("[^æ]", 0, "negated");
    expect_refusal("x\xCC\x81+", 1, "no trace");
    expect_refusal("[\xCC\x81]", 1, "no trace");
    expect_refusal("[\\x{1f300}-\\x{1f5ff}]", 1, "match: original");
}

static void what_matches_nothing_or_everything_is_refused(void **state)
{
    (void)state;
    const char *const empties[] = {"",      "a*",   "(?:a|)",  "\\b", "^$",
                                   "(?=a)", "a?b?", "(a*)\\1", "()"};
    for (size_t i = 0; i < sizeof empties / sizeof empties[0]; i++)
        expect_refusal(empties[i], 0, "at least one character");
    expect_refusal("a[^\\w\\W]", 1, "matches nothing");
}

static void broken_syntax_is_refused_at_its_column(void **state)
{
    (void)state;
    expect_refusal("a(b", 1, ") is missing");
    expect_refusal("ab)", 2, "closes nothing");
    expect_refusal("a[b", 1, "] is missing");
    expect_refusal("*a", 0, "nothing to repeat");
    expect_refusal("a|+", 2, "nothing to repeat");
    expect_refusal("a**", 2, "nothing to repeat");
    expect_refusal("^*a", 0, "cannot be repeated");
    expect_refusal("a{3,2}", 1, "wrong way round");
    expect_refusal("a{2000}", 1, "at most");
    expect_refusal("[z-a]", 1, "backwards");
    expect_refusal("[\\d-z]", 1, "hyphen");
    expect_refusal("a\\", 1, "backslash");
    expect_refusal("\\2(a)(b)", 0, "no such group");
    expect_refusal("\\x{110000}", 0, "10ffff");
    expect_refusal("(?<n>a)(?<n>b)", 10, "taken");
    expect_refusal("a\xFF", 1, "UTF-8");
}

static void depth_and_length_are_bounded(void **state)
{
    (void)state;
    char deep[2 * PATTERN_DEPTH_MAX + 16];
    memset(deep, '(', PATTERN_DEPTH_MAX + 1);
    strncpy(deep + PATTERN_DEPTH_MAX + 1, "a", 2);
    expect_refusal(deep, PATTERN_DEPTH_MAX, "deep");
    static char longest[PATTERN_BYTES_MAX + 2];
    memset(longest, 'a', PATTERN_BYTES_MAX + 1);
    expect_refusal(longest, 0, "split it");
    /* The worst that fits makes no more nodes than there is room for. */
    for (size_t i = 0; i < PATTERN_BYTES_MAX; i++)
        longest[i] = "|a"[i % 2];
    longest[PATTERN_BYTES_MAX] = '\0';
    expect_refusal(longest, 0, "at least one character");
}

static void too_many_ways_are_refused(void **state)
{
    (void)state;
    struct pattern pattern;
    struct pattern_error error = {0};
    const char *text = "(?:a?b?c?){8}d";
    assert_int_equal(pattern_parse(text, strlen(text), false, &pattern, &error), STATUS_OK);
    assert_true(pattern_quiet_steps(&pattern) > CONFIRM_QUIET_STEPS_MAX);
    pattern_free(&pattern);
    text = "\\bnever\\s+(?:got|received)\\b.{0,40}\\brefund";
    assert_int_equal(pattern_parse(text, strlen(text), false, &pattern, &error), STATUS_OK);
    assert_true(pattern_quiet_steps(&pattern) < 1000);
    pattern_free(&pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_are_folded),
        cmocka_unit_test(ranges_classes_and_quotes_are_folded_by_member),
        cmocka_unit_test(the_scan_gets_literals_that_every_match_holds),
        cmocka_unit_test(what_the_engines_read_apart_is_refused_at_its_column),
        cmocka_unit_test(what_leaves_no_byte_of_its_own_is_refused),
        cmocka_unit_test(what_matches_nothing_or_everything_is_refused),
        cmocka_unit_test(broken_syntax_is_refused_at_its_column),
        cmocka_unit_test(depth_and_length_are_bounded),
        cmocka_unit_test(too_many_ways_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
