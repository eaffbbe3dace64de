/**
 * Reads one file of rules: `language`, and `rules` with id, why, pattern(s), what they give, and
 * examples. rules/README.md says what each key means.
 */
#ifndef REDRESS_CLASSIFY_PACK_RULE_FILE_H
#define REDRESS_CLASSIFY_PACK_RULE_FILE_H

#include "base/yaml_tree.h"
#include "classify/pack/rule_pack.h"
#include "classify/pack/yaml_fields.h"

/**
 * Adds the rules of `tree` to the list of `pack`. `language` is that of the folder, or
 * LANGUAGE_UNKNOWN where any will do; `file` is the name for errors.
 *
 * Returns: STATUS_OK also where errors were added; STATUS_MEMORY.
 */
NODISCARD enum redress_status rule_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                             const char *file, enum language language,
                                             struct error_list *errors);

/** The keys of a rule file, and of a rule in it. */
struct yaml_field_table rule_file_keys(void);
struct yaml_field_table rule_file_rule_keys(void);

/** Reads `category`: its weights take the place of those that the rule has. */
void rule_file_read_categories(struct yaml_reader *reader, struct yaml_place value,
                               struct rule *rule);

/** Reads language.yaml into the grammar of that language. */
NODISCARD enum redress_status grammar_file_read(struct rule_pack *pack,
                                                const struct yaml_tree *tree, const char *file,
                                                enum language language, struct error_list *errors);

/** Reads scores/LANGUAGE.yaml: weights that win over those in the rules, which are sorted. */
NODISCARD enum redress_status score_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                              const char *file, struct error_list *errors);

/** Reads composites.yaml; they are sorted by rule_pack_load(). */
NODISCARD enum redress_status composite_file_read(struct rule_pack *pack,
                                                  const struct yaml_tree *tree, const char *file,
                                                  struct error_list *errors);
/**
 * Turns the list of composites into an array in which each stands behind what it reads, equal ones
 * by id. A circle is an error at one of its members that names the others.
 */
NODISCARD enum redress_status composites_sort(struct rule_pack *pack, struct error_list *errors);

/** Reads disabled.yaml and takes the rules that it names out of the list of `pack`. */
NODISCARD enum redress_status disabled_file_read(struct rule_pack *pack,
                                                 const struct yaml_tree *tree, const char *file,
                                                 struct error_list *errors);

/** Reads lexicon/LANGUAGE.tsv into the lexicon of that language, in place of one read before. */
NODISCARD enum redress_status lexicon_file_read(struct rule_pack *pack, const char *path,
                                                enum language language, struct error_list *errors);
/** The same of an open stream; `name` is that for errors. */
NODISCARD enum redress_status lexicon_stream_read(struct rule_pack *pack, FILE *stream,
                                                  const char *name, enum language language,
                                                  struct error_list *errors);

/** Reads tiers.yaml. */
NODISCARD enum redress_status tier_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                             const char *file, struct error_list *errors);

#endif
