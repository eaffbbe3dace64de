/** Builds a scan: collects what patterns need, and compiles the databases from it. */
#include "classify/scan.h"

#include "base/assert.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/*
 * Two literals that no view holds (view.h: 0x85 and 0xA0 never occur) are always scanned for: with
 * them a database never has one literal alone, for which Vectorscan uses another engine, nor one
 * byte that all literals begin with, for which it would skip ahead.
 */
static const char *const sentinels[] = {"\x85\xa0\x85\xa0", "\xa0\x85\xa0\x85"};
enum {
    WORD_BITS = 64,
    SENTINEL_COUNT = sizeof sentinels / sizeof sentinels[0],
    SENTINEL_BYTES = 4,
    ROOM_MIN = 256,
    CHECK_BYTES = 200, /* three blocks of 64 bytes and a tail */
    CHECKED_MAX = 100  /* literals; the engine is the same for all of a database */
};

enum redress_status scan_init(struct scan *scan, uint32_t pattern_count)
{
    *scan = (struct scan){.pattern_count = pattern_count};
    scan->languages = memory_allocate_array(pattern_count + 1, sizeof *scan->languages);
    scan->traits = memory_allocate_array(pattern_count + 1, sizeof *scan->traits);
    scan->phrases = memory_allocate_array(pattern_count + 1, sizeof *scan->phrases);
    size_t words = pattern_count / WORD_BITS + 1;
    scan->always = memory_allocate_array(words, sizeof *scan->always);
    scan->always_words = memory_allocate_array(words / WORD_BITS + 1, sizeof *scan->always_words);
    bool good = word_counts_init(&scan->counts) == STATUS_OK && scan->languages && scan->traits &&
                scan->phrases && scan->always && scan->always_words;
    return good ? STATUS_OK : STATUS_MEMORY;
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

static bool add_entry(struct scan *scan, const uint8_t *bytes, uint8_t size,
                      struct word_anchor anchor, struct scan_target target)
{
    void *entries = scan->entries;
    bool good = make_room(&entries, &scan->entry_room, scan->entry_count, 1, sizeof *scan->entries);
    scan->entries = entries;
    if (!good)
        return false;
    struct scan_entry *entry = &scan->entries[scan->entry_count++];
    entry->size = size;
    entry->edges = target.flags & PATTERN_EDGES;
    entry->anchor = anchor;
    entry->target = target;
    memcpy(entry->bytes, bytes, size);
    return true;
}

static bool add_set(struct scan *scan, const struct pattern_literals *set)
{
    void *needs = scan->way_of_need;
    bool good = make_room(&needs, &scan->need_room, scan->need_count, 1, sizeof *scan->way_of_need);
    scan->way_of_need = needs;
    for (uint32_t i = 0; i < set->count && good; i++) {
        const struct pattern_literal *literal = &set->items[i];
        struct word_anchor anchor =
            word_anchor_choose(&scan->counts, literal->bytes, literal->size, literal->edges);
        good = add_entry(scan, literal->bytes, literal->size, anchor,
                         (struct scan_target){.kind = SCAN_TARGET_NEED,
                                              .index = scan->need_count,
                                              .distance_min = literal->distance_min,
                                              .distance_max = literal->distance_max,
                                              .flags = literal->edges});
    }
    if (good)
        scan->way_of_need[scan->need_count++] = scan->way_count;
    return good;
}

enum redress_status scan_add(struct scan *scan, uint32_t pattern, uint32_t languages, bool original,
                             const struct pattern_ways *ways)
{
    scan->languages[pattern] = languages;
    scan->traits[pattern] = SCAN_CODE | (original ? SCAN_WHOLE : 0);
    if (ways->count == 0)
        scan_make_always(scan, pattern);
    for (uint32_t i = 0; i < ways->count; i++) {
        const struct pattern_way *way = &ways->items[i];
        void *room = scan->ways;
        if (!make_room(&room, &scan->way_room, scan->way_count, 1, sizeof *scan->ways))
            return STATUS_MEMORY;
        scan->ways = room;
        scan->ways[scan->way_count] = (struct scan_way){
            .pattern = pattern, .first_need = scan->need_count, .need_count = way->set_count};
        for (uint32_t j = 0; j < way->set_count; j++)
            if (!add_set(scan, &way->sets[j]))
                return STATUS_MEMORY;
        scan->way_count++;
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

static void find_anchors(const struct scan *scan, const struct pattern_exact *exact,
                         struct word_anchor *out)
{
    for (uint32_t i = 0; i < exact->count; i++) {
        const struct pattern_string *string = &exact->items[i];
        out[i] = word_anchor_choose(&scan->counts, string->bytes, string->size,
                                    pattern_string_edges(string));
    }
}

enum redress_status scan_add_exact(struct scan *scan, uint32_t pattern, uint32_t languages,
                                   const struct pattern_exact *exact, bool *taken, bool *needs_code)
{
    struct word_anchor anchors[PATTERN_EXACT_STRINGS_MAX];
    bool by_words = false;
    find_anchors(scan, exact, anchors);
    *taken = !is_too_common(exact) && is_bounded(exact, anchors, &by_words);
    *needs_code = !*taken || !by_words;
    if (!*taken)
        return STATUS_OK;
    scan->languages[pattern] = languages;
    scan->traits[pattern] = (uint8_t)(SCAN_EXACT | (exact->count > 1 ? SCAN_SEVERAL : 0) |
                                      (*needs_code ? SCAN_CODE : 0));
    for (uint32_t i = 0; i < exact->count; i++) {
        const struct pattern_string *string = &exact->items[i];
        unsigned runs = string->flags & PATTERN_RUNS;
        struct scan_target target = {.index = pattern,
                                     .order = (uint16_t)i,
                                     .flags = (uint8_t)(pattern_string_edges(string) | runs),
                                     .kind = SCAN_TARGET_EXACT};
        if (!add_entry(scan, string->bytes, string->size, anchors[i], target))
            return STATUS_MEMORY;
    }
    return STATUS_OK;
}

enum redress_status scan_add_phrase(struct scan *scan, uint32_t pattern, uint32_t languages,
                                    const struct phrase *phrase,
                                    const struct phrase_builder *builder)
{
    const struct phrase_anchors *anchors = phrase_anchors(builder);
    scan->phrases[pattern] = phrase;
    scan->languages[pattern] = languages;
    scan->traits[pattern] = 0;
    for (uint32_t i = 0; i < anchors->count; i++) {
        struct phrase_strings strings = phrase_strings(builder, anchors->items[i].set);
        for (uint32_t j = 0; j < strings.count; j++) {
            const struct pattern_string *string = &strings.items[j];
            struct scan_target target = {.kind = SCAN_TARGET_PHRASE,
                                         .index = pattern,
                                         .words_before = anchors->items[i].words_before,
                                         .flags = pattern_string_edges(string)};
            if (!add_entry(scan, string->bytes, string->size, strings.anchors[j], target))
                return STATUS_MEMORY;
        }
    }
    return STATUS_OK;
}

/* In the order of a dictionary: what begins alike stands together in memory when texts are read. */
static int compare_literals(const struct scan_entry *a, const struct scan_entry *b)
{
    int order = memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);
    if (order != 0)
        return order;
    return a->size != b->size ? (int)a->size - (int)b->size : (int)a->edges - (int)b->edges;
}

static int compare_entries(const void *left, const void *right)
{
    const struct scan_entry *a = left;
    const struct scan_entry *b = right;
    int order = compare_literals(a, b);
    if (order != 0)
        return order;
    if (a->target.kind != b->target.kind)
        return (int)a->target.kind - (int)b->target.kind;
    return a->target.index < b->target.index ? -1 : a->target.index > b->target.index;
}

struct request {
    const char **literals;
    size_t *sizes;
    unsigned *flags;
    unsigned *ids;
    uint32_t count;
    struct scan_second *seconds; /* in the order of their literals */
    uint32_t second_count;
};

/* Of Vectorscan, the literal that is counted next. */
static void ask_for(struct request *request, const struct scan_database *database,
                    const char *literal, size_t size)
{
    uint32_t at = request->count++;
    request->literals[at] = literal;
    request->sizes[at] = size;
    request->ids[at] = database->literal_count;
}

static void add_literal(struct request *request, struct scan_database *database,
                        const struct scan_entry *entry, uint32_t first_target)
{
    uint32_t literal = database->literal_count;
    if (entry->anchor.kind == WORD_ANCHOR_NONE)
        ask_for(request, database, (const char *)entry->bytes, entry->size);
    else
        word_index_add(&database->words, entry->anchor, entry->bytes, entry->size, literal);
    database->literals[literal] =
        (struct scan_literal){.first_target = first_target, .size = entry->size};
    database->literal_count++;
}

struct hearing {
    unsigned id;
    bool heard;
};

static int hear(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                void *user)
{
    struct hearing *hearing = user;
    (void)from;
    (void)to;
    (void)flags;
    hearing->heard |= hearing->id == id;
    return 0;
}

/* True where the database finds one literal wherever it stands in a text of some blocks. */
static bool finds_everywhere(const struct scan *scan, const struct scan_database *database,
                             const char *literal, size_t size, unsigned id)
{
    char text[CHECK_BYTES];
    for (size_t at = 0; at + size <= sizeof text; at++) {
        struct hearing hearing = {.id = id};
        memset(text, '\n', sizeof text);
        memcpy(text + at, literal, size);
        hs_error_t result =
            hs_scan(database->hs, text, sizeof text, 0, scan->prototype, hear, &hearing);
        if (result != HS_SUCCESS || !hearing.heard)
            return false;
    }
    return true;
}

static bool works_here(const struct scan *scan, const struct scan_database *database,
                       const struct request *request)
{
    uint32_t step = request->count / CHECKED_MAX + 1;
    for (uint32_t i = 0; i < request->count; i += step)
        if (!finds_everywhere(scan, database, request->literals[i], request->sizes[i],
                              request->ids[i]))
            return false;
    return true;
}

static enum redress_status compile(struct scan *scan, struct scan_database *database,
                                   const struct request *request)
{
    hs_compile_error_t *error = NULL;
    hs_error_t result =
        hs_compile_lit_multi(request->literals, request->flags, request->ids, request->sizes,
                             request->count, HS_MODE_BLOCK, NULL, &database->hs, &error);
    hs_free_compile_error(error);
    if (result != HS_SUCCESS || hs_alloc_scratch(database->hs, &scan->prototype) != HS_SUCCESS)
        return STATUS_MEMORY; /* plain literals give no other reason */
    scan->faulty = scan->faulty || !works_here(scan, database, request);
    return STATUS_OK;
}

static bool serves(const struct scan *scan, const struct scan_entry *entry, uint32_t languages)
{
    uint32_t pattern = entry->target.index;
    if (entry->target.kind == SCAN_TARGET_NEED)
        pattern = scan->ways[scan->way_of_need[entry->target.index]].pattern;
    uint32_t own = scan->languages[pattern];
    return !languages || !own || (own & languages);
}

static void add_target(const struct scan *scan, struct scan_database *database,
                       struct request *request, const struct scan_target *target,
                       uint32_t *target_count)
{
    uint32_t literal = database->literal_count - 1;
    uint32_t way = target->kind == SCAN_TARGET_NEED ? scan->way_of_need[target->index] : 0;
    if (target->kind != SCAN_TARGET_NEED) {
        database->targets[(*target_count)++] = *target;
    } else if (scan->ways[way].first_need == target->index) {
        database->targets[*target_count] = *target;
        database->targets[(*target_count)++].index = way;
    } else {
        database->literals[literal].is_second = true;
        request->seconds[request->second_count++] =
            (struct scan_second){.need = target->index,
                                 .literal = literal,
                                 .distance_min = target->distance_min,
                                 .distance_max = target->distance_max,
                                 .flags = target->flags};
    }
}

/* By need. */
static void sort_seconds(const struct scan *scan, struct scan_database *database,
                         const struct request *request)
{
    uint32_t *firsts = database->first_seconds;
    for (uint32_t i = 0; i < request->second_count; i++)
        firsts[request->seconds[i].need + 1]++;
    for (uint32_t need = 0; need < scan->need_count; need++)
        firsts[need + 1] += firsts[need];
    for (uint32_t i = request->second_count; i > 0; i--) /* each end moves down to its start */
        database->seconds[--firsts[request->seconds[i - 1].need + 1]] = request->seconds[i - 1];
    memmove(firsts, firsts + 1, scan->need_count * sizeof *firsts);
    firsts[scan->need_count] = request->second_count;
}

/* The literals of the entries that serve these languages, each once, and what each means. */
static void gather(struct scan *scan, struct scan_database *database, struct request *request,
                   uint32_t languages)
{
    const struct scan_entry *last = NULL;
    uint32_t targets = 0;
    for (uint32_t i = 0; i < SENTINEL_COUNT; i++) {
        ask_for(request, database, sentinels[i], SENTINEL_BYTES);
        database->literals[database->literal_count++].size = SENTINEL_BYTES;
    }
    for (uint32_t i = 0; i < scan->entry_count; i++) {
        const struct scan_entry *entry = &scan->entries[i];
        if (!serves(scan, entry, languages))
            continue;
        if (!last || compare_literals(last, entry) != 0)
            add_literal(request, database, entry, targets);
        last = entry;
        add_target(scan, database, request, &entry->target, &targets);
    }
    database->literals[database->literal_count].first_target = targets;
    if (database->literal_count > scan->literal_count_max)
        scan->literal_count_max = database->literal_count;
    sort_seconds(scan, database, request);
}

static uint32_t count_bytes(const struct scan *scan)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < scan->entry_count; i++)
        sum += scan->entries[i].size;
    return sum;
}

