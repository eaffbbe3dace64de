/** One message through language, matcher, score and decision. Allocates nothing. */
#include "classify/weigh/decide.h"

#include "classify/mixed.h"
#include "classify/weigh/values.h"

#include "base/memory.h"
#include "text/utf8.h"

#include <string.h>

enum redress_status redress_scratch_create(const struct rule_set *rule_set, struct scratch **out)
{
    *out = NULL;
    struct scratch *scratch = memory_allocate(sizeof *scratch);
    if (!scratch)
        return STATUS_MEMORY;
    enum redress_status status = matcher_scratch_create(rule_set->matcher, &scratch->matcher);
    if (status == STATUS_OK)
        status = context_init(&scratch->context);
    if (status == STATUS_OK)
        status = respelling_init(&scratch->unmixed);
    if (status == STATUS_OK)
        status = respelling_init(&scratch->respelt);
    if (status != STATUS_OK) {
        redress_scratch_free(scratch);
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
    context_destroy(&scratch->context);
    respelling_destroy(&scratch->unmixed);
    respelling_destroy(&scratch->respelt);
    memory_free(scratch);
}

/* Whether `left` stands before `right`: what says most, then by rule, then by place. */
static bool comes_first(const struct rule_gift *gifts, const struct verdict_hit *left,
                        const struct verdict_hit *right)
{
    float left_say = gifts[left->rule_index].say;
    float right_say = gifts[right->rule_index].say;
    if (left_say != right_say)
        return left_say > right_say;
    if (left->rule_index != right->rule_index)
        return left->rule_index < right->rule_index;
    return left->start < right->start;
}

static uint32_t place_of_hit(const struct rule_gift *gifts, const struct scratch *scratch,
                             uint32_t count, const struct verdict_hit *hit)
{
    uint32_t at = count;
    while (at > 0 && comes_first(gifts, hit, &scratch->hits[at - 1]))
        at--;
    return at;
}

/* Keeps the hits that say most, one a rule: the first in the text. */
static void keep_hit(const struct rule_gift *gifts, struct scratch *scratch,
                     struct verdict *verdict, const struct verdict_hit *hit)
{
    uint32_t count = verdict->hits_stored;
    uint32_t at = place_of_hit(gifts, scratch, count, hit);
    if (at > 0 && scratch->hits[at - 1].rule_index == hit->rule_index)
        return;
    if (at < count && scratch->hits[at].rule_index == hit->rule_index) {
        scratch->hits[at] = *hit;
        return;
    }
    verdict->hit_count++;
    verdict->hits_cut |= count == MESSAGE_HITS_MAX;
    if (at == MESSAGE_HITS_MAX)
        return;
    uint32_t moved = count < MESSAGE_HITS_MAX ? count - at : MESSAGE_HITS_MAX - 1 - at;
    memmove(&scratch->hits[at + 1], &scratch->hits[at], moved * sizeof *scratch->hits);
    scratch->hits[at] = *hit;
    verdict->hits_stored += count < MESSAGE_HITS_MAX;
}

static void keep_hits(const struct rule_gift *gifts, struct scratch *scratch,
                      struct verdict *verdict)
{
    const struct context *context = &scratch->context;
    verdict->hits = scratch->hits;
    for (uint32_t index = 0; index < context->evidence_count; index++) {
        const struct evidence *evidence = &context->evidence[index];
        if (evidence->fate == FATE_FIRED || evidence->fate == FATE_FLIPPED)
            keep_hit(gifts, scratch, verdict,
                     &(struct verdict_hit){evidence->rule_index, evidence->start, evidence->end});
    }
}

/* To the matcher each part of a rule is a rule of its own. */
static void keep_undecided(struct scratch *scratch, const struct match_outcome *outcome,
                           uint32_t rule_count)
{
    if (outcome->unsearched)
        return;
    for (uint32_t index = 0; index < outcome->undecided_count; index++) {
        uint32_t rule = outcome->undecided[index] % rule_count;
        uint32_t at = 0;
        while (at < scratch->undecided_count && scratch->undecided[at] != rule)
            at++;
        if (at == UNDECIDED_RULES_MAX)
            return;
        scratch->undecided[at] = rule;
        scratch->undecided_count += at == scratch->undecided_count;
    }
}

/* Matches the text and weighs what is found; one with drawn-out letters is read in both ways. */
static enum redress_status match_text(const struct rule_set *rule_set, struct scratch *scratch,
                                      struct slice text, uint32_t languages)
{
    const struct view *view = matcher_view(scratch->matcher);
    uint32_t rule_count = rule_set->pack.rule_count;
    struct match_outcome outcome = {0};
    enum redress_status status =
        matcher_match(rule_set->matcher, scratch->matcher, text, languages, &outcome);
    keep_undecided(scratch, &outcome, rule_count);
    context_weigh(&scratch->context, &rule_set->pack, view, &outcome);
    if (status != STATUS_OK || !view->stretched)
        return status;
    status = matcher_match_stretched(rule_set->matcher, scratch->matcher, languages, &outcome);
    keep_undecided(scratch, &outcome, rule_count);
    context_weigh(&scratch->context, &rule_set->pack, view, &outcome);
    return status;
}

/* Of the sentences that complain. */
static void read_values(const struct rule_set *rule_set, struct scratch *scratch,
                        enum language language, struct verdict *verdict)
{
    struct context *context = &scratch->context;
    const struct grammar *grammar = rule_set->pack.grammars[language];
    uint32_t last = UINT32_MAX;
    for (uint32_t index = 0; grammar && index < context->evidence_count; index++) {
        const struct evidence *evidence = &context->evidence[index];
        const struct rule_gift *gift = &rule_set->gifts[evidence->rule_index];
        bool complains = evidence->fate == FATE_FIRED && (gift->complaint > 0 || gift->traits);
        if (!complains || evidence->sentence == last)
            continue;
        last = evidence->sentence;
        values_read(grammar, &context->reading, last, &verdict->values);
    }
}

enum redress_status classify_find_evidence(const struct rule_set *rule_set, struct scratch *scratch,
                                           const struct classify_reading *reading)
{
    context_begin(&scratch->context, rule_set->pack.lexicons[reading->language]);
    scratch->undecided_count = 0;
    enum redress_status status = match_text(rule_set, scratch, reading->text, reading->languages);
    context_finish(&scratch->context, rule_set->gifts);
    return status;
}

struct slice classify_unmix(struct scratch *scratch, struct slice text)
{
    scratch->is_unmixed = text.size <= MESSAGE_TEXT_BYTES_MAX && unmix_is_needed(text);
    if (!scratch->is_unmixed)
        return text;
    unmix(text, &scratch->unmixed);
    return scratch->unmixed.copy;
}

struct slice classify_respell(const struct rule_set *rule_set, struct scratch *scratch,
                              enum language language, struct slice text, bool *whole)
{
    const struct respell_words *words = rule_set->words[language];
    bool possible = words && text.size <= MESSAGE_TEXT_BYTES_MAX;
    scratch->is_typed = possible && language_is_typed(language, text);
    scratch->is_respelt = scratch->is_typed || (possible && drawn_is_needed(text));
    *whole = true;
    if (scratch->is_typed)
        *whole = respell(words, text, &scratch->respelt);
    else if (scratch->is_respelt)
        drawn_shorten(words, text, &scratch->respelt);
    return scratch->is_respelt ? scratch->respelt.copy : text;
}

void classify_place(const struct scratch *scratch, uint32_t *start, uint32_t *end)
{
    if (scratch->is_respelt)
        respelling_span(&scratch->respelt, start, end);
    if (scratch->is_unmixed)
        respelling_span(&scratch->unmixed, start, end);
}

/* Evidence is told by its place in the message, whatever was matched. */
static void place_evidence(struct scratch *scratch)
{
    struct evidence *evidence = scratch->context.evidence;
    bool moved = scratch->is_unmixed || scratch->is_respelt;
    for (uint32_t index = 0; moved && index < scratch->context.evidence_count; index++)
        classify_place(scratch, &evidence[index].start, &evidence[index].end);
}

struct verdict classify_begin(const struct rule_set *rule_set, struct scratch *scratch,
                              const struct classify_input *input, struct classify_reading *reading)
{
    struct slice text = classify_unmix(scratch, input->text);
    struct language_heard heard;
    enum language language =
        language_choose(rule_set->languages, text, input->language_hint, &heard);
    bool known = redress_rule_set_has_language(rule_set, language);
    *reading = (struct classify_reading){
        .language = language,
        .languages = known ? 1u << language : RULE_GUARD_LANGUAGE,
    };
    reading->text = classify_respell(rule_set, scratch, language, text, &reading->whole);
    heard.head &= !scratch->is_respelt; /* what was heard is of another text */
    reading->second = mixed_second(rule_set, scratch, reading->text, language, &heard);
    if (reading->second != LANGUAGE_UNKNOWN)
        reading->languages |= 1u << reading->second;
    return (struct verdict){
        .language = language,
        .undecided = !known || !reading->whole,
        .truncated = input->truncated,
        .channel = channel_names_find(&rule_set->pack.channels, input->channel),
        .rule_set_hash = rule_set->hash,
    };
}

void classify_conclude(const struct rule_set *rule_set, struct scratch *scratch,
                       struct verdict *verdict)
{
    struct score score = score_context(rule_set->gifts, &scratch->context,
                                       rule_set->pack.tiers.score_min[SEVERITY_MODERATE]);
    keep_hits(rule_set->gifts, scratch, verdict);
    read_values(rule_set, scratch, verdict->language, verdict);
    decide(&rule_set->pack, &score, verdict);
}

enum redress_status redress_classify(const struct rule_set *rule_set, struct scratch *scratch,
                                     const struct classify_input *input, struct verdict *verdict)
{
    struct classify_reading reading;
    *verdict = classify_begin(rule_set, scratch, input, &reading);
    enum redress_status status = classify_find_evidence(rule_set, scratch, &reading);
    if (reading.second != LANGUAGE_UNKNOWN)
        mixed_sort_out(rule_set, scratch, verdict->language, reading.second);
    if (status == STATUS_OK && !reading.whole)
        status = STATUS_UNDECIDED;
    place_evidence(scratch);
    verdict->undecided |= status != STATUS_OK;
    classify_conclude(rule_set, scratch, verdict);
    return status;
}

bool redress_decide_again(const struct rule_set *rule_set, const struct recurrence *recurrence,
                          struct verdict *verdict)
{
    return decide_again(&rule_set->pack, recurrence, verdict);
}

uint32_t redress_undecided_rules(const struct scratch *scratch, const uint32_t **rules)
{
    *rules = scratch->undecided;
    return scratch->undecided_count;
}

bool redress_repair_utf8(const char *bytes, size_t size, char *out, size_t out_max,
                         size_t *out_size)
{
    struct utf8_repair repair = utf8_repair(bytes, size, out, out_max);
    *out_size = repair.size;
    return repair.replaced;
}
