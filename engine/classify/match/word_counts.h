/**
 * How common words are, so that a literal is looked for by the rarest of its words: "i want my
 * money back" by "money". Common are the words by which a language is known (language_words.h) and
 * those that stand in many patterns.
 *
 * Words are counted by their first WORD_KEY_BYTES bytes and by hash: two words that share a count
 * make a choice worse, never wrong.
 *
 * Threads: loading only.
 */
#ifndef REDRESS_CLASSIFY_MATCH_WORD_COUNTS_H
#define REDRESS_CLASSIFY_MATCH_WORD_COUNTS_H

#include <redress/status.h>

#include <stddef.h>
#include <stdint.h>

enum { WORD_KEY_BYTES = 4, WORD_COUNTS_BITS = 16 };

struct word_counts {
    uint32_t *items;
};

NODISCARD enum redress_status word_counts_init(struct word_counts *counts);
void word_counts_destroy(struct word_counts *counts);

/** Counts the words of a pattern as it is written, UTF-8; what is escaped is no word. */
void word_counts_read(struct word_counts *counts, const char *pattern, size_t size);

/** How common the word is that stands here in folded bytes; the less, the rarer. */
uint32_t word_counts_of(const struct word_counts *counts, const uint8_t *word, uint32_t size);

#endif
