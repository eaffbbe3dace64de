/** Builds a scan, second part: brings what was collected in order and has databases built of it. */
#include "classify/match/scan_stock.h"

#include "base/jobs.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    DATABASES_MAX = SCAN_LANGUAGES_MAX + 1,
    USES_SHARED_MIN = 4096 /* fewer are not worth a thread */
};

/* An entry on its way to its place in the order of a dictionary: what begins alike stands together
 * in memory when texts are read. */
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

static int compare_literals(const struct scan_entry *a, const struct scan_entry *b)
{
    int order = memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);
    if (order != 0)
        return order;
    return a->size != b->size ? (int)a->size - (int)b->size : (int)a->edges - (int)b->edges;
}

/* Where the heads are equal. Whatever else is equal, too, is of one pattern, so of one draft. */
static int compare_entries(const void *left, const void *right)
{
    const struct scan_entry *a = ((const struct scan_key *)left)->entry;
    const struct scan_entry *b = ((const struct scan_key *)right)->entry;
    int order = compare_literals(a, b);
    if (order != 0)
        return order;
    if (a->target.kind != b->target.kind)
        return (int)a->target.kind - (int)b->target.kind;
    if (a->target.index != b->target.index)
        return a->target.index < b->target.index ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* By one byte of the heads; those that have the same stay in their order. */
static void sort_by_byte(const struct scan_key *from, struct scan_key *to, uint32_t count,
                         unsigned shift)
{
    uint32_t starts[257] = {0};
    for (uint32_t i = 0; i < count; i++)
        starts[(from[i].head >> shift & 0xFF) + 1]++;
    for (unsigned byte = 0; byte < 256; byte++)
        starts[byte + 1] += starts[byte];
    for (uint32_t i = 0; i < count; i++)
        to[starts[from[i].head >> shift & 0xFF]++] = from[i];
}

/* `spare` has the same room. */
static void sort_keys(struct scan_key *keys, struct scan_key *spare, uint32_t count)
{
    for (unsigned shift = 0; shift < 64; shift += 16) {
        sort_by_byte(keys, spare, count, shift);
        sort_by_byte(spare, keys, count, shift + 8);
    }
    for (uint32_t i = 0, end; i < count; i = end) {
        end = i + 1;
        while (end < count && keys[end].head == keys[i].head)
            end++;
        if (end - i > 1)
            qsort(keys + i, end - i, sizeof *keys, compare_entries);
    }
}

/* The ways of all drafts behind one another; their needs are counted on from draft to draft. */
static enum redress_status take_ways(struct scan *scan, struct scan_draft *drafts, uint32_t count)
{
    uint32_t ways = 0;
    uint32_t needs = 0;
    for (uint32_t i = 0; i < count; i++) {
        ways += drafts[i].way_count;
        needs += drafts[i].need_count;
    }
    scan->ways = memory_allocate_array(ways + 1, sizeof *scan->ways);
    scan->way_of_need = memory_allocate_array(needs + 1, sizeof *scan->way_of_need);
    if (!scan->ways || !scan->way_of_need)
        return STATUS_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        struct scan_draft *draft = &drafts[i];
        for (uint32_t j = 0; j < draft->entry_count; j++)
            if (draft->entries[j].target.kind == SCAN_TARGET_NEED)
                draft->entries[j].target.index += scan->need_count;
        for (uint32_t need = 0; need < draft->need_count; need++)
            scan->way_of_need[scan->need_count + need] = draft->way_of_need[need] + scan->way_count;
        for (uint32_t way = 0; way < draft->way_count; way++) {
            scan->ways[scan->way_count + way] = draft->ways[way];
            scan->ways[scan->way_count + way].first_need += scan->need_count;
        }
        scan->way_count += draft->way_count;
        scan->need_count += draft->need_count;
    }
    return STATUS_OK;
}

static bool is_second(const struct scan *scan, const struct scan_target *target)
{
    return target->kind == SCAN_TARGET_NEED &&
           scan->ways[scan->way_of_need[target->index]].first_need != target->index;
}

static void add_literal(struct stock *stock, const struct scan_entry *entry, uint32_t *byte_count)
{
    uint32_t literal = stock->literal_count++;
    struct word_addition *addition = &stock->additions[literal];
    memcpy(stock->scan->literal_bytes + *byte_count, entry->bytes, entry->size);
    stock->by_words[literal] = entry->anchor.kind != WORD_ANCHOR_NONE;
    if (stock->by_words[literal])
        *addition = word_addition_of(entry->anchor, entry->bytes, entry->size, *byte_count);
    else
        *addition = (struct word_addition){.entry = {.bytes_at = *byte_count, .size = entry->size}};
    *byte_count += entry->size;
}

/* True for the first key of its literal. */
static bool begins_literal(const struct scan_key *keys, uint32_t at)
{
    return at == 0 || keys[at].head != keys[at - 1].head ||
           compare_literals(keys[at].entry, keys[at - 1].entry) != 0;
}

static void fill_stock(struct stock *stock, const struct scan_key *keys, uint32_t count)
{
    uint32_t byte_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct scan_entry *entry = keys[i].entry;
        if (begins_literal(keys, i))
            add_literal(stock, entry, &byte_count);
        stock->uses[stock->use_count++] =
            (struct stock_use){.target = entry->target,
                               .literal = stock->literal_count - 1,
                               .languages = entry->languages,
                               .is_second = is_second(stock->scan, &entry->target)};
    }
}

