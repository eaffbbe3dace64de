#include "classify/rule_file.h"

#include "classify/yaml_fields.h"

#include <string.h>

/* One file on its way into the pack. */
struct file_context {
    struct rule_pack *pack;
    enum language folder_language;
    enum language language;
    struct yaml_place rules;
};

/* One rule on its way: what only the loader needs stands beside it. */
struct rule_context {
    struct rule *rule;
    struct yaml_place id;
    struct yaml_place weight; /* complaint or at_least, for errors */
    bool has_pattern;
    uint32_t match_count;
    uint32_t calm_count;
};

static struct rule_place place_of(const struct yaml_reader *reader, struct yaml_place place)
{
    return (struct rule_place){
        .file = reader->file, .line = yaml_line(place), .column = yaml_column(place)};
}

static struct rule_place text_place_of(const struct yaml_reader *reader, struct yaml_place scalar)
{
    struct rule_place place = place_of(reader, scalar);
    place.column = yaml_fields_text_column(scalar);
    return place;
}

static bool id_is_well_formed(const char *id)
{
    if (id[0] < 'a' || id[0] > 'z')
        return false;
    char before = 0;
    unsigned dots = 0;
    for (; *id; before = *id++) {
        bool letter = (*id >= 'a' && *id <= 'z') || (*id >= '0' && *id <= '9') || *id == '_';
        if (!letter && (*id != '.' || before == '.'))
            return false;
        dots += *id == '.';
    }
    return dots >= 2 && before != '.';
}

static void read_id(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    context->id = value;
    context->rule->id = yaml_fields_text(reader, value, RULE_ID_BYTES_MAX);
    if (context->rule->id && !id_is_well_formed(context->rule->id))
        yaml_error(
            value, reader->errors,
            "\"%.60s\" is no id: small letters, digits and _ in three parts or more, such as "
            "en.safety.gas_leak",
            context->rule->id);
}

static void read_why(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    context->rule->why = yaml_fields_text(reader, value, RULE_WHY_BYTES_MAX);
}

static void add_patterns(struct yaml_reader *reader, struct rule_context *context,
                         const struct yaml_place *places, size_t count, struct yaml_place at)
{
    if (context->has_pattern) {
        yaml_error(at, reader->errors, "\"pattern\" and \"patterns\" exclude each other");
        return;
    }
    context->has_pattern = true;
    struct rule_pattern *patterns = arena_allocate_array(reader->arena, count, sizeof *patterns);
    if (!patterns) {
        reader->no_memory = true;
        return;
    }
    for (size_t index = 0; index < count; index++) {
        const char *text = yaml_fields_long_text(reader, places[index], RULE_PATTERN_BYTES_MAX);
        if (!text)
            return;
        patterns[index] = (struct rule_pattern){.text = text,
                                                .size = (uint32_t)yaml_text_size(places[index]),
                                                .place = text_place_of(reader, places[index])};
    }
    context->rule->patterns = patterns;
    context->rule->pattern_count = (uint32_t)count;
}

static void read_pattern(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_patterns(reader, target, &value, 1, value);
}

static void read_patterns(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct yaml_place places[RULE_PATTERNS_MAX];
    if (!yaml_fields_is_list(reader, value))
        return;
    size_t count = yaml_count(value);
    if (count > RULE_PATTERNS_MAX) {
        yaml_error(value, reader->errors, "a rule has at most %d patterns: split it",
                   RULE_PATTERNS_MAX);
        return;
    }
    for (size_t index = 0; index < count; index++)
        places[index] = yaml_item(value, index);
    add_patterns(reader, target, places, count, value);
}

static void read_match(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    context->rule->original =
        yaml_kind(value) == YAML_KIND_SCALAR && strcmp(yaml_text(value), "original") == 0;
    bool view = yaml_kind(value) == YAML_KIND_SCALAR && strcmp(yaml_text(value), "view") == 0;
    if (!context->rule->original && !view)
        yaml_error(value, reader->errors, "match is \"view\" (the default) or \"original\"");
}

static void read_sets(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    yaml_fields_traits(reader, value, &context->rule->traits);
}

