#include "cli/rules_test.h"

#include "workbench/rule_test.h"
#include "cli/rules_report.h"
#include "workbench/junit.h"
#include "workbench/mutation.h"

#include <stdio.h>

static double percent(uint32_t part, uint32_t whole)
{
    return whole ? 100.0 * part / whole : 0;
}

static void print_coverage(const struct mutation *mutation)
{
    uint32_t rules = mutation->rule_set->pack.rule_count;
    uint32_t entries = mutation->probe.entry_count;
    printf("%u of %u rules fire (%.1f %%), %u of %u entries are hit (%.1f %%)\n",
           mutation->rules_hit, rules, percent(mutation->rules_hit, rules), mutation->entries_hit,
           entries, percent(mutation->entries_hit, entries));
}

static void print_counts(const struct mutation *mutation)
{
    printf("%-20s %6s %6s %7s  %s\n", "mutants", "made", "killed", "share", "goal");
    for (unsigned kind = 0; kind < MUTANT_KIND_COUNT; kind++) {
        const struct mutant_count *count = &mutation->counts[kind];
        double goal = 100 * mutant_kind_goal((enum mutant_kind)kind);
        printf("%-20s %6u %6u %5.1f %%", mutant_kind_name((enum mutant_kind)kind), count->made,
               count->killed, percent(count->killed, count->made));
        if (goal > 0 && count->made > 0)
            printf("  %.0f %%, %s", goal,
                   percent(count->killed, count->made) >= goal ? "reached" : "not reached");
        printf("\n");
    }
}

/* How far the tests reach where they reach at all: most entries have no text of their own. */
static void print_share_of_hit(const struct mutation *mutation)
{
    const struct mutant_count *entries = &mutation->counts[MUTANT_DROPPED_ENTRY];
    const struct mutant_count *nots = &mutation->counts[MUTANT_DROPPED_NOT];
    uint32_t killed = entries->killed + nots->killed;
    printf("%u of the %u entries that are hit would be missed (%.1f %%): the others stand beside "
           "one that hits the same text\n",
           killed, mutation->entries_hit, percent(killed, mutation->entries_hit));
}

/* The operand or operator that was changed, as its number within the condition. */
static void print_composites(const struct mutation *mutation)
{
    for (uint32_t index = 0; index < mutation->mutant_count; index++) {
        const struct composite_mutant *mutant = &mutation->mutants[index];
        const struct composite *composite = &mutation->rule_set->pack.composites[mutant->composite];
        if (mutant->killed)
            continue;
        printf("survives: %s:%u:%u: composite %s", composite->place.file, composite->place.line,
               composite->place.column, composite->id);
        if (mutant->step == UINT32_MAX)
            printf(" %s\n", mutant->change);
        else
            printf(", step %u: %s\n", mutant->step + 1, mutant->change);
    }
}

static void print_entries(const struct mutation *mutation)
{
    const struct entry_probe *probe = &mutation->probe;
    for (uint32_t index = 0; index < probe->entry_count; index++) {
        const struct rule_pattern *pattern = probe->entries[index].pattern;
        if (!mutation->killed[index])
            printf("survives: %s:%u:%u: %s \"%s\"%s\n", pattern->place.file, pattern->place.line,
                   pattern->place.column,
                   mutation->rule_set->pack.rules[probe->entries[index].rule_index].id,
                   pattern->entry ? pattern->entry : pattern->text,
                   mutation->hit[index] ? "" : " is never hit");
    }
}

static void write_number(struct json_writer *json, const char *key, uint32_t value)
{
    json_key(json, key);
    json_unsigned(json, value);
}

static void write_mutation(struct json_writer *json, const struct mutation *mutation, bool mutants)
{
    write_number(json, "rules_hit", mutation->rules_hit);
    write_number(json, "entries", mutation->probe.entry_count);
    write_number(json, "entries_hit", mutation->entries_hit);
    if (!mutants)
        return;
    json_key(json, "mutants");
    json_array_open(json);
    for (unsigned kind = 0; kind < MUTANT_KIND_COUNT; kind++) {
        json_object_open(json);
        json_key(json, "kind");
        json_string(json, mutant_kind_name((enum mutant_kind)kind));
        write_number(json, "made", mutation->counts[kind].made);
        write_number(json, "killed", mutation->counts[kind].killed);
        json_object_close(json);
    }
    json_array_close(json);
}

