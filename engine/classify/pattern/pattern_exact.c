#include "classify/pattern/pattern_exact.h"

#include "base/load.h"
#include "text/view.h"

#include <string.h>

enum { CLASS_BYTES_MAX = 8, REPEATS_MAX = 4, DEPTH_MAX = 24 };

/* A string may be empty: an edge alone has PATTERN_EDGES, a run alone PATTERN_RUNS with the edges
 * at its ends. */

/* The pattern that is being expanded, and how deep in it we are: each level takes stack. */
struct descent {
    const struct pattern *pattern;
    uint32_t depth;
};

static bool expand(struct descent *descent, uint32_t node, struct pattern_exact *out);

static bool same_string(const struct pattern_string *left, const struct pattern_string *right)
{
    return left->size == right->size && left->flags == right->flags &&
           memcmp(left->bytes, right->bytes, left->size) == 0;
}

static uint32_t hash_of(const struct pattern_string *string)
{
    uint64_t hash = string->size | (uint64_t)string->flags << 8;
    for (uint32_t at = 0; at < sizeof string->bytes; at += sizeof hash)
        hash = (hash ^ load_64(string->bytes + at)) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32);
}

static bool has_string(const struct pattern_exact *set, const struct pattern_string *string,
                       uint32_t hash)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->hashes[i] == hash && same_string(&set->items[i], string))
            return true;
    return false;
}

/* A string that stands there already was tried before. */
static bool add_string(struct pattern_exact *set, const struct pattern_string *string)
{
    uint32_t hash = hash_of(string);
    uint32_t place = hash >> (32 - PATTERN_EXACT_SEEN_BITS);
    if (set->count == 0)
        memset(set->seen, 0, sizeof set->seen);
    if ((set->seen[place / 64] >> place % 64 & 1) && has_string(set, string, hash))
        return true;
    if (set->count == PATTERN_EXACT_STRINGS_MAX)
        return false;
    set->seen[place / 64] |= (uint64_t)1 << place % 64;
    set->hashes[set->count] = hash;
    set->items[set->count++] = *string;
    return true;
}

static bool add_bytes(struct pattern_exact *set, const uint8_t *bytes, uint32_t size)
{
    struct pattern_string string = {.size = (uint8_t)size};
    if (memchr(bytes, '\0', size)) /* Vectorscan ends a literal there */
        return false;
    memcpy(string.bytes, bytes, size);
    return add_string(set, &string);
}

/* Most sets are small, and there is one a byte of each pattern. */
static void copy_set(struct pattern_exact *to, const struct pattern_exact *from)
{
    to->count = from->count;
    memcpy(to->items, from->items, from->count * sizeof *from->items);
}

static void set_empty(struct pattern_exact *set, uint8_t flags)
{
    set->count = 1;
    set->items[0] = (struct pattern_string){.flags = flags};
}

bool pattern_string_begins_with_word(const struct pattern_string *string)
{
    return string->size > 0 && view_is_word(string->bytes[0]);
}

bool pattern_string_is_word(const struct pattern_string *string)
{
    for (uint32_t i = 0; i < string->size; i++)
        if (!view_is_word(string->bytes[i]))
            return false;
    return true;
}

static bool ends_with_word(const struct pattern_string *string)
{
    return view_is_word(string->bytes[string->size - 1]);
}

enum joined { JOINED, IMPOSSIBLE, UNKNOWN };

/* Both have bytes: what is asked of the place between them is known. */
static enum joined join_bytes(struct pattern_string *left, const struct pattern_string *right)
{
    bool edge = ends_with_word(left) != pattern_string_begins_with_word(right);
    bool wanted = (left->flags & PATTERN_EDGE_BEHIND) || (right->flags & PATTERN_EDGE_BEFORE);
    if ((left->flags & PATTERN_RUN_BEHIND) || (right->flags & PATTERN_RUN_BEFORE) ||
        left->size + right->size > PATTERN_LITERAL_BYTES_MAX)
        return UNKNOWN;
    if (wanted && !edge)
        return IMPOSSIBLE;
    memcpy(left->bytes + left->size, right->bytes, right->size);
    left->size = (uint8_t)(left->size + right->size);
    left->flags = (uint8_t)((left->flags & (PATTERN_EDGE_BEFORE | PATTERN_RUN_BEFORE)) |
                            (right->flags & (PATTERN_EDGE_BEHIND | PATTERN_RUN_BEHIND)));
    return JOINED;
}

