/**
 * Writes JSON into a buffer of fixed size. Commas are its own business; order is the caller's.
 *
 * Shape:  strings must be valid UTF-8; control characters, quotes, U+2028 and U+2029 are escaped.
 * Errors: once the buffer is full nothing more is written and `overflow` stays true.
 * Owns:   nothing. Threads: one at a time per writer.
 */
#ifndef REDRESS_BASE_JSON_WRITER_H
#define REDRESS_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
    char *buffer;
    size_t capacity;
    size_t size; /* bytes written; no terminator */
    bool overflow;
    bool comma; /* the next value needs a comma before it */
};

void json_start(struct json_writer *json, char *buffer, size_t capacity);
void json_object_open(struct json_writer *json);
void json_object_close(struct json_writer *json);
void json_array_open(struct json_writer *json);
void json_array_close(struct json_writer *json);
/** The name of the next value. name is one of ours: plain ASCII, nothing to escape. */
void json_key(struct json_writer *json, const char *name);
/** The same for a name that came from outside. */
void json_key_sized(struct json_writer *json, const char *name, size_t size);
void json_string(struct json_writer *json, const char *text);
void json_string_sized(struct json_writer *json, const char *text, size_t size);
void json_integer(struct json_writer *json, int64_t value);
void json_unsigned(struct json_writer *json, uint64_t value);
/** Three digits after the point at most; not a number and infinity are written as null. */
void json_number(struct json_writer *json, double value);
void json_bool(struct json_writer *json, bool value);
void json_null(struct json_writer *json);
/** 16 lower-case hex digits as a string. */
void json_hex(struct json_writer *json, uint64_t value);
/** 32 lower-case hex digits as a string. */
void json_hex_128(struct json_writer *json, uint64_t high, uint64_t low);
/** A value that is JSON already. */
void json_raw(struct json_writer *json, const char *text, size_t size);
/** Plain bytes without any comma, for a line break between documents. */
void json_newline(struct json_writer *json);

#endif
