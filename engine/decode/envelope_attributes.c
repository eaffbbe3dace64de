/** Writes what the pointers do not name as one JSON object. */
#include "decode/decoding.h"

#include "base/hash.h"
#include "base/json_writer.h"

struct attributes {
    struct decoding *decoding;
    struct json_writer json;
};

/* The place to go back to when a member turns out not to fit, or to be empty. */
struct savepoint {
    size_t size;
    bool comma;
};

static struct savepoint save(const struct attributes *attributes)
{
    return (struct savepoint){attributes->json.size, attributes->json.comma};
}

static void go_back(struct attributes *attributes, struct savepoint savepoint)
{
    attributes->json.size = savepoint.size;
    attributes->json.comma = savepoint.comma;
    attributes->json.overflow = false;
}

/* True the first time that a key is seen in this object of this message. */
static bool is_first(struct attributes *attributes, uint32_t object, struct slice key)
{
    struct decode_scratch *scratch = attributes->decoding->scratch;
    if (scratch->seen_count >= SEEN_KEYS / 2) {
        attributes->json.overflow = true; /* more keys than attributes have room for */
        return false;
    }
    /* Not by a seed: XXH3 mixes it with short keys so that "a10" here is like "a16" there. */
    uint64_t hash = hash_bytes(key.data, key.size) + object * 0x9E3779B97F4A7C15;
    for (uint64_t slot = hash;; slot++) {
        struct seen_key *seen = &scratch->seen[slot % SEEN_KEYS];
        if (seen->generation == scratch->seen_generation) {
            if (seen->hash == hash)
                return false;
            continue;
        }
        *seen = (struct seen_key){.hash = hash, .generation = scratch->seen_generation};
        scratch->seen_count++;
        return true;
    }
}

static void write_value(struct attributes *attributes, struct json_value value);

static void write_container(struct attributes *attributes, struct json_value value, bool is_object)
{
    struct json_writer *json = &attributes->json;
    struct json_cursor cursor = json_cursor_open(value);
    struct json_member member;
    if (is_object)
        json_object_open(json);
    else
        json_array_open(json);
    while (!json->overflow && json_cursor_next(&cursor, &member)) {
        if (is_object && !is_first(attributes, value.index, member.key))
            continue;
        if (is_object)
            json_key_sized(json, member.key.data, member.key.size);
        write_value(attributes, member.value);
    }
    if (is_object)
        json_object_close(json);
    else
        json_array_close(json);
}

/* A number that fits no 64 bits becomes a string of its digits: as a number it would make some
 * readers refuse the whole record. */
static void write_string(struct attributes *attributes, struct json_value value)
{
    bool was_number;
    struct slice text = decoding_string(attributes->decoding, value, &was_number);
    if (text.size > attributes->json.capacity)
        attributes->json.overflow = true; /* spares the reading of megabytes that can't fit */
    else
        json_string_sized(&attributes->json, text.data, text.size);
}

static void write_value(struct attributes *attributes, struct json_value value)
{
    struct json_writer *json = &attributes->json;
    char digits[JSON_NUMBER_BYTES_MAX];
    enum json_type type = json_value_type(value);
    switch (type) {
    case JSON_NULL:
        json_null(json);
        break;
    case JSON_BOOL:
        json_bool(json, json_value_bool(value));
        break;
    case JSON_INTEGER:
    case JSON_UNSIGNED:
    case JSON_DOUBLE:
        json_raw(json, digits, json_value_print_number(value, digits));
        break;
    case JSON_STRING:
        write_string(attributes, value);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        write_container(attributes, value, type == JSON_OBJECT);
        break;
    }
}

enum { ALL_FIELDS = (1 << ENVELOPE_FIELD_COUNT) - 1 };

static bool token_matches(const struct json_pointer *pointer, uint32_t level,
                          const struct json_member *member, uint32_t index)
{
    const struct pointer_token *token = &pointer->tokens[level];
    if (!member->key.data) /* an element of an array */
        return token->is_index && token->index == index;
    return slices_are_equal(decoding_token(pointer, level), member->key);
}

/* Those of the fields in `fields` whose pointer goes through the member at `level`; *is_field where
 * it is the last step of one. */
static uint32_t fields_through(const struct decoding *decoding, uint32_t fields, uint32_t level,
                               const struct json_member *member, uint32_t index, bool *is_field)
{
    uint32_t through = 0;
    *is_field = false;
    for (; fields; fields &= fields - 1) {
        uint32_t field = (uint32_t)__builtin_ctz(fields);
        const struct json_pointer *pointer = decoding->pointers[field];
        if (level >= pointer->token_count || !token_matches(pointer, level, member, index))
            continue;
        through |= 1u << field;
        *is_field |= level + 1u == pointer->token_count;
    }
    return through;
}

static bool write_members(struct attributes *attributes, struct json_value container,
                          uint32_t fields, uint32_t level);

/* Writes an array or an object without the fields inside it; nothing at all where it held nothing
 * else. `before` is the place before its key. */
static bool write_filtered(struct attributes *attributes, struct json_value container,
                           uint32_t fields, uint32_t level, struct savepoint before)
{
    struct json_writer *json = &attributes->json;
    bool is_object = json_value_type(container) == JSON_OBJECT;
    if (is_object)
        json_object_open(json);
    else
        json_array_open(json);
    size_t opened = json->size;
    if (!write_members(attributes, container, fields, level))
        return false;
    bool is_empty = json->size == opened;
    if (is_object)
        json_object_close(json);
    else
        json_array_close(json);
    if (is_empty && is_object && !json->overflow)
        go_back(attributes, before);
    return !json->overflow;
}

