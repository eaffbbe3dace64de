/*
 * Goal:   sentences and words begin where a reader would say so.
 * Method: listed texts, shown with a bar before every sentence but the first; random bytes, and
 * random pieces of what people write (printed seeds), against a split that goes byte by byte; each
 * text by the fastest way of this processor and by the plain one.
 */
#include "../../../engine/text/sentences.c"

#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 4096 };

static struct view view;
static struct sentences sentences;
static struct sentences plainly; /* without what this processor has */
static char padded[TEXT_MAX + MESSAGE_PADDING_BYTES];

static int set_up(void **state)
{
    (void)state;
    return view_init(&view, TEXT_MAX) != STATUS_OK ||
           sentences_init(&sentences, TEXT_MAX) != STATUS_OK ||
           sentences_init(&plainly, TEXT_MAX) != STATUS_OK;
}

static int tear_down(void **state)
{
    (void)state;
    view_destroy(&view);
    sentences_destroy(&sentences);
    sentences_destroy(&plainly);
    return 0;
}

static void check_plain_way(void)
{
    plainly.blocks = &sentence_blocks_plain;
    sentences_split(&plainly, &view);
    size_t count = sentences.count;
    size_t words = sentences.word_count;
    assert_int_equal(plainly.count, count);
    assert_int_equal(plainly.word_count, words);
    assert_memory_equal(plainly.first_word, sentences.first_word, (count + 1) * sizeof(uint32_t));
    if (count == 0)
        return;
    assert_memory_equal(plainly.starts, sentences.starts, count * sizeof(uint32_t));
    assert_memory_equal(plainly.goes_on, sentences.goes_on, count * sizeof(bool));
    if (words > 0)
        assert_memory_equal(plainly.words, sentences.words, words * sizeof(uint32_t));
}

static void split(const char *text, size_t size)
{
    memcpy(padded, text, size);
    memset(padded + size, 0, MESSAGE_PADDING_BYTES);
    view_fold(&view, (struct slice){.data = padded, .size = (uint32_t)size});
    sentences_split(&sentences, &view);
    check_plain_way();
}

static void expect(const char *text, const char *wanted)
{
    char shown[TEXT_MAX];
    size_t size = 0;
    split(text, strlen(text));
    for (uint32_t at = 0, next = 1; at < view.size; at++) {
        if (next < sentences.count && sentences.starts[next] == at) {
            shown[size++] = '|';
            next++;
        }
        shown[size++] = (char)view.bytes[at];
    }
    shown[size] = '\0';
    assert_string_equal(shown, wanted);
}

static void marks_end_a_sentence(void **state)
{
    (void)state;
    expect("It broke. Again! Why? I paid; they lie… end.",
           "it broke. |again! |why? |i paid; |they lie... |end.");
    expect("\"It broke.\" (Again!) Then", "\"it broke.\" |(again!) |then");
    expect("bad.Then worse!!! ok?no", "bad.|then worse!!! |ok?|no");
    expect("they refused. \xE2\x82\xAC"
           "50 gone",
           "they refused. |\xFE"
           "50 gone");
    expect("a \xCD\xBE b", "a ; |b"); /* the Greek question mark */
}

static void marks_inside_numbers_and_abbreviations_end_none(void **state)
{
    (void)state;
    expect("it costs 3.5 or 1.299,00 since 12.05.2024 ok",
           "it costs 3.5 or 1.299,00 since 12.05.2024 ok");
    expect("e.g. this, bl.a. that, m.in. those, t.ex. J. Smith",
           "e.g. this, bl.a. that, m.in. those, t.ex. j. smith");
    expect("Mr. Smith at bol.com, nr. 5, food &amp; drinks",
           "mr. smith at bol.com, nr. 5, food &amp; drinks");
    expect("paid 50. Then 5.", "paid 50. |then 5.");
}

