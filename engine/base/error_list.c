#include "base/error_list.h"

#include <stdarg.h>
#include <string.h>

/* How many bytes the well-formed character at `text` has; 0 where none stands there. */
static size_t character_size(const unsigned char *text)
{
    size_t size = 0;
    if (*text >= 0x20 && *text < 0x7F)
        return 1;
    if (*text >= 0xC2 && *text <= 0xDF)
        size = 2;
    else if (*text >= 0xE0 && *text <= 0xEF)
        size = 3;
    else if (*text >= 0xF0 && *text <= 0xF4)
        size = 4;
    for (size_t index = 1; index < size; index++)
        if ((text[index] & 0xC0) != 0x80)
            return 0;
    bool overlong_or_out =
        (text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xED && text[1] > 0x9F) ||
        (text[0] == 0xF0 && text[1] < 0x90) || (text[0] == 0xF4 && text[1] > 0x8F);
    bool is_c1 = text[0] == 0xC2 && text[1] < 0xA0;
    return overlong_or_out || is_c1 ? 0 : size;
}

/* What a file holds is quoted in errors: a terminal must not obey it, and a character cut in two by
 * the end of the room is none. */
static void make_printable(char *text)
{
    while (*text) {
        size_t size = character_size((const unsigned char *)text);
        if (size == 0)
            *text++ = '?';
        else
            text += size;
    }
}

void error_list_add(struct error_list *list, enum redress_status status, const char *file,
                    uint32_t line, uint32_t column, const char *format, ...)
{
    if (list->count++ >= ERROR_LIST_MAX)
        return;
    struct redress_error *error = &list->errors[list->count - 1];
    error->status = status;
    error->line = line;
    error->column = column;
    snprintf(error->file, sizeof error->file, "%s", file ? file : "");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    make_printable(error->text);
    make_printable(error->file);
}

uint32_t error_list_kept(const struct error_list *list)
{
    return list->count < ERROR_LIST_MAX ? list->count : ERROR_LIST_MAX;
}

static bool stands_before(const struct redress_error *left, const struct redress_error *right)
{
    if (strcmp(left->file, right->file) != 0)
        return false;
    return left->line < right->line || (left->line == right->line && left->column < right->column);
}

void error_list_sort(struct error_list *list)
{
    for (uint32_t index = 1; index < error_list_kept(list); index++) {
        struct redress_error moved = list->errors[index];
        uint32_t place = index;
        for (; place > 0 && stands_before(&moved, &list->errors[place - 1]); place--)
            list->errors[place] = list->errors[place - 1];
        list->errors[place] = moved;
    }
}

static void print_error(const struct redress_error *error, FILE *stream)
{
    if (error->file[0] && error->line)
        fprintf(stream, "%s:%u:%u: %s\n", error->file, error->line, error->column, error->text);
    else if (error->file[0])
        fprintf(stream, "%s: %s\n", error->file, error->text);
    else
        fprintf(stream, "%s\n", error->text);
}

void error_list_print(const struct error_list *list, FILE *stream)
{
    for (uint32_t index = 0; index < error_list_kept(list); index++)
        print_error(&list->errors[index], stream);
    if (list->count > ERROR_LIST_MAX)
        fprintf(stream, "and %u more errors\n", list->count - ERROR_LIST_MAX);
}
