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

bool tally_leads(const struct tally *tally, uint32_t language, uint32_t lead)
{
    typedef int16_t signed_pairs __attribute__((vector_size(LANES)));
    int16_t near = (int16_t)(tally->points[language] - lead); /* with more than that it is close */
    uint64_t close = 0;
    for (uint32_t first = 0; first < LANGUAGE_POINTS; first += LANES_PAIRS) {
        signed_pairs points = (signed_pairs)lanes_load_pairs(tally->points + first);
        close |= (uint64_t)lanes_bits((lanes_bytes)(points > near)) << 2 * first;
    }
    return near >= 0 && close == (uint64_t)3 << 2 * language;
}

/* A text that is being read. An end is a place behind a word or a mark between words. */
struct reading {
    const struct language_table *table;
    struct tally *tally;
    struct slice text;
    uint32_t end;      /* of what is read */
    uint32_t look;     /* at the first end from here on it may be clear */
    uint32_t next_end; /* of what was read last, at the earliest */
    bool is_clear;
};

/* A word that is being read. */
struct word {
    uint64_t key;
    uint32_t letters;
};

/* The last eight letters that are already in the key make place for more. */
static inline void add_letters(struct word *word, uint64_t letters, uint32_t count)
{
    word->key = count < LANGUAGE_WORD_LETTERS_MAX ? word->key << 8 * count | letters : letters;
    word->letters += count;
}

static inline uint32_t share_of_word(const struct language_table *table, struct word word)
{
    return language_word_share(table, word.letters <= LANGUAGE_WORD_LETTERS_MAX ? word.key : 0);
}

/* The first letters of some ASCII ones, as many as a word of ours may have. */
static inline uint64_t plain_key(const unsigned char *bytes, uint32_t letters)
{
    uint32_t others = 8 * (LANGUAGE_WORD_LETTERS_MAX - letters) % 64;
    return (load_64_big(bytes) | 0x2020202020202020u) >> others;
}

/* Reads ASCII letters; returns how many, none or up to eight. */
static uint32_t read_plain(const unsigned char *bytes, uint32_t left, struct word *word,
                           struct tally *tally)
{
    uint32_t others = ~lanes_bits(lanes_within(lanes_load(bytes) | 0x20, 'a', 'z'));
    uint32_t end = left < LANGUAGE_WORD_LETTERS_MAX ? left : LANGUAGE_WORD_LETTERS_MAX;
    uint32_t letters = (uint32_t)__builtin_ctz(others | 1u << end);
    if (letters == 0)
        return 0;
    add_letters(word, plain_key(bytes, letters), letters);
    tally->latin += letters;
    return letters;
}

/* How many letters of two bytes begin at the even ones of these, one behind the other. */
static uint32_t count_pairs(lanes_bytes leads, uint32_t left)
{
    uint32_t pairs = left < LANES ? (left + 1) / 2 : LANES_PAIRS;
    uint32_t others = ~(lanes_bits(leads) | 0xAAAAAAAA);
    return (uint32_t)__builtin_ctz(others | 1u << 2 * pairs) / 2;
}

/* Reads Russian letters; returns how many, none or up to eight. */
static uint32_t read_russian(const struct language_table *table, const unsigned char *bytes,
                             uint32_t left, struct word *word, struct tally *tally)
{
    enum { TO_P = 0xD0, FROM_R = 0xD1 /* leads of А to п and р to я */ };
    lanes_bytes lead = lanes_load(bytes);
    lanes_bytes trail = lanes_load(bytes + 1);
    lanes_bytes from_r = lanes_equal(lead, FROM_R) & lanes_within(trail, 0x80, 0x8F);
    lanes_bytes to_p = lanes_equal(lead, TO_P) & lanes_within(trail, 0x90, 0xBF);
    uint32_t letters = count_pairs(from_r | to_p, left);
    if (letters == 0)
        return 0;
    lanes_bytes keys = lanes_even_bytes(((trail + 0x10) & 0x1F) | 0x80);
    add_letters(word, load_64_big(&keys) >> 8 * (LANES_PAIRS - letters), letters);
    tally->cyrillic += letters;
    lanes_bytes tells = from_r & (lanes_within(trail, 0x8A, 0x8B) | lanes_equal(trail, 0x8D));
    uint32_t bits = lanes_bits(tells) & 0x5555 & ((1u << 2 * letters) - 1);
    for (; bits; bits &= bits - 1)
        add_share(table, tally,
                  table->telling[0x400 | (bytes[__builtin_ctz(bits) + 1] & 0x3F) | 0x40]);
    return letters;
}

