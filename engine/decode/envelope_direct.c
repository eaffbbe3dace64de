/**
 * Decodes a plain JSON document in one walk over its bytes, without a parser: every field's pointer
 * names a member of the outermost object, and the document is valid and written as most senders
 * write it. Short fields stay where they are in the payload; the room holds the attributes, then
 * the text.
 *
 * Whatever is not so (wrong bytes, wrong types, a key that stands twice, a limit that is reached, a
 * short field with escapes, a number that is to be written otherwise) ends the walk, and the parser
 * begins anew: it alone makes dead letters, and both ways must say the same of every document.
 */
#include "decode/decoding.h"

#include "base/json_writer.h"
#include "base/lanes.h"
#include "decode/json_scan.h"
#include "decode/key_mark.h"
#include "text/utf8.h"

enum { DIRECT_DEPTH_MAX = 16, DIRECT_KEYS_MAX = 128 };

/* Copying goes in steps of LANES bytes. */
static_assert(MESSAGE_PADDING_BYTES >= 2 * LANES, "padded too little to copy from");

struct direct {
    const struct envelope_mapping *mapping;
    struct decode_scratch *scratch;
    const char *at; /* what is read next */
    char *out;      /* where the attributes go on */
    char *out_end;
    uint32_t keys_left;
    struct slice fields[ENVELOPE_FIELD_COUNT];
    bool text_has_escapes;
    uint32_t key_count; /* of the objects that are open */
    struct slice keys[DIRECT_KEYS_MAX];
};

struct direct_key {
    struct json_raw_string string;
    uint64_t mark;
};

/* The keys of one object: from number `first` on, each with one of the bits. */
struct key_set {
    uint32_t first;
    uint64_t bits;
};

static bool take(struct direct *direct, char byte)
{
    if (*direct->at != byte)
        return false;
    direct->at++;
    return true;
}

static void skip_space(struct direct *direct)
{
    direct->at = json_skip_space(direct->at);
}

/* Copies bytes of the payload; at least LANES bytes must follow `out_end` in the room. */
static bool put(struct direct *direct, const char *bytes, size_t size)
{
    if (size > (size_t)(direct->out_end - direct->out))
        return false;
    for (size_t at = 0; at < size; at += LANES)
        memcpy(direct->out + at, bytes + at, LANES);
    direct->out += size;
    return true;
}

static bool put_byte(struct direct *direct, char byte)
{
    if (direct->out == direct->out_end)
        return false;
    *direct->out++ = byte;
    return true;
}

__attribute__((noinline)) static bool is_among(const struct direct *direct, uint32_t first,
                                               struct slice key)
{
    for (uint32_t at = first; at < direct->key_count; at++)
        if (slices_are_equal(direct->keys[at], key))
            return true;
    return false;
}

/* True the first time that a key stands in its object. */
static bool is_new_key(struct direct *direct, struct key_set *set, const struct direct_key *key)
{
    uint64_t bit = (uint64_t)1 << (key->mark * 0x9E3779B97F4A7C15 >> 58);
    if ((set->bits & bit) && is_among(direct, set->first, key->string.raw))
        return false;
    set->bits |= bit;
    direct->keys[direct->key_count++] = key->string.raw;
    return true;
}

/* Reads a key and its colon. One with escapes might say what another one says without. */
static bool read_key(struct direct *direct, struct key_set *set, struct direct_key *key)
{
    struct json_raw_string *string = &key->string;
    skip_space(direct);
    if (*direct->at != '"' || !json_scan_string(&direct->at, string) || string->has_escapes ||
        string->raw.size == 0 || direct->keys_left-- == 0)
        return false;
    key->mark = key_mark(string->raw.data, string->raw.size);
    skip_space(direct);
    if (!take(direct, ':') || !is_new_key(direct, set, key))
        return false;
    skip_space(direct);
    return true;
}

/* With its quotes, which stand around it. */
static bool put_string(struct direct *direct, const struct json_raw_string *string)
{
    struct slice text = string->raw;
    if (string->is_canonical)
        return put(direct, text.data - 1, text.size + 2);
    struct json_writer json;
    json_start(&json, direct->out, (size_t)(direct->out_end - direct->out));
    if (string->has_escapes) {
        text.size = (uint32_t)json_unescape(text, direct->scratch->repaired);
        text.data = direct->scratch->repaired;
    }
    json_string_sized(&json, text.data, text.size);
    direct->out += json.size;
    return !json.overflow;
}

static bool put_key(struct direct *direct, const struct direct_key *key)
{
    return put_string(direct, &key->string) && put_byte(direct, ':');
}

