/**
 * The plain loop of PCRE2 over every pattern: what the matcher must equal, and its rival in
 * benches. The engine itself never runs it.
 *
 * Threads: one at a time per reference.
 */
#ifndef REDRESS_CLASSIFY_MATCH_REFERENCE_H
#define REDRESS_CLASSIFY_MATCH_REFERENCE_H

#include "classify/match/matcher.h"

enum reference_kind {
    REFERENCE_VIEW,    /* the folded patterns over the view, as the matcher has it */
    REFERENCE_ORIGINAL /* the author's patterns over the text, UTF + UCP + caseless */
};

struct reference;

/** Shape and errors as matcher_create(). */
NODISCARD enum redress_status reference_create(const struct matcher_pattern *patterns, size_t count,
                                               uint32_t rule_count, enum reference_kind kind,
                                               struct error_list *errors, struct reference **out);
void reference_free(struct reference *reference);

/** From now on without JIT, whose answers differ from the interpreter's in rare bugs of PCRE2's. */
void reference_interpret(struct reference *reference, bool interpret);

/** Shape and answers as matcher_match(). */
NODISCARD enum redress_status reference_match(struct reference *reference, struct slice text,
                                              uint32_t languages, struct match_outcome *out);

#endif
