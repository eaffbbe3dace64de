#include "base/json_writer.h"

#include "base/lanes.h"
#include "base/load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put(struct json_writer *json, const char *bytes, size_t size)
{
    if (size > json->capacity - json->size)
        json->overflow = true;
    if (json->overflow)
        return;
    memcpy(json->buffer + json->size, bytes, size);
    json->size += size;
}

static void separate(struct json_writer *json)
{
    if (json->comma)
        put(json, ",", 1);
    json->comma = true;
}

void json_start(struct json_writer *json, char *buffer, size_t capacity)
{
    *json = (struct json_writer){.buffer = buffer, .capacity = capacity};
}

static void open_with(struct json_writer *json, const char *bracket)
{
    separate(json);
    put(json, bracket, 1);
    json->comma = false;
}

static void close_with(struct json_writer *json, const char *bracket)
{
    put(json, bracket, 1);
    json->comma = true;
}

void json_object_open(struct json_writer *json)
{
    open_with(json, "{");
}

void json_object_close(struct json_writer *json)
{
    close_with(json, "}");
}

void json_array_open(struct json_writer *json)
{
    open_with(json, "[");
}

void json_array_close(struct json_writer *json)
{
    close_with(json, "]");
}

/* Takes the room of a name or a text and of what stands around it: a comma that may be due, and
 * `quotes` bytes more. False, and the buffer is full, where it does not fit. */
static inline bool take_room(struct json_writer *json, size_t size, size_t quotes, char **out)
{
    size_t sum = size + quotes + json->comma;
    *out = json->buffer + json->size;
    json->overflow |= sum > json->capacity - json->size;
    if (json->overflow)
        return false;
    json->size += sum;
    **out = ',';
    *out += json->comma;
    *(*out)++ = '"';
    return true;
}

void json_key(struct json_writer *json, const char *name)
{
    size_t size = strlen(name);
    char *out;
    if (!take_room(json, size, strlen("\"\":"), &out))
        return;
    memcpy(out, name, size);
    out[size] = '"';
    out[size + 1] = ':';
    json->comma = false;
}

/* U+2028 and U+2029 end a line in JavaScript: E2 80 A8 and E2 80 A9. */
static bool is_line_separator(const unsigned char *text, size_t left)
{
    return left >= 3 && text[0] == 0xE2 && text[1] == 0x80 && (text[2] == 0xA8 || text[2] == 0xA9);
}

static const char *short_escape(unsigned char byte)
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

/* Writes the escape of the character at `text` and answers how many bytes it took, 0 where none is
 * needed. */
static size_t put_escape(struct json_writer *json, const unsigned char *text, size_t left)
{
    if (is_line_separator(text, left)) {
        put(json, text[2] == 0xA8 ? "\\u2028" : "\\u2029", 6);
        return 3;
    }
    const char *escape = short_escape(*text);
    if (escape) {
        put(json, escape, 2);
        return 1;
    }
    if (*text >= 0x20 && *text != 0x7F)
        return 0;
    char unicode[8];
    snprintf(unicode, sizeof unicode, "\\u%04x", *text);
    put(json, unicode, 6);
    return 1;
}

/* Bytes that do not stand in a string as they are; 0xE2 may begin a line separator. */
static inline lanes_bytes find_special(lanes_bytes lanes)
{
    lanes_bytes control = (lanes_bytes)(lanes < 0x20) | lanes_equal(lanes, 0x7F);
    return control | lanes_equal(lanes, '"') | lanes_equal(lanes, '\\') | lanes_equal(lanes, 0xE2);
}

/* Copies sixteen bytes and finds the special ones among them. */
static inline lanes_bytes copy_lanes(char *out, const char *text)
{
    lanes_bytes lanes = lanes_load((const uint8_t *)text);
    memcpy(out, &lanes, sizeof lanes);
    return find_special(lanes);
}

/* The same for fewer. Halves that overlap need no loop and no call, as in most strings of a
 * record. */
static inline lanes_bytes copy_few(char *out, const char *text, size_t size)
{
    uint64_t halves[2];
    if (size >= sizeof halves[0]) {
        halves[0] = load_64(text);
        halves[1] = load_64(text + size - sizeof halves[0]);
        memcpy(out, &halves[0], sizeof halves[0]);
        memcpy(out + size - sizeof halves[0], &halves[1], sizeof halves[1]);
    } else if (size >= sizeof(uint32_t)) {
        uint32_t first = load_32(text);
        uint32_t last = load_32(text + size - sizeof last);
        memcpy(out, &first, sizeof first);
        memcpy(out + size - sizeof last, &last, sizeof last);
        halves[0] = halves[1] = (uint64_t)last << 32 | first;
    } else {
        memset(halves, ' ', sizeof halves);
        for (size_t at = 0; at < size; at++)
            ((char *)halves)[at] = out[at] = text[at];
    }
    return find_special(lanes_load((const uint8_t *)halves));
}

/* Copies a string as it is. False where a byte of it may need an escape. */
static inline bool copy_plain(char *out, const char *text, size_t size)
{
    if (size < LANES)
        return lanes_bits(copy_few(out, text, size)) == 0;
    lanes_bytes special = copy_lanes(out + size - LANES, text + size - LANES);
    for (size_t at = 0; at + LANES <= size; at += LANES)
        special |= copy_lanes(out + at, text + at);
    return lanes_bits(special) == 0;
}

