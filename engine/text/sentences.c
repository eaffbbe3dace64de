#include "text/sentences.h"

#include "text/addresses.h"
#include "base/lanes.h"
#include "base/load.h"
#include "text/utf8.h"
#include "text/view_parts.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum {
    BLOCK = 64, /* bytes of the view a word of bits stands for */
    TITLE_CHARACTERS_MAX = 60,
    TITLE_BYTES_MAX = 4 * TITLE_CHARACTERS_MAX,
    JOINED_LOOK_BACK_MAX = 32, /* characters of a word before "workingIt" counts as no word */
    ABBREVIATION_BYTES_MAX = 4
};

/* The masks of 64 bytes, bit n for byte n. */
struct block {
    uint64_t word;
    uint64_t digit;
    uint64_t space;
    uint64_t apostrophe;
    uint64_t point; /* and comma */
    uint64_t end;   /* . ! ? ; */
};

/* The highest bits of the block before, as lowest ones. */
struct carry {
    uint64_t word; /* joined ones included */
    uint64_t word_byte;
    uint64_t digit;
    uint64_t space;
};

enum redress_status sentences_init(struct sentences *sentences, uint32_t text_bytes_max)
{
    size_t bytes = view_bytes_max(text_bytes_max);
    size_t blocks = bytes / BLOCK + 1;
    size_t items = bytes / 2 + 2; /* something stands between two words, and between sentences */
    *sentences = (struct sentences){0};
    sentences->starts = memory_allocate_array(items, sizeof *sentences->starts);
    sentences->words = memory_allocate_array(items + BLOCK, sizeof *sentences->words);
    sentences->first_word = memory_allocate_array(items, sizeof *sentences->first_word);
    sentences->goes_on = memory_allocate_array(items, sizeof *sentences->goes_on);
    sentences->word_bits = memory_allocate_array(blocks, sizeof *sentences->word_bits);
    sentences->bound_bits = memory_allocate_array(blocks, sizeof *sentences->bound_bits);
    sentences->words_before = memory_allocate_array(blocks, sizeof *sentences->words_before);
    if (sentences->starts && sentences->words && sentences->first_word && sentences->goes_on &&
        sentences->word_bits && sentences->bound_bits && sentences->words_before)
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
    memory_free(sentences->words_before);
    *sentences = (struct sentences){0};
}

/* Letters of the view: a to z, 0x80 to 0xC5 (two of which never occur) and 0xF0. */
static lanes_bytes find_words(lanes_bytes lanes, lanes_bytes digit)
{
    return lanes_within(lanes, 'a', 'z') | digit | lanes_equal(lanes, '_') |
           (lanes_bytes)((lanes_signed)lanes < (int8_t)0xC6) |
           lanes_equal(lanes, VIEW_BYTE_OTHER_LETTER);
}

static struct block read_block(const uint8_t *at)
{
    struct block block = {0};
    for (uint32_t i = 0; i < BLOCK; i += LANES) {
        lanes_bytes lanes = lanes_load(at + i);
        lanes_bytes digit = lanes_within(lanes, '0', '9');
        lanes_bytes dot = lanes_equal(lanes, '.');
        lanes_bytes end =
            dot | lanes_equal(lanes, '!') | lanes_equal(lanes, '?') | lanes_equal(lanes, ';');
        block.word |= (uint64_t)lanes_bits(find_words(lanes, digit)) << i;
        block.digit |= (uint64_t)lanes_bits(digit) << i;
        block.space |= (uint64_t)lanes_bits(lanes_equal(lanes, ' ')) << i;
        block.apostrophe |= (uint64_t)lanes_bits(lanes_equal(lanes, '\'')) << i;
        block.point |= (uint64_t)lanes_bits(dot | lanes_equal(lanes, ',')) << i;
        block.end |= (uint64_t)lanes_bits(end) << i;
    }
    return block;
}

