/*
 * Goal:   the matcher's promises that random pairs cannot show: spellings, spans in the original
 *         text, languages, the order of a rule's patterns, and that a limit is never "no match".
 * Method: single texts with known answers; hostile texts under the clock; a broken scan.
 */
#include "../../../engine/classify/match/matcher.c"

#include "support/matching.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct error_list errors;
static struct padded_text text;

struct fixture {
    struct matcher *matcher;
    struct matcher_scratch *scratch;
    struct match_outcome outcome;
};

static struct fixture build_for(const struct matcher_pattern *patterns, uint32_t count,
                                uint32_t rule_count)
{
    struct fixture fixture = {0};
    errors.count = 0;
    enum redress_status status =
        matcher_create(patterns, count, rule_count, &errors, &fixture.matcher);
    error_list_print(&errors, stderr);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(matcher_scratch_create(fixture.matcher, &fixture.scratch), STATUS_OK);
    return fixture;
}

static void drop(struct fixture *fixture)
{
    matcher_scratch_free(fixture->scratch);
    matcher_free(fixture->matcher);
}

static enum redress_status match(struct fixture *fixture, const char *bytes, uint32_t languages)
{
    padded(&text, bytes, strlen(bytes));
    return matcher_match(fixture->matcher, fixture->scratch, text.slice, languages,
                         &fixture->outcome);
}

static struct verdict_hit place_of(const struct fixture *fixture, uint32_t index)
{
    struct verdict_hit place;
    match_hit_text(matcher_view(fixture->scratch), &fixture->outcome.hits[index], &place);
    return place;
}

/* The words of the text that a pattern matched first, or NULL. */
static const char *words(const char *pattern_text, bool original, const char *bytes)
{
    static char found[256];
    struct matcher_pattern pattern = pattern_of(pattern_text, 0);
    pattern.original = original;
    struct fixture fixture = build_for(&pattern, 1, 1);
    assert_int_equal(match(&fixture, bytes, 0), STATUS_OK);
    bool hit = fixture.outcome.hit_count > 0;
    struct verdict_hit place = {0};
    if (hit)
        place = place_of(&fixture, 0);
    (void)snprintf(found, sizeof found, "%.*s", (int)(place.end - place.start),
                   text.bytes + place.start);
    drop(&fixture);
    return hit ? found : NULL;
}

static void every_spelling_of_a_word_is_found(void **state)
{
    (void)state;
    const char *const greek[] = {"η ΑΠΑΤΗ σας", "απατη", "μια απάτη!", "ΑΠΆΤΗ"};
    for (size_t i = 0; i < 4; i++)
        assert_non_null(words("\\bαπάτη\\b", false, greek[i]));
    assert_string_equal(
        words("zwrot\\s+pieni(ę|e)dzy", false, "Chcę ZWROT  PIENIĄDZY, zwrot pieniedzy"),
        "zwrot pieniedzy");
    assert_string_equal(words("ещё", false, "ЕЩЕ раз"), "ЕЩЕ");
    assert_string_equal(words("οδός", false, "η ΟΔΟΣ"), "ΟΔΟΣ");
    assert_string_equal(words("strasse", false, "die Straße dort"), "Straße");
    assert_string_equal(words("refund", false, "ｒｅｆｕｎｄ now"), "ｒｅｆｕｎｄ");
    assert_string_equal(words("\\brefund\\b", false, "a re\u00ADfund\u200B."),
                        "re\u00ADfund\u200B");
    assert_string_equal(words("don't", false, "I don’t pay"), "don’t");
    assert_string_equal(words("cafe\\b", false, "cafe\u0301 noir"), "cafe\u0301");
    assert_string_equal(words("fire", false, "a 🔥ﬁre🔥"), "ﬁre");
}

