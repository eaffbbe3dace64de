#include "classify/match/matcher_parts.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "text/view.h"

#include <string.h>

enum { CANDIDATES_AT_ONCE = 32 };

struct matcher_scratch {
    struct view view;
    struct scan_scratch scan;
    struct confirm_scratch confirm;
    struct match_hits hits;
    uint32_t *undecided;
    struct match_cost *costs; /* by rule; NULL unless somebody watches */
    uint64_t scan_ns;         /* since somebody does */
};

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
        .words = original ? NULL : view->words,
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

/* The same where the scan has matched it several times. */
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

static inline bool decide_part(const struct matcher *matcher, struct matcher_scratch *scratch,
                               uint32_t index)
{
    if (!scan_is_matched(&matcher->scan, index))
        return confirm_part(matcher, scratch, index);
    const struct exact_place *only = exact_hits_only(&scratch->scan.exact, index);
    if (!only)
        return take_matches(matcher, scratch, index);
    const struct match_hit hit = {.rule_index = matcher->parts[index].rule_index,
                                  .pattern_index = index,
                                  .view_start = only->start,
                                  .view_end = only->end};
    match_hits_add(&scratch->hits, &hit);
    return true;
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
        if (scan_piece(&matcher->scan, database, &scratch->scan, at, piece) != STATUS_OK)
            return false;
        if (left > piece && !confirm_has_time(&scratch->confirm))
            return false;
    }
    scan_finish(&matcher->scan, database, &scratch->scan);
    /* What was edited out of the view still stands in the text. */
    for (uint32_t i = 0; view->edit_count > 0 && i < matcher->original_count; i++)
        scan_add_candidate(&scratch->scan, matcher->originals[i]);
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
