#include "verdict/members.h"

void verdict_write_traits(struct json_writer *json, trait_set traits)
{
    json_array_open(json);
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++)
        if (traits >> trait & 1)
            json_string(json, redress_trait_name((enum trait)trait));
    json_array_close(json);
}

void verdict_write_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    if (text)
        json_string(json, text);
    else
        json_null(json);
}

void verdict_write_place(struct json_writer *json, uint32_t start, uint32_t end)
{
    json_key(json, "start");
    json_unsigned(json, start);
    json_key(json, "end");
    json_unsigned(json, end);
}

static void write_rules(struct json_writer *json, uint32_t count, const struct verdict_rules *rules)
{
    json_key(json, "rules");
    json_array_open(json);
    for (uint32_t index = 0; index < count; index++) {
        const struct verdict_hit *hit = &rules->hits[index];
        json_object_open(json);
        verdict_write_text(json, "id", rules->id(rules->context, hit->rule_index));
        verdict_write_place(json, hit->start, hit->end);
        if (rules->more)
            rules->more(rules->context, json, hit);
        json_object_close(json);
    }
    json_array_close(json);
}

void verdict_write_members(struct json_writer *json, const struct verdict *verdict,
                           const struct verdict_rules *rules)
{
    verdict_write_text(json, "language", redress_language_name(verdict->language));
    json_key(json, "complaint");
    json_bool(json, verdict->complaint);
    json_key(json, "severity");
    json_unsigned(json, verdict->severity);
    verdict_write_text(json, "severity_name", redress_severity_name(verdict->severity));
    json_key(json, "urgent");
    json_bool(json, verdict->urgent);
    json_key(json, "categories");
    json_array_open(json);
    for (unsigned index = 0; index < verdict->category_count; index++)
        json_string(json, redress_category_name((enum category)verdict->categories[index]));
    json_array_close(json);
    json_key(json, "traits");
    verdict_write_traits(json, verdict->traits);
    if (verdict->traits_by_words) {
        json_key(json, "traits_by_words");
        verdict_write_traits(json, verdict->traits_by_words);
    }
    json_key(json, "score");
    json_number(json, (double)verdict->score);
    json_key(json, "undecided");
    json_bool(json, verdict->undecided);
    write_rules(json, verdict->hits_stored, rules);
    json_key(json, "rules_fired");
    json_unsigned(json, verdict->hit_count);
    json_key(json, "rule_set");
    json_hex(json, verdict->rule_set_hash);
}
