/** redress rules errors: the messages that rules and careful readers judge differently. */
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/gold_errors.h"

#include "base/memory.h"
#include "base/printable.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: redress rules errors --gold DIR --corpus DIR [--split NAME] [--language xx]\n"
    "                            [--rules DIR] [--text] [--json]\n\n"
    "Lists the gold messages that the rules judge otherwise, largest group first: missing\n"
    "complaint, false complaint, missing and false urgent, missing trait (one group a trait), "
    "wrong\n"
    "first category (by the category that was said). A message may stand in several groups. A "
    "trait\n"
    "that the gold lacks is unknown, not wrong, and is not listed.\n\n"
    "  --gold, --corpus  as `redress rules score` takes them\n"
    "  --split NAME      only gold of NAME.LANG.jsonl: what is held back stays unread\n"
    "  --language xx     only gold of that language\n"
    "  --text            show the messages, too; without it only split, language and source|id\n"
    "  --json            {\"groups\": [{kind, name, count, messages: [{split, language, "
    "key}]}]}\n\n"
    "Exit code 0: nothing differs; 1: something does, or gold or rules are faulty; 2: usage; 3: a\n"
    "folder cannot be read.\n";

/* On one line, without orders to a terminal. */
static void print_text(struct slice text)
{
    char *shown = memory_allocate((size_t)text.size + 1);
    if (!shown)
        return;
    memcpy(shown, text.data, text.size);
    for (uint32_t index = 0; index < text.size; index++)
        if (shown[index] == '\n' || shown[index] == '\r' || shown[index] == '\t' || !shown[index])
            shown[index] = ' ';
    printable_make(shown);
    printf("  %s", shown);
    memory_free(shown);
}

static void print_group(const struct gold *gold, const struct gold_error_group *group, bool text)
{
    const char *name = gold_error_argument_name(group);
    printf("%s%s%s: %u\n", gold_error_kind_name(group->kind), name[0] ? " " : "", name,
           group->count);
    for (uint32_t index = 0; index < gold->count; index++) {
        const struct gold_message *message = &gold->messages[index];
        if (!gold_error_holds(group, message))
            continue;
        printf("  %s.%s %s", gold->splits[message->split], redress_language_name(message->language),
               message->key);
        if (text)
            print_text(message->text);
        printf("\n");
    }
}

static void write_message(struct json_writer *json, const struct gold *gold,
                          const struct gold_message *message, bool text)
{
    json_object_open(json);
    json_key(json, "split");
    json_string(json, gold->splits[message->split]);
    json_key(json, "language");
    json_string(json, redress_language_name(message->language));
    json_key(json, "key");
    json_string(json, message->key);
    if (text) {
        json_key(json, "text");
        json_string_sized(json, message->text.data, message->text.size);
    }
    json_object_close(json);
}

static void write_group(struct bench_report *report, const struct gold *gold,
                        const struct gold_error_group *group, bool text)
{
    struct json_writer *json = &report->json;
    json_object_open(json);
    json_key(json, "kind");
    json_string(json, gold_error_kind_name(group->kind));
    json_key(json, "name");
    json_string(json, gold_error_argument_name(group));
    json_key(json, "count");
    json_unsigned(json, group->count);
    json_key(json, "messages");
    json_array_open(json);
    for (uint32_t index = 0; index < gold->count; index++) {
        if (!gold_error_holds(group, &gold->messages[index]))
            continue;
        write_message(json, gold, &gold->messages[index], text);
        bench_report_flush(report);
    }
    json_array_close(json);
    json_object_close(json);
}

static enum redress_status show(const struct gold *gold, const struct gold_error_group *groups,
                                uint32_t count, const struct bench_options *options)
{
    struct bench_report report;
    if (options->json && !bench_report_open(&report))
        return STATUS_MEMORY;
    if (options->json) {
        json_key(&report.json, "groups");
        json_array_open(&report.json);
    }
    for (uint32_t index = 0; index < count; index++)
        if (options->json)
            write_group(&report, gold, &groups[index], options->text);
        else
            print_group(gold, &groups[index], options->text);
    if (!options->json)
        return STATUS_OK;
    json_array_close(&report.json);
    return bench_report_close(&report) ? STATUS_OK : STATUS_TOO_LARGE;
}

/* Leaves only the gold of one language. */
static void keep_language(struct gold *gold, const char *name)
{
    enum language language = LANGUAGE_UNKNOWN;
    uint32_t kept = 0;
    if (!redress_language_parse(name, strlen(name), &language))
        return;
    for (uint32_t index = 0; index < gold->count; index++)
        if (gold->messages[index].language == language)
            gold->messages[kept++] = gold->messages[index];
    gold->count = kept;
}

static int errors_of_rules(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct gold gold;
    struct gold_error_group groups[GOLD_ERROR_GROUPS_MAX];
    uint32_t count = 0;
    enum redress_status status = bench_load_gold(options, &gold);
    if (status == STATUS_OK) {
        keep_language(&gold, options->language);
        status = gold_judge(&gold, rule_set, NULL);
    }
    if (status == STATUS_OK) {
        count = gold_errors_group(&gold, groups);
        status = show(&gold, groups, count, options);
    }
    gold_free(&gold);
    return status == STATUS_OK && count > 0 ? EXIT_ANSWER_NO : bench_answer(status);
}

const struct bench_verb rules_errors_verb = {.name = "errors",
                                             .usage = usage,
                                             .needs_rules = true,
                                             .needs_gold = true,
                                             .run = errors_of_rules};
