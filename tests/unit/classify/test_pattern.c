/*
 * Goal:   the parser takes what both engines read alike, prints it folded, and refuses the rest at
 *         the right column with a remedy.
 * Method: printed forms of single constructs; a table of refusals with their columns; every trap of
 *         Vectorscan and of text folding as a row. That the printed forms match what they should is
 *         test_matcher_property.c's business.
 */
#include "classify/match/confirm.h"
#include "classify/pattern/pattern_exact.h"
#include "classify/pattern/pattern_ways.h"

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

static void line_ends_are_spaces_or_nothing(void **state)
{
    (void)state;
    expect_print("a\\nb\\tc\\r", "a b c");
    expect_print("[\\r\\n]x", "[\\x20]x");
    expect_print("a\\vb", "a[\\x20]b");
    expect_print("[^.\\n]x", "[\\x00-\\x2d\\x2f-\\xff]x");
    expect_refusal("a\\r?", 1, "no trace");
}

static void letters_that_stand_three_times_are_shortened(void **state)
{
    (void)state;
    expect_print("goooood", "good");
    expect_print("ideeën", "ideen");
    expect_print("sss", "ss");
    expect_print("sßsa", "ssa");
    expect_print("good", "good");
    expect_print("goo+d", "goo+d");
    expect_print("go+ood", "go+od");
    expect_print("xxx 000", "xxx 000");
    expect_print("(?:ooo|aaa)oo", "(?:oo|aa)oo");
    expect_print("o{2}k", "o{2}k");
    expect_print("0{3}", "0{3}");
    expect_refusal("so{3,}", 1, "shortened");
    expect_refusal("sooo+", 3, "shortened");
    expect_refusal("ß{2}", 0, "shortened");
}

