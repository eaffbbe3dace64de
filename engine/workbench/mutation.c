#include "workbench/mutation.h"

#include "workbench/rule_case.h"
#include "workbench/rule_parity.h"

#include "base/memory.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *mutant_kind_name(enum mutant_kind kind)
{
    static const char *const names[MUTANT_KIND_COUNT] = {
        "dropped entries", "dropped alternatives", "dropped nots",
        "dropped rules",   "flipped composites",   "dropped composites"};
    return names[kind];
}

double mutant_kind_goal(enum mutant_kind kind)
{
    static const double goals[MUTANT_KIND_COUNT] = {[MUTANT_DROPPED_ENTRY] = 0.9,
                                                    [MUTANT_DROPPED_ALTERNATIVE] = 0.9,
                                                    [MUTANT_FLIPPED_COMPOSITE] = 0.7};
    return goals[kind];
}

/* A text whose verdict as a whole is expected: a case, or a meaning in one language. */
struct expectation {
    const struct rule_case *rule_case; /* or ... */
    const struct parity_meaning *meaning;
    struct classify_input input;
};

static struct slice slice_of(const char *text)
{
    return text ? (struct slice){text, (uint32_t)strlen(text)} : (struct slice){0};
}

static bool holds(const struct expectation *expected, const struct verdict *verdict)
{
    return expected->rule_case ? rule_case_holds(expected->rule_case, verdict)
                               : parity_holds(expected->meaning, verdict);
}

/* The verdict of what was weighed last; `start` is that of classify_begin(). */
static bool concludes_well(struct mutation *mutation, const struct rule_set *rule_set,
                           const struct expectation *expected, const struct verdict *start)
{
    struct verdict verdict = *start;
    classify_conclude(rule_set, mutation->probe.scratch, &verdict);
    if (expected->rule_case && expected->rule_case->has_history)
        redress_decide_again(rule_set, &expected->rule_case->history, &verdict);
    return holds(expected, &verdict);
}

static void try_composites(struct mutation *mutation, const struct expectation *expected,
                           const struct verdict *start)
{
    struct rule_set changed = *mutation->rule_set;
    for (uint32_t index = 0; index < mutation->mutant_count; index++) {
        struct composite_mutant *mutant = &mutation->mutants[index];
        if (mutant->killed)
            continue;
        changed.pack.composites = mutant->composites;
        mutant->killed = !concludes_well(mutation, &changed, expected, start);
    }
}

static void note_fired(struct mutation *mutation)
{
    const struct context *context = &mutation->probe.scratch->context;
    for (uint32_t index = 0; index < context->evidence_count; index++)
        if (context->evidence[index].fate <= FATE_FLIPPED)
            mutation->rule_hit[context->evidence[index].rule_index] = true;
}

/* True where a text may yet show that the entry, or an alternative of it, would be missed. */
static bool is_open(const struct mutation *mutation, uint32_t entry)
{
    return !mutation->killed[entry] || mutation_choices_live(&mutation->choices, entry);
}

/* Whether the text that was matched last would be judged otherwise without the entry. */
static void note_missed(struct mutation *mutation, uint32_t entry, bool missed)
{
    mutation->killed[entry] |= missed;
    mutation->no_memory |=
        mutation_choices_note(&mutation->choices, &mutation->probe, entry, missed) == STATUS_MEMORY;
}

static void run_expectation(struct mutation *mutation, const struct expectation *expected,
                            bool mutants)
{
    struct entry_probe *probe = &mutation->probe;
    struct verdict start = entry_probe_read(probe, &expected->input);
    entry_probe_weigh(probe, ENTRY_PROBE_NONE);
    note_fired(mutation);
    for (uint32_t index = 0; index < probe->touched_count; index++)
        mutation->hit[probe->touched[index]] = true;
    if (!mutants || !concludes_well(mutation, mutation->rule_set, expected, &start))
        return;
    try_composites(mutation, expected, &start);
    for (uint32_t index = 0; index < probe->touched_count; index++) {
        uint32_t entry = probe->touched[index];
        if (!is_open(mutation, entry))
            continue;
        entry_probe_weigh(probe, entry);
        note_missed(mutation, entry,
                    !concludes_well(mutation, mutation->rule_set, expected, &start));
    }
}

