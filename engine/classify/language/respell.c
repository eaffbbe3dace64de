#include "classify/language/respell_words.h"

#include <string.h>

enum { STEPS_MAX = 1000000 /* of a text: some milliseconds */ };

/* A word of the message: its bytes, its letters as typed, and which of them were capitals. */
struct found_word {
    uint32_t start;
    uint32_t end;
    struct typed_word typed;
    bool capital[RESPELL_TYPED_MAX];
    bool has_letters;
    bool has_others; /* digits, marks */
    bool too_long;
};

static bool is_latin(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* A letter drawn out counts once. */
static bool is_drawn_out(const struct typed_word *typed, uint8_t letter)
{
    return is_latin(letter) && typed->size >= 2 && typed->letters[typed->size - 1] == letter &&
           typed->letters[typed->size - 2] == letter;
}

static void take_letter(struct found_word *word, uint8_t letter, bool capital)
{
    struct typed_word *typed = &word->typed;
    if (is_drawn_out(typed, letter))
        return;
    word->too_long |= typed->size == RESPELL_TYPED_MAX;
    if (word->too_long)
        return;
    word->capital[typed->size] = capital;
    typed->letters[typed->size++] = letter;
    word->has_letters |= is_latin(letter);
    word->has_others |= !is_latin(letter);
}

/* Reads the word that begins at `at`, if one does; its end is behind what was read in any case. */
static struct found_word word_at(const struct respell_words *words, struct slice text, uint32_t at)
{
    struct found_word word = {.start = at, .end = at};
    while (word.end < text.size) {
        struct view_character next = view_character_at(text, word.end);
        bool mark = next.count == 1 && (next.fold[0] == '\'' || next.fold[0] == '`');
        bool takes = next.size > 0 && !(mark && word.typed.size == 0);
        for (uint32_t index = 0; index < next.count; index++)
            takes &= respell_words_take(words, next.fold[index]);
        if (!takes || (next.count == 0 && word.typed.size == 0))
            break;
        for (uint32_t index = 0; index < next.count; index++)
            take_letter(&word, next.fold[index], view_is_capital(next.code_point));
        word.end += next.size;
    }
    return word;
}

/* A text that is being respelt. */
struct work {
    const struct respell_words *words;
    struct slice text;
    struct respelling *out;
    uint32_t steps_left;
};

enum { SPELT_BYTES_MAX = 2 * RESPELL_TYPED_MAX * RESPELL_MEANT_BYTES_MAX };

/* Small Greek and Cyrillic letters of the readings stand 0x20 behind their capitals. */
static uint32_t put_meant(char *out, const char *meant, bool capital)
{
    uint32_t size = (uint32_t)strlen(meant);
    uint32_t code_point = 0;
    memcpy(out, meant, size);
    if (capital && utf8_decode(meant, size, &code_point, NULL) > 0 && code_point >= 'a')
        utf8_encode(code_point - 0x20, out); /* as many bytes as the small one */
    return size;
}

static bool put_word(struct work *work, const struct found_word *word,
                     const struct meant_word *meant)
{
    char spelt[SPELT_BYTES_MAX];
    uint32_t size = 0;
    for (uint32_t index = 0; index < meant->count; index++)
        size += put_meant(spelt + size, meant->text[index], word->capital[meant->at[index]]);
    if (size > 2 && memcmp(spelt + size - 2, "σ", 2) == 0)
        memcpy(spelt + size - 2, "ς", 2);
    return respelling_replace(work->out, word->start, word->end, spelt, size);
}

/* False where a limit was met. */
static bool respell_word(struct work *work, const struct found_word *word)
{
    struct meant_word meant;
    bool in_limits = true;
    if (word->has_letters && !word->too_long) {
        in_limits = respell_words_find(work->words, &word->typed, &work->steps_left, &meant);
        /* "mp3", "4you": digits are letters only in words that are known. */
        if (in_limits && (meant.known || !word->has_others)) {
            if (put_word(work, word, &meant))
                return true;
            in_limits = false;
        }
    }
    respelling_keep(work->out, word->start, word->end);
    return in_limits;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* A handle, a link or an e-mail address, which stays as it is. */
static bool is_address(const char *bytes, uint32_t size)
{
    if (memchr(bytes, '@', size) || (size > 4 && memcmp(bytes, "www.", 4) == 0))
        return true;
    for (uint32_t at = 0; at + 1 < size; at++)
        if (bytes[at] == '/' && bytes[at + 1] == '/')
            return true;
    return false;
}

/* What stands between two blanks. False where a limit was met. */
static bool respell_chunk(struct work *work, uint32_t from, uint32_t to)
{
    const struct slice chunk = {work->text.data, to};
    bool in_limits = !is_address(work->text.data + from, to - from);
    if (!in_limits) {
        respelling_keep(work->out, from, to);
        return true;
    }
    while (from < to && in_limits) {
        struct found_word word = word_at(work->words, chunk, from);
        if (word.end > from) {
            in_limits = respell_word(work, &word);
            from = word.end;
            continue;
        }
        uint32_t size = view_character_at(chunk, from).size;
        uint32_t end = from + (size ? size : 1);
        respelling_keep(work->out, from, end);
        from = end;
    }
    respelling_keep(work->out, from, to);
    return in_limits;
}

bool respell(const struct respell_words *words, struct slice text, struct respelling *out)
{
    struct work work = {words, text, out, STEPS_MAX};
    bool in_limits = true;
    respelling_begin(out, text);
    for (uint32_t at = 0; at < text.size && in_limits;) {
        uint32_t end = at;
        while (end < text.size && is_blank(text.data[end]))
            end++;
        respelling_keep(out, at, end);
        at = end;
        while (end < text.size && !is_blank(text.data[end]))
            end++;
        in_limits = respell_chunk(&work, at, end);
        at = end;
        if (!in_limits)
            respelling_keep(out, at, text.size);
    }
    respelling_finish(out);
    return in_limits;
}
