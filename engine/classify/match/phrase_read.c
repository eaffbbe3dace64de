/** Reads a pattern's tree as a phrase. */
#include "classify/match/phrase_builder.h"

#include "base/memory.h"
#include "classify/match/word_index.h"
#include "text/view.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 12, GAP_WORDS_MAX = 16, NO_SET = UINT16_MAX };

/* What one anchor costs against another, in patterns that have the same word. */
static const double WORD_END_COST = 4;
static const double FURTHER_WORD_SHARE = 0.2; /* of the places of a word that the next one is at */
static const double LITERAL_COST = 0.05;      /* of having it in the index */
static const double WALK_COST = 0.1;          /* of a word that a match may begin before */

/* What stands for a part of the tree. */
struct part {
    uint32_t words_max;
    uint32_t need_count;
    uint16_t needs[PHRASE_SETS_MAX];
    struct phrase_anchors anchors;
};

/* A sequence being written: strings that may grow yet, and what is known of those written. */
struct sequence {
    struct pattern_exact pending;
    uint32_t set_count;
    struct {
        uint16_t set;
        uint16_t words_before;
    } sets[PHRASE_SETS_MAX];
    struct part part;
};

enum redress_status phrase_builder_create(const struct word_counts *counts,
                                          struct phrase_builder **out)
{
    *out = memory_allocate(sizeof **out);
    if (!*out)
        return STATUS_MEMORY;
    (*out)->counts = counts;
    (*out)->word_bytes = pattern_word_bytes();
    for (uint32_t words = 0; words <= PATTERN_LITERAL_BYTES_MAX; words++)
        (*out)->shares[words] = pow(FURTHER_WORD_SHARE, words);
    return STATUS_OK;
}

void phrase_builder_free(struct phrase_builder *builder)
{
    memory_free(builder);
}

static bool add_step(struct phrase_builder *builder, enum phrase_kind kind, uint32_t index,
                     uint32_t words_max)
{
    if (builder->step_count == PHRASE_STEPS_MAX)
        return false;
    builder->steps[builder->step_count++] = (struct phrase_step){
        .kind = (uint8_t)kind, .words_max = (uint8_t)words_max, .index = (uint16_t)index};
    return true;
}

static uint32_t add_words(uint32_t left, uint32_t right)
{
    return left + right < PHRASE_WORDS_UNBOUNDED ? left + right : PHRASE_WORDS_UNBOUNDED;
}

static uint32_t words_of(const struct pattern_string *string)
{
    uint32_t words = (string->flags & PATTERN_RUNS) != 0;
    for (uint32_t i = 0; i < string->size; i++)
        words += view_is_word(string->bytes[i]) && (i == 0 || !view_is_word(string->bytes[i - 1]));
    return words;
}

static bool ends_with_word(const struct pattern_string *string)
{
    return string->size > 0 &&
           ((string->flags & PATTERN_RUN_BEHIND) || view_is_word(string->bytes[string->size - 1]));
}

/* Whenever its edges are known anew. */
static void find_anchor(struct phrase_builder *builder, uint32_t index)
{
    const struct pattern_string *string = &builder->strings[index];
    builder->anchors_of[index] = word_anchor_choose(builder->counts, string->bytes, string->size,
                                                    pattern_string_edges(string));
}

/* What follows in every walk begins with a byte that is of no word, so a word ends here. */
static void end_words(struct phrase_builder *builder)
{
    if (builder->last_set == NO_SET)
        return;
    const struct phrase_set *set = &builder->sets[builder->last_set];
    for (uint32_t i = 0; i < set->count; i++) {
        struct pattern_string *string = &builder->strings[set->first + i];
        if (!ends_with_word(string) || (string->flags & PATTERN_EDGE_BEHIND))
            continue;
        string->flags |= PATTERN_EDGE_BEHIND;
        find_anchor(builder, set->first + i);
    }
}

