/**
 * Deciding: the invariants that hold for every rule set (design, section 5), over composites of the
 * test's own and over seeded random facts, and the order of composites.
 */
#include "classify/weigh/decide.h"
#include "helpers/load_rules.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char rules[] = "language: en\nrules:\n"
                            "  - {id: en.a.word, why: x, pattern: '\\bword\\b', complaint: 1, "
                            "examples: {match: [word, word], "
                            "calm: [a, b]}}\n";
/* In the file the reader stands before what it reads. */
static const char composites[] =
    "composites:\n"
    "  - {id: a_second, why: x, when: trait.demand and complaint, at_least: serious, urgent: "
    "true}\n"
    "  - {id: b_first, why: x, when: trait.loss and not language == ru, sets: [demand]}\n"
    "  - {id: c_history, why: x, when: complaint and recurrence.complaints_7d >= 2, at_least: "
    "serious}\n"
    "  - {id: d_channel, why: x, when: channel == \"chat\" and complaint, sets: [publicity]}\n";

static struct rule_set *load(void)
{
    struct rules_folder folder = rules_folder_make_english(rules);
    rules_folder_write(&folder, "composites.yaml", composites);
    struct rule_set *rule_set = load_rules(folder.path);
    rules_folder_remove(&folder);
    return rule_set;
}

static struct verdict decided(const struct rule_set *rule_set, float complaint, trait_set traits)
{
    struct verdict verdict = {.language = LANGUAGE_EN};
    struct score score = {.complaint = complaint, .traits = traits};
    decide(&rule_set->pack, &score, &verdict);
    return verdict;
}

static void danger_and_fraud_under_way_are_never_below_serious(void **state)
{
    (void)state;
    struct rule_set *rule_set = load();
    static const trait_set grave[] = {1u << TRAIT_SAFETY, 1u << TRAIT_SELF_HARM, 1u << TRAIT_THREAT,
                                      1u << TRAIT_FRAUD | 1u << TRAIT_TIME_CRITICAL};
    for (size_t index = 0; index < 4; index++) {
        struct verdict verdict = decided(rule_set, -100, grave[index]);
        assert_true(verdict.severity >= SEVERITY_SERIOUS);
        assert_true(verdict.complaint);
        assert_int_equal(verdict.categories[0], CATEGORY_OTHER);
    }
    assert_int_equal(decided(rule_set, 0, 1u << TRAIT_FRAUD).severity, SEVERITY_NONE);
    redress_rule_set_free(rule_set);
}

static void what_words_alone_say_makes_nothing_graver_now_or_with_history(void **state)
{
    (void)state;
    struct rule_set *rule_set = load();
    struct verdict verdict = {.language = LANGUAGE_EN};
    struct score score = {.complaint = 1, .traits_by_words = 1u << TRAIT_DEMAND};
    struct recurrence recurrence = {.scope = HISTORY_WHOLE, .complaints_1d = 1};
    decide(&rule_set->pack, &score, &verdict);
    assert_int_equal(verdict.severity, SEVERITY_MODERATE);
    assert_int_equal(verdict.traits, 1u << TRAIT_DEMAND);
    assert_int_equal(verdict.traits_by_words, 1u << TRAIT_DEMAND);
    assert_false(redress_decide_again(rule_set, &recurrence, &verdict));
    assert_int_equal(verdict.severity, SEVERITY_MODERATE);
    redress_rule_set_free(rule_set);
}

static void a_trait_that_something_else_says_too_is_not_said_by_words_alone(void **state)
{
    (void)state;
    struct rule_set *rule_set = load();
    struct verdict verdict = {.language = LANGUAGE_EN};
    struct score score = {.complaint = 1,
                          .traits = 1u << TRAIT_LOSS,
                          .traits_by_words = 1u << TRAIT_LOSS | 1u << TRAIT_REPEAT};
    struct recurrence recurrence = {.scope = HISTORY_WHOLE, .repeat = true};
    decide(&rule_set->pack, &score, &verdict);
    assert_int_equal(verdict.traits_by_words, 1u << TRAIT_REPEAT);
    (void)redress_decide_again(rule_set, &recurrence, &verdict);
    assert_int_equal(verdict.traits_by_words, 0);
    assert_true(verdict.traits & 1u << TRAIT_REPEAT);
    redress_rule_set_free(rule_set);
}