static void read_complaint(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    double weight = 0;
    context->weight = value;
    if (yaml_fields_number(reader, value, -RULE_COMPLAINT_MAX, RULE_COMPLAINT_MAX, &weight))
        context->rule->complaint = (float)weight;
}

static void read_category(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    if (!yaml_fields_is_mapping(reader, value))
        return;
    if (yaml_count(value) > RULE_CATEGORIES_MAX)
        yaml_error(value, reader->errors, "a rule weighs at most %d categories",
                   RULE_CATEGORIES_MAX);
    for (size_t index = 0; index < yaml_count(value); index++) {
        enum category category = CATEGORY_OTHER;
        double weight = 0;
        if (!yaml_fields_category(reader, yaml_key(value, index), &category) ||
            !yaml_fields_number(reader, yaml_value(value, index), 0.001, RULE_CATEGORY_MAX,
                                &weight))
            continue;
        context->rule->categories[category] = (float)weight;
    }
}

static void read_at_least(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    context->weight = value;
    if (yaml_fields_severity(reader, value, &context->rule->at_least) &&
        context->rule->at_least == SEVERITY_NONE)
        yaml_error(value, reader->errors, "at_least: none says nothing: leave it out");
}

static void read_languages(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    yaml_fields_languages(reader, value, &context->rule->languages);
}

static uint32_t count_examples(struct yaml_reader *reader, struct yaml_place value,
                               const char *name, uint32_t *out)
{
    struct yaml_place list = yaml_find(value, name);
    if (!yaml_exists(list)) {
        yaml_error(value, reader->errors, "examples need \"%s\"", name);
        return 0;
    }
    if (!yaml_fields_is_list(reader, list))
        return 0;
    size_t count = yaml_count(list);
    if (count < RULE_EXAMPLES_MIN || count > RULE_EXAMPLES_MAX) {
        yaml_error(list, reader->errors,
                   "%zu examples stand here; a rule has %d to %d under \"%s\"", count,
                   RULE_EXAMPLES_MIN, RULE_EXAMPLES_MAX, name);
        return 0;
    }
    return *out = (uint32_t)count;
}

static void copy_examples(struct yaml_reader *reader, struct yaml_place list, uint32_t count,
                          bool must_match, struct rule_example *out)
{
    for (uint32_t index = 0; index < count; index++) {
        struct yaml_place item = yaml_item(list, index);
        const char *text = yaml_fields_long_text(reader, item, RULE_EXAMPLE_BYTES_MAX);
        out[index] = (struct rule_example){.text = text ? text : "",
                                           .size = text ? (uint32_t)yaml_text_size(item) : 0,
                                           .must_match = must_match,
                                           .place = text_place_of(reader, item)};
    }
}

static void read_examples(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    if (!yaml_fields_is_mapping(reader, value))
        return;
    for (size_t index = 0; index < yaml_count(value); index++) {
        const char *name = yaml_text(yaml_key(value, index));
        if (strcmp(name, "match") != 0 && strcmp(name, "calm") != 0)
            yaml_error(yaml_key(value, index), reader->errors,
                       "examples have no key \"%.40s\"; they have match, calm", name);
    }
    uint32_t total = count_examples(reader, value, "match", &context->match_count) +
                     count_examples(reader, value, "calm", &context->calm_count);
    if (context->match_count == 0 || context->calm_count == 0)
        return;
    struct rule_example *examples = arena_allocate_array(reader->arena, total, sizeof *examples);
    if (!examples) {
        reader->no_memory = true;
        return;
    }
    copy_examples(reader, yaml_find(value, "match"), context->match_count, true, examples);
    copy_examples(reader, yaml_find(value, "calm"), context->calm_count, false,
                  examples + context->match_count);
    context->rule->examples = examples;
    context->rule->example_count = total;
}

static const struct yaml_field rule_fields[] = {
    {"id", read_id, true},
    {"why", read_why, true},
    {"pattern", read_pattern, false},
    {"patterns", read_patterns, false},
    {"match", read_match, false},
    {"sets", read_sets, false},
    {"complaint", read_complaint, false},
    {"category", read_category, false},
    {"at_least", read_at_least, false},
    {"languages", read_languages, false},
    {"examples", read_examples, true},
};

