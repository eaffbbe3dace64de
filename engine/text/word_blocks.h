/**
 * Which bytes of a view are of words, by the fastest way of this processor; and of a fold, whether
 * there is anything to edit.
 */
#ifndef REDRESS_TEXT_WORD_BLOCKS_H
#define REDRESS_TEXT_WORD_BLOCKS_H

#include "base/lanes.h"

#include <stdbool.h>
#include <stdint.h>

enum { WORD_BLOCK_BYTES = 64 };

struct word_blocks {
    /* A word of bits for each block, the first byte lowest; reads whole blocks. */
    void (*mark)(const struct word_blocks *blocks, const uint8_t *bytes, uint32_t block_count,
                 uint64_t *words);
    /* The same, and bits of word_blocks_triggers(); whether there is any. Looks two bytes behind.
     */
    bool (*mark_fold)(const struct word_blocks *blocks, const uint8_t *bytes, uint32_t block_count,
                      uint64_t *words, uint64_t *triggers);
    /* A byte is of a word where bit (high nibble % 8) is set at its low nibble. */
    uint8_t low_rows[16];  /* of bytes below 0x80 */
    uint8_t high_rows[16]; /* of the others */
};

void word_blocks_init(struct word_blocks *blocks);

/** The ways that need nothing of the processor. */
void word_blocks_mark_plain(const struct word_blocks *blocks, const uint8_t *bytes,
                            uint32_t block_count, uint64_t *words);
bool word_blocks_mark_fold_plain(const struct word_blocks *blocks, const uint8_t *bytes,
                                 uint32_t block_count, uint64_t *words, uint64_t *triggers);

/** Where three equal letters begin, or a mark stands that an edit may begin with. */
static inline lanes_bytes word_blocks_triggers(const uint8_t *fold)
{
    lanes_bytes lanes = lanes_load(fold);
    lanes_bytes next = lanes_load(fold + 1);
    lanes_bytes run = (lanes_bytes)(lanes == next) & (lanes_bytes)(next == lanes_load(fold + 2)) &
                      (lanes_bytes)(lanes >= 'a');
    return run | lanes_equal(lanes, '#') | lanes_equal(lanes, '@') | lanes_equal(lanes, '/');
}

/* Bits of what stands behind the end are of no word. */
static inline void word_blocks_end_at(uint32_t size, uint64_t *words)
{
    uint32_t last = size / WORD_BLOCK_BYTES;
    words[last] &= ((uint64_t)1 << size % WORD_BLOCK_BYTES) - 1;
    words[last + 1] = 0;
}

/**
 * The same of `size` bytes: those behind the last one are of no word. Writes size /
 * WORD_BLOCK_BYTES + 2 words of bits, so that one may look behind the end.
 */
static inline void word_blocks_mark(const struct word_blocks *blocks, const uint8_t *bytes,
                                    uint32_t size, uint64_t *words)
{
    blocks->mark(blocks, bytes, size / WORD_BLOCK_BYTES + 1, words);
    word_blocks_end_at(size, words);
}

/** The same, and which bytes are triggers; false only where none is. */
static inline bool word_blocks_mark_fold(const struct word_blocks *blocks, const uint8_t *bytes,
                                         uint32_t size, uint64_t *words, uint64_t *triggers)
{
    bool found = blocks->mark_fold(blocks, bytes, size / WORD_BLOCK_BYTES + 1, words, triggers);
    word_blocks_end_at(size, words);
    word_blocks_end_at(size, triggers);
    return found;
}

/** Behind the word bytes from byte `at` on; `at` where there are none. */
static inline uint32_t word_blocks_end(const uint64_t *words, uint32_t at)
{
    uint32_t block = at / WORD_BLOCK_BYTES;
    uint64_t others = ~words[block] >> at % WORD_BLOCK_BYTES;
    if (others)
        return at + (uint32_t)__builtin_ctzll(others);
    do
        others = ~words[++block];
    while (!others);
    return block * WORD_BLOCK_BYTES + (uint32_t)__builtin_ctzll(others);
}

/** Where words begin in a block. Looks at the word of bits in front of it. */
static inline uint64_t word_blocks_starts(const uint64_t *words, uint32_t block)
{
    const uint64_t *own = words + block;
    return own[0] & ~(own[0] << 1 | own[-1] >> (WORD_BLOCK_BYTES - 1));
}

/** The first word that begins at byte `at` or behind it and before `stop`; `stop` where none does.
 */
static inline uint32_t word_blocks_next(const uint64_t *words, uint32_t at, uint32_t stop)
{
    uint64_t wanted = UINT64_MAX << at % WORD_BLOCK_BYTES;
    for (uint32_t first = at / WORD_BLOCK_BYTES * WORD_BLOCK_BYTES; first < stop;
         first += WORD_BLOCK_BYTES, wanted = UINT64_MAX) {
        uint64_t starts = word_blocks_starts(words, first / WORD_BLOCK_BYTES) & wanted;
        if (starts == 0)
            continue;
        uint32_t found = first + (uint32_t)__builtin_ctzll(starts);
        return found < stop ? found : stop;
    }
    return stop;
}

/** The last word that begins before byte `at`; 0 where none does. */
static inline uint32_t word_blocks_previous(const uint64_t *words, uint32_t at)
{
    uint32_t block = at / WORD_BLOCK_BYTES;
    uint64_t wanted = ((uint64_t)1 << at % WORD_BLOCK_BYTES) - 1;
    for (;; wanted = UINT64_MAX) {
        uint64_t starts = word_blocks_starts(words, block) & wanted;
        if (starts)
            return block * WORD_BLOCK_BYTES + WORD_BLOCK_BYTES - 1 -
                   (uint32_t)__builtin_clzll(starts);
        if (block-- == 0)
            return 0;
    }
}

#endif
