#include "classify/pattern_literals.h"

#include "text/view.h"

#include <string.h>

enum { CLASS_BYTES_MAX = 6 /* a larger class multiplies the literals too much */ };

/* What is known of one part of a pattern. */
struct finding {
    bool exact;                     /* `all` are the only byte strings that it matches */
    struct pattern_literals all;    /* may hold the empty string */
    struct pattern_literals needed; /* one of them is in every match; none is empty */
};

static bool add_literal(struct pattern_literals *set, const struct pattern_literal *literal)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i].size == literal->size &&
            memcmp(set->items[i].bytes, literal->bytes, literal->size) == 0)
            return true;
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
            memcpy(both.bytes + both.size, tail->bytes, tail->size);
            both.size = (uint8_t)(both.size + tail->size);
            if (!add_literal(out, &both))
                return false;
        }
    }
    return true;
}

static uint32_t shortest(const struct pattern_literals *set)
{
    uint32_t size = set->count ? PATTERN_LITERAL_BYTES_MAX : 0;
    for (uint32_t i = 0; i < set->count; i++)
        size = set->items[i].size < size ? set->items[i].size : size;
    return size;
}

/* Takes the more telling of two sets. A set with an empty string tells nothing. */
static void offer(struct pattern_literals *best, const struct pattern_literals *set)
{
    uint32_t size = shortest(set);
    uint32_t best_size = shortest(best);
    if (size > best_size || (size > 0 && size == best_size && set->count < best->count))
        *best = *set;
}

static void find(const struct pattern *pattern, uint32_t node, struct finding *out);

static void find_nothing(struct finding *out)
{
    out->exact = false;
    out->all.count = 0;
    out->needed.count = 0;
}

static void find_empty(struct finding *out)
{
    out->exact = true;
    out->needed.count = 0;
    out->all.count = 0;
    (void)add_bytes(&out->all, (const uint8_t *)"", 0);
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
    find_empty(out);
    if (!pattern_literal_may_vanish(pattern, self))
        out->all.count = 0;
    (void)add_bytes(&out->all, folded, size);
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
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        if (byte_set_has(&class->bytes, byte))
            (void)add_bytes(&out->all, &byte, 1);
    }
    for (uint32_t i = 0; i < class->expansion_count; i++) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t size = view_fold_character(class->expansions[i], folded);
        (void)add_bytes(&out->all, folded, size);
    }
}

static void find_in_sequence(const struct pattern *pattern, const struct pattern_node *self,
                             struct finding *out)
{
    find_empty(out);
    struct pattern_literals run = out->all; /* what the last exact parts can be, together */
    for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
        struct finding part;
        struct pattern_literals joined;
        find(pattern, child, &part);
        offer(&out->needed, &part.needed);
        if (part.exact && join(&run, &part.all, &joined)) {
            run = joined;
            continue;
        }
        out->exact = false;
        offer(&out->needed, &run);
        if (part.exact)
            run = part.all;
        else
            run = out->all; /* the empty string alone */
    }
    offer(&out->needed, &run);
    out->all = run;
}

static void find_in_choice(const struct pattern *pattern, const struct pattern_node *self,
                           struct finding *out)
{
    find_nothing(out);
    out->exact = true;
    bool every = true;
    for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
        struct finding part;
        find(pattern, child, &part);
        out->exact = out->exact && part.exact && add_all(&out->all, &part.all);
        if (part.exact)
            offer(&part.needed, &part.all);
        every = every && part.needed.count > 0 && add_all(&out->needed, &part.needed);
    }
    if (!every)
        out->needed.count = 0;
}

static void find_in_repeat(const struct pattern *pattern, const struct pattern_node *self,
                           struct finding *out)
{
    find(pattern, self->first, out);
    if (out->exact)
        offer(&out->needed, &out->all);
    if (self->min == 0) {
        out->needed.count = 0;
        out->exact = out->exact && self->max == 1 && add_bytes(&out->all, (const uint8_t *)"", 0);
    } else {
        out->exact = out->exact && self->max == 1;
    }
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
    case PATTERN_LOOK:
        find_empty(out);
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

static bool contains(const struct pattern_literal *whole, const struct pattern_literal *part)
{
    return memmem(whole->bytes, whole->size, part->bytes, part->size) != NULL;
}

void pattern_find_literals(const struct pattern *pattern, struct pattern_literals *out)
{
    struct finding root;
    find(pattern, pattern->root, &root);
    if (root.exact)
        offer(&root.needed, &root.all);
    out->count = 0;
    for (uint32_t i = 0; i < root.needed.count; i++) {
        bool covered = false; /* by a literal that stands inside it */
        for (uint32_t j = 0; j < root.needed.count; j++)
            covered = covered || (j != i && contains(&root.needed.items[i], &root.needed.items[j]));
        if (!covered)
            out->items[out->count++] = root.needed.items[i];
    }
}
