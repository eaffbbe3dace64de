/**
 * Greek and Russian typed in Latin letters, spelt in their own again, so that rules, negators and
 * numbers find their words:
 *
 *   text      "den mou epistrefoun ta xrhmata"
 *   respelt   "δεν μου επιστρεφουν τα χρηματα"
 *
 * People type one letter for several (x is χ or ξ, h is η or χ, i is η, ι, υ, ει, οι). Which one is
 * meant is told by the words that the language's rules and grammar know: of all readings of a word
 * one that is such a word, or begins like such a stem, is taken; a word that none of them knows is
 * spelt by its commonest letters, and nothing depends on it.
 *
 * It is tried only where language_is_typed() says so. What is respelt is matched like any text, and
 * respelling_span() tells which bytes of the message a hit in it came from: whole words.
 *
 * Owns:    the words live in the arena that they were made in.
 * Threads: respell_words are immutable; a respelling serves one thread.
 */
#ifndef REDRESS_CLASSIFY_RESPELL_H
#define REDRESS_CLASSIFY_RESPELL_H

#include "classify/rule_pack.h"

struct respell_words;

/** Gathers the words of the language's rules and grammar. NULL when memory is out. */
NODISCARD const struct respell_words *
respell_words_create(const struct rule_pack *pack, enum language language, struct arena *arena);

/** A word that was respelt, in the respelt text and in the message. */
struct respell_mark {
    uint32_t respelt;
    uint32_t respelt_end;
    uint32_t text;
    uint32_t text_end;
};

struct respelling {
    struct slice text; /* respelt, with MESSAGE_PADDING_BYTES zeroed bytes behind it */
    char *bytes;
    struct respell_mark *marks; /* rising; what stands between two words is the same in both */
    uint32_t mark_count;
    uint32_t steps_left;
};

NODISCARD enum redress_status respelling_init(struct respelling *respelling);
void respelling_destroy(struct respelling *respelling);

/** Spells the message into respelling->text. False where a limit stopped it: the rest stays as it
 * was. */
bool respell(const struct respell_words *words, struct slice text, struct respelling *respelling);

/** The bytes of the message that bytes [*start, *end) of the respelt text came from. */
void respelling_span(const struct respelling *respelling, uint32_t *start, uint32_t *end);

#endif
