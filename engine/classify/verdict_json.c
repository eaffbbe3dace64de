#include "classify/verdict_json.h"

#include "classify/rule_set.h"
#include "classify/weigh/decide.h"
#include "verdict/members.h"

_Static_assert(VERDICT_JSON_BYTES_MAX > 1024 + MESSAGE_HITS_MAX * (RULE_ID_BYTES_MAX + 48),
               "a hit is its rule's id and two numbers");

static const char *id_of(const void *rule_set, uint32_t rule_index)
{
    return redress_rule_id(rule_set, rule_index);
}

void verdict_write_json(struct json_writer *json, const struct rule_set *rule_set,
                        const struct verdict *verdict)
{
    const struct verdict_rules rules = {.context = rule_set, .hits = verdict->hits, .id = id_of};
    verdict_write_members(json, verdict, &rules);
    /* A case says it among its flags. */
    if (verdict->truncated) {
        json_key(json, "truncated");
        json_bool(json, true);
    }
}

static void explain_hit(struct json_writer *json, const struct rule *rule,
                        const struct verdict_hit *hit)
{
    json_object_open(json);
    json_key(json, "id");
    json_string(json, rule->id);
    json_key(json, "why");
    json_string(json, rule->why);
    verdict_write_place(json, hit->start, hit->end);
    json_key(json, "complaint");
    json_number(json, (double)rule->complaint);
    if (rule->at_least > SEVERITY_NONE) {
        json_key(json, "at_least");
        json_string(json, redress_severity_name(rule->at_least));
    }
    json_key(json, "sets");
    verdict_write_traits(json, rule->traits);
    json_key(json, "category");
    json_object_open(json);
    for (unsigned category = 0; category < CATEGORY_COUNT; category++) {
        if (rule->categories[category] == 0)
            continue;
        json_key(json, redress_category_name((enum category)category));
        json_number(json, (double)rule->categories[category]);
    }
    json_object_close(json);
    json_object_close(json);
}

static void explain_evidence(struct json_writer *json, const struct rule_set *rule_set,
                             const struct context *context)
{
    static const char *const stances[] = {"", "announced", "done"};
    uint32_t count = context->evidence_count < EXPLANATION_EVIDENCE_MAX ? context->evidence_count
                                                                        : EXPLANATION_EVIDENCE_MAX;
    json_array_open(json);
    for (uint32_t index = 0; index < count; index++) {
        const struct evidence *evidence = &context->evidence[index];
        json_object_open(json);
        json_key(json, "id");
        json_string(json, redress_rule_id(rule_set, evidence->rule_index));
        verdict_write_place(json, evidence->start, evidence->end);
        json_key(json, "sentence");
        json_unsigned(json, evidence->sentence);
        json_key(json, "fate");
        json_string(json, fate_name((enum fate)evidence->fate));
        if (evidence->stance != STANCE_FIND) {
            json_key(json, "stance");
            json_string(json, stances[evidence->stance]);
        }
        json_object_close(json);
    }
    json_array_close(json);
}

static void explain_values(struct json_writer *json, const struct verdict *verdict)
{
    json_object_open(json);
    json_key(json, "duration_s");
    json_number(json, (double)verdict->values.duration_s);
    json_key(json, "money_eur");
    json_number(json, (double)verdict->values.money_eur);
    json_key(json, "count");
    json_number(json, (double)verdict->values.count);
    json_object_close(json);
}

void verdict_write_explanation(struct json_writer *json, const struct rule_set *rule_set,
                               const struct scratch *scratch, const struct verdict *verdict)
{
    const struct rule_pack *pack = &rule_set->pack;
    json_key(json, "explain");
    json_object_open(json);
    json_key(json, "rules");
    json_array_open(json);
    for (uint32_t index = 0; index < verdict->hits_stored; index++)
        explain_hit(json, &pack->rules[verdict->hits[index].rule_index], &verdict->hits[index]);
    json_array_close(json);
    json_key(json, "evidence");
    explain_evidence(json, rule_set, &scratch->context);
    json_key(json, "values");
    explain_values(json, verdict);
    json_key(json, "announced");
    verdict_write_traits(json, verdict->announced);
    json_key(json, "done");
    verdict_write_traits(json, verdict->done);
    json_key(json, "composites");
    json_array_open(json);
    for (uint32_t index = 0; index < pack->composite_count; index++) {
        if (!decide_composite_holds(&pack->composites[index], verdict))
            continue;
        json_object_open(json);
        json_key(json, "id");
        json_string(json, pack->composites[index].id);
        json_key(json, "why");
        json_string(json, pack->composites[index].why);
        json_object_close(json);
    }
    json_array_close(json);
    json_object_close(json);
}
