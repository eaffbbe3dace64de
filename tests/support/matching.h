/* What the tests of matching share: padded texts, and the matcher held against the plain loop. */
#ifndef REDRESS_TESTS_MATCHING_H
#define REDRESS_TESTS_MATCHING_H

#include "classify/matcher.h"
#include "classify/reference.h"

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

/* Equal hits, spans included, of the rules that both decided; *differs is the first that differs.
 */
static inline bool outcomes_agree(const struct match_outcome *one, const struct match_outcome *two,
                                  uint32_t *differs)
{
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < one->hit_count || j < two->hit_count) {
        uint32_t left = i < one->hit_count ? one->hits[i].rule_index : UINT32_MAX;
        uint32_t right = j < two->hit_count ? two->hits[j].rule_index : UINT32_MAX;
        *differs = left < right ? left : right;
        if (left == right) {
            if (one->hits[i].start != two->hits[j].start || one->hits[i].end != two->hits[j].end)
                return false;
            i++;
            j++;
        } else if (left < right) {
            if (!is_in(two->undecided, two->undecided_count, left))
                return false;
            i++;
        } else {
            if (!is_in(one->undecided, one->undecided_count, right))
                return false;
            j++;
        }
    }
    return true;
}

#endif
