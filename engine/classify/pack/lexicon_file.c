/** Reads lexicon/<language>.tsv. */
#include "classify/pack/lexicon.h"
#include "classify/pack/rule_file.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 512, NO_COLUMN = LEXICON_COLUMNS };

/* Some categories and traits share a name. */
static const char trait_prefix[] = "trait.";

struct lexicon_line {
    struct lexicon_entry entry;
    uint32_t line;
};

/* A file on its way into a table. */
struct lexicon_reader {
    const char *file;
    uint32_t line;
    struct error_list *errors;
    uint8_t columns[LEXICON_COLUMNS + 1]; /* of each field but the first */
    uint32_t column_count;
    struct lexicon_line *stems;
    uint32_t count;
    int16_t start[LEXICON_COLUMNS];
    bool has_start;
};

/* `at` is the first byte of the field in its line. */
static void refuse(const struct lexicon_reader *reader, const char *line, const char *at,
                   const char *what)
{
    error_list_add(reader->errors, STATUS_INVALID, reader->file, reader->line,
                   (uint32_t)(at - line) + 1, "%s", what);
}

/* The next field of a line, its tab made an end; NULL behind the last. */
static char *next_field(char **rest)
{
    char *field = *rest;
    if (!field)
        return NULL;
    char *tab = strchr(field, '\t');
    *rest = tab ? tab + 1 : NULL;
    if (tab)
        *tab = '\0';
    return field;
}

static uint8_t find_trait(const char *name)
{
    for (unsigned index = 0; index < LEXICON_TRAIT_COUNT; index++)
        if (strcmp(name, redress_trait_name(lexicon_traits[index])) == 0)
            return (uint8_t)(LEXICON_TRAITS + index);
    return NO_COLUMN;
}

static uint8_t find_column(const char *name)
{
    enum category category = CATEGORY_OTHER;
    size_t prefix = strlen(trait_prefix);
    if (strcmp(name, "complaint") == 0)
        return LEXICON_COMPLAINT;
    if (redress_category_parse(name, strlen(name), &category))
        return (uint8_t)category;
    return strncmp(name, trait_prefix, prefix) == 0 ? find_trait(name + prefix) : NO_COLUMN;
}

static void read_columns(struct lexicon_reader *reader, char *line)
{
    char *rest = line;
    if (strcmp(next_field(&rest), "stem") != 0)
        refuse(reader, line, line,
               "the first line names the columns: stem, complaint, categories, traits");
    for (char *name; (name = next_field(&rest)) != NULL;) {
        uint8_t column = find_column(name);
        if (column == NO_COLUMN)
            refuse(reader, line, name,
                   "no column: write complaint, a category, or trait. and a trait that "
                   "may be heard so");
        else if (memchr(reader->columns, column, reader->column_count))
            refuse(reader, line, name, "the column stands here twice");
        else
            reader->columns[reader->column_count++] = column;
    }
}

uint64_t lexicon_stem_of(const char *text)
{
    struct slice slice = {text, (uint32_t)strlen(text)};
    uint64_t stem = 0;
    uint8_t before = 0;
    unsigned used = 0;
    for (uint32_t at = 0; at < slice.size;) {
        struct view_character character = view_character_at(slice, at);
        if (character.size == 0) /* no UTF-8 */
            return 0;
        for (unsigned byte = 0; byte < character.count; byte++, used++) {
            uint8_t letter = character.fold[byte];
            if (used == LEXICON_STEM_LETTERS || !view_is_letter(letter) ||
                lexicon_draws_out(before, letter))
                return 0;
            stem |= (uint64_t)letter << 8 * used;
            before = letter;
        }
        at += character.size;
    }
    return stem;
}

/* A whole number of at most `most` either way; 0 where it is none. */
static int16_t read_weight(const struct lexicon_reader *reader, const char *line, const char *field,
                           long most)
{
    char *end = NULL;
    long weight = strtol(field, &end, 10);
    if (!*end && weight >= -most && weight <= most)
        return (int16_t)weight;
    refuse(reader, line, field,
           most == LEXICON_WEIGHT_MAX ? "a weight is a whole number from -127 to 127"
                                      : "a start is a whole number from -1000 to 1000");
    return 0;
}

static void read_weights(const struct lexicon_reader *reader, const char *line, char *rest,
                         long most, int16_t weights[LEXICON_COLUMNS])
{
    uint32_t at = 0;
    for (char *field; (field = next_field(&rest)) != NULL; at++) {
        if (at == reader->column_count) {
            refuse(reader, line, field, "more fields than columns");
            return;
        }
        weights[reader->columns[at]] = read_weight(reader, line, field, most);
    }
}

