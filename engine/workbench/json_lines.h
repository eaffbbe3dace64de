/**
 * A file of JSON Lines, read object by object.
 *
 *   while ((status = json_lines_next(&lines, &object)) == STATUS_OK) ...   STATUS_EMPTY at the end
 *
 * Errors:  a line that is no JSON object is an error at its place and ends the reading.
 * Owns:    the file's bytes and the parser; json_lines_close(). What an object holds dies with the
 *          next one.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_JSON_LINES_H
#define REDRESS_WORKBENCH_JSON_LINES_H

#include "base/error_list.h"
#include "decode/json_document.h"

struct json_lines {
    const char *path;
    char *bytes; /* of the whole file, padded */
    size_t size;
    size_t at;
    uint32_t line; /* of the last object, from 1 */
    struct json_document *document;
    struct error_list *errors;
};

/** STATUS_OK; STATUS_NOT_FOUND or STATUS_IO with an error that names the file; STATUS_MEMORY. */
NODISCARD enum redress_status json_lines_open(struct json_lines *lines, const char *path,
                                              struct error_list *errors);
/** STATUS_OK; STATUS_EMPTY at the end; STATUS_INVALID with an error. Empty lines are passed over.
 */
NODISCARD enum redress_status json_lines_next(struct json_lines *lines, struct json_value *object);
void json_lines_close(struct json_lines *lines);

/** An error at the line of the last object. */
void json_lines_error(const struct json_lines *lines, const char *text);

/** The member of that name; false where there is none. */
NODISCARD bool json_lines_find(struct json_value object, const char *name, struct json_value *out);
/** A member that is a string; {0} where there is none, or where it is something else. */
struct slice json_lines_text(struct json_value object, const char *name);
/** A member that is an integer or a boolean; false where it is neither. */
NODISCARD bool json_lines_integer(struct json_value object, const char *name, int64_t *out);

#endif
