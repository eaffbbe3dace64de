/**
 * Finds literals in a view by the words in them: one look-up a word of the text.
 *
 * A literal can be found here when it is known where a word in it begins ("money back" behind \b at
 * `money` and at `back`, whichever is rarer) or, failing that, where one ends ("tjanst" before \b).
 * Four bytes of that word are its key; a word of three bytes or fewer has to end in the literal.
 * Other literals are Vectorscan's.
 *
 *   text    ... i want my money back ...
 *   words       ^ ^    ^  ^     ^           one bit a word: is its key in the filter?
 *                         "mone" -> slot -> entries -> the literal's bytes around it
 *
 * Threads: an index is immutable and shared.
 */
#ifndef REDRESS_CLASSIFY_WORD_INDEX_H
#define REDRESS_CLASSIFY_WORD_INDEX_H

#include "classify/word_blocks.h"

#include <redress/status.h>

#include <stdbool.h>
#include <stdint.h>

enum word_anchor_kind { WORD_ANCHOR_NONE, WORD_ANCHOR_START, WORD_ANCHOR_END };

struct word_anchor {
    enum word_anchor_kind kind;
    uint8_t at; /* bytes of the literal before the word's start or end */
};

/** Where to look for a literal with these edges (PATTERN_EDGE_*). */
struct word_anchor word_anchor_choose(const uint8_t *bytes, uint32_t size, uint32_t edges);

struct word_entry {
    uint64_t value; /* the view's next eight bytes, as far as the literal tells them */
    uint64_t mask;
    uint32_t key;
    uint32_t literal;
    uint32_t bytes_at;
    uint8_t size;
    uint8_t back; /* from the anchor to the literal's first byte */
    bool told;    /* `value` is all of it */
    bool last;    /* of its key */
};

struct word_slot {
    uint32_t key; /* 0 is free: no word's */
    uint32_t first;
};

struct word_table {
    struct word_entry *entries; /* by key */
    uint32_t entry_count;
    struct word_slot *slots;
    uint32_t slot_shift; /* of a hash, to its slot */
    uint64_t *filter;
    uint32_t filter_shift;
};

struct word_index {
    struct word_table starts;
    struct word_table ends;
    uint8_t *bytes;
    uint32_t byte_count;
    struct word_blocks blocks;
};

/** Room for so many literals and bytes of them. */
NODISCARD enum redress_status word_index_init(struct word_index *index, uint32_t literal_count,
                                              uint32_t byte_count);
void word_index_destroy(struct word_index *index);

void word_index_add(struct word_index *index, struct word_anchor anchor, const uint8_t *bytes,
                    uint32_t size, uint32_t literal);

/** After the last one. */
NODISCARD enum redress_status word_index_build(struct word_index *index);

static inline bool word_index_is_empty(const struct word_index *index)
{
    return index->starts.entry_count + index->ends.entry_count == 0;
}

struct word_listener {
    void (*on_literal)(void *user, uint32_t literal, uint32_t start, uint32_t end);
    void *user;
};

/**
 * Names every literal of a word that begins or ends in [from, to), its edges unchecked. One
 * literal's places rise.
 *
 * Shape: a guard stands before the bytes, a guard and VIEW_SLACK_BYTES behind them; from is a
 *        multiple of 64, and so is to unless it is size.
 */
void word_index_scan(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     uint32_t from, uint32_t to, const struct word_listener *listener);

#endif
