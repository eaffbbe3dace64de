/**
 * Words that are drawn out, written as the language's rules and grammar know them:
 *
 *   text   "nieeeet meeeer"    the view alone has "niet mer" or "nieet meer", and neither is right
 *   copy   "niet meer"
 *
 * Each run of three equal letters or more is one or two of them, whichever makes a word that is
 * known. A word of which none is known, or more than one ("goooood"), stays: the view is then
 * matched both ways.
 *
 * Threads: any.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_DRAWN_H
#define REDRESS_CLASSIFY_LANGUAGE_DRAWN_H

#include "classify/language/respell.h"

/** True where three equal letters stand side by side. The text is followed by
 * MESSAGE_PADDING_BYTES readable bytes. */
bool drawn_is_needed(struct slice text);

/** Writes the drawn-out words of the text, of at most MESSAGE_TEXT_BYTES_MAX bytes. */
void drawn_shorten(const struct respell_words *words, struct slice text, struct respelling *out);

#endif
