/** The verdict as `redress classify` shows it: a case's members (verdict/members.h), and why. */
#ifndef REDRESS_CLASSIFY_VERDICT_JSON_H
#define REDRESS_CLASSIFY_VERDICT_JSON_H

#include "base/json_writer.h"

#include <redress/classify.h>

enum {
    /* What a verdict takes at most: every trait and category, and every stored hit. */
    VERDICT_JSON_BYTES_MAX = 1024 + MESSAGE_HITS_MAX * 160
};

/** Writes a verdict's members, and truncated where it is true, into the object that is open. */
void verdict_write_json(struct json_writer *json, const struct rule_set *rule_set,
                        const struct verdict *verdict);

enum { EXPLANATION_EVIDENCE_MAX = 256 };

/**
 * Writes "explain": what each hit gave, all evidence with its sentence and fate (the first
 * EXPLANATION_EVIDENCE_MAX), values, announced and done steps, and which composites hold. `scratch`
 * has classified that text last.
 */
void verdict_write_explanation(struct json_writer *json, const struct rule_set *rule_set,
                               const struct scratch *scratch, const struct verdict *verdict);

#endif
