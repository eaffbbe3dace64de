/**
 * How often limits stopped each rule, as one worker saw it: by the rule's id, which outlives a
 * reload.
 *
 * Shape:   at most UNDECIDED_RULES_KEPT_MAX rules are told apart, the first ones that were stopped;
 *          what comes after them counts as UNDECIDED_RULES_OTHERS, so that nothing goes uncounted.
 * Threads: one counts; any sums.
 */
#ifndef REDRESS_RUNTIME_UNDECIDED_RULES_H
#define REDRESS_RUNTIME_UNDECIDED_RULES_H

#include "classify/pack/rule_pack.h"

#include <redress/limits.h>

#include <stdatomic.h>

enum { UNDECIDED_RULES_KEPT_MAX = 32 };

/* No rule's id: the others, and texts that could not be searched at all. */
#define UNDECIDED_RULES_OTHERS "*"

struct undecided_rule {
    char id[RULE_ID_BYTES_MAX + 1]; /* written once, before `kept` covers it */
    _Atomic uint64_t count;
};

struct undecided_rules {
    _Atomic uint32_t kept;
    _Atomic uint64_t others;
    struct undecided_rule rules[UNDECIDED_RULES_KEPT_MAX];
};

/** One more for the rule of that id; NULL for the others. */
void undecided_rules_add(struct undecided_rules *counts, const char *id);

typedef void undecided_rules_visitor(void *context, const char *id, uint64_t count);

/** Visits each rule that was stopped anywhere once, with its sum, then the others where any were.
 */
void undecided_rules_sum(const struct undecided_rules *const *workers, unsigned workers_count,
                         undecided_rules_visitor *visit, void *context);

#endif
