#include "text/sentences.h"

#include "text/addresses.h"
#include "text/sentence_blocks.h"
#include "base/lanes.h"
#include "base/load.h"
#include "text/utf8.h"
#include "text/view_parts.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum {
    BLOCK = WORD_BLOCK_BYTES,
    TITLE_CHARACTERS_MAX = 60,
    JOINED_LOOK_BACK_MAX = 32, /* characters of a word before "workingIt" counts as no word */
    ABBREVIATION_BYTES_MAX = 4,
    AROUND_BEFORE = ABBREVIATION_BYTES_MAX + 1, /* of words_around() */
    AROUND = AROUND_BEFORE + 3,
    LONG_WORD_BEFORE = (1 << AROUND_BEFORE) - 1,
    WORD_BEHIND = 1 << (AROUND_BEFORE + 1),
    WORD_NEXT = 1 << (AROUND_BEFORE + 2)
};

static_assert((int)MESSAGE_PADDING_BYTES >= (int)BLOCK, "whole blocks of a text are read");

enum redress_status sentences_init(struct sentences *sentences, uint32_t text_bytes_max)
{
    size_t bytes = view_bytes_max(text_bytes_max);
    size_t blocks = bytes / BLOCK + 1;
    size_t items = bytes / 2 + 2; /* something stands between two words, and between sentences */
    *sentences = (struct sentences){.blocks = sentence_blocks_best()};
    sentences->starts = memory_allocate_array(items, sizeof *sentences->starts);
    sentences->words = memory_allocate_array(items + BLOCK, sizeof *sentences->words);
    sentences->first_word = memory_allocate_array(items, sizeof *sentences->first_word);
    sentences->goes_on = memory_allocate_array(items, sizeof *sentences->goes_on);
    sentences->word_bits = memory_allocate_array(blocks, sizeof *sentences->word_bits);
    sentences->bound_bits = memory_allocate_array(blocks, sizeof *sentences->bound_bits);
    sentences->sure_bits = memory_allocate_array(blocks, sizeof *sentences->sure_bits);
    sentences->words_before = memory_allocate_array(blocks, sizeof *sentences->words_before);
    if (sentences->starts && sentences->words && sentences->first_word && sentences->goes_on &&
        sentences->word_bits && sentences->bound_bits && sentences->sure_bits &&
        sentences->words_before)
        return STATUS_OK;
    sentences_destroy(sentences);
    return STATUS_MEMORY;
}

void sentences_destroy(struct sentences *sentences)
{
    memory_free(sentences->starts);
    memory_free(sentences->words);
    memory_free(sentences->first_word);
    memory_free(sentences->goes_on);
    memory_free(sentences->word_bits);
    memory_free(sentences->bound_bits);
    memory_free(sentences->sure_bits);
    memory_free(sentences->words_before);
    *sentences = (struct sentences){0};
}

static void set_bit(uint64_t *bits, uint32_t at)
{
    bits[at / BLOCK] |= (uint64_t)1 << at % BLOCK;
}

static bool ends_sentence(uint8_t byte)
{
    return byte == '.' || byte == '!' || byte == '?' || byte == ';';
}

static uint32_t skip_blanks(struct slice text, uint32_t at)
{
    while (at < text.size && (text.data[at] == '\n' || text.data[at] == '\r' ||
                              text.data[at] == ' ' || text.data[at] == '\t'))
        at++;
    return at;
}

static bool is_title(struct slice text, uint32_t begin, uint32_t feed)
{
    uint32_t characters = 0;
    for (uint32_t at = begin; at < feed; at++)
        characters += ((uint8_t)text.data[at] & 0xC0) != 0x80;
    return characters <= TITLE_CHARACTERS_MAX;
}

/* First lines of paragraphs that a line feed ends and no mark: "Terrible service". */
static void mark_titles(struct sentences *sentences, const struct view *view,
                        struct view_cursor *cursor)
{
    struct slice text = view->text;
    bool begins = true; /* a paragraph */
    for (uint32_t begin = skip_blanks(text, 0); begin < text.size;) {
        const char *found = memchr(text.data + begin, '\n', text.size - begin);
        if (!found)
            return;
        uint32_t feed = (uint32_t)(found - text.data);
        if (begins && is_title(text, begin, feed)) {
            uint32_t at = view_offset_of(view, cursor, feed);
            if (at < view->size)
                set_bit(sentences->bound_bits, at);
        }
        begin = skip_blanks(text, feed);
        begins = memchr(found + 1, '\n', begin - feed - 1) != NULL;
    }
}