static void traps_of_the_scan_are_none(void **state)
{
    (void)state;
    assert_string_equal(words("\\bже\\b", false, "я же знаю"), "же");
    assert_null(words("\\bже\\b", false, "уже"));
    assert_string_equal(words("[^\\W\\d]x", false, "1x жx"), "жx");
    assert_string_equal(words("[[:alpha:]]1", false, "-1 ж1"), "ж1");
    assert_string_equal(words("\\Bже", false, "же уже"), "же");
    assert_string_equal(words("a\\Nb", false, "a\nb a-b"), "a\nb");
    assert_null(words("a\\h", false, "a\u0105"));
    assert_null(words("a\\v", false, "a\u0105"));
    assert_string_equal(words("^b", false, "b"), "b");
    assert_null(words("^b", false, "a\nb"));
    assert_null(words("(?m)^b$", false, "a\nb\nc")); /* a view is one line */
    assert_string_equal(words("\\A\\w+\\z", false, "жук"), "жук");
    assert_string_equal(words("(?<!не )рад", false, "не рад, рад"), "рад");
}

static void a_repetition_that_failed_in_one_way_is_tried_in_another(void **state)
{
    (void)state;
    const char *found = words("(?:ba|b)\\w*a b", false, "aba bababab");
    assert_non_null(found);
    assert_string_equal(found, "ba b");
}

static void no_character_folds_to_a_blank_that_only_pcre2_sees(void **state)
{
    (void)state;
    /* Every Cyrillic, Greek and accented letter between two marks: \s, \h and \v must not see it.
     */
    for (uint32_t code_point = 0xC0; code_point < 0x530; code_point++) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        for (uint32_t i = view_fold_character(code_point, folded); i > 0; i--)
            assert_true(folded[i - 1] != 0x85 && folded[i - 1] != 0xA0);
    }
    assert_string_equal(words("a\\sb", false, "a\u00A0b"), "a\u00A0b");
    assert_string_equal(words("a\\sb", false, "a\u2028b"), "a\u2028b");
}

static void original_patterns_see_the_text_itself(void **state)
{
    (void)state;
    assert_string_equal(words("😀+", true, "so 😀😀 happy"), "😀😀");
    assert_string_equal(words("\\bPIN\\b", true, "pin PIN"), "PIN");
    assert_null(words("\\bPIN\\b", true, "pin spinning"));
    assert_string_equal(words("(?i)απάτη", true, "ΑΠΆΤΗ"), "ΑΠΆΤΗ");
    assert_null(words("απάτη", true, "απατη"));
    assert_string_equal(words("(?i)ι\u0301", true, "x\u0345\u0301"), "\u0345\u0301");
    assert_string_equal(words("\\p{Lu}{2,}\\R", true, "ab CD\r\n"), "CD\r\n");
    assert_string_equal(words("[ж-я]\\w", true, "a юж"), "юж");
}

static void languages_leave_rules_out(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("a", 0), pattern_of("a", 1),
                                         pattern_of("a", 2)};
    patterns[1].languages = 1u << LANGUAGE_PL;
    patterns[2].languages = 1u << LANGUAGE_EN | 1u << LANGUAGE_SV;
    struct fixture fixture = build_for(patterns, 3, 3);
    const struct {
        uint32_t languages;
        uint32_t rules; /* bits */
    } cases[] = {{0, 7},
                 {1u << LANGUAGE_PL, 3},
                 {1u << LANGUAGE_EN, 5},
                 {1u << LANGUAGE_NL, 1},
                 {1u << LANGUAGE_UNKNOWN, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(match(&fixture, "xa", cases[i].languages), STATUS_OK);
        uint32_t rules = 0;
        for (uint32_t j = 0; j < fixture.outcome.hit_count; j++)
            rules |= 1u << fixture.outcome.hits[j].rule_index;
        assert_int_equal(rules, cases[i].rules);
    }
    drop(&fixture);
}

