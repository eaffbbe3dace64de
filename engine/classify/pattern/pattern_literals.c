#include "classify/pattern/pattern_literals.h"

#include "text/view.h"

#include <math.h>
#include <string.h>

enum { CLASS_BYTES_MAX = 8 /* a larger class multiplies the literals too much */ };

/* What is known of one part of a pattern. */
struct finding {
    bool exact; /* `ends` are the only byte strings that it matches */
    /* Every match ends with one of them, an empty match apart. */
    struct pattern_literals ends;
    struct pattern_literals needed; /* one of them is in every match; none is empty */
    double cost;                    /* of `needed`; infinite where there are none */
};

static bool add_literal(struct pattern_literals *set, const struct pattern_literal *literal)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct pattern_literal *own = &set->items[i];
        if (own->size != literal->size || memcmp(own->bytes, literal->bytes, own->size) != 0)
            continue;
        own->edges &= literal->edges;
        if (literal->distance_min < own->distance_min)
            own->distance_min = literal->distance_min;
        if (literal->distance_max > own->distance_max)
            own->distance_max = literal->distance_max;
        if (literal->words_max > own->words_max)
            own->words_max = literal->words_max;
        return true;
    }
    if (set->count == PATTERN_LITERALS_MAX)
        return false;
    set->items[set->count++] = *literal;
    return true;
}

static bool add_all(struct pattern_literals *set, const struct pattern_literals *more)
{
    for (uint32_t i = 0; i < more->count; i++)
        if (!add_literal(set, &more->items[i]))
            return false;
    return true;
}

static bool add_bytes(struct pattern_literals *set, const uint8_t *bytes, uint32_t size)
{
    struct pattern_literal literal = {.size = (uint8_t)size};
    memcpy(literal.bytes, bytes, size);
    return add_literal(set, &literal);
}

static void set_empty(struct pattern_literals *set, uint8_t edges)
{
    set->count = 1;
    set->items[0] = (struct pattern_literal){.edges = edges};
}

/* An empty literal has one place, so both its edges are one. */
static uint8_t joined_edges(const struct pattern_literal *left, const struct pattern_literal *right)
{
    if (left->size == 0 && right->size == 0)
        return left->edges | right->edges;
    unsigned before = left->edges & PATTERN_EDGE_BEFORE;
    unsigned behind = right->edges & PATTERN_EDGE_BEHIND;
    if (left->size == 0)
        before |= right->edges & PATTERN_EDGE_BEFORE;
    if (right->size == 0)
        behind |= left->edges & PATTERN_EDGE_BEHIND;
    return (uint8_t)(before | behind);
}

/* Every string of `left` before every one of `right`; false where that is too much. */
static bool join(const struct pattern_literals *left, const struct pattern_literals *right,
                 struct pattern_literals *out)
{
    out->count = 0;
    for (uint32_t i = 0; i < left->count; i++) {
        for (uint32_t j = 0; j < right->count; j++) {
            struct pattern_literal both = left->items[i];
            const struct pattern_literal *tail = &right->items[j];
            if (both.size + tail->size > PATTERN_LITERAL_BYTES_MAX)
                return false;
            both.edges = joined_edges(&left->items[i], tail);
            memcpy(both.bytes + both.size, tail->bytes, tail->size);
            both.size = (uint8_t)(both.size + tail->size);
            if (!add_literal(out, &both))
                return false;
        }
    }
    return true;
}

/* A string that every other ends with, too, makes the others superfluous. */
static void reduce(struct pattern_literals *set)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i].size == 0 && set->items[i].edges == 0) {
            set_empty(set, 0);
            return;
        }
}

static void place_at_sizes(struct pattern_literals *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        set->items[i].distance_min = set->items[i].distance_max = set->items[i].size;
        set->items[i].words_max = 0;
    }
}

