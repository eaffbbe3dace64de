/**
 * The entries of `words`, `near` and `not`: what a rule engineer writes, turned into patterns.
 *
 *   reklamac*              \breklamac\w*
 *   (no|not) refund        \b(?:no|not) refund\b
 *   refuses … refund       both words with up to four words of the same sentence between
 *   never _ back           any one word between
 *   still not? here        a word that may be missing
 *   {refund}               an entry of a named list
 *   ~raad…aan              a separable verb: "raad … aan", "aan raad", "aanraad"
 *
 * Over the view a blank is one space, whatever stood in the text. Where accents decide, the same
 * entry becomes a pattern over the original text in which a letter with an accent stands for itself
 * or for the bare letter, and a bare letter for itself.
 *
 * Threads: loading only. Owns: what is written lives in the arena.
 */
#ifndef REDRESS_CLASSIFY_PACK_RULE_WORDS_H
#define REDRESS_CLASSIFY_PACK_RULE_WORDS_H

#include "base/arena.h"

#include <redress/status.h>

#include <stdbool.h>
#include <stdint.h>

enum {
    RULE_WORDS_BYTES_MAX = 300,  /* of one entry */
    RULE_WORDS_GAP_WORDS = 4,    /* what "…" passes over */
    RULE_WORDS_PARTED_WORDS = 6, /* between the halves of a separable verb */
    RULE_WORDS_DEPTH_MAX = 8,    /* brackets and lists within one another */
    RULE_WORDS_ERROR_BYTES = 160,
    RULE_WORDS_PATTERN_BYTES_MAX = 4000
};

/** A named list: its entries, each a text of the same syntax. */
struct word_list {
    const char *name;
    const char *const *entries;
    uint32_t count;
    struct word_list *next;
};

struct rule_words {
    const struct word_list *lists; /* that entries may name; the first of a name counts */
    bool accents;                  /* accents decide: patterns are for the original text */
    bool commas; /* the language sets a comma before its conjunctions: one may stand at a blank */
    char error[RULE_WORDS_ERROR_BYTES];
    uint32_t error_at; /* byte of the entry */
};

/** The pattern of one entry, or NULL with `error` set (empty where memory was short). */
const char *rule_words_pattern(struct rule_words *words, struct arena *arena, const char *entry);

#endif
