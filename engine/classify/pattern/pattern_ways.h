/**
 * The ways of a pattern to match, told apart by the branches of its alternatives, with what the
 * scan must find for each:
 *
 *   \b(cancel (my|our) (\w+ )?account|closed my account)\b
 *       way 1   { cancel my, cancel our } and { account }
 *       way 2   { closed my account }
 *
 * A match of the pattern goes one of the ways, and then a literal of each of its sets stands in
 * the view at its distance from the match's start.
 *
 * Threads: loading only.
 */
#ifndef REDRESS_CLASSIFY_PATTERN_PATTERN_WAYS_H
#define REDRESS_CLASSIFY_PATTERN_PATTERN_WAYS_H

#include "classify/pattern/pattern_literals.h"

enum { PATTERN_WAYS_MAX = 128, PATTERN_WAY_SETS_MAX = 2 };

struct pattern_way {
    uint32_t set_count; /* at least 1 */
    struct pattern_literals sets[PATTERN_WAY_SETS_MAX];
};

struct pattern_ways {
    uint32_t count; /* 0: nothing is known, the pattern may match any text */
    struct pattern_way items[PATTERN_WAYS_MAX];
};

void pattern_find_ways(const struct pattern *pattern, struct pattern_ways *out);

#endif
