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
    scan->whole = memory_allocate_array(pattern_count + 1, sizeof *scan->whole);
    scan->always = memory_allocate_array(pattern_count / WORD_BITS + 1, sizeof *scan->always);
    for (unsigned byte = 0; byte < 256; byte++)
        scan->is_word[byte] = view_is_word((uint8_t)byte);
    return scan->languages && scan->whole && scan->always ? STATUS_OK : STATUS_MEMORY;
}

static void make_always(struct scan *scan, uint32_t pattern)
{
    scan->always[pattern / WORD_BITS] |= (uint64_t)1 << pattern % WORD_BITS;
    scan->always_count++;
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

static bool add_set(struct scan *scan, const struct pattern_literals *set)
{
    void *entries = scan->entries;
    bool good = make_room(&entries, &scan->entry_room, scan->entry_count, set->count,
                          sizeof *scan->entries);
    scan->entries = entries;
    void *needs = scan->way_of_need;
    good =
        good && make_room(&needs, &scan->need_room, scan->need_count, 1, sizeof *scan->way_of_need);
    scan->way_of_need = needs;
    if (!good)
        return false;
    for (uint32_t i = 0; i < set->count; i++)
        scan->entries[scan->entry_count++] =
            (struct scan_entry){.literal = set->items[i], .need = scan->need_count};
    scan->way_of_need[scan->need_count++] = scan->way_count;
    return true;
}

enum redress_status scan_add(struct scan *scan, uint32_t pattern, uint32_t languages, bool original,
                             const struct pattern_ways *ways)
{
    scan->languages[pattern] = languages;
    scan->whole[pattern] = original;
    if (ways->count == 0)
        make_always(scan, pattern);
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

static int compare_entries(const void *left, const void *right)
{
    const struct scan_entry *a = left;
    const struct scan_entry *b = right;
    if (a->literal.size != b->literal.size)
        return a->literal.size < b->literal.size ? -1 : 1;
    int order = memcmp(a->literal.bytes, b->literal.bytes, a->literal.size);
    if (order != 0)
        return order;
    return a->need < b->need ? -1 : a->need > b->need;
}

static bool same_bytes(const struct pattern_literal *a, const struct pattern_literal *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

struct request {
    const char **literals;
    size_t *sizes;
    unsigned *flags;
    unsigned *ids;
    uint32_t count;
};

static void ask_for(struct request *request, struct scan_database *database, const char *literal,
                    size_t size)
{
    uint32_t id = request->count++;
    request->literals[id] = literal;
    request->sizes[id] = size;
    request->ids[id] = id;
    database->sizes[id] = (uint8_t)size;
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
        if (!finds_everywhere(scan, database, request->literals[i], request->sizes[i], i))
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
    uint32_t own = scan->languages[scan->ways[scan->way_of_need[entry->need]].pattern];
    return !languages || !own || (own & languages);
}

/* The literals of the entries that serve these languages, each once, and what each means. */
static void gather(struct scan *scan, struct scan_database *database, struct request *request,
                   uint32_t languages)
{
    const struct pattern_literal *last = NULL;
    uint32_t targets = 0;
    for (uint32_t i = 0; i < SENTINEL_COUNT; i++) {
        database->first_targets[request->count] = 0;
        ask_for(request, database, sentinels[i], SENTINEL_BYTES);
    }
    for (uint32_t i = 0; i < scan->entry_count; i++) {
        const struct scan_entry *entry = &scan->entries[i];
        const struct pattern_literal *literal = &entry->literal;
        if (!serves(scan, entry, languages))
            continue;
        if (!last || !same_bytes(last, literal)) {
            database->first_targets[request->count] = targets;
            ask_for(request, database, (const char *)literal->bytes, literal->size);
            last = literal;
        }
        database->targets[targets++] = (struct scan_target){entry->need, literal->distance_min,
                                                            literal->distance_max, literal->edges};
    }
    database->literal_count = request->count;
    database->first_targets[request->count] = targets;
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
    };
    database->first_targets = memory_allocate_array(room + 1, sizeof *database->first_targets);
    database->sizes = memory_allocate_array(room, sizeof *database->sizes);
    database->targets = memory_allocate_array(room, sizeof *database->targets);
    if (request.literals && request.sizes && request.flags && request.ids &&
        database->first_targets && database->sizes && database->targets) {
        gather(scan, database, &request, languages);
        status = STATUS_OK;
        if (request.count > SENTINEL_COUNT)
            status = compile(scan, database, &request);
    }
    memory_free(request.literals);
    memory_free(request.sizes);
    memory_free(request.flags);
    memory_free(request.ids);
    return status;
}

static void database_destroy(struct scan_database *database)
{
    (void)hs_free_database(database->hs);
    memory_free(database->first_targets);
    memory_free(database->sizes);
    memory_free(database->targets);
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
    if (status != STATUS_OK || !scan->faulty)
        return status;
    drop_databases(scan);
    memset(scan->always, 0, (scan->pattern_count / WORD_BITS + 1) * sizeof *scan->always);
    scan->always_count = 0;
    for (uint32_t i = 0; i < scan->pattern_count; i++)
        make_always(scan, i);
    return STATUS_OK;
}

void scan_destroy(struct scan *scan)
{
    drop_databases(scan);
    memory_free(scan->entries);
    memory_free(scan->ways);
    memory_free(scan->way_of_need);
    memory_free(scan->languages);
    memory_free(scan->whole);
    memory_free(scan->always);
    *scan = (struct scan){0};
}
