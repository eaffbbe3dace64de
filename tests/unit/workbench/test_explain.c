/**
 * Explanations: what each rule gave adds up to the score, a stopped hit names the word that stopped
 * it, and what would change the severity really does.
 * Method: a small pack with one rule of each kind, and texts whose outcome is worked out by hand.
 */
#include "workbench/explain.h"

#include "helpers/load_rules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char grammar[] = "language: en\n"
                              "negation: {before: [not, never], reach: 3, stoppers: [but]}\n"
                              "stance: {announced: [will], reported: [neighbour]}\n";
static const char rules[] =
    "language: en\n"
    "rules:\n"
    "  - id: en.t.broken\n    why: Broken\n    words: [broken]\n    complaint: 0.5\n"
    "    group: en.bad\n    examples: {match: [broken, it is broken], calm: [tea, rain]}\n"
    "  - id: en.t.awful\n    why: Awful\n    words: [awful]\n    complaint: 0.75\n"
    "    group: en.bad\n    examples: {match: [awful, it is awful], calm: [tea, rain]}\n"
    "  - id: en.t.nice\n    why: Nice\n    words: [nice]\n    complaint: -0.25\n"
    "    examples: {match: [nice, so nice], calm: [tea, rain]}\n"
    "  - id: en.t.refund\n    why: Money\n    words: [refund]\n    not: [refund policy]\n"
    "    complaint: 0.25\n    examples: {match: [refund, a refund], calm: [tea, rain]}\n"
    "  - id: en.t.sue\n    why: Court\n    words: [sue]\n    sets: [legal]\n"
    "    examples: {match: [sue, sue you], calm: [tea, rain]}\n"
    "  - id: en.t.pair\n    why: Pair\n    near: {a: [cold], b: [soup], words: 1}\n"
    "    complaint: 0.25\n    examples: {match: [cold soup, soup was cold], calm: [tea, rain]}\n";
static const char composites[] =
    "composites:\n"
    "  - id: court\n    why: Court\n    when: trait.legal and complaint\n    at_least: serious\n";
static const char tiers[] = "tiers: {minor: 0.5, moderate: 1.5}\n";
static const char lexicon[] = "stem\tcomplaint\ttrait.leaving\ttrait.repeat\n"
                              "*\t\t-20\t-20\ngrim\t-16\t60\nmudy\t32\t\t10\n";

static struct rules_folder folder;
static struct rule_set *rule_set;

