#include "workbench/rule_schema.h"

#include "classify/pack/rule_file.h"
#include "classify/pack/rule_match.h"

#include <string.h>

struct described_key {
    const char *name;
    void (*write)(struct json_writer *json); /* the members of the value's schema */
};

static void write_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_string(json, text);
}

static void write_reference(struct json_writer *json, const char *name)
{
    json_key(json, name);
    json_object_open(json);
    write_text(json, "$ref", "#/$defs/text");
    json_object_close(json);
}

static void write_count(struct json_writer *json, const char *key, uint64_t count)
{
    json_key(json, key);
    json_unsigned(json, count);
}

static void write_names(struct json_writer *json, const char *const *names, size_t count)
{
    json_key(json, "enum");
    json_array_open(json);
    for (size_t index = 0; index < count; index++)
        json_string(json, names[index]);
    json_array_close(json);
}

static void text(struct json_writer *json)
{
    write_text(json, "$ref", "#/$defs/text");
}

static void id(struct json_writer *json)
{
    write_text(json, "type", "string");
    write_text(json, "pattern", "^[a-z][a-z0-9_]*(\\.[a-z0-9_]+){2,}$");
    write_count(json, "maxLength", RULE_ID_BYTES_MAX);
}

static void why(struct json_writer *json)
{
    write_text(json, "type", "string");
    write_count(json, "minLength", 1);
    write_count(json, "maxLength", RULE_WHY_BYTES_MAX);
}

static void texts(struct json_writer *json)
{
    write_text(json, "type", "array");
    write_count(json, "minItems", 1);
    write_reference(json, "items");
}

static void traits(struct json_writer *json)
{
    const char *names[TRAIT_COUNT];
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++)
        names[trait] = redress_trait_name((enum trait)trait);
    write_text(json, "type", "array");
    write_count(json, "minItems", 1);
    json_key(json, "items");
    json_object_open(json);
    write_names(json, names, TRAIT_COUNT);
    json_object_close(json);
}

static void write_languages(struct json_writer *json)
{
    const char *names[LANGUAGE_COUNT];
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        names[language] = redress_language_name((enum language)language);
    write_names(json, names + LANGUAGE_EN, LANGUAGE_COUNT - LANGUAGE_EN);
}

static void languages(struct json_writer *json)
{
    write_text(json, "type", "array");
    write_count(json, "minItems", 1);
    json_key(json, "items");
    json_object_open(json);
    write_languages(json);
    json_object_close(json);
}

static void level(struct json_writer *json)
{
    const char *names[SEVERITY_COUNT];
    for (unsigned severity = SEVERITY_MINOR; severity < SEVERITY_COUNT; severity++)
        names[severity] = redress_severity_name((enum severity)severity);
    write_names(json, names + SEVERITY_MINOR, SEVERITY_COUNT - SEVERITY_MINOR);
}

static void write_weight(struct json_writer *json, double min, double max)
{
    write_text(json, "type", "number");
    json_key(json, "minimum");
    json_number(json, min);
    json_key(json, "maximum");
    json_number(json, max);
}

static void complaint(struct json_writer *json)
{
    write_weight(json, -RULE_COMPLAINT_MAX, RULE_COMPLAINT_MAX);
}

static void category(struct json_writer *json)
{
    write_text(json, "type", "object");
    write_count(json, "maxProperties", RULE_CATEGORIES_MAX);
    json_key(json, "additionalProperties");
    json_bool(json, false);
    json_key(json, "properties");
    json_object_open(json);
    for (unsigned index = 0; index < CATEGORY_COUNT; index++) {
        json_key(json, redress_category_name((enum category)index));
        json_object_open(json);
        write_weight(json, 0.001, RULE_CATEGORY_MAX);
        json_object_close(json);
    }
    json_object_close(json);
}

static void negation(struct json_writer *json)
{
    static const char *const names[] = {"cancel", "flip", "ignore"};
    write_names(json, names, 3);
}

static void stance(struct json_writer *json)
{
    static const char *const names[] = {"find", "announced", "done"};
    write_names(json, names, 3);
}

static void maturity(struct json_writer *json)
{
    static const char *const names[] = {"stable", "experimental"};
    write_names(json, names, 2);
}

static void match(struct json_writer *json)
{
    static const char *const names[] = {"view", "original"};
    write_names(json, names, 2);
}

static void accents(struct json_writer *json)
{
    static const char *const names[] = {"decide"};
    write_names(json, names, 1);
}

static void near_words(struct json_writer *json)
{
    write_text(json, "type", "integer");
    write_count(json, "minimum", 0);
    write_count(json, "maximum", RULE_NEAR_WORDS_MAX);
}

static void near_order(struct json_writer *json)
{
    static const char *const names[] = {"any", "ab"};
    write_names(json, names, 2);
}

static void examples_list(struct json_writer *json)
{
    write_text(json, "type", "array");
    write_count(json, "minItems", RULE_EXAMPLES_MIN);
    write_count(json, "maxItems", RULE_EXAMPLES_MAX);
    write_reference(json, "items");
}

/* A mapping with these keys and no others; the first `required` of them must stand. */
static void write_mapping(struct json_writer *json, const struct described_key *keys, size_t count,
                          size_t required)
{
    write_text(json, "type", "object");
    json_key(json, "additionalProperties");
    json_bool(json, false);
    json_key(json, "required");
    json_array_open(json);
    for (size_t index = 0; index < required; index++)
        json_string(json, keys[index].name);
    json_array_close(json);
    json_key(json, "properties");
    json_object_open(json);
    for (size_t index = 0; index < count; index++) {
        json_key(json, keys[index].name);
        json_object_open(json);
        keys[index].write(json);
        json_object_close(json);
    }
    json_object_close(json);
}