static void blanks_and_titles_end_a_sentence(void **state)
{
    (void)state;
    expect("one  two", "one  |two");
    expect("  one\n\ntwo \n three", "  one  |two   |three");
    expect("Terrible service\nI waited\nand waited", "terrible service |i waited and waited");
    expect("Terrible service\r\nI waited", "terrible service |i waited");
    expect("this first line is far too long to be the title of what follows it\nhere",
           "this first line is far too long to be the title of what follows it here");
    expect("Hello,\n\nTerrible service\nI waited\nand waited",
           "hello,  |terrible service |i waited and waited");
    expect("Hello,\n\nTerrible service\n\nI waited", "hello,  |terrible service  |i waited");
    expect("title", "title");
    expect("title\n", "title ");
}

static void a_capital_inside_a_small_word_begins_one(void **state)
{
    (void)state;
    expect("it is not workingIt is old", "it is not working|it is old");
    expect("P\u200bayPal", "paypal");
    expect("PayPal, iPhone, McDonald, eBay, #neverFly, @someName, ABCdef",
           "paypal, iphone, mcdonald, ebay, #never fly, \xFB, abcdef");
    split("не работаетОна δεν δουλεύειΤο jest źleŻądam",
          strlen("не работаетОна δεν δουλεύειΤο jest źleŻądam"));
    assert_int_equal(sentences.count, 4);
    assert_int_equal(sentences.word_count, 9);
}

/* Each letter of two bytes, and a few beyond, behind a word of each kind of small letters. */
static void any_letter_behind_a_small_one_is_told_by_both_ways(void **state)
{
    (void)state;
    static const char *const words[] = {"work", "caf\xC3\xA9", "раб", "\xC5\x82\xC4\x85"};
    unsigned joined = 0;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        for (uint32_t letter = '!'; letter < 0x900; letter++) {
            char text[200];
            size_t size = letter % 70;
            memset(text, ' ', size);
            memcpy(text + size, words[i], strlen(words[i]));
            size += strlen(words[i]);
            size += utf8_encode(letter, text + size);
            memcpy(text + size, "ab", 2);
            split(text, size + 2);
            uint32_t word = sentences.first_word[sentences.count - 1];
            joined += word > 0 && view_is_word(*(view.bytes + sentences.words[word] - 1));
        }
    }
    assert_true(joined > 500);
}

static void moods_belong_to_the_sentence_before(void **state)
{
    (void)state;
    expect("bad. \xF0\x9F\x98\xA1 next", "bad. \xC6 |next");
    expect("!!! bad", "!!! bad");
}

static void windows_end_where_nothing_else_does(void **state)
{
    (void)state;
    char text[2 * 60];
    for (int i = 0; i < 60; i++)
        memcpy(text + (size_t)i * 2, "w ", 2);
    split(text, sizeof text);
    assert_int_equal(sentences.count, 3);
    assert_int_equal(sentences.starts[1], 50);
    assert_int_equal(sentences.starts[2], 100);
    assert_int_equal(sentences.first_word[1], 25);
    assert_int_equal(sentences.first_word[3], 60);
    assert_false(sentences_are_apart(&sentences, 0, 2));
    split(text, 2 * 25);
    assert_int_equal(sentences.count, 1);
}

static void sentences_are_apart_where_a_mark_stands_between_them(void **state)
{
    (void)state;
    char text[] = "one two. "
                  "w w w w w w w w w w w w w w w w w w w w w w w w w w w w ww. end";
    split(text, sizeof text - 1);
    assert_int_equal(sentences.count, 4);
    assert_true(sentences_are_apart(&sentences, 0, 1));
    assert_false(sentences_are_apart(&sentences, 1, 2));
    assert_false(sentences_are_apart(&sentences, 2, 2));
    assert_true(sentences_are_apart(&sentences, 1, 3));
}

static void words_hold_their_apostrophes_and_decimals(void **state)
{
    (void)state;
    split("don't pay 1.299,00 it's 'so' a-b", strlen("don't pay 1.299,00 it's 'so' a-b"));
    static const uint32_t starts[] = {0, 6, 10, 19, 25, 29, 31};
    assert_int_equal(sentences.word_count, sizeof starts / sizeof starts[0]);
    assert_memory_equal(sentences.words, starts, sizeof starts);
    assert_int_equal(sentences_word_at(&sentences, 0), 0);
    assert_int_equal(sentences_word_at(&sentences, 4), 0);
    assert_int_equal(sentences_word_at(&sentences, 5), 0);
    assert_int_equal(sentences_word_at(&sentences, 6), 1);
    assert_int_equal(sentences_word_at(&sentences, 15), 2);
    assert_int_equal(sentences_word_at(&sentences, 30), 5);
}

