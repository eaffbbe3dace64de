/** Builds a matcher: parses patterns, and finds for each what matches it. */
#include "classify/match/matcher_parts.h"

#include "classify/match/scan_build.h"
#include "classify/match/word_counts.h"

#include "base/assert.h"
#include "base/jobs.h"
#include "base/memory.h"

#include <string.h>

/* What matcher_create() needs while it runs. */
struct build {
    struct matcher *matcher;
    const struct matcher_pattern *patterns;
    struct word_counts counts;
    struct run *runs; /* SCAN_RUN_PATTERNS patterns each, but for the last */
    struct scan_draft *drafts;
    uint32_t run_count;
};

/* Patterns that are read one after the other, and room for one of them. */
struct run {
    struct matcher *matcher;
    struct scan_draft *draft;
    struct pattern_ways *ways;   /* of one pattern, for the scan */
    struct pattern_exact *exact; /* the same, where it is exact */
    struct phrase_builder *phrase;
    struct error_list *errors;
    enum redress_status status;
};

static void report(struct run *run, const struct matcher_pattern *source,
                   const struct pattern_error *error)
{
    error_list_add(run->errors, STATUS_INVALID, source->file, source->line,
                   source->column + error->at, "%s", error->text);
}

static enum redress_status add_phrase(struct run *run, const struct matcher_pattern *source,
                                      uint32_t index)
{
    struct phrase **phrase = &run->matcher->parts[index].phrase;
    enum redress_status status = phrase_build(run->phrase, phrase);
    return status == STATUS_OK
               ? scan_add_phrase(run->draft, index, source->languages, *phrase, run->phrase)
               : status;
}

/* What the scan looks for, and PCRE2's code where the scan alone does not match the pattern. */
static enum redress_status add_parsed(struct run *run, const struct matcher_pattern *source,
                                      uint32_t index, const struct pattern *pattern,
                                      struct pattern_error *error)
{
    struct matcher_rule_part *part = &run->matcher->parts[index];
    bool taken = false;
    bool needs_code = true;
    part->code.original = source->original;
    if (pattern_find_exact(pattern, run->exact)) {
        enum redress_status status =
            scan_add_exact(run->draft, index, source->languages, run->exact, &taken, &needs_code);
        if (status != STATUS_OK || !needs_code)
            return status;
    }
    if (!taken && phrase_read(run->phrase, pattern))
        return add_phrase(run, source, index);
    enum redress_status status =
        confirm_compile(pattern, run->matcher->tables.bytes, &part->code, error);
    if (status != STATUS_OK || taken)
        return status;
    pattern_find_ways(pattern, run->ways);
    return scan_add(run->draft, index, source->languages, source->original, run->ways);
}

static enum redress_status add_part(struct run *run, const struct matcher_pattern *source,
                                    uint32_t index)
{
    struct pattern pattern;
    struct pattern_error error = {0};
    struct matcher_rule_part *part = &run->matcher->parts[index];
    part->rule_index = source->rule_index;
    part->languages = source->languages;
    enum redress_status status =
        pattern_parse(source->text, source->text_size, source->original, &pattern, &error);
    if (status == STATUS_OK) {
        status = add_parsed(run, source, index, &pattern, &error);
        pattern_free(&pattern);
    }
    if (status == STATUS_INVALID)
        report(run, source, &error);
    return status;
}

static enum redress_status run_init(struct run *run, struct build *build, struct scan_draft *draft)
{
    scan_draft_init(draft, &build->matcher->scan, &build->counts);
    *run = (struct run){.matcher = build->matcher,
                        .draft = draft,
                        .ways = memory_allocate(sizeof *run->ways),
                        .exact = memory_allocate(sizeof *run->exact),
                        .errors = memory_allocate(sizeof *run->errors)};
    bool good = run->ways && run->exact && run->errors;
    return good ? phrase_builder_create(&build->counts, &run->phrase) : STATUS_MEMORY;
}

/* All but its errors. */
static void run_free_room(struct run *run)
{
    memory_free(run->ways);
    memory_free(run->exact);
    phrase_builder_free(run->phrase);
}

static enum redress_status add_parts(struct run *run, const struct matcher_pattern *patterns,
                                     uint32_t first, uint32_t stop)
{
    bool good = true;
    for (uint32_t i = first; i < stop; i++) {
        ASSERT(patterns[i].rule_index < run->matcher->rule_count);
        ASSERT(i == 0 || patterns[i].rule_index >= patterns[i - 1].rule_index);
        enum redress_status status = add_part(run, &patterns[i], i);
        if (status != STATUS_OK && status != STATUS_INVALID)
            return status;
        good = good && status == STATUS_OK;
    }
    return good ? STATUS_OK : STATUS_INVALID;
}

