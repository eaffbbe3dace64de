/**
 * Reads examples of the rules once, so that the first message does not pay for what is touched for
 * the first time: pages of tables and scratch, symbols, code. It takes some milliseconds and is for
 * the thread that loads, before a worker adopts the rules.
 */
#ifndef REDRESS_CLASSIFY_WARM_H
#define REDRESS_CLASSIFY_WARM_H

#include <redress/classify.h>

void classify_warm(const struct rule_set *rule_set, struct scratch *scratch);

#endif