static bool write_string(struct direct *direct)
{
    struct json_raw_string string;
    return json_scan_string(&direct->at, &string) && put_string(direct, &string);
}

static bool write_number(struct direct *direct)
{
    struct slice shortest;
    return json_scan_number(&direct->at, &shortest) != JSON_RAW_REFUSED &&
           put(direct, shortest.data, shortest.size);
}

static bool write_word(struct direct *direct, const char *word, size_t size)
{
    if (memcmp(direct->at, word, size) != 0)
        return false;
    direct->at += size;
    return put(direct, direct->at - size, size);
}

static bool write_value(struct direct *direct, uint32_t depth);

static bool write_object(struct direct *direct, uint32_t depth)
{
    struct key_set set = {.first = direct->key_count};
    struct direct_key key;
    do {
        if (!read_key(direct, &set, &key) || !put_key(direct, &key) || !write_value(direct, depth))
            return false;
        skip_space(direct);
    } while (take(direct, ',') && put_byte(direct, ','));
    direct->key_count = set.first;
    return take(direct, '}') && put_byte(direct, '}');
}

static bool write_array(struct direct *direct, uint32_t depth)
{
    do {
        skip_space(direct);
        if (!write_value(direct, depth))
            return false;
        skip_space(direct);
    } while (take(direct, ',') && put_byte(direct, ','));
    return take(direct, ']') && put_byte(direct, ']');
}

static bool write_container(struct direct *direct, uint32_t depth, char open, char close)
{
    if (depth >= direct->mapping->depth_max || depth >= DIRECT_DEPTH_MAX)
        return false;
    if (!take(direct, open) || !put_byte(direct, open))
        return false;
    skip_space(direct);
    if (take(direct, close))
        return put_byte(direct, close);
    return open == '{' ? write_object(direct, depth + 1) : write_array(direct, depth + 1);
}

/* Copies a value, without the white space in it. `depth` is the level of what it stands in. */
static bool write_value(struct direct *direct, uint32_t depth)
{
    switch (*direct->at) {
    case '"':
        return write_string(direct);
    case '{':
        return write_container(direct, depth, '{', '}');
    case '[':
        return write_container(direct, depth, '[', ']');
    case 't':
        return write_word(direct, "true", 4);
    case 'f':
        return write_word(direct, "false", 5);
    case 'n':
        return write_word(direct, "null", 4);
    default:
        return write_number(direct);
    }
}

static enum envelope_field field_of(const struct direct *direct, const struct direct_key *key)
{
    const struct envelope_mapping *mapping = direct->mapping;
    for (unsigned field = 0; field < ENVELOPE_FIELD_COUNT; field++)
        if (mapping->key_marks[field] == key->mark &&
            slices_are_equal(decoding_token(&mapping->pointers[field], 0), key->string.raw))
            return (enum envelope_field)field;
    return ENVELOPE_FIELD_COUNT;
}

static bool read_field_string(struct direct *direct, enum envelope_field field)
{
    struct json_raw_string string;
    if (!json_scan_string(&direct->at, &string))
        return false;
    if (string.raw.size > 0)
        direct->fields[field] = string.raw;
    if (field != ENVELOPE_FIELD_TEXT)
        return !string.has_escapes && string.raw.size <= MESSAGE_FIELD_BYTES_MAX;
    direct->text_has_escapes = string.has_escapes;
    return true;
}

static bool read_field(struct direct *direct, enum envelope_field field)
{
    if (*direct->at == '"')
        return read_field_string(direct, field);
    if (*direct->at == 'n' && memcmp(direct->at, "null", 4) == 0) {
        direct->at += 4;
        return true;
    }
    return field != ENVELOPE_FIELD_TEXT && field != ENVELOPE_FIELD_LANGUAGE &&
           json_scan_number(&direct->at, &direct->fields[field]) == JSON_RAW_INTEGER;
}

static bool write_member(struct direct *direct, const struct direct_key *key, bool is_first)
{
    return (is_first || put_byte(direct, ',')) && put_key(direct, key) && write_value(direct, 1);
}

static bool read_members(struct direct *direct)
{
    const char *attributes = direct->out;
    struct key_set set = {0};
    struct direct_key key;
    do {
        if (!read_key(direct, &set, &key))
            return false;
        enum envelope_field field = field_of(direct, &key);
        if (field == ENVELOPE_FIELD_COUNT ? !write_member(direct, &key, direct->out == attributes)
                                          : !read_field(direct, field))
            return false;
        skip_space(direct);
    } while (take(direct, ','));
    return take(direct, '}');
}