static void print_witnesses(const struct witness_counts *witnesses)
{
    if (witnesses->texts > 0 || witnesses->failures > 0)
        printf("%u witnesses of %u entries, %u entries without any, %u failures\n",
               witnesses->texts, witnesses->entries, witnesses->dead, witnesses->failures);
}

static void show(const struct rules_test_options *options, const struct rule_set *rule_set,
                 const struct rule_test_counts *counts, const struct witness_counts *witnesses,
                 const struct mutation *mutation)
{
    printf("%u rules, %u examples, %u cases, %u failures\n", redress_rule_set_count(rule_set),
           counts->examples, counts->cases, counts->failures);
    print_witnesses(witnesses);
    print_coverage(mutation);
    if (!options->mutate)
        return;
    print_counts(mutation);
    printf("%u of %u alternatives are hit (%.1f %%)\n", mutation->alternatives_hit,
           mutation->choices.count, percent(mutation->alternatives_hit, mutation->choices.count));
    print_share_of_hit(mutation);
    print_composites(mutation);
    if (options->survivors)
        print_entries(mutation);
}

/* The shipped rules' examples and cases, then the cases of the site's own. */
static enum redress_status run_folders(const struct rules_test_options *options,
                                       const struct rule_set *rule_set,
                                       const struct rule_test_visitor *visitor,
                                       struct error_list *errors, struct rule_test_counts *counts)
{
    enum redress_status status = rule_test_run(rule_set, options->folder, visitor, errors, counts);
    if (status == STATUS_OK && options->override)
        status = rule_test_run_cases(rule_set, options->override, visitor, errors, counts);
    return status;
}

static enum redress_status run_tests(const struct rules_test_options *options,
                                     const struct rule_set *rule_set, struct error_list *errors,
                                     struct rule_test_counts *counts)
{
    struct junit junit;
    const struct rule_test_visitor visitor = {junit_visit, &junit};
    if (!options->junit)
        return run_folders(options, rule_set, NULL, errors, counts);
    enum redress_status status = junit_open(&junit, options->junit);
    if (status != STATUS_OK) {
        error_list_add(errors, status, options->junit, 0, 0, "cannot be written");
        return status;
    }
    status = run_folders(options, rule_set, &visitor, errors, counts);
    enum redress_status closed = junit_close(&junit);
    return status == STATUS_OK ? closed : status;
}

/* The shipped rules' witnesses, then those of the site's own rules. */
static enum redress_status run_witnesses(const struct rules_test_options *options,
                                         struct mutation *mutation, struct error_list *errors,
                                         struct witness_counts *counts)
{
    enum redress_status status =
        mutation_run_witnesses(mutation, options->folder, options->mutate, errors, counts);
    if (status == STATUS_OK && options->override)
        status =
            mutation_run_witnesses(mutation, options->override, options->mutate, errors, counts);
    return status;
}

enum redress_status cli_rules_test(const struct rules_test_options *options,
                                   struct error_list *errors, bool *failed)
{
    struct rule_set *rule_set = NULL;
    struct rule_test_counts counts = {0};
    struct witness_counts witnesses = {0};
    struct mutation mutation = {0};
    enum redress_status status =
        rule_set_load_overridden(options->folder, options->override, errors, &rule_set);
    if (status == STATUS_OK)
        status = run_tests(options, rule_set, errors, &counts);
    if (status == STATUS_OK)
        status = mutation_run(&mutation, rule_set, options->folder, options->mutate);
    if (status == STATUS_OK)
        status = run_witnesses(options, &mutation, errors, &witnesses);
    if (options->json) {
        struct rules_report report;
        rules_report_open(&report, rule_set);
        write_number(&report.json, "examples", counts.examples);
        write_number(&report.json, "cases", counts.cases);
        write_number(&report.json, "failures", counts.failures);
        write_number(&report.json, "witnesses", witnesses.texts);
        write_number(&report.json, "dead", witnesses.dead);
        if (status == STATUS_OK)
            write_mutation(&report.json, &mutation, options->mutate);
        rules_report_errors(&report, "error", errors);
        rules_report_close(&report);
    } else {
        error_list_print(errors, stderr);
        if (status == STATUS_OK)
            show(options, rule_set, &counts, &witnesses, &mutation);
    }
    *failed = errors->count > 0;
    mutation_free(&mutation);
    redress_rule_set_free(rule_set);
    return status;
}
