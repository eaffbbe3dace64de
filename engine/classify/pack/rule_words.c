#include "classify/pack/rule_words.h"

#include "text/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One pattern being written. */
struct writer {
    struct rule_words *words;
    char *out;
    size_t size;
    bool failed;
};

/* An entry being read: a sequence of items up to its end, or up to '|' or ')' in brackets. */
struct reader {
    const char *entry; /* the whole of it, for errors */
    const char *at;
    unsigned depth;
};

enum item_kind { ITEM_WORD, ITEM_CHOICE, ITEM_LIST, ITEM_ANY, ITEM_GAP, ITEM_PARTED };

/* One item of a sequence: where it stands and what it is. */
struct item {
    enum item_kind kind;
    const char *start;
    const char *end; /* of the item itself, without its question mark */
    bool optional;
};

enum { ITEMS_MAX = 32 };

__attribute__((format(printf, 4, 5))) static void
fail(struct writer *writer, const struct reader *reader, const char *where, const char *format, ...)
{
    if (writer->failed)
        return;
    writer->failed = true;
    writer->words->error_at = (uint32_t)(where - reader->entry);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(writer->words->error, sizeof writer->words->error, format, arguments);
    va_end(arguments);
}

static void put(struct writer *writer, const char *text)
{
    size_t size = strlen(text);
    if (writer->failed)
        return;
    if (writer->size + size >= RULE_WORDS_PATTERN_BYTES_MAX) {
        writer->failed = true;
        snprintf(writer->words->error, sizeof writer->words->error,
                 "written out this is longer than %d bytes: split it",
                 RULE_WORDS_PATTERN_BYTES_MAX);
        return;
    }
    memcpy(writer->out + writer->size, text, size + 1);
    writer->size += size;
}

static void put_gap(struct writer *writer, uint32_t words_max)
{
    char gap[64];
    snprintf(gap, sizeof gap, "(?:[^\\w.!?;]++\\w++){0,%u}?[^\\w.!?;]++", words_max);
    put(writer, gap);
}

/* The size of the UTF-8 character at `at`; at least 1. */
static size_t character_size(const char *at)
{
    unsigned char lead = (unsigned char)*at;
    size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (size_t index = 1; index < size; index++)
        if (((unsigned char)at[index] & 0xC0) != 0x80)
            return index;
    return size;
}

static uint32_t code_point_of(const char *at, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)at;
    if (size == 2)
        return (bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu);
    if (size == 3)
        return (bytes[0] & 0x0Fu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
    return bytes[0];
}

/* The bare letter that the view makes of this one, as UTF-8; NULL where it is bare itself. */
static const char *bare_letter(uint32_t code_point, char out[2])
{
    static const struct {
        uint32_t letter;
        const char *bare;
    } others[] = {
        {0x3AC, "α"}, {0x3AD, "ε"}, {0x3AE, "η"}, {0x3AF, "ι"}, {0x3CA, "ι"},
        {0x390, "ι"}, {0x3CC, "ο"}, {0x3CD, "υ"}, {0x3CB, "υ"}, {0x3B0, "υ"},
        {0x3CE, "ω"}, {0x439, "и"}, {0x451, "е"},
    };
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++)
        if (others[index].letter == code_point)
            return others[index].bare;
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    if (code_point < 0x80 || view_fold_character(code_point, folded) != 1 || folded[0] < 'a' ||
        folded[0] > 'z')
        return NULL;
    out[0] = (char)folded[0];
    out[1] = 0;
    return out;
}

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || (unsigned char)byte >= 0x80;
}

static void put_character(struct writer *writer, const char *at, size_t size)
{
    char text[16] = {0};
    char bare[2];
    if (*at == '\'') { /* people leave it out */
        put(writer, writer->words->accents ? "['’]?" : "'?");
        return;
    }
    if (*at == '-') { /* or write a blank, or nothing */
        put(writer, "[- ]?");
        return;
    }
    if (size == 1 && !is_word_byte(*at))
        text[0] = '\\';
    memcpy(text + strlen(text), at, size);
    const char *base = writer->words->accents ? bare_letter(code_point_of(at, size), bare) : NULL;
    if (!base) {
        put(writer, text);
        return;
    }
    put(writer, "[");
    put(writer, text);
    put(writer, base);
    put(writer, "]");
}

