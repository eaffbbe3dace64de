/**
 * What single words say: a lexicon makes a nuisance of what no rule hears or what rules misheard,
 * and never more; it helps to tell what a complaint is about and may add traits to it; a file that
 * is wrong is refused with its place.
 */
#include "classify/rule_set.h"
#include "helpers/judge.h"
#include "helpers/rules_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char rules[] =
    "language: en\nrules:\n"
    "  - id: en.a.late\n    why: Late\n    words: [late]\n    complaint: 1\n"
    "    category: {delivery: 1, staff: 0.8}\n"
    "    examples: {match: [late, so late], calm: [tea, rain]}\n"
    "  - id: en.a.lovely\n    why: Lovely\n    words: [lovely]\n    complaint: -1\n"
    "    examples: {match: [lovely, so lovely], calm: [tea, rain]}\n";

/* With four words or less a sentence's sum is halved: 64 is 1 of a score there. */
static const char words[] = "stem\tcomplaint\tbilling\tdelivery\n"
                            "*\t-8\n"
                            "grumbl\t96\t127\n"
                            "invoic\t\t127\n"
                            "suny\t-60\n";

static struct rules_folder make(const char *lexicon)
{
    struct rules_folder folder = rules_folder_make_english(rules);
    if (lexicon)
        rules_folder_write(&folder, "lexicon/en.tsv", lexicon);
    return folder;
}

static struct error_list errors;

/* NULL with errors; the folder is gone afterwards. */
static struct rule_set *load(const char *lexicon)
{
    struct rules_folder folder = make(lexicon);
    struct rule_set *rule_set = NULL;
    errors = (struct error_list){0};
    (void)!rule_set_load(folder.path, &errors, &rule_set);
    rules_folder_remove(&folder);
    return rule_set;
}

static void words_make_a_nuisance_of_what_no_rule_hears(void **state)
{
    (void)state;
    struct rule_set *with = load(words);
    struct rule_set *without = load(NULL);
    assert_int_equal(judge(without, "Grumbling here").severity, SEVERITY_NONE);
    assert_int_equal(judge(with, "Grumbling here").severity, SEVERITY_MINOR);
    assert_int_equal(judge(with, "Talking here").severity, SEVERITY_NONE);
    redress_rule_set_free(with);
    redress_rule_set_free(without);
}

static void words_never_make_more_than_a_nuisance(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    struct verdict verdict = judge(rule_set, "Grumble grumbling grumbled grumbles");
    assert_int_equal(verdict.severity, SEVERITY_MINOR);
    assert_true(verdict.score < 1);
    redress_rule_set_free(rule_set);
}

static void words_leave_the_score_of_a_graver_complaint_alone(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    assert_float_equal(judge(rule_set, "Late").score, 1, 0);
    assert_float_equal(judge(rule_set, "Late. Grumbling.").score, 1, 0);
    assert_float_equal(judge(rule_set, "Late. Sunny.").score, 1, 0);
    redress_rule_set_free(rule_set);
}

static void words_that_are_drawn_out_say_the_same(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    float score = judge(rule_set, "Grumble so").score;
    assert_true(score > 0);
    assert_float_equal(judge(rule_set, "Grummble so").score, score, 0);
    assert_float_equal(judge(rule_set, "Gruuuumble so").score, score, 0);
    redress_rule_set_free(rule_set);
}

static void words_that_speak_against_a_complaint_make_a_nuisance_of_it(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    struct verdict verdict = judge(rule_set, "Late and sunny");
    assert_int_equal(verdict.severity, SEVERITY_MINOR);
    assert_true(verdict.score < 1);
    assert_int_equal(judge(rule_set, "Late and talking").severity, SEVERITY_MODERATE);
    redress_rule_set_free(rule_set);
}

static void words_beside_a_complaint_do_not_speak_against_it(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    assert_int_equal(judge(rule_set, "Late. A sunny day.").severity, SEVERITY_MODERATE);
    assert_int_equal(judge(rule_set, "Late and sunny. Late.").severity, SEVERITY_MODERATE);
    assert_int_equal(judge(rule_set, "Late and sunny. Grumbling.").severity, SEVERITY_MINOR);
    redress_rule_set_free(rule_set);
}

