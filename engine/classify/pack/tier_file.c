/** Tiers: the lowest score of each severity. */
#include "classify/pack/rule_file.h"
#include "classify/pack/yaml_fields.h"

#include <math.h>
#include <string.h>

struct tier_context {
    struct tiers *tiers;
};

static void read_tiers(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct tier_context *context = target;
    float *score_min = context->tiers->score_min;
    context->tiers->place = (struct rule_place){reader->file, yaml_line(value), yaml_column(value)};
    if (!yaml_fields_is_mapping(reader, value))
        return;
    for (size_t index = 0; index < yaml_count(value); index++) {
        enum severity severity = SEVERITY_NONE;
        double score = 0;
        struct yaml_place key = yaml_key(value, index);
        if (!yaml_fields_severity(reader, key, &severity))
            continue;
        if (severity == SEVERITY_NONE) {
            yaml_error(key, reader->errors,
                       "none is what lies below the lowest tier: leave it out");
            continue;
        }
        if (yaml_fields_number(reader, yaml_value(value, index), 0.001, RULE_SCORE_MAX, &score))
            score_min[severity] = (float)score;
    }
    if (isinf(score_min[SEVERITY_MINOR]))
        yaml_error(value, reader->errors, "the tier \"minor\" is needed");
    float before = 0;
    for (unsigned severity = SEVERITY_MINOR; severity < SEVERITY_COUNT; severity++) {
        if (score_min[severity] <= before)
            yaml_error(value, reader->errors, "the tier \"%s\" must lie above the one before it",
                       redress_severity_name((enum severity)severity));
        if (!isinf(score_min[severity]))
            before = score_min[severity];
    }
}

static const struct yaml_field file_fields[] = {{"tiers", read_tiers, true}};

enum redress_status tier_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                   const char *file, struct error_list *errors)
{
    struct yaml_reader reader = {.errors = errors, .arena = &pack->arena};
    struct tier_context context = {.tiers = &pack->tiers};
    reader.file = arena_copy_text(&pack->arena, file, strlen(file));
    if (!reader.file)
        return STATUS_MEMORY;
    yaml_fields_read(&reader, yaml_root(tree), file_fields, 1, &context, "tiers.yaml");
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}
