#include "classify/match/scan.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum { WORD_BITS = 64, ACTIONS_MAX = 64, WRITTEN = 1 /* soon, to __builtin_prefetch() */ };

static uint32_t words_for(uint32_t count)
{
    return count / WORD_BITS + 1;
}

static void set_bit(uint64_t *bits, uint64_t *words, uint32_t index)
{
    uint32_t word = index / WORD_BITS;
    bits[word] |= (uint64_t)1 << index % WORD_BITS;
    words[word / WORD_BITS] |= (uint64_t)1 << word % WORD_BITS;
}

static bool has_bit(const uint64_t *bits, uint32_t index)
{
    return bits[index / WORD_BITS] >> index % WORD_BITS & 1;
}

enum redress_status scan_scratch_init(const struct scan *scan, struct scan_scratch *out)
{
    *out = (struct scan_scratch){.word_count = words_for(scan->pattern_count),
                                 .way_count = scan->way_count,
                                 .literal_count = scan->literal_count_max,
                                 .pattern_count = scan->pattern_count};
    out->candidates = memory_allocate_array(out->word_count, sizeof *out->candidates);
    out->candidate_words =
        memory_allocate_array(words_for(out->word_count), sizeof *out->candidate_words);
    out->ways = memory_allocate_array(scan->way_count + 1, sizeof *out->ways);
    out->marks = memory_allocate_array(out->literal_count + 1, sizeof *out->marks);
    out->places = memory_allocate_array(SCAN_PLACES_MAX + 1, sizeof *out->places);
    out->patterns = memory_allocate_array(scan->pattern_count + 1, sizeof *out->patterns);
    out->touched = memory_allocate_array(scan->way_count + 1, sizeof *out->touched);
    out->words =
        memory_allocate_array(view_bytes_max(MESSAGE_TEXT_BYTES_MAX) / 2 + 2, sizeof *out->words);
    bool good = exact_hits_init(&out->exact, scan->pattern_count) == STATUS_OK && out->candidates &&
                out->candidate_words && out->ways && out->marks && out->places && out->patterns &&
                out->touched && out->words;
    if (good && scan->prototype)
        good = hs_clone_scratch(scan->prototype, &out->hs) == HS_SUCCESS;
    if (!good)
        scan_scratch_destroy(out);
    return good ? STATUS_OK : STATUS_MEMORY;
}

void scan_scratch_destroy(struct scan_scratch *scratch)
{
    (void)hs_free_scratch(scratch->hs);
    exact_hits_destroy(&scratch->exact);
    memory_free(scratch->candidates);
    memory_free(scratch->candidate_words);
    memory_free(scratch->ways);
    memory_free(scratch->marks);
    memory_free(scratch->places);
    memory_free(scratch->patterns);
    memory_free(scratch->touched);
    memory_free(scratch->words);
    *scratch = (struct scan_scratch){0};
}

const struct scan_database *scan_choose(const struct scan *scan, uint32_t languages)
{
    bool one = languages && !(languages & (languages - 1));
    const struct scan_database *own =
        one ? scan->of_language[(uint32_t)__builtin_ctz(languages)] : NULL;
    return own ? own : &scan->all;
}

void scan_make_always(struct scan *scan, uint32_t pattern)
{
    set_bit(scan->always, scan->always_words, pattern);
}

/* The candidates of the text before, if it was left undecided, and those of every text. */
static void begin_candidates(const struct scan *scan, struct scan_scratch *scratch)
{
    for (uint32_t i = 0; i < words_for(scratch->word_count); i++) {
        for (uint64_t words = scratch->candidate_words[i] | scan->always_words[i]; words;
             words &= words - 1) {
            uint32_t word = i * WORD_BITS + (uint32_t)__builtin_ctzll(words);
            scratch->candidates[word] = scan->always[word];
        }
        scratch->candidate_words[i] = scan->always_words[i];
    }
}

