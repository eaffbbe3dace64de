#include "classify/matcher.h"

#include "classify/character_tables.h"
#include "classify/confirm.h"
#include "classify/scan.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "text/view.h"

#include <string.h>

enum { WORD_BITS = 64, CANDIDATES_AT_ONCE = 32 };

struct matcher_rule_part {
    struct confirm_code code; /* of what neither the scan nor the phrase matches */
    struct phrase *phrase;    /* NULL where it is none */
    uint32_t rule_index;
    uint32_t languages;
};

struct matcher {
    struct matcher_rule_part *parts; /* one a pattern, in file order */
    uint64_t *originals;             /* one bit a pattern that matches the text itself */
    uint32_t part_count;
    uint32_t rule_count;
    struct scan scan;
    struct character_tables tables; /* read while matching: lives as long as the codes */
};

struct matcher_scratch {
    struct view view;
    struct scan_scratch scan;
    struct confirm_scratch confirm;
    struct match_hits hits;
    uint32_t *undecided;
    struct match_cost *costs; /* by rule; NULL unless somebody watches */
    uint64_t scan_ns;         /* since somebody does */
};

/* What matcher_create() needs while it runs. */
struct build {
    struct matcher *matcher;
    struct pattern_ways *ways;   /* of one pattern, for the scan */
    struct pattern_exact *exact; /* the same, where it is exact */
    struct phrase_builder *phrase;
    struct error_list *errors;
};

static void report(struct build *build, const struct matcher_pattern *source,
                   const struct pattern_error *error)
{
    error_list_add(build->errors, STATUS_INVALID, source->file, source->line,
                   source->column + error->at, "%s", error->text);
}

static enum redress_status add_phrase(struct build *build, const struct matcher_pattern *source,
                                      uint32_t index)
{
    struct phrase **phrase = &build->matcher->parts[index].phrase;
    enum redress_status status = phrase_build(build->phrase, phrase);
    return status == STATUS_OK ? scan_add_phrase(&build->matcher->scan, index, source->languages,
                                                 *phrase, build->phrase)
                               : status;
}

/* What the scan looks for, and PCRE2's code where the scan alone does not match the pattern. */
static enum redress_status add_parsed(struct build *build, const struct matcher_pattern *source,
                                      uint32_t index, const struct pattern *pattern,
                                      struct pattern_error *error)
{
    struct scan *scan = &build->matcher->scan;
    struct matcher_rule_part *part = &build->matcher->parts[index];
    bool taken = false;
    bool needs_code = true;
    part->code.original = source->original;
    if (pattern_find_exact(pattern, build->exact)) {
        enum redress_status status =
            scan_add_exact(scan, index, source->languages, build->exact, &taken, &needs_code);
        if (status != STATUS_OK || !needs_code)
            return status;
    }
    if (!taken && phrase_read(build->phrase, pattern))
        return add_phrase(build, source, index);
    enum redress_status status =
        confirm_compile(pattern, build->matcher->tables.bytes, &part->code, error);
    if (status != STATUS_OK || taken)
        return status;
    pattern_find_ways(pattern, build->ways);
    return scan_add(scan, index, source->languages, source->original, build->ways);
}

static enum redress_status add_part(struct build *build, const struct matcher_pattern *source,
                                    uint32_t index)
{
    struct pattern pattern;
    struct pattern_error error = {0};
    struct matcher_rule_part *part = &build->matcher->parts[index];
    part->rule_index = source->rule_index;
    part->languages = source->languages;
    if (source->original)
        build->matcher->originals[index / WORD_BITS] |= (uint64_t)1 << index % WORD_BITS;
    enum redress_status status =
        pattern_parse(source->text, source->text_size, source->original, &pattern, &error);
    if (status == STATUS_OK) {
        status = add_parsed(build, source, index, &pattern, &error);
        pattern_free(&pattern);
    }
    if (status == STATUS_INVALID)
        report(build, source, &error);
    return status;
}

static enum redress_status add_parts(struct build *build, const struct matcher_pattern *patterns,
                                     size_t count)
{
    bool good = true;
    for (uint32_t i = 0; i < count; i++)
        scan_count_words(&build->matcher->scan, patterns[i].text, patterns[i].text_size);
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(patterns[i].rule_index < build->matcher->rule_count);
        ASSERT(i == 0 || patterns[i].rule_index >= patterns[i - 1].rule_index);
        enum redress_status status = add_part(build, &patterns[i], i);
        if (status != STATUS_OK && status != STATUS_INVALID)
            return status;
        good = good && status == STATUS_OK;
    }
    return good ? STATUS_OK : STATUS_INVALID;
}

