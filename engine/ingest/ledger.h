/**
 * The offset ledger: how far each partition is done, although messages finish in any order.
 *
 * Offsets have gaps (transactions, compaction), so the ledger counts received offsets only: per
 * slot a list of those that are not finished, oldest first. Each entry remembers the offset
 * received just before it. When the head of the list finishes, everything before the new head is
 * done:
 *
 *   received   10   12   13   17   18            unfinished   12 -> 17 -> 18
 *   done       x         x                       watermark    11 (10 is the last of the done
 * prefix)
 *
 * What it is not: it does not store or commit offsets; it yields watermarks, their use is the
 * caller's. An entry exists only while its message is unfinished, so the message budget bounds it,
 * however long one message is held.
 *
 * A slot is one (topic, partition); a generation is one assignment of it. Marks of an older
 * generation change nothing and are counted.
 *
 * Threads: one, ingest. Invariants are checked by ASSERT_SLOW and the property test.
 */
#ifndef REDRESS_INGEST_LEDGER_H
#define REDRESS_INGEST_LEDGER_H

#include <redress/status.h>

#include <stddef.h>
#include <stdint.h>

struct offset_ledger;

/** Everything received before next_offset of this slot and generation is done. */
struct offset_watermark {
    uint32_t slot;
    uint32_t generation;
    int64_t next_offset; /* what a committed offset means in Kafka: the next one to read */
};

/** Room for slot_count_max slots and messages_max unfinished messages over all of them. */
NODISCARD enum redress_status offset_ledger_create(uint32_t slot_count_max, uint32_t messages_max,
                                                   struct offset_ledger **out);
/** Bytes that offset_ledger_create takes, for the memory plan. */
size_t offset_ledger_bytes(uint32_t slot_count_max, uint32_t messages_max);
void offset_ledger_destroy(struct offset_ledger *ledger);

/** Begins a generation (greater than the slot's last one); what is unfinished of the old one is
 * forgotten. */
void offset_ledger_assign(struct offset_ledger *ledger, uint32_t slot, uint32_t generation);

/** Ends the slot's generation without a next one: later marks are stale, no watermark is yielded.
 */
void offset_ledger_revoke(struct offset_ledger *ledger, uint32_t slot);

/**
 * Enters a received offset, greater than the slot's last.
 *
 * Returns: STATUS_OK and the position to mark it done by; STATUS_FULL over the message budget;
 *          STATUS_CONFLICT where the slot is not assigned; STATUS_INVALID where the offset does not
 * grow.
 */
NODISCARD enum redress_status offset_ledger_receive(struct offset_ledger *ledger, uint32_t slot,
                                                    int64_t offset, uint64_t received_ns,
                                                    uint64_t *position);

/**
 * Marks one message done, in constant time.
 *
 * Returns: STATUS_OK; STATUS_CONFLICT where the generation is not the slot's present one (counted,
 *          nothing changes). Marking twice is our bug and asserted.
 */
enum redress_status offset_ledger_mark_done(struct offset_ledger *ledger, uint32_t slot,
                                            uint32_t generation, uint64_t position);

/** Takes one watermark that moved since it was last taken; false when there is none. */
NODISCARD bool offset_ledger_take(struct offset_ledger *ledger, struct offset_watermark *out);

/** Unfinished messages of the slot's present generation. */
uint32_t offset_ledger_unfinished(const struct offset_ledger *ledger, uint32_t slot);
/** Unfinished messages of all slots. */
uint32_t offset_ledger_unfinished_total(const struct offset_ledger *ledger);
/** received_ns of the slot's oldest unfinished message; 0 where there is none. */
uint64_t offset_ledger_oldest_ns(const struct offset_ledger *ledger, uint32_t slot);
/** Marks of an older generation since the start. */
uint64_t offset_ledger_stale_marks(const struct offset_ledger *ledger);

#endif
