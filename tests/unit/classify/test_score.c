/**
 * Adding up: by sentence and group, over the strongest sentences; in bounds; the strongest
 * categories. Method: an oracle that sorts, over seeded evidence, and examples by hand.
 */
#include "classify/weigh/score.c"

#include "support/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MODERATE 1.0F

enum { GIFTS = 24, ROUNDS = 20000, SENTENCES = 6, GROUPS = 3 };

/* Weights in quarters, so that sums are exact in any order. */
static float quarters(uint64_t *seed, int from, int to)
{
    return (float)(from + (int)(random_next(seed) % (uint64_t)(to - from + 1))) / 4;
}

static struct rule_gift random_gift(uint64_t *seed)
{
    bool sets = random_next(seed) % 2 == 0;
    struct rule_gift gift = {.traits = sets ? 1u << random_next(seed) % TRAIT_COUNT : 0,
                             .complaint = quarters(seed, -40, 40),
                             .group = (uint16_t)(random_next(seed) % (GROUPS + 1)),
                             .at_least = (uint8_t)(random_next(seed) % 8 ? 0 : 3),
                             .category_count = (uint8_t)(random_next(seed) % 3)};
    for (unsigned index = 0; index < gift.category_count; index++) {
        gift.categories[index] = (uint8_t)((random_next(seed) % 7) * 2 + index);
        gift.weights[index] = quarters(seed, 1, 12);
    }
    return gift;
}

/* One sentence summed up plainly: each group gives its strongest, the first of equal ones. */
static float sentence_plainly(const struct rule_gift *gifts, const struct evidence *evidence,
                              unsigned count, unsigned sentence)
{
    float sum = 0;
    float best[GROUPS + 1] = {0};
    for (unsigned index = 0; index < count; index++) {
        if (evidence[index].sentence != sentence || evidence[index].fate > FATE_FLIPPED)
            continue;
        const struct rule_gift *gift = &gifts[evidence[index].rule_index];
        float weight = evidence[index].fate == FATE_FLIPPED ? -gift->complaint : gift->complaint;
        if (gift->group == 0)
            sum += weight;
        else if (fabsf(weight) > fabsf(best[gift->group]))
            best[gift->group] = weight;
    }
    for (unsigned group = 1; group <= GROUPS; group++)
        sum += best[group];
    return sum;
}

/* Whether a rule that complains in the sentence says about what. */
static bool has_subject_plainly(const struct rule_gift *gifts, const struct evidence *evidence,
                                unsigned count, unsigned sentence)
{
    bool has = false;
    for (unsigned index = 0; index < count; index++) {
        if (evidence[index].sentence != sentence || evidence[index].fate > FATE_FLIPPED)
            continue;
        const struct rule_gift *gift = &gifts[evidence[index].rule_index];
        bool complains =
            evidence[index].fate == FATE_FLIPPED ? gift->complaint < 0 : gift->complaint > 0;
        bool sets = gift->traits != 0 && gift->traits != 1u << TRAIT_ABUSE;
        has |= complains && (sets || gift->category_count > 0);
    }
    return has;
}

static int falling(const void *left, const void *right)
{
    float a = *(const float *)left;
    float b = *(const float *)right;
    return (a < b) - (a > b);
}

static float strongest_plainly(float sums[SENTENCES])
{
    float sum = 0;
    qsort(sums, SENTENCES, sizeof sums[0], falling);
    for (unsigned rank = 0; rank < SCORE_SENTENCES; rank++)
        sum += fmaxf(sums[rank], 0);
    return sum;
}

static float complaint_plainly(const struct rule_gift *gifts, const struct evidence *evidence,
                               unsigned count)
{
    float all[SENTENCES];
    float said[SENTENCES] = {0};
    float praise = 0;
    float outcry = 0;
    for (unsigned sentence = 0; sentence < SENTENCES; sentence++) {
        all[sentence] = sentence_plainly(gifts, evidence, count, sentence);
        praise = fminf(praise, all[sentence]);
        if (has_subject_plainly(gifts, evidence, count, sentence))
            said[sentence] = all[sentence];
        else
            outcry = fmaxf(outcry, all[sentence]);
    }
    praise = fmaxf(praise, -MODERATE);
    float alone = praise + fmaxf(strongest_plainly(said), outcry);
    float together = praise + strongest_plainly(all);
    return alone >= MODERATE ? alone : fminf(together, nextafterf(MODERATE, 0));
}

