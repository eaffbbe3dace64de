/**
 * Entries that say nothing new: written twice in a rule, or always covered by its others; and rules
 * that match the same as another.
 *
 * Method: an entry is covered where of every text that can be made from it (pattern_sample.h) the
 * rule fires without the entry just as it does with it. What stands in a text for any letter means
 * nothing in any language, so that only what holds in general holds there.
 */
#include "workbench/lint.h"

#include "workbench/pattern_sample.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MAX = 256 /* an entry with more texts is left alone */ };

/* A text of an entry between words that mean nothing, so that what is true of a whole message alone
 * (^ and $) is not true of it. */
#define BEFORE "qzq "
#define BEHIND " qzq"

struct embedded {
    char bytes[LINT_TEXT_BYTES];
    struct pattern_sample sample;
};

static bool embed_first(struct embedded *text, const struct pattern *pattern)
{
    size_t frame = strlen(BEFORE) + strlen(BEHIND);
    memcpy(text->bytes, BEFORE, strlen(BEFORE));
    return pattern_sample_first(&text->sample, pattern, text->bytes + strlen(BEFORE),
                                (uint32_t)(sizeof text->bytes - frame));
}

static struct slice embedded_text(struct embedded *text)
{
    size_t end = strlen(BEFORE) + text->sample.size;
    memcpy(text->bytes + end, BEHIND, strlen(BEHIND));
    return (struct slice){text->bytes, (uint32_t)(end + strlen(BEHIND))};
}

static bool same_text(const struct rule_pattern *left, const struct rule_pattern *right)
{
    return left->size == right->size && memcmp(left->text, right->text, left->size) == 0;
}

static const struct rule_pattern *find_twin(const struct rule *rule,
                                            const struct rule_pattern *pattern)
{
    for (const struct rule_pattern *other = rule->patterns; other < pattern; other++)
        if (other->part == pattern->part && same_text(other, pattern))
            return other;
    return NULL;
}

static void report_twin(struct lint *lint, const struct rule_entry *entry,
                        const struct rule_pattern *twin)
{
    char name[LINT_NAME_BYTES];
    lint_add(lint->errors, entry, 0, "%s stands in this rule already, on line %u: remove it",
             lint_name(entry, name), twin->place.line);
}

/* Where an entry of the same rule and part has a hit, too; of parts that are compared by place the
 * same one. ENTRY_PROBE_NONE where there is none. */
static uint32_t find_other(const struct entry_probe *probe, uint32_t entry, bool same_place)
{
    const struct rule_entry *wanted = &probe->entries[entry];
    const struct match_hit *hits = probe->readings[0].hits;
    uint32_t count = probe->readings[0].hit_count;
    const struct match_hit *own = NULL;
    for (uint32_t index = 0; index < count && !own; index++)
        own = hits[index].rule_index == entry ? &hits[index] : NULL;
    for (uint32_t index = 0; own && index < count; index++) {
        const struct rule_entry *other = &probe->entries[hits[index].rule_index];
        if (hits[index].rule_index != entry && !probe->dropped[hits[index].rule_index] &&
            other->rule_index == wanted->rule_index &&
            other->pattern->part == wanted->pattern->part &&
            (!same_place ||
             (hits[index].view_start == own->view_start && hits[index].view_end == own->view_end)))
            return hits[index].rule_index;
    }
    return ENTRY_PROBE_NONE;
}

/* The other entry that stands in for this one in the text; ENTRY_PROBE_NONE without one. */
static uint32_t covered_by(struct lint *lint, uint32_t entry, struct slice text)
{
    struct entry_probe *probe = &lint->probe;
    const struct rule_entry *source = &probe->entries[entry];
    const struct rule *rule = &lint->rule_set->pack.rules[source->rule_index];
    bool steps = (rule->traits & RULE_STANCE_TRAITS) && rule->stance == STANCE_FIND;
    bool same_place = steps || source->pattern->part > RULE_PART_NOT;
    if (!entry_probe_match(probe, text, rule->languages) || !entry_probe_has(probe, entry))
        return ENTRY_PROBE_NONE;
    uint32_t other = find_other(probe, entry, same_place);
    if (other == ENTRY_PROBE_NONE || source->pattern->part != RULE_PART_MATCH)
        return other;
    entry_probe_weigh(probe, ENTRY_PROBE_NONE);
    enum fate with = entry_probe_fate(probe, source->rule_index);
    entry_probe_weigh(probe, entry);
    enum fate without = entry_probe_fate(probe, source->rule_index);
    return with == without && with <= FATE_FLIPPED ? other : ENTRY_PROBE_NONE;
}

/* The entry that covers it in the first of its texts, where all of them are covered. */
static uint32_t always_covered_by(struct lint *lint, uint32_t entry, const struct pattern *pattern)
{
    struct embedded text;
    uint32_t first = ENTRY_PROBE_NONE;
    uint32_t count = 0;
    for (bool more = embed_first(&text, pattern); more; more = pattern_sample_next(&text.sample)) {
        uint32_t other = covered_by(lint, entry, embedded_text(&text));
        if (other == ENTRY_PROBE_NONE || ++count > SAMPLES_MAX)
            return ENTRY_PROBE_NONE;
        first = count == 1 ? other : first;
    }
    return text.sample.refused ? ENTRY_PROBE_NONE : first;
}

