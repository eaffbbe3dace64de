#include "classify/matcher.h"

#include "classify/character_tables.h"
#include "classify/confirm.h"
#include "classify/scan.h"

#include "base/assert.h"
#include "base/memory.h"
#include "text/view.h"

#include <string.h>

enum { WORD_BITS = 64 };

struct matcher_rule_part {
    struct confirm_code code;
    uint32_t rule_index;
    uint32_t languages;
};

struct matcher {
    struct matcher_rule_part *parts; /* one a pattern, in file order */
    uint32_t part_count;
    uint32_t rule_count;
    bool has_originals;
    struct scan scan;
    struct character_tables tables; /* read while matching: lives as long as the codes */
};

struct matcher_scratch {
    struct view view;
    struct scan_scratch scan;
    struct confirm_scratch confirm;
    struct verdict_hit *hits;
    uint32_t *undecided;
};

/* What matcher_create() needs while it runs. */
struct build {
    struct matcher *matcher;
    struct pattern_ways *ways; /* of one pattern, for the scan */
    struct error_list *errors;
};

static void report(struct build *build, const struct matcher_pattern *source,
                   const struct pattern_error *error)
{
    error_list_add(build->errors, STATUS_INVALID, source->file, source->line,
                   source->column + error->at, "%s", error->text);
}

static enum redress_status add_part(struct build *build, const struct matcher_pattern *source,
                                    uint32_t index)
{
    struct pattern pattern;
    struct pattern_error error = {0};
    struct matcher_rule_part *part = &build->matcher->parts[index];
    part->rule_index = source->rule_index;
    part->languages = source->languages;
    build->matcher->has_originals |= source->original;
    enum redress_status status =
        pattern_parse(source->text, source->text_size, source->original, &pattern, &error);
    if (status == STATUS_OK) {
        status = confirm_compile(&pattern, build->matcher->tables.bytes, &part->code, &error);
        if (status == STATUS_OK) {
            pattern_find_ways(&pattern, build->ways);
            status = scan_add(&build->matcher->scan, index, source->languages, source->original,
                              build->ways);
        }
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
        .errors = errors,
    };
    if (!build.matcher || !build.ways)
        goto cleanup;
    build.matcher->rule_count = rule_count;
    build.matcher->part_count = (uint32_t)count;
    build.matcher->parts = memory_allocate_array(count + 1, sizeof *build.matcher->parts);
    if (!build.matcher->parts || scan_init(&build.matcher->scan, (uint32_t)count) != STATUS_OK)
        goto cleanup;
    status = check_tables(&build);
    if (status == STATUS_OK)
        status = add_parts(&build, patterns, count);
    if (status == STATUS_OK)
        status = scan_compile(&build.matcher->scan);
cleanup:
    memory_free(build.ways);
    if (status == STATUS_OK)
        *out = build.matcher;
    else
        matcher_free(build.matcher);
    return status;
}

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    scan_destroy(&matcher->scan);
    for (uint32_t i = 0; matcher->parts && i < matcher->part_count; i++)
        confirm_free(&matcher->parts[i].code);
    memory_free(matcher->parts);
    memory_free(matcher);
}