/* By its keys: a value that was refused has its own error. */
static bool gives_nothing(struct yaml_place rule)
{
    return !yaml_exists(yaml_find(rule, "sets")) && !yaml_exists(yaml_find(rule, "complaint")) &&
           !yaml_exists(yaml_find(rule, "category")) && !yaml_exists(yaml_find(rule, "at_least"));
}

/* What no single key can tell. */
static void check_rule(struct yaml_reader *reader, const struct file_context *file,
                       const struct rule_context *context, struct yaml_place place)
{
    const struct rule *rule = context->rule;
    if (yaml_count(place) > 0 && strcmp(yaml_text(yaml_key(place, 0)), "id") != 0)
        yaml_error(yaml_key(place, 0), reader->errors, "the first key of a rule is its id");
    const char *prefix = redress_language_name(file->language);
    if (rule->id && file->language != LANGUAGE_UNKNOWN &&
        (strncmp(rule->id, prefix, 2) != 0 || rule->id[2] != '.'))
        yaml_error(context->id, reader->errors,
                   "the id must begin with \"%s.\", the file's language", prefix);
    if (!context->has_pattern)
        yaml_error(place, reader->errors, "a rule needs \"pattern\" or \"patterns\"");
    if (gives_nothing(place))
        yaml_error(place, reader->errors,
                   "a rule gives something: sets, complaint, category or at_least");
    if ((rule->traits & 1u << TRAIT_ABUSE) && (rule->complaint != 0 || rule->at_least > 0))
        yaml_error(context->weight, reader->errors,
                   "abuse never changes a severity: a rule that sets it has neither complaint nor "
                   "at_least");
}

static void read_rule(struct yaml_reader *reader, struct file_context *file,
                      struct yaml_place place)
{
    if (!yaml_fields_is_mapping(reader, place))
        return;
    struct rule *rule = arena_allocate(reader->arena, sizeof *rule);
    if (!rule) {
        reader->no_memory = true;
        return;
    }
    struct rule_context context = {.rule = rule};
    rule->place = place_of(reader, place);
    yaml_fields_read(reader, place, rule_fields, sizeof rule_fields / sizeof rule_fields[0],
                     &context, "a rule");
    check_rule(reader, file, &context, place);
    rule->languages |= 1u << file->language;
    rule->languages &= ~(1u << LANGUAGE_UNKNOWN);
    if (!rule->id || file->pack->rule_count == RULES_MAX)
        return;
    rule->place = place_of(reader, context.id);
    rule->next = file->pack->rules;
    file->pack->rules = rule;
    file->pack->rule_count++;
}

static void read_file_language(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct file_context *file = target;
    if (!yaml_fields_language(reader, value, &file->language))
        return;
    if (file->folder_language != LANGUAGE_UNKNOWN && file->folder_language != file->language)
        yaml_error(value, reader->errors, "the file stands in the folder of \"%s\"",
                   redress_language_name(file->folder_language));
}

static void remember_rules(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct file_context *file = target;
    if (yaml_fields_is_list(reader, value))
        file->rules = value;
}

static const struct yaml_field file_fields[] = {
    {"language", read_file_language, true},
    {"rules", remember_rules, true},
};

enum redress_status rule_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                   const char *file_name, enum language language,
                                   struct error_list *errors)
{
    struct yaml_reader reader = {.errors = errors, .arena = &pack->arena};
    struct file_context file = {.pack = pack, .folder_language = language};
    reader.file = arena_copy_text(&pack->arena, file_name, strlen(file_name));
    if (!reader.file)
        return STATUS_MEMORY;
    yaml_fields_read(&reader, yaml_root(tree), file_fields,
                     sizeof file_fields / sizeof file_fields[0], &file, "a rule file");
    for (size_t index = 0; yaml_exists(file.rules) && index < yaml_count(file.rules); index++)
        read_rule(&reader, &file, yaml_item(file.rules, index));
    if (pack->rule_count == RULES_MAX)
        error_list_add(errors, STATUS_TOO_LARGE, file_name, 0, 0, "there are more than %d rules",
                       RULES_MAX);
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}
