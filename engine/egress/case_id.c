#include "egress/case_id.h"

#include "base/hash.h"
#include "base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Least byte first on every machine: an id found in one data centre is looked up in another. */
static void add_integer(XXH3_state_t *state, uint64_t value)
{
    unsigned char bytes[8];
    for (unsigned index = 0; index < sizeof bytes; index++)
        bytes[index] = (unsigned char)(value >> (8 * index));
    XXH3_128bits_update(state, bytes, sizeof bytes);
}

/* The size goes in first, so that no two different pairs of texts give the same bytes. */
static void add_text(XXH3_state_t *state, const char *text, size_t size)
{
    add_integer(state, size);
    XXH3_128bits_update(state, size ? text : "", size);
}

struct case_id case_id_of(struct slice cluster_id, const struct message *message)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    add_text(&state, cluster_id.data, cluster_id.size);
    add_text(&state, message->topic, strlen(message->topic));
    add_integer(&state, (uint64_t)(int64_t)message->partition);
    add_integer(&state, (uint64_t)message->offset);
    add_integer(&state, (uint64_t)message->timestamp_ms);
    add_integer(&state, message->payload_hash);
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    return (struct case_id){.high = hash.high64, .low = hash.low64};
}

void case_id_assign(struct slice cluster_id, struct message *message)
{
    const size_t name_size = strlen(CASE_ID_HEADER);
    for (unsigned index = 0; index < message->header_count; index++) {
        const struct message_header *header = &message->headers[index];
        if (header->name.size == name_size &&
            memcmp(header->name.data, CASE_ID_HEADER, name_size) == 0 &&
            case_id_parse(header->value, &message->case_id)) {
            message->flags |= MESSAGE_REPLAYED;
            return;
        }
    }
    message->case_id = case_id_of(cluster_id, message);
}

void case_id_format(struct case_id id, char out[CASE_ID_DIGITS + 1])
{
    snprintf(out, CASE_ID_DIGITS + 1, "%016" PRIx64 "%016" PRIx64, id.high, id.low);
}

static bool parse_half(const char *digits, uint64_t *out)
{
    *out = 0;
    for (unsigned index = 0; index < CASE_ID_DIGITS / 2; index++) {
        int digit = hex_digit_small(digits[index]);
        if (digit < 0)
            return false;
        *out = *out << 4 | (unsigned)digit;
    }
    return true;
}

bool case_id_parse(struct slice text, struct case_id *out)
{
    struct case_id id;
    if (text.size != CASE_ID_DIGITS || !parse_half(text.data, &id.high) ||
        !parse_half(text.data + CASE_ID_DIGITS / 2, &id.low))
        return false;
    if (id.high == 0 && id.low == 0)
        return false;
    *out = id;
    return true;
}
