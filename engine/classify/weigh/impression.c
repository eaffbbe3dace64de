#include "classify/weigh/impression.h"

#include "classify/weigh/score.h"

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

/* How much of a complaint rules hear, and whether it is about something. */
struct heard {
    float complaint;
    bool has_subject;
};

/* In a sentence; *at goes through the evidence of all. */
static struct heard heard_in(const struct context *context, const struct rule_gift *gifts,
                             uint32_t sentence, uint32_t *at)
{
    struct heard heard = {0};
    for (; *at < context->evidence_count && context->evidence[*at].sentence == sentence; ++*at) {
        const struct evidence *evidence = &context->evidence[*at];
        const struct rule_gift *gift = &gifts[evidence->rule_index];
        float complaint = evidence_complaint(gift, evidence);
        if (!evidence_counts(evidence) || complaint <= 0)
            continue;
        heard.complaint += complaint;
        heard.has_subject |= gift_names_something(gift);
    }
    return heard;
}

/* Some sentences of a message. */
struct passage {
    uint32_t sentence; /* that complains most */
    float complaint;   /* of that one */
    float columns[CATEGORY_COUNT];
    uint32_t word_count;
};

static void add_sentence(struct passage *passage, uint32_t sentence, const struct sums *sums,
                         uint32_t word_count)
{
    float complaint = measure(sums->columns[LEXICON_COMPLAINT], word_count);
    if (passage->word_count == 0 || complaint > passage->complaint) {
        passage->complaint = complaint;
        passage->sentence = sentence;
    }
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        passage->columns[category] += sums->columns[category];
    passage->word_count += word_count;
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

/* What a message says, read as the rules hear it and as its words alone tell. */
struct reading {
    struct passage about;    /* in which rules hear a complaint about something */
    struct passage heard;    /* in which they hear one */
    struct passage moderate; /* of these what makes a moderate one by itself */
    struct passage loudest;  /* the sentence whose words complain most */
};

static void read_sentence(struct reading *reading, uint32_t sentence, const struct sums *sums,
                          uint32_t word_count, struct heard heard, float moderate)
{
    struct passage alone = {0};
    add_sentence(&alone, sentence, sums, word_count);
    if (sentence == 0 || alone.complaint > reading->loudest.complaint)
        reading->loudest = alone;
    if (heard.has_subject)
        add_sentence(&reading->about, sentence, sums, word_count);
    if (heard.complaint > 0)
        add_sentence(&reading->heard, sentence, sums, word_count);
    if (heard.complaint >= moderate)
        add_sentence(&reading->moderate, sentence, sums, word_count);
}

static const struct passage *subject_of(const struct reading *reading)
{
    if (reading->about.word_count > 0)
        return &reading->about;
    return reading->heard.word_count > 0 ? &reading->heard : &reading->loudest;
}

static float from_start(const struct lexicon *lexicon, unsigned column)
{
    return (float)lexicon->start[column] / (float)LEXICON_ONE;
}

struct impression impression_read(const struct context *context, const struct rule_gift *gifts)
{
    const struct lexicon *lexicon = context->lexicon;
    float moderate = context->pack->tiers.score_min[SEVERITY_MODERATE];
    struct impression impression = {0};
    struct reading reading = {0};
    uint32_t at = 0;
    for (uint32_t sentence = 0; sentence < context->sentences.count; sentence++) {
        uint32_t count =
            context->sentences.first_word[sentence + 1] - context->sentences.first_word[sentence];
        struct sums sums = sum_words(context, sentence);
        impression.traits |= said_traits(lexicon, &sums);
        read_sentence(&reading, sentence, &sums, count, heard_in(context, gifts, sentence, &at),
                      moderate);
    }
    const struct passage *subject = subject_of(&reading);
    impression.sentence = reading.loudest.sentence;
    if (reading.loudest.complaint > 0)
        impression.complaint = reading.loudest.complaint + from_start(lexicon, LEXICON_COMPLAINT);
    impression.heard_sentence = reading.moderate.sentence;
    impression.heard = reading.moderate.complaint;
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        impression.categories[category] = measure(subject->columns[category], subject->word_count) +
                                          from_start(lexicon, category);
    return impression;
}
