#include "base/error_list.h"

#include "base/printable.h"

#include <stdarg.h>
#include <string.h>

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
    /* Errors quote what a file holds, and a character may be cut in two by the end of the room. */
    printable_make(error->text);
    printable_make(error->file);
}

void error_list_append(struct error_list *list, const struct error_list *more)
{
    for (uint32_t index = 0; index < error_list_kept(more); index++)
        if (list->count + index < ERROR_LIST_MAX)
            list->errors[list->count + index] = more->errors[index];
    list->count += more->count;
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

void error_write(const struct redress_error *error, char *out, size_t out_size)
{
    if (error->file[0] && error->line)
        snprintf(out, out_size, "%s:%u:%u: %s", error->file, error->line, error->column,
                 error->text);
    else if (error->file[0])
        snprintf(out, out_size, "%s: %s", error->file, error->text);
    else
        snprintf(out, out_size, "%s", error->text);
}

void error_list_print(const struct error_list *list, FILE *stream)
{
    for (uint32_t index = 0; index < error_list_kept(list); index++) {
        char line[ERROR_LINE_BYTES_MAX];
        error_write(&list->errors[index], line, sizeof line);
        fprintf(stream, "%s\n", line);
    }
    if (list->count > ERROR_LIST_MAX)
        fprintf(stream, "and %u more errors\n", list->count - ERROR_LIST_MAX);
}
