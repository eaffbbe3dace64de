/**
 * Adds up what the rules that fired give. No order, no length: the same rules give the same sum.
 *
 * Owns: nothing. Allocates nothing.
 */
#ifndef REDRESS_CLASSIFY_SCORE_H
#define REDRESS_CLASSIFY_SCORE_H

#include "classify/rule_set.h"

struct score {
    float complaint; /* -RULE_SCORE_MAX to RULE_SCORE_MAX */
    trait_set traits;
    enum severity at_least;
    float categories[CATEGORY_COUNT];
};

void score_add(struct score *score, const struct rule_gift *gift);

/** The severity of a score by the tiers. */
enum severity score_severity(const struct tiers *tiers, float complaint);

/** The strongest categories, at most VERDICT_CATEGORIES_MAX; equal ones in the vocabulary's order.
 */
uint8_t score_categories(const struct score *score, uint8_t out[VERDICT_CATEGORIES_MAX]);

#endif
