#include "classify/pack/rule_file.h"

#include "classify/pack/rule_match.h"

#include <string.h>

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

static void read_choice(struct yaml_reader *reader, struct yaml_place value,
                        const char *const *names, size_t count, uint8_t *out)
{
    for (size_t index = 0; index < count; index++)
        if (yaml_kind(value) == YAML_KIND_SCALAR && strcmp(yaml_text(value), names[index]) == 0) {
            *out = (uint8_t)index;
            return;
        }
    yaml_error(value, reader->errors, "one of %s, %s, %s comes here", names[0], names[1], names[2]);
}

static void read_negation(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    static const char *const names[] = {"cancel", "flip", "ignore"};
    read_choice(reader, value, names, 3, &((struct rule_context *)target)->rule->negation);
}

static void read_stance(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    static const char *const names[] = {"find", "announced", "done"};
    struct rule_context *context = target;
    context->stance = value;
    read_choice(reader, value, names, 3, &context->rule->stance);
}

static void read_maturity(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    bool scalar = yaml_kind(value) == YAML_KIND_SCALAR;
    context->rule->experimental = scalar && strcmp(yaml_text(value), "experimental") == 0;
    if (!context->rule->experimental && !(scalar && strcmp(yaml_text(value), "stable") == 0))
        yaml_error(value, reader->errors,
                   "maturity is \"stable\" (the default) or \"experimental\"");
}

static void read_group(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_context *context = target;
    struct rule_pack *pack = context->file->pack;
    const char *name = yaml_fields_text(reader, value, RULE_GROUP_BYTES_MAX);
    if (!name)
        return;
    uint32_t index = 0;
    while (index < pack->group_count && strcmp(pack->groups[index], name) != 0)
        index++;
    if (index == RULE_GROUPS_MAX) {
        yaml_error(value, reader->errors, "there are more than %d groups", RULE_GROUPS_MAX);
        return;
    }
    pack->groups[index] = name;
    pack->group_count += index == pack->group_count;
    context->rule->group = (uint16_t)(index + 1);
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

void rule_file_read_categories(struct yaml_reader *reader, struct yaml_place value,
                               struct rule *rule)
{
    if (!yaml_fields_is_mapping(reader, value))
        return;
    memset(rule->categories, 0, sizeof rule->categories);
    if (yaml_count(value) > RULE_CATEGORIES_MAX)
        yaml_error(value, reader->errors, "a rule weighs at most %d categories",
                   RULE_CATEGORIES_MAX);
    for (size_t index = 0; index < yaml_count(value); index++) {
        enum category category = CATEGORY_OTHER;
        double weight = 0;
        if (yaml_fields_category(reader, yaml_key(value, index), &category) &&
            yaml_fields_number(reader, yaml_value(value, index), 0.001, RULE_CATEGORY_MAX, &weight))
            rule->categories[category] = (float)weight;
    }
}

static void read_category(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    rule_file_read_categories(reader, value, ((struct rule_context *)target)->rule);
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
                                           .place = rule_text_place_of(reader, item)};
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
    {"words", rule_match_remember, false},
    {"pattern", rule_match_remember, false},
    {"patterns", rule_match_remember, false},
    {"near", rule_match_remember, false},
    {"not", rule_match_remember, false},
    {"except", rule_match_remember, false},
    {"match", rule_match_remember, false},
    {"accents", rule_match_remember, false},
    {"sets", read_sets, false},
    {"complaint", read_complaint, false},
    {"category", read_category, false},
    {"at_least", read_at_least, false},
    {"languages", read_languages, false},
    {"group", read_group, false},
    {"negation", read_negation, false},
    {"stance", read_stance, false},
    {"maturity", read_maturity, false},
    {"examples", read_examples, true},
};

/* By its keys: a value that was refused has its own error. */
static bool gives_nothing(struct yaml_place rule)
{
    return !yaml_exists(yaml_find(rule, "sets")) && !yaml_exists(yaml_find(rule, "complaint")) &&
           !yaml_exists(yaml_find(rule, "category")) && !yaml_exists(yaml_find(rule, "at_least"));
}

/* Insults are seen, and change neither what a message weighs nor where it goes. */
static void check_abuse(struct yaml_reader *reader, const struct rule_context *context,
                        struct yaml_place place)
{
    struct yaml_place category = yaml_find(place, "category");
    if (context->rule->complaint != 0 || context->rule->at_least > 0)
        yaml_error(context->weight, reader->errors,
                   "abuse never changes a severity: a rule that sets it has neither complaint nor "
                   "at_least");
    if (yaml_exists(category))
        yaml_error(category, reader->errors,
                   "abuse never changes a route: a rule that sets it has no category");
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
    if (yaml_exists(context->stance) && !(rule->traits & RULE_STANCE_TRAITS))
        yaml_error(context->stance, reader->errors,
                   "a stance belongs to a rule that sets legal, regulator, publicity or leaving");
    if (gives_nothing(place))
        yaml_error(place, reader->errors,
                   "a rule gives something: sets, complaint, category or at_least");
    if (rule->traits & 1u << TRAIT_ABUSE)
        check_abuse(reader, context, place);
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
    struct rule_context context = {.rule = rule, .file = file};
    rule->place = rule_place_of(reader, place);
    rule->home = (uint8_t)file->language;
    yaml_fields_read(reader, place, rule_fields, sizeof rule_fields / sizeof rule_fields[0],
                     &context, "a rule");
    rule_match_read(reader, &context, place);
    check_rule(reader, file, &context, place);
    rule->languages |= 1u << file->language;
    rule->languages &= ~(1u << LANGUAGE_UNKNOWN);
    if (!rule->id || file->pack->rule_count == RULES_MAX)
        return;
    rule->place = rule_place_of(reader, context.id);
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

static void remember_lists(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct file_context *file = target;
    file->lists_place = value;
    yaml_fields_is_mapping(reader, value);
}

static void remember_rules(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct file_context *file = target;
    if (yaml_fields_is_list(reader, value))
        file->rules = value;
}

static const struct yaml_field file_fields[] = {
    {"language", read_file_language, true},
    {"lists", remember_lists, false},
    {"rules", remember_rules, true},
};

struct yaml_field_table rule_file_keys(void)
{
    return (struct yaml_field_table){file_fields, sizeof file_fields / sizeof file_fields[0]};
}

struct yaml_field_table rule_file_rule_keys(void)
{
    return (struct yaml_field_table){rule_fields, sizeof rule_fields / sizeof rule_fields[0]};
}

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
    rule_match_read_lists(&reader, &file);
    for (size_t index = 0; yaml_exists(file.rules) && index < yaml_count(file.rules); index++)
        read_rule(&reader, &file, yaml_item(file.rules, index));
    if (pack->rule_count == RULES_MAX)
        error_list_add(errors, STATUS_TOO_LARGE, file_name, 0, 0, "there are more than %d rules",
                       RULES_MAX);
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}
