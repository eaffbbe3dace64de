/**
 * Entries of `words`: which pattern each form becomes, and where its mistakes stand.
 * Method: tables by hand.
 */
#include "classify/pack/rule_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define GAP(words) "(?:[^\\w.!?;]++\\w++){0," words "}?[^\\w.!?;]++"

static const char *const refund_entries[] = {"refund*", "money back"};
static const struct word_list refund = {"refund", refund_entries, 2, NULL};

struct example {
    const char *entry;
    const char *pattern;
};

static void check_patterns(const struct example *examples, size_t count, bool accents)
{
    struct arena arena = {0};
    struct rule_words words = {.lists = &refund, .accents = accents};
    for (size_t index = 0; index < count; index++) {
        const char *pattern = rule_words_pattern(&words, &arena, examples[index].entry);
        if (!pattern)
            fail_msg("%s: %s", examples[index].entry, words.error);
        assert_string_equal(pattern, examples[index].pattern);
    }
    arena_free(&arena);
}

static void each_form_of_an_entry_becomes_its_pattern(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"refund", "\\brefund\\b"},
        {"reklamac*", "\\breklamac\\w*"},
        {"*tjänst", "\\w*tjänst\\b"},
        {"money back", "\\bmoney back\\b"},
        {"didn't work", "\\bdidn'?t work\\b"},
        {"e-mail", "\\be[- ]?mail\\b"},
        {"(no|not yet) refund", "\\b(?:no|not yet) refund\\b"},
        {"still not? here", "\\bstill(?: not)? here\\b"},
        {"not? here", "\\b(?:not )?here\\b"},
        {"not yet? … here", "\\bnot(?: yet)?" GAP("4") "here\\b"},
        {"not … yet? here", "\\bnot" GAP("4") "(?:yet )?here\\b"},
        {"not … yet? … here", "\\bnot" GAP("4") "(?:yet" GAP("4") ")?here\\b"},
        {"not? … here", "\\b(?:not" GAP("4") ")?here\\b"},
        {"not here … yet?", "\\bnot here(?:" GAP("4") "yet)?\\b"},
        {"broken again?", "\\bbroken(?: again)?\\b"},
        {"never _ back", "\\bnever [\\w']++ back\\b"},
        {"refuses … refund", "\\brefuses" GAP("4") "refund\\b"},
        {"refuses ... refund", "\\brefuses" GAP("4") "refund\\b"},
        {"no {refund}", "\\bno (?:refund\\w*|money back)\\b"},
        {"~raad…aan", "\\b(?:raad\\b" GAP("6") "aan|aan ?raad)\\b"},
    };
    check_patterns(examples, sizeof examples / sizeof examples[0], false);
}

static void where_accents_decide_a_letter_is_itself_or_bare(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"när kommer", "(?i)\\bn[äa]r kommer\\b"},
        {"ποτέ", "(?i)\\bποτ[έε]\\b"},
        {"nar", "(?i)\\bnar\\b"},
    };
    check_patterns(examples, sizeof examples / sizeof examples[0], true);
}

static void a_mistake_is_named_at_its_byte(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        uint32_t at;
        const char *error;
    } mistakes[] = {
        {"", 0, "a word is missing"},
        {"a (b", 2, "never closed"},
        {"*", 0, "lone *"},
        {"for \\d+ hours", 4, "\\ means nothing"},
        {"re*fund", 2, "end of a word"},
        {"a|b", 1, "alternatives stand in brackets"},
        {"no {refunds}", 4, "no list is named"},
        {"… refund", 0, "between words"},
        {"not? here?", 0, "at least one word"},
        {"~raad", 0, "separable verb"},
        {"(a|)", 2, "a word is missing"},
    };
    struct arena arena = {0};
    struct rule_words words = {.lists = &refund};
    for (size_t index = 0; index < sizeof mistakes / sizeof mistakes[0]; index++) {
        assert_null(rule_words_pattern(&words, &arena, mistakes[index].entry));
        if (!strstr(words.error, mistakes[index].error))
            fail_msg("\"%s\" says: %s", mistakes[index].entry, words.error);
        assert_int_equal(words.error_at, mistakes[index].at);
    }
    arena_free(&arena);
}

static void a_comma_may_stand_at_a_blank_where_the_language_sets_it(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rule_words words = {.commas = true};
    assert_string_equal(rule_words_pattern(&words, &arena, "szkoda że? nie"),
                        "\\bszkoda(?:,? że)?,? nie\\b");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_an_entry_becomes_its_pattern),
        cmocka_unit_test(where_accents_decide_a_letter_is_itself_or_bare),
        cmocka_unit_test(a_mistake_is_named_at_its_byte),
        cmocka_unit_test(a_comma_may_stand_at_a_blank_where_the_language_sets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
