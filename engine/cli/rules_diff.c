/** redress rules diff: what another version of the rules does to messages. */
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/rule_diff.h"

#include "base/memory.h"

#include <stdio.h>

static const char usage[] =
    "usage: redress rules diff [--json] OLD NEW FILE\n\n"
    "Judges the messages of FILE with the rules of both folders: which severities move, which\n"
    "urgent cases are gained and lost, by language and category, with up to five examples each\n"
    "whose letters are masked. `!` behind a severity: urgent. Last comes the version step:\n\n"
    "  major  care falls: a message is no longer urgent or no longer serious, or more than 1 %\n"
    "         of the messages change their severity or urgency\n"
    "  minor  any other difference in severity, urgency, categories or traits\n"
    "  patch  every verdict is the same\n\n"
    "FILE holds JSON Lines: {\"text\", \"language\" or \"lang\", \"channel\"}.\n\n"
    "Exit code 0; 1: a line is no JSON object, or rules are faulty; 2: usage; 3: something cannot\n"
    "be read.\n";

static const char *category_name(uint8_t category)
{
    return category < CATEGORY_COUNT ? redress_category_name((enum category)category) : "-";
}

static void print_move(const struct diff_move *move)
{
    char before[24];
    char after[24];
    snprintf(before, sizeof before, "%s%s", redress_severity_name(move->before.severity),
             move->before.urgent ? "!" : "");
    snprintf(after, sizeof after, "%s%s", redress_severity_name(move->after.severity),
             move->after.urgent ? "!" : "");
    printf("%6u  %-7s  %-11s  %9s -> %s\n", move->count, redress_language_name(move->language),
           category_name(move->category), before, after);
    for (uint32_t index = 0; index < move->count && index < RULE_DIFF_EXAMPLES; index++)
        printf("          %s\n", move->examples[index]);
}

static void print_diff(const struct rule_diff *diff)
{
    printf("%u messages: %u change severity or urgency, %u only categories or traits; urgent "
           "gained %u, lost %u\n",
           diff->messages, diff->moved, diff->changed, diff->urgent_gained, diff->urgent_lost);
    for (uint32_t index = 0; index < diff->move_count; index++)
        print_move(&diff->moves[index]);
    printf("version step: %s\n", rule_step_name(rule_diff_step(diff)));
}

static void write_number(struct json_writer *json, const char *key, uint32_t value)
{
    json_key(json, key);
    json_unsigned(json, value);
}

static void write_side(struct json_writer *json, const char *key, struct diff_side side)
{
    json_key(json, key);
    json_object_open(json);
    json_key(json, "severity");
    json_string(json, redress_severity_name(side.severity));
    json_key(json, "urgent");
    json_bool(json, side.urgent);
    json_object_close(json);
}

static void write_move(struct json_writer *json, const struct diff_move *move)
{
    json_object_open(json);
    json_key(json, "language");
    json_string(json, redress_language_name(move->language));
    json_key(json, "category");
    json_string(json, category_name(move->category));
    write_side(json, "before", move->before);
    write_side(json, "after", move->after);
    write_number(json, "count", move->count);
    json_key(json, "examples");
    json_array_open(json);
    for (uint32_t index = 0; index < move->count && index < RULE_DIFF_EXAMPLES; index++)
        json_string(json, move->examples[index]);
    json_array_close(json);
    json_object_close(json);
}

static bool write_diff(const struct rule_diff *diff)
{
    struct bench_report report;
    if (!bench_report_open(&report))
        return false;
    write_number(&report.json, "messages", diff->messages);
    write_number(&report.json, "moved", diff->moved);
    write_number(&report.json, "changed", diff->changed);
    write_number(&report.json, "urgent_gained", diff->urgent_gained);
    write_number(&report.json, "urgent_lost", diff->urgent_lost);
    json_key(&report.json, "step");
    json_string(&report.json, rule_step_name(rule_diff_step(diff)));
    json_key(&report.json, "moves");
    json_array_open(&report.json);
    for (uint32_t index = 0; index < diff->move_count; index++) {
        write_move(&report.json, &diff->moves[index]);
        bench_report_flush(&report);
    }
    json_array_close(&report.json);
    return bench_report_close(&report);
}

static enum redress_status compare(const struct bench_options *options,
                                   const struct rule_set *before, const struct rule_set *after)
{
    struct rule_diff diff;
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!errors)
        return STATUS_MEMORY;
    enum redress_status status = rule_diff_run(&diff, before, after, options->arguments[2], errors);
    error_list_print(errors, stderr);
    if (status == STATUS_OK && options->json)
        status = write_diff(&diff) ? STATUS_OK : STATUS_MEMORY;
    else if (status == STATUS_OK)
        print_diff(&diff);
    rule_diff_free(&diff);
    memory_free(errors);
    return status;
}

static int diff_of_rules(const struct bench_options *options, const struct rule_set *rule_set)
{
    (void)rule_set; /* it has two of its own */
    struct rule_set *before = NULL;
    struct rule_set *after = NULL;
    enum redress_status status = bench_load_rules(options->arguments[0], NULL, &before);
    if (status == STATUS_OK)
        status = bench_load_rules(options->arguments[1], options->override, &after);
    if (status == STATUS_OK)
        status = compare(options, before, after);
    redress_rule_set_free(before);
    redress_rule_set_free(after);
    return bench_answer(status);
}

const struct bench_verb rules_diff_verb = {
    .name = "diff", .usage = usage, .argument_count = 3, .run = diff_of_rules};
