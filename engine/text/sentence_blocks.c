#include "text/sentence_blocks.h"

#include "base/lanes.h"
#include "text/view_table.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { BLOCK = WORD_BLOCK_BYTES };

static uint64_t is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

bool sentence_blocks_joins(const uint8_t *at)
{
    return (*at == '\'' && view_is_word(at[-1]) && view_is_word(at[1])) ||
           ((*at == '.' || *at == ',') && is_digit(at[-1]) && is_digit(at[1]));
}

/* Masks of 64 bytes, bit n for byte n. */
struct marks {
    uint64_t space;
    uint64_t dot;
    uint64_t call; /* ! ? */
    uint64_t semicolon;
};

static inline struct marks read_marks_plain(const uint8_t *at)
{
    struct marks marks = {0};
    for (uint32_t i = 0; i < BLOCK; i += LANES) {
        lanes_bytes lanes = lanes_load(at + i);
        lanes_bytes call = lanes_equal(lanes, '!') | lanes_equal(lanes, '?');
        marks.space |= (uint64_t)lanes_bits(lanes_equal(lanes, ' ')) << i;
        marks.dot |= (uint64_t)lanes_bits(lanes_equal(lanes, '.')) << i;
        marks.call |= (uint64_t)lanes_bits(call) << i;
        marks.semicolon |= (uint64_t)lanes_bits(lanes_equal(lanes, ';')) << i;
    }
    return marks;
}

/* Bits of marks that words go on behind. */
static inline uint64_t find_joining(const uint8_t *block, uint64_t between)
{
    uint64_t joining = 0;
    for (; between; between &= between - 1) {
        uint32_t at = (uint32_t)__builtin_ctzll(between);
        joining |= (uint64_t)sentence_blocks_joins(block + at) << at;
    }
    return joining;
}

/* What a block needs of the one before it. */
struct block_before {
    uint64_t space;
    uint64_t words;
    uint64_t pairs; /* of word bytes, the last byte of each */
    uint64_t longs; /* five word bytes, the last one */
    uint64_t joining;
};

/* The bits of a block `count` places further up, with those of the block before. */
static inline uint64_t moved_up(uint64_t bits, uint64_t before, uint32_t count)
{
    return bits << count | before >> (BLOCK - count);
}

static inline uint64_t moved_down(uint64_t bits, uint64_t behind, uint32_t count)
{
    return bits >> count | behind << (BLOCK - count);
}

static inline struct block_before mark_block(struct sentences *sentences, const struct view *view,
                                             uint32_t i, struct block_before before,
                                             struct marks marks, uint64_t next_space)
{
    uint64_t words = view->words[i];
    uint64_t next_words = view->words[i + 1];
    uint64_t left = moved_up(words, before.words, 1);
    uint64_t between = left & moved_down(words, next_words, 1) & ~(words | marks.space);
    uint64_t joining = find_joining(view->bytes + (size_t)i * BLOCK, between);
    uint64_t pairs = words & left;
    uint64_t fours = pairs & moved_up(pairs, before.pairs, 2);
    uint64_t longs = fours & moved_up(words, before.words, 4);
    uint64_t ends = (marks.dot | marks.call | marks.semicolon) & ~joining;
    uint64_t sure = (marks.call & left) | (marks.dot & moved_up(longs, before.longs, 1));
    sentences->word_bits[i] = words & ~(left | moved_up(joining, before.joining, 1));
    sentences->bound_bits[i] = ends | (marks.space & moved_up(marks.space, before.space, 1));
    sentences->sure_bits[i] =
        sure & moved_down(marks.space, next_space, 1) & moved_down(words, next_words, 2);
    return (struct block_before){marks.space, words, pairs, longs, joining};
}

/* Where words begin and sentences may end. */
__attribute__((always_inline)) static inline void
mark_blocks(struct sentences *sentences, const struct view *view,
            struct marks (*read_marks)(const uint8_t *at))
{
    struct block_before before = {0};
    struct marks marks = read_marks(view->bytes);
    uint32_t last = (view->size - 1) / BLOCK;
    for (uint32_t i = 0; i < last; i++) {
        struct marks next = read_marks(view->bytes + (size_t)(i + 1) * BLOCK);
        before = mark_block(sentences, view, i, before, marks, next.space);
        marks = next;
    }
    mark_block(sentences, view, last, before, marks, 0);
    uint32_t rest = view->size % BLOCK;
    if (rest > 0)
        sentences->bound_bits[last] &= ((uint64_t)1 << rest) - 1;
}

static void mark_plain(struct sentences *sentences, const struct view *view)
{
    mark_blocks(sentences, view, read_marks_plain);
}

/* Capitals of U+0100 to U+017F stand directly before their small letters: on even places up to
 * U+0137 and from U+014A to U+0177, elsewhere on odd ones; but for U+0178. */
