/** One message's way through decoding: the checks that need no parser, the parser, the scratch. */
#include "decode/decoding.h"

#include "base/assert.h"
#include "base/memory.h"
#include "decode/json_repair.h"
#include "text/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BOM_BYTES = 3, ROOM_SLACK_BYTES = 128 };

size_t envelope_room_bytes(uint32_t payload_size)
{
    size_t most = MESSAGE_TEXT_BYTES_MAX + MESSAGE_ATTRIBUTES_BYTES_MAX +
                  (ENVELOPE_FIELD_COUNT - 1) * (size_t)MESSAGE_FIELD_BYTES_MAX;
    size_t repaired = REPAIR_GROWTH * (size_t)payload_size;
    return (repaired < most ? repaired : most) + MESSAGE_PADDING_BYTES + ROOM_SLACK_BYTES;
}

static size_t buffer_limit(uint32_t payload_bytes_max)
{
    return REPAIR_GROWTH * (size_t)payload_bytes_max;
}

size_t decode_scratch_bytes_max(uint32_t payload_bytes_max)
{
    return sizeof(struct decode_scratch) + SEEN_KEYS * sizeof(struct seen_key) +
           2 * (buffer_limit(payload_bytes_max) + MESSAGE_PADDING_BYTES) +
           json_document_bytes(buffer_limit(payload_bytes_max));
}

enum redress_status decode_scratch_create(uint32_t payload_bytes_max, struct decode_scratch **out)
{
    ASSERT(payload_bytes_max > 0 && payload_bytes_max <= MESSAGE_PAYLOAD_BYTES_MAX);
    *out = NULL;
    struct decode_scratch *scratch = memory_allocate(sizeof *scratch);
    if (!scratch)
        return STATUS_MEMORY;
    scratch->buffer_limit = buffer_limit(payload_bytes_max);
    scratch->buffer_size = scratch->buffer_limit + MESSAGE_PADDING_BYTES;
    scratch->repaired = memory_map(scratch->buffer_size);
    scratch->rewritten = memory_map(scratch->buffer_size);
    scratch->seen = memory_allocate_array(SEEN_KEYS, sizeof *scratch->seen);
    enum redress_status status =
        json_document_create(scratch->buffer_limit, ENVELOPE_DEPTH_MAX, &scratch->document);
    if (!scratch->repaired || !scratch->rewritten || !scratch->seen || status != STATUS_OK) {
        decode_scratch_free(scratch);
        return STATUS_MEMORY;
    }
    *out = scratch;
    return STATUS_OK;
}

void decode_scratch_free(struct decode_scratch *scratch)
{
    if (!scratch)
        return;
    json_document_free(scratch->document);
    memory_unmap(scratch->repaired, scratch->buffer_size);
    memory_unmap(scratch->rewritten, scratch->buffer_size);
    memory_free(scratch->seen);
    memory_free(scratch);
}

void decode_counts_add(const struct decode_scratch *scratch, struct decode_counts *sum)
{
    /* Relaxed, paired with decoding_count(): each is read whole, and no order between them matters.
     */
    sum->decoded += atomic_load_explicit(&scratch->counts.decoded, memory_order_relaxed);
    sum->repaired += atomic_load_explicit(&scratch->counts.repaired, memory_order_relaxed);
    sum->truncated += atomic_load_explicit(&scratch->counts.truncated, memory_order_relaxed);
    sum->attributes_cut +=
        atomic_load_explicit(&scratch->counts.attributes_cut, memory_order_relaxed);
    sum->numbers_rewritten +=
        atomic_load_explicit(&scratch->counts.numbers_rewritten, memory_order_relaxed);
    for (unsigned reason = 0; reason < DEAD_REASON_COUNT; reason++)
        sum->dead[reason] +=
            atomic_load_explicit(&scratch->counts.dead[reason], memory_order_relaxed);
}

void decoding_fail(struct decoding *decoding, enum dead_reason reason, const char *format, ...)
{
    struct message *message = decoding->message;
    if (message->dead_reason != DEAD_NONE)
        return;
    message->dead_reason = reason;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->dead_detail, sizeof message->dead_detail, format, arguments);
    va_end(arguments);
}

