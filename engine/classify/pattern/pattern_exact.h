/**
 * Patterns that are nothing but a few strings, so that finding one of them is matching:
 *
 *   \brefunds?\b      refunds, refund      edges on both sides
 *   reklamac\w*       reklamac             and then what follows of the word
 *   \w*tjanst\b       tjanst               and what precedes it of the word
 *
 * The strings stand in the order in which PCRE2 would try them at one place: of those that stand
 * there with their edges, the first is the match. The runs of \w* are greedy, and nothing behind
 * them can fail: where a run stands, the string's byte beside it is one of a word.
 *
 * Where runs stand before the strings, a match begins where the word does. Then every string
 * consists of word bytes, and either there is one string, whose last place in the word counts, or
 * every match is a whole word, whichever string is in it.
 *
 * Threads: loading only.
 */
#ifndef REDRESS_CLASSIFY_PATTERN_PATTERN_EXACT_H
#define REDRESS_CLASSIFY_PATTERN_PATTERN_EXACT_H

#include "classify/pattern/pattern_literals.h"

enum { PATTERN_EXACT_STRINGS_MAX = 256 };

enum {
    PATTERN_RUN_BEFORE = 4, /* beside PATTERN_EDGE_BEFORE and PATTERN_EDGE_BEHIND */
    PATTERN_RUN_BEHIND = 8,
    PATTERN_RUNS = PATTERN_RUN_BEFORE | PATTERN_RUN_BEHIND
};

struct pattern_string {
    uint8_t size;
    uint8_t flags; /* edges and runs; an edge beside a run has no meaning of its own */
    uint8_t bytes[PATTERN_LITERAL_BYTES_MAX]; /* 0 behind its size */
};

bool pattern_string_begins_with_word(const struct pattern_string *string);

/** True where all of it is of one word. */
bool pattern_string_is_word(const struct pattern_string *string);

/** Its edges that no run stands beside. */
uint8_t pattern_string_edges(const struct pattern_string *string);

enum { PATTERN_EXACT_SEEN_BITS = 11 };

struct pattern_exact {
    uint32_t count;
    struct pattern_string items[PATTERN_EXACT_STRINGS_MAX];
    /* While it is made, of strings added one by one, so that equal ones are found. */
    uint32_t hashes[PATTERN_EXACT_STRINGS_MAX];
    uint64_t seen[((size_t)1 << PATTERN_EXACT_SEEN_BITS) / 64]; /* a bit for each hash */
};

/** False where the pattern is more than that, or has too many or too long strings. */
bool pattern_find_exact(const struct pattern *pattern, struct pattern_exact *out);

/** The strings of one part, which may be empty ones; false where it is more than strings. */
bool pattern_expand(const struct pattern *pattern, uint32_t node, struct pattern_exact *out);

/** Puts every string of `more` behind every one of `set`; false, and `set` as it was, where they
 * are too many or what stands between two is not known. */
bool pattern_exact_join(struct pattern_exact *set, const struct pattern_exact *more);

#endif
