#include "classify/language/unmix.h"

#include "base/lanes.h"
#include "text/utf8.h"
#include "text/view.h"

#include <string.h>

enum { BLOCK = 3 * LANES, WORD_BYTES_MAX = 128 /* a longer word stays as it is */ };

enum letter_script { LETTER_LATIN, LETTER_CYRILLIC, LETTER_GREEK, LETTER_SCRIPTS };

/* Letters that look alike, as code points by script; 0 has no double there. */
static const uint32_t doubles[][LETTER_SCRIPTS] = {
    {'a', 0x430, 0x3b1}, {'A', 0x410, 0x391}, {'B', 0x412, 0x392}, {'b', 0, 0x3b2},
    {'c', 0x441, 0x3f2}, {'C', 0x421, 0x3f9}, {'e', 0x435, 0x3b5}, {'E', 0x415, 0x395},
    {'H', 0x41d, 0x397}, {'h', 0x4bb, 0},     {'i', 0x456, 0x3b9}, {'I', 0x406, 0x399},
    {'j', 0x458, 0x3f3}, {'J', 0x408, 0x37f}, {'k', 0x43a, 0x3ba}, {'K', 0x41a, 0x39a},
    {'M', 0x41c, 0x39c}, {'m', 0x43c, 0},     {'N', 0, 0x39d},     {'n', 0x43f, 0x3b7},
    {'o', 0x43e, 0x3bf}, {'O', 0x41e, 0x39f}, {'p', 0x440, 0x3c1}, {'P', 0x420, 0x3a1},
    {'s', 0x455, 0},     {'S', 0x405, 0},     {'t', 0x442, 0x3c4}, {'T', 0x422, 0x3a4},
    {'u', 0, 0x3c5},     {'v', 0, 0x3bd},     {'w', 0x461, 0x3c9}, {'x', 0x445, 0x3c7},
    {'X', 0x425, 0x3a7}, {'y', 0x443, 0x3b3}, {'Y', 0x423, 0x3a5}, {'Z', 0, 0x396},
    {'z', 0, 0x3b6},     {'a', 0, 0x3ac},     {'e', 0, 0x3ad},     {'i', 0, 0x3af},
    {'o', 0, 0x3cc},     {'u', 0, 0x3cd},     {'w', 0, 0x3ce},     {'i', 0, 0x3ca},
};

/* Where a word ends, and how many of its letters are of each script. */
struct mixed_word {
    uint32_t end;
    uint32_t letters[LETTER_SCRIPTS];
};

static bool is_letter_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Of Greek and Cyrillic, U+0370 to U+04FF. */
static bool is_foreign_lead(uint8_t byte)
{
    return byte >= 0xCD && byte <= 0xD3;
}

static enum letter_script script_of_byte(uint8_t byte)
{
    if (is_letter_byte(byte))
        return LETTER_LATIN;
    if (byte == 0xD0 || byte == 0xD1) /* U+0400 to U+047F */
        return LETTER_CYRILLIC;
    return byte == 0xCE || byte == 0xCF ? LETTER_GREEK : LETTER_SCRIPTS; /* U+0380 to U+03FF */
}

/* Whether an ASCII letter and one of another script stand side by side at `at`. */
static bool meets(const uint8_t *bytes, uint32_t at)
{
    if (is_letter_byte(bytes[at]))
        return is_foreign_lead(bytes[at + 1]);
    return at > 0 && is_foreign_lead(bytes[at - 1]) && is_letter_byte(bytes[at + 1]);
}

/* Whether a block may have letters of Greek or Cyrillic. */
static bool may_be_foreign(const uint8_t *at)
{
    lanes_bytes all = {0};
    lanes_bytes foreign = {0};
    for (uint32_t i = 0; i < BLOCK; i += LANES)
        all |= lanes_load(at + i);
    if (lanes_bits(all) == 0)
        return false;
    for (uint32_t i = 0; i < BLOCK; i += LANES)
        foreign |= lanes_within(lanes_load(at + i), 0xCD, 0xD3);
    return lanes_bits(foreign) != 0;
}

