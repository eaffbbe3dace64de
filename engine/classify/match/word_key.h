/**
 * The keys of a word index, which its building and its scan must count alike.
 *
 * A word of up to seven bytes is its key itself, mixed; so are four bytes of a longer one with what
 * they are of. Those keys are of one word alone. The key of a whole longer word is a hash.
 */
#ifndef REDRESS_CLASSIFY_MATCH_WORD_KEY_H
#define REDRESS_CLASSIFY_MATCH_WORD_KEY_H

#include "classify/match/word_index.h"

#include "base/lanes.h"
#include "base/load.h"

enum {
    WORD_SIDE_BYTES = 8,         /* of `before` and `behind` */
    WORD_KEY_EXACT_BYTES_MAX = 7 /* of a word: over it two words may have one key */
};

/* The first bytes of eight, in the order of memory. */
static inline uint64_t word_key_first_bytes(uint64_t bytes, uint32_t count)
{
    return count >= WORD_SIDE_BYTES ? bytes : bytes & (((uint64_t)1 << 8 * count) - 1);
}

static inline uint64_t word_key_last_bytes(uint64_t bytes, uint32_t count)
{
    return count == 0 ? 0 : bytes >> 8 * (WORD_SIDE_BYTES - count);
}

/* One to one. */
static inline uint64_t word_key_mix(uint64_t key)
{
    key = (key ^ key >> 32) * 0x9E3779B97F4A7C15u;
    return key ^ key >> 29;
}

/* The highest bit, which is 0 in the others, tells the long words. */
static inline uint64_t word_key_whole(const uint8_t *word, uint32_t size)
{
    uint64_t head = load_64(word);
    if (size <= WORD_KEY_EXACT_BYTES_MAX)
        return word_key_mix(word_key_first_bytes(head, size));
    uint64_t tail = load_64(word + size - WORD_SIDE_BYTES) * 0xC2B2AE3D27D4EB4Fu;
    return word_key_mix((head ^ tail ^ size) | (uint64_t)1 << 63);
}

/* No byte of a word is 0, so the one before the kind tells these from whole words. */
static inline uint64_t word_key_part(const uint8_t *bytes, enum word_anchor_kind kind)
{
    return word_key_mix(load_32(bytes) | (uint64_t)kind << 40);
}

/*
 * What stands on one side of a key, in a byte: a hash of the two bytes there, or of the nearest
 * one where the literal has no more, or 0 where it has none. A blank beside a whole word tells
 * nothing and is passed over.
 */
static inline uint8_t word_key_side_of_one(uint8_t near)
{
    return (uint8_t)(1 + ((near * 37u & 0xFF) >> 2));
}

static inline uint8_t word_key_side_of_two(uint8_t near, uint8_t far)
{
    return (uint8_t)(65 + (((near * 37u + far * 101u) & 0xFF) * 191 >> 8));
}

static inline uint32_t word_key_skip_before(enum word_anchor_kind kind)
{
    return kind != WORD_ANCHOR_END;
}

static inline uint32_t word_key_skip_behind(enum word_anchor_kind kind)
{
    return kind != WORD_ANCHOR_START;
}

/* Word bytes from `at` on. */
static inline uint32_t word_key_size(const uint8_t *bytes, uint32_t size, uint32_t at)
{
    uint32_t end = at;
    while (end < size && view_is_word(bytes[end]))
        end++;
    return end - at;
}

/* Of the first or last four bytes of a word, or all of a shorter one. */
static inline uint32_t word_key_hash_beginning(uint32_t bytes)
{
    return bytes * 0x9E3779B1u; /* only its highest bits are used */
}

/* Where words of this hash stand in a word_presence. */
static inline uint16_t word_key_presence(uint32_t hash)
{
    return (uint16_t)(hash >> (32 - WORD_PRESENCE_BITS));
}

static inline void word_key_add_beginning(struct word_beginnings *beginnings, uint32_t hash)
{
    uint32_t place = hash >> (32 - WORD_BEGINNING_BITS);
    beginnings->bits[place / 64] |= (uint64_t)1 << place % 64;
}

static inline uint32_t word_key_has_beginning(const struct word_beginnings *beginnings,
                                              uint32_t hash)
{
    uint32_t place = hash >> (32 - WORD_BEGINNING_BITS);
    return (uint32_t)(beginnings->bits[place / 64] >> place % 64) & 1;
}

/* The filter's place and the slot's are each of other bits of a key. */
static inline uint32_t word_key_filter_place(const struct word_index *index, uint64_t key)
{
    return (uint32_t)(key >> (64 - index->filter_bits));
}

static inline uint32_t word_key_slot_place(const struct word_index *index, uint64_t key)
{
    return (uint32_t)key & (((uint32_t)1 << index->slot_bits) - 1);
}

/* Its own slot, or the free one where it would be. */
static inline struct word_slot *word_key_slot(const struct word_index *index, uint64_t key)
{
    uint32_t last = ((uint32_t)1 << index->slot_bits) - 1;
    uint32_t at = word_key_slot_place(index, key);
    while (index->slots[at].count > 0 && index->slots[at].key != key)
        at = (at + 1) & last;
    return &index->slots[at];
}

#endif
