/**
 * The shipped packs: they load without an error, every rule's own examples and every case come out
 * exactly, every language gives every trait and category, the same meanings are judged alike, and a
 * spoilt example is found.
 */
#include "workbench/rule_parity.h"
#include "workbench/rule_test.h"
#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char shipped[] = REDRESS_SOURCE_DIR "/rules";

static void every_example_and_case_of_the_shipped_packs_holds(void **state)
{
    (void)state;
    static struct error_list errors;
    struct rule_test_counts counts;
    struct rule_set *rule_set = load_rules(shipped);
    assert_int_equal(rule_test_run(rule_set, shipped, NULL, &errors, &counts), STATUS_OK);
    error_list_print(&errors, stderr);
    print_message("%u rules, %u examples, %u cases\n", redress_rule_set_count(rule_set),
                  counts.examples, counts.cases);
    assert_int_equal(counts.failures, 0);
    assert_true(counts.examples >= 4 * redress_rule_set_count(rule_set));
    assert_true(counts.cases >= 30);
    redress_rule_set_free(rule_set);
}

/* What the rules of a language can give. */
struct given {
    unsigned rules;
    trait_set traits;
    category_set categories;
};

static struct given given_in(const struct rule_set *rule_set, enum language language)
{
    struct given given = {0};
    for (uint32_t index = 0; index < rule_set->pack.rule_count; index++) {
        const struct rule *rule = &rule_set->pack.rules[index];
        if (rule->home != language)
            continue;
        given.rules++;
        given.traits |= rule->traits;
        for (unsigned category = 0; category < CATEGORY_COUNT; category++)
            if (rule->categories[category] > 0)
                given.categories |= 1u << category;
    }
    return given;
}

static void every_language_has_80_rules_and_gives_every_trait_and_category(void **state)
{
    (void)state;
    struct rule_set *rule_set = load_rules(shipped);
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        struct given given = given_in(rule_set, (enum language)language);
        print_message("%s: %u rules, traits %x, categories %x\n",
                      redress_language_name((enum language)language), given.rules, given.traits,
                      given.categories);
        assert_true(given.rules >= 80);
        assert_int_equal(given.traits, (1u << TRAIT_COUNT) - 1);
        assert_int_equal(given.categories, (1u << CATEGORY_COUNT) - 1);
        assert_non_null(rule_set->pack.grammars[language]);
    }
    redress_rule_set_free(rule_set);
}

static void the_same_meanings_are_judged_alike_in_every_language(void **state)
{
    (void)state;
    static struct error_list errors;
    static struct parity parity;
    struct rule_set *rule_set = load_rules(shipped);
    enum redress_status status =
        parity_run(rule_set, REDRESS_SOURCE_DIR "/rules/cases/parallel.yaml", &errors, &parity);
    error_list_print(&errors, stderr);
    assert_int_equal(status, STATUS_OK);
    assert_true(parity.count >= 150);
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        print_message("%s: %u of %u hold, %u grave misses\n",
                      redress_language_name((enum language)language), parity.held[language],
                      parity.count, parity.grave_misses[language]);
    assert_true(parity_passes(&parity));
    parity_free(&parity);
    redress_rule_set_free(rule_set);
}

static void a_wrong_example_and_a_wrong_case_are_failures(void **state)
{
    (void)state;
    static struct error_list errors;
    struct rule_test_counts counts;
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "tiers.yaml", "tiers: {minor: 1}\n");
    rules_folder_write(
        &folder, "en/a.yaml",
        "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: '\\bbroken\\b'\n"
        "    complaint: 1\n    examples:\n      match: [it is broken, it is fine]\n"
        "      calm: [all is well, not broken]\n");
    rules_folder_write(
        &folder, "cases/en.yaml",
        "cases:\n  - text: It is broken\n    language: en\n    verdict: {severity: none}\n");
    struct rule_set *rule_set = load_rules(folder.path);
    assert_int_equal(rule_test_run(rule_set, folder.path, NULL, &errors, &counts), STATUS_OK);
    assert_int_equal(counts.examples, 4);
    assert_int_equal(counts.cases, 1);
    /* Two examples; the case is wrong in its severity and its categories. */
    assert_int_equal(counts.failures, 4);
    assert_int_equal(errors.errors[0].line, 8);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_and_case_of_the_shipped_packs_holds),
        cmocka_unit_test(every_language_has_80_rules_and_gives_every_trait_and_category),
        cmocka_unit_test(the_same_meanings_are_judged_alike_in_every_language),
        cmocka_unit_test(a_wrong_example_and_a_wrong_case_are_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