/* Whether a block and the byte behind it have ASCII letters. */
static bool has_letters(const uint8_t *at)
{
    lanes_bytes letters = lanes_within(lanes_load(at + BLOCK - LANES + 1) | 0x20, 'a', 'z');
    for (uint32_t i = 0; i < BLOCK; i += LANES)
        letters |= lanes_within(lanes_load(at + i) | 0x20, 'a', 'z');
    return lanes_bits(letters) != 0;
}

/* ASCII that is no letter: what stands between words. */
static bool is_between(char byte)
{
    return (uint8_t)byte < 0x80 && !is_letter_byte((uint8_t)byte);
}

/* The script of the letter that stands last in front of `at`, first behind it; LETTER_SCRIPTS at an
 * edge of the text, and where something else than ASCII stands between. */
static enum letter_script script_before(struct slice text, uint32_t at)
{
    while (at > 0 && is_between(text.data[at - 1]))
        at--;
    uint32_t size = at > 0 && (uint8_t)text.data[at - 1] >= 0x80 ? 2 : 1;
    return at >= size ? script_of_byte((uint8_t)text.data[at - size]) : LETTER_SCRIPTS;
}

static enum letter_script script_behind(struct slice text, uint32_t at)
{
    while (at < text.size && is_between(text.data[at]))
        at++;
    return at < text.size ? script_of_byte((uint8_t)text.data[at]) : LETTER_SCRIPTS;
}

/* Whether the letter at `at` is a word among words of another script. */
static bool is_stranger(struct slice text, uint32_t at)
{
    enum letter_script own = script_of_byte((uint8_t)text.data[at]);
    enum letter_script before = script_before(text, at);
    enum letter_script behind = script_behind(text, at + (own == LETTER_LATIN ? 1 : 2));
    enum letter_script other = before == LETTER_SCRIPTS ? behind : before;
    return own != LETTER_SCRIPTS && other != LETTER_SCRIPTS && other != own &&
           (behind == other || behind == LETTER_SCRIPTS);
}

static bool meets_in_lanes(struct slice text, uint32_t at)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    lanes_bytes lanes = lanes_load(bytes + at);
    lanes_bytes next = lanes_load(bytes + at + 1);
    lanes_bytes before = lanes_within(lanes | 0x20, 'a', 'z') & lanes_within(next, 0xCD, 0xD3);
    lanes_bytes behind = lanes_continuation(lanes) & lanes_within(next | 0x20, 'a', 'z');
    for (uint32_t bits = lanes_bits(before | behind); bits; bits &= bits - 1) {
        uint32_t found = at + (uint32_t)__builtin_ctz(bits);
        if (found + 1 < text.size && meets(bytes, found))
            return true;
    }
    return false;
}

/* Whether a stranger stands behind one of the bytes from `at` on: a letter between blanks or
 * punctuation. */
static bool has_stranger(struct slice text, uint32_t at)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    lanes_bytes lanes = lanes_load(bytes + at);
    lanes_bytes blank = lanes_within(lanes, 0, '/');
    lanes_bytes next = lanes_load(bytes + at + 1);
    lanes_bytes latin =
        lanes_within(next | 0x20, 'a', 'z') & lanes_within(lanes_load(bytes + at + 2), 0, '/');
    lanes_bytes others =
        lanes_within(next, 0xCD, 0xD3) & lanes_within(lanes_load(bytes + at + 3), 0, '/');
    for (uint32_t bits = lanes_bits(blank & (latin | others)); bits; bits &= bits - 1) {
        uint32_t found = at + (uint32_t)__builtin_ctz(bits) + 1;
        if (found < text.size && is_stranger(text, found))
            return true;
    }
    return false;
}

static bool meets_in_block(struct slice text, uint32_t block)
{
    for (uint32_t at = block; at < block + BLOCK; at += LANES)
        if (meets_in_lanes(text, at))
            return true;
    return false;
}

/* Whether a word of one letter is in another script than the words around it. */
static bool has_strangers(struct slice text)
{
    /* The first word has no byte in front. */
    uint32_t size = text.size > 1 && is_foreign_lead((uint8_t)text.data[0]) ? 2 : 1;
    if (text.size > size && (uint8_t)text.data[size] <= '/' && is_stranger(text, 0))
        return true;
    for (uint32_t at = 0; at < text.size; at += LANES)
        if (has_stranger(text, at))
            return true;
    return false;
}