static enum redress_status check_tables(struct build *build)
{
    const char *failed = NULL;
    character_tables_fill(&build->matcher->tables);
    enum redress_status status = character_tables_check(&build->matcher->tables, &failed);
    if (status == STATUS_FATAL)
        error_list_add(build->errors, status, NULL, 0, 0,
                       "this PCRE2 reads its character tables otherwise than expected (%s): "
                       "install PCRE2 10.42",
                       failed);
    return status;
}

enum redress_status matcher_create(const struct matcher_pattern *patterns, size_t count,
                                   uint32_t rule_count, struct error_list *errors,
                                   struct matcher **out)
{
    *out = NULL;
    enum redress_status status = STATUS_MEMORY;
    struct build build = {
        .matcher = memory_allocate(sizeof *build.matcher),
        .ways = memory_allocate(sizeof *build.ways),
        .exact = memory_allocate(sizeof *build.exact),
        .errors = errors,
    };
    if (!build.matcher || !build.ways || !build.exact ||
        phrase_builder_create(&build.matcher->scan.counts, &build.phrase) != STATUS_OK)
        goto cleanup;
    build.matcher->rule_count = rule_count;
    build.matcher->part_count = (uint32_t)count;
    build.matcher->parts = memory_allocate_array(count + 1, sizeof *build.matcher->parts);
    build.matcher->originals =
        memory_allocate_array(count / WORD_BITS + 1, sizeof *build.matcher->originals);
    if (!build.matcher->parts || !build.matcher->originals ||
        scan_init(&build.matcher->scan, (uint32_t)count) != STATUS_OK)
        goto cleanup;
    status = check_tables(&build);
    if (status == STATUS_OK)
        status = add_parts(&build, patterns, count);
    if (status == STATUS_OK)
        status = scan_compile(&build.matcher->scan);
cleanup:
    memory_free(build.ways);
    memory_free(build.exact);
    phrase_builder_free(build.phrase);
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

enum redress_status matcher_scratch_create(const struct matcher *matcher,
                                           struct matcher_scratch **out)
{
    *out = NULL;
    struct matcher_scratch *scratch = memory_allocate(sizeof *scratch);
    if (!scratch)
        return STATUS_MEMORY;
    scratch->hits.items = memory_allocate_array(MATCH_HITS_MAX, sizeof *scratch->hits.items);
    scratch->undecided = memory_allocate_array(matcher->rule_count + 1, sizeof *scratch->undecided);
    bool good = scratch->hits.items && scratch->undecided &&
                view_init(&scratch->view, MESSAGE_TEXT_BYTES_MAX) == STATUS_OK &&
                scan_scratch_init(&matcher->scan, &scratch->scan) == STATUS_OK &&
                confirm_scratch_init(&scratch->confirm) == STATUS_OK;
    if (!good) {
        matcher_scratch_free(scratch);
        return STATUS_MEMORY;
    }
    *out = scratch;
    return STATUS_OK;
}

void matcher_scratch_free(struct matcher_scratch *scratch)
{
    if (!scratch)
        return;
    view_destroy(&scratch->view);
    scan_scratch_destroy(&scratch->scan);
    confirm_scratch_destroy(&scratch->confirm);
    memory_free(scratch->hits.items);
    memory_free(scratch->undecided);
    memory_free(scratch);
}

static bool is_wanted(const struct matcher_rule_part *part, uint32_t languages)
{
    return !languages || !part->languages || (languages & part->languages);
}

static void add_undecided(struct matcher_scratch *scratch, struct match_outcome *out,
                          uint32_t rule_index)
{
    if (out->undecided_count > 0 && scratch->undecided[out->undecided_count - 1] == rule_index)
        return;
    scratch->undecided[out->undecided_count++] = rule_index;
}

static void end_rule(struct matcher_scratch *scratch, struct match_outcome *out,
                     uint32_t rule_index)
{
    if (rule_index != UINT32_MAX && !match_hits_end_rule(&scratch->hits))
        add_undecided(scratch, out, rule_index);
}

static struct match_hit hit_of(const struct view *view, const struct matcher *matcher,
                               const struct matcher_rule_part *part, struct confirm_span span)
{
    struct match_hit hit = {.rule_index = part->rule_index,
                            .pattern_index = (uint32_t)(part - matcher->parts),
                            .view_start = span.start,
                            .view_end = span.end};
    if (part->code.original) {
        hit.text_start = span.start;
        hit.text_end = span.end;
        struct view_cursor cursor = {0};
        hit.view_start = view_offset_of(view, &cursor, span.start);
        hit.view_end = view_offset_of(view, &cursor, span.end);
    }
    return hit;
}

/* The spans rise, and a match begins in one of them. False where a limit stopped the search. */
static bool confirm_part(const struct matcher *matcher, struct matcher_scratch *scratch,
                         uint32_t index)
{
    const struct matcher_rule_part *part = &matcher->parts[index];
    const struct scan_spans *spans = scan_spans_of(&matcher->scan, &scratch->scan, index);
    const struct view *view = &scratch->view;
    bool original = part->code.original;
    struct confirm_subject subject = {
        .bytes = original ? (const uint8_t *)view->text.data : view->bytes,
        .size = original ? view->text.size : view->size,
    };
    struct confirm_span found = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < spans->count && count < MATCHES_PER_PATTERN_MAX; i++) {
        subject.last = spans->items[i].last;
        for (; count < MATCHES_PER_PATTERN_MAX; count++) {
            uint32_t first = spans->items[i].first;
            subject.first = first > found.end ? first : found.end;
            enum confirm_answer answer =
                part->phrase ? phrase_match(part->phrase, &scratch->confirm, &subject, &found)
                             : confirm_match(&part->code, &scratch->confirm, &subject, &found);
            if (answer == CONFIRM_UNDECIDED)
                return false;
            if (answer == CONFIRM_NO)
                break;
            struct match_hit hit = hit_of(view, matcher, part, found);
            match_hits_add(&scratch->hits, &hit);
        }
    }
    return true;
}

