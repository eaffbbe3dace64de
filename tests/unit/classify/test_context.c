/**
 * What hits come to where they stand: negation, stance, `not`, sentences, groups and values.
 * Method: one small pack of rules; each text says which fate its rule must have.
 */
#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define EXAMPLES "    examples: {match: [a, b], calm: [c, d]}\n"

static const char rules[] =
    "language: en\n"
    "rules:\n"
    "  - id: en.x.cancel\n"
    "    why: w\n"
    "    words: [problem*]\n"
    "    complaint: 1\n    category: {staff: 1}\n" EXAMPLES "  - id: en.x.compound\n"
    "    why: w\n"
    "    words: ['*burn*']\n"
    "    except: [auburn, 'burning question*']\n"
    "    complaint: 1\n" EXAMPLES "  - id: en.x.except\n"
    "    why: w\n"
    "    words: [late]\n"
    "    not: [late shift]\n"
    "    complaint: 1\n" EXAMPLES "  - id: en.x.flip\n"
    "    why: w\n"
    "    words: [recommend]\n"
    "    negation: flip\n"
    "    complaint: -1\n" EXAMPLES "  - id: en.x.ignore\n"
    "    why: w\n"
    "    words: [answer*]\n"
    "    negation: ignore\n"
    "    complaint: 1\n" EXAMPLES "  - id: en.x.near\n"
    "    why: w\n"
    "    near: {a: [driver], b: [rude], words: 4}\n"
    "    words: [driver … unkind]\n"
    "    complaint: 1\n" EXAMPLES "  - id: en.x.step\n"
    "    why: w\n"
    "    words: [sue, sued, suing]\n"
    "    sets: [legal]\n"
    "    complaint: 1\n" EXAMPLES;

static const char grammar[] = "language: en\n"
                              "negation:\n"
                              "  before: [not, no, never, without, don't]\n"
                              "  after: [nowhere]\n"
                              "  reach: 3\n"
                              "  reach_after: 1\n"
                              "  stoppers: [but]\n"
                              "  exceptions: [not only]\n"
                              "  double: even\n"
                              "stance:\n"
                              "  announced: [will, going to]\n"
                              "  done: [have]\n"
                              "  reported: [my neighbour]\n"
                              "  reach: 6\n"
                              "numbers: {three: 3, a couple of: 2}\n"
                              "ordinals: {third: 3}\n"
                              "times: [time, times]\n"
                              "units: {day: [day, days], week: [week*]}\n"
                              "currency: {USD: [dollars], SEK: [kr]}\n";

