/** Builds one database of a scan: its words, and what Vectorscan looks for. */
#include "classify/match/scan_stock.h"

#include "base/memory.h"

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
    CHECKED_MAX = 32   /* literals; the engine is the same for all of a database */
};

/* What a database needs room for. */
struct room {
    uint32_t use_count;
    uint32_t literal_count;
    uint32_t word_count; /* of these, found by words */
    uint32_t second_count;
};

struct request {
    const char **literals; /* for Vectorscan */
    size_t *sizes;
    unsigned *flags;
    unsigned *ids;
    uint32_t count;
    struct word_choice *words;
    uint32_t word_count;
    struct scan_second *seconds; /* in the order of their literals */
    uint32_t second_count;
};

static struct room measure(const struct stock *stock, uint32_t languages)
{
    struct room room = {.use_count = 0};
    uint32_t last = UINT32_MAX;
    for (uint32_t i = 0; i < stock->use_count; i++) {
        const struct stock_use *use = &stock->uses[i];
        if (!stock_serves(use, languages))
            continue;
        room.use_count++;
        room.second_count += use->is_second;
        room.literal_count += use->literal != last;
        room.word_count += use->literal != last && stock->by_words[use->literal];
        last = use->literal;
    }
    return room;
}

static bool make_room(const struct stock *stock, const struct room *room,
                      struct scan_database *database, struct request *request)
{
    size_t literals = room->literal_count + SENTINEL_COUNT;
    size_t asked = literals - room->word_count;
    size_t seconds = room->second_count + 1;
    request->literals = memory_allocate_array(asked, sizeof *request->literals);
    request->sizes = memory_allocate_array(asked, sizeof *request->sizes);
    request->flags = memory_allocate_array(asked, sizeof *request->flags);
    request->ids = memory_allocate_array(asked, sizeof *request->ids);
    request->words = memory_allocate_array(room->word_count + 1, sizeof *request->words);
    request->seconds = memory_allocate_array(seconds, sizeof *request->seconds);
    database->literals = memory_allocate_table((literals + 1) * sizeof *database->literals);
    database->targets =
        memory_allocate_table((room->use_count + (size_t)1) * sizeof *database->targets);
    database->seconds = memory_allocate_array(seconds, sizeof *database->seconds);
    database->first_seconds =
        memory_allocate_array(stock->scan->need_count + 2, sizeof *database->first_seconds);
    return request->literals && request->sizes && request->flags && request->ids &&
           request->words && request->seconds && database->literals && database->targets &&
           database->seconds && database->first_seconds;
}