static bool all_begin_between_words(const struct pattern_exact *set)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i].size == 0 || pattern_string_begins_with_word(&set->items[i]) ||
            (set->items[i].flags & PATTERN_RUN_BEFORE))
            return false;
    return true;
}

/* A run alone, or one before a string that may begin within a word, is PCRE2's. The run of \w*(a|b
 * c) is tried from its longest on, each with all strings: that is their order only where every one
 * of them ends with the word. */
static bool is_fit(const struct pattern_string *string, enum place place, bool alone)
{
    if (string->size == 0)
        return !(string->flags & PATTERN_RUNS);
    if (!(string->flags & PATTERN_RUN_BEFORE))
        return true;
    if (place == PLACE_ANY || !pattern_string_begins_with_word(string))
        return false;
    bool all = pattern_string_is_word(string);
    bool whole = all && (string->flags & (PATTERN_EDGE_BEHIND | PATTERN_RUN_BEHIND));
    return whole || (alone && !all && !view_is_word(string->bytes[string->size - 1]));
}

static bool write_set(struct phrase_builder *builder, const struct pattern_exact *set)
{
    if (set->count == 0 || builder->set_count == PHRASE_SETS_MAX ||
        set->count > PHRASE_STRINGS_MAX - builder->string_count)
        return false;
    if (all_begin_between_words(set))
        end_words(builder);
    uint32_t index = builder->set_count++;
    builder->sets[index] = (struct phrase_set){.first = builder->string_count, .count = set->count};
    bool words_end = true;
    for (uint32_t i = 0; i < set->count; i++) {
        struct pattern_string *string = &builder->strings[builder->string_count++];
        *string = set->items[i];
        if (!is_fit(string, builder->place, set->count == 1))
            return false;
        if (builder->place == PLACE_BETWEEN_WORDS && pattern_string_begins_with_word(string))
            string->flags |= PATTERN_EDGE_BEFORE;
        find_anchor(builder, builder->string_count - 1);
        words_end = words_end && (string->size > 0 ? !ends_with_word(string)
                                                   : (string->flags & PATTERN_EDGES) != 0);
    }
    builder->place = words_end ? PLACE_BETWEEN_WORDS : PLACE_ANY;
    builder->last_set = (uint16_t)index;
    return add_step(builder, PHRASE_STRINGS, index, 0);
}

/* Writes what is pending of the sequence. */
static bool flush(struct phrase_builder *builder, struct sequence *sequence)
{
    struct pattern_exact *set = &sequence->pending;
    bool nothing = set->count == 1 && set->items[0].size == 0 && set->items[0].flags == 0;
    uint32_t words = 0;
    if (nothing)
        return true;
    for (uint32_t i = 0; i < set->count; i++)
        words = words_of(&set->items[i]) > words ? words_of(&set->items[i]) : words;
    if (sequence->set_count == PHRASE_SETS_MAX || sequence->part.need_count == PHRASE_SETS_MAX)
        return false;
    sequence->part.needs[sequence->part.need_count++] = (uint16_t)builder->set_count;
    sequence->sets[sequence->set_count].set = (uint16_t)builder->set_count;
    sequence->sets[sequence->set_count++].words_before = (uint16_t)sequence->part.words_max;
    sequence->part.words_max = add_words(sequence->part.words_max, words);
    bool good = write_set(builder, set);
    set->count = 1;
    set->items[0] = (struct pattern_string){.size = 0};
    return good;
}

static void take_better(struct phrase_anchors *best, const struct phrase_anchors *other,
                        uint32_t words_before)
{
    if (other->cost >= best->cost)
        return;
    *best = *other;
    for (uint32_t i = 0; i < best->count; i++)
        best->items[i].words_before =
            (uint16_t)add_words(best->items[i].words_before, words_before);
}

/* About how often the scan would find it: seldom where its rarest word is rare or it has several;
 * infinite where it cannot be found by a word. */
