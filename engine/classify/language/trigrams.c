#include "classify/language/trigrams.h"

#include "classify/language/respell_letters.h"

#include "base/lanes.h"
#include "base/memory.h"
#include "text/utf8.h"
#include "text/view.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    LETTERS = 27, /* a to z, and 0 for a word's edge */
    TRIGRAMS = LETTERS * LETTERS * LETTERS,
    COST_PER_NAT = 16,
    COST_MAX = 255,
    COST_ROW = 8,         /* languages, and some more */
    COUNTED_MIN = 3000,   /* trigrams of a language: fewer do not tell it */
    TEXT_BYTES_MAX = 512, /* what follows would hardly change the answer */
    ASKED_MIN = 3,
    LEAD_MIN = COST_PER_NAT,          /* of the best over the second */
    MEAN_MAX = 19 * COST_PER_NAT / 2, /* a trigram: what is dearer is of no language we know */
    POINTS_PER_NAT = 6,
    TYPED_COST = 4 * COST_PER_NAT, /* few write Greek or Russian in Latin letters */
    WORD_LETTERS_MAX = 48,
    SPELLINGS = 3 /* of each Greek or Russian word */
};

struct trigrams {
    uint32_t told; /* bits of languages */
    uint8_t cost[TRIGRAMS][COST_ROW];
};

static_assert((int)LANGUAGE_COUNT <= (int)COST_ROW && (int)COST_ROW == (int)LANES_PAIRS,
              "a row is added at once");
static_assert(WORD_LETTERS_MAX * COST_MAX <= UINT16_MAX, "of a word, in numbers of two bytes");

/* Letters of one word, 1 to 26, an edge on either side. */
struct letters {
    uint32_t size;
    uint8_t items[WORD_LETTERS_MAX + 2];
};

typedef void take_word(void *user, const struct letters *word);

static bool begins_with(struct slice text, uint32_t at, const char *word)
{
    size_t size = strlen(word);
    return text.size - at >= size && memcmp(text.data + at, word, size) == 0;
}

uint32_t trigrams_end_of_address(struct slice text, uint32_t at)
{
    bool is_word = text.data[at] == 'h' || text.data[at] == 'w';
    if (is_word && !begins_with(text, at, "http") && !begins_with(text, at, "www."))
        return at;
    while (at < text.size && (unsigned char)text.data[at] > ' ')
        at++;
    return at;
}

static void end_word(struct letters *word, take_word *take, void *user)
{
    if (word->size > 1) {
        word->items[word->size++] = 0;
        take(user, word);
    }
    word->size = 1;
}

/* Adds the ASCII letters from `at` on; returns where they end. */
static uint32_t add_plain(struct slice text, uint32_t at, struct letters *word)
{
    for (; at < text.size; at++) {
        uint8_t letter = (uint8_t)((text.data[at] | 0x20) - 'a' + 1);
        if (letter - 1u >= LETTERS - 1)
            break;
        if (word->size <= WORD_LETTERS_MAX)
            word->items[word->size++] = letter;
    }
    return at;
}

/* Gives every word of Latin letters. An apostrophe parts no word. */
static void read_words(struct slice text, take_word *take, void *user)
{
    struct letters word = {.size = 1};
    for (uint32_t at = 0; at < text.size;) {
        uint32_t behind = word.size == 1 ? trigrams_skip_address(text, at) : at;
        if (behind > at) {
            at = behind;
            continue;
        }
        at = add_plain(text, at, &word);
        if (at == text.size)
            break;
        struct view_character next = view_character_at(text, at);
        at += next.size ? next.size : 1;
        for (uint32_t index = 0; index < next.count; index++) {
            uint8_t byte = next.fold[index];
            bool letter = byte >= 'a' && byte <= 'z';
            if (letter && word.size <= WORD_LETTERS_MAX)
                word.items[word.size++] = (uint8_t)(byte - 'a' + 1);
            else if (!letter && byte != '\'')
                end_word(&word, take, user);
        }
    }
    end_word(&word, take, user);
}

