/**
 * Finds literals in a view by the words in them.
 *
 * A literal can be found here when it is known where a word in it begins ("my money back" behind \b
 * at `my`, `money` and `back`, of which the rarest is its anchor) or, failing that, where one ends
 * ("tjanst" before \b). A word that ends in the literal is its key as a whole, of another one its
 * first four bytes are, or the last four. Other literals are Vectorscan's.
 *
 *   text    ... i want my money back ...
 *   words       ^ ^    ^  ^     ^            does a key begin, or end, as the word does?
 *                  "want" "money"            one bit a key: is it in the filter?
 *                         "money" -> entries: "my |" before and "| back" behind, "| bag" behind
 *
 * A text is read once (word_index_read()), which leaves the few words that a key begins or ends
 * like, and then these are looked up (word_index_scan()).
 *
 * The entries of a key stand together. Two bytes of each say what it needs beside the key, by which
 * most are passed over, eight at once and a cache line for many; the others are compared in eight
 * bytes on either side. The tables are larger than the near caches, so a text's words are looked up
 * many at a time, each step asking for the memory that the next one reads (word_scan.c).
 *
 * Threads: an index is immutable and shared.
 */
#ifndef REDRESS_CLASSIFY_MATCH_WORD_INDEX_H
#define REDRESS_CLASSIFY_MATCH_WORD_INDEX_H

#include "classify/match/word_counts.h"
#include "text/view.h"

#include <redress/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum word_anchor_kind {
    WORD_ANCHOR_NONE,
    WORD_ANCHOR_WHOLE, /* a word that begins and ends in the literal */
    WORD_ANCHOR_START, /* one that begins there with four bytes at least */
    WORD_ANCHOR_END    /* one that ends there with four */
};

struct word_anchor {
    enum word_anchor_kind kind;
    uint8_t at;     /* bytes of the literal before its key */
    uint8_t size;   /* of the key */
    uint32_t count; /* how common the word is; of a word's end unknown */
};

static inline bool word_anchor_is_start(const struct word_anchor *anchor)
{
    return anchor->kind == WORD_ANCHOR_WHOLE || anchor->kind == WORD_ANCHOR_START;
}

/** Where to look for a literal with these edges (PATTERN_EDGE_*): by the rarest of its words. */
struct word_anchor word_anchor_choose(const struct word_counts *counts, const uint8_t *bytes,
                                      uint32_t size, uint32_t edges);

/* Two to a cache line. */
struct word_entry {
    uint64_t before; /* the literal's last bytes before its key */
    uint64_t behind; /* its first ones behind it */
    uint32_t literal;
    uint32_t bytes_at;
    uint8_t size;
    uint8_t at; /* bytes before the key */
    uint8_t key_size;
    bool settled; /* the key, `before` and `behind` are all of it: no more is to be compared */
};

/* What an entry needs beside its key, word_key_side_of_one() and the like; 0 is anything. */
struct word_sides {
    uint8_t before;
    uint8_t behind;
};

/* A literal as every index takes it that has it. */
struct word_addition {
    uint64_t key;       /* word_key.h */
    uint32_t beginning; /* the hash of the first or last bytes of the key */
    bool is_start;
    struct word_sides sides;
    struct word_entry entry; /* without its literal's number */
};

/* One that an index has, and its literal there. */
struct word_choice {
    uint32_t addition;
    uint32_t literal;
};

enum { WORD_SLOT_SIDES = 8 /* entries whose sides stand in the slot itself */ };

/* Open addressing: a count of 0 is free. */
struct word_slot {
    uint64_t key;
    uint32_t first;
    uint32_t count;
    struct word_sides sides[WORD_SLOT_SIDES]; /* of its first entries */
};

enum { WORD_BEGINNING_BITS = 14 };

/* Hashes of the first or last four bytes of words, a bit each; small enough for the nearest cache.
 */
struct word_beginnings {
    uint64_t bits[((size_t)1 << WORD_BEGINNING_BITS) / 64];
};

struct word_index {
    struct word_entry *entries; /* those of a key together, in the order of their choice */
    struct word_sides *sides;   /* by entry */
    uint32_t entry_count;
    struct word_slot *slots;
    uint32_t slot_bits; /* of their count */
    uint64_t *filter;   /* of keys */
    uint32_t filter_bits;
    struct word_beginnings heads; /* of the keys that a word begins with */
    struct word_beginnings tails; /* of those that it ends with */
    const uint8_t *bytes;         /* of the literals; the caller's */
};

/** Which words a text has, by hash: a word that is there is always seen, one that is not, seldom.
 * A byte each and not a bit, so that noting one waits for no other. Starts as {0}. */
enum { WORD_PRESENCE_BITS = 12 };
struct word_presence {
    uint8_t round; /* of the text; what older ones had is not there */
    uint8_t rounds[1 << WORD_PRESENCE_BITS];
};

/** Where the word that begins `at` bytes behind the start of the literal is kept. */
uint16_t word_presence_place(const uint8_t *literal, uint32_t size, uint32_t at);

static inline bool word_presence_has(const struct word_presence *presence, uint16_t place)
{
    return presence->rounds[place] == presence->round;
}

/** A literal with this anchor whose bytes will stand at bytes_at. */
struct word_addition word_addition_of(struct word_anchor anchor, const uint8_t *bytes,
                                      uint32_t size, uint32_t bytes_at);

/**
 * An index of `count` literals, chosen of all that there are additions of.
 * Owns: on every return the caller frees with word_index_destroy(); `bytes` must outlive it.
 */
NODISCARD enum redress_status word_index_build(struct word_index *index, const uint8_t *bytes,
                                               const struct word_addition *additions,
                                               const struct word_choice *choices, uint32_t count);
void word_index_destroy(struct word_index *index);

enum { WORD_HEAD = 1 /* a key may begin as the word does */, WORD_TAIL = 2 /* or end */ };

/* A word of a text that may have keys. */
struct word_place {
    uint32_t at;
    uint32_t size;
    uint32_t sides; /* WORD_HEAD and WORD_TAIL */
};

/**
 * Which words the view has, and in `out` those that may have keys, rising; gives their count. `out`
 * has room for view->size / 2 + 2.
 */
uint32_t word_index_read(const struct word_index *index, const struct view *view,
                         struct word_presence *presence, struct word_place *out);

enum { WORD_HITS_MAX = 64 /* that a listener is told at once */ };

struct word_hit {
    uint32_t literal;
    uint32_t start;
    uint32_t end;
};

struct word_listener {
    void (*on_hits)(void *user, const struct word_hit *hits, uint32_t count);
    void *user;
};

/**
 * Names every literal of these words of the text, its edges unchecked. One literal's places rise.
 *
 * Shape: words as word_index_read() has them.
 */
void word_index_scan(const struct word_index *index, const struct view *view,
                     const struct word_place *words, uint32_t count,
                     const struct word_listener *listener);

#endif
