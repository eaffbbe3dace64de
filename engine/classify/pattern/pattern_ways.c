#include "classify/pattern/pattern_ways.h"

#include "text/view.h"

#include <string.h>

enum { PARTS_MAX = 256, AROUND_MAX = 16 };

/* Sets that stand in a hundred thousand bytes more often than this. */
static const double COMMON = 0.1;     /* want a second one */
static const double CROWDED = 2000.0; /* are no help as a second one */

/* The parts of one way: what stands around a choice, and one of its branches. */
struct branch {
    uint32_t before[AROUND_MAX];
    uint32_t behind[AROUND_MAX]; /* the last one first */
    uint32_t before_count;
    uint32_t behind_count;
};

struct split {
    const struct pattern *pattern;
    struct pattern_ways *ways;
    bool failed; /* too many ways, or one of which nothing is known */
};

/* A shorter literal stands in nearly every text, unless it is a symbol such as the euro sign. */
static bool is_scannable(const struct pattern_literals *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const struct pattern_literal *literal = &set->items[i];
        if (literal->size == 1 && view_script(literal->bytes[0]) != VIEW_SCRIPT_SYMBOL)
            return false;
    }
    return true;
}

static void add_way(struct split *split, const struct pattern_offers *offers)
{
    struct pattern_ways *ways = split->ways;
    if (ways->count == PATTERN_WAYS_MAX) {
        split->failed = true;
        return;
    }
    struct pattern_way *way = &ways->items[ways->count++];
    way->set_count = 0;
    for (uint32_t i = 0; i < offers->count && way->set_count < PATTERN_WAY_SETS_MAX; i++) {
        if (!is_scannable(&offers->sets[i]))
            continue;
        bool helps = way->set_count == 0 || offers->costs[i] < CROWDED;
        if (helps)
            way->sets[way->set_count++] = offers->sets[i];
        if (offers->costs[i] < COMMON)
            break;
    }
    split->failed = way->set_count == 0;
}

static void emit(struct split *split, const struct branch *branch, const uint32_t *parts,
                 uint32_t count)
{
    uint32_t nodes[PARTS_MAX + 2 * AROUND_MAX];
    uint32_t used = branch->before_count;
    struct pattern_offers offers;
    memcpy(nodes, branch->before, used * sizeof *nodes);
    memcpy(nodes + used, parts, count * sizeof *nodes);
    used += count;
    for (uint32_t i = branch->behind_count; i > 0; i--)
        nodes[used++] = branch->behind[i - 1];
    pattern_find_offers(split->pattern, nodes, used, &offers);
    add_way(split, &offers);
}

static bool is_zero_width(const struct pattern_node *node)
{
    return node->kind == PATTERN_ANCHOR || node->kind == PATTERN_LOOK;
}

/* The children of a sequence, or 0 where they are too many. */
static uint32_t list_parts(const struct pattern *pattern, const struct pattern_node *self,
                           uint32_t parts[PARTS_MAX])
{
    uint32_t count = 0;
    for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
        if (count == PARTS_MAX)
            return 0;
        parts[count++] = child;
    }
    return count;
}

/* The only part that is as wide as a byte, or UINT32_MAX. */
static uint32_t only_wide(const struct pattern *pattern, const uint32_t *parts, uint32_t count)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (is_zero_width(&pattern->nodes[parts[i]]))
            continue;
        if (found != UINT32_MAX)
            return UINT32_MAX;
        found = i;
    }
    return found;
}

/* What stands around the one wide part; what there is no room for is forgotten, which only lets
 * more texts through. */
static void surround(struct branch *branch, const uint32_t *parts, uint32_t count, uint32_t wide)
{
    for (uint32_t i = 0; i < wide && branch->before_count < AROUND_MAX; i++)
        branch->before[branch->before_count++] = parts[i];
    for (uint32_t i = count; i > wide + 1 && branch->behind_count < AROUND_MAX; i--)
        branch->behind[branch->behind_count++] = parts[i - 1];
}

static void split_node(struct split *split, const struct branch *around, uint32_t node)
{
    const struct pattern *pattern = split->pattern;
    const struct pattern_node *self = &pattern->nodes[node];
    if (split->failed)
        return;
    if (self->kind == PATTERN_GROUP) {
        split_node(split, around, self->first);
    } else if (self->kind == PATTERN_CHOICE) {
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next)
            split_node(split, around, child);
    } else if (self->kind == PATTERN_SEQUENCE) {
        uint32_t parts[PARTS_MAX];
        uint32_t count = list_parts(pattern, self, parts);
        uint32_t wide = only_wide(pattern, parts, count);
        if (count == 0) {
            emit(split, around, &node, 1);
        } else if (wide == UINT32_MAX) {
            emit(split, around, parts, count);
        } else {
            struct branch branch = *around;
            surround(&branch, parts, count, wide);
            split_node(split, &branch, parts[wide]);
        }
    } else {
        emit(split, around, &node, 1);
    }
}

/* Distances are in bytes of the view; an original pattern's match stands in the text. */
static void forget_distances(struct pattern_ways *ways)
{
    for (uint32_t i = 0; i < ways->count; i++)
        for (uint32_t j = 0; j < ways->items[i].set_count; j++)
            for (uint32_t k = 0; k < ways->items[i].sets[j].count; k++) {
                ways->items[i].sets[j].items[k].distance_min = 0;
                ways->items[i].sets[j].items[k].distance_max = PATTERN_UNBOUNDED;
                ways->items[i].sets[j].items[k].words_max = PATTERN_UNBOUNDED;
            }
}

void pattern_find_ways(const struct pattern *pattern, struct pattern_ways *out)
{
    const struct branch nothing = {0};
    struct split split = {.pattern = pattern, .ways = out};
    out->count = 0;
    split_node(&split, &nothing, pattern->root);
    if (split.failed) { /* as one way, then */
        split.failed = false;
        out->count = 0;
        emit(&split, &nothing, &pattern->root, 1);
    }
    if (split.failed)
        out->count = 0;
    if (pattern->original)
        forget_distances(out);
}