static void expect_hit(const struct fixture *fixture, uint32_t index, struct match_hit wanted)
{
    assert_true(index < fixture->outcome.hit_count);
    const struct match_hit *hit = &fixture->outcome.hits[index];
    assert_int_equal(hit->rule_index, wanted.rule_index);
    assert_int_equal(hit->pattern_index, wanted.pattern_index);
    assert_int_equal(hit->view_start, wanted.view_start);
    assert_int_equal(hit->view_end, wanted.view_end);
}

static void the_hits_are_all_matches_by_rule_and_place(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("zz", 0), pattern_of("b", 0),
                                         pattern_of("a+", 0), pattern_of("c", 1)};
    struct fixture fixture = build_for(patterns, 4, 2);
    assert_int_equal(match(&fixture, "aa c b b a", 0), STATUS_OK);
    assert_int_equal(fixture.outcome.hit_count, 5);
    expect_hit(&fixture, 0, (struct match_hit){0, 2, 0, 2, 0, 0});
    expect_hit(&fixture, 1, (struct match_hit){0, 1, 5, 6, 0, 0});
    expect_hit(&fixture, 2, (struct match_hit){0, 1, 7, 8, 0, 0});
    expect_hit(&fixture, 3, (struct match_hit){0, 2, 9, 10, 0, 0});
    expect_hit(&fixture, 4, (struct match_hit){1, 3, 3, 4, 0, 0});
    assert_int_equal(match(&fixture, "", 0), STATUS_OK);
    assert_int_equal(fixture.outcome.hit_count, 0);
    drop(&fixture);
}

static void the_matches_of_a_pattern_do_not_overlap_and_end_at_the_limit(void **state)
{
    (void)state;
    struct matcher_pattern pattern = pattern_of("aba?", 0);
    struct fixture fixture = build_for(&pattern, 1, 1);
    assert_int_equal(match(&fixture, "ababab", 0), STATUS_OK);
    assert_int_equal(fixture.outcome.hit_count, 2);
    expect_hit(&fixture, 0, (struct match_hit){.view_start = 0, .view_end = 3});
    expect_hit(&fixture, 1, (struct match_hit){.view_start = 4, .view_end = 6});
    assert_int_equal(match(&fixture, "ab ab ab ab ab ab ab ab ab ab", 0), STATUS_OK);
    assert_int_equal(fixture.outcome.hit_count, MATCHES_PER_PATTERN_MAX);
    expect_hit(&fixture, 7, (struct match_hit){.view_start = 21, .view_end = 23});
    drop(&fixture);
}

static void a_place_that_several_patterns_match_is_one_hit_of_the_first(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("\\w+x", 0), pattern_of("ax", 0),
                                         pattern_of("ax", 1)};
    struct fixture fixture = build_for(patterns, 3, 2);
    assert_int_equal(match(&fixture, "ax", 0), STATUS_OK);
    assert_int_equal(fixture.outcome.hit_count, 2);
    expect_hit(&fixture, 0, (struct match_hit){0, 0, 0, 2, 0, 0});
    expect_hit(&fixture, 1, (struct match_hit){1, 2, 0, 2, 0, 0});
    drop(&fixture);
}

static void hits_of_original_patterns_have_places_in_view_and_text(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("\\x{301}", 0), pattern_of("ß+", 1)};
    patterns[0].original = patterns[1].original = true;
    struct fixture fixture = build_for(patterns, 2, 2);
    assert_int_equal(match(&fixture, "żße\u0301ß", 0), STATUS_OK);
    assert_int_equal(fixture.outcome.hit_count, 3);
    expect_hit(&fixture, 0, (struct match_hit){0, 0, 4, 4, 0, 0});
    expect_hit(&fixture, 1, (struct match_hit){1, 1, 1, 3, 0, 0});
    expect_hit(&fixture, 2, (struct match_hit){1, 1, 4, 6, 0, 0});
    assert_int_equal(place_of(&fixture, 0).start, 5);
    assert_int_equal(place_of(&fixture, 0).end, 7);
    assert_int_equal(place_of(&fixture, 2).start, 7);
    assert_int_equal(place_of(&fixture, 2).end, 9);
    drop(&fixture);
}

