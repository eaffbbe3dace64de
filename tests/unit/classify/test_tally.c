/*
 * Goal:   a text that is read in blocks says the same as one that is read letter by letter, and one
 * that was read for its language knows which second language cannot be there. Method: random texts
 * of words, marks and addresses in all scripts (printed seed), in rooms that end with their
 * padding; the plain reading stands here; what was heard against the looks at head and tail without
 * it.
 */
#include "classify/language/tally.h"

#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 4096, ROUNDS = 30000, SCAN_MAX = 2048, STEP = 96 };

static const char *const pieces[] = {
    " ",
    " ",
    " ",
    " ",
    " ",
    ", ",
    ". ",
    " the ",
    "and ",
    "I'm ",
    "don't ",
    "is ",
    "happened ",
    "promised ",
    "nie ",
    "się ",
    "przesyłka ",
    "że ",
    "och ",
    "för ",
    "återbetalning ",
    "ä",
    "het ",
    "geen ",
    "'s avonds ",
    "één ",
    "не ",
    "это ",
    "ещё ",
    "объявление ",
    "был ",
    "Ы",
    "щ",
    "ще ",
    "що ",
    "їх ",
    "ґ",
    "съм ",
    "και ",
    "δεν ",
    "ή",
    "Ω",
    "ἀ",
    "den mou ",
    "xrhmata ",
    "gde moy ",
    "je ne ",
    "l'eau ",
    "ich ",
    "@name",
    " @a.b/c d ",
    "#tag",
    "http",
    "https://x.y/the?and ",
    "www.",
    "www.the.se ",
    " www ",
    "httpd ",
    "output ",
    "w",
    "h",
    "x",
    "'",
    "''",
    "\xC2\xAD",
    "\xE2\x80\x8B",
    "—",
    "«",
    "…",
    "\xF0\x9F\x98\xA1",
    "中文",
    "%",
    "&",
    "\n",
    "1",
    "2024-01",
    "~",
    "[",
    "`",
    "\x7F",
    "{",
    "kilometrs",
    "a_b",
    "ABCDEFGH ",
    "ABCDEFGHI ",
    "ÅÄÖ ",
    "×",
    "ÿ",
    "Ԁ",
    "\xD1\xA1",
    "\xCD\xB1",
};

enum { PIECES = sizeof pieces / sizeof *pieces, KINDS_MAX = 12 };

static uint64_t seed = 20261130;

static uint32_t draw(uint32_t count)
{
    return random_below(&seed, count);
}

/* Of few kinds of pieces: most real texts are of one language. */
static uint32_t write_text(char *text)
{
    uint32_t kinds[KINDS_MAX];
    uint32_t kind_count = 1 + draw(KINDS_MAX);
    uint32_t wanted = draw(20) == 0 ? draw(TEXT_MAX - 64) : draw(draw(2) ? 60 : 420);
    uint32_t size = 0;
    for (uint32_t i = 0; i < kind_count; i++)
        kinds[i] = draw(3) ? draw(PIECES) : draw(7);
    while (size < wanted) {
        const char *piece = pieces[draw(30) ? kinds[draw(kind_count)] : draw(PIECES)];
        memcpy(text + size, piece, strlen(piece));
        size += (uint32_t)strlen(piece);
    }
    return size;
}

static struct arena arena;
static const struct language_table *table;

static int make_table(void **state)
{
    (void)state;
    table = language_table_create(NULL, &arena);
    return table ? 0 : -1;
}

