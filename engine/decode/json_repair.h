/**
 * Turns bytes that people send as JSON into bytes that the parser takes, without making JSON of
 * what is none: only escapes and numbers are touched, never the structure.
 */
#ifndef REDRESS_DECODE_JSON_REPAIR_H
#define REDRESS_DECODE_JSON_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

/** The value of \uXXXX at `at`, or -1 where no such escape stands there. */
int json_read_escape(const char *bytes, size_t size, size_t at);

static inline bool json_is_high_surrogate(int value)
{
    return value >= 0xD800 && value <= 0xDBFF;
}

static inline bool json_is_low_surrogate(int value)
{
    return value >= 0xDC00 && value <= 0xDFFF;
}

/** True where an escape \uD800 to \uDFFF stands without its other half. */
bool json_has_lone_surrogate(const char *bytes, size_t size);

/** Makes \uFFFD, which is as long, of every lone surrogate's escape, in place. */
void json_replace_lone_surrogates(char *bytes, size_t size);

/**
 * Copies a document and makes a string of every number that may not fit 64 bits, so that a parser
 * that refuses such numbers can read the rest.
 *
 *   123456789012345678901  becomes  "\u0000123456789012345678901"
 *   "\u0000 and more"      becomes  "\u0000\u0000 and more"
 *
 * So a string value that begins with exactly one NUL was a number, and one that begins with two has
 * lost none of its own: json_rewritten_kind() tells them apart. Keys stay as they are. What is no
 * number by the grammar of JSON stays as it is, for the parser to refuse.
 *
 * Returns: the bytes written, or 0 where out_max is too small; 3 * size are always enough.
 */
size_t json_rewrite_numbers(const char *bytes, size_t size, char *out, size_t out_max);

enum json_rewritten { JSON_REWRITTEN_NOT, JSON_REWRITTEN_NUMBER, JSON_REWRITTEN_STRING };

/** What a string value of a rewritten document was; for all but _NOT its first byte is to be left
 * out. */
enum json_rewritten json_rewritten_kind(const char *text, size_t size);

#endif