static double string_cost(const struct phrase_builder *builder, uint32_t index)
{
    const struct pattern_string *string = &builder->strings[index];
    const struct word_anchor *anchor = &builder->anchors_of[index];
    if (string->size == 0 || anchor->kind == WORD_ANCHOR_NONE)
        return INFINITY;
    if (anchor->kind == WORD_ANCHOR_END)
        return WORD_END_COST;
    return (1 + anchor->count) * builder->shares[words_of(string) - 1] + LITERAL_COST;
}

static double set_cost(const struct phrase_builder *builder, uint16_t index)
{
    const struct phrase_set *set = &builder->sets[index];
    double cost = 0;
    for (uint32_t i = 0; i < set->count; i++)
        cost += string_cost(builder, set->first + i);
    return cost;
}

static void choose_anchors(const struct phrase_builder *builder, struct sequence *sequence)
{
    for (uint32_t i = 0; i < sequence->set_count; i++) {
        double cost = set_cost(builder, sequence->sets[i].set);
        struct phrase_anchors own = {
            .cost = cost * (1 + WALK_COST * sequence->sets[i].words_before), .count = 1};
        own.items[0].set = sequence->sets[i].set;
        take_better(&sequence->part.anchors, &own, sequence->sets[i].words_before);
    }
}

static const struct pattern_node *node_of(const struct phrase_builder *builder, uint32_t node)
{
    return &builder->pattern->nodes[node];
}

static uint32_t class_of(struct phrase_builder *builder, const struct byte_set *bytes)
{
    for (uint32_t i = 0; i < builder->class_count; i++)
        if (byte_set_equals(bytes, &builder->classes[i]))
            return i;
    if (builder->class_count < PHRASE_CLASSES_MAX)
        builder->classes[builder->class_count] = *bytes;
    return builder->class_count < PHRASE_CLASSES_MAX ? builder->class_count++ : PHRASE_CLASSES_MAX;
}

/* [...]++ */
static bool is_run(const struct phrase_builder *builder, uint32_t node,
                   const struct pattern_class **class)
{
    const struct pattern_node *self = node_of(builder, node);
    if (self->kind != PATTERN_REPEAT || self->greed != PATTERN_POSSESSIVE || self->min != 1 ||
        self->max != PATTERN_UNBOUNDED || node_of(builder, self->first)->kind != PATTERN_CLASS)
        return false;
    *class = &builder->pattern->classes[node_of(builder, self->first)->class_index];
    return (*class)->expansion_count == 0;
}

/* (?:[...]++\w++){0,4}? before [...]++: returns the node of the latter, or 0. */
static uint32_t gap_at(const struct phrase_builder *builder, uint32_t node,
                       const struct pattern_class **between)
{
    const struct pattern_node *self = node_of(builder, node);
    const struct pattern_class *last = NULL;
    const struct pattern_class *word = NULL;
    if (self->kind != PATTERN_REPEAT || self->greed != PATTERN_LAZY || self->min != 0 ||
        self->max > GAP_WORDS_MAX || !self->next || !is_run(builder, self->next, &last))
        return 0;
    const struct pattern_node *inside = node_of(builder, self->first);
    while (inside->kind == PATTERN_GROUP && inside->group_kind == PATTERN_GROUP_PLAIN)
        inside = node_of(builder, inside->first);
    if (inside->kind != PATTERN_SEQUENCE || !inside->first)
        return 0;
    uint32_t second = node_of(builder, inside->first)->next;
    bool two = second && !node_of(builder, second)->next;
    if (!two || !is_run(builder, inside->first, between) || !is_run(builder, second, &word) ||
        word->shorthand != 'w' || byte_set_meets(&(*between)->bytes, &builder->word_bytes) ||
        !byte_set_equals(&(*between)->bytes, &last->bytes))
        return 0;
    return self->next;
}

