/**
 * Reads a text for its language: what its words and letters say for each, and its scripts.
 *
 * Threads: the table is immutable.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_TALLY_H
#define REDRESS_CLASSIFY_LANGUAGE_TALLY_H

#include "classify/language/language_table.h"

enum script { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_CYRILLIC, SCRIPT_GREEK };

struct tally {
    uint16_t points[LANGUAGE_POINTS];
    uint32_t latin; /* letters */
    uint32_t cyrillic;
    uint32_t greek;
};

/** Adds what a text says to the tally, which starts as {0}; reads no further than is clear: false
 * where that was not all of it. */
bool tally_text(const struct language_table *table, struct slice text, struct tally *tally);

/** The language with most points; *second is what the next one has. */
uint32_t tally_leader(const struct tally *tally, uint32_t *second);

/** Whether a language has at least `lead` points more than any other; `lead` is more than 0. */
bool tally_leads(const struct tally *tally, uint32_t language, uint32_t lead);

/** Names are Latin everywhere: letters of another script say more. */
enum script tally_script(const struct tally *tally);

/**
 * True where the bytes alone say that tally_text() would count letters of this script, Greek or
 * Cyrillic, and of no other. Reads up to LANES bytes behind the text.
 */
bool tally_is_sole(struct slice text, enum script script);

/** The script of the first letters, from lead bytes alone. Reads up to LANES bytes behind the text.
 */
enum script tally_quick_script(struct slice text);

#endif