/* The same where the scan has matched it. */
static bool take_matches(const struct matcher *matcher, struct matcher_scratch *scratch,
                         uint32_t index)
{
    struct exact_match found[MATCHES_PER_PATTERN_MAX];
    bool lost = false;
    bool several = (matcher->scan.traits[index] & SCAN_SEVERAL) != 0;
    uint32_t count = exact_hits_of(&scratch->scan.exact, index, several, found, &lost);
    for (uint32_t i = 0; i < count; i++) {
        struct match_hit hit = {.rule_index = matcher->parts[index].rule_index,
                                .pattern_index = index,
                                .view_start = found[i].start,
                                .view_end = found[i].end};
        match_hits_add(&scratch->hits, &hit);
    }
    return !lost;
}

static bool decide_part(const struct matcher *matcher, struct matcher_scratch *scratch,
                        uint32_t index)
{
    return scan_is_matched(&matcher->scan, index) ? take_matches(matcher, scratch, index)
                                                  : confirm_part(matcher, scratch, index);
}

static bool decide_watched(const struct matcher *matcher, struct matcher_scratch *scratch,
                           uint32_t index)
{
    struct match_cost *cost = &scratch->costs[matcher->parts[index].rule_index];
    uint32_t hits_before = scratch->hits.count;
    uint64_t start_ns = clock_monotonic_ns();
    bool done = decide_part(matcher, scratch, index);
    cost->ns += clock_monotonic_ns() - start_ns;
    cost->candidates++;
    cost->confirms +=
        matcher->parts[index].code.code != NULL && !scan_is_matched(&matcher->scan, index);
    cost->hits += scratch->hits.count - hits_before;
    return done;
}

/* Asks for the memory that deciding reads: the parts are more than the caches hold. */
static void prefetch_parts(const struct matcher *matcher, const uint32_t *indexes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        __builtin_prefetch(&matcher->parts[indexes[i]]);
    for (uint32_t i = 0; i < count; i++) {
        const struct phrase *phrase = matcher->parts[indexes[i]].phrase;
        if (phrase)
            __builtin_prefetch(phrase->steps);
    }
}

