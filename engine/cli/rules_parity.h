/** redress rules parity, called by redress rules. */
#ifndef REDRESS_CLI_RULES_PARITY_H
#define REDRESS_CLI_RULES_PARITY_H

#include "classify/rule_set.h"

/** Prints what cases/parallel.yaml of the folder comes to; *passes where all is well. */
NODISCARD enum redress_status cli_rules_parity(const struct rule_set *rule_set, const char *folder,
                                               bool json, struct error_list *errors, bool *passes);

#endif
