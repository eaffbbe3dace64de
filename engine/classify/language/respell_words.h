/** The words that a language's rules and grammar know, and which of them a typed word means. */
#ifndef REDRESS_CLASSIFY_LANGUAGE_RESPELL_WORDS_H
#define REDRESS_CLASSIFY_LANGUAGE_RESPELL_WORDS_H

#include "classify/language/respell.h"
#include "classify/language/respell_letters.h"

#include "text/utf8.h"

enum {
    RESPELL_TYPED_MAX = 32,     /* letters of a word that is respelt */
    RESPELL_STEM_LETTERS = 3,   /* a shorter stem says nothing */
    RESPELL_MEANT_BYTES_MAX = 4 /* of one reading, in UTF-8 */
};

/** A typed word, folded. */
struct typed_word {
    uint32_t size;
    uint8_t letters[RESPELL_TYPED_MAX];
};

/** How a word is meant: one reading after another. */
struct meant_word {
    uint32_t count;
    bool known;                        /* to rules or grammar */
    uint8_t at[2 * RESPELL_TYPED_MAX]; /* the typed letter that the reading begins at */
    char text[2 * RESPELL_TYPED_MAX][RESPELL_MEANT_BYTES_MAX + 1];
};

/** A word that is known whole, as the beginning of a stem's word, or not. */
enum word_known { WORD_UNKNOWN, WORD_BEGINS, WORD_WHOLE };

/** How well a folded word in the language's own letters is known; *stem is the size of the longest
 * stem that it begins with. */
enum word_known respell_words_know(const struct respell_words *words, const uint8_t *letters,
                                   uint32_t size, uint32_t *stem);

/** True where the letter or mark can be part of a word. */
bool respell_words_take(const struct respell_words *words, uint8_t letter);

/** False where *steps_left ran out; each look at a possible letter takes one. */
bool respell_words_find(const struct respell_words *words, const struct typed_word *typed,
                        uint32_t *steps_left, struct meant_word *out);

#endif