static void read_start(struct lexicon_reader *reader, const char *line, char *rest)
{
    if (reader->has_start)
        refuse(reader, line, line, "\"*\" stands here twice");
    reader->has_start = true;
    read_weights(reader, line, rest, LEXICON_START_MAX, reader->start);
}

static void read_stem(struct lexicon_reader *reader, const char *line, const char *text, char *rest)
{
    struct lexicon_line stem = {.entry.stem = lexicon_stem_of(text), .line = reader->line};
    if (stem.entry.stem == 0) {
        refuse(reader, line, line, "a stem is one to six letters, none of them doubled");
        return;
    }
    if (reader->count == LEXICON_STEMS_MAX) {
        refuse(reader, line, line, "more than 20000 stems");
        return;
    }
    int16_t weights[LEXICON_COLUMNS] = {0};
    read_weights(reader, line, rest, LEXICON_WEIGHT_MAX, weights);
    for (unsigned column = 0; column < LEXICON_COLUMNS; column++)
        stem.entry.weights[column] = (int8_t)weights[column];
    reader->stems[reader->count++] = stem;
}

static void read_line(struct lexicon_reader *reader, char *line)
{
    char *rest = line;
    line[strcspn(line, "\r\n")] = '\0';
    if (reader->line == 1)
        read_columns(reader, line);
    else if (line[0] == '\0' || line[0] == '\t')
        refuse(reader, line, line, "the line begins with no stem");
    else if (strcmp(next_field(&rest), "*") == 0)
        read_start(reader, line, rest);
    else
        read_stem(reader, line, line, rest);
}

static bool has_break(const char *line)
{
    return strchr(line, '\n') != NULL;
}

static void read_lines(struct lexicon_reader *reader, FILE *file)
{
    char line[LINE_BYTES_MAX];
    uint32_t errors_before = reader->errors->count;
    while (fgets(line, sizeof line, file)) {
        if (reader->line == 1 && reader->errors->count > errors_before)
            return; /* of columns that are wrong every line would be */
        reader->line++;
        if (has_break(line) || feof(file)) {
            read_line(reader, line);
            continue;
        }
        refuse(reader, line, line + strlen(line), "the line is too long, or a NUL stands here");
        while (fgets(line, sizeof line, file) && !has_break(line)) {
        }
    }
}

static void put_stems(const struct lexicon_reader *reader, struct lexicon *lexicon)
{
    for (uint32_t index = 0; index < reader->count; index++) {
        const struct lexicon_line *line = &reader->stems[index];
        struct lexicon_entry *slot = lexicon_slot(lexicon, line->entry.stem);
        if (slot->stem != 0)
            error_list_add(reader->errors, STATUS_INVALID, reader->file, line->line, 1,
                           "the stem stands here twice: the view knows no accents");
        lexicon->count += slot->stem == 0;
        *slot = line->entry;
    }
}

static enum redress_status make_lexicon(const struct lexicon_reader *reader, struct arena *arena,
                                        struct lexicon **out)
{
    struct lexicon *lexicon = arena_allocate_array(arena, 1, sizeof *lexicon);
    if (!lexicon)
        return STATUS_MEMORY;
    lexicon->slot_bits = 1;
    while ((uint32_t)1 << lexicon->slot_bits < 2 * reader->count + 1)
        lexicon->slot_bits++;
    lexicon->slots =
        arena_allocate_array(arena, (size_t)1 << lexicon->slot_bits, sizeof *lexicon->slots);
    if (!lexicon->slots)
        return STATUS_MEMORY;
    memcpy(lexicon->start, reader->start, sizeof lexicon->start);
    put_stems(reader, lexicon);
    *out = lexicon;
    return STATUS_OK;
}

enum redress_status lexicon_stream_read(struct rule_pack *pack, FILE *stream, const char *name,
                                        enum language language, struct error_list *errors)
{
    struct lexicon_reader reader = {.file = name, .errors = errors};
    reader.stems = memory_allocate_array(LEXICON_STEMS_MAX, sizeof *reader.stems);
    if (!reader.stems)
        return STATUS_MEMORY;
    read_lines(&reader, stream);
    if (ferror(stream))
        error_list_add(errors, STATUS_IO, name, 0, 0, "cannot be read");
    enum redress_status status = make_lexicon(&reader, &pack->arena, &pack->lexicons[language]);
    memory_free(reader.stems);
    return status;
}

enum redress_status lexicon_file_read(struct rule_pack *pack, const char *path,
                                      enum language language, struct error_list *errors)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        error_list_add(errors, STATUS_NOT_FOUND, path, 0, 0, "cannot be read: %s", strerror(errno));
        return STATUS_OK;
    }
    enum redress_status status = lexicon_stream_read(pack, file, path, language, errors);
    (void)fclose(file);
    return status;
}
