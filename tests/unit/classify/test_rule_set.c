/**
 * Loading rules: a good folder gives a rule set whose hash depends on nothing but the rules; each
 * kind of fault is an error at its place; a failing allocation at any point leaks and breaks
 * nothing.
 */
#include "base/memory.h"
#include "classify/rule_set.h"
#include "helpers/crowded_rules.h"
#include "helpers/rules_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define EXAMPLES "    examples: {match: [a, b], calm: [c, d]}\n"
#define TIERS    "tiers: {minor: 1, moderate: 2}\n"

static const char rule_one[] = "  - id: en.safety.gas_leak\n"
                               "    why: Gas is escaping\n"
                               "    pattern: '\\bgas leak\\b'\n"
                               "    sets: [safety]\n"
                               "    complaint: 2\n"
                               "    category: {safety: 3}\n" EXAMPLES;
static const char rule_two[] = "  - id: en.billing.overcharged\n"
                               "    why: They took too much\n"
                               "    patterns: ['\\bovercharg', '\\bcharged twice\\b']\n"
                               "    complaint: 2\n"
                               "    category: {billing: 2}\n" EXAMPLES;
static const char composites[] = "composites:\n"
                                 "  - id: danger\n"
                                 "    why: Danger now\n"
                                 "    when: trait.safety and trait.time_critical\n"
                                 "    at_least: critical\n"
                                 "  - id: again\n"
                                 "    why: Not the first time\n"
                                 "    when: complaint and recurrence.complaints_7d >= 2\n"
                                 "    sets: [failed_recovery]\n";

static struct rule_set *load(const struct rules_folder *folder, struct error_list *errors)
{
    *errors = (struct error_list){0};
    struct rule_set *rule_set = NULL;
    enum redress_status status = rule_set_load(folder->path, errors, &rule_set);
    assert_int_equal(status == STATUS_OK, rule_set != NULL);
    return rule_set;
}

static uint64_t hash_of(const char *first, const char *second, const char *tiers)
{
    static struct error_list errors;
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "en/a.yaml", first);
    if (second)
        rules_folder_write(&folder, "en/b.yaml", second);
    rules_folder_write(&folder, "composites.yaml", composites);
    rules_folder_write(&folder, "tiers.yaml", tiers);
    struct rule_set *rule_set = load(&folder, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(rule_set);
    uint64_t hash = redress_rule_set_hash(rule_set);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
    return hash;
}

static char *joined(char *out, size_t size, const char *first, const char *second)
{
    snprintf(out, size, "language: en\nrules:\n%s%s", first, second);
    return out;
}

static void the_hash_is_that_of_the_rules_and_not_of_their_files(void **state)
{
    (void)state;
    char both[2000];
    char turned[2000];
    char one[2000];
    char two[2000];
    uint64_t hash = hash_of(joined(both, sizeof both, rule_one, rule_two), NULL, TIERS);
    assert_int_equal(hash, hash_of(joined(turned, sizeof turned, rule_two, rule_one), NULL, TIERS));
    assert_int_equal(hash, hash_of(joined(one, sizeof one, rule_two, ""),
                                   joined(two, sizeof two, rule_one, "# a comment\n"), TIERS));
    assert_int_equal(hash, hash_of(both, NULL, "tiers:\n  moderate: 2.0\n  minor: 1.0 # low\n"));
    assert_int_not_equal(hash, hash_of(both, NULL, "tiers: {minor: 1, moderate: 2.5}\n"));
    assert_int_not_equal(hash, hash_of(one, NULL, TIERS));
}

static void a_rule_set_answers_for_its_rules(void **state)
{
    (void)state;
    static struct error_list errors;
    char both[2000];
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "en/a.yaml", joined(both, sizeof both, rule_one, rule_two));
    rules_folder_write(&folder, "tiers.yaml", TIERS);
    struct rule_set *rule_set = load(&folder, &errors);
    assert_non_null(rule_set);
    assert_int_equal(redress_rule_set_count(rule_set), 2);
    assert_string_equal(redress_rule_id(rule_set, 0), "en.billing.overcharged");
    assert_string_equal(redress_rule_why(rule_set, 1), "Gas is escaping");
    assert_true(redress_rule_set_has_language(rule_set, LANGUAGE_EN));
    assert_false(redress_rule_set_has_language(rule_set, LANGUAGE_PL));
    assert_false(redress_rule_set_has_language(rule_set, LANGUAGE_UNKNOWN));
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

