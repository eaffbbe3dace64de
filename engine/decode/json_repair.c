#include "decode/json_repair.h"

#include "base/hex.h"

#include <stdint.h>
#include <string.h>

enum { ESCAPE_BYTES = 6, NUMBER_BYTES_SAFE = 18, EXPONENT_DIGITS_SAFE = 2 };

int json_read_escape(const char *bytes, size_t size, size_t at)
{
    if (size - at < ESCAPE_BYTES || bytes[at] != '\\' || bytes[at + 1] != 'u')
        return -1;
    int value = 0;
    for (size_t index = 2; index < ESCAPE_BYTES; index++) {
        int digit = hex_digit(bytes[at + index]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The place of the next lone surrogate's escape at or after `at`, or size. */
static size_t find_lone_surrogate(const char *bytes, size_t size, size_t at)
{
    while (at < size) {
        const char *backslash = memchr(bytes + at, '\\', size - at);
        if (!backslash)
            return size;
        at = (size_t)(backslash - bytes);
        int value = json_read_escape(bytes, size, at);
        if (value < 0) {
            at += 2; /* the byte behind a backslash is never the start of another escape */
            continue;
        }
        if (json_is_low_surrogate(value))
            return at;
        if (!json_is_high_surrogate(value)) {
            at += ESCAPE_BYTES;
            continue;
        }
        if (!json_is_low_surrogate(json_read_escape(bytes, size, at + ESCAPE_BYTES)))
            return at;
        at += 2 * (size_t)ESCAPE_BYTES;
    }
    return size;
}

bool json_has_lone_surrogate(const char *bytes, size_t size)
{
    return find_lone_surrogate(bytes, size, 0) < size;
}

void json_replace_lone_surrogates(char *bytes, size_t size)
{
    for (size_t at = 0; (at = find_lone_surrogate(bytes, size, at)) < size; at += ESCAPE_BYTES)
        memcpy(bytes + at, "\\uFFFD", ESCAPE_BYTES);
}

static size_t skip_digits(const char *bytes, size_t size, size_t at)
{
    while (at < size && bytes[at] >= '0' && bytes[at] <= '9')
        at++;
    return at;
}

/* The end of the number that starts at `at` by RFC 8259, section 6; `at` where none does. */
static size_t number_end(const char *bytes, size_t size, size_t at, size_t *exponent_digits)
{
    size_t start = at;
    *exponent_digits = 0;
    if (at < size && bytes[at] == '-')
        at++;
    size_t end = at < size && bytes[at] == '0' ? at + 1 : skip_digits(bytes, size, at);
    if (end == at)
        return start;
    at = end;
    if (at < size && bytes[at] == '.') {
        end = skip_digits(bytes, size, at + 1);
        if (end == at + 1)
            return start;
        at = end;
    }
    if (at < size && (bytes[at] == 'e' || bytes[at] == 'E')) {
        at++;
        if (at < size && (bytes[at] == '+' || bytes[at] == '-'))
            at++;
        end = skip_digits(bytes, size, at);
        if (end == at)
            return start;
        *exponent_digits = end - at;
        at = end;
    }
    return at;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool ends_value(const char *bytes, size_t size, size_t at)
{
    return at == size || is_space(bytes[at]) || bytes[at] == ',' || bytes[at] == ']' ||
           bytes[at] == '}';
}

/* The end of the string whose opening quote stands at `at`, behind its closing quote. */
static size_t string_end(const char *bytes, size_t size, size_t at)
{
    for (at++; at < size; at++) {
        if (bytes[at] == '\\')
            at++;
        else if (bytes[at] == '"')
            return at + 1;
    }
    return size;
}

static bool is_key(const char *bytes, size_t size, size_t end)
{
    while (end < size && is_space(bytes[end]))
        end++;
    return end < size && bytes[end] == ':';
}

struct copy {
    const char *bytes;
    size_t size;
    size_t at;
    char *out;
    size_t out_max;
    size_t out_size;
    bool full;
};

static void put(struct copy *copy, const char *bytes, size_t size)
{
    if (size > copy->out_max - copy->out_size)
        copy->full = true;
    if (copy->full)
        return;
    memcpy(copy->out + copy->out_size, bytes, size);
    copy->out_size += size;
}

static void copy_string(struct copy *copy)
{
    size_t end = string_end(copy->bytes, copy->size, copy->at);
    bool escape_nul = json_read_escape(copy->bytes, copy->size, copy->at + 1) == 0 &&
                      !is_key(copy->bytes, copy->size, end);
    if (escape_nul)
        put(copy, "\"\\u0000", 7);
    else
        put(copy, "\"", 1);
    put(copy, copy->bytes + copy->at + 1, end - copy->at - 1);
    copy->at = end;
}

static void copy_number(struct copy *copy)
{
    size_t exponent_digits;
    size_t end = number_end(copy->bytes, copy->size, copy->at, &exponent_digits);
    if (end == copy->at || !ends_value(copy->bytes, copy->size, end)) {
        put(copy, copy->bytes + copy->at, 1);
        copy->at++;
        return;
    }
    bool is_safe = end - copy->at <= NUMBER_BYTES_SAFE && exponent_digits <= EXPONENT_DIGITS_SAFE;
    if (!is_safe)
        put(copy, "\"\\u0000", 7);
    put(copy, copy->bytes + copy->at, end - copy->at);
    if (!is_safe)
        put(copy, "\"", 1);
    copy->at = end;
}

size_t json_rewrite_numbers(const char *bytes, size_t size, char *out, size_t out_max)
{
    struct copy copy = {.bytes = bytes, .size = size, .out = out, .out_max = out_max};
    while (copy.at < size && !copy.full) {
        char byte = bytes[copy.at];
        bool after_number = copy.at > 0 && !ends_value(bytes, size, copy.at - 1) &&
                            bytes[copy.at - 1] != '[' && bytes[copy.at - 1] != ':';
        if (byte == '"') {
            copy_string(&copy);
        } else if ((byte == '-' || (byte >= '0' && byte <= '9')) && !after_number) {
            copy_number(&copy);
        } else {
            put(&copy, &byte, 1);
            copy.at++;
        }
    }
    return copy.full ? 0 : copy.out_size;
}

enum json_rewritten json_rewritten_kind(const char *text, size_t size)
{
    if (size == 0 || text[0] != '\0')
        return JSON_REWRITTEN_NOT;
    if (size > 1 && text[1] == '\0')
        return JSON_REWRITTEN_STRING;
    return JSON_REWRITTEN_NUMBER;
}
