#include "classify/score.h"

/* A second category stands only where it weighs at least so much of the first. */
#define SECOND_CATEGORY_SHARE 0.5f

void score_add(struct score *score, const struct rule_gift *gift)
{
    score->complaint += gift->complaint;
    if (score->complaint > (float)RULE_SCORE_MAX)
        score->complaint = (float)RULE_SCORE_MAX;
    if (score->complaint < -(float)RULE_SCORE_MAX)
        score->complaint = -(float)RULE_SCORE_MAX;
    score->traits |= gift->traits;
    if (gift->at_least > score->at_least)
        score->at_least = (enum severity)gift->at_least;
    for (unsigned index = 0; index < gift->category_count; index++)
        score->categories[gift->categories[index]] += gift->weights[index];
}

enum severity score_severity(const struct tiers *tiers, float complaint)
{
    unsigned severity = SEVERITY_CRITICAL;
    while (severity > SEVERITY_NONE && !(complaint >= tiers->score_min[severity]))
        severity--;
    return (enum severity)severity;
}

static unsigned strongest(const float *weights, unsigned besides)
{
    unsigned best = CATEGORY_COUNT;
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        if (category != besides && weights[category] > 0 &&
            (best == CATEGORY_COUNT || weights[category] > weights[best]))
            best = category;
    return best;
}

uint8_t score_categories(const struct score *score, uint8_t out[VERDICT_CATEGORIES_MAX])
{
    unsigned first = strongest(score->categories, CATEGORY_COUNT);
    if (first == CATEGORY_COUNT)
        return 0;
    out[0] = (uint8_t)first;
    unsigned second = strongest(score->categories, first);
    if (second == CATEGORY_COUNT ||
        score->categories[second] < SECOND_CATEGORY_SHARE * score->categories[first])
        return 1;
    out[1] = (uint8_t)second;
    return 2;
}
