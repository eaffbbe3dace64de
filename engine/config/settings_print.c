/**
 * The effective settings as YAML or JSON, from the same rows that read them.
 *
 * Texts are quoted the way JSON quotes, which YAML reads too.
 */
#include "config/settings_table.h"

#include "base/assert.h"
#include "base/json_writer.h"

#include <string.h>

enum { VALUE_BYTES_MAX = 4200, DEPTH_MAX = 8, INDENT = 2 };

struct emitter {
    FILE *stream;
    bool json;
    bool dash; /* YAML: the next line begins an item of a list */
    int depth;
    bool comma[DEPTH_MAX]; /* JSON: something stands before in this object */
};

static void quote(FILE *stream, const char *text)
{
    char buffer[6 * VALUE_BYTES_MAX + 2]; /* an escape takes six bytes at most */
    struct json_writer json;
    json_start(&json, buffer, sizeof buffer);
    json_string(&json, text);
    fwrite(buffer, 1, json.size, stream);
}

static void begin_name(struct emitter *emitter, const char *name, bool quoted)
{
    FILE *stream = emitter->stream;
    if (emitter->json) {
        fputs(emitter->comma[emitter->depth] ? "," : "", stream);
        emitter->comma[emitter->depth] = true;
    } else {
        int indent = emitter->depth * INDENT - (emitter->dash ? INDENT : 0);
        fprintf(stream, "%*s%s", indent, "", emitter->dash ? "- " : "");
        emitter->dash = false;
    }
    if (emitter->json || quoted)
        quote(stream, name);
    else
        fputs(name, stream);
    fputc(':', stream);
}

static void begin_value(struct emitter *emitter, const char *name, bool quoted)
{
    begin_name(emitter, name, quoted);
    if (!emitter->json)
        fputc(' ', emitter->stream);
}

static void end_value(struct emitter *emitter)
{
    if (!emitter->json)
        fputc('\n', emitter->stream);
}

static void open_section(struct emitter *emitter, const char *name)
{
    begin_name(emitter, name, false);
    fputs(emitter->json ? "{" : "\n", emitter->stream);
    emitter->depth++;
    ASSERT(emitter->depth < DEPTH_MAX);
    emitter->comma[emitter->depth] = false;
}

static void close_section(struct emitter *emitter)
{
    if (emitter->json)
        fputc('}', emitter->stream);
    emitter->depth--;
}

static void put_value(struct emitter *emitter, const struct setting *row, const char *text)
{
    if (setting_is_bare(row, text))
        fputs(text, emitter->stream);
    else
        quote(emitter->stream, text);
}

/* Closes and opens sections until those above `row` are open; answers the row's own last name. */
static const char *enter_sections(struct emitter *emitter, char *open, size_t open_size,
                                  const char *path)
{
    while (*open && strncmp(path, open, strlen(open)) != 0) {
        close_section(emitter);
        open[strlen(open) - 1] = 0; /* the last '.' */
        char *before = strrchr(open, '.');
        open[before ? before - open + 1 : 0] = 0;
    }
    const char *rest = path + strlen(open);
    for (const char *dot = strchr(rest, '.'); dot; dot = strchr(rest, '.')) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(dot - rest), rest);
        open_section(emitter, name);
        snprintf(open + strlen(open), open_size - strlen(open), "%s.", name);
        rest = dot + 1;
    }
    return rest;
}

static void print_list(struct emitter *emitter, const struct setting *row,
                       const struct settings *settings, const void *base)
{
    char value[VALUE_BYTES_MAX];
    fputc('[', emitter->stream);
    for (size_t index = 0; setting_format(row, settings, base, index, value, sizeof value);
         index++) {
        fputs(index ? ", " : "", emitter->stream);
        put_value(emitter, row, value);
    }
    fputc(']', emitter->stream);
}

