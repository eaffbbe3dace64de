#include "ingest/partitions.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/memory.h"

#include <stdatomic.h>
#include <string.h>

enum { PARTITION_BUCKETS = 2 * PARTITIONS_MAX };
static_assert((PARTITION_BUCKETS & (PARTITION_BUCKETS - 1)) == 0, "a mask picks the bucket");

struct partition_table {
    _Atomic uint32_t count;
    struct partition_entry entries[PARTITIONS_MAX];
    uint32_t
        buckets[PARTITION_BUCKETS]; /* slot + 1; 0 is empty. Never removed from, so no graves. */
};

enum redress_status partition_table_create(struct partition_table **out)
{
    *out = memory_allocate(sizeof **out);
    return *out ? STATUS_OK : STATUS_MEMORY;
}

void partition_table_destroy(struct partition_table *table)
{
    if (!table) {
        return;
    }
    uint32_t count = partition_table_count(table);
    for (uint32_t slot = 0; slot < count; slot++) {
        memory_free((void *)(uintptr_t)table->entries[slot].topic);
    }
    memory_free(table);
}

/* The bucket that holds (topic, partition), or the empty one where it belongs. */
static uint32_t bucket_of(const struct partition_table *table, const char *topic, int32_t partition)
{
    uint64_t hash = hash_bytes_seeded(topic, strlen(topic), (uint64_t)(uint32_t)partition);
    uint32_t bucket = (uint32_t)hash & (PARTITION_BUCKETS - 1);
    for (;; bucket = (bucket + 1) & (PARTITION_BUCKETS - 1)) {
        uint32_t taken = table->buckets[bucket];
        if (taken == 0) {
            return bucket;
        }
        const struct partition_entry *entry = &table->entries[taken - 1];
        if (entry->partition == partition && strcmp(entry->topic, topic) == 0) {
            return bucket;
        }
    }
}

enum redress_status partition_table_add(struct partition_table *table, const char *topic,
                                        int32_t partition, uint16_t channel_index, uint32_t *slot)
{
    if (partition_table_find(table, topic, partition, slot)) {
        return STATUS_OK;
    }
    uint32_t count = partition_table_count(table);
    if (count == PARTITIONS_MAX) {
        return STATUS_FULL;
    }
    char *name = memory_copy_string(topic);
    if (!name) {
        return STATUS_MEMORY;
    }
    table->entries[count] = (struct partition_entry){
        .topic = name, .partition = partition, .channel_index = channel_index};
    table->buckets[bucket_of(table, topic, partition)] = count + 1;
    *slot = count;
    /* Pairs with the acquire in partition_table_count: the entry is whole before it is counted. */
    atomic_store_explicit(&table->count, count + 1, memory_order_release);
    return STATUS_OK;
}

bool partition_table_find(const struct partition_table *table, const char *topic, int32_t partition,
                          uint32_t *slot)
{
    uint32_t taken = table->buckets[bucket_of(table, topic, partition)];
    if (taken == 0) {
        return false;
    }
    *slot = taken - 1;
    return true;
}

uint32_t partition_table_count(const struct partition_table *table)
{
    /* Pairs with the release in partition_table_add. */
    return atomic_load_explicit(&table->count, memory_order_acquire);
}

const struct partition_entry *partition_table_get(const struct partition_table *table,
                                                  uint32_t slot)
{
    ASSERT(slot < partition_table_count(table));
    return &table->entries[slot];
}