static void friendly_words_alone_take_nothing_away(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    assert_float_equal(judge(rule_set, "Sunny sunny day").score, 0, 0);
    redress_rule_set_free(rule_set);
}

static void a_calm_paragraph_does_not_drown_the_sentence_that_complains(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    float alone = judge(rule_set, "Grumbling here.").score;
    assert_float_equal(judge(rule_set,
                             "It is a sunny day. Grumbling here. We had tea in the garden "
                             "with all of them, and sat there until late evening came. ")
                               .score >= alone,
                       1, 0);
    assert_float_equal(judge(rule_set, "A sunny day. Grumbling here. A sunny day.").score, alone,
                       1e-6);
    redress_rule_set_free(rule_set);
}

static void words_of_a_subject_tell_the_first_category(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(words);
    struct verdict plain = judge(rule_set, "Late");
    struct verdict billed = judge(rule_set, "Late invoice");
    assert_int_equal(plain.categories[0], CATEGORY_DELIVERY);
    assert_int_equal(plain.categories[1], CATEGORY_STAFF);
    assert_int_equal(billed.categories[0], CATEGORY_BILLING);
    assert_int_equal(billed.categories[1], CATEGORY_DELIVERY);
    redress_rule_set_free(rule_set);
}

static const char sayings[] = "stem\tcomplaint\ttrait.repeat\n"
                              "*\t\t-60\n"
                              "again\t\t61\n"
                              "early\t\t-10\n";

static void words_add_a_trait_to_a_complaint_and_leave_its_severity(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(sayings);
    struct verdict verdict = judge(rule_set, "Late again");
    assert_int_equal(verdict.traits, 1u << TRAIT_REPEAT);
    assert_int_equal(verdict.traits_by_words, 1u << TRAIT_REPEAT);
    assert_int_equal(verdict.severity, SEVERITY_MODERATE);
    assert_int_equal(judge(rule_set, "Tea again").traits, 0);
    redress_rule_set_free(rule_set);
}

static void a_trait_is_heard_in_one_sentence_however_long_the_text(void **state)
{
    (void)state;
    struct rule_set *rule_set = load(sayings);
    assert_int_equal(judge(rule_set, "Late early again").traits, 0);
    assert_int_equal(judge(rule_set, "Late early. Then again it was what it was").traits,
                     1u << TRAIT_REPEAT);
    redress_rule_set_free(rule_set);
}

static void words_may_speak_against_a_trait_that_every_sentence_begins_with(void **state)
{
    (void)state;
    struct rule_set *rule_set = load("stem\tcomplaint\ttrait.repeat\n*\t\t5\nearly\t\t-10\n");
    assert_int_equal(judge(rule_set, "Late").traits, 1u << TRAIT_REPEAT);
    assert_int_equal(judge(rule_set, "Late and early").traits, 0);
    redress_rule_set_free(rule_set);
}

static void a_lexicon_is_part_of_the_rule_sets_hash(void **state)
{
    (void)state;
    struct rule_set *with = load(words);
    struct rule_set *again = load("stem\tdelivery\tcomplaint\tbilling\nsuny\t\t-60\n"
                                  "invoic\t\t\t127\n*\t\t-8\t\ngrumbl\t\t96\t127\n");
    struct rule_set *other = load("stem\tcomplaint\nsuny\t-61\n");
    assert_int_equal(redress_rule_set_hash(with), redress_rule_set_hash(again));
    assert_int_not_equal(redress_rule_set_hash(with), redress_rule_set_hash(other));
    redress_rule_set_free(with);
    redress_rule_set_free(again);
    redress_rule_set_free(other);
}