/* How many words certainly begin in it. */
static uint32_t words_in(const struct pattern_literal *literal)
{
    bool in_word = !(literal->edges & PATTERN_EDGE_BEFORE);
    return pattern_words_in(literal->bytes, literal->size, &in_word);
}

/* What stands behind us, and how much that is. */
struct extent {
    struct pattern_length length;
    uint32_t words_max; /* that begin there */
    bool in_word;       /* it certainly ends with a byte of a word */
};

/* They end there. */
static void place(struct pattern_literals *set, const struct extent *extent)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct pattern_literal *literal = &set->items[i];
        uint32_t own = words_in(literal);
        literal->distance_min = extent->length.min;
        literal->distance_max = extent->length.max;
        literal->words_max = extent->words_max;
        if (extent->words_max != PATTERN_UNBOUNDED)
            literal->words_max -= own < extent->words_max ? own : extent->words_max;
    }
}

static void shift(struct pattern_literals *set, const struct extent *by)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct pattern_literal *literal = &set->items[i];
        literal->distance_min = pattern_add(literal->distance_min, by->length.min);
        literal->distance_max = pattern_add(literal->distance_max, by->length.max);
        literal->words_max = pattern_add(literal->words_max, by->words_max);
    }
}

/* Natural logarithm of how often a byte stands in text, about. Often, besides Latin: оаеинтср and
 * αοιετνση; seldom: цщфэъ and ξψζ. */
static double rarity(uint8_t byte)
{
    static const char often[] = "etaoinsr"
                                "\x8e\x80\x86\x89\x8d\x92\x91\x90\xae\xbc\xb6\xb2\xc0\xba\xbf\xb4";
    static const char seldom[] = "jqxzkvw_\x96\x99\x94\x9d\x9a\xbb\xc4\xb3";
    if (byte == ' ')
        return -1.8;
    if (memchr(often, byte, sizeof often - 1))
        return -2.7;
    if (memchr(seldom, byte, sizeof seldom - 1))
        return -5.3;
    return view_is_letter(byte) ? -3.8 : -5.0;
}

double pattern_literals_cost(const struct pattern_literals *set)
{
    static const double per_text = 1e5;
    static const double edge = -0.9;    /* half of the places are no edge */
    static const double kinship = 0.65; /* letters follow one another more often than by chance */
    double cost = set->count ? 0 : INFINITY;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct pattern_literal *literal = &set->items[i];
        double chance = literal->size ? 0 : INFINITY;
        for (uint32_t at = 0; at < literal->size; at++)
            chance += rarity(literal->bytes[at]);
        if (literal->edges & PATTERN_EDGE_BEFORE)
            chance += edge;
        if (literal->edges & PATTERN_EDGE_BEHIND)
            chance += edge;
        cost += per_text * exp(chance * kinship);
    }
    return cost;
}

/* Takes the more telling of two sets. */
static void take_better(struct finding *finding, const struct pattern_literals *set)
{
    double cost = pattern_literals_cost(set);
    if (!(cost < finding->cost))
        return;
    finding->needed = *set;
    finding->cost = cost;
}

static void find(const struct pattern *pattern, uint32_t node, struct finding *out);

static void find_nothing(struct finding *out)
{
    out->exact = false;
    out->needed.count = 0;
    out->cost = INFINITY;
    set_empty(&out->ends, 0);
}

static void find_empty(struct finding *out, uint8_t edges)
{
    find_nothing(out);
    out->exact = true;
    set_empty(&out->ends, edges);
}

static void find_literal(const struct pattern *pattern, const struct pattern_node *self,
                         struct finding *out)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t size = pattern_literal_bytes(self, folded);
    if (size == 1 &&
        folded[0] == '\0') { /* Vectorscan 5.4.9 ends a literal there, size or no size */
        find_nothing(out);
        return;
    }
    find_empty(out, 0);
    if (!pattern_literal_may_vanish(pattern, self))
        out->ends.count = 0;
    (void)add_bytes(&out->ends, folded, size);
}

