/**
 * The literals of a pattern: at least one of them stands in the view wherever the pattern matches.
 *
 *   \b(?:refund|money\s+back)s?\b   ->   refund, money
 *
 * Threads: loading only.
 */
#ifndef REDRESS_CLASSIFY_PATTERN_LITERALS_H
#define REDRESS_CLASSIFY_PATTERN_LITERALS_H

#include "classify/pattern.h"

enum { PATTERN_LITERALS_MAX = 24, PATTERN_LITERAL_BYTES_MAX = 24 };

struct pattern_literal {
    uint8_t size;
    uint8_t bytes[PATTERN_LITERAL_BYTES_MAX];
};

struct pattern_literals {
    uint32_t count; /* 0: nothing is known, the pattern may match any text */
    struct pattern_literal items[PATTERN_LITERALS_MAX];
};

/** The set whose shortest literal is longest. */
void pattern_find_literals(const struct pattern *pattern, struct pattern_literals *out);

#endif
