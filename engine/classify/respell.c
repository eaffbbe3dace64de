#include "classify/respell_words.h"

#include "base/memory.h"

#include <string.h>

enum {
    WORDS_MAX = 8192,   /* of a text; the rest stays as it is */
    STEPS_MAX = 1000000 /* of a text: some milliseconds */
};

enum redress_status respelling_init(struct respelling *respelling)
{
    *respelling = (struct respelling){0};
    respelling->bytes = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES);
    respelling->marks = memory_allocate_array(WORDS_MAX, sizeof *respelling->marks);
    if (respelling->bytes && respelling->marks)
        return STATUS_OK;
    respelling_destroy(respelling);
    return STATUS_MEMORY;
}

void respelling_destroy(struct respelling *respelling)
{
    memory_free(respelling->bytes);
    memory_free(respelling->marks);
    *respelling = (struct respelling){0};
}

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
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t code_point = 0;
        size_t size = utf8_decode(text.data + word.end, text.size - word.end, &code_point, NULL);
        uint32_t count = size ? view_fold_character(code_point, folded) : 0;
        bool mark = count == 1 && (folded[0] == '\'' || folded[0] == '`');
        bool takes = size > 0 && !(mark && word.typed.size == 0);
        for (uint32_t index = 0; index < count; index++)
            takes &= respell_words_take(words, folded[index]);
        if (!takes || (count == 0 && word.typed.size == 0))
            break;
        for (uint32_t index = 0; index < count; index++)
            take_letter(&word, folded[index], view_is_capital(code_point));
        word.end += (uint32_t)size;
    }
    return word;
}

/* Small Greek and Cyrillic letters of the tables stand 0x20 behind their capitals. */
static void put_meant(struct respelling *out, const char *meant, bool capital)
{
    size_t size = strlen(meant);
    uint32_t code_point = 0;
    size_t first = utf8_decode(meant, size, &code_point, NULL);
    if (capital && first > 0 && code_point >= 'a') {
        char letter[UTF8_CHARACTER_BYTES_MAX];
        size_t letter_size = utf8_encode(code_point - 0x20, letter);
        memcpy(out->bytes + out->text.size, letter, letter_size);
        out->text.size += (uint32_t)letter_size;
        meant += first;
        size -= first;
    }
    memcpy(out->bytes + out->text.size, meant, size);
    out->text.size += (uint32_t)size;
}

static void copy(struct respelling *out, struct slice text, uint32_t from, uint32_t to)
{
    memcpy(out->bytes + out->text.size, text.data + from, to - from);
    out->text.size += to - from;
}

static uint32_t meant_size(const struct meant_word *meant)
{
    uint32_t size = 0;
    for (uint32_t index = 0; index < meant->count; index++)
        size += (uint32_t)strlen(meant->text[index]);
    return size;
}

/* Puts the word as it is meant. False where there is no room for it and what follows. */
static bool put_word(struct respelling *out, struct slice text, const struct found_word *word,
                     const struct meant_word *meant)
{
    uint32_t left = text.size - word->end;
    if (out->mark_count == WORDS_MAX ||
        out->text.size + meant_size(meant) + left > MESSAGE_TEXT_BYTES_MAX)
        return false;
    struct respell_mark *mark = &out->marks[out->mark_count++];
    mark->respelt = out->text.size;
    mark->text = word->start;
    for (uint32_t index = 0; index < meant->count; index++)
        put_meant(out, meant->text[index], word->capital[meant->at[index]]);
    mark->respelt_end = out->text.size;
    mark->text_end = word->end;
    return true;
}

/* False where a limit was met. */
static bool respell_word(const struct respell_words *words, struct slice text,
                         const struct found_word *word, struct respelling *out)
{
    struct meant_word meant;
    bool in_limits = true;
    if (word->has_letters && !word->too_long) {
        in_limits = respell_words_find(words, &word->typed, &out->steps_left, &meant);
        /* "mp3", "4you": digits are letters only in words that are known. */
        if (in_limits && (meant.known || !word->has_others)) {
            if (put_word(out, text, word, &meant))
                return true;
            in_limits = false;
        }
    }
    copy(out, text, word->start, word->end);
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

/* What stands between two blanks. */
static bool respell_chunk(const struct respell_words *words, struct slice text, uint32_t from,
                          uint32_t to, struct respelling *out)
{
    if (is_address(text.data + from, to - from)) {
        copy(out, text, from, to);
        return true;
    }
    const struct slice chunk = {text.data, to};
    while (from < to) {
        struct found_word word = word_at(words, chunk, from);
        if (word.end == from) {
            uint32_t code_point = 0;
            size_t size = utf8_decode(text.data + from, to - from, &code_point, NULL);
            uint32_t end = from + (size ? (uint32_t)size : 1);
            copy(out, text, from, end);
            from = end;
            continue;
        }
        from = word.end;
        if (respell_word(words, text, &word, out))
            continue;
        copy(out, text, from, to);
        return false;
    }
    return true;
}

bool respell(const struct respell_words *words, struct slice text, struct respelling *respelling)
{
    bool in_limits = true;
    respelling->text = (struct slice){respelling->bytes, 0};
    respelling->mark_count = 0;
    respelling->steps_left = STEPS_MAX;
    for (uint32_t at = 0; at < text.size;) {
        uint32_t end = at;
        while (end < text.size && is_blank(text.data[end]))
            end++;
        copy(respelling, text, at, end);
        at = end;
        while (end < text.size && !is_blank(text.data[end]))
            end++;
        if (in_limits)
            in_limits = respell_chunk(words, text, at, end, respelling);
        else
            copy(respelling, text, at, end);
        at = end;
    }
    memset(respelling->bytes + respelling->text.size, 0, MESSAGE_PADDING_BYTES);
    return in_limits;
}

/* The last word that begins at or before `offset`, or NULL. */
static const struct respell_mark *mark_before(const struct respelling *respelling, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = respelling->mark_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (respelling->marks[middle].respelt <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &respelling->marks[low - 1] : NULL;
}

void respelling_span(const struct respelling *respelling, uint32_t *start, uint32_t *end)
{
    const struct respell_mark *mark = mark_before(respelling, *start);
    if (mark)
        *start =
            *start < mark->respelt_end ? mark->text : mark->text_end + (*start - mark->respelt_end);
    mark = *end > 0 ? mark_before(respelling, *end - 1) : NULL;
    if (mark)
        *end = *end <= mark->respelt_end ? mark->text_end
                                         : mark->text_end + (*end - mark->respelt_end);
}
