/** Composites: reads them, and finds the order in which each comes after what it reads. */
#include "classify/pack/rule_file.h"
#include "classify/pack/yaml_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct composite_context {
    struct rule_pack *pack;
    struct composite *composite;
    struct yaml_place list;
};

static void read_id(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct composite_context *context = target;
    const char *id = yaml_fields_text(reader, value, RULE_ID_BYTES_MAX);
    context->composite->id = id;
    if (!id)
        return;
    size_t good = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (id[good])
        yaml_error(value, reader->errors,
                   "\"%.60s\" is no id of a composite: small letters, digits and _", id);
    for (const struct composite *other = context->pack->composites; other; other = other->next)
        if (strcmp(other->id, id) == 0)
            yaml_error(value, reader->errors, "the id \"%.60s\" is taken on line %u", id,
                       other->place.line);
}

static void read_why(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct composite_context *context = target;
    context->composite->why = yaml_fields_text(reader, value, RULE_WHY_BYTES_MAX);
}

static void read_when(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct composite_context *context = target;
    const char *text = yaml_fields_long_text(reader, value, EXPRESSION_BYTES_MAX);
    if (!text)
        return;
    struct expression_source source = {.text = text,
                                       .file = reader->file,
                                       .line = yaml_line(value),
                                       .column = yaml_fields_text_column(value)};
    enum redress_status status = expression_parse(&source, reader->arena, &context->pack->channels,
                                                  reader->errors, &context->composite->when);
    reader->no_memory |= status == STATUS_MEMORY;
}

static void read_sets(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct composite_context *context = target;
    yaml_fields_traits(reader, value, &context->composite->traits);
}

static void read_at_least(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct composite_context *context = target;
    if (yaml_fields_severity(reader, value, &context->composite->at_least) &&
        context->composite->at_least == SEVERITY_NONE)
        yaml_error(value, reader->errors, "at_least: none says nothing: leave it out");
}

static void read_urgent(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct composite_context *context = target;
    if (yaml_fields_bool(reader, value, &context->composite->urgent) && !context->composite->urgent)
        yaml_error(value, reader->errors,
                   "a composite never takes urgency away: leave urgent: false out");
}

static const struct yaml_field composite_fields[] = {
    {"id", read_id, true},
    {"why", read_why, true},
    {"when", read_when, true},
    {"sets", read_sets, false},
    {"at_least", read_at_least, false},
    {"urgent", read_urgent, false},
};

static void read_composite(struct yaml_reader *reader, struct rule_pack *pack,
                           struct yaml_place place)
{
    struct composite *composite = arena_allocate(reader->arena, sizeof *composite);
    if (!composite) {
        reader->no_memory = true;
        return;
    }
    composite->place = (struct rule_place){reader->file, yaml_line(place), yaml_column(place)};
    struct composite_context context = {.pack = pack, .composite = composite};
    yaml_fields_read(reader, place, composite_fields,
                     sizeof composite_fields / sizeof composite_fields[0], &context, "a composite");
    if (yaml_exists(place) && yaml_kind(place) == YAML_KIND_MAPPING && composite->traits == 0 &&
        composite->at_least == SEVERITY_NONE && !composite->urgent)
        yaml_error(place, reader->errors, "a composite gives something: sets, at_least or urgent");
    if (!composite->id)
        return;
    composite->next = pack->composites;
    pack->composites = composite;
    pack->composite_count++;
}

static void remember_list(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct composite_context *context = target;
    if (yaml_fields_is_list(reader, value))
        context->list = value;
}

static const struct yaml_field file_fields[] = {{"composites", remember_list, true}};

enum redress_status composite_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                        const char *file, struct error_list *errors)
{
    struct yaml_reader reader = {.errors = errors, .arena = &pack->arena};
    struct composite_context context = {.pack = pack};
    reader.file = arena_copy_text(&pack->arena, file, strlen(file));
    if (!reader.file)
        return STATUS_MEMORY;
    yaml_fields_read(&reader, yaml_root(tree), file_fields, 1, &context, "composites.yaml");
    size_t count = yaml_exists(context.list) ? yaml_count(context.list) : 0;
    if (count > COMPOSITES_MAX) {
        yaml_error(context.list, errors, "there are more than %d composites", COMPOSITES_MAX);
        count = COMPOSITES_MAX;
    }
    for (size_t index = 0; index < count; index++)
        read_composite(&reader, pack, yaml_item(context.list, index));
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}

/* True where what `writer` gives may change what `reader` reads. */
static bool feeds(const struct composite *writer, const struct composite *reader)
{
    return (writer->traits & reader->when.reads.traits) != 0;
}

static int compare_ids(const void *left, const void *right)
{
    return strcmp(((const struct composite *)left)->id, ((const struct composite *)right)->id);
}

static bool is_ready(const struct composite *items, const bool *placed, uint32_t count,
                     uint32_t candidate)
{
    for (uint32_t index = 0; index < count; index++)
        if (!placed[index] && feeds(&items[index], &items[candidate]))
            return false;
    return true;
}

static void report_circle(const struct composite *items, const bool *placed, uint32_t count,
                          struct error_list *errors)
{
    char names[180] = "";
    const struct composite *first = NULL;
    for (uint32_t index = 0; index < count; index++) {
        if (placed[index])
            continue;
        if (!first)
            first = &items[index];
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", items[index].id);
    }
    error_list_add(errors, STATUS_INVALID, first->place.file, first->place.line,
                   first->place.column, "composites read what they give, in a circle: %s", names);
}

enum redress_status composites_sort(struct rule_pack *pack, struct error_list *errors)
{
    uint32_t count = pack->composite_count;
    struct composite *items = arena_allocate_array(&pack->arena, count, sizeof *items);
    struct composite *sorted = arena_allocate_array(&pack->arena, count, sizeof *sorted);
    if (!items || !sorted)
        return STATUS_MEMORY;
    uint32_t used = 0;
    for (const struct composite *item = pack->composites; item; item = item->next)
        items[used++] = *item;
    pack->composites = sorted;
    if (count > 1)
        qsort(items, count, sizeof *items, compare_ids);
    bool placed[COMPOSITES_MAX] = {false};
    for (uint32_t done = 0; done < count; done++) {
        uint32_t candidate = 0;
        for (; candidate < count; candidate++) {
            if (placed[candidate])
                continue;
            bool ready = is_ready(items, placed, count, candidate);
            placed[candidate] = ready;
            if (ready)
                break;
        }
        if (candidate == count) {
            report_circle(items, placed, count, errors);
            return STATUS_INVALID;
        }
        sorted[done] = items[candidate];
    }
    return STATUS_OK;
}
