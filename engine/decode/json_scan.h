/**
 * Reads JSON where it stands, value by value, as far as it is written as most senders write it. It
 * builds nothing and repairs nothing: whatever is not valid, or rare, makes it say no, and the
 * parser behind json_document.h decides.
 *
 * Shape:   MESSAGE_PADDING_BYTES zeroed bytes follow the bytes that are read. A zero ends every
 *          value, so that nothing here looks for the end.
 * Threads: any; nothing is kept between calls.
 */
#ifndef REDRESS_DECODE_JSON_SCAN_H
#define REDRESS_DECODE_JSON_SCAN_H

#include "base/lanes.h"

#include <redress/message.h>

/** What stands between two quotes: valid UTF-8 and valid escapes. */
struct json_raw_string {
    struct slice raw;
    bool has_escapes;
    bool is_canonical; /* printable ASCII, and json_string_sized() would write the same escapes */
};

/** Bit i is set where byte i is no printable ASCII, a quote or a backslash. */
static inline uint32_t json_scan_stops(const char *at)
{
    lanes_bytes lanes = lanes_load((const uint8_t *)at);
    lanes_bytes printable = (lanes_bytes)((lanes_signed)(lanes + 1) > ' ');
    lanes_bytes stops = lanes_equal(lanes, '"') | lanes_equal(lanes, '\\');
    return lanes_bits(~stops & printable) ^ ((1u << LANES) - 1);
}

NODISCARD bool json_scan_long_string(const char **at, struct json_raw_string *string);

/** Reads the string whose opening quote stands at *at; *at is behind its closing quote then. */
NODISCARD static inline bool json_scan_string(const char **at, struct json_raw_string *string)
{
    const char *start = *at + 1;
    uint32_t stops = json_scan_stops(start);
    uint32_t size = stops ? (uint32_t)__builtin_ctz(stops) : 0;
    if (start[size] != '"')
        return json_scan_long_string(at, string);
    *string = (struct json_raw_string){{start, size}, .is_canonical = true};
    *at = start + size + 1;
    return true;
}

/** Writes what the string says; answers its size, which is not above the raw one. */
size_t json_unescape(struct slice raw, char *out);

enum json_raw_number { JSON_RAW_REFUSED, JSON_RAW_INTEGER, JSON_RAW_FRACTION };

/**
 * Reads a number whose shortest form is its first *size bytes: what json_value_print_number() would
 * write. Others are refused. *at is behind it then.
 */
NODISCARD enum json_raw_number json_scan_number(const char **at, struct slice *shortest);

/** One space needs no branch: that is what most senders write. */
static inline const char *json_skip_space(const char *at)
{
    at += *at == ' ';
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
        at++;
    return at;
}

#endif
