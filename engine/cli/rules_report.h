/** The JSON object that `redress rules check` and `test` print. */
#ifndef REDRESS_CLI_RULES_REPORT_H
#define REDRESS_CLI_RULES_REPORT_H

#include "base/error_list.h"
#include "base/json_writer.h"
#include "classify/rule_set.h"

/* Up to two lists of errors, each of which has its longest text escaped. */
enum { RULES_REPORT_BYTES = 2 * ERROR_LIST_MAX * 3200 + 4096 };

struct rules_report {
    struct json_writer json;
};

/** One at a time. rule_set may be NULL where the rules do not load. */
void rules_report_open(struct rules_report *report, const struct rule_set *rule_set);
/** `name` is "error" or "warning". */
void rules_report_errors(struct rules_report *report, const char *name,
                         const struct error_list *errors);
/** Prints it. */
void rules_report_close(struct rules_report *report);

#endif
