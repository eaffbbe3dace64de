/**
 * Sixteen bytes at once, for the passes over a whole text. The compiler's own vectors do the work;
 * only gathering one bit a byte needs an instruction that they do not know.
 */
#ifndef REDRESS_BASE_LANES_H
#define REDRESS_BASE_LANES_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { LANES = 16, LANES_PAIRS = LANES / 2 };

typedef uint8_t lanes_bytes __attribute__((vector_size(LANES)));
typedef int8_t lanes_signed __attribute__((vector_size(LANES)));

static inline lanes_bytes lanes_load(const uint8_t *at)
{
    lanes_bytes lanes;
    memcpy(&lanes, at, sizeof lanes);
    return lanes;
}

static inline lanes_bytes lanes_equal(lanes_bytes lanes, uint8_t byte)
{
    return (lanes_bytes)(lanes == byte);
}

/** Where first <= byte <= last, at most 128 bytes: moved up so that `last` is the largest there is.
 */
static inline lanes_bytes lanes_within(lanes_bytes lanes, uint8_t first, uint8_t last)
{
    lanes_bytes moved = lanes + (uint8_t)(INT8_MAX - last);
    return (lanes_bytes)((lanes_signed)moved > (int8_t)(INT8_MAX - last + first - 1));
}

/** Where a byte of UTF-8 continues a character. */
static inline lanes_bytes lanes_continuation(lanes_bytes lanes)
{
    return (lanes_bytes)((lanes_signed)lanes < (int8_t)-64);
}

/** Bit i is the highest bit of byte i. */
static inline uint32_t lanes_bits(lanes_bytes lanes)
{
#ifdef __SSE2__
    return (uint32_t)_mm_movemask_epi8((__m128i)lanes);
#else
    uint32_t bits = 0;
    for (uint32_t i = 0; i < LANES; i++)
        bits |= (uint32_t)(lanes[i] >> 7) << i;
    return bits;
#endif
}

/** Every other byte from the first on, in the lower half. */
static inline lanes_bytes lanes_even_bytes(lanes_bytes lanes)
{
#ifdef __SSE2__
    __m128i even = _mm_and_si128((__m128i)lanes, _mm_set1_epi16(0xFF));
    return (lanes_bytes)_mm_packus_epi16(even, even);
#else
    return __builtin_shufflevector(lanes, lanes, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12,
                                   14);
#endif
}

/** Eight numbers of two bytes. */
typedef uint16_t lanes_pairs __attribute__((vector_size(LANES)));

static inline lanes_pairs lanes_load_pairs(const uint16_t *at)
{
    lanes_pairs pairs;
    memcpy(&pairs, at, sizeof pairs);
    return pairs;
}

/** The larger one of each two, which are below 32,768. */
static inline lanes_pairs lanes_larger_pairs(lanes_pairs left, lanes_pairs right)
{
    typedef int16_t lanes_signed_pairs __attribute__((vector_size(LANES)));
    lanes_pairs wins = (lanes_pairs)((lanes_signed_pairs)left > (lanes_signed_pairs)right);
    return (left & wins) | (right & ~wins);
}

/** The largest one, where all are below 32,768. */
static inline uint16_t lanes_largest_pair(lanes_pairs pairs)
{
    pairs =
        lanes_larger_pairs(pairs, __builtin_shufflevector(pairs, pairs, 4, 5, 6, 7, 0, 1, 2, 3));
    pairs =
        lanes_larger_pairs(pairs, __builtin_shufflevector(pairs, pairs, 2, 3, 0, 1, 6, 7, 4, 5));
    pairs =
        lanes_larger_pairs(pairs, __builtin_shufflevector(pairs, pairs, 1, 0, 3, 2, 5, 4, 7, 6));
    return pairs[0];
}

/** The same two bytes in every pair. */
static inline lanes_bytes lanes_of_pair(uint16_t pair)
{
    return (lanes_bytes)((lanes_pairs){0} + pair);
}

/** The lanes are 0 or 255 each; bits 2 i and 2 i + 1 are set where both of pair i are 255. */
static inline uint32_t lanes_pair_bits(lanes_bytes lanes)
{
    return lanes_bits((lanes_bytes)((lanes_pairs)lanes == 0xFFFF));
}

#endif
