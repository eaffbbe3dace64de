#include "base/memory.h"

#include "base/assert.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_LINE_BYTES = 64, HUGE_PAGE_BYTES = 2 << 20 };

static _Thread_local bool thread_is_sealed;
static _Atomic long calls_until_failure = -1;

static bool must_fail(void)
{
    ASSERT_SLOW(!thread_is_sealed);
    /* Relaxed: a test sets it on the thread that then allocates. */
    long left = atomic_load_explicit(&calls_until_failure, memory_order_relaxed);
    if (left < 0)
        return false;
    if (left == 0)
        return true;
    atomic_store_explicit(&calls_until_failure, left - 1, memory_order_relaxed);
    return false;
}

void *memory_allocate(size_t size)
{
    return must_fail() ? NULL : calloc(1, size);
}

void *memory_allocate_array(size_t count, size_t size)
{
    return must_fail() ? NULL : calloc(count, size);
}

void *memory_resize(void *block, size_t size)
{
    return must_fail() ? NULL : realloc(block, size);
}

char *memory_copy_string(const char *text)
{
    return must_fail() ? NULL : strdup(text);
}

void memory_free(void *block)
{
    free(block);
}

void *memory_allocate_table(size_t size)
{
    if (must_fail())
        return NULL;
    size_t whole = size / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES; /* the rest would be cleared in vain */
    void *block = NULL;
    if (posix_memalign(&block, whole ? HUGE_PAGE_BYTES : CACHE_LINE_BYTES, size + !size) != 0)
        return NULL;
    if (whole)
        (void)madvise(block, whole, MADV_HUGEPAGE); /* a wish, not a need, as below */
    return block;
}

void *memory_map(size_t size)
{
    if (must_fail())
        return NULL;
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

void *memory_map_table(size_t size)
{
    void *block = memory_map(size);
    if (block)
        (void)madvise(block, size, MADV_HUGEPAGE);
    return block;
}

void memory_populate(void *block, size_t size)
{
    (void)madvise(block, size, MADV_POPULATE_WRITE);
}

void memory_unmap(void *block, size_t size)
{
    if (block)
        ASSERT(munmap(block, size) == 0);
}

void memory_seal_thread(void)
{
    thread_is_sealed = true;
}

void memory_fail_after(long count)
{
    atomic_store_explicit(&calls_until_failure, count, memory_order_relaxed);
}
