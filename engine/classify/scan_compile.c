/** Builds a scan, second part: compiles the databases from what was collected. */
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
    SENTINEL_COUNT = sizeof sentinels / sizeof sentinels[0],
    SENTINEL_BYTES = 4,
    CHECK_BYTES = 200, /* three blocks of 64 bytes and a tail */
    CHECKED_MAX = 100  /* literals; the engine is the same for all of a database */
};

/* In the order of a dictionary: what begins alike stands together in memory when texts are read. */
static int compare_literals(const struct scan_entry *a, const struct scan_entry *b)
{
    int order = memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);
    if (order != 0)
        return order;
    return a->size != b->size ? (int)a->size - (int)b->size : (int)a->edges - (int)b->edges;
}

/* An entry on its way to its place in that order. */
struct scan_key {
    uint64_t head; /* its first bytes, the first one highest */
    const struct scan_entry *entry;
};

static uint64_t head_of(const struct scan_entry *entry)
{
    uint64_t head = 0;
    for (uint32_t i = 0; i < sizeof head; i++)
        head = head << 8 | (i < entry->size ? entry->bytes[i] : 0);
    return head;
}

static int compare_keys(const void *left, const void *right)
{
    const struct scan_key *a = left;
    const struct scan_key *b = right;
    if (a->head != b->head)
        return a->head < b->head ? -1 : 1;
    int order = compare_literals(a->entry, b->entry);
    if (order != 0)
        return order;
    if (a->entry->target.kind != b->entry->target.kind)
        return (int)a->entry->target.kind - (int)b->entry->target.kind;
    if (a->entry->target.index != b->entry->target.index)
        return a->entry->target.index < b->entry->target.index ? -1 : 1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

/* Puts the entries in order and numbers their literals. */
static enum redress_status sort_entries(struct scan *scan)
{
    struct scan_key *keys = memory_allocate_array(scan->entry_count + 1, sizeof *keys);
    struct scan_entry *sorted = memory_resize(NULL, (scan->entry_count + 1) * sizeof *sorted);
    bool good = keys && sorted;
    for (uint32_t i = 0; i < scan->entry_count && good; i++)
        keys[i] = (struct scan_key){head_of(&scan->entries[i]), &scan->entries[i]};
    if (good)
        qsort(keys, scan->entry_count, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < scan->entry_count && good; i++) {
        sorted[i] = *keys[i].entry;
        bool same = i > 0 && compare_literals(&sorted[i - 1], &sorted[i]) == 0;
        sorted[i].literal = i > 0 ? sorted[i - 1].literal + !same : 0;
    }
    memory_free(keys);
    memory_free(scan->entries);
    scan->entries = sorted;
    return good ? STATUS_OK : STATUS_MEMORY;
}

/* The entries that serve a database, and what they need room for. */
struct selection {
    uint32_t *entries;
    uint32_t count;
    uint32_t literal_count;
    uint32_t word_count; /* of these, found by words */
    uint32_t byte_count; /* and their bytes */
    uint32_t second_count;
};

struct request {
    const char **literals;
    size_t *sizes;
    unsigned *flags;
    unsigned *ids;
    uint32_t count;
    struct scan_second *seconds; /* in the order of their literals */
    uint32_t second_count;
};

static bool is_second(const struct scan *scan, const struct scan_target *target)
{
    return target->kind == SCAN_TARGET_NEED &&
           scan->ways[scan->way_of_need[target->index]].first_need != target->index;
}

static void select_entries(const struct scan *scan, uint32_t languages, struct selection *out)
{
    uint32_t last = UINT32_MAX;
    *out = (struct selection){.entries = out->entries};
    for (uint32_t i = 0; i < scan->entry_count; i++) {
        const struct scan_entry *entry = &scan->entries[i];
        if (languages && entry->languages && !(entry->languages & languages))
            continue;
        out->entries[out->count++] = i;
        out->second_count += is_second(scan, &entry->target);
        if (entry->literal == last)
            continue;
        last = entry->literal;
        out->literal_count++;
        out->word_count += entry->anchor.kind != WORD_ANCHOR_NONE;
        out->byte_count += entry->anchor.kind != WORD_ANCHOR_NONE ? entry->size : 0;
    }
}

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

static void add_target(const struct scan *scan, struct scan_database *database,
                       struct request *request, const struct scan_target *target,
                       uint32_t *target_count)
{
    uint32_t literal = database->literal_count - 1;
    if (is_second(scan, target)) {
        database->literals[literal].is_second = true;
        request->seconds[request->second_count++] =
            (struct scan_second){.need = target->index,
                                 .literal = literal,
                                 .distance_min = target->distance_min,
                                 .distance_max = target->distance_max,
                                 .flags = target->flags};
        return;
    }
    struct scan_target *own = &database->targets[(*target_count)++];
    *own = *target;
    if (target->kind == SCAN_TARGET_NEED)
        own->index = scan->way_of_need[target->index];
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

/* The literals of the entries, each once, and what each means. */
static void gather(struct scan *scan, struct scan_database *database, struct request *request,
                   const struct selection *selection)
{
    uint32_t last = UINT32_MAX;
    uint32_t targets = 0;
    for (uint32_t i = 0; i < SENTINEL_COUNT; i++) {
        ask_for(request, database, sentinels[i], SENTINEL_BYTES);
        database->literals[database->literal_count++].size = SENTINEL_BYTES;
    }
    for (uint32_t i = 0; i < selection->count; i++) {
        const struct scan_entry *entry = &scan->entries[selection->entries[i]];
        if (entry->literal != last)
            add_literal(request, database, entry, targets);
        last = entry->literal;
        add_target(scan, database, request, &entry->target, &targets);
    }
    database->literals[database->literal_count].first_target = targets;
    sort_seconds(scan, database, request);
}

static bool make_room(const struct scan *scan, struct scan_database *database,
                      struct request *request, const struct selection *selection)
{
    size_t literals = selection->literal_count + SENTINEL_COUNT;
    size_t asked = literals - selection->word_count;
    size_t seconds = selection->second_count + 1;
    request->literals = memory_allocate_array(asked, sizeof *request->literals);
    request->sizes = memory_allocate_array(asked, sizeof *request->sizes);
    request->flags = memory_allocate_array(asked, sizeof *request->flags);
    request->ids = memory_allocate_array(asked, sizeof *request->ids);
    request->seconds = memory_allocate_array(seconds, sizeof *request->seconds);
    database->literals = memory_allocate_array(literals + 1, sizeof *database->literals);
    database->targets = memory_allocate_array(selection->count + 1, sizeof *database->targets);
    database->seconds = memory_allocate_array(seconds, sizeof *database->seconds);
    database->first_seconds =
        memory_allocate_array(scan->need_count + 2, sizeof *database->first_seconds);
    enum redress_status words =
        word_index_init(&database->words, selection->word_count, selection->byte_count);
    return words == STATUS_OK && request->literals && request->sizes && request->flags &&
           request->ids && request->seconds && database->literals && database->targets &&
           database->seconds && database->first_seconds;
}

/* For texts of these languages; 0 for all. */
static enum redress_status build(struct scan *scan, struct scan_database *database,
                                 uint32_t languages, struct selection *selection)
{
    struct request request = {.count = 0};
    enum redress_status status = STATUS_MEMORY;
    select_entries(scan, languages, selection);
    if (make_room(scan, database, &request, selection)) {
        gather(scan, database, &request, selection);
        status = word_index_build(&database->words);
        if (status == STATUS_OK && request.count > SENTINEL_COUNT)
            status = compile(scan, database, &request);
    }
    if (database->literal_count > scan->literal_count_max)
        scan->literal_count_max = database->literal_count;
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
    struct selection selection = {
        .entries = memory_allocate_array(scan->entry_count + 1, sizeof *selection.entries)};
    enum redress_status status =
        selection.entries ? build(scan, &scan->all, 0, &selection) : STATUS_MEMORY;
    for (unsigned bit = 0; bit < SCAN_LANGUAGES_MAX && status == STATUS_OK; bit++) {
        if (!(languages >> bit & 1))
            continue;
        scan->of_language[bit] = memory_allocate(sizeof *scan->of_language[bit]);
        status = STATUS_MEMORY;
        if (scan->of_language[bit])
            status = build(scan, scan->of_language[bit], 1u << bit, &selection);
    }
    memory_free(selection.entries);
    return status;
}

enum redress_status scan_compile(struct scan *scan)
{
    enum redress_status status = sort_entries(scan);
    if (status == STATUS_OK)
        status = build_all(scan);
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
