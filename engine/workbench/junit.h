/**
 * What the tests of a pack came to, as a JUnit report: a test case an example or case.
 *
 * Owns: its file between junit_open() and junit_close().
 */
#ifndef REDRESS_WORKBENCH_JUNIT_H
#define REDRESS_WORKBENCH_JUNIT_H

#include "workbench/rule_test.h"

#include <stdio.h>

struct junit {
    FILE *file;
    uint32_t tests;
    uint32_t failures;
};

/** STATUS_OK; STATUS_IO where the file cannot be written. It must be one that can be rewound. */
NODISCARD enum redress_status junit_open(struct junit *junit, const char *path);

/** A visitor of rule_test_run(); `target` is the junit. */
void junit_visit(void *target, const struct rule_test_result *result);

/** Writes the counts. STATUS_OK; STATUS_IO where something could not be written. */
NODISCARD enum redress_status junit_close(struct junit *junit);

#endif
