/** Cases: a message, perhaps with a history, and the exact verdict that is expected of it. */
#ifndef REDRESS_WORKBENCH_RULE_CASE_H
#define REDRESS_WORKBENCH_RULE_CASE_H

#include "base/yaml_tree.h"
#include "classify/pack/rule_pack.h"

#include <redress/message.h>

struct rule_case {
    const char *text;
    const char *language_hint; /* NULL without one */
    const char *channel;
    bool has_history;
    struct recurrence history;
    /* What is expected; what a case does not name is expected to be empty. */
    enum severity severity;
    bool urgent;
    bool undecided;
    bool has_language;
    enum language language;
    category_set categories;
    trait_set traits;
    struct rule_place place;
    struct rule_case *next;
};

/** Reads one file into a list in the arena; the last case of the file stands first. */
NODISCARD enum redress_status rule_case_file_read(const struct yaml_tree *tree, const char *file,
                                                  struct arena *arena, struct error_list *errors,
                                                  struct rule_case **list);

/** True where the verdict is exactly the expected one. */
bool rule_case_holds(const struct rule_case *rule_case, const struct verdict *verdict);

/** Those of every file of folder/cases but parallel.yaml. Faults of a file are errors. */
NODISCARD enum redress_status rule_cases_read(const char *folder, struct arena *arena,
                                              struct error_list *errors, struct rule_case **list);

#endif