/* The character before `at` that leaves a trace; false where the text is no longer a word. */
static bool letter_before(const struct view *view, uint32_t *at, bool *is_capital)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    struct view_character character = {.count = 0};
    while (character.count == 0) {
        uint32_t from = *at;
        while (from > 0 && (text[--from] & 0xC0) == 0x80 && *at - from < UTF8_CHARACTER_BYTES_MAX)
            continue;
        if (from == *at)
            return false;
        character = view_read_character(text + from);
        if (character.count > 0 && !view_is_letter(character.fold[0]))
            return false;
        *at = from;
    }
    *is_capital = view_is_capital(character.code_point);
    return true;
}

/* Whether the capital at `at` stands directly behind a word of small letters: "workingIt", not
 * "PayPal", "iPhone" or "#neverFly". */
static bool begins_inside_word(const struct view *view, uint32_t at)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    if (!view_is_capital(view_read_character(text + at).code_point))
        return false;
    uint32_t letters = 0;
    bool is_capital = false;
    while (letters < JOINED_LOOK_BACK_MAX && letter_before(view, &at, &is_capital)) {
        letters++;
        if (is_capital)
            return false;
    }
    bool is_tag = at > 0 && (text[at - 1] == '#' || text[at - 1] == '@');
    return letters >= 2 && letters < JOINED_LOOK_BACK_MAX && !is_tag;
}

/* A capital may stand at byte `at` of the text behind a small letter. */
static void mark_joined_at(struct sentences *sentences, const struct view *view,
                           struct view_cursor *cursor, uint32_t at)
{
    if (at >= view->text.size || !begins_inside_word(view, at))
        return;
    uint32_t offset = view_offset_of(view, cursor, at);
    if (offset == 0 || offset >= view->size || !view_is_word(view->bytes[offset]))
        return;
    set_bit(sentences->bound_bits, offset - 1);
    set_bit(sentences->word_bits, offset);
}

static void mark_joined(struct sentences *sentences, const struct view *view,
                        struct view_cursor *cursor)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    uint32_t size = (uint32_t)view->text.size;
    uint32_t block = sentences->blocks->pass_unjoined(text, 1, size);
    for (; block < size; block = sentences->blocks->pass_unjoined(text, block + BLOCK, size))
        for (uint32_t at = block; at < block + BLOCK; at += LANES)
            for (uint32_t bits = sentence_blocks_joined(text + at); bits; bits &= bits - 1)
                mark_joined_at(sentences, view, cursor, at + (uint32_t)__builtin_ctz(bits));
}

/* How many words begin before byte `offset`. */
static uint32_t words_before(const struct sentences *sentences, uint32_t offset)
{
    uint64_t below = ((uint64_t)1 << offset % BLOCK) - 1;
    return sentences->words_before[offset / BLOCK] +
           sentence_blocks_count(sentences->word_bits[offset / BLOCK] & below);
}

static bool is_abbreviation(const uint8_t *word, uint32_t size)
{
    enum { AT_ONCE = LANES / ABBREVIATION_BYTES_MAX };
    typedef uint32_t lanes_words __attribute__((vector_size(LANES)));
    static const uint8_t ones[2 * ABBREVIATION_BYTES_MAX] = {255, 255, 255, 255};
    static const char abbreviations[][AT_ONCE][ABBREVIATION_BYTES_MAX] = {
        {"mr", "mrs", "ms", "dr"},
        {"vs", "nr", "tel", "ca"},
        {"kl", "np", "tzn", "tj"},
        {"ul", "godz", "bijv", "evt"},
        {"dhr", "mevr", "\x93\x8b", "\x92\x86\x8b"},                  /* ул, тел */
        {"\x90\x93\x81", "\x92\x9b\x91", "\xc0\xb4\xb8", "\xae\xbe"}, /* руб, тыс, τηλ, αρ */
    };
    if (size > ABBREVIATION_BYTES_MAX)
        return false;
    uint32_t bytes = load_32(word) & load_32(ones + ABBREVIATION_BYTES_MAX - size);
    lanes_words same = (lanes_words){0};
    for (uint32_t i = 0; i < sizeof abbreviations / sizeof abbreviations[0]; i++) {
        lanes_words four;
        memcpy(&four, abbreviations[i], sizeof four);
        same |= (lanes_words)(four == bytes);
    }
    return lanes_bits((lanes_bytes)same) != 0;
}

