#include "workbench/entry_probe.h"

#include "base/memory.h"
#include "classify/mixed.h"

#include <string.h>

static enum redress_status make_matcher(struct entry_probe *probe)
{
    const struct rule_pack *pack = &probe->rule_set->pack;
    struct matcher_pattern *patterns =
        memory_allocate_array(probe->entry_count + 1, sizeof *patterns);
    struct error_list *errors = memory_allocate(sizeof *errors);
    enum redress_status status = STATUS_MEMORY;
    if (patterns && errors) {
        for (uint32_t index = 0; index < probe->entry_count; index++) {
            patterns[index] = rule_entry_pattern(pack, &probe->entries[index]);
            patterns[index].rule_index = index;
        }
        status = matcher_create(patterns, probe->entry_count, probe->entry_count, errors,
                                &probe->matcher);
    }
    memory_free(patterns);
    memory_free(errors);
    /* The rule set has compiled the same patterns. */
    return status == STATUS_OK ? STATUS_OK : STATUS_MEMORY;
}

static enum redress_status make_scratch(struct entry_probe *probe)
{
    struct rule_set with_ours = *probe->rule_set; /* a scratch belongs to a matcher */
    with_ours.matcher = probe->matcher;
    probe->touched = memory_allocate_array(MATCH_HITS_MAX, sizeof *probe->touched);
    probe->kept.items = memory_allocate_array(MATCH_HITS_MAX, sizeof *probe->kept.items);
    probe->text = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES);
    probe->dropped = memory_allocate_array(probe->entry_count + 1, sizeof *probe->dropped);
    if (!probe->dropped || !probe->touched || !probe->kept.items || !probe->text ||
        redress_scratch_create(&with_ours, &probe->scratch) != STATUS_OK)
        return STATUS_MEMORY;
    for (unsigned index = 0; index < ENTRY_PROBE_READINGS; index++) {
        struct probe_reading *reading = &probe->readings[index];
        reading->hits = memory_allocate_array(MATCH_HITS_MAX, sizeof *reading->hits);
        if (!reading->hits || view_init(&reading->view, MESSAGE_TEXT_BYTES_MAX) != STATUS_OK)
            return STATUS_MEMORY;
    }
    return STATUS_OK;
}

enum redress_status entry_probe_init(struct entry_probe *probe, const struct rule_set *rule_set)
{
    *probe = (struct entry_probe){.rule_set = rule_set,
                                  .entry_count = rule_pack_entry_count(&rule_set->pack)};
    probe->entries = memory_allocate_array(probe->entry_count + 1, sizeof *probe->entries);
    if (!probe->entries)
        return STATUS_MEMORY;
    rule_pack_list_entries(&rule_set->pack, probe->entries);
    enum redress_status status = make_matcher(probe);
    return status == STATUS_OK ? make_scratch(probe) : status;
}

void entry_probe_free(struct entry_probe *probe)
{
    for (unsigned index = 0; index < ENTRY_PROBE_READINGS; index++) {
        memory_free(probe->readings[index].hits);
        view_destroy(&probe->readings[index].view);
    }
    redress_scratch_free(probe->scratch);
    matcher_free(probe->matcher);
    memory_free(probe->entries);
    memory_free(probe->touched);
    memory_free(probe->dropped);
    memory_free(probe->kept.items);
    memory_free(probe->text);
    *probe = (struct entry_probe){0};
}

static void keep_reading(struct entry_probe *probe, const struct match_outcome *outcome,
                         enum view_stretch stretch)
{
    struct probe_reading *reading = &probe->readings[probe->reading_count++];
    view_fold(&reading->view, (struct slice){probe->text, probe->text_size});
    if (stretch == VIEW_STRETCH_TWO)
        view_stretch(&reading->view, stretch);
    memcpy(reading->hits, outcome->hits, outcome->hit_count * sizeof *reading->hits);
    reading->hit_count = outcome->hit_count;
}

