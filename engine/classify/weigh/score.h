/**
 * Adds up what the rules that fired give: by sentence, then over the strongest sentences.
 *
 *   complaint   the two strongest sentences of complaint and the strongest of praise: a long text
 *               weighs no more than a short one, and a friendly one no less. Praise takes one
 *               moderate complaint back at most
 *   group       of rules in one group only the strongest counts in a sentence
 *   category    in full from the strongest sentences, by SCORE_ELSEWHERE from the others
 *   traits, at_least   from every sentence
 *
 * An outcry is a sentence of complaint that names neither a subject nor a trait ("what a circus!").
 * It adds to others as long as that makes no more than a nuisance of a message; beyond, it stands
 * for itself or not at all: a rant makes nothing graver. So it is with the impression that the
 * words of a text make each by itself: it may make a nuisance of what no rule hears, and of what is
 * a moderate complaint by weights alone where the words beside it speak against it. Traits, and
 * what follows from them, it leaves alone.
 *
 * Owns: nothing. Allocates nothing.
 */
#ifndef REDRESS_CLASSIFY_WEIGH_SCORE_H
#define REDRESS_CLASSIFY_WEIGH_SCORE_H

#include "classify/weigh/context.h"

enum { SCORE_SENTENCES = 2 };

/* What a category outside the strongest sentences counts. */
#define SCORE_ELSEWHERE 0.5F

/** What a rule gives, packed for the worker. */
struct rule_gift {
    trait_set traits;
    float complaint;
    float say; /* how much for a verdict: people see the first reasons, not all */
    uint16_t group;
    uint8_t at_least; /* enum severity */
    uint8_t category_count;
    uint8_t categories[RULE_CATEGORIES_MAX];
    float weights[RULE_CATEGORIES_MAX];
};

/** Whether evidence counts for what its rule gives. */
static inline bool evidence_counts(const struct evidence *evidence)
{
    return evidence->fate <= FATE_FLIPPED;
}

/** What evidence that counts adds to a complaint. */
static inline float evidence_complaint(const struct rule_gift *gift,
                                       const struct evidence *evidence)
{
    return evidence->fate == FATE_FLIPPED ? -gift->complaint : gift->complaint;
}

/** Whether a rule says what something is about; that somebody is insulted is about nothing. */
static inline bool gift_names_something(const struct rule_gift *gift)
{
    return gift->category_count > 0 || (gift->traits & ~(1u << TRAIT_ABUSE)) != 0;
}

struct score {
    float complaint; /* -RULE_SCORE_MAX to RULE_SCORE_MAX */
    trait_set traits;
    trait_set announced;
    trait_set done;
    enum severity at_least;
    float categories[CATEGORY_COUNT]; /* by rules */
    float impression[CATEGORY_COUNT]; /* by single words, as all below */
    trait_set traits_by_words;
};

/** The score of a text's evidence, which is sorted by sentence, then by rule. `moderate` is the
 * tier's. */
struct score score_evidence(const struct rule_gift *gifts, const struct evidence *evidence,
                            uint32_t count, float moderate);

/** The same of a finished context, and what its words say each by themselves. */
struct score score_context(const struct rule_gift *gifts, const struct context *context,
                           float moderate);

/** The severity of a score by the tiers. */
enum severity score_severity(const struct tiers *tiers, float complaint);

/**
 * The strongest category by rules and words together, then the strongest other one by rules; equal
 * ones in the vocabulary's order.
 */
uint8_t score_categories(const struct score *score, uint8_t out[VERDICT_CATEGORIES_MAX]);

#endif