struct fixture {
    struct rule_set *rule_set;
    struct scratch *scratch;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct rules_folder folder = rules_folder_make_english(rules);
    rules_folder_write(&folder, "en/language.yaml", grammar);
    fixture.rule_set = load_rules(folder.path);
    rules_folder_remove(&folder);
    assert_int_equal(redress_scratch_create(fixture.rule_set, &fixture.scratch), STATUS_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    redress_scratch_free(fixture->scratch);
    redress_rule_set_free(fixture->rule_set);
    return 0;
}

static struct verdict judge(struct fixture *fixture, const char *text)
{
    char padded[600] = {0};
    struct verdict verdict;
    snprintf(padded, sizeof padded - MESSAGE_PADDING_BYTES, "%s", text);
    const struct classify_input input = {.text = {padded, (uint32_t)strlen(padded)},
                                         .language_hint = {"en", 2}};
    assert_int_equal(redress_classify(fixture->rule_set, fixture->scratch, &input, &verdict),
                     STATUS_OK);
    return verdict;
}

/* The rule's evidence in the text that was judged last, in the order of sentences. */
static const struct evidence *evidence_of(const struct fixture *fixture, const char *id,
                                          unsigned which)
{
    const struct context *context = &fixture->scratch->context;
    for (uint32_t index = 0; index < context->evidence_count; index++) {
        const struct evidence *evidence = &context->evidence[index];
        if (strcmp(redress_rule_id(fixture->rule_set, evidence->rule_index), id) == 0 &&
            which-- == 0)
            return evidence;
    }
    return NULL;
}

struct fate_example {
    const char *text;
    const char *id;
    enum fate fate;
};

static void check_fates(void **state, const struct fate_example *examples, size_t count)
{
    struct fixture *fixture = *state;
    for (size_t index = 0; index < count; index++) {
        judge(fixture, examples[index].text);
        const struct evidence *evidence = evidence_of(fixture, examples[index].id, 0);
        if (!evidence || evidence->fate != examples[index].fate)
            fail_msg("\"%s\": %s is %s", examples[index].text, examples[index].id,
                     evidence ? fate_name((enum fate)evidence->fate) : "not there");
    }
}

static void a_negator_in_reach_takes_a_hit_back(void **state)
{
    static const struct fate_example examples[] = {
        {"There is a problem here", "en.x.cancel", FATE_FIRED},
        {"There is no problem here", "en.x.cancel", FATE_NEGATED},
        {"Never had any real problem", "en.x.cancel", FATE_NEGATED},
        {"Never in my whole life such a problem", "en.x.cancel", FATE_FIRED},
        {"Not only a problem of today", "en.x.cancel", FATE_FIRED},
        {"Not good but a problem", "en.x.cancel", FATE_FIRED},
        {"It is not good, a problem", "en.x.cancel", FATE_FIRED},
        {"Not without problems", "en.x.cancel", FATE_FIRED},
        {"Problems nowhere", "en.x.cancel", FATE_NEGATED},
        {"They are not here. Problems again", "en.x.cancel", FATE_FIRED},
        {"I DON'T see a PROBLEM", "en.x.cancel", FATE_NEGATED},
        {"They do not answer", "en.x.ignore", FATE_FIRED},
        {"I would not recommend it", "en.x.flip", FATE_FLIPPED},
        {"I recommend it", "en.x.flip", FATE_FIRED},
    };
    check_fates(state, examples, sizeof examples / sizeof examples[0]);
}

static void words_of_a_rule_stand_in_one_sentence(void **state)
{
    static const struct fate_example examples[] = {
        {"The driver was so rude", "en.x.near", FATE_FIRED},
        {"Rude is what the driver was", "en.x.near", FATE_FIRED},
        {"The driver was unkind", "en.x.near", FATE_FIRED},
        {"The driver\n\nunkind", "en.x.near", FATE_DIVIDED},
        /* A sentence that has grown too long goes on: no mark stands where it is cut. */
        {"a a a a a a a a a a a a a a a a a a a a a a a the driver was unkind", "en.x.near",
         FATE_FIRED},
        {"It came late", "en.x.except", FATE_FIRED},
        {"He has the late shift and came late", "en.x.except", FATE_EXCEPTED},
        {"He has the early shift. It came late", "en.x.except", FATE_FIRED},
    };
    check_fates(state, examples, sizeof examples / sizeof examples[0]);
    struct fixture *fixture = *state;
    judge(fixture, "Was the driver late? Rude!");
    assert_null(evidence_of(fixture, "en.x.near", 0));
    judge(fixture, "The driver\n\nrude");
    assert_null(evidence_of(fixture, "en.x.near", 0));
}

static void an_except_takes_back_only_the_hits_that_it_overlaps(void **state)
{
    static const struct fate_example examples[] = {
        {"The cable is sunburnt", "en.x.compound", FATE_FIRED},
        {"She has auburn hair", "en.x.compound", FATE_EXCEPTED},
        {"That is a burning question", "en.x.compound", FATE_EXCEPTED},
        /* Fates stand in their order: the burnt cable is the one that fired. */
        {"The auburn cable is burnt", "en.x.compound", FATE_FIRED},
    };
    check_fates(state, examples, sizeof examples / sizeof examples[0]);
    assert_int_equal(evidence_of(*state, "en.x.compound", 1)->fate, FATE_EXCEPTED);
}

static void a_rule_counts_once_in_a_sentence(void **state)
{
    struct fixture *fixture = *state;
    struct verdict once = judge(fixture, "A problem");
    struct verdict twice = judge(fixture, "A problem and a problem and problems");
    assert_float_equal(once.score, twice.score, 0);
    assert_int_equal(evidence_of(fixture, "en.x.cancel", 1)->fate, FATE_REPEATED);
    struct verdict apart = judge(fixture, "A problem. A problem. A problem. A problem.");
    assert_float_equal(apart.score, 2 * once.score, 0);
}

static void a_step_is_announced_done_denied_or_somebody_elses(void **state)
{
    static const struct {
        const char *text;
        enum fate fate;
        enum rule_stance stance;
    } examples[] = {
        {"I will sue you", FATE_FIRED, STANCE_ANNOUNCED},
        {"If you don't pay I will sue", FATE_FIRED, STANCE_ANNOUNCED},
        {"I have sued you", FATE_FIRED, STANCE_DONE},
        {"I will not sue you", FATE_DENIED, STANCE_FIND},
        {"My neighbour is going to sue you", FATE_REPORTED, STANCE_FIND},
        {"Suing you", FATE_FIRED, STANCE_FIND},
    };
    struct fixture *fixture = *state;
    for (size_t index = 0; index < sizeof examples / sizeof examples[0]; index++) {
        struct verdict verdict = judge(fixture, examples[index].text);
        const struct evidence *evidence = evidence_of(fixture, "en.x.step", 0);
        assert_non_null(evidence);
        assert_string_equal(fate_name((enum fate)evidence->fate), fate_name(examples[index].fate));
        assert_int_equal(evidence->stance, examples[index].stance);
        bool fires = examples[index].fate == FATE_FIRED;
        assert_int_equal(verdict.traits, fires ? 1u << TRAIT_LEGAL : 0);
        assert_int_equal(verdict.announced != 0, examples[index].stance == STANCE_ANNOUNCED);
        assert_int_equal(verdict.done != 0, examples[index].stance == STANCE_DONE);
    }
}

static void values_are_read_from_words_and_figures(void **state)
{
    static const struct {
        const char *text;
        struct verdict_values values;
    } examples[] = {
        {"A problem for three weeks", {.duration_s = 21 * 86400}},
        {"A problem for 10 whole days", {.duration_s = 10 * 86400}},
        {"A problem for a couple of days", {.duration_s = 2 * 86400}},
        {"A problem of 1.250,50 kr", {.money_eur = 1250.5F * 0.09F}},
        {"A problem of 1,250.50 dollars", {.money_eur = 1250.5F * 0.9F}},
        {"A problem of €50", {.money_eur = 50}},
        {"A problem of 50 €", {.money_eur = 50}},
        {"A problem, the third time", {.count = 3}},
        {"A problem 4x", {.count = 4}},
        {"A problem with 123456789012 dollars", {.count = 0}},
        {"A problem in 2019", {.count = 0}},
    };
    struct fixture *fixture = *state;
    for (size_t index = 0; index < sizeof examples / sizeof examples[0]; index++) {
        struct verdict_values values = judge(fixture, examples[index].text).values;
        const struct verdict_values *wanted = &examples[index].values;
        if (values.duration_s != wanted->duration_s || values.money_eur != wanted->money_eur ||
            values.count != wanted->count)
            fail_msg("\"%s\": %g s, %g euros, %g times", examples[index].text,
                     (double)values.duration_s, (double)values.money_eur, (double)values.count);
    }
}

static void the_reasons_that_say_most_come_first(void **state)
{
    struct fixture *fixture = *state;
    struct verdict verdict = judge(fixture, "A problem, no answers, and I will sue you");
    assert_int_equal(verdict.hits_stored, 3);
    assert_string_equal(redress_rule_id(fixture->rule_set, verdict.hits[0].rule_index),
                        "en.x.step");
    assert_string_equal(redress_rule_id(fixture->rule_set, verdict.hits[1].rule_index),
                        "en.x.cancel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_negator_in_reach_takes_a_hit_back),
        cmocka_unit_test(words_of_a_rule_stand_in_one_sentence),
        cmocka_unit_test(an_except_takes_back_only_the_hits_that_it_overlaps),
        cmocka_unit_test(a_rule_counts_once_in_a_sentence),
        cmocka_unit_test(a_step_is_announced_done_denied_or_somebody_elses),
        cmocka_unit_test(values_are_read_from_words_and_figures),
        cmocka_unit_test(the_reasons_that_say_most_come_first),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
