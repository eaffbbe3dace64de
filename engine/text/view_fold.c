/* The first pass: each character becomes the bytes that the tables say. */
#include "text/view_parts.h"

#include "base/lanes.h"
#include "text/view_table.h"

#include "base/assert.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static_assert(MESSAGE_PADDING_BYTES >= 4 * LANES, "whole lanes are read, and one byte behind");

struct cursor {
    const uint8_t *at;
    uint8_t *out;
};

/* Folds sixteen bytes; a bit is set for each that is no ASCII or vanishes. */
static uint32_t fold_lanes(struct cursor cursor)
{
    lanes_bytes lanes = lanes_load(cursor.at);
    lanes_bytes blank = lanes_within(lanes, '\t', '\f');
    uint32_t stops = lanes_bits(lanes | lanes_equal(lanes, '\r'));
    lanes |= lanes_within(lanes, 'A', 'Z') & 0x20;
    lanes = (lanes & ~blank) | (blank & 0x20);
    memcpy(cursor.out, &lanes, sizeof lanes);
    return stops;
}

/* Folds ASCII until another character is met, or `end` is reached or passed. */
static struct cursor fold_ascii(struct cursor cursor, const uint8_t *end)
{
    while (cursor.at < end) {
        uint32_t stops = fold_lanes(cursor);
        if (stops) { /* a branch, so that the next lanes need not wait for the count of these */
            uint32_t count = (uint32_t)__builtin_ctz(stops);
            return (struct cursor){cursor.at + count, cursor.out + count};
        }
        cursor.at += LANES;
        cursor.out += LANES;
    }
    return cursor;
}

/* Any character. Not inlined, for few are none of the two kinds that the ways of folding know. */
__attribute__((noinline)) static struct cursor fold_other(struct cursor cursor, bool *regular)
{
    struct view_character character = view_read_character(cursor.at);
    bool stray = *cursor.at >= 0x80 && *cursor.at < 0xC0; /* only in unrepaired text */
    *regular = *regular && character.count == 1 && !stray;
    memcpy(cursor.out, character.fold, VIEW_FOLD_BYTES_MAX);
    return (struct cursor){cursor.at + character.size, cursor.out + character.count};
}

/* Folds characters until `end` is reached or passed (by less than sixteen bytes). False in *regular
 * where one of them did not leave one byte. */
static inline struct cursor fold_block_plain(const void *with, struct cursor cursor,
                                             const uint8_t *end, const uint8_t *text_end,
                                             bool *regular)
{
    (void)with;
    (void)text_end;
    while (cursor.at < end) {
        uint8_t lead = *cursor.at;
        if (lead < 0x80 && lead != '\r') {
            if (cursor.at[1] < 0x80) {
                cursor = fold_ascii(cursor, end);
            } else { /* the blank between two words of another script */
                *cursor.out++ = view_pages[lead >> 6][lead & 0x3F];
                cursor.at++;
            }
            continue;
        }
        if (lead >= 0xC0 && lead < 0xE0) {
            uint8_t byte = view_pages[lead & 0x1F][cursor.at[1] & 0x3F];
            if (byte != VIEW_TABLE_VANISH && byte != VIEW_TABLE_EXPAND) {
                *cursor.out++ = byte;
                cursor.at += 2;
                continue;
            }
        }
        cursor = fold_other(cursor, regular);
    }
    return cursor;
}

/* All of the text, and where its blocks stand. One way of folding a block does so up to `end`, or
 * past it; `text_end` is that of the whole text, `with` what the way needs for all blocks. */
__attribute__((always_inline)) static inline void
fold_blocks(struct view *view,
            struct cursor (*fold_block)(const void *with, struct cursor cursor, const uint8_t *end,
                                        const uint8_t *text_end, bool *regular),
            const void *with)
{
    const uint8_t *begin = (const uint8_t *)view->text.data;
    const uint8_t *end = begin + view->text.size;
    uint8_t *fold_begin = view->folded + VIEW_GUARD_BYTES;
    struct cursor cursor = {.at = begin, .out = fold_begin};
    struct view_mark *mark = view->marks;
    for (; cursor.at < end; mark++) {
        bool all = end - cursor.at <= VIEW_BLOCK_BYTES;
        mark->text = (uint32_t)(cursor.at - begin);
        mark->fold = (uint32_t)(cursor.out - fold_begin);
        mark->regular = true;
        cursor =
            fold_block(with, cursor, all ? end : cursor.at + VIEW_BLOCK_BYTES, end, &mark->regular);
        bool as_many = cursor.at - begin - mark->text == cursor.out - fold_begin - mark->fold;
        mark->plain = mark->regular && as_many;
    }
    /* The last lanes may have gone past the end: zero bytes of the padding, one byte each. A broken
     * character there may have left fewer, so never step back over the mark. */
    uint32_t size = (uint32_t)(cursor.out - fold_begin);
    uint32_t past = (uint32_t)(cursor.at - end);
    uint32_t floor = mark > view->marks ? mark[-1].fold : 0;
    view->folded_size = size - floor >= past ? size - past : floor;
    view->mark_count = (uint32_t)(mark - view->marks);
    fold_begin[view->folded_size] = '\n';
}

