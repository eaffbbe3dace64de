#include "base/printable.h"

#include <stdbool.h>

static size_t sequence_size(unsigned char first)
{
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/* What the first byte alone does not tell: overlong forms, surrogates, beyond U+10FFFF. */
static bool is_well_formed(const unsigned char *text)
{
    return !((text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xED && text[1] > 0x9F) ||
             (text[0] == 0xF0 && text[1] < 0x90) || (text[0] == 0xF4 && text[1] > 0x8F));
}

/* C1 controls; U+200E, U+200F, U+2028 to U+202E; U+2066 to U+2069. */
static bool gives_orders(const unsigned char *text)
{
    if (text[0] == 0xC2)
        return text[1] < 0xA0;
    if (text[0] != 0xE2)
        return false;
    return (text[1] == 0x80 &&
            ((text[2] >= 0xA8 && text[2] <= 0xAE) || text[2] == 0x8E || text[2] == 0x8F)) ||
           (text[1] == 0x81 && text[2] >= 0xA6 && text[2] <= 0xA9);
}

size_t printable_size(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (*bytes >= 0x20 && *bytes < 0x7F)
        return 1;
    size_t size = sequence_size(*bytes);
    for (size_t index = 1; index < size; index++)
        if ((bytes[index] & 0xC0) != 0x80)
            return 0;
    return size && is_well_formed(bytes) && !gives_orders(bytes) ? size : 0;
}

void printable_make(char *text)
{
    while (*text) {
        size_t size = printable_size(text);
        if (size == 0)
            *text++ = '?';
        else
            text += size;
    }
}
