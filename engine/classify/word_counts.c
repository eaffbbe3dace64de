#include "classify/word_counts.h"

#include "base/memory.h"
#include "text/utf8.h"
#include "text/view.h"

#include <string.h>

/* A word shorter than a key is common in texts, however few patterns have it. */
enum { SHORT_WORD_COUNT = 20 };

enum redress_status word_counts_init(struct word_counts *counts)
{
    counts->items = memory_allocate_array((size_t)1 << WORD_COUNTS_BITS, sizeof *counts->items);
    return counts->items ? STATUS_OK : STATUS_MEMORY;
}

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
};

static void end_word(struct word_counts *counts, struct reading *reading)
{
    if (reading->size > 0)
        counts->items[place_of(reading->bytes, reading->size)]++;
    reading->size = 0;
}

static void read_character(struct word_counts *counts, struct reading *reading, uint32_t code_point)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t size = view_fold_character(code_point, folded);
    for (uint32_t i = 0; i < size; i++) {
        if (!view_is_word(folded[i]))
            end_word(counts, reading);
        else if (reading->size < WORD_KEY_BYTES)
            reading->bytes[reading->size++] = folded[i];
    }
}

void word_counts_read(struct word_counts *counts, const char *pattern, size_t size)
{
    struct reading reading = {.size = 0};
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        size_t bad = 1;
        if (pattern[at] == '\\') {
            end_word(counts, &reading);
            at += 2;
            continue;
        }
        size_t length = utf8_decode(pattern + at, size - at, &code_point, &bad);
        if (length > 0)
            read_character(counts, &reading, code_point);
        at += length > 0 ? length : bad;
    }
    end_word(counts, &reading);
}

uint32_t word_counts_of(const struct word_counts *counts, const uint8_t *word, uint32_t size)
{
    uint32_t count = counts->items[place_of(word, size)];
    return size < WORD_KEY_BYTES ? count + SHORT_WORD_COUNT : count;
}
