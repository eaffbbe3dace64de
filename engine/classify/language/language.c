#include "classify/language/language.h"

#include "classify/language/language_words.h"

#include "base/assert.h"
#include "base/lanes.h"
#include "base/load.h"

#include <string.h>

enum {
    WORD_LETTERS_MAX = 8, /* a word is a key of eight bytes */
    SLOTS = 4096,         /* a power of two, several times the number of words */
    LETTERS_END = 0x500,  /* code points with a fold of their own */
    SCAN_BYTES_MAX = 2048,
    SCRIPT_BYTES_MAX = 256,
    POINTS_PER_WORD = 12, /* shared among the languages that have the word */
    POINTS_PER_LETTER = 3,
    POINTS_MIN = 6,
    STEP_BYTES = 96, /* of the text, after which it may be clear already */
    CLEAR_LETTERS = 64,
    CLEAR_LEAD_RUSSIAN = 24, /* over its neighbours */
    CLEAR_LEAD = 42,         /* points more than the next language, and twice as many */
    LEAD_MIN = 12,           /* one word of its own; with less the letters are asked, too */
    TYPED_POINTS_MIN = 36,   /* Greek or Russian in Latin letters: three words of its own */
    OTHER_SCRIPT_SHARE =
        2,              /* a letter of another script says more than a Latin one: names are Latin */
    WINDOW_BYTES = 128, /* at either end of a text, where a second language is looked for */
    WINDOW_POINTS_MIN = 36, /* three words of its own say that it is there */
    GLANCE_BYTES = 32,      /* of these, its outermost: most are in the main language */
    INVISIBLE = 0xad        /* a soft hyphen, and all that vanishes like it */
};

struct word_slot {
    uint64_t key; /* 0 is free */
    uint32_t languages;
    uint32_t points; /* for each of them */
};

struct language_table {
    struct word_slot slots[SLOTS];
    uint64_t used[SLOTS / 64]; /* the slots in use: most words end here, in the nearest cache */
    const struct trigrams *trigrams; /* NULL: letters are not asked */
    uint8_t fold[LETTERS_END];       /* the key byte of a letter; 0 is no letter */
    uint32_t telling[LETTERS_END];   /* languages that a letter speaks for */
};

enum script { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_CYRILLIC, SCRIPT_GREEK };

struct tally {
    uint32_t points[TELLING_LANGUAGES_COUNT];
    uint32_t latin;
    uint32_t cyrillic;
    uint32_t greek;
};

/* Base letters of U+00E0 to U+017F; '.' has none. Capitals take that of their small letter. */
static const char latin_1_base[] = "aaaaaaaceeeeiiiidnooooo.ouuuuyty";
static const char latin_a_base[] =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllll"
    "nnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static void fold_fill(struct language_table *table)
{
    for (unsigned letter = 'a'; letter <= 'z'; letter++)
        table->fold[letter] = table->fold[letter - 'a' + 'A'] = (uint8_t)letter;
    for (unsigned index = 0; index < sizeof latin_1_base - 1; index++) {
        uint8_t base = latin_1_base[index] == '.' ? 0 : (uint8_t)latin_1_base[index];
        table->fold[0xe0 + index] = table->fold[0xc0 + index] = base;
    }
    table->fold[0xdf] = 's';
    for (unsigned index = 0; index < sizeof latin_a_base - 1; index++)
        table->fold[0x100 + index] = (uint8_t)latin_a_base[index];
    for (unsigned index = 0; index < 32; index++)
        table->fold[0x430 + index] = table->fold[0x410 + index] = (uint8_t)(0x80 + index);
    for (unsigned index = 0; index < 16; index++)
        table->fold[0x450 + index] = table->fold[0x400 + index] = (uint8_t)(0xa0 + index);
    table->fold[0x451] = table->fold[0x401] = 0x85; /* ё is е */
    table->fold[0x490] = table->fold[0x491] = 0xb0;
}

