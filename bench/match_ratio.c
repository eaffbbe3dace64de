/*
 * How much the matcher saves: the plain PCRE2 loop over the original text and over the view against
 * view + scan + confirm, on the same texts, with equal match sets over the view.
 *
 *   match_ratio [--alone] PATTERNS TEXTS...     PATTERNS: one pattern a line ("#" and empty lines
 * are skipped); TEXTS: JSON Lines with a "text" field
 *
 * Prints one JSON line: nanoseconds a message for each, and the ratios; milliseconds of processor
 * time to load the patterns. With --alone no loop runs, which is for profilers. Exit 1 where a
 * match set differs, 2 for usage, 3 where a file can't be read.
 */
#include "support/json_texts.h"
#include "support/matching.h"

#include "base/clock.h"
#include "base/memory.h"
#include "text/view.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATTERNS_MAX = 65536, LINE_BYTES_MAX = PATTERN_LINE_BYTES_MAX };

struct bench {
    struct matcher_pattern patterns[PATTERNS_MAX];
    uint32_t pattern_count;
    struct matcher *matcher;
    struct matcher_scratch *scratch;
    struct reference *over_view;
    struct reference *over_text;
    struct json_texts texts;
    uint64_t differences;
    uint64_t undecided;
    uint64_t hits;
    double load_ms;
};

static struct error_list errors;

static bool read_patterns(struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    char line[LINE_BYTES_MAX];
    for (uint32_t number = 1; fgets(line, sizeof line, file); number++) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#' || bench->pattern_count == PATTERNS_MAX)
            continue;
        char *copy = memory_copy_string(line);
        if (!copy)
            break;
        struct matcher_pattern *pattern = &bench->patterns[bench->pattern_count];
        *pattern = pattern_of(copy, bench->pattern_count++);
        pattern->file = path;
        pattern->line = number;
    }
    (void)fclose(file);
    return bench->pattern_count > 0;
}

static bool compile_matcher(struct bench *bench)
{
    uint32_t count = bench->pattern_count;
    uint64_t begin = clock_processor_ns();
    bool good =
        matcher_create(bench->patterns, count, count, &errors, &bench->matcher) == STATUS_OK &&
        matcher_scratch_create(bench->matcher, &bench->scratch) == STATUS_OK;
    bench->load_ms = (double)(clock_processor_ns() - begin) / 1e6;
    error_list_print(&errors, stderr);
    return good;
}

static bool compile_loops(struct bench *bench)
{
    uint32_t count = bench->pattern_count;
    bool good = reference_create(bench->patterns, count, count, REFERENCE_VIEW, &errors,
                                 &bench->over_view) == STATUS_OK &&
                reference_create(bench->patterns, count, count, REFERENCE_ORIGINAL, &errors,
                                 &bench->over_text) == STATUS_OK;
    error_list_print(&errors, stderr);
    return good;
}

/* Nanoseconds a message of one way over all texts. */
static double time_references(struct bench *bench, struct reference *reference)
{
    struct match_outcome outcome;
    uint64_t begin = clock_processor_ns();
    for (size_t i = 0; i < bench->texts.count; i++)
        (void)!reference_match(reference, bench->texts.slices[i], 0, &outcome);
    return (double)(clock_processor_ns() - begin) / (double)bench->texts.count;
}

static double time_matcher(struct bench *bench, uint32_t rounds)
{
    struct match_outcome outcome;
    uint64_t begin = clock_processor_ns();
    for (uint32_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < bench->texts.count; i++)
            (void)!matcher_match(bench->matcher, bench->scratch, bench->texts.slices[i], 0,
                                 &outcome);
    return (double)(clock_processor_ns() - begin) / (double)bench->texts.count / rounds;
}

static double time_view(struct bench *bench, uint32_t rounds)
{
    struct view view;
    if (view_init(&view, MESSAGE_TEXT_BYTES_MAX) != STATUS_OK)
        return 0;
    uint64_t begin = clock_processor_ns();
    for (uint32_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < bench->texts.count; i++)
            view_fold(&view, bench->texts.slices[i]);
    double took = (double)(clock_processor_ns() - begin) / (double)bench->texts.count / rounds;
    view_destroy(&view);
    return took;
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
        bench->undecided += found.undecided_count;
        bench->differences += !outcomes_agree(&found, &wanted, &rule);
    }
}

static void release(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->pattern_count; i++)
        memory_free((char *)bench->patterns[i].text);
    matcher_scratch_free(bench->scratch);
    matcher_free(bench->matcher);
    reference_free(bench->over_view);
    reference_free(bench->over_text);
    json_texts_free(&bench->texts);
}

static int run(struct bench *bench)
{
    enum { ROUNDS = 5 };
    compare(bench);
    double view = time_view(bench, ROUNDS);
    double whole = time_matcher(bench, ROUNDS);
    double over_view = time_references(bench, bench->over_view);
    double over_text = time_references(bench, bench->over_text);
    printf("{\"patterns\":%u,\"messages\":%zu,\"bytes_per_message\":%.0f,\"hits\":%llu,"
           "\"undecided\":%llu,\"differences\":%llu,\"view_ns\":%.0f,\"matcher_ns\":%.0f,"
           "\"loop_view_ns\":%.0f,\"loop_original_ns\":%.0f,\"ratio_view\":%.1f,"
           "\"ratio_original\":%.1f,\"load_ms\":%.0f}\n",
           bench->pattern_count, bench->texts.count,
           (double)bench->texts.bytes / (double)bench->texts.count, (unsigned long long)bench->hits,
           (unsigned long long)bench->undecided, (unsigned long long)bench->differences, view,
           whole, over_view, over_text, over_view / whole, over_text / whole, bench->load_ms);
    return bench->differences ? 1 : 0;
}

static int run_alone(struct bench *bench)
{
    enum { ROUNDS = 50 };
    double took = time_matcher(bench, ROUNDS);
    printf("{\"patterns\":%u,\"messages\":%zu,\"matcher_ns\":%.0f,\"load_ms\":%.0f}\n",
           bench->pattern_count, bench->texts.count, took, bench->load_ms);
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    bool alone = argc > 1 && strcmp(argv[1], "--alone") == 0;
    int first = alone ? 2 : 1;
    if (argc < first + 2) {
        (void)fprintf(stderr, "usage: match_ratio [--alone] PATTERNS TEXTS...\n");
        return 2;
    }
    bool good = read_patterns(&bench, argv[first]);
    for (int i = first + 1; good && i < argc; i++)
        good = json_texts_read(&bench.texts, argv[i]);
    if (!good || bench.texts.count == 0) {
        (void)fprintf(stderr, "match_ratio: no patterns or texts could be read\n");
        return 3;
    }
    int result = 3;
    if (compile_matcher(&bench) && alone)
        result = run_alone(&bench);
    else if (bench.matcher && compile_loops(&bench))
        result = run(&bench);
    release(&bench);
    return result;
}
