#include "classify/language/tally.h"

#include "base/assert.h"
#include "base/lanes.h"
#include "base/load.h"

#include <string.h>

enum {
    SCAN_BYTES_MAX = 2048,
    SCRIPT_BYTES_MAX = 256,
    STEP_BYTES = 96, /* of the text, after which it may be clear already */
    CLEAR_LETTERS = 64,
    CLEAR_LEAD_RUSSIAN = 24, /* over its neighbours */
    CLEAR_LEAD = 42,         /* points more than the next language, and twice as many */
    OTHER_SCRIPT_SHARE = 2   /* a letter of another script says more than a Latin one */
};

static_assert(SCAN_BYTES_MAX / 2 * LANGUAGE_POINTS_PER_WORD < INT16_MAX,
              "lanes_larger_pairs() needs small numbers; a letter with its word says less a byte");

/* To all languages alike: a loop over those of a word ends where nobody can foresee it. */
static inline void add_share(const struct language_table *table, struct tally *tally,
                             uint32_t share)
{
    for (uint32_t first = 0; first < LANGUAGE_POINTS; first += LANES_PAIRS) {
        lanes_pairs sums = lanes_load_pairs(tally->points + first) +
                           lanes_load_pairs(table->shares[share] + first);
        memcpy(tally->points + first, &sums, sizeof sums);
    }
}

static uint16_t most_points(const struct tally *tally)
{
    lanes_pairs most = lanes_load_pairs(tally->points);
    for (uint32_t first = LANES_PAIRS; first < LANGUAGE_POINTS; first += LANES_PAIRS)
        most = lanes_larger_pairs(most, lanes_load_pairs(tally->points + first));
    return lanes_largest_pair(most);
}

uint32_t tally_leader(const struct tally *tally, uint32_t *second)
{
    struct tally others = *tally;
    uint16_t most = most_points(tally);
    uint64_t have_most = 0; /* two bits a language */
    for (uint32_t first = 0; first < LANGUAGE_POINTS; first += LANES_PAIRS) {
        lanes_bytes same = (lanes_bytes)(lanes_load_pairs(tally->points + first) == most);
        have_most |= (uint64_t)lanes_bits(same) << 2 * first;
    }
    uint32_t best = (uint32_t)__builtin_ctzll(have_most) / 2;
    others.points[best] = 0;
    *second = most_points(&others);
    return best;
}

/* A word that is being read. */
struct word {
    uint64_t key;
    unsigned letters;
};

static inline void end_word(const struct language_table *table, struct tally *tally,
                            const struct word *word)
{
    if (word->letters == 0 || word->letters > LANGUAGE_WORD_LETTERS_MAX)
        return;
    const struct language_slot *slot = language_word_find(table, word->key);
    if (slot)
        add_share(table, tally, slot->share);
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
        add_share(table, tally, table->telling[letter]);
}