static int set_up(void **state)
{
    (void)state;
    folder = rules_folder_make();
    rules_folder_write(&folder, "en/language.yaml", grammar);
    rules_folder_write(&folder, "en/rules.yaml", rules);
    rules_folder_write(&folder, "composites.yaml", composites);
    rules_folder_write(&folder, "tiers.yaml", tiers);
    rules_folder_write(&folder, "lexicon/en.tsv", lexicon);
    rule_set = load_rules(folder.path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
    return 0;
}

static char text[4096 + MESSAGE_PADDING_BYTES];

static struct explanation explain(const char *given)
{
    struct explanation explanation;
    size_t size = strlen(given);
    memset(text, 0, sizeof text);
    memcpy(text, given, size);
    const struct classify_input input = {.text = {text, (uint32_t)size},
                                         .language_hint = {"en", 2}};
    assert_int_equal(explain_text(rule_set, &input, &explanation), STATUS_OK);
    return explanation;
}

static const struct explained_hit *hit_of(const struct explanation *explanation, const char *id)
{
    for (uint32_t index = 0; index < explanation->sentence_count; index++)
        for (uint32_t at = 0; at < explanation->sentences[index].hit_count; at++) {
            const struct explained_hit *hit = &explanation->sentences[index].hits[at];
            if (strcmp(redress_rule_id(rule_set, hit->rule_index), id) == 0)
                return hit;
        }
    fail_msg("no hit of %s", id);
    return NULL;
}

static void assert_words(struct text_span span, const char *words)
{
    assert_int_equal(span.end - span.start, strlen(words));
    assert_memory_equal(text + span.start, words, strlen(words));
}

static void what_rules_gave_adds_up_to_the_score_of_the_verdict(void **state)
{
    (void)state;
    struct explanation it = explain("It is broken and awful. The staff was nice.");
    assert_int_equal(it.sentence_count, 2);
    /* The stronger one of the group gives what it has more; awful stands first by its id. */
    assert_float_equal(hit_of(&it, "en.t.awful")->gave, 0.75, 1e-6);
    assert_float_equal(hit_of(&it, "en.t.broken")->gave, 0, 1e-6);
    assert_float_equal(hit_of(&it, "en.t.nice")->gave, -0.25, 1e-6);
    float sum = 0;
    for (uint32_t index = 0; index < it.sentence_count; index++) {
        assert_true(it.sentences[index].counts);
        sum += it.sentences[index].sum;
    }
    assert_float_equal(sum, it.verdict.score, 1e-6);
    assert_words(it.sentences[1].span, "The staff was nice.");
    explanation_free(&it);
}

static void only_the_strongest_sentences_count(void **state)
{
    (void)state;
    struct explanation it = explain("A refund. So awful. Is broken. Was nice.");
    assert_int_equal(it.sentence_count, 4);
    assert_false(it.sentences[0].counts);
    assert_true(it.sentences[1].counts && it.sentences[2].counts && it.sentences[3].counts);
    explanation_free(&it);
}

static void a_stopped_hit_names_the_word_that_stopped_it(void **state)
{
    (void)state;
    struct explanation it = explain("It is not broken. The refund policy is clear. "
                                    "I will never sue. My neighbour may sue.");
    assert_int_equal(hit_of(&it, "en.t.broken")->fate, FATE_NEGATED);
    assert_words(hit_of(&it, "en.t.broken")->stopper, "not");
    assert_int_equal(hit_of(&it, "en.t.refund")->fate, FATE_EXCEPTED);
    assert_words(hit_of(&it, "en.t.refund")->stopper, "refund policy");
    assert_int_equal(it.sentences[2].hits[0].fate, FATE_DENIED);
    assert_words(it.sentences[2].hits[0].stopper, "never");
    assert_int_equal(it.sentences[3].hits[0].fate, FATE_REPORTED);
    assert_words(it.sentences[3].hits[0].stopper, "neighbour");
    explanation_free(&it);
}

static void two_words_that_stand_too_far_apart_are_named(void **state)
{
    (void)state;
    struct explanation far = explain("The soup that I had here was very cold");
    struct explanation near = explain("The soup was cold");
    assert_int_equal(far.apart_count, 1);
    assert_int_equal(near.apart_count, 0);
    assert_int_equal(hit_of(&near, "en.t.pair")->fate, FATE_FIRED);
    explanation_free(&far);
    explanation_free(&near);
}

static void the_missing_score_leads_to_the_next_tier(void **state)
{
    (void)state;
    struct explanation it = explain("a refund");
    assert_int_equal(it.by_score, SEVERITY_NONE);
    assert_int_equal(it.next_by_score, SEVERITY_MINOR);
    assert_float_equal(it.missing_score, 0.25, 1e-6);
    explanation_free(&it);
}

static void words_that_say_something_by_themselves_are_named_the_strongest_first(void **state)
{
    (void)state;
    struct explanation it = explain("All was well. A grim and muddy day.");
    assert_string_equal(it.sayings[0].what, "complaint");
    assert_float_equal(it.sayings[0].sum, 0.5F / sqrtf(5), 1e-6);
    assert_int_equal(it.sayings[0].word_count, 2);
    assert_words(it.sayings[0].words[0].span, "muddy");
    assert_float_equal(it.sayings[0].words[0].weight, 1, 0);
    assert_words(it.sayings[0].words[1].span, "grim");
    explanation_free(&it);
}

static void what_words_say_against_a_complaint_is_told(void **state)
{
    (void)state;
    struct explanation it = explain("All was well. A broken, awful, grim refund.");
    assert_string_equal(it.sayings[1].what, "doubt");
    assert_float_equal(it.sayings[1].sum, -0.5F / sqrtf(5), 1e-6);
    assert_int_equal(it.sayings[1].word_count, 1);
    assert_words(it.sayings[1].words[0].span, "grim");
    explanation_free(&it);
}

static void of_the_traits_that_words_may_say_those_heard_are_named(void **state)
{
    (void)state;
    struct explanation it = explain("All was well. A grim and muddy day.");
    assert_int_equal(it.saying_count, 2);
    assert_string_equal(it.sayings[1].what, "leaving");
    assert_float_equal(it.sayings[1].sum, 40.0F / 32, 1e-6);
    assert_int_equal(it.sayings[1].word_count, 1);
    assert_words(it.sayings[1].words[0].span, "grim");
    explanation_free(&it);
}

static void a_composite_that_lacks_one_trait_is_named_and_only_then(void **state)
{
    (void)state;
    struct explanation complains = explain("It is broken");
    assert_int_equal(complains.lacking_count, 1);
    assert_string_equal(complains.lacking[0].composite->id, "court");
    assert_int_equal(complains.lacking[0].traits, 1u << TRAIT_LEGAL);
    explanation_free(&complains);
    struct explanation has_it = explain("It is broken and I will sue");
    assert_int_equal(has_it.lacking_count, 0);
    assert_int_equal(has_it.holding_count, 1);
    assert_int_equal(has_it.verdict.severity, SEVERITY_SERIOUS);
    explanation_free(&has_it);
    struct explanation calm = explain("nothing here"); /* lacks two: a complaint, too */
    assert_int_equal(calm.lacking_count, 0);
    explanation_free(&calm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rules_gave_adds_up_to_the_score_of_the_verdict),
        cmocka_unit_test(only_the_strongest_sentences_count),
        cmocka_unit_test(a_stopped_hit_names_the_word_that_stopped_it),
        cmocka_unit_test(two_words_that_stand_too_far_apart_are_named),
        cmocka_unit_test(the_missing_score_leads_to_the_next_tier),
        cmocka_unit_test(words_that_say_something_by_themselves_are_named_the_strongest_first),
        cmocka_unit_test(what_words_say_against_a_complaint_is_told),
        cmocka_unit_test(of_the_traits_that_words_may_say_those_heard_are_named),
        cmocka_unit_test(a_composite_that_lacks_one_trait_is_named_and_only_then),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