void view_fold_plain(struct view *view)
{
    fold_blocks(view, fold_block_plain, NULL);
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,popcnt")))

enum { WIDE_LANES = 2 * LANES };

/* The compiler would make constants anew in each round, three instructions each. */
AVX2 static inline __m256i wide_of(int byte)
{
    __m256i wide = _mm256_set1_epi8((char)byte);
    __asm__("" : "+x"(wide));
    return wide;
}

/* As lanes_within() needs them: what moves the last byte of a range up to the largest there is,
 * and what lies before its first byte then. */
struct wide_range {
    __m256i move;
    __m256i before;
};

AVX2 static inline struct wide_range wide_range_of(uint8_t first, uint8_t last)
{
    int move = INT8_MAX - last;
    return (struct wide_range){wide_of(move), wide_of(move + first - 1)};
}

AVX2 static inline __m256i wide_within(__m256i lanes, struct wide_range range)
{
    return _mm256_cmpgt_epi8(_mm256_add_epi8(lanes, range.move), range.before);
}

struct fold_constants {
    struct wide_range capitals;
    struct wide_range blanks;
    __m256i space;
    __m256i vanishing;
};

AVX2 static inline struct fold_constants fold_constants(void)
{
    return (struct fold_constants){.capitals = wide_range_of('A', 'Z'),
                                   .blanks = wide_range_of('\t', '\f'),
                                   .space = wide_of(' '),
                                   .vanishing = wide_of('\r')};
}

AVX2 static inline uint32_t wide_equal_bits(__m256i lanes, __m256i byte)
{
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(lanes, byte));
}

/* As fold_lanes() does. */
AVX2 static inline __m256i fold_ascii_avx2(const struct fold_constants *with, __m256i lanes)
{
    __m256i capital = _mm256_and_si256(wide_within(lanes, with->capitals), with->space);
    return _mm256_blendv_epi8(_mm256_or_si256(lanes, capital), with->space,
                              wide_within(lanes, with->blanks));
}

/* A bit for each byte that is no ASCII or vanishes. */
AVX2 static inline uint32_t find_stops_avx2(const struct fold_constants *with, __m256i lanes)
{
    __m256i vanishing = _mm256_cmpeq_epi8(lanes, with->vanishing);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(lanes, vanishing));
}

AVX2 static inline __m256i row_of_page(const uint8_t page[64], int row, __m256i places)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(page + 16 * row));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), places);
}

/* The bytes of a page at the low six bits of bytes: four look up the place in a row, two which row
 * it is. */
AVX2 static inline __m256i look_up_avx2(const uint8_t page[64], __m256i bytes)
{
    __m256i places = _mm256_and_si256(bytes, _mm256_set1_epi8(15));
    __m256i odd_row = _mm256_slli_epi16(bytes, 3); /* its bit is the highest now */
    __m256i late_row = _mm256_slli_epi16(bytes, 2);
    __m256i early =
        _mm256_blendv_epi8(row_of_page(page, 0, places), row_of_page(page, 1, places), odd_row);
    __m256i late =
        _mm256_blendv_epi8(row_of_page(page, 2, places), row_of_page(page, 3, places), odd_row);
    return _mm256_blendv_epi8(early, late, late_row);
}

/* Puts the folds of two-byte letters where their lead bytes stand. A step for each kind of lead
 * byte: texts of one script have one or two. */
AVX2 static inline __m256i fold_letters_avx2(__m256i folded, const uint8_t *at, uint32_t leads)
{
    __m256i lanes = _mm256_loadu_si256((const __m256i *)at);
    __m256i next = _mm256_loadu_si256((const __m256i *)(at + 1));
    while (leads) {
        const uint8_t *lead = at + __builtin_ctz(leads);
        __m256i same = _mm256_cmpeq_epi8(lanes, _mm256_set1_epi8((char)*lead));
        folded = _mm256_blendv_epi8(folded, look_up_avx2(view_pages[*lead & 0x1F], next), same);
        leads &= ~(uint32_t)_mm256_movemask_epi8(same);
    }
    return folded;
}

