/**
 * Words in letters of two scripts, written in one: what looks like "help" but has a Russian "е" in
 * it hides from every rule, not from a reader.
 *
 *   text   "I will kіll mysеlf"    two letters are Cyrillic
 *   copy   "I will kill myself"
 *
 * A word is changed only where every letter of the other script has a double in the one that it
 * becomes: "SMSки" and "iPhoneами" stay.
 *
 * Threads: any.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_UNMIX_H
#define REDRESS_CLASSIFY_LANGUAGE_UNMIX_H

#include "classify/language/respelling.h"

/** True where letters of two scripts stand side by side, and where a word of one letter stands
 * among words of another script ("І think"). The text is followed by
 * MESSAGE_PADDING_BYTES readable bytes. */
bool unmix_is_needed(struct slice text);

/** Writes each mixed word of the text in one script. */
void unmix(struct slice text, struct respelling *out);

#endif
