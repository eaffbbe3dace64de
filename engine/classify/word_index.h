/**
 * Finds literals in a view by the words in them: one walk a word of the text.
 *
 * A literal can be found here when it is known where a word in it begins ("my money back" behind \b
 * at `my`, `money` and `back`, of which the rarest is its anchor) or, failing that, where one ends
 * ("tjanst" before \b). Four bytes of that word are its key; a word of three bytes or fewer has to
 * end in the literal. Other literals are Vectorscan's.
 *
 * Behind a key stands a tree, eight bytes of the literals a step and what is left of them in the
 * last one, so that common words cost no more than the literals that do go on as the text does:
 *
 *   text    ... i want my money back ...
 *   words       ^ ^    ^  ^     ^           one bit a word: is its key in the filter?
 *                         "mone" -> root -> "money ba" -> "ck": a literal
 *                                        -> "money":      another
 *
 * Threads: an index is immutable and shared.
 */
#ifndef REDRESS_CLASSIFY_WORD_INDEX_H
#define REDRESS_CLASSIFY_WORD_INDEX_H

#include "classify/word_blocks.h"
#include "classify/word_counts.h"

#include <redress/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum word_anchor_kind { WORD_ANCHOR_NONE, WORD_ANCHOR_START, WORD_ANCHOR_END };

struct word_anchor {
    enum word_anchor_kind kind;
    uint8_t at;     /* bytes of the literal before the word's start or end */
    uint32_t count; /* how common the word is; of a word's end unknown */
};

/** Where to look for a literal with these edges (PATTERN_EDGE_*): by the rarest of its words. */
struct word_anchor word_anchor_choose(const struct word_counts *counts, const uint8_t *bytes,
                                      uint32_t size, uint32_t edges);

struct word_entry {
    uint32_t key;
    uint32_t literal;
    uint32_t bytes_at;
    uint32_t next; /* of the same node, or of the same key where a word ends; 0 is nobody */
    uint8_t size;
    uint8_t back; /* from the anchor to the literal's first byte */
};

struct word_node {
    uint64_t bytes;   /* of the step that leads here */
    uint64_t seen;    /* bits of its children's hashes */
    uint32_t parent;  /* 0: a key's root */
    uint32_t entries; /* literals that end here; of a root for words' ends, all of its key */
    uint8_t size;     /* of the step */
    uint8_t sizes;    /* bit n - 1: it has a child n bytes further on */
};

struct word_slot {
    uint32_t tag; /* a root's key, or more of a step's hash */
    uint32_t node;
};

/* Open addressing: node 0 is free. */
struct word_slots {
    struct word_slot *items;
    uint32_t bits; /* of their count */
};

struct word_table {
    struct word_entry *entries; /* from 1 on */
    uint32_t entry_count;
    struct word_node *nodes; /* from 1 on */
    uint32_t node_count;
    struct word_slots roots; /* by key */
    struct word_slots steps;
    uint64_t *filter; /* of keys */
    uint32_t filter_shift;
    uint64_t *step_filter; /* stays in the nearer cache where the steps do not */
    uint32_t step_bits;
};

struct word_index {
    struct word_table starts;
    struct word_table ends;
    uint8_t *bytes;
    uint32_t byte_count;
    struct word_blocks blocks;
};

/** Which words a text has, by hash: a word that is there is always seen, one that is not, seldom. */
enum { WORD_PRESENCE_BITS = 12 };
struct word_presence {
    uint64_t bits[((size_t)1 << WORD_PRESENCE_BITS) / 64];
};

/** Where the word that begins `at` bytes behind the start of the literal is kept. */
uint16_t word_presence_place(const uint8_t *literal, uint32_t size, uint32_t at);

static inline bool word_presence_has(const struct word_presence *presence, uint16_t place)
{
    return presence->bits[place / 64] >> place % 64 & 1;
}

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

/** Shape: as word_index_scan(). */
void word_index_read(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     struct word_presence *presence);

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
