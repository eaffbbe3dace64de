/** The rows as a JSON Schema for editors. It is no stricter than the loader, which has the last
 * word. */
#include "config/settings_table.h"

#include "base/json_writer.h"

#include <string.h>

enum { SCHEMA_BYTES_MAX = 256 * 1024 };

static void put_type(struct json_writer *json, const char *type)
{
    json_key(json, "type");
    json_string(json, type);
}

static void put_names(struct json_writer *json, const struct setting *row)
{
    json_key(json, "enum");
    json_array_open(json);
    if (row->type == SETTING_CHOICE)
        for (size_t index = 0; row->choices[index]; index++)
            json_string(json, row->choices[index]);
    for (unsigned index = 0; row->type == SETTING_CATEGORIES && index < CATEGORY_COUNT; index++)
        json_string(json, redress_category_name(index));
    for (unsigned index = 0; row->type == SETTING_TRAITS && index < TRAIT_COUNT; index++)
        json_string(json, redress_trait_name(index));
    for (unsigned index = 0; row->type == SETTING_LANGUAGES && index < LANGUAGE_COUNT; index++)
        json_string(json, redress_language_name(index));
    for (unsigned index = 0; row->type == SETTING_SEVERITY && index < SEVERITY_COUNT; index++)
        json_string(json, redress_severity_name(index));
    json_array_close(json);
}

static void put_item(struct json_writer *json, const struct setting *row)
{
    json_object_open(json);
    if (row->type == SETTING_TOPICS || row->type == SETTING_CHANNEL_NAMES)
        put_type(json, "string");
    else
        put_names(json, row);
    json_object_close(json);
}

/* One item may stand for a list of one. */
static void put_list(struct json_writer *json, const struct setting *row)
{
    json_key(json, "anyOf");
    json_array_open(json);
    put_item(json, row);
    json_object_open(json);
    put_type(json, "array");
    json_key(json, "minItems");
    json_unsigned(json, 1);
    json_key(json, "items");
    put_item(json, row);
    json_object_close(json);
    json_array_close(json);
}

static void put_workers(struct json_writer *json, const struct setting *row)
{
    json_key(json, "anyOf");
    const char choices[] = "[{\"enum\":[\"auto\",\"inline\"]},{\"type\":\"integer\",\"minimum\":1,"
                           "\"maximum\":";
    char text[160];
    int size = snprintf(text, sizeof text, "%s%u}]", choices, (unsigned)row->max);
    json_raw(json, text, (size_t)size);
}

static void put_properties(struct json_writer *json)
{
    const char source[] =
        "{\"anyOf\":[{\"type\":[\"string\",\"number\",\"boolean\"]},{\"type\":\"object\","
        "\"minProperties\":1,\"maxProperties\":1,\"additionalProperties\":false,\"properties\":"
        "{\"env\":{\"type\":\"string\"},\"file\":{\"type\":\"string\"}}}]}";
    json_key(json, "type");
    json_raw(json, "[\"object\",\"null\"]", 17);
    json_key(json, "additionalProperties");
    json_raw(json, source, sizeof source - 1);
}

static void put_count(struct json_writer *json, const struct setting *row)
{
    put_type(json, "integer");
    json_key(json, "minimum");
    json_unsigned(json, row->min);
    json_key(json, "maximum");
    json_unsigned(json, row->max);
}

static void put_measure(struct json_writer *json, const struct setting *row)
{
    put_type(json, "string");
    json_key(json, "pattern");
    json_string(json, row->type == SETTING_BYTES ? "^(0|[1-9][0-9]*) *([KMG]iB|[kMG]?B)$"
                                                 : "^(0|[1-9][0-9]*) *(ms|s|min|h|d)$");
}

static void put_scope(struct json_writer *json, const struct settings_scope *scope);

static void put_scopes(struct json_writer *json, const struct settings_scope *scope, bool nullable)
{
    json_key(json, "type");
    json_raw(json, nullable ? "[\"array\",\"null\"]" : "\"array\"", nullable ? 16 : 7);
    json_key(json, "items");
    put_scope(json, scope);
}