/* Decodes one letter of one or two bytes; others are 0. *size is that of the whole character. */
static uint32_t letter_at(const unsigned char *bytes, size_t left, size_t *size)
{
    unsigned char first = bytes[0];
    *size = 1;
    if (first < 0x80)
        return first;
    *size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (*size > left) {
        *size = left;
        return 0;
    }
    uint32_t letter = ((uint32_t)first & 0x1f) << 6 | (bytes[1] & 0x3f);
    if (*size == 3 &&
        (memcmp(bytes, "\xe2\x80\x8b", 3) == 0 || memcmp(bytes, "\xe2\x80\x8c", 3) == 0 ||
         memcmp(bytes, "\xe2\x80\x8d", 3) == 0 || memcmp(bytes, "\xe2\x81\xa0", 3) == 0 ||
         memcmp(bytes, "\xef\xbb\xbf", 3) == 0))
        return INVISIBLE;
    /* Greek with breathings stands behind 0xe1 0xbc to 0xbf: any Greek letter will do. */
    if (*size == 3)
        return first == 0xe1 && bytes[1] >= 0xbc ? 0x3b1 : 0;
    return *size == 2 ? letter : 0;
}

static uint32_t slot_of(uint64_t key)
{
    return (uint32_t)(key * 0x9e3779b97f4a7c15ull >> 52);
}

_Static_assert(SLOTS == 1 << (64 - 52), "slot_of() takes the top bits");

static const struct word_slot *word_find(const struct language_table *table, uint64_t key)
{
    uint32_t first = slot_of(key);
    if (!(table->used[first / 64] >> first % 64 & 1))
        return NULL;
    for (uint32_t at = first;; at = (at + 1) % SLOTS) {
        if (table->slots[at].key == key)
            return &table->slots[at];
        if (table->slots[at].key == 0)
            return NULL;
    }
}

static void word_add(struct language_table *table, uint64_t key, unsigned language)
{
    uint32_t at = slot_of(key);
    while (table->slots[at].key && table->slots[at].key != key)
        at = (at + 1) % SLOTS;
    table->slots[at].key = key;
    table->used[at / 64] |= (uint64_t)1 << at % 64;
    table->slots[at].languages |= 1u << language;
}

static void words_add(struct language_table *table, const struct language_words *list)
{
    const unsigned char *at = (const unsigned char *)list->words;
    uint64_t key = 0;
    unsigned letters = 0;
    for (;;) {
        size_t size = 1;
        uint32_t letter = *at ? letter_at(at, strlen((const char *)at), &size) : ' ';
        if (letter == ' ') {
            ASSERT(letters > 0 && letters <= WORD_LETTERS_MAX);
            word_add(table, key, list->language);
            key = 0;
            letters = 0;
            if (!*at)
                return;
        } else {
            ASSERT(letter < LETTERS_END && table->fold[letter]);
            key = key << 8 | table->fold[letter];
            letters++;
        }
        at += size;
    }
}

const struct language_table *language_table_create(const struct trigrams *trigrams,
                                                   struct arena *arena)
{
    struct language_table *table = arena_allocate(arena, sizeof *table);
    if (!table)
        return NULL;
    table->trigrams = trigrams;
    fold_fill(table);
    for (uint32_t index = 0; index < language_words_count; index++)
        words_add(table, &language_words[index]);
    for (uint32_t index = 0; index < SLOTS; index++)
        if (table->slots[index].key)
            table->slots[index].points =
                POINTS_PER_WORD / (uint32_t)__builtin_popcount(table->slots[index].languages);
    for (uint32_t index = 0; index < language_letters_count; index++)
        table->telling[language_letters[index].letter] = language_letters[index].languages;
    return table;
}

static void add_points(struct tally *tally, uint32_t languages, uint32_t points)
{
    for (; languages; languages &= languages - 1)
        tally->points[__builtin_ctz(languages)] += points;
}

static uint32_t leader(const struct tally *tally, unsigned first, unsigned count, uint32_t *second)
{
    uint32_t best = first;
    *second = 0;
    for (uint32_t index = first + 1; index < count; index++)
        if (tally->points[index] > tally->points[best])
            best = index;
    for (uint32_t index = first; index < count; index++)
        if (index != best && tally->points[index] > *second)
            *second = tally->points[index];
    return best;
}

