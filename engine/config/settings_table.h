/**
 * The settings as rows: what each is called, may be, is by default and means. Inside config/ only.
 *
 * Three scopes share the form: the file itself, one channel, one row of the routing table. A row's
 * name is its path below the scope ("limits.payload.max"); rows of one section stand together, a
 * section's own rows before its sub-sections.
 */
#ifndef REDRESS_CONFIG_SETTINGS_TABLE_H
#define REDRESS_CONFIG_SETTINGS_TABLE_H

#include "config/settings.h"

enum setting_type {
    SETTING_BOOL,
    SETTING_COUNT,
    SETTING_BYTES,
    SETTING_DURATION, /* kept in milliseconds */
    SETTING_CHOICE,
    SETTING_NAME,    /* letters, digits, '.', '_' and '-' */
    SETTING_TOPIC,   /* a Kafka topic's name */
    SETTING_PREFIX,  /* the beginning of one */
    SETTING_TEXT,    /* any printable text */
    SETTING_PATH,    /* relative ones begin at the file's folder */
    SETTING_ADDRESS, /* an IP address */
    SETTING_MODE,    /* four octal digits */
    SETTING_POINTER, /* a JSON Pointer */
    SETTING_WORKERS,
    SETTING_QUEUE,
    SETTING_SEVERITY,
    SETTING_EITHER,
    /* From here on the value is a list (or one item that stands for a list of one) or a mapping. */
    SETTING_TOPICS,
    SETTING_CATEGORIES,
    SETTING_TRAITS,
    SETTING_LANGUAGES,
    SETTING_CHANNEL_NAMES,
    SETTING_PROPERTIES,
    SETTING_CHANNELS,
    SETTING_ROUTES
};

struct setting {
    const char *name;
    enum setting_type type;
    size_t offset; /* of its field in the scope's struct */
    uint64_t min;
    uint64_t max;
    const char *default_text;   /* as it would stand in the file; NULL: none, or found at start */
    const char *default_shown;  /* what the reference says instead of default_text */
    const char *const *choices; /* by value, ended by NULL */
    bool required;
    const char *text; /* one or two sentences for people */
};

struct setting_unit {
    const char *name;
    uint64_t factor;
};

struct settings_scope {
    const char *what; /* "channel" */
    const struct setting *rows;
    size_t row_count;
};

enum { SETTINGS_ROWS_MAX = 80 };

extern const struct settings_scope settings_scope_file;
extern const struct settings_scope settings_scope_channel;
extern const struct settings_scope settings_scope_route;

static inline bool setting_is_scalar(const struct setting *row)
{
    return row->type < SETTING_TOPICS;
}

/**
 * Reads one value, or one item of a list of names (topics apart, which are one field each), into
 * its field below `base`. `settings` owns what it points to.
 *
 * Returns: STATUS_OK, STATUS_INVALID (setting_describe says what may stand there), STATUS_FULL for
 *          one queue too many, STATUS_MEMORY.
 */
NODISCARD enum redress_status setting_parse(const struct setting *row, struct settings *settings,
                                            void *base, const char *text);

/**
 * The field, or the index-th item of its list, as it would stand in the file. False where it is not
 * set or the list has no more.
 */
NODISCARD bool setting_format(const struct setting *row, const struct settings *settings,
                              const void *base, size_t index, char *out, size_t out_size);

/** True where the value stands without quotes in YAML and JSON. */
bool setting_is_bare(const struct setting *row, const char *text);

/** "a size from 1 KiB to 16 MiB", "park or spin": what may stand there. */
void setting_describe(const struct setting *row, char *out, size_t out_size);

/** The units of a size or duration, largest first, ended by a NULL name. */
const struct setting_unit *setting_units(const struct setting *row);

/** The index of a queue's name, which is added where it is new; STATUS_FULL over QUEUES_MAX. */
NODISCARD enum redress_status settings_add_queue(struct settings *settings, const char *name,
                                                 uint16_t *index);

#endif