static void a_sites_lexicon_stands_in_place_of_the_shipped_one(void **state)
{
    (void)state;
    struct rules_folder folder = make(words);
    struct rules_folder site = rules_folder_make();
    struct rule_set *rule_set = NULL;
    errors = (struct error_list){0};
    rules_folder_write(&site, "lexicon/en.tsv", "stem\tcomplaint\n");
    assert_int_equal(rule_set_load_overridden(folder.path, site.path, &errors, &rule_set),
                     STATUS_OK);
    assert_int_equal(judge(rule_set, "Grumbling here").severity, SEVERITY_NONE);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&site);
    rules_folder_remove(&folder);
}

static void assert_refused(const char *lexicon, uint32_t line, uint32_t column, const char *text)
{
    assert_null(load(lexicon));
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.errors[0].line, line);
    assert_int_equal(errors.errors[0].column, column);
    assert_non_null(strstr(errors.errors[0].text, text));
}

static void what_is_wrong_with_a_lexicon_is_named_with_its_place(void **state)
{
    (void)state;
    char long_line[700] = "stem\tcomplaint\n";
    memset(long_line + strlen(long_line), 'a', 600);
    assert_refused("word\tcomplaint\n", 1, 1, "names the columns");
    assert_refused("stem\tcomplaint\tprice\n", 1, 16, "no column");
    assert_refused("stem\tcomplaint\tcomplaint\n", 1, 16, "twice");
    assert_refused("stem\ttrait.repeat\ttrait.repeat\n", 1, 19, "twice");
    assert_refused("stem\trepeat\nlate\t1\n", 1, 6, "no column");
    assert_refused("stem\ttrait.self_harm\n", 1, 6, "no column");
    assert_refused("stem\tcomplaint\nlate\t128\n", 2, 6, "-127 to 127");
    assert_refused("stem\tcomplaint\n*\t-1001\n", 2, 3, "-1000 to 1000");
    assert_refused("stem\tcomplaint\nlate\t1.5\n", 2, 6, "whole number");
    assert_refused("stem\tcomplaint\nlate\t1\t2\n", 2, 8, "more fields");
    assert_refused("stem\tcomplaint\nlateness\t1\n", 2, 1, "one to six letters");
    assert_refused("stem\tcomplaint\nsunny\t1\n", 2, 1, "none of them doubled");
    assert_refused("stem\tcomplaint\n4you\t1\n", 2, 1, "one to six letters");
    assert_refused("stem\tcomplaint\ncaf\xC3\t1\n", 2, 1, "one to six letters");
    assert_refused("stem\tcomplaint\n\xFFyou\t1\n", 2, 1, "one to six letters");
    assert_refused("stem\tcomplaint\n\n", 2, 1, "no stem");
    assert_refused("stem\tcomplaint\n*\t1\n*\t2\n", 3, 1, "twice");
    assert_refused("stem\tcomplaint\ncafe\t1\ncafé\t2\n", 3, 1, "twice");
    assert_refused(long_line, 2, 512, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_make_a_nuisance_of_what_no_rule_hears),
        cmocka_unit_test(words_never_make_more_than_a_nuisance),
        cmocka_unit_test(words_leave_the_score_of_a_graver_complaint_alone),
        cmocka_unit_test(words_that_are_drawn_out_say_the_same),
        cmocka_unit_test(words_that_speak_against_a_complaint_make_a_nuisance_of_it),
        cmocka_unit_test(words_beside_a_complaint_do_not_speak_against_it),
        cmocka_unit_test(friendly_words_alone_take_nothing_away),
        cmocka_unit_test(a_calm_paragraph_does_not_drown_the_sentence_that_complains),
        cmocka_unit_test(words_of_a_subject_tell_the_first_category),
        cmocka_unit_test(words_add_a_trait_to_a_complaint_and_leave_its_severity),
        cmocka_unit_test(a_trait_is_heard_in_one_sentence_however_long_the_text),
        cmocka_unit_test(words_may_speak_against_a_trait_that_every_sentence_begins_with),
        cmocka_unit_test(a_lexicon_is_part_of_the_rule_sets_hash),
        cmocka_unit_test(a_sites_lexicon_stands_in_place_of_the_shipped_one),
        cmocka_unit_test(what_is_wrong_with_a_lexicon_is_named_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
