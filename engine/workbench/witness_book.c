#include "workbench/witness_book.h"

#include "base/memory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char head[] = "# Written by `redress rules witness --record`: under every entry the "
                           "texts that it alone makes\n"
                           "# its rule hear (of not and except: that it alone takes back), or "
                           "behind ! why there is none.\n"
                           "# A text that still holds is kept, so one may be written by hand.\n";

static const char entry_indent[] = "  ";
static const char text_indent[] = "    ";

/* How an entry is introduced; of a pattern the part alone would not say that it is PCRE2. */
static const char *part_name(const struct rule_pattern *pattern)
{
    static const char *const names[RULE_PART_COUNT] = {
        [RULE_PART_MATCH] = "words",   [RULE_PART_NOT] = "not",       [RULE_PART_NEAR_A] = "near a",
        [RULE_PART_NEAR_B] = "near b", [RULE_PART_EXCEPT] = "except",
    };
    return pattern->part == RULE_PART_MATCH && !pattern->entry ? "patterns" : names[pattern->part];
}

static uint32_t part_slot(const struct witness_book *book, const struct rule_entry *entry)
{
    return entry->pattern->part * book->probe->rule_set->pack.rule_count + entry->rule_index;
}

enum redress_status witness_book_init(struct witness_book *book, const struct entry_probe *probe,
                                      const char *folder)
{
    uint32_t slots = RULE_PART_COUNT * probe->rule_set->pack.rule_count;
    *book = (struct witness_book){.probe = probe, .folder = folder};
    book->part_first = arena_allocate_array(&book->arena, slots + 1, sizeof *book->part_first);
    book->by_entry =
        arena_allocate_array(&book->arena, probe->entry_count + 1, sizeof(struct witness *));
    book->last =
        arena_allocate_array(&book->arena, probe->entry_count + 1, sizeof(struct witness *));
    if (!book->part_first || !book->by_entry || !book->last)
        return STATUS_MEMORY;
    for (uint32_t slot = 0, entry = 0; slot <= slots; slot++) {
        while (entry < probe->entry_count && part_slot(book, &probe->entries[entry]) < slot)
            entry++;
        book->part_first[slot] = entry;
    }
    return STATUS_OK;
}

void witness_book_free(struct witness_book *book)
{
    arena_free(&book->arena);
    *book = (struct witness_book){0};
}

uint32_t witness_book_entries(const struct witness_book *book, uint32_t rule_index,
                              enum rule_part part, uint32_t *first)
{
    uint32_t slot = (uint32_t)part * book->probe->rule_set->pack.rule_count + rule_index;
    *first = book->part_first[slot];
    return book->part_first[slot + 1] - *first;
}

bool witness_book_covers(const struct witness_book *book, uint32_t entry)
{
    size_t size = strlen(book->folder);
    const char *file = book->probe->entries[entry].pattern->place.file;
    return strncmp(file, book->folder, size) == 0 && file[size] == '/';
}

const char *witness_book_file(const struct witness_book *book, uint32_t entry)
{
    const struct rule_set *rule_set = book->probe->rule_set;
    return book->paths[rule_set->pack.rules[book->probe->entries[entry].rule_index].home];
}

enum redress_status witness_book_add(struct witness_book *book, uint32_t entry, struct slice text,
                                     uint32_t line, bool dead)
{
    struct witness *witness = arena_allocate(&book->arena, sizeof *witness);
    char *copy = arena_copy_text(&book->arena, text.data, text.size);
    if (!witness || !copy)
        return STATUS_MEMORY;
    *witness = (struct witness){.text = copy, .size = text.size, .line = line, .dead = dead};
    if (book->last[entry])
        book->last[entry]->next = witness;
    else
        book->by_entry[entry] = witness;
    book->last[entry] = witness;
    return STATUS_OK;
}

