/* What the tests of matching share: padded texts, and the matcher held against the plain loop. */
#ifndef REDRESS_TESTS_MATCHING_H
#define REDRESS_TESTS_MATCHING_H

#include "classify/match/matcher.h"
#include "classify/match/reference.h"

#include "base/assert.h"

#include <string.h>

struct padded_text {
    char bytes[MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES];
    struct slice slice;
};

static inline struct slice padded(struct padded_text *text, const char *bytes, size_t size)
{
    ASSERT(size <= MESSAGE_TEXT_BYTES_MAX);
    memcpy(text->bytes, bytes, size);
    memset(text->bytes + size, 0, MESSAGE_PADDING_BYTES);
    text->slice = (struct slice){.data = text->bytes, .size = (uint32_t)size};
    return text->slice;
}

static inline struct matcher_pattern pattern_of(const char *text, uint32_t rule_index)
{
    return (struct matcher_pattern){.text = text,
                                    .text_size = strlen(text),
                                    .rule_index = rule_index,
                                    .file = "test.yaml",
                                    .line = 1,
                                    .column = 1};
}

static inline bool is_in(const uint32_t *rules, uint32_t count, uint32_t rule)
{
    for (uint32_t i = 0; i < count; i++)
        if (rules[i] == rule)
            return true;
    return false;
}

/* The hits of `rule` from *at on, which is left behind them. */
static inline uint32_t hits_of_rule(const struct match_outcome *outcome, uint32_t *at,
                                    uint32_t rule)
{
    uint32_t begin = *at;
    while (*at < outcome->hit_count && outcome->hits[*at].rule_index == rule)
        (*at)++;
    return *at - begin;
}

static inline bool same_hits(const struct match_hit *one, const struct match_hit *two,
                             uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (one[i].pattern_index != two[i].pattern_index ||
            one[i].view_start != two[i].view_start || one[i].view_end != two[i].view_end)
            return false;
    return true;
}

/* Equal hits, all of them with their places, of the rules that both decided; *differs is the first
 * rule that differs. */
static inline bool outcomes_agree(const struct match_outcome *one, const struct match_outcome *two,
                                  uint32_t *differs)
{
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < one->hit_count || j < two->hit_count) {
        uint32_t left = i < one->hit_count ? one->hits[i].rule_index : UINT32_MAX;
        uint32_t right = j < two->hit_count ? two->hits[j].rule_index : UINT32_MAX;
        *differs = left < right ? left : right;
        const struct match_hit *own = one->hits + i;
        const struct match_hit *other = two->hits + j;
        uint32_t count = hits_of_rule(one, &i, *differs);
        bool same = hits_of_rule(two, &j, *differs) == count && same_hits(own, other, count);
        if (!same && !is_in(one->undecided, one->undecided_count, *differs) &&
            !is_in(two->undecided, two->undecided_count, *differs))
            return false;
    }
    return true;
}

#endif