static int free_table(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* The text in a room of its own: the sanitizer finds reads behind its padding. */
static struct slice in_room(const char *text, uint32_t size)
{
    char *room = test_malloc(size + MESSAGE_PADDING_BYTES);
    memcpy(room, text, size);
    memset(room + size, 0, MESSAGE_PADDING_BYTES);
    return (struct slice){room, size};
}

static void free_room(struct slice text)
{
    test_free((void *)(uintptr_t)text.data);
}

static struct slice random_text(void)
{
    char text[TEXT_MAX];
    return in_room(text, write_text(text));
}

static void add_plainly(struct tally *tally, uint32_t share)
{
    for (uint32_t language = 0; language < LANGUAGE_POINTS; language++)
        tally->points[language] =
            (uint16_t)(tally->points[language] + table->shares[share][language]);
}

static uint32_t max_of(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

static bool is_clear_plainly(const struct tally *tally)
{
    const uint16_t *points = tally->points;
    uint32_t letters = tally->latin + tally->cyrillic + tally->greek;
    uint32_t most = max_of(tally->latin, max_of(tally->cyrillic, tally->greek));
    uint32_t second = 0;
    if (most < 64 || letters - most > most / 8)
        return false;
    if (most == tally->greek)
        return true;
    if (most == tally->cyrillic)
        return points[LANGUAGE_RU] >=
               24 + max_of(points[FOREIGN_UKRAINIAN], points[FOREIGN_BULGARIAN]);
    uint32_t best = tally_leader(tally, &second);
    return points[best] >= second + max_of(second, 42);
}

struct plain_word {
    uint64_t key;
    uint32_t letters;
};

static void end_plainly(struct tally *tally, struct plain_word *word)
{
    if (word->letters > 0 && word->letters <= LANGUAGE_WORD_LETTERS_MAX)
        add_plainly(tally, language_word_share(table, word->key));
    *word = (struct plain_word){0};
}

/* One letter or mark; true where a word or a mark ends with it. */
static bool read_plainly(uint32_t letter, struct tally *tally, struct plain_word *word)
{
    uint8_t folded = letter < LANGUAGE_LETTERS_END ? table->fold[letter] : 0;
    tally->greek += letter >= 0x370 && letter < 0x400;
    if (!folded)
        return letter != LANGUAGE_INVISIBLE && (letter != '\'' || word->letters <= 1);
    word->key = word->key << 8 | folded;
    word->letters++;
    tally->latin += letter < 0x370;
    tally->cyrillic += letter >= 0x400;
    if (letter >= 0x80 && table->telling[letter])
        add_plainly(tally, table->telling[letter]);
    return false;
}

static void tally_plainly(struct slice text, struct tally *tally)
{
    struct plain_word word = {0};
    uint32_t end = text.size < SCAN_MAX ? text.size : SCAN_MAX;
    uint32_t look = STEP;
    for (uint32_t at = 0; at < end;) {
        size_t size = 1;
        if (word.letters == 0)
            at = trigrams_skip_address(text, at);
        if (at >= end)
            break;
        uint32_t letter =
            language_letter_at((const unsigned char *)text.data + at, text.size - at, &size);
        at += (uint32_t)size;
        if (!read_plainly(letter, tally, &word))
            continue;
        end_plainly(tally, &word);
        if (at < look)
            continue;
        if (is_clear_plainly(tally))
            return;
        look = at + STEP;
    }
    end_plainly(tally, &word);
}

static void blocks_say_what_letters_say(void **state)
{
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct slice slice = random_text();
        struct tally tally = {0};
        struct tally wanted = {0};
        tally_text(table, slice, &tally);
        tally_plainly(slice, &wanted);
        if (memcmp(&tally, &wanted, sizeof tally) != 0)
            print_message("round %d: %.*s\n", round, (int)slice.size, slice.data);
        assert_memory_equal(&tally, &wanted, sizeof tally);
        free_room(slice);
    }
}

/* By the lead bytes of the first letters. */
static enum script script_plainly(struct slice text)
{
    struct tally tally = {0};
    for (uint32_t at = 0; at < text.size && at < 256; at++) {
        unsigned char byte = (unsigned char)text.data[at];
        unsigned char small = byte | 0x20;
        tally.latin += (small >= 'a' && small <= 'z') || (byte >= 0xC3 && byte <= 0xC9);
        tally.greek += (byte >= 0xCD && byte <= 0xCF) || byte == 0xE1;
        tally.cyrillic += byte == 0xD0 || byte == 0xD1;
    }
    return tally_script(&tally);
}

static void quick_answers_are_the_long_ones(void **state)
{
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct slice slice = random_text();
        struct tally tally = {0};
        uint32_t second = 0;
        uint32_t lead = 1 + draw(20);
        tally_text(table, slice, &tally);
        uint32_t leader = tally_leader(&tally, &second);
        for (uint32_t language = 0; language < TELLING_LANGUAGES_COUNT; language++)
            assert_int_equal(tally_leads(&tally, language, lead),
                             language == leader && tally.points[leader] >= second + lead);
        assert_int_equal(tally_quick_script(slice), script_plainly(slice));
        free_room(slice);
    }
}

static void what_was_heard_hides_no_second_language(void **state)
{
    (void)state;
    uint32_t seconds = 0;
    uint32_t skipped = 0;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct slice slice = random_text();
        struct language_heard heard;
        const struct language_heard nothing = {.head = false};
        enum language main = language_choose(table, slice, (struct slice){NULL, 0}, &heard);
        enum language wanted = language_second(table, slice, main, &nothing);
        assert_true(heard.head);
        assert_int_equal(language_second(table, slice, main, &heard), wanted);
        seconds += wanted != LANGUAGE_UNKNOWN;
        skipped += main != LANGUAGE_UNKNOWN && !(heard.possible & ~(1u << main));
        free_room(slice);
    }
    assert_true(seconds > ROUNDS / 100);
    assert_true(skipped > ROUNDS / 100);
}

static void every_word_of_the_lists_has_a_share(void **state)
{
    (void)state;
    for (uint32_t list = 0; list < language_words_count; list++) {
        const char *words = language_words[list].words;
        while (*words) {
            size_t size = strcspn(words, " ");
            struct slice slice = in_room(words, (uint32_t)size);
            struct tally tally = {0};
            assert_true(tally_text(table, slice, &tally));
            assert_true(tally.points[language_words[list].language] > 0);
            free_room(slice);
            words += size + strspn(words + size, " ");
        }
    }
    assert_int_equal(language_word_share(table, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_of_the_lists_has_a_share),
        cmocka_unit_test(blocks_say_what_letters_say),
        cmocka_unit_test(quick_answers_are_the_long_ones),
        cmocka_unit_test(what_was_heard_hides_no_second_language),
    };
    return cmocka_run_group_tests(tests, make_table, free_table);
}