struct fault {
    const char *file;
    const char *content;
    const char *error; /* a part of it */
    unsigned line;
    unsigned column;
};

static const struct fault faults[] = {
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    wyh: y\n    pattern: x\n    sets: "
     "[loss]\n" EXAMPLES,
     "no key \"wyh\"", 5, 5},
    {"en/a.yaml",
     "language: en\nrules:\n  - why: x\n    id: en.a.b\n    pattern: x\n    sets: "
     "[loss]\n" EXAMPLES,
     "first key", 3, 5},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: pl.a.b\n    why: x\n    pattern: x\n    sets: "
     "[loss]\n" EXAMPLES,
     "must begin with \"en.\"", 3, 9},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: x\n    sets: [los]\n" EXAMPLES,
     "no trait", 6, 12},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: x\n    complaint: "
     "99\n" EXAMPLES,
     "a number from -10 to 10", 6, 16},
    {"en/a.yaml", "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: x\n" EXAMPLES,
     "gives something", 3, 5},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: x\n    sets: [loss]\n    "
     "examples: {match: [a], "
     "calm: [b, c]}\n",
     "1 examples stand here", 7, 23},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: x\n    sets: [abuse]\n    "
     "complaint: 1\n" EXAMPLES,
     "abuse never changes a severity", 7, 16},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: x\n    sets: [abuse]\n    "
     "category: {staff: 1}\n" EXAMPLES,
     "abuse never changes a route", 7, 15},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    near: {a: [x], c: [y], b: [z]}\n    "
     "sets: [loss]\n" EXAMPLES,
     "near has no key \"c\"; it has a, b, words, order", 5, 20},
    {"en/a.yaml",
     "language: pl\nrules:\n  - id: pl.a.b\n    why: x\n    pattern: x\n    sets: "
     "[loss]\n" EXAMPLES,
     "folder of \"en\"", 1, 11},
    {"en/a.yaml",
     "language: en\nrules:\n  - id: en.a.b\n    why: x\n    pattern: '(x'\n    sets: "
     "[loss]\n" EXAMPLES,
     "", 5, 0},
    {"en/a.yml", "language: en\n", "rename it", 0, 0},
    {"fr/a.yaml", "language: en\n", "no language is named so", 0, 0},
    {"composites.yaml", "composites:\n  - {id: a, why: x, when: trait.los, at_least: minor}\n",
     "no trait is named", 2, 27},
    {"composites.yaml",
     "composites:\n  - {id: a, why: x, when: trait.loss, sets: [demand]}\n  - {id: b, why: x, "
     "when: trait.demand, "
     "sets: [loss]}\n",
     "circle: a, b", 2, 5},
    {"composites.yaml", "composites:\n  - {id: a, why: x, when: trait.loss}\n", "gives something",
     2, 5},
    {"tiers.yaml", "tiers: {minor: 2, moderate: 1}\n", "must lie above", 1, 8},
};

static void each_fault_is_an_error_at_its_place(void **state)
{
    (void)state;
    static struct error_list errors;
    for (size_t index = 0; index < sizeof faults / sizeof faults[0]; index++) {
        const struct fault *fault = &faults[index];
        char good[2000];
        struct rules_folder folder = rules_folder_make();
        rules_folder_write(&folder, "en/z.yaml", joined(good, sizeof good, rule_one, rule_two));
        rules_folder_write(&folder, "tiers.yaml", TIERS);
        rules_folder_write(&folder, fault->file, fault->content);
        assert_null(load(&folder, &errors));
        if (errors.count != 1)
            error_list_print(&errors, stderr);
        assert_int_equal(errors.count, 1);
        if (!strstr(errors.errors[0].text, fault->error) || errors.errors[0].line != fault->line ||
            (fault->column && errors.errors[0].column != fault->column))
            error_list_print(&errors, stderr);
        assert_non_null(strstr(errors.errors[0].text, fault->error));
        assert_int_equal(errors.errors[0].line, fault->line);
        if (fault->column)
            assert_int_equal(errors.errors[0].column, fault->column);
        rules_folder_remove(&folder);
    }
}