static void a_rule_whose_hits_find_no_room_is_undecided_and_later_ones_are_not(void **state)
{
    (void)state;
    enum { RULES = MATCH_HITS_MAX / MATCHES_PER_PATTERN_MAX };
    static struct matcher_pattern patterns[RULES + 2];
    for (uint32_t i = 0; i < RULES + 2; i++) /* the last rule but one has two patterns */
        patterns[i] = pattern_of("a", i < RULES ? i : i - 1);
    patterns[RULES].text = "b";
    struct fixture fixture = build_for(patterns, RULES + 2, RULES + 1);
    const char *const bytes = "ab ab ab ab ab ab ab ab";
    assert_int_equal(match(&fixture, bytes, 0), STATUS_UNDECIDED);
    assert_int_equal(fixture.outcome.undecided_count, 1);
    assert_int_equal(fixture.outcome.undecided[0], RULES - 1);
    assert_int_equal(fixture.outcome.hit_count, MATCH_HITS_MAX);
    drop(&fixture);
}

static void all_bad_patterns_are_reported_with_their_columns(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("ab\\R", 0), pattern_of("good", 1),
                                         pattern_of("x(", 2)};
    patterns[0].column = 10;
    patterns[2].line = 7;
    struct matcher *matcher;
    errors.count = 0;
    assert_int_equal(matcher_create(patterns, 3, 3, &errors, &matcher), STATUS_INVALID);
    assert_null(matcher);
    assert_int_equal(errors.count, 2);
    assert_int_equal(errors.errors[0].column, 12);
    assert_int_equal(errors.errors[1].line, 7);
    assert_int_equal(errors.errors[1].column, 2);
}

static void a_failed_scan_leaves_every_wanted_rule_undecided(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("aa", 0), pattern_of("bb", 1),
                                         pattern_of("cc", 1)};
    patterns[0].languages = 1u << LANGUAGE_RU;
    struct fixture fixture = build_for(patterns, 3, 2);
    hs_scratch_t *good = fixture.scratch->scan.hs;
    fixture.scratch->scan.hs = NULL;
    assert_int_equal(match(&fixture, "x", 1u << LANGUAGE_EN), STATUS_UNDECIDED);
    fixture.scratch->scan.hs = good;
    assert_int_equal(fixture.outcome.hit_count, 0);
    assert_int_equal(fixture.outcome.undecided_count, 1);
    assert_int_equal(fixture.outcome.undecided[0], 1);
    drop(&fixture);
}

static void a_lone_literal_is_found_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const literals[] = {"=", "ab", "[=#]", "q\\w", "x+y", "[^\\x00]"};
    static const char *const words_of[] = {"=", "ab", "#", "q1", "xxy", "z"};
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        struct matcher_pattern pattern = pattern_of(literals[i], 0);
        struct fixture fixture = build_for(&pattern, 1, 1);
        size_t length = strlen(words_of[i]);
        for (size_t size = length; size < 300; size += 1 + size / 16) {
            for (size_t at = 0; at + length <= size; at++) {
                char bytes[300] = {0};
                memcpy(bytes + at, words_of[i], length);
                padded(&text, bytes, size);
                assert_int_equal(matcher_match(fixture.matcher, fixture.scratch, text.slice, 0,
                                               &fixture.outcome),
                                 STATUS_OK);
                assert_true(fixture.outcome.hit_count >= 1);
                assert_int_equal(fixture.outcome.hits[0].view_start, at);
            }
        }
        drop(&fixture);
    }
}

