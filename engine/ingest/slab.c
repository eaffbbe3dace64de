#include "ingest/slab.h"

#include "base/assert.h"
#include "base/memory.h"

#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

/*
 * Order o is a block of SLAB_BLOCK_BYTES_MIN << o bytes. The region is a row of blocks of the
 * largest order; units (smallest blocks) number it. A free block's books stand at its first unit.
 */
enum { SLAB_POPULATED_BYTES = 8 << 20, SLAB_ORDERS_MAX = 24, SLAB_UNIT_NONE = UINT32_MAX };

enum unit_state { UNIT_INSIDE = 0, UNIT_FREE = 1, UNIT_USED = 2 };

struct slab_unit {
    uint32_t previous;
    uint32_t next;
    uint8_t order;
    uint8_t state; /* enum unit_state; UNIT_INSIDE: not the first of a block */
};

/* Free blocks by order, last freed first, apart for each of the two parts of the region. */
struct slab_part {
    uint32_t free[SLAB_ORDERS_MAX];
    uint32_t orders; /* bit o: free[o] is not empty */
};

struct slab {
    char *region;
    size_t region_bytes;
    size_t held_bytes;
    uint32_t order_max;
    uint32_t order_small_max; /* blocks above it may use the reserve */
    uint32_t reserve_unit;    /* where the part for large blocks begins */
    struct slab_part shared;
    struct slab_part reserve;
    uint32_t unit_count;
    struct slab_unit *units;
};

static uint32_t order_for(size_t size)
{
    uint32_t order = 0;
    while ((size_t)SLAB_BLOCK_BYTES_MIN << order < size)
        order++;
    return order;
}

static size_t order_bytes(uint32_t order)
{
    return (size_t)SLAB_BLOCK_BYTES_MIN << order;
}

static struct slab_part *part_of(struct slab *slab, uint32_t unit)
{
    return unit >= slab->reserve_unit ? &slab->reserve : &slab->shared;
}

static void push_free(struct slab *slab, uint32_t unit, uint32_t order)
{
    struct slab_part *part = part_of(slab, unit);
    uint32_t next = part->free[order];
    slab->units[unit] = (struct slab_unit){
        .previous = SLAB_UNIT_NONE, .next = next, .order = (uint8_t)order, .state = UNIT_FREE};
    if (next != SLAB_UNIT_NONE)
        slab->units[next].previous = unit;
    part->free[order] = unit;
    part->orders |= 1u << order;
}

static void take_free(struct slab *slab, uint32_t unit)
{
    struct slab_unit *taken = &slab->units[unit];
    struct slab_part *part = part_of(slab, unit);
    ASSERT(taken->state == UNIT_FREE);
    if (taken->previous == SLAB_UNIT_NONE)
        part->free[taken->order] = taken->next;
    else
        slab->units[taken->previous].next = taken->next;
    if (taken->next != SLAB_UNIT_NONE)
        slab->units[taken->next].previous = taken->previous;
    if (part->free[taken->order] == SLAB_UNIT_NONE)
        part->orders &= ~(1u << taken->order);
    taken->state = UNIT_INSIDE;
}

/* The row of largest blocks; the last quarter of them, at least one, is the reserve. */
static void fill(struct slab *slab)
{
    uint32_t blocks = slab->unit_count >> slab->order_max;
    uint32_t reserved = blocks / 4 > 0 ? blocks / 4 : 1;
    slab->reserve_unit = (blocks - reserved) << slab->order_max;
    for (uint32_t order = 0; order < SLAB_ORDERS_MAX; order++) {
        slab->shared.free[order] = SLAB_UNIT_NONE;
        slab->reserve.free[order] = SLAB_UNIT_NONE;
    }
    for (uint32_t block = blocks; block-- > 0;)
        push_free(slab, block << slab->order_max, slab->order_max);
}

