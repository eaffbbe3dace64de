#include "classify/word_index.h"

#include "classify/pattern_literals.h"
#include "classify/word_key.h"

#include "base/assert.h"
#include "base/load.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    KEY_BYTES = WORD_KEY_BYTES,
    SIDE_BYTES = WORD_SIDE_BYTES,
    BITS_MIN = 9,
    SLOT_BITS_MAX = 28,
    FILTER_BITS_MAX = 17, /* stays in the nearest cache */
    FILTER_BITS_AN_ENTRY = 16
};

/* True where a word begins that is as long as a key, or ends in the literal. */
static bool starts_a_word(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t at)
{
    uint32_t length = word_key_size(bytes, size, at);
    bool whole = at + length < size || (edges & PATTERN_EDGE_BEHIND);
    bool begins = at == 0 ? (edges & PATTERN_EDGE_BEFORE) != 0 : !view_is_word(bytes[at - 1]);
    return begins && length > 0 && (length >= KEY_BYTES || whole);
}

static bool ends_a_word(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t end)
{
    for (uint32_t i = 1; i <= KEY_BYTES; i++)
        if (!view_is_word(bytes[end - i]))
            return false;
    return end < size ? !view_is_word(bytes[end]) : (edges & PATTERN_EDGE_BEHIND) != 0;
}

static struct word_anchor start_anchor(const struct word_counts *counts, const uint8_t *bytes,
                                       uint32_t size, uint32_t edges, uint32_t at)
{
    uint32_t length = word_key_size(bytes, size, at);
    bool whole = at + length < size || (edges & PATTERN_EDGE_BEHIND);
    return (struct word_anchor){
        .kind = whole ? WORD_ANCHOR_WHOLE : WORD_ANCHOR_START,
        .at = (uint8_t)at,
        .size = (uint8_t)(whole ? length : KEY_BYTES),
        .count = word_counts_of(counts, bytes + at, length),
    };
}

struct word_anchor word_anchor_choose(const struct word_counts *counts, const uint8_t *bytes,
                                      uint32_t size, uint32_t edges)
{
    struct word_anchor rarest = {.kind = WORD_ANCHOR_NONE};
    for (uint32_t at = 0; at < size; at++) {
        if (!starts_a_word(bytes, size, edges, at))
            continue;
        struct word_anchor own = start_anchor(counts, bytes, size, edges, at);
        if (rarest.kind == WORD_ANCHOR_NONE || own.count < rarest.count)
            rarest = own;
    }
    for (uint32_t end = size; end >= KEY_BYTES && rarest.kind == WORD_ANCHOR_NONE; end--)
        if (ends_a_word(bytes, size, edges, end))
            rarest = (struct word_anchor){
                .kind = WORD_ANCHOR_END, .at = (uint8_t)(end - KEY_BYTES), .size = KEY_BYTES};
    return rarest;
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

enum redress_status word_index_init(struct word_index *index, uint32_t literal_count,
                                    uint32_t byte_count)
{
    *index = (struct word_index){0};
    word_blocks_init(&index->blocks);
    index->bytes = memory_allocate(byte_count + 1);
    index->additions = memory_allocate_array(literal_count + 1, sizeof *index->additions);
    return index->bytes && index->additions ? STATUS_OK : STATUS_MEMORY;
}

void word_index_destroy(struct word_index *index)
{
    memory_free(index->additions);
    memory_free(index->entries);
    memory_free(index->sides);
    memory_free(index->slots);
    memory_free(index->filter);
    memory_free(index->bytes);
    *index = (struct word_index){0};
}

static void add_beginning(struct word_index *index, const struct word_anchor *anchor,
                          const uint8_t *literal)
{
    uint32_t hash =
        word_key_hash_beginning(head_at(literal, anchor->at + anchor->size, anchor->at));
    word_key_add_beginning(word_anchor_is_start(anchor) ? &index->heads : &index->tails, hash);
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

void word_index_add(struct word_index *index, struct word_anchor anchor, const uint8_t *bytes,
                    uint32_t size, uint32_t literal)
{
    ASSERT(anchor.kind != WORD_ANCHOR_NONE && size <= PATTERN_LITERAL_BYTES_MAX);
    uint8_t padded[SIDE_BYTES + PATTERN_LITERAL_BYTES_MAX + SIDE_BYTES] = {0};
    uint8_t *own = padded + SIDE_BYTES;
    memcpy(own, bytes, size);
    uint32_t behind = anchor.at + (uint32_t)anchor.size;
    index->additions[index->entry_count++] = (struct word_addition){
        .key = key_of_anchor(&anchor, own),
        .sides = sides_of(&anchor, own, size),
        .entry = {.before = load_64(own + anchor.at - SIDE_BYTES),
                  .behind = load_64(own + behind),
                  .literal = literal,
                  .bytes_at = index->byte_count,
                  .size = (uint8_t)size,
                  .at = anchor.at,
                  .key_size = anchor.size,
                  .settled = anchor.size <= WORD_KEY_EXACT_BYTES_MAX && anchor.at <= SIDE_BYTES &&
                             size - behind <= SIDE_BYTES},
    };
    add_beginning(index, &anchor, own);
    memcpy(index->bytes + index->byte_count, bytes, size);
    index->byte_count += size;
}

static int compare_additions(const void *left, const void *right)
{
    const struct word_addition *a = left;
    const struct word_addition *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->entry.literal < b->entry.literal ? -1 : a->entry.literal > b->entry.literal;
}

/* The bits of the least power of two that is at least so many. */
static uint32_t bits_for(uint32_t count, uint32_t max)
{
    uint32_t bits = BITS_MIN;
    while (bits < max && (uint32_t)1 << bits < count)
        bits++;
    return bits;
}

static void fill(struct word_index *index)
{
    for (uint32_t i = 0; i < index->entry_count; i++) {
        uint64_t key = index->additions[i].key;
        uint32_t bit = word_key_filter_place(index, key);
        index->filter[bit / 64] |= (uint64_t)1 << bit % 64;
        index->entries[i] = index->additions[i].entry;
        index->sides[i] = index->additions[i].sides;
        struct word_slot *slot = word_key_slot(index, key);
        if (slot->count == 0) {
            slot->key = key;
            slot->first = i;
        }
        if (slot->count < WORD_SLOT_SIDES)
            slot->sides[slot->count] = index->sides[i];
        slot->count++;
    }
}

enum redress_status word_index_build(struct word_index *index)
{
    index->filter_bits = bits_for(FILTER_BITS_AN_ENTRY * index->entry_count, FILTER_BITS_MAX);
    index->slot_bits = bits_for(2 * index->entry_count, SLOT_BITS_MAX);
    index->filter =
        memory_allocate_array((size_t)1 << index->filter_bits >> 6, sizeof *index->filter);
    index->slots = memory_allocate_array((size_t)1 << index->slot_bits, sizeof *index->slots);
    index->entries = memory_allocate_array(index->entry_count + 1, sizeof *index->entries);
    index->sides =
        memory_allocate_array(index->entry_count + WORD_SLOT_SIDES, sizeof *index->sides);
    if (!index->filter || !index->slots || !index->entries || !index->sides)
        return STATUS_MEMORY;
    if (index->entry_count > 0)
        qsort(index->additions, index->entry_count, sizeof *index->additions, compare_additions);
    fill(index);
    memory_free(index->additions);
    index->additions = NULL;
    return STATUS_OK;
}
