/**
 * Phrases: patterns that are strings with gaps between them, matched by walking over the view
 * without PCRE2.
 *
 *   \b(?:refuses?|declines?) GAP (?:my )?(?:refund|money)\b
 *
 *   strings  { refuse, refuses, decline, declines }
 *   gap      up to four words of the sentence, as few as possible
 *   strings  { my refund, my money, refund, money }      end
 *
 * A walk takes the steps in PCRE2's order and goes back where one fails, so it finds what PCRE2
 * finds. It begins only where a word does. The scan looks for the strings of one step, the anchors,
 * and says by how many words the match may begin before them.
 *
 * Threads: a phrase is immutable and shared.
 */
#ifndef REDRESS_CLASSIFY_MATCH_PHRASE_H
#define REDRESS_CLASSIFY_MATCH_PHRASE_H

#include "classify/pattern/byte_set.h"
#include "classify/match/confirm.h"
#include "classify/pattern/pattern_exact.h"
#include "classify/match/word_index.h"

enum {
    PHRASE_STEPS_MAX = 96,
    PHRASE_SETS_MAX = 48,
    PHRASE_STRINGS_MAX = 2048,
    PHRASE_CLASSES_MAX = 4,
    PHRASE_ANCHOR_SETS_MAX = 16,
    PHRASE_NEEDS_MAX = 3,
    PHRASE_WORDS_UNBOUNDED = 255,   /* a match may begin anywhere before its anchor */
    PHRASE_WALK_STEPS_MAX = 1 << 20 /* from one place; over it the rule is undecided */
};

enum phrase_kind {
    PHRASE_STRINGS, /* one of a set */
    PHRASE_RUN,     /* at least one byte of a class, all there are */
    PHRASE_GAP,     /* runs of a class, and up to so many words between them, few first */
    PHRASE_FORK,    /* the next step or, failing that, the other one */
    PHRASE_JUMP,
    PHRASE_END
};

struct phrase_step {
    uint8_t kind;
    uint8_t words_max; /* gap */
    uint16_t index;    /* of the set, of the class, or of the other step */
};

enum { PHRASE_CHAINS = 32, PHRASE_BEGINNINGS = 64 };

/* Strings that begin alike are chained in the order of being tried: of the others none can match.
 */
struct phrase_set {
    uint32_t first;
    uint32_t count;
    uint16_t chains[PHRASE_CHAINS]; /* by phrase_chain(): of the set's strings, from 1; 0 is none */
};

/* A hash of two first bytes. */
static inline uint32_t phrase_beginning(uint8_t first, uint8_t second)
{
    return (first * 11u + second * 3u) % PHRASE_BEGINNINGS;
}

/* The chain of two first bytes. */
static inline uint32_t phrase_chain(uint8_t first, uint8_t second)
{
    return phrase_beginning(first, second) % PHRASE_CHAINS;
}

/* One whose first bytes differ is passed over by one compare. */
struct phrase_string {
    uint32_t head;
    uint32_t mask; /* of the head's bytes that the string has; none where a run stands before it */
    uint32_t bytes_at;
    uint16_t next; /* of its chain */
    uint8_t size;
    uint8_t flags; /* as in pattern_string */
};

struct phrase {
    uint64_t beginnings; /* a bit for each phrase_beginning() that a match may have */
    struct phrase_step *steps;
    struct phrase_set *sets;
    struct phrase_string *strings;
    struct byte_set *classes;
    uint8_t *bytes; /* of the strings */
    uint32_t need_count;
    struct {
        uint32_t first;
        uint32_t count;
    } needs[PHRASE_NEEDS_MAX]; /* of each, a word of one of these places stands in every match */
    uint16_t *places;          /* word_presence_place(); behind the phrase itself */
};

/** Asks for the memory that phrase_may_match() reads. */
static inline void phrase_prefetch(const struct phrase *phrase)
{
    enum { LINE_BYTES = 64 };
    __builtin_prefetch(phrase);
    __builtin_prefetch((const uint8_t *)phrase + LINE_BYTES);
}

/** False where a text with these words can have no match. */
static inline bool phrase_may_match(const struct phrase *phrase,
                                    const struct word_presence *presence)
{
    for (uint32_t i = 0; i < phrase->need_count; i++) {
        const uint16_t *place = phrase->places + phrase->needs[i].first;
        const uint16_t *stop = place + phrase->needs[i].count;
        while (place < stop && !word_presence_has(presence, *place))
            place++;
        if (place == stop)
            return false;
    }
    return true;
}

/* Where to look for it: one of the strings of these sets is in every match. */
struct phrase_anchors {
    double cost; /* how common they are; infinite where there are none */
    uint32_t count;
    struct {
        uint16_t set;
        uint16_t words_before; /* at most, from the match's begin */
    } items[PHRASE_ANCHOR_SETS_MAX];
};

/* What compiling takes; one serves all patterns. */
struct phrase_builder;

NODISCARD enum redress_status phrase_builder_create(const struct word_counts *counts,
                                                    struct phrase_builder **out);
void phrase_builder_free(struct phrase_builder *builder);

/** False where the pattern is no phrase. Otherwise phrase_build() makes it. */
bool phrase_read(struct phrase_builder *builder, const struct pattern *pattern);

/** Of the phrase that was read last. */
const struct phrase_anchors *phrase_anchors(const struct phrase_builder *builder);

/* The strings of a set, and where the scan looks for each. */
struct phrase_strings {
    const struct pattern_string *items;
    const struct word_anchor *anchors;
    uint32_t count;
};
struct phrase_strings phrase_strings(const struct phrase_builder *builder, uint32_t set);

NODISCARD enum redress_status phrase_build(const struct phrase_builder *builder,
                                           struct phrase **out);
void phrase_free(struct phrase *phrase);

/** The leftmost match that begins within subject->first to last. Allocates nothing. */
enum confirm_answer phrase_match(const struct phrase *phrase, struct confirm_scratch *scratch,
                                 const struct confirm_subject *subject, struct confirm_span *span);

#endif
