/**
 * Sorts a few items where they stand. Shell's way: quick for the few that most messages have,
 * bounded for thousands, and nothing is allocated. Inlined, so that the size is known and the
 * order asked for without a call.
 */
#ifndef REDRESS_BASE_SMALL_SORT_H
#define REDRESS_BASE_SMALL_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SMALL_SORT_ITEM_BYTES_MAX = 64 };

/** True where the left one stands before the right one: a total order, so that no tie is left. */
typedef bool small_sort_is_before(const void *left, const void *right);

__attribute__((always_inline)) static inline void
small_sort(void *items, uint32_t count, size_t item_bytes, small_sort_is_before *is_before)
{
    static const uint32_t gaps[] = {1750, 701, 301, 132, 57, 23, 10, 4, 1};
    enum { GAP_COUNT = sizeof gaps / sizeof gaps[0] };
    uint8_t *first = items;
    uint32_t i = 0;
    while (i + 1 < GAP_COUNT && gaps[i] >= count)
        i++;
    for (; i < GAP_COUNT; i++) {
        const size_t gap = gaps[i] * item_bytes;
        for (uint32_t next = gaps[i]; next < count; next++) {
            uint8_t *hole = first + next * item_bytes;
            if (!is_before(hole, hole - gap))
                continue;
            _Alignas(max_align_t) uint8_t moved[SMALL_SORT_ITEM_BYTES_MAX];
            memcpy(moved, hole, item_bytes);
            for (; hole >= first + gap && is_before(moved, hole - gap); hole -= gap)
                memcpy(hole, hole - gap, item_bytes);
            memcpy(hole, moved, item_bytes);
        }
    }
}

#endif