/* Writes the bytes that are not gone, closely packed; returns where they end. */
AVX2 static inline uint8_t *pack_avx2(uint8_t *out, __m256i lanes, uint32_t gone)
{
    __m128i halves[2] = {_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1)};
    for (int i = 0; i < 4; i++, gone >>= 8) {
        __m128i eight = i % 2 ? _mm_srli_si128(halves[i / 2], 8) : halves[i / 2];
        __m128i order = _mm_loadl_epi64((const __m128i *)&view_pack_orders[gone & 0xFF]);
        _mm_storel_epi64((__m128i *)(out + 8 * i), _mm_shuffle_epi8(eight, order));
        out -= __builtin_popcount(gone & 0xFF);
    }
    return out + WIDE_LANES;
}

/* Which of the bytes at `at` begin a two-byte letter; *stops loses these and their second bytes. */
AVX2 static inline uint32_t find_leads_avx2(const uint8_t *at, uint32_t *stops)
{
    const __m256i lead_bits = _mm256_set1_epi8((char)0xE0);
    const __m256i lead = _mm256_set1_epi8((char)0xC0);
    __m256i lanes = _mm256_loadu_si256((const __m256i *)at);
    __m256i next = _mm256_loadu_si256((const __m256i *)(at + 1));
    __m256i pairs = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(lanes, lead_bits), lead),
                                     _mm256_cmpgt_epi8(lead, next));
    uint32_t leads = (uint32_t)_mm256_movemask_epi8(pairs);
    *stops &= ~(leads | leads << 1);
    return leads;
}

/* Folds whole lanes of ASCII. */
AVX2 static inline struct cursor fold_run_avx2(const struct fold_constants *with,
                                               struct cursor cursor, const uint8_t *end)
{
    while (cursor.at < end) {
        __m256i lanes = _mm256_loadu_si256((const __m256i *)cursor.at);
        if (find_stops_avx2(with, lanes))
            break;
        _mm256_storeu_si256((__m256i *)cursor.out, fold_ascii_avx2(with, lanes));
        cursor.at += WIDE_LANES;
        cursor.out += WIDE_LANES;
    }
    return cursor;
}

/* Folds lanes up to the first character that is neither ASCII nor a letter of two bytes, and that
 * one, too. */
AVX2 static inline struct cursor fold_mixed_avx2(const struct fold_constants *with,
                                                 struct cursor cursor, const uint8_t *end,
                                                 const uint8_t *text_end, bool *regular)
{
    __m256i lanes = _mm256_loadu_si256((const __m256i *)cursor.at);
    __m256i folded = fold_ascii_avx2(with, lanes);
    uint32_t stops = find_stops_avx2(with, lanes);
    uint32_t leads = find_leads_avx2(cursor.at, &stops);
    /* Nothing behind the text is packed: fold_blocks() takes it for one byte each. */
    if (text_end - cursor.at < WIDE_LANES)
        stops |= (uint32_t)1 << (text_end - cursor.at);
    uint8_t *packed_end = cursor.out + WIDE_LANES;
    if (leads) {
        folded = fold_letters_avx2(folded, cursor.at, leads);
        stops |= leads & (wide_equal_bits(folded, _mm256_setzero_si256()) |
                          wide_equal_bits(folded, _mm256_set1_epi8(VIEW_TABLE_EXPAND)));
        packed_end = pack_avx2(cursor.out, folded, leads << 1);
    } else {
        _mm256_storeu_si256((__m256i *)cursor.out, folded);
    }
    if (!stops)
        return (struct cursor){cursor.at + WIDE_LANES + (leads >> (WIDE_LANES - 1)), packed_end};
    uint32_t count = (uint32_t)__builtin_ctz(stops);
    uint32_t below = ((uint32_t)1 << count) - 1;
    cursor.at += count;
    cursor.out += count - (uint32_t)__builtin_popcount(leads << 1 & below);
    return cursor.at < end ? fold_other(cursor, regular) : cursor;
}

/* A block is a run of ASCII of any size, or what stands up to `end`. */
AVX2 static inline struct cursor fold_block_avx2(const void *with, struct cursor cursor,
                                                 const uint8_t *end, const uint8_t *text_end,
                                                 bool *regular)
{
    cursor = fold_run_avx2(with, cursor, text_end);
    while (cursor.at < end)
        cursor = fold_mixed_avx2(with, cursor, end, text_end, regular);
    return cursor;
}

AVX2 static void fold_avx2(struct view *view)
{
    const struct fold_constants with = fold_constants();
    fold_blocks(view, fold_block_avx2, &with);
}
#endif

void (*view_fold_best(void))(struct view *view)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"))
        return fold_avx2;
#endif
    return view_fold_plain;
}