/* A word with its open ends: no edge is written here, the sequence knows where it needs one. */
static void put_word(struct writer *writer, const struct reader *reader, const char *start,
                     const char *end)
{
    const char *at = start;
    if (at < end && *at == '*') {
        put(writer, "\\w*");
        at++;
    }
    if (at == end || *at == '*') {
        fail(writer, reader, start, "a lone * means nothing: _ is any one word");
        return;
    }
    while (at < end && *at != '*') {
        size_t size = character_size(at);
        if (*at == '\\') {
            fail(writer, reader, at,
                 "\\ means nothing in words: _ is any one word, or write a pattern");
            return;
        }
        put_character(writer, at, size);
        at += size;
    }
    if (at == end)
        return;
    put(writer, "\\w*");
    if (at + 1 != end)
        fail(writer, reader, at, "* stands at an end of a word, not within it");
}

static bool gap_at(const char *at, size_t *size)
{
    if (strncmp(at, "…", strlen("…")) == 0)
        *size = strlen("…");
    else if (strncmp(at, "...", 3) == 0)
        *size = 3;
    else
        return false;
    return true;
}

/* The end of the brackets that open at `at`, or NULL. */
static const char *closing(const char *at, char open, char close)
{
    unsigned depth = 0;
    for (; *at; at++) {
        depth += *at == open;
        if (*at == close && --depth == 0)
            return at;
    }
    return NULL;
}

static bool read_bracketed(struct writer *writer, struct reader *reader, struct item *item)
{
    char open = *reader->at;
    const char *end = closing(reader->at, open, open == '(' ? ')' : '}');
    item->kind = open == '(' ? ITEM_CHOICE : ITEM_LIST;
    item->start = reader->at + 1;
    if (!end) {
        fail(writer, reader, reader->at, "\"%c\" is never closed", open);
        return false;
    }
    item->end = end;
    reader->at = end + 1;
    return true;
}

static bool read_item(struct writer *writer, struct reader *reader, struct item *item)
{
    size_t size = 0;
    *item = (struct item){.kind = ITEM_WORD, .start = reader->at};
    if (*reader->at == '(' || *reader->at == '{') {
        if (!read_bracketed(writer, reader, item))
            return false;
    } else if (gap_at(reader->at, &size)) {
        item->kind = ITEM_GAP;
        reader->at += size;
        item->end = reader->at;
    } else {
        if (*reader->at == '~')
            item->kind = ITEM_PARTED;
        while (*reader->at && !strchr(" |)?(", *reader->at))
            reader->at++;
        item->end = reader->at;
        if (item->end - item->start == 1 && *item->start == '_')
            item->kind = ITEM_ANY;
    }
    item->optional = *reader->at == '?';
    reader->at += item->optional;
    if (*reader->at && !strchr(" |)", *reader->at)) {
        fail(writer, reader, reader->at, "a blank comes between words");
        return false;
    }
    return true;
}

/* Reads up to the end, '|' or ')'. Returns how many items stand there; 0 after an error. */
static uint32_t read_items(struct writer *writer, struct reader *reader, struct item *items)
{
    uint32_t count = 0;
    while (!writer->failed) {
        while (*reader->at == ' ')
            reader->at++;
        if (!*reader->at || *reader->at == '|' || *reader->at == ')')
            break;
        if (count == ITEMS_MAX) {
            fail(writer, reader, reader->at, "more than %d words: split it", ITEMS_MAX);
            break;
        }
        if (read_item(writer, reader, &items[count]))
            count++;
    }
    if (count == 0)
        fail(writer, reader, reader->at, "a word is missing here");
    else if (items[0].kind == ITEM_GAP || items[count - 1].kind == ITEM_GAP)
        fail(writer, reader, items[0].start, "… stands between words");
    return writer->failed ? 0 : count;
}