static bool write_gap(struct phrase_builder *builder, struct sequence *sequence, uint32_t words,
                      const struct pattern_class *between)
{
    if (!flush(builder, sequence))
        return false;
    uint32_t class = class_of(builder, &between->bytes);
    end_words(builder);
    builder->last_set = NO_SET;
    builder->place = PLACE_BETWEEN_WORDS;
    sequence->part.words_max = add_words(sequence->part.words_max, words);
    return class < PHRASE_CLASSES_MAX && add_step(builder, PHRASE_GAP, class, words);
}

static bool write_run(struct phrase_builder *builder, struct sequence *sequence,
                      const struct pattern_class *class)
{
    if (!flush(builder, sequence))
        return false;
    uint32_t index = class_of(builder, &class->bytes);
    bool has_words = byte_set_meets(&class->bytes, &builder->word_bytes);
    if (!has_words)
        end_words(builder);
    builder->last_set = NO_SET;
    builder->place = has_words ? PLACE_ANY : PLACE_BETWEEN_WORDS;
    if (has_words)
        sequence->part.words_max = PHRASE_WORDS_UNBOUNDED;
    return index < PHRASE_CLASSES_MAX && add_step(builder, PHRASE_RUN, index, 0);
}

static bool write_node(struct phrase_builder *builder, uint32_t node, struct part *out);

/* Walks come together here. */
static void meet(struct phrase_builder *builder, bool between_words)
{
    builder->last_set = NO_SET;
    builder->place = between_words ? PLACE_BETWEEN_WORDS : PLACE_ANY;
}

/* (?:...)? */
static bool write_optional(struct phrase_builder *builder, const struct pattern_node *self,
                           struct part *out)
{
    uint32_t fork = builder->step_count;
    enum place before = builder->place;
    if (self->max != 1 || self->min != 0 || self->greed != PATTERN_GREEDY ||
        !add_step(builder, PHRASE_FORK, 0, 0))
        return false;
    builder->last_set = NO_SET;
    if (!write_node(builder, self->first, out))
        return false;
    builder->steps[fork].index = (uint16_t)builder->step_count;
    meet(builder, before == PLACE_BETWEEN_WORDS && builder->place == PLACE_BETWEEN_WORDS);
    out->anchors = (struct phrase_anchors){.cost = INFINITY};
    out->need_count = 0;
    return true;
}

static void unite(struct phrase_anchors *all, const struct phrase_anchors *more)
{
    all->cost += more->cost;
    if (all->count + more->count > PHRASE_ANCHOR_SETS_MAX)
        all->cost = INFINITY;
    for (uint32_t i = 0; i < more->count && all->cost < INFINITY; i++)
        all->items[all->count++] = more->items[i];
}

static bool write_choice(struct phrase_builder *builder, const struct pattern_node *self,
                         struct part *out)
{
    uint32_t ends[PHRASE_STEPS_MAX];
    uint32_t end_count = 0;
    enum place before = builder->place;
    bool between_words = true;
    *out = (struct part){.words_max = 0};
    for (uint32_t child = self->first; child; child = node_of(builder, child)->next) {
        struct part part;
        bool last = !node_of(builder, child)->next;
        uint32_t fork = builder->step_count;
        builder->last_set = NO_SET;
        builder->place = before;
        if ((!last && !add_step(builder, PHRASE_FORK, 0, 0)) || !write_node(builder, child, &part))
            return false;
        between_words = between_words && builder->place == PLACE_BETWEEN_WORDS;
        out->words_max = part.words_max > out->words_max ? part.words_max : out->words_max;
        unite(&out->anchors, &part.anchors);
        if (last)
            break;
        ends[end_count++] = builder->step_count;
        if (!add_step(builder, PHRASE_JUMP, 0, 0))
            return false;
        builder->steps[fork].index = (uint16_t)builder->step_count;
    }
    while (end_count > 0)
        builder->steps[ends[--end_count]].index = (uint16_t)builder->step_count;
    meet(builder, between_words);
    return true;
}