static void composites_see_what_others_set_whatever_their_order(void **state)
{
    (void)state;
    struct rule_set *rule_set = load();
    struct verdict verdict = decided(rule_set, 1, 1u << TRAIT_LOSS);
    assert_int_equal(verdict.severity, SEVERITY_SERIOUS);
    assert_true(verdict.urgent);
    assert_true(verdict.traits & 1u << TRAIT_DEMAND);
    /* No complaint before composites: the trait comes, the level does not. */
    verdict = decided(rule_set, 0, 1u << TRAIT_LOSS);
    assert_int_equal(verdict.severity, SEVERITY_NONE);
    assert_false(verdict.urgent);
    redress_rule_set_free(rule_set);
}

static void history_and_channel_are_asked(void **state)
{
    (void)state;
    struct rule_set *rule_set = load();
    struct verdict verdict = decided(rule_set, 1, 0);
    struct recurrence unknown = {.scope = HISTORY_UNKNOWN, .complaints_7d = 9, .repeat = true};
    assert_false(redress_decide_again(rule_set, &unknown, &verdict));
    struct recurrence known = {.scope = HISTORY_WHOLE, .complaints_7d = 2, .repeat = true};
    assert_true(redress_decide_again(rule_set, &known, &verdict));
    assert_int_equal(verdict.severity, SEVERITY_SERIOUS);
    assert_true(verdict.traits & 1u << TRAIT_REPEAT);
    assert_false(redress_decide_again(rule_set, &known, &verdict));
    struct verdict chat = {.language = LANGUAGE_EN};
    chat.channel = channel_names_find(&rule_set->pack.channels, (struct slice){"chat", 4});
    assert_int_not_equal(chat.channel, 0);
    struct score score = {.complaint = 1};
    decide(&rule_set->pack, &score, &chat);
    assert_true(chat.traits & 1u << TRAIT_PUBLICITY);
    redress_rule_set_free(rule_set);
}

static void invariants_hold_for_random_facts(void **state)
{
    (void)state;
    uint64_t seed = 20261124;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct rule_set *rule_set = load();
    for (int round = 0; round < 100000; round++) {
        trait_set traits = (trait_set)random_next(&seed) & ((1u << TRAIT_COUNT) - 1);
        traits &= (trait_set)random_next(&seed); /* sparser */
        float complaint = (float)((int)(random_next(&seed) % 400) - 200) / 50;
        struct verdict verdict = decided(rule_set, complaint, traits);
        struct verdict insulted = decided(rule_set, complaint, traits | 1u << TRAIT_ABUSE);
        assert_int_equal(verdict.complaint, verdict.severity > SEVERITY_NONE);
        assert_true(verdict.category_count > 0 || !verdict.complaint);
        assert_true(!verdict.urgent || verdict.severity >= SEVERITY_SERIOUS);
        assert_true(verdict.urgent || verdict.severity < SEVERITY_CRITICAL);
        assert_true(verdict.severity >= decide_forced_level(verdict.traits));
        assert_int_equal(verdict.severity, insulted.severity);
        assert_int_equal(verdict.urgent, insulted.urgent);
        struct recurrence history = {.scope = HISTORY_WHOLE,
                                     .repeat = random_next(&seed) & 1,
                                     .complaints_1d = (uint32_t)random_next(&seed) % 3,
                                     .complaints_7d = (uint32_t)random_next(&seed) % 4};
        struct verdict again = verdict;
        bool raised = redress_decide_again(rule_set, &history, &again);
        assert_true(again.severity >= verdict.severity && again.urgent >= verdict.urgent);
        assert_int_equal(again.traits & verdict.traits, verdict.traits);
        assert_int_equal(raised, again.severity != verdict.severity ||
                                     again.urgent != verdict.urgent ||
                                     again.traits != verdict.traits);
    }
    redress_rule_set_free(rule_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(danger_and_fraud_under_way_are_never_below_serious),
        cmocka_unit_test(what_words_alone_say_makes_nothing_graver_now_or_with_history),
        cmocka_unit_test(a_trait_that_something_else_says_too_is_not_said_by_words_alone),
        cmocka_unit_test(composites_see_what_others_set_whatever_their_order),
        cmocka_unit_test(history_and_channel_are_asked),
        cmocka_unit_test(invariants_hold_for_random_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