static void run_example(struct mutation *mutation, uint32_t rule_index,
                        const struct rule_example *example, bool mutants)
{
    struct entry_probe *probe = &mutation->probe;
    (void)entry_probe_match(probe, (struct slice){example->text, example->size},
                            mutation->rule_set->pack.rules[rule_index].languages);
    entry_probe_weigh(probe, ENTRY_PROBE_NONE);
    bool fires = entry_probe_fate(probe, rule_index) == FATE_FIRED;
    mutation->rule_hit[rule_index] |= fires;
    mutation->rule_killed[rule_index] |= fires && example->must_match;
    for (uint32_t index = 0; index < probe->touched_count; index++) {
        uint32_t entry = probe->touched[index];
        if (probe->entries[entry].rule_index != rule_index)
            continue;
        mutation->hit[entry] = true;
        if (!mutants || !is_open(mutation, entry) || fires != example->must_match)
            continue;
        entry_probe_weigh(probe, entry);
        note_missed(mutation, entry,
                    (entry_probe_fate(probe, rule_index) == FATE_FIRED) != example->must_match);
    }
}

static void run_examples(struct mutation *mutation, bool mutants)
{
    const struct rule_pack *pack = &mutation->rule_set->pack;
    for (uint32_t index = 0; index < pack->rule_count; index++)
        for (uint32_t at = 0; at < pack->rules[index].example_count; at++)
            run_example(mutation, index, &pack->rules[index].examples[at], mutants);
}

/* language_choose() reads behind the text: it must be padded. */
static void run_padded(struct mutation *mutation, struct expectation *expected, const char *text,
                       char *padded, bool mutants)
{
    size_t size = strlen(text);
    if (size > MESSAGE_TEXT_BYTES_MAX)
        return;
    memcpy(padded, text, size);
    memset(padded + size, 0, MESSAGE_PADDING_BYTES);
    expected->input.text = (struct slice){padded, (uint32_t)size};
    run_expectation(mutation, expected, mutants);
}

static enum redress_status run_cases(struct mutation *mutation, const char *folder, char *padded,
                                     struct error_list *errors, bool mutants)
{
    struct rule_case *list = NULL;
    enum redress_status status = rule_cases_read(folder, &mutation->arena, errors, &list);
    for (; status == STATUS_OK && list; list = list->next) {
        struct expectation expected = {.rule_case = list,
                                       .input = {.language_hint = slice_of(list->language_hint),
                                                 .channel = slice_of(list->channel)}};
        run_padded(mutation, &expected, list->text, padded, mutants);
    }
    return status;
}

static enum redress_status run_meanings(struct mutation *mutation, const char *folder, char *padded,
                                        struct error_list *errors, bool mutants)
{
    char path[PATH_MAX];
    struct parity parity = {0};
    snprintf(path, sizeof path, "%s/cases/parallel.yaml", folder);
    if (access(path, R_OK) != 0)
        return STATUS_OK;
    enum redress_status status = parity_run(mutation->rule_set, path, errors, &parity);
    for (const struct parity_meaning *meaning = parity.meanings; status == STATUS_OK && meaning;
         meaning = meaning->next)
        for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
            struct expectation expected = {
                .meaning = meaning,
                .input = {.language_hint =
                              slice_of(redress_language_name((enum language)language))}};
            run_padded(mutation, &expected, meaning->texts[language], padded, mutants);
        }
    parity_free(&parity);
    return status == STATUS_INVALID ? STATUS_OK : status;
}

static void count_alternatives(struct mutation *mutation)
{
    struct mutant_count *kind = &mutation->counts[MUTANT_DROPPED_ALTERNATIVE];
    kind->made = mutation->choices.count;
    mutation->alternatives_hit = 0;
    for (uint32_t index = 0; index < mutation->choices.count; index++) {
        kind->killed += mutation->choices.items[index].killed;
        mutation->alternatives_hit += mutation->choices.items[index].hit;
    }
}

static void count(struct mutation *mutation)
{
    const struct rule_pack *pack = &mutation->rule_set->pack;
    memset(mutation->counts, 0, sizeof mutation->counts);
    mutation->entries_hit = mutation->rules_hit = 0;
    for (uint32_t index = 0; index < mutation->probe.entry_count; index++) {
        unsigned part = mutation->probe.entries[index].pattern->part;
        bool taking = rule_part_takes_back(part);
        struct mutant_count *kind =
            &mutation->counts[taking ? MUTANT_DROPPED_NOT : MUTANT_DROPPED_ENTRY];
        kind->made++;
        kind->killed += mutation->killed[index];
        mutation->entries_hit += mutation->hit[index];
    }
    mutation->counts[MUTANT_DROPPED_RULE].made = pack->rule_count;
    count_alternatives(mutation);
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        mutation->rules_hit += mutation->rule_hit[index];
        mutation->counts[MUTANT_DROPPED_RULE].killed += mutation->rule_killed[index];
    }
    for (uint32_t index = 0; index < mutation->mutant_count; index++) {
        bool dropped = mutation->mutants[index].step == UINT32_MAX;
        struct mutant_count *kind =
            &mutation->counts[dropped ? MUTANT_DROPPED_COMPOSITE : MUTANT_FLIPPED_COMPOSITE];
        kind->made++;
        kind->killed += mutation->mutants[index].killed;
    }
}

