/**
 * What the languages are told by: their function words and letters, folded to keys of bytes.
 * Shared by the files that read texts with it; language.h says who makes it.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_TABLE_H
#define REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_TABLE_H

#include "classify/language/language.h"

#include "classify/language/language_words.h"

#include "base/lanes.h"

#include <assert.h>

enum {
    LANGUAGE_POINTS_PER_WORD = 12, /* shared among the languages that have the word */
    LANGUAGE_POINTS_PER_LETTER = 3,
    LANGUAGE_SHARES_MAX = 256,
    /* Some more than languages: points are added in whole lanes, to all languages of a word. */
    LANGUAGE_POINTS = (TELLING_LANGUAGES_COUNT + LANES_PAIRS - 1) / LANES_PAIRS * LANES_PAIRS,
    LANGUAGE_WORD_LETTERS_MAX = 8, /* a word is a key of eight bytes, the first letter highest */
    LANGUAGE_PLACES = 2048,        /* a power of two, some more than words */
    LANGUAGE_GROUPS = 512,
    LANGUAGE_LETTERS_END = 0x500, /* code points with a fold of their own */
    LANGUAGE_INVISIBLE = 0xad     /* a soft hyphen, and all that vanishes like it */
};

/* Each word has a place that no other one has, so that it is found without a search: where words of
 * a group would meet, its move takes them to free places. */
struct language_table {
    uint16_t moves[LANGUAGE_GROUPS];
    uint64_t keys[LANGUAGE_PLACES];                        /* 0 is free */
    uint8_t word_shares[LANGUAGE_PLACES];                  /* what the languages of a word get */
    const struct trigrams *trigrams;                       /* NULL: letters are not asked */
    uint16_t shares[LANGUAGE_SHARES_MAX][LANGUAGE_POINTS]; /* points by language; the first: none */
    uint32_t share_count;
    uint8_t fold[LANGUAGE_LETTERS_END];    /* the key byte of a letter; 0 is no letter */
    uint8_t telling[LANGUAGE_LETTERS_END]; /* the share that a letter gives; 0: none */
};

/** Decodes one letter of one or two bytes; others are 0, and what vanishes is LANGUAGE_INVISIBLE.
 * *size is that of the whole character. */
uint32_t language_letter_at(const unsigned char *bytes, size_t left, size_t *size);

/** Of the letters of Russian only these may tell: they are read many at once. */
static inline bool language_letter_may_tell(uint32_t letter)
{
    bool russian = letter >= 0x410 && letter <= 0x44f;
    return !russian || letter == 0x44a || letter == 0x44b || letter == 0x44d; /* ъ, ы, э */
}

static inline uint64_t language_mix(uint64_t key)
{
    return key * 0x9e3779b97f4a7c15ull;
}

static inline uint32_t language_group_of(uint64_t mixed)
{
    return (uint32_t)(mixed >> (64 - 9));
}

static inline uint32_t language_place_of(uint64_t mixed, uint16_t move)
{
    return (uint32_t)(mixed >> (64 - 9 - 11) ^ move) % LANGUAGE_PLACES;
}

static_assert(LANGUAGE_GROUPS == 1 << 9 && LANGUAGE_PLACES == 1 << 11, "groups and places of keys");

/** The share of a word; 0 where it is none of ours. Key 0 is no word. */
static inline uint32_t language_word_share(const struct language_table *table, uint64_t key)
{
    uint64_t mixed = language_mix(key);
    uint32_t place = language_place_of(mixed, table->moves[language_group_of(mixed)]);
    return table->word_shares[place] & -(uint32_t)(table->keys[place] == key);
}

#endif
