/**
 * Messages in two languages: a rule fires in the sentences of its own.
 *
 *   "Ik wacht al drie weken. For your English colleagues: I want my money back."
 *
 * Only where a message clearly begins or ends in a second language (language_second()) are the
 * rules of both tried. Each hit then counts only where its rule is for the language of the
 * sentence; a sentence that does not tell is of the language of those before it.
 *
 * Threads: as the scratch.
 */
#ifndef REDRESS_CLASSIFY_MIXED_H
#define REDRESS_CLASSIFY_MIXED_H

#include "classify/rule_set.h"

/** The second language of a text, where it has rules; LANGUAGE_UNKNOWN where there is none. `heard`
 * is of the same text. */
enum language mixed_second(const struct rule_set *rule_set, const struct scratch *scratch,
                           struct slice text, enum language main,
                           const struct language_heard *heard);

/** Takes back the evidence of rules that are not for the language of its sentence. */
void mixed_sort_out(const struct rule_set *rule_set, struct scratch *scratch, enum language main,
                    enum language second);

#endif
