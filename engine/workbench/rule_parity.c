#include "workbench/rule_parity.h"

#include "classify/pack/yaml_fields.h"

#include "base/memory.h"

#include <string.h>

enum { PARITY_TEXT_BYTES_MAX = 4096 };

static const char *const grave_themes[] = {"self_harm", "threat", "injury",
                                           "gas",       "fire",   "fraud_now"};

static void read_id(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    ((struct parity_meaning *)target)->id = yaml_fields_text(reader, value, RULE_ID_BYTES_MAX);
}

static void read_theme(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct parity_meaning *meaning = target;
    meaning->theme = yaml_fields_text(reader, value, RULE_ID_BYTES_MAX);
    for (size_t index = 0; meaning->theme && index < sizeof grave_themes / sizeof grave_themes[0];
         index++)
        meaning->grave |= strcmp(meaning->theme, grave_themes[index]) == 0;
}

static void read_form(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    ((struct parity_meaning *)target)->form = yaml_fields_text(reader, value, RULE_ID_BYTES_MAX);
}

static void read_severity(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    yaml_fields_severity(reader, value, &((struct parity_meaning *)target)->severity);
}

static void read_urgent(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct parity_meaning *meaning = target;
    meaning->names_urgent = true;
    yaml_fields_bool(reader, value, &meaning->urgent);
}

static void read_traits(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    yaml_fields_traits(reader, value, &((struct parity_meaning *)target)->traits);
}

static const struct yaml_field expect_fields[] = {
    {"severity", read_severity, true},
    {"urgent", read_urgent, false},
    {"traits", read_traits, false},
};

static void read_expect(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    yaml_fields_read(reader, value, expect_fields, sizeof expect_fields / sizeof expect_fields[0],
                     target, "what is expected");
}

static void read_texts(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct parity_meaning *meaning = target;
    if (!yaml_fields_is_mapping(reader, value))
        return;
    for (size_t index = 0; index < yaml_count(value); index++) {
        enum language language = LANGUAGE_UNKNOWN;
        if (yaml_fields_language(reader, yaml_key(value, index), &language))
            meaning->texts[language] =
                yaml_fields_long_text(reader, yaml_value(value, index), PARITY_TEXT_BYTES_MAX);
    }
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        if (!meaning->texts[language])
            yaml_error(value, reader->errors, "the text in \"%s\" is missing",
                       redress_language_name((enum language)language));
}

static const struct yaml_field meaning_fields[] = {
    {"id", read_id, true},         {"theme", read_theme, true}, {"form", read_form, true},
    {"expect", read_expect, true}, {"texts", read_texts, true},
};

static void remember_list(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    if (yaml_fields_is_list(reader, value))
        *(struct yaml_place *)target = value;
}

static const struct yaml_field file_fields[] = {{"meanings", remember_list, true}};

static enum redress_status read_meanings(const struct yaml_tree *tree, const char *path,
                                         struct error_list *errors, struct parity *out)
{
    struct yaml_reader reader = {.errors = errors, .arena = &out->arena};
    struct yaml_place list = {0};
    struct parity_meaning **end = &out->meanings;
    reader.file = arena_copy_text(&out->arena, path, strlen(path));
    if (!reader.file)
        return STATUS_MEMORY;
    yaml_fields_read(&reader, yaml_root(tree), file_fields, 1, &list, "a file of meanings");
    for (size_t index = 0; yaml_exists(list) && index < yaml_count(list); index++) {
        struct yaml_place item = yaml_item(list, index);
        struct parity_meaning *meaning = arena_allocate(&out->arena, sizeof *meaning);
        if (!meaning)
            return STATUS_MEMORY;
        meaning->place = (struct rule_place){reader.file, yaml_line(item), yaml_column(item)};
        yaml_fields_read(&reader, item, meaning_fields,
                         sizeof meaning_fields / sizeof meaning_fields[0], meaning, "a meaning");
        *end = meaning;
        end = &meaning->next;
        out->count++;
    }
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}

/* Careful readers differ about minor and moderate: the two count as one. */
static bool same_level(enum severity said, enum severity expected)
{
    bool slight = said == SEVERITY_MINOR || said == SEVERITY_MODERATE;
    bool expected_slight = expected == SEVERITY_MINOR || expected == SEVERITY_MODERATE;
    return said == expected || (slight && expected_slight);
}

bool parity_holds(const struct parity_meaning *meaning, const struct verdict *verdict)
{
    return same_level(verdict->severity, meaning->severity) && !verdict->undecided &&
           (!meaning->names_urgent || verdict->urgent == meaning->urgent) &&
           (verdict->traits & meaning->traits) == meaning->traits;
}

static void judge(const struct rule_set *rule_set, struct scratch *scratch, struct parity *parity,
                  struct parity_meaning *meaning)
{
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        char text[PARITY_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES] = {0};
        const char *name = redress_language_name((enum language)language);
        size_t size = strlen(meaning->texts[language]);
        struct verdict *verdict = &meaning->verdicts[language];
        memcpy(text, meaning->texts[language], size);
        const struct classify_input input = {
            .text = {text, (uint32_t)size},
            .language_hint = {name, (uint32_t)strlen(name)},
        };
        enum redress_status status = redress_classify(rule_set, scratch, &input, verdict);
        verdict->undecided |= status != STATUS_OK;
        verdict->hits = NULL;
        verdict->hits_stored = 0;
        meaning->holds[language] = parity_holds(meaning, verdict);
        parity->held[language] += meaning->holds[language];
        parity->grave_misses[language] += meaning->grave && !meaning->holds[language];
    }
}

enum redress_status parity_run(const struct rule_set *rule_set, const char *path,
                               struct error_list *errors, struct parity *out)
{
    *out = (struct parity){0};
    uint32_t errors_before = errors->count;
    struct scratch *scratch = NULL;
    struct yaml_tree *tree = yaml_tree_load_file(path, errors);
    if (!tree)
        return STATUS_INVALID;
    enum redress_status status = read_meanings(tree, path, errors, out);
    yaml_tree_free(tree);
    if (status == STATUS_OK && errors->count > errors_before)
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        status = redress_scratch_create(rule_set, &scratch);
    for (struct parity_meaning *meaning = out->meanings; status == STATUS_OK && meaning;
         meaning = meaning->next)
        judge(rule_set, scratch, out, meaning);
    redress_scratch_free(scratch);
    return status;
}

void parity_free(struct parity *parity)
{
    arena_free(&parity->arena);
    *parity = (struct parity){0};
}

bool parity_passes(const struct parity *parity)
{
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        if (parity->held[language] < PARITY_SHARE_MIN * parity->count ||
            parity->grave_misses[language] > 0)
            return false;
    return true;
}
