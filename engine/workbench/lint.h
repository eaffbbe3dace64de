/**
 * What a loaded set of rules may still hide: patterns that blow up, entries that are too open, that
 * say nothing new or that everybody says, composites and tiers that nothing reaches.
 *
 *   errors    what costs time or catches what it does not mean: growth beyond linear, an open left
 *             end without except, a stem of a few letters, an entry that is written twice or that
 *             its own rule always takes back, one that hits calm messages of the site's own, a tier
 *             out of reach, an entry without a witness where the folder has witnesses
 *   warnings  what is only a pity: an entry that others of its rule always cover, two rules that
 *             match the same, an entry that hits many calm examples of other rules, a pattern that
 *             no literal announces, a composite that can never hold, an entry for which
 *             no witness was found
 *
 * Owns:    the caller's lists; every finding has its place and says what mends it.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_LINT_H
#define REDRESS_WORKBENCH_LINT_H

#include "workbench/entry_probe.h"

enum {
    LINT_STEM_LETTERS_MIN = 4,
    LINT_CALM_HITS_MIN = 3, /* fewer hits say nothing about a share */
    LINT_TEXT_BYTES = 4096  /* of a text made from a pattern, to see what else matches it */
};

/* The share of calm messages of a language from which on an entry hits too many of them. */
#define LINT_CALM_SHARE_MAX 0.01

struct lint {
    const struct rule_set *rule_set;
    const char *folder; /* of the rules: its cases are calm texts, too */
    const char *calm;   /* JSON Lines of the site's own calm messages; NULL without */
    struct error_list *errors;
    struct error_list *warnings;
    struct entry_probe probe;
};

/** "words \"refund*\"" or "pattern 'refund\w+'": how findings name an entry. */
enum { LINT_NAME_BYTES = 80 };
const char *lint_name(const struct rule_entry *entry, char out[LINT_NAME_BYTES]);

/** Adds a finding at the entry's place. */
void lint_add(struct error_list *list, const struct rule_entry *entry, uint32_t at,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

/**
 * Checks everything; rule_set, folder, calm and both lists stand in it.
 *
 * Returns: STATUS_OK whatever was found; STATUS_INVALID or STATUS_IO where `calm` cannot be read,
 *          with an error; STATUS_MEMORY.
 */
NODISCARD enum redress_status lint_run(struct lint *lint);

/* The checks, one file each. */
NODISCARD enum redress_status lint_check_shape(struct lint *lint);
NODISCARD enum redress_status lint_check_growth(struct lint *lint);
NODISCARD enum redress_status lint_check_cover(struct lint *lint);
NODISCARD enum redress_status lint_check_calm(struct lint *lint);
NODISCARD enum redress_status lint_check_witnesses(struct lint *lint);
void lint_check_reach(struct lint *lint);

#endif