static void print_property(struct emitter *emitter, const struct settings_property *property)
{
    begin_value(emitter, property->name, true);
    if (property->from_env || property->from_file) {
        fputs(property->from_env ? "{\"env\": " : "{\"file\": ", emitter->stream);
        quote(emitter->stream, property->from_env ? property->from_env : property->from_file);
        fputc('}', emitter->stream);
    } else {
        quote(emitter->stream, property->value);
    }
    end_value(emitter);
}

static void print_properties(struct emitter *emitter, const struct setting *row, const void *base)
{
    const struct settings_properties *block = (const void *)((const char *)base + row->offset);
    if (!block->count)
        return;
    open_section(emitter, row->name);
    for (size_t index = 0; index < block->count; index++)
        print_property(emitter, &block->items[index]);
    close_section(emitter);
}

static void print_rows(struct emitter *emitter, const struct settings_scope *scope,
                       const struct settings *settings, const void *base);

static void print_items(struct emitter *emitter, const char *name,
                        const struct settings_scope *scope, const struct settings *settings,
                        const char *items, size_t count, size_t item_size)
{
    begin_name(emitter, name, false);
    fputs(emitter->json ? "[" : "\n", emitter->stream);
    emitter->depth += 2; /* the list and its item */
    ASSERT(emitter->depth < DEPTH_MAX);
    for (size_t index = 0; index < count; index++) {
        fputs(emitter->json ? (index ? ",{" : "{") : "", emitter->stream);
        emitter->comma[emitter->depth] = false;
        emitter->dash = !emitter->json;
        print_rows(emitter, scope, settings, items + index * item_size);
        fputs(emitter->json ? "}" : "", emitter->stream);
    }
    emitter->depth -= 2;
    fputs(emitter->json ? "]" : "", emitter->stream);
}

static void print_row(struct emitter *emitter, const struct setting *row, const char *name,
                      const struct settings *settings, const void *base)
{
    char value[VALUE_BYTES_MAX];
    if (!setting_format(row, settings, base, 0, value, sizeof value))
        return;
    begin_value(emitter, name, false);
    if (setting_is_scalar(row))
        put_value(emitter, row, value);
    else
        print_list(emitter, row, settings, base);
    end_value(emitter);
}

/* False where the row has nothing to print, so that no empty section is opened for it. */
static bool has_value(const struct setting *row, const struct settings *settings, const void *base)
{
    char value[VALUE_BYTES_MAX];
    if (row->type == SETTING_PROPERTIES)
        return true;
    if (row->type == SETTING_CHANNELS || row->type == SETTING_ROUTES)
        return row->type == SETTING_CHANNELS || settings->route_count > 0;
    return setting_format(row, settings, base, 0, value, sizeof value);
}

static void print_rows(struct emitter *emitter, const struct settings_scope *scope,
                       const struct settings *settings, const void *base)
{
    char open[128] = "";
    for (size_t index = 0; index < scope->row_count; index++) {
        const struct setting *row = &scope->rows[index];
        if (!has_value(row, settings, base))
            continue;
        const char *name = enter_sections(emitter, open, sizeof open, row->name);
        if (row->type == SETTING_PROPERTIES)
            print_properties(emitter, row, base);
        else if (row->type == SETTING_CHANNELS)
            print_items(emitter, name, &settings_scope_channel, settings,
                        (const char *)settings->channels, settings->channel_count,
                        sizeof *settings->channels);
        else if (row->type == SETTING_ROUTES)
            print_items(emitter, name, &settings_scope_route, settings,
                        (const char *)settings->routes, settings->route_count,
                        sizeof *settings->routes);
        else
            print_row(emitter, row, name, settings, base);
    }
    for (const char *dot = strchr(open, '.'); dot; dot = strchr(dot + 1, '.'))
        close_section(emitter);
}

void settings_print_yaml(const struct settings *settings, FILE *stream)
{
    struct emitter emitter = {.stream = stream};
    print_rows(&emitter, &settings_scope_file, settings, settings);
}

void settings_print_json(const struct settings *settings, FILE *stream)
{
    struct emitter emitter = {.stream = stream, .json = true};
    fputc('{', stream);
    print_rows(&emitter, &settings_scope_file, settings, settings);
    fputc('}', stream);
}
