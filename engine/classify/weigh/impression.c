#include "classify/weigh/impression.h"

#include "classify/weigh/context.h"

#include <math.h>

enum { WORDS_MIN = 4 /* fewer say no more than they do */ };

/* A sentence has at most SENTENCE_WORDS_MAX words of at most 127 each. */
struct sums {
    int16_t columns[LEXICON_COLUMNS];
};

_Static_assert(SENTENCE_WORDS_MAX *LEXICON_WEIGHT_MAX <= INT16_MAX, "a sentence's sum");

static struct sums sum_words(const struct context *context, uint32_t sentence)
{
    const struct sentences *sentences = &context->sentences;
    struct sums sums = {0};
    for (uint32_t word = sentences->first_word[sentence];
         word < sentences->first_word[sentence + 1]; word++) {
        const uint8_t *bytes = context->view->bytes + sentences->words[word];
        const struct lexicon_entry *entry = lexicon_entry_at(context->lexicon, bytes);
        for (unsigned column = 0; column < LEXICON_COLUMNS; column++)
            sums.columns[column] = (int16_t)(sums.columns[column] + entry->weights[column]);
    }
    return sums;
}

static float measure(float sum, uint32_t words)
{
    return sum / ((float)LEXICON_ONE * sqrtf((float)(words > WORDS_MIN ? words : WORDS_MIN)));
}

static bool complains(const struct context *context, const struct evidence *evidence)
{
    const struct rule *rule = &context->pack->rules[evidence->rule_index];
    return evidence->fate == FATE_FIRED && rule->complaint > 0 && !rule->experimental;
}

/* Whether rules hear a complaint in a sentence; *at goes through the evidence of all. */
static bool is_heard(const struct context *context, uint32_t sentence, uint32_t *at)
{
    bool heard = false;
    for (; *at < context->evidence_count && context->evidence[*at].sentence == sentence; ++*at)
        heard |= complains(context, &context->evidence[*at]);
    return heard;
}

/* Of the sentences that tell what a message is about. */
struct subject {
    float columns[CATEGORY_COUNT];
    uint32_t word_count;
};

static void add_sentence(struct subject *subject, const struct sums *sums, uint32_t word_count)
{
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        subject->columns[category] += sums->columns[category];
    subject->word_count += word_count;
}

/* The traits that a sentence's words say. */
static trait_set said_traits(const struct lexicon *lexicon, const struct sums *sums)
{
    trait_set said = 0;
    for (unsigned index = 0; index < LEXICON_TRAIT_COUNT; index++) {
        unsigned column = LEXICON_TRAITS + index;
        bool is_said = lexicon->start[column] + sums->columns[column] > 0;
        said |= (trait_set)is_said << lexicon_traits[index];
    }
    return said;
}

int impression_most(const struct context *context, unsigned column, uint32_t *sentence)
{
    int most = 0;
    *sentence = 0;
    for (uint32_t at = 0; at < context->sentences.count; at++) {
        int sum = context->lexicon->start[column] + sum_words(context, at).columns[column];
        if (at > 0 && sum <= most)
            continue;
        most = sum;
        *sentence = at;
    }
    return most;
}

struct impression impression_read(const struct context *context)
{
    const struct lexicon *lexicon = context->lexicon;
    struct impression impression = {0};
    struct subject heard = {0};
    struct subject strongest = {0};
    uint32_t at = 0;
    for (uint32_t sentence = 0; sentence < context->sentences.count; sentence++) {
        uint32_t count =
            context->sentences.first_word[sentence + 1] - context->sentences.first_word[sentence];
        struct sums sums = sum_words(context, sentence);
        impression.traits |= said_traits(lexicon, &sums);
        float complaint = measure(sums.columns[LEXICON_COMPLAINT], count);
        if (is_heard(context, sentence, &at))
            add_sentence(&heard, &sums, count);
        if (sentence > 0 && complaint <= impression.complaint)
            continue;
        impression.complaint = complaint;
        impression.sentence = sentence;
        strongest = (struct subject){0};
        add_sentence(&strongest, &sums, count);
    }
    const struct subject *subject = heard.word_count > 0 ? &heard : &strongest;
    impression.complaint += (float)lexicon->start[LEXICON_COMPLAINT] / (float)LEXICON_ONE;
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        impression.categories[category] = measure(subject->columns[category], subject->word_count) +
                                          (float)lexicon->start[category] / (float)LEXICON_ONE;
    return impression;
}
