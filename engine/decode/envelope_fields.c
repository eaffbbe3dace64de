/** Finds what the pointers name and puts it into the message's room. */
#include "decode/decoding.h"

#include "base/hash.h"
#include "decode/json_repair.h"
#include "text/utf8.h"

struct slice decoding_token(const struct json_pointer *pointer, uint32_t level)
{
    const struct pointer_token *token = &pointer->tokens[level];
    return (struct slice){pointer->bytes + token->start, token->size};
}

bool decoding_header_rest(const struct message_header *header, const char *prefix,
                          struct slice *rest)
{
    uint32_t size = (uint32_t)strlen(prefix);
    if (header->name.size < size || (size && memcmp(header->name.data, prefix, size) != 0))
        return false;
    *rest = header->name.size == size
                ? slice_of("")
                : (struct slice){header->name.data + size, header->name.size - size};
    return true;
}

const struct message_header *decoding_find_header(const struct message *message, const char *prefix,
                                                  struct slice name, uint32_t *count)
{
    const struct message_header *found = NULL;
    *count = 0;
    for (uint32_t index = 0; index < message->header_count; index++) {
        const struct message_header *header = &message->headers[index];
        struct slice rest;
        if (!decoding_header_rest(header, prefix, &rest) || !slices_are_equal(rest, name))
            continue;
        if (!found)
            found = header;
        ++*count;
    }
    return found;
}

uint32_t decoding_find_member(struct json_value object, struct slice key, struct json_value *out)
{
    uint32_t count = 0;
    struct json_cursor cursor = json_cursor_open(object);
    struct json_member member;
    while (json_cursor_next(&cursor, &member)) {
        if (!slices_are_equal(member.key, key))
            continue;
        if (count == 0)
            *out = member.value;
        count++;
    }
    return count;
}

struct slice decoding_string(const struct decoding *decoding, struct json_value value,
                             bool *is_number)
{
    struct slice text = json_value_string(value);
    *is_number = false;
    if (!decoding->rewritten)
        return text;
    enum json_rewritten kind = json_rewritten_kind(text.data, text.size);
    if (kind == JSON_REWRITTEN_NOT)
        return text;
    *is_number = kind == JSON_REWRITTEN_NUMBER;
    return (struct slice){text.data + 1, text.size - 1};
}

/* What a pointer leads to. */
struct found {
    enum { FOUND_NOTHING, FOUND_VALUE, FOUND_HEADER, FOUND_TWICE } kind;
    struct json_value value;
    const struct message_header *header;
};

static bool find_element(struct json_value array, uint32_t index, struct json_value *out)
{
    struct json_cursor cursor = json_cursor_open(array);
    struct json_member member;
    for (uint32_t at = 0; json_cursor_next(&cursor, &member); at++) {
        if (at != index)
            continue;
        *out = member.value;
        return true;
    }
    return false;
}

/* The step of a field's pointer that names a member of the document's outermost object; without
 * bytes where none does. */
static struct slice step_of(const struct decoding *decoding, unsigned field)
{
    const struct json_pointer *pointer = decoding->pointers[field];
    if (pointer->token_count <= decoding->document_level)
        return (struct slice){0};
    return decoding_token(pointer, decoding->document_level);
}

static void name_member(struct decoding *decoding, unsigned field, struct json_value value,
                        uint64_t bit)
{
    struct named_member *named = &decoding->named[field];
    if (named->count++ == 0)
        named->value = value;
    decoding->others &= ~bit;
    if (decoding->pointers[field]->token_count == decoding->document_level + 1)
        decoding->fields |= bit;
}

/* One walk over the members for all fields, and for what is to become of each member. */
static void name_members(struct decoding *decoding)
{
    struct slice steps[ENVELOPE_FIELD_COUNT];
    struct json_cursor cursor = json_cursor_open(decoding->root);
    struct json_member member;
    for (unsigned field = 0; field < ENVELOPE_FIELD_COUNT; field++)
        steps[field] = step_of(decoding, field);
    for (uint32_t index = 0; json_cursor_next(&cursor, &member); index++) {
        uint64_t bit = index < TOLD_MEMBERS_MAX ? (uint64_t)1 << index : 0;
        decoding->others |= bit;
        for (unsigned field = 0; field < ENVELOPE_FIELD_COUNT; field++)
            if (steps[field].data && slices_are_equal(steps[field], member.key))
                name_member(decoding, field, member.value, bit);
    }
}