static uint64_t is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Fills the bits of one block of the view; `next` is the byte behind it. */
static void mark_block(struct sentences *sentences, uint32_t index, const struct block *block,
                       struct carry *carry, uint8_t next)
{
    uint64_t word_left = block->word << 1 | carry->word_byte;
    uint64_t word_right = block->word >> 1 | (uint64_t)view_is_word(next) << (BLOCK - 1);
    uint64_t digit_left = block->digit << 1 | carry->digit;
    uint64_t digit_right = block->digit >> 1 | is_digit(next) << (BLOCK - 1);
    uint64_t joined =
        (block->apostrophe & word_left & word_right) | (block->point & digit_left & digit_right);
    uint64_t word = block->word | joined;
    sentences->word_bits[index] = word & ~(word << 1 | carry->word);
    sentences->bound_bits[index] =
        (block->end & ~joined) | (block->space & (block->space << 1 | carry->space));
    *carry = (struct carry){
        .word = word >> (BLOCK - 1),
        .word_byte = block->word >> (BLOCK - 1),
        .digit = block->digit >> (BLOCK - 1),
        .space = block->space >> (BLOCK - 1),
    };
}

static void mark_all(struct sentences *sentences, const struct view *view)
{
    struct carry carry = {0};
    for (uint32_t at = 0; at < view->size; at += BLOCK) {
        struct block block = read_block(view->bytes + at);
        mark_block(sentences, at / BLOCK, &block, &carry,
                   view->size - at > BLOCK ? view->bytes[at + BLOCK] : '\n');
    }
    uint32_t rest = view->size % BLOCK;
    if (rest > 0) {
        uint64_t inside = ((uint64_t)1 << rest) - 1;
        sentences->word_bits[view->size / BLOCK] &= inside;
        sentences->bound_bits[view->size / BLOCK] &= inside;
    }
}

static void set_bit(uint64_t *bits, uint32_t at)
{
    bits[at / BLOCK] |= (uint64_t)1 << at % BLOCK;
}

static bool ends_sentence(uint8_t byte)
{
    return byte == '.' || byte == '!' || byte == '?' || byte == ';';
}

/* A first line that a line feed ends and no mark: "Terrible service". */
static void mark_title(struct sentences *sentences, const struct view *view,
                       struct view_cursor *cursor)
{
    const char *text = view->text.data;
    uint32_t begin = 0;
    while (begin < view->text.size && (text[begin] == '\n' || text[begin] == '\r' ||
                                       text[begin] == ' ' || text[begin] == '\t'))
        begin++;
    uint32_t left = view->text.size - begin;
    const char *feed = memchr(text + begin, '\n', left < TITLE_BYTES_MAX ? left : TITLE_BYTES_MAX);
    if (!feed)
        return;
    uint32_t characters = 0;
    for (const char *at = text + begin; at < feed; at++)
        characters += ((uint8_t)*at & 0xC0) != 0x80;
    if (characters > TITLE_CHARACTERS_MAX)
        return;
    uint32_t at = view_offset_of(view, cursor, (uint32_t)(feed - text));
    if (at < view->size)
        set_bit(sentences->bound_bits, at);
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

/* Capitals of U+0100 to U+017F stand directly before their small letters: on even places up to
 * U+0137 and from U+014A to U+0177, elsewhere on odd ones; but for U+0178. */
static lanes_bytes extended_capital(lanes_bytes lead, lanes_bytes second)
{
    lanes_bytes first_half = lanes_equal(lead, 0xC4);
    lanes_bytes second_half = lanes_equal(lead, 0xC5);
    lanes_bytes odd = (lanes_bytes)(((second & 1) ^ 1) - 1);
    lanes_bytes late = (lanes_bytes)(second >= 0xB8);
    lanes_bytes on_odd = late | (second_half & (lanes_bytes)(second < 0x8A));
    return (first_half | second_half) & ((lanes_bytes)(odd == on_odd) | lanes_equal(second, 0xB8));
}

/* Where a capital may stand behind a small letter, by their bytes: bit n for byte n, at least where
 * it is so. */
static uint32_t find_joined(const uint8_t *at)
{
    lanes_bytes before = lanes_load(at - 1);
    lanes_bytes lead = lanes_load(at);
    lanes_bytes small = lanes_within(before, 'a', 'z') | before;
    lanes_bytes capital = lanes_within(lead, 'A', 'Z');
    if (!lanes_bits(lead))
        return lanes_bits(small & capital);
    lanes_bytes second = lanes_load(at + 1);
    lanes_bytes cyrillic = lanes_equal(lead, 0xD0) & (lanes_bytes)(second < 0xB0);
    lanes_bytes greek = lanes_equal(lead, 0xCE) & (lanes_bytes)(second < 0xAC);
    lanes_bytes latin = lanes_equal(lead, 0xC3) & (lanes_bytes)(second < 0x9F);
    return lanes_bits(small &
                      (capital | cyrillic | greek | latin | extended_capital(lead, second)));
}

static void mark_joined(struct sentences *sentences, const struct view *view,
                        struct view_cursor *cursor)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    for (uint32_t at = 1; at < view->text.size; at += LANES) {
        for (uint32_t bits = find_joined(text + at); bits; bits &= bits - 1) {
            uint32_t found = at + (uint32_t)__builtin_ctz(bits);
            if (found >= view->text.size || !begins_inside_word(view, found))
                continue;
            uint32_t offset = view_offset_of(view, cursor, found);
            if (offset > 0 && offset < view->size && view_is_word(view->bytes[offset])) {
                set_bit(sentences->bound_bits, offset - 1);
                set_bit(sentences->word_bits, offset);
            }
        }
    }
}

