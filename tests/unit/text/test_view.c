/*
 * Goal:   spellings of a letter become one byte, spans lead back to whole characters of the text,
 *         and the view of a text is the views of its characters one after the other.
 * Method: listed spellings; every character of Unicode alone; random texts with a printed seed
 *         against a fold that goes character by character and keeps every offset; the fastest way
 *         of folding against the plain one, hostile bytes among the texts.
 */
#include "text/view_parts.h"

#include "support/random.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 4096 };

static struct view view;
static struct view plain_view;
static char padded[TEXT_MAX + MESSAGE_PADDING_BYTES];

static int set_up(void **state)
{
    (void)state;
    return view_init(&view, TEXT_MAX) || view_init(&plain_view, TEXT_MAX);
}

static int tear_down(void **state)
{
    (void)state;
    view_destroy(&view);
    view_destroy(&plain_view);
    return 0;
}

static void fold(const char *text, size_t size)
{
    memcpy(padded, text, size);
    memset(padded + size, 0, MESSAGE_PADDING_BYTES);
    view_fold(&view, (struct slice){.data = padded, .size = (uint32_t)size});
    assert_int_equal(view.bytes[-1], '\n');
    assert_int_equal(view.bytes[view.size], '\n');
}

static void expect_equal(const char *one, const char *two)
{
    uint8_t first[256];
    fold(one, strlen(one));
    uint32_t size = view.size;
    memcpy(first, view.bytes, size);
    fold(two, strlen(two));
    assert_int_equal(view.size, size);
    assert_memory_equal(view.bytes, first, size);
}

static void spellings_become_equal(void **state)
{
    (void)state;
    expect_equal("Zażółć GĘŚLĄ jaźń", "zazolc gesla jazn");
    expect_equal("ΣΊΣΥΦΟΣ", "σισυφος");
    expect_equal("Ёлка ЙОД", "елка иод");
    expect_equal("Straße, Ærø, ĳs, ﬁ", "strasse, aero, ijs, fi");
    expect_equal("Ｆｕｌｌ　ｗｉｄｔｈ１２", "full width12");
    expect_equal("e\xCC\x81 re\xC2\xAD"
                 "fund zero\xE2\x80\x8Bwidth",
                 "é refund zerowidth");
    expect_equal("“don’t” – it’s…", "\"don't\" - it's...");
    expect_equal("\xC2\xA0\xE2\x80\xA8", "  ");
    expect_equal("①½²٣", "11/223");
}

static void different_letters_stay_different(void **state)
{
    (void)state;
    static const char *const letters[] = {"а", "a", "α", "о",   "o",  "ο", "б", "в", "ж",
                                          "ш", "щ", "ь", "ъ",   "ы",  "и", "і", "η", "ι",
                                          "υ", "€", "£", "₽", "漢", "😀", "-", "'"};
    bool seen[256] = {false};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        fold(letters[i], strlen(letters[i]));
        assert_int_equal(view.size, 1);
        assert_false(seen[view.bytes[0]]);
        seen[view.bytes[0]] = true;
    }
}

static void every_character_alone_has_its_bytes_and_its_span(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        if (code_point >= 0xD800 && code_point <= 0xDFFF)
            continue;
        char text[UTF8_CHARACTER_BYTES_MAX];
        uint8_t wanted[VIEW_FOLD_BYTES_MAX];
        size_t size = utf8_encode(code_point, text);
        uint32_t count = view_fold_character(code_point, wanted);
        assert_true(count <= VIEW_FOLD_BYTES_MAX && count <= 2 * size);
        fold(text, size);
        assert_int_equal(view.folded_size, count);
        if (count == 0 || view.stretched) /* the Roman three is three letters */
            continue;
        assert_memory_equal(view.bytes, wanted, count);
        uint32_t start;
        uint32_t end;
        view_text_span(&view, count - 1, count, &start, &end);
        assert_int_equal(start, 0);
        assert_int_equal(end, size);
    }
}

/* A character at a time, every offset kept. */
struct slow {
    uint8_t bytes[2 * TEXT_MAX];
    uint32_t starts[2 * TEXT_MAX]; /* of the character that left the byte */
    uint32_t ends[2 * TEXT_MAX];   /* of it and of what vanishes behind it */
    uint32_t size;
};

static void fold_slowly(struct slow *slow, const char *text, size_t size)
{
    slow->size = 0;
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        size_t length = utf8_decode(text + at, size - at, &code_point, NULL);
        uint32_t count = view_fold_character(code_point, slow->bytes + slow->size);
        for (uint32_t i = 0; i < count; i++)
            slow->starts[slow->size + i] = (uint32_t)at;
        slow->size += count;
        at += length;
        uint32_t owner = slow->size ? slow->starts[slow->size - 1] : 0;
        for (uint32_t i = slow->size; i > 0 && slow->starts[i - 1] == owner; i--)
            slow->ends[i - 1] = (uint32_t)at;
    }
}

