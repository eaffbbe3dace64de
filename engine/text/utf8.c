#include "text/utf8.h"

#include "base/assert.h"

#include <string.h>

/* What may follow a lead byte: length, and the range of the second byte (Unicode table 3-7). */
struct lead {
    uint8_t length;
    uint8_t second_min;
    uint8_t second_max;
};

static struct lead lead_of(uint8_t byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return (struct lead){2, 0x80, 0xBF};
    if (byte == 0xE0)
        return (struct lead){3, 0xA0, 0xBF};
    if (byte == 0xED)
        return (struct lead){3, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF)
        return (struct lead){3, 0x80, 0xBF};
    if (byte == 0xF0)
        return (struct lead){4, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3)
        return (struct lead){4, 0x80, 0xBF};
    if (byte == 0xF4)
        return (struct lead){4, 0x80, 0x8F};
    return (struct lead){0, 0, 0};
}

static size_t fail(size_t *bad, size_t length)
{
    if (bad)
        *bad = length;
    return 0;
}

size_t utf8_decode(const char *bytes, size_t size, uint32_t *code_point, size_t *bad)
{
    if (size == 0)
        return fail(bad, 0);
    const uint8_t *at = (const uint8_t *)bytes;
    if (at[0] < 0x80) {
        *code_point = at[0];
        return 1;
    }
    struct lead lead = lead_of(at[0]);
    if (lead.length == 0)
        return fail(bad, 1);
    if (size < 2 || at[1] < lead.second_min || at[1] > lead.second_max)
        return fail(bad, 1);
    uint32_t value = at[0] & (0x7Fu >> lead.length);
    value = value << 6 | (at[1] & 0x3Fu);
    for (size_t i = 2; i < lead.length; i++) {
        if (i >= size || (at[i] & 0xC0) != 0x80)
            return fail(bad, i);
        value = value << 6 | (at[i] & 0x3Fu);
    }
    *code_point = value;
    return lead.length;
}

/* Eight bytes at a time: most texts are mostly ASCII. */
static size_t ascii_prefix(const char *bytes, size_t size)
{
    size_t at = 0;
    while (size - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        if (word & 0x8080808080808080u)
            break;
        at += sizeof word;
    }
    while (at < size && (uint8_t)bytes[at] < 0x80)
        at++;
    return at;
}

size_t utf8_valid_prefix(const char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size) {
        at += ascii_prefix(bytes + at, size - at);
        uint32_t code_point;
        size_t length = utf8_decode(bytes + at, size - at, &code_point, NULL);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

bool utf8_is_valid(const char *bytes, size_t size)
{
    return utf8_valid_prefix(bytes, size) == size;
}

size_t utf8_cut(const char *bytes, size_t size, size_t limit)
{
    if (limit >= size)
        return size;
    while (limit > 0 && ((uint8_t)bytes[limit] & 0xC0) == 0x80)
        limit--;
    return limit;
}

struct utf8_repair utf8_repair(const char *bytes, size_t size, char *out, size_t out_max)
{
    struct utf8_repair result = {0};
    while (result.consumed < size) {
        const char *from = bytes + result.consumed;
        size_t left = size - result.consumed;
        size_t valid = utf8_valid_prefix(from, left);
        size_t room = out_max - result.size;
        size_t taken = valid <= room ? valid : utf8_cut(from, valid, room);
        if (taken > 0)
            memcpy(out + result.size, from, taken);
        result.size += taken;
        result.consumed += taken;
        if (taken < valid) {
            result.cut = true;
            break;
        }
        if (valid == left)
            break;
        if (out_max - result.size < UTF8_REPLACEMENT_BYTES) {
            result.cut = true;
            break;
        }
        uint32_t code_point;
        size_t bad = 0;
        size_t length = utf8_decode(from + valid, left - valid, &code_point, &bad);
        ASSERT(length == 0 && bad > 0);
        memcpy(out + result.size, "\xEF\xBF\xBD", UTF8_REPLACEMENT_BYTES);
        result.size += UTF8_REPLACEMENT_BYTES;
        result.consumed += bad;
        result.replaced = true;
    }
    return result;
}

size_t utf8_encode(uint32_t code_point, char out[UTF8_CHARACTER_BYTES_MAX])
{
    ASSERT(code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF));
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}
