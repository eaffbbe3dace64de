/**
 * What the languages are told by: their function words and letters, folded to keys of bytes.
 * Shared by the files that read texts with it; language.h says who makes it.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_TABLE_H
#define REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_TABLE_H

#include "classify/language/language.h"

#include "classify/language/language_words.h"

#include "base/lanes.h"

enum {
    LANGUAGE_POINTS_PER_WORD = 12, /* shared among the languages that have the word */
    LANGUAGE_POINTS_PER_LETTER = 3,
    LANGUAGE_SHARES_MAX = 256,
    /* Some more than languages: points are added in whole lanes, to all languages of a word. */
    LANGUAGE_POINTS = (TELLING_LANGUAGES_COUNT + LANES_PAIRS - 1) / LANES_PAIRS * LANES_PAIRS,
    LANGUAGE_WORD_LETTERS_MAX = 8, /* a word is a key of eight bytes, the first letter highest */
    LANGUAGE_SLOTS = 4096,         /* a power of two, several times the number of words */
    LANGUAGE_LETTERS_END = 0x500,  /* code points with a fold of their own */
    LANGUAGE_INVISIBLE = 0xad      /* a soft hyphen, and all that vanishes like it */
};

struct language_slot {
    uint64_t key; /* 0 is free */
    uint32_t languages;
    uint32_t share; /* what each of them gets */
};

struct language_table {
    struct language_slot slots[LANGUAGE_SLOTS];
    uint64_t used[LANGUAGE_SLOTS / 64]; /* the slots in use: most words end here */
    const struct trigrams *trigrams;    /* NULL: letters are not asked */
    uint16_t shares[LANGUAGE_SHARES_MAX][LANGUAGE_POINTS]; /* points by language; the first: none */
    uint32_t share_count;
    uint8_t fold[LANGUAGE_LETTERS_END];    /* the key byte of a letter; 0 is no letter */
    uint8_t telling[LANGUAGE_LETTERS_END]; /* the share that a letter gives; 0: none */
};

/** Decodes one letter of one or two bytes; others are 0, and what vanishes is LANGUAGE_INVISIBLE.
 * *size is that of the whole character. */
uint32_t language_letter_at(const unsigned char *bytes, size_t left, size_t *size);

static inline uint32_t language_slot_of(uint64_t key)
{
    return (uint32_t)(key * 0x9e3779b97f4a7c15ull >> 52);
}

_Static_assert(LANGUAGE_SLOTS == 1 << (64 - 52), "language_slot_of() takes the top bits");

/** The slot of a word, or NULL. */
static inline const struct language_slot *language_word_find(const struct language_table *table,
                                                             uint64_t key)
{
    uint32_t first = language_slot_of(key);
    if (!(table->used[first / 64] >> first % 64 & 1))
        return NULL;
    for (uint32_t at = first;; at = (at + 1) % LANGUAGE_SLOTS) {
        if (table->slots[at].key == key)
            return &table->slots[at];
        if (table->slots[at].key == 0)
            return NULL;
    }
}

#endif
