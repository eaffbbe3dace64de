#include "workbench/rule_case.h"

#include "classify/pack/yaml_fields.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { CASE_TEXT_BYTES_MAX = 16 * 1024 };

static void read_text(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    rule_case->text = yaml_fields_long_text(reader, value, CASE_TEXT_BYTES_MAX);
}

static void read_hint(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    rule_case->language_hint = yaml_fields_text(reader, value, MESSAGE_FIELD_BYTES_MAX);
}

static void read_channel(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    rule_case->channel = yaml_fields_text(reader, value, CHANNEL_NAME_BYTES_MAX);
}

static void read_count(struct yaml_reader *reader, struct yaml_place value, uint32_t *out)
{
    double count = 0;
    if (yaml_fields_number(reader, value, 0, 1000000, &count))
        *out = (uint32_t)count;
}

static void read_repeat(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct recurrence *history = target;
    yaml_fields_bool(reader, value, &history->repeat);
}

static void read_1h(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_count(reader, value, &((struct recurrence *)target)->complaints_1h);
}

static void read_1d(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_count(reader, value, &((struct recurrence *)target)->complaints_1d);
}

static void read_7d(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_count(reader, value, &((struct recurrence *)target)->complaints_7d);
}

static void read_30d(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_count(reader, value, &((struct recurrence *)target)->complaints_30d);
}

static const struct yaml_field history_fields[] = {
    {"repeat", read_repeat, false},      {"complaints_1h", read_1h, false},
    {"complaints_1d", read_1d, false},   {"complaints_7d", read_7d, false},
    {"complaints_30d", read_30d, false},
};

static void read_history(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    rule_case->has_history = true;
    rule_case->history = (struct recurrence){.scope = HISTORY_WHOLE, .last_complaint_ms = -1};
    yaml_fields_read(reader, value, history_fields,
                     sizeof history_fields / sizeof history_fields[0], &rule_case->history,
                     "a history");
}

static void read_severity(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    yaml_fields_severity(reader, value, &rule_case->severity);
}

static void read_urgent(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    yaml_fields_bool(reader, value, &rule_case->urgent);
}

static void read_undecided(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    yaml_fields_bool(reader, value, &rule_case->undecided);
}

static void read_language(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    rule_case->has_language = true;
    if (yaml_kind(value) == YAML_KIND_SCALAR && strcmp(yaml_text(value), "unknown") == 0)
        return;
    yaml_fields_language(reader, value, &rule_case->language);
}

static void read_categories(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    if (!yaml_fields_is_list(reader, value))
        return;
    for (size_t index = 0; index < yaml_count(value); index++) {
        enum category category = CATEGORY_OTHER;
        if (yaml_fields_category(reader, yaml_item(value, index), &category))
            rule_case->categories |= 1u << category;
    }
}

static void read_traits(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_case *rule_case = target;
    yaml_fields_traits(reader, value, &rule_case->traits);
}

static const struct yaml_field verdict_fields[] = {
    {"severity", read_severity, true},      {"urgent", read_urgent, false},
    {"categories", read_categories, false}, {"traits", read_traits, false},
    {"undecided", read_undecided, false},   {"language", read_language, false},
};

static void read_verdict(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    yaml_fields_read(reader, value, verdict_fields,
                     sizeof verdict_fields / sizeof verdict_fields[0], target, "a verdict");
}

static const struct yaml_field case_fields[] = {
    {"text", read_text, true},        {"language", read_hint, false},
    {"channel", read_channel, false}, {"history", read_history, false},
    {"verdict", read_verdict, true},
};

static void remember_list(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    if (yaml_fields_is_list(reader, value))
        *(struct yaml_place *)target = value;
}

static const struct yaml_field file_fields[] = {{"cases", remember_list, true}};

enum redress_status rule_case_file_read(const struct yaml_tree *tree, const char *file,
                                        struct arena *arena, struct error_list *errors,
                                        struct rule_case **list)
{
    struct yaml_reader reader = {.errors = errors, .arena = arena};
    struct yaml_place items = {0};
    reader.file = arena_copy_text(arena, file, strlen(file));
    if (!reader.file)
        return STATUS_MEMORY;
    yaml_fields_read(&reader, yaml_root(tree), file_fields, 1, &items, "a file of cases");
    for (size_t index = 0; yaml_exists(items) && index < yaml_count(items); index++) {
        struct yaml_place item = yaml_item(items, index);
        struct rule_case *rule_case = arena_allocate(arena, sizeof *rule_case);
        if (!rule_case)
            return STATUS_MEMORY;
        rule_case->place = (struct rule_place){reader.file, yaml_line(item), yaml_column(item)};
        yaml_fields_read(&reader, item, case_fields, sizeof case_fields / sizeof case_fields[0],
                         rule_case, "a case");
        if (!rule_case->text)
            continue;
        rule_case->next = *list;
        *list = rule_case;
    }
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}

static enum redress_status read_one(const char *path, struct arena *arena,
                                    struct error_list *errors, struct rule_case **list)
{
    struct yaml_tree *tree = yaml_tree_load_file(path, errors);
    enum redress_status status =
        tree ? rule_case_file_read(tree, path, arena, errors, list) : STATUS_OK;
    yaml_tree_free(tree);
    return status;
}

/* Its meanings are judged by rule_parity.h. */
static bool is_parallel(const char *path)
{
    const char *name = strrchr(path, '/');
    return name && strcmp(name, "/parallel.yaml") == 0;
}

enum redress_status rule_cases_read(const char *folder, struct arena *arena,
                                    struct error_list *errors, struct rule_case **list)
{
    char pattern[PATH_MAX];
    if (snprintf(pattern, sizeof pattern, "%s/cases/*.yaml", folder) >= (int)sizeof pattern)
        return STATUS_OK;
    glob_t files = {0};
    int found = glob(pattern, 0, NULL, &files);
    enum redress_status status = found == GLOB_NOSPACE ? STATUS_MEMORY : STATUS_OK;
    for (size_t index = 0; found == 0 && status == STATUS_OK && index < files.gl_pathc; index++)
        if (!is_parallel(files.gl_pathv[index]))
            status = read_one(files.gl_pathv[index], arena, errors, list);
    globfree(&files);
    return status;
}

bool rule_case_holds(const struct rule_case *rule_case, const struct verdict *verdict)
{
    return verdict->severity == rule_case->severity && verdict->urgent == rule_case->urgent &&
           verdict->undecided == rule_case->undecided && verdict->traits == rule_case->traits &&
           redress_verdict_categories(verdict) == rule_case->categories &&
           (!rule_case->has_language || verdict->language == rule_case->language);
}
