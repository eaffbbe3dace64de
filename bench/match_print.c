/*
 * Prints which patterns match which texts, for tests/rules/oracle_view.py to judge.
 *
 *   match_print PATTERNS TEXTS      one pattern a line; JSON Lines with a "text" field
 *
 * One line a text: the numbers of the patterns that match (from 0), with blanks between.
 */
#include "common/match_bench.h"

static bool add_pattern(void *context, const struct line *line)
{
    struct match_bench *bench = context;
    return match_bench_add(bench, line->text, bench->pattern_count, line->number);
}

static int print_matches(const struct match_bench *bench)
{
    for (size_t i = 0; i < bench->texts.count; i++) {
        struct match_outcome outcome;
        if (matcher_match(bench->matcher, bench->scratch, bench->texts.slices[i], 0, &outcome) !=
            STATUS_OK)
            return 1;
        for (uint32_t j = 0; j < outcome.hit_count; j++)
            if (j == 0 || outcome.hits[j].rule_index != outcome.hits[j - 1].rule_index)
                printf("%s%u", j ? " " : "", outcome.hits[j].rule_index);
        printf("\n");
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct match_bench bench;
    if (argc != 3 || !match_bench_read(&bench, argv[1], add_pattern) ||
        !json_texts_read(&bench.texts, argv[2])) {
        (void)fprintf(stderr, "usage: match_print PATTERNS TEXTS\n");
        return 2;
    }
    int result = match_bench_compile_matcher(&bench) ? print_matches(&bench) : 1;
    match_bench_free(&bench);
    return result;
}