static uint32_t trigram_at(const struct letters *word, uint32_t at)
{
    const uint8_t *letters = word->items + at;
    return ((uint32_t)letters[0] * LETTERS + letters[1]) * LETTERS + letters[2];
}

struct counts {
    uint32_t items[TRIGRAMS];
    uint32_t all;
};

static void count_word(void *user, const struct letters *word)
{
    struct counts *counts = user;
    for (uint32_t at = 0; at + 2 < word->size; at++)
        counts->items[trigram_at(word, at)]++;
    counts->all += word->size - 2;
}

/* Whether a language is also typed in Latin letters: Greek and Russian. */
static bool is_typed(enum language language)
{
    uint32_t count = 0;
    return letter_readings(language, &count) != NULL;
}

/* The reading by which this writer spells what stands at `at`: each takes another of those that are
 * usual. NULL where nothing is. */
static const struct letter_reading *spelling_of(enum language language, const char *at,
                                                uint32_t writer)
{
    uint32_t count = 0;
    const struct letter_reading *readings = letter_readings(language, &count);
    const struct letter_reading *found[8];
    uint32_t found_count = 0;
    for (uint32_t index = 0; index < count && found_count < 8; index++)
        if (readings[index].meant[0] == at[0] && readings[index].meant[1] == at[1] &&
            readings[index].cost == 0 && readings[index].typed[0] &&
            strncmp(at, readings[index].meant, strlen(readings[index].meant)) == 0)
            found[found_count++] = &readings[index];
    return found_count ? found[writer % found_count] : NULL;
}

/* Spells a folded text of Greek or Russian in Latin letters. */
static uint32_t spell(enum language language, const char *bare, uint32_t writer, char *out)
{
    uint32_t size = 0;
    while (*bare) {
        const struct letter_reading *reading = spelling_of(language, bare, writer);
        const char *typed = reading ? reading->typed : bare;
        uint32_t typed_size = reading ? (uint32_t)strlen(typed) : 1;
        memcpy(out + size, typed, typed_size);
        size += typed_size;
        bare += reading ? strlen(reading->meant) : 1;
    }
    return size;
}

enum { BARE_BYTES_MAX = RULE_EXAMPLE_BYTES_MAX };

/* Letters of Greek and Russian that the readings have no word for, as the bare ones they are of. */
static uint32_t bare_of(uint32_t code_point)
{
    static const uint32_t bare[][2] = {{0x3ac, 0x3b1}, {0x3ad, 0x3b5}, {0x3ae, 0x3b7},
                                       {0x3af, 0x3b9}, {0x3ca, 0x3b9}, {0x390, 0x3b9},
                                       {0x3cc, 0x3bf}, {0x3cd, 0x3c5}, {0x3cb, 0x3c5},
                                       {0x3ce, 0x3c9}, {0x3c2, 0x3c3}, {0x451, 0x435}};
    if (view_is_capital(code_point) && code_point >= 0x391 && code_point <= 0x42f)
        code_point += 0x20;
    for (size_t index = 0; index < sizeof bare / sizeof bare[0]; index++)
        if (bare[index][0] == code_point)
            return bare[index][1];
    return code_point;
}

static void make_bare(struct slice text, char *out)
{
    uint32_t size = 0;
    for (uint32_t at = 0; at < text.size && size + UTF8_CHARACTER_BYTES_MAX < BARE_BYTES_MAX;) {
        uint32_t code_point = 0;
        size_t step = utf8_decode(text.data + at, text.size - at, &code_point, NULL);
        size += (uint32_t)utf8_encode(bare_of(code_point), out + size);
        at += step ? (uint32_t)step : 1;
    }
    out[size] = 0;
}

/* What one language is counted from, and room to spell it. */
struct counting {
    struct counts counts;
    char bare[BARE_BYTES_MAX + 1];
    char spelt[3 * BARE_BYTES_MAX];
};