/* The compiler's own needs an instruction that old processors have not. */
static uint32_t count_bits(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)(bits * 0x0101010101010101u >> (BLOCK - 8));
}

/* Writes more than there are and counts what there are: a loop that ends after as many rounds as
 * the last one is foreseen by the processor, one round a word is not. */
static void list_words(struct sentences *sentences, uint32_t size)
{
    enum { AT_ONCE = 8 };
    uint32_t count = 0;
    for (uint32_t block = 0; block * BLOCK < size; block++) {
        uint64_t bits = sentences->word_bits[block];
        uint32_t end = count + count_bits(bits);
        sentences->words_before[block] = count;
        for (uint32_t *word = sentences->words + count; bits; word += AT_ONCE) {
            for (uint32_t i = 0; i < AT_ONCE; i++) {
                uint64_t left = bits | (uint64_t)1 << (BLOCK - 1); /* never none */
                word[i] = block * BLOCK + (uint32_t)__builtin_ctzll(left);
                bits &= bits - 1;
            }
        }
        count = end;
    }
    sentences->word_count = count;
}

/* How many words begin before byte `offset`. */
static uint32_t words_before(const struct sentences *sentences, uint32_t offset)
{
    uint64_t below = ((uint64_t)1 << offset % BLOCK) - 1;
    return sentences->words_before[offset / BLOCK] +
           count_bits(sentences->word_bits[offset / BLOCK] & below);
}

static bool is_abbreviation(const uint8_t *word, uint32_t size)
{
    enum { AT_ONCE = LANES / ABBREVIATION_BYTES_MAX };
    typedef uint32_t lanes_words __attribute__((vector_size(LANES)));
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
    char padded[ABBREVIATION_BYTES_MAX] = {0};
    memcpy(padded, word, size);
    lanes_words same = (lanes_words){0};
    for (uint32_t i = 0; i < sizeof abbreviations / sizeof abbreviations[0]; i++) {
        lanes_words four;
        memcpy(&four, abbreviations[i], sizeof four);
        same |= (lanes_words)(four == load_32(padded));
    }
    return lanes_bits((lanes_bytes)same) != 0;
}

static uint32_t word_end(const uint8_t *bytes, uint32_t at)
{
    while (view_is_word(bytes[at]))
        at++;
    return at;
}

