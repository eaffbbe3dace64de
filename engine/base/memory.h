/**
 * The only place that allocates. Start-up may fail cleanly; a worker in steady state may not
 * allocate.
 *
 * Threads: any. memory_seal_thread() marks the calling thread: in debug builds an allocation on it
 * aborts, because the hot path must not reach the allocator.
 */
#ifndef REDRESS_BASE_MEMORY_H
#define REDRESS_BASE_MEMORY_H

#include <redress/status.h>

#include <stddef.h>

/** Zeroed memory, or NULL. Free with memory_free(). */
NODISCARD void *memory_allocate(size_t size);
/** count * size zeroed bytes, or NULL, also on overflow. */
NODISCARD void *memory_allocate_array(size_t count, size_t size);
/** Grows or shrinks; new bytes are not zeroed. NULL leaves the old block as it was. */
NODISCARD void *memory_resize(void *block, size_t size);
/** A copy of a C string, or NULL. */
NODISCARD char *memory_copy_string(const char *text);
void memory_free(void *block);

/**
 * For a table that is read here and there: it begins with a cache line, so that none of its entries
 * stands in two, and in huge pages, where it fills them and the kernel has them, so that a look at
 * it does not wait for the page's address as well. Not zeroed. Free with memory_free().
 */
NODISCARD void *memory_allocate_table(size_t size);

/** Whole zeroed pages straight from the kernel, or NULL. Give the same size to memory_unmap(). */
NODISCARD void *memory_map(size_t size);
/** The same in huge pages, as a table: for a region of which everything in use is read here and
 * there. What is touched first takes a whole one. */
NODISCARD void *memory_map_table(size_t size);
/** Has the kernel give these pages now, at the start of a mapping: who touches one first waits
 * until it is cleared, which takes a huge one up to milliseconds. A wish: kernels before 5.14 do
 * nothing. */
void memory_populate(void *block, size_t size);
void memory_unmap(void *block, size_t size);

/** From now on this thread may not allocate through this module (checked in debug builds). */
void memory_seal_thread(void);

/** Tests only: the call after `count` further ones fails, and every one after it; -1 never. */
void memory_fail_after(long count);

#endif
