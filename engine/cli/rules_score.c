/** redress rules score: how well the rules judge messages that careful readers have judged. */
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/figures.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SCORE_SEED = 1, NUMBER_BYTES_MAX = 32 };

static const char usage[] =
    "usage: redress rules score --gold DIR --corpus DIR [--split NAME] [--rules DIR] [--json]\n\n"
    "Judges the gold messages with the rules and prints, for each split, language and all, with 95 "
    "%\n"
    "bootstrap intervals (seeded: equal input has equal intervals):\n\n"
    "  complaint_balanced         mean of the shares right among complaints and among the rest\n"
    "  severity_kappa             quadratic weighted; 1 is the same, 0 chance\n"
    "  severity_kappa_complaints  the same among gold complaints\n"
    "  severity_far               share two levels off or more\n"
    "  serious_x                  of serious and critical\n"
    "  category_hit               gold complaints whose gold has the first category said\n"
    "  trait_f1                   micro: over all traits of all messages\n\n"
    "  --gold DIR    NAME.LANG.jsonl: {source, id, complaint, severity, urgent, categories, "
    "traits}\n"
    "  --corpus DIR  *.jsonl: {source, id, lang, text}\n"
    "  --split NAME  only NAME.LANG.jsonl\n"
    "  --rules DIR   the rules folder (default: $REDRESS_RULES, ./rules, the installed one)\n"
    "  --json        {split: {group: {rows, unanswered, figure: {value, low, high}}}}\n\n"
    "A message that the rules could not decide counts as calm, and as unanswered.\n"
    "Exit code 0; 1: the gold or the rules are faulty; 2: usage; 3: a folder cannot be read.\n";

/* Messages of one split, of one language or (LANGUAGE_UNKNOWN) of all. */
struct group {
    const char *name;
    struct tally tally;
    struct figures figures;
    struct figure_intervals intervals;
};

static bool belongs(const struct gold_message *message, uint32_t split, enum language language)
{
    return message->split == split &&
           (language == LANGUAGE_UNKNOWN || message->language == language);
}

static enum redress_status measure(const struct gold *gold, uint32_t split, enum language language,
                                   struct group *out)
{
    const struct gold_message **members = memory_allocate_array(gold->count + 1, sizeof(void *));
    uint32_t count = 0;
    if (!members)
        return STATUS_MEMORY;
    *out = (struct group){.name = language == LANGUAGE_UNKNOWN ? "all"
                                                               : redress_language_name(language)};
    for (uint32_t index = 0; index < gold->count; index++) {
        const struct gold_message *message = &gold->messages[index];
        if (!belongs(message, split, language))
            continue;
        members[count++] = message;
        tally_add(&out->tally, &message->gold, &message->said);
    }
    out->figures = figures_of(&out->tally);
    enum redress_status status = STATUS_OK;
    if (count > 0)
        status = figures_find_intervals(members, count, SCORE_SEED, &out->intervals);
    memory_free(members);
    return status;
}

/* The languages that the split has, and behind them all; answers how many. */
static enum redress_status measure_split(const struct gold *gold, uint32_t split,
                                         struct group groups[LANGUAGE_COUNT], uint32_t *count)
{
    enum redress_status status = STATUS_OK;
    *count = 0;
    for (unsigned step = 1; status == STATUS_OK && step <= LANGUAGE_COUNT; step++) {
        enum language language = (enum language)(step % LANGUAGE_COUNT); /* all comes last */
        status = measure(gold, split, language, &groups[*count]);
        *count += groups[*count].tally.rows > 0;
    }
    return status;
}

static void print_counts(const struct group *groups, uint32_t count)
{
    printf("%-26s", "rows");
    for (uint32_t group = 0; group < count; group++)
        printf("%10u", groups[group].tally.rows);
    printf("\n%-26s", "unanswered");
    for (uint32_t group = 0; group < count; group++)
        printf("%10u", groups[group].tally.unanswered);
    printf("\n");
}

