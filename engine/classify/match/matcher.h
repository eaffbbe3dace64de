/**
 * Finds which patterns match a text: exactly those that a plain loop of PCRE2 over the view finds.
 *
 * A multi-pattern scan names candidates, PCRE2 decides. Every pattern belongs to a rule; a rule
 * matches when one of its patterns does, and its hits are the matches of all of them
 * (match_hits.h).
 *
 * Threads: a matcher is immutable and shared; a scratch serves one thread.
 */
#ifndef REDRESS_CLASSIFY_MATCH_MATCHER_H
#define REDRESS_CLASSIFY_MATCH_MATCHER_H

#include "classify/match/match_hits.h"

#include "base/error_list.h"

#include <redress/message.h>

struct matcher;
struct matcher_scratch;

struct matcher_pattern {
    const char *text; /* as the rule file has it; PCRE2 syntax */
    size_t text_size;
    uint32_t rule_index; /* patterns of a rule stand together, rules in rising order */
    uint32_t languages;  /* bit 1u << LANGUAGE_x; 0 means every language */
    bool original;       /* match the repaired text with UTF and UCP instead of the view */
    const char *file;    /* its place, for errors; column is that of the pattern's first byte */
    uint32_t line;
    uint32_t column;
};

struct match_outcome {
    const struct match_hit *hits; /* by rule_index, then by place; in the scratch */
    uint32_t hit_count;
    /* Rules that a limit stopped, rising; in the scratch. One that has hits all the same does
     * match, but it may have more of them. */
    const uint32_t *undecided;
    uint32_t undecided_count;
    bool unsearched; /* the text as a whole: no single rule is why */
};

/** What the patterns of one rule cost behind the scan. The scan itself belongs to all together. */
struct match_cost {
    uint64_t candidates; /* the scan named one of its patterns */
    uint64_t confirms;   /* ... and PCRE2 had to decide */
    uint64_t hits;
    uint64_t ns;
};

/** Compiles. All bad patterns are reported, then STATUS_INVALID. Copies what it needs of
 * `patterns`. */
NODISCARD enum redress_status matcher_create(const struct matcher_pattern *patterns, size_t count,
                                             uint32_t rule_count, struct error_list *errors,
                                             struct matcher **out);
void matcher_free(struct matcher *matcher);

/** Everything one thread needs, allocated once for texts of up to MESSAGE_TEXT_BYTES_MAX. */
NODISCARD enum redress_status matcher_scratch_create(const struct matcher *matcher,
                                                     struct matcher_scratch **out);
void matcher_scratch_free(struct matcher_scratch *scratch);

/**
 * Matches one text. Rules whose languages do not include `languages` (bits) are left out; bit 0 of
 * `languages` unset and no other bit set means every rule.
 *
 * Shape:   text is valid UTF-8 (repaired), followed by MESSAGE_PADDING_BYTES zeroed bytes.
 * Returns: STATUS_OK; STATUS_UNDECIDED when a limit stopped at least one rule (outcome is complete
 *          for the others).
 */
NODISCARD enum redress_status matcher_match(const struct matcher *matcher,
                                            struct matcher_scratch *scratch, struct slice text,
                                            uint32_t languages, struct match_outcome *out);

/**
 * Matches the same text once more, its drawn-out letters read in the other way: what it finds comes
 * beside what matcher_match() found. Only where matcher_view()->stretched says so do they differ.
 */
NODISCARD enum redress_status matcher_match_stretched(const struct matcher *matcher,
                                                      struct matcher_scratch *scratch,
                                                      uint32_t languages,
                                                      struct match_outcome *out);

/**
 * From now on adds what every rule costs to costs[rule_index], which must live as long; NULL ends
 * it. For the bench: it reads the clock twice a candidate, and twice a scan.
 */
void matcher_watch_costs(struct matcher_scratch *scratch, struct match_cost *costs);

/** What the scan took of the texts that were matched since the costs are watched. */
uint64_t matcher_scan_ns(const struct matcher_scratch *scratch);

/** The view of the text that was matched last, valid while that text is. */
const struct view *matcher_view(const struct matcher_scratch *scratch);

#endif
