/**
 * What another version of the rules does to messages: moves, urgent cases, masked examples and the
 * step of the version, each worked out by hand.
 */
#include "workbench/rule_diff.h"

#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define RULES                                                                                      \
    "language: en\nrules:\n"                                                                       \
    "  - id: en.a.gas\n    why: x\n    words: [gas]\n    sets: [safety]\n"                         \
    "    at_least: critical\n    category: {safety: 1}\n"                                          \
    "    examples: {match: [gas, a gas], calm: [tea, rain]}\n"                                     \
    "  - id: en.a.late\n    why: x\n    words: [late]\n    category: {delivery: 1}\n"              \
    "    complaint: %s\n    examples: {match: [late, so late], calm: [tea, rain]}\n"

static struct rule_set *weighing(const char *complaint)
{
    char rules[1200];
    snprintf(rules, sizeof rules, RULES, complaint);
    return load_english_rules(rules);
}

/* Both sets are freed; the caller frees the diff. */
static struct rule_diff compared(struct rule_set *before, struct rule_set *after,
                                 const char *messages)
{
    static struct error_list errors;
    char path[128];
    struct rule_diff diff;
    struct rules_folder folder = rules_folder_make();
    errors = (struct error_list){0};
    rules_folder_write(&folder, "messages.jsonl", messages);
    snprintf(path, sizeof path, "%s/messages.jsonl", folder.path);
    assert_int_equal(rule_diff_run(&diff, before, after, path, &errors), STATUS_OK);
    redress_rule_set_free(before);
    redress_rule_set_free(after);
    rules_folder_remove(&folder);
    return diff;
}

#define LATE "{\"language\": \"en\", \"text\": \"Order 66 is LATE, no joke\"}\n"
#define TEA  "{\"lang\": \"en\", \"text\": \"tea\"}\n"
#define GAS  "{\"lang\": \"en\", \"text\": \"gas\"}\n"

static void moves_are_counted_by_language_and_category_with_masked_examples(void **state)
{
    (void)state;
    struct rule_diff diff = compared(weighing("0.6"), weighing("1.2"),
                                     LATE LATE LATE LATE LATE LATE TEA GAS
                                     "{\"lang\": \"en\", \"text\": \"gas late\"}\n");
    assert_int_equal(diff.messages, 9);
    assert_int_equal(diff.moved, 6); /* what is critical stays so */
    assert_int_equal(diff.move_count, 1);
    assert_int_equal(diff.moves[0].count, 6);
    assert_int_equal(diff.moves[0].language, LANGUAGE_EN);
    assert_int_equal(diff.moves[0].category, CATEGORY_DELIVERY);
    assert_int_equal(diff.moves[0].before.severity, SEVERITY_MINOR);
    assert_int_equal(diff.moves[0].after.severity, SEVERITY_MODERATE);
    for (int index = 0; index < RULE_DIFF_EXAMPLES; index++)
        assert_string_equal(diff.moves[0].examples[index], "Xxxxx 00 xx XXXX, xx xxxx");
    assert_int_equal(rule_diff_step(&diff), RULE_STEP_MAJOR); /* two in three messages move */
    rule_diff_free(&diff);
}

static void equal_rules_are_a_patch(void **state)
{
    (void)state;
    struct rule_diff diff = compared(weighing("0.6"), weighing("0.7"), LATE TEA GAS);
    assert_int_equal(diff.moved + diff.changed, 0);
    assert_int_equal(rule_diff_step(&diff), RULE_STEP_PATCH);
    rule_diff_free(&diff);
}

static void a_few_moves_are_a_minor_step_and_less_care_is_a_major_one(void **state)
{
    (void)state;
    char messages[200 * 40];
    size_t used = 0;
    for (int index = 0; index < 150; index++)
        used += (size_t)snprintf(messages + used, sizeof messages - used, "%s", TEA);
    snprintf(messages + used, sizeof messages - used, "%s", LATE);
    struct rule_diff diff = compared(weighing("0.6"), weighing("1.2"), messages);
    assert_int_equal(rule_diff_step(&diff), RULE_STEP_MINOR);
    rule_diff_free(&diff);
    /* As few, but one that was urgent. */
    snprintf(messages + used, sizeof messages - used, "%s", GAS);
    diff = compared(weighing("0.6"),
                    load_english_rules(
                        "language: en\nrules:\n  - id: en.a.late\n    why: x\n    words: [late]\n"
                        "    complaint: 1\n    examples: {match: [late, so late], calm: [a, b]}\n"),
                    messages);
    assert_int_equal(diff.urgent_lost, 1);
    assert_int_equal(diff.urgent_gained, 0);
    assert_int_equal(diff.moves[0].category, CATEGORY_SAFETY); /* that of the graver verdict */
    assert_int_equal(rule_diff_step(&diff), RULE_STEP_MAJOR);
    rule_diff_free(&diff);
}

static void another_category_alone_is_a_minor_step(void **state)
{
    (void)state;
    struct rule_diff diff =
        compared(weighing("0.6"),
                 load_english_rules(
                     "language: en\nrules:\n  - id: en.a.late\n    why: x\n    words: [late]\n"
                     "    complaint: 0.6\n    category: {staff: 1}\n"
                     "    examples: {match: [late, so late], calm: [a, b]}\n"),
                 LATE TEA);
    assert_int_equal(diff.moved, 0);
    assert_int_equal(diff.changed, 1);
    assert_int_equal(rule_diff_step(&diff), RULE_STEP_MINOR);
    rule_diff_free(&diff);
}

static void a_mask_keeps_the_shape_of_every_script(void **state)
{
    (void)state;
    char mask[TEXT_MASK_BYTES];
    static const char text[] = "Żądam 12,50 zł! Где Деньги\nΑυτό 😡 a@b.pl";
    text_mask((struct slice){text, sizeof text - 1}, mask);
    assert_string_equal(mask, "Xxxxx 00,00 xx! Xxx Xxxxxx Xxxx * x@x.xx");
    static const char lengthy[300] = {[0 ... 298] = 'a'};
    text_mask((struct slice){lengthy, 299}, mask);
    assert_int_equal(strlen(mask), TEXT_MASK_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_are_counted_by_language_and_category_with_masked_examples),
        cmocka_unit_test(equal_rules_are_a_patch),
        cmocka_unit_test(a_few_moves_are_a_minor_step_and_less_care_is_a_major_one),
        cmocka_unit_test(another_category_alone_is_a_minor_step),
        cmocka_unit_test(a_mask_keeps_the_shape_of_every_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