static void request_destroy(struct request *request)
{
    memory_free(request->literals);
    memory_free(request->sizes);
    memory_free(request->flags);
    memory_free(request->ids);
    memory_free(request->words);
    memory_free(request->seconds);
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

static void add_literal(const struct stock *stock, struct request *request,
                        struct scan_database *database, uint32_t literal, uint32_t first_target)
{
    const struct word_entry *entry = &stock->additions[literal].entry;
    if (stock->by_words[literal])
        request->words[request->word_count++] =
            (struct word_choice){literal, database->literal_count};
    else
        ask_for(request, database, (const char *)stock->scan->literal_bytes + entry->bytes_at,
                entry->size);
    database->literals[database->literal_count++] =
        (struct scan_literal){.first_target = first_target, .size = entry->size};
}

static void add_target(const struct stock *stock, struct scan_database *database,
                       struct request *request, const struct stock_use *use, uint32_t *target_count)
{
    const struct scan_target *target = &use->target;
    uint32_t literal = database->literal_count - 1;
    if (use->is_second) {
        database->literals[literal].is_second = true;
        request->seconds[request->second_count++] =
            (struct scan_second){.need = target->index,
                                 .literal = literal,
                                 .reach = target->reach,
                                 .size = database->literals[literal].size};
        return;
    }
    struct scan_target *own = &database->targets[(*target_count)++];
    *own = *target;
    if (target->kind == SCAN_TARGET_NEED)
        own->index = stock->scan->way_of_need[target->index];
}

/* By need. */
static void sort_seconds(uint32_t need_count, struct scan_database *database,
                         const struct request *request)
{
    uint32_t *firsts = database->first_seconds;
    for (uint32_t i = 0; i < request->second_count; i++)
        firsts[request->seconds[i].need + 1]++;
    for (uint32_t need = 0; need < need_count; need++)
        firsts[need + 1] += firsts[need];
    for (uint32_t i = request->second_count; i > 0; i--) /* each end moves down to its start */
        database->seconds[--firsts[request->seconds[i - 1].need + 1]] = request->seconds[i - 1];
    memmove(firsts, firsts + 1, need_count * sizeof *firsts);
    firsts[need_count] = request->second_count;
}

/* The literals that serve these languages, each once, and what each means. */
static void gather(const struct stock *stock, uint32_t languages, struct scan_database *database,
                   struct request *request)
{
    uint32_t last = UINT32_MAX;
    uint32_t targets = 0;
    for (uint32_t i = 0; i < SENTINEL_COUNT; i++) {
        ask_for(request, database, sentinels[i], SENTINEL_BYTES);
        database->literals[database->literal_count++] =
            (struct scan_literal){.size = SENTINEL_BYTES};
    }
    for (uint32_t i = 0; i < stock->use_count; i++) {
        const struct stock_use *use = &stock->uses[i];
        if (!stock_serves(use, languages))
            continue;
        if (use->literal != last)
            add_literal(stock, request, database, use->literal, targets);
        last = use->literal;
        add_target(stock, database, request, use, &targets);
    }
    database->literals[database->literal_count].first_target = targets;
    sort_seconds(stock->scan->need_count, database, request);
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
static bool finds_everywhere(const struct scan_database *database, hs_scratch_t *scratch,
                             const char *literal, size_t size, unsigned id)
{
    char text[CHECK_BYTES];
    for (size_t at = 0; at + size <= sizeof text; at++) {
        struct hearing hearing = {.id = id};
        memset(text, '\n', sizeof text);
        memcpy(text + at, literal, size);
        hs_error_t result = hs_scan(database->hs, text, sizeof text, 0, scratch, hear, &hearing);
        if (result != HS_SUCCESS || !hearing.heard)
            return false;
    }
    return true;
}

static bool works_here(const struct scan_database *database, hs_scratch_t *scratch,
                       const struct request *request)
{
    uint32_t step = request->count / CHECKED_MAX + 1;
    for (uint32_t i = 0; i < request->count; i += step)
        if (!finds_everywhere(database, scratch, request->literals[i], request->sizes[i],
                              request->ids[i]))
            return false;
    return true;
}

static enum redress_status compile(struct scan_database *database, const struct request *request,
                                   bool *faulty)
{
    hs_compile_error_t *error = NULL;
    hs_scratch_t *scratch = NULL;
    hs_error_t result =
        hs_compile_lit_multi(request->literals, request->flags, request->ids, request->sizes,
                             request->count, HS_MODE_BLOCK, NULL, &database->hs, &error);
    hs_free_compile_error(error);
    if (result != HS_SUCCESS || hs_alloc_scratch(database->hs, &scratch) != HS_SUCCESS)
        return STATUS_MEMORY; /* plain literals give no other reason */
    *faulty = !works_here(database, scratch, request);
    (void)hs_free_scratch(scratch);
    return STATUS_OK;
}

enum redress_status scan_database_build(struct scan_database *database, const struct stock *stock,
                                        uint32_t languages, bool *faulty)
{
    struct request request = {.count = 0};
    enum redress_status status = STATUS_MEMORY;
    struct room room = measure(stock, languages);
    *faulty = false;
    if (make_room(stock, &room, database, &request)) {
        gather(stock, languages, database, &request);
        status = word_index_build(&database->words, stock->scan->literal_bytes, stock->additions,
                                  request.words, request.word_count);
        if (status == STATUS_OK && request.count > SENTINEL_COUNT)
            status = compile(database, &request, faulty);
    }
    request_destroy(&request);
    return status;
}

void scan_database_destroy(struct scan_database *database)
{
    word_index_destroy(&database->words);
    (void)hs_free_database(database->hs);
    memory_free(database->literals);
    memory_free(database->targets);
    memory_free(database->seconds);
    memory_free(database->first_seconds);
    *database = (struct scan_database){0};
}
