/**
 * Collects the errors of a loader, so that a person sees all of them at once.
 *
 * Threads: one at a time. Keeps the first ERROR_LIST_MAX and counts the rest.
 */
#ifndef REDRESS_BASE_ERROR_LIST_H
#define REDRESS_BASE_ERROR_LIST_H

#include <redress/status.h>

#include <stdio.h>

enum {
    ERROR_LIST_MAX = 100,
    /* file:line:column: text, and its NUL */
    ERROR_LINE_BYTES_MAX =
        sizeof(((struct redress_error *)0)->file) + sizeof(((struct redress_error *)0)->text) + 32
};

struct error_list {
    struct redress_error errors[ERROR_LIST_MAX];
    uint32_t count; /* all that were added; only the first ERROR_LIST_MAX are kept */
};

/**
 * Adds one error. file may be NULL, line and column 0, where it has no place. What is no printable
 * UTF-8 becomes '?'.
 */
void error_list_add(struct error_list *list, enum redress_status status, const char *file,
                    uint32_t line, uint32_t column, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/** Adds those of another list, in their order. */
void error_list_append(struct error_list *list, const struct error_list *more);

/** How many are kept. */
uint32_t error_list_kept(const struct error_list *list);

/** Brings neighbouring errors of one file into the order of their places. */
void error_list_sort(struct error_list *list);

/** Writes "file:line:column: text" a line, and how many more there were. */
void error_list_print(const struct error_list *list, FILE *stream);

/** "file:line:column: text" as one line without its break; what an error does not have is left out.
 */
void error_write(const struct redress_error *error, char *out, size_t out_size);

#endif