enum redress_status slab_create(size_t bytes_max, size_t block_bytes_max, struct slab **out)
{
    *out = NULL;
    uint32_t order_max = order_for(block_bytes_max);
    size_t bytes = bytes_max - bytes_max % order_bytes(order_max);
    if (order_max >= SLAB_ORDERS_MAX || bytes < 2 * order_bytes(order_max) ||
        bytes / SLAB_BLOCK_BYTES_MIN >= SLAB_UNIT_NONE)
        return STATUS_INVALID;
    struct slab *slab = memory_allocate(sizeof *slab);
    if (!slab)
        return STATUS_MEMORY;
    slab->region_bytes = bytes;
    slab->unit_count = (uint32_t)(bytes / SLAB_BLOCK_BYTES_MIN);
    slab->order_max = order_max;
    /* A block under an eighth of the largest is small: it never keeps a large one out for long. */
    slab->order_small_max = order_max > 3 ? order_max - 3 : 0;
    slab->region = memory_map_table(bytes);
    slab->units = memory_map(slab->unit_count * sizeof *slab->units);
    if (!slab->region || !slab->units) {
        slab_destroy(slab);
        return STATUS_MEMORY;
    }
    /* Where blocks are taken from first: what is in flight at an even load. */
    memory_populate(slab->region, bytes < SLAB_POPULATED_BYTES ? bytes : SLAB_POPULATED_BYTES);
    fill(slab);
    ASAN_POISON_MEMORY_REGION(slab->region, slab->region_bytes);
    *out = slab;
    return STATUS_OK;
}

void slab_destroy(struct slab *slab)
{
    if (!slab)
        return;
    if (slab->region)
        ASAN_UNPOISON_MEMORY_REGION(slab->region, slab->region_bytes);
    memory_unmap(slab->region, slab->region_bytes);
    memory_unmap(slab->units, slab->unit_count * sizeof *slab->units);
    memory_free(slab);
}

/* Splits the smallest free block that is large enough; SLAB_UNIT_NONE where this part has none. */
static uint32_t take_block(struct slab *slab, struct slab_part *part, uint32_t order)
{
    uint32_t fitting = part->orders & ~((1u << order) - 1);
    if (fitting == 0)
        return SLAB_UNIT_NONE;
    uint32_t from = (uint32_t)__builtin_ctz(fitting);
    uint32_t unit = part->free[from];
    take_free(slab, unit);
    while (from > order) {
        from--;
        push_free(slab, unit + (1u << from), from);
    }
    return unit;
}

enum redress_status slab_allocate(struct slab *slab, size_t size, void **block, size_t *size_out)
{
    if (size > order_bytes(slab->order_max))
        return STATUS_TOO_LARGE;
    uint32_t order = order_for(size);
    uint32_t unit = SLAB_UNIT_NONE;
    if (order > slab->order_small_max)
        unit = take_block(slab, &slab->reserve, order);
    if (unit == SLAB_UNIT_NONE)
        unit = take_block(slab, &slab->shared, order);
    if (unit == SLAB_UNIT_NONE)
        return STATUS_FULL;
    slab->units[unit] = (struct slab_unit){.order = (uint8_t)order, .state = UNIT_USED};
    slab->held_bytes += order_bytes(order);
    *block = slab->region + (size_t)unit * SLAB_BLOCK_BYTES_MIN;
    *size_out = order_bytes(order);
    ASAN_UNPOISON_MEMORY_REGION(*block, *size_out);
    return STATUS_OK;
}

void slab_free(struct slab *slab, void *block)
{
    size_t distance = (size_t)((char *)block - slab->region);
    ASSERT(distance < slab->region_bytes && distance % SLAB_BLOCK_BYTES_MIN == 0);
    uint32_t unit = (uint32_t)(distance / SLAB_BLOCK_BYTES_MIN);
    uint32_t order = slab->units[unit].order;
    ASSERT(slab->units[unit].state == UNIT_USED);
    ASAN_POISON_MEMORY_REGION(block, order_bytes(order));
    slab->held_bytes -= order_bytes(order);
    slab->units[unit].state = UNIT_INSIDE;
    while (order < slab->order_max) {
        uint32_t buddy = unit ^ (1u << order);
        if (slab->units[buddy].state != UNIT_FREE || slab->units[buddy].order != order)
            break;
        take_free(slab, buddy);
        unit &= ~(1u << order);
        order++;
    }
    push_free(slab, unit, order);
}

size_t slab_held_bytes(const struct slab *slab)
{
    return slab->held_bytes;
}

size_t slab_bytes_max(const struct slab *slab)
{
    return slab->region_bytes;
}

size_t slab_book_bytes(size_t bytes_max)
{
    return sizeof(struct slab) + bytes_max / SLAB_BLOCK_BYTES_MIN * sizeof(struct slab_unit);
}
