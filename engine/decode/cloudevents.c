/**
 * CloudEvents 1.0 over Kafka: which form a record has, and whether it is an event at all.
 *
 * Source: CloudEvents specification 1.0.2, its Kafka protocol binding and its JSON event format.
 * Not taken: batches, other event formats than JSON, data_base64.
 */
#include "decode/decoding.h"

#include <strings.h>

enum { REQUIRED_ATTRIBUTES = 4 };

static const char *const required[REQUIRED_ATTRIBUTES] = {"specversion", "id", "source", "type"};

/* A document that is text: its data is the message's text. */
static const struct json_pointer data_pointer = {
    .token_count = 1, .tokens = {{.start = 0, .size = 4}}, .bytes = "data"};

static bool starts_with(struct slice text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && strncasecmp(text.data, prefix, size) == 0;
}

/* The media type without its parameters. */
static struct slice media_type(struct slice content_type)
{
    uint32_t size = 0;
    while (size < content_type.size && content_type.data[size] != ';' &&
           content_type.data[size] != ' ')
        size++;
    return (struct slice){content_type.data, size};
}

static bool is_exactly(struct slice text, const char *word)
{
    return text.size == strlen(word) && starts_with(text, word);
}

static bool is_json_type(struct slice type)
{
    if (type.size == 0 || is_exactly(type, "application/json") || is_exactly(type, "text/json"))
        return true;
    return type.size > 5 && strncasecmp(type.data + type.size - 5, "+json", 5) == 0;
}

static struct slice find_content_type(const struct message *message)
{
    for (uint32_t index = 0; index < message->header_count; index++)
        if (is_exactly(message->headers[index].name, "content-type"))
            return media_type(message->headers[index].value);
    return (struct slice){0};
}

static bool is_supported_version(struct slice version)
{
    return version.size >= 3 && version.data[0] == '1' && version.data[1] == '.';
}

static bool fail_required(struct decoding *decoding, const char *name)
{
    decoding_fail(decoding, DEAD_ENVELOPE,
                  strcmp(name, "specversion") == 0 ? "no CloudEvent 1.x: %s is missing or another"
                                                   : "CloudEvent without its %s",
                  name);
    return false;
}

static bool open_binary(struct decoding *decoding, struct slice type)
{
    const struct message *message = decoding->message;
    decoding->header_prefix = "ce_";
    for (uint32_t index = 0; index < REQUIRED_ATTRIBUTES; index++) {
        uint32_t count;
        const struct message_header *header =
            decoding_find_header(message, "ce_", slice_of(required[index]), &count);
        if (!header || header->value.size == 0 ||
            (index == 0 && !is_supported_version(header->value)))
            return fail_required(decoding, required[index]);
    }
    if (is_json_type(type)) {
        decoding->document_level = 1;
        return decoding_parse(decoding, decoding_payload(decoding));
    }
    if (!starts_with(type, "text/")) {
        decoding_fail(decoding, DEAD_ENVELOPE, "the event's data is neither JSON nor text");
        return false;
    }
    decoding->text_is_payload = true;
    return true;
}

/* A string that is not empty, or nothing. */
static struct slice find_attribute(const struct decoding *decoding, const char *name)
{
    struct json_value value;
    bool is_number;
    if (decoding_find_member(decoding->root, slice_of(name), &value) == 0 ||
        json_value_type(value) != JSON_STRING)
        return (struct slice){0};
    struct slice text = decoding_string(decoding, value, &is_number);
    return is_number ? (struct slice){0} : text;
}

static bool open_structured(struct decoding *decoding)
{
    if (!decoding_parse(decoding, decoding_payload(decoding)))
        return false;
    if (json_value_type(decoding->root) != JSON_OBJECT)
        return fail_required(decoding, "specversion");
    for (uint32_t index = 0; index < REQUIRED_ATTRIBUTES; index++) {
        struct slice value = find_attribute(decoding, required[index]);
        if (value.size == 0 || (index == 0 && !is_supported_version(value)))
            return fail_required(decoding, required[index]);
    }
    struct json_value ignored;
    if (decoding_find_member(decoding->root, slice_of("data_base64"), &ignored) > 0) {
        decoding_fail(decoding, DEAD_ENVELOPE, "data_base64: send the data as JSON or as text");
        return false;
    }
    struct slice type = media_type(find_attribute(decoding, "datacontenttype"));
    if (starts_with(type, "text/") && !is_json_type(type))
        decoding->pointers[ENVELOPE_FIELD_TEXT] = &data_pointer;
    return true;
}

bool cloudevents_open(struct decoding *decoding)
{
    struct slice type = find_content_type(decoding->message);
    if (is_exactly(type, "application/cloudevents+json"))
        return open_structured(decoding);
    if (starts_with(type, "application/cloudevents")) {
        decoding_fail(decoding, DEAD_ENVELOPE, "CloudEvents in a batch, or not in JSON");
        return false;
    }
    uint32_t count;
    if (decoding_find_header(decoding->message, "ce_", slice_of("specversion"), &count))
        return open_binary(decoding, type);
    return open_structured(decoding);
}
