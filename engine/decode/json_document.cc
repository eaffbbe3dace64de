#include "decode/json_document.h"

extern "C" {
#include "base/assert.h"
}

#include <charconv>
#include <new>
#include <simdjson.h>

/* <redress/message.h> asks for 64 zeroed bytes behind every payload: what simdjson reads over. */
static_assert(MESSAGE_PADDING_BYTES >= simdjson::SIMDJSON_PADDING,
              "payloads are padded too little");

using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

struct json_document {
    simdjson::dom::parser parser;
};

static tape_ref tape_of(const json_document *document, size_t index)
{
    return tape_ref(&document->parser.doc, index);
}

static tape_ref tape_of(json_value value)
{
    return tape_of(value.document, value.index);
}

enum redress_status json_document_create(size_t capacity_bytes, uint32_t depth_max,
                                         struct json_document **out)
{
    *out = nullptr;
    json_document *document = new (std::nothrow) json_document;
    if (!document)
        return STATUS_MEMORY;
    /* simdjson refuses the level that reaches its own limit; ours names the last one allowed. */
    if (document->parser.allocate(capacity_bytes, depth_max + 2) != simdjson::SUCCESS ||
        document->parser.doc.allocate(capacity_bytes) != simdjson::SUCCESS) {
        delete document;
        return STATUS_MEMORY;
    }
    *out = document;
    return STATUS_OK;
}

void json_document_free(struct json_document *document)
{
    delete document;
}

size_t json_document_bytes(size_t capacity_bytes)
{
    /* Per byte: one structural index (4), one tape word (8), 5/3 of string buffer; see simdjson's
     * document::allocate() and dom_parser_implementation::set_capacity(). */
    return capacity_bytes * 14 + 64 * 1024;
}

static enum json_outcome outcome_of(simdjson::error_code error)
{
    if (error == simdjson::SUCCESS)
        return JSON_PARSED;
    if (error == simdjson::UTF8_ERROR)
        return JSON_REFUSED_UTF8;
    if (error == simdjson::DEPTH_ERROR)
        return JSON_REFUSED_DEPTH;
    if (error == simdjson::NUMBER_ERROR)
        return JSON_REFUSED_NUMBER;
    if (error == simdjson::CAPACITY)
        return JSON_REFUSED_CAPACITY;
    if (error == simdjson::MEMALLOC)
        return JSON_OUT_OF_MEMORY;
    return JSON_REFUSED;
}

enum json_outcome json_document_parse(struct json_document *document, const char *bytes,
                                      size_t size)
{
    /* A longer document would make simdjson grow its buffers. */
    if (size > document->parser.capacity())
        return JSON_REFUSED_CAPACITY;
    return outcome_of(document->parser.parse(bytes, size, false).error());
}

struct json_value json_document_root(const struct json_document *document)
{
    return {document, 1};
}

enum json_type json_value_type(struct json_value value)
{
    switch (tape_of(value).tape_ref_type()) {
    case tape_type::START_ARRAY:
        return JSON_ARRAY;
    case tape_type::START_OBJECT:
        return JSON_OBJECT;
    case tape_type::STRING:
        return JSON_STRING;
    case tape_type::INT64:
        return JSON_INTEGER;
    case tape_type::UINT64:
        return JSON_UNSIGNED;
    case tape_type::DOUBLE:
        return JSON_DOUBLE;
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE:
        return JSON_BOOL;
    case tape_type::NULL_VALUE:
        return JSON_NULL;
    case tape_type::ROOT:
    case tape_type::END_ARRAY:
    case tape_type::END_OBJECT:
        break;
    }
    ASSERT(false); /* no value begins there: the index was made up */
    return JSON_NULL;
}

bool json_value_bool(struct json_value value)
{
    return tape_of(value).is_true();
}

int64_t json_value_integer(struct json_value value)
{
    ASSERT(tape_of(value).is_int64());
    return tape_of(value).next_tape_value<int64_t>();
}

uint64_t json_value_unsigned(struct json_value value)
{
    ASSERT(tape_of(value).is_uint64());
    return tape_of(value).next_tape_value<uint64_t>();
}

struct slice json_value_string(struct json_value value)
{
    ASSERT(tape_of(value).tape_ref_type() == tape_type::STRING);
    tape_ref tape = tape_of(value);
    return {tape.get_c_str(), tape.get_string_length()};
}

size_t json_value_print_number(struct json_value value, char out[JSON_NUMBER_BYTES_MAX])
{
    tape_ref tape = tape_of(value);
    std::to_chars_result end = {};
    if (tape.is_int64())
        end = std::to_chars(out, out + JSON_NUMBER_BYTES_MAX, tape.next_tape_value<int64_t>());
    else if (tape.is_uint64())
        end = std::to_chars(out, out + JSON_NUMBER_BYTES_MAX, tape.next_tape_value<uint64_t>());
    else
        end = std::to_chars(out, out + JSON_NUMBER_BYTES_MAX, tape.next_tape_value<double>());
    ASSERT(end.ec == std::errc());
    return (size_t)(end.ptr - out);
}

struct json_cursor json_cursor_open(struct json_value value)
{
    tape_ref tape = tape_of(value);
    tape_type type = tape.tape_ref_type();
    ASSERT(type == tape_type::START_OBJECT || type == tape_type::START_ARRAY);
    /* after_element() lies behind the closing bracket. */
    return {value.document, value.index + 1, (uint32_t)tape.after_element() - 1,
            type == tape_type::START_OBJECT};
}

bool json_cursor_next(struct json_cursor *cursor, struct json_member *member)
{
    if (cursor->next == cursor->end)
        return false;
    ASSERT(cursor->next < cursor->end);
    member->key = {nullptr, 0};
    if (cursor->has_keys) {
        member->key = json_value_string({cursor->document, cursor->next});
        cursor->next++;
    }
    member->value = {cursor->document, cursor->next};
    cursor->next = (uint32_t)tape_of(member->value).after_element();
    return true;
}