struct slice decoding_payload(struct decoding *decoding)
{
    struct slice bytes = decoding->message->payload;
    if (bytes.size < BOM_BYTES || memcmp(bytes.data, "\xEF\xBB\xBF", BOM_BYTES) != 0)
        return bytes;
    decoding->message->flags |= MESSAGE_REPAIRED;
    return (struct slice){bytes.data + BOM_BYTES, bytes.size - BOM_BYTES};
}

/* The scratch holds three bytes for each of the largest payload, so nothing is ever cut. */
struct slice decoding_repair(struct decoding *decoding, struct slice bytes)
{
    struct decode_scratch *scratch = decoding->scratch;
    struct utf8_repair repair =
        utf8_repair(bytes.data, bytes.size, scratch->repaired, scratch->buffer_limit);
    memset(scratch->repaired + repair.size, 0, MESSAGE_PADDING_BYTES);
    if (repair.replaced)
        decoding->message->flags |= MESSAGE_REPAIRED;
    return (struct slice){scratch->repaired, (uint32_t)repair.size};
}

/* The parser knows whether bytes are valid UTF-8 as a by-product; lone surrogates it does not tell
 * apart from other bad escapes, so that they are looked for first. */
static struct slice repair_escapes(struct decoding *decoding, struct slice bytes)
{
    if (!json_has_lone_surrogate(bytes.data, bytes.size))
        return bytes;
    struct slice copy = decoding_repair(decoding, bytes);
    json_replace_lone_surrogates(decoding->scratch->repaired, copy.size);
    decoding->message->flags |= MESSAGE_REPAIRED;
    return copy;
}

static enum json_outcome parse_rewritten(struct decoding *decoding, struct slice bytes)
{
    struct decode_scratch *scratch = decoding->scratch;
    size_t size =
        json_rewrite_numbers(bytes.data, bytes.size, scratch->rewritten, scratch->buffer_limit);
    if (size == 0)
        return JSON_REFUSED_CAPACITY;
    memset(scratch->rewritten + size, 0, MESSAGE_PADDING_BYTES);
    enum json_outcome outcome = json_document_parse(scratch->document, scratch->rewritten, size);
    decoding->rewritten = outcome == JSON_PARSED;
    if (decoding->rewritten)
        decoding_count(&scratch->counts.numbers_rewritten);
    return outcome;
}

/* Levels and keys are counted together, once, and no further than the limits. */
struct measure {
    uint32_t depth_max;
    uint32_t keys_max;
    uint32_t keys;
    bool too_deep;
};

static void measure_value(struct measure *measure, struct json_value value, uint32_t depth)
{
    enum json_type type = json_value_type(value);
    if (type != JSON_ARRAY && type != JSON_OBJECT)
        return;
    if (depth > measure->depth_max) {
        measure->too_deep = true;
        return;
    }
    struct json_cursor cursor = json_cursor_open(value);
    struct json_member member;
    while (json_cursor_next(&cursor, &member)) {
        measure->keys += type == JSON_OBJECT;
        if (measure->keys > measure->keys_max)
            return;
        measure_value(measure, member.value, depth + 1);
        if (measure->too_deep)
            return;
    }
}

static bool is_within_limits(struct decoding *decoding)
{
    struct measure measure = {.depth_max = decoding->mapping->depth_max,
                              .keys_max = decoding->mapping->keys_max};
    measure_value(&measure, decoding->root, 1);
    if (measure.too_deep)
        decoding_fail(decoding, DEAD_TOO_DEEP, "nested deeper than depth_max, %u levels",
                      measure.depth_max);
    else if (measure.keys > measure.keys_max)
        decoding_fail(decoding, DEAD_TOO_MANY_KEYS, "more than keys_max, %u keys",
                      measure.keys_max);
    return decoding->message->dead_reason == DEAD_NONE;
}

static bool accept_outcome(struct decoding *decoding, enum json_outcome outcome)
{
    switch (outcome) {
    case JSON_PARSED:
        return true;
    case JSON_REFUSED_DEPTH:
        decoding_fail(decoding, DEAD_TOO_DEEP, "nested deeper than %d levels", ENVELOPE_DEPTH_MAX);
        return false;
    case JSON_REFUSED_CAPACITY:
        decoding_fail(decoding, DEAD_TOO_LARGE, "too large to parse once repaired");
        return false;
    case JSON_REFUSED:
    case JSON_REFUSED_UTF8:
    case JSON_REFUSED_NUMBER:
        decoding_fail(decoding, DEAD_NOT_JSON,
                      "the value is not one valid JSON document: correct the sender");
        return false;
    case JSON_OUT_OF_MEMORY:
        decoding_fail(decoding, DEAD_NOT_JSON, "out of memory while parsing: replay it");
        return false;
    }
    return false;
}