/* Most texts are in Latin letters alone, and most others have few of them. */
bool unmix_is_needed(struct slice text)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    uint32_t at = 0;
    while (at < text.size && !may_be_foreign(bytes + at))
        at += BLOCK;
    if (at >= text.size)
        return false;
    bool is_mixed = at > 0; /* what is not foreign has Latin letters */
    /* A letter may stand before the first foreign one, in the block before. */
    for (at = at < BLOCK ? 0 : at - BLOCK; at < text.size; at += BLOCK) {
        if (!has_letters(bytes + at))
            continue;
        if (meets_in_block(text, at))
            return true;
        is_mixed = true;
    }
    return is_mixed && has_strangers(text);
}

/* LETTER_SCRIPTS for what is no letter of the three. */
static enum letter_script script_of(const struct view_character *character)
{
    if (character->count == 0)
        return LETTER_SCRIPTS;
    switch (view_script(character->fold[0])) {
    case VIEW_SCRIPT_LATIN:
        return LETTER_LATIN;
    case VIEW_SCRIPT_CYRILLIC:
        return LETTER_CYRILLIC;
    case VIEW_SCRIPT_GREEK:
        return LETTER_GREEK;
    case VIEW_SCRIPT_NONE:
    case VIEW_SCRIPT_OTHER:
    case VIEW_SCRIPT_SYMBOL:
        break;
    }
    return LETTER_SCRIPTS;
}

/* The word that begins at `at`: letters and what vanishes between them. */
static struct mixed_word word_at(struct slice text, uint32_t at)
{
    struct mixed_word word = {.end = at};
    while (word.end < text.size) {
        struct view_character next = view_character_at(text, word.end);
        enum letter_script script = script_of(&next);
        bool vanishes = word.end > at && next.count == 0;
        if (next.size == 0 || (script == LETTER_SCRIPTS && !vanishes))
            break;
        if (script != LETTER_SCRIPTS)
            word.letters[script]++;
        word.end += next.size;
    }
    return word;
}

/* Letters of Russian and Greek; their neighbours' only ever become Latin ones. */
static bool is_usual(uint32_t code_point, enum letter_script script)
{
    if (script == LETTER_CYRILLIC)
        return code_point >= 0x410 && code_point <= 0x44f;
    return script == LETTER_LATIN || (code_point >= 0x391 && code_point <= 0x3ce);
}

/* The double of a letter in a script; 0 where it has none. */
static uint32_t double_of(uint32_t code_point, enum letter_script from, enum letter_script to)
{
    for (size_t index = 0; index < sizeof doubles / sizeof doubles[0]; index++)
        if (doubles[index][from] == code_point && is_usual(doubles[index][to], to))
            return doubles[index][to];
    return 0;
}

/* Writes the word in one script. False where a letter has no double in it, or there is no room. */
static bool write_in(struct slice text, uint32_t at, uint32_t end, enum letter_script target,
                     char *out, uint32_t *size)
{
    *size = 0;
    while (at < end) {
        struct view_character next = view_character_at((struct slice){text.data, end}, at);
        enum letter_script script = script_of(&next);
        uint32_t code_point = next.code_point;
        if (script != LETTER_SCRIPTS && script != target)
            code_point = double_of(code_point, script, target);
        if (code_point == 0 || *size + UTF8_CHARACTER_BYTES_MAX > WORD_BYTES_MAX)
            return false;
        *size += (uint32_t)utf8_encode(code_point, out + *size);
        at += next.size;
    }
    return true;
}

static bool becomes(struct slice text, uint32_t at, uint32_t end, enum letter_script target,
                    struct respelling *out)
{
    char spelt[WORD_BYTES_MAX];
    uint32_t size = 0;
    return write_in(text, at, end, target, spelt, &size) &&
           respelling_replace(out, at, end, spelt, size);
}

/* The script of the text where that can be, also for a word that is wholly in another ("c" in
 * Russian); else, of a mixed word, the first that can be. */
