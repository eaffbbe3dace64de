#include "classify/match/word_index.h"

#include "classify/pattern/pattern_literals.h"
#include "classify/match/word_key.h"

#include "base/assert.h"
#include "base/load.h"
#include "base/memory.h"

#include <string.h>

enum {
    KEY_BYTES = WORD_KEY_BYTES,
    SIDE_BYTES = WORD_SIDE_BYTES,
    BITS_MIN = 9,
    SLOT_BITS_MAX = 28,
    FILTER_BITS_MAX = 17, /* stays in the nearest cache */
    FILTER_BITS_AN_ENTRY = 16
};

static bool ends_a_word(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t end)
{
    for (uint32_t i = 1; i <= KEY_BYTES; i++)
        if (!view_is_word(bytes[end - i]))
            return false;
    return end < size ? !view_is_word(bytes[end]) : (edges & PATTERN_EDGE_BEHIND) != 0;
}

/* The last four bytes of a word that begins before the literal. */
static struct word_anchor end_anchor(const uint8_t *bytes, uint32_t size, uint32_t edges)
{
    for (uint32_t end = size; end >= KEY_BYTES; end--)
        if (ends_a_word(bytes, size, edges, end))
            return (struct word_anchor){
                .kind = WORD_ANCHOR_END, .at = (uint8_t)(end - KEY_BYTES), .size = KEY_BYTES};
    return (struct word_anchor){.kind = WORD_ANCHOR_NONE};
}

/* Of the words that begin in the literal and are as long as a key, or end in it. */
struct word_anchor word_anchor_choose(const struct word_counts *counts, const uint8_t *bytes,
                                      uint32_t size, uint32_t edges)
{
    struct word_anchor rarest = {.kind = WORD_ANCHOR_NONE};
    for (uint32_t at = 0, length; at < size; at += length ? length : 1) {
        length = word_key_size(bytes, size, at);
        bool begins = at > 0 || (edges & PATTERN_EDGE_BEFORE);
        bool whole = at + length < size || (edges & PATTERN_EDGE_BEHIND);
        if (length == 0 || !begins || (length < KEY_BYTES && !whole))
            continue;
        uint32_t count = word_counts_of(counts, bytes + at, length);
        if (rarest.kind == WORD_ANCHOR_NONE || count < rarest.count)
            rarest = (struct word_anchor){.kind = whole ? WORD_ANCHOR_WHOLE : WORD_ANCHOR_START,
                                          .at = (uint8_t)at,
                                          .size = (uint8_t)(whole ? length : KEY_BYTES),
                                          .count = count};
    }
    return rarest.kind == WORD_ANCHOR_NONE ? end_anchor(bytes, size, edges) : rarest;
}

/* The first bytes of the word that begins there. */
static uint32_t head_at(const uint8_t *literal, uint32_t size, uint32_t at)
{
    uint32_t key = 0;
    uint32_t length = word_key_size(literal, size, at);
    memcpy(&key, literal + at, length < KEY_BYTES ? length : KEY_BYTES);
    return key;
}

uint16_t word_presence_place(const uint8_t *literal, uint32_t size, uint32_t at)
{
    return word_key_presence(word_key_hash_beginning(head_at(literal, size, at)));
}

void word_index_destroy(struct word_index *index)
{
    memory_free(index->entries);
    memory_free(index->sides);
    memory_free(index->slots);
    memory_free(index->filter);
    *index = (struct word_index){0};
}

static uint64_t key_of_anchor(const struct word_anchor *anchor, const uint8_t *literal)
{
    return anchor->kind == WORD_ANCHOR_WHOLE ? word_key_whole(literal + anchor->at, anchor->size)
                                             : word_key_part(literal + anchor->at, anchor->kind);
}

/* `edge` is the literal's byte that is nearest to the key, `step` leads away from it. */
static uint8_t side_of(const uint8_t *edge, int step, uint32_t size, uint32_t skip)
{
    edge += step * (int)skip;
    if (size <= skip)
        return 0;
    return size == skip + 1 ? word_key_side_of_one(edge[0])
                            : word_key_side_of_two(edge[0], edge[step]);
}

static struct word_sides sides_of(const struct word_anchor *anchor, const uint8_t *literal,
                                  uint32_t size)
{
    const uint8_t *key = literal + anchor->at;
    return (struct word_sides){
        .before = side_of(key - 1, -1, anchor->at, word_key_skip_before(anchor->kind)),
        .behind = side_of(key + anchor->size, 1, size - anchor->at - anchor->size,
                          word_key_skip_behind(anchor->kind)),
    };
}

struct word_addition word_addition_of(struct word_anchor anchor, const uint8_t *bytes,
                                      uint32_t size, uint32_t bytes_at)
{
    ASSERT(anchor.kind != WORD_ANCHOR_NONE && size <= PATTERN_LITERAL_BYTES_MAX);
    uint8_t padded[SIDE_BYTES + PATTERN_LITERAL_BYTES_MAX + SIDE_BYTES] = {0};
    uint8_t *own = padded + SIDE_BYTES;
    memcpy(own, bytes, size);
    uint32_t behind = anchor.at + (uint32_t)anchor.size;
    return (struct word_addition){
        .key = key_of_anchor(&anchor, own),
        .sides = sides_of(&anchor, own, size),
        .beginning = word_key_hash_beginning(head_at(own, behind, anchor.at)),
        .is_start = word_anchor_is_start(&anchor),
        .entry = {.before = load_64(own + anchor.at - SIDE_BYTES),
                  .behind = load_64(own + behind),
                  .bytes_at = bytes_at,
                  .size = (uint8_t)size,
                  .at = anchor.at,
                  .key_size = anchor.size,
                  .settled = anchor.size <= WORD_KEY_EXACT_BYTES_MAX && anchor.at <= SIDE_BYTES &&
                             size - behind <= SIDE_BYTES},
    };
}

