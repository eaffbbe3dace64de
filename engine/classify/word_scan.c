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

static void look_up_word(struct word_scan *scan, const struct word_place *word)
{
    const uint8_t *bytes = scan->bytes + word->at;
    if (word->sides & WORD_HEAD) {
        look_up(scan, word_key_whole(bytes, word->size), word->at);
        if (word->size >= KEY_BYTES)
            look_up(scan, word_key_part(bytes, WORD_ANCHOR_START), word->at);
    }
    if (word->sides & WORD_TAIL) {
        uint32_t tail = word->size - KEY_BYTES;
        look_up(scan, word_key_part(bytes + tail, WORD_ANCHOR_END), word->at + tail);
    }
}

void word_index_scan(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     const struct word_place *words, uint32_t count,
                     const struct word_listener *listener)
{
    struct word_scan scan; /* its arrays are not cleared */
    scan.index = index;
    scan.bytes = bytes;
    scan.size = size;
    scan.listener = listener;
    scan.lookup_count = scan.likeness_count = 0;
    for (uint32_t i = 0; i < count; i++)
        look_up_word(&scan, &words[i]);
    look_up_all(&scan);
    tell(&scan);
}

/* Where the words begin, and their sizes; gives their count. */
static uint32_t split(const struct word_blocks *blocks, const uint8_t *bytes, uint32_t size,
                      struct word_place *out)
{
    uint32_t begun = 0;
    uint32_t ended = 0;
    uint64_t before = 0; /* is the last byte of the block before of a word? */
    for (uint32_t at = 0; at < size; at += WORD_BLOCK_BYTES) {
        uint64_t words = word_blocks_mask(blocks, bytes, size, at);
        uint64_t shifted = words << 1 | before;
        before = words >> 63;
        for (uint64_t starts = words & ~shifted; starts; starts &= starts - 1)
            out[begun++].at = at + (uint32_t)__builtin_ctzll(starts);
        for (uint64_t ends = ~words & shifted; ends; ends &= ends - 1, ended++)
            out[ended].size = at + (uint32_t)__builtin_ctzll(ends) - out[ended].at;
    }
    if (ended < begun)
        out[ended].size = size - out[ended].at;
    return begun;
}

/* The first bytes of a word. */
static inline uint32_t head_of(const uint8_t *word, uint32_t size)
{
    static const uint32_t masks[KEY_BYTES + 1] = {0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF};
    return load_32(word) & masks[size < KEY_BYTES ? size : KEY_BYTES];
}

static inline uint32_t has_tail(const struct word_index *index, const uint8_t *word, uint32_t size)
{
    if (size < KEY_BYTES)
        return 0;
    uint32_t hash = word_key_hash_beginning(load_32(word + size - KEY_BYTES));
    return word_key_has_beginning(&index->tails, hash);
}

uint32_t word_index_read(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                         struct word_presence *presence, struct word_place *out)
{
    uint32_t count = 0;
    uint32_t all = split(&index->blocks, bytes, size, out);
    memset(presence, 0, sizeof *presence);
    for (uint32_t i = 0; i < all; i++) {
        uint32_t at = out[i].at;
        uint32_t word_size = out[i].size;
        uint32_t hash = word_key_hash_beginning(head_of(bytes + at, word_size));
        uint16_t place = word_key_presence(hash);
        presence->bits[place / 64] |= (uint64_t)1 << place % 64;
        uint32_t head = word_key_has_beginning(&index->heads, hash);
        uint32_t tail = has_tail(index, bytes + at, word_size);
        out[count] = (struct word_place){at, word_size, head * WORD_HEAD | tail * WORD_TAIL};
        count += head | tail; /* no branch: it would be guessed wrong */
    }
    return count;
}
