/**
 * Reads mappings by a table of their keys, so that an unknown key, a missing one and a wrong type
 * are each an error with its place and its remedy. Every reader adds its own error and answers
 * false.
 *
 * Owns: texts are copied into the arena that the caller gives.
 */
#ifndef REDRESS_CLASSIFY_PACK_YAML_FIELDS_H
#define REDRESS_CLASSIFY_PACK_YAML_FIELDS_H

#include "base/arena.h"
#include "base/yaml_tree.h"

#include <redress/verdict.h>

struct yaml_reader {
    struct error_list *errors;
    struct arena *arena;
    const char *file; /* in the arena */
    bool no_memory;
};

struct yaml_field {
    const char *name;
    void (*read)(struct yaml_reader *reader, void *target, struct yaml_place value);
    bool required;
};

/** A loader's own table of keys, for who describes it. */
struct yaml_field_table {
    const struct yaml_field *fields;
    size_t count;
};

/** Reads every pair of `mapping` through its row. `what` names the thing in errors: "a rule". */
void yaml_fields_read(struct yaml_reader *reader, struct yaml_place mapping,
                      const struct yaml_field *fields, size_t count, void *target,
                      const char *what);

/** A scalar of 1 to bytes_max bytes on one line, copied; NULL after an error. */
const char *yaml_fields_text(struct yaml_reader *reader, struct yaml_place place, size_t bytes_max);
/** The same, line breaks allowed. */
const char *yaml_fields_long_text(struct yaml_reader *reader, struct yaml_place place,
                                  size_t bytes_max);
bool yaml_fields_number(struct yaml_reader *reader, struct yaml_place place, double min, double max,
                        double *out);
bool yaml_fields_bool(struct yaml_reader *reader, struct yaml_place place, bool *out);
bool yaml_fields_severity(struct yaml_reader *reader, struct yaml_place place, enum severity *out);
bool yaml_fields_language(struct yaml_reader *reader, struct yaml_place place, enum language *out);
bool yaml_fields_category(struct yaml_reader *reader, struct yaml_place place, enum category *out);
/** A list of names as a set. */
void yaml_fields_traits(struct yaml_reader *reader, struct yaml_place list, trait_set *out);
void yaml_fields_languages(struct yaml_reader *reader, struct yaml_place list, uint32_t *out);

/** False after an error where `place` is not of that kind, or a list is empty. */
bool yaml_fields_is_list(struct yaml_reader *reader, struct yaml_place place);
bool yaml_fields_is_mapping(struct yaml_reader *reader, struct yaml_place place);

/** The column of the first byte of a scalar's text: behind the quotation mark where it has one. */
uint32_t yaml_fields_text_column(struct yaml_place scalar);

#endif