/* The strings of one more part, or the part itself behind those that are pending. */
static bool write_child(struct phrase_builder *builder, struct sequence *sequence, uint32_t child)
{
    struct pattern_exact strings;
    if (pattern_expand(builder->pattern, child, &strings) && strings.count > 0) {
        if (pattern_exact_join(&sequence->pending, &strings))
            return true;
        if (!flush(builder, sequence))
            return false;
        sequence->pending.count = strings.count;
        memcpy(sequence->pending.items, strings.items, strings.count * sizeof *strings.items);
        return true;
    }
    struct part part;
    if (!flush(builder, sequence) || !write_node(builder, child, &part))
        return false;
    take_better(&sequence->part.anchors, &part.anchors, sequence->part.words_max);
    for (uint32_t i = 0; i < part.need_count && sequence->part.need_count < PHRASE_SETS_MAX; i++)
        sequence->part.needs[sequence->part.need_count++] = part.needs[i];
    sequence->part.words_max = add_words(sequence->part.words_max, part.words_max);
    return true;
}

static bool write_sequence(struct phrase_builder *builder, uint32_t first, bool alone,
                           struct part *out)
{
    struct sequence sequence; /* mostly room: only what is read is set */
    sequence.set_count = 0;
    sequence.part = (struct part){.anchors.cost = INFINITY};
    sequence.pending.count = 1;
    sequence.pending.items[0] = (struct pattern_string){.size = 0};
    for (uint32_t child = first; child;) {
        const struct pattern_class *class = NULL;
        uint32_t run = gap_at(builder, child, &class);
        bool good;
        if (run)
            good = write_gap(builder, &sequence, node_of(builder, child)->max, class);
        else if (is_run(builder, child, &class))
            good = write_run(builder, &sequence, class);
        else
            good = write_child(builder, &sequence, child);
        if (!good)
            return false;
        child = alone ? 0 : node_of(builder, run ? run : child)->next;
    }
    if (!flush(builder, &sequence))
        return false;
    choose_anchors(builder, &sequence);
    *out = sequence.part;
    return true;
}

static bool write_kind(struct phrase_builder *builder, uint32_t node, struct part *out)
{
    const struct pattern_node *self = node_of(builder, node);
    switch (self->kind) {
    case PATTERN_SEQUENCE:
        return write_sequence(builder, self->first, false, out);
    case PATTERN_CHOICE:
        return write_choice(builder, self, out);
    case PATTERN_GROUP:
        return self->group_kind != PATTERN_GROUP_ATOMIC && write_node(builder, self->first, out);
    case PATTERN_REPEAT:
        return write_optional(builder, self, out);
    case PATTERN_LITERAL:
    case PATTERN_CLASS:
    case PATTERN_ANCHOR:
        return write_sequence(builder, node, true, out);
    case PATTERN_LOOK:
    case PATTERN_BACKREFERENCE:
        break;
    }
    return false;
}

static bool write_node(struct phrase_builder *builder, uint32_t node, struct part *out)
{
    if (builder->depth == DEPTH_MAX)
        return false;
    builder->depth++;
    bool good = write_kind(builder, node, out);
    builder->depth--;
    return good;
}

/* Every walk's first string begins with a word; `edge` where one is asked for already. */
static bool begins_a_word(const struct phrase_builder *builder, uint32_t step, bool edge)
{
    const struct phrase_step *own = &builder->steps[step];
    if (own->kind == PHRASE_FORK)
        return begins_a_word(builder, step + 1, edge) && begins_a_word(builder, own->index, edge);
    if (own->kind == PHRASE_JUMP)
        return begins_a_word(builder, own->index, edge);
    if (own->kind != PHRASE_STRINGS)
        return false;
    const struct phrase_set *set = &builder->sets[own->index];
    uint32_t edges_alone = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct pattern_string *string = &builder->strings[set->first + i];
        edges_alone += string->size == 0 && (string->flags & PATTERN_EDGES);
        if (string->size > 0 &&
            !(pattern_string_begins_with_word(string) &&
              (edge || (string->flags & (PATTERN_EDGE_BEFORE | PATTERN_RUN_BEFORE)))))
            return false;
        if (string->size == 0 && !(string->flags & PATTERN_EDGES))
            return false;
    }
    return edges_alone == 0 || begins_a_word(builder, step + 1, true);
}

