/**
 * The words and letters that tell languages apart. Words stand without accents, in small letters; a
 * word may stand in several lists and then tells less.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_WORDS_H
#define REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_WORDS_H

#include <redress/verdict.h>

#include <stdint.h>

/* Languages without a pack, behind our own. */
enum {
    FOREIGN_FRENCH = LANGUAGE_COUNT,
    FOREIGN_GERMAN,
    FOREIGN_SPANISH,
    FOREIGN_ITALIAN,
    FOREIGN_PORTUGUESE,
    FOREIGN_DANISH, /* and Norwegian */
    FOREIGN_CZECH,  /* and Slovak */
    FOREIGN_FINNISH,
    FOREIGN_UKRAINIAN,
    FOREIGN_BULGARIAN,
    TYPED_GREEK, /* in Latin letters (respell.h) */
    TYPED_RUSSIAN,
    TELLING_LANGUAGES_COUNT
};

struct language_words {
    unsigned language; /* enum language or FOREIGN_x */
    const char *words; /* UTF-8, one space between */
};

struct language_letter {
    uint32_t letter;    /* code point, small */
    uint32_t languages; /* bits */
};

extern const struct language_words language_words[];
extern const uint32_t language_words_count;
extern const struct language_letter language_letters[];
extern const uint32_t language_letters_count;

#endif
