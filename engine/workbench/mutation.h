/**
 * What the tests beside the rules really hold: which entries they hit, and which mutants of the
 * rules they notice.
 *
 *   dropped entry         an entry of words, near or patterns is left out
 *   dropped alternative   one of those between the bars of an entry's brackets, or in its lists, is
 *                         left out
 *   dropped not           an entry of not or except is left out
 *   dropped rule          a rule is left out
 *   flipped composite     one `and` is `or` or the other way round, one operand or bracket is
 *                         denied, one `not` is left out
 *   dropped composite     a composite is left out
 *
 * A mutant is killed when one example of its rule, one case or one meaning of cases/parallel.yaml
 * that comes out right today would not any more, or one of its own witnesses (witness.h). A mutant
 * that no text can tell from the rules (an entry that others cover) survives, too.
 *
 * Method: every text is searched once, with each entry for itself (entry_probe.h); a mutant is then
 *         weighed and decided again, nothing is compiled again.
 * Owns:   mutation_free() frees everything; the rule set must live as long.
 */
#ifndef REDRESS_WORKBENCH_MUTATION_H
#define REDRESS_WORKBENCH_MUTATION_H

#include "workbench/witness.h"

enum mutant_kind {
    MUTANT_DROPPED_ENTRY,
    MUTANT_DROPPED_ALTERNATIVE,
    MUTANT_DROPPED_NOT,
    MUTANT_DROPPED_RULE,
    MUTANT_FLIPPED_COMPOSITE,
    MUTANT_DROPPED_COMPOSITE,
    MUTANT_KIND_COUNT
};

/** "dropped entries", …; never NULL. */
const char *mutant_kind_name(enum mutant_kind kind);

/** The share that is to be killed, or 0 where none is stated. */
double mutant_kind_goal(enum mutant_kind kind);

/** A composite with one step changed; its operand or operator stands in the condition at `step`. */
struct composite_mutant {
    uint32_t composite; /* index */
    uint32_t step;
    const char *change;           /* "and is or", "denied", "not left out", "left out" */
    struct composite *composites; /* of the whole pack, this one changed */
    bool killed;
};

struct mutant_count {
    uint32_t made;
    uint32_t killed;
};

struct mutation {
    const struct rule_set *rule_set;
    struct entry_probe probe;
    bool *hit;    /* by entry: some test of its rule, case or meaning hits it */
    bool *killed; /* by entry */
    struct mutation_choices choices;
    uint32_t alternatives_hit;
    bool *rule_hit;
    bool *rule_killed;
    struct composite_mutant *mutants;
    uint32_t mutant_count;
    struct mutant_count counts[MUTANT_KIND_COUNT];
    uint32_t entries_hit;
    uint32_t rules_hit; /* fired by one of their examples, a case or a meaning */
    struct arena arena;
    bool no_memory;
};

/**
 * Runs every example, case and meaning. Without `mutants` only what is hit is found.
 *
 * Returns: STATUS_OK; STATUS_MEMORY. Faults of the files of cases are passed over: `rules test`
 *          tells them. The caller frees in every case.
 */
NODISCARD enum redress_status mutation_run(struct mutation *mutation,
                                           const struct rule_set *rule_set, const char *folder,
                                           bool mutants);

/**
 * Then the witnesses of the folder: those that hold kill the mutants of their entries, those that
 * do not are errors. STATUS_OK, STATUS_IO, STATUS_MEMORY.
 */
NODISCARD enum redress_status mutation_run_witnesses(struct mutation *mutation, const char *folder,
                                                     bool mutants, struct error_list *errors,
                                                     struct witness_counts *counts);
void mutation_free(struct mutation *mutation);

/* Between the files of this home: the composites' mutants, tried on one verdict. */
NODISCARD enum redress_status mutation_make_composites(struct mutation *mutation);

#endif
