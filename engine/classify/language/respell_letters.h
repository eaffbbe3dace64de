/** How Latin letters may be meant: the ways in which people type Greek and Russian. */
#ifndef REDRESS_CLASSIFY_LANGUAGE_RESPELL_LETTERS_H
#define REDRESS_CLASSIFY_LANGUAGE_RESPELL_LETTERS_H

#include <redress/verdict.h>

#include <stdint.h>

struct letter_reading {
    const char *typed; /* folded ASCII; empty: people leave it out */
    const char *meant; /* in UTF-8, small */
    uint32_t cost;     /* 0: usual */
};

/** Readings of a language; of the same letters the commonest stands first. NULL: it has none. */
const struct letter_reading *letter_readings(enum language language, uint32_t *count);

#endif
