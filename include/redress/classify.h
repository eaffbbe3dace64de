/**
 * Classifies texts in-process with the same code as the engine.
 *
 *   struct rule_set *rules;                         one, shared by every thread, never written
 *   struct scratch *scratch;                        one a thread
 *   redress_rule_set_load("rules", errors, ...);
 *   redress_scratch_create(rules, &scratch);
 *   redress_classify(rules, scratch, &input, &verdict);
 */
#ifndef REDRESS_CLASSIFY_H
#define REDRESS_CLASSIFY_H

#include <redress/message.h>

struct rule_set;
struct scratch;

/**
 * Loads every rule file below `folder`, checks and compiles it.
 *
 * Returns: STATUS_OK, or STATUS_INVALID with up to errors_max errors (each with file, line and
 *          column) and their full number in *error_count.
 * Owns:    *out is the caller's; free it once no scratch uses it.
 */
NODISCARD REDRESS_API enum redress_status
redress_rule_set_load(const char *folder, struct redress_error *errors, size_t errors_max,
                      size_t *error_count, struct rule_set **out);
REDRESS_API void redress_rule_set_free(struct rule_set *rule_set);

/** XXH3 of the canonical rules: equal rules have equal hashes on every machine. */
REDRESS_API uint64_t redress_rule_set_hash(const struct rule_set *rule_set);
REDRESS_API uint32_t redress_rule_set_count(const struct rule_set *rule_set);
/** The id and the one-line reason of a rule; they live as long as the rule set. */
REDRESS_API const char *redress_rule_id(const struct rule_set *rule_set, uint32_t rule_index);
REDRESS_API const char *redress_rule_why(const struct rule_set *rule_set, uint32_t rule_index);
/** True where the rule set has rules for that language. */
REDRESS_API bool redress_rule_set_has_language(const struct rule_set *rule_set,
                                               enum language language);

/** Allocates all that one thread needs; classifying allocates nothing afterwards. */
NODISCARD REDRESS_API enum redress_status redress_scratch_create(const struct rule_set *rule_set,
                                                                 struct scratch **out);
REDRESS_API void redress_scratch_free(struct scratch *scratch);

enum { UNDECIDED_RULES_MAX = 32 };

struct classify_input {
    struct slice text;          /* valid UTF-8, MESSAGE_PADDING_BYTES zeroed bytes behind it */
    struct slice language_hint; /* "en", "pl-PL"; empty where unknown */
    struct slice channel;       /* the channel's name for composites that ask; may be empty */
    bool truncated;             /* the text was cut at a limit: never calm */
};

/**
 * Revision 0: the verdict without history.
 *
 * Returns: STATUS_OK, or STATUS_UNDECIDED when a limit stopped a rule; the verdict is complete in
 *          both cases. verdict->hits live in the scratch until its next use.
 */
NODISCARD REDRESS_API enum redress_status redress_classify(const struct rule_set *rule_set,
                                                           struct scratch *scratch,
                                                           const struct classify_input *input,
                                                           struct verdict *verdict);

/**
 * The rules that a limit stopped in the text that was classified last, each once, in the order in
 * which they were stopped: the first used the time up, those behind it may have had none left. At
 * most UNDECIDED_RULES_MAX; none where the text as a whole could not be searched.
 *
 * Returns: how many; *rules lives in the scratch until its next use.
 */
REDRESS_API uint32_t redress_undecided_rules(const struct scratch *scratch, const uint32_t **rules);

/**
 * Revision 1: what the verdict becomes with the customer's history. Never lowers severity, urgency
 * or traits. True where care was raised, so that the new verdict must be sent on.
 */
REDRESS_API bool redress_decide_again(const struct rule_set *rule_set,
                                      const struct recurrence *recurrence, struct verdict *verdict);

/** A repaired copy of `text` for callers that hold raw bytes; true where bytes were replaced. */
REDRESS_API bool redress_repair_utf8(const char *bytes, size_t size, char *out, size_t out_max,
                                     size_t *out_size);

#endif