static enum redress_status build(struct scan *scan, struct scan_database *database,
                                 uint32_t languages)
{
    enum redress_status status = STATUS_MEMORY;
    size_t room = scan->entry_count + SENTINEL_COUNT;
    struct request request = {
        .literals = memory_allocate_array(room, sizeof *request.literals),
        .sizes = memory_allocate_array(room, sizeof *request.sizes),
        .flags = memory_allocate_array(room, sizeof *request.flags),
        .ids = memory_allocate_array(room, sizeof *request.ids),
        .seconds = memory_allocate_array(room, sizeof *request.seconds),
    };
    database->literals = memory_allocate_array(room + 1, sizeof *database->literals);
    database->targets = memory_allocate_array(room, sizeof *database->targets);
    database->seconds = memory_allocate_array(room, sizeof *database->seconds);
    database->first_seconds =
        memory_allocate_array(scan->need_count + 2, sizeof *database->first_seconds);
    enum redress_status words =
        word_index_init(&database->words, scan->entry_count, count_bytes(scan));
    if (words == STATUS_OK && request.literals && request.sizes && request.flags && request.ids &&
        request.seconds && database->literals && database->targets && database->seconds &&
        database->first_seconds) {
        gather(scan, database, &request, languages);
        status = word_index_build(&database->words);
        if (status == STATUS_OK && request.count > SENTINEL_COUNT)
            status = compile(scan, database, &request);
    }
    memory_free(request.literals);
    memory_free(request.sizes);
    memory_free(request.flags);
    memory_free(request.ids);
    memory_free(request.seconds);
    return status;
}