static enum redress_status run(struct mutation *mutation, const char *folder, bool mutants)
{
    enum redress_status status = STATUS_MEMORY;
    char *padded = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES);
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (padded && errors) {
        run_examples(mutation, mutants);
        status = run_cases(mutation, folder, padded, errors, mutants);
        if (status == STATUS_OK)
            status = run_meanings(mutation, folder, padded, errors, mutants);
        count(mutation);
    }
    memory_free(padded);
    memory_free(errors);
    return status;
}

enum redress_status mutation_run(struct mutation *mutation, const struct rule_set *rule_set,
                                 const char *folder, bool mutants)
{
    *mutation = (struct mutation){.rule_set = rule_set};
    enum redress_status status = entry_probe_init(&mutation->probe, rule_set);
    if (status != STATUS_OK)
        return status;
    uint32_t entries = mutation->probe.entry_count;
    mutation->hit = memory_allocate_array(entries + 1, sizeof *mutation->hit);
    mutation->killed = memory_allocate_array(entries + 1, sizeof *mutation->killed);
    mutation->rule_hit =
        memory_allocate_array(rule_set->pack.rule_count + 1, sizeof *mutation->rule_hit);
    mutation->rule_killed =
        memory_allocate_array(rule_set->pack.rule_count + 1, sizeof *mutation->rule_killed);
    if (!mutation->hit || !mutation->killed || !mutation->rule_hit || !mutation->rule_killed)
        return STATUS_MEMORY;
    if (mutants)
        status = mutation_make_composites(mutation);
    if (mutants && status == STATUS_OK)
        status = mutation_choices_init(&mutation->choices, &mutation->probe);
    if (status == STATUS_OK)
        status = run(mutation, folder, mutants);
    return mutation->no_memory ? STATUS_MEMORY : status;
}

struct witness_run {
    struct mutation *mutation;
    bool mutants;
};

/* Without its entry a text that holds comes out otherwise: that is what was judged. */
static void note_witness(void *target, uint32_t entry, bool holds)
{
    const struct witness_run *run = target;
    const struct rule_entry *source = &run->mutation->probe.entries[entry];
    bool taking = rule_part_takes_back(source->pattern->part);
    if (!holds)
        return;
    run->mutation->hit[entry] = true;
    run->mutation->rule_hit[source->rule_index] |= !taking;
    run->mutation->rule_killed[source->rule_index] |= !taking;
    if (run->mutants && is_open(run->mutation, entry))
        note_missed(run->mutation, entry, true);
}

enum redress_status mutation_run_witnesses(struct mutation *mutation, const char *folder,
                                           bool mutants, struct error_list *errors,
                                           struct witness_counts *counts)
{
    struct witness_book book = {0};
    struct witness_judge judge = {0};
    struct witness_run run = {mutation, mutants};
    const struct witness_visitor visitor = {note_witness, &run};
    enum redress_status status = witness_book_init(&book, &mutation->probe, folder);
    if (status == STATUS_OK)
        status = witness_judge_init(&judge, &mutation->probe);
    if (status == STATUS_OK)
        status = witness_book_read(&book, errors);
    if (status == STATUS_OK) {
        witness_check(&book, &judge, &visitor, errors, counts);
        count(mutation);
    }
    witness_judge_free(&judge);
    witness_book_free(&book);
    return mutation->no_memory ? STATUS_MEMORY : status;
}

void mutation_free(struct mutation *mutation)
{
    mutation_choices_free(&mutation->choices);
    entry_probe_free(&mutation->probe);
    memory_free(mutation->hit);
    memory_free(mutation->killed);
    memory_free(mutation->rule_hit);
    memory_free(mutation->rule_killed);
    arena_free(&mutation->arena);
    *mutation = (struct mutation){0};
}
