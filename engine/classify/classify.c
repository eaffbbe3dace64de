/** One message through language, matcher, score and decision. Allocates nothing. */
#include "classify/decide.h"

#include "base/memory.h"
#include "text/utf8.h"

enum redress_status redress_scratch_create(const struct rule_set *rule_set, struct scratch **out)
{
    *out = NULL;
    struct scratch *scratch = memory_allocate(sizeof *scratch);
    if (!scratch)
        return STATUS_MEMORY;
    enum redress_status status = matcher_scratch_create(rule_set->matcher, &scratch->matcher);
    if (status != STATUS_OK) {
        memory_free(scratch);
        return status;
    }
    *out = scratch;
    return STATUS_OK;
}

void redress_scratch_free(struct scratch *scratch)
{
    if (!scratch)
        return;
    matcher_scratch_free(scratch->matcher);
    memory_free(scratch);
}

static void add_hits(const struct rule_set *rule_set, struct scratch *scratch,
                     const struct match_outcome *outcome, struct score *score,
                     struct verdict *verdict)
{
    uint32_t stored = 0;
    uint32_t fired = 0;
    for (uint32_t index = 0; index < outcome->hit_count; index++) {
        const struct match_hit *hit = &outcome->hits[index];
        const struct rule_gift *gift = &rule_set->gifts[hit->rule_index];
        bool again = index > 0 && hit[-1].rule_index == hit->rule_index;
        if (again)
            continue;
        score_add(score, gift);
        if (stored < MESSAGE_HITS_MAX)
            match_hit_text(matcher_view(scratch->matcher), hit, &scratch->hits[stored++]);
        fired++;
    }
    verdict->hits = scratch->hits;
    verdict->hits_stored = stored;
    verdict->hit_count = fired;
    verdict->hits_cut = fired > stored;
}

enum redress_status redress_classify(const struct rule_set *rule_set, struct scratch *scratch,
                                     const struct classify_input *input, struct verdict *verdict)
{
    enum language language =
        language_choose(rule_set->languages, input->text, input->language_hint);
    bool known = redress_rule_set_has_language(rule_set, language);
    *verdict = (struct verdict){
        .language = language,
        .undecided = !known,
        .truncated = input->truncated,
        .channel = channel_names_find(&rule_set->pack.channels, input->channel),
        .rule_set_hash = rule_set->hash,
    };
    struct match_outcome outcome = {0};
    enum redress_status status =
        matcher_match(rule_set->matcher, scratch->matcher, input->text,
                      known ? 1u << language : RULE_GUARD_LANGUAGE, &outcome);
    verdict->undecided |= status != STATUS_OK;
    struct score score = {0};
    add_hits(rule_set, scratch, &outcome, &score, verdict);
    decide(rule_set, &score, verdict);
    return status;
}

bool redress_repair_utf8(const char *bytes, size_t size, char *out, size_t out_max,
                         size_t *out_size)
{
    struct utf8_repair repair = utf8_repair(bytes, size, out, out_max);
    *out_size = repair.size;
    return repair.replaced;
}