void scan_begin(const struct scan *scan, const struct scan_database *database,
                struct scan_scratch *scratch, const struct view *view)
{
    scratch->view = view;
    scratch->words_scanned = 0;
    scratch->words_read =
        word_index_read(&database->words, view, &scratch->presence, scratch->words);
    begin_candidates(scan, scratch);
    exact_hits_begin(&scratch->exact);
    scratch->touched_count = 0;
    scratch->place_count = 0;
    if (++scratch->round != 0)
        return;
    /* After 2^32 texts: what an old round left must not look new. */
    memset(scratch->ways, 0, scratch->way_count * sizeof *scratch->ways);
    memset(scratch->marks, 0, scratch->literal_count * sizeof *scratch->marks);
    memset(scratch->patterns, 0, scratch->pattern_count * sizeof *scratch->patterns);
    scratch->round = 1;
}

/* What a literal's place means, and to do about it. */
struct action {
    const struct scan_target *target;
    uint32_t start;
    uint32_t end;
};

/* Those of one kind of target, and what they will write. */
struct actions {
    uint32_t count;
    uint32_t item_bytes;
    const char *written; /* by target->index */
    struct action items[ACTIONS_MAX];
};

/* One piece being scanned. */
struct listener {
    const struct scan *scan;
    const struct scan_database *database;
    struct scan_scratch *scratch;
    uint32_t at;
    struct actions actions[SCAN_TARGET_KINDS]; /* by kind, so that no branch asks for it */
};

static uint32_t edges_at(const uint8_t *begin, const uint8_t *end)
{
    uint32_t edges = view_is_word(begin[-1]) != view_is_word(begin[0]) ? PATTERN_EDGE_BEFORE : 0;
    return edges | (view_is_word(end[-1]) != view_is_word(end[0]) ? PATTERN_EDGE_BEHIND : 0);
}

static void remove_span(struct scan_spans *spans, uint32_t at)
{
    spans->count--;
    memmove(&spans->items[at], &spans->items[at + 1], (spans->count - at) * sizeof *spans->items);
}

/* Joins what touches the span at `at`, which has grown. */
static void join_neighbours(struct scan_spans *spans, uint32_t at)
{
    struct scan_span *items = spans->items;
    while (at + 1 < spans->count && items[at + 1].first <= items[at].last) {
        items[at].last = items[at].last > items[at + 1].last ? items[at].last : items[at + 1].last;
        remove_span(spans, at + 1);
    }
}

static void add_span(struct scan_spans *spans, struct scan_span span)
{
    struct scan_span *items = spans->items;
    uint32_t at = spans->count; /* most come in rising order */
    while (at > 0 && items[at - 1].first > span.first)
        at--;
    bool full = spans->count == SCAN_SPANS_MAX;
    if (at > 0 && (full || span.first <= items[at - 1].last)) {
        at--;
        items[at].last = span.last > items[at].last ? span.last : items[at].last;
    } else if (full) {
        items[0].first = span.first;
        items[0].last = span.last > items[0].last ? span.last : items[0].last;
    } else {
        memmove(&items[at + 1], &items[at], (spans->count - at) * sizeof *items);
        items[at] = span;
        spans->count++;
    }
    join_neighbours(spans, at);
}

/* Keeps the span for this text. True for its first one. */
static bool keep_span(const struct scan_scratch *scratch, struct scan_spans *spans,
                      struct scan_span span)
{
    if (spans->round == scratch->round) {
        add_span(spans, span);
        return false;
    }
    spans->round = scratch->round;
    spans->count = 1;
    spans->items[0] = span;
    return true;
}

/* No match that has at most so many words before `at` begins before this. */
static uint32_t floor_of(const struct view *view, uint32_t at, uint32_t words)
{
    if (words == PHRASE_WORDS_UNBOUNDED)
        return 0;
    for (uint32_t left = words + 1; left > 0 && at > 0; left--)
        at = word_blocks_previous(view->words, at);
    return at > 0 ? at + 1 : 0; /* behind the first byte of a word that is one too many */
}

/* Where a match begins that has so many bytes, and words, before `end` and before the literal. */
static inline struct scan_span span_before(const struct view *view, uint32_t end, uint32_t size,
                                           const struct scan_reach *reach)
{
    uint32_t first = end > reach->distance_max ? end - reach->distance_max : 0;
    uint32_t floor = floor_of(view, end - size, reach->words_before);
    return (struct scan_span){first > floor ? first : floor, end - reach->distance_min};
}