/* A file on its way into the book. */
struct book_reading {
    struct witness_book *book;
    struct error_list *errors;
    const char *path;
    uint32_t line;
    uint32_t rule;  /* UINT32_MAX: one that the rules do not have, so what is below it is lost */
    uint32_t entry; /* likewise */
};

static void find_rule(struct book_reading *reading, const char *id)
{
    const struct rule_pack *pack = &reading->book->probe->rule_set->pack;
    uint32_t low = 0;
    uint32_t high = pack->rule_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(pack->rules[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < pack->rule_count && strcmp(pack->rules[low].id, id) == 0;
    reading->rule = found ? low : UINT32_MAX;
    reading->entry = UINT32_MAX;
    if (!found && !rule_pack_is_disabled(pack, id))
        error_list_add(reading->errors, STATUS_INVALID, reading->path, reading->line, 1,
                       "no rule is called \"%.60s\" any more: if that is meant, `redress rules "
                       "witness --record` takes its witnesses out",
                       id);
}

/* An entry as one line: a pattern may be written over several. */
static void entry_line(const struct rule_pattern *pattern, char *out, size_t room)
{
    int size = snprintf(out, room, "%s %s", part_name(pattern),
                        pattern->entry ? pattern->entry : pattern->text);
    for (int at = 0; at < size && (size_t)at + 1 < room; at++)
        if ((unsigned char)out[at] < ' ')
            out[at] = ' ';
    for (size_t end = strlen(out); end > 0 && out[end - 1] == ' '; end--)
        out[end - 1] = 0;
}

static void find_entry(struct book_reading *reading, const char *line)
{
    char name[RULE_PATTERN_BYTES_MAX + 32];
    const struct witness_book *book = reading->book;
    reading->entry = UINT32_MAX;
    if (reading->rule == UINT32_MAX)
        return;
    for (unsigned part = 0; part < RULE_PART_COUNT; part++) {
        uint32_t first = 0;
        uint32_t count = witness_book_entries(book, reading->rule, (enum rule_part)part, &first);
        for (uint32_t entry = first; entry < first + count; entry++) {
            entry_line(book->probe->entries[entry].pattern, name, sizeof name);
            if (strcmp(name, line) == 0) {
                reading->entry = entry;
                return;
            }
        }
    }
    error_list_add(
        reading->errors, STATUS_INVALID, reading->path, reading->line, 3,
        "%.80s has no entry \"%.60s\" any more: if that is meant, `redress rules witness "
        "--record` takes its witnesses out",
        book->probe->rule_set->pack.rules[reading->rule].id, line);
}

static enum redress_status read_line(struct book_reading *reading, char *line)
{
    size_t size = strlen(line);
    if (size == 0 || line[0] == '#')
        return STATUS_OK;
    if (strncmp(line, text_indent, strlen(text_indent)) == 0) {
        char *text = line + strlen(text_indent);
        bool dead = text[0] == '!' && text[1] == ' ';
        text += dead ? 2 : 0;
        if (reading->entry == UINT32_MAX)
            return STATUS_OK;
        return witness_book_add(reading->book, reading->entry,
                                (struct slice){text, (uint32_t)strlen(text)}, reading->line, dead);
    }
    if (strncmp(line, entry_indent, strlen(entry_indent)) == 0)
        find_entry(reading, line + strlen(entry_indent));
    else
        find_rule(reading, line);
    return STATUS_OK;
}

static enum redress_status read_lines(struct book_reading *reading, FILE *file)
{
    enum { LINE_BYTES = RULE_PATTERN_BYTES_MAX + 64 };
    char line[LINE_BYTES];
    enum redress_status status = STATUS_OK;
    while (status == STATUS_OK && fgets(line, LINE_BYTES, file)) {
        reading->line++;
        size_t size = strlen(line);
        if (size + 1 == LINE_BYTES && line[size - 1] != '\n') {
            error_list_add(reading->errors, STATUS_TOO_LARGE, reading->path, reading->line, 1,
                           "the line is longer than %d bytes", LINE_BYTES);
            return STATUS_OK;
        }
        if (size > 0 && line[size - 1] == '\n')
            line[size - 1] = 0;
        status = read_line(reading, line);
    }
    return status;
}

static enum redress_status refuse(const char *path, struct error_list *errors, const char *what)
{
    error_list_add(errors, STATUS_IO, path, 0, 0, "%s: %s", what, strerror(errno));
    return STATUS_IO;
}

/* folder/witnesses/xx.txt, in the book's memory; NULL where there is none left. */
static char *make_path(struct witness_book *book, enum language language)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/witnesses/%s.txt", book->folder,
                        redress_language_name(language));
    return size > 0 && (size_t)size < sizeof path
               ? arena_copy_text(&book->arena, path, (size_t)size)
               : NULL;
}

