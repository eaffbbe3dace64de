/** The order of a load: the file's own rows, then what needs them. */
#include "config/settings_internal.h"

#include "base/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

int settings_find_channel(const struct settings *settings, const char *name)
{
    for (size_t index = 0; index < settings->channel_count; index++)
        if (settings->channels[index].name && strcmp(settings->channels[index].name, name) == 0)
            return (int)index;
    return -1;
}

uint64_t settings_spinning_threads(const struct settings *settings)
{
    return settings->worker_count + 2; /* inline: ingest, and a core for readers and librdkafka */
}

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    /* The struct itself stands outside its arena, so that this order is no puzzle. */
    arena_free(&settings->arena);
    memory_free(settings);
}

/* How many items a list of scopes has; 0 with an error where it is no list or too long. */
static size_t count_items(struct settings_loader *loader, struct yaml_place list, const char *what,
                          size_t max)
{
    size_t count = yaml_kind(list) == YAML_KIND_SEQUENCE ? yaml_count(list) : 0;
    if (count > 0 && count <= max)
        return count;
    yaml_error(list, loader->errors, "%s: here stands a list of 1 to %zu", what, max);
    return 0;
}

/* Where the pointers stand: whoever compiles them may have more to say about them. */
static void keep_places(const struct settings_reading *reading, struct settings_mapping *mapping)
{
    const struct {
        const char *name;
        struct settings_place *out;
    } pointers[] = {{"envelope.text", &mapping->text_place},
                    {"envelope.id", &mapping->id_place},
                    {"envelope.customer", &mapping->customer_place},
                    {"envelope.time", &mapping->time_place},
                    {"envelope.language", &mapping->language_place}};
    for (size_t row = 0; row < reading->scope->row_count; row++)
        for (size_t index = 0; index < sizeof pointers / sizeof *pointers; index++)
            if (yaml_exists(reading->places[row]) &&
                strcmp(reading->scope->rows[row].name, pointers[index].name) == 0)
                *pointers[index].out = (struct settings_place){yaml_line(reading->places[row]),
                                                               yaml_column(reading->places[row])};
}

static void read_channel(struct settings_loader *loader, struct settings_channel *channel,
                         struct yaml_place place)
{
    struct yaml_place places[SETTINGS_ROWS_MAX] = {0};
    struct settings_reading reading = {.loader = loader,
                                       .scope = &settings_scope_channel,
                                       .base = channel,
                                       .whole = place,
                                       .places = places};
    channel->limits = loader->settings->message_limits;
    channel->line = yaml_line(place);
    channel->column = yaml_column(place);
    settings_read_mapping(&reading);
    settings_fill_defaults(&reading);
    keep_places(&reading, &channel->envelope);
}

static void read_channels(struct settings_loader *loader)
{
    struct settings *settings = loader->settings;
    struct yaml_place list = settings_place(loader, "channels");
    if (list.node == loader->root.node)
        return; /* said already: it is required */
    size_t count = count_items(loader, list, "channels", CHANNELS_MAX);
    if (!count)
        return;
    settings->channels = arena_allocate_array(&settings->arena, count, sizeof *settings->channels);
    if (!settings->channels) {
        settings_no_memory(loader);
        return;
    }
    settings->channel_count = count;
    for (size_t index = 0; index < count; index++)
        read_channel(loader, &settings->channels[index], yaml_item(list, index));
}

static void read_route(struct settings_loader *loader, struct settings_route *route,
                       struct yaml_place place)
{
    struct yaml_place places[SETTINGS_ROWS_MAX] = {0};
    struct settings_reading reading = {.loader = loader,
                                       .scope = &settings_scope_route,
                                       .base = route,
                                       .whole = place,
                                       .places = places};
    route->line = yaml_line(place);
    route->column = yaml_column(place);
    settings_read_mapping(&reading);
    settings_fill_defaults(&reading);
}