/* A literal of the first set of the way `target->index` stands there. */
static void note(const struct listener *listener, const struct action *action)
{
    struct scan_scratch *scratch = listener->scratch;
    const struct scan_target *target = action->target;
    if (action->end < target->reach.distance_min)
        return;
    struct scan_span span =
        span_before(scratch->view, action->end, action->end - action->start, &target->reach);
    if (keep_span(scratch, &scratch->ways[target->index], span))
        scratch->touched[scratch->touched_count++] = target->index;
}

/* Where the word begins that stands so many words before `at`. */
static uint32_t words_back(const struct view *view, uint32_t at, uint32_t words)
{
    if (words == PHRASE_WORDS_UNBOUNDED)
        return 0;
    words += at > 0 && view_is_word(view->bytes[at]) && view_is_word(view->bytes[at - 1]);
    for (; words > 0 && at > 0; words--)
        at = word_blocks_previous(view->words, at);
    return at;
}

/* An anchor of the phrase `target->index` begins at `start`. */
static void note_phrase(const struct listener *listener, const struct scan_target *target,
                        uint32_t start)
{
    struct scan_scratch *scratch = listener->scratch;
    if (!phrase_may_match(listener->scan->phrases[target->index], &scratch->presence))
        return;
    if (keep_span(
            scratch, &scratch->patterns[target->index],
            (struct scan_span){
                words_back(listener->scratch->view, start, target->reach.words_before), start}))
        set_bit(scratch->candidates, scratch->candidate_words, target->index);
}

/* A common word is of very many second sets, few of which will be asked for. */
static void keep_place(struct scan_scratch *scratch, uint32_t literal, uint32_t end,
                       uint32_t missing)
{
    struct scan_mark *mark = &scratch->marks[literal];
    if (scratch->place_count == SCAN_PLACES_MAX)
        return;
    uint32_t at = ++scratch->place_count;
    scratch->places[at] = (struct scan_place){.end = end, .missing = missing};
    if (mark->round == scratch->round)
        scratch->places[mark->last].next = at;
    else
        *mark = (struct scan_mark){.round = scratch->round, .first = at};
    mark->last = at;
}

/* A string of the exact pattern `target->index` stands there. */
static void match(const struct listener *listener, const struct action *action)
{
    struct scan_scratch *scratch = listener->scratch;
    const struct scan_target *target = action->target;
    const struct exact_finding finding = {.pattern = target->index,
                                          .order = target->order,
                                          .flags = target->reach.flags,
                                          .several = target->several,
                                          .start = action->start,
                                          .end = action->end};
    if (exact_hits_add(&scratch->exact, listener->scratch->view->bytes, finding))
        set_bit(scratch->candidates, scratch->candidate_words, target->index);
}

static void act_all(struct listener *listener)
{
    struct actions *exact = &listener->actions[SCAN_TARGET_EXACT];
    struct actions *phrases = &listener->actions[SCAN_TARGET_PHRASE];
    struct actions *needs = &listener->actions[SCAN_TARGET_NEED];
    for (uint32_t i = 0; i < phrases->count; i++)
        phrase_prefetch(listener->scan->phrases[phrases->items[i].target->index]);
    for (uint32_t i = 0; i < exact->count; i++)
        match(listener, &exact->items[i]);
    for (uint32_t i = 0; i < needs->count; i++)
        note(listener, &needs->items[i]);
    for (uint32_t i = 0; i < phrases->count; i++)
        note_phrase(listener, phrases->items[i].target, phrases->items[i].start);
    exact->count = phrases->count = needs->count = 0;
}

/* Asks for the memory that act_all() will use. */
static inline void put_off(struct listener *listener, const struct action *action)
{
    struct actions *actions = &listener->actions[action->target->kind];
    __builtin_prefetch(actions->written + (size_t)action->target->index * actions->item_bytes,
                       WRITTEN);
    actions->items[actions->count++] = *action;
    if (actions->count == ACTIONS_MAX)
        act_all(listener);
}

static void begin_actions(struct actions *actions, const void *written, uint32_t item_bytes)
{
    actions->count = 0;
    actions->written = written;
    actions->item_bytes = item_bytes;
}