/* The literals, of which there are fewer than entries. */
static bool make_room(struct stock *stock, const struct scan_key *keys, uint32_t count)
{
    size_t literals = 0;
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        if (begins_literal(keys, i)) {
            literals++;
            bytes += keys[i].entry->size;
        }
    /* Resized from nothing, because what is allocated is cleared and all of it will be written. */
    stock->additions = memory_resize(NULL, (literals + 1) * sizeof *stock->additions);
    stock->by_words = memory_allocate_array(literals + 1, sizeof *stock->by_words);
    stock->uses = memory_resize(NULL, ((size_t)count + 1) * sizeof *stock->uses);
    stock->scan->literal_bytes = memory_allocate_table(bytes + 1);
    return stock->additions && stock->by_words && stock->uses && stock->scan->literal_bytes;
}

static enum redress_status make_stock(struct stock *stock, struct scan_draft *drafts,
                                      uint32_t draft_count)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < draft_count; i++)
        count += drafts[i].entry_count;
    struct scan_key *keys = memory_resize(NULL, ((size_t)count + 1) * sizeof *keys);
    struct scan_key *spare = memory_resize(NULL, ((size_t)count + 1) * sizeof *spare);
    bool good = keys && spare;
    for (uint32_t i = 0, at = 0; i < draft_count && good; i++)
        for (uint32_t j = 0; j < drafts[i].entry_count; j++, at++)
            keys[at] = (struct scan_key){head_of(&drafts[i].entries[j]), &drafts[i].entries[j]};
    if (good)
        sort_keys(keys, spare, count);
    memory_free(spare);
    good = good && make_room(stock, keys, count);
    if (good)
        fill_stock(stock, keys, count);
    memory_free(keys);
    return good ? STATUS_OK : STATUS_MEMORY;
}

static void stock_destroy(struct stock *stock)
{
    memory_free(stock->additions);
    memory_free(stock->by_words);
    memory_free(stock->uses);
}

static void drop_databases(struct scan *scan)
{
    scan_database_destroy(&scan->all);
    for (unsigned bit = 0; bit < SCAN_LANGUAGES_MAX; bit++) {
        if (scan->of_language[bit])
            scan_database_destroy(scan->of_language[bit]);
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

/* The databases to be built, and what became of each. */
struct building {
    const struct stock *stock;
    uint32_t count;
    struct {
        struct scan_database *database;
        uint32_t languages;
        enum redress_status status;
        bool faulty;
    } items[DATABASES_MAX];
};

static void build_one(void *context, uint32_t job)
{
    struct building *building = context;
    building->items[job].status =
        scan_database_build(building->items[job].database, building->stock,
                            building->items[job].languages, &building->items[job].faulty);
}

static void add_database(struct building *building, struct scan_database *database,
                         uint32_t languages)
{
    building->items[building->count].database = database;
    building->items[building->count++].languages = languages;
}

/* That of all first: it takes as long as all others. */
static enum redress_status plan_databases(struct scan *scan, struct building *building)
{
    uint32_t languages = 0;
    for (uint32_t i = 0; i < scan->pattern_count; i++)
        languages |= scan->languages[i];
    add_database(building, &scan->all, 0);
    for (unsigned bit = 0; bit < SCAN_LANGUAGES_MAX; bit++) {
        if (!(languages >> bit & 1))
            continue;
        scan->of_language[bit] = memory_allocate(sizeof *scan->of_language[bit]);
        if (!scan->of_language[bit])
            return STATUS_MEMORY;
        add_database(building, scan->of_language[bit], (uint32_t)1 << bit);
    }
    return STATUS_OK;
}

static enum redress_status build_all(struct scan *scan, const struct stock *stock)
{
    struct building building = {.stock = stock};
    enum redress_status status = plan_databases(scan, &building);
    if (status != STATUS_OK)
        return status;
    jobs_run(building.count, stock->use_count >= USES_SHARED_MIN, build_one, &building);
    for (uint32_t i = 0; i < building.count; i++) {
        const struct scan_database *database = building.items[i].database;
        if (building.items[i].status != STATUS_OK)
            return building.items[i].status;
        if (database->hs && hs_alloc_scratch(database->hs, &scan->prototype) != HS_SUCCESS)
            return STATUS_MEMORY;
        scan->faulty = scan->faulty || building.items[i].faulty;
        if (database->literal_count > scan->literal_count_max)
            scan->literal_count_max = database->literal_count;
    }
    return STATUS_OK;
}

enum redress_status scan_compile(struct scan *scan, struct scan_draft *drafts, uint32_t draft_count)
{
    struct stock stock = {.scan = scan};
    enum redress_status status = take_ways(scan, drafts, draft_count);
    if (status == STATUS_OK)
        status = make_stock(&stock, drafts, draft_count);
    for (uint32_t i = 0; i < draft_count; i++)
        scan_draft_destroy(&drafts[i]);
    if (status == STATUS_OK)
        status = build_all(scan, &stock);
    stock_destroy(&stock);
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
    memory_free(scan->literal_bytes);
    memory_free(scan->ways);
    memory_free(scan->way_of_need);
    memory_free(scan->languages);
    memory_free(scan->traits);
    memory_free(scan->phrases);
    memory_free(scan->always);
    memory_free(scan->always_words);
    *scan = (struct scan){0};
}
