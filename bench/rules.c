/*
 * The matcher against the plain loop of PCRE2, by number of rules and length of text.
 *
 *   rules --print RULES               prints every pattern of a rules folder, one a line: the
 * number of its rule, a tab, the pattern rules [--rounds N] SET TEXTS   SET: such lines; TEXTS:
 * JSON Lines with a "text"
 *
 * Prints one JSON line: nanoseconds a message of every round for the matcher, the loop over the
 * view and the loop over the original text, by turns, and how many match sets differ from the
 * loop's over the view. No language is told, so that every rule is tried by all three. Exit 1 where
 * a match set differs, 2 for usage, 3 where something can't be read or made.
 */
#include "classify/rule_set.h"
#include "common/match_bench.h"
#include "common/sampling.h"

enum { ROUNDS_DEFAULT = 7, MATCHER_NS_MIN = 10 * 1000 * 1000 };

struct rules_bench {
    struct match_bench match;
    uint64_t allocations;
    struct samples matcher_ns;
    struct samples view_ns;
    struct samples original_ns;
};

static int print_patterns(const char *folder)
{
    static struct error_list errors;
    struct rule_set *rules;
    if (rule_set_load(folder, &errors, &rules) != STATUS_OK) {
        error_list_print(&errors, stderr);
        return 3;
    }
    const struct rule_pack *pack = &rules->pack;
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        const struct rule *rule = &pack->rules[index];
        for (uint32_t at = 0; at < rule->pattern_count && !rule->original; at++) {
            const struct rule_pattern *pattern = &rule->patterns[at];
            if (!memchr(pattern->text, '\n', pattern->size))
                printf("%u\t%.*s\n", index, (int)pattern->size, pattern->text);
        }
    }
    redress_rule_set_free(rules);
    return 0;
}

static bool add_pattern(void *context, const struct line *line)
{
    const char *tab = strchr(line->text, '\t');
    return tab &&
           match_bench_add(context, tab + 1, (uint32_t)strtoul(line->text, NULL, 10), line->number);
}

/* The matcher's pass is over in less than the caches take to forget the loops that ran before it,
 * so one goes unmeasured and then as many are measured as the clock needs. */
static double time_matcher(struct rules_bench *bench)
{
    uint32_t passes = 0;
    match_bench_match_all(&bench->match);
    uint64_t before = allocations_count();
    uint64_t begin_ns = clock_processor_ns();
    uint64_t took_ns = 0;
    for (; took_ns < MATCHER_NS_MIN; took_ns = clock_processor_ns() - begin_ns, passes++)
        match_bench_match_all(&bench->match);
    bench->allocations += allocations_count() - before;
    return (double)took_ns / (double)bench->match.texts.count / passes;
}

static void measure(struct rules_bench *bench, uint32_t rounds)
{
    const struct match_bench *match = &bench->match;
    match_bench_compare(&bench->match);
    for (uint32_t round = 0; round < rounds; round++) {
        samples_add(&bench->matcher_ns, time_matcher(bench));
        samples_add(&bench->view_ns, match_bench_time_loop(match, match->over_view));
        samples_add(&bench->original_ns, match_bench_time_loop(match, match->over_text));
    }
}

static void print(const struct rules_bench *bench)
{
    const struct match_bench *match = &bench->match;
    double count = (double)match->texts.count;
    printf("{\"bench\":\"rules\",\"rules\":%u,\"patterns\":%u,\"messages\":%zu,"
           "\"text_bytes\":%.1f,\"hits\":%.2f,\"undecided\":%llu,\"differences\":%llu,"
           "\"allocations\":%llu,\"load_ms\":%.0f",
           match->rule_count, match->pattern_count, match->texts.count,
           (double)match->texts.bytes / count, (double)match->hits / count,
           (unsigned long long)(match->undecided + match->loop_undecided),
           (unsigned long long)match->differences, (unsigned long long)bench->allocations,
           match->load_ms);
    samples_print("ns", &bench->matcher_ns);
    samples_print("loop_view_ns", &bench->view_ns);
    samples_print("loop_original_ns", &bench->original_ns);
    printf("}\n");
}

static int run(const char *set, const char *texts, uint32_t rounds)
{
    static struct rules_bench bench;
    struct match_bench *match = &bench.match;
    int result = 3;
    if (!match_bench_read(match, set, add_pattern) || !json_texts_read(&match->texts, texts) ||
        match->texts.count == 0) {
        (void)fprintf(stderr, "rules: no patterns or texts could be read\n");
    } else if (match_bench_compile_matcher(match) && match_bench_compile_loops(match)) {
        measure(&bench, rounds);
        print(&bench);
        result = match->differences ? 1 : 0;
    }
    match_bench_free(match);
    return result;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--print") == 0)
        return print_patterns(argv[2]);
    bool has_rounds = argc == 5 && strcmp(argv[1], "--rounds") == 0;
    uint32_t rounds = has_rounds ? (uint32_t)strtoul(argv[2], NULL, 10) : ROUNDS_DEFAULT;
    if ((argc != 3 && !has_rounds) || rounds == 0 || rounds > SAMPLES_MAX) {
        (void)fprintf(stderr, "usage: rules --print RULES | rules [--rounds N] SET TEXTS\n");
        return 2;
    }
    return run(argv[argc - 2], argv[argc - 1], rounds);
}
