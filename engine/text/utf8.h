/**
 * UTF-8: what is valid, and a repaired copy of what is not.
 *
 * Valid is what Unicode says: no overlong forms, no surrogates, nothing above U+10FFFF. Repair
 * follows the "maximal subpart" practice (Unicode 15, section 3.9): each longest prefix of a
 * sequence that could still have become valid turns into one U+FFFD, so that two decoders that
 * follow it give equal texts.
 *
 * Not here: byte order marks (decode drops them), JSON escapes, folding (view.h).
 * Threads:  any; nothing is kept between calls.
 */
#ifndef REDRESS_TEXT_UTF8_H
#define REDRESS_TEXT_UTF8_H

#include <redress/status.h>

#include <stddef.h>
#include <stdint.h>

enum { UTF8_REPLACEMENT_BYTES = 3, UTF8_CHARACTER_BYTES_MAX = 4 };

struct utf8_repair {
    size_t size;     /* bytes written; always valid UTF-8 */
    size_t consumed; /* bytes read; less than what was given exactly when `cut` */
    bool replaced;   /* at least one U+FFFD was put in */
    bool cut;        /* the output was full; it ends on a character */
};

/**
 * Copies `bytes` into `out` with every invalid sequence replaced by U+FFFD.
 *
 * Shape: out holds out_max bytes and does not overlap bytes; 3 * size bytes are always enough.
 */
struct utf8_repair utf8_repair(const char *bytes, size_t size, char *out, size_t out_max);

bool utf8_is_valid(const char *bytes, size_t size);

/** How many bytes at the front are valid whole characters; size where all are. */
size_t utf8_valid_prefix(const char *bytes, size_t size);

/** The greatest end of a character in valid UTF-8 that is not above `limit`. */
size_t utf8_cut(const char *bytes, size_t size, size_t limit);

/**
 * Reads one character. Returns its length in bytes, or 0 where the bytes are not valid (or size
 * is 0); then *bad, where it is not NULL, is the length of the maximal subpart.
 */
size_t utf8_decode(const char *bytes, size_t size, uint32_t *code_point, size_t *bad);

/** Writes one character (a scalar value: no surrogate, at most U+10FFFF); returns its length. */
size_t utf8_encode(uint32_t code_point, char out[UTF8_CHARACTER_BYTES_MAX]);

#endif