static struct found find_in_document(const struct decoding *decoding, enum envelope_field field)
{
    const struct json_pointer *pointer = decoding->pointers[field];
    struct json_value value = decoding->root;
    uint32_t level = decoding->document_level;
    if (level < pointer->token_count && json_value_type(value) == JSON_OBJECT) {
        const struct named_member *named = &decoding->named[field];
        if (named->count != 1)
            return (struct found){.kind = named->count == 0 ? FOUND_NOTHING : FOUND_TWICE};
        value = named->value;
        level++;
    }
    for (; level < pointer->token_count; level++) {
        enum json_type type = json_value_type(value);
        if (type == JSON_OBJECT) {
            uint32_t count = decoding_find_member(value, decoding_token(pointer, level), &value);
            if (count != 1)
                return (struct found){.kind = count == 0 ? FOUND_NOTHING : FOUND_TWICE};
            continue;
        }
        if (type != JSON_ARRAY || !pointer->tokens[level].is_index ||
            !find_element(value, pointer->tokens[level].index, &value))
            return (struct found){.kind = FOUND_NOTHING};
    }
    if (json_value_type(value) == JSON_NULL)
        return (struct found){.kind = FOUND_NOTHING};
    return (struct found){.kind = FOUND_VALUE, .value = value};
}

static struct found find_in_headers(const struct decoding *decoding,
                                    const struct json_pointer *pointer)
{
    if (!decoding->header_prefix || pointer->token_count != 1)
        return (struct found){.kind = FOUND_NOTHING};
    uint32_t count;
    const struct message_header *header = decoding_find_header(
        decoding->message, decoding->header_prefix, decoding_token(pointer, 0), &count);
    if (count > 1)
        return (struct found){.kind = FOUND_TWICE};
    return (struct found){.kind = header ? FOUND_HEADER : FOUND_NOTHING, .header = header};
}

static struct found find_field(const struct decoding *decoding, enum envelope_field field)
{
    const struct json_pointer *pointer = decoding->pointers[field];
    bool in_document = decoding->document_level == 0 ||
                       (pointer->token_count > 0 &&
                        slices_are_equal(decoding_token(pointer, 0), slice_of("data")));
    if (decoding->has_document && in_document)
        return find_in_document(decoding, field);
    return find_in_headers(decoding, pointer);
}

static struct slice *field_slice(struct message *message, enum envelope_field field)
{
    switch (field) {
    case ENVELOPE_FIELD_ID:
        return &message->id;
    case ENVELOPE_FIELD_CUSTOMER:
        return &message->customer;
    case ENVELOPE_FIELD_TIME:
        return &message->time;
    case ENVELOPE_FIELD_LANGUAGE:
        return &message->language_hint;
    case ENVELOPE_FIELD_TEXT:
    case ENVELOPE_FIELD_COUNT:
        break;
    }
    return &message->text;
}

static size_t room_left(const struct decoding *decoding)
{
    return decoding->message->room_size - decoding->room_used;
}

static bool is_too_long(struct decoding *decoding, enum envelope_field field, size_t size)
{
    if (size <= MESSAGE_FIELD_BYTES_MAX)
        return false;
    decoding_fail(decoding, DEAD_FIELD_TOO_LONG, "%s is longer than %d bytes",
                  envelope_field_name(field), MESSAGE_FIELD_BYTES_MAX);
    return true;
}

/* Bytes that the parser or the stack owns are copied into the room. */
static void copy_field(struct decoding *decoding, enum envelope_field field, struct slice bytes)
{
    struct message *message = decoding->message;
    if (bytes.size == 0 || is_too_long(decoding, field, bytes.size))
        return;
    if (bytes.size > room_left(decoding)) {
        decoding_fail(decoding, DEAD_FIELD_TOO_LONG, "no room for %s", envelope_field_name(field));
        return;
    }
    char *out = message->room + decoding->room_used;
    memcpy(out, bytes.data, bytes.size);
    *field_slice(message, field) = (struct slice){out, bytes.size};
    decoding->room_used += bytes.size;
}

