#include "workbench/gold_errors.h"

#include <stdlib.h>

const char *gold_error_kind_name(enum gold_error_kind kind)
{
    static const char *const names[GOLD_ERROR_KIND_COUNT] = {
        "missing complaint", "false complaint", "missing urgent",
        "false urgent",      "missing trait",   "wrong first category"};
    return names[kind];
}

const char *gold_error_argument_name(const struct gold_error_group *group)
{
    if (group->kind == GOLD_ERROR_MISSING_TRAIT)
        return redress_trait_name((enum trait)group->argument);
    if (group->kind == GOLD_ERROR_WRONG_CATEGORY)
        return redress_category_name((enum category)group->argument);
    return "";
}

static bool is_wrong_category(const struct gold_message *message, uint8_t said_first)
{
    return message->gold.complaint && message->said.complaint &&
           message->said.first_category == said_first &&
           !(message->gold.categories >> said_first & 1);
}

bool gold_error_holds(const struct gold_error_group *group, const struct gold_message *message)
{
    const struct judgement *gold = &message->gold;
    const struct judgement *said = &message->said;
    switch (group->kind) {
    case GOLD_ERROR_MISSING_COMPLAINT:
        return gold->complaint && !said->complaint;
    case GOLD_ERROR_FALSE_COMPLAINT:
        return !gold->complaint && said->complaint;
    case GOLD_ERROR_MISSING_URGENT:
        return gold->urgent && !said->urgent;
    case GOLD_ERROR_FALSE_URGENT:
        return !gold->urgent && said->urgent;
    case GOLD_ERROR_MISSING_TRAIT:
        return (gold->traits & ~said->traits) >> group->argument & 1;
    case GOLD_ERROR_WRONG_CATEGORY:
        return is_wrong_category(message, group->argument);
    case GOLD_ERROR_KIND_COUNT:
        break;
    }
    return false;
}

static int compare_groups(const void *left, const void *right)
{
    const struct gold_error_group *a = left;
    const struct gold_error_group *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->argument < b->argument ? -1 : a->argument > b->argument;
}

static uint8_t arguments_of(enum gold_error_kind kind)
{
    if (kind == GOLD_ERROR_MISSING_TRAIT)
        return TRAIT_COUNT;
    return kind == GOLD_ERROR_WRONG_CATEGORY ? CATEGORY_COUNT : 1;
}

uint32_t gold_errors_group(const struct gold *gold,
                           struct gold_error_group out[GOLD_ERROR_GROUPS_MAX])
{
    uint32_t count = 0;
    for (unsigned kind = 0; kind < GOLD_ERROR_KIND_COUNT; kind++)
        for (uint8_t argument = 0; argument < arguments_of((enum gold_error_kind)kind);
             argument++) {
            struct gold_error_group *group = &out[count];
            *group = (struct gold_error_group){(enum gold_error_kind)kind, argument, 0};
            for (uint32_t index = 0; index < gold->count; index++)
                group->count += gold_error_holds(group, &gold->messages[index]);
            count += group->count > 0;
        }
    qsort(out, count, sizeof *out, compare_groups);
    return count;
}