static void do_run(void *context, uint32_t job)
{
    struct build *build = context;
    struct run *run = &build->runs[job];
    uint32_t first = job * SCAN_RUN_PATTERNS;
    uint32_t left = build->matcher->part_count - first;
    run->status = run_init(run, build, &build->drafts[job]);
    if (run->status == STATUS_OK)
        run->status = add_parts(run, build->patterns, first,
                                first + (left < SCAN_RUN_PATTERNS ? left : SCAN_RUN_PATTERNS));
    run_free_room(run);
}

/* The errors of all runs in the order of the patterns. */
static enum redress_status take_runs(struct build *build, struct error_list *errors)
{
    enum redress_status status = STATUS_OK;
    for (uint32_t i = 0; i < build->run_count; i++) {
        struct run *run = &build->runs[i];
        if (run->errors)
            error_list_append(errors, run->errors);
        memory_free(run->errors);
        if (status == STATUS_OK || run->status == STATUS_MEMORY)
            status = run->status;
    }
    return status;
}

static enum redress_status build_parts(struct build *build, struct error_list *errors)
{
    uint32_t count = build->matcher->part_count;
    build->run_count = (count + SCAN_RUN_PATTERNS - 1) / SCAN_RUN_PATTERNS;
    build->runs = memory_allocate_array(build->run_count + 1, sizeof *build->runs);
    build->drafts = memory_allocate_array(build->run_count + 1, sizeof *build->drafts);
    if (!build->runs || !build->drafts || word_counts_init(&build->counts) != STATUS_OK)
        return STATUS_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        word_counts_read(&build->counts, build->patterns[i].text, build->patterns[i].text_size);
    jobs_run(build->run_count, true, do_run, build);
    enum redress_status status = take_runs(build, errors);
    if (status == STATUS_OK)
        status = scan_compile(&build->matcher->scan, build->drafts, build->run_count);
    for (uint32_t i = 0; i < build->run_count; i++)
        scan_draft_destroy(&build->drafts[i]);
    return status;
}

static enum redress_status check_tables(struct matcher *matcher, struct error_list *errors)
{
    const char *failed = NULL;
    character_tables_fill(&matcher->tables);
    enum redress_status status = character_tables_check(&matcher->tables, &failed);
    if (status == STATUS_FATAL)
        error_list_add(errors, status, NULL, 0, 0,
                       "this PCRE2 reads its character tables otherwise than expected (%s): "
                       "install PCRE2 10.42",
                       failed);
    return status;
}

static bool list_originals(struct matcher *matcher, const struct matcher_pattern *patterns)
{
    for (uint32_t i = 0; i < matcher->part_count; i++)
        matcher->original_count += patterns[i].original;
    matcher->originals =
        memory_allocate_array(matcher->original_count + 1, sizeof *matcher->originals);
    if (!matcher->originals)
        return false;
    for (uint32_t i = 0, at = 0; at < matcher->original_count; i++)
        if (patterns[i].original)
            matcher->originals[at++] = i;
    return true;
}

static enum redress_status make_room(struct matcher *matcher,
                                     const struct matcher_pattern *patterns, size_t count,
                                     uint32_t rule_count)
{
    matcher->rule_count = rule_count;
    matcher->part_count = (uint32_t)count;
    matcher->parts = memory_allocate_table((count + 1) * sizeof *matcher->parts);
    if (matcher->parts)
        memset(matcher->parts, 0, (count + 1) * sizeof *matcher->parts);
    return matcher->parts && list_originals(matcher, patterns)
               ? scan_init(&matcher->scan, (uint32_t)count)
               : STATUS_MEMORY;
}

enum redress_status matcher_create(const struct matcher_pattern *patterns, size_t count,
                                   uint32_t rule_count, struct error_list *errors,
                                   struct matcher **out)
{
    *out = NULL;
    struct build build = {.matcher = memory_allocate(sizeof *build.matcher), .patterns = patterns};
    if (!build.matcher)
        return STATUS_MEMORY;
    enum redress_status status = make_room(build.matcher, patterns, count, rule_count);
    if (status == STATUS_OK)
        status = check_tables(build.matcher, errors);
    if (status == STATUS_OK)
        status = build_parts(&build, errors);
    word_counts_destroy(&build.counts);
    memory_free(build.runs);
    memory_free(build.drafts);
    if (status == STATUS_OK)
        *out = build.matcher;
    else
        matcher_free(build.matcher);
    return status;
}

static void part_destroy(struct matcher_rule_part *part)
{
    confirm_free(&part->code);
    phrase_free(part->phrase);
}

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    scan_destroy(&matcher->scan);
    for (uint32_t i = 0; matcher->parts && i < matcher->part_count; i++)
        part_destroy(&matcher->parts[i]);
    memory_free(matcher->parts);
    memory_free(matcher->originals);
    memory_free(matcher);
}