/* What the hit means is done with what others mean, by act_all(). */
static void take_targets(struct listener *listener, const struct word_hit *hit)
{
    const struct scan_database *database = listener->database;
    const struct scan_literal *literal = &database->literals[hit->literal];
    const uint8_t *bytes = listener->scratch->view->bytes; /* a guard stands on either side */
    uint32_t missing = ~edges_at(bytes + hit->start, bytes + hit->end);
    missing &= PATTERN_EDGE_BEFORE | PATTERN_EDGE_BEHIND;
    if (literal->is_second)
        keep_place(listener->scratch, hit->literal, hit->end, missing);
    const struct scan_target *target = &database->targets[literal->first_target];
    const struct scan_target *stop = &database->targets[literal[1].first_target];
    for (; target < stop; target++) {
        if (target->reach.flags & missing)
            continue;
        put_off(listener, &(struct action){target, hit->start, hit->end});
    }
}

/* Each loop asks for the memory that the next one reads: the tables are larger than the caches. */
static void on_hits(void *user, const struct word_hit *hits, uint32_t count)
{
    struct listener *listener = user;
    const struct scan_database *database = listener->database;
    for (uint32_t i = 0; i < count; i++)
        __builtin_prefetch(&database->literals[hits[i].literal]);
    for (uint32_t i = 0; i < count; i++)
        __builtin_prefetch(&database->targets[database->literals[hits[i].literal].first_target]);
    for (uint32_t i = 0; i < count; i++)
        take_targets(listener, &hits[i]);
    act_all(listener);
}

/* Its literals are few: the caches hold them. */
static int on_vectorscan(unsigned id, unsigned long long from, unsigned long long to,
                         unsigned flags, void *user)
{
    struct listener *listener = user;
    uint32_t end = listener->at + (uint32_t)to;
    const struct word_hit hit = {id, end - listener->database->literals[id].size, end};
    (void)from;
    (void)flags;
    take_targets(listener, &hit);
    return 0;
}

/* Those that begin before `stop`. */
static void scan_words(struct listener *listener, uint32_t stop)
{
    struct scan_scratch *scratch = listener->scratch;
    const struct word_place *first = scratch->words + scratch->words_scanned;
    const struct word_place *end = scratch->words + scratch->words_read;
    const struct word_place *word = first;
    while (word < end && word->at < stop)
        word++;
    if (word == first)
        return;
    scratch->words_scanned += (uint32_t)(word - first);
    word_index_scan(&listener->database->words, scratch->view, first, (uint32_t)(word - first),
                    &(struct word_listener){on_hits, listener});
}

enum redress_status scan_piece(const struct scan *scan, const struct scan_database *database,
                               struct scan_scratch *scratch, uint32_t at, uint32_t size)
{
    struct listener listener; /* its actions are not cleared */
    listener.scan = scan;
    listener.database = database;
    listener.scratch = scratch;
    listener.at = at;
    begin_actions(&listener.actions[SCAN_TARGET_EXACT], scratch->exact.marks,
                  sizeof *scratch->exact.marks);
    begin_actions(&listener.actions[SCAN_TARGET_PHRASE], scan->phrases, sizeof *scan->phrases);
    begin_actions(&listener.actions[SCAN_TARGET_NEED], scratch->ways, sizeof *scratch->ways);
    scan_words(&listener, at + SCAN_PIECE_BYTES);
    if (!database->hs)
        return STATUS_OK;
    const char *piece = (const char *)scratch->view->bytes + at;
    hs_error_t result =
        hs_scan(database->hs, piece, size, 0, scratch->hs, on_vectorscan, &listener);
    act_all(&listener);
    return result == HS_SUCCESS ? STATUS_OK : STATUS_UNDECIDED;
}

/* Keeps what stands in both. */
static void intersect(struct scan_spans *spans, const struct scan_spans *other)
{
    struct scan_spans both = {.round = spans->round};
    uint32_t left = 0;
    uint32_t right = 0;
    while (left < spans->count && right < other->count) {
        struct scan_span a = spans->items[left];
        struct scan_span b = other->items[right];
        struct scan_span span = {a.first > b.first ? a.first : b.first,
                                 a.last < b.last ? a.last : b.last};
        if (span.first <= span.last)
            add_span(&both, span);
        left += a.last <= b.last;
        right += b.last <= a.last;
    }
    *spans = both;
}

