/** redress rules gaps: phrases of complaints that no rule covers. */
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/rule_gaps.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_PHRASES_MAX = 25 /* of one language */ };

static const char usage[] =
    "usage: redress rules gaps [--language xx] [--rules DIR] [--override DIR] [--json] FILE\n\n"
    "Lists phrases of one to three words that stand in complaints more often than in calm\n"
    "messages and that no rule's hit touches, the surest first: the log of the odds ratio and how\n"
    "many standard errors that is (from 1.96 on, in three complaints at least).\n\n"
    "FILE holds JSON Lines: {\"text\", \"language\" or \"lang\"} and a label: \"complaint\" (true "
    "or 1),\n"
    "else \"severity\" (above 0), else \"stars\" (1 and 2 complain, 4 and 5 are calm).\n"
    "  --json  all phrases, not only the first 25 of each language\n\n"
    "Exit code 0; 1: a line is no JSON object, or the rules are faulty; 2: usage; 3: the file "
    "cannot\n"
    "be read.\n";

static bool is_shown(const struct gap_phrase *phrase, const char *language)
{
    return !language[0] || strcmp(redress_language_name(phrase->language), language) == 0;
}

static void print_gaps(const struct rule_gaps *gaps, const char *language)
{
    uint32_t shown = 0;
    enum language before = LANGUAGE_COUNT;
    printf("%-7s %10s %6s %9s %6s  %s\n", "", "complaints", "calm", "log-odds", "z", "phrase");
    for (uint32_t index = 0; index < gaps->phrase_count; index++) {
        const struct gap_phrase *phrase = &gaps->table[index];
        shown = phrase->language == before ? shown + 1 : 0;
        before = phrase->language;
        if (shown < SHOWN_PHRASES_MAX && is_shown(phrase, language))
            printf("%-7s %10u %6u %9.2f %6.2f  %s\n", redress_language_name(phrase->language),
                   phrase->complaints, phrase->calm, phrase->log_odds, phrase->z, phrase->text);
    }
    if (gaps->full)
        printf("the file has more phrases than are counted: give a smaller one\n");
}

static void write_phrase(struct json_writer *json, const struct gap_phrase *phrase)
{
    json_object_open(json);
    json_key(json, "language");
    json_string(json, redress_language_name(phrase->language));
    json_key(json, "phrase");
    json_string(json, phrase->text);
    json_key(json, "complaints");
    json_unsigned(json, phrase->complaints);
    json_key(json, "calm");
    json_unsigned(json, phrase->calm);
    json_key(json, "log_odds");
    json_number(json, phrase->log_odds);
    json_key(json, "z");
    json_number(json, phrase->z);
    json_object_close(json);
}

static bool write_gaps(const struct rule_gaps *gaps, const char *language)
{
    struct bench_report report;
    if (!bench_report_open(&report))
        return false;
    json_key(&report.json, "phrases");
    json_array_open(&report.json);
    for (uint32_t index = 0; index < gaps->phrase_count; index++) {
        if (!is_shown(&gaps->table[index], language))
            continue;
        write_phrase(&report.json, &gaps->table[index]);
        bench_report_flush(&report);
    }
    json_array_close(&report.json);
    json_key(&report.json, "full");
    json_bool(&report.json, gaps->full);
    return bench_report_close(&report);
}

static int gaps_of_rules(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct rule_gaps gaps;
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!errors)
        return bench_answer(STATUS_MEMORY);
    enum redress_status status = rule_gaps_run(&gaps, rule_set, options->arguments[0], errors);
    error_list_print(errors, stderr);
    memory_free(errors);
    if (status == STATUS_OK && options->json)
        status = write_gaps(&gaps, options->language) ? STATUS_OK : STATUS_MEMORY;
    else if (status == STATUS_OK)
        print_gaps(&gaps, options->language);
    rule_gaps_free(&gaps);
    return bench_answer(status);
}

const struct bench_verb rules_gaps_verb = {
    .name = "gaps", .usage = usage, .needs_rules = true, .argument_count = 1, .run = gaps_of_rules};