static void a_full_jit_stack_is_undecided_and_a_later_pattern_still_hits(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("(?:(a)|(b))+c", 0),
                                         pattern_of("(?:(a)|(b))+c", 1), pattern_of("abab", 1)};
    struct fixture fixture = build_for(patterns, 3, 2);
    for (uint32_t i = 0; i < MESSAGE_TEXT_BYTES_MAX - 1; i++)
        text.bytes[i] = "ab"[i % 2];
    memcpy(text.bytes + MESSAGE_TEXT_BYTES_MAX - 2, "dc", 2);
    text.slice = (struct slice){text.bytes, MESSAGE_TEXT_BYTES_MAX};
    /* Every pattern a candidate, whatever the scan sees. */
    for (uint32_t i = 0; i < 3; i++)
        scan_make_always(&fixture.matcher->scan, i);
    assert_int_equal(
        matcher_match(fixture.matcher, fixture.scratch, text.slice, 0, &fixture.outcome),
        STATUS_UNDECIDED);
    assert_int_equal(fixture.outcome.undecided_count, 2);
    assert_int_equal(fixture.outcome.undecided[0], 0);
    assert_int_equal(fixture.outcome.undecided[1], 1);
    assert_int_equal(fixture.outcome.hit_count, MATCHES_PER_PATTERN_MAX);
    assert_int_equal(fixture.outcome.hits[0].rule_index, 1);
    drop(&fixture);
}

static void a_text_over_the_limit_is_undecided(void **state)
{
    (void)state;
    struct matcher_pattern pattern = pattern_of("a", 0);
    struct fixture fixture = build_for(&pattern, 1, 1);
    struct slice slice = {text.bytes, MESSAGE_TEXT_BYTES_MAX + 1};
    assert_int_equal(matcher_match(fixture.matcher, fixture.scratch, slice, 0, &fixture.outcome),
                     STATUS_UNDECIDED);
    assert_int_equal(fixture.outcome.undecided_count, 1);
    drop(&fixture);
}

/* Of x, which the view does not shorten. */
static const char *const hostile_patterns[] = {"(x+)+b",
                                               "(?:x|x)*b",
                                               "x.*b.*c.*d",
                                               "(?:.*x){3}b",
                                               "\\w+\\s?\\w+@",
                                               "(x*)*b",
                                               "(?:x|xx)+$a",
                                               "(?s).*x.*b.*c.*zq",
                                               "[^a]+[^y]+ayq",
                                               "(\\w+)\\s\\1q",
                                               "x.{0,900}b.{0,900}c.{0,900}q",
                                               "(?=.*q.*w)x",
                                               "(?<=x)x+?b",
                                               "(?:x{1,60}b?){2,}c",
                                               "x+x+x+x+b"};
enum { HOSTILE_COUNT = sizeof hostile_patterns / sizeof hostile_patterns[0], HOSTILE_RULES = 600 };

static uint64_t processor_us(void)
{
    return clock_processor_ns() / NS_PER_US;
}

/* The least of a few runs: processor time too grows where others share the core and its caches. */
static uint64_t took_us(struct fixture *fixture, const char *unit)
{
    size_t size = strlen(unit);
    for (uint32_t i = 0; i < MESSAGE_TEXT_BYTES_MAX; i++)
        text.bytes[i] = unit[i % size];
    memset(text.bytes + MESSAGE_TEXT_BYTES_MAX, 0, MESSAGE_PADDING_BYTES);
    text.slice = (struct slice){text.bytes, MESSAGE_TEXT_BYTES_MAX};
    uint64_t took = UINT64_MAX;
    for (int run = 0; run < 3; run++) {
        uint64_t begin = processor_us();
        (void)!matcher_match(fixture->matcher, fixture->scratch, text.slice, 0, &fixture->outcome);
        uint64_t run_us = processor_us() - begin;
        took = run_us < took ? run_us : took;
    }
    print_message("%-8.8s %6llu us, %u hits, %u undecided\n", unit, (unsigned long long)took,
                  fixture->outcome.hit_count, fixture->outcome.undecided_count);
    return took;
}