/* A word that is being read. */
struct word {
    uint64_t key;
    unsigned letters;
};

static void end_word(const struct language_table *table, struct tally *tally,
                     const struct word *word)
{
    if (word->letters == 0 || word->letters > WORD_LETTERS_MAX)
        return;
    const struct word_slot *slot = word_find(table, word->key);
    if (slot)
        add_points(tally, slot->languages, slot->points);
}

/* Adds the ASCII letters from `at` on, most of most texts; returns where they end. */
static size_t read_plain(const struct language_table *table, const unsigned char *bytes, size_t at,
                         size_t end, struct word *word)
{
    for (; at < end && bytes[at] < 0x80 && table->fold[bytes[at]]; at++) {
        word->key = word->key << 8 | table->fold[bytes[at]];
        word->letters++;
    }
    return at;
}

/* A letter of any script but Greek, whose letters tell the language by themselves. */
static void add_letter(const struct language_table *table, uint32_t letter, uint8_t folded,
                       struct word *word, struct tally *tally)
{
    word->key = word->key << 8 | folded;
    word->letters++;
    tally->latin += letter < 0x370;
    tally->cyrillic += letter >= 0x400;
    if (letter >= 0x80 && table->telling[letter])
        add_points(tally, table->telling[letter], POINTS_PER_LETTER);
}

/* The same as read_plain() for letters of two bytes, most of Cyrillic and Greek texts. */
static size_t read_pairs(const struct language_table *table, const unsigned char *bytes, size_t at,
                         size_t end, struct word *word, struct tally *tally)
{
    for (; at + 1 < end && (bytes[at] & 0xe0) == 0xc0; at += 2) {
        uint32_t letter = ((uint32_t)bytes[at] & 0x1f) << 6 | (bytes[at + 1] & 0x3f);
        uint8_t folded = letter < LETTERS_END ? table->fold[letter] : 0;
        if (!folded)
            break;
        add_letter(table, letter, folded, word, tally);
    }
    return at;
}

static uint32_t larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

/* True where more of the text would hardly change the answer: nearly all letters are of one script,
 * and one language is far ahead. */
static bool is_clear(const struct tally *tally)
{
    uint32_t letters = tally->latin + tally->cyrillic + tally->greek;
    uint32_t most = larger(tally->latin, larger(tally->cyrillic, tally->greek));
    uint32_t second = 0;
    if (most < CLEAR_LETTERS || letters - most > most / 8)
        return false;
    if (most == tally->greek)
        return true;
    if (most == tally->cyrillic)
        return tally->points[LANGUAGE_RU] >=
               CLEAR_LEAD_RUSSIAN +
                   larger(tally->points[FOREIGN_UKRAINIAN], tally->points[FOREIGN_BULGARIAN]);
    uint32_t best = leader(tally, LANGUAGE_UNKNOWN, TELLING_LANGUAGES_COUNT, &second);
    return tally->points[best] >= second + larger(second, CLEAR_LEAD);
}

/* An ASCII word that stands all of sixteen bytes with what ends it, most of most texts: returns its
 * letters, or 0 where the text is to be read letter by letter. */
static uint32_t read_whole(const struct language_table *table, const unsigned char *bytes,
                           struct tally *tally)
{
    lanes_bytes lanes = lanes_load(bytes);
    uint32_t letters = (uint32_t)__builtin_ctz(~lanes_bits(lanes_within(lanes | 0x20, 'a', 'z')));
    if (letters == 0 || letters == LANES || bytes[letters] >= 0x80 || bytes[letters] == '\'')
        return 0;
    tally->latin += letters;
    if (letters > WORD_LETTERS_MAX)
        return letters;
    uint64_t key = load_64_big(bytes) | 0x2020202020202020u;
    const struct word_slot *slot = word_find(table, key >> 8 * (WORD_LETTERS_MAX - letters));
    if (slot)
        add_points(tally, slot->languages, slot->points);
    return letters;
}

/* Handles, hashtags and links are of no language. */
static inline bool may_begin_address(unsigned char byte)
{
    return byte == '@' || byte == '#' || byte == 'h' || byte == 'w';
}