static void count_example(struct counting *counting, enum language language,
                          const struct rule_example *example)
{
    const struct slice text = {example->text, example->size};
    if (!is_typed(language)) {
        read_words(text, count_word, &counting->counts);
        return;
    }
    make_bare(text, counting->bare);
    for (uint32_t writer = 0; writer < SPELLINGS; writer++) {
        uint32_t size = spell(language, counting->bare, writer, counting->spelt);
        read_words((struct slice){counting->spelt, size}, count_word, &counting->counts);
    }
}

static void cost_language(struct trigrams *trigrams, enum language language,
                          const struct counts *counts)
{
    /* A little of each is there, though the examples do not have it. */
    const double unseen = 0.3;
    const double all = counts->all + unseen * 8000;
    if (counts->all < COUNTED_MIN)
        return;
    trigrams->told |= 1u << language;
    for (uint32_t index = 0; index < TRIGRAMS; index++) {
        double cost = -COST_PER_NAT * log((counts->items[index] + unseen) / all);
        trigrams->cost[index][language] = (uint8_t)(cost < COST_MAX ? cost + 0.5 : COST_MAX);
    }
}

const struct trigrams *trigrams_create(const struct rule_pack *pack, struct arena *arena)
{
    struct trigrams *trigrams = arena_allocate(arena, sizeof *trigrams);
    struct counting *counting = memory_allocate(sizeof *counting);
    for (unsigned language = LANGUAGE_EN; trigrams && counting && language < LANGUAGE_COUNT;
         language++) {
        counting->counts = (struct counts){.all = 0};
        for (uint32_t index = 0; index < pack->rule_count; index++) {
            const struct rule *rule = &pack->rules[index];
            for (uint32_t at = 0; rule->home == language && at < rule->example_count; at++)
                count_example(counting, (enum language)language, &rule->examples[at]);
        }
        cost_language(trigrams, (enum language)language, &counting->counts);
    }
    bool good = counting != NULL;
    memory_free(counting);
    return good ? trigrams : NULL;
}

struct asking {
    const struct trigrams *trigrams;
    uint32_t cost[LANGUAGE_COUNT];
    uint32_t count;
};

static void ask_word(void *user, const struct letters *word)
{
    typedef uint8_t row_bytes __attribute__((vector_size(COST_ROW)));
    struct asking *asking = user;
    lanes_pairs sums = {0}; /* of no more letters than leave them small */
    for (uint32_t at = 0; at + 2 < word->size; at++) {
        row_bytes row;
        memcpy(&row, asking->trigrams->cost[trigram_at(word, at)], sizeof row);
        sums += __builtin_convertvector(row, lanes_pairs);
    }
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        asking->cost[language] += sums[language];
    asking->count += word->size - 2;
}

enum language trigrams_tell(const struct trigrams *trigrams, struct slice text,
                            const uint32_t lead[LANGUAGE_COUNT])
{
    struct asking asking = {.trigrams = trigrams};
    text.size = text.size < TEXT_BYTES_MAX ? text.size : TEXT_BYTES_MAX;
    read_words(text, ask_word, &asking);
    int64_t best = INT32_MAX;
    int64_t second = INT32_MAX;
    enum language told = LANGUAGE_UNKNOWN;
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        int64_t cost = (int64_t)asking.cost[language] -
                       lead[language] * COST_PER_NAT / POINTS_PER_NAT +
                       (is_typed((enum language)language) ? TYPED_COST : 0);
        if (!(trigrams->told >> language & 1) || cost >= second)
            continue;
        second = cost < best ? best : cost;
        told = cost < best ? (enum language)language : told;
        best = cost < best ? cost : best;
    }
    bool clear = asking.count >= ASKED_MIN && second - best >= LEAD_MIN &&
                 asking.cost[told] <= MEAN_MAX * asking.count;
    return clear ? told : LANGUAGE_UNKNOWN;
}