static void an_id_stands_once_in_all_files(void **state)
{
    (void)state;
    static struct error_list errors;
    char text[2000];
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "en/a.yaml", joined(text, sizeof text, rule_one, ""));
    rules_folder_write(&folder, "en/b.yaml", joined(text, sizeof text, rule_one, rule_two));
    rules_folder_write(&folder, "tiers.yaml", TIERS);
    assert_null(load(&folder, &errors));
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.errors[0].text, "is taken"));
    assert_non_null(strstr(errors.errors[0].file, "en/b.yaml"));
    rules_folder_remove(&folder);
}

static void the_rules_that_a_limit_stopped_are_named(void **state)
{
    (void)state;
    static struct error_list errors;
    static char text[CROWDED_TEXT_BYTES + MESSAGE_PADDING_BYTES];
    struct rules_folder folder = rules_folder_make();
    crowded_rules_write(&folder, "en/crowd.yaml");
    rules_folder_write(&folder, "tiers.yaml", TIERS);
    struct rule_set *rule_set = load(&folder, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(rule_set);
    struct scratch *scratch = NULL;
    assert_int_equal(redress_scratch_create(rule_set, &scratch), STATUS_OK);
    struct verdict verdict;
    struct classify_input input = {.text = {text, CROWDED_TEXT_BYTES}, .language_hint = {"en", 2}};
    crowded_text(text);
    const uint32_t *rules;
    assert_int_equal(redress_classify(rule_set, scratch, &input, &verdict), STATUS_UNDECIDED);
    assert_true(verdict.undecided);
    assert_int_equal(redress_undecided_rules(scratch, &rules), 1);
    assert_string_equal(redress_rule_id(rule_set, rules[0]), CROWDED_RULE_SECOND);
    /* A text over the limit is not searched: no rule is why. */
    static char large[MESSAGE_TEXT_BYTES_MAX + 1 + MESSAGE_PADDING_BYTES];
    input.text = (struct slice){large, MESSAGE_TEXT_BYTES_MAX + 1};
    assert_int_equal(redress_classify(rule_set, scratch, &input, &verdict), STATUS_UNDECIDED);
    assert_int_equal(redress_undecided_rules(scratch, &rules), 0);
    input.text.size = 0;
    assert_int_equal(redress_classify(rule_set, scratch, &input, &verdict), STATUS_OK);
    assert_int_equal(redress_undecided_rules(scratch, &rules), 0);
    redress_scratch_free(scratch);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

static void every_failing_allocation_is_answered(void **state)
{
    (void)state;
    static struct error_list errors;
    char both[2000];
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "en/a.yaml", joined(both, sizeof both, rule_one, rule_two));
    rules_folder_write(&folder, "composites.yaml", composites);
    rules_folder_write(&folder, "tiers.yaml", TIERS);
    struct rule_set *rule_set = NULL;
    long allowed = 0;
    for (; !rule_set && allowed < 5000; allowed++) {
        errors = (struct error_list){0};
        memory_fail_after(allowed);
        enum redress_status status = rule_set_load(folder.path, &errors, &rule_set);
        memory_fail_after(-1);
        assert_true(status == STATUS_OK || status == STATUS_MEMORY ||
                    (status == STATUS_INVALID && errors.count > 0));
    }
    assert_non_null(rule_set);
    assert_true(allowed > 5);
    struct scratch *scratch = NULL;
    for (allowed = 0; !scratch && allowed < 100; allowed++) {
        memory_fail_after(allowed);
        enum redress_status status = redress_scratch_create(rule_set, &scratch);
        memory_fail_after(-1);
        assert_true(status == STATUS_OK || status == STATUS_MEMORY);
    }
    assert_non_null(scratch);
    redress_scratch_free(scratch);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_that_of_the_rules_and_not_of_their_files),
        cmocka_unit_test(a_rule_set_answers_for_its_rules),
        cmocka_unit_test(each_fault_is_an_error_at_its_place),
        cmocka_unit_test(an_id_stands_once_in_all_files),
        cmocka_unit_test(the_rules_that_a_limit_stopped_are_named),
        cmocka_unit_test(every_failing_allocation_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
