/**
 * What sentences.c reads of a view in blocks of 64 bytes, by the fastest way of this processor.
 * Nobody else includes it.
 */
#ifndef REDRESS_TEXT_SENTENCE_BLOCKS_H
#define REDRESS_TEXT_SENTENCE_BLOCKS_H

#include "text/sentences.h"

struct sentence_blocks {
    /* Sets the bits of words, bounds and sure bounds, as far as the view tells them. */
    void (*mark)(struct sentences *sentences, const struct view *view);
    /* The first block of the text from `at` on, which is above 0, in which sentence_blocks_joined()
     * may find anything; `size` or more where it finds nothing. */
    uint32_t (*pass_unjoined)(const uint8_t *text, uint32_t at, uint32_t size);
    /* Lists the words that have bits. */
    void (*list_words)(struct sentences *sentences, uint32_t size);
    bool has_count; /* the processor counts bits by itself */
};

/** The way that needs nothing of the processor. */
extern const struct sentence_blocks sentence_blocks_plain;

const struct sentence_blocks *sentence_blocks_best(void);

/** Whether a word goes on behind the byte: an apostrophe between word bytes, a dot or a comma
 * between digits. A guard stands on either side. */
bool sentence_blocks_joins(const uint8_t *at);

/** Where a capital may stand behind a small letter, by their bytes: bit n for byte n of sixteen, at
 * least where it is so. */
uint32_t sentence_blocks_joined(const uint8_t *at);

/** How many bits are set, without the instruction that old processors have not. */
static inline uint32_t sentence_blocks_count(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)(bits * 0x0101010101010101u >> (WORD_BLOCK_BYTES - 8));
}

#endif
