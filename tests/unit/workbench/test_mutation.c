/**
 * What the tests beside a pack hit and which mutants they notice, worked out by hand for a small
 * pack; and their results as JUnit.
 */
#include "workbench/junit.h"
#include "workbench/mutation.h"

#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

/*                    hit by                      missed by
 *   broken           match 1, case               match 1
 *   wrecked          match 2, with smashed       -
 *   smashed          match 2                     -
 *   burnt            -                           -
 *   not a joke       calm 1                      calm 1
 *   not tea          calm 2, which has no hit    -
 */
static const char rules[] =
    "language: en\nrules:\n"
    "  - id: en.a.broken\n    why: x\n    words: [broken, wrecked, smashed, burnt]\n"
    "    not: [a joke, tea]\n    complaint: 1\n    sets: [loss]\n"
    "    examples: {match: [it is broken, wrecked and smashed], calm: [a broken joke is a joke, "
    "tea]}\n"
    "  - id: en.a.court\n    why: x\n    words: [court]\n    sets: [legal]\n"
    "    examples: {match: [court, the court], calm: [tea, rain]}\n";

static const char composites[] =
    "composites:\n"
    "  - {id: a, why: x, when: trait.loss and trait.legal, at_least: serious}\n"
    "  - {id: b, why: x, when: not trait.loss and count >= 3, at_least: critical}\n";

static const char cases[] =
    "cases:\n"
    "  - {text: the broken thing, language: en,\n"
    "     verdict: {severity: moderate, categories: [other], traits: [loss]}}\n"
    "  - {text: the broken thing comes to court, language: en,\n"
    "     verdict: {severity: serious, categories: [other], traits: [loss, legal]}}\n"
    "  - {text: the court, language: en, verdict: {severity: minor, traits: [legal]}}\n";

static struct rules_folder make(void)
{
    struct rules_folder folder = rules_folder_make_english(rules);
    rules_folder_write(&folder, "composites.yaml", composites);
    rules_folder_write(&folder, "cases/en.yaml", cases);
    return folder;
}

static bool killed(const struct mutation *mutation, const char *entry)
{
    for (uint32_t index = 0; index < mutation->probe.entry_count; index++)
        if (strcmp(mutation->probe.entries[index].pattern->entry, entry) == 0)
            return mutation->killed[index];
    fail_msg("no entry \"%s\"", entry);
    return false;
}

static void an_entry_is_missed_where_a_test_hits_through_it_alone(void **state)
{
    (void)state;
    struct rules_folder folder = make();
    struct rule_set *rule_set = load_rules(folder.path);
    struct mutation mutation;
    assert_int_equal(mutation_run(&mutation, rule_set, folder.path, true), STATUS_OK);
    assert_true(killed(&mutation, "broken"));
    assert_false(killed(&mutation, "wrecked"));
    assert_false(killed(&mutation, "smashed"));
    assert_false(killed(&mutation, "burnt"));
    assert_true(killed(&mutation, "a joke"));
    assert_false(killed(&mutation, "tea"));
    assert_true(killed(&mutation, "court"));
    assert_int_equal(mutation.entries_hit, 6); /* all but burnt */
    assert_int_equal(mutation.rules_hit, 2);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_ENTRY].made, 5);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_ENTRY].killed, 2);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_NOT].made, 2);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_NOT].killed, 1);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_RULE].killed, 2);
    mutation_free(&mutation);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

static void an_alternative_is_hit_where_its_entry_hits_through_it_alone(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "tiers.yaml", "tiers: {minor: 0.5}\n");
    rules_folder_write(&folder, "en/a.yaml",
                       "language: en\nlists: {thing: [lamp*, lamps, chair]}\nrules:\n"
                       "  - {id: en.a.b, why: x, words: ['(broken|wrecked) {thing}', burnt],\n"
                       "     complaint: 1, examples: {match: [broken lamps, wrecked chair burnt],\n"
                       "     calm: [a, b]}}\n");
    struct rule_set *rule_set = load_rules(folder.path);
    struct mutation mutation;
    assert_int_equal(mutation_run(&mutation, rule_set, folder.path, true), STATUS_OK);
    /* broken and wrecked, chair, but neither lamp* nor lamps, which stand in for one another. */
    assert_int_equal(mutation.counts[MUTANT_DROPPED_ALTERNATIVE].made, 5);
    assert_int_equal(mutation.alternatives_hit, 3);
    /* Without the entry only the first example would fail: the second is burnt, too. */
    assert_int_equal(mutation.counts[MUTANT_DROPPED_ALTERNATIVE].killed, 1);
    mutation_free(&mutation);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

