/**
 * The matches of one text: of each pattern those that do not overlap, in their order (the leftmost,
 * then the leftmost that begins at or behind its end), at most MATCHES_PER_PATTERN_MAX.
 *
 * They are kept rule by rule. Within a rule they rise by their place, and of several patterns that
 * match the same bytes the first in file order is kept. A rule whose hits find no room is
 * undecided: none of its hits is kept then, so that nobody takes a part for the whole.
 *
 * Threads: one at a time per list.
 */
#ifndef REDRESS_CLASSIFY_MATCH_MATCH_HITS_H
#define REDRESS_CLASSIFY_MATCH_MATCH_HITS_H

#include "text/view.h"

#include <redress/message.h>

enum {
    MATCHES_PER_PATTERN_MAX = 8,
    MATCH_HITS_MAX = 4096 /* of all rules, of one text */
};

/* Places are bytes of the view. A match of an original pattern stands in the text; in the view it
 * may be empty, where it consists of characters that vanish. */
struct match_hit {
    uint32_t rule_index;
    uint32_t pattern_index; /* of all patterns, in file order */
    uint32_t view_start;
    uint32_t view_end;
    uint32_t text_start;
    uint32_t text_end; /* 0: the pattern matched the view; ask match_hit_text() */
};

struct match_hits {
    struct match_hit *items; /* room for MATCH_HITS_MAX */
    uint32_t count;
    uint32_t rule_begin; /* where the hits of the current rule begin */
    bool rule_cut;       /* the current rule has more hits than there is room for */
};

static inline void match_hits_begin_rule(struct match_hits *hits)
{
    hits->rule_begin = hits->count;
    hits->rule_cut = false;
}

static inline void match_hits_add(struct match_hits *hits, const struct match_hit *hit)
{
    if (hits->count == MATCH_HITS_MAX)
        hits->rule_cut = true;
    else
        hits->items[hits->count++] = *hit;
}

/** The same of a rule with several hits, or with more than there is room for. */
bool match_hits_settle_rule(struct match_hits *hits);

/** Sorts the rule's hits, each place once. False where there was no room: it has none then. */
static inline bool match_hits_end_rule(struct match_hits *hits)
{
    bool settled = hits->count < hits->rule_begin + 2 && !hits->rule_cut;
    return settled || match_hits_settle_rule(hits);
}

/** The hit's bytes of the text; `view` is that of the text as it was matched. */
void match_hit_text(const struct view *view, const struct match_hit *hit, struct verdict_hit *out);

#endif