/* One letter or mark that read_plain() and read_pairs() left. True where a word ends with it. */
static bool read_other(const struct language_table *table, uint32_t letter, struct word *word,
                       struct tally *tally)
{
    uint8_t folded = letter < LETTERS_END ? table->fold[letter] : 0;
    tally->greek += letter >= 0x370 && letter < 0x400;
    if (folded) {
        add_letter(table, letter, folded, word, tally);
        return false;
    }
    if (letter == INVISIBLE)
        return false;
    return letter != '\'' || word->letters <= 1; /* don't is dont; l'eau is l and eau */
}

/* Reads on from `at`, behind the end of a word or within one. *ended tells which; returns the place
 * behind what was read. */
static size_t read_some(const struct language_table *table, struct slice text, size_t at,
                        size_t end, struct word *word, struct tally *tally, bool *ended)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t plain = at;
    size_t size = 1;
    *ended = false;
    at = read_plain(table, bytes, at, end, word);
    tally->latin += (uint32_t)(at - plain);
    at = read_pairs(table, bytes, at, end, word, tally);
    if (at == end || (at > plain && bytes[at] < 0x80 && table->fold[bytes[at]]))
        return at; /* a letter of one byte again */
    *ended = read_other(table, letter_at(bytes + at, text.size - at, &size), word, tally);
    if (*ended) {
        end_word(table, tally, word);
        *word = (struct word){0};
    }
    return at + size;
}

static void tally_text(const struct language_table *table, struct slice text, struct tally *tally)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t end = text.size < SCAN_BYTES_MAX ? text.size : SCAN_BYTES_MAX;
    struct word word = {0};
    size_t look = STEP_BYTES;
    for (size_t at = 0; at < end;) {
        bool ended = false;
        if (word.letters == 0 && may_begin_address(bytes[at])) {
            at = trigrams_skip_address(text, (uint32_t)at);
            if (at >= end)
                break;
        }
        uint32_t whole =
            word.letters == 0 && at + LANES <= end ? read_whole(table, bytes + at, tally) : 0;
        if (whole > 0) {
            at += whole + 1;
            ended = true;
        } else {
            at = read_some(table, text, at, end, &word, tally, &ended);
        }
        if (ended && at >= look) {
            if (is_clear(tally))
                return;
            look = at + STEP_BYTES;
        }
    }
    end_word(table, tally, &word);
}

static enum script script_of(const struct tally *tally)
{
    if (tally->latin + tally->cyrillic + tally->greek == 0)
        return SCRIPT_NONE;
    if (tally->greek * OTHER_SCRIPT_SHARE > tally->latin && tally->greek > tally->cyrillic)
        return SCRIPT_GREEK;
    return tally->cyrillic * OTHER_SCRIPT_SHARE > tally->latin ? SCRIPT_CYRILLIC : SCRIPT_LATIN;
}

/* What the letters say where the words leave it open. */
static enum language ask_letters(const struct trigrams *trigrams, const struct tally *latin,
                                 struct slice text)
{
    uint32_t lead[LANGUAGE_COUNT] = {0};
    if (!trigrams)
        return LANGUAGE_UNKNOWN;
    memcpy(lead, latin->points, sizeof lead);
    lead[LANGUAGE_EL] = latin->points[TYPED_GREEK];
    lead[LANGUAGE_RU] = latin->points[TYPED_RUSSIAN];
    return trigrams_tell(trigrams, text, lead);
}

/* Greek and Russian share their short words with many: they have to be far ahead. */
static bool leads(const struct tally *latin, uint32_t best, uint32_t second)
{
    if (best == TYPED_GREEK || best == TYPED_RUSSIAN)
        return latin->points[best] >= TYPED_POINTS_MIN &&
               latin->points[best] >= second + second / 2;
    return latin->points[best] >= second + LEAD_MIN;
}

