/**
 * What the words of a text say each by itself, by the lexicon of its language.
 *
 *   complaint   of the sentence that complains most: what it begins with and the weights of its
 *               words, over the root of their count; other sentences take nothing from it. 0 where
 *               its words do not speak for one
 *   heard       the same, words alone, of the sentences that rules (groups aside) make moderate
 *               each by itself: below 0 the words of every one speak against it
 *   traits      of any sentence whose words, and what it begins with, add up to more than 0;
 *               a sentence with more words says no less
 *   categories  the weights of the words, over the root of their count, in the sentences in which
 *               rules hear a complaint about something; without one in those in which they hear
 *               any; else in the first one above. What stands beside a complaint, and an outcry,
 *               does not change what it is about.
 *
 * Owns: nothing. Allocates nothing.
 */
#ifndef REDRESS_CLASSIFY_WEIGH_IMPRESSION_H
#define REDRESS_CLASSIFY_WEIGH_IMPRESSION_H

#include <redress/verdict.h>

struct context;
struct rule_gift;

struct impression {
    float complaint; /* in the measure of a score */
    float heard;     /* 0 where there is no such sentence */
    float categories[CATEGORY_COUNT];
    trait_set traits;
    uint32_t sentence;       /* that complains most */
    uint32_t heard_sentence; /* of which `heard` is */
};

/** Of a context with a lexicon, a view with words and all its evidence in order; `gifts` by rule
 * index. */
struct impression impression_read(const struct context *context, const struct rule_gift *gifts);

/**
 * The sentence whose words add up to most in a column, and with what it begins with to how much;
 * 0 of a context without sentences. What is above 0 is heard.
 */
int impression_most(const struct context *context, unsigned column, uint32_t *sentence);

#endif