/* Both lists of hits rise by entry: they are merged. */
static void find_touched(struct entry_probe *probe)
{
    uint32_t at[ENTRY_PROBE_READINGS] = {0};
    for (;;) {
        uint32_t next = UINT32_MAX;
        for (uint32_t index = 0; index < probe->reading_count; index++) {
            const struct probe_reading *reading = &probe->readings[index];
            if (at[index] < reading->hit_count && reading->hits[at[index]].rule_index < next)
                next = reading->hits[at[index]].rule_index;
        }
        if (next == UINT32_MAX || probe->touched_count == MATCH_HITS_MAX)
            return;
        probe->touched[probe->touched_count++] = next;
        for (uint32_t index = 0; index < probe->reading_count; index++)
            while (at[index] < probe->readings[index].hit_count &&
                   probe->readings[index].hits[at[index]].rule_index == next)
                at[index]++;
    }
}

bool entry_probe_match(struct entry_probe *probe, struct slice text, uint32_t languages)
{
    struct match_outcome outcome;
    probe->reading_count = probe->touched_count = 0;
    probe->main = probe->second = LANGUAGE_UNKNOWN;
    if (text.size > MESSAGE_TEXT_BYTES_MAX)
        return false;
    memcpy(probe->text, text.data, text.size);
    memset(probe->text + text.size, 0, MESSAGE_PADDING_BYTES);
    probe->text_size = text.size;
    enum redress_status status =
        matcher_match(probe->matcher, probe->scratch->matcher,
                      (struct slice){probe->text, text.size}, languages, &outcome);
    keep_reading(probe, &outcome, VIEW_STRETCH_ONE);
    if (status == STATUS_OK && probe->readings[0].view.stretched) {
        status =
            matcher_match_stretched(probe->matcher, probe->scratch->matcher, languages, &outcome);
        keep_reading(probe, &outcome, VIEW_STRETCH_TWO);
    }
    find_touched(probe);
    return status == STATUS_OK;
}

struct verdict entry_probe_read(struct entry_probe *probe, const struct classify_input *input)
{
    struct classify_reading reading;
    struct verdict start = classify_begin(probe->rule_set, probe->scratch, input, &reading);
    start.undecided |= !entry_probe_match(probe, reading.text, reading.languages);
    probe->main = start.language;
    probe->second = reading.second;
    return start;
}

bool entry_probe_has(const struct entry_probe *probe, uint32_t entry)
{
    uint32_t low = 0;
    uint32_t high = probe->touched_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (probe->touched[middle] < entry)
            low = middle + 1;
        else
            high = middle;
    }
    return low < probe->touched_count && probe->touched[low] == entry;
}

static uint32_t matcher_rule_of(const struct entry_probe *probe, uint32_t entry)
{
    const struct rule_entry *source = &probe->entries[entry];
    return source->pattern->part * probe->rule_set->pack.rule_count + source->rule_index;
}

/* The hits as the engine would have them: by part and rule, each place once. */
static void keep_hits(struct entry_probe *probe, const struct probe_reading *reading,
                      uint32_t without)
{
    uint32_t rule = UINT32_MAX;
    probe->kept.count = 0;
    for (uint32_t index = 0; index < reading->hit_count; index++) {
        struct match_hit hit = reading->hits[index];
        if (hit.rule_index == without || probe->dropped[hit.rule_index])
            continue;
        hit.rule_index = matcher_rule_of(probe, hit.rule_index);
        if (hit.rule_index != rule) {
            if (rule != UINT32_MAX)
                (void)match_hits_end_rule(&probe->kept);
            rule = hit.rule_index;
            match_hits_begin_rule(&probe->kept);
        }
        match_hits_add(&probe->kept, &hit);
    }
    if (rule != UINT32_MAX)
        (void)match_hits_end_rule(&probe->kept);
}

void entry_probe_weigh(struct entry_probe *probe, uint32_t without)
{
    context_begin(&probe->scratch->context, probe->rule_set->pack.lexicons[probe->main]);
    for (uint32_t index = 0; index < probe->reading_count; index++) {
        keep_hits(probe, &probe->readings[index], without);
        const struct match_outcome outcome = {.hits = probe->kept.items,
                                              .hit_count = probe->kept.count};
        context_weigh(&probe->scratch->context, &probe->rule_set->pack,
                      &probe->readings[index].view, &outcome);
    }
    context_finish(&probe->scratch->context, probe->rule_set->gifts);
    if (probe->second != LANGUAGE_UNKNOWN)
        mixed_sort_out(probe->rule_set, probe->scratch, probe->main, probe->second);
}

enum fate entry_probe_fate(const struct entry_probe *probe, uint32_t rule_index)
{
    return context_fate(&probe->scratch->context, rule_index);
}
