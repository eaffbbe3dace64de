#include "config/settings_internal.h"

#include "base/assert.h"

#include <string.h>

enum { PATH_BYTES_MAX = 128, NEAREST_BYTES_MAX = 40 };

void settings_no_memory(struct settings_loader *loader)
{
    error_list_add(loader->errors, STATUS_MEMORY, loader->settings->file, 0, 0, "out of memory");
}

/* Levenshtein's distance; names longer than the table are nobody's neighbour. */
static size_t distance(const char *left, const char *right)
{
    size_t left_size = strlen(left);
    size_t right_size = strlen(right);
    size_t row[NEAREST_BYTES_MAX + 1];
    if (left_size > NEAREST_BYTES_MAX || right_size > NEAREST_BYTES_MAX)
        return NEAREST_BYTES_MAX;
    for (size_t column = 0; column <= right_size; column++)
        row[column] = column;
    for (size_t line = 1; line <= left_size; line++) {
        size_t diagonal = row[0];
        row[0] = line;
        for (size_t column = 1; column <= right_size; column++) {
            size_t best = diagonal + (left[line - 1] != right[column - 1]);
            diagonal = row[column];
            if (best > row[column] + 1)
                best = row[column] + 1;
            if (best > row[column - 1] + 1)
                best = row[column - 1] + 1;
            row[column] = best;
        }
    }
    return row[right_size];
}

const char *settings_nearest(const char *written, const char *const *known, size_t count)
{
    const char *nearest = NULL;
    size_t best = 1 + strlen(written) / 3;
    for (size_t index = 0; index < count; index++) {
        size_t away = distance(written, known[index]);
        if (away <= best && (!nearest || away < best)) {
            nearest = known[index];
            best = away;
        }
    }
    return nearest;
}

/* The component of a row's name that stands below `prefix` ("limits."), or NULL. */
static const char *component_below(const struct setting *row, const char *prefix, char *out,
                                   size_t out_size)
{
    size_t prefix_size = strlen(prefix);
    if (strncmp(row->name, prefix, prefix_size) != 0)
        return NULL;
    size_t size = strcspn(row->name + prefix_size, ".");
    snprintf(out, out_size, "%.*s", (int)size, row->name + prefix_size);
    return out;
}

static void add_unknown(struct settings_reading *reading, struct yaml_place key, const char *prefix)
{
    char names[SETTINGS_ROWS_MAX][NEAREST_BYTES_MAX];
    const char *known[SETTINGS_ROWS_MAX];
    size_t count = 0;
    for (size_t index = 0; index < reading->scope->row_count; index++) {
        const char *name =
            component_below(&reading->scope->rows[index], prefix, names[count], NEAREST_BYTES_MAX);
        if (name)
            known[count++] = name;
    }
    const char *nearest = settings_nearest(yaml_text(key), known, count);
    if (nearest)
        yaml_error(key, reading->loader->errors,
                   "no %s is called \"%s%.60s\": did you mean \"%s\"?", reading->scope->what,
                   prefix, yaml_text(key), nearest);
    else
        yaml_error(key, reading->loader->errors, "no %s is called \"%s%.60s\"",
                   reading->scope->what, prefix, yaml_text(key));
}

bool settings_is_nothing(struct yaml_place value)
{
    return yaml_kind(value) == YAML_KIND_SCALAR && yaml_is_plain(value) &&
           (yaml_text_size(value) == 0 || strcmp(yaml_text(value), "~") == 0 ||
            strcmp(yaml_text(value), "null") == 0);
}

static void add_wrong(struct settings_reading *reading, const struct setting *row,
                      struct yaml_place value)
{
    char wanted[200];
    setting_describe(row, wanted, sizeof wanted);
    if (yaml_kind(value) == YAML_KIND_SCALAR)
        yaml_error(value, reading->loader->errors, "%s: \"%.40s\" is not %s", row->name,
                   yaml_text(value), wanted);
    else
        yaml_error(value, reading->loader->errors, "%s: here stands %s", row->name, wanted);
}

/* Reads one scalar; true where the field is filled. */
static bool read_scalar(struct settings_reading *reading, const struct setting *row, void *base,
                        struct yaml_place value)
{
    struct settings_loader *loader = reading->loader;
    bool scalar = yaml_kind(value) == YAML_KIND_SCALAR;
    bool bare_in_quotes =
        scalar && !yaml_is_plain(value) &&
        (row->type == SETTING_BOOL || row->type == SETTING_EITHER || row->type == SETTING_COUNT);
    enum redress_status status = STATUS_INVALID;
    if (scalar && !bare_in_quotes)
        status = setting_parse(row, loader->settings, base, yaml_text(value));
    if (status == STATUS_MEMORY)
        settings_no_memory(loader);
    else if (status == STATUS_FULL)
        yaml_error(value, loader->errors, "more than %d queues", QUEUES_MAX);
    else if (bare_in_quotes)
        yaml_error(value, loader->errors, "%s: write the value without quotes", row->name);
    else if (status == STATUS_INVALID)
        add_wrong(reading, row, value);
    return status == STATUS_OK;
}

static bool read_topics(struct settings_reading *reading, const struct setting *row,
                        struct yaml_place list, size_t count)
{
    struct settings_loader *loader = reading->loader;
    struct settings_channel *channel = reading->base;
    const char **topics = arena_allocate_array(&loader->settings->arena, count, sizeof *topics);
    if (!topics) {
        settings_no_memory(loader);
        return false;
    }
    bool good = true;
    struct setting item = *row; /* each item is a field of its own */
    item.offset = 0;
    for (size_t index = 0; index < count; index++)
        if (!read_scalar(reading, &item, &topics[index],
                         yaml_kind(list) == YAML_KIND_SEQUENCE ? yaml_item(list, index) : list))
            good = false;
    channel->topics = topics;
    channel->topic_count = good ? count : 0;
    return good;
}