/* The fate of the rule in every text of the entry, where that never is to count; else FATE_FIRED.
 */
static enum fate never_counts(struct lint *lint, uint32_t entry, const struct pattern *pattern)
{
    struct embedded text;
    struct entry_probe *probe = &lint->probe;
    uint32_t rule_index = probe->entries[entry].rule_index;
    enum fate fate = FATE_FIRED;
    uint32_t count = 0;
    for (bool more = embed_first(&text, pattern); more; more = pattern_sample_next(&text.sample)) {
        if (++count > SAMPLES_MAX ||
            !entry_probe_match(probe, embedded_text(&text),
                               lint->rule_set->pack.rules[rule_index].languages) ||
            !entry_probe_has(probe, entry))
            return FATE_FIRED;
        entry_probe_weigh(probe, ENTRY_PROBE_NONE);
        fate = entry_probe_fate(probe, rule_index);
        if (fate <= FATE_FLIPPED)
            return FATE_FIRED;
    }
    return text.sample.refused ? FATE_FIRED : fate;
}

static void check_dead(struct lint *lint, uint32_t index, const struct pattern *pattern)
{
    const struct rule_entry *entry = &lint->probe.entries[index];
    enum fate fate = FATE_FIRED;
    char name[LINT_NAME_BYTES];
    if (entry->pattern->part == RULE_PART_MATCH)
        fate = never_counts(lint, index, pattern);
    if (fate != FATE_FIRED && fate != FATE_COUNT)
        lint_add(lint->errors, entry, 0,
                 "%s can never count: what it finds is always %s, by the rule's own words",
                 lint_name(entry, name), fate_name(fate));
}

static void check_entry(struct lint *lint, uint32_t index)
{
    const struct rule_entry *entry = &lint->probe.entries[index];
    const struct rule *rule = &lint->rule_set->pack.rules[entry->rule_index];
    const struct rule_pattern *twin = find_twin(rule, entry->pattern);
    struct pattern pattern;
    struct pattern_error error;
    if (twin) {
        report_twin(lint, entry, twin);
        lint->probe.dropped[index] = true;
        return;
    }
    if (pattern_parse(entry->pattern->text, entry->pattern->size, rule->original, &pattern,
                      &error) != STATUS_OK)
        return;
    check_dead(lint, index, &pattern);
    uint32_t other = always_covered_by(lint, index, &pattern);
    pattern_free(&pattern);
    if (other == ENTRY_PROBE_NONE)
        return;
    char name[LINT_NAME_BYTES];
    char other_name[LINT_NAME_BYTES];
    const struct rule_entry *covering = &lint->probe.entries[other];
    lint->probe.dropped[index] = true; /* of two that cover each other one must stay */
    lint_add(lint->warnings, entry, 0, "%s finds nothing that %s (line %u) does not: remove it",
             lint_name(entry, name), lint_name(covering, other_name),
             covering->pattern->place.line);
}

/* What a rule matches, as one number. */
struct rule_matching {
    uint64_t hash;
    uint32_t rule_index;
};

static struct rule_matching matching_of(const struct rule_pack *pack, uint32_t rule_index)
{
    const struct rule *rule = &pack->rules[rule_index];
    uint64_t sum = rule->languages + 64u * rule->negation + 256u * rule->near_words +
                   65536u * rule->near_ordered;
    for (uint32_t index = 0; index < rule->pattern_count; index++)
        sum += XXH3_64bits_withSeed(rule->patterns[index].text, rule->patterns[index].size,
                                    rule->patterns[index].part);
    return (struct rule_matching){sum, rule_index};
}

static int compare_matchings(const void *left, const void *right)
{
    const struct rule_matching *a = left;
    const struct rule_matching *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->rule_index < b->rule_index ? -1 : a->rule_index > b->rule_index;
}

static enum redress_status check_rules(struct lint *lint)
{
    const struct rule_pack *pack = &lint->rule_set->pack;
    struct rule_matching *rules = memory_allocate_array(pack->rule_count + 1, sizeof *rules);
    if (!rules)
        return STATUS_MEMORY;
    for (uint32_t index = 0; index < pack->rule_count; index++)
        rules[index] = matching_of(pack, index);
    qsort(rules, pack->rule_count, sizeof *rules, compare_matchings);
    for (uint32_t index = 1; index < pack->rule_count; index++) {
        const struct rule *rule = &pack->rules[rules[index].rule_index];
        if (rules[index].hash == rules[index - 1].hash)
            error_list_add(lint->warnings, STATUS_INVALID, rule->place.file, rule->place.line,
                           rule->place.column, "%.80s matches the same as %.80s: make one of them",
                           rule->id, pack->rules[rules[index - 1].rule_index].id);
    }
    memory_free(rules);
    return STATUS_OK;
}

enum redress_status lint_check_cover(struct lint *lint)
{
    for (uint32_t index = lint->probe.entry_count; index > 0; index--)
        check_entry(lint, index - 1);
    memset(lint->probe.dropped, 0, lint->probe.entry_count * sizeof *lint->probe.dropped);
    return check_rules(lint);
}
