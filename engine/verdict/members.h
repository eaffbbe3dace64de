/**
 * The verdict as members of a JSON object: the one writer for cases, calm messages, dead letters
 * and `redress classify`.
 */
#ifndef REDRESS_VERDICT_MEMBERS_H
#define REDRESS_VERDICT_MEMBERS_H

#include "base/json_writer.h"

#include <redress/verdict.h>

/** What a verdict's rules are called, and what else is to be said of each. */
struct verdict_rules {
    const void *context;
    const struct verdict_hit *hits; /* verdict->hits_stored */
    /* NULL where the rule set is gone. */
    const char *(*id)(const void *context, uint32_t rule_index);
    /* Further members of a hit's object; NULL: none. */
    void (*more)(const void *context, struct json_writer *json, const struct verdict_hit *hit);
};

/**
 * Writes language, complaint, severity, severity_name, urgent, categories, traits, score,
 * undecided, rules, rules_fired and rule_set into the object that is open.
 */
void verdict_write_members(struct json_writer *json, const struct verdict *verdict,
                           const struct verdict_rules *rules);

/** An array of names. */
void verdict_write_traits(struct json_writer *json, trait_set traits);

/** A string, or null. */
void verdict_write_text(struct json_writer *json, const char *key, const char *text);

/** "start" and "end". */
void verdict_write_place(struct json_writer *json, uint32_t start, uint32_t end);

#endif