/* A list of names, or one name for a list of one. */
static bool read_list(struct settings_reading *reading, const struct setting *row,
                      struct yaml_place value)
{
    bool sequence = yaml_kind(value) == YAML_KIND_SEQUENCE;
    size_t count = sequence ? yaml_count(value) : 1;
    size_t max = row->max ? row->max : 64;
    if (yaml_kind(value) == YAML_KIND_MAPPING || count == 0 || count > max) {
        char wanted[200];
        setting_describe(row, wanted, sizeof wanted);
        yaml_error(value, reading->loader->errors, "%s: here stands %s, 1 to %zu", row->name,
                   wanted, max);
        return false;
    }
    if (row->type == SETTING_TOPICS)
        return read_topics(reading, row, value, count);
    bool good = true;
    for (size_t index = 0; index < count; index++)
        if (!read_scalar(reading, row, reading->base, sequence ? yaml_item(value, index) : value))
            good = false;
    return good;
}

static void read_row(struct settings_reading *reading, size_t index, struct yaml_place value)
{
    const struct setting *row = &reading->scope->rows[index];
    reading->places[index] = value;
    if (row->type >= SETTING_PROPERTIES)
        reading->done[index] = true; /* read later, by whoever knows its form */
    else if (settings_is_nothing(value))
        yaml_error(value, reading->loader->errors, "%s: the value is missing", row->name);
    else if (setting_is_scalar(row))
        reading->done[index] = read_scalar(reading, row, reading->base, value);
    else
        reading->done[index] = read_list(reading, row, value);
}

static int find_row(const struct settings_scope *scope, const char *path)
{
    for (size_t index = 0; index < scope->row_count; index++)
        if (strcmp(scope->rows[index].name, path) == 0)
            return (int)index;
    return -1;
}

static bool is_section(const struct settings_scope *scope, const char *path)
{
    size_t size = strlen(path);
    for (size_t index = 0; index < scope->row_count; index++)
        if (strncmp(scope->rows[index].name, path, size) == 0 &&
            scope->rows[index].name[size] == '.')
            return true;
    return false;
}

static void read_section(struct settings_reading *reading, struct yaml_place mapping,
                         const char *prefix);

static void read_pair(struct settings_reading *reading, struct yaml_place key,
                      struct yaml_place value, const char *prefix)
{
    char path[PATH_BYTES_MAX];
    int size = snprintf(path, sizeof path, "%s%s", prefix, yaml_text(key));
    bool fits = size > 0 && (size_t)size + 1 < sizeof path && *yaml_text(key) &&
                !strchr(yaml_text(key), '.');
    int row = fits ? find_row(reading->scope, path) : -1;
    if (row >= 0) {
        read_row(reading, (size_t)row, value);
    } else if (fits && is_section(reading->scope, path)) {
        path[size] = '.';
        path[size + 1] = 0;
        read_section(reading, value, path);
    } else {
        add_unknown(reading, key, prefix);
    }
}

/* An empty section is fine: its lines may all be commented out. */
static void read_section(struct settings_reading *reading, struct yaml_place mapping,
                         const char *prefix)
{
    if (settings_is_nothing(mapping))
        return;
    if (yaml_kind(mapping) != YAML_KIND_MAPPING) {
        yaml_error(mapping, reading->loader->errors, "%.*s: here stands a mapping of settings",
                   (int)strlen(prefix) - 1, prefix);
        return;
    }
    for (size_t index = 0; index < yaml_count(mapping); index++)
        read_pair(reading, yaml_key(mapping, index), yaml_value(mapping, index), prefix);
}

void settings_read_mapping(struct settings_reading *reading)
{
    if (yaml_kind(reading->whole) != YAML_KIND_MAPPING) {
        yaml_error(reading->whole, reading->loader->errors, "here stands a mapping: a %s",
                   reading->scope->what);
        return;
    }
    for (size_t index = 0; index < yaml_count(reading->whole); index++)
        read_pair(reading, yaml_key(reading->whole, index), yaml_value(reading->whole, index), "");
}

void settings_fill_defaults(struct settings_reading *reading)
{
    struct settings_loader *loader = reading->loader;
    for (size_t index = 0; index < reading->scope->row_count; index++) {
        const struct setting *row = &reading->scope->rows[index];
        if (row->required && !yaml_exists(reading->places[index])) {
            char wanted[200];
            setting_describe(row, wanted, sizeof wanted);
            yaml_error(reading->whole, loader->errors, "\"%s\" is missing: %s", row->name, wanted);
        }
        if (reading->done[index] || !row->default_text)
            continue;
        enum redress_status status =
            setting_parse(row, loader->settings, reading->base, row->default_text);
        ASSERT(status == STATUS_OK || status == STATUS_MEMORY || status == STATUS_FULL);
        if (status == STATUS_MEMORY)
            settings_no_memory(loader);
    }
}

struct yaml_place settings_place(const struct settings_loader *loader, const char *name)
{
    int row = find_row(&settings_scope_file, name);
    ASSERT(row >= 0);
    return yaml_exists(loader->places[row]) ? loader->places[row] : loader->root;
}
