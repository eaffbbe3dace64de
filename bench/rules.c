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
#include "support/json_texts.h"
#include "support/matching.h"

#include "classify/rule_set.h"
#include "common/sampling.h"

enum {
    LINE_BYTES_MAX = 2 * PATTERN_LINE_BYTES_MAX,
    ROUNDS_DEFAULT = 7,
    MATCHER_NS_MIN = 10 * 1000 * 1000
};

struct bench {
    struct matcher_pattern *patterns;
    uint32_t pattern_count;
    uint32_t rule_count;
    struct matcher *matcher;
    struct matcher_scratch *scratch;
    struct reference *over_view;
    struct reference *over_text;
    struct json_texts texts;
    uint64_t hits;
    uint64_t differences;
    uint64_t undecided;
    uint64_t allocations;
    double load_ms;
    struct samples matcher_ns;
    struct samples view_ns;
    struct samples original_ns;
};

static struct error_list errors;

static int print_patterns(const char *folder)
{
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

static bool add_pattern(struct bench *bench, char *line, uint32_t number)
{
    char *tab = strchr(line, '\t');
    if (!tab)
        return false;
    if ((bench->pattern_count & (bench->pattern_count - 1)) == 0) {
        size_t room = bench->pattern_count ? 2 * (size_t)bench->pattern_count : 1;
        bench->patterns = memory_resize(bench->patterns, room * sizeof *bench->patterns);
    }
    char *copy = memory_copy_string(tab + 1);
    if (!bench->patterns || !copy)
        return false;
    uint32_t rule = (uint32_t)strtoul(line, NULL, 10);
    struct matcher_pattern *pattern = &bench->patterns[bench->pattern_count++];
    *pattern = pattern_of(copy, rule);
    pattern->line = number;
    bench->rule_count = rule + 1;
    return true;
}

static bool read_patterns(struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    char line[LINE_BYTES_MAX];
    bool good = true;
    for (uint32_t number = 1; good && fgets(line, sizeof line, file); number++) {
        line[strcspn(line, "\n")] = '\0';
        good = add_pattern(bench, line, number);
    }
    (void)fclose(file);
    return good && bench->pattern_count > 0;
}

static bool compile(struct bench *bench)
{
    uint32_t count = bench->pattern_count;
    uint32_t rules = bench->rule_count;
    uint64_t begin_ns = clock_processor_ns();
    bool good =
        matcher_create(bench->patterns, count, rules, &errors, &bench->matcher) == STATUS_OK &&
        matcher_scratch_create(bench->matcher, &bench->scratch) == STATUS_OK;
    bench->load_ms = (double)(clock_processor_ns() - begin_ns) / NS_PER_MS;
    good = good &&
           reference_create(bench->patterns, count, rules, REFERENCE_VIEW, &errors,
                            &bench->over_view) == STATUS_OK &&
           reference_create(bench->patterns, count, rules, REFERENCE_ORIGINAL, &errors,
                            &bench->over_text) == STATUS_OK;
    error_list_print(&errors, stderr);
    return good;
}

/* All texts once. */
static void match_all(struct bench *bench)
{
    struct match_outcome outcome;
    for (size_t i = 0; i < bench->texts.count; i++)
        (void)!matcher_match(bench->matcher, bench->scratch, bench->texts.slices[i], 0, &outcome);
}

/* The matcher's pass is over in less than the caches take to forget the loops that ran before it,
 * so one goes unmeasured and then as many are measured as the clock needs. */
static double time_matcher(struct bench *bench)
{
    uint32_t passes = 0;
    match_all(bench);
    uint64_t before = allocations_count();
    uint64_t begin_ns = clock_processor_ns();
    uint64_t took_ns = 0;
    for (; took_ns < MATCHER_NS_MIN; took_ns = clock_processor_ns() - begin_ns, passes++)
        match_all(bench);
    bench->allocations += allocations_count() - before;
    return (double)took_ns / (double)bench->texts.count / passes;
}

static double time_reference(struct bench *bench, struct reference *reference)
{
    struct match_outcome outcome;
    uint64_t begin_ns = clock_processor_ns();
    for (size_t i = 0; i < bench->texts.count; i++)
        (void)!reference_match(reference, bench->texts.slices[i], 0, &outcome);
    return (double)(clock_processor_ns() - begin_ns) / (double)bench->texts.count;
}

static void compare(struct bench *bench)
{
    for (size_t i = 0; i < bench->texts.count; i++) {
        struct match_outcome found;
        struct match_outcome wanted;
        uint32_t rule = 0;
        (void)!matcher_match(bench->matcher, bench->scratch, bench->texts.slices[i], 0, &found);
        (void)!reference_match(bench->over_view, bench->texts.slices[i], 0, &wanted);
        bench->hits += found.hit_count;
        bench->undecided += found.undecided_count + wanted.undecided_count;
        bench->differences += !outcomes_agree(&found, &wanted, &rule);
    }
}

static void measure(struct bench *bench, uint32_t rounds)
{
    compare(bench);
    for (uint32_t round = 0; round < rounds; round++) {
        samples_add(&bench->matcher_ns, time_matcher(bench));
        samples_add(&bench->view_ns, time_reference(bench, bench->over_view));
        samples_add(&bench->original_ns, time_reference(bench, bench->over_text));
    }
}

static void print(const struct bench *bench)
{
    double count = (double)bench->texts.count;
    printf("{\"bench\":\"rules\",\"rules\":%u,\"patterns\":%u,\"messages\":%zu,"
           "\"text_bytes\":%.1f,\"hits\":%.2f,\"undecided\":%llu,\"differences\":%llu,"
           "\"allocations\":%llu,\"load_ms\":%.0f",
           bench->rule_count, bench->pattern_count, bench->texts.count,
           (double)bench->texts.bytes / count, (double)bench->hits / count,
           (unsigned long long)bench->undecided, (unsigned long long)bench->differences,
           (unsigned long long)bench->allocations, bench->load_ms);
    samples_print("ns", &bench->matcher_ns);
    samples_print("loop_view_ns", &bench->view_ns);
    samples_print("loop_original_ns", &bench->original_ns);
    printf("}\n");
}

static void release(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->pattern_count; i++)
        memory_free((char *)bench->patterns[i].text);
    memory_free(bench->patterns);
    matcher_scratch_free(bench->scratch);
    matcher_free(bench->matcher);
    reference_free(bench->over_view);
    reference_free(bench->over_text);
    json_texts_free(&bench->texts);
}

static int run(const char *set, const char *texts, uint32_t rounds)
{
    static struct bench bench;
    int result = 3;
    if (!read_patterns(&bench, set) || !json_texts_read(&bench.texts, texts) ||
        bench.texts.count == 0) {
        (void)fprintf(stderr, "rules: no patterns or texts could be read\n");
    } else if (compile(&bench)) {
        measure(&bench, rounds);
        print(&bench);
        result = bench.differences ? 1 : 0;
    }
    release(&bench);
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
