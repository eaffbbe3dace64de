#include "classify/match_hits.h"

void match_hits_begin_rule(struct match_hits *hits)
{
    hits->rule_begin = hits->count;
    hits->rule_cut = false;
}

void match_hits_add(struct match_hits *hits, const struct match_hit *hit)
{
    if (hits->count == MATCH_HITS_MAX)
        hits->rule_cut = true;
    else
        hits->items[hits->count++] = *hit;
}

static bool same_place(const struct match_hit *left, const struct match_hit *right)
{
    return left->view_start == right->view_start && left->view_end == right->view_end;
}

static bool is_before(const struct match_hit *left, const struct match_hit *right)
{
    if (left->view_start != right->view_start)
        return left->view_start < right->view_start;
    if (left->view_end != right->view_end)
        return left->view_end < right->view_end;
    if (left->pattern_index != right->pattern_index)
        return left->pattern_index < right->pattern_index;
    return left->text_start < right->text_start;
}

/* Shell's: in place, quick for the few hits of most rules, and bounded for thousands. */
static void sort(struct match_hit *items, uint32_t count)
{
    static const uint32_t gaps[] = {1750, 701, 301, 132, 57, 23, 10, 4, 1};
    enum { GAP_COUNT = sizeof gaps / sizeof gaps[0] };
    uint32_t i = 0;
    while (i + 1 < GAP_COUNT && gaps[i] >= count)
        i++;
    for (; i < GAP_COUNT; i++) {
        uint32_t gap = gaps[i];
        for (uint32_t next = gap; next < count; next++) {
            if (!is_before(&items[next], &items[next - gap]))
                continue;
            struct match_hit hit = items[next];
            uint32_t at = next;
            for (; at >= gap && is_before(&hit, &items[at - gap]); at -= gap)
                items[at] = items[at - gap];
            items[at] = hit;
        }
    }
}

bool match_hits_end_rule(struct match_hits *hits)
{
    struct match_hit *items = hits->items + hits->rule_begin;
    uint32_t count = hits->count - hits->rule_begin;
    if (hits->rule_cut) {
        hits->count = hits->rule_begin;
        return false;
    }
    if (count < 2)
        return true;
    sort(items, count);
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
