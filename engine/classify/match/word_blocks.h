/** Which of 64 bytes of a view are of words, by the fastest way of this processor. */
#ifndef REDRESS_CLASSIFY_MATCH_WORD_BLOCKS_H
#define REDRESS_CLASSIFY_MATCH_WORD_BLOCKS_H

#include "text/view.h"

enum { WORD_BLOCK_BYTES = 64 };

struct word_blocks {
    /* One bit a byte, the first lowest; reads all 64. */
    uint64_t (*mask)(const struct word_blocks *blocks, const uint8_t *bytes);
    /* A byte is of a word where bit (high nibble % 8) is set at its low nibble. */
    uint8_t low_rows[16];  /* of bytes below 0x80 */
    uint8_t high_rows[16]; /* of the others */
};

void word_blocks_init(struct word_blocks *blocks);

/** The way that needs nothing of the processor. */
uint64_t word_blocks_mask_plain(const struct word_blocks *blocks, const uint8_t *bytes);

/** The same of the bytes from `at` on; those behind the end are none. */
static inline uint64_t word_blocks_mask(const struct word_blocks *blocks, const uint8_t *bytes,
                                        uint32_t size, uint32_t at)
{
    uint64_t words = blocks->mask(blocks, bytes + at);
    uint32_t left = size - at;
    return left < WORD_BLOCK_BYTES ? words & (((uint64_t)1 << left) - 1) : words;
}

#endif