static void print_figure(const struct group *groups, uint32_t count, enum figure figure)
{
    printf("%-26s", figure_name(figure));
    for (uint32_t group = 0; group < count; group++)
        if (isnan(groups[group].figures.values[figure]))
            printf("%10s", "-");
        else
            printf("%10.3f", groups[group].figures.values[figure]);
    printf("\n%-26s", "  95 %");
    for (uint32_t group = 0; group < count; group++)
        if (isnan(groups[group].intervals.low[figure]))
            printf("%10s", "-");
        else
            printf(" %4.2f-%4.2f", groups[group].intervals.low[figure],
                   groups[group].intervals.high[figure]);
    printf("\n");
}

static void print_split(const char *split, const struct group *groups, uint32_t count)
{
    printf("%-26s", split);
    for (uint32_t group = 0; group < count; group++)
        printf("%10s", groups[group].name);
    printf("\n");
    print_counts(groups, count);
    for (unsigned figure = 0; figure < FIGURE_COUNT; figure++)
        print_figure(groups, count, (enum figure)figure);
    printf("\n");
}

/* Six digits: figures are compared between runs. */
static void write_number(struct json_writer *json, const char *key, double value)
{
    char digits[NUMBER_BYTES_MAX];
    json_key(json, key);
    if (isnan(value)) {
        json_null(json);
        return;
    }
    int size = snprintf(digits, sizeof digits, "%.6f", value);
    json_raw(json, digits, (size_t)size);
}

static void write_group(struct json_writer *json, const struct group *group)
{
    json_key(json, group->name);
    json_object_open(json);
    json_key(json, "rows");
    json_unsigned(json, group->tally.rows);
    json_key(json, "unanswered");
    json_unsigned(json, group->tally.unanswered);
    for (unsigned figure = 0; figure < FIGURE_COUNT; figure++) {
        json_key(json, figure_name((enum figure)figure));
        json_object_open(json);
        write_number(json, "value", group->figures.values[figure]);
        write_number(json, "low", group->intervals.low[figure]);
        write_number(json, "high", group->intervals.high[figure]);
        json_object_close(json);
    }
    json_object_close(json);
}

static void write_split(struct bench_report *report, const char *split, const struct group *groups,
                        uint32_t count)
{
    json_key_sized(&report->json, split, strlen(split));
    json_object_open(&report->json);
    for (uint32_t group = 0; group < count; group++)
        write_group(&report->json, &groups[group]);
    json_object_close(&report->json);
    bench_report_flush(report);
}

static enum redress_status show(const struct gold *gold, struct bench_report *report)
{
    struct group groups[LANGUAGE_COUNT];
    uint32_t count = 0;
    enum redress_status status = STATUS_OK;
    for (uint32_t split = 0; status == STATUS_OK && split < gold->split_count; split++) {
        status = measure_split(gold, split, groups, &count);
        if (status == STATUS_OK && report)
            write_split(report, gold->splits[split], groups, count);
        else if (status == STATUS_OK)
            print_split(gold->splits[split], groups, count);
    }
    return status;
}

static int score(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct gold gold;
    struct bench_report report;
    enum redress_status status = bench_load_gold(options, &gold);
    if (status == STATUS_OK)
        status = gold_judge(&gold, rule_set, NULL);
    if (status == STATUS_OK && options->json) {
        status = bench_report_open(&report) ? show(&gold, &report) : STATUS_MEMORY;
        if (status == STATUS_OK && !bench_report_close(&report))
            status = STATUS_TOO_LARGE;
    } else if (status == STATUS_OK) {
        status = show(&gold, NULL);
    }
    gold_free(&gold);
    return bench_answer(status);
}

const struct bench_verb rules_score_verb = {
    .name = "score", .usage = usage, .needs_rules = true, .needs_gold = true, .run = score};
