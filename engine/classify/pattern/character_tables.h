/**
 * PCRE2's character tables for the view: which bytes are letters, digits, blanks.
 *
 * PCRE2 reads the tables while it matches, so they must live as long as any code compiled with
 * them: the matcher owns both. Every bit of the high bytes is set here, none is left to a locale.
 */
#ifndef REDRESS_CLASSIFY_PATTERN_CHARACTER_TABLES_H
#define REDRESS_CLASSIFY_PATTERN_CHARACTER_TABLES_H

#include <redress/status.h>

#include <stdint.h>

enum { CHARACTER_TABLES_BYTES = 1088 }; /* PCRE2's TABLES_LENGTH for 8-bit code units */

struct character_tables {
    uint8_t bytes[CHARACTER_TABLES_BYTES];
};

/** Fills the tables; the same on every machine and in every locale. */
void character_tables_fill(struct character_tables *tables);

/**
 * Compiles each class with the tables and tries it on all 256 bytes against view.h.
 * STATUS_FATAL, with the class named in *failed, where this PCRE2 reads its tables otherwise.
 */
NODISCARD enum redress_status character_tables_check(const struct character_tables *tables,
                                                     const char **failed);

#endif
