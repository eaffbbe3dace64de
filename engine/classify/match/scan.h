/**
 * The multi-pattern scan: literals in the view, found by its words (word_index.h) or, where they
 * cannot be told apart by a word, by Vectorscan's literal matcher.
 *
 * A pattern that is exact (pattern_exact.h) is matched by it. Of others it only ever names too many
 * candidates, and says where a match could begin: a pattern is a candidate where for one of its
 * ways (pattern_ways.h) a literal of each set stands, at distances that agree on a start. A pattern
 * without literals always is one. Of a phrase (phrase.h) it says the same by one set of strings,
 * its anchors.
 *
 * Of Vectorscan literals alone, because Vectorscan 5.4.9's search for a single byte (its
 * "vermicelli", which its automata use to skip ahead) is wrong on processors with AVX-512: in each
 * block of 64 bytes after the first it sees the last byte only. Compiling (scan_build.h) checks the
 * literal matcher itself on every place of such blocks, and where it fails it is not used: every
 * pattern that has PCRE2 code is then a candidate for every text, which is slow and right.
 *
 * One database holds all patterns; one more for each language only those that its texts may match.
 *
 * Threads: a scan is immutable and shared; a scan_scratch serves one thread.
 */
#ifndef REDRESS_CLASSIFY_MATCH_SCAN_H
#define REDRESS_CLASSIFY_MATCH_SCAN_H

#include "classify/match/exact_hits.h"
#include "classify/pattern/pattern_ways.h"
#include "classify/match/phrase.h"
#include "classify/match/word_index.h"

#include "text/view.h"

#include <hs.h>

enum {
    SCAN_WHOLE = 1,   /* a match may begin anywhere */
    SCAN_EXACT = 2,   /* matched by the scan */
    SCAN_SEVERAL = 4, /* exact, of more than one string */
    SCAN_CODE = 8     /* has PCRE2 code */
};

enum {
    SCAN_PIECE_BYTES = 2 * 1024,
    SCAN_OVERLAP_BYTES = PATTERN_LITERAL_BYTES_MAX,
    SCAN_SPANS_MAX = 7,
    SCAN_PLACES_MAX = 32 * 1024,
    SCAN_LANGUAGES_MAX = 32 /* bits of a mask */
};

enum scan_target_kind {
    SCAN_TARGET_EXACT,  /* a match of an exact pattern */
    SCAN_TARGET_PHRASE, /* an anchor of a phrase */
    SCAN_TARGET_NEED,   /* of the first set of a way */
    SCAN_TARGET_KINDS
};

/* How far before the end of a literal a match may begin, and which edges the literal must have. */
struct scan_reach {
    uint32_t distance_min; /* need */
    uint32_t distance_max;
    uint8_t words_before; /* phrase, need: that begin before the literal, at most */
    uint8_t flags;        /* edges; exact: runs, too */
};

/* What a literal's place means for a pattern. */
struct scan_target {
    uint32_t index; /* need: the way; otherwise the pattern */
    struct scan_reach reach;
    uint16_t order; /* exact: of the string */
    uint8_t kind;
    bool several; /* exact: the pattern has more than one string */
};

struct scan_way {
    uint32_t pattern;
    uint32_t first_need; /* its needs stand together */
    uint32_t need_count;
};

/* A literal of a set that is asked for only where the first set of its way stands. */
struct scan_second {
    uint32_t need;
    uint32_t literal;
    struct scan_reach reach;
    uint8_t size; /* of the literal */
};

struct scan_literal {
    uint32_t first_target; /* the next literal's is the end */
    uint8_t size;
    bool is_second; /* its places are kept */
};

struct scan_database {
    struct word_index words;
    hs_database_t *hs; /* NULL: all literals are found by words */
    uint32_t literal_count;
    struct scan_literal *literals; /* and one more for the end */
    struct scan_target *targets;
    uint32_t *first_seconds; /* by need, and one more for the end */
    struct scan_second *seconds;
};

