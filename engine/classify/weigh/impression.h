/**
 * What the words of a text say each by itself, by the lexicon of its language.
 *
 *   complaint   of the sentence that complains most: what it begins with and the weights of its
 *               words, over the root of their count; other sentences take nothing from it
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
    uint32_t sentence; /* that complains most */
};

/** Of a context with a lexicon, a view with words and all its evidence in order. */
struct impression impression_read(const struct context *context);

#endif
