/** Which bytes of a view are of words, by the fastest way of this processor. */
#ifndef REDRESS_TEXT_WORD_BLOCKS_H
#define REDRESS_TEXT_WORD_BLOCKS_H

#include <stdint.h>

enum { WORD_BLOCK_BYTES = 64 };

struct word_blocks {
    /* A word of bits for each block, the first byte lowest; reads whole blocks. */
    void (*mark)(const struct word_blocks *blocks, const uint8_t *bytes, uint32_t block_count,
                 uint64_t *words);
    /* A byte is of a word where bit (high nibble % 8) is set at its low nibble. */
    uint8_t low_rows[16];  /* of bytes below 0x80 */
    uint8_t high_rows[16]; /* of the others */
};

void word_blocks_init(struct word_blocks *blocks);

/** The way that needs nothing of the processor. */
void word_blocks_mark_plain(const struct word_blocks *blocks, const uint8_t *bytes,
                            uint32_t block_count, uint64_t *words);

/**
 * The same of `size` bytes: those behind the last one are of no word. Writes size /
 * WORD_BLOCK_BYTES + 2 words of bits, so that one may look behind the end.
 */
static inline void word_blocks_mark(const struct word_blocks *blocks, const uint8_t *bytes,
                                    uint32_t size, uint64_t *words)
{
    uint32_t last = size / WORD_BLOCK_BYTES;
    blocks->mark(blocks, bytes, last + 1, words);
    words[last] &= ((uint64_t)1 << size % WORD_BLOCK_BYTES) - 1;
    words[last + 1] = 0;
}

#endif
