#include "classify/language/language_table.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

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

uint32_t language_letter_at(const unsigned char *bytes, size_t left, size_t *size)
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
        return LANGUAGE_INVISIBLE;
    /* Greek with breathings stands behind 0xe1 0xbc to 0xbf: any Greek letter will do. */
    if (*size == 3)
        return first == 0xe1 && bytes[1] >= 0xbc ? 0x3b1 : 0;
    return *size == 2 ? letter : 0;
}

/* The words of the lists, as they are gathered. */
struct gathered_word {
    uint64_t key;
    uint32_t languages;
    uint32_t next; /* of its group; 0 is none */
};

struct gathering {
    struct gathered_word words[LANGUAGE_PLACES]; /* the first is none */
    uint32_t count;
    uint32_t groups[LANGUAGE_GROUPS];
    uint32_t group_sizes[LANGUAGE_GROUPS];
    uint32_t largest; /* of the groups */
};

static void word_add(struct gathering *gathering, uint64_t key, unsigned language)
{
    uint32_t group = language_group_of(language_mix(key));
    uint32_t at = gathering->groups[group];
    while (at && gathering->words[at].key != key)
        at = gathering->words[at].next;
    if (!at) {
        at = ++gathering->count;
        ASSERT(at < LANGUAGE_PLACES);
        gathering->words[at] = (struct gathered_word){.key = key, .next = gathering->groups[group]};
        gathering->groups[group] = at;
        uint32_t size = ++gathering->group_sizes[group];
        gathering->largest = size > gathering->largest ? size : gathering->largest;
    }
    gathering->words[at].languages |= 1u << language;
}

static void words_add(const struct language_table *table, struct gathering *gathering,
                      const struct language_words *list)
{
    const unsigned char *at = (const unsigned char *)list->words;
    uint64_t key = 0;
    unsigned letters = 0;
    for (;;) {
        size_t size = 1;
        uint32_t letter = *at ? language_letter_at(at, strlen((const char *)at), &size) : ' ';
        if (letter == ' ') {
            ASSERT(letters > 0 && letters <= LANGUAGE_WORD_LETTERS_MAX);
            word_add(gathering, key, list->language);
            key = 0;
            letters = 0;
            if (!*at)
                return;
        } else {
            ASSERT(letter < LANGUAGE_LETTERS_END && table->fold[letter]);
            key = key << 8 | table->fold[letter];
            letters++;
        }
        at += size;
    }
}

/* The share that gives each of the languages so many points; most have many words or letters. */
static uint8_t share_of(struct language_table *table, uint32_t languages, uint32_t points)
{
    uint16_t wanted[LANGUAGE_POINTS] = {0};
    for (uint32_t language = 0; language < TELLING_LANGUAGES_COUNT; language++)
        wanted[language] = languages >> language & 1 ? (uint16_t)points : 0;
    uint32_t at = 1;
    while (at < table->share_count && memcmp(table->shares[at], wanted, sizeof wanted) != 0)
        at++;
    ASSERT(at < LANGUAGE_SHARES_MAX);
    memcpy(table->shares[at], wanted, sizeof wanted);
    table->share_count = at < table->share_count ? table->share_count : at + 1;
    return (uint8_t)at;
}

/* Puts the words of a group where its move takes them. False where they meet others there. */
static bool place_group(struct language_table *table, const struct gathering *gathering,
                        uint32_t group)
{
    uint32_t at = gathering->groups[group];
    for (; at; at = gathering->words[at].next) {
        uint64_t key = gathering->words[at].key;
        uint32_t place = language_place_of(language_mix(key), table->moves[group]);
        if (table->keys[place])
            break;
        table->keys[place] = key;
    }
    for (uint32_t done = gathering->groups[group]; at && done != at;
         done = gathering->words[done].next)
        table->keys[language_place_of(language_mix(gathering->words[done].key),
                                      table->moves[group])] = 0;
    return at == 0;
}

/* Large groups first: small ones find free places among few. */
static void place_words(struct language_table *table, const struct gathering *gathering)
{
    for (uint32_t size = gathering->largest; size > 0; size--)
        for (uint32_t group = 0; group < LANGUAGE_GROUPS; group++) {
            if (gathering->group_sizes[group] != size)
                continue;
            while (!place_group(table, gathering, group)) {
                table->moves[group]++;
                ASSERT(table->moves[group] < LANGUAGE_PLACES);
            }
        }
}

static void share_points(struct language_table *table, const struct gathering *gathering)
{
    for (uint32_t index = 1; index <= gathering->count; index++) {
        const struct gathered_word *word = &gathering->words[index];
        uint64_t mixed = language_mix(word->key);
        uint32_t place = language_place_of(mixed, table->moves[language_group_of(mixed)]);
        uint32_t count = (uint32_t)__builtin_popcount(word->languages);
        table->word_shares[place] =
            share_of(table, word->languages, LANGUAGE_POINTS_PER_WORD / count);
    }
    for (uint32_t index = 0; index < language_letters_count; index++) {
        ASSERT(language_letter_may_tell(language_letters[index].letter));
        table->telling[language_letters[index].letter] =
            share_of(table, language_letters[index].languages, LANGUAGE_POINTS_PER_LETTER);
    }
}

const struct language_table *language_table_create(const struct trigrams *trigrams,
                                                   struct arena *arena)
{
    struct language_table *table = arena_allocate(arena, sizeof *table);
    struct gathering *gathering = memory_allocate(sizeof *gathering);
    if (table && gathering) {
        table->trigrams = trigrams;
        fold_fill(table);
        for (uint32_t index = 0; index < language_words_count; index++)
            words_add(table, gathering, &language_words[index]);
        place_words(table, gathering);
        share_points(table, gathering);
    }
    bool good = gathering != NULL;
    memory_free(gathering);
    return good ? table : NULL;
}