static lanes_bytes extended_capital(lanes_bytes lead, lanes_bytes second)
{
    lanes_bytes first_half = lanes_equal(lead, 0xC4);
    lanes_bytes second_half = lanes_equal(lead, 0xC5);
    lanes_bytes odd = (lanes_bytes)(((second & 1) ^ 1) - 1);
    lanes_bytes late = (lanes_bytes)(second >= 0xB8);
    lanes_bytes on_odd = late | (second_half & (lanes_bytes)(second < 0x8A));
    return (first_half | second_half) & ((lanes_bytes)(odd == on_odd) | lanes_equal(second, 0xB8));
}

/* Capitals of two bytes up to U+00DE and of Greek and Cyrillic, whose second bytes stand below
 * those of their small letters. */
static lanes_bytes paired_capital(lanes_bytes lead, lanes_bytes second)
{
    lanes_bytes first_small = (lanes_equal(lead, 0xC3) & 0x1F) | (lanes_equal(lead, 0xCE) & 0x2C) |
                              (lanes_equal(lead, 0xD0) & 0x30) | 0x80;
    return (lanes_bytes)((lanes_signed)second < (lanes_signed)first_small);
}

uint32_t sentence_blocks_joined(const uint8_t *at)
{
    lanes_bytes before = lanes_load(at - 1);
    lanes_bytes lead = lanes_load(at);
    lanes_bytes second = lanes_load(at + 1);
    lanes_bytes small = lanes_within(before, 'a', 'z') | before;
    lanes_bytes capital = lanes_within(lead, 'A', 'Z') | paired_capital(lead, second);
    if (lanes_bits(lanes_equal(lead & 0xFE, 0xC4)))
        capital |= extended_capital(lead, second);
    return lanes_bits(small & capital);
}

/* Whether sentence_blocks_joined() may find any in a block: always where not all of it is ASCII. A
 * byte from 0x60 on has its highest bit when 0x20 is added, one from 0x40 to 0x5F only when 0x40
 * is. */
static bool may_be_joined(const uint8_t *at)
{
    lanes_bytes any = {0};
    for (uint32_t i = 0; i < BLOCK; i += LANES) {
        lanes_bytes before = lanes_load(at + i - 1);
        lanes_bytes lanes = lanes_load(at + i);
        any |= lanes | ((before + 0x20) & (lanes + 0x40) & ~(lanes + 0x20));
    }
    return lanes_bits(any) != 0;
}

static uint32_t pass_unjoined_plain(const uint8_t *text, uint32_t at, uint32_t size)
{
    while (at < size && !may_be_joined(text + at))
        at += BLOCK;
    return at;
}

/* Writes more than there are and counts what there are: a loop that ends after as many rounds as
 * the last one is foreseen by the processor, one round a word is not. */
static void list_words_plain(struct sentences *sentences, uint32_t size)
{
    enum { AT_ONCE = 8 };
    uint32_t count = 0;
    for (uint32_t block = 0; block * BLOCK < size; block++) {
        uint64_t bits = sentences->word_bits[block];
        uint32_t end = count + sentence_blocks_count(bits);
        sentences->words_before[block] = count;
        for (uint32_t *word = sentences->words + count; bits; word += AT_ONCE) {
            for (uint32_t i = 0; i < AT_ONCE; i++) {
                uint64_t left = bits | (uint64_t)1 << (BLOCK - 1); /* never none */
                word[i] = block * BLOCK + (uint32_t)__builtin_ctzll(left);
                bits &= bits - 1;
            }
        }
        count = end;
    }
    sentences->word_count = count;
}

const struct sentence_blocks sentence_blocks_plain = {
    .mark = mark_plain, .pass_unjoined = pass_unjoined_plain, .list_words = list_words_plain};

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static inline __m256i equal_32(__m256i part, int byte)
{
    return _mm256_cmpeq_epi8(part, _mm256_set1_epi8((char)byte));
}

