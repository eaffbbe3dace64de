#include "workbench/json_lines.h"

#include "base/memory.h"
#include "decode/json_repair.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { JSON_LINES_DEPTH_MAX = 32 };

static enum redress_status refuse_file(const char *path, struct error_list *errors)
{
    enum redress_status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    error_list_add(errors, status, path, 0, 0, "the file cannot be read: %s", strerror(errno));
    return status;
}

static enum redress_status read_bytes(struct json_lines *lines, FILE *file)
{
    struct stat about;
    if (fstat(fileno(file), &about) != 0)
        return refuse_file(lines->path, lines->errors);
    size_t size = (size_t)about.st_size;
    lines->bytes = memory_allocate(size + MESSAGE_PADDING_BYTES);
    if (!lines->bytes)
        return STATUS_MEMORY;
    lines->size = fread(lines->bytes, 1, size, file);
    return ferror(file) ? refuse_file(lines->path, lines->errors) : STATUS_OK;
}

static size_t line_size(const struct json_lines *lines, size_t at)
{
    const char *stop = memchr(lines->bytes + at, '\n', lines->size - at);
    return stop ? (size_t)(stop - lines->bytes) - at : lines->size - at;
}

static size_t longest_line(const struct json_lines *lines)
{
    size_t longest = 1;
    for (size_t at = 0; at < lines->size;) {
        size_t size = line_size(lines, at);
        longest = size > longest ? size : longest;
        at += size + 1;
    }
    return longest;
}

enum redress_status json_lines_open(struct json_lines *lines, const char *path,
                                    struct error_list *errors)
{
    *lines = (struct json_lines){.path = path, .errors = errors};
    FILE *file = fopen(path, "r");
    if (!file)
        return refuse_file(path, errors);
    enum redress_status status = read_bytes(lines, file);
    fclose(file);
    if (status == STATUS_OK)
        status = json_document_create(longest_line(lines), JSON_LINES_DEPTH_MAX, &lines->document);
    if (status != STATUS_OK)
        json_lines_close(lines);
    return status;
}

void json_lines_close(struct json_lines *lines)
{
    json_document_free(lines->document);
    memory_free(lines->bytes);
    *lines = (struct json_lines){0};
}

void json_lines_error(const struct json_lines *lines, const char *text)
{
    error_list_add(lines->errors, STATUS_INVALID, lines->path, lines->line, 1, "%s", text);
}

static enum redress_status parse_line(struct json_lines *lines, char *line, size_t size,
                                      struct json_value *object)
{
    enum json_outcome outcome = json_document_parse(lines->document, line, size);
    if (outcome != JSON_PARSED && json_has_lone_surrogate(line, size)) {
        json_replace_lone_surrogates(line, size);
        outcome = json_document_parse(lines->document, line, size);
    }
    if (outcome == JSON_OUT_OF_MEMORY)
        return STATUS_MEMORY;
    if (outcome == JSON_PARSED) {
        *object = json_document_root(lines->document);
        if (json_value_type(*object) == JSON_OBJECT)
            return STATUS_OK;
    }
    json_lines_error(lines, "a JSON object comes here");
    return STATUS_INVALID;
}

enum redress_status json_lines_next(struct json_lines *lines, struct json_value *object)
{
    while (lines->at < lines->size) {
        size_t size = line_size(lines, lines->at);
        char *line = lines->bytes + lines->at;
        lines->at += size + 1;
        lines->line++;
        if (size > 0)
            return parse_line(lines, line, size, object);
    }
    return STATUS_EMPTY;
}

bool json_lines_find(struct json_value object, const char *name, struct json_value *out)
{
    size_t size = strlen(name);
    struct json_member member;
    struct json_cursor cursor = json_cursor_open(object);
    while (json_cursor_next(&cursor, &member))
        if (member.key.size == size && memcmp(member.key.data, name, size) == 0) {
            *out = member.value;
            return true;
        }
    return false;
}

struct slice json_lines_text(struct json_value object, const char *name)
{
    struct json_value value;
    if (!json_lines_find(object, name, &value) || json_value_type(value) != JSON_STRING)
        return (struct slice){0};
    return json_value_string(value);
}

bool json_lines_integer(struct json_value object, const char *name, int64_t *out)
{
    struct json_value value;
    if (!json_lines_find(object, name, &value))
        return false;
    if (json_value_type(value) == JSON_BOOL)
        *out = json_value_bool(value);
    else if (json_value_type(value) == JSON_INTEGER)
        *out = json_value_integer(value);
    else
        return false;
    return true;
}