/* Headers and keys live as long as the message: valid ones are used where they are. */
static void use_field(struct decoding *decoding, enum envelope_field field, struct slice bytes)
{
    if (bytes.size == 0 || is_too_long(decoding, field, bytes.size))
        return;
    if (utf8_is_valid(bytes.data, bytes.size))
        *field_slice(decoding->message, field) = bytes;
    else
        copy_field(decoding, field, decoding_repair(decoding, bytes));
}

static void fail_type(struct decoding *decoding, enum envelope_field field, const char *wanted)
{
    decoding_fail(decoding, DEAD_WRONG_TYPE, "%s must be %s", envelope_field_name(field), wanted);
}

static bool is_integer_text(struct slice text)
{
    for (uint32_t index = 0; index < text.size; index++)
        if ((text.data[index] < '0' || text.data[index] > '9') && text.data[index] != '-')
            return false;
    return true;
}

/* A value that was a number before rewriting is one still. */
static void put_string(struct decoding *decoding, enum envelope_field field,
                       struct json_value value)
{
    bool is_number;
    struct slice text = decoding_string(decoding, value, &is_number);
    if (is_number && (field == ENVELOPE_FIELD_LANGUAGE || !is_integer_text(text)))
        fail_type(decoding, field,
                  field == ENVELOPE_FIELD_LANGUAGE ? "a string" : "a string or an integer");
    else
        copy_field(decoding, field, text);
}

static void put_value(struct decoding *decoding, enum envelope_field field, struct json_value value)
{
    enum json_type type = json_value_type(value);
    if (type == JSON_STRING) {
        put_string(decoding, field, value);
    } else if (field == ENVELOPE_FIELD_LANGUAGE) {
        fail_type(decoding, field, "a string");
    } else if (type == JSON_INTEGER || type == JSON_UNSIGNED) {
        char digits[JSON_NUMBER_BYTES_MAX];
        size_t size = json_value_print_number(value, digits);
        copy_field(decoding, field, (struct slice){digits, (uint32_t)size});
    } else {
        fail_type(decoding, field, "a string or an integer");
    }
}

static void fail_twice(struct decoding *decoding, enum envelope_field field)
{
    decoding_fail(decoding, DEAD_DUPLICATE_KEY, "a key on the way to %s stands twice",
                  envelope_field_name(field));
}

static void read_short_field(struct decoding *decoding, enum envelope_field field)
{
    struct found found = find_field(decoding, field);
    switch (found.kind) {
    case FOUND_NOTHING:
        break;
    case FOUND_TWICE:
        fail_twice(decoding, field);
        break;
    case FOUND_VALUE:
        put_value(decoding, field, found.value);
        break;
    case FOUND_HEADER:
        use_field(decoding, field, found.header->value);
        break;
    }
}

static bool is_blank_character(uint32_t code_point)
{
    if (code_point <= 0x20 || (code_point >= 0x7F && code_point <= 0xA0))
        return true;
    if (code_point >= 0x2000 && code_point <= 0x200F)
        return true;
    return code_point == 0xAD || code_point == 0x1680 || code_point == 0x2028 ||
           code_point == 0x2029 || code_point == 0x202F || code_point == 0x205F ||
           code_point == 0x2060 || code_point == 0x3000 || code_point == 0xFEFF;
}

bool decoding_is_blank(struct slice text)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t code_point;
        size_t size = utf8_decode(text.data + at, text.size - at, &code_point, NULL);
        if (size == 0 || !is_blank_character(code_point))
            return false;
        at += size;
    }
    return true;
}

