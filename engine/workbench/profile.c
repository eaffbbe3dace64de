#include "workbench/profile.h"

#include "workbench/message_file.h"

#include "base/clock.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { CLOCK_READINGS = 10000 };

/* One pass over the file. */
struct pass {
    const struct rule_set *rule_set;
    struct scratch *scratch;
    struct match_cost *costs; /* by the matcher's rules */
    uint64_t messages;
    uint64_t text_bytes;
    uint64_t whole_ns;
};

static uint32_t parts_of(const struct rule_set *rule_set)
{
    return rule_set->pack.rule_count * RULE_PART_COUNT;
}

static void judge(struct pass *pass, const struct classify_input *input)
{
    struct verdict verdict;
    uint64_t start_ns = clock_monotonic_ns();
    /* One that a limit stops has cost something, too. */
    (void)!redress_classify(pass->rule_set, pass->scratch, input, &verdict);
    pass->whole_ns += clock_monotonic_ns() - start_ns;
    pass->messages++;
    pass->text_bytes += input->text.size;
}

static enum redress_status run_pass(struct pass *pass, const char *path, struct error_list *errors)
{
    struct message_file file;
    struct file_message message;
    memset(pass->costs, 0, parts_of(pass->rule_set) * sizeof *pass->costs);
    matcher_watch_costs(pass->scratch->matcher, pass->costs);
    pass->messages = pass->text_bytes = pass->whole_ns = 0;
    enum redress_status status = message_file_open(&file, path, errors);
    if (status != STATUS_OK)
        return status;
    while ((status = message_file_next(&file, &message)) == STATUS_OK)
        judge(pass, &message.input);
    message_file_close(&file);
    return status == STATUS_EMPTY ? STATUS_OK : status;
}

static void add_cost(struct match_cost *sum, const struct match_cost *cost)
{
    sum->candidates += cost->candidates;
    sum->confirms += cost->confirms;
    sum->hits += cost->hits;
    sum->ns += cost->ns;
}

static struct match_cost cost_of_rule(const struct pass *pass, uint32_t rule)
{
    struct match_cost sum = {0};
    for (unsigned part = 0; part < RULE_PART_COUNT; part++)
        add_cost(&sum, &pass->costs[part * pass->rule_set->pack.rule_count + rule]);
    return sum;
}

static void take_cheapest(struct profile *profile, const struct pass *pass, unsigned round)
{
    for (uint32_t rule = 0; rule < profile->rule_count; rule++) {
        struct match_cost cost = cost_of_rule(pass, rule);
        struct rule_cost *kept = &profile->rules[rule];
        if (round == 0 || cost.ns < kept->cost.ns)
            *kept = (struct rule_cost){rule, cost};
    }
    uint64_t scan_ns = matcher_scan_ns(pass->scratch->matcher);
    if (round == 0 || scan_ns < profile->scan_ns)
        profile->scan_ns = scan_ns;
    if (round == 0 || pass->whole_ns < profile->whole_ns)
        profile->whole_ns = pass->whole_ns;
    profile->messages = pass->messages;
    profile->text_bytes = pass->text_bytes;
}

static int compare_costs(const void *left, const void *right)
{
    const struct rule_cost *a = left;
    const struct rule_cost *b = right;
    if (a->cost.ns != b->cost.ns)
        return a->cost.ns > b->cost.ns ? -1 : 1;
    return a->rule_index < b->rule_index ? -1 : a->rule_index > b->rule_index;
}

static uint64_t measure_clock(void)
{
    uint64_t start_ns = clock_monotonic_ns();
    for (unsigned index = 0; index < CLOCK_READINGS; index++)
        (void)clock_monotonic_ns();
    return (clock_monotonic_ns() - start_ns) / CLOCK_READINGS;
}

static enum redress_status run_rounds(struct profile *profile, struct pass *pass, const char *path,
                                      struct error_list *errors)
{
    enum redress_status status = STATUS_OK;
    for (unsigned round = 0; status == STATUS_OK && round < PROFILE_ROUNDS; round++) {
        status = run_pass(pass, path, errors);
        if (status == STATUS_OK)
            take_cheapest(profile, pass, round);
    }
    for (uint32_t rule = 0; rule < profile->rule_count; rule++)
        add_cost(&profile->total, &profile->rules[rule].cost);
    qsort(profile->rules, profile->rule_count, sizeof *profile->rules, compare_costs);
    return status;
}

enum redress_status profile_run(struct profile *profile, const struct rule_set *rule_set,
                                const char *path, struct error_list *errors)
{
    struct pass pass = {.rule_set = rule_set,
                        .costs = memory_allocate_array(parts_of(rule_set) + 1, sizeof *pass.costs)};
    *profile =
        (struct profile){.rule_count = rule_set->pack.rule_count, .clock_ns = measure_clock()};
    profile->rules = memory_allocate_array(profile->rule_count + 1, sizeof *profile->rules);
    enum redress_status status = redress_scratch_create(rule_set, &pass.scratch);
    if (status == STATUS_OK)
        status =
            pass.costs && profile->rules ? run_rounds(profile, &pass, path, errors) : STATUS_MEMORY;
    redress_scratch_free(pass.scratch);
    memory_free(pass.costs);
    return status;
}

void profile_free(struct profile *profile)
{
    memory_free(profile->rules);
    *profile = (struct profile){0};
}
