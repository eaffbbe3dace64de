/**
 * Which entries of the rules match a text, each for itself, and what the rules come to without one
 * of them.
 *
 *   entry_probe_match()  a text once      ──► hits of every entry
 *   entry_probe_weigh()  any number of times, without this entry or that ──► evidence, verdict
 *
 * The engine keeps of two entries of a rule that match the same bytes only the first. Here every
 * pattern is a rule of its own to the matcher, so that neither hides the other; the weighing is
 * the engine's own.
 *
 * Owns:    entry_probe_free() frees everything; the rule set must live as long.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_ENTRY_PROBE_H
#define REDRESS_WORKBENCH_ENTRY_PROBE_H

#include "classify/rule_set.h"

#define ENTRY_PROBE_NONE UINT32_MAX

/* A text with drawn-out letters is read in two ways. */
enum { ENTRY_PROBE_READINGS = 2 };

struct probe_reading {
    struct view view;
    struct match_hit *hits; /* rule_index is the entry's index */
    uint32_t hit_count;
};

struct entry_probe {
    const struct rule_set *rule_set;
    struct rule_entry *entries; /* in the matcher's order */
    uint32_t entry_count;
    struct matcher *matcher;
    struct scratch *scratch; /* with the matcher above; its context holds what was weighed last */
    struct probe_reading readings[ENTRY_PROBE_READINGS];
    uint32_t reading_count;
    uint32_t *touched; /* entries with a hit in the text, rising */
    uint32_t touched_count;
    struct match_hits kept; /* what is being weighed */
    bool *dropped;          /* by entry: left out of every weighing */
    char *text;             /* padded copy */
    uint32_t text_size;
    enum language main;   /* of the message that was matched last, and ... */
    enum language second; /* ... its second one; LANGUAGE_UNKNOWN where it is in one */
};

/** STATUS_OK, STATUS_MEMORY. Free it in every case. */
NODISCARD enum redress_status entry_probe_init(struct entry_probe *probe,
                                               const struct rule_set *rule_set);
void entry_probe_free(struct entry_probe *probe);

/** Finds the hits; `languages` as matcher_match() takes them. False where a limit stopped it. */
bool entry_probe_match(struct entry_probe *probe, struct slice text, uint32_t languages);

/**
 * Reads a whole message as the engine does - its scripts, its language, a second one - and finds
 * the hits in what is to be matched. The verdict before anything is weighed; undecided where a
 * limit stopped it. The text must be padded.
 */
struct verdict entry_probe_read(struct entry_probe *probe, const struct classify_input *input);

/** True where the entry has a hit in the text that was matched last. */
bool entry_probe_has(const struct entry_probe *probe, uint32_t entry);

/** Weighs the hits of all entries but one (ENTRY_PROBE_NONE: of all) into scratch->context. */
void entry_probe_weigh(struct entry_probe *probe, uint32_t without);

/** The best fate of a rule in what was weighed last; FATE_COUNT where it has no evidence. */
enum fate entry_probe_fate(const struct entry_probe *probe, uint32_t rule_index);

#endif
