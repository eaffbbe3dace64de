#include "classify/match/word_counts.h"

#include "classify/language/language_words.h"

#include "base/memory.h"
#include "text/view.h"

#include <string.h>

enum {
    SHORT_WORD_COUNT = 20,  /* shorter than a key: common in texts, however few patterns have it */
    COMMON_WORD_COUNT = 300 /* one by which its language is known */
};

void word_counts_destroy(struct word_counts *counts)
{
    memory_free(counts->items);
    counts->items = NULL;
}

static uint32_t place_of(const uint8_t *word, uint32_t size)
{
    uint32_t key = 0;
    memcpy(&key, word, size < WORD_KEY_BYTES ? size : WORD_KEY_BYTES);
    return (key ^ key >> 15) * 0x9E3779B1u >> (32 - WORD_COUNTS_BITS);
}

/* A word being read: only its first bytes matter. */
struct reading {
    uint8_t bytes[WORD_KEY_BYTES];
    uint32_t size;
    uint32_t count; /* of each word */
};

static void end_word(struct word_counts *counts, struct reading *reading)
{
    if (reading->size > 0)
        counts->items[place_of(reading->bytes, reading->size)] += reading->count;
    reading->size = 0;
}

static void add_letter(struct reading *reading, uint8_t letter)
{
    if (reading->size < WORD_KEY_BYTES)
        reading->bytes[reading->size++] = letter;
}

static void read_character(struct word_counts *counts, struct reading *reading,
                           const struct view_character *character)
{
    for (uint32_t i = 0; i < character->count; i++) {
        if (!view_is_word(character->fold[i]))
            end_word(counts, reading);
        else
            add_letter(reading, character->fold[i]);
    }
}

/* Each word counts so often. */
static void read_words(struct word_counts *counts, struct slice text, uint32_t count)
{
    struct reading reading = {.count = count};
    for (uint32_t at = 0; at < text.size;) {
        if (text.data[at] == '\\') {
            end_word(counts, &reading);
            at += 2;
            continue;
        }
        if (text.data[at] >= 'a' && text.data[at] <= 'z') { /* as they are in the view */
            add_letter(&reading, (uint8_t)text.data[at++]);
            continue;
        }
        struct view_character character = view_character_at(text, at);
        read_character(counts, &reading, &character);
        at += character.size > 0 ? character.size : 1;
    }
    end_word(counts, &reading);
}

enum redress_status word_counts_init(struct word_counts *counts)
{
    counts->items = memory_allocate_array((size_t)1 << WORD_COUNTS_BITS, sizeof *counts->items);
    if (!counts->items)
        return STATUS_MEMORY;
    for (uint32_t i = 0; i < language_words_count; i++)
        if (language_words[i].language < LANGUAGE_COUNT)
            read_words(
                counts,
                (struct slice){language_words[i].words, (uint32_t)strlen(language_words[i].words)},
                COMMON_WORD_COUNT);
    return STATUS_OK;
}

void word_counts_read(struct word_counts *counts, const char *pattern, size_t size)
{
    read_words(counts, (struct slice){pattern, (uint32_t)size}, 1);
}

uint32_t word_counts_of(const struct word_counts *counts, const uint8_t *word, uint32_t size)
{
    uint32_t count = counts->items[place_of(word, size)];
    return size < WORD_KEY_BYTES ? count + SHORT_WORD_COUNT : count;
}
