/**
 * The verbs of `redress rules` that belong to the rule engineer's bench: one file a verb, and what
 * they share.
 */
#ifndef REDRESS_CLI_RULES_BENCH_H
#define REDRESS_CLI_RULES_BENCH_H

#include "base/error_list.h"
#include "base/json_writer.h"
#include "classify/rule_set.h"
#include "workbench/gold.h"

enum { BENCH_ARGUMENTS_MAX = 3 };

struct bench_options {
    const char *rules;    /* folder */
    const char *override; /* folder with what the site changes; NULL without */
    const char *gold;
    const char *corpus;
    const char *split;                          /* of the gold, the only one; NULL: all */
    const char *language;                       /* "" where none was given */
    const char *arguments[BENCH_ARGUMENTS_MAX]; /* TEXT or FILE and the like */
    bool json;
    bool text; /* show the messages themselves */
    bool help;
};

struct bench_verb {
    const char *name;
    const char *usage;
    bool needs_rules;
    bool needs_gold; /* --gold and --corpus */
    unsigned argument_count;
    /** Answers an exit code. rule_set is NULL for a verb that needs none. */
    int (*run)(const struct bench_options *options, const struct rule_set *rule_set);
};

extern const struct bench_verb rules_explain_verb;
extern const struct bench_verb rules_score_verb;
extern const struct bench_verb rules_hits_verb;
extern const struct bench_verb rules_errors_verb;
extern const struct bench_verb rules_profile_verb;
extern const struct bench_verb rules_schema_verb;
extern const struct bench_verb rules_diff_verb;
extern const struct bench_verb rules_gaps_verb;
extern const struct bench_verb rules_stems_verb;

/** The verb of that name, or NULL. */
const struct bench_verb *rules_bench_find(const char *name);

/** argv[0] is the verb. */
int rules_bench_run(const struct bench_verb *verb, int argc, char **argv);

/** Loads rules and prints their errors; override_folder may be NULL. */
NODISCARD enum redress_status bench_load_rules(const char *folder, const char *override_folder,
                                               struct rule_set **out);

/** Loads what --gold and --corpus name and prints its errors. Free it in every case. */
NODISCARD enum redress_status bench_load_gold(const struct bench_options *options,
                                              struct gold *gold);

/** A report on its way to standard output. False where there is no memory. */
struct bench_report {
    struct json_writer json;
    char *buffer;
};

NODISCARD bool bench_report_open(struct bench_report *report);
/** Writes out what stands in the buffer: after each item of a long list. */
void bench_report_flush(struct bench_report *report);
/** Ends the document. False where something did not fit. */
NODISCARD bool bench_report_close(struct bench_report *report);

/** A status as an exit code; says on standard error what went wrong. */
int bench_answer(enum redress_status status);

/** The names of a set of traits, each behind the separator but the first. */
void bench_print_traits(trait_set traits, const char *separator);
void bench_write_traits(struct json_writer *json, trait_set traits);

#endif
