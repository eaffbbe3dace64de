#include "text/word_blocks.h"

#include "text/view.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

void word_blocks_mark_plain(const struct word_blocks *blocks, const uint8_t *bytes,
                            uint32_t block_count, uint64_t *words)
{
    (void)blocks;
    for (uint32_t at = 0; at < block_count; at++, bytes += WORD_BLOCK_BYTES) {
        words[at] = 0;
        for (unsigned i = 0; i < WORD_BLOCK_BYTES; i++)
            words[at] |= (uint64_t)view_is_word(bytes[i]) << i;
    }
}

bool word_blocks_mark_fold_plain(const struct word_blocks *blocks, const uint8_t *bytes,
                                 uint32_t block_count, uint64_t *words, uint64_t *triggers)
{
    uint64_t found = 0;
    word_blocks_mark_plain(blocks, bytes, block_count, words);
    for (uint32_t at = 0; at < block_count; at++, bytes += WORD_BLOCK_BYTES) {
        triggers[at] = 0;
        for (unsigned i = 0; i < WORD_BLOCK_BYTES; i += LANES)
            triggers[at] |= (uint64_t)lanes_bits(word_blocks_triggers(bytes + i)) << i;
        found |= triggers[at];
    }
    return found != 0;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i in_both_halves(const uint8_t rows[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)rows));
}

AVX2 static inline uint32_t mark_32(__m256i low, __m256i high, __m256i bits, const uint8_t *bytes)
{
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i top = _mm256_set1_epi8(-128);
    __m256i part = _mm256_loadu_si256((const __m256i *)bytes);
    /* A shuffle gives 0 where the index has its top bit set: low rows for low bytes only. */
    __m256i index = _mm256_and_si256(part, _mm256_or_si256(nibble, top));
    __m256i rows = _mm256_or_si256(_mm256_shuffle_epi8(low, index),
                                   _mm256_shuffle_epi8(high, _mm256_xor_si256(index, top)));
    __m256i row = _mm256_and_si256(_mm256_srli_epi16(part, 4), nibble);
    __m256i bit = _mm256_shuffle_epi8(bits, row);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(rows, bit), bit));
}

/* As word_blocks_triggers() finds them. */
AVX2 static inline uint32_t triggers_32(const uint8_t *bytes)
{
    __m256i part = _mm256_loadu_si256((const __m256i *)bytes);
    __m256i next = _mm256_loadu_si256((const __m256i *)(bytes + 1));
    __m256i behind = _mm256_loadu_si256((const __m256i *)(bytes + 2));
    __m256i run = _mm256_and_si256(_mm256_cmpeq_epi8(part, next), _mm256_cmpeq_epi8(next, behind));
    __m256i letter =
        _mm256_cmpeq_epi8(_mm256_max_epu8(part, _mm256_set1_epi8('a')), part); /* or above */
    __m256i hash = _mm256_cmpeq_epi8(part, _mm256_set1_epi8('#'));
    __m256i at_sign = _mm256_cmpeq_epi8(part, _mm256_set1_epi8('@'));
    __m256i slash = _mm256_cmpeq_epi8(part, _mm256_set1_epi8('/'));
    __m256i mark = _mm256_or_si256(_mm256_or_si256(hash, at_sign), slash);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_and_si256(run, letter), mark));
}

/* Triggers are marked, too, where there is room for them; whether there is any. */
AVX2 static inline bool mark_blocks(const struct word_blocks *blocks, const uint8_t *bytes,
                                    uint32_t block_count, uint64_t *words, uint64_t *triggers)
{
    static const uint8_t bit_of_row[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                           1, 2, 4, 8, 16, 32, 64, 128};
    const __m256i low = in_both_halves(blocks->low_rows);
    const __m256i high = in_both_halves(blocks->high_rows);
    const __m256i bits = in_both_halves(bit_of_row);
    uint64_t found = 0;
    for (uint32_t at = 0; at < block_count; at++, bytes += WORD_BLOCK_BYTES) {
        const uint8_t *half = bytes + WORD_BLOCK_BYTES / 2;
        uint64_t high_words = mark_32(low, high, bits, half);
        words[at] = mark_32(low, high, bits, bytes) | high_words << WORD_BLOCK_BYTES / 2;
        if (triggers) {
            triggers[at] = triggers_32(bytes) | (uint64_t)triggers_32(half) << WORD_BLOCK_BYTES / 2;
            found |= triggers[at];
        }
    }
    return found != 0;
}

AVX2 static void mark_avx2(const struct word_blocks *blocks, const uint8_t *bytes,
                           uint32_t block_count, uint64_t *words)
{
    mark_blocks(blocks, bytes, block_count, words, NULL);
}

AVX2 static bool mark_fold_avx2(const struct word_blocks *blocks, const uint8_t *bytes,
                                uint32_t block_count, uint64_t *words, uint64_t *triggers)
{
    return mark_blocks(blocks, bytes, block_count, words, triggers);
}
#endif

void word_blocks_init(struct word_blocks *blocks)
{
    *blocks = (struct word_blocks){.mark = word_blocks_mark_plain,
                                   .mark_fold = word_blocks_mark_fold_plain};
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t *rows = byte < 0x80 ? blocks->low_rows : blocks->high_rows;
        if (view_is_word((uint8_t)byte))
            rows[byte & 15] = (uint8_t)(rows[byte & 15] | 1 << (byte >> 4 & 7));
    }
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        blocks->mark = mark_avx2;
        blocks->mark_fold = mark_fold_avx2;
    }
#endif
}
