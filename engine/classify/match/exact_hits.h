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

#include "text/view.h"

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

/** The same of a pattern that has a mark of this text. */
void exact_hits_add_more(struct exact_hits *hits, const uint8_t *bytes,
                         const struct exact_finding *finding);

/** Takes the word's bytes that the runs match; those before `floor` are taken already. */
static inline void exact_finding_run(struct exact_finding *finding, const uint8_t *bytes,
                                     uint32_t floor)
{
    if (finding->flags & PATTERN_RUN_BEFORE)
        while (finding->start > floor && view_is_word(bytes[finding->start - 1]))
            finding->start--;
    if (finding->flags & PATTERN_RUN_BEHIND)
        while (view_is_word(bytes[finding->end]))
            finding->end++;
}

/** True for the first one of its pattern. The bytes are those of the view, between guards. */
static inline bool exact_hits_add(struct exact_hits *hits, const uint8_t *bytes,
                                  struct exact_finding finding)
{
    struct exact_mark *mark = &hits->marks[finding.pattern];
    uint32_t at = hits->place_count;
    if (mark->round == hits->round) {
        exact_hits_add_more(hits, bytes, &finding);
        return false;
    }
    *mark = (struct exact_mark){.round = hits->round, .first = at, .last = at};
    if (at == EXACT_PLACES_MAX) {
        mark->lost = true;
        return true;
    }
    exact_finding_run(&finding, bytes, 0);
    mark->count = 1;
    mark->end = finding.end;
    hits->places[at] = (struct exact_place){finding.start, finding.end, finding.order, 0};
    hits->place_count = at + 1;
    return true;
}

struct exact_match {
    uint32_t start;
    uint32_t end;
};

/** The place of a pattern that has one and no other; NULL where exact_hits_of() must tell. */
static inline const struct exact_place *exact_hits_only(const struct exact_hits *hits,
                                                        uint32_t pattern)
{
    const struct exact_mark *mark = &hits->marks[pattern];
    return mark->count == 1 && !mark->lost ? &hits->places[mark->first] : NULL;
}

/** The matches of a pattern, in their order; *lost where some may be missing. */
uint32_t exact_hits_of(const struct exact_hits *hits, uint32_t pattern, bool several,
                       struct exact_match out[MATCHES_PER_PATTERN_MAX], bool *lost);

#endif
