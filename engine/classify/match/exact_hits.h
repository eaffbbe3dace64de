/**
 * The places of exact patterns (pattern_exact.h) in one text, as the scan comes upon them, and from
 * them the matches that PCRE2 would find.
 *
 * The places of a pattern of one string come in rising order, so which of them are matches is known
 * at once. Those of a pattern of several are kept and looked through at the end.
 *
 * Threads: one at a time.
 */
#ifndef REDRESS_CLASSIFY_MATCH_EXACT_HITS_H
#define REDRESS_CLASSIFY_MATCH_EXACT_HITS_H

#include "classify/match/match_hits.h"
#include "classify/pattern/pattern_exact.h"

enum { EXACT_PLACES_MAX = 32 * 1024 /* of one text; a pattern that finds no room is undecided */ };

struct exact_place {
    uint32_t start;
    uint32_t end;
    uint32_t order; /* of the string among its pattern's */
    uint32_t next;  /* of the same pattern */
};

/* What is known of a pattern; valid where `round` is that of the text. */
struct exact_mark {
    uint32_t round;
    uint32_t first;
    uint32_t last;
    uint32_t count;
    uint32_t end; /* of the last match of a pattern of one string, also of those beyond the limit */
    bool lost;    /* there was no room for a place */
};

struct exact_hits {
    struct exact_mark *marks; /* by pattern */
    uint32_t pattern_count;
    struct exact_place *places;
    uint32_t place_count;
    uint32_t round;
};

NODISCARD enum redress_status exact_hits_init(struct exact_hits *hits, uint32_t pattern_count);
void exact_hits_destroy(struct exact_hits *hits);

/** Before each text. */
void exact_hits_begin(struct exact_hits *hits);

/* A string of a pattern, and where it stands with the edges that it needs. */
struct exact_finding {
    uint32_t pattern;
    uint32_t order;
    uint32_t flags; /* runs and edges of the string */
    bool several;   /* the pattern has more than one string */
    uint32_t start;
    uint32_t end;
};

/** True for the first one of its pattern. The bytes are those of the view, between guards. */
bool exact_hits_add(struct exact_hits *hits, const uint8_t *bytes,
                    const struct exact_finding *finding);

struct exact_match {
    uint32_t start;
    uint32_t end;
};

/** The matches of a pattern, in their order; *lost where some may be missing. */
uint32_t exact_hits_of(const struct exact_hits *hits, uint32_t pattern, bool several,
                       struct exact_match out[MATCHES_PER_PATTERN_MAX], bool *lost);

#endif