static enum language decide_latin(const struct trigrams *trigrams, const struct tally *tally,
                                  struct slice text)
{
    struct tally latin = *tally;
    latin.points[LANGUAGE_UNKNOWN] = 0;
    latin.points[LANGUAGE_RU] = 0;
    latin.points[LANGUAGE_EL] = 0;
    uint32_t second = 0;
    uint32_t best = leader(&latin, LANGUAGE_UNKNOWN, TELLING_LANGUAGES_COUNT, &second);
    bool foreign = best >= LANGUAGE_COUNT && best < TYPED_GREEK;
    if (foreign && latin.points[best] >= POINTS_MIN)
        return LANGUAGE_UNKNOWN;
    if (!leads(&latin, best, second)) {
        enum language asked = ask_letters(trigrams, &latin, text);
        if (asked != LANGUAGE_UNKNOWN || best >= LANGUAGE_COUNT)
            return asked;
        return latin.points[best] < POINTS_MIN || latin.points[best] == second
                   ? LANGUAGE_UNKNOWN
                   : (enum language)best;
    }
    if (best == TYPED_GREEK)
        return LANGUAGE_EL;
    return best == TYPED_RUSSIAN ? LANGUAGE_RU : (enum language)best;
}

/* Russian unless a neighbour's letters and words say more. */
static enum language decide_cyrillic(const struct tally *tally)
{
    uint32_t russian = tally->points[LANGUAGE_RU];
    if (tally->points[FOREIGN_UKRAINIAN] > russian || tally->points[FOREIGN_BULGARIAN] > russian)
        return LANGUAGE_UNKNOWN;
    return LANGUAGE_RU;
}

static enum language detect(const struct language_table *table, struct slice text, bool guess)
{
    struct tally tally = {0};
    tally_text(table, text, &tally);
    switch (script_of(&tally)) {
    case SCRIPT_GREEK:
        return LANGUAGE_EL;
    case SCRIPT_CYRILLIC:
        return decide_cyrillic(&tally);
    case SCRIPT_LATIN:
        return decide_latin(guess ? table->trigrams : NULL, &tally, text);
    case SCRIPT_NONE:
        break;
    }
    return LANGUAGE_UNKNOWN;
}

enum language language_detect(const struct language_table *table, struct slice text)
{
    return detect(table, text, true);
}

static enum script script_of_language(enum language language)
{
    if (language == LANGUAGE_EL)
        return SCRIPT_GREEK;
    return language == LANGUAGE_RU ? SCRIPT_CYRILLIC : SCRIPT_LATIN;
}

/* Moves a window's edge from the middle of a word to the next blank. */
static uint32_t next_blank(struct slice text, uint32_t at)
{
    while (at < text.size && text.data[at] != ' ' && text.data[at] != '\n')
        at++;
    return at;
}

/* Its outermost words tell most windows to be in the main language. */
static bool is_in(const struct language_table *table, struct slice glance, enum language main)
{
    struct tally tally = {0};
    uint32_t second = 0;
    tally_text(table, glance, &tally);
    if (script_of(&tally) != SCRIPT_LATIN)
        return script_of(&tally) == script_of_language(main);
    uint32_t best = leader(&tally, LANGUAGE_UNKNOWN, TELLING_LANGUAGES_COUNT, &second);
    return best == main && tally.points[best] >= second + LEAD_MIN;
}

/* The language that a part of a text is clearly in; LANGUAGE_UNKNOWN for others than our own. */
static enum language language_of_window(const struct language_table *table, struct slice window)
{
    struct tally tally = {0};
    uint32_t second = 0;
    tally_text(table, window, &tally);
    enum script script = script_of(&tally);
    if (script == SCRIPT_GREEK)
        return LANGUAGE_EL;
    if (script == SCRIPT_CYRILLIC)
        return decide_cyrillic(&tally);
    uint32_t best = leader(&tally, LANGUAGE_UNKNOWN, TELLING_LANGUAGES_COUNT, &second);
    bool clear = tally.points[best] >= WINDOW_POINTS_MIN && tally.points[best] >= 2 * second;
    return clear && best < LANGUAGE_COUNT ? (enum language)best : LANGUAGE_UNKNOWN;
}

static struct slice part_of(struct slice text, uint32_t from, uint32_t to)
{
    return (struct slice){text.data + from, to - from};
}

