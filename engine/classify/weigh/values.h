/**
 * Numbers that mean something: how long, how much, how often.
 *
 *   "for three weeks"      1,814,400 seconds
 *   "1.250,00 kr"          about 112 euros: rough on purpose, a sum is large or it is not
 *   "the third time", "3x" 3
 *
 * Of each kind the largest counts, of the sentences that complain: "a customer for 20 years" in
 * another is no wait. Number words, units and currencies come from the
 * language's grammar; € £ $ ₽ are known to all. Threads: pure. Allocates nothing.
 */
#ifndef REDRESS_CLASSIFY_WEIGH_VALUES_H
#define REDRESS_CLASSIFY_WEIGH_VALUES_H

#include "classify/pack/grammar.h"

#include <redress/verdict.h>

/** Adds the values of one sentence of the text that is read. */
void values_read(const struct grammar *grammar, struct grammar_reading *reading, uint32_t sentence,
                 struct verdict_values *values);

#endif
