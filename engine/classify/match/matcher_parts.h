/** What a matcher is made of. Only matcher.c and matcher_build.c include it. */
#ifndef REDRESS_CLASSIFY_MATCH_MATCHER_PARTS_H
#define REDRESS_CLASSIFY_MATCH_MATCHER_PARTS_H

#include "classify/pattern/character_tables.h"
#include "classify/match/matcher.h"
#include "classify/match/scan.h"

struct matcher_rule_part {
    struct confirm_code code; /* of what neither the scan nor the phrase matches */
    struct phrase *phrase;    /* NULL where it is none */
    uint32_t rule_index;
    uint32_t languages;
};

struct matcher {
    struct matcher_rule_part *parts; /* one a pattern, in file order */
    uint32_t *originals;             /* patterns that match the text itself */
    uint32_t original_count;
    uint32_t part_count;
    uint32_t rule_count;
    struct scan scan;
    struct character_tables tables; /* read while matching: lives as long as the codes */
};

#endif