static void read_routes(struct settings_loader *loader)
{
    struct settings *settings = loader->settings;
    struct yaml_place list = settings_place(loader, "routing.rows");
    bool none = yaml_kind(list) == YAML_KIND_SEQUENCE && yaml_count(list) == 0;
    if (list.node == loader->root.node || none || settings_is_nothing(list))
        return;
    size_t count = count_items(loader, list, "routing.rows", SETTINGS_ROUTES_MAX);
    if (!count)
        return;
    settings->routes = arena_allocate_array(&settings->arena, count, sizeof *settings->routes);
    if (!settings->routes) {
        settings_no_memory(loader);
        return;
    }
    settings->route_count = count;
    for (size_t index = 0; index < count; index++)
        read_route(loader, &settings->routes[index], yaml_item(list, index));
}

static void load_tree(struct settings_loader *loader, const struct yaml_tree *tree)
{
    loader->root = yaml_root(tree);
    if (!yaml_exists(loader->root)) {
        error_list_add(loader->errors, STATUS_INVALID, loader->settings->file, 1, 1,
                       "the file is empty: brokers and channels are needed at least");
        return;
    }
    struct settings_reading reading = {.loader = loader,
                                       .scope = &settings_scope_file,
                                       .base = loader->settings,
                                       .whole = loader->root,
                                       .places = loader->places};
    settings_read_mapping(&reading);
    if (yaml_kind(loader->root) != YAML_KIND_MAPPING)
        return;
    settings_fill_defaults(&reading);
    read_channels(loader);
    read_routes(loader);
    settings_read_properties(loader);
    settings_complete(loader);
    settings_check(loader);
}

static struct settings *settings_create(const char *name, const char *folder)
{
    struct settings *settings = memory_allocate(sizeof *settings);
    if (!settings)
        return NULL;
    settings->file = arena_copy_text(&settings->arena, name, strlen(name));
    settings->folder = arena_copy_text(&settings->arena, folder, strlen(folder));
    settings->queues = arena_allocate_array(&settings->arena, QUEUES_MAX, sizeof *settings->queues);
    if (settings->file && settings->folder && settings->queues)
        return settings;
    settings_free(settings);
    return NULL;
}

static struct settings *load(const struct yaml_tree *tree, const char *name, const char *folder,
                             const struct settings_surroundings *surroundings,
                             struct error_list *errors)
{
    uint32_t errors_before = errors->count;
    static const struct settings_surroundings nothing;
    struct settings_loader loader = {.errors = errors,
                                     .surroundings = surroundings ? surroundings : &nothing};
    loader.settings = settings_create(name, folder);
    if (!loader.settings) {
        error_list_add(errors, STATUS_MEMORY, name, 0, 0, "out of memory");
        return NULL;
    }
    load_tree(&loader, tree);
    if (errors->count == errors_before)
        return loader.settings;
    error_list_sort(errors);
    settings_free(loader.settings);
    return NULL;
}

struct settings *settings_load_bytes(const char *name, const char *folder, const char *bytes,
                                     size_t size, const struct settings_surroundings *surroundings,
                                     struct error_list *errors)
{
    struct yaml_tree *tree = yaml_tree_load_bytes(name, bytes, size, errors);
    if (!tree)
        return NULL;
    struct settings *settings = load(tree, name, folder, surroundings, errors);
    yaml_tree_free(tree);
    return settings;
}

struct settings *settings_load_file(const char *path,
                                    const struct settings_surroundings *surroundings,
                                    struct error_list *errors)
{
    char folder[PATH_MAX];
    char absolute[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash && (size_t)(slash - path) >= sizeof folder) {
        error_list_add(errors, STATUS_INVALID, path, 0, 0, "the path is too long");
        return NULL;
    }
    if (!slash)
        snprintf(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    struct yaml_tree *tree = yaml_tree_load_file(path, errors);
    if (!tree)
        return NULL;
    struct settings *settings =
        load(tree, path, realpath(folder, absolute) ? absolute : folder, surroundings, errors);
    yaml_tree_free(tree);
    return settings;
}
