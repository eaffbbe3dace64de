/**
 * What the words of a text say each by itself, by the lexicon of its language.
 *
 *   complaint   of the sentence that complains most: what it begins with and the weights of its
 *               words, over the root of their count; other sentences take nothing from it
 *   categories  the weights of all words of the text, over the root of theirs
 *
 * Owns: nothing. Allocates nothing.
 */
#ifndef REDRESS_CLASSIFY_WEIGH_IMPRESSION_H
#define REDRESS_CLASSIFY_WEIGH_IMPRESSION_H

#include "classify/pack/lexicon.h"
#include "text/sentences.h"

struct impression {
    float complaint; /* in the measure of a score */
    float categories[CATEGORY_COUNT];
    uint32_t sentence; /* that complains most */
};

/** All 0 for a text without words. */
struct impression impression_read(const struct lexicon *lexicon, const struct view *view,
                                  const struct sentences *sentences);

#endif
