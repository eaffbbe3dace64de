#include "workbench/lint.h"

#include "workbench/witness.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lint_name(const struct rule_entry *entry, char out[LINT_NAME_BYTES])
{
    const char *text = entry->pattern->entry ? entry->pattern->entry : entry->pattern->text;
    int size = snprintf(out, LINT_NAME_BYTES, "\"%s\"", text);
    if (size >= LINT_NAME_BYTES) /* error_list_add() mends a character that is cut in two */
        memcpy(out + LINT_NAME_BYTES - 5, "...\"", 5);
    return out;
}

void lint_add(struct error_list *list, const struct rule_entry *entry, uint32_t at,
              const char *format, ...)
{
    char text[240];
    const struct rule_place *place = &entry->pattern->place;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_list_add(list, STATUS_INVALID, place->file, place->line, place->column + at, "%s", text);
}

enum redress_status lint_check_witnesses(struct lint *lint)
{
    struct witness_book book = {0};
    enum redress_status status = witness_book_init(&book, &lint->probe, lint->folder);
    if (status == STATUS_OK)
        status = witness_book_read(&book, lint->errors);
    if (status == STATUS_OK)
        witness_check_entries(&book, lint->errors, lint->warnings);
    witness_book_free(&book);
    return status;
}

enum redress_status lint_run(struct lint *lint)
{
    enum redress_status status = entry_probe_init(&lint->probe, lint->rule_set);
    if (status == STATUS_OK)
        status = lint_check_shape(lint);
    if (status == STATUS_OK)
        status = lint_check_growth(lint);
    if (status == STATUS_OK)
        status = lint_check_cover(lint);
    if (status == STATUS_OK)
        status = lint_check_calm(lint);
    if (status == STATUS_OK)
        status = lint_check_witnesses(lint);
    if (status == STATUS_OK)
        lint_check_reach(lint);
    entry_probe_free(&lint->probe);
    return status;
}