static void find_class(const struct pattern_class *class, struct finding *out)
{
    find_nothing(out);
    uint32_t members = 0;
    for (uint32_t byte = 0; byte < 256; byte++)
        members += byte_set_has(&class->bytes, (uint8_t)byte);
    if (class->opaque || members > CLASS_BYTES_MAX || byte_set_has(&class->bytes, '\0'))
        return;
    out->exact = true;
    out->ends.count = 0;
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        if (byte_set_has(&class->bytes, byte))
            (void)add_bytes(&out->ends, &byte, 1);
    }
    for (uint32_t i = 0; i < class->expansion_count; i++) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t size = view_fold_character(class->expansions[i], folded);
        (void)add_bytes(&out->ends, folded, size);
    }
}

/* Whether what a part matches begins, or ends, with a byte that is of no word. */
enum border { BORDER_OUTSIDE, OUTSIDE_OR_EMPTY, BORDER_ANYHOW };

enum border_side { BORDER_FIRST, BORDER_LAST };

static enum border border_of_literal(const struct pattern_node *self, enum border_side side)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t size = pattern_literal_bytes(self, folded);
    if (size == 0)
        return OUTSIDE_OR_EMPTY;
    return view_is_word(folded[side == BORDER_FIRST ? 0 : size - 1]) ? BORDER_ANYHOW
                                                                     : BORDER_OUTSIDE;
}

static enum border border_of(const struct pattern *pattern, uint32_t node, enum border_side side);

static enum border border_of_sequence(const struct pattern *pattern, uint32_t first,
                                      enum border_side side)
{
    enum border all = OUTSIDE_OR_EMPTY;
    for (uint32_t child = first; child; child = pattern->nodes[child].next) {
        enum border own = border_of(pattern, child, side);
        if (own == OUTSIDE_OR_EMPTY)
            continue;
        all = own;
        if (side == BORDER_FIRST)
            break;
    }
    return all;
}

static enum border border_of_choice(const struct pattern *pattern, uint32_t first,
                                    enum border_side side)
{
    enum border all = BORDER_OUTSIDE;
    for (uint32_t child = first; child; child = pattern->nodes[child].next) {
        enum border own = border_of(pattern, child, side);
        all = own > all ? own : all;
    }
    return all;
}

static enum border border_of(const struct pattern *pattern, uint32_t node, enum border_side side)
{
    const struct pattern_node *self = &pattern->nodes[node];
    enum border all;
    switch (self->kind) {
    case PATTERN_LITERAL:
        return border_of_literal(self, side);
    case PATTERN_CLASS:
        return pattern_class_is_all(&pattern->classes[self->class_index], false) ? BORDER_OUTSIDE
                                                                                 : BORDER_ANYHOW;
    case PATTERN_ANCHOR:
    case PATTERN_LOOK:
        return OUTSIDE_OR_EMPTY;
    case PATTERN_GROUP:
        return border_of(pattern, self->first, side);
    case PATTERN_REPEAT:
        all = border_of(pattern, self->first, side);
        return all == BORDER_OUTSIDE && self->min == 0 ? OUTSIDE_OR_EMPTY : all;
    case PATTERN_SEQUENCE:
        return border_of_sequence(pattern, self->first, side);
    case PATTERN_CHOICE:
        return border_of_choice(pattern, self->first, side);
    case PATTERN_BACKREFERENCE:
        break;
    }
    return BORDER_ANYHOW;
}

/* A way along a sequence: what stands behind us and how long it is. */
struct walk {
    const struct pattern *pattern;
    bool outside; /* what stands behind us ended with a byte that is of no word */
    bool edge;    /* \b stands right behind us */
    struct extent extent;
    struct finding *out;           /* ends: what the text up to here ends with */
    struct pattern_offers *offers; /* may be NULL */
};