/* The bits of the least power of two that is at least so many. */
static uint32_t bits_for(uint32_t count, uint32_t max)
{
    uint32_t bits = BITS_MIN;
    while (bits < max && (uint32_t)1 << bits < count)
        bits++;
    return bits;
}

/* What an index is built from. */
struct word_plan {
    const struct word_addition *additions;
    const struct word_choice *choices;
    uint32_t count;
    uint32_t *slots; /* by choice: of its key */
};

/* The keys of the choices, each once: many entries share one, and a table with room for each entry
 * would be ten times as large as what a text's words touch of it. A key of 0 counts each time. */
static uint32_t count_distinct_keys(const struct word_plan *plan, uint64_t *seen, uint32_t bits)
{
    uint32_t last = ((uint32_t)1 << bits) - 1;
    uint32_t distinct = 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        uint64_t key = plan->additions[plan->choices[i].addition].key;
        uint32_t at = (uint32_t)key & last;
        while (seen[at] != 0 && seen[at] != key)
            at = (at + 1) & last;
        distinct += seen[at] == 0;
        seen[at] = key;
    }
    return distinct;
}

static enum redress_status size_slots(struct word_index *index, const struct word_plan *plan)
{
    uint32_t bits = bits_for(2 * plan->count, SLOT_BITS_MAX);
    uint64_t *seen = memory_allocate_array((size_t)1 << bits, sizeof *seen);
    if (!seen)
        return STATUS_MEMORY;
    index->slot_bits = bits_for(2 * count_distinct_keys(plan, seen, bits), SLOT_BITS_MAX);
    memory_free(seen);
    return STATUS_OK;
}

static void count_keys(struct word_index *index, const struct word_plan *plan)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct word_addition *addition = &plan->additions[plan->choices[i].addition];
        uint32_t bit = word_key_filter_place(index, addition->key);
        index->filter[bit / 64] |= (uint64_t)1 << bit % 64;
        word_key_add_beginning(addition->is_start ? &index->heads : &index->tails,
                               addition->beginning);
        struct word_slot *slot = word_key_slot(index, addition->key);
        slot->key = addition->key;
        slot->count++;
        plan->slots[i] = (uint32_t)(slot - index->slots);
    }
}

/* The first entry of a key takes the places of all. Until the end a slot has the place behind its
 * last one that is filled, from 1. */
static void place_entries(struct word_index *index, const struct word_plan *plan)
{
    uint32_t taken = 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        struct word_slot *slot = &index->slots[plan->slots[i]];
        if (slot->first == 0) {
            slot->first = taken + 1;
            taken += slot->count;
        }
        const struct word_addition *addition = &plan->additions[plan->choices[i].addition];
        uint32_t place = slot->first++ - 1;
        index->entries[place] = addition->entry;
        index->entries[place].literal = plan->choices[i].literal;
        index->sides[place] = addition->sides;
    }
}

/* After place_entries(). */
static void finish_slots(struct word_index *index)
{
    for (uint32_t at = 0; at < (uint32_t)1 << index->slot_bits; at++) {
        struct word_slot *slot = &index->slots[at];
        if (slot->count == 0)
            continue;
        slot->first -= 1 + slot->count;
        memcpy(slot->sides, index->sides + slot->first, sizeof slot->sides);
    }
}

enum redress_status word_index_build(struct word_index *index, const uint8_t *bytes,
                                     const struct word_addition *additions,
                                     const struct word_choice *choices, uint32_t count)
{
    *index = (struct word_index){
        .bytes = bytes,
        .entry_count = count,
        .filter_bits = bits_for(FILTER_BITS_AN_ENTRY * count, FILTER_BITS_MAX),
    };
    struct word_plan plan = {additions, choices, count,
                             memory_allocate_array(count + 1, sizeof *plan.slots)};
    if (!plan.slots || size_slots(index, &plan) != STATUS_OK) {
        memory_free(plan.slots);
        return STATUS_MEMORY;
    }
    index->filter =
        memory_allocate_array((size_t)1 << index->filter_bits >> 6, sizeof *index->filter);
    size_t slot_bytes = ((size_t)1 << index->slot_bits) * sizeof *index->slots;
    index->slots = memory_allocate_table(slot_bytes);
    index->entries = memory_allocate_table((count + (size_t)1) * sizeof *index->entries);
    index->sides = memory_allocate_table((count + (size_t)WORD_SLOT_SIDES) * sizeof *index->sides);
    bool good = index->filter && index->slots && index->entries && index->sides;
    if (good) {
        memset(index->slots, 0, slot_bytes);
        count_keys(index, &plan);
        place_entries(index, &plan);
        finish_slots(index);
    }
    memory_free(plan.slots);
    return good ? STATUS_OK : STATUS_MEMORY;
}