static void hostile_texts_stay_inside_the_budget(void **state)
{
    (void)state;
    static struct matcher_pattern patterns[HOSTILE_RULES];
    for (uint32_t i = 0; i < HOSTILE_RULES; i++)
        patterns[i] = pattern_of(hostile_patterns[i % HOSTILE_COUNT], i);
    struct fixture fixture = build_for(patterns, HOSTILE_RULES, HOSTILE_RULES);
    /* Without the scan's help: every pattern is tried on every text. */
    for (uint32_t i = 0; i < HOSTILE_RULES; i++)
        scan_make_always(&fixture.matcher->scan, i);
    static const char *const units[] = {"x",      "xb", "xbc", "xxxxxxx ",
                                        "xbcd q", "a",  "x1_", "bcx\n"};
    uint64_t worst = 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        uint64_t took = took_us(&fixture, units[i]);
        worst = took > worst ? took : worst;
    }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    /* Sanitizers slow the callouts and the view. */
    assert_true(worst < 100 * 1000 * CONFIRM_BUDGET_SCALE);
#else
    assert_true(worst < 20 * 1000);
#endif
    drop(&fixture);
}

static void matching_allocates_nothing(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("(?:ab|c)+d", 0), pattern_of("(\\w+) \\1", 1)};
    struct fixture fixture = build_for(patterns, 2, 2);
    memory_fail_after(0); /* PCRE2's memory is ours too: any allocation now would fail */
    enum redress_status status = match(&fixture, "abcabd go go", 0);
    memory_fail_after(-1);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(fixture.outcome.hit_count, 2);
    drop(&fixture);
}

static void each_failed_allocation_at_start_is_an_answer(void **state)
{
    (void)state;
    struct matcher_pattern patterns[] = {pattern_of("ab+c", 0), pattern_of("d", 1)};
    for (long after = 0; after < 200; after++) {
        struct matcher *matcher = NULL;
        struct matcher_scratch *scratch = NULL;
        errors.count = 0;
        memory_fail_after(after);
        enum redress_status status = matcher_create(patterns, 2, 2, &errors, &matcher);
        enum redress_status second =
            status == STATUS_OK ? matcher_scratch_create(matcher, &scratch) : status;
        memory_fail_after(-1);
        matcher_scratch_free(scratch);
        matcher_free(matcher);
        if (second == STATUS_OK)
            return;
        assert_int_equal(second, STATUS_MEMORY);
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_of_a_word_is_found),
        cmocka_unit_test(traps_of_the_scan_are_none),
        cmocka_unit_test(a_repetition_that_failed_in_one_way_is_tried_in_another),
        cmocka_unit_test(no_character_folds_to_a_blank_that_only_pcre2_sees),
        cmocka_unit_test(original_patterns_see_the_text_itself),
        cmocka_unit_test(languages_leave_rules_out),
        cmocka_unit_test(the_hits_are_all_matches_by_rule_and_place),
        cmocka_unit_test(the_matches_of_a_pattern_do_not_overlap_and_end_at_the_limit),
        cmocka_unit_test(a_place_that_several_patterns_match_is_one_hit_of_the_first),
        cmocka_unit_test(hits_of_original_patterns_have_places_in_view_and_text),
        cmocka_unit_test(a_rule_whose_hits_find_no_room_is_undecided_and_later_ones_are_not),
        cmocka_unit_test(all_bad_patterns_are_reported_with_their_columns),
        cmocka_unit_test(a_failed_scan_leaves_every_wanted_rule_undecided),
        cmocka_unit_test(a_lone_literal_is_found_wherever_it_stands),
        cmocka_unit_test(a_full_jit_stack_is_undecided_and_a_later_pattern_still_hits),
        cmocka_unit_test(a_text_over_the_limit_is_undecided),
        cmocka_unit_test(hostile_texts_stay_inside_the_budget),
        cmocka_unit_test(matching_allocates_nothing),
        cmocka_unit_test(each_failed_allocation_at_start_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