static void keep_offer(struct pattern_offers *offers, const struct pattern_literals *set)
{
    double cost = pattern_literals_cost(set);
    if (!isfinite(cost))
        return;
    uint32_t at = 0;
    while (at < offers->count && offers->costs[at] <= cost)
        at++;
    if (at == PATTERN_OFFERS_MAX)
        return;
    uint32_t last = offers->count < PATTERN_OFFERS_MAX ? offers->count++ : PATTERN_OFFERS_MAX - 1;
    for (; last > at; last--) {
        offers->costs[last] = offers->costs[last - 1];
        offers->sets[last] = offers->sets[last - 1];
    }
    offers->costs[at] = cost;
    offers->sets[at] = *set;
}

static void offer(struct walk *walk, const struct pattern_literals *set)
{
    take_better(walk->out, set);
    if (walk->offers)
        keep_offer(walk->offers, set);
}

static void offer_ends(struct walk *walk)
{
    if (walk->out->exact)
        place_at_sizes(&walk->out->ends);
    else
        place(&walk->out->ends, &walk->extent);
    offer(walk, &walk->out->ends);
}

static void walk_begin(struct walk *walk, const struct pattern *pattern, struct finding *out,
                       struct pattern_offers *offers)
{
    *walk = (struct walk){.pattern = pattern, .out = out, .offers = offers};
    find_empty(out, 0);
}

/* What begins where its part does begins at an edge: a word behind a byte of no word, and whatever
 * stands behind \b. */
static void add_edges_before(const struct walk *walk, struct pattern_literals *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct pattern_literal *literal = &set->items[i];
        if (literal->distance_max != literal->size || literal->size == 0)
            continue;
        if (walk->edge || (walk->outside && view_is_word(literal->bytes[0])))
            literal->edges |= PATTERN_EDGE_BEFORE;
    }
}

static void add_edges_behind(struct pattern_literals *set)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i].size > 0 && view_is_word(set->items[i].bytes[set->items[i].size - 1]))
            set->items[i].edges |= PATTERN_EDGE_BEHIND;
}

/* Before a part is gone over that is so long at most. */
static void note_border(struct walk *walk, uint32_t node, uint32_t length_max)
{
    const struct pattern_node *self = &walk->pattern->nodes[node];
    enum border border = border_of(walk->pattern, node, BORDER_LAST);
    if (walk->pattern->original)
        return;
    if (border != OUTSIDE_OR_EMPTY) /* else it is as it was */
        walk->outside = border == BORDER_OUTSIDE;
    if (self->kind == PATTERN_ANCHOR && self->anchor == 'b')
        walk->edge = true;
    else if (length_max > 0)
        walk->edge = false;
}

static void go_over(struct extent *extent, const struct pattern *pattern, uint32_t node,
                    struct pattern_length length)
{
    uint32_t words = pattern_words_max(pattern, node, &extent->in_word);
    extent->words_max = pattern_add(extent->words_max, words);
    extent->length.min = pattern_add(extent->length.min, length.min);
    extent->length.max = pattern_add(extent->length.max, length.max);
}

/* `gap`: this part and those behind it begin outside of words. */
static void walk_part(struct walk *walk, uint32_t node, bool gap)
{
    struct finding part;
    struct pattern_literals joined;
    struct finding *out = walk->out;
    struct pattern_length length = pattern_length(walk->pattern, node);
    find(walk->pattern, node, &part);
    add_edges_before(walk, &part.needed);
    shift(&part.needed, &walk->extent);
    if (part.needed.count > 0 && !part.exact) /* else its strings will stand in `ends` */
        offer(walk, &part.needed);
    if (part.exact) {
        place_at_sizes(&part.ends);
        add_edges_before(walk, &part.ends);
    }
    note_border(walk, node, length.max);
    if (part.exact && join(&out->ends, &part.ends, &joined)) {
        out->ends = joined;
    } else {
        if (gap)
            add_edges_behind(&out->ends);
        offer_ends(walk);
        out->exact = false;
        /* What may be empty leaves what stood before it. */
        if (!part.exact && length.min == 0 && !add_all(&part.ends, &out->ends))
            set_empty(&part.ends, 0);
        out->ends = part.ends;
    }
    if (!out->exact)
        reduce(&out->ends);
    go_over(&walk->extent, walk->pattern, node, length);
}

