/**
 * Composites that can never hold and tiers that no score reaches.
 *
 * Method: what the rules and composites can give at most is gathered; each operand then may be
 * true, may be false or may be both, and a condition that cannot be true whatever its operands do
 * is out of reach. Operands count as independent of one another, so that what is reported is never
 * reachable; a contradiction between two operands is not seen.
 */
#include "workbench/lint.h"

#include <math.h>

struct reachable {
    trait_set traits;
    trait_set announced; /* and done: a rule may find both or fix one */
    trait_set done;
    category_set categories;
    uint32_t languages;
    enum severity level; /* the highest that anything gives */
    double score[LANGUAGE_COUNT];
};

static void add_rule(struct reachable *reachable, const struct rule *rule)
{
    trait_set steps = rule->traits & RULE_STANCE_TRAITS;
    reachable->traits |= rule->traits;
    reachable->announced |= rule->stance == STANCE_DONE ? 0 : steps;
    reachable->done |= rule->stance == STANCE_ANNOUNCED ? 0 : steps;
    reachable->languages |= rule->languages;
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        if (rule->categories[category] > 0)
            reachable->categories |= 1u << category;
    if (rule->at_least > reachable->level)
        reachable->level = rule->at_least;
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        if (rule->languages >> language & 1) /* flipped praise complains, too */
            reachable->score[language] += 2 * fabs((double)rule->complaint);
}

static double highest_score(const struct reachable *reachable)
{
    double highest = 0;
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        if (reachable->score[language] > highest)
            highest = reachable->score[language];
    return highest;
}

static struct reachable find_reachable(const struct rule_pack *pack)
{
    struct reachable reachable = {.categories = 1u << CATEGORY_OTHER,
                                  .traits = 1u << TRAIT_REPEAT}; /* history gives these */
    for (uint32_t index = 0; index < pack->rule_count; index++)
        if (!pack->rules[index].experimental)
            add_rule(&reachable, &pack->rules[index]);
    double highest = highest_score(&reachable);
    for (unsigned severity = SEVERITY_MINOR; severity < SEVERITY_COUNT; severity++)
        if (highest >= (double)pack->tiers.score_min[severity] && severity > reachable.level)
            reachable.level = (enum severity)severity;
    for (uint32_t index = 0; index < pack->composite_count; index++) {
        const struct composite *composite = &pack->composites[index];
        enum severity level = composite->urgent ? SEVERITY_SERIOUS : composite->at_least;
        reachable.traits |= composite->traits;
        if (level > reachable.level)
            reachable.level = level;
    }
    return reachable;
}

/* Whether an operand can be true; what is compared with a value can always be false, too. */
static bool operand_can_hold(const struct reachable *reachable, const struct expression_step *step)
{
    switch ((enum expression_op)step->op) {
    case EXPRESSION_TRAIT:
        return reachable->traits >> step->argument & 1;
    case EXPRESSION_ANNOUNCED:
        return reachable->announced >> step->argument & 1;
    case EXPRESSION_DONE:
        return reachable->done >> step->argument & 1;
    case EXPRESSION_CATEGORY:
        return reachable->categories >> step->argument & 1;
    case EXPRESSION_LANGUAGE:
        return step->compare != COMPARE_EQUAL || reachable->languages >> step->argument & 1;
    case EXPRESSION_SEVERITY:
        return step->compare != COMPARE_GREATER_EQUAL || (float)reachable->level >= step->value;
    case EXPRESSION_SCORE:
        return step->compare != COMPARE_GREATER_EQUAL ||
               highest_score(reachable) >= (double)step->value;
    case EXPRESSION_COMPLAINT:
    case EXPRESSION_URGENT:
    case EXPRESSION_REPEAT:
    case EXPRESSION_CHANNEL:
    case EXPRESSION_DURATION:
    case EXPRESSION_MONEY:
    case EXPRESSION_COUNT:
    case EXPRESSION_COMPLAINTS:
    case EXPRESSION_AND:
    case EXPRESSION_OR:
    case EXPRESSION_NOT:
        break;
    }
    return true;
}

/* Two words of bits as stacks: what can be true, and what can be false. */
static bool can_hold(const struct reachable *reachable, const struct expression *when)
{
    uint64_t can = 0;
    uint64_t cannot = 0;
    for (uint32_t index = 0; index < when->count; index++) {
        const struct expression_step *step = &when->steps[index];
        if (step->op == EXPRESSION_NOT) {
            uint64_t top = can & 1;
            can = (can & ~1ull) | (cannot & 1);
            cannot = (cannot & ~1ull) | top;
        } else if (step->op == EXPRESSION_AND) {
            can = can >> 1 & (can | ~1ull);
            cannot = cannot >> 1 | (cannot & 1);
        } else if (step->op == EXPRESSION_OR) {
            can = can >> 1 | (can & 1);
            cannot = cannot >> 1 & (cannot | ~1ull);
        } else {
            can = can << 1 | operand_can_hold(reachable, step);
            cannot = cannot << 1 | 1;
        }
    }
    return can & 1;
}

void lint_check_reach(struct lint *lint)
{
    const struct rule_pack *pack = &lint->rule_set->pack;
    struct reachable reachable = find_reachable(pack);
    for (uint32_t index = 0; index < pack->composite_count; index++) {
        const struct composite *composite = &pack->composites[index];
        if (!can_hold(&reachable, &composite->when))
            error_list_add(lint->warnings, STATUS_INVALID, composite->place.file,
                           composite->place.line, composite->place.column,
                           "composite \"%.60s\" can never hold: no rule gives what it needs; write "
                           "one, or remove it",
                           composite->id);
    }
    for (unsigned severity = SEVERITY_MINOR; severity < SEVERITY_COUNT; severity++)
        if (isfinite(pack->tiers.score_min[severity]) &&
            highest_score(&reachable) < (double)pack->tiers.score_min[severity])
            error_list_add(lint->errors, STATUS_INVALID, pack->tiers.place.file,
                           pack->tiers.place.line, pack->tiers.place.column,
                           "tier \"%s\" needs a score of %g, and no message comes above %g: lower "
                           "it",
                           redress_severity_name((enum severity)severity),
                           (double)pack->tiers.score_min[severity], highest_score(&reachable));
}
