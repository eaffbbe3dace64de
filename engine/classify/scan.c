#include "classify/scan.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum { WORD_BITS = 64 };

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
    CHECKED_MAX = 400  /* literals; the engine is the same for all of a database */
};

static uint32_t words_for(uint32_t count)
{
    return count / WORD_BITS + 1;
}

static void set_bit(uint64_t *bits, uint32_t index)
{
    bits[index / WORD_BITS] |= (uint64_t)1 << index % WORD_BITS;
}

struct request {
    const char **literals;
    size_t *sizes;
    unsigned *flags;
    unsigned *ids;
    uint32_t count;
};

static void make_always(struct scan *scan, uint32_t pattern)
{
    set_bit(scan->always, pattern);
    scan->always_count++;
}

static void ask_for(struct request *request, const char *literal, size_t size, uint32_t id)
{
    request->literals[request->count] = literal;
    request->sizes[request->count] = size;
    /* Each pattern reports once; where, PCRE2 says. */
    request->flags[request->count] = HS_FLAG_SINGLEMATCH;
    request->ids[request->count] = id;
    request->count++;
}

static int note_candidate(unsigned id, unsigned long long from, unsigned long long to,
                          unsigned flags, void *user)
{
    (void)from;
    (void)to;
    (void)flags;
    set_bit(user, id);
    return 0;
}

/* True where the database finds one literal wherever it stands in a text of some blocks. */
static bool finds_everywhere(const struct scan *scan, const char *literal, size_t size, uint32_t id,
                             uint64_t *bits)
{
    char text[CHECK_BYTES];
    for (size_t at = 0; at + size <= sizeof text; at++) {
        memset(text, '\n', sizeof text);
        memcpy(text + at, literal, size);
        bits[id / WORD_BITS] = 0;
        hs_error_t result =
            hs_scan(scan->database, text, sizeof text, 0, scan->prototype, note_candidate, bits);
        if (result != HS_SUCCESS || !(bits[id / WORD_BITS] >> id % WORD_BITS & 1))
            return false;
    }
    return true;
}

static bool works_here(const struct scan *scan, const struct request *request, uint64_t *bits)
{
    uint32_t step = request->count / CHECKED_MAX + 1;
    for (uint32_t i = 0; i < request->count; i += step)
        if (!finds_everywhere(scan, request->literals[i], request->sizes[i], request->ids[i], bits))
            return false;
    return true;
}

static enum redress_status compile(struct scan *scan, const struct request *request)
{
    hs_compile_error_t *error = NULL;
    hs_error_t result =
        hs_compile_lit_multi(request->literals, request->flags, request->ids, request->sizes,
                             request->count, HS_MODE_BLOCK, NULL, &scan->database, &error);
    hs_free_compile_error(error);
    if (result != HS_SUCCESS || hs_alloc_scratch(scan->database, &scan->prototype) != HS_SUCCESS)
        return STATUS_MEMORY; /* plain literals give no other reason */
    uint64_t *bits = memory_allocate_array(words_for(scan->pattern_count), sizeof *bits);
    if (!bits)
        return STATUS_MEMORY;
    scan->faulty = !works_here(scan, request, bits);
    memory_free(bits);
    if (scan->faulty) {
        (void)hs_free_scratch(scan->prototype);
        (void)hs_free_database(scan->database);
        scan->prototype = NULL;
        scan->database = NULL;
        for (uint32_t i = 0; i < scan->pattern_count; i++)
            set_bit(scan->always, i);
        scan->always_count = scan->pattern_count;
    }
    return STATUS_OK;
}

static bool is_scannable(const struct pattern_literals *literals)
{
    for (uint32_t i = 0; i < literals->count; i++) {
        const struct pattern_literal *literal = &literals->items[i];
        bool rare = literal->size == 1 && view_script(literal->bytes[0]) == VIEW_SCRIPT_SYMBOL;
        if (literal->size < SCAN_LITERAL_BYTES_MIN && !rare)
            return false;
    }
    return literals->count > 0;
}

static enum redress_status fill_and_compile(struct scan *scan,
                                            const struct pattern_literals *literals,
                                            struct request *request)
{
    for (uint32_t i = 0; i < SENTINEL_COUNT; i++)
        ask_for(request, sentinels[i], SENTINEL_BYTES, scan->pattern_count);
    for (uint32_t i = 0; i < scan->pattern_count; i++) {
        if (!is_scannable(&literals[i])) {
            make_always(scan, i);
            continue;
        }
        for (uint32_t j = 0; j < literals[i].count; j++)
            ask_for(request, (const char *)literals[i].items[j].bytes, literals[i].items[j].size,
                    i);
    }
    return request->count > SENTINEL_COUNT ? compile(scan, request) : STATUS_OK;
}

enum redress_status scan_create(const struct pattern_literals *literals, uint32_t count,
                                struct scan *out)
{
    *out = (struct scan){.pattern_count = count};
    enum redress_status status = STATUS_MEMORY;
    size_t room = SENTINEL_COUNT;
    for (uint32_t i = 0; i < count; i++)
        room += literals[i].count;
    struct request request = {
        .literals = memory_allocate_array(room, sizeof *request.literals),
        .sizes = memory_allocate_array(room, sizeof *request.sizes),
        .flags = memory_allocate_array(room, sizeof *request.flags),
        .ids = memory_allocate_array(room, sizeof *request.ids),
    };
    out->always = memory_allocate_array(words_for(count), sizeof *out->always);
    if (request.literals && request.sizes && request.flags && request.ids && out->always)
        status = fill_and_compile(out, literals, &request);
    memory_free(request.literals);
    memory_free(request.sizes);
    memory_free(request.flags);
    memory_free(request.ids);
    if (status != STATUS_OK)
        scan_destroy(out);
    return status;
}

void scan_destroy(struct scan *scan)
{
    (void)hs_free_scratch(scan->prototype);
    (void)hs_free_database(scan->database);
    memory_free(scan->always);
    *scan = (struct scan){0};
}

enum redress_status scan_scratch_init(const struct scan *scan, struct scan_scratch *out)
{
    *out = (struct scan_scratch){.word_count = words_for(scan->pattern_count)};
    out->candidates = memory_allocate_array(out->word_count, sizeof *out->candidates);
    bool good = out->candidates != NULL;
    if (good && scan->database)
        good = hs_clone_scratch(scan->prototype, &out->hs) == HS_SUCCESS;
    if (!good)
        scan_scratch_destroy(out);
    return good ? STATUS_OK : STATUS_MEMORY;
}

void scan_scratch_destroy(struct scan_scratch *scratch)
{
    (void)hs_free_scratch(scratch->hs);
    memory_free(scratch->candidates);
    *scratch = (struct scan_scratch){0};
}

void scan_begin(const struct scan *scan, struct scan_scratch *scratch)
{
    memcpy(scratch->candidates, scan->always, scratch->word_count * sizeof *scratch->candidates);
}

enum redress_status scan_piece(const struct scan *scan, struct scan_scratch *scratch,
                               const uint8_t *bytes, uint32_t size)
{
    if (!scan->database)
        return STATUS_OK;
    hs_error_t result = hs_scan(scan->database, (const char *)bytes, size, 0, scratch->hs,
                                note_candidate, scratch->candidates);
    return result == HS_SUCCESS ? STATUS_OK : STATUS_UNDECIDED;
}
