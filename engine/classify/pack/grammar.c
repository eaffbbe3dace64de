#include "classify/pack/grammar.h"

#include <string.h>

void grammar_init(struct grammar *grammar)
{
    *grammar = (struct grammar){.reach_words = 4, .stance_reach_words = 8};
}

static uint32_t slot_of(const uint8_t *bytes, uint32_t size)
{
    uint32_t hash = 2166136261u;
    for (uint32_t index = 0; index < size; index++)
        hash = (hash ^ bytes[index]) * 16777619u;
    return (hash ^ hash >> 15) % GRAMMAR_SLOTS;
}

/* Twelve bits of the first two bytes. */
static uint32_t beginning_of(const uint8_t *bytes, uint32_t size)
{
    uint32_t second = size > 1 ? bytes[1] : 0;
    return (bytes[0] * 61u + second * 7u) % (64 * 64);
}

/* Reads the words of a phrase into the entry. False where it is none. */
static bool read_phrase(struct grammar_entry *entry, const char *phrase)
{
    struct grammar_word *word = &entry->words[0];
    const char *end = phrase + strlen(phrase);
    entry->word_count = 1;
    for (const char *at = phrase; *at;) {
        if (*at == '*' && at[1] == 0) {
            entry->open_end = true;
            break;
        }
        if (*at == ' ') {
            if (word->size == 0 || entry->word_count == GRAMMAR_PHRASE_WORDS_MAX)
                return false;
            word = &entry->words[entry->word_count++];
            at++;
            continue;
        }
        /* An apostrophe within a word stays. */
        struct view_character next = view_character_at((struct slice){at, (uint32_t)(end - at)}, 0);
        if (next.size == 0 || word->size + next.count > GRAMMAR_WORD_BYTES_MAX)
            return false;
        memcpy(word->bytes + word->size, next.fold, next.count);
        word->size = (uint8_t)(word->size + next.count);
        at += next.size;
    }
    for (uint32_t index = 0; index < word->size; index++)
        if (!view_is_word(word->bytes[index]) && word->bytes[index] != '\'')
            return false;
    return word->size >= (entry->open_end ? GRAMMAR_STEM_BYTES_MIN : 1);
}

static bool same_phrase(const struct grammar_entry *left, const struct grammar_entry *right)
{
    return left->word_count == right->word_count && left->open_end == right->open_end &&
           memcmp(left->words, right->words, sizeof left->words) == 0;
}

/* Longer phrases first, so that the first one that fits is the longest. */
static void insert(struct grammar *grammar, struct grammar_entry *entry)
{
    const struct grammar_word *first = &entry->words[0];
    struct grammar_entry **at = &grammar->slots[slot_of(first->bytes, first->size)];
    while (*at && (*at)->word_count > entry->word_count)
        at = &(*at)->next;
    entry->next = *at;
    *at = entry;
    uint32_t beginning = beginning_of(first->bytes, first->size);
    grammar->beginnings[beginning / 64] |= (uint64_t)1 << beginning % 64;
    if (entry->open_end && entry->word_count == 1)
        grammar->stem_sizes |= 1u << (first->size < 31 ? first->size : 31);
    grammar->entry_count++;
}

enum redress_status grammar_add(struct grammar *grammar, struct arena *arena, const char *phrase,
                                enum grammar_cue cue, float value)
{
    struct grammar_entry entry = {.cues = (uint16_t)cue, .value = value};
    if (!read_phrase(&entry, phrase) || grammar->entry_count == GRAMMAR_ENTRIES_MAX)
        return STATUS_INVALID;
    const struct grammar_word *first = &entry.words[0];
    for (struct grammar_entry *known = grammar->slots[slot_of(first->bytes, first->size)]; known;
         known = known->next) {
        if (!same_phrase(known, &entry))
            continue;
        known->cues |= (uint16_t)cue;
        known->value = value != 0 ? value : known->value;
        return STATUS_OK;
    }
    struct grammar_entry *kept = arena_allocate(arena, sizeof *kept);
    if (!kept)
        return STATUS_MEMORY;
    *kept = entry;
    insert(grammar, kept);
    return STATUS_OK;
}

static bool word_equals(const struct grammar_word *word, bool open_end, const uint8_t *bytes,
                        uint32_t size)
{
    return (open_end ? size >= word->size : size == word->size) &&
           memcmp(word->bytes, bytes, word->size) == 0;
}

static bool phrase_stands(const struct grammar_entry *entry, const struct view *view,
                          const struct sentences *sentences, uint32_t word)
{
    if (word + entry->word_count > sentences->word_count)
        return false;
    for (uint32_t index = 0; index < entry->word_count; index++) {
        uint32_t start = sentences->words[word + index];
        uint32_t size = sentences_word_end(sentences, view, word + index) - start;
        bool open = entry->open_end && index + 1 == entry->word_count;
        if (!word_equals(&entry->words[index], open, view->bytes + start, size))
            return false;
    }
    return true;
}

static const struct grammar_entry *find(const struct grammar *grammar, const struct view *view,
                                        const struct sentences *sentences, uint32_t word,
                                        uint32_t size)
{
    const uint8_t *bytes = view->bytes + sentences->words[word];
    for (const struct grammar_entry *entry = grammar->slots[slot_of(bytes, size)]; entry;
         entry = entry->next)
        if (phrase_stands(entry, view, sentences, word))
            return entry;
    return NULL;
}

const struct grammar_entry *grammar_at(const struct grammar *grammar, const struct view *view,
                                       const struct sentences *sentences, uint32_t word)
{
    uint32_t start = sentences->words[word];
    uint32_t size = sentences_word_end(sentences, view, word) - start;
    uint32_t beginning = beginning_of(view->bytes + start, size);
    if (!(grammar->beginnings[beginning / 64] >> beginning % 64 & 1))
        return NULL;
    const struct grammar_entry *entry = find(grammar, view, sentences, word, size);
    uint32_t stems = grammar->stem_sizes;
    for (uint32_t stem = size < 31 ? size : 31; !entry && stem > 0; stem--)
        if (stems >> stem & 1)
            entry = find(grammar, view, sentences, word, stem);
    return entry;
}

static void begin_round(struct grammar_reading *reading)
{
    if (++reading->round != 0)
        return;
    /* After 2^32 texts: what an old round left must not look new. */
    memset(reading->words, 0, sizeof reading->words);
    reading->round = 1;
}

void grammar_reading_begin(struct grammar_reading *reading, const struct view *view,
                           const struct sentences *sentences)
{
    reading->view = view;
    reading->sentences = sentences;
    reading->grammar = NULL;
}

const struct grammar_entry *grammar_read(struct grammar_reading *reading,
                                         const struct grammar *grammar, uint32_t word)
{
    if (reading->grammar != grammar) {
        reading->grammar = grammar;
        begin_round(reading);
    }
    uint32_t place = word % GRAMMAR_READING_WORDS;
    if (reading->words[place].round != reading->round || reading->words[place].word != word) {
        reading->words[place].round = reading->round;
        reading->words[place].word = word;
        reading->words[place].entry = grammar_at(grammar, reading->view, reading->sentences, word);
    }
    return reading->words[place].entry;
}