static void database_destroy(struct scan_database *database)
{
    word_index_destroy(&database->words);
    (void)hs_free_database(database->hs);
    memory_free(database->literals);
    memory_free(database->targets);
    memory_free(database->seconds);
    memory_free(database->first_seconds);
    *database = (struct scan_database){0};
}

static void drop_databases(struct scan *scan)
{
    database_destroy(&scan->all);
    for (unsigned bit = 0; bit < SCAN_LANGUAGES_MAX; bit++) {
        if (scan->of_language[bit])
            database_destroy(scan->of_language[bit]);
        memory_free(scan->of_language[bit]);
        scan->of_language[bit] = NULL;
    }
    (void)hs_free_scratch(scan->prototype);
    scan->prototype = NULL;
}

/* What words find is still found. */
static void drop_vectorscan(struct scan *scan)
{
    (void)hs_free_database(scan->all.hs);
    scan->all.hs = NULL;
    for (unsigned bit = 0; bit < SCAN_LANGUAGES_MAX; bit++) {
        if (!scan->of_language[bit])
            continue;
        (void)hs_free_database(scan->of_language[bit]->hs);
        scan->of_language[bit]->hs = NULL;
    }
    (void)hs_free_scratch(scan->prototype);
    scan->prototype = NULL;
}

static enum redress_status build_all(struct scan *scan)
{
    uint32_t languages = 0;
    for (uint32_t i = 0; i < scan->pattern_count; i++)
        languages |= scan->languages[i];
    enum redress_status status = build(scan, &scan->all, 0);
    for (unsigned bit = 0; bit < SCAN_LANGUAGES_MAX && status == STATUS_OK; bit++) {
        if (!(languages >> bit & 1))
            continue;
        scan->of_language[bit] = memory_allocate(sizeof *scan->of_language[bit]);
        status = STATUS_MEMORY;
        if (scan->of_language[bit])
            status = build(scan, scan->of_language[bit], 1u << bit);
    }
    return status;
}

enum redress_status scan_compile(struct scan *scan)
{
    if (scan->entry_count > 0)
        qsort(scan->entries, scan->entry_count, sizeof *scan->entries, compare_entries);
    enum redress_status status = build_all(scan);
    memory_free(scan->entries);
    scan->entries = NULL;
    word_counts_destroy(&scan->counts);
    if (status != STATUS_OK || !scan->faulty)
        return status;
    drop_vectorscan(scan);
    for (uint32_t i = 0; i < scan->pattern_count; i++)
        if (scan->traits[i] & SCAN_CODE)
            scan_make_always(scan, i);
    return STATUS_OK;
}

void scan_destroy(struct scan *scan)
{
    drop_databases(scan);
    word_counts_destroy(&scan->counts);
    memory_free(scan->entries);
    memory_free(scan->ways);
    memory_free(scan->way_of_need);
    memory_free(scan->languages);
    memory_free(scan->traits);
    memory_free(scan->phrases);
    memory_free(scan->always);
    memory_free(scan->always_words);
    *scan = (struct scan){0};
}