static const struct described_key *described(const struct described_key *keys, size_t count,
                                             const char *name)
{
    for (size_t index = 0; index < count; index++)
        if (strcmp(keys[index].name, name) == 0)
            return &keys[index];
    return NULL;
}

/* False where one of the loader's keys is not described. */
static bool is_described(struct yaml_field_table table, const struct described_key *keys,
                         size_t count)
{
    for (size_t index = 0; index < table.count; index++)
        if (!described(keys, count, table.fields[index].name))
            return false;
    return true;
}

/* The loader's table decides which keys there are. */
static void write_table(struct json_writer *json, struct yaml_field_table table,
                        const struct described_key *keys, size_t count)
{
    write_text(json, "type", "object");
    json_key(json, "additionalProperties");
    json_bool(json, false);
    json_key(json, "required");
    json_array_open(json);
    for (size_t index = 0; index < table.count; index++)
        if (table.fields[index].required)
            json_string(json, table.fields[index].name);
    json_array_close(json);
    json_key(json, "properties");
    json_object_open(json);
    for (size_t index = 0; index < table.count; index++) {
        const struct described_key *key = described(keys, count, table.fields[index].name);
        json_key(json, table.fields[index].name);
        json_object_open(json);
        if (key)
            key->write(json);
        json_object_close(json);
    }
    json_object_close(json);
}

static const struct described_key near_keys[] = {
    {"a", texts}, {"b", texts}, {"words", near_words}, {"order", near_order}};

static void near(struct json_writer *json)
{
    write_table(json, rule_match_near_keys(), near_keys, sizeof near_keys / sizeof near_keys[0]);
}

static void examples(struct json_writer *json)
{
    static const struct described_key keys[] = {{"match", examples_list}, {"calm", examples_list}};
    write_mapping(json, keys, 2, 2);
}

static void language(struct json_writer *json)
{
    write_languages(json);
}

static void lists(struct json_writer *json)
{
    write_text(json, "type", "object");
    json_key(json, "additionalProperties");
    json_object_open(json);
    texts(json);
    json_object_close(json);
}

static void rules(struct json_writer *json)
{
    write_text(json, "type", "array");
    write_count(json, "minItems", 1);
    json_key(json, "items");
    json_object_open(json);
    write_text(json, "$ref", "#/$defs/rule");
    json_object_close(json);
}

static const struct described_key file_keys[] = {
    {"language", language}, {"lists", lists}, {"rules", rules}};

static const struct described_key rule_keys[] = {
    {"id", id},
    {"why", why},
    {"words", texts},
    {"pattern", text},
    {"patterns", texts},
    {"near", near},
    {"not", texts},
    {"except", texts},
    {"match", match},
    {"accents", accents},
    {"sets", traits},
    {"complaint", complaint},
    {"category", category},
    {"at_least", level},
    {"languages", languages},
    {"group", text},
    {"negation", negation},
    {"stance", stance},
    {"maturity", maturity},
    {"examples", examples},
};

/* One of these must stand. */
static void write_any_of(struct json_writer *json, const char *const *names, size_t count)
{
    json_object_open(json);
    json_key(json, "anyOf");
    json_array_open(json);
    for (size_t index = 0; index < count; index++) {
        json_object_open(json);
        json_key(json, "required");
        json_array_open(json);
        json_string(json, names[index]);
        json_array_close(json);
        json_object_close(json);
    }
    json_array_close(json);
    json_object_close(json);
}

static void write_rule(struct json_writer *json)
{
    static const char *const matches[] = {"words", "pattern", "patterns", "near"};
    static const char *const gives[] = {"sets", "complaint", "category", "at_least"};
    json_key(json, "rule");
    json_object_open(json);
    write_table(json, rule_file_rule_keys(), rule_keys, sizeof rule_keys / sizeof rule_keys[0]);
    json_key(json, "allOf");
    json_array_open(json);
    write_any_of(json, matches, 4);
    write_any_of(json, gives, 4);
    json_array_close(json);
    json_object_close(json);
}

/* YAML takes some words for numbers or truth: the loader takes the text for what it is. */
static void write_text_type(struct json_writer *json)
{
    json_key(json, "text");
    json_object_open(json);
    json_key(json, "type");
    json_array_open(json);
    json_string(json, "string");
    json_string(json, "number");
    json_string(json, "boolean");
    json_array_close(json);
    json_object_close(json);
}

enum redress_status rule_schema_write(struct json_writer *json)
{
    size_t file_count = sizeof file_keys / sizeof file_keys[0];
    size_t rule_count = sizeof rule_keys / sizeof rule_keys[0];
    size_t near_count = sizeof near_keys / sizeof near_keys[0];
    json_object_open(json);
    write_text(json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    write_text(json, "title", "redress rule file");
    write_table(json, rule_file_keys(), file_keys, file_count);
    json_key(json, "$defs");
    json_object_open(json);
    write_text_type(json);
    write_rule(json);
    json_object_close(json);
    json_object_close(json);
    json_newline(json);
    return is_described(rule_file_keys(), file_keys, file_count) &&
                   is_described(rule_file_rule_keys(), rule_keys, rule_count) &&
                   is_described(rule_match_near_keys(), near_keys, near_count)
               ? STATUS_OK
               : STATUS_INVALID;
}
