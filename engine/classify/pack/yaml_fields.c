#include "classify/pack/yaml_fields.h"

#include <stdio.h>
#include <string.h>

/* "id, why, patterns": what the errors about keys say. */
static void list_names(const struct yaml_field *fields, size_t count, char *out, size_t out_size)
{
    size_t used = 0;
    for (size_t index = 0; index < count && used < out_size; index++)
        used += (size_t)snprintf(out + used, out_size - used, "%s%s", index ? ", " : "",
                                 fields[index].name);
}

static const struct yaml_field *field_find(const struct yaml_field *fields, size_t count,
                                           const char *name)
{
    for (size_t index = 0; index < count; index++)
        if (strcmp(fields[index].name, name) == 0)
            return &fields[index];
    return NULL;
}

bool yaml_fields_is_mapping(struct yaml_reader *reader, struct yaml_place place)
{
    if (yaml_exists(place) && yaml_kind(place) == YAML_KIND_MAPPING)
        return true;
    yaml_error(place, reader->errors, "a mapping (key: value) comes here");
    return false;
}

bool yaml_fields_is_list(struct yaml_reader *reader, struct yaml_place place)
{
    if (yaml_exists(place) && yaml_kind(place) == YAML_KIND_SEQUENCE && yaml_count(place) > 0)
        return true;
    yaml_error(place, reader->errors, "a list with at least one item comes here");
    return false;
}

void yaml_fields_read(struct yaml_reader *reader, struct yaml_place mapping,
                      const struct yaml_field *fields, size_t count, void *target, const char *what)
{
    if (!yaml_fields_is_mapping(reader, mapping))
        return;
    for (size_t index = 0; index < yaml_count(mapping); index++) {
        struct yaml_place key = yaml_key(mapping, index);
        const struct yaml_field *field = field_find(fields, count, yaml_text(key));
        if (field) {
            field->read(reader, target, yaml_value(mapping, index));
            continue;
        }
        char names[160];
        list_names(fields, count, names, sizeof names);
        yaml_error(key, reader->errors, "%s has no key \"%.40s\"; it has %s", what, yaml_text(key),
                   names);
    }
    for (size_t index = 0; index < count; index++)
        if (fields[index].required && !yaml_exists(yaml_find(mapping, fields[index].name)))
            yaml_error(mapping, reader->errors, "%s needs \"%s\"", what, fields[index].name);
}

const char *yaml_fields_long_text(struct yaml_reader *reader, struct yaml_place place,
                                  size_t bytes_max)
{
    if (yaml_kind(place) != YAML_KIND_SCALAR) {
        yaml_error(place, reader->errors, "a text comes here, not a list or a mapping");
        return NULL;
    }
    size_t size = yaml_text_size(place);
    if (size == 0 || size > bytes_max) {
        yaml_error(place, reader->errors, "the text has %zu bytes; 1 to %zu are allowed", size,
                   bytes_max);
        return NULL;
    }
    const char *copy = arena_copy_text(reader->arena, yaml_text(place), size);
    reader->no_memory |= copy == NULL;
    return copy;
}

const char *yaml_fields_text(struct yaml_reader *reader, struct yaml_place place, size_t bytes_max)
{
    const char *text = yaml_fields_long_text(reader, place, bytes_max);
    if (!text || !strchr(text, '\n'))
        return text;
    yaml_error(place, reader->errors, "the text must stand on one line");
    return NULL;
}

bool yaml_fields_number(struct yaml_reader *reader, struct yaml_place place, double min, double max,
                        double *out)
{
    if (yaml_kind(place) == YAML_KIND_SCALAR && yaml_read_number(place, out) && *out >= min &&
        *out <= max)
        return true;
    yaml_error(place, reader->errors, "a number from %g to %g comes here", min, max);
    return false;
}

bool yaml_fields_bool(struct yaml_reader *reader, struct yaml_place place, bool *out)
{
    if (yaml_kind(place) == YAML_KIND_SCALAR && yaml_read_bool(place, out))
        return true;
    yaml_error(place, reader->errors, "true or false comes here");
    return false;
}

bool yaml_fields_severity(struct yaml_reader *reader, struct yaml_place place, enum severity *out)
{
    if (yaml_kind(place) == YAML_KIND_SCALAR &&
        redress_severity_parse(yaml_text(place), yaml_text_size(place), out))
        return true;
    yaml_error(place, reader->errors,
               "a severity comes here: none, minor, moderate, serious or critical");
    return false;
}

bool yaml_fields_language(struct yaml_reader *reader, struct yaml_place place, enum language *out)
{
    if (yaml_kind(place) == YAML_KIND_SCALAR && yaml_text_size(place) == 2 &&
        redress_language_parse(yaml_text(place), 2, out))
        return true;
    yaml_error(place, reader->errors, "a language comes here: en, pl, sv, nl, ru or el");
    return false;
}

bool yaml_fields_category(struct yaml_reader *reader, struct yaml_place place, enum category *out)
{
    if (yaml_kind(place) == YAML_KIND_SCALAR &&
        redress_category_parse(yaml_text(place), yaml_text_size(place), out))
        return true;
    yaml_error(place, reader->errors, "this is no category; docs/vocabulary.md lists them");
    return false;
}

void yaml_fields_traits(struct yaml_reader *reader, struct yaml_place list, trait_set *out)
{
    if (!yaml_fields_is_list(reader, list))
        return;
    for (size_t index = 0; index < yaml_count(list); index++) {
        struct yaml_place item = yaml_item(list, index);
        enum trait trait = TRAIT_REPEAT;
        if (yaml_kind(item) == YAML_KIND_SCALAR &&
            redress_trait_parse(yaml_text(item), yaml_text_size(item), &trait))
            *out |= 1u << trait;
        else
            yaml_error(item, reader->errors, "this is no trait; docs/vocabulary.md lists them");
    }
}

void yaml_fields_languages(struct yaml_reader *reader, struct yaml_place list, uint32_t *out)
{
    if (!yaml_fields_is_list(reader, list))
        return;
    for (size_t index = 0; index < yaml_count(list); index++) {
        enum language language = LANGUAGE_UNKNOWN;
        if (yaml_fields_language(reader, yaml_item(list, index), &language))
            *out |= 1u << language;
    }
}

uint32_t yaml_fields_text_column(struct yaml_place scalar)
{
    return yaml_column(scalar) + (yaml_is_plain(scalar) ? 0 : 1);
}
