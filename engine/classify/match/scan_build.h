/**
 * Builds a scan: drafts collect what patterns need, and databases are compiled from all of them.
 *
 *   scan_init()    a draft a run of patterns: scan_add...() once a pattern    scan_compile()
 *
 * A draft's run begins at a multiple of SCAN_RUN_PATTERNS, so that several may be filled at the
 * same time: what two patterns of different runs mark in the scan shares no word of memory.
 *
 * Threads: loading only; one at a time per draft.
 */
#ifndef REDRESS_CLASSIFY_MATCH_SCAN_BUILD_H
#define REDRESS_CLASSIFY_MATCH_SCAN_BUILD_H

#include "classify/match/scan.h"

enum { SCAN_RUN_PATTERNS = 64 * 64 };

/* A string that a pattern asks for, and what it means. */
struct scan_entry {
    uint8_t size;
    uint8_t edges;
    uint8_t bytes[PATTERN_LITERAL_BYTES_MAX];
    uint32_t languages; /* of its pattern */
    struct word_anchor anchor;
    struct scan_target target; /* of a need: index is the need's */
};

/* Ways and needs are counted from 0 in each. */
struct scan_draft {
    struct scan *scan;
    const struct word_counts *counts;
    struct scan_entry *entries;
    uint32_t entry_count;
    uint32_t entry_room;
    struct scan_way *ways;
    uint32_t way_count;
    uint32_t way_room;
    uint32_t *way_of_need;
    uint32_t need_count;
    uint32_t need_room;
};

NODISCARD enum redress_status scan_init(struct scan *scan, uint32_t pattern_count);

/** `counts` say how common words are; they must outlive the draft. */
void scan_draft_init(struct scan_draft *draft, struct scan *scan, const struct word_counts *counts);
void scan_draft_destroy(struct scan_draft *draft);

/** Once a pattern. */
NODISCARD enum redress_status scan_add(struct scan_draft *draft, uint32_t pattern,
                                       uint32_t languages, bool original,
                                       const struct pattern_ways *ways);

/**
 * The same for an exact pattern. False in *taken where it has strings that the scan does not match,
 * which scan_add() is for; *needs_code where PCRE2 code has to stand by for it all the same.
 */
NODISCARD enum redress_status scan_add_exact(struct scan_draft *draft, uint32_t pattern,
                                             uint32_t languages, const struct pattern_exact *exact,
                                             bool *taken, bool *needs_code);

/** The same for a phrase, the one that was read last; `phrase` must live as long as the scan. */
NODISCARD enum redress_status scan_add_phrase(struct scan_draft *draft, uint32_t pattern,
                                              uint32_t languages, const struct phrase *phrase,
                                              const struct phrase_builder *builder);

/** Takes what all drafts hold, which are then empty. */
NODISCARD enum redress_status scan_compile(struct scan *scan, struct scan_draft *drafts,
                                           uint32_t draft_count);

#endif
