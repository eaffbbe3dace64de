/**
 * Where rules and readers part, in groups that name what is missing.
 *
 * A trait that the rules find and the gold lacks is no error here: gold that was read once lacks
 * traits, so a hit without a label is unknown and not wrong.
 */
#ifndef REDRESS_WORKBENCH_GOLD_ERRORS_H
#define REDRESS_WORKBENCH_GOLD_ERRORS_H

#include "workbench/gold.h"

enum gold_error_kind {
    GOLD_ERROR_MISSING_COMPLAINT,
    GOLD_ERROR_FALSE_COMPLAINT,
    GOLD_ERROR_MISSING_URGENT,
    GOLD_ERROR_FALSE_URGENT,
    GOLD_ERROR_MISSING_TRAIT,  /* argument: the trait */
    GOLD_ERROR_WRONG_CATEGORY, /* of a complaint that was found; argument: what was said first */
    GOLD_ERROR_KIND_COUNT
};

struct gold_error_group {
    enum gold_error_kind kind;
    uint8_t argument;
    uint32_t count;
};

enum { GOLD_ERROR_GROUPS_MAX = GOLD_ERROR_MISSING_TRAIT + TRAIT_COUNT + CATEGORY_COUNT };

/** "missing complaint", "missing trait", …; never NULL. */
const char *gold_error_kind_name(enum gold_error_kind kind);
/** The name of the group's trait or category, or "". */
const char *gold_error_argument_name(const struct gold_error_group *group);

/** True where the message belongs to the group; one may belong to several. */
bool gold_error_holds(const struct gold_error_group *group, const struct gold_message *message);

/** The groups that have messages, the largest first; answers how many. */
uint32_t gold_errors_group(const struct gold *gold,
                           struct gold_error_group out[GOLD_ERROR_GROUPS_MAX]);

#endif
