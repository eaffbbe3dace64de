/**
 * Finds the slots of one case: a case whose second decision raised it has two for a while.
 *
 * A chained hash over the slots themselves, so that it can never be full. Only for this folder.
 *
 * Threads: the server's only.
 */
#ifndef REDRESS_FRONTLINE_CASE_INDEX_H
#define REDRESS_FRONTLINE_CASE_INDEX_H

#include "frontline/ring.h"

/** Enters the slot; its case id stays until it is removed. */
void case_index_add(struct frontline *frontline, struct slot_truth *truth);
void case_index_remove(struct frontline *frontline, struct slot_truth *truth);

/** Another slot of the same case with a lower (or, with `higher`, a higher) revision, or NULL. */
struct slot_truth *case_index_find(struct frontline *frontline, const struct slot_truth *truth,
                                   bool higher);

#endif
