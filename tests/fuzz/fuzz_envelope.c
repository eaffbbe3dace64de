/**
 * Any bytes on any channel decode to a message that keeps its promises: valid UTF-8, padded, within
 * its limits, attributes that are JSON; or to a dead letter with a reason. What is read in one walk
 * without the parser is what the parser reads.
 *
 * The first byte chooses the envelope and its policy, the second how many headers of a fixed set
 * the record has; the rest is the value.
 */
#include "base/assert.h"
#include "decode/envelope.h"
#include "decode/json_document.h"
#include "support/made_message.h"
#include "text/utf8.h"

#include <string.h>

enum { PAYLOAD_BYTES_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct message_header header(const char *name, const char *value)
{
    return (struct message_header){slice_from(name, strlen(name)),
                                   slice_from(value, strlen(value))};
}

static void check_slice(struct slice slice, size_t size_max)
{
    ASSERT(slice.size <= size_max);
    ASSERT(utf8_is_valid(slice.data, slice.size));
}

static void check(struct json_document *document, const struct message *message)
{
    static const char zeros[MESSAGE_PADDING_BYTES];
    check_slice(message->id, MESSAGE_FIELD_BYTES_MAX);
    check_slice(message->customer, MESSAGE_FIELD_BYTES_MAX);
    check_slice(message->time, MESSAGE_FIELD_BYTES_MAX);
    check_slice(message->language_hint, MESSAGE_FIELD_BYTES_MAX);
    check_slice(message->text, 128);
    check_slice(message->attributes, MESSAGE_ATTRIBUTES_BYTES_MAX);
    if (message->dead_reason != DEAD_NONE)
        return;
    ASSERT(message->text.size > 0);
    ASSERT(memcmp(message->text.data + message->text.size, zeros, sizeof zeros) == 0);
    if (message->attributes.size == 0)
        return;
    static char padded[MESSAGE_ATTRIBUTES_BYTES_MAX + MESSAGE_PADDING_BYTES];
    memcpy(padded, message->attributes.data, message->attributes.size);
    memset(padded + message->attributes.size, 0, MESSAGE_PADDING_BYTES);
    ASSERT(json_document_parse(document, padded, message->attributes.size) == JSON_PARSED);
}

static void check_same(struct slice left, struct slice right)
{
    ASSERT(left.size == right.size);
    ASSERT(left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

static void check_alike(const struct message *direct, const struct message *parsed)
{
    ASSERT(direct->dead_reason == parsed->dead_reason && direct->flags == parsed->flags);
    check_same(direct->text, parsed->text);
    check_same(direct->id, parsed->id);
    check_same(direct->customer, parsed->customer);
    check_same(direct->time, parsed->time);
    check_same(direct->language_hint, parsed->language_hint);
    check_same(direct->attributes, parsed->attributes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decode_scratch *scratch;
    static struct json_document *document;
    static struct error_list errors;
    if (!scratch) {
        ASSERT(decode_scratch_create(PAYLOAD_BYTES_MAX, &scratch) == STATUS_OK);
        ASSERT(json_document_create(MESSAGE_ATTRIBUTES_BYTES_MAX, ENVELOPE_DEPTH_MAX, &document) ==
               STATUS_OK);
    }
    if (size < 2)
        return 0;
    const struct envelope_settings settings = {.kind = data[0] % ENVELOPE_KIND_COUNT,
                                               .text_policy = data[0] >> 7,
                                               .payload_bytes_max = PAYLOAD_BYTES_MAX,
                                               .text_bytes_max = 128,
                                               .depth_max = 8,
                                               .keys_max = 32};
    const struct message_header headers[] = {
        header("ce_specversion", "1.0"), header("ce_id", "\xC3("), header("ce_source", "s"),
        header("ce_type", "t"),          header("customer", "c"),  header("", "\xFF")};
    struct envelope_mapping mapping;
    ASSERT(envelope_mapping_compile(&settings, NULL, &errors, &mapping) == STATUS_OK);
    struct made_message *made =
        made_message_create_with_headers((const char *)data + 2, size - 2, headers, data[1] % 7);
    enum redress_status status = envelope_decode(&mapping, scratch, &made->message);
    ASSERT((status == STATUS_OK) == (made->message.dead_reason == DEAD_NONE));
    check(document, &made->message);
    struct made_message *parsed =
        made_message_create_with_headers((const char *)data + 2, size - 2, headers, data[1] % 7);
    mapping.is_direct = false;
    ASSERT(envelope_decode(&mapping, scratch, &parsed->message) == status);
    check_alike(&made->message, &parsed->message);
    made_message_free(parsed);
    made_message_free(made);
    return 0;
}