static void random_texts_fold_as_their_characters_do(void **state)
{
    (void)state;
    static struct slow slow;
    static const uint32_t likely[] = {'a',   'Z',    ' ',    0xE9,   0xDF,    0x301,  0x416,
                                      0x3A3, 0x200B, 0x20AC, 0xFB01, 0x1F600, 0x6F22, 0xAD};
    uint64_t seed = 31337;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 2000; round++) {
        char text[TEXT_MAX];
        size_t size = 0;
        uint64_t count = random_next(&seed) % 300;
        for (uint64_t i = 0; i < count; i++) {
            uint64_t pick = random_next(&seed) % 30;
            size += utf8_encode(pick < 14 ? likely[pick] : (uint32_t)('A' + pick), text + size);
        }
        fold(text, size);
        fold_slowly(&slow, text, size);
        assert_int_equal(view.folded_size, slow.size);
        assert_memory_equal(view.folded + VIEW_GUARD_BYTES, slow.bytes, slow.size);
        for (int i = 0; i < 20 && view.size > 0 && view.edit_count == 0; i++) {
            uint32_t from = (uint32_t)(random_next(&seed) % view.size);
            uint32_t to = from + 1 + (uint32_t)(random_next(&seed) % (view.size - from));
            uint32_t start;
            uint32_t end;
            view_text_span(&view, from, to, &start, &end);
            assert_int_equal(start, slow.starts[from]);
            assert_int_equal(end, slow.ends[to - 1]);
            for (; from > 0 && slow.starts[from - 1] == start; from--)
                ;
            struct view_cursor cursor = {0};
            assert_int_equal(view_offset_of(&view, &cursor, start), from);
        }
        struct view_cursor cursor = {0};
        assert_int_equal(view_offset_of(&view, &cursor, (uint32_t)size), view.size);
    }
}

static void broken_bytes_stay_inside_the_buffers(void **state)
{
    (void)state;
    uint64_t seed = 4711;
    for (int round = 0; round < 2000; round++) {
        char text[200];
        size_t size = random_next(&seed) % sizeof text;
        for (size_t i = 0; i < size; i++)
            text[i] = (char)(random_next(&seed) % 256);
        fold(text, size);
        assert_true(view.size <= 2 * size);
    }
}

/* The plain way of folding makes the same. */
static void check_plain_fold(void)
{
    uint32_t size = view.folded_size;
    plain_view.text = view.text;
    view_fold_plain(&plain_view);
    view_edit(&plain_view, VIEW_STRETCH_ONE);
    assert_int_equal(plain_view.folded_size, size);
    assert_memory_equal(plain_view.folded, view.folded, size + VIEW_GUARD_BYTES + 1);
    assert_int_equal(plain_view.size, view.size);
}

/* And leads back to the same places. */
static void check_plain_spans(uint64_t *seed)
{
    for (int i = 0; i < 5 && view.size > 0; i++) {
        uint32_t from = (uint32_t)(random_next(seed) % view.size);
        uint32_t to = from + 1 + (uint32_t)(random_next(seed) % (view.size - from));
        uint32_t spans[4];
        view_text_span(&view, from, to, &spans[0], &spans[1]);
        view_text_span(&plain_view, from, to, &spans[2], &spans[3]);
        assert_int_equal(spans[0], spans[2]);
        assert_int_equal(spans[1], spans[3]);
        struct view_cursor fast_cursor = {0};
        struct view_cursor plain_cursor = {0};
        assert_int_equal(view_offset_of(&view, &fast_cursor, spans[1]),
                         view_offset_of(&plain_view, &plain_cursor, spans[1]));
    }
}

/* Runs of characters of one kind, as texts have them, and single ones between. */
static void both_ways_of_folding_agree(void **state)
{
    (void)state;
    static const struct {
        uint32_t first;
        uint32_t count;
    } kinds[] = {{' ', 95},  {'a', 26},     {0x80, 0x780}, {0x410, 64},  {0x391, 60},
                 {0xC0, 64}, {0x100, 0x80}, {0x300, 64},   {0, 32},      {0x2000, 128},
                 {'\r', 1},  {0xDF, 1},     {0x800, 4096}, {0x1F600, 64}};
    uint64_t seed = 90210;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20000; round++) {
        char text[TEXT_MAX];
        size_t size = 0;
        for (uint64_t runs = random_next(&seed) % 12; runs > 0; runs--) {
            uint64_t kind = random_next(&seed) % (sizeof kinds / sizeof *kinds);
            uint64_t count = random_next(&seed) % (random_next(&seed) % 2 ? 3 : 70);
            for (; count > 0 && size < TEXT_MAX - 8; count--)
                size += utf8_encode(kinds[kind].first +
                                        (uint32_t)(random_next(&seed) % kinds[kind].count),
                                    text + size);
        }
        fold(text, size);
        check_plain_fold();
        check_plain_spans(&seed);
    }
}

static void both_ways_of_folding_agree_on_broken_bytes(void **state)
{
    (void)state;
    static const uint8_t likely[] = {'a', 'Z', ' ', '\r', 0xC3, 0xD0, 0xD1, 0x80, 0xA9, 0xE2};
    uint64_t seed = 1234;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20000; round++) {
        char text[200 + UTF8_CHARACTER_BYTES_MAX];
        size_t size = random_next(&seed) % 200;
        for (size_t i = 0; i < size; i++) {
            uint64_t pick = random_next(&seed) % (2 * sizeof likely);
            text[i] = (char)(pick < sizeof likely ? likely[pick] : random_next(&seed) % 256);
        }
        /* A character that the end of the text breaks may leave more or less. */
        memset(text + size, ' ', UTF8_CHARACTER_BYTES_MAX);
        fold(text, size + UTF8_CHARACTER_BYTES_MAX);
        check_plain_fold();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_become_equal),
        cmocka_unit_test(different_letters_stay_different),
        cmocka_unit_test(every_character_alone_has_its_bytes_and_its_span),
        cmocka_unit_test(random_texts_fold_as_their_characters_do),
        cmocka_unit_test(broken_bytes_stay_inside_the_buffers),
        cmocka_unit_test(both_ways_of_folding_agree),
        cmocka_unit_test(both_ways_of_folding_agree_on_broken_bytes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
