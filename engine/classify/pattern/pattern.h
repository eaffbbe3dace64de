/**
 * A rule's pattern as a tree: parsed once, printed for PCRE2 and for the scan.
 *
 *   "zwrot\s+pieni(ę|e)dzy"  --parse-->  tree  --print-->  folded PCRE2 pattern   (decides)
 *                                              --print-->  weakened scan pattern  (names
 * candidates)
 *
 * The syntax is the part of PCRE2's that both can express; docs/view.md lists it. Everything else
 * is refused with its column and a remedy, because a pattern that one of the two engines reads
 * differently would lose complaints silently. In a pattern for the original text (`match:
 * original`) nothing is folded and more is allowed, since only the scan has to be a superset.
 *
 * Threads: loading only; one at a time per pattern.
 */
#ifndef REDRESS_CLASSIFY_PATTERN_PATTERN_H
#define REDRESS_CLASSIFY_PATTERN_PATTERN_H

#include "classify/pattern/byte_set.h"
#include "text/view.h"

#include <redress/status.h>

#include <stddef.h>

enum {
    PATTERN_BYTES_MAX = 4096,
    PATTERN_DEPTH_MAX = 50,
    PATTERN_REPEAT_MAX = 1000,
    PATTERN_NAMES_MAX = 32,
    PATTERN_EXPANSIONS_MAX = 8,
    PATTERN_ERROR_BYTES = 200
};

#define PATTERN_UNBOUNDED UINT32_MAX

enum pattern_kind {
    PATTERN_SEQUENCE,      /* children one after the other; none is the empty sequence */
    PATTERN_CHOICE,        /* one of the children, in their order */
    PATTERN_REPEAT,        /* its one child, min to max times */
    PATTERN_GROUP,         /* its one child: capturing, plain or atomic */
    PATTERN_LOOK,          /* lookaround over its one child */
    PATTERN_LITERAL,       /* one character */
    PATTERN_CLASS,         /* one byte of a set, or one of its expansions */
    PATTERN_ANCHOR,        /* ^ $ \A \z \Z \b \B */
    PATTERN_BACKREFERENCE, /* to group */
};

enum pattern_group_kind { PATTERN_GROUP_CAPTURE, PATTERN_GROUP_PLAIN, PATTERN_GROUP_ATOMIC };
enum pattern_look_kind { LOOK_AHEAD, LOOK_NOT_AHEAD, LOOK_BEHIND, LOOK_NOT_BEHIND };
enum pattern_greed { PATTERN_GREEDY, PATTERN_LAZY, PATTERN_POSSESSIVE };

struct pattern_node {
    enum pattern_kind kind;
    uint32_t first; /* child, 0 for none: node 0 is nobody */
    uint32_t next;  /* sibling */
    uint32_t at;    /* where it stands in the pattern's text, and how long */
    uint32_t size;
    union {
        uint32_t code_point; /* literal */
        uint32_t class_index;
        uint32_t group; /* capturing group and backreference, from 1 */
        char anchor;    /* ^ $ A z Z b B */
        enum pattern_look_kind look;
    };
    uint8_t fold[VIEW_FOLD_BYTES_MAX]; /* literal: what it leaves in the view */
    uint8_t fold_size;
    enum pattern_group_kind group_kind;
    enum pattern_greed greed;
    uint32_t min;
    uint32_t max;
    bool caseless; /* the modes in force where it stands */
    bool multiline;
    bool dot_all; /* of a dot in an original pattern; in the view it is in the class itself */
};

struct pattern_class {
    struct byte_set bytes; /* of the view; negation is done */
    char shorthand;        /* d D w W s S where it is just that; 0 otherwise */
    bool opaque;           /* original only: its bytes in the view are not known */
    uint32_t expansions[PATTERN_EXPANSIONS_MAX]; /* members that leave several bytes */
    uint32_t expansion_count;
};

struct pattern_error {
    uint32_t at; /* byte of the pattern, 0-based */
    char text[PATTERN_ERROR_BYTES];
};

struct pattern {
    const char *text; /* the caller's; outlives the pattern */
    uint32_t size;
    bool original;
    struct pattern_node *nodes;
    uint32_t node_count;
    struct pattern_class *classes;
    uint32_t class_count;
    uint32_t group_count;
    uint32_t root;
};

/**
 * Parses. STATUS_INVALID with *error where the pattern is refused; STATUS_MEMORY.
 * Owns: on STATUS_OK the caller frees with pattern_free(); `text` is kept by pointer.
 */
NODISCARD enum redress_status pattern_parse(const char *text, size_t size, bool original,
                                            struct pattern *out, struct pattern_error *error);
void pattern_free(struct pattern *pattern);

/** Adds lengths or counts of which either may be PATTERN_UNBOUNDED, as the sum may. */
static inline uint32_t pattern_add(uint32_t left, uint32_t right)
{
    return left > PATTERN_UNBOUNDED - right ? PATTERN_UNBOUNDED : left + right;
}

/** True where all its bytes are of words, or none is. */
bool pattern_class_is_all(const struct pattern_class *class, bool of_words);

/** False where it can match nothing at all. */
bool pattern_has_length(const struct pattern *pattern);

struct pattern_length {
    uint32_t min;
    uint32_t max; /* PATTERN_UNBOUNDED where there is no limit */
};

/** The same of one part; max counts bytes of the view only. */
struct pattern_length pattern_length(const struct pattern *pattern, uint32_t node);

/**
 * How many words begin in what a part matches, at most; PATTERN_UNBOUNDED where there is no limit.
 * *in_word: whether the byte before it is certainly of a word, and then the same of its last byte.
 */
uint32_t pattern_words_max(const struct pattern *pattern, uint32_t node, bool *in_word);

/** The same of bytes of the view. */
uint32_t pattern_words_in(const uint8_t *bytes, uint32_t size, bool *in_word);

/** True where an original pattern's literal may meet a character that the view drops. */
bool pattern_literal_may_vanish(const struct pattern *pattern, const struct pattern_node *node);

/**
 * About how many steps PCRE2 may take between two callouts (see pattern_print()) or, where none
 * is reached, at one start offset.
 */
double pattern_quiet_steps(const struct pattern *pattern);

/** True for a repetition behind which pattern_print() puts a callout. */
bool pattern_repeat_is_counted(const struct pattern_node *node, bool tail);

/** What \w is in the view. */
struct byte_set pattern_word_bytes(void);

/** What a literal leaves in the view: 0 to VIEW_FOLD_BYTES_MAX bytes. */
uint32_t pattern_literal_bytes(const struct pattern_node *node, uint8_t *out);

/** Text that grows; `failed` once memory was short. */
struct pattern_text {
    char *data; /* NUL-terminated */
    size_t size;
    size_t capacity;
    bool failed;
};
void pattern_text_free(struct pattern_text *text);

/** The pattern for PCRE2, over the view or over the original text. With `callouts`, (?C1) stands
 *  behind every repetition whose retries could cost much. */
NODISCARD enum redress_status pattern_print(const struct pattern *pattern, bool callouts,
                                            struct pattern_text *out);

#endif
