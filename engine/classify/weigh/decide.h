/**
 * From a score to a verdict: tiers, then composites, then the levels that nothing may undercut.
 *
 * Invariants, each with a test:
 *   complaint exactly when severity > none; critical is urgent, urgent is at least serious;
 *   safety, self-harm, a threat, and fraud that is going on are never below serious;
 *   abuse changes nothing; history never lowers anything.
 */
#ifndef REDRESS_CLASSIFY_WEIGH_DECIDE_H
#define REDRESS_CLASSIFY_WEIGH_DECIDE_H

#include "classify/weigh/score.h"

/** The least severity that these traits allow. */
enum severity decide_forced_level(trait_set traits);

/**
 * Fills severity, complaint, urgent, categories, traits, steps and score of `verdict`; language,
 * channel, values, truncated and undecided stand in it already.
 */
void decide(const struct rule_pack *pack, const struct score *score, struct verdict *verdict);

/** The same once more, now that the history of the customer is known. True where care was raised.
 */
bool decide_again(const struct rule_pack *pack, const struct recurrence *recurrence,
                  struct verdict *verdict);

/** True where a composite holds over a finished verdict: for explanations. */
bool decide_composite_holds(const struct composite *composite, const struct verdict *verdict);

#endif
