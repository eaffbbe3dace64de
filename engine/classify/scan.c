#include "classify/scan.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum { WORD_BITS = 64 };

static uint32_t words_for(uint32_t count)
{
    return count / WORD_BITS + 1;
}

static void set_bit(uint64_t *bits, uint32_t index)
{
    bits[index / WORD_BITS] |= (uint64_t)1 << index % WORD_BITS;
}

struct request {
    const char **expressions;
    unsigned *flags;
    unsigned *ids;
    uint32_t count;
};

static void make_always(struct scan *scan, uint32_t pattern)
{
    set_bit(scan->always, pattern);
    scan->always_count++;
}

/* A pattern that Vectorscan refuses becomes a candidate for every text, and the rest is tried
 * again. */
static enum redress_status compile(struct scan *scan, struct request *request)
{
    while (request->count > 0) {
        hs_compile_error_t *error = NULL;
        hs_error_t result =
            hs_compile_multi(request->expressions, request->flags, request->ids, request->count,
                             HS_MODE_BLOCK, NULL, &scan->database, &error);
        if (result == HS_SUCCESS)
            return STATUS_OK;
        int refused = error ? error->expression : -1;
        hs_free_compile_error(error);
        if (result != HS_COMPILER_ERROR)
            return STATUS_MEMORY;
        if (refused < 0) { /* not one pattern's fault: too large together */
            for (uint32_t i = 0; i < request->count; i++)
                make_always(scan, request->ids[i]);
            request->count = 0;
            break;
        }
        uint32_t at = (uint32_t)refused;
        make_always(scan, request->ids[at]);
        request->count--;
        request->expressions[at] = request->expressions[request->count];
        request->ids[at] = request->ids[request->count];
    }
    return STATUS_OK;
}

static enum redress_status fill_and_compile(struct scan *scan, const char *const *expressions,
                                            struct request *request)
{
    for (uint32_t i = 0; i < scan->pattern_count; i++) {
        if (!expressions[i]) {
            make_always(scan, i);
            continue;
        }
        request->expressions[request->count] = expressions[i];
        /* Each pattern reports once; where, PCRE2 says. */
        request->flags[request->count] = HS_FLAG_SINGLEMATCH;
        request->ids[request->count] = i;
        request->count++;
    }
    enum redress_status status = compile(scan, request);
    if (status != STATUS_OK || !scan->database)
        return status;
    return hs_alloc_scratch(scan->database, &scan->prototype) == HS_SUCCESS ? STATUS_OK
                                                                            : STATUS_MEMORY;
}

enum redress_status scan_create(const char *const *expressions, uint32_t count, struct scan *out)
{
    *out = (struct scan){.pattern_count = count};
    enum redress_status status = STATUS_MEMORY;
    struct request request = {
        .expressions = memory_allocate_array(count + 1, sizeof *request.expressions),
        .flags = memory_allocate_array(count + 1, sizeof *request.flags),
        .ids = memory_allocate_array(count + 1, sizeof *request.ids),
    };
    out->always = memory_allocate_array(words_for(count), sizeof *out->always);
    if (request.expressions && request.flags && request.ids && out->always)
        status = fill_and_compile(out, expressions, &request);
    memory_free(request.expressions);
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

static int note_candidate(unsigned id, unsigned long long from, unsigned long long to,
                          unsigned flags, void *user)
{
    (void)from;
    (void)to;
    (void)flags;
    set_bit(user, id);
    return 0;
}

enum redress_status scan_run(const struct scan *scan, struct scan_scratch *scratch,
                             const struct view *view)
{
    memcpy(scratch->candidates, scan->always, scratch->word_count * sizeof *scratch->candidates);
    if (!scan->database)
        return STATUS_OK;
    const char *guarded = (const char *)view->bytes - VIEW_GUARD_BYTES;
    hs_error_t result = hs_scan(scan->database, guarded, view->size + 2 * VIEW_GUARD_BYTES, 0,
                                scratch->hs, note_candidate, scratch->candidates);
    return result == HS_SUCCESS ? STATUS_OK : STATUS_UNDECIDED;
}
