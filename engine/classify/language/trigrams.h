/**
 * Which language a short text in Latin letters is in, by its letters in threes. What they should be
 * in each language is counted in the examples of its own rules when these are loaded; Greek and
 * Russian are counted as people type them in Latin letters.
 *
 *   "Vilken fin bukett"    _vi vil ilk lke ken en_ ...    more Swedish than anything else
 *
 * It guesses among the languages that have rules, so it is asked only where function words
 * (language.h) leave it open.
 *
 * Owns:    the counts live in the arena that they were made in.
 * Threads: immutable.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_TRIGRAMS_H
#define REDRESS_CLASSIFY_LANGUAGE_TRIGRAMS_H

#include "classify/pack/rule_pack.h"

struct trigrams;

/** NULL when memory is out. A language whose examples are too few is never told. */
NODISCARD const struct trigrams *trigrams_create(const struct rule_pack *pack, struct arena *arena);

/**
 * The likeliest language, LANGUAGE_UNKNOWN where two are about equal or none is likely.
 *
 * Shape: `lead` says for each language how much speaks for it already, in points of tally.h.
 */
enum language trigrams_tell(const struct trigrams *trigrams, struct slice text,
                            const uint32_t lead[LANGUAGE_COUNT]);

/** Where the handle, hashtag or link ends whose first byte is one of "@#hw"; `at` for a word. */
uint32_t trigrams_end_of_address(struct slice text, uint32_t at);

/** Behind the handle, hashtag or link that begins at `at`, which is of no language; `at` where
 * none does. The byte before `at` is no letter. Most words are told by their first byte. */
static inline uint32_t trigrams_skip_address(struct slice text, uint32_t at)
{
    char first = text.data[at];
    bool may_begin = first == '@' || first == '#' || first == 'h' || first == 'w';
    return may_begin ? trigrams_end_of_address(text, at) : at;
}

#endif