enum redress_status witness_book_read(struct witness_book *book, struct error_list *errors)
{
    enum redress_status status = STATUS_OK;
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT && status == STATUS_OK;
         language++) {
        struct book_reading reading = {
            .book = book, .errors = errors, .rule = UINT32_MAX, .entry = UINT32_MAX};
        reading.path = make_path(book, (enum language)language);
        if (!reading.path)
            return STATUS_MEMORY;
        FILE *file = fopen(reading.path, "r");
        if (!file && errno == ENOENT)
            continue;
        if (!file)
            return refuse(reading.path, errors, "cannot be read");
        book->paths[language] = reading.path;
        status = read_lines(&reading, file);
        if (status == STATUS_OK && ferror(file))
            status = refuse(reading.path, errors, "cannot be read");
        fclose(file);
    }
    return status;
}

static void write_entry(const struct witness_book *book, uint32_t entry, FILE *file)
{
    char name[RULE_PATTERN_BYTES_MAX + 32];
    entry_line(book->probe->entries[entry].pattern, name, sizeof name);
    fprintf(file, "%s%s\n", entry_indent, name);
    for (const struct witness *witness = book->by_entry[entry]; witness; witness = witness->next)
        fprintf(file, "%s%s%s\n", text_indent, witness->dead ? "! " : "", witness->text);
}

/* False where no rule of the folder is of that language. */
static bool write_rules(const struct witness_book *book, enum language language, FILE *file)
{
    const struct rule_pack *pack = &book->probe->rule_set->pack;
    bool any = false;
    for (uint32_t rule = 0; rule < pack->rule_count; rule++) {
        bool begun = false;
        for (unsigned part = 0; part < RULE_PART_COUNT && pack->rules[rule].home == language;
             part++) {
            uint32_t first = 0;
            uint32_t count = witness_book_entries(book, rule, (enum rule_part)part, &first);
            for (uint32_t entry = first; entry < first + count; entry++) {
                if (!witness_book_covers(book, entry))
                    continue;
                any = true;
                if (file && !begun)
                    fprintf(file, "%s\n", pack->rules[rule].id);
                begun = true;
                if (file)
                    write_entry(book, entry, file);
            }
        }
    }
    return any;
}

static enum redress_status write_file(const struct witness_book *book, enum language language,
                                      const char *path, struct error_list *errors)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return refuse(path, errors, "cannot be written");
    fputs(head, file);
    write_rules(book, language, file);
    bool good = !ferror(file);
    return fclose(file) == 0 && good ? STATUS_OK : refuse(path, errors, "cannot be written");
}

enum redress_status witness_book_write(const struct witness_book *book, struct error_list *errors)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/witnesses", book->folder);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return refuse(path, errors, "cannot be made");
    enum redress_status status = STATUS_OK;
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT && status == STATUS_OK;
         language++) {
        snprintf(path, sizeof path, "%s/witnesses/%s.txt", book->folder,
                 redress_language_name((enum language)language));
        if (write_rules(book, (enum language)language, NULL))
            status = write_file(book, (enum language)language, path, errors);
    }
    return status;
}