static void put_sequence(struct writer *writer, struct reader *reader);

/* The alternatives in brackets, or of a whole entry. */
static void put_choice(struct writer *writer, const struct reader *outer, const char *start,
                       const char *end)
{
    char text[RULE_WORDS_BYTES_MAX + 1];
    size_t size = (size_t)(end - start);
    memcpy(text, start, size);
    text[size] = 0;
    struct reader reader = {.entry = text, .at = text, .depth = outer->depth + 1};
    if (reader.depth > RULE_WORDS_DEPTH_MAX) {
        fail(writer, outer, start, "nested deeper than %d", RULE_WORDS_DEPTH_MAX);
        return;
    }
    put(writer, "(?:");
    for (;;) {
        put_sequence(writer, &reader);
        if (writer->failed || *reader.at != '|')
            break;
        reader.at++;
        put(writer, "|");
    }
    if (!writer->failed && *reader.at)
        fail(writer, outer, start, "a bracket is closed that was not opened");
    put(writer, ")");
}

static const struct word_list *find_list(const struct word_list *list, const char *name,
                                         size_t size)
{
    for (; list; list = list->next)
        if (strlen(list->name) == size && memcmp(list->name, name, size) == 0)
            return list;
    return NULL;
}

static void put_list(struct writer *writer, const struct reader *outer,
                     const struct word_list *list)
{
    put(writer, "(?:");
    for (uint32_t index = 0; index < list->count && !writer->failed; index++) {
        struct reader reader = {
            .entry = list->entries[index], .at = list->entries[index], .depth = outer->depth + 1};
        if (index > 0)
            put(writer, "|");
        if (reader.depth > RULE_WORDS_DEPTH_MAX)
            fail(writer, outer, outer->at, "lists name one another in a circle, or too deeply");
        else
            put_sequence(writer, &reader);
    }
    put(writer, ")");
}

/* ~raad…aan */
static void put_parted(struct writer *writer, const struct reader *reader, const struct item *item)
{
    size_t gap_size = 0;
    const char *gap = item->start + 1;
    while (gap < item->end && !gap_at(gap, &gap_size))
        gap++;
    if (gap >= item->end || gap == item->start + 1 || gap + gap_size >= item->end) {
        fail(writer, reader, item->start, "a separable verb is written ~raad…aan");
        return;
    }
    put(writer, "(?:");
    put_word(writer, reader, item->start + 1, gap);
    put(writer, "\\b");
    put_gap(writer, RULE_WORDS_PARTED_WORDS);
    put_word(writer, reader, gap + gap_size, item->end);
    put(writer, "|");
    put_word(writer, reader, gap + gap_size, item->end);
    put(writer, " ?");
    put_word(writer, reader, item->start + 1, gap);
    put(writer, ")");
}

static void put_item(struct writer *writer, const struct reader *reader, const struct item *item)
{
    const struct word_list *list = NULL;
    switch (item->kind) {
    case ITEM_WORD:
        put_word(writer, reader, item->start, item->end);
        break;
    case ITEM_CHOICE:
        put_choice(writer, reader, item->start, item->end);
        break;
    case ITEM_LIST:
        list = find_list(writer->words->lists, item->start, (size_t)(item->end - item->start));
        if (list)
            put_list(writer, reader, list);
        else
            fail(writer, reader, item->start, "no list is named \"%.*s\" here",
                 (int)(item->end - item->start), item->start);
        break;
    case ITEM_ANY:
        put(writer, "[\\w']++");
        break;
    case ITEM_GAP:
        put_gap(writer, RULE_WORDS_GAP_WORDS);
        break;
    case ITEM_PARTED:
        put_parted(writer, reader, item);
        break;
    }
}

