#include "classify/language/language_table.h"

#include "base/assert.h"

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

static void word_add(struct language_table *table, uint64_t key, unsigned language)
{
    uint32_t at = language_slot_of(key);
    while (table->slots[at].key && table->slots[at].key != key)
        at = (at + 1) % LANGUAGE_SLOTS;
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
        uint32_t letter = *at ? language_letter_at(at, strlen((const char *)at), &size) : ' ';
        if (letter == ' ') {
            ASSERT(letters > 0 && letters <= LANGUAGE_WORD_LETTERS_MAX);
            word_add(table, key, list->language);
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

static void share_points(struct language_table *table)
{
    for (uint32_t index = 0; index < LANGUAGE_SLOTS; index++) {
        struct language_slot *slot = &table->slots[index];
        uint32_t count = (uint32_t)__builtin_popcount(slot->languages);
        if (slot->key)
            slot->share = share_of(table, slot->languages, LANGUAGE_POINTS_PER_WORD / count);
    }
    for (uint32_t index = 0; index < language_letters_count; index++)
        table->telling[language_letters[index].letter] =
            share_of(table, language_letters[index].languages, LANGUAGE_POINTS_PER_LETTER);
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
    share_points(table);
    return table;
}
