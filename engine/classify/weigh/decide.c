#include "classify/weigh/decide.h"

#include "base/assert.h"

enum severity decide_forced_level(trait_set traits)
{
    const trait_set always = 1u << TRAIT_SAFETY | 1u << TRAIT_SELF_HARM | 1u << TRAIT_THREAT;
    const trait_set fraud_now = 1u << TRAIT_FRAUD | 1u << TRAIT_TIME_CRITICAL;
    if ((traits & always) || (traits & fraud_now) == fraud_now)
        return SEVERITY_SERIOUS;
    return SEVERITY_NONE;
}

static void raise_severity(struct facts *facts, enum severity severity)
{
    if (severity > facts->severity)
        facts->severity = severity;
}

/* Brings the facts in line with one another. */
static void settle(struct facts *facts)
{
    raise_severity(facts, decide_forced_level(facts->traits));
    if (facts->severity == SEVERITY_CRITICAL)
        facts->urgent = true;
    if (facts->urgent)
        raise_severity(facts, SEVERITY_SERIOUS);
}

/*
 * Composites stand in such an order that one pass sees every trait. Severity and urgency are read
 * as they stood before, so that these need no order.
 */
static bool may_hold(const struct expression *when, const struct facts *facts)
{
    return (facts->traits & when->required_traits) == when->required_traits &&
           (!when->requires_complaint || facts->severity > SEVERITY_NONE);
}

static void run_composites(const struct rule_pack *pack, struct facts *facts)
{
    struct facts seen = *facts;
    for (uint32_t index = 0; index < pack->composite_count; index++) {
        const struct composite *composite = &pack->composites[index];
        if (!may_hold(&composite->when, &seen) || !expression_holds(&composite->when, &seen))
            continue;
        seen.traits |= composite->traits;
        facts->traits |= composite->traits;
        facts->urgent |= composite->urgent;
        raise_severity(facts, composite->at_least);
        settle(facts);
    }
}

static void write_facts(const struct facts *facts, struct verdict *verdict)
{
    verdict->severity = facts->severity;
    verdict->complaint = facts->severity > SEVERITY_NONE;
    verdict->urgent = facts->urgent;
    verdict->traits_by_words &= ~facts->traits;
    verdict->traits = facts->traits | verdict->traits_by_words;
    if (!verdict->complaint) {
        verdict->category_count = 0;
    } else if (verdict->category_count == 0) {
        verdict->categories[0] = CATEGORY_OTHER;
        verdict->category_count = 1;
    }
    ASSERT(!verdict->urgent || verdict->severity >= SEVERITY_SERIOUS);
}

void decide(const struct rule_pack *pack, const struct score *score, struct verdict *verdict)
{
    verdict->score = score->complaint;
    verdict->announced = score->announced;
    verdict->done = score->done;
    verdict->category_count = score_categories(score, verdict->categories);
    struct facts facts = {.traits = score->traits,
                          .announced = score->announced,
                          .done = score->done,
                          .values = verdict->values,
                          .categories = redress_verdict_categories(verdict),
                          .severity = score_severity(&pack->tiers, score->complaint),
                          .language = verdict->language,
                          .channel = verdict->channel,
                          .score = score->complaint};
    raise_severity(&facts, score->at_least);
    settle(&facts);
    run_composites(pack, &facts);
    verdict->traits_by_words = facts.severity > SEVERITY_NONE ? score->traits_by_words : 0;
    write_facts(&facts, verdict);
}

/* What a finished verdict knows. What words alone say makes nothing graver: composites see none of
 * it. */
static struct facts facts_of(const struct verdict *verdict)
{
    return (struct facts){.traits = verdict->traits & ~verdict->traits_by_words,
                          .announced = verdict->announced,
                          .done = verdict->done,
                          .values = verdict->values,
                          .categories = redress_verdict_categories(verdict),
                          .severity = verdict->severity,
                          .urgent = verdict->urgent,
                          .language = verdict->language,
                          .channel = verdict->channel,
                          .score = verdict->score};
}

bool decide_composite_holds(const struct composite *composite, const struct verdict *verdict)
{
    struct facts facts = facts_of(verdict);
    return expression_holds(&composite->when, &facts);
}

bool decide_again(const struct rule_pack *pack, const struct recurrence *recurrence,
                  struct verdict *verdict)
{
    struct verdict before = *verdict;
    struct facts facts = facts_of(verdict);
    facts.recurrence = recurrence;
    /* Only a complaint can repeat a complaint. */
    if (recurrence->repeat && recurrence->scope != HISTORY_UNKNOWN && verdict->complaint)
        facts.traits |= 1u << TRAIT_REPEAT;
    settle(&facts);
    run_composites(pack, &facts);
    write_facts(&facts, verdict);
    ASSERT(verdict->severity >= before.severity && verdict->urgent >= before.urgent &&
           (verdict->traits & before.traits) == before.traits);
    return verdict->severity != before.severity || verdict->urgent != before.urgent ||
           verdict->traits != before.traits;
}
