/** redress rules witness, called by redress rules. */
#ifndef REDRESS_CLI_RULES_WITNESS_H
#define REDRESS_CLI_RULES_WITNESS_H

#include "base/error_list.h"
#include "classify/rule_set.h"

#include <stdbool.h>

struct rules_witness_options {
    const char *folder;
    const char *override; /* its own rules have witnesses of their own; NULL without */
    bool record;
    bool json;
};

/** STATUS_OK also where a witness fails; errors are in the list. */
NODISCARD enum redress_status cli_rules_witness(const struct rules_witness_options *options,
                                                struct error_list *errors);

#endif
