/**
 * What the words of a text say each by itself, by the lexicon of its language.
 *
 *   complaint   of the sentence that complains most: what it begins with and the weights of its
 *               words, over the root of their count; other sentences take nothing from it
 *   traits      of any sentence whose words, and what it begins with, add up to more than 0;
 *               a sentence with more words says no less
 *   categories  the weights of the words, over the root of their count, in the sentences in which
 *               rules hear a complaint; where they hear none, in the one above. What stands beside
 *               a complaint does not change what it is about.
 *
 * Owns: nothing. Allocates nothing.
 */
#ifndef REDRESS_CLASSIFY_WEIGH_IMPRESSION_H
#define REDRESS_CLASSIFY_WEIGH_IMPRESSION_H

#include <redress/verdict.h>

struct context;

struct impression {
    float complaint; /* in the measure of a score */
    float categories[CATEGORY_COUNT];
    trait_set traits;
    uint32_t sentence; /* that complains most */
};

/** Of a context with a lexicon, a view with words and all its evidence in order. */
struct impression impression_read(const struct context *context);

/**
 * The sentence whose words add up to most in a column, and with what it begins with to how much;
 * 0 of a context without sentences. What is above 0 is heard.
 */
int impression_most(const struct context *context, unsigned column, uint32_t *sentence);

#endif
