#include "classify/verdict_json.h"

#include "classify/decide.h"

_Static_assert(VERDICT_JSON_BYTES_MAX > 1024 + MESSAGE_HITS_MAX * (RULE_ID_BYTES_MAX + 48),
               "a hit is its rule's id and two numbers");

static void write_traits(struct json_writer *json, trait_set traits)
{
    json_array_open(json);
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++)
        if (traits >> trait & 1)
            json_string(json, redress_trait_name((enum trait)trait));
    json_array_close(json);
}

static void write_hits(struct json_writer *json, const struct rule_set *rule_set,
                       const struct verdict *verdict)
{
    json_array_open(json);
    for (uint32_t index = 0; index < verdict->hits_stored; index++) {
        const struct verdict_hit *hit = &verdict->hits[index];
        json_object_open(json);
        json_key(json, "id");
        json_string(json, redress_rule_id(rule_set, hit->rule_index));
        json_key(json, "start");
        json_unsigned(json, hit->start);
        json_key(json, "end");
        json_unsigned(json, hit->end);
        json_object_close(json);
    }
    json_array_close(json);
}

void verdict_write_json(struct json_writer *json, const struct rule_set *rule_set,
                        const struct verdict *verdict)
{
    json_key(json, "language");
    json_string(json, redress_language_name(verdict->language));
    json_key(json, "complaint");
    json_bool(json, verdict->complaint);
    json_key(json, "severity");
    json_unsigned(json, verdict->severity);
    json_key(json, "severity_name");
    json_string(json, redress_severity_name(verdict->severity));
    json_key(json, "urgent");
    json_bool(json, verdict->urgent);
    json_key(json, "categories");
    json_array_open(json);
    for (unsigned index = 0; index < verdict->category_count; index++)
        json_string(json, redress_category_name((enum category)verdict->categories[index]));
    json_array_close(json);
    json_key(json, "traits");
    write_traits(json, verdict->traits);
    json_key(json, "score");
    json_number(json, (double)verdict->score);
    json_key(json, "undecided");
    json_bool(json, verdict->undecided);
    if (verdict->truncated) {
        json_key(json, "truncated");
        json_bool(json, true);
    }
    json_key(json, "rules");
    write_hits(json, rule_set, verdict);
    if (verdict->hits_cut) {
        json_key(json, "rules_fired");
        json_unsigned(json, verdict->hit_count);
    }
    json_key(json, "rule_set");
    json_hex(json, verdict->rule_set_hash);
}

static void explain_hit(struct json_writer *json, const struct rule *rule,
                        const struct verdict_hit *hit)
{
    json_object_open(json);
    json_key(json, "id");
    json_string(json, rule->id);
    json_key(json, "why");
    json_string(json, rule->why);
    json_key(json, "start");
    json_unsigned(json, hit->start);
    json_key(json, "end");
    json_unsigned(json, hit->end);
    json_key(json, "complaint");
    json_number(json, (double)rule->complaint);
    if (rule->at_least > SEVERITY_NONE) {
        json_key(json, "at_least");
        json_string(json, redress_severity_name(rule->at_least));
    }
    json_key(json, "sets");
    write_traits(json, rule->traits);
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
        json_key(json, "start");
        json_unsigned(json, evidence->start);
        json_key(json, "end");
        json_unsigned(json, evidence->end);
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
    write_traits(json, verdict->announced);
    json_key(json, "done");
    write_traits(json, verdict->done);
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
