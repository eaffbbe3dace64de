/**
 * The shipped packs: they load without an error, every rule's own examples and every case come out
 * exactly, every language has its themes, and a spoilt example is found.
 */
#include "classify/rule_test.h"
#include "helpers/rules_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char shipped[] = REDRESS_SOURCE_DIR "/rules";

static struct rule_set *load(const char *folder, struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    *errors = (struct error_list){0};
    enum redress_status status = rule_set_load(folder, errors, &rule_set);
    error_list_print(errors, stderr);
    assert_int_equal(status, STATUS_OK);
    return rule_set;
}

static void every_example_and_case_of_the_shipped_packs_holds(void **state)
{
    (void)state;
    static struct error_list errors;
    struct rule_test_counts counts;
    struct rule_set *rule_set = load(shipped, &errors);
    assert_int_equal(rule_test_run(rule_set, shipped, &errors, &counts), STATUS_OK);
    error_list_print(&errors, stderr);
    print_message("%u rules, %u examples, %u cases\n", redress_rule_set_count(rule_set),
                  counts.examples, counts.cases);
    assert_int_equal(counts.failures, 0);
    assert_true(counts.examples >= 4 * redress_rule_set_count(rule_set));
    assert_true(counts.cases >= 30);
    redress_rule_set_free(rule_set);
}

static void every_language_has_its_rules_and_themes(void **state)
{
    (void)state;
    static struct error_list errors;
    static const char *const themes[] = {"safety",    "self_harm", "threat", "fraud",  "legal",
                                         "regulator", "leaving",   "repeat", "access", "refund",
                                         "billing",   "delivery",  "outage", "staff"};
    struct rule_set *rule_set = load(shipped, &errors);
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        const char *name = redress_language_name((enum language)language);
        unsigned count = 0;
        for (uint32_t index = 0; index < redress_rule_set_count(rule_set); index++)
            count += strncmp(redress_rule_id(rule_set, index), name, 2) == 0;
        assert_true(count >= (language == LANGUAGE_EN ? 60 : 20));
        for (size_t theme = 0; theme < sizeof themes / sizeof themes[0]; theme++) {
            char prefix[64];
            bool found = false;
            int size = snprintf(prefix, sizeof prefix, "%s.%s.", name, themes[theme]);
            for (uint32_t index = 0; index < redress_rule_set_count(rule_set); index++)
                found |= strncmp(redress_rule_id(rule_set, index), prefix, (size_t)size) == 0;
            if (!found)
                print_message("no rule %s\n", prefix);
            assert_true(found);
        }
    }
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
    struct rule_set *rule_set = load(folder.path, &errors);
    assert_int_equal(rule_test_run(rule_set, folder.path, &errors, &counts), STATUS_OK);
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
        cmocka_unit_test(every_language_has_its_rules_and_themes),
        cmocka_unit_test(a_wrong_example_and_a_wrong_case_are_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
