/**
 * Warming a scratch leaves no trace in the verdicts after it. What it saves is measured
 * (docs/performance.md).
 */
#include "classify/warm.h"
#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char rules[] = "language: en\nrules:\n"
                            "  - {id: en.a.word, why: x, words: [broken, 'on fire'], complaint: 1, "
                            "examples: {match: [it is broken, all is on fire], "
                            "calm: [a, b]}}\n";

static struct verdict verdict_of(const struct rule_set *rule_set, struct scratch *scratch)
{
    static const char text[64 + MESSAGE_PADDING_BYTES] = "the lamp is broken";
    const struct classify_input input = {.text = {text, 18}, .language_hint = {"en", 2}};
    struct verdict verdict;
    assert_int_equal(redress_classify(rule_set, scratch, &input, &verdict), STATUS_OK);
    return verdict;
}

static void what_warmed_leaves_no_trace_in_a_verdict(void **state)
{
    (void)state;
    struct rule_set *rule_set = load_english_rules(rules);
    struct scratch *scratch;
    assert_int_equal(redress_scratch_create(rule_set, &scratch), STATUS_OK);
    struct verdict cold = verdict_of(rule_set, scratch);
    classify_warm(rule_set, scratch);
    struct verdict warm = verdict_of(rule_set, scratch);
    assert_int_equal(warm.severity, cold.severity);
    assert_int_equal(warm.hit_count, cold.hit_count);
    assert_true(warm.score == cold.score);
    redress_scratch_free(scratch);
    redress_rule_set_free(rule_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_warmed_leaves_no_trace_in_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
