/**
 * Numbers the partitions that this process has seen: (topic, partition) -> slot, for its whole
 * life.
 *
 * Threads: partition_table_add and _find by one thread (ingest); others may read any slot below
 * partition_table_count(). Entries never move and never change.
 */
#ifndef REDRESS_INGEST_PARTITIONS_H
#define REDRESS_INGEST_PARTITIONS_H

#include <redress/limits.h>
#include <redress/status.h>

struct partition_entry {
    const char *topic; /* owned by the table */
    int32_t partition;
    uint16_t channel_index;
};

struct partition_table;

NODISCARD enum redress_status partition_table_create(struct partition_table **out);
void partition_table_destroy(struct partition_table *table);

/** The slot of (topic, partition), made where it is new. STATUS_FULL over PARTITIONS_MAX,
 * STATUS_MEMORY. */
NODISCARD enum redress_status partition_table_add(struct partition_table *table, const char *topic,
                                                  int32_t partition, uint16_t channel_index,
                                                  uint32_t *slot);
/** False where it was never added. */
NODISCARD bool partition_table_find(const struct partition_table *table, const char *topic,
                                    int32_t partition, uint32_t *slot);
uint32_t partition_table_count(const struct partition_table *table);
const struct partition_entry *partition_table_get(const struct partition_table *table,
                                                  uint32_t slot);

#endif