enum language language_second(const struct language_table *table, struct slice text,
                              enum language main)
{
    uint32_t half = text.size / 2;
    uint32_t window = half < WINDOW_BYTES ? half : WINDOW_BYTES;
    uint32_t glance = half < GLANCE_BYTES ? half : GLANCE_BYTES;
    uint32_t tail = next_blank(text, text.size - window);
    uint32_t tail_glance = next_blank(text, text.size - glance);
    enum language found = main;
    if (main == LANGUAGE_UNKNOWN || tail == text.size)
        return LANGUAGE_UNKNOWN;
    if (!is_in(table, part_of(text, tail_glance, text.size), main))
        found = language_of_window(table, part_of(text, tail, text.size));
    if (found != main && found != LANGUAGE_UNKNOWN)
        return found;
    if (is_in(table, part_of(text, 0, next_blank(text, glance)), main))
        return LANGUAGE_UNKNOWN;
    found = language_of_window(table, part_of(text, 0, next_blank(text, window)));
    return found == main ? LANGUAGE_UNKNOWN : found;
}

enum language language_of_part(const struct language_table *table, struct slice part,
                               enum language left, enum language right)
{
    struct tally tally = {0};
    tally_text(table, part, &tally);
    enum script script = script_of(&tally);
    if (script == SCRIPT_NONE)
        return LANGUAGE_UNKNOWN;
    if (script_of_language(left) != script_of_language(right))
        return script == script_of_language(left)    ? left
               : script == script_of_language(right) ? right
                                                     : LANGUAGE_UNKNOWN;
    if (tally.points[left] >= tally.points[right] + LEAD_MIN)
        return left;
    return tally.points[right] >= tally.points[left] + LEAD_MIN ? right : LANGUAGE_UNKNOWN;
}

static uint32_t sum_of(lanes_bytes counts)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < LANES; i++)
        sum += counts[i];
    return sum;
}

/* Counts the letters of some bytes by their lead bytes, each lane for itself. */
struct lead_counts {
    lanes_bytes latin;
    lanes_bytes greek;
    lanes_bytes cyrillic;
};

static inline void count_leads(struct lead_counts *counts, lanes_bytes lanes)
{
    counts->latin -= lanes_within(lanes | 0x20, 'a', 'z') | lanes_within(lanes, 0xC3, 0xC9);
    counts->greek -= lanes_within(lanes, 0xCD, 0xCF) | lanes_equal(lanes, 0xE1);
    counts->cyrillic -= lanes_within(lanes, 0xD0, 0xD1);
}

/* The script of the first letters, from lead bytes alone. */
static enum script quick_script(struct slice text)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    uint32_t end = text.size < SCRIPT_BYTES_MAX ? text.size : SCRIPT_BYTES_MAX;
    uint32_t whole = end / LANES * LANES;
    uint8_t rest[LANES] = {0};
    struct lead_counts counts = {{0}, {0}, {0}};
    for (uint32_t at = 0; at < whole; at += LANES)
        count_leads(&counts, lanes_load(bytes + at));
    memcpy(rest, bytes + whole, end - whole);
    count_leads(&counts, lanes_load(rest));
    return script_of(&(struct tally){.latin = sum_of(counts.latin),
                                     .greek = sum_of(counts.greek),
                                     .cyrillic = sum_of(counts.cyrillic)});
}

bool language_is_typed(enum language language, struct slice text)
{
    return (language == LANGUAGE_EL || language == LANGUAGE_RU) &&
           quick_script(text) == SCRIPT_LATIN;
}

enum language language_choose(const struct language_table *table, struct slice text,
                              struct slice hint)
{
    enum language hinted = LANGUAGE_UNKNOWN;
    if (hint.size == 0)
        return language_detect(table, text);
    /* Of a language that we do not know only words can say that it is another. */
    if (!redress_language_parse(hint.data, hint.size, &hinted))
        return detect(table, text, false);
    enum script script = quick_script(text);
    if (script == SCRIPT_NONE || script == script_of_language(hinted))
        return hinted;
    enum language detected = language_detect(table, text);
    /* Russian and Greek are also typed in Latin letters. */
    if (detected == LANGUAGE_UNKNOWN && script == SCRIPT_LATIN)
        return hinted;
    return detected;
}
