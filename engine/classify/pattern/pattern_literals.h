/**
 * The literals of a pattern: at least one of a set stands in the view wherever the pattern matches.
 *
 *   \b(?:refund|money\s+back)s?\b   ->   refund, money
 *
 * Each literal says how far behind the match's start it ends and whether it must begin or end at
 * a word's edge, so that the scan alone refutes most of what it finds.
 *
 * Threads: loading only.
 */
#ifndef REDRESS_CLASSIFY_PATTERN_PATTERN_LITERALS_H
#define REDRESS_CLASSIFY_PATTERN_PATTERN_LITERALS_H

#include "classify/pattern/pattern.h"

enum { PATTERN_LITERALS_MAX = 64, PATTERN_LITERAL_BYTES_MAX = 40 };

enum {
    PATTERN_EDGE_BEFORE = 1, /* \b stands before the literal */
    PATTERN_EDGE_BEHIND = 2,
    PATTERN_EDGES = PATTERN_EDGE_BEFORE | PATTERN_EDGE_BEHIND
};

struct pattern_literal {
    uint32_t distance_min; /* from the start of the match to the end of the literal */
    uint32_t distance_max; /* PATTERN_UNBOUNDED where there is no limit */
    uint32_t words_max;    /* how many begin in between, before the literal; or PATTERN_UNBOUNDED */
    uint8_t size;
    uint8_t edges;
    uint8_t bytes[PATTERN_LITERAL_BYTES_MAX];
};

struct pattern_literals {
    uint32_t count; /* 0: nothing is known */
    struct pattern_literal items[PATTERN_LITERALS_MAX];
};

enum { PATTERN_OFFERS_MAX = 3 };

/** The best sets of a sequence of parts, cheapest first; each alone must have a hit. */
struct pattern_offers {
    uint32_t count;
    double costs[PATTERN_OFFERS_MAX];
    struct pattern_literals sets[PATTERN_OFFERS_MAX];
};

/** Parts of a sequence, one after the other; only these nodes, not their siblings. */
void pattern_find_offers(const struct pattern *pattern, const uint32_t *nodes, uint32_t count,
                         struct pattern_offers *out);

/** About how many of them stand in a hundred thousand bytes of text; infinite for an empty one. */
double pattern_literals_cost(const struct pattern_literals *set);

#endif
