/** The command `redress rules` inside a test's own program, which a reload starts as its checker.
 */
#ifndef TESTS_HELPERS_RULES_CHECKER_H
#define TESTS_HELPERS_RULES_CHECKER_H

#include "cli/data_path.c"
#include "cli/rules.c"
#include "cli/rules_path.c"
#include "cli/rules_report.c"

/* Its other subcommands, which no reload asks for. */
enum redress_status cli_rules_parity(const struct rule_set *rule_set, const char *rules_folder,
                                     bool json, struct error_list *errors, bool *passes)
{
    (void)rule_set, (void)rules_folder, (void)json, (void)errors, (void)passes;
    return STATUS_DENIED;
}

enum redress_status cli_rules_test(const struct rules_test_options *options,
                                   struct error_list *errors, bool *failed)
{
    (void)options, (void)errors, (void)failed;
    return STATUS_DENIED;
}

enum redress_status cli_rules_witness(const struct rules_witness_options *options,
                                      struct error_list *errors)
{
    (void)options, (void)errors;
    return STATUS_DENIED;
}

const struct bench_verb *rules_bench_find(const char *name)
{
    (void)name;
    return NULL;
}

int rules_bench_run(const struct bench_verb *verb, int argc, char **argv)
{
    (void)verb, (void)argc, (void)argv;
    return EXIT_ENVIRONMENT;
}

#endif
