/** What the loader's files share. Inside config/ only. */
#ifndef REDRESS_CONFIG_SETTINGS_INTERNAL_H
#define REDRESS_CONFIG_SETTINGS_INTERNAL_H

#include "base/yaml_tree.h"
#include "config/settings_table.h"

enum { SECRET_FILE_BYTES_MAX = 64 * 1024 };

/** One load under way. */
struct settings_loader {
    struct settings *settings;
    const struct settings_surroundings *surroundings;
    struct error_list *errors;
    struct yaml_place root;
    struct yaml_place places[SETTINGS_ROWS_MAX]; /* of the file's own rows; none: not in the file */
};

/** One mapping that is read with one scope's rows. */
struct settings_reading {
    struct settings_loader *loader;
    const struct settings_scope *scope;
    void *base;                /* the struct whose fields are filled */
    struct yaml_place whole;   /* the mapping itself */
    struct yaml_place *places; /* by row */
    bool done[SETTINGS_ROWS_MAX];
};

/** Reads a mapping; rows that are lists of scopes or properties are only placed. */
void settings_read_mapping(struct settings_reading *reading);
/** Fills every row that was not read by its default; a required one is an error. */
void settings_fill_defaults(struct settings_reading *reading);

/** Reads the three blocks of librdkafka properties. */
void settings_read_properties(struct settings_loader *loader);

/** What no row can check by itself, and defaults that depend on others or on the machine. */
void settings_complete(struct settings_loader *loader);
void settings_check(struct settings_loader *loader);

/** The place of one of the file's rows, or the file's beginning where it does not stand there. */
struct yaml_place settings_place(const struct settings_loader *loader, const char *name);

/** True for `key:` with nothing behind it, "~" and "null". */
bool settings_is_nothing(struct yaml_place value);

void settings_no_memory(struct settings_loader *loader);

/** Cores that a cpu.max of control groups ("QUOTA PERIOD") allows, rounded up; 0: no limit. */
unsigned settings_quota_cores(const char *text);

/** The known name nearest to what was written, or NULL where none is near. */
const char *settings_nearest(const char *written, const char *const *known, size_t count);

#endif