/* Where a match that this literal belongs to could begin. */
static void add_places(const struct scan_scratch *scratch, const struct scan_second *second,
                       struct scan_spans *spans)
{
    const struct scan_mark *mark = &scratch->marks[second->literal];
    const struct scan_reach *reach = &second->reach;
    uint32_t at = mark->round == scratch->round ? mark->first : 0;
    for (; at; at = scratch->places[at].next) {
        const struct scan_place *place = &scratch->places[at];
        if ((place->missing & reach->flags) || place->end < reach->distance_min)
            continue;
        add_span(spans, span_before(scratch->view, place->end, second->size, reach));
    }
}

static void second_spans(const struct scan_database *database, const struct scan_scratch *scratch,
                         uint32_t need, struct scan_spans *out)
{
    const struct scan_second *second = &database->seconds[database->first_seconds[need]];
    const struct scan_second *stop = &database->seconds[database->first_seconds[need + 1]];
    out->count = 0;
    for (; second < stop; second++)
        add_places(scratch, second, out);
}

/* Where a match that goes this way could begin: narrows what its first set has told. */
static void narrow_way(const struct scan_database *database, const struct scan_scratch *scratch,
                       const struct scan_way *way, struct scan_spans *spans)
{
    if (scratch->place_count == SCAN_PLACES_MAX)
        return;
    for (uint32_t i = 1; i < way->need_count && spans->count > 0; i++) {
        struct scan_spans second;
        second_spans(database, scratch, way->first_need + i, &second);
        intersect(spans, &second);
    }
}

static void add_way(const struct scan *scan, const struct scan_database *database,
                    struct scan_scratch *scratch, uint32_t index)
{
    const struct scan_way *way = &scan->ways[index];
    struct scan_spans *sum = &scratch->patterns[way->pattern];
    struct scan_spans *spans = &scratch->ways[index];
    narrow_way(database, scratch, way, spans);
    if (spans->count == 0)
        return;
    set_bit(scratch->candidates, scratch->candidate_words, way->pattern);
    if (sum->round != scratch->round) {
        *sum = *spans;
        return;
    }
    for (uint32_t i = 0; i < spans->count; i++)
        add_span(sum, spans->items[i]);
}

void scan_finish(const struct scan *scan, const struct scan_database *database,
                 struct scan_scratch *scratch)
{
    for (uint32_t i = 0; i < scratch->touched_count; i++)
        add_way(scan, database, scratch, scratch->touched[i]);
}

void scan_add_candidate(struct scan_scratch *scratch, uint32_t pattern)
{
    set_bit(scratch->candidates, scratch->candidate_words, pattern);
}

/* Those of one word of bits; gives those that found no room. */
static inline uint64_t take_bits(uint64_t bits, uint32_t word, uint32_t *out, uint32_t *count,
                                 uint32_t room)
{
    for (; bits && *count < room; bits &= bits - 1)
        out[(*count)++] = word * WORD_BITS + (uint32_t)__builtin_ctzll(bits);
    return bits;
}

uint32_t scan_take(struct scan_scratch *scratch, uint32_t *out, uint32_t room)
{
    uint32_t count = 0;
    uint32_t last = words_for(scratch->word_count);
    for (uint32_t i = 0; i < last; i++) {
        uint64_t words = scratch->candidate_words[i];
        for (; words && count < room; words &= words - 1) {
            uint32_t word = i * WORD_BITS + (uint32_t)__builtin_ctzll(words);
            scratch->candidates[word] =
                take_bits(scratch->candidates[word], word, out, &count, room);
            if (scratch->candidates[word])
                break;
        }
        scratch->candidate_words[i] = words;
        if (words)
            break;
    }
    return count;
}

const struct scan_spans *scan_spans_of(const struct scan *scan, const struct scan_scratch *scratch,
                                       uint32_t pattern)
{
    static const struct scan_spans everywhere = {.count = 1, .items = {{0, UINT32_MAX}}};
    if ((scan->traits[pattern] & SCAN_WHOLE) || has_bit(scan->always, pattern))
        return &everywhere;
    return &scratch->patterns[pattern];
}
