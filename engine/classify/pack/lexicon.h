/**
 * What single words say of a message: weights that script/fit-lexicon learns from labelled
 * messages, beside the rules that people write.
 *
 *   file     lexicon/<language>.tsv, tabs between its fields: a line of column names, `stem`,
 *            `complaint`, categories and traits (`trait.repeat`) in any order, then a line a stem
 *   stem     the first LEXICON_STEM_LETTERS letters of a word in the view, all of a shorter one; a
 *            doubled letter counts once, so that a word that is drawn out keeps its stem
 *   weight   a whole number, of which LEXICON_ONE is 1 of a score; an empty field is 0
 *   "*"      in place of a stem: what every sentence begins with
 *
 * Rules hear what somebody has thought of; a lexicon hears a little of everything, and so it may
 * never say more than a little: impression.h.
 *
 * Owns:    nothing; it lives in the pack's arena.
 * Threads: only read once it is loaded.
 */
#ifndef REDRESS_CLASSIFY_PACK_LEXICON_H
#define REDRESS_CLASSIFY_PACK_LEXICON_H

#include "text/view.h"

#include <redress/verdict.h>

enum {
    LEXICON_STEM_LETTERS = 6,
    LEXICON_STEMS_MAX = 20000,
    LEXICON_ONE = 32,
    LEXICON_WEIGHT_MAX = 127,
    LEXICON_START_MAX = 1000,
    LEXICON_COMPLAINT = CATEGORY_COUNT, /* its column; a category's is its number */
    LEXICON_TRAITS,                     /* the first of them, in the order of lexicon_traits */
    LEXICON_TRAIT_COUNT = 8,
    LEXICON_COLUMNS = 24
};

/**
 * The traits that words alone may tell. None makes a message serious or urgent by itself: what does
 * is heard by rules, which have authors.
 */
static const enum trait lexicon_traits[LEXICON_TRAIT_COUNT] = {
    TRAIT_REPEAT, TRAIT_FAILED_RECOVERY, TRAIT_LEAVING,  TRAIT_VULNERABLE,
    TRAIT_LOSS,   TRAIT_UNREACHABLE,     TRAIT_DECEIVED, TRAIT_DEMAND,
};

struct lexicon_entry {
    uint64_t stem; /* its bytes, the first lowest; 0: a free slot */
    int8_t weights[LEXICON_COLUMNS];
};

struct lexicon {
    struct lexicon_entry *slots; /* a power of two, at most half of them taken */
    uint32_t slot_bits;
    uint32_t count;
    int16_t start[LEXICON_COLUMNS];
};

/** Whether a letter only draws the one before it out. */
static inline bool lexicon_draws_out(uint8_t before, uint8_t letter)
{
    return letter == before && view_class_of[letter] & VIEW_CLASS_STRETCH;
}

/** The stem of the word that begins at `bytes`; a byte that is of no word must end it. */
static inline uint64_t lexicon_stem(const uint8_t *bytes)
{
    uint64_t stem = 0;
    uint8_t before = 0;
    for (unsigned letters = 0; letters < LEXICON_STEM_LETTERS && view_is_word(*bytes); bytes++) {
        if (!lexicon_draws_out(before, *bytes))
            stem |= (uint64_t)*bytes << 8 * letters++;
        before = *bytes;
    }
    return stem;
}

/** The slot of a stem, or the free one where it would be. */
static inline struct lexicon_entry *lexicon_slot(const struct lexicon *lexicon, uint64_t stem)
{
    uint32_t last = ((uint32_t)1 << lexicon->slot_bits) - 1;
    uint32_t at = (uint32_t)(stem * 0x9E3779B97F4A7C15u >> (64 - lexicon->slot_bits));
    while (lexicon->slots[at].stem != 0 && lexicon->slots[at].stem != stem)
        at = (at + 1) & last;
    return &lexicon->slots[at];
}

/** The entry of the word that begins at `bytes`; of one that is not in it all weights are 0. */
static inline const struct lexicon_entry *lexicon_entry_at(const struct lexicon *lexicon,
                                                           const uint8_t *bytes)
{
    return lexicon_slot(lexicon, lexicon_stem(bytes));
}

/** The stem that a text of letters alone is; 0 where it is none: a doubled letter is in no stem. */
uint64_t lexicon_stem_of(const char *text);

#endif
