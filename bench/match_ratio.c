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
#include "common/match_bench.h"

#include "text/view.h"

static bool add_pattern(void *context, const struct line *line)
{
    struct match_bench *bench = context;
    return line->text[0] == '\0' || line->text[0] == '#' ||
           match_bench_add(bench, line->text, bench->pattern_count, line->number);
}

static double time_matcher(struct match_bench *bench, uint32_t rounds)
{
    uint64_t begin_ns = clock_processor_ns();
    for (uint32_t round = 0; round < rounds; round++)
        match_bench_match_all(bench);
    return (double)(clock_processor_ns() - begin_ns) / (double)bench->texts.count / rounds;
}

static double time_view(struct match_bench *bench, uint32_t rounds)
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

static int run(struct match_bench *bench)
{
    enum { ROUNDS = 5 };
    match_bench_compare(bench);
    double view = time_view(bench, ROUNDS);
    double whole = time_matcher(bench, ROUNDS);
    double over_view = match_bench_time_loop(bench, bench->over_view);
    double over_text = match_bench_time_loop(bench, bench->over_text);
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

static int run_alone(struct match_bench *bench)
{
    enum { ROUNDS = 50 };
    double took = time_matcher(bench, ROUNDS);
    printf("{\"patterns\":%u,\"messages\":%zu,\"matcher_ns\":%.0f,\"load_ms\":%.0f}\n",
           bench->pattern_count, bench->texts.count, took, bench->load_ms);
    return 0;
}

int main(int argc, char **argv)
{
    static struct match_bench bench;
    bool alone = argc > 1 && strcmp(argv[1], "--alone") == 0;
    int first = alone ? 2 : 1;
    if (argc < first + 2) {
        (void)fprintf(stderr, "usage: match_ratio [--alone] PATTERNS TEXTS...\n");
        return 2;
    }
    bool good = match_bench_read(&bench, argv[first], add_pattern);
    for (int i = first + 1; good && i < argc; i++)
        good = json_texts_read(&bench.texts, argv[i]);
    if (!good || bench.texts.count == 0) {
        (void)fprintf(stderr, "match_ratio: no patterns or texts could be read\n");
        return 3;
    }
    int result = 3;
    if (match_bench_compile_matcher(&bench) && alone)
        result = run_alone(&bench);
    else if (bench.matcher && match_bench_compile_loops(&bench))
        result = run(&bench);
    match_bench_free(&bench);
    return result;
}
