#include "classify/match/exact_hits.h"

#include "base/memory.h"

#include <string.h>

enum redress_status exact_hits_init(struct exact_hits *hits, uint32_t pattern_count)
{
    *hits = (struct exact_hits){.pattern_count = pattern_count};
    hits->marks = memory_allocate_array(pattern_count + 1, sizeof *hits->marks);
    hits->places = memory_allocate_array(EXACT_PLACES_MAX, sizeof *hits->places);
    return hits->marks && hits->places ? STATUS_OK : STATUS_MEMORY;
}

void exact_hits_destroy(struct exact_hits *hits)
{
    memory_free(hits->marks);
    memory_free(hits->places);
    *hits = (struct exact_hits){0};
}

void exact_hits_begin(struct exact_hits *hits)
{
    hits->place_count = 0;
    if (++hits->round != 0)
        return;
    /* After 2^32 texts: what an old round left must not look new. */
    memset(hits->marks, 0, hits->pattern_count * sizeof *hits->marks);
    hits->round = 1;
}

static void keep(struct exact_hits *hits, struct exact_mark *mark,
                 const struct exact_finding *finding)
{
    if (hits->place_count == EXACT_PLACES_MAX) {
        mark->lost = true;
        return;
    }
    uint32_t at = hits->place_count++;
    hits->places[at] = (struct exact_place){finding->start, finding->end, finding->order, 0};
    if (mark->count++ == 0)
        mark->first = at;
    else
        hits->places[mark->last].next = at;
    mark->last = at;
}

/* The last place of the string in a word counts, where the run before it may hold the others. */
static bool lengthens(struct exact_hits *hits, struct exact_mark *mark, const uint8_t *bytes,
                      const struct exact_finding *finding)
{
    bool same_word =
        finding->start <= mark->end && mark->end > 0 && view_is_word(bytes[mark->end - 1]);
    if (!(finding->flags & PATTERN_RUN_BEFORE) || !same_word)
        return false;
    if (finding->end > mark->end) {
        if (mark->count <= MATCHES_PER_PATTERN_MAX)
            hits->places[mark->last].end = finding->end;
        mark->end = finding->end;
    }
    return true;
}

static void add_single(struct exact_hits *hits, struct exact_mark *mark, const uint8_t *bytes,
                       const struct exact_finding *finding)
{
    if (lengthens(hits, mark, bytes, finding) || finding->start < mark->end)
        return;
    mark->end = finding->end;
    if (mark->count < MATCHES_PER_PATTERN_MAX)
        keep(hits, mark, finding);
    else
        mark->count = MATCHES_PER_PATTERN_MAX + 1; /* the kept ones grow no more */
}

void exact_hits_add_more(struct exact_hits *hits, const uint8_t *bytes,
                         const struct exact_finding *finding)
{
    struct exact_mark *mark = &hits->marks[finding->pattern];
    struct exact_finding place = *finding;
    if (mark->lost)
        return;
    if (finding->several) {
        exact_finding_run(&place, bytes, 0);
        keep(hits, mark, &place);
    } else if (finding->start >= mark->end) {
        exact_finding_run(&place, bytes, mark->end);
        add_single(hits, mark, bytes, &place);
    } else {
        (void)lengthens(hits, mark, bytes, finding);
    }
}

/* The place that PCRE2 would find first from `from` on, or NULL. */
static const struct exact_place *find_next(const struct exact_hits *hits,
                                           const struct exact_mark *mark, uint32_t from)
{
    const struct exact_place *best = NULL;
    uint32_t at = mark->first;
    for (uint32_t i = 0; i < mark->count; i++, at = hits->places[at].next) {
        const struct exact_place *place = &hits->places[at];
        bool better = !best || place->start < best->start ||
                      (place->start == best->start && place->order < best->order);
        if (place->start >= from && better)
            best = place;
    }
    return best;
}

uint32_t exact_hits_of(const struct exact_hits *hits, uint32_t pattern, bool several,
                       struct exact_match out[MATCHES_PER_PATTERN_MAX], bool *lost)
{
    const struct exact_mark *mark = &hits->marks[pattern];
    uint32_t count = 0;
    *lost = mark->lost;
    if (!several) {
        uint32_t at = mark->first;
        for (; count < mark->count && count < MATCHES_PER_PATTERN_MAX; count++) {
            out[count] = (struct exact_match){hits->places[at].start, hits->places[at].end};
            at = hits->places[at].next;
        }
        return count;
    }
    for (uint32_t from = 0; count < MATCHES_PER_PATTERN_MAX; count++) {
        const struct exact_place *place = find_next(hits, mark, from);
        if (!place)
            break;
        out[count] = (struct exact_match){place->start, place->end};
        from = place->end;
    }
    return count;
}
