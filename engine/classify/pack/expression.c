/** Runs compiled conditions. The stack is one word of bits: the parser bounds its depth. */
#include "classify/pack/expression.h"

#include "base/assert.h"

#include <string.h>

static bool compare(double left, enum expression_compare how, double right)
{
    switch (how) {
    case COMPARE_EQUAL:
        return left == right;
    case COMPARE_NOT_EQUAL:
        return left != right;
    case COMPARE_LESS:
        return left < right;
    case COMPARE_LESS_EQUAL:
        return left <= right;
    case COMPARE_GREATER:
        return left > right;
    case COMPARE_GREATER_EQUAL:
        return left >= right;
    }
    ASSERT(false);
    return false;
}

static uint32_t complaints_in(const struct recurrence *recurrence, enum recurrence_window window)
{
    switch (window) {
    case WINDOW_1H:
        return recurrence->complaints_1h;
    case WINDOW_1D:
        return recurrence->complaints_1d;
    case WINDOW_7D:
        return recurrence->complaints_7d;
    case WINDOW_30D:
        return recurrence->complaints_30d;
    }
    ASSERT(false);
    return 0;
}

static bool operand_holds(const struct expression_step *step, const struct facts *facts)
{
    const struct recurrence *known =
        facts->recurrence && facts->recurrence->scope != HISTORY_UNKNOWN ? facts->recurrence : NULL;
    enum expression_compare how = (enum expression_compare)step->compare;
    switch ((enum expression_op)step->op) {
    case EXPRESSION_TRAIT:
        return facts->traits >> step->argument & 1;
    case EXPRESSION_ANNOUNCED:
        return facts->announced >> step->argument & 1;
    case EXPRESSION_DONE:
        return facts->done >> step->argument & 1;
    case EXPRESSION_CATEGORY:
        return facts->categories >> step->argument & 1;
    case EXPRESSION_COMPLAINT:
        return facts->severity > SEVERITY_NONE;
    case EXPRESSION_URGENT:
        return facts->urgent;
    case EXPRESSION_REPEAT:
        return known && known->repeat;
    case EXPRESSION_LANGUAGE:
        return compare(facts->language, how, step->argument);
    case EXPRESSION_CHANNEL:
        return compare(facts->channel, how, step->argument);
    case EXPRESSION_SEVERITY:
        return compare(facts->severity, how, step->value);
    case EXPRESSION_SCORE:
        return compare(facts->score, how, step->value);
    case EXPRESSION_DURATION:
        return compare(facts->values.duration_s, how, step->value);
    case EXPRESSION_MONEY:
        return compare(facts->values.money_eur, how, step->value);
    case EXPRESSION_COUNT:
        return compare(facts->values.count, how, step->value);
    case EXPRESSION_COMPLAINTS:
        return known && compare(complaints_in(known, (enum recurrence_window)step->argument), how,
                                step->value);
    case EXPRESSION_AND:
    case EXPRESSION_OR:
    case EXPRESSION_NOT:
        break;
    }
    ASSERT(false);
    return false;
}

bool expression_holds(const struct expression *expression, const struct facts *facts)
{
    uint64_t stack = 0; /* the top is bit 0 */
    for (uint32_t index = 0; index < expression->count; index++) {
        const struct expression_step *step = &expression->steps[index];
        if (step->op == EXPRESSION_NOT)
            stack ^= 1;
        else if (step->op == EXPRESSION_AND)
            stack = stack >> 1 & (stack | ~1ull);
        else if (step->op == EXPRESSION_OR)
            stack = stack >> 1 | (stack & 1);
        else
            stack = stack << 1 | (operand_holds(step, facts) ? 1 : 0);
    }
    return stack & 1;
}

uint8_t channel_names_find(const struct channel_names *channels, struct slice name)
{
    for (uint32_t index = 0; index < channels->count; index++)
        if (strlen(channels->names[index]) == name.size &&
            memcmp(channels->names[index], name.data, name.size) == 0)
            return (uint8_t)(index + 1);
    return 0;
}
