/**
 * What `rules check` finds in a pack that loads, and what it leaves alone.
 * Method: packs of one rule or two, each with one thing that is wrong; the finding stands at its
 * place and says what mends it. A pack in which nothing is wrong has no finding.
 */
#include "workbench/lint.h"

#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HEAD     "language: en\nrules:\n  - id: en.a.b\n    why: x\n"
#define EXAMPLES "    complaint: 1\n    examples: {match: [a, b], calm: [tea, rain]}\n"

struct findings {
    struct error_list errors;
    struct error_list warnings;
};

static struct findings *lint(const struct rules_folder *folder, const char *calm)
{
    static struct findings findings;
    struct rule_set *rule_set = load_rules(folder->path);
    findings = (struct findings){0};
    struct lint check = {.rule_set = rule_set,
                         .folder = folder->path,
                         .calm = calm,
                         .errors = &findings.errors,
                         .warnings = &findings.warnings};
    assert_int_equal(lint_run(&check), STATUS_OK);
    redress_rule_set_free(rule_set);
    return &findings;
}

struct fault {
    const char *rules;
    const char *text; /* a part of the finding */
    unsigned line;
    unsigned column;
    bool warning;
};

static void check_faults(const struct fault *faults, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        const struct fault *fault = &faults[index];
        struct rules_folder folder = rules_folder_make_english(fault->rules);
        struct findings *found = lint(&folder, NULL);
        const struct error_list *list = fault->warning ? &found->warnings : &found->errors;
        const struct redress_error *first = &list->errors[0];
        if (found->errors.count != !fault->warning || found->warnings.count != fault->warning ||
            !strstr(first->text, fault->text) || first->line != fault->line ||
            first->column != fault->column) {
            error_list_print(&found->errors, stderr);
            error_list_print(&found->warnings, stderr);
            fail_msg("expected %u:%u \"%s\"", fault->line, fault->column, fault->text);
        }
        rules_folder_remove(&folder);
    }
}

static void a_pattern_that_blows_up_is_named_with_its_repetition(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        /* several runs over the same letters */
        {HEAD "    pattern: 'refund\\w*\\w*\\w*x'\n" EXAMPLES, "\\w* blows up", 5, 21, false},
        /* repetitions within repetitions */
        {HEAD "    pattern: '(\\w+ ?)+refund'\n" EXAMPLES, "\\w+ blows up", 5, 16, false},
        {HEAD "    pattern: 'money(ab|cd)*(ab|ce)*now'\n" EXAMPLES, "(ab|cd)* blows up", 5, 20,
         false},
        /* the same over the original text */
        {HEAD "    match: original\n    pattern: 'Refund(\\w+ ?)+X'\n" EXAMPLES, "\\w+ blows up", 6,
         22, false},
        {HEAD "    match: original\n    pattern: 'NO(\\p{Lu}+,?)+\\d'\n" EXAMPLES,
         "\\p{Lu}+ blows up", 6, 18, false},
        /* every start, every middle, every end */
        {HEAD "    pattern: 'foo.*bar.*baz'\n" EXAMPLES, "\"foo.*bar.*baz\" blows up", 5, 15,
         false},
    };
    check_faults(faults, sizeof faults / sizeof faults[0]);
}

static void a_pattern_that_grows_with_its_text_is_left_alone(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(
        HEAD "    patterns: ['\\brefund(?: \\w+){0,5} now\\b', '\\bmoney \\d++ back\\b',\n"
             "      '\\b(?:call|ring)(?:ed|ing)? \\w+ \\w+ times\\b', '\\bpaid .{0,30}twice\\b']\n"
             "    words: ['(refused|no) … refund', '~give…up', 'late _ again']\n" EXAMPLES);
    struct findings *found = lint(&folder, NULL);
    error_list_print(&found->errors, stderr);
    assert_int_equal(found->errors.count, 0);
    rules_folder_remove(&folder);
}