static void a_composite_is_missed_where_a_case_needs_it(void **state)
{
    (void)state;
    struct rules_folder folder = make();
    struct rule_set *rule_set = load_rules(folder.path);
    struct mutation mutation;
    assert_int_equal(mutation_run(&mutation, rule_set, folder.path, true), STATUS_OK);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_COMPOSITE].made, 2);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_COMPOSITE].killed, 1);
    /* a: two operands and the `and`; b: two operands, the `not` and the `and`. The last case is
     * wrong (no rule gives legal a complaint), so it kills nothing. */
    assert_int_equal(mutation.counts[MUTANT_FLIPPED_COMPOSITE].made, 7);
    for (uint32_t index = 0; index < mutation.mutant_count; index++) {
        const struct composite_mutant *mutant = &mutation.mutants[index];
        bool first = strcmp(rule_set->pack.composites[mutant->composite].id, "a") == 0;
        if (first && mutant->step != UINT32_MAX)
            assert_true(mutant->killed);
        if (!first && mutant->step == UINT32_MAX)
            assert_false(mutant->killed);
    }
    mutation_free(&mutation);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

static void without_mutants_only_hits_are_found(void **state)
{
    (void)state;
    struct rules_folder folder = make();
    struct rule_set *rule_set = load_rules(folder.path);
    struct mutation mutation;
    assert_int_equal(mutation_run(&mutation, rule_set, folder.path, false), STATUS_OK);
    assert_int_equal(mutation.entries_hit, 6);
    assert_int_equal(mutation.mutant_count, 0);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_ENTRY].killed, 0);
    mutation_free(&mutation);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

static void a_junit_report_counts_and_names_what_failed(void **state)
{
    (void)state;
    static struct error_list errors;
    static char report[8000];
    char path[128];
    struct rules_folder folder = make();
    struct rule_set *rule_set = load_rules(folder.path);
    struct rule_test_counts counts;
    struct junit junit;
    const struct rule_test_visitor visitor = {junit_visit, &junit};
    snprintf(path, sizeof path, "%s/junit.xml", folder.path);
    assert_int_equal(junit_open(&junit, path), STATUS_OK);
    assert_int_equal(rule_test_run(rule_set, folder.path, &visitor, &errors, &counts), STATUS_OK);
    assert_int_equal(junit_close(&junit), STATUS_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    report[fread(report, 1, sizeof report - 1, file)] = 0;
    fclose(file);
    assert_non_null(strstr(report, "tests=\"11\" failures=\"1\""));
    assert_non_null(
        strstr(report, "<testcase classname=\"en.a.broken\" name=\"match: it is broken\""));
    assert_non_null(strstr(report, "<failure message=\"the severity is none, must be minor"));
    assert_non_null(strstr(report, "</testsuites>"));
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

static void what_xml_reserves_is_written_otherwise(void **state)
{
    (void)state;
    char path[128];
    char report[1000];
    struct rules_folder folder = rules_folder_make();
    struct junit junit;
    const struct rule_place place = {"a.yaml", 3, 1};
    const struct rule_test_result result = {.suite = "en.a.b",
                                            .kind = "calm",
                                            .text = "<5 & \"6\"\x01",
                                            .place = &place,
                                            .failure = "one\ntwo"};
    snprintf(path, sizeof path, "%s/junit.xml", folder.path);
    assert_int_equal(junit_open(&junit, path), STATUS_OK);
    junit_visit(&junit, &result);
    assert_int_equal(junit_close(&junit), STATUS_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    report[fread(report, 1, sizeof report - 1, file)] = 0;
    fclose(file);
    assert_non_null(strstr(report, "name=\"calm: &lt;5 &amp; &quot;6&quot; \""));
    assert_non_null(strstr(report, "message=\"one&#10;two\""));
    assert_int_equal(junit_open(&junit, "/no/such/folder/junit.xml"), STATUS_IO);
    rules_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_missed_where_a_test_hits_through_it_alone),
        cmocka_unit_test(an_alternative_is_hit_where_its_entry_hits_through_it_alone),
        cmocka_unit_test(a_composite_is_missed_where_a_case_needs_it),
        cmocka_unit_test(without_mutants_only_hits_are_found),
        cmocka_unit_test(a_junit_report_counts_and_names_what_failed),
        cmocka_unit_test(what_xml_reserves_is_written_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
