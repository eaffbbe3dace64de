/**
 * One parsed JSON document: simdjson's DOM with a C face. The parser behind it is the only C++ of
 * the engine, and no exception crosses this header.
 *
 * Shape:   values are {document, index}: copy them freely; all die with the next parse.
 * Owns:    json_document_free() frees the parser and its buffers, which are as large as the
 * capacity asked for from the start: parsing allocates nothing. Threads: one at a time per
 * document.
 */
#ifndef REDRESS_DECODE_JSON_DOCUMENT_H
#define REDRESS_DECODE_JSON_DOCUMENT_H

#include <redress/message.h>

#ifdef __cplusplus
extern "C" {
#endif

struct json_document;

struct json_value {
    const struct json_document *document;
    uint32_t index; /* on simdjson's tape */
};

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_INTEGER,  /* fits int64_t */
    JSON_UNSIGNED, /* fits uint64_t only */
    JSON_DOUBLE,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

enum json_outcome {
    JSON_PARSED,
    JSON_REFUSED,          /* no valid JSON */
    JSON_REFUSED_UTF8,     /* no valid UTF-8 */
    JSON_REFUSED_DEPTH,    /* nested deeper than depth_max */
    JSON_REFUSED_NUMBER,   /* no number, or one that fits no 64 bits */
    JSON_REFUSED_CAPACITY, /* longer than the capacity */
    JSON_OUT_OF_MEMORY
};

/** For documents of up to capacity_bytes. */
NODISCARD enum redress_status json_document_create(size_t capacity_bytes, uint32_t depth_max,
                                                   struct json_document **out);
void json_document_free(struct json_document *document);
/** Bytes that a document of that capacity reserves. */
size_t json_document_bytes(size_t capacity_bytes);

/** Parses all of bytes; MESSAGE_PADDING_BYTES readable bytes must follow them. */
NODISCARD enum json_outcome json_document_parse(struct json_document *document, const char *bytes,
                                                size_t size);
/** The outermost value of the last parse that succeeded. */
struct json_value json_document_root(const struct json_document *document);

enum json_type json_value_type(struct json_value value);
bool json_value_bool(struct json_value value);
int64_t json_value_integer(struct json_value value);
uint64_t json_value_unsigned(struct json_value value);
/** A string's bytes, unescaped; valid UTF-8, may hold NUL. */
struct slice json_value_string(struct json_value value);

enum { JSON_NUMBER_BYTES_MAX = 32 };
/** Writes the shortest text that reads back as the same number; answers its size. */
size_t json_value_print_number(struct json_value value, char out[JSON_NUMBER_BYTES_MAX]);

/** Walks the members of an object, or the elements of an array, in their order. */
struct json_cursor {
    const struct json_document *document;
    uint32_t next;
    uint32_t end;
    bool has_keys;
};

struct json_member {
    struct slice key; /* empty in an array */
    struct json_value value;
};

/** The value must be an array or an object. */
struct json_cursor json_cursor_open(struct json_value value);
/** False after the last one. */
NODISCARD bool json_cursor_next(struct json_cursor *cursor, struct json_member *member);

#ifdef __cplusplus
}
#endif

#endif