static void an_emoji_stands_for_its_kind(void **state)
{
    (void)state;
    expect_print("😡", "\\xc6");
    expect_print("[😂👍]", "[\\xc8-\\xc9]");
    expect_refusal("a🐶", 1, "match: original");
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

static void append_literal(char *found, const struct pattern_literal *literal)
{
    strncat(found, literal->edges & PATTERN_EDGE_BEFORE ? "<" : "", 2);
    strncat(found, (const char *)literal->bytes, literal->size);
    strncat(found, literal->edges & PATTERN_EDGE_BEHIND ? ">" : "", 2);
}

/* `wanted`: ways by |, sets by &, literals by comma; < and > are edges of words. */
static void expect_ways(const char *text, bool original, const char *wanted)
{
    static struct pattern_ways ways;
    struct pattern pattern;
    struct pattern_error error;
    char found[1024] = "";
    assert_int_equal(pattern_parse(text, strlen(text), original, &pattern, &error), STATUS_OK);
    pattern_find_ways(&pattern, &ways);
    for (uint32_t i = 0; i < ways.count; i++) {
        strncat(found, i ? "|" : "", 2);
        for (uint32_t j = 0; j < ways.items[i].set_count; j++) {
            const struct pattern_literals *set = &ways.items[i].sets[j];
            strncat(found, j ? "&" : "", 2);
            for (uint32_t k = 0; k < set->count; k++) {
                strncat(found, k ? "," : "", 2);
                append_literal(found, &set->items[k]);
            }
        }
    }
    assert_string_equal(found, wanted);
    pattern_free(&pattern);
}

static void the_scan_gets_literals_that_every_match_holds(void **state)
{
    (void)state;
    expect_ways("\\brefunds?\\b", false, "<refunds>,<refund>");
    expect_ways("(?:ab|cd)+ef", false, "abef,cdef");
    expect_ways("aa[xy]b", false, "aaxb,aayb");
    expect_ways("aa\\w+longest\\w", false, "longest");
    expect_ways("(?:money\\W+back|refund)", false, "money>&<back|refund");
    expect_ways("(?:\\w+|refund)", false, "");
    expect_ways("x*yyz?", false, "yyz,yy");
    expect_ways("\\d+", false, "");
    expect_ways("x|refund", false, "");
    expect_ways("(?!no)gong(?=od)", false, "gong");
    expect_ways("stra[ßs]e", false, "strase,strasse");
    expect_ways("(abc)\\1b", false, "abc");
    expect_ways("abc\\x00de", false, "abc>&<de");
    expect_ways("\\0}def", false, "}def");
    expect_ways("abc[\\x00x]", false, "abc");
    expect_ways("(?i)PINS\\d", true, "pins");
    expect_ways("\\bx\xCE\xB9y", true, "xy,x\xb6y");
    expect_ways("€", false, "\xfe");
    expect_ways("cacacacacacacacacacacacacacacacacacacacacacab", false,
                "cacacacacacacacacacacacacacacacacacacaca");
}

/* `wanted`: strings in the order of a search, by commas; < and > are edges, * is a run. */
static void expect_exact(const char *text, const char *wanted)
{
    struct pattern_exact exact;
    struct pattern pattern;
    struct pattern_error error;
    char found[1024] = "";
    assert_int_equal(pattern_parse(text, strlen(text), false, &pattern, &error), STATUS_OK);
    bool good = pattern_find_exact(&pattern, &exact);
    for (uint32_t i = 0; good && i < exact.count; i++) {
        const struct pattern_string *string = &exact.items[i];
        strncat(found, i ? "," : "", 2);
        strncat(found, string->flags & PATTERN_EDGE_BEFORE ? "<" : "", 2);
        strncat(found, string->flags & PATTERN_RUN_BEFORE ? "*" : "", 2);
        strncat(found, (const char *)string->bytes, string->size);
        strncat(found, string->flags & PATTERN_RUN_BEHIND ? "*" : "", 2);
        strncat(found, string->flags & PATTERN_EDGE_BEHIND ? ">" : "", 2);
    }
    assert_string_equal(found, wanted);
    pattern_free(&pattern);
}

static void words_and_phrases_are_exact(void **state)
{
    (void)state;
    expect_exact("\\bmoney back\\b", "<money back>");
    expect_exact("\\brefunds?\\b", "<refunds>,<refund>");
    expect_exact("refunds??", "refund,refunds");
    expect_exact("\\b(?:a b|ab)(c|d\\b)", "<a bc,<a bd>,<abc,<abd>");
    expect_exact("\\breklamac\\w*\\b", "<reklamac*>");
    expect_exact("\\w*tjanst\\b", "*tjanst>");
    expect_exact("\\b\\w*(fel|vel)\\w*", "<*fel*,<*vel*");
    expect_exact("a{1,3}b{2}", "aaabb,aabb,abb");
    expect_exact("x[aæ]", "xa,xae");
    expect_exact("(?>ab)c", "abc");
    expect_exact("a\\b-", "a-");
    expect_exact("a\\bb|cd", "cd");
}

static void what_is_more_than_strings_is_not_exact(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "a\\w+",     "a\\w*?",     "a\\w*b",          "a \\w*",       "\\w* a",     "\\w*a b",
        "(?>a|ab)c", "a?+b",       "(ab)\\1",         "a(?=b)",       "^a",         "a.b",
        "a*b",       "(?:a?){2}b", "\\w*(ab|b)",      "\\w*a\\b\\w*", "\\w*ab|ba",  "[a-m]x",
        "a\\x00b",   "a\\B",       "(a|b|c|d){1,4}x", "a{2,5}",       "\\w*\\w*ab", "a\\bb"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        expect_exact(patterns[i], "");
    expect_exact("123456789 123456789 123456789 123456789 1", "");
}

static void an_optional_part_keeps_what_stands_before_it(void **state)
{
    (void)state;
    expect_ways("\\bmy (\\w+ )?complaint\\b", false, " complaint>,<my complaint>");
    expect_ways("\\b(cancel (\\w+ )?(account|order)|(un)?happy)\\b", false,
                "<cancel |<unhappy>,<happy>");
    expect_ways("\\b(two|\\d+) times\\b", false, " times>");
    expect_ways("ab(\\w+c)?(\\w+d)*xyzq", false, "dxyzq,cxyzq,abxyzq");
}

static void words_beside_gaps_stand_at_their_edges(void **state)
{
    (void)state;
    expect_ways("nie[^\\w.]++dziala", false, "<dziala");
    expect_ways("not(?:\\W+\\w+){0,4}?\\W+work", false, "<work&not>");
    expect_ways("not\\W*work", false, "work&not");
    expect_ways("not(?:\\W+|x)work", false, "work&not");
    expect_ways("not\\W+(?:work|help\\w+)", false, "<work,<help&not>");
    expect_ways("not (\\w+ )?(?:work|help\\w+)", false, "<work,<help&not ");
    expect_ways("not (\\w+)?(?:work|help\\w+)", false, "work,help&not ");
    expect_ways("\\b(?=\\w)(?:(?:work|help\\w+)x){2}", false, "<work,<help");
}

/* The first literal of the only way that a pattern has. */
static struct pattern_literal first_literal_of(const char *text)
{
    static struct pattern_ways ways;
    struct pattern pattern;
    struct pattern_error error;
    assert_int_equal(pattern_parse(text, strlen(text), false, &pattern, &error), STATUS_OK);
    pattern_find_ways(&pattern, &ways);
    assert_int_equal(ways.count, 1);
    pattern_free(&pattern);
    return ways.items[0].sets[0].items[0];
}

static void literals_know_how_many_words_begin_before_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t words;
    } cases[] = {{"refund", 0},
                 {"\\w+ refund", 1},
                 {"\\W+refund", 0},
                 {"(\\w+ ){0,3}refund", 4},
                 {"\\d\\s*refund", 2},
                 {"(?:\\w*|no yes we) refund", 3},
                 {"(?:no \\w+ |\\w+){2}refund", 5},
                 {"x[a. ]{0,20}refund", 21},
                 {"(\\w+ )*refund", PATTERN_UNBOUNDED},
                 {"(\\d)\\1refund", PATTERN_UNBOUNDED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(first_literal_of(cases[i].text).words_max, cases[i].words);
}

static void literals_know_how_far_a_match_begins_before_their_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t min, max;
    } cases[] = {{"refund", 6, 6},
                 {"\\d{2,5}refund", 8, 11},
                 {"a?\\d\\s*refund", 7, PATTERN_UNBOUNDED},
                 {"(?:\\d[ß\\d]){2}refund", 10, 14},
                 {"(?<=\\d\\d)refund\\d+", 6, 6},
                 {"(\\d)\\1refund", 7, PATTERN_UNBOUNDED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct pattern_literal literal = first_literal_of(cases[i].text);
        assert_int_equal(literal.distance_min, cases[i].min);
        assert_int_equal(literal.distance_max, cases[i].max);
    }
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
    expect_refusal("ab🐶", 2, "match: original");
    expect_refusal("漢", 0, "match: original");
    expect_refusal("[a🐶]", 2, "match: original");
    expect_refusal("[^æ]", 0, "negated");
    expect_refusal("x\xCC\x81+", 1, "no trace");
    expect_refusal("[\xCC\x81]", 1, "no trace");
    expect_refusal("[\\x{1f400}-\\x{1f43f}]", 1, "match: original");
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
        cmocka_unit_test(line_ends_are_spaces_or_nothing),
        cmocka_unit_test(letters_that_stand_three_times_are_shortened),
        cmocka_unit_test(an_emoji_stands_for_its_kind),
        cmocka_unit_test(ranges_classes_and_quotes_are_folded_by_member),
        cmocka_unit_test(the_scan_gets_literals_that_every_match_holds),
        cmocka_unit_test(words_and_phrases_are_exact),
        cmocka_unit_test(what_is_more_than_strings_is_not_exact),
        cmocka_unit_test(an_optional_part_keeps_what_stands_before_it),
        cmocka_unit_test(words_beside_gaps_stand_at_their_edges),
        cmocka_unit_test(literals_know_how_many_words_begin_before_them),
        cmocka_unit_test(literals_know_how_far_a_match_begins_before_their_end),
        cmocka_unit_test(what_the_engines_read_apart_is_refused_at_its_column),
        cmocka_unit_test(what_leaves_no_byte_of_its_own_is_refused),
        cmocka_unit_test(what_matches_nothing_or_everything_is_refused),
        cmocka_unit_test(broken_syntax_is_refused_at_its_column),
        cmocka_unit_test(depth_and_length_are_bounded),
        cmocka_unit_test(too_many_ways_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