/* Greek letters tell the language by themselves: none is of a word, each is an end. */
static uint32_t read_greek(const unsigned char *bytes, uint32_t left, struct tally *tally)
{
    uint32_t letters = count_pairs(lanes_within(lanes_load(bytes), 0xCE, 0xCF), left);
    tally->greek += letters;
    return letters;
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

/* Something ends at `at`. */
static void end_at(struct reading *reading, uint32_t at)
{
    if (at < reading->look)
        return;
    reading->is_clear = is_clear(reading->tally);
    reading->look = at + STEP_BYTES;
}

static void end_word(struct reading *reading, struct word *word)
{
    if (word->letters > 0)
        add_share(reading->table, reading->tally, share_of_word(reading->table, *word));
    *word = (struct word){0};
}

/* Reads a letter of two bytes, up to U+04FF. False where there is none. */
static inline bool read_pair(const struct reading *reading, const unsigned char *bytes,
                             struct word *word)
{
    if (bytes[0] < 0xC3 || bytes[0] > 0xD3)
        return false;
    uint32_t letter = ((uint32_t)bytes[0] & 0x1F) << 6 | (bytes[1] & 0x3F);
    uint8_t folded = reading->table->fold[letter];
    if (!folded)
        return false;
    add_letters(word, folded, 1);
    reading->tally->latin += letter < 0x370;
    reading->tally->cyrillic += letter >= 0x400;
    if (reading->table->telling[letter])
        add_share(reading->table, reading->tally, reading->table->telling[letter]);
    return true;
}

/* Reads some letters or a mark that begin before `part_end`; returns where they end. *ended tells
 * whether that is an end. */
static inline uint32_t read_some(struct reading *reading, uint32_t at, uint32_t part_end,
                                 struct word *word, bool *ended)
{
    const unsigned char *bytes = (const unsigned char *)reading->text.data + at;
    size_t size = 1;
    *ended = false;
    if (bytes[0] < 0x80) {
        uint32_t letters = read_plain(bytes, part_end - at, word, reading->tally);
        if (letters > 0)
            return at + letters;
    } else if (read_pair(reading, bytes, word)) {
        return at + 2;
    }
    uint32_t letter = language_letter_at(bytes, reading->text.size - at, &size);
    reading->tally->greek += letter >= 0x370 && letter < 0x400;
    /* don't is dont; l'eau is l and eau */
    *ended = letter != LANGUAGE_INVISIBLE && (letter != '\'' || word->letters <= 1);
    return at + (uint32_t)size;
}

/* Reads on in a part, letter by letter and within a word; returns where it goes on. */
static uint32_t read_part(struct reading *reading, uint32_t at, uint32_t part_end, struct word word)
{
    bool ended = false;
    while (at < part_end && !reading->is_clear) {
        uint32_t behind = word.letters > 0 ? at : trigrams_skip_address(reading->text, at);
        ended = false;
        at = behind > at ? behind : read_some(reading, at, part_end, &word, &ended);
        if (ended) {
            end_word(reading, &word);
            end_at(reading, at);
        }
    }
    if (word.letters > 0) {
        end_word(reading, &word);
        end_at(reading, ++at);
        ended = true;
    }
    reading->next_end = ended ? at : at + 1;
    return at;
}

/* The parts of a block, one bit a byte: what may be of a word or begin an address, and more. What
 * stands between them is marks of one byte each. */
struct parts {
    uint32_t size;   /* of the block, which ends behind a mark or with the text */
    uint64_t bytes;  /* of parts */
    uint64_t plain;  /* of these, ASCII letters that begin no address */
    uint64_t starts; /* of parts */
    uint64_t ends;   /* for each start: behind the part where all of it is plain, else within it */
};

enum { BLOCK_BYTES = 64 };

static inline uint64_t bits_below(uint32_t count)
{
    return count < BLOCK_BYTES ? ((uint64_t)1 << count) - 1 : UINT64_MAX;
}

/* Forgets the parts that start before a place of the block. */
static inline void start_from(struct parts *parts, uint32_t place)
{
    parts->starts &= ~bits_below(place);
    parts->ends = (parts->plain + parts->starts) & ~parts->plain;
}

/* A part that goes on behind the block is left for the next one. One that goes on behind all that
 * is read may begin an address. */
static inline void end_block(struct parts *parts, uint32_t left, bool text_goes_on)
{
    parts->size = left < BLOCK_BYTES ? left : BLOCK_BYTES;
    parts->bytes &= bits_below(left);
    if (parts->bytes >> (BLOCK_BYTES - 1)) {
        uint64_t marks = ~parts->bytes;
        parts->size = marks ? BLOCK_BYTES - (uint32_t)__builtin_clzll(marks) : 0;
        parts->bytes &= bits_below(parts->size);
    }
    parts->plain &= parts->bytes & bits_below(left - text_goes_on);
    parts->starts = parts->bytes & ~(parts->bytes << 1);
    start_from(parts, 0);
}

static void find_parts(struct parts *parts, const struct reading *reading, uint32_t at)
{
    const unsigned char *bytes = (const unsigned char *)reading->text.data + at;
    uint64_t letters = 0;
    uint64_t others = 0;
    for (uint32_t i = 0; i < BLOCK_BYTES; i += LANES) {
        lanes_bytes lanes = lanes_load(bytes + i);
        lanes_bytes next = lanes_load(bytes + i + 1);
        lanes_bytes other = lanes | lanes_within(lanes, '#', '\'') | lanes_equal(lanes, '@');
        other |= lanes_equal(lanes, 'w') & lanes_equal(next, 'w'); /* of "www." */
        other |= lanes_equal(lanes, 't') & lanes_equal(next, 'p'); /* of "http" */
        letters |= (uint64_t)lanes_bits(lanes_within(lanes | 0x20, 'a', 'z')) << i;
        others |= (uint64_t)lanes_bits(other) << i;
    }
    parts->bytes = letters | others;
    parts->plain = letters & ~others;
    end_block(parts, reading->end - at, reading->end < reading->text.size);
}

/* Behind the part that starts at `start`. */
static uint32_t end_of_part(const struct parts *parts, uint32_t start)
{
    return start + (uint32_t)__builtin_ctzll(~(parts->bytes >> start));
}

/* Behind the part that `at` is in, however long it is. */
static uint32_t end_of_part_at(const struct reading *reading, uint32_t at)
{
    while (at < reading->end) {
        struct parts parts;
        find_parts(&parts, reading, at);
        if (parts.size > 0)
            return parts.bytes & 1 ? at + end_of_part(&parts, 0) : at;
        at += BLOCK_BYTES;
    }
    return at;
}

/* Greek letters and those of Cyrillic up to U+047F. */
static bool is_foreign_lead(unsigned char byte)
{
    return byte >= 0xCE && byte <= 0xD1;
}

/* Reads a Russian word that begins at `at`, and what ends it. */
static uint32_t read_russian_word(struct reading *reading, uint32_t at)
{
    const unsigned char *bytes = (const unsigned char *)reading->text.data;
    struct word word = {0};
    uint32_t letters = LANES_PAIRS;
    for (; letters == LANES_PAIRS && at < reading->end; at += 2 * letters)
        letters =
            read_russian(reading->table, bytes + at, reading->end - at, &word, reading->tally);
    bool is_whole = at >= reading->end ||
                    (bytes[at] < 0x80 && !reading->table->fold[bytes[at]] && bytes[at] != '\'');
    if (!is_whole)
        return read_part(reading, at, end_of_part_at(reading, at), word);
    end_word(reading, &word);
    end_at(reading, at + 1);
    return at + 1;
}

/* Reads marks and Greek letters, each an end; returns where there is something else. */
static uint32_t read_marks(struct reading *reading, uint32_t at)
{
    const unsigned char *bytes = (const unsigned char *)reading->text.data + at;
    const uint8_t *fold = reading->table->fold;
    size_t size = 1;
    if (bytes[0] < 0x80)
        return fold[bytes[0]] || bytes[0] == '@' || bytes[0] == '#' ? at : at + 1;
    if ((bytes[0] & 0xFE) == 0xCE) {
        uint32_t left = reading->end - at;
        uint32_t look = reading->look > at ? reading->look - at : 1;
        return at + 2 * read_greek(bytes, left < look ? left : look, reading->tally);
    }
    uint32_t letter = language_letter_at(bytes, reading->text.size - at, &size);
    bool is_mark =
        letter != LANGUAGE_INVISIBLE && (letter >= LANGUAGE_LETTERS_END || !fold[letter]);
    reading->tally->greek += is_mark && letter >= 0x370 && letter < 0x400;
    return is_mark ? at + (uint32_t)size : at;
}

/* Reads Greek and Russian words and what stands between them, from an end on; returns the one
 * behind which something else begins. */
static uint32_t read_foreign(struct reading *reading, uint32_t at)
{
    const unsigned char *bytes = (const unsigned char *)reading->text.data;
    while (at < reading->end && !reading->is_clear) {
        if ((bytes[at] & 0xFE) == 0xD0) {
            at = read_russian_word(reading, at);
            continue;
        }
        uint32_t end = read_marks(reading, at);
        if (end == at)
            break;
        at = end;
        end_at(reading, at);
    }
    return at;
}

/* Reads the words with a bit in `before` up to the first part that is not plain. */
static inline void read_words(struct reading *reading, uint32_t at, struct parts *parts,
                              uint64_t before)
{
    enum { PARTS_OF_POINTS = LANGUAGE_POINTS / LANES_PAIRS };
    const struct language_table *table = reading->table;
    const unsigned char *bytes = (const unsigned char *)reading->text.data + at;
    uint64_t starts = parts->starts & before;
    uint64_t ends = parts->ends;
    uint32_t latin = 0;
    uint32_t next_end = reading->next_end;
    lanes_pairs points[PARTS_OF_POINTS];
    memcpy(points, reading->tally->points, sizeof points);
    for (; starts; starts &= starts - 1, ends &= ends - 1) {
        uint32_t start = (uint32_t)__builtin_ctzll(starts);
        uint32_t end = (uint32_t)__builtin_ctzll(ends);
        if (parts->bytes >> end & 1)
            break;
        struct word word = {plain_key(bytes + start, end - start), end - start};
        const uint16_t *shares = table->shares[share_of_word(table, word)];
        for (uint32_t i = 0; i < PARTS_OF_POINTS; i++)
            points[i] += lanes_load_pairs(shares + i * LANES_PAIRS);
        latin += word.letters;
        next_end = at + end + 1;
    }
    memcpy(reading->tally->points, points, sizeof points);
    reading->tally->latin += latin;
    reading->next_end = next_end;
    parts->starts = (parts->starts & ~before) | starts;
    parts->ends = ends;
}

/* Reads on from an end to a later one; returns where that is. */
static uint32_t read_block(struct reading *reading, uint32_t at)
{
    const unsigned char *bytes = (const unsigned char *)reading->text.data + at;
    struct parts parts;
    find_parts(&parts, reading, at);
    if (parts.size == 0)
        return read_part(reading, at, end_of_part_at(reading, at), (struct word){0});
    uint32_t block_end = at + parts.size;
    while (!reading->is_clear) {
        uint64_t before = reading->look > at ? bits_below(reading->look - at) : 0;
        read_words(reading, at, &parts, before);
        if (parts.starts & before) {
            uint32_t start = (uint32_t)__builtin_ctzll(parts.starts);
            if (is_foreign_lead(bytes[start]))
                return at + start;
            uint32_t done =
                read_part(reading, at + start, at + end_of_part(&parts, start), (struct word){0});
            start_from(&parts, done - at);
            if (done > block_end)
                block_end = done;
        } else if (reading->look > block_end) {
            break;
        } else {
            end_at(reading, larger(reading->look, reading->next_end));
        }
    }
    return block_end;
}

bool tally_text(const struct language_table *table, struct slice text, struct tally *tally)
{
    uint32_t at = 0;
    struct reading reading = {.table = table,
                              .tally = tally,
                              .text = text,
                              .end = text.size < SCAN_BYTES_MAX ? text.size : SCAN_BYTES_MAX,
                              .look = STEP_BYTES};
    while (at < reading.end && !reading.is_clear)
        at = is_foreign_lead((unsigned char)text.data[at]) ? read_foreign(&reading, at)
                                                           : read_block(&reading, at);
    return !reading.is_clear && text.size <= SCAN_BYTES_MAX;
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

static inline lanes_bytes latin_leads(lanes_bytes lanes)
{
    return lanes_within(lanes | 0x20, 'a', 'z') | lanes_within(lanes, 0xC3, 0xC9);
}

static inline void count_leads(struct lead_counts *counts, lanes_bytes lanes)
{
    counts->latin -= latin_leads(lanes);
    counts->greek -= lanes_within(lanes, 0xCD, 0xCF) | lanes_equal(lanes, 0xE1);
    counts->cyrillic -= lanes_within(lanes, 0xD0, 0xD1);
}

/* Whether the first bytes may have letters of Greek or Cyrillic. */
static bool may_be_foreign(const uint8_t *bytes, uint32_t end)
{
    lanes_bytes foreign = {0};
    for (uint32_t at = 0; at < end; at += LANES)
        foreign |= lanes_within(lanes_load(bytes + at), 0xCD, 0xE1);
    return lanes_bits(foreign) != 0;
}

static bool has_latin(const uint8_t *bytes, uint32_t end)
{
    for (uint32_t at = 0; at < end; at += LANES) {
        uint32_t inside = end - at < LANES ? (1u << (end - at)) - 1 : UINT32_MAX;
        if (lanes_bits(latin_leads(lanes_load(bytes + at))) & inside)
            return true;
    }
    return false;
}

enum script tally_quick_script(struct slice text)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    uint32_t end = text.size < SCRIPT_BYTES_MAX ? text.size : SCRIPT_BYTES_MAX;
    uint32_t whole = end / LANES * LANES;
    uint8_t rest[LANES] = {0};
    struct lead_counts counts = {{0}, {0}, {0}};
    if (!may_be_foreign(bytes, end))
        return has_latin(bytes, end) ? SCRIPT_LATIN : SCRIPT_NONE;
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