/* The slow and plain way: every category above zero, the heaviest first, equal ones by number. */
static uint8_t categories_plainly(const struct score *score, uint8_t out[VERDICT_CATEGORIES_MAX])
{
    uint8_t count = 0;
    bool taken[CATEGORY_COUNT] = {false};
    for (; count < VERDICT_CATEGORIES_MAX; count++) {
        int best = -1;
        for (int category = 0; category < CATEGORY_COUNT; category++)
            if (!taken[category] && score->categories[category] > 0 &&
                (best < 0 || score->categories[category] > score->categories[best]))
                best = category;
        if (best < 0 || (count == 1 && score->categories[best] < score->categories[out[0]] / 2))
            break;
        taken[best] = true;
        out[count] = (uint8_t)best;
    }
    return count;
}

static unsigned random_evidence(uint64_t *seed, struct evidence *out)
{
    unsigned count = 0;
    for (uint32_t sentence = 0; sentence < SENTENCES; sentence++)
        for (uint32_t rule = 0; rule < GIFTS; rule++)
            if (random_next(seed) % 6 == 0)
                out[count++] =
                    (struct evidence){.sentence = sentence,
                                      .rule_index = rule,
                                      .fate = (uint8_t)(random_next(seed) % (FATE_NEGATED + 1))};
    return count;
}

static void the_score_is_that_of_the_strongest_sentences(void **state)
{
    (void)state;
    uint64_t seed = 20261128;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct rule_gift gifts[GIFTS];
        struct evidence evidence[SENTENCES * GIFTS];
        for (unsigned index = 0; index < GIFTS; index++)
            gifts[index] = random_gift(&seed);
        unsigned count = random_evidence(&seed, evidence);
        struct score score = score_evidence(gifts, evidence, count, MODERATE);
        uint8_t named[VERDICT_CATEGORIES_MAX];
        uint8_t plain[VERDICT_CATEGORIES_MAX];
        assert_float_equal(score.complaint, complaint_plainly(gifts, evidence, count), 0);
        uint8_t named_count = score_categories(&score, named);
        assert_int_equal(named_count, categories_plainly(&score, plain));
        assert_memory_equal(named, plain, named_count);
    }
}

static struct score score_of(const struct rule_gift *gifts, unsigned count)
{
    struct evidence evidence[GIFTS];
    for (unsigned index = 0; index < count; index++)
        evidence[index] = (struct evidence){.rule_index = index};
    return score_evidence(gifts, evidence, count, MODERATE);
}

static void an_outcry_makes_no_more_than_a_nuisance(void **state)
{
    (void)state;
    const struct rule_gift gifts[] = {
        {.complaint = 0.75f, .category_count = 1, .categories = {CATEGORY_STAFF}, .weights = {1}},
        {.complaint = 0.5f},
        {.complaint = 1, .traits = 1u << TRAIT_ABUSE}};
    const struct evidence evidence[] = {{.sentence = 0, .rule_index = 0},
                                        {.sentence = 1, .rule_index = 1},
                                        {.sentence = 2, .rule_index = 2}};
    assert_float_equal(score_evidence(gifts, evidence + 1, 1, MODERATE).complaint, 0.5, 0);
    assert_float_equal(score_evidence(gifts, evidence, 2, 2).complaint, 1.25, 0);
    assert_true(score_evidence(gifts, evidence, 2, MODERATE).complaint < MODERATE);
    assert_float_equal(score_evidence(gifts, evidence, 3, MODERATE).complaint, 1, 0);
}

static void praise_takes_one_moderate_complaint_back_and_no_more(void **state)
{
    (void)state;
    const struct rule_gift gifts[] = {
        {.complaint = 2.5f, .category_count = 1, .categories = {CATEGORY_STAFF}, .weights = {1}},
        {.complaint = -4}};
    const struct evidence evidence[] = {{.sentence = 0, .rule_index = 0},
                                        {.sentence = 1, .rule_index = 1}};
    assert_float_equal(score_evidence(gifts, evidence, 2, 1).complaint, 1.5, 0);
}

