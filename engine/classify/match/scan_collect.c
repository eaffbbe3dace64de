/** Builds a scan, first part: collects what patterns need. */
#include "classify/match/scan_build.h"

#include "base/memory.h"

#include <string.h>

enum { WORD_BITS = 64, ROOM_MIN = 256 };

enum redress_status scan_init(struct scan *scan, uint32_t pattern_count)
{
    *scan = (struct scan){.pattern_count = pattern_count};
    scan->languages = memory_allocate_array(pattern_count + 1, sizeof *scan->languages);
    scan->traits = memory_allocate_array(pattern_count + 1, sizeof *scan->traits);
    scan->phrases = memory_allocate_array(pattern_count + 1, sizeof *scan->phrases);
    size_t words = pattern_count / WORD_BITS + 1;
    scan->always = memory_allocate_array(words, sizeof *scan->always);
    scan->always_words = memory_allocate_array(words / WORD_BITS + 1, sizeof *scan->always_words);
    bool good =
        scan->languages && scan->traits && scan->phrases && scan->always && scan->always_words;
    return good ? STATUS_OK : STATUS_MEMORY;
}

void scan_draft_init(struct scan_draft *draft, struct scan *scan, const struct word_counts *counts)
{
    *draft = (struct scan_draft){.scan = scan, .counts = counts};
}

void scan_draft_destroy(struct scan_draft *draft)
{
    memory_free(draft->entries);
    memory_free(draft->ways);
    memory_free(draft->way_of_need);
    *draft = (struct scan_draft){.scan = draft->scan};
}

/* Room for `more` items behind `count`. */
static bool make_room(void **block, uint32_t *room, uint32_t count, uint32_t more, size_t size)
{
    if (count + more <= *room)
        return true;
    uint32_t wanted = *room ? *room : ROOM_MIN;
    while (wanted < count + more)
        wanted *= 2;
    void *larger = memory_resize(*block, wanted * size);
    if (!larger)
        return false;
    *block = larger;
    *room = wanted;
    return true;
}

/* Of this pattern, whose target it is. */
static bool add_entry(struct scan_draft *draft, uint32_t pattern, const uint8_t *bytes,
                      uint8_t size, struct word_anchor anchor, struct scan_target target)
{
    void *entries = draft->entries;
    bool good =
        make_room(&entries, &draft->entry_room, draft->entry_count, 1, sizeof *draft->entries);
    draft->entries = entries;
    if (!good)
        return false;
    struct scan_entry *entry = &draft->entries[draft->entry_count++];
    entry->size = size;
    entry->edges = target.reach.flags & PATTERN_EDGES;
    entry->languages = draft->scan->languages[pattern];
    entry->anchor = anchor;
    entry->target = target;
    memcpy(entry->bytes, bytes, size);
    return true;
}

/* In words, where that says more than the distance in bytes does. */
static uint8_t words_before(const struct pattern_literal *literal)
{
    enum { WORD_BYTES = 10 };
    uint32_t words = literal->words_max;
    bool helps = words < PHRASE_WORDS_UNBOUNDED &&
                 literal->distance_max - literal->size > WORD_BYTES * (words + 1);
    return helps ? (uint8_t)words : PHRASE_WORDS_UNBOUNDED;
}

static bool add_set(struct scan_draft *draft, uint32_t pattern, const struct pattern_literals *set)
{
    void *needs = draft->way_of_need;
    bool good =
        make_room(&needs, &draft->need_room, draft->need_count, 1, sizeof *draft->way_of_need);
    draft->way_of_need = needs;
    for (uint32_t i = 0; i < set->count && good; i++) {
        const struct pattern_literal *literal = &set->items[i];
        struct word_anchor anchor =
            word_anchor_choose(draft->counts, literal->bytes, literal->size, literal->edges);
        good = add_entry(draft, pattern, literal->bytes, literal->size, anchor,
                         (struct scan_target){.kind = SCAN_TARGET_NEED,
                                              .index = draft->need_count,
                                              .reach = {.distance_min = literal->distance_min,
                                                        .distance_max = literal->distance_max,
                                                        .words_before = words_before(literal),
                                                        .flags = literal->edges}});
    }
    if (good)
        draft->way_of_need[draft->need_count++] = draft->way_count;
    return good;
}