static uint32_t word_end(const uint8_t *bytes, uint32_t at)
{
    while (view_is_word(bytes[at]))
        at++;
    return at;
}

/* Which bytes around a mark are of words: AROUND_BEFORE before it from bit 0 on, itself, and two
 * behind it. */
static inline uint32_t words_around(const struct view *view, uint32_t at)
{
    uint32_t place = BLOCK + at - AROUND_BEFORE; /* counted from the word of bits in front */
    uint32_t shift = place % BLOCK;
    const uint64_t *words = view->words + place / BLOCK - 1;
    uint64_t around = words[0] >> shift | words[1] << 1 << (BLOCK - 1 - shift);
    return (uint32_t)around & ((1u << AROUND) - 1);
}

/* How many word bytes stand directly before the mark, one more than an abbreviation has at most. */
static inline uint32_t word_bytes_before(uint32_t around)
{
    return (uint32_t)__builtin_clz(~(around << (32 - AROUND_BEFORE)));
}

/* A dot that ends no sentence, by the word before it and what follows it directly. */
static bool is_inner_dot(const uint8_t *bytes, uint32_t at, uint32_t around)
{
    uint32_t size = word_bytes_before(around);
    uint32_t begin = at - size;
    if (size == 1 && view_is_letter(bytes[begin]))
        return true;
    bool dotted = begin > 1 && bytes[begin - 1] == '.' && view_is_word(bytes[begin - 2]);
    if (size > 0 && size <= 2 && dotted) /* the last dot of "m.in." */
        return true;
    if (around & WORD_BEHIND) {
        uint32_t end = word_end(bytes, at + 1);
        return (size > 0 && address_is_domain(bytes, at + 1, end)) ||
               (size == 2 && end - at <= 3 && bytes[end] == '.'); /* the first of "bl.a." */
    }
    return size > 1 && is_abbreviation(bytes + begin, size);
}

/* "&amp;" and the like, which some sources leave in. */
static bool is_entity(const uint8_t *bytes, uint32_t at)
{
    enum { ENTITY_LETTERS_MAX = 6 };
    uint32_t begin = at;
    while (begin > 0 && at - begin < ENTITY_LETTERS_MAX &&
           (view_is_word(bytes[begin - 1]) || bytes[begin - 1] == '#'))
        begin--;
    return begin > 0 && begin < at && bytes[begin - 1] == '&';
}

static inline bool is_bound(const uint8_t *bytes, uint32_t at, uint32_t around)
{
    if (bytes[at] == ';')
        return !is_entity(bytes, at);
    if (bytes[at] != '.' || ends_sentence(bytes[at + 1]) || (at > 0 && bytes[at - 1] == '.'))
        return true;
    /* Most dots stand behind a word that is no abbreviation, before a blank. */
    if ((around & (LONG_WORD_BEFORE | WORD_BEHIND)) == LONG_WORD_BEFORE)
        return true;
    return !is_inner_dot(bytes, at, around);
}

static bool shows_mood(uint8_t byte)
{
    return (byte >= VIEW_BYTE_ANGER && byte <= VIEW_BYTE_EMOJI) || byte == VIEW_BYTE_SYMBOL;
}

/* The first byte of the sentence behind the bound at `at`: closing marks, blanks and what shows a
 * mood belong to the sentence before. */
static uint32_t sentence_begin(const struct view *view, uint32_t at)
{
    const uint8_t *bytes = view->bytes;
    uint32_t begin = at + 1;
    while (begin < view->size &&
           (ends_sentence(bytes[begin]) || bytes[begin] == ')' || bytes[begin] == ']' ||
            bytes[begin] == '"' || bytes[begin] == '\''))
        begin++;
    while (begin < view->size && (bytes[begin] == ' ' || shows_mood(bytes[begin])))
        begin++;
    return begin;
}

/* The same; most bounds stand before a blank and a word. */
static inline uint32_t begin_behind(const struct view *view, uint32_t at, uint32_t around)
{
    if ((around & (WORD_BEHIND | WORD_NEXT)) == WORD_NEXT && view->bytes[at + 1] == ' ')
        return at + 2;
    return sentence_begin(view, at);
}

