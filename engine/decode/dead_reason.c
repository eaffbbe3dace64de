#include <redress/message.h>

#include <string.h>

static const char *const names[DEAD_REASON_COUNT] = {
    [DEAD_NONE] = "none",
    [DEAD_TOMBSTONE] = "tombstone",
    [DEAD_EMPTY] = "empty",
    [DEAD_TOO_LARGE] = "too_large",
    [DEAD_NOT_JSON] = "not_json",
    [DEAD_TOO_DEEP] = "too_deep",
    [DEAD_TOO_MANY_KEYS] = "too_many_keys",
    [DEAD_DUPLICATE_KEY] = "duplicate_key",
    [DEAD_WRONG_TYPE] = "wrong_type",
    [DEAD_TEXT_MISSING] = "text_missing",
    [DEAD_TEXT_TOO_LONG] = "text_too_long",
    [DEAD_FIELD_TOO_LONG] = "field_too_long",
    [DEAD_ENVELOPE] = "envelope",
    [DEAD_OUTPUT_TOO_LARGE] = "output_too_large",
};

const char *redress_dead_reason_name(enum dead_reason reason)
{
    if ((unsigned)reason >= DEAD_REASON_COUNT)
        return "unknown";
    return names[reason];
}

bool redress_dead_reason_parse(const char *name, size_t size, enum dead_reason *out)
{
    for (unsigned reason = 0; reason < DEAD_REASON_COUNT; reason++) {
        if (strlen(names[reason]) != size || memcmp(names[reason], name, size) != 0)
            continue;
        *out = (enum dead_reason)reason;
        return true;
    }
    return false;
}
