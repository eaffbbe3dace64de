/**
 * A site's override folder: weights, disabled rules and rules of its own win over the shipped
 * files, which stay as they are.
 */
#include "classify/rule_set.h"
#include "helpers/judge.h"
#include "helpers/rules_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char shipped[] =
    "language: en\nrules:\n"
    "  - id: en.a.late\n    why: Late\n    words: [late]\n    complaint: 1\n"
    "    examples: {match: [late, so late], calm: [tea, rain]}\n"
    "  - id: en.a.rude\n    why: Rude\n    words: [rude]\n    complaint: 1\n"
    "    examples: {match: [rude, so rude], calm: [tea, rain]}\n";

#define OWN(id, word)                                                                              \
    "language: en\nrules:\n  - id: " id "\n    why: Ours\n    words: [" word "]\n"                 \
    "    complaint: 3\n    examples: {match: [a, b], calm: [tea, rain]}\n"

/* base/ holds the shipped rules, site/ what the site changes. */
static struct rules_folder make(void)
{
    struct rules_folder folder = rules_folder_make();
    struct rules_folder base = rules_folder_make_inside(&folder, "base");
    (void)rules_folder_make_inside(&folder, "site");
    rules_folder_write(&base, "en/a.yaml", shipped);
    rules_folder_write(&base, "tiers.yaml", "tiers: {minor: 0.5, moderate: 1.5}\n");
    rules_folder_write(&base, "scores/en.yaml", "scores: {en.a.rude: {complaint: 2}}\n");
    return folder;
}

/* NULL with errors. */
static struct rule_set *load(const struct rules_folder *folder, bool overridden,
                             struct error_list *errors)
{
    char base[128];
    char site[128];
    struct rule_set *rule_set = NULL;
    *errors = (struct error_list){0};
    snprintf(base, sizeof base, "%s/base", folder->path);
    snprintf(site, sizeof site, "%s/site", folder->path);
    (void)!rule_set_load_overridden(base, overridden ? site : NULL, errors, &rule_set);
    return rule_set;
}

static float score_of(const struct rule_set *rule_set, const char *text)
{
    return judge(rule_set, text).score;
}

static void weights_win_over_rules_and_over_shipped_scores(void **state)
{
    (void)state;
    static struct error_list errors;
    struct rules_folder folder = make();
    rules_folder_write(&folder, "site/scores/en.yaml",
                       "scores: {en.a.late: {complaint: 4}, en.a.rude: {complaint: 5}}\n");
    struct rule_set *plain = load(&folder, false, &errors);
    struct rule_set *ours = load(&folder, true, &errors);
    assert_float_equal(score_of(plain, "late"), 1, 0);
    assert_float_equal(score_of(plain, "rude"), 2, 0);
    assert_float_equal(score_of(ours, "late"), 4, 0);
    assert_float_equal(score_of(ours, "rude"), 5, 0);
    assert_true(redress_rule_set_hash(plain) != redress_rule_set_hash(ours));
    redress_rule_set_free(plain);
    redress_rule_set_free(ours);
    rules_folder_remove(&folder);
}

static void disabled_rules_are_gone_though_shipped_scores_name_them(void **state)
{
    (void)state;
    static struct error_list errors;
    struct rules_folder folder = make();
    rules_folder_write(&folder, "site/disabled.yaml", "disabled: [en.a.rude]\n");
    struct rule_set *ours = load(&folder, true, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(ours);
    assert_int_equal(redress_rule_set_count(ours), 1);
    assert_float_equal(score_of(ours, "rude"), 0, 0);
    redress_rule_set_free(ours);
    rules_folder_remove(&folder);
}

static void rules_of_its_own_are_added_and_may_take_the_place_of_disabled_ones(void **state)
{
    (void)state;
    static struct error_list errors;
    struct rules_folder folder = make();
    rules_folder_write(&folder, "site/disabled.yaml", "disabled: [en.a.late]\n");
    rules_folder_write(&folder, "site/en/own.yaml", OWN("en.a.late", "tardy"));
    struct rule_set *ours = load(&folder, true, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(ours);
    assert_int_equal(redress_rule_set_count(ours), 2);
    assert_float_equal(score_of(ours, "tardy"), 3, 0);
    assert_float_equal(score_of(ours, "late"), 0, 0);
    redress_rule_set_free(ours);
    rules_folder_remove(&folder);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    static struct error_list errors;
    char site[128];
    struct rules_folder folder = make();
    snprintf(site, sizeof site, "%s/site", folder.path);
    assert_int_equal(rmdir(site), 0);
    assert_null(load(&folder, true, &errors));
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.errors[0].text, "cannot be read"));
    assert_non_null(strstr(errors.errors[0].file, "/site"));
    rules_folder_remove(&folder);
}

struct fault {
    const char *file;
    const char *content;
    const char *error;
    unsigned line;
    unsigned column;
};

static void each_fault_is_an_error_at_its_place(void **state)
{
    (void)state;
    static struct error_list errors;
    static const struct fault faults[] = {
        {"site/disabled.yaml", "disabled: [en.a.late, en.a.lat]\n", "no shipped rule has the id", 1,
         23},
        {"site/disabled.yaml", "enabled: [en.a.late]\n", "no key \"enabled\"", 1, 1},
        {"site/en/own.yaml", OWN("en.a.late", "tardy"), "is taken", 3, 9},
        {"site/scores/en.yaml", "scores: {en.a.lat: {complaint: 4}}\n", "no rule has the id", 1,
         10},
        {"site/en/language.yaml", "language: en\nnegation: {before: [not]}\n",
         "language.yaml belongs to the pack", 0, 0},
        {"site/tiers.yaml", "tiers: {minor: 1}\n", "an override folder holds", 0, 0},
        {"site/fr/own.yaml", "language: fr\n", "an override folder holds", 0, 0},
    };
    for (size_t index = 0; index < sizeof faults / sizeof faults[0]; index++) {
        struct rules_folder folder = make();
        rules_folder_write(&folder, faults[index].file, faults[index].content);
        assert_null(load(&folder, true, &errors));
        if (!strstr(errors.errors[0].text, faults[index].error) ||
            errors.errors[0].line != faults[index].line ||
            errors.errors[0].column != faults[index].column) {
            error_list_print(&errors, stderr);
            fail_msg("expected \"%s\"", faults[index].error);
        }
        rules_folder_remove(&folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_win_over_rules_and_over_shipped_scores),
        cmocka_unit_test(disabled_rules_are_gone_though_shipped_scores_name_them),
        cmocka_unit_test(rules_of_its_own_are_added_and_may_take_the_place_of_disabled_ones),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
        cmocka_unit_test(each_fault_is_an_error_at_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
