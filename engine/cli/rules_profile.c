/** redress rules profile: what every rule costs on a file of messages, worst first. */
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/profile.h"

#include "base/memory.h"

#include <stdio.h>

enum { SHOWN_RULES_MAX = 50 };

static const char usage[] =
    "usage: redress rules profile [--rules DIR] [--override DIR] [--json] FILE\n\n"
    "Says what the scan and every rule cost on the messages of FILE, the dearest rule first. A\n"
    "rule's time is that from the scan's naming one of its entries to its being decided, by the\n"
    "clock, of five passes the cheapest; reading the clock is in it, once a candidate (clock).\n"
    "The scan is shared by all rules and has a time of its own. What is left of the whole goes\n"
    "to language, view, negation, scoring and deciding, and to reading the clock.\n\n"
    "  ns/msg      of all messages, hit or not\n"
    "  candidates  how often the scan named an entry of the rule\n"
    "  confirms    how often PCRE2 had to decide; without any the scan alone decides\n"
    "  hits        how many matches came of it\n\n"
    "A rule with many confirms and few hits has an entry without a rare word.\n\n"
    "FILE holds JSON Lines: {\"text\", \"language\" or \"lang\"}.\n"
    "  --rules DIR  the rules folder (default: $REDRESS_RULES, ./rules, the installed one)\n"
    "  --json       all rules that cost anything, not only the first 50\n\n"
    "Exit code 0; 1: a line is no JSON object, or the rules are faulty; 2: usage; 3: the file "
    "cannot\n"
    "be read.\n";

static double per_message(const struct profile *profile, uint64_t ns)
{
    return profile->messages ? (double)ns / (double)profile->messages : 0;
}

static void print_profile(const struct profile *profile, const struct rule_set *rule_set)
{
    printf("%llu messages, %.1f bytes each; ns/msg: %.0f whole, %.0f scan, %.0f rules; %llu "
           "candidates, %llu confirms, %llu hits; clock %llu ns\n",
           (unsigned long long)profile->messages, per_message(profile, profile->text_bytes),
           per_message(profile, profile->whole_ns), per_message(profile, profile->scan_ns),
           per_message(profile, profile->total.ns), (unsigned long long)profile->total.candidates,
           (unsigned long long)profile->total.confirms, (unsigned long long)profile->total.hits,
           (unsigned long long)profile->clock_ns);
    printf("%9s %6s %11s %9s %9s  %s\n", "ns/msg", "share", "candidates", "confirms", "hits",
           "rule");
    for (uint32_t index = 0; index < profile->rule_count && index < SHOWN_RULES_MAX; index++) {
        const struct rule_cost *rule = &profile->rules[index];
        if (rule->cost.candidates == 0)
            break;
        printf("%9.2f %5.1f%% %11llu %9llu %9llu  %s\n", per_message(profile, rule->cost.ns),
               100.0 * (double)rule->cost.ns / (double)profile->total.ns,
               (unsigned long long)rule->cost.candidates, (unsigned long long)rule->cost.confirms,
               (unsigned long long)rule->cost.hits, redress_rule_id(rule_set, rule->rule_index));
    }
}

static void write_cost(struct json_writer *json, const struct profile *profile,
                       const struct match_cost *cost)
{
    json_key(json, "ns_per_message");
    json_number(json, per_message(profile, cost->ns));
    json_key(json, "candidates");
    json_unsigned(json, cost->candidates);
    json_key(json, "confirms");
    json_unsigned(json, cost->confirms);
    json_key(json, "hits");
    json_unsigned(json, cost->hits);
}

static bool write_profile(const struct profile *profile, const struct rule_set *rule_set)
{
    struct bench_report report;
    if (!bench_report_open(&report))
        return false;
    json_key(&report.json, "messages");
    json_unsigned(&report.json, profile->messages);
    json_key(&report.json, "text_bytes");
    json_unsigned(&report.json, profile->text_bytes);
    json_key(&report.json, "clock_ns");
    json_unsigned(&report.json, profile->clock_ns);
    json_key(&report.json, "whole_ns_per_message");
    json_number(&report.json, per_message(profile, profile->whole_ns));
    json_key(&report.json, "scan_ns_per_message");
    json_number(&report.json, per_message(profile, profile->scan_ns));
    write_cost(&report.json, profile, &profile->total);
    json_key(&report.json, "rules");
    json_array_open(&report.json);
    for (uint32_t index = 0; index < profile->rule_count; index++) {
        if (profile->rules[index].cost.candidates == 0)
            continue;
        json_object_open(&report.json);
        json_key(&report.json, "id");
        json_string(&report.json, redress_rule_id(rule_set, profile->rules[index].rule_index));
        write_cost(&report.json, profile, &profile->rules[index].cost);
        json_object_close(&report.json);
        bench_report_flush(&report);
    }
    json_array_close(&report.json);
    return bench_report_close(&report);
}

static int profile_rules(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct profile profile = {0};
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!errors)
        return bench_answer(STATUS_MEMORY);
    enum redress_status status = profile_run(&profile, rule_set, options->arguments[0], errors);
    error_list_print(errors, stderr);
    memory_free(errors);
    if (status == STATUS_OK && options->json)
        status = write_profile(&profile, rule_set) ? STATUS_OK : STATUS_MEMORY;
    else if (status == STATUS_OK)
        print_profile(&profile, rule_set);
    profile_free(&profile);
    return bench_answer(status);
}

const struct bench_verb rules_profile_verb = {.name = "profile",
                                              .usage = usage,
                                              .needs_rules = true,
                                              .argument_count = 1,
                                              .run = profile_rules};