static void an_empty_text_has_no_sentence(void **state)
{
    (void)state;
    split("", 0);
    assert_int_equal(sentences.count, 0);
    assert_int_equal(sentences.word_count, 0);
    split("!", 1);
    assert_int_equal(sentences.count, 1);
    assert_int_equal(sentences_word_at(&sentences, 0), 0);
}

static bool is_joint(uint32_t at)
{
    uint8_t before = *(view.bytes + at - 1); /* a guard stands before the first */
    uint8_t after = view.bytes[at + 1];
    if (view.bytes[at] == '\'')
        return view_is_word(before) && view_is_word(after);
    return (view.bytes[at] == '.' || view.bytes[at] == ',') && before >= '0' && before <= '9' &&
           after >= '0' && after <= '9';
}

/* All of what is said about words and sentences, read off byte by byte. */
static void check_split(void)
{
    uint32_t word = 0;
    uint32_t sentence = 0;
    bool inside = false;
    for (uint32_t at = 0; at < view.size; at++) {
        bool now = view_is_word(view.bytes[at]) || is_joint(at);
        if (sentence + 1 < sentences.count && sentences.starts[sentence + 1] == at) {
            sentence++;
            assert_int_equal(sentences.first_word[sentence], word);
        }
        if (now && !inside) {
            assert_int_equal(sentences.words[word], at);
            word++;
        }
        inside = now;
        assert_int_equal(sentences_of(&sentences, at), sentence);
        assert_int_equal(sentences_word_at(&sentences, at), word ? word - 1 : 0);
    }
    assert_int_equal(word, sentences.word_count);
    assert_int_equal(sentence + 1, sentences.count);
    for (uint32_t i = 0; i < sentences.count; i++)
        assert_true(sentences.first_word[i + 1] - sentences.first_word[i] <= SENTENCE_WORDS_MAX);
}

/* Whether a sentence may end at a byte of the view, without what only the text tells. */
static bool may_end(uint32_t at)
{
    bool blank = view.bytes[at] == ' ' && at > 0 && view.bytes[at - 1] == ' ';
    return blank || (ends_sentence(view.bytes[at]) && !is_joint(at));
}

/* Title and joined words set bits, too; the rest of the bits is made here one by one. */
static void mark_bounds(struct sentences *plain)
{
    struct view_cursor title = {0};
    struct view_cursor joined = {0};
    memset(plain->bound_bits, 0, (view.size / BLOCK + 1) * sizeof *plain->bound_bits);
    for (uint32_t at = 0; at < view.size; at++)
        if (may_end(at))
            set_bit(plain->bound_bits, at);
    mark_titles(plain, &view, &title);
    for (uint32_t at = 1; at < view.text.size; at++) {
        const uint8_t *text = (const uint8_t *)view.text.data;
        if (!(sentence_blocks_joined(text + at) & 1) || !begins_inside_word(&view, at))
            continue;
        uint32_t offset = view_offset_of(&view, &joined, at);
        if (offset > 0 && offset < view.size && view_is_word(view.bytes[offset]))
            set_bit(plain->bound_bits, offset - 1);
    }
}

/* words_around(), byte by byte. */
static uint32_t plain_around(uint32_t at)
{
    uint32_t around = 0;
    for (uint32_t i = 0; i < AROUND; i++) {
        bool inside = at + i >= AROUND_BEFORE && at + i - AROUND_BEFORE < view.size;
        around |= (uint32_t)(inside && view_is_word(view.bytes[at + i - AROUND_BEFORE])) << i;
    }
    return around;
}