static void an_entry_that_is_too_open_is_an_error(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {HEAD "    words: ['*burn*']\n" EXAMPLES, "open on the left", 5, 14, false},
        {HEAD "    words: ['(*burn|scald)']\n" EXAMPLES, "open on the left", 5, 14, false},
        {HEAD "    pattern: '\\w*burn\\b'\n" EXAMPLES, "open on the left", 5, 15, false},
        {HEAD "    words: [bur*]\n" EXAMPLES, "\"bur*\" has 3 letters", 5, 13, false},
        {HEAD "    words: [burnt]\n    not: [wax*, '(burner|tan*)']\n" EXAMPLES,
         "\"wax*\" has 3 letters", 6, 11, false},
    };
    check_faults(faults, 4);
    struct rules_folder folder = rules_folder_make_english(faults[4].rules);
    assert_int_equal(lint(&folder, NULL)->errors.count, 2);
    rules_folder_remove(&folder);
}

static void an_open_left_end_with_except_and_a_stem_beside_other_words_are_left_alone(void **state)
{
    (void)state;
    struct rules_folder folder =
        rules_folder_make_english(HEAD "    words: ['*burn*', 'ran* dry', burnt]\n"
                                       "    near: {a: [oil*], b: [leak*]}\n"
                                       "    except: [auburn]\n" EXAMPLES);
    /* A whole word is found by the open entry: that one is a warning. */
    struct findings *found = lint(&folder, NULL);
    assert_int_equal(found->errors.count, 0);
    assert_int_equal(found->warnings.count, 1);
    rules_folder_remove(&folder);
}

static void an_entry_that_says_nothing_new_is_found(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {HEAD "    words: [refund, late,\n      refund]\n" EXAMPLES,
         "stands in this rule already, on "
         "line 5",
         6, 7, false},
        {HEAD "    words: [refund*, refunds]\n" EXAMPLES, "nothing that \"refund*\" (line 5)", 5,
         22, true},
        {HEAD "    words: ['(no|not a) refund', 'no refund']\n" EXAMPLES,
         "\"no refund\" finds nothing", 5, 35, true},
        {HEAD "    words: ['refused … money', 'refused to give money', late]\n" EXAMPLES,
         "\"refused to give money\" finds nothing", 5, 33, true},
        {HEAD "    words: [refund]\n    not: [policy, 'refund policy']\n" EXAMPLES,
         "\"refund policy\" finds nothing", 6, 20, true},
        {HEAD "    pattern: '\\b\\d\\d?[./]\\d\\d?\\b'\n" EXAMPLES, "no literal", 5, 15, true},
    };
    check_faults(faults, sizeof faults / sizeof faults[0]);
}

static void an_entry_that_its_own_rule_takes_back_is_an_error(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {HEAD "    words: [late, 'first time late']\n    not: [first time]\n" EXAMPLES,
         "\"first time late\" can never count: what it finds is always excepted", 5, 20, false},
        {HEAD "    words: ['(soon|so) late', burnt]\n    except: [soon late, so late]\n" EXAMPLES,
         "\"(soon|so) late\" can never count", 5, 14, false},
    };
    check_faults(faults, sizeof faults / sizeof faults[0]);
    /* One of its ways is enough. */
    struct rules_folder folder = rules_folder_make_english(
        HEAD "    words: ['(soon|so) late', burnt]\n    not: [soon late]\n" EXAMPLES);
    assert_int_equal(lint(&folder, NULL)->errors.count, 0);
    rules_folder_remove(&folder);
}

static void an_entry_whose_negator_stands_within_it_is_not_covered(void **state)
{
    (void)state;
    struct rules_folder folder =
        rules_folder_make_english(HEAD "    words: [refund, 'never got a refund']\n" EXAMPLES);
    rules_folder_write(&folder, "en/language.yaml",
                       "language: en\nnegation: {before: [never], reach: 3}\n");
    /* "refund" alone would be negated in that text. */
    assert_int_equal(lint(&folder, NULL)->warnings.count, 0);
    rules_folder_remove(&folder);
}

static void an_entry_is_not_covered_by_what_is_true_of_a_whole_message_alone(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(
        HEAD "    words: [dreadful]\n    pattern: '^\\s*(dreadful|late)[.!]*$'\n" EXAMPLES);
    assert_int_equal(lint(&folder, NULL)->warnings.count, 0);
    rules_folder_remove(&folder);
}