struct scan {
    struct scan_way *ways;
    uint32_t way_count;
    uint32_t *way_of_need;
    uint32_t need_count;
    uint32_t *languages;           /* by pattern; 0 for every language */
    uint8_t *traits;               /* by pattern: SCAN_WHOLE and the like */
    const struct phrase **phrases; /* by pattern; NULL where it is none. The caller's. */
    /* One bit a pattern: a candidate for every text; and one bit a word of those that has any. */
    uint64_t *always;
    uint64_t *always_words;
    uint32_t pattern_count;
    bool faulty; /* this processor's literal matcher failed its check */
    hs_scratch_t *prototype;
    uint8_t *literal_bytes; /* of all databases */
    struct scan_database all;
    struct scan_database *of_language[SCAN_LANGUAGES_MAX]; /* NULL: `all` serves it */
    uint32_t literal_count_max;                            /* of one database */
};

/* Where a match may begin: first to last, both in. */
struct scan_span {
    uint32_t first;
    uint32_t last;
};

/* Rising, apart from one another; where there are too many, some are joined with what is between.
 * Valid where `round` is the scratch's. */
struct scan_spans {
    uint32_t round;
    uint32_t count;
    struct scan_span items[SCAN_SPANS_MAX];
};

/* Where a literal that is_second stands. */
struct scan_place {
    uint32_t end;
    uint32_t missing; /* edges that it does not have there */
    uint32_t next;    /* 0 is none: places begin at 1 */
};

struct scan_mark {
    uint32_t round; /* as in scan_spans */
    uint32_t first;
    uint32_t last;
};

struct scan_scratch {
    hs_scratch_t *hs;
    const struct view *view;   /* that is scanned */
    uint64_t *candidates;      /* as scan.always, after scan_finish() */
    uint64_t *candidate_words; /* as scan.always_words */
    uint32_t word_count;
    struct exact_hits exact;
    struct word_presence presence; /* of the text that is scanned */
    struct word_place *words;      /* its words that may have keys */
    uint32_t words_read;           /* their count */
    uint32_t words_scanned;        /* those of the pieces so far */
    uint32_t round;
    struct scan_spans *ways; /* where one could begin, as its first set has it */
    struct scan_mark *marks; /* by literal */
    struct scan_place *places;
    uint32_t
        place_count; /* SCAN_PLACES_MAX: some may be missing, every second set counts as found */
    struct scan_spans *patterns;
    uint32_t *touched; /* ways whose first set has a hit */
    uint32_t touched_count;
    uint32_t way_count;
    uint32_t literal_count;
    uint32_t pattern_count;
};

void scan_destroy(struct scan *scan);

NODISCARD enum redress_status scan_scratch_init(const struct scan *scan, struct scan_scratch *out);
void scan_scratch_destroy(struct scan_scratch *scratch);

/** The database for texts of these languages (bits; 0 for every rule). */
const struct scan_database *scan_choose(const struct scan *scan, uint32_t languages);

/** Makes a pattern that has PCRE2 code a candidate for every text. */
void scan_make_always(struct scan *scan, uint32_t pattern);

/** Before each text; its view stays as it is until scan_finish() is done. */
void scan_begin(const struct scan *scan, const struct scan_database *database,
                struct scan_scratch *scratch, const struct view *view);

/**
 * Scans a piece of the view, from byte `at`. A text is scanned in pieces so that its caller may
 * look at the clock in between; each begins SCAN_OVERLAP_BYTES before the end of the one before.
 * STATUS_UNDECIDED where Vectorscan failed: then nothing is known.
 */
NODISCARD enum redress_status scan_piece(const struct scan *scan,
                                         const struct scan_database *database,
                                         struct scan_scratch *scratch, uint32_t at, uint32_t size);

/** After the last piece: the candidates, and where each could begin. */
void scan_finish(const struct scan *scan, const struct scan_database *database,
                 struct scan_scratch *scratch);

/** After scan_finish(): this pattern is a candidate, too. */
void scan_add_candidate(struct scan_scratch *scratch, uint32_t pattern);

/** Takes some candidates out, rising, the lowest patterns first; 0 where there are none left. */
uint32_t scan_take(struct scan_scratch *scratch, uint32_t *out, uint32_t room);

/** True for a candidate whose matches exact_hits_of() tells. */
static inline bool scan_is_matched(const struct scan *scan, uint32_t pattern)
{
    return (scan->traits[pattern] & SCAN_EXACT) &&
           !(scan->always[pattern / 64] >> pattern % 64 & 1);
}

/** The start offsets worth trying for another candidate. */
const struct scan_spans *scan_spans_of(const struct scan *scan, const struct scan_scratch *scratch,
                                       uint32_t pattern);

#endif