enum redress_status scan_add(struct scan_draft *draft, uint32_t pattern, uint32_t languages,
                             bool original, const struct pattern_ways *ways)
{
    draft->scan->languages[pattern] = languages;
    draft->scan->traits[pattern] = SCAN_CODE | (original ? SCAN_WHOLE : 0);
    if (ways->count == 0)
        scan_make_always(draft->scan, pattern);
    for (uint32_t i = 0; i < ways->count; i++) {
        const struct pattern_way *way = &ways->items[i];
        void *room = draft->ways;
        if (!make_room(&room, &draft->way_room, draft->way_count, 1, sizeof *draft->ways))
            return STATUS_MEMORY;
        draft->ways = room;
        draft->ways[draft->way_count] = (struct scan_way){
            .pattern = pattern, .first_need = draft->need_count, .need_count = way->set_count};
        for (uint32_t j = 0; j < way->set_count; j++)
            if (!add_set(draft, pattern, &way->sets[j]))
                return STATUS_MEMORY;
        draft->way_count++;
    }
    return STATUS_OK;
}

/* Vectorscan may find several strings very often in one long word, and each would run over it. */
static bool is_bounded(const struct pattern_exact *exact, const struct word_anchor *anchors,
                       bool *by_words)
{
    bool runs = false;
    *by_words = true;
    for (uint32_t i = 0; i < exact->count; i++) {
        if (anchors[i].kind != WORD_ANCHOR_NONE)
            continue;
        *by_words = false;
        runs = runs || (exact->items[i].flags & PATTERN_RUNS);
    }
    return exact->count == 1 || !runs;
}

/* Each is looked for in every text that its first byte stands in. */
static bool is_too_common(const struct pattern_exact *exact)
{
    for (uint32_t i = 0; i < exact->count; i++)
        if (exact->items[i].size == 1 && pattern_string_edges(&exact->items[i]) != PATTERN_EDGES)
            return true;
    return false;
}

static void find_anchors(const struct word_counts *counts, const struct pattern_exact *exact,
                         struct word_anchor *out)
{
    for (uint32_t i = 0; i < exact->count; i++) {
        const struct pattern_string *string = &exact->items[i];
        out[i] =
            word_anchor_choose(counts, string->bytes, string->size, pattern_string_edges(string));
    }
}

enum redress_status scan_add_exact(struct scan_draft *draft, uint32_t pattern, uint32_t languages,
                                   const struct pattern_exact *exact, bool *taken, bool *needs_code)
{
    struct word_anchor anchors[PATTERN_EXACT_STRINGS_MAX];
    bool by_words = false;
    find_anchors(draft->counts, exact, anchors);
    *taken = !is_too_common(exact) && is_bounded(exact, anchors, &by_words);
    *needs_code = !*taken || !by_words;
    if (!*taken)
        return STATUS_OK;
    draft->scan->languages[pattern] = languages;
    draft->scan->traits[pattern] = (uint8_t)(SCAN_EXACT | (exact->count > 1 ? SCAN_SEVERAL : 0) |
                                             (*needs_code ? SCAN_CODE : 0));
    for (uint32_t i = 0; i < exact->count; i++) {
        const struct pattern_string *string = &exact->items[i];
        unsigned runs = string->flags & PATTERN_RUNS;
        struct scan_target target = {.index = pattern,
                                     .order = (uint16_t)i,
                                     .reach.flags = (uint8_t)(pattern_string_edges(string) | runs),
                                     .kind = SCAN_TARGET_EXACT,
                                     .several = exact->count > 1};
        if (!add_entry(draft, pattern, string->bytes, string->size, anchors[i], target))
            return STATUS_MEMORY;
    }
    return STATUS_OK;
}

enum redress_status scan_add_phrase(struct scan_draft *draft, uint32_t pattern, uint32_t languages,
                                    const struct phrase *phrase,
                                    const struct phrase_builder *builder)
{
    const struct phrase_anchors *anchors = phrase_anchors(builder);
    draft->scan->phrases[pattern] = phrase;
    draft->scan->languages[pattern] = languages;
    draft->scan->traits[pattern] = 0;
    for (uint32_t i = 0; i < anchors->count; i++) {
        struct phrase_strings strings = phrase_strings(builder, anchors->items[i].set);
        for (uint32_t j = 0; j < strings.count; j++) {
            const struct pattern_string *string = &strings.items[j];
            struct scan_target target = {
                .kind = SCAN_TARGET_PHRASE,
                .index = pattern,
                .reach = {.words_before = (uint8_t)anchors->items[i].words_before,
                          .flags = pattern_string_edges(string)}};
            if (!add_entry(draft, pattern, string->bytes, string->size, strings.anchors[j], target))
                return STATUS_MEMORY;
        }
    }
    return STATUS_OK;
}