static void rules_that_match_the_same_are_told(void **state)
{
    (void)state;
    static const struct fault fault = {
        HEAD "    words: [refund, late]\n" EXAMPLES
             "  - id: en.a.c\n    why: x\n    words: [late, refund]\n" EXAMPLES,
        "en.a.c matches the same as en.a.b", 8, 9, true};
    check_faults(&fault, 1);
}

static void a_tier_out_of_reach_and_a_composite_that_cannot_hold_are_told(void **state)
{
    (void)state;
    struct rules_folder folder =
        rules_folder_make_english(HEAD "    words: [refund]\n    sets: [loss]\n" EXAMPLES);
    rules_folder_write(&folder, "tiers.yaml", "tiers: {minor: 0.5, moderate: 2.5}\n");
    rules_folder_write(
        &folder, "composites.yaml",
        "composites:\n"
        "  - {id: a, why: x, when: trait.loss and not trait.legal, at_least: serious}\n"
        "  - {id: b, why: x, when: trait.legal and (complaint or trait.loss), at_least: serious}\n"
        "  - {id: c, why: x, when: severity >= critical, urgent: true}\n"
        "  - {id: d, why: x, when: category.other or category.staff, at_least: serious}\n");
    struct findings *found = lint(&folder, NULL);
    assert_int_equal(found->errors.count, 1);
    assert_non_null(strstr(found->errors.errors[0].text, "tier \"moderate\" needs a score of 2.5"));
    assert_int_equal(found->errors.errors[0].line, 1);
    assert_int_equal(found->warnings.count, 2);
    assert_non_null(strstr(found->warnings.errors[0].text, "composite \"b\" can never hold"));
    assert_int_equal(found->warnings.errors[0].line, 3);
    assert_non_null(strstr(found->warnings.errors[1].text, "composite \"c\" can never hold"));
    rules_folder_remove(&folder);
}

/* A hundred calm messages, of which every tenth says "delivery". */
static void write_calm(const struct rules_folder *folder)
{
    char lines[100 * 64];
    size_t used = 0;
    for (int index = 0; index < 100; index++)
        used += (size_t)snprintf(lines + used, sizeof lines - used,
                                 "{\"language\": \"en\", \"text\": \"%s number %d\"}\n",
                                 index % 10 ? "tea" : "delivery", index);
    rules_folder_write(folder, "calm.jsonl", lines);
}

static void an_entry_that_hits_the_sites_own_calm_messages_is_an_error(void **state)
{
    (void)state;
    char path[128];
    struct rules_folder folder = rules_folder_make_english(
        HEAD "    words: [deliver*, refund]\n" EXAMPLES
             "  - id: en.topic.delivery\n    why: x\n    words: [delivery, deliveries]\n"
             "    category: {delivery: 1}\n"
             "    examples: {match: [delivery, deliveries], calm: [tea, rain]}\n");
    write_calm(&folder);
    snprintf(path, sizeof path, "%s/calm.jsonl", folder.path);
    assert_int_equal(lint(&folder, NULL)->errors.count, 0);
    struct findings *found = lint(&folder, path);
    assert_int_equal(found->errors.count, 1); /* what only says a subject may stand anywhere */
    assert_non_null(
        strstr(found->errors.errors[0].text, "\"deliver*\" stands in 10 of 100 calm messages"));
    assert_int_equal(found->errors.errors[0].column, 13);
    rules_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_that_blows_up_is_named_with_its_repetition),
        cmocka_unit_test(a_pattern_that_grows_with_its_text_is_left_alone),
        cmocka_unit_test(an_entry_that_is_too_open_is_an_error),
        cmocka_unit_test(an_open_left_end_with_except_and_a_stem_beside_other_words_are_left_alone),
        cmocka_unit_test(an_entry_that_says_nothing_new_is_found),
        cmocka_unit_test(an_entry_that_its_own_rule_takes_back_is_an_error),
        cmocka_unit_test(an_entry_whose_negator_stands_within_it_is_not_covered),
        cmocka_unit_test(an_entry_is_not_covered_by_what_is_true_of_a_whole_message_alone),
        cmocka_unit_test(rules_that_match_the_same_are_told),
        cmocka_unit_test(a_tier_out_of_reach_and_a_composite_that_cannot_hold_are_told),
        cmocka_unit_test(an_entry_that_hits_the_sites_own_calm_messages_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
