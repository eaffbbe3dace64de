/**
 * Runs what stands beside the rules: every rule's own examples, and the cases of cases/x.yaml with
 * their exact verdicts.
 */
#ifndef REDRESS_WORKBENCH_RULE_TEST_H
#define REDRESS_WORKBENCH_RULE_TEST_H

#include "classify/rule_set.h"

struct rule_test_counts {
    uint32_t examples;
    uint32_t cases;
    uint32_t failures;
};

/** One example or case, and how it came out. */
struct rule_test_result {
    const char *suite; /* the rule's id, or the file of the cases */
    const char *kind;  /* "match", "calm" or "case" */
    const char *text;
    const struct rule_place *place;
    const char *failure; /* NULL where it came out as it must */
};

/** Called for each one as it is done. */
struct rule_test_visitor {
    void (*visit)(void *target, const struct rule_test_result *result);
    void *target;
};

/**
 * Adds one error a failure, at the place of the example or case. Faults of the files of cases count
 * as failures.
 *
 * visitor may be NULL. Returns: STATUS_OK also where something failed; STATUS_MEMORY.
 */
NODISCARD enum redress_status rule_test_run(const struct rule_set *rule_set, const char *folder,
                                            const struct rule_test_visitor *visitor,
                                            struct error_list *errors,
                                            struct rule_test_counts *counts);

/** The cases of one more folder, added to *counts. */
NODISCARD enum redress_status rule_test_run_cases(const struct rule_set *rule_set,
                                                  const char *folder,
                                                  const struct rule_test_visitor *visitor,
                                                  struct error_list *errors,
                                                  struct rule_test_counts *counts);

#endif