/* How many word bytes stand directly before `at`, one more than an abbreviation has at most. */
static uint32_t word_bytes_before(const uint8_t *bytes, uint32_t at)
{
    uint32_t size = 0;
    while (size < at && size <= ABBREVIATION_BYTES_MAX && view_is_word(bytes[at - size - 1]))
        size++;
    return size;
}

/* A dot that ends no sentence, by the word before it and what follows it directly. */
static bool is_inner_dot(const uint8_t *bytes, uint32_t at)
{
    uint32_t size = word_bytes_before(bytes, at);
    uint32_t begin = at - size;
    if (size == 1 && view_is_letter(bytes[begin]))
        return true;
    bool dotted = begin > 1 && bytes[begin - 1] == '.' && view_is_word(bytes[begin - 2]);
    if (size > 0 && size <= 2 && dotted) /* the last dot of "m.in." */
        return true;
    if (view_is_word(bytes[at + 1])) {
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

static bool is_bound(const uint8_t *bytes, uint32_t at)
{
    if (bytes[at] == ';')
        return !is_entity(bytes, at);
    if (bytes[at] != '.' || ends_sentence(bytes[at + 1]) || (at > 0 && bytes[at - 1] == '.'))
        return true;
    return !is_inner_dot(bytes, at);
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

static void begin_sentence(struct sentences *sentences, uint32_t at, uint32_t word, bool goes_on)
{
    sentences->starts[sentences->count] = at;
    sentences->goes_on[sentences->count] = goes_on;
    sentences->first_word[sentences->count++] = word;
}

/* Windows of SENTENCE_WORDS_MAX words from the last start up to the word `word`. */
static void fill_windows(struct sentences *sentences, uint32_t word)
{
    uint32_t first = sentences->first_word[sentences->count - 1];
    for (first += SENTENCE_WORDS_MAX; first < word; first += SENTENCE_WORDS_MAX)
        begin_sentence(sentences, sentences->words[first], first, true);
}

static void list_sentences(struct sentences *sentences, const struct view *view)
{
    uint32_t next = 1; /* no sentence begins before this byte any more */
    begin_sentence(sentences, 0, 0, false);
    for (uint32_t block = 0; block * BLOCK < view->size; block++) {
        for (uint64_t bits = sentences->bound_bits[block]; bits; bits &= bits - 1) {
            uint32_t at = block * BLOCK + (uint32_t)__builtin_ctzll(bits);
            if (at + 1 < next || !is_bound(view->bytes, at))
                continue;
            uint32_t begin = sentence_begin(view, at);
            next = begin + 1;
            if (begin == view->size)
                break;
            uint32_t word = words_before(sentences, begin);
            if (word == sentences->first_word[sentences->count - 1])
                continue; /* a sentence has a word */
            fill_windows(sentences, word);
            begin_sentence(sentences, begin, word, false);
        }
    }
    fill_windows(sentences, sentences->word_count);
    sentences->first_word[sentences->count] = sentences->word_count;
}

void sentences_split(struct sentences *sentences, const struct view *view)
{
    sentences->count = 0;
    sentences->word_count = 0;
    sentences->first_word[0] = 0;
    if (view->size == 0)
        return;
    struct view_cursor title = {0};
    struct view_cursor joined = {0};
    mark_all(sentences, view);
    mark_title(sentences, view, &title);
    mark_joined(sentences, view, &joined);
    list_words(sentences, view->size);
    list_sentences(sentences, view);
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

/* An apostrophe between word bytes, a dot or a comma between digits. The guard stands behind. */
static bool joins(const uint8_t *at)
{
    return (*at == '\'' && view_is_word(at[1])) ||
           ((*at == '.' || *at == ',') && is_digit(at[-1]) && is_digit(at[1]));
}

uint32_t sentences_word_end(const struct sentences *sentences, const struct view *view,
                            uint32_t word)
{
    uint32_t at = sentences->words[word];
    while (at < view->size && (view_is_word(view->bytes[at]) ||
                               (at > sentences->words[word] && joins(view->bytes + at))))
        at++;
    return at;
}
