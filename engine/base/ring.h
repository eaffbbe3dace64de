/**
 * A bounded queue of pointers between exactly one producer thread and one consumer thread.
 *
 *   slots   [ . . a b c d . . ]
 *               ^head      ^tail        head <= tail <= head + capacity; both only grow
 *
 * The producer owns tail, the consumer owns head; each keeps a stale copy of the other's index on
 * its own cache line and refreshes it only when it seems to be out of room or out of items.
 * Never blocks, never drops: a full ring answers false and the caller decides.
 *
 * Threads: ring_push by the producer, ring_pop by the consumer, ring_count by anybody (a snapshot).
 */
#ifndef REDRESS_BASE_RING_H
#define REDRESS_BASE_RING_H

#include "base/assert.h"
#include "base/memory.h"

#include <stdalign.h>
#include <stdatomic.h>

enum { RING_CACHE_LINE_BYTES = 64 };

struct ring {
    alignas(RING_CACHE_LINE_BYTES) _Atomic uint64_t tail;
    uint64_t head_seen; /* the producer's copy of head */
    alignas(RING_CACHE_LINE_BYTES) _Atomic uint64_t head;
    uint64_t tail_seen; /* the consumer's copy of tail */
    alignas(RING_CACHE_LINE_BYTES) uint64_t mask;
    void **slots;
};

/** Makes an empty ring of at least `capacity` places (rounded up to a power of two). */
NODISCARD static inline enum redress_status ring_init(struct ring *ring, uint64_t capacity)
{
    ASSERT(capacity > 0 && capacity <= (1u << 24));
    uint64_t size = 1;
    while (size < capacity)
        size *= 2;
    *ring = (struct ring){.mask = size - 1};
    ring->slots = memory_allocate_array(size, sizeof *ring->slots);
    return ring->slots ? STATUS_OK : STATUS_MEMORY;
}

static inline void ring_destroy(struct ring *ring)
{
    memory_free(ring->slots);
    ring->slots = NULL;
}

NODISCARD static inline bool ring_push(struct ring *ring, void *item)
{
    ASSERT(item != NULL);
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed); /* our own index */
    if (tail - ring->head_seen > ring->mask) {
        /* Pairs with the release in ring_pop: the consumer has finished reading that slot. */
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail - ring->head_seen > ring->mask)
            return false;
    }
    ring->slots[tail & ring->mask] = item;
    /* Pairs with the acquire in ring_pop: the slot and what it points to are visible first. */
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

/** The oldest item, or NULL when there is none. */
NODISCARD static inline void *ring_pop(struct ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed); /* our own index */
    if (head == ring->tail_seen) {
        /* Pairs with the release in ring_push. */
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head == ring->tail_seen)
            return NULL;
    }
    void *item = ring->slots[head & ring->mask];
    /* Pairs with the acquire in ring_push: the slot may be written again. */
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    ASSERT(item != NULL);
    return item;
}

/** How many items there were at some moment during the call. */
static inline uint64_t ring_count(const struct ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    return tail > head ? tail - head : 0;
}

static inline uint64_t ring_capacity(const struct ring *ring)
{
    return ring->mask + 1;
}

#endif
