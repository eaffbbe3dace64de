#include "classify/word_index.h"

#include "classify/pattern_literals.h"

#include "base/assert.h"
#include "base/load.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    KEY_BYTES = WORD_KEY_BYTES,
    SIDE_BYTES = 8, /* of `before` and `behind` */
    BITS_MIN = 9,
    SLOT_BITS_MAX = 28,
    FILTER_BITS_MAX = 17, /* stays in the nearest cache */
    FILTER_BITS_AN_ENTRY = 16
};

static uint32_t hash_of(uint32_t key)
{
    return (key ^ key >> 15) * 0x9E3779B1u;
}

/* The first bytes of eight, in the order of memory. */
static uint64_t first_bytes(uint64_t bytes, uint32_t count)
{
    return count >= SIDE_BYTES ? bytes : bytes & (((uint64_t)1 << 8 * count) - 1);
}

static uint64_t last_bytes(uint64_t bytes, uint32_t count)
{
    return count == 0 ? 0 : bytes >> 8 * (SIDE_BYTES - count);
}

static uint64_t mix(uint64_t key)
{
    key = (key ^ key >> 32) * 0x9E3779B97F4A7C15u;
    return key ^ key >> 29;
}

/* Of a whole word: of its first eight bytes, its last eight where it has more, and its size. */
static inline uint64_t whole_key(const uint8_t *word, uint32_t size)
{
    uint64_t key = first_bytes(load_64(word), size) ^ (uint64_t)size << 58;
    if (size > SIDE_BYTES)
        key ^= load_64(word + size - SIDE_BYTES) * 0xC2B2AE3D27D4EB4Fu;
    return mix(key);
}

static inline uint64_t part_key(const uint8_t *bytes, enum word_anchor_kind kind)
{
    return mix(load_32(bytes) | (uint64_t)kind << 40);
}

/* Word bytes from `at` on. */
static uint32_t word_size(const uint8_t *bytes, uint32_t size, uint32_t at)
{
    uint32_t end = at;
    while (end < size && view_is_word(bytes[end]))
        end++;
    return end - at;
}

