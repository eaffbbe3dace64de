/** redress rules test, called by redress rules. */
#ifndef REDRESS_CLI_RULES_TEST_H
#define REDRESS_CLI_RULES_TEST_H

#include "base/error_list.h"

#include <stdbool.h>

struct rules_test_options {
    const char *folder;
    const char *override; /* NULL without */
    const char *junit;    /* file; NULL without */
    bool mutate;
    bool survivors;
    bool json;
};

/** STATUS_OK also where a test fails, which *failed says; errors are in the list. */
NODISCARD enum redress_status cli_rules_test(const struct rules_test_options *options,
                                             struct error_list *errors, bool *failed);

#endif