static void find_in_sequence(const struct pattern *pattern, const struct pattern_node *self,
                             struct finding *out)
{
    struct walk walk;
    walk_begin(&walk, pattern, out, NULL);
    for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
        enum border behind = border_of_sequence(pattern, child, BORDER_FIRST);
        walk_part(&walk, child, !pattern->original && behind == BORDER_OUTSIDE);
    }
    offer_ends(&walk);
}

/* What an exact part matches is what it needs. */
static void need_ends(struct finding *finding)
{
    if (!finding->exact)
        return;
    place_at_sizes(&finding->ends);
    take_better(finding, &finding->ends);
}

static void find_in_choice(const struct pattern *pattern, const struct pattern_node *self,
                           struct finding *out)
{
    find_nothing(out);
    out->exact = true;
    out->ends.count = 0;
    bool every = true;
    bool ends = true;
    for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
        struct finding part;
        find(pattern, child, &part);
        ends = ends && add_all(&out->ends, &part.ends);
        out->exact = out->exact && part.exact && ends;
        need_ends(&part);
        every = every && part.needed.count > 0 && add_all(&out->needed, &part.needed);
    }
    if (!ends)
        set_empty(&out->ends, 0);
    if (!every)
        out->needed.count = 0;
    out->cost = pattern_literals_cost(&out->needed);
}

static void find_in_repeat(const struct pattern *pattern, const struct pattern_node *self,
                           struct finding *out)
{
    find(pattern, self->first, out);
    need_ends(out);
    if (self->min == 0) {
        out->needed.count = 0;
        out->cost = INFINITY;
    }
    bool once = out->exact && self->max == 1;
    if (once && self->min == 0)
        once = add_bytes(&out->ends, (const uint8_t *)"", 0);
    out->exact = once;
    if (self->max == 0)
        find_empty(out, 0);
}

static void find(const struct pattern *pattern, uint32_t node, struct finding *out)
{
    const struct pattern_node *self = &pattern->nodes[node];
    switch (self->kind) {
    case PATTERN_LITERAL:
        find_literal(pattern, self, out);
        break;
    case PATTERN_CLASS:
        find_class(&pattern->classes[self->class_index], out);
        break;
    case PATTERN_ANCHOR:
        /* In the original text \b may see what the view dropped. */
        find_empty(out, self->anchor == 'b' && !pattern->original
                            ? PATTERN_EDGE_BEFORE | PATTERN_EDGE_BEHIND
                            : 0);
        break;
    case PATTERN_LOOK:
        find_empty(out, 0);
        break;
    case PATTERN_BACKREFERENCE:
        find_nothing(out);
        break;
    case PATTERN_GROUP:
        find(pattern, self->first, out);
        break;
    case PATTERN_REPEAT:
        find_in_repeat(pattern, self, out);
        break;
    case PATTERN_SEQUENCE:
        find_in_sequence(pattern, self, out);
        break;
    case PATTERN_CHOICE:
        find_in_choice(pattern, self, out);
        break;
    }
}

void pattern_find_offers(const struct pattern *pattern, const uint32_t *nodes, uint32_t count,
                         struct pattern_offers *out)
{
    struct walk walk;
    struct finding finding;
    out->count = 0;
    walk_begin(&walk, pattern, &finding, out);
    for (uint32_t i = 0; i < count; i++) {
        enum border behind = OUTSIDE_OR_EMPTY;
        for (uint32_t next = i; next < count && behind == OUTSIDE_OR_EMPTY; next++)
            behind = border_of(pattern, nodes[next], BORDER_FIRST);
        walk_part(&walk, nodes[i], !pattern->original && behind == BORDER_OUTSIDE);
    }
    offer_ends(&walk);
}