/* An edge or a run stands before bytes, or behind them. */
static enum joined join_empty(struct pattern_string *left, const struct pattern_string *right)
{
    const struct pattern_string empty = left->size ? *right : *left;
    struct pattern_string bytes = left->size ? *left : *right;
    uint8_t edge = left->size ? PATTERN_EDGE_BEHIND : PATTERN_EDGE_BEFORE;
    uint8_t run = left->size ? PATTERN_RUN_BEHIND : PATTERN_RUN_BEFORE;
    uint8_t inner = left->size ? PATTERN_EDGE_BEFORE : PATTERN_EDGE_BEHIND;
    if (empty.flags & PATTERN_RUNS) {
        bool beside_word =
            left->size ? ends_with_word(&bytes) : pattern_string_begins_with_word(&bytes);
        if ((bytes.flags & (run | edge)) || (empty.flags & inner) || !beside_word)
            return UNKNOWN;
        bytes.flags |= run;
        bytes.flags |= empty.flags & edge;
    } else if (empty.flags & PATTERN_EDGES) {
        bytes.flags |= edge; /* behind a run of a word it holds anyway */
    }
    *left = bytes;
    return JOINED;
}

static enum joined join_two(struct pattern_string *left, const struct pattern_string *right)
{
    if (left->size && right->size)
        return join_bytes(left, right);
    if (left->size || right->size)
        return join_empty(left, right);
    if ((left->flags & PATTERN_RUNS) && (right->flags & PATTERN_RUNS))
        return UNKNOWN;
    if (left->flags & PATTERN_RUNS) {
        left->flags |= right->flags & PATTERN_EDGE_BEHIND;
    } else if (right->flags & PATTERN_RUNS) {
        uint8_t edge = left->flags & PATTERN_EDGE_BEFORE;
        *left = *right;
        left->flags |= edge;
    } else {
        left->flags |= right->flags;
    }
    return JOINED;
}

/* Nothing is asked of what stands behind it, and one more letter has room. */
static bool takes_bytes(const struct pattern_string *string, uint32_t size)
{
    return string->size > 0 && (string->flags & (PATTERN_EDGE_BEHIND | PATTERN_RUN_BEHIND)) == 0 &&
           string->size + size <= PATTERN_LITERAL_BYTES_MAX;
}

/* What most joins are: bytes behind strings. These remain as different as they were. False where it
 * is more than that. */
static bool append_bytes(struct pattern_exact *set, const struct pattern_string *more)
{
    bool good = more->size > 0 && more->flags == 0;
    for (uint32_t i = 0; i < set->count && good; i++)
        good = takes_bytes(&set->items[i], more->size);
    for (uint32_t i = 0; i < set->count && good; i++) {
        struct pattern_string *own = &set->items[i];
        memcpy(own->bytes + own->size, more->bytes, more->size);
        own->size = (uint8_t)(own->size + more->size);
    }
    return good;
}

/* In the order of a backtracking search. */
bool pattern_exact_join(struct pattern_exact *set, const struct pattern_exact *more)
{
    struct pattern_exact joined;
    if (more->count == 1 && append_bytes(set, &more->items[0]))
        return true;
    joined.count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        for (uint32_t j = 0; j < more->count; j++) {
            struct pattern_string both = set->items[i];
            enum joined how = join_two(&both, &more->items[j]);
            if (how == UNKNOWN || (how == JOINED && !add_string(&joined, &both)))
                return false;
        }
    }
    copy_set(set, &joined);
    return true;
}

static bool add_all(struct pattern_exact *set, const struct pattern_exact *more)
{
    for (uint32_t i = 0; i < more->count; i++)
        if (!add_string(set, &more->items[i]))
            return false;
    return true;
}

static bool expand_class(const struct pattern_class *class, struct pattern_exact *out)
{
    uint32_t members = 0;
    out->count = 0;
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        if (!byte_set_has(&class->bytes, byte))
            continue;
        if (++members > CLASS_BYTES_MAX || !add_bytes(out, &byte, 1))
            return false;
    }
    for (uint32_t i = 0; i < class->expansion_count; i++) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t size = view_fold_character(class->expansions[i], folded);
        if (!add_bytes(out, folded, size))
            return false;
    }
    return true;
}

static bool is_word_run(const struct pattern *pattern, const struct pattern_node *self)
{
    const struct pattern_node *child = &pattern->nodes[self->first];
    return self->min == 0 && self->max == PATTERN_UNBOUNDED && self->greed == PATTERN_GREEDY &&
           child->kind == PATTERN_CLASS && pattern->classes[child->class_index].shorthand == 'w';
}

static bool expand_repeat(struct descent *descent, const struct pattern_node *self,
                          struct pattern_exact *out)
{
    struct pattern_exact once;
    struct pattern_exact tail;
    if (is_word_run(descent->pattern, self)) {
        set_empty(out, PATTERN_RUNS);
        return true;
    }
    if (self->greed == PATTERN_POSSESSIVE || self->max > REPEATS_MAX ||
        !expand(descent, self->first, &once))
        return false;
    for (uint32_t i = 0; i < once.count; i++) /* PCRE2 has rules of its own for empty rounds */
        if (once.items[i].size == 0)
            return false;
    set_empty(&tail, 0);
    for (uint32_t round = self->max; round > self->min; round--) {
        struct pattern_exact more;
        const struct pattern_string nothing = {0};
        copy_set(&more, &once);
        if (!pattern_exact_join(&more, &tail))
            return false;
        tail.count = 0;
        bool lazy = self->greed == PATTERN_LAZY;
        bool good = (!lazy || add_string(&tail, &nothing)) && add_all(&tail, &more) &&
                    (lazy || add_string(&tail, &nothing));
        if (!good)
            return false;
    }
    set_empty(out, 0);
    for (uint32_t round = 0; round < self->min; round++)
        if (!pattern_exact_join(out, &once))
            return false;
    return pattern_exact_join(out, &tail);
}

