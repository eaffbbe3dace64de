/** What may be shown to a terminal or in a log: whole UTF-8 characters that give no orders. */
#ifndef REDRESS_BASE_PRINTABLE_H
#define REDRESS_BASE_PRINTABLE_H

#include <stddef.h>

/**
 * The size of the printable character at `text` (NUL-terminated); 0 where none stands there: bad
 * UTF-8, controls (C0, DEL, C1) and what turns the direction of writing.
 */
size_t printable_size(const char *text);

/** Replaces every byte that belongs to no printable character by '?'. */
void printable_make(char *text);

#endif
