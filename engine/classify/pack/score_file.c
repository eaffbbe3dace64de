/** Reads scores/<language>.yaml: fitted weights, which win over those that stand in the rules. */
#include "classify/pack/rule_file.h"
#include "classify/pack/yaml_fields.h"

#include <stdlib.h>
#include <string.h>

static int compare_id(const void *key, const void *rule)
{
    return strcmp(key, ((const struct rule *)rule)->id);
}

static void read_complaint(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule *rule = target;
    double weight = 0;
    if (!yaml_fields_number(reader, value, -RULE_COMPLAINT_MAX, RULE_COMPLAINT_MAX, &weight))
        return;
    if (rule->traits & 1u << TRAIT_ABUSE)
        yaml_error(value, reader->errors, "abuse never changes a severity: \"%s\" has no complaint",
                   rule->id);
    else
        rule->complaint = (float)weight;
}

static void read_category(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    rule_file_read_categories(reader, value, target);
}

static const struct yaml_field score_fields[] = {
    {"complaint", read_complaint, false},
    {"category", read_category, false},
};

struct score_context {
    struct rule_pack *pack;
};

static void read_scores(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    const struct rule_pack *pack = ((struct score_context *)target)->pack;
    if (!yaml_fields_is_mapping(reader, value))
        return;
    for (size_t index = 0; index < yaml_count(value); index++) {
        struct yaml_place key = yaml_key(value, index);
        struct rule *rule =
            bsearch(yaml_text(key), pack->rules, pack->rule_count, sizeof *pack->rules, compare_id);
        if (rule)
            yaml_fields_read(reader, yaml_value(value, index), score_fields,
                             sizeof score_fields / sizeof score_fields[0], rule, "a score");
        else if (!rule_pack_is_disabled(pack, yaml_text(key)))
            yaml_error(key, reader->errors,
                       "no rule has the id \"%.60s\": script/fit-scores writes this file anew",
                       yaml_text(key));
    }
}

static const struct yaml_field file_fields[] = {{"scores", read_scores, true}};

enum redress_status score_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                    const char *file, struct error_list *errors)
{
    struct yaml_reader reader = {.errors = errors, .arena = &pack->arena};
    struct score_context context = {pack};
    reader.file = arena_copy_text(&pack->arena, file, strlen(file));
    if (!reader.file)
        return STATUS_MEMORY;
    yaml_fields_read(&reader, yaml_root(tree), file_fields, 1, &context, "a file of scores");
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}