/* The literals from this child on, as one string; *last is the one that it ends with. */
static bool expand_literals(const struct descent *descent, uint32_t child,
                            struct pattern_exact *out, uint32_t *last)
{
    const struct pattern_node *nodes = descent->pattern->nodes;
    uint8_t bytes[PATTERN_LITERAL_BYTES_MAX + VIEW_FOLD_BYTES_MAX];
    uint32_t size = 0;
    for (; child && nodes[child].kind == PATTERN_LITERAL; child = nodes[child].next) {
        size += pattern_literal_bytes(&nodes[child], bytes + size);
        if (size > PATTERN_LITERAL_BYTES_MAX)
            return false;
        *last = child;
    }
    out->count = 0;
    return add_bytes(out, bytes, size);
}

static bool expand_sequence(struct descent *descent, const struct pattern_node *self,
                            struct pattern_exact *out)
{
    const struct pattern_node *nodes = descent->pattern->nodes;
    set_empty(out, 0);
    for (uint32_t child = self->first; child; child = nodes[child].next) {
        struct pattern_exact part;
        bool good = nodes[child].kind == PATTERN_LITERAL
                        ? expand_literals(descent, child, &part, &child)
                        : expand(descent, child, &part);
        if (!good || !pattern_exact_join(out, &part))
            return false;
    }
    return true;
}

static bool expand_choice(struct descent *descent, const struct pattern_node *self,
                          struct pattern_exact *out)
{
    out->count = 0;
    for (uint32_t child = self->first; child; child = descent->pattern->nodes[child].next) {
        struct pattern_exact part;
        if (!expand(descent, child, &part) || !add_all(out, &part))
            return false;
    }
    return true;
}

static bool expand_node(struct descent *descent, const struct pattern_node *self,
                        struct pattern_exact *out)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t size;
    switch (self->kind) {
    case PATTERN_LITERAL:
        out->count = 0;
        size = pattern_literal_bytes(self, folded);
        return add_bytes(out, folded, size);
    case PATTERN_CLASS:
        return expand_class(&descent->pattern->classes[self->class_index], out);
    case PATTERN_ANCHOR:
        set_empty(out, PATTERN_EDGES);
        return self->anchor == 'b';
    case PATTERN_GROUP:
        return expand(descent, self->first, out) &&
               (self->group_kind != PATTERN_GROUP_ATOMIC || out->count == 1);
    case PATTERN_REPEAT:
        return expand_repeat(descent, self, out);
    case PATTERN_SEQUENCE:
        return expand_sequence(descent, self, out);
    case PATTERN_CHOICE:
        return expand_choice(descent, self, out);
    case PATTERN_LOOK:
    case PATTERN_BACKREFERENCE:
        break;
    }
    return false;
}

static bool expand(struct descent *descent, uint32_t node, struct pattern_exact *out)
{
    if (descent->depth == DEPTH_MAX)
        return false;
    descent->depth++;
    bool good = expand_node(descent, &descent->pattern->nodes[node], out);
    descent->depth--;
    return good;
}

/* What the head of pattern_exact.h says of runs before strings. */
static bool is_simple(const struct pattern_exact *set)
{
    uint32_t runs = 0;
    uint32_t whole = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct pattern_string *string = &set->items[i];
        if (string->size == 0)
            return false;
        if (!(string->flags & PATTERN_RUN_BEFORE))
            continue;
        runs++;
        whole += (string->flags & (PATTERN_RUN_BEHIND | PATTERN_EDGE_BEHIND)) != 0;
        if (!pattern_string_is_word(string))
            return false;
    }
    return runs == 0 || (runs == set->count && (runs == 1 || whole == runs));
}

uint8_t pattern_string_edges(const struct pattern_string *string)
{
    unsigned edges = string->flags & PATTERN_EDGES;
    if (string->flags & PATTERN_RUN_BEFORE)
        edges &= ~(unsigned)PATTERN_EDGE_BEFORE;
    if (string->flags & PATTERN_RUN_BEHIND)
        edges &= ~(unsigned)PATTERN_EDGE_BEHIND;
    return (uint8_t)edges;
}

bool pattern_expand(const struct pattern *pattern, uint32_t node, struct pattern_exact *out)
{
    struct descent descent = {.pattern = pattern};
    return expand(&descent, node, out);
}

bool pattern_find_exact(const struct pattern *pattern, struct pattern_exact *out)
{
    struct descent descent = {.pattern = pattern};
    out->count = 0;
    return !pattern->original && expand(&descent, pattern->root, out) && out->count > 0 &&
           is_simple(out);
}
