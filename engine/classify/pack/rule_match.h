/**
 * What a rule matches: `words`, `pattern(s)`, `near`, `not` and named lists, all of which become
 * patterns for the matcher.
 *
 * Threads: loading only.
 */
#ifndef REDRESS_CLASSIFY_PACK_RULE_MATCH_H
#define REDRESS_CLASSIFY_PACK_RULE_MATCH_H

#include "classify/pack/rule_pack.h"
#include "classify/pack/rule_words.h"
#include "classify/pack/yaml_fields.h"

/** One file on its way into the pack. */
struct file_context {
    struct rule_pack *pack;
    enum language folder_language;
    enum language language;
    struct yaml_place lists_place;
    struct yaml_place rules;
    struct word_list *lists; /* as the file names them */
};

/** One rule on its way: what only the loader needs stands beside it. */
struct rule_context {
    struct rule *rule;
    struct file_context *file;
    struct yaml_place id;
    struct yaml_place weight; /* complaint or at_least, for errors */
    struct yaml_place stance;
    uint32_t match_count;
    uint32_t calm_count;
};

/** The keys that say what a rule matches depend on one another: they are read together, later. */
void rule_match_remember(struct yaml_reader *reader, void *target, struct yaml_place value);

/** Reads `lists`. */
void rule_match_read_lists(struct yaml_reader *reader, struct file_context *file);

/** Reads words, pattern(s), near, not, except, match and accents of the rule at `place`. */
void rule_match_read(struct yaml_reader *reader, struct rule_context *context,
                     struct yaml_place place);

/** The keys of `near`. */
struct yaml_field_table rule_match_near_keys(void);

struct rule_place rule_place_of(const struct yaml_reader *reader, struct yaml_place place);
/** The place of a scalar's first byte. */
struct rule_place rule_text_place_of(const struct yaml_reader *reader, struct yaml_place scalar);

#endif
