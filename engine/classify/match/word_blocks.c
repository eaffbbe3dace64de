#include "classify/match/word_blocks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

uint64_t word_blocks_mask_plain(const struct word_blocks *blocks, const uint8_t *bytes)
{
    uint64_t words = 0;
    (void)blocks;
    for (unsigned i = 0; i < WORD_BLOCK_BYTES; i++)
        words |= (uint64_t)view_is_word(bytes[i]) << i;
    return words;
}

#if defined(__x86_64__)
__attribute__((target("ssse3"))) static uint64_t mask_ssse3(const struct word_blocks *blocks,
                                                            const uint8_t *bytes)
{
    const __m128i low = _mm_loadu_si128((const __m128i *)blocks->low_rows);
    const __m128i high = _mm_loadu_si128((const __m128i *)blocks->high_rows);
    const __m128i bits = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
    const __m128i nibble = _mm_set1_epi8(15);
    const __m128i top = _mm_set1_epi8(-128);
    uint64_t words = 0;
    for (unsigned i = 0; i < WORD_BLOCK_BYTES; i += 16) {
        __m128i part = _mm_loadu_si128((const __m128i *)(bytes + i));
        /* A shuffle gives 0 where the index has its top bit set: low rows for low bytes only. */
        __m128i index = _mm_and_si128(part, _mm_or_si128(nibble, top));
        __m128i rows = _mm_or_si128(_mm_shuffle_epi8(low, index),
                                    _mm_shuffle_epi8(high, _mm_xor_si128(index, top)));
        __m128i row = _mm_and_si128(_mm_srli_epi16(part, 4), nibble);
        __m128i bit = _mm_shuffle_epi8(bits, row);
        __m128i set = _mm_cmpeq_epi8(_mm_and_si128(rows, bit), bit);
        words |= (uint64_t)(uint32_t)_mm_movemask_epi8(set) << i;
    }
    return words;
}
#endif

void word_blocks_init(struct word_blocks *blocks)
{
    *blocks = (struct word_blocks){.mask = word_blocks_mask_plain};
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t *rows = byte < 0x80 ? blocks->low_rows : blocks->high_rows;
        if (view_is_word((uint8_t)byte))
            rows[byte & 15] = (uint8_t)(rows[byte & 15] | 1 << (byte >> 4 & 7));
    }
#if defined(__x86_64__)
    if (__builtin_cpu_supports("ssse3"))
        blocks->mask = mask_ssse3;
#endif
}