bool decoding_parse(struct decoding *decoding, struct slice bytes)
{
    struct json_document *document = decoding->scratch->document;
    bytes = repair_escapes(decoding, bytes);
    enum json_outcome outcome = json_document_parse(document, bytes.data, bytes.size);
    if (outcome == JSON_REFUSED_UTF8) {
        bytes = decoding_repair(decoding, bytes);
        outcome = json_document_parse(document, bytes.data, bytes.size);
    }
    if (outcome == JSON_REFUSED_NUMBER)
        outcome = parse_rewritten(decoding, bytes);
    if (!accept_outcome(decoding, outcome))
        return false;
    decoding->has_document = true;
    decoding->root = json_document_root(document);
    return is_within_limits(decoding);
}

static bool has_value(struct decoding *decoding)
{
    const struct message *message = decoding->message;
    if (message->flags & MESSAGE_TOMBSTONE) {
        decoding_fail(decoding, DEAD_TOMBSTONE, "the record has a key but no value");
    } else if (message->payload_size_original > decoding->mapping->payload_bytes_max) {
        decoding_fail(decoding, DEAD_TOO_LARGE, "%u bytes are over payload_bytes_max, %u",
                      message->payload_size_original, decoding->mapping->payload_bytes_max);
    } else if (message->payload.size != message->payload_size_original ||
               REPAIR_GROWTH * (size_t)message->payload.size > decoding->scratch->buffer_limit) {
        decoding_fail(decoding, DEAD_TOO_LARGE, "only the head of %u bytes was kept",
                      message->payload_size_original);
    }
    return message->dead_reason == DEAD_NONE;
}

static bool open_envelope(struct decoding *decoding)
{
    if (!has_value(decoding))
        return false;
    if (decoding->message->payload.size == 0) {
        decoding_fail(decoding, DEAD_EMPTY, "the value has no bytes");
        return false;
    }
    switch (decoding->mapping->kind) {
    case ENVELOPE_JSON:
        return decoding_parse(decoding, decoding_payload(decoding));
    case ENVELOPE_CLOUDEVENTS:
        return cloudevents_open(decoding);
    case ENVELOPE_TEXT:
        decoding->header_prefix = "";
        decoding->text_is_payload = true;
        return true;
    case ENVELOPE_KIND_COUNT:
        break;
    }
    ASSERT(false); /* a compiled mapping has one of those kinds */
    return false;
}

static void reset(struct message *message)
{
    message->flags &= (uint32_t) ~(MESSAGE_REPAIRED | MESSAGE_TRUNCATED);
    message->dead_reason = DEAD_NONE;
    message->dead_detail[0] = '\0';
    struct slice none = {0};
    message->text = none;
    message->id = none;
    message->customer = none;
    message->customer_hash = 0;
    message->time = none;
    message->language_hint = none;
    message->attributes = none;
}

static void read_parsed(const struct envelope_mapping *mapping, struct decode_scratch *scratch,
                        struct message *message)
{
    struct decoding decoding = {.mapping = mapping, .scratch = scratch, .message = message};
    for (unsigned field = 0; field < ENVELOPE_FIELD_COUNT; field++)
        decoding.pointers[field] = &mapping->pointers[field];
    if (!open_envelope(&decoding))
        return;
    decoding_read_fields(&decoding);
    decoding_read_attributes(&decoding);
}

enum redress_status envelope_decode(const struct envelope_mapping *mapping,
                                    struct decode_scratch *scratch, struct message *message)
{
    ASSERT(message->kind == MESSAGE_RECORD);
    reset(message);
    if (!decoding_read_direct(mapping, scratch, message))
        read_parsed(mapping, scratch, message);
    decoding_count(&scratch->counts.decoded);
    if (message->flags & MESSAGE_REPAIRED)
        decoding_count(&scratch->counts.repaired);
    if (message->flags & MESSAGE_TRUNCATED)
        decoding_count(&scratch->counts.truncated);
    if (message->dead_reason == DEAD_NONE)
        return STATUS_OK;
    decoding_count(&scratch->counts.dead[message->dead_reason]);
    return STATUS_INVALID;
}
