#include "workbench/mutation_choices.h"

#include "base/memory.h"

static enum redress_status parse(const struct entry_probe *probe, uint32_t entry,
                                 struct pattern *out)
{
    const struct rule_entry *source = &probe->entries[entry];
    struct pattern_error error;
    return pattern_parse(source->pattern->text, source->pattern->size,
                         probe->rule_set->pack.rules[source->rule_index].original, out, &error);
}

/* With `items` NULL they are only counted. */
static uint32_t list_alternatives(const struct pattern *pattern, struct choice_alternative *items)
{
    uint32_t count = 0;
    for (uint32_t node = 1; node < pattern->node_count; node++) {
        uint32_t first = pattern->nodes[node].first;
        if (pattern->nodes[node].kind != PATTERN_CHOICE || !first || !pattern->nodes[first].next)
            continue;
        for (uint32_t child = pattern->nodes[node].first; child;
             child = pattern->nodes[child].next, count++)
            if (items)
                items[count] = (struct choice_alternative){.choice = node, .child = child};
    }
    return count;
}

/* Counts first, so that one block holds them all. */
static enum redress_status list_entries(struct mutation_choices *choices,
                                        const struct entry_probe *probe)
{
    uint32_t count = 0;
    for (uint32_t entry = 0; entry < probe->entry_count; entry++) {
        struct pattern pattern;
        uint32_t room = choices->first[entry];
        enum redress_status status = parse(probe, entry, &pattern);
        if (status == STATUS_MEMORY)
            return status;
        if (choices->items)
            list_alternatives(&pattern, &choices->items[room]);
        else
            choices->first[entry] = count;
        count += list_alternatives(&pattern, NULL);
        pattern_free(&pattern);
    }
    choices->first[probe->entry_count] = choices->count = count;
    return STATUS_OK;
}

enum redress_status mutation_choices_init(struct mutation_choices *choices,
                                          const struct entry_probe *probe)
{
    *choices = (struct mutation_choices){.parsed_entry = UINT32_MAX};
    character_tables_fill(&choices->tables);
    choices->first = memory_allocate_array(probe->entry_count + 1, sizeof *choices->first);
    enum redress_status status = confirm_scratch_init(&choices->confirm);
    if (status == STATUS_OK)
        status = choices->first ? list_entries(choices, probe) : STATUS_MEMORY;
    if (status != STATUS_OK)
        return status;
    choices->items = memory_allocate_array(choices->count + 1, sizeof *choices->items);
    return choices->items ? list_entries(choices, probe) : STATUS_MEMORY;
}

static void forget_parsed(struct mutation_choices *choices)
{
    if (choices->parsed_entry != UINT32_MAX)
        pattern_free(&choices->parsed);
    choices->parsed_entry = UINT32_MAX;
}

static enum redress_status parse_once(struct mutation_choices *choices,
                                      const struct entry_probe *probe, uint32_t entry)
{
    if (choices->parsed_entry == entry)
        return STATUS_OK;
    forget_parsed(choices);
    enum redress_status status = parse(probe, entry, &choices->parsed);
    if (status == STATUS_OK)
        choices->parsed_entry = entry;
    return status;
}

void mutation_choices_free(struct mutation_choices *choices)
{
    forget_parsed(choices);
    for (uint32_t index = 0; choices->items && index < choices->count; index++)
        if (choices->items[index].is_compiled)
            confirm_free(&choices->items[index].without);
    memory_free(choices->items);
    memory_free(choices->first);
    confirm_scratch_destroy(&choices->confirm);
    *choices = (struct mutation_choices){0};
}

bool mutation_choices_live(const struct mutation_choices *choices, uint32_t entry)
{
    for (uint32_t index = choices->first[entry]; index < choices->first[entry + 1]; index++)
        if (!choices->items[index].killed)
            return true;
    return false;
}

/* Where the alternative hangs among its siblings. */
static uint32_t *link_to(struct pattern *pattern, const struct choice_alternative *alternative)
{
    uint32_t *link = &pattern->nodes[alternative->choice].first;
    while (*link != alternative->child)
        link = &pattern->nodes[*link].next;
    return link;
}

static enum redress_status compile(struct mutation_choices *choices,
                                   const struct entry_probe *probe, uint32_t entry,
                                   struct choice_alternative *alternative)
{
    struct pattern_error error;
    enum redress_status status = parse_once(choices, probe, entry);
    if (status != STATUS_OK)
        return status;
    uint32_t *link = link_to(&choices->parsed, alternative);
    *link = choices->parsed.nodes[alternative->child].next;
    status =
        confirm_compile(&choices->parsed, choices->tables.bytes, &alternative->without, &error);
    *link = alternative->child;
    alternative->is_compiled = status == STATUS_OK;
    return status == STATUS_MEMORY ? status : STATUS_OK;
}

static bool matches(struct mutation_choices *choices, const struct confirm_code *code,
                    const struct view *view)
{
    struct confirm_span span;
    const struct confirm_subject subject = {
        .bytes = code->original ? (const uint8_t *)view->text.data : view->bytes,
        .size = code->original ? view->text.size : view->size,
        .last = UINT32_MAX};
    confirm_begin(&choices->confirm, subject.size);
    return confirm_match(code, &choices->confirm, &subject, &span) != CONFIRM_NO;
}

/* True where the entry would find nothing in the whole text any more. */
static bool is_needed(struct mutation_choices *choices, const struct entry_probe *probe,
                      const struct choice_alternative *alternative)
{
    for (uint32_t reading = 0; reading < probe->reading_count; reading++)
        if (matches(choices, &alternative->without, &probe->readings[reading].view))
            return false;
    return true;
}

enum redress_status mutation_choices_note(struct mutation_choices *choices,
                                          const struct entry_probe *probe, uint32_t entry,
                                          bool killed)
{
    for (uint32_t index = choices->first[entry]; index < choices->first[entry + 1]; index++) {
        struct choice_alternative *alternative = &choices->items[index];
        if (alternative->killed || (alternative->hit && !killed))
            continue;
        if (!alternative->is_compiled) {
            enum redress_status status = compile(choices, probe, entry, alternative);
            if (status != STATUS_OK)
                return status;
        }
        if (!alternative->is_compiled || !is_needed(choices, probe, alternative))
            continue;
        alternative->hit = true;
        alternative->killed |= killed;
        if (alternative->killed)
            confirm_free(&alternative->without);
        alternative->is_compiled &= !alternative->killed;
    }
    return STATUS_OK;
}
