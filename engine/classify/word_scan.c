/** Reads a text with a word index. */
#include "classify/word_key.h"

#include <string.h>

enum { KEY_BYTES = WORD_KEY_BYTES, LOOKUPS_MAX = 64 };

/* A key that the filter lets pass. */
struct lookup {
    uint64_t key;
    uint32_t at;
};

/* An entry that agrees in eight bytes on either side. */
struct likeness {
    const struct word_entry *entry;
    uint32_t start;
};

struct word_scan {
    const struct word_index *index;
    const uint8_t *bytes;
    uint32_t size;
    const struct word_listener *listener;
    uint32_t lookup_count;
    uint32_t likeness_count;
    struct lookup lookups[LOOKUPS_MAX];
    struct likeness likenesses[WORD_HITS_MAX];
};

/* What is farther from the key than eight bytes, and the key, where another one may have the same
 * hash. */
static bool stands_there(const struct word_scan *scan, const struct likeness *likeness)
{
    const struct word_entry *entry = likeness->entry;
    return entry->settled || memcmp(scan->bytes + likeness->start,
                                    scan->index->bytes + entry->bytes_at, entry->size) == 0;
}

static void tell(struct word_scan *scan)
{
    struct word_hit hits[WORD_HITS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < scan->likeness_count; i++) {
        const struct likeness *likeness = &scan->likenesses[i];
        if (stands_there(scan, likeness))
            hits[count++] = (struct word_hit){likeness->entry->literal, likeness->start,
                                              likeness->start + likeness->entry->size};
    }
    scan->likeness_count = 0;
    if (count > 0)
        scan->listener->on_hits(scan->listener->user, hits, count);
}

static void keep(struct word_scan *scan, const struct word_entry *entry, uint32_t key_at)
{
    uint32_t start = key_at - entry->at;
    if (key_at < entry->at || entry->size > scan->size - start)
        return;
    if (scan->likeness_count == WORD_HITS_MAX)
        tell(scan);
    scan->likenesses[scan->likeness_count++] = (struct likeness){entry, start};
    if (!entry->settled)
        __builtin_prefetch(scan->index->bytes + entry->bytes_at);
}

static void compare(struct word_scan *scan, const struct word_slot *slot, uint32_t key_at)
{
    const struct word_entry *entry = scan->index->entries + slot->first;
    const struct word_entry *stop = entry + slot->count;
    uint64_t before = load_64(scan->bytes + key_at - WORD_SIDE_BYTES);
    uint64_t behind = load_64(scan->bytes + key_at + entry->key_size);
    for (; entry < stop; entry++) {
        uint32_t at = entry->at < WORD_SIDE_BYTES ? entry->at : WORD_SIDE_BYTES;
        uint32_t left = (uint32_t)entry->size - entry->at - entry->key_size;
        if (word_key_last_bytes(before, at) == word_key_last_bytes(entry->before, at) &&
            word_key_first_bytes(behind, left) == word_key_first_bytes(entry->behind, left))
            keep(scan, entry, key_at);
    }
}

/* Each loop asks for the memory that the next one reads. */
static void look_up_all(struct word_scan *scan)
{
    const struct word_slot *slots[LOOKUPS_MAX];
    for (uint32_t i = 0; i < scan->lookup_count; i++) {
        slots[i] = word_key_slot(scan->index, scan->lookups[i].key);
        __builtin_prefetch(scan->index->entries + slots[i]->first);
    }
    for (uint32_t i = 0; i < scan->lookup_count; i++)
        if (slots[i]->count > 0)
            compare(scan, slots[i], scan->lookups[i].at);
    scan->lookup_count = 0;
}

static inline void look_up(struct word_scan *scan, uint64_t key, uint32_t key_at)
{
    const struct word_index *index = scan->index;
    uint32_t bit = word_key_filter_place(index, key);
    if (!(index->filter[bit / 64] >> bit % 64 & 1))
        return;
    __builtin_prefetch(index->slots + word_key_slot_place(index, key));
    if (scan->lookup_count == LOOKUPS_MAX)
        look_up_all(scan);
    scan->lookups[scan->lookup_count++] = (struct lookup){key, key_at};
}

/* The first bytes of a word of the text; bits of its bytes that are of the word. */
static inline uint32_t head_of(const uint8_t *word, uint64_t word_bits)
{
    /* By how many of the first four bytes are of the word. */
    static const uint32_t masks[16] = {[1] = 0xFF, [3] = 0xFFFF,  [5] = 0xFF,  [7] = 0xFFFFFF,
                                       [9] = 0xFF, [11] = 0xFFFF, [13] = 0xFF, [15] = 0xFFFFFFFF};
    return load_32(word) & masks[word_bits & 15];
}

static void look_up_word(struct word_scan *scan, uint32_t at, uint64_t word_bits)
{
    uint32_t size = ~word_bits ? (uint32_t)__builtin_ctzll(~word_bits)
                               : word_key_size(scan->bytes, scan->size, at);
    look_up(scan, word_key_whole(scan->bytes + at, size), at);
    if (size >= KEY_BYTES)
        look_up(scan, word_key_part(scan->bytes + at, WORD_ANCHOR_START), at);
}

static void look_up_end(struct word_scan *scan, uint32_t at)
{
    if (at >= KEY_BYTES)
        look_up(scan, word_key_part(scan->bytes + at - KEY_BYTES, WORD_ANCHOR_END), at - KEY_BYTES);
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
            uint32_t head = head_of(bytes + walk.at + bit, words_from(&walk, bit));
            uint16_t place = word_key_presence(head);
            presence->bits[place / 64] |= (uint64_t)1 << place % 64;
        }
    }
}

void word_index_scan(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     uint32_t from, uint32_t to, const struct word_listener *listener)
{
    struct word_scan scan; /* its arrays are not cleared */
    scan.index = index;
    scan.bytes = bytes;
    scan.size = size;
    scan.listener = listener;
    scan.lookup_count = scan.likeness_count = 0;
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
    look_up_all(&scan);
    tell(&scan);
}