enum redress_status matcher_scratch_create(const struct matcher *matcher,
                                           struct matcher_scratch **out)
{
    *out = NULL;
    struct matcher_scratch *scratch = memory_allocate(sizeof *scratch);
    if (!scratch)
        return STATUS_MEMORY;
    scratch->hits = memory_allocate_array(matcher->rule_count + 1, sizeof *scratch->hits);
    scratch->undecided = memory_allocate_array(matcher->rule_count + 1, sizeof *scratch->undecided);
    bool good = scratch->hits && scratch->undecided &&
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
    memory_free(scratch->hits);
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

/* The spans rise, so the first match is the leftmost. */
static enum confirm_answer confirm_spans(const struct matcher_rule_part *part,
                                         struct matcher_scratch *scratch,
                                         const struct scan_spans *spans, struct confirm_span *found)
{
    const struct view *view = &scratch->view;
    bool original = part->code.original;
    struct confirm_subject subject = {
        .bytes = original ? (const uint8_t *)view->text.data : view->bytes,
        .size = original ? view->text.size : view->size,
    };
    enum confirm_answer answer = CONFIRM_NO;
    for (uint32_t i = 0; i < spans->count && answer == CONFIRM_NO; i++) {
        subject.first = spans->items[i].first;
        subject.last = spans->items[i].last;
        answer = confirm_match(&part->code, &scratch->confirm, &subject, found);
    }
    return answer;
}

static enum confirm_answer confirm_part(const struct matcher_rule_part *part,
                                        struct matcher_scratch *scratch,
                                        const struct scan_spans *spans, struct verdict_hit *hit)
{
    struct confirm_span span;
    enum confirm_answer answer = confirm_spans(part, scratch, spans, &span);
    if (answer != CONFIRM_YES)
        return answer;
    *hit = (struct verdict_hit){part->rule_index, span.start, span.end};
    if (!part->code.original)
        view_text_span(&scratch->view, span.start, span.end, &hit->start, &hit->end);
    return answer;
}

/* A rule that a later pattern matches is decided, whatever an earlier one was. */
static void settle(struct matcher_scratch *scratch, struct match_outcome *out,
                   enum confirm_answer answer, uint32_t rule_index)
{
    if (answer == CONFIRM_UNDECIDED)
        add_undecided(scratch, out, rule_index);
    if (answer != CONFIRM_YES)
        return;
    out->hit_count++;
    if (out->undecided_count > 0 && scratch->undecided[out->undecided_count - 1] == rule_index)
        out->undecided_count--;
}

static void confirm_candidates(const struct matcher *matcher, struct matcher_scratch *scratch,
                               uint32_t languages, struct match_outcome *out)
{
    for (uint32_t word = 0; word < scratch->scan.word_count; word++) {
        uint64_t bits = scratch->scan.candidates[word];
        for (; bits; bits &= bits - 1) {
            uint32_t index = word * WORD_BITS + (uint32_t)__builtin_ctzll(bits);
            const struct matcher_rule_part *part = &matcher->parts[index];
            bool done = out->hit_count > 0 &&
                        scratch->hits[out->hit_count - 1].rule_index == part->rule_index;
            if (done || !is_wanted(part, languages))
                continue;
            struct verdict_hit *hit = &scratch->hits[out->hit_count];
            const struct scan_spans *spans = scan_spans_of(&matcher->scan, &scratch->scan, index);
            settle(scratch, out, confirm_part(part, scratch, spans, hit), part->rule_index);
        }
    }
}

/* The scan reads the view: what was edited away there may still stand in the text. */
static void admit_originals(const struct matcher *matcher, struct matcher_scratch *scratch)
{
    for (uint32_t i = 0; i < matcher->part_count; i++)
        if (matcher->parts[i].code.original)
            scratch->scan.candidates[i / WORD_BITS] |= (uint64_t)1 << i % WORD_BITS;
}

/* False where not all of the text could be scanned. */
static bool scan_text(const struct matcher *matcher, struct matcher_scratch *scratch,
                      struct slice text, uint32_t languages)
{
    const struct view *view = &scratch->view;
    const struct scan_database *database = scan_choose(&matcher->scan, languages);
    confirm_begin(&scratch->confirm, text.size);
    view_fold(&scratch->view, text);
    scan_begin(&scratch->scan);
    for (uint32_t at = 0; at < view->size; at += SCAN_PIECE_BYTES) {
        uint32_t left = view->size - at;
        uint32_t piece = SCAN_PIECE_BYTES + SCAN_OVERLAP_BYTES;
        piece = left < piece ? left : piece;
        if (scan_piece(&matcher->scan, database, &scratch->scan, view, at, piece) != STATUS_OK)
            return false;
        if (left > piece && !confirm_has_time(&scratch->confirm))
            return false;
    }
    scan_finish(&matcher->scan, &scratch->scan);
    if (matcher->has_originals && view->edit_count > 0)
        admit_originals(matcher, scratch);
    return true;
}

enum redress_status matcher_match(const struct matcher *matcher, struct matcher_scratch *scratch,
                                  struct slice text, uint32_t languages, struct match_outcome *out)
{
    *out = (struct match_outcome){.hits = scratch->hits, .undecided = scratch->undecided};
    if (text.size > MESSAGE_TEXT_BYTES_MAX || !scan_text(matcher, scratch, text, languages)) {
        for (uint32_t i = 0; i < matcher->part_count;
             i++) /* nothing is known, so no rule is decided */
            if (is_wanted(&matcher->parts[i], languages))
                add_undecided(scratch, out, matcher->parts[i].rule_index);
    } else {
        confirm_candidates(matcher, scratch, languages, out);
    }
    return out->undecided_count ? STATUS_UNDECIDED : STATUS_OK;
}
