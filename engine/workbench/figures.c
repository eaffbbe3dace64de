#include "workbench/figures.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

const char *figure_name(enum figure figure)
{
    static const char *const names[FIGURE_COUNT] = {
        [FIGURE_COMPLAINT_BALANCED] = "complaint_balanced",
        [FIGURE_COMPLAINT_F1] = "complaint_f1",
        [FIGURE_SEVERITY_KAPPA] = "severity_kappa",
        [FIGURE_SEVERITY_KAPPA_COMPLAINTS] = "severity_kappa_complaints",
        [FIGURE_SEVERITY_WITHIN_ONE] = "severity_within_one",
        [FIGURE_SEVERITY_FAR] = "severity_far",
        [FIGURE_SERIOUS_PRECISION] = "serious_precision",
        [FIGURE_SERIOUS_RECALL] = "serious_recall",
        [FIGURE_URGENT_PRECISION] = "urgent_precision",
        [FIGURE_URGENT_RECALL] = "urgent_recall",
        [FIGURE_URGENT_F1] = "urgent_f1",
        [FIGURE_CATEGORY_HIT] = "category_hit",
        [FIGURE_TRAIT_F1] = "trait_f1",
    };
    return names[figure];
}

static void count_answer(struct answers *answers, bool gold, bool said)
{
    if (gold)
        said ? answers->right_yes++ : answers->wrong_no++;
    else
        said ? answers->wrong_yes++ : answers->right_no++;
}

static uint32_t count_traits(trait_set traits)
{
    return (uint32_t)__builtin_popcount(traits);
}

void tally_add(struct tally *tally, const struct judgement *gold, const struct judgement *said)
{
    tally->rows++;
    tally->unanswered += said->unanswered;
    count_answer(&tally->complaint, gold->complaint, said->complaint);
    count_answer(&tally->serious, gold->severity >= SEVERITY_SERIOUS,
                 said->severity >= SEVERITY_SERIOUS);
    count_answer(&tally->urgent, gold->urgent, said->urgent);
    tally->traits.right_yes += count_traits(gold->traits & said->traits);
    tally->traits.wrong_yes += count_traits(said->traits & ~gold->traits);
    tally->traits.wrong_no += count_traits(gold->traits & ~said->traits);
    tally->levels[gold->severity][said->severity]++;
    if (!gold->complaint)
        return;
    tally->complaints++;
    tally->complaint_levels[gold->severity][said->severity]++;
    tally->category_hits += said->complaint && said->first_category < CATEGORY_COUNT &&
                            (gold->categories >> said->first_category & 1);
}

static double ratio(uint32_t part, uint32_t whole)
{
    return whole ? (double)part / whole : (double)NAN;
}

static double ratio_or_none(uint32_t part, uint32_t whole)
{
    return whole ? (double)part / whole : 0;
}

static double precision(const struct answers *answers)
{
    return ratio(answers->right_yes, answers->right_yes + answers->wrong_yes);
}

static double recall(const struct answers *answers)
{
    return ratio(answers->right_yes, answers->right_yes + answers->wrong_no);
}

static double f1(const struct answers *answers)
{
    uint32_t twice = 2 * answers->right_yes;
    return ratio_or_none(twice, twice + answers->wrong_yes + answers->wrong_no);
}

static double balanced(const struct answers *answers)
{
    double complaints = ratio_or_none(answers->right_yes, answers->right_yes + answers->wrong_no);
    double rest = ratio_or_none(answers->right_no, answers->right_no + answers->wrong_yes);
    return (complaints + rest) / 2;
}