/* An editor may read 0660 as a number. */
static void put_mode(struct json_writer *json)
{
    json_key(json, "type");
    json_raw(json, "[\"string\",\"integer\"]", 20);
}

static void put_form(struct json_writer *json, const struct setting *row)
{
    if (row->type == SETTING_CHANNELS)
        put_scopes(json, &settings_scope_channel, false);
    else if (row->type == SETTING_ROUTES)
        put_scopes(json, &settings_scope_route, true);
    else if (row->type == SETTING_PROPERTIES)
        put_properties(json);
    else if (!setting_is_scalar(row))
        put_list(json, row);
    else if (row->type == SETTING_BOOL || row->type == SETTING_EITHER)
        put_type(json, "boolean");
    else if (row->type == SETTING_COUNT)
        put_count(json, row);
    else if (row->type == SETTING_BYTES || row->type == SETTING_DURATION)
        put_measure(json, row);
    else if (row->type == SETTING_CHOICE || row->type == SETTING_SEVERITY)
        put_names(json, row);
    else if (row->type == SETTING_WORKERS)
        put_workers(json, row);
    else if (row->type == SETTING_MODE)
        put_mode(json);
    else
        put_type(json, "string");
}

static void put_row(struct json_writer *json, const struct setting *row, const char *name)
{
    json_key(json, name);
    json_object_open(json);
    put_form(json, row);
    json_key(json, "description");
    json_string(json, row->text);
    if (row->default_text) {
        json_key(json, "default");
        if (setting_is_bare(row, row->default_text))
            json_raw(json, row->default_text, strlen(row->default_text));
        else
            json_string(json, row->default_text);
    }
    json_object_close(json);
}

/* Rows whose names begin with `prefix`: the section's own, then its sections'. */
static void put_section(struct json_writer *json, const struct settings_scope *scope,
                        const char *prefix)
{
    size_t prefix_size = strlen(prefix);
    char done[64] = "";
    json_key(json, "additionalProperties");
    json_bool(json, false);
    json_key(json, "properties");
    json_object_open(json);
    for (size_t index = 0; index < scope->row_count; index++) {
        const struct setting *row = &scope->rows[index];
        if (strncmp(row->name, prefix, prefix_size) != 0)
            continue;
        const char *rest = row->name + prefix_size;
        size_t size = strcspn(rest, ".");
        char name[64];
        char deeper[128];
        snprintf(name, sizeof name, "%.*s", (int)size, rest);
        if (!rest[size]) {
            put_row(json, row, name);
        } else if (strcmp(name, done) != 0) {
            snprintf(done, sizeof done, "%s", name);
            snprintf(deeper, sizeof deeper, "%s%s.", prefix, name);
            json_key(json, name);
            json_object_open(json);
            json_key(json, "type");
            json_raw(json, "[\"object\",\"null\"]", 17);
            put_section(json, scope, deeper);
            json_object_close(json);
        }
    }
    json_object_close(json);
}

static void put_required(struct json_writer *json, const struct settings_scope *scope)
{
    json_key(json, "required");
    json_array_open(json);
    for (size_t index = 0; index < scope->row_count; index++)
        if (scope->rows[index].required)
            json_string(json, scope->rows[index].name);
    json_array_close(json);
}

static void put_scope(struct json_writer *json, const struct settings_scope *scope)
{
    json_object_open(json);
    put_type(json, "object");
    put_required(json, scope);
    put_section(json, scope, "");
    json_object_close(json);
}

void settings_print_schema(FILE *stream)
{
    static char buffer[SCHEMA_BYTES_MAX];
    struct json_writer json;
    json_start(&json, buffer, sizeof buffer);
    json_object_open(&json);
    json_key(&json, "$schema");
    json_string(&json, "https://json-schema.org/draft/2020-12/schema");
    json_key(&json, "title");
    json_string(&json, "redress configuration");
    put_type(&json, "object");
    put_required(&json, &settings_scope_file);
    put_section(&json, &settings_scope_file, "");
    json_object_close(&json);
    fwrite(buffer, 1, json.size, stream);
    fputc('\n', stream);
}
