#include "cli/dead_letters.h"

#include "base/memory.h"
#include "egress/record.h"

#include <sodium.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

static bool equals(struct slice text, const char *wanted)
{
    return text.size == strlen(wanted) && memcmp(text.data, wanted, text.size) == 0;
}

/* The member of that name and type; false where there is none. */
static bool find(struct json_value object, const char *name, enum json_type type,
                 struct json_value *out)
{
    struct json_cursor cursor = json_cursor_open(object);
    struct json_member member;
    while (json_cursor_next(&cursor, &member)) {
        if (equals(member.key, name)) {
            *out = member.value;
            return json_value_type(member.value) == type;
        }
    }
    return false;
}

static bool read_integer(struct json_value object, const char *name, int64_t max, int64_t *out)
{
    struct json_value value;
    if (!find(object, name, JSON_INTEGER, &value))
        return false;
    *out = json_value_integer(value);
    return *out >= 0 && *out <= max;
}

static bool read_bool(struct json_value object, const char *name, bool *out)
{
    struct json_value value;
    if (!find(object, name, JSON_BOOL, &value))
        return false;
    *out = json_value_bool(value);
    return true;
}

static bool read_text(struct json_value object, const char *name, struct arena *arena,
                      const char **out)
{
    struct json_value value;
    if (!find(object, name, JSON_STRING, &value))
        return false;
    struct slice text = json_value_string(value);
    *out = arena_copy_text(arena, text.data, text.size);
    return *out != NULL;
}

/* Bytes that were written as base64; null is no bytes at all. */
static bool read_base64(struct json_value object, const char *name, struct arena *arena,
                        struct slice *out)
{
    struct json_value value;
    *out = (struct slice){0};
    if (find(object, name, JSON_NULL, &value))
        return true;
    if (!find(object, name, JSON_STRING, &value))
        return false;
    struct slice text = json_value_string(value);
    size_t room = text.size / 4 * 3 + 3;
    char *bytes = arena_allocate(arena, room);
    size_t size;
    if (!bytes || sodium_base642bin((unsigned char *)bytes, room, text.data, text.size, NULL, &size,
                                    NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    *out = (struct slice){.data = bytes, .size = (uint32_t)size};
    return true;
}

static bool read_hash(struct json_value object, const char *name, uint64_t *out)
{
    struct json_value value;
    if (!find(object, name, JSON_STRING, &value))
        return false;
    struct slice text = json_value_string(value);
    char digits[CASE_ID_DIGITS + 1] = "0000000000000001"; /* a whole id is never all zeros */
    struct case_id id;
    if (text.size != CASE_ID_DIGITS / 2)
        return false;
    memcpy(digits + CASE_ID_DIGITS / 2, text.data, text.size);
    if (!case_id_parse((struct slice){.data = digits, .size = CASE_ID_DIGITS}, &id))
        return false;
    *out = id.low;
    return true;
}

static bool read_source(struct json_value root, struct arena *arena, struct dead_letter *out)
{
    struct json_value source;
    int64_t partition;
    if (!find(root, "source", JSON_OBJECT, &source) ||
        !read_text(source, "topic", arena, &out->topic) ||
        !read_integer(source, "partition", INT32_MAX, &partition) ||
        !read_integer(source, "offset", INT64_MAX, &out->offset))
        return false;
    out->partition = (int32_t)partition;
    return true;
}

static bool read_headers(struct json_value root, struct arena *arena, struct dead_letter *out)
{
    struct json_value headers;
    if (!find(root, "headers", JSON_ARRAY, &headers) ||
        !read_bool(root, "headers_cut", &out->headers_cut))
        return false;
    struct json_cursor cursor = json_cursor_open(headers);
    struct json_member member;
    while (json_cursor_next(&cursor, &member)) {
        if (out->header_count == MESSAGE_HEADERS_MAX ||
            json_value_type(member.value) != JSON_OBJECT)
            return false;
        struct message_header *header = &out->headers[out->header_count++];
        if (!read_base64(member.value, "name_base64", arena, &header->name) ||
            !read_base64(member.value, "value_base64", arena, &header->value))
            return false;
    }
    return true;
}

static bool read_payload(struct json_value root, struct arena *arena, struct dead_letter *out)
{
    struct json_value payload;
    int64_t bytes;
    if (!find(root, "payload", JSON_OBJECT, &payload) ||
        !read_integer(payload, "bytes", UINT32_MAX, &bytes) ||
        !read_hash(payload, "hash", &out->payload_hash) ||
        !read_bool(payload, "whole", &out->payload_whole) ||
        !read_base64(payload, "base64", arena, &out->payload))
        return false;
    out->payload_bytes = (uint64_t)bytes;
    return true;
}

static bool read_record(struct json_value root, struct arena *arena, struct dead_letter *out)
{
    struct json_value value;
    if (json_value_type(root) != JSON_OBJECT || !find(root, "schema", JSON_STRING, &value) ||
        !equals(json_value_string(value), RECORD_SCHEMA_DEAD_LETTER))
        return false;
    if (!find(root, "case_id", JSON_STRING, &value) ||
        !case_id_parse(json_value_string(value), &out->case_id))
        return false;
    return read_text(root, "reason", arena, &out->reason) &&
           read_text(root, "detail", arena, &out->detail) &&
           read_text(root, "channel", arena, &out->channel) && read_source(root, arena, out) &&
           read_base64(root, "key_base64", arena, &out->key) &&
           read_bool(root, "key_cut", &out->key_cut) && read_headers(root, arena, out) &&
           read_payload(root, arena, out);
}

enum redress_status dead_letter_parse(const char *value, size_t size, struct arena *arena,
                                      struct dead_letter *out)
{
    *out = (struct dead_letter){0};
    char *padded = memory_allocate(size + MESSAGE_PADDING_BYTES);
    if (!padded)
        return STATUS_MEMORY;
    struct json_document *document;
    enum redress_status status = json_document_create(size + 1, DEPTH_MAX, &document);
    if (status != STATUS_OK) { /* unreachable: the tests cannot take memory from simdjson */
        memory_free(padded);   /* unreachable: see above */
        return status;         /* unreachable: see above */
    }
    if (size > 0)
        memcpy(padded, value, size);
    bool good = json_document_parse(document, padded, size) == JSON_PARSED &&
                read_record(json_document_root(document), arena, out);
    json_document_free(document);
    memory_free(padded);
    if (!good && arena->is_out_of_memory)
        return STATUS_MEMORY; /* it says nothing about the record */
    return good ? STATUS_OK : STATUS_INVALID;
}

bool dead_letter_is_whole(const struct dead_letter *letter)
{
    return letter->payload_whole && !letter->key_cut && !letter->headers_cut;
}
