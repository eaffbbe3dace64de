/**
 * The byte budget: one mapped region from which every message's block is cut.
 *
 * A buddy allocator: blocks are powers of two from SLAB_BLOCK_BYTES_MIN up, its books stand outside
 * the region. Small blocks may not enter the last part of the region, so that a few small
 * messages held for long cannot keep a large one out.
 *
 *   region  [ small and large .................. | large only ]
 *
 * It stands in huge pages where the kernel has them: with some thousand messages in flight, each in
 * pages of its own, nearly every look at one would wait for its address.
 *
 * The region is the whole memory of payloads: what is held long takes room from what comes, and
 * never more memory. Threads: one, ingest; a block travels, but comes back to be freed.
 */
#ifndef REDRESS_INGEST_SLAB_H
#define REDRESS_INGEST_SLAB_H

#include <redress/status.h>

#include <stddef.h>

enum { SLAB_BLOCK_BYTES_MIN = 1024 };

struct slab;

/**
 * Maps a region of bytes_max (rounded down to whole largest blocks).
 *
 * Shape:    block_bytes_max is rounded up to a power of two; bytes_max holds at least two such
 * blocks. Returns:  STATUS_INVALID where it does not, STATUS_MEMORY.
 */
NODISCARD enum redress_status slab_create(size_t bytes_max, size_t block_bytes_max,
                                          struct slab **out);
void slab_destroy(struct slab *slab);

/** STATUS_FULL: no room now. STATUS_TOO_LARGE: never. *size_out is the whole block's size. Not
 * zeroed. */
NODISCARD enum redress_status slab_allocate(struct slab *slab, size_t size, void **block,
                                            size_t *size_out);
void slab_free(struct slab *slab, void *block);

size_t slab_held_bytes(const struct slab *slab);
size_t slab_bytes_max(const struct slab *slab);
/** Bytes that slab_create takes apart from the region, for the memory plan. */
size_t slab_book_bytes(size_t bytes_max);

#endif