/* One minus the squared distance over the one that chance would give; 0 where that is 0. */
static double kappa(const uint32_t levels[SEVERITY_COUNT][SEVERITY_COUNT])
{
    double rows[SEVERITY_COUNT] = {0};
    double columns[SEVERITY_COUNT] = {0};
    double observed = 0;
    double expected = 0;
    double count = 0;
    for (int gold = 0; gold < SEVERITY_COUNT; gold++)
        for (int said = 0; said < SEVERITY_COUNT; said++) {
            rows[gold] += levels[gold][said];
            columns[said] += levels[gold][said];
            observed += (double)levels[gold][said] * (gold - said) * (gold - said);
            count += levels[gold][said];
        }
    for (int gold = 0; gold < SEVERITY_COUNT; gold++)
        for (int said = 0; said < SEVERITY_COUNT; said++)
            expected += rows[gold] * columns[said] * (gold - said) * (gold - said);
    return expected > 0 ? 1 - observed * count / expected : 0;
}

/* Messages whose levels are at most `distance` apart. */
static uint32_t within(const struct tally *tally, int distance)
{
    uint32_t count = 0;
    for (int gold = 0; gold < SEVERITY_COUNT; gold++)
        for (int said = 0; said < SEVERITY_COUNT; said++)
            if (abs(gold - said) <= distance)
                count += tally->levels[gold][said];
    return count;
}

struct figures figures_of(const struct tally *tally)
{
    uint32_t near = within(tally, 1);
    return (struct figures){{[FIGURE_COMPLAINT_BALANCED] = balanced(&tally->complaint),
                             [FIGURE_COMPLAINT_F1] = f1(&tally->complaint),
                             [FIGURE_SEVERITY_KAPPA] = kappa(tally->levels),
                             [FIGURE_SEVERITY_KAPPA_COMPLAINTS] = kappa(tally->complaint_levels),
                             [FIGURE_SEVERITY_WITHIN_ONE] = ratio(near, tally->rows),
                             [FIGURE_SEVERITY_FAR] = ratio(tally->rows - near, tally->rows),
                             [FIGURE_SERIOUS_PRECISION] = precision(&tally->serious),
                             [FIGURE_SERIOUS_RECALL] = recall(&tally->serious),
                             [FIGURE_URGENT_PRECISION] = precision(&tally->urgent),
                             [FIGURE_URGENT_RECALL] = recall(&tally->urgent),
                             [FIGURE_URGENT_F1] = f1(&tally->urgent),
                             [FIGURE_CATEGORY_HIT] = ratio(tally->category_hits, tally->complaints),
                             [FIGURE_TRAIT_F1] = f1(&tally->traits)}};
}

/* SplitMix64. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t mixed = *state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return mixed ^ mixed >> 31;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of the values of one figure in all rounds, those that are defined. */
static void find_interval(const struct figures *rounds, enum figure figure, double *values,
                          struct figure_intervals *out)
{
    uint32_t count = 0;
    for (uint32_t round = 0; round < FIGURE_ROUNDS; round++)
        if (!isnan(rounds[round].values[figure]))
            values[count++] = rounds[round].values[figure];
    qsort(values, count, sizeof *values, compare_doubles);
    bool defined = count > 0;
    uint32_t high = count * 39 / 40;
    out->low[figure] = defined ? values[count / 40] : (double)NAN;
    out->high[figure] = defined ? values[high > 0 ? high - 1 : 0] : (double)NAN;
}

enum redress_status figures_find_intervals(const struct gold_message *const *messages,
                                           uint32_t count, uint64_t seed,
                                           struct figure_intervals *out)
{
    struct figures *rounds = memory_allocate_array(FIGURE_ROUNDS, sizeof *rounds);
    double *values = memory_allocate_array(FIGURE_ROUNDS, sizeof *values);
    bool ready = rounds && values;
    for (uint32_t round = 0; ready && round < FIGURE_ROUNDS; round++) {
        struct tally tally = {0};
        for (uint32_t drawn = 0; drawn < count; drawn++) {
            const struct gold_message *message = messages[random_next(&seed) % count];
            tally_add(&tally, &message->gold, &message->said);
        }
        rounds[round] = figures_of(&tally);
    }
    for (unsigned figure = 0; ready && figure < FIGURE_COUNT; figure++)
        find_interval(rounds, (enum figure)figure, values, out);
    memory_free(rounds);
    memory_free(values);
    return ready ? STATUS_OK : STATUS_MEMORY;
}
