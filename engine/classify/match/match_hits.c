#include "classify/match/match_hits.h"

#include "base/small_sort.h"

static bool same_place(const struct match_hit *left, const struct match_hit *right)
{
    return left->view_start == right->view_start && left->view_end == right->view_end;
}

static inline bool is_before(const void *one, const void *other)
{
    const struct match_hit *left = one;
    const struct match_hit *right = other;
    if (left->view_start != right->view_start)
        return left->view_start < right->view_start;
    if (left->view_end != right->view_end)
        return left->view_end < right->view_end;
    if (left->pattern_index != right->pattern_index)
        return left->pattern_index < right->pattern_index;
    return left->text_start < right->text_start;
}

bool match_hits_settle_rule(struct match_hits *hits)
{
    struct match_hit *items = hits->items + hits->rule_begin;
    uint32_t count = hits->count - hits->rule_begin;
    if (hits->rule_cut) {
        hits->count = hits->rule_begin;
        return false;
    }
    small_sort(items, count, sizeof *items, is_before);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < count; i++)
        if (!same_place(&items[i], &items[kept - 1]))
            items[kept++] = items[i];
    hits->count = hits->rule_begin + kept;
    return true;
}

void match_hit_text(const struct view *view, const struct match_hit *hit, struct verdict_hit *out)
{
    *out = (struct verdict_hit){hit->rule_index, hit->text_start, hit->text_end};
    if (hit->text_end == 0)
        view_text_span(view, hit->view_start, hit->view_end, &out->start, &out->end);
}
