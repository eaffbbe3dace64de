/** redress rules hits: what every rule hits among messages that careful readers have judged. */
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/rule_hits.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: redress rules hits --gold DIR --corpus DIR [--split NAME] [--language xx] [--rules "
    "DIR]\n"
    "                          [--json]\n\n"
    "Says of every rule how many gold messages it hits: complaints, calm, serious (and critical),\n"
    "urgent; its precision for complaints with Wilson's 95 % interval; and which others hit 80 %\n"
    "or more of its messages (where it has five or more). Most hits first. Rules that never fire\n"
    "stand at the end; one about safety, self-harm, threats or fraud, or with a level of its own,\n"
    "is marked keep: that it never fired is no reason to delete it.\n\n"
    "  --gold, --corpus  as `redress rules score` takes them\n"
    "  --split NAME      only gold of NAME.LANG.jsonl\n"
    "  --language xx     only the rules of that language\n"
    "  --json            {\"rules\": [...], \"never\": [{id, keep}]}\n\n"
    "A message without a label for what a rule finds is unknown, not wrong: read before you\n"
    "delete.\n"
    "Exit code 0; 1: the gold or the rules are faulty; 2: usage; 3: a folder cannot be read.\n";

static bool is_shown(const struct rule *rule, const char *language)
{
    size_t size = strlen(language);
    return size == 0 || (strncmp(rule->id, language, size) == 0 && rule->id[size] == '.');
}

static void print_count(const struct rule_pack *pack, const struct rule_count *count)
{
    const struct rule *rule = &pack->rules[count->rule_index];
    printf("%5u %5u %5u %5u %5u  %.2f %.2f-%.2f %+5.2f  %s", count->messages, count->complaints,
           count->calm, count->serious, count->urgent, count->precision, count->low, count->high,
           (double)rule->complaint, rule->id);
    for (uint32_t index = 0; index < count->overlap_count; index++)
        printf("%s %.0f %% %s", index ? "," : "  ~", 100 * count->overlaps[index].share,
               pack->rules[count->overlaps[index].rule_index].id);
    printf("\n");
}

static void print_hits(const struct rule_hits *hits, const char *language)
{
    const struct rule_pack *pack = &hits->rule_set->pack;
    uint32_t never = 0;
    printf("%5s %5s %5s %5s %5s  %-14s %5s  %s\n", "hits", "compl", "calm", "serio", "urgen",
           "precision 95 %", "gives", "rule  ~ overlaps");
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        const struct rule_count *count = &hits->counts[index];
        const struct rule *rule = &pack->rules[count->rule_index];
        if (!is_shown(rule, language))
            continue;
        if (count->messages > 0)
            print_count(pack, count);
        else
            printf("never %-9s %s\n", rule_hits_is_kept(rule) ? "keep" : "", rule->id);
        never += count->messages == 0;
    }
    printf("%u rules never fired\n", never);
}

static void write_number(struct json_writer *json, const char *key, uint32_t value)
{
    json_key(json, key);
    json_unsigned(json, value);
}

static void write_overlaps(struct json_writer *json, const struct rule_pack *pack,
                           const struct rule_count *count)
{
    json_key(json, "overlaps");
    json_array_open(json);
    for (uint32_t index = 0; index < count->overlap_count; index++) {
        json_object_open(json);
        json_key(json, "id");
        json_string(json, pack->rules[count->overlaps[index].rule_index].id);
        json_key(json, "share");
        json_number(json, count->overlaps[index].share);
        json_object_close(json);
    }
    json_array_close(json);
}

static void write_count(struct json_writer *json, const struct rule_pack *pack,
                        const struct rule_count *count)
{
    json_object_open(json);
    json_key(json, "id");
    json_string(json, pack->rules[count->rule_index].id);
    write_number(json, "hits", count->messages);
    write_number(json, "complaints", count->complaints);
    write_number(json, "calm", count->calm);
    write_number(json, "serious", count->serious);
    write_number(json, "urgent", count->urgent);
    json_key(json, "precision");
    json_number(json, count->precision);
    json_key(json, "low");
    json_number(json, count->low);
    json_key(json, "high");
    json_number(json, count->high);
    write_overlaps(json, pack, count);
    json_object_close(json);
}

static void write_never(struct json_writer *json, const struct rule *rule)
{
    json_object_open(json);
    json_key(json, "id");
    json_string(json, rule->id);
    json_key(json, "keep");
    json_bool(json, rule_hits_is_kept(rule));
    json_object_close(json);
}

/* Those that fired, or those that never did. */
static void write_list(struct bench_report *report, const struct rule_hits *hits,
                       const char *language, bool fired)
{
    const struct rule_pack *pack = &hits->rule_set->pack;
    json_key(&report->json, fired ? "rules" : "never");
    json_array_open(&report->json);
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        const struct rule_count *count = &hits->counts[index];
        const struct rule *rule = &pack->rules[count->rule_index];
        if (!is_shown(rule, language) || (count->messages > 0) != fired)
            continue;
        if (fired)
            write_count(&report->json, pack, count);
        else
            write_never(&report->json, rule);
        bench_report_flush(report);
    }
    json_array_close(&report->json);
}

static enum redress_status show(const struct rule_hits *hits, const struct bench_options *options)
{
    struct bench_report report;
    if (!options->json) {
        print_hits(hits, options->language);
        return STATUS_OK;
    }
    if (!bench_report_open(&report))
        return STATUS_MEMORY;
    write_list(&report, hits, options->language, true);
    write_list(&report, hits, options->language, false);
    return bench_report_close(&report) ? STATUS_OK : STATUS_TOO_LARGE;
}

static int hits_of_rules(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct gold gold;
    struct rule_hits hits = {0};
    const struct gold_visitor visitor = {rule_hits_visit, &hits};
    enum redress_status status = bench_load_gold(options, &gold);
    if (status == STATUS_OK)
        status = rule_hits_init(&hits, rule_set, &gold);
    if (status == STATUS_OK)
        status = gold_judge(&gold, rule_set, &visitor);
    if (status == STATUS_OK) {
        rule_hits_count(&hits);
        status = show(&hits, options);
    }
    rule_hits_free(&hits);
    gold_free(&gold);
    return bench_answer(status);
}

const struct bench_verb rules_hits_verb = {
    .name = "hits", .usage = usage, .needs_rules = true, .needs_gold = true, .run = hits_of_rules};
