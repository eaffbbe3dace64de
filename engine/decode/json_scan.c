#include "decode/json_scan.h"

#include "decode/json_repair.h"
#include "text/utf8.h"

#include <stddef.h>
#include <string.h>

enum {
    DIGITS_MAX = 15,         /* a double keeps as many of them exactly */
    INTEGER_DIGITS_MAX = 18, /* fit 64 bits */
    WHOLE_DIGITS_MAX = 5,    /* 1e+06 is shorter than 1000000 */
    LEADING_ZEROS_MAX = 2    /* 1e-04 is shorter than 0.0001 */
};

/* Goes on to the next quote or backslash, or to what is no printable ASCII. */
static const char *skip_ascii(const char *at)
{
    for (;; at += LANES) {
        uint32_t stops = json_scan_stops(at);
        if (stops)
            return at + __builtin_ctz(stops);
    }
}

/* Bytes that begin a character of two. */
static lanes_bytes find_leads(lanes_bytes lanes)
{
    return lanes_within(lanes, 0xC2, 0xDF);
}

/* The same over whole characters of two bytes. It may stop inside one that is broken. */
static const char *skip_pairs(const char *at)
{
    for (;; at += LANES) {
        const uint8_t *bytes = (const uint8_t *)at;
        lanes_bytes lanes = lanes_load(bytes);
        lanes_bytes printable = (lanes_bytes)((lanes_signed)(lanes + 1) > ' ');
        lanes_bytes stops = lanes_equal(lanes, '"') | lanes_equal(lanes, '\\');
        lanes_bytes continued = lanes_continuation(lanes);
        lanes_bytes due = find_leads(lanes_load(bytes - 1));
        lanes_bytes known = printable | find_leads(lanes) | continued;
        uint32_t good = lanes_bits(known & ~stops & ~(continued ^ due));
        if (good != (1u << LANES) - 1)
            return at + __builtin_ctz(~good);
    }
}

/* Goes on to the next quote or backslash over all of UTF-8; false at what is none, and at controls.
 */
static bool skip_characters(const char **at)
{
    for (;;) {
        *at = skip_pairs(*at);
        const uint8_t *bytes = (const uint8_t *)*at;
        uint32_t code_point;
        if (bytes[-1] >= 0xC0) /* nothing continued it */
            return false;
        if (*bytes == '"' || *bytes == '\\')
            return true;
        size_t size = utf8_decode(*at, UTF8_CHARACTER_BYTES_MAX, &code_point, NULL);
        if (size == 0 || code_point < ' ')
            return false;
        *at += size;
    }
}

/* As skip_characters(); *is_ascii stays where all that it went over is printable ASCII. */
static bool skip_unescaped(const char **at, bool *is_ascii)
{
    *at = skip_ascii(*at);
    if (**at == '"' || **at == '\\')
        return true;
    *is_ascii = false;
    return skip_characters(at);
}

/* What one letter behind a backslash stands for; 0 where that is not one letter. */
static uint32_t meant_by(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return (uint8_t)letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* Reads the escape at `at`, both halves of a pair. Answers its size; 0 where it is none, or half of
 * a pair. */
static size_t read_escape(const char *at, uint32_t *code_point)
{
    enum { UNIT_BYTES = 6, PAIR_BYTES = 2 * UNIT_BYTES, PAIRS_FIRST = 0x10000 };
    *code_point = meant_by(at[1]);
    if (*code_point)
        return 2;
    int unit = json_read_escape(at, PAIR_BYTES, 0);
    if (unit < 0 || json_is_low_surrogate(unit))
        return 0;
    *code_point = (uint32_t)unit;
    if (!json_is_high_surrogate(unit))
        return UNIT_BYTES;
    int low = json_read_escape(at, PAIR_BYTES, UNIT_BYTES);
    if (!json_is_low_surrogate(low))
        return 0;
    *code_point = PAIRS_FIRST + ((uint32_t)(unit & 0x3FF) << 10) + (uint32_t)(low & 0x3FF);
    return PAIR_BYTES;
}

/* The writer of JSON escapes with a letter what it must escape, but for the slash, \b and \f. */
static bool is_canonical_escape(const char *at)
{
    return at[1] != '/' && at[1] != 'b' && at[1] != 'f' && at[1] != 'u';
}

bool json_scan_long_string(const char **at, struct json_raw_string *string)
{
    const char *start = *at + 1;
    const char *next = start;
    *string = (struct json_raw_string){.is_canonical = true};
    while (skip_unescaped(&next, &string->is_canonical)) {
        if (*next == '"') {
            string->raw = (struct slice){start, (uint32_t)(next - start)};
            *at = next + 1;
            return true;
        }
        uint32_t code_point;
        size_t size = read_escape(next, &code_point);
        if (size == 0)
            return false;
        string->has_escapes = true;
        string->is_canonical &= is_canonical_escape(next);
        next += size;
    }
    return false;
}

size_t json_unescape(struct slice raw, char *out)
{
    const char *at = raw.data;
    const char *end = raw.data + raw.size;
    char *start = out;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((backslash ? backslash : end) - at);
        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (!backslash)
            break;
        uint32_t code_point;
        at += read_escape(at, &code_point);
        out += utf8_encode(code_point, out);
    }
    return (size_t)(out - start);
}

static const char *skip_digits(const char *at)
{
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

/* `digits` stand before the point, which is at `point`. */
static enum json_raw_number scan_fraction(const char **at, const char *digits, const char *point,
                                          struct slice *shortest)
{
    const char *fraction = point + 1;
    const char *end = *at = skip_digits(fraction);
    if (end == fraction)
        return JSON_RAW_REFUSED;
    while (end[-1] == '0')
        end--;
    bool is_whole = end == fraction;
    if (is_whole)
        end = point;
    if (end - digits > (is_whole ? WHOLE_DIGITS_MAX : DIGITS_MAX + 1))
        return JSON_RAW_REFUSED;
    if (!is_whole && *digits == '0' && memcmp(fraction, "000", LEADING_ZEROS_MAX + 1) == 0)
        return JSON_RAW_REFUSED;
    shortest->size = (uint32_t)(end - shortest->data);
    return JSON_RAW_FRACTION;
}

enum json_raw_number json_scan_number(const char **at, struct slice *shortest)
{
    const char *start = *at;
    const char *digits = start + (*start == '-');
    const char *end = skip_digits(digits);
    ptrdiff_t count = end - digits;
    if (count == 0 || (count > 1 && *digits == '0'))
        return JSON_RAW_REFUSED;
    shortest->data = start;
    if (*end == '.')
        return scan_fraction(at, digits, end, shortest);
    if (count > INTEGER_DIGITS_MAX || (digits > start && *digits == '0'))
        return JSON_RAW_REFUSED;
    *at = end;
    shortest->size = (uint32_t)(end - start);
    return JSON_RAW_INTEGER;
}