/* Up to the next byte that may need an escape, or the next sixteen. */
static size_t plain_bytes(const char *text, size_t size)
{
    unsigned char last[LANES];
    const unsigned char *bytes = (const unsigned char *)text;
    if (size < LANES) {
        memset(last, ' ', sizeof last);
        memcpy(last, text, size);
        bytes = last;
    }
    uint32_t stop = lanes_bits(find_special(lanes_load(bytes))) | 1u << LANES;
    size_t count = (size_t)__builtin_ctz(stop);
    return count < size ? count : size;
}

static void put_escaped(struct json_writer *json, const char *text, size_t size)
{
    size_t start = 0; /* of what is not written yet */
    for (size_t at = 0; at < size;) {
        size_t plain = plain_bytes(text + at, size - at);
        at += plain;
        if (at == size || plain == LANES)
            continue;
        put(json, text + start, at - start);
        start = at;
        size_t escaped = put_escape(json, (const unsigned char *)text + at, size - at);
        start += escaped;
        at += escaped ? escaped : 1;
    }
    put(json, text + start, size - start);
}

/* What has room as it stands, but does not stay as it is. */
__attribute__((noinline)) static void put_quoted(struct json_writer *json, char *out,
                                                 const char *text, size_t size)
{
    json->size = (size_t)(out - json->buffer);
    put_escaped(json, text, size);
    put(json, "\"", 1);
}

void json_string_sized(struct json_writer *json, const char *text, size_t size)
{
    char *out;
    if (!take_room(json, size, strlen("\"\""), &out))
        return;
    json->comma = true;
    if (copy_plain(out, text, size))
        out[size] = '"';
    else
        put_quoted(json, out, text, size);
}

void json_key_sized(struct json_writer *json, const char *name, size_t size)
{
    json_string_sized(json, name, size);
    put(json, ":", 1);
    json->comma = false;
}

void json_string(struct json_writer *json, const char *text)
{
    json_string_sized(json, text, strlen(text));
}

/* By hand: a case holds dozens of numbers, and snprintf(3) took a third of the time to write one.
 */
static void put_digits(struct json_writer *json, bool negative, uint64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    char digits[24];
    char *end = digits + sizeof digits;
    char *start = end;
    for (; value >= 10; value /= 100) {
        start -= 2;
        memcpy(start, pairs + 2 * (value % 100), 2);
    }
    if (value > 0 || start == end)
        *--start = (char)('0' + value);
    if (negative)
        *--start = '-';
    separate(json);
    put(json, start, (size_t)(end - start));
}

void json_integer(struct json_writer *json, int64_t value)
{
    put_digits(json, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_unsigned(struct json_writer *json, uint64_t value)
{
    put_digits(json, false, value);
}

/* Three decimals at most, one at least. False where the number is too large for that. */
static bool put_thousandths(struct json_writer *json, double value)
{
    static const double whole_max = 1e12;
    if (!(value > -whole_max && value < whole_max))
        return false;
    int64_t scaled = (int64_t)llround(value * 1000);
    uint64_t size = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled;
    char decimals[4] = {'.', (char)('0' + size / 100 % 10), (char)('0' + size / 10 % 10),
                        (char)('0' + size % 10)};
    size_t shown = decimals[3] != '0' ? 4 : decimals[2] != '0' ? 3 : 2;
    put_digits(json, scaled < 0, size / 1000);
    put(json, decimals, shown);
    return true;
}

void json_number(struct json_writer *json, double value)
{
    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    if (put_thousandths(json, value))
        return;
    char digits[48];
    int size = snprintf(digits, sizeof digits, "%.3f", value);
    if (size < 0 || (size_t)size >= sizeof digits)
        size = snprintf(digits, sizeof digits, "%.6e", value);
    else
        while (digits[size - 1] == '0' && digits[size - 2] != '.')
            size--;
    separate(json);
    put(json, digits, (size_t)size);
}

void json_bool(struct json_writer *json, bool value)
{
    separate(json);
    put(json, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json_writer *json)
{
    separate(json);
    put(json, "null", 4);
}

/* Four bits to a byte, the highest first; of those from ten on, letters. */
static void write_hex(char out[16], uint64_t value)
{
    const uint64_t fours = 0x0F0F0F0F0F0F0F0F;
    const uint64_t ones = 0x0101010101010101;
    for (int half = 0; half < 2; half++, value <<= 32) {
        uint64_t spread = value >> 32;
        spread = (spread | spread << 16) & 0x0000FFFF0000FFFF;
        spread = (spread | spread << 8) & 0x00FF00FF00FF00FF;
        spread = (spread | spread << 4) & fours;
        uint64_t letters = (spread + 6 * ones) >> 4 & ones;
        store_64_big(out + 8 * half, spread + '0' * ones + letters * ('a' - '0' - 10));
    }
}

void json_hex(struct json_writer *json, uint64_t value)
{
    char text[16];
    write_hex(text, value);
    json_string_sized(json, text, sizeof text);
}

void json_hex_128(struct json_writer *json, uint64_t high, uint64_t low)
{
    char text[32];
    write_hex(text, high);
    write_hex(text + 16, low);
    json_string_sized(json, text, sizeof text);
}

void json_raw(struct json_writer *json, const char *text, size_t size)
{
    separate(json);
    put(json, text, size);
}

void json_newline(struct json_writer *json)
{
    put(json, "\n", 1);
    json->comma = false;
}
