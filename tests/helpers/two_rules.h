/** Two English rules: a gas leak is critical and urgent, a second charge a complaint. */
#ifndef TESTS_HELPERS_TWO_RULES_H
#define TESTS_HELPERS_TWO_RULES_H

#include "helpers/rules_folder.h"

static inline void two_rules_write(const struct rules_folder *folder)
{
    rules_folder_write(folder, "en/a.yaml",
                       "language: en\nrules:\n"
                       "  - id: en.safety.gas\n    why: Gas\n    pattern: '\\bgas leak\\b'\n"
                       "    sets: [safety]\n    complaint: 3\n    at_least: critical\n"
                       "    examples: {match: [a, b], calm: [c, d]}\n"
                       "  - id: en.billing.twice\n    why: Paid twice\n"
                       "    pattern: '\\bcharged twice\\b'\n    complaint: 2\n"
                       "    category: {billing: 2}\n"
                       "    examples: {match: [a, b], calm: [c, d]}\n");
    rules_folder_write(folder, "tiers.yaml", "tiers: {minor: 1, moderate: 2}\n");
    rules_folder_write(folder, "composites.yaml",
                       "composites:\n  - id: danger\n    why: Danger\n    when: trait.safety\n"
                       "    at_least: critical\n    urgent: true\n");
}

#endif
