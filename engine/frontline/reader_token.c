/**
 * A token as one word: f1-<case id>-<epoch>-<instance>-<expiry>-<slot>-<revision>, all hex. It may
 * come from a person's clipboard, so parsing takes exactly what printing gives and nothing else.
 */
#include "frontline/reader.h"

#include "base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void redress_frontline_token_print(const struct frontline_token *token,
                                   char text[FRONTLINE_TOKEN_TEXT_BYTES])
{
    (void)snprintf(text, FRONTLINE_TOKEN_TEXT_BYTES,
                   "f1-%016" PRIx64 "%016" PRIx64 "-%" PRIx64 "-%" PRIx64 "-%" PRIx64 "-%" PRIx32
                   "-%" PRIx32,
                   token->case_id.high, token->case_id.low, token->epoch, token->instance,
                   token->expires_ns, token->slot, token->revision);
}

/** Reads hex digits, at most digits_max; false where there are fewer than digits_min. */
static bool parse_hex(const char **text, unsigned digits_min, unsigned digits_max, uint64_t *value)
{
    unsigned digits = 0;
    *value = 0;
    for (; digits < digits_max; digits++, (*text)++) {
        int digit = hex_digit_small(**text);
        if (digit < 0)
            break;
        *value = *value << 4 | (unsigned)digit;
    }
    return digits >= digits_min;
}

static bool parse_dash(const char **text)
{
    return *(*text)++ == '-';
}

bool redress_frontline_token_parse(const char *text, struct frontline_token *token)
{
    uint64_t slot = 0;
    uint64_t revision = 0;
    if (strnlen(text, FRONTLINE_TOKEN_TEXT_BYTES) == FRONTLINE_TOKEN_TEXT_BYTES)
        return false;
    if (strncmp(text, "f1-", 3) != 0)
        return false;
    text += 3;
    if (!parse_hex(&text, 16, 16, &token->case_id.high) ||
        !parse_hex(&text, 16, 16, &token->case_id.low) || !parse_dash(&text) ||
        !parse_hex(&text, 1, 10, &token->epoch) || !parse_dash(&text) ||
        !parse_hex(&text, 1, 16, &token->instance) || !parse_dash(&text) ||
        !parse_hex(&text, 1, 16, &token->expires_ns) || !parse_dash(&text) ||
        !parse_hex(&text, 1, 8, &slot) || !parse_dash(&text) || !parse_hex(&text, 1, 2, &revision))
        return false;
    token->slot = (uint32_t)slot;
    token->revision = (uint32_t)revision;
    return *text == '\0';
}