static void start(struct direct *direct, const struct envelope_mapping *mapping,
                  struct decode_scratch *scratch, char *room, size_t size_max)
{
    direct->mapping = mapping;
    direct->scratch = scratch;
    direct->out = room;
    direct->out_end = room + size_max;
    direct->keys_left = mapping->keys_max < DIRECT_KEYS_MAX ? mapping->keys_max : DIRECT_KEYS_MAX;
    direct->key_count = 0;
    direct->text_has_escapes = false;
    memset(direct->fields, 0, sizeof direct->fields);
    *direct->out++ = '{';
}

static bool read_document(struct direct *direct, const struct slice *payload)
{
    direct->at = payload->data;
    skip_space(direct);
    if (!take(direct, '{') || !read_members(direct))
        return false;
    skip_space(direct);
    return direct->at == payload->data + payload->size;
}

/* Whether the parser's way would not have to cut the attributes either. */
static bool is_roomy(const struct direct *direct, const struct message *message)
{
    size_t used = (size_t)(direct->out - message->room) + MESSAGE_PADDING_BYTES + CUT_MARK_BYTES;
    for (unsigned field = 0; field < ENVELOPE_FIELD_COUNT; field++)
        used += direct->fields[field].size;
    return used <= message->room_size;
}

/* Puts the text behind the attributes. */
static bool put_text(const struct direct *direct, struct message *message)
{
    struct slice text = direct->fields[ENVELOPE_FIELD_TEXT];
    char *out = direct->out;
    if (!is_roomy(direct, message))
        return false;
    if (direct->text_has_escapes) {
        text.size = (uint32_t)json_unescape(text, out);
    } else {
        for (size_t at = 0; at < text.size; at += LANES)
            memcpy(out + at, text.data + at, LANES);
    }
    text.data = out;
    if (decoding_is_blank(text) || text.size > direct->mapping->text_bytes_max)
        return false;
    memset(out + text.size, 0, MESSAGE_PADDING_BYTES);
    message->text = text;
    return true;
}

/* A member names the customer, or the record's key does; then it may stay where it is. */
static bool find_customer(struct direct *direct, const struct message *message)
{
    struct slice *customer = &direct->fields[ENVELOPE_FIELD_CUSTOMER];
    if (customer->size > 0 || !direct->mapping->customer_is_key || message->key.size == 0)
        return true;
    *customer = message->key;
    return customer->size <= MESSAGE_FIELD_BYTES_MAX &&
           utf8_is_valid(customer->data, customer->size);
}

static void fill(const struct direct *direct, struct message *message)
{
    message->id = direct->fields[ENVELOPE_FIELD_ID];
    message->customer = direct->fields[ENVELOPE_FIELD_CUSTOMER];
    message->customer_hash = envelope_hash_customer(message->customer);
    message->time = direct->fields[ENVELOPE_FIELD_TIME];
    message->language_hint = direct->fields[ENVELOPE_FIELD_LANGUAGE];
}

static bool is_usual(const struct envelope_mapping *mapping, const struct decode_scratch *scratch,
                     const struct message *message)
{
    uint32_t size = message->payload.size;
    return mapping->is_direct && !(message->flags & MESSAGE_TOMBSTONE) && size > 0 &&
           size == message->payload_size_original && size <= mapping->payload_bytes_max &&
           REPAIR_GROWTH * (size_t)size <= scratch->buffer_limit &&
           message->room_size >= envelope_room_bytes(size);
}

bool decoding_read_direct(const struct envelope_mapping *mapping, struct decode_scratch *scratch,
                          struct message *message)
{
    if (!is_usual(mapping, scratch, message))
        return false;
    size_t most = message->room_size - LANES;
    if (most > MESSAGE_ATTRIBUTES_BYTES_MAX)
        most = MESSAGE_ATTRIBUTES_BYTES_MAX;
    char *room = message->room;
    struct direct direct;
    start(&direct, mapping, scratch, room, most - CUT_MARK_BYTES);
    if (!read_document(&direct, &message->payload) || !find_customer(&direct, message))
        return false;
    bool has_attributes = direct.out > room + 1;
    if (has_attributes)
        *direct.out++ = '}'; /* there is room for CUT_MARK_BYTES */
    else
        direct.out = room;
    if (!put_text(&direct, message))
        return false;
    if (has_attributes)
        message->attributes = (struct slice){room, (uint32_t)(direct.out - room)};
    fill(&direct, message);
    return true;
}