/* True where a word begins that is as long as a key, or ends in the literal. */
static bool starts_a_word(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t at)
{
    uint32_t length = word_size(bytes, size, at);
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
    uint32_t length = word_size(bytes, size, at);
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

/* The key of the word that begins there. */
static uint32_t key_at(const uint8_t *literal, uint32_t size, uint32_t at)
{
    uint32_t key = 0;
    uint32_t length = word_size(literal, size, at);
    memcpy(&key, literal + at, length < KEY_BYTES ? length : KEY_BYTES);
    return key;
}

static inline uint16_t presence_of(uint32_t key)
{
    return (uint16_t)(hash_of(key) >> (32 - WORD_PRESENCE_BITS));
}

uint16_t word_presence_place(const uint8_t *literal, uint32_t size, uint32_t at)
{
    return presence_of(key_at(literal, size, at));
}

enum redress_status word_index_init(struct word_index *index, uint32_t literal_count,
                                    uint32_t byte_count)
{
    *index = (struct word_index){0};
    word_blocks_init(&index->blocks);
    index->bytes = memory_allocate(byte_count + 1);
    index->entries = memory_allocate_array(literal_count + 1, sizeof *index->entries);
    return index->bytes && index->entries ? STATUS_OK : STATUS_MEMORY;
}

void word_index_destroy(struct word_index *index)
{
    memory_free(index->entries);
    memory_free(index->slots);
    memory_free(index->filter);
    memory_free(index->bytes);
    *index = (struct word_index){0};
}

static uint64_t key_of_anchor(const struct word_anchor *anchor, const uint8_t *literal)
{
    return anchor->kind == WORD_ANCHOR_WHOLE ? whole_key(literal + anchor->at, anchor->size)
                                             : part_key(literal + anchor->at, anchor->kind);
}

void word_index_add(struct word_index *index, struct word_anchor anchor, const uint8_t *bytes,
                    uint32_t size, uint32_t literal)
{
    ASSERT(anchor.kind != WORD_ANCHOR_NONE && size <= PATTERN_LITERAL_BYTES_MAX);
    uint8_t padded[SIDE_BYTES + PATTERN_LITERAL_BYTES_MAX + SIDE_BYTES] = {0};
    uint8_t *own = padded + SIDE_BYTES;
    memcpy(own, bytes, size);
    uint32_t behind = anchor.at + (uint32_t)anchor.size;
    index->entries[index->entry_count++] = (struct word_entry){
        .before = load_64(own + anchor.at - SIDE_BYTES),
        .behind = load_64(own + behind),
        .key = key_of_anchor(&anchor, own),
        .literal = literal,
        .bytes_at = index->byte_count,
        .size = (uint8_t)size,
        .at = anchor.at,
        .key_size = anchor.size,
    };
    index->has_ends |= anchor.kind == WORD_ANCHOR_END;
    memcpy(index->bytes + index->byte_count, bytes, size);
    index->byte_count += size;
}

static int compare_entries(const void *left, const void *right)
{
    const struct word_entry *a = left;
    const struct word_entry *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->literal < b->literal ? -1 : a->literal > b->literal;
}

/* The bits of the least power of two that is at least so many. */
static uint32_t bits_for(uint32_t count, uint32_t max)
{
    uint32_t bits = BITS_MIN;
    while (bits < max && (uint32_t)1 << bits < count)
        bits++;
    return bits;
}

/* The filter, the tag and the place of a key are each of other bits of it. */
static inline uint32_t filter_place(const struct word_index *index, uint64_t key)
{
    return (uint32_t)(key >> (64 - index->filter_bits));
}

static inline uint32_t slot_place(const struct word_index *index, uint64_t key)
{
    return (uint32_t)key & (((uint32_t)1 << index->slot_bits) - 1);
}

static inline uint32_t tag_of(uint64_t key)
{
    return (uint32_t)(key >> 20);
}

/* Its own slot, or the free one where it would be. */
static struct word_slot *find_slot(const struct word_index *index, uint64_t key)
{
    uint32_t last = ((uint32_t)1 << index->slot_bits) - 1;
    uint32_t at = slot_place(index, key);
    for (;; at = (at + 1) & last) {
        struct word_slot *slot = &index->slots[at];
        if (slot->count == 0 ||
            (slot->tag == tag_of(key) && index->entries[slot->first].key == key))
            return slot;
    }
}

static void fill(struct word_index *index)
{
    for (uint32_t i = 0; i < index->entry_count; i++) {
        uint64_t key = index->entries[i].key;
        uint32_t bit = filter_place(index, key);
        index->filter[bit / 64] |= (uint64_t)1 << bit % 64;
        struct word_slot *slot = find_slot(index, key);
        if (slot->count++ == 0) {
            slot->tag = tag_of(key);
            slot->first = i;
        }
    }
}

enum redress_status word_index_build(struct word_index *index)
{
    index->filter_bits = bits_for(FILTER_BITS_AN_ENTRY * index->entry_count, FILTER_BITS_MAX);
    index->slot_bits = bits_for(2 * index->entry_count, SLOT_BITS_MAX);
    index->filter =
        memory_allocate_array((size_t)1 << index->filter_bits >> 6, sizeof *index->filter);
    index->slots = memory_allocate_array((size_t)1 << index->slot_bits, sizeof *index->slots);
    if (!index->filter || !index->slots)
        return STATUS_MEMORY;
    if (index->entry_count > 0)
        qsort(index->entries, index->entry_count, sizeof *index->entries, compare_entries);
    fill(index);
    return STATUS_OK;
}

struct word_scan {
    const struct word_index *index;
    const uint8_t *bytes;
    uint32_t size;
    const struct word_listener *listener;
};

/* What is farther from the key than eight bytes, and the key, which may be another one with the
 * same hash. */
static bool stands_at(const struct word_scan *scan, const struct word_entry *entry, uint32_t key_at)
{
    uint32_t start = key_at - entry->at;
    return key_at >= entry->at && entry->size <= scan->size - start &&
           memcmp(scan->bytes + start, scan->index->bytes + entry->bytes_at, entry->size) == 0;
}

static void tell(const struct word_scan *scan, uint64_t key, uint32_t key_at)
{
    const struct word_slot *slot = find_slot(scan->index, key);
    const struct word_entry *entry = scan->index->entries + slot->first;
    const struct word_entry *stop = entry + slot->count;
    if (slot->count == 0)
        return;
    uint64_t before = load_64(scan->bytes + key_at - SIDE_BYTES);
    uint64_t behind = load_64(scan->bytes + key_at + entry->key_size);
    for (; entry < stop; entry++) {
        uint32_t at = entry->at < SIDE_BYTES ? entry->at : SIDE_BYTES;
        uint32_t left = (uint32_t)entry->size - entry->at - entry->key_size;
        left = left < SIDE_BYTES ? left : SIDE_BYTES;
        if (last_bytes(before, at) == last_bytes(entry->before, at) &&
            first_bytes(behind, left) == first_bytes(entry->behind, left) &&
            stands_at(scan, entry, key_at))
            scan->listener->on_literal(scan->listener->user, entry->literal, key_at - entry->at,
                                       key_at - entry->at + entry->size);
    }
}

static inline void look_up(const struct word_scan *scan, uint64_t key, uint32_t key_at)
{
    uint32_t bit = filter_place(scan->index, key);
    if (scan->index->filter[bit / 64] >> bit % 64 & 1)
        tell(scan, key, key_at);
}

/* The key of a word of the text; bits of its bytes that are of the word. */
static inline uint32_t key_of(const uint8_t *word, uint64_t word_bits)
{
    /* By how many of the first four bytes are of the word. */
    static const uint32_t masks[16] = {[1] = 0xFF, [3] = 0xFFFF,  [5] = 0xFF,  [7] = 0xFFFFFF,
                                       [9] = 0xFF, [11] = 0xFFFF, [13] = 0xFF, [15] = 0xFFFFFFFF};
    return load_32(word) & masks[word_bits & 15];
}

static void look_up_word(const struct word_scan *scan, uint32_t at, uint64_t word_bits)
{
    uint32_t size =
        ~word_bits ? (uint32_t)__builtin_ctzll(~word_bits) : word_size(scan->bytes, scan->size, at);
    look_up(scan, whole_key(scan->bytes + at, size), at);
    if (size >= KEY_BYTES)
        look_up(scan, part_key(scan->bytes + at, WORD_ANCHOR_START), at);
}

static void look_up_end(const struct word_scan *scan, uint32_t at)
{
    if (at >= KEY_BYTES)
        look_up(scan, part_key(scan->bytes + at - KEY_BYTES, WORD_ANCHOR_END), at - KEY_BYTES);
}

/* The blocks of a view, one after the other. */
struct block_walk {
    const struct word_index *index;
    const uint8_t *bytes;
    uint32_t size;
    uint32_t at;
    uint64_t words;   /* a bit a byte of the block: is it of a word? */
    uint64_t next;    /* the same of the block behind */
    uint64_t shifted; /* a bit a byte: is the one before it of a word? */
};

static inline uint64_t mask_at(const struct block_walk *walk, uint32_t at)
{
    return at < walk->size ? word_blocks_mask(&walk->index->blocks, walk->bytes, walk->size, at)
                           : 0;
}

static inline struct block_walk first_block(const struct word_index *index, const uint8_t *bytes,
                                            uint32_t size, uint32_t from)
{
    struct block_walk walk = {.index = index, .bytes = bytes, .size = size, .at = from};
    uint64_t before = from > 0 && view_is_word(bytes[from - 1]);
    walk.words = mask_at(&walk, from);
    walk.next = mask_at(&walk, from + WORD_BLOCK_BYTES);
    walk.shifted = walk.words << 1 | before;
    return walk;
}

static inline void next_block(struct block_walk *walk)
{
    uint64_t before = walk->words >> 63;
    walk->at += WORD_BLOCK_BYTES;
    walk->words = walk->next;
    walk->next = mask_at(walk, walk->at + WORD_BLOCK_BYTES);
    walk->shifted = walk->words << 1 | before;
}

/* Bits of the bytes from this one on. */
static inline uint64_t words_from(const struct block_walk *walk, uint32_t bit)
{
    return walk->words >> bit | (bit ? walk->next << (64 - bit) : 0);
}

void word_index_read(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     struct word_presence *presence)
{
    memset(presence, 0, sizeof *presence);
    for (struct block_walk walk = first_block(index, bytes, size, 0); walk.at < size;
         next_block(&walk)) {
        for (uint64_t starts = walk.words & ~walk.shifted; starts; starts &= starts - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(starts);
            uint32_t key = key_of(bytes + walk.at + bit, words_from(&walk, bit));
            uint16_t place = presence_of(key);
            presence->bits[place / 64] |= (uint64_t)1 << place % 64;
        }
    }
}

void word_index_scan(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     uint32_t from, uint32_t to, const struct word_listener *listener)
{
    struct word_scan scan = {index, bytes, size, listener};
    struct block_walk walk = first_block(index, bytes, size, from);
    for (; walk.at < to; next_block(&walk)) {
        for (uint64_t starts = walk.words & ~walk.shifted; starts; starts &= starts - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(starts);
            look_up_word(&scan, walk.at + bit, words_from(&walk, bit));
        }
        uint64_t ends = index->has_ends ? ~walk.words & walk.shifted : 0;
        for (; ends; ends &= ends - 1) {
            uint32_t end = walk.at + (uint32_t)__builtin_ctzll(ends);
            if (end <= size)
                look_up_end(&scan, end);
        }
    }
    if (index->has_ends && to == size && size % WORD_BLOCK_BYTES == 0 && (walk.shifted & 1))
        look_up_end(&scan, size);
}
