/**
 * A YAML file as a tree in which every node knows its place, for loaders that report all errors at
 * once. A thin layer over libyaml's yaml_document_t.
 *
 * Refused with file:line:column: bad syntax, a second document, duplicate keys in one mapping,
 * nesting deeper than YAML_DEPTH_MAX (aliases counted, so that an alias cannot make a loop or a
 * bomb), keys that are no scalars, tags that change a meaning, files over YAML_FILE_BYTES_MAX. An
 * empty file is a tree without a root; a byte order mark is skipped.
 *
 * Owns:    the tree owns its nodes; strings live until yaml_tree_free().
 * Threads: one at a time per tree.
 */
#ifndef REDRESS_BASE_YAML_TREE_H
#define REDRESS_BASE_YAML_TREE_H

#include "base/error_list.h"

#include <stddef.h>

enum { YAML_DEPTH_MAX = 32, YAML_FILE_BYTES_MAX = 16 * 1024 * 1024 };

enum yaml_kind { YAML_KIND_SCALAR, YAML_KIND_SEQUENCE, YAML_KIND_MAPPING };

struct yaml_tree;

/** One node, by value: copy it freely, it dies with its tree. */
struct yaml_place {
    const struct yaml_tree *tree;
    int node; /* libyaml's index; 0 is no node */
};

/** NULL and errors added when the file can't be read or is refused. */
NODISCARD struct yaml_tree *yaml_tree_load_file(const char *path, struct error_list *errors);
/** The same for bytes in memory; `name` stands in errors as the file. */
NODISCARD struct yaml_tree *yaml_tree_load_bytes(const char *name, const char *bytes, size_t size,
                                                 struct error_list *errors);
void yaml_tree_free(struct yaml_tree *tree);

struct yaml_place yaml_root(const struct yaml_tree *tree);
bool yaml_exists(struct yaml_place place);
enum yaml_kind yaml_kind(struct yaml_place place);
uint32_t yaml_line(struct yaml_place place);   /* from 1 */
uint32_t yaml_column(struct yaml_place place); /* from 1 */

/** Items of a sequence or pairs of a mapping; 0 for a scalar. */
size_t yaml_count(struct yaml_place place);
struct yaml_place yaml_item(struct yaml_place sequence, size_t index);
struct yaml_place yaml_key(struct yaml_place mapping, size_t index);
struct yaml_place yaml_value(struct yaml_place mapping, size_t index);
/** The value of `key`, or a place that does not exist. */
struct yaml_place yaml_find(struct yaml_place mapping, const char *key);

/** A scalar's text, NUL-terminated (a scalar with an embedded NUL is refused at load). */
const char *yaml_text(struct yaml_place scalar);
size_t yaml_text_size(struct yaml_place scalar);
/** False where the scalar is quoted: "12" and 'true' are strings, 12 and true are not. */
bool yaml_is_plain(struct yaml_place scalar);

/** Strict readings: false (nothing added) where the scalar is not of that form. */
NODISCARD bool yaml_read_bool(struct yaml_place scalar, bool *out);       /* true, false */
NODISCARD bool yaml_read_integer(struct yaml_place scalar, int64_t *out); /* decimal */
NODISCARD bool yaml_read_number(struct yaml_place scalar, double *out);   /* finite decimal */

/** Adds an error at a place. */
void yaml_error(struct yaml_place place, struct error_list *errors, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
