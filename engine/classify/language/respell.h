/**
 * Greek and Russian typed in Latin letters, spelt in their own again, so that rules, negators and
 * numbers find their words:
 *
 *   text   "den mou epistrefoun ta xrhmata"
 *   copy   "δεν μου επιστρεφουν τα χρηματα"
 *
 * People type one letter for several (x is χ or ξ, h is η or χ, i is η, ι, υ, ει, οι). Which one is
 * meant is told by the words that the language's rules and grammar know: of all readings of a word
 * one that is such a word, or begins like such a stem, is taken; a word that none of them knows is
 * spelt by its commonest letters, and nothing depends on it.
 *
 * It is tried only where language_is_typed() says so.
 *
 * Owns:    the words live in the arena that they were made in.
 * Threads: respell_words are immutable.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_RESPELL_H
#define REDRESS_CLASSIFY_LANGUAGE_RESPELL_H

#include "classify/language/respelling.h"
#include "classify/pack/rule_pack.h"

struct respell_words;

/** Gathers the words of the language's rules and grammar. NULL when memory is out. */
NODISCARD const struct respell_words *
respell_words_create(const struct rule_pack *pack, enum language language, struct arena *arena);

/** Spells a text of at most MESSAGE_TEXT_BYTES_MAX bytes. False where a limit stopped it: the rest
 * of the copy is as the text is. */
bool respell(const struct respell_words *words, struct slice text, struct respelling *out);

#endif