static void confirm_candidates(const struct matcher *matcher, struct matcher_scratch *scratch,
                               uint32_t languages, struct match_outcome *out)
{
    uint32_t rule = UINT32_MAX;
    uint32_t indexes[CANDIDATES_AT_ONCE];
    for (uint32_t count; (count = scan_take(&scratch->scan, indexes, CANDIDATES_AT_ONCE)) > 0;) {
        prefetch_parts(matcher, indexes, count);
        for (uint32_t i = 0; i < count; i++) {
            const struct matcher_rule_part *part = &matcher->parts[indexes[i]];
            if (!is_wanted(part, languages))
                continue;
            if (part->rule_index != rule) {
                end_rule(scratch, out, rule);
                rule = part->rule_index;
                match_hits_begin_rule(&scratch->hits);
            }
            bool done = scratch->costs ? decide_watched(matcher, scratch, indexes[i])
                                       : decide_part(matcher, scratch, indexes[i]);
            if (!done)
                add_undecided(scratch, out, rule);
        }
    }
    end_rule(scratch, out, rule);
}

/* False where not all of the text could be scanned. */
static bool scan_view(const struct matcher *matcher, struct matcher_scratch *scratch,
                      uint32_t languages)
{
    const struct view *view = &scratch->view;
    const struct scan_database *database = scan_choose(&matcher->scan, languages);
    scan_begin(&matcher->scan, database, &scratch->scan, view);
    for (uint32_t at = 0; at < view->size; at += SCAN_PIECE_BYTES) {
        uint32_t left = view->size - at;
        uint32_t piece = SCAN_PIECE_BYTES + SCAN_OVERLAP_BYTES;
        piece = left < piece ? left : piece;
        if (scan_piece(&matcher->scan, database, &scratch->scan, view, at, piece) != STATUS_OK)
            return false;
        if (left > piece && !confirm_has_time(&scratch->confirm))
            return false;
    }
    scan_finish(&matcher->scan, database, &scratch->scan);
    /* What was edited out of the view still stands in the text. */
    if (view->edit_count > 0)
        scan_add_candidates(&scratch->scan, matcher->originals);
    return true;
}

static bool scan_watched(const struct matcher *matcher, struct matcher_scratch *scratch,
                         uint32_t languages)
{
    uint64_t start_ns = clock_monotonic_ns();
    bool done = scan_view(matcher, scratch, languages);
    scratch->scan_ns += clock_monotonic_ns() - start_ns;
    return done;
}

static enum redress_status match_view(const struct matcher *matcher,
                                      struct matcher_scratch *scratch, bool fits,
                                      uint32_t languages, struct match_outcome *out)
{
    *out = (struct match_outcome){.hits = scratch->hits.items, .undecided = scratch->undecided};
    scratch->hits.count = 0;
    bool scanned = fits && (scratch->costs ? scan_watched(matcher, scratch, languages)
                                           : scan_view(matcher, scratch, languages));
    if (!scanned) {
        out->unsearched = true;
        for (uint32_t i = 0; i < matcher->part_count;
             i++) /* nothing is known, so no rule is decided */
            if (is_wanted(&matcher->parts[i], languages))
                add_undecided(scratch, out, matcher->parts[i].rule_index);
    } else {
        confirm_candidates(matcher, scratch, languages, out);
        out->hit_count = scratch->hits.count;
    }
    return out->undecided_count ? STATUS_UNDECIDED : STATUS_OK;
}

enum redress_status matcher_match(const struct matcher *matcher, struct matcher_scratch *scratch,
                                  struct slice text, uint32_t languages, struct match_outcome *out)
{
    bool fits = text.size <= MESSAGE_TEXT_BYTES_MAX;
    confirm_begin(&scratch->confirm, text.size);
    if (fits)
        view_fold(&scratch->view, text);
    return match_view(matcher, scratch, fits, languages, out);
}

enum redress_status matcher_match_stretched(const struct matcher *matcher,
                                            struct matcher_scratch *scratch, uint32_t languages,
                                            struct match_outcome *out)
{
    view_stretch(&scratch->view, VIEW_STRETCH_TWO);
    return match_view(matcher, scratch, true, languages, out);
}

const struct view *matcher_view(const struct matcher_scratch *scratch)
{
    return &scratch->view;
}

void matcher_watch_costs(struct matcher_scratch *scratch, struct match_cost *costs)
{
    scratch->costs = costs;
    scratch->scan_ns = 0;
}

uint64_t matcher_scan_ns(const struct matcher_scratch *scratch)
{
    return scratch->scan_ns;
}
