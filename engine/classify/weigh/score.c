#include "classify/weigh/score.h"

#include <math.h>

/* A second category stands only where it weighs at least so much of the first. */
#define SECOND_CATEGORY_SHARE 0.5f
/* What words say is chance where it is no more, of a complaint, against one, and of a category. */
#define COMPLAINT_CHANCE 0.1f
#define DOUBT_CHANCE     0.05f
#define CATEGORY_CHANCE  0.75f

enum { SENTENCE_GROUPS_MAX = 32, NO_SENTENCE = -1 };

/* The strongest rule of each group in one sentence. */
struct sentence_groups {
    uint32_t count;
    struct {
        uint16_t group;
        float complaint;
    } items[SENTENCE_GROUPS_MAX];
};

/* Sentences so far, the strongest first. */
struct strongest_sentences {
    float complaint[SCORE_SENTENCES];
    int64_t sentence[SCORE_SENTENCES];
    float said[SCORE_SENTENCES]; /* the same of those that name a subject or a trait */
    float outcry;                /* of the strongest that names neither */
    float praise;                /* of the sentence that takes most away */
};

struct sentence_sum {
    float complaint;
    bool has_subject; /* or a trait */
};

static float magnitude(float value)
{
    return value < 0 ? -value : value;
}

/* What a rule adds to its sentence: the part by which it is stronger than others of its group. */
static float group_share(struct sentence_groups *groups, uint16_t group, float complaint)
{
    uint32_t at = 0;
    while (at < groups->count && groups->items[at].group != group)
        at++;
    if (at == SENTENCE_GROUPS_MAX)
        return complaint;
    if (at == groups->count) {
        groups->items[groups->count].group = group;
        groups->items[groups->count++].complaint = complaint;
        return complaint;
    }
    float before = groups->items[at].complaint;
    if (magnitude(complaint) <= magnitude(before))
        return 0;
    groups->items[at].complaint = complaint;
    return complaint - before;
}

/* Adds up the sentence that begins at *at and moves behind it. */
static struct sentence_sum sum_sentence(const struct rule_gift *gifts,
                                        const struct evidence *evidence, uint32_t count,
                                        uint32_t *at)
{
    struct sentence_groups groups; /* its items are not cleared: they are written before read */
    groups.count = 0;
    uint32_t sentence = evidence[*at].sentence;
    struct sentence_sum sum = {0};
    for (; *at < count && evidence[*at].sentence == sentence; ++*at) {
        if (!evidence_counts(&evidence[*at]))
            continue;
        const struct rule_gift *gift = &gifts[evidence[*at].rule_index];
        float complaint = evidence_complaint(gift, &evidence[*at]);
        sum.complaint += gift->group ? group_share(&groups, gift->group, complaint) : complaint;
        sum.has_subject |= complaint > 0 && gift_names_something(gift);
    }
    return sum;
}

/* Where among the strongest a sum stands; SCORE_SENTENCES for none of them. Those it is stronger
 * than move back. */
static unsigned rank_sum(float sums[SCORE_SENTENCES], float sum)
{
    unsigned rank = 0;
    while (rank < SCORE_SENTENCES && sum <= sums[rank])
        rank++;
    for (unsigned lower = SCORE_SENTENCES - 1; lower > rank; lower--)
        sums[lower] = sums[lower - 1];
    if (rank < SCORE_SENTENCES)
        sums[rank] = sum;
    return rank;
}

static void note_sentence(struct strongest_sentences *strongest, int64_t sentence,
                          struct sentence_sum sum)
{
    if (sum.complaint < strongest->praise)
        strongest->praise = sum.complaint;
    if (sum.has_subject)
        (void)rank_sum(strongest->said, sum.complaint);
    else if (sum.complaint > strongest->outcry)
        strongest->outcry = sum.complaint;
    unsigned rank = rank_sum(strongest->complaint, sum.complaint);
    for (unsigned lower = SCORE_SENTENCES - 1; lower > rank; lower--)
        strongest->sentence[lower] = strongest->sentence[lower - 1];
    if (rank < SCORE_SENTENCES)
        strongest->sentence[rank] = sentence;
}

static float sum_of(const float sums[SCORE_SENTENCES])
{
    float sum = 0;
    for (unsigned rank = 0; rank < SCORE_SENTENCES; rank++)
        sum += sums[rank];
    return sum;
}

/* An outcry may make a complaint of a message, and no more than a nuisance of that. Praise takes
 * one moderate complaint back, and no more. */
static float complaint_in(const struct strongest_sentences *strongest, float moderate)
{
    float praise = strongest->praise > -moderate ? strongest->praise : -moderate;
    float said = sum_of(strongest->said);
    float alone = praise + (said > strongest->outcry ? said : strongest->outcry);
    float together = praise + sum_of(strongest->complaint);
    if (alone >= moderate)
        return alone;
    return together < moderate ? together : nextafterf(moderate, 0);
}

