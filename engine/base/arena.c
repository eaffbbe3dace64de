#include "base/arena.h"

#include "base/memory.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *before;
    size_t used;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static struct arena_block *block_add(struct arena *arena, size_t size)
{
    if (size < BLOCK_BYTES)
        size = BLOCK_BYTES;
    struct arena_block *block = memory_allocate(sizeof *block + size);
    if (!block)
        return NULL;
    block->before = arena->last;
    block->size = size;
    arena->last = block;
    arena->held_bytes += sizeof *block + size;
    return block;
}

static void *refuse(struct arena *arena)
{
    arena->is_out_of_memory = true;
    return NULL;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    const size_t step = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        return refuse(arena);
    size = size == 0 ? step : (size + step - 1) / step * step;
    struct arena_block *block = arena->last;
    if (!block || block->size - block->used < size)
        block = block_add(arena, size);
    if (!block)
        return refuse(arena);
    void *result = block->bytes + block->used;
    block->used += size;
    return result;
}

void *arena_allocate_array(struct arena *arena, size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total))
        return refuse(arena);
    return arena_allocate(arena, total);
}

char *arena_copy_text(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_allocate(arena, size + 1);
    if (copy && size > 0)
        memcpy(copy, text, size);
    return copy;
}

void arena_free(struct arena *arena)
{
    while (arena->last) {
        struct arena_block *block = arena->last;
        arena->last = block->before;
        memory_free(block);
    }
    arena->held_bytes = 0;
}
