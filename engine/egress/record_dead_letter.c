/** Dead letters: what could not be read or written, whole enough to be put back. */
#include "egress/record.h"

#include "base/json_writer.h"
#include "egress/record_parts.h"

#include <sodium.h>
#include <string.h>

/* Writes straight into the writer's buffer: a payload may be megabytes long. libsodium wants room
 * for its terminator too, and ends the process where there is none, so the room is checked first.
 */
static void write_base64(struct json_writer *json, const char *bytes, size_t size)
{
    json_string_sized(json, "", 0);
    size_t needed = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    if (json->overflow || needed > json->capacity - json->size) {
        json->overflow = true;
        return;
    }
    char *closing_quote = json->buffer + json->size - 1;
    sodium_bin2base64(closing_quote, needed, (const unsigned char *)bytes, size,
                      sodium_base64_VARIANT_ORIGINAL);
    closing_quote[needed - 1] = '"';
    json->size += needed - 1;
}

static void write_slice_base64(struct json_writer *json, const char *name, struct slice bytes)
{
    json_key(json, name);
    if (bytes.data)
        write_base64(json, bytes.data, bytes.size);
    else
        json_null(json);
}

/* Whole characters of the detail: the stage that wrote it may have cut it in the middle of one. */
static size_t detail_size(const char *detail, size_t size_max)
{
    size_t size = strnlen(detail, size_max);
    size_t start = size;
    while (start > 0 && ((unsigned char)detail[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return 0;
    unsigned char first = (unsigned char)detail[start - 1];
    size_t wanted = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return size - (start - 1) == wanted ? size : start - 1;
}

/* How many of the headers go in: all of them, or as many as stay small beside the kept head. */
static unsigned headers_kept(const struct message *message, enum record_form form)
{
    if (form == RECORD_BARE)
        return 0;
    if (form == RECORD_WHOLE)
        return message->header_count;
    size_t bytes = 0;
    for (unsigned index = 0; index < message->header_count; index++) {
        bytes += message->headers[index].name.size + message->headers[index].value.size;
        if (bytes > DEAD_LETTER_BYTES_MAX)
            return index;
    }
    return message->header_count;
}

/* Names go as base64 too: nothing says that a header's name is text. */
static void write_headers(struct json_writer *json, const struct message *message,
                          enum record_form form)
{
    unsigned kept = headers_kept(message, form);
    json_key(json, "headers");
    json_array_open(json);
    for (unsigned index = 0; index < kept; index++) {
        json_object_open(json);
        write_slice_base64(json, "name_base64", message->headers[index].name);
        write_slice_base64(json, "value_base64", message->headers[index].value);
        json_object_close(json);
    }
    json_array_close(json);
    json_key(json, "headers_cut");
    json_bool(json, kept < message->header_count);
}

static void write_payload(struct json_writer *json, const struct message *message,
                          enum record_form form)
{
    struct slice kept = message->payload;
    if (form == RECORD_BARE)
        kept.size = 0;
    else if (form == RECORD_HEAD && kept.size > DEAD_LETTER_BYTES_MAX)
        kept.size = DEAD_LETTER_BYTES_MAX;
    json_key(json, "payload");
    json_object_open(json);
    json_key(json, "bytes");
    json_unsigned(json, message->payload_size_original);
    json_key(json, "hash");
    json_hex(json, message->payload_hash);
    json_key(json, "whole");
    json_bool(json, kept.size == message->payload_size_original);
    write_slice_base64(json, "base64", kept);
    json_object_close(json);
}

static void write_key(struct json_writer *json, const struct message *message,
                      enum record_form form)
{
    bool cut = form != RECORD_WHOLE && message->key.size > DEAD_LETTER_BYTES_MAX;
    struct slice key = cut ? (struct slice){0} : message->key;
    write_slice_base64(json, "key_base64", key);
    json_key(json, "key_cut");
    json_bool(json, cut);
}

enum redress_status record_encode_dead_letter(const struct message *message,
                                              const struct record_names *names,
                                              enum record_form form, char *out, size_t out_max,
                                              size_t *size)
{
    struct json_writer json;
    json_start(&json, out, out_max);
    json_object_open(&json);
    record_write_head(&json, RECORD_SCHEMA_DEAD_LETTER, message, names);
    json_key(&json, "reason");
    json_string(&json, redress_dead_reason_name(message->dead_reason));
    json_key(&json, "detail");
    json_string_sized(&json, message->dead_detail,
                      detail_size(message->dead_detail, sizeof message->dead_detail));
    json_key(&json, "rule_set");
    json_hex(&json, message->verdict.rule_set_hash);
    /* A case that the broker refused was judged before it died: people must see how grave it is. */
    if (message->decided_ns) {
        record_write_verdict(&json, message, names, false);
    } else {
        json_key(&json, "verdict");
        json_null(&json);
    }
    write_key(&json, message, form);
    write_headers(&json, message, form);
    write_payload(&json, message, form);
    json_object_close(&json);
    *size = json.size;
    return json.overflow ? STATUS_TOO_LARGE : STATUS_OK;
}