static bool is_strongest(const struct strongest_sentences *strongest, int64_t sentence)
{
    if (strongest->sentence[0] == NO_SENTENCE)
        return true;
    for (unsigned rank = 0; rank < SCORE_SENTENCES; rank++)
        if (strongest->sentence[rank] == sentence)
            return true;
    return false;
}

static void add_categories(struct score *score, const struct rule_gift *gift, float share)
{
    for (unsigned index = 0; index < gift->category_count; index++)
        score->categories[gift->categories[index]] += share * gift->weights[index];
}

/* All that is not added up. A flipped rule says the reverse of what it was written for: of it only
 * the complaint and, where that is one now, its subject stand. */
static void add_gift(struct score *score, const struct rule_gift *gift,
                     const struct evidence *evidence, float share)
{
    bool flipped = evidence->fate == FATE_FLIPPED;
    if (!flipped || evidence_complaint(gift, evidence) > 0)
        add_categories(score, gift, share);
    if (flipped)
        return;
    trait_set steps = gift->traits & RULE_STANCE_TRAITS;
    score->traits |= gift->traits;
    score->announced |= evidence->stance == STANCE_ANNOUNCED ? steps : 0;
    score->done |= evidence->stance == STANCE_DONE ? steps : 0;
    if (gift->at_least > score->at_least)
        score->at_least = (enum severity)gift->at_least;
}

static float bounded(float complaint)
{
    if (complaint > (float)RULE_SCORE_MAX)
        return (float)RULE_SCORE_MAX;
    return complaint < -(float)RULE_SCORE_MAX ? -(float)RULE_SCORE_MAX : complaint;
}

struct score score_evidence(const struct rule_gift *gifts, const struct evidence *evidence,
                            uint32_t count, float moderate)
{
    struct score score = {0};
    struct strongest_sentences strongest = {.sentence = {NO_SENTENCE, NO_SENTENCE}};
    for (uint32_t at = 0; at < count;) {
        int64_t sentence = evidence[at].sentence;
        struct sentence_sum sum = sum_sentence(gifts, evidence, count, &at);
        note_sentence(&strongest, sentence, sum);
    }
    for (uint32_t at = 0; at < count; at++) {
        bool strong = is_strongest(&strongest, evidence[at].sentence);
        if (evidence_counts(&evidence[at]))
            add_gift(&score, &gifts[evidence[at].rule_index], &evidence[at],
                     strong ? 1.0F : SCORE_ELSEWHERE);
    }
    score.complaint = complaint_in(&strongest, moderate);
    score.complaint = bounded(score.complaint);
    return score;
}

static float with_impression(float complaint, const struct impression *impression, float moderate)
{
    if (complaint >= moderate)
        return impression->heard < -DOUBT_CHANCE ? nextafterf(moderate, 0) : complaint;
    if (impression->complaint <= COMPLAINT_CHANCE)
        return complaint;
    float sum = complaint + impression->complaint;
    return sum < moderate ? sum : nextafterf(moderate, 0);
}

static void add_impression(struct score *score, const struct impression *impression, float moderate)
{
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        if (impression->categories[category] > CATEGORY_CHANCE)
            score->impression[category] = impression->categories[category] - CATEGORY_CHANCE;
    score->traits_by_words = impression->traits;
    score->complaint = with_impression(score->complaint, impression, moderate);
}

struct score score_context(const struct rule_gift *gifts, const struct context *context,
                           float moderate)
{
    struct score score =
        score_evidence(gifts, context->evidence, context->evidence_count, moderate);
    add_impression(&score, &context->impression, moderate);
    return score;
}

enum severity score_severity(const struct tiers *tiers, float complaint)
{
    unsigned severity = SEVERITY_CRITICAL;
    while (severity > SEVERITY_NONE && !(complaint >= tiers->score_min[severity]))
        severity--;
    return (enum severity)severity;
}

static unsigned strongest(const float *weights, unsigned besides)
{
    unsigned best = CATEGORY_COUNT;
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        if (category != besides && weights[category] > 0 &&
            (best == CATEGORY_COUNT || weights[category] > weights[best]))
            best = category;
    return best;
}

uint8_t score_categories(const struct score *score, uint8_t out[VERDICT_CATEGORIES_MAX])
{
    float together[CATEGORY_COUNT];
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        together[category] = score->categories[category] + score->impression[category];
    unsigned first = strongest(together, CATEGORY_COUNT);
    if (first == CATEGORY_COUNT)
        return 0;
    out[0] = (uint8_t)first;
    unsigned second = strongest(score->categories, first);
    if (second == CATEGORY_COUNT ||
        score->categories[second] < SECOND_CATEGORY_SHARE * score->categories[first])
        return 1;
    out[1] = (uint8_t)second;
    return 2;
}