/* Writes one member. A field's element of an array becomes null, so that the others keep their
 * places. False where the attributes are full. */
static bool write_member(struct attributes *attributes, struct json_value container,
                         const struct json_member *member, uint32_t index, uint32_t fields,
                         uint32_t level)
{
    struct json_writer *json = &attributes->json;
    bool is_element = !member->key.data;
    bool is_field;
    uint32_t through =
        fields_through(attributes->decoding, fields, level, member, index, &is_field);
    if (!is_element && (is_field || !is_first(attributes, container.index, member->key)))
        return !json->overflow;
    struct savepoint before = save(attributes);
    if (!is_element)
        json_key_sized(json, member->key.data, member->key.size);
    enum json_type type = json_value_type(member->value);
    if (is_field)
        json_null(json);
    else if (through && (type == JSON_OBJECT || type == JSON_ARRAY))
        return write_filtered(attributes, member->value, through, level + 1, before);
    else
        write_value(attributes, member->value);
    return !json->overflow;
}

static bool write_members(struct attributes *attributes, struct json_value container,
                          uint32_t fields, uint32_t level)
{
    struct json_cursor cursor = json_cursor_open(container);
    struct json_member member;
    for (uint32_t index = 0; json_cursor_next(&cursor, &member); index++)
        if (!write_member(attributes, container, &member, index, fields, level))
            return false;
    return true;
}

/* The same of the outermost object, whose members decoding_read_fields() has told apart. Whole
 * members stay where the attributes are full; what is inside one goes with it. */
static bool write_outermost(struct attributes *attributes)
{
    const struct decoding *decoding = attributes->decoding;
    struct json_cursor cursor = json_cursor_open(decoding->root);
    struct json_member member;
    for (uint32_t index = 0; json_cursor_next(&cursor, &member); index++) {
        uint64_t bit = index < TOLD_MEMBERS_MAX ? (uint64_t)1 << index : 0;
        uint32_t fields = decoding->others & bit ? 0 : ALL_FIELDS;
        struct savepoint before = save(attributes);
        if ((decoding->fields & bit) ||
            write_member(attributes, decoding->root, &member, index, fields, 0))
            continue;
        go_back(attributes, before);
        return false;
    }
    return true;
}

/* Repairs a header's bytes and writes them as a string or a key. */
static void write_repaired(struct attributes *attributes, struct slice bytes, bool as_key)
{
    struct slice text = decoding_repair(attributes->decoding, bytes);
    if (as_key)
        json_key_sized(&attributes->json, text.data, text.size);
    else
        json_string_sized(&attributes->json, text.data, text.size);
}

static bool write_headers(struct attributes *attributes)
{
    const struct decoding *decoding = attributes->decoding;
    for (uint32_t index = 0; index < decoding->message->header_count; index++) {
        const struct message_header *header = &decoding->message->headers[index];
        struct json_member member = {0};
        if (!decoding_header_rest(header, decoding->header_prefix, &member.key))
            continue;
        bool is_field;
        fields_through(decoding, ALL_FIELDS, 0, &member, 0, &is_field);
        if (is_field || !is_first(attributes, 0, member.key))
            continue;
        struct savepoint before = save(attributes);
        write_repaired(attributes, member.key, true);
        write_repaired(attributes, header->value, false);
        if (!attributes->json.overflow)
            continue;
        go_back(attributes, before);
        return false;
    }
    return true;
}

/* The document of a binary event stands under "data". */
static bool write_data(struct attributes *attributes)
{
    struct decoding *decoding = attributes->decoding;
    struct json_member member = {.key = slice_of("data"), .value = decoding->root};
    struct savepoint before = save(attributes);
    if (write_member(attributes, decoding->root, &member, 0, ALL_FIELDS, 0))
        return true;
    go_back(attributes, before);
    return false;
}

static bool write_all(struct attributes *attributes)
{
    struct decoding *decoding = attributes->decoding;
    if (decoding->header_prefix && !write_headers(attributes))
        return false;
    if (!decoding->has_document)
        return true;
    if (decoding->document_level > 0)
        return write_data(attributes);
    if (json_value_type(decoding->root) != JSON_OBJECT)
        return true;
    return write_outermost(attributes);
}

void decoding_read_attributes(struct decoding *decoding)
{
    struct message *message = decoding->message;
    size_t most = message->room_size - decoding->room_used;
    if (most > MESSAGE_ATTRIBUTES_BYTES_MAX)
        most = MESSAGE_ATTRIBUTES_BYTES_MAX;
    if (most < 2 + CUT_MARK_BYTES)
        return;
    decoding->scratch->seen_generation++;
    decoding->scratch->seen_count = 0;
    struct attributes attributes = {.decoding = decoding};
    struct json_writer *json = &attributes.json;
    json_start(json, message->room + decoding->room_used, most - CUT_MARK_BYTES);
    json_object_open(json);
    bool whole = write_all(&attributes);
    json->capacity = most;
    if (!whole) {
        json_key(json, ATTRIBUTES_CUT_KEY);
        json_bool(json, true);
        decoding_count(&decoding->scratch->counts.attributes_cut);
    }
    json_object_close(json);
    if (json->size <= 2)
        return;
    message->attributes = (struct slice){json->buffer, (uint32_t)json->size};
    decoding->room_used += (uint32_t)json->size;
}