AVX2 static inline __m256i load_32_bytes(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

AVX2 static inline uint64_t bits_64(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << BLOCK / 2;
}

AVX2 static inline struct marks read_marks_avx2(const uint8_t *at)
{
    __m256i low = load_32_bytes(at);
    __m256i high = load_32_bytes(at + BLOCK / 2);
    return (struct marks){
        .space = bits_64(equal_32(low, ' '), equal_32(high, ' ')),
        .dot = bits_64(equal_32(low, '.'), equal_32(high, '.')),
        .call = bits_64(_mm256_or_si256(equal_32(low, '!'), equal_32(low, '?')),
                        _mm256_or_si256(equal_32(high, '!'), equal_32(high, '?'))),
        .semicolon = bits_64(equal_32(low, ';'), equal_32(high, ';')),
    };
}

AVX2 static void mark_avx2(struct sentences *sentences, const struct view *view)
{
    mark_blocks(sentences, view, read_marks_avx2);
}

AVX2 static inline __m256i within_32(__m256i part, uint8_t first, uint8_t last)
{
    __m256i moved = _mm256_add_epi8(part, _mm256_set1_epi8((char)(INT8_MAX - last)));
    return _mm256_cmpgt_epi8(moved, _mm256_set1_epi8((char)(INT8_MAX - last + first - 1)));
}

AVX2 static inline __m256i extended_lead_32(__m256i lead)
{
    return equal_32(_mm256_and_si256(lead, _mm256_set1_epi8((char)0xFE)), 0xC4);
}

/* As extended_capital(), in the highest bits. */
AVX2 static inline __m256i extended_capital_32(__m256i lead, __m256i second)
{
    __m256i odd = _mm256_slli_epi16(second, 7);
    __m256i late = _mm256_cmpgt_epi8(second, _mm256_set1_epi8((char)0xB7));
    __m256i early = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0x8A), second);
    __m256i on_odd = _mm256_or_si256(late, _mm256_and_si256(_mm256_slli_epi16(lead, 7), early));
    __m256i other = _mm256_andnot_si256(equal_32(second, 0xB8), _mm256_xor_si256(odd, on_odd));
    return _mm256_andnot_si256(other, extended_lead_32(lead));
}

/* As sentence_blocks_joined(), in the highest bits, and a few more: lead bytes are told by their
 * low four bits alone; any of U+0100 to U+017F counts where they are not to be read exactly. */
AVX2 static inline __m256i joined_32(const uint8_t *at, bool exact)
{
    const __m256i first_small = _mm256_broadcastsi128_si256(
        _mm_setr_epi8((char)0xB0, -128, -128, (char)0x9F, -128, -128, -128, -128, -128, -128, -128,
                      -128, -128, -128, (char)0xAC, -128));
    __m256i before = load_32_bytes(at - 1);
    __m256i lead = load_32_bytes(at);
    __m256i second = load_32_bytes(at + 1);
    __m256i kind = _mm256_and_si256(lead, _mm256_set1_epi8(15));
    __m256i paired = _mm256_cmpgt_epi8(_mm256_shuffle_epi8(first_small, kind), second);
    __m256i extended = exact ? extended_capital_32(lead, second) : extended_lead_32(lead);
    __m256i capital = _mm256_or_si256(within_32(lead, 'A', 'Z'), _mm256_or_si256(paired, extended));
    return _mm256_and_si256(capital, _mm256_or_si256(within_32(before, 'a', 'z'), before));
}

AVX2 static inline bool may_be_joined_avx2(const uint8_t *at, bool exact)
{
    __m256i early = joined_32(at, exact);
    return _mm256_movemask_epi8(_mm256_or_si256(early, joined_32(at + BLOCK / 2, exact))) != 0;
}

AVX2 static uint32_t pass_unjoined_avx2(const uint8_t *text, uint32_t at, uint32_t size)
{
    while (at < size &&
           !(may_be_joined_avx2(text + at, false) && may_be_joined_avx2(text + at, true)))
        at += BLOCK;
    return at;
}

/* Eight places at once, from a table of where bits are not set in a byte; as many of them count. */
AVX2 static void list_words_avx2(struct sentences *sentences, uint32_t size)
{
    uint32_t *words = sentences->words;
    uint32_t *before = sentences->words_before;
    const uint64_t *word_bits = sentences->word_bits;
    const __m256i step = _mm256_set1_epi32(8);
    __m256i begin = _mm256_setzero_si256();
    size_t count = 0;
    for (uint32_t block = 0; block * BLOCK < size; block++) {
        uint64_t others = ~word_bits[block];
        before[block] = (uint32_t)count;
        for (int i = 0; i < BLOCK; i += 8) {
            uint32_t eight = others >> i & 0xFF;
            __m128i places = _mm_loadl_epi64((const __m128i *)&view_pack_orders[eight]);
            __m256i at = _mm256_add_epi32(begin, _mm256_cvtepu8_epi32(places));
            _mm256_storeu_si256((__m256i *)(words + (count + (size_t)i)), at);
            begin = _mm256_add_epi32(begin, step);
            count -= (size_t)__builtin_popcount(eight);
        }
        count += BLOCK;
    }
    sentences->word_count = (uint32_t)count;
}

static const struct sentence_blocks sentence_blocks_avx2 = {
    .mark = mark_avx2,
    .pass_unjoined = pass_unjoined_avx2,
    .list_words = list_words_avx2,
    .has_count = true,
};
#endif

const struct sentence_blocks *sentence_blocks_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"))
        return &sentence_blocks_avx2;
#endif
    return &sentence_blocks_plain;
}
