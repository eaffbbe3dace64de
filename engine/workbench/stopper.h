/**
 * Which words stopped a hit: the negator, the words of a report, the `not` of its rule.
 *
 * The engine keeps only a fate; this reads the text a second time to tell a person why. It says
 * nothing where it is not sure.
 *
 * Owns: its sentences; stopper_destroy(). The view and the hits are those of the scratch.
 */
#ifndef REDRESS_WORKBENCH_STOPPER_H
#define REDRESS_WORKBENCH_STOPPER_H

#include "workbench/explain.h"

struct stopper_reading {
    const struct rule_set *rule_set;
    const struct scratch *scratch;
    struct slice text;       /* the message's */
    const struct view *view; /* of what was matched, which may be spelt otherwise */
    struct sentences sentences;
    struct match_outcome outcome;
};

/** Matches and splits the text again; the evidence in the scratch stays as it is. */
NODISCARD enum redress_status stopper_read(struct stopper_reading *reading,
                                           const struct rule_set *rule_set, struct scratch *scratch,
                                           struct slice text, enum language language);
void stopper_destroy(struct stopper_reading *reading);

/** The words that gave this evidence its fate; {0} where it fired or they are not found. */
struct text_span stopper_find(const struct stopper_reading *reading,
                              const struct evidence *evidence);

/** The text of a sentence, without the blanks around it. */
struct text_span stopper_sentence(const struct stopper_reading *reading, uint32_t sentence);

/** Where `hit` is the one of a rule's `near`: the first hit of the other, wherever it stands. */
bool stopper_pair(const struct stopper_reading *reading, const struct match_hit *hit,
                  struct apart_pair *out);

#endif
