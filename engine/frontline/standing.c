#include "frontline/standing.h"

#include "base/assert.h"
#include "base/memory.h"

#include <stddef.h>

enum { STANDING_PROBES_MAX = 256 };

static uint64_t mix(uint64_t value)
{
    value ^= value >> 30;
    value *= UINT64_C(0xbf58476d1ce4e5b9);
    value ^= value >> 27;
    value *= UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/** Never 0, and its lowest bit is free for the acknowledged mark. */
static uint64_t fingerprint(struct case_id case_id, uint8_t revision)
{
    uint64_t mixed = mix(case_id.high + (uint64_t)revision * UINT64_C(0x9e3779b97f4a7c15));
    mixed = mix(mixed ^ case_id.low) & ~UINT64_C(1);
    return mixed == 0 ? 2 : mixed;
}

enum redress_status standing_init(struct standing *standing, uint32_t entries)
{
    ASSERT(entries > 0 && entries <= 1u << 28);
    uint64_t size = 64;
    while (size < entries)
        size *= 2;
    *standing = (struct standing){.mask = size - 1};
    for (int i = 0; i < 2; i++)
        standing->tables[i] = memory_map(size * sizeof(uint64_t));
    if (standing->tables[0] && standing->tables[1])
        return STATUS_OK;
    standing_destroy(standing);
    return STATUS_MEMORY;
}

void standing_destroy(struct standing *standing)
{
    for (int i = 0; i < 2; i++) {
        if (standing->tables[i])
            memory_unmap((void *)standing->tables[i], (standing->mask + 1) * sizeof(uint64_t));
        standing->tables[i] = NULL;
    }
}

static enum standing_answer answer_of(uint64_t entry)
{
    return (entry & 1) ? STANDING_ACKNOWLEDGED : STANDING_STANDS;
}

/** The entry of `print` in a table, or NULL. Entries leave only with their whole table. */
static _Atomic uint64_t *table_find(const struct standing *standing, uint32_t table, uint64_t print)
{
    _Atomic uint64_t *entries = standing->tables[table];
    for (uint64_t probe = 0; probe < STANDING_PROBES_MAX; probe++) {
        _Atomic uint64_t *place = &entries[((print >> 8) + probe) & standing->mask];
        /* Relaxed throughout: an entry stands for nothing but itself. */
        uint64_t entry = atomic_load_explicit(place, memory_order_relaxed);
        if (entry == 0)
            return NULL;
        if ((entry & ~UINT64_C(1)) == print)
            return place;
    }
    return NULL;
}

/** Enters `entry` unless its fingerprint is there; all threads take the first free place in turn.
 */
static enum standing_answer table_add(struct standing *standing, uint32_t table, uint64_t entry)
{
    _Atomic uint64_t *entries = standing->tables[table];
    uint64_t print = entry & ~UINT64_C(1);
    for (uint64_t probe = 0; probe < STANDING_PROBES_MAX; probe++) {
        _Atomic uint64_t *place = &entries[((print >> 8) + probe) & standing->mask];
        uint64_t found = 0;
        if (atomic_compare_exchange_strong_explicit(place, &found, entry, memory_order_relaxed,
                                                    memory_order_relaxed)) {
            atomic_fetch_add_explicit(&standing->used, 1, memory_order_relaxed);
            return STANDING_ADDED;
        }
        if ((found & ~UINT64_C(1)) == print) {
            if (entry & 1)
                atomic_fetch_or_explicit(place, 1, memory_order_relaxed);
            return answer_of(found);
        }
    }
    atomic_fetch_add_explicit(&standing->crowded_total, 1, memory_order_relaxed);
    return STANDING_CROWDED;
}

enum standing_answer standing_add(struct standing *standing, struct case_id case_id,
                                  uint8_t revision)
{
    uint64_t print = fingerprint(case_id, revision);
    /* Acquire pairs with the release in standing_rotate: the table it names has been cleared. */
    uint32_t current = atomic_load_explicit(&standing->current, memory_order_acquire);
    const _Atomic uint64_t *older = table_find(standing, current ^ 1, print);
    if (older) {
        uint64_t entry = atomic_load_explicit(older, memory_order_relaxed);
        if (entry != 0) /* 0: cleared meanwhile */
            return answer_of(entry);
    }
    return table_add(standing, current, print);
}

enum standing_answer standing_add_lower(struct standing *standing, struct case_id case_id,
                                        uint8_t revision)
{
    enum standing_answer best = STANDING_ADDED;
    for (uint8_t lower = 0; lower < revision; lower++) {
        enum standing_answer answer = standing_add(standing, case_id, lower);
        if (best != STANDING_STANDS)
            best = answer;
    }
    return best;
}

void standing_acknowledge(struct standing *standing, struct case_id case_id, uint8_t revision)
{
    uint32_t current = atomic_load_explicit(&standing->current, memory_order_acquire);
    for (unsigned lower = 0; lower <= revision; lower++) {
        uint64_t print = fingerprint(case_id, (uint8_t)lower);
        /* An entry in the older table would hide this one from standing_add: mark both. */
        _Atomic uint64_t *older = table_find(standing, current ^ 1, print);
        if (older) {
            uint64_t expected = print;
            (void)atomic_compare_exchange_strong_explicit(
                older, &expected, print | 1, memory_order_relaxed, memory_order_relaxed);
        }
        (void)table_add(standing, current, print | 1);
    }
}

enum standing_answer standing_find(const struct standing *standing, struct case_id case_id,
                                   uint8_t revision)
{
    uint64_t print = fingerprint(case_id, revision);
    enum standing_answer best = STANDING_ADDED;
    for (uint32_t table = 0; table < 2; table++) {
        const _Atomic uint64_t *place = table_find(standing, table, print);
        uint64_t entry = place ? atomic_load_explicit(place, memory_order_relaxed) : 0;
        if (entry != 0 && best != STANDING_ACKNOWLEDGED)
            best = answer_of(entry);
    }
    return best;
}

bool standing_rotate(struct standing *standing)
{
    if (atomic_load_explicit(&standing->used, memory_order_relaxed) <= standing->mask / 2)
        return false;
    uint32_t older = atomic_load_explicit(&standing->current, memory_order_relaxed) ^ 1;
    for (uint64_t i = 0; i <= standing->mask; i++)
        atomic_store_explicit(&standing->tables[older][i], 0, memory_order_relaxed);
    atomic_store_explicit(&standing->used, 0, memory_order_relaxed);
    /* Pairs with the acquires above: who sees the new table sees it empty. A thread that still
     * holds the old number adds to what is now the older table, which is searched all the same. */
    atomic_store_explicit(&standing->current, older, memory_order_release);
    atomic_fetch_add_explicit(&standing->rotated_total, 1, memory_order_relaxed);
    return true;
}