/* The same as read_plain() for letters of two bytes, most of Cyrillic and Greek texts. */
static size_t read_pairs(const struct language_table *table, const unsigned char *bytes, size_t at,
                         size_t end, struct word *word, struct tally *tally)
{
    for (; at + 1 < end && (bytes[at] & 0xe0) == 0xc0; at += 2) {
        uint32_t letter = ((uint32_t)bytes[at] & 0x1f) << 6 | (bytes[at + 1] & 0x3f);
        uint8_t folded = letter < LANGUAGE_LETTERS_END ? table->fold[letter] : 0;
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
    uint32_t best = tally_leader(tally, &second);
    return tally->points[best] >= second + larger(second, CLEAR_LEAD);
}

/* An ASCII word that stands within `left` or sixteen bytes with what ends it, most of most texts:
 * returns its letters, or 0 where the text is to be read letter by letter. */
static uint32_t read_whole(const struct language_table *table, const unsigned char *bytes,
                           size_t left, struct tally *tally)
{
    lanes_bytes lanes = lanes_load(bytes);
    uint32_t others = ~lanes_bits(lanes_within(lanes | 0x20, 'a', 'z'));
    uint32_t letters = (uint32_t)__builtin_ctz(others | 1u << (left < LANES ? left : LANES));
    if (letters == 0 || letters == LANES ||
        (letters < left && (bytes[letters] >= 0x80 || bytes[letters] == '\'')))
        return 0;
    tally->latin += letters;
    uint32_t kept = letters < LANGUAGE_WORD_LETTERS_MAX ? letters : LANGUAGE_WORD_LETTERS_MAX;
    uint64_t key = load_64_big(bytes) | 0x2020202020202020u;
    end_word(table, tally, &(struct word){key >> 8 * (LANGUAGE_WORD_LETTERS_MAX - kept), letters});
    return letters;
}

/* One letter or mark that read_plain() and read_pairs() left. True where a word ends with it. */
static bool read_other(const struct language_table *table, uint32_t letter, struct word *word,
                       struct tally *tally)
{
    uint8_t folded = letter < LANGUAGE_LETTERS_END ? table->fold[letter] : 0;
    tally->greek += letter >= 0x370 && letter < 0x400;
    if (folded) {
        add_letter(table, letter, folded, word, tally);
        return false;
    }
    if (letter == LANGUAGE_INVISIBLE)
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
    *ended = read_other(table, language_letter_at(bytes + at, text.size - at, &size), word, tally);
    if (*ended) {
        end_word(table, tally, word);
        *word = (struct word){0};
    }
    return at + size;
}

void tally_text(const struct language_table *table, struct slice text, struct tally *tally)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t end = text.size < SCAN_BYTES_MAX ? text.size : SCAN_BYTES_MAX;
    struct word word = {0};
    size_t look = STEP_BYTES;
    for (size_t at = 0; at < end;) {
        bool ended = false;
        if (word.letters == 0) {
            at = trigrams_skip_address(text, (uint32_t)at);
            if (at >= end)
                break;
        }
        uint32_t whole = word.letters == 0 ? read_whole(table, bytes + at, end - at, tally) : 0;
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

enum script tally_script(const struct tally *tally)
{
    if (tally->latin + tally->cyrillic + tally->greek == 0)
        return SCRIPT_NONE;
    if (tally->greek * OTHER_SCRIPT_SHARE > tally->latin && tally->greek > tally->cyrillic)
        return SCRIPT_GREEK;
    return tally->cyrillic * OTHER_SCRIPT_SHARE > tally->latin ? SCRIPT_CYRILLIC : SCRIPT_LATIN;
}

/* Of counts that are at most SCRIPT_BYTES_MAX / LANES and one each. */
static uint32_t sum_of(lanes_bytes counts)
{
    uint64_t halves[2];
    memcpy(halves, &counts, sizeof halves);
    uint64_t eight = halves[0] + halves[1];
    uint64_t four = (eight & 0x00FF00FF00FF00FFu) + (eight >> 8 & 0x00FF00FF00FF00FFu);
    return (uint32_t)(four * 0x0001000100010001u >> 48);
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

enum script tally_quick_script(struct slice text)
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
    return tally_script(&(struct tally){.latin = sum_of(counts.latin),
                                        .greek = sum_of(counts.greek),
                                        .cyrillic = sum_of(counts.cyrillic)});
}

bool tally_is_sole(struct slice text, enum script script)
{
    enum { GREEK = 0xCE, CYRILLIC = 0xD0, MARK = 0xE2 /* lead of dashes, quotes and the like */ };
    const uint8_t *bytes = (const uint8_t *)text.data;
    const uint8_t own_lead = script == SCRIPT_GREEK ? GREEK : CYRILLIC;
    uint32_t own = 0;
    uint32_t others = 0;
    for (uint32_t at = 0; at < text.size; at += LANES) {
        uint32_t left = text.size - at;
        uint32_t inside = left < LANES ? (1u << left) - 1 : UINT32_MAX;
        lanes_bytes lanes = lanes_load(bytes + at);
        lanes_bytes foreign = lanes_equal(lanes & 0xC0, 0xC0) & ~lanes_equal(lanes, MARK) &
                              ~lanes_equal(lanes & 0xFE, own_lead); /* and the lead behind it */
        foreign |= lanes_within(lanes | 0x20, 'a', 'z') | lanes_equal(lanes, '#') |
                   lanes_equal(lanes, '@'); /* which begin what is of no language */
        others |= lanes_bits(foreign) & inside;
        own |= lanes_bits(lanes_equal(lanes, own_lead)) & inside;
    }
    return own && !others;
}
