/**
 * Adding up: the sum knows no order, has bounds, and names the strongest categories.
 * Method: an oracle that sorts, and seeded permutations.
 */
#include "classify/score.c"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

enum { GIFTS = 24, ROUNDS = 20000 };

static uint64_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed >> 33;
}

/* Weights in quarters, so that sums are exact in any order. */
static float quarters(uint64_t *seed, int from, int to)
{
    return (float)(from + (int)(random_next(seed) % (uint64_t)(to - from + 1))) / 4;
}

static struct rule_gift random_gift(uint64_t *seed)
{
    struct rule_gift gift = {.traits = 1u << random_next(seed) % TRAIT_COUNT,
                             .complaint = quarters(seed, -40, 40),
                             .at_least = (uint8_t)(random_next(seed) % 8 ? 0 : 3),
                             .category_count = (uint8_t)(random_next(seed) % 3)};
    for (unsigned index = 0; index < gift.category_count; index++) {
        gift.categories[index] = (uint8_t)((random_next(seed) % 7) * 2 + index);
        gift.weights[index] = quarters(seed, -4, 12);
    }
    return gift;
}

static void shuffle(struct rule_gift *gifts, unsigned count, uint64_t *seed)
{
    for (unsigned index = count - 1; index > 0; index--) {
        unsigned other = (unsigned)random_next(seed) % (index + 1);
        struct rule_gift moved = gifts[index];
        gifts[index] = gifts[other];
        gifts[other] = moved;
    }
}

static struct score sum_of(const struct rule_gift *gifts, unsigned count)
{
    struct score score = {0};
    for (unsigned index = 0; index < count; index++)
        score_add(&score, &gifts[index]);
    return score;
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

static void the_order_of_rules_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 20261124;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct rule_gift gifts[GIFTS];
        unsigned count = 1 + (unsigned)random_next(&seed) % GIFTS;
        for (unsigned index = 0; index < count; index++)
            gifts[index] = random_gift(&seed);
        struct score first = sum_of(gifts, count);
        shuffle(gifts, count, &seed);
        struct score second = sum_of(gifts, count);
        uint8_t named[VERDICT_CATEGORIES_MAX];
        uint8_t plain[VERDICT_CATEGORIES_MAX];
        assert_memory_equal(&first, &second, sizeof first);
        uint8_t named_count = score_categories(&second, named);
        assert_int_equal(named_count, categories_plainly(&first, plain));
        assert_memory_equal(named, plain, named_count);
    }
}

static void the_sum_stays_within_its_bounds(void **state)
{
    (void)state;
    struct score score = {0};
    const struct rule_gift grave = {.complaint = 10};
    const struct rule_gift praise = {.complaint = -10};
    for (int index = 0; index < 1000; index++)
        score_add(&score, &grave);
    assert_float_equal(score.complaint, RULE_SCORE_MAX, 0);
    for (int index = 0; index < 1000; index++)
        score_add(&score, &praise);
    assert_float_equal(score.complaint, -RULE_SCORE_MAX, 0);
}

static void levels_of_rules_only_rise(void **state)
{
    (void)state;
    struct score score = {0};
    score_add(&score, &(struct rule_gift){.at_least = SEVERITY_SERIOUS});
    score_add(&score, &(struct rule_gift){.at_least = SEVERITY_MINOR});
    assert_int_equal(score.at_least, SEVERITY_SERIOUS);
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
        cmocka_unit_test(the_order_of_rules_changes_nothing),
        cmocka_unit_test(the_sum_stays_within_its_bounds),
        cmocka_unit_test(levels_of_rules_only_rise),
        cmocka_unit_test(tiers_are_met_exactly_at_their_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
