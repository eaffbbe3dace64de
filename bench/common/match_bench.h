/**
 * A matcher beside the two plain loops of PCRE2, over the original text and over the view, and the
 * texts that all three are measured on.
 */
#ifndef REDRESS_BENCH_MATCH_BENCH_H
#define REDRESS_BENCH_MATCH_BENCH_H

#include "support/json_texts.h"
#include "support/matching.h"

#include "base/clock.h"

struct match_bench {
    const char *path; /* of the patterns */
    struct matcher_pattern *patterns;
    uint32_t pattern_count;
    uint32_t rule_count;
    struct matcher *matcher;
    struct matcher_scratch *scratch;
    struct reference *over_view;
    struct reference *over_text;
    struct json_texts texts;
    struct error_list errors;
    double load_ms;
    /* of match_bench_compare() */
    uint64_t hits;
    uint64_t undecided;
    uint64_t loop_undecided;
    uint64_t differences;
};

/** Adds a pattern of the rule before or the next one; false without memory. */
static inline bool match_bench_add(struct match_bench *bench, const char *pattern, uint32_t rule,
                                   uint32_t line)
{
    if ((bench->pattern_count & (bench->pattern_count - 1)) == 0) {
        size_t room = bench->pattern_count ? 2 * (size_t)bench->pattern_count : 1;
        bench->patterns = memory_resize(bench->patterns, room * sizeof *bench->patterns);
    }
    char *copy = memory_copy_string(pattern);
    if (!bench->patterns || !copy)
        return false;
    struct matcher_pattern *added = &bench->patterns[bench->pattern_count++];
    *added = pattern_of(copy, rule);
    added->file = bench->path;
    added->line = line;
    bench->rule_count = rule + 1;
    return true;
}

/** Gives the lines of `path` to `add`, whose context is the bench; false where nothing came of it.
 */
static inline bool match_bench_read(struct match_bench *bench, const char *path,
                                    bool (*add)(void *context, const struct line *line))
{
    bench->path = path;
    return lines_read(path, add, bench) && bench->pattern_count > 0;
}

static inline bool match_bench_compile_matcher(struct match_bench *bench)
{
    uint64_t begin_ns = clock_processor_ns();
    bool good = matcher_create(bench->patterns, bench->pattern_count, bench->rule_count,
                               &bench->errors, &bench->matcher) == STATUS_OK &&
                matcher_scratch_create(bench->matcher, &bench->scratch) == STATUS_OK;
    bench->load_ms = (double)(clock_processor_ns() - begin_ns) / NS_PER_MS;
    error_list_print(&bench->errors, stderr);
    return good;
}

static inline bool match_bench_compile_loops(struct match_bench *bench)
{
    uint32_t count = bench->pattern_count;
    bool good = reference_create(bench->patterns, count, bench->rule_count, REFERENCE_VIEW,
                                 &bench->errors, &bench->over_view) == STATUS_OK &&
                reference_create(bench->patterns, count, bench->rule_count, REFERENCE_ORIGINAL,
                                 &bench->errors, &bench->over_text) == STATUS_OK;
    error_list_print(&bench->errors, stderr);
    return good;
}

/** What the matcher finds against what the loop over the view finds. */
static inline void match_bench_compare(struct match_bench *bench)
{
    for (size_t i = 0; i < bench->texts.count; i++) {
        struct match_outcome found;
        struct match_outcome wanted;
        uint32_t rule = 0;
        (void)!matcher_match(bench->matcher, bench->scratch, bench->texts.slices[i], 0, &found);
        (void)!reference_match(bench->over_view, bench->texts.slices[i], 0, &wanted);
        bench->hits += found.hit_count;
        bench->undecided += found.undecided_count;
        bench->loop_undecided += wanted.undecided_count;
        bench->differences += !outcomes_agree(&found, &wanted, &rule);
    }
}

/** All texts once. */
static inline void match_bench_match_all(struct match_bench *bench)
{
    struct match_outcome outcome;
    for (size_t i = 0; i < bench->texts.count; i++)
        (void)!matcher_match(bench->matcher, bench->scratch, bench->texts.slices[i], 0, &outcome);
}

/** Nanoseconds a message of one loop over all texts. */
static inline double match_bench_time_loop(const struct match_bench *bench,
                                           struct reference *reference)
{
    struct match_outcome outcome;
    uint64_t begin_ns = clock_processor_ns();
    for (size_t i = 0; i < bench->texts.count; i++)
        (void)!reference_match(reference, bench->texts.slices[i], 0, &outcome);
    return (double)(clock_processor_ns() - begin_ns) / (double)bench->texts.count;
}

static inline void match_bench_free(struct match_bench *bench)
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

#endif