/* Where sentences begin, each mark looked at by itself. */
static void check_starts(struct sentences *plain)
{
    uint32_t next = 1;
    uint32_t count = 1;
    uint32_t first = 0;
    mark_bounds(plain);
    for (uint32_t at = 0; at < view.size; at++) {
        bool marked = plain->bound_bits[at / BLOCK] >> at % BLOCK & 1;
        if (!marked || at + 1 < next || !is_bound(view.bytes, at, plain_around(at)))
            continue;
        uint32_t begin = sentence_begin(&view, at);
        uint32_t word = 0;
        next = begin + 1;
        if (begin == view.size)
            break;
        while (word < sentences.word_count && sentences.words[word] < begin)
            word++;
        if (word == first)
            continue;
        for (; first + SENTENCE_WORDS_MAX < word; first += SENTENCE_WORDS_MAX)
            assert_true(sentences.goes_on[count++]);
        assert_int_equal(sentences.starts[count], begin);
        assert_int_equal(sentences.first_word[count], word);
        assert_false(sentences.goes_on[count++]);
        first = word;
    }
    for (; first + SENTENCE_WORDS_MAX < sentences.word_count; first += SENTENCE_WORDS_MAX)
        count++;
    assert_int_equal(sentences.count, count);
}

static const char *const pieces[] = {
    "a",
    "it",
    "word",
    "broken",
    "terrible",
    "I",
    "Again",
    "OK",
    ". ",
    ".",
    "! ",
    "? ",
    "; ",
    "... ",
    ", ",
    " ",
    " ",
    " ",
    "  ",
    "\n",
    "\n\n",
    "'",
    "\"",
    ")",
    "(",
    "3",
    "50",
    "1.299",
    "Mr",
    "tel",
    "godz",
    "bol.com",
    "bl.a",
    "&amp",
    "#tag",
    "@you",
    "не",
    "работает",
    "Очень",
    "δεν",
    "Τίποτα",
    "źle",
    "Żądam",
    "ö",
    "\xE2\x80\xA6",
    "sooo",
    "e\xCC\x81",
    "\xF0\x9F\x98\xA1",
    "\xE2\x80\x8B",
    "_",
    "https://a.eu/b",
    "ss\xC3\x9F",
};

static void pieces_of_texts_split_as_their_bytes_say(void **state)
{
    (void)state;
    struct sentences plain;
    uint64_t seed = 777;
    print_message("seed %llu\n", (unsigned long long)seed);
    assert_int_equal(sentences_init(&plain, TEXT_MAX), STATUS_OK);
    for (int round = 0; round < 20000; round++) {
        char text[TEXT_MAX];
        size_t size = 0;
        for (uint32_t left = random_below(&seed, 80); left > 0; left--) {
            const char *piece = pieces[random_below(&seed, sizeof pieces / sizeof *pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        split(text, size);
        if (view.size > 0)
            check_starts(&plain);
    }
    sentences_destroy(&plain);
}

static void random_texts_split_as_their_bytes_say(void **state)
{
    (void)state;
    static const char letters[] = "ab c d e f  gh12.,'!?;\n_-\"() i j k l m n o p q r s";
    uint64_t seed = 4242;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 3000; round++) {
        char text[600];
        size_t size = random_below(&seed, sizeof text);
        for (size_t i = 0; i < size; i++)
            text[i] = letters[random_below(&seed, sizeof letters - 1)];
        split(text, size);
        if (size > 0)
            check_split();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_end_a_sentence),
        cmocka_unit_test(marks_inside_numbers_and_abbreviations_end_none),
        cmocka_unit_test(blanks_and_titles_end_a_sentence),
        cmocka_unit_test(a_capital_inside_a_small_word_begins_one),
        cmocka_unit_test(any_letter_behind_a_small_one_is_told_by_both_ways),
        cmocka_unit_test(moods_belong_to_the_sentence_before),
        cmocka_unit_test(windows_end_where_nothing_else_does),
        cmocka_unit_test(sentences_are_apart_where_a_mark_stands_between_them),
        cmocka_unit_test(words_hold_their_apostrophes_and_decimals),
        cmocka_unit_test(an_empty_text_has_no_sentence),
        cmocka_unit_test(random_texts_split_as_their_bytes_say),
        cmocka_unit_test(pieces_of_texts_split_as_their_bytes_say),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
