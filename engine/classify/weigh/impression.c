#include "classify/weigh/impression.h"

#include <math.h>

enum { WORDS_MIN = 4 /* fewer say no more than they do */ };

/* A sentence has at most SENTENCE_WORDS_MAX words of at most 127 each. */
struct sums {
    int16_t columns[LEXICON_COLUMNS];
};

_Static_assert(SENTENCE_WORDS_MAX *LEXICON_WEIGHT_MAX <= INT16_MAX, "a sentence's sum");

static struct sums sum_words(const struct lexicon *lexicon, const struct view *view,
                             const uint32_t *words, uint32_t count)
{
    struct sums sums = {0};
    for (uint32_t word = 0; word < count; word++) {
        const struct lexicon_entry *entry =
            lexicon_slot(lexicon, lexicon_stem(view->bytes + words[word]));
        for (unsigned column = 0; column < LEXICON_COLUMNS; column++)
            sums.columns[column] = (int16_t)(sums.columns[column] + entry->weights[column]);
    }
    return sums;
}

static float measure(float sum, uint32_t words)
{
    return sum / ((float)LEXICON_ONE * sqrtf((float)(words > WORDS_MIN ? words : WORDS_MIN)));
}

/* Adds up a sentence, and gives what it says of a complaint. */
static float hear(const struct lexicon *lexicon, const struct view *view,
                  const struct sentences *sentences, uint32_t sentence,
                  struct impression *impression)
{
    uint32_t first = sentences->first_word[sentence];
    uint32_t count = sentences->first_word[sentence + 1] - first;
    struct sums sums = sum_words(lexicon, view, sentences->words + first, count);
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        impression->categories[category] += sums.columns[category];
    return measure(sums.columns[LEXICON_COMPLAINT], count);
}

struct impression impression_read(const struct lexicon *lexicon, const struct view *view,
                                  const struct sentences *sentences)
{
    struct impression impression = {0};
    if (sentences->word_count == 0)
        return impression;
    for (uint32_t sentence = 0; sentence < sentences->count; sentence++) {
        float complaint = hear(lexicon, view, sentences, sentence, &impression);
        if (sentence > 0 && complaint <= impression.complaint)
            continue;
        impression.complaint = complaint;
        impression.sentence = sentence;
    }
    impression.complaint += (float)lexicon->start[LEXICON_COMPLAINT] / (float)LEXICON_ONE;
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        impression.categories[category] =
            measure(impression.categories[category], sentences->word_count) +
            (float)lexicon->start[category] / (float)LEXICON_ONE;
    return impression;
}