static void put_blank(struct writer *writer)
{
    put(writer, writer->words->commas ? ",? " : " ");
}

/* A word that may be missing takes its blank along: the one behind it where nothing stands before
 * it that must be there, else the one before. A gap brings its own. */
static void put_optional(struct writer *writer, const struct reader *reader,
                         const struct item *item, bool begun)
{
    put(writer, "(?:");
    if (begun)
        put_blank(writer);
    put_item(writer, reader, item);
    if (!begun)
        put_blank(writer);
    put(writer, ")?");
}

/* Two neighbours of which one is a gap: it is there only where the word is. */
static void put_optional_gap(struct writer *writer, const struct reader *reader,
                             const struct item *first)
{
    put(writer, "(?:");
    put_item(writer, reader, first);
    put_item(writer, reader, first + 1);
    put(writer, ")?");
}

/* True where a gap and the word beside it, which may be missing, go together: "a … b? … c" has one
 * gap without b, and "a … b?" none. */
static bool is_optional_gap(const struct item *items, uint32_t index, uint32_t count, bool begun)
{
    if (index + 1 >= count)
        return false;
    const struct item *next = &items[index + 1];
    if (items[index].kind == ITEM_GAP)
        return next->optional && index + 2 == count;
    return items[index].optional && !begun && next->kind == ITEM_GAP;
}

static void put_sequence(struct writer *writer, struct reader *reader)
{
    struct item items[ITEMS_MAX];
    uint32_t count = read_items(writer, reader, items);
    bool begun = false; /* something that must be there stands before, behind the last gap */
    uint32_t needed = 0;
    for (uint32_t index = 0; index < count && !writer->failed; index++) {
        bool optional = items[index].optional;
        bool gap = items[index].kind == ITEM_GAP;
        if (is_optional_gap(items, index, count, begun)) {
            put_optional_gap(writer, reader, &items[index++]);
            continue;
        }
        if (optional) {
            put_optional(writer, reader, &items[index], begun);
        } else {
            if (begun && !gap)
                put_blank(writer);
            put_item(writer, reader, &items[index]);
        }
        begun = gap ? false : begun || !optional;
        needed += !optional && !gap;
    }
    if (count > 0 && needed == 0)
        fail(writer, reader, items[0].start, "at least one word must be there");
}

static bool begins_open(const char *entry)
{
    return entry[0] == '*' ||
           !is_word_byte(entry[0] == '(' || entry[0] == '{' || entry[0] == '~' ? 'a' : entry[0]);
}

static bool ends_open(const char *entry)
{
    char last = entry[strlen(entry) - 1];
    return last == '*' || (!is_word_byte(last) && !strchr(")}?", last));
}

static void begin(struct writer *writer, struct rule_words *words, char *out)
{
    words->error[0] = 0;
    words->error_at = 0;
    *writer = (struct writer){.words = words, .out = out};
    if (words->accents)
        put(writer, "(?i)");
}

const char *rule_words_pattern(struct rule_words *words, struct arena *arena, const char *entry)
{
    char pattern[RULE_WORDS_PATTERN_BYTES_MAX];
    struct writer writer;
    struct reader reader = {.entry = entry, .at = entry};
    begin(&writer, words, pattern);
    if (strlen(entry) > RULE_WORDS_BYTES_MAX)
        fail(&writer, &reader, entry, "an entry has at most %d bytes", RULE_WORDS_BYTES_MAX);
    else if (entry[0] == 0)
        fail(&writer, &reader, entry, "a word is missing here");
    if (!writer.failed) {
        put(&writer, begins_open(entry) ? "" : "\\b");
        put_sequence(&writer, &reader);
        put(&writer, ends_open(entry) ? "" : "\\b");
        if (!writer.failed && *reader.at)
            fail(&writer, &reader, reader.at, "alternatives stand in brackets: (a|b)");
    }
    return writer.failed ? NULL : arena_copy_text(arena, pattern, writer.size);
}