/* A run behind a string takes all of the word: nothing may ask for a part of it. */
static bool runs_are_whole(const struct phrase_builder *builder)
{
    for (uint32_t step = 0; step < builder->step_count; step++) {
        if (builder->steps[step].kind != PHRASE_STRINGS ||
            builder->steps[step + 1].kind == PHRASE_END)
            continue;
        const struct phrase_set *set = &builder->sets[builder->steps[step].index];
        for (uint32_t i = 0; i < set->count; i++) {
            unsigned flags = builder->strings[set->first + i].flags;
            if ((flags & PATTERN_RUN_BEHIND) && !(flags & PATTERN_EDGE_BEHIND))
                return false;
        }
    }
    return true;
}

static bool is_anchor(const struct phrase_anchors *anchors, uint16_t set)
{
    for (uint32_t i = 0; i < anchors->count; i++)
        if (anchors->items[i].set == set)
            return true;
    return false;
}

/* How likely a text has one of the set's words; infinite where not each is known by a whole key. */
static double need_cost(const struct phrase_builder *builder, uint16_t index)
{
    const struct phrase_set *set = &builder->sets[index];
    double cost = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct word_anchor *anchor = &builder->anchors_of[set->first + i];
        if (builder->strings[set->first + i].size == 0 || !word_anchor_is_start(anchor))
            return INFINITY;
        cost += 1 + anchor->count;
    }
    return cost;
}

/* The rarest sets beside the anchors. */
static void choose_needs(struct phrase_builder *builder, const struct part *part)
{
    double costs[PHRASE_NEEDS_MAX];
    builder->need_count = 0;
    for (uint32_t i = 0; i < part->need_count; i++) {
        double cost = need_cost(builder, part->needs[i]);
        if (cost == INFINITY || is_anchor(&part->anchors, part->needs[i]))
            continue;
        uint32_t at = builder->need_count;
        while (at > 0 && costs[at - 1] > cost)
            at--;
        if (at == PHRASE_NEEDS_MAX)
            continue;
        builder->need_count += builder->need_count < PHRASE_NEEDS_MAX;
        for (uint32_t j = builder->need_count - 1; j > at; j--) {
            costs[j] = costs[j - 1];
            builder->needs[j] = builder->needs[j - 1];
        }
        costs[at] = cost;
        builder->needs[at] = part->needs[i];
    }
}

bool phrase_read(struct phrase_builder *builder, const struct pattern *pattern)
{
    struct part part;
    builder->pattern = pattern;
    builder->depth = 0;
    builder->place = PLACE_START;
    builder->last_set = NO_SET;
    builder->step_count = builder->set_count = builder->string_count = builder->class_count = 0;
    if (pattern->original || !write_node(builder, pattern->root, &part) ||
        !add_step(builder, PHRASE_END, 0, 0))
        return false;
    builder->anchors = part.anchors;
    choose_needs(builder, &part);
    return part.anchors.cost < INFINITY && begins_a_word(builder, 0, false) &&
           runs_are_whole(builder);
}

const struct phrase_anchors *phrase_anchors(const struct phrase_builder *builder)
{
    return &builder->anchors;
}

struct phrase_strings phrase_strings(const struct phrase_builder *builder, uint32_t set)
{
    uint32_t first = builder->sets[set].first;
    return (struct phrase_strings){.items = builder->strings + first,
                                   .anchors = builder->anchors_of + first,
                                   .count = builder->sets[set].count};
}