static void unmix_word(struct slice text, uint32_t at, const struct mixed_word *word,
                       enum letter_script common, struct respelling *out)
{
    uint32_t scripts = 0;
    uint32_t others = 0;
    for (unsigned script = 0; script < LETTER_SCRIPTS; script++) {
        scripts += word->letters[script] > 0;
        others += script == common ? 0 : word->letters[script];
    }
    if (others > 0 && becomes(text, at, word->end, common, out))
        return;
    for (unsigned script = 0; scripts > 1 && script < LETTER_SCRIPTS; script++)
        if (word->letters[script] > 0 &&
            becomes(text, at, word->end, (enum letter_script)script, out))
            return;
    respelling_keep(out, at, word->end);
}

/* Behind the character at `at`. */
static uint32_t next_of(struct slice text, uint32_t at)
{
    uint32_t size = view_character_at(text, at).size;
    return at + (size ? size : 1);
}

/* What stands up to the end of the next blank-free run, by its bytes alone: no word goes beyond. */
struct chunk {
    uint32_t end;
    bool plain; /* its letters are ASCII, or Russian, or Greek, and of no other kind */
    uint32_t letters[LETTER_SCRIPTS]; /* where it is plain; of one script at most */
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n';
}

static struct chunk chunk_at(struct slice text, uint32_t at)
{
    struct chunk chunk = {.plain = true};
    while (at < text.size && is_blank(text.data[at]))
        at++;
    for (; at < text.size && !is_blank(text.data[at]); at++) {
        uint8_t byte = (uint8_t)text.data[at];
        enum letter_script script = script_of_byte(byte);
        if (script != LETTER_SCRIPTS)
            chunk.letters[script]++;
        else
            chunk.plain &= byte < 0xC0;
    }
    unsigned scripts = 0;
    for (unsigned script = 0; script < LETTER_SCRIPTS; script++)
        scripts += chunk.letters[script] > 0;
    chunk.plain &= scripts <= 1;
    chunk.end = at;
    return chunk;
}

static void add_letters(uint32_t *sums, const uint32_t *letters)
{
    for (unsigned script = 0; script < LETTER_SCRIPTS; script++)
        sums[script] += letters[script];
}

/* The letters of a chunk, one character after the other. */
static void count_letters(struct slice text, uint32_t at, uint32_t end, uint32_t *sums)
{
    const struct slice head = {text.data, end};
    while (at < end) {
        struct mixed_word word = word_at(head, at);
        add_letters(sums, word.letters);
        at = word.end > at ? word.end : next_of(head, at);
    }
}

static enum letter_script common_script(struct slice text)
{
    uint32_t letters[LETTER_SCRIPTS] = {0};
    for (uint32_t at = 0; at < text.size;) {
        struct chunk chunk = chunk_at(text, at);
        if (chunk.plain)
            add_letters(letters, chunk.letters);
        else
            count_letters(text, at, chunk.end, letters);
        at = chunk.end;
    }
    enum letter_script common = LETTER_LATIN;
    for (unsigned script = 0; script < LETTER_SCRIPTS; script++)
        if (letters[script] > letters[common])
            common = (enum letter_script)script;
    return common;
}

static void unmix_chunk(struct slice text, uint32_t at, uint32_t end, enum letter_script common,
                        struct respelling *out)
{
    const struct slice head = {text.data, end};
    while (at < end) {
        struct mixed_word word = word_at(head, at);
        if (word.end > at) {
            unmix_word(head, at, &word, common, out);
            at = word.end;
            continue;
        }
        uint32_t next = next_of(head, at);
        respelling_keep(out, at, next);
        at = next;
    }
}

/* Most chunks are in the script of the text, and stay. */
static bool stays(const struct chunk *chunk, enum letter_script common)
{
    for (unsigned script = 0; script < LETTER_SCRIPTS; script++)
        if (script != common && chunk->letters[script] > 0)
            return false;
    return chunk->plain;
}

void unmix(struct slice text, struct respelling *out)
{
    enum letter_script common = common_script(text);
    respelling_begin(out, text);
    for (uint32_t at = 0; at < text.size;) {
        struct chunk chunk = chunk_at(text, at);
        if (stays(&chunk, common))
            respelling_keep(out, at, chunk.end);
        else
            unmix_chunk(text, at, chunk.end, common, out);
        at = chunk.end;
    }
    respelling_finish(out);
}