static void the_sum_stays_within_its_bounds(void **state)
{
    (void)state;
    struct rule_gift gifts[GIFTS];
    for (unsigned index = 0; index < GIFTS; index++)
        gifts[index] = (struct rule_gift){.complaint = 100};
    assert_float_equal(score_of(gifts, GIFTS).complaint, RULE_SCORE_MAX, 0);
    for (unsigned index = 0; index < GIFTS; index++)
        gifts[index].complaint = -100;
    assert_float_equal(score_of(gifts, GIFTS).complaint, -MODERATE, 0);
}

static void the_highest_level_of_the_rules_stands(void **state)
{
    (void)state;
    const struct rule_gift gifts[] = {{.at_least = SEVERITY_SERIOUS}, {.at_least = SEVERITY_MINOR}};
    assert_int_equal(score_of(gifts, 2).at_least, SEVERITY_SERIOUS);
}

static void a_flipped_rule_gives_neither_trait_nor_level(void **state)
{
    (void)state;
    const struct rule_gift gift = {.traits = 1u << TRAIT_LOSS,
                                   .complaint = -1,
                                   .at_least = SEVERITY_SERIOUS,
                                   .category_count = 1,
                                   .categories = {CATEGORY_STAFF},
                                   .weights = {1}};
    const struct evidence flipped = {.fate = FATE_FLIPPED};
    struct score score = score_evidence(&gift, &flipped, 1, MODERATE);
    assert_float_equal(score.complaint, 1, 0);
    assert_int_equal(score.traits, 0);
    assert_int_equal(score.at_least, SEVERITY_NONE);
    assert_float_equal(score.categories[CATEGORY_STAFF], 1, 0);
}

static void only_an_announced_step_is_announced(void **state)
{
    (void)state;
    const struct rule_gift gift = {.traits = 1u << TRAIT_LEGAL | 1u << TRAIT_LOSS};
    const struct evidence evidence[] = {{.sentence = 0, .stance = STANCE_DONE},
                                        {.sentence = 1, .stance = STANCE_FIND}};
    struct score score = score_evidence(&gift, evidence, 2, MODERATE);
    assert_int_equal(score.traits, gift.traits);
    assert_int_equal(score.announced, 0);
    assert_int_equal(score.done, 1u << TRAIT_LEGAL);
    const struct evidence announced = {.stance = STANCE_ANNOUNCED};
    assert_int_equal(score_evidence(&gift, &announced, 1, MODERATE).announced, 1u << TRAIT_LEGAL);
}

static void tiers_are_met_exactly_at_their_score(void **state)
{
    (void)state;
    struct tiers tiers = {.score_min = {INFINITY, 0.5f, 1.0f, INFINITY, INFINITY}};
    assert_int_equal(score_severity(&tiers, 0.4999f), SEVERITY_NONE);
    assert_int_equal(score_severity(&tiers, 0.5f), SEVERITY_MINOR);
    assert_int_equal(score_severity(&tiers, 1.0f), SEVERITY_MODERATE);
    assert_int_equal(score_severity(&tiers, 1000.0f), SEVERITY_MODERATE);
    assert_int_equal(score_severity(&tiers, -3.0f), SEVERITY_NONE);
    assert_int_equal(score_severity(&tiers, NAN), SEVERITY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_score_is_that_of_the_strongest_sentences),
        cmocka_unit_test(an_outcry_makes_no_more_than_a_nuisance),
        cmocka_unit_test(praise_takes_one_moderate_complaint_back_and_no_more),
        cmocka_unit_test(the_sum_stays_within_its_bounds),
        cmocka_unit_test(the_highest_level_of_the_rules_stands),
        cmocka_unit_test(a_flipped_rule_gives_neither_trait_nor_level),
        cmocka_unit_test(only_an_announced_step_is_announced),
        cmocka_unit_test(tiers_are_met_exactly_at_their_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