static inline void begin_sentence(struct sentences *sentences, uint32_t at, uint32_t word,
                                  bool goes_on)
{
    sentences->starts[sentences->count] = at;
    sentences->goes_on[sentences->count] = goes_on;
    sentences->first_word[sentences->count++] = word;
}

/* Windows of SENTENCE_WORDS_MAX words from the last start, which is at the word `first`, up to the
 * word `word`. */
static inline void fill_windows(struct sentences *sentences, uint32_t first, uint32_t word)
{
    for (first += SENTENCE_WORDS_MAX; first < word; first += SENTENCE_WORDS_MAX)
        begin_sentence(sentences, sentences->words[first], first, true);
}

/* The first byte of the sentence behind the mark at `at`; 0 where it ends none. No sentence begins
 * before `next` any more. */
static inline uint32_t begin_at_mark(const struct view *view, uint32_t at, uint32_t next)
{
    uint32_t around = words_around(view, at);
    if (at + 1 < next || !is_bound(view->bytes, at, around))
        return 0;
    return begin_behind(view, at, around);
}

__attribute__((always_inline)) static inline void list_sentences(struct sentences *sentences,
                                                                 const struct view *view)
{
    struct sentences list = *sentences; /* the compiler keeps what it knows of it */
    uint32_t next = 1;
    uint32_t first = 0; /* word of the last sentence */
    begin_sentence(&list, 0, 0, false);
    for (uint32_t block = 0; block * BLOCK < view->size; block++) {
        for (uint64_t bits = list.bound_bits[block]; bits; bits &= bits - 1) {
            uint32_t at = block * BLOCK + (uint32_t)__builtin_ctzll(bits);
            uint32_t begin = at + 2;
            if (!(list.sure_bits[block] & bits & -bits))
                begin = begin_at_mark(view, at, next);
            if (begin == 0)
                continue;
            next = begin + 1;
            if (begin == view->size)
                break;
            uint32_t word = words_before(&list, begin);
            if (word == first)
                continue; /* a sentence has a word */
            fill_windows(&list, first, word);
            begin_sentence(&list, begin, word, false);
            first = word;
        }
    }
    fill_windows(&list, first, list.word_count);
    list.first_word[list.count] = list.word_count;
    sentences->count = list.count;
}

static void list_sentences_plain(struct sentences *sentences, const struct view *view)
{
    list_sentences(sentences, view);
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static void list_sentences_popcnt(struct sentences *sentences,
                                                                    const struct view *view)
{
    list_sentences(sentences, view);
}
#endif

void sentences_split(struct sentences *sentences, const struct view *view)
{
    sentences->count = 0;
    sentences->word_count = 0;
    sentences->first_word[0] = 0;
    if (view->size == 0)
        return;
    struct view_cursor title = {0};
    struct view_cursor joined = {0};
    sentences->blocks->mark(sentences, view);
    mark_titles(sentences, view, &title);
    mark_joined(sentences, view, &joined);
    sentences->blocks->list_words(sentences, view->size);
#if defined(__x86_64__)
    if (sentences->blocks->has_count) {
        list_sentences_popcnt(sentences, view);
        return;
    }
#endif
    list_sentences_plain(sentences, view);
}

uint32_t sentences_of(const struct sentences *sentences, uint32_t offset)
{
    ASSERT(sentences->count > 0);
    uint32_t low = 0;
    uint32_t high = sentences->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (sentences->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool sentences_are_apart(const struct sentences *sentences, uint32_t first, uint32_t last)
{
    while (last > first && sentences->goes_on[last])
        last--;
    return last > first;
}

uint32_t sentences_word_at(const struct sentences *sentences, uint32_t offset)
{
    uint32_t word = words_before(sentences, offset);
    bool begins = sentences->word_bits[offset / BLOCK] >> offset % BLOCK & 1;
    return word > 0 && !begins ? word - 1 : word;
}

uint32_t sentences_word_end(const struct sentences *sentences, const struct view *view,
                            uint32_t word)
{
    uint32_t at = word_blocks_end(view->words, sentences->words[word]);
    while (at < view->size && sentence_blocks_joins(view->bytes + at))
        at = word_blocks_end(view->words, at + 1);
    return at;
}