/* How much of the text stays; 0 where that makes a dead letter. */
static size_t limit_text(struct decoding *decoding, struct slice text)
{
    size_t left = room_left(decoding);
    size_t most = left > MESSAGE_PADDING_BYTES ? left - MESSAGE_PADDING_BYTES : 0;
    if (most > decoding->mapping->text_bytes_max)
        most = decoding->mapping->text_bytes_max;
    if (text.size <= most)
        return text.size;
    size_t size = utf8_cut(text.data, text.size, most);
    if (decoding->mapping->text_policy == TEXT_POLICY_DEAD_LETTER || size == 0) {
        decoding_fail(decoding, DEAD_TEXT_TOO_LONG, "the text's %u bytes are over the limit, %zu",
                      text.size, most);
        return 0;
    }
    decoding->message->flags |= MESSAGE_TRUNCATED;
    return size;
}

static void put_text(struct decoding *decoding, struct slice text)
{
    struct message *message = decoding->message;
    if (decoding_is_blank(text)) {
        decoding_fail(decoding, DEAD_EMPTY, "the text is blank");
        return;
    }
    size_t size = limit_text(decoding, text);
    if (size == 0)
        return;
    char *out = message->room + decoding->room_used;
    memcpy(out, text.data, size);
    memset(out + size, 0, MESSAGE_PADDING_BYTES);
    message->text = (struct slice){out, (uint32_t)size};
    decoding->room_used += (uint32_t)size + MESSAGE_PADDING_BYTES;
}

static void read_text(struct decoding *decoding)
{
    if (decoding->text_is_payload) {
        struct slice bytes = decoding_payload(decoding);
        bool is_valid = utf8_is_valid(bytes.data, bytes.size);
        /* A good value is padded as a text must be, and stays where it is. */
        if (is_valid && bytes.size <= decoding->mapping->text_bytes_max &&
            !decoding_is_blank(bytes))
            decoding->message->text = bytes;
        else
            put_text(decoding, is_valid ? bytes : decoding_repair(decoding, bytes));
        return;
    }
    struct found found = find_field(decoding, ENVELOPE_FIELD_TEXT);
    bool is_number = false;
    switch (found.kind) {
    case FOUND_NOTHING:
        decoding_fail(decoding, DEAD_TEXT_MISSING, "nothing stands where the text should");
        return;
    case FOUND_TWICE:
        fail_twice(decoding, ENVELOPE_FIELD_TEXT);
        return;
    case FOUND_HEADER:
        put_text(decoding, decoding_repair(decoding, found.header->value));
        return;
    case FOUND_VALUE:
        break;
    }
    if (json_value_type(found.value) != JSON_STRING) {
        fail_type(decoding, ENVELOPE_FIELD_TEXT, "a string");
        return;
    }
    struct slice text = decoding_string(decoding, found.value, &is_number);
    if (is_number)
        fail_type(decoding, ENVELOPE_FIELD_TEXT, "a string");
    else
        put_text(decoding, text);
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

uint64_t envelope_hash_customer(struct slice customer)
{
    while (customer.size > 0 && is_space(customer.data[0])) {
        customer.data++;
        customer.size--;
    }
    while (customer.size > 0 && is_space(customer.data[customer.size - 1]))
        customer.size--;
    if (customer.size == 0)
        return 0;
    char lower[MESSAGE_FIELD_BYTES_MAX];
    uint32_t size = customer.size < sizeof lower ? customer.size : (uint32_t)sizeof lower;
    for (uint32_t index = 0; index < size; index++) {
        char byte = customer.data[index];
        lower[index] = byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
    }
    uint64_t hash = hash_bytes(lower, size);
    return hash ? hash : 1;
}

/* The short fields come first: a long text must not take their room. */
void decoding_read_fields(struct decoding *decoding)
{
    if (decoding->has_document && json_value_type(decoding->root) == JSON_OBJECT)
        name_members(decoding);
    for (unsigned field = ENVELOPE_FIELD_ID; field < ENVELOPE_FIELD_COUNT; field++)
        read_short_field(decoding, (enum envelope_field)field);
    struct message *message = decoding->message;
    if (message->customer.size == 0 && decoding->mapping->customer_is_key)
        use_field(decoding, ENVELOPE_FIELD_CUSTOMER, message->key);
    message->customer_hash = envelope_hash_customer(message->customer);
    read_text(decoding);
}
