/**
 * Many small allocations that live and die together: blocks that only grow, freed whole.
 *
 * Owns:    every pointer it gave out dies with arena_free().
 * Threads: one at a time while it grows; what it holds may be read by any number.
 */
#ifndef REDRESS_BASE_ARENA_H
#define REDRESS_BASE_ARENA_H

#include <redress/status.h>

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *last; /* {0} is an empty arena */
    size_t held_bytes;        /* of all blocks */
    bool is_out_of_memory;    /* a call has answered NULL */
};

/** Zeroed memory, aligned for any type, or NULL. size 0 is one byte. */
NODISCARD void *arena_allocate(struct arena *arena, size_t size);
/** count * size zeroed bytes, or NULL, also on overflow. */
NODISCARD void *arena_allocate_array(struct arena *arena, size_t count, size_t size);
/** A copy of `size` bytes with a terminator behind it, or NULL. */
NODISCARD char *arena_copy_text(struct arena *arena, const char *text, size_t size);
void arena_free(struct arena *arena);

#endif
