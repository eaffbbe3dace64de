/**
 * Remembers which (case id, revision) stand in the queue or are acknowledged already, so that a
 * message delivered twice, or a case that comes from the worker and from the topic, stands once.
 *
 * A set of 63-bit fingerprints in two tables. New ones go into the current table; when it is half
 * full the server clears the older table and makes it the current one. So at least `entries / 2` of
 * the latest are always known, and the server enters what still stands again. Two different cases
 * meet in one fingerprint about once in 10^13 pushes at a million entries.
 *
 *   empty 0 -> fingerprint << 1 -> fingerprint << 1 | 1 (acknowledged) -> 0 (cleared with its
 * table)
 *
 * Threads: add, acknowledge, find: any, lock-free. rotate: one at a time.
 */
#ifndef REDRESS_FRONTLINE_STANDING_H
#define REDRESS_FRONTLINE_STANDING_H

#include <redress/message.h>

#include <stdatomic.h>

enum standing_answer {
    STANDING_ADDED, /* was not known; is now */
    STANDING_STANDS,
    STANDING_ACKNOWLEDGED,
    STANDING_CROWDED /* not known, and there was no room to remember it */
};

struct standing {
    _Atomic uint64_t *tables[2];
    uint64_t mask;
    _Atomic uint32_t current;
    _Atomic uint64_t used; /* of the current table */
    _Atomic uint64_t crowded_total;
    _Atomic uint64_t rotated_total;
};

/** entries is rounded up to a power of two. */
NODISCARD enum redress_status standing_init(struct standing *standing, uint32_t entries);
void standing_destroy(struct standing *standing);

/** Of several threads that add the same case at once, exactly one is answered STANDING_ADDED. */
enum standing_answer standing_add(struct standing *standing, struct case_id case_id,
                                  uint8_t revision);
/**
 * Enters every lower revision, so that one which comes late is known. Answers STANDING_STANDS where
 * one of them was known to stand.
 */
enum standing_answer standing_add_lower(struct standing *standing, struct case_id case_id,
                                        uint8_t revision);
/** Marks this and every lower revision as acknowledged. */
void standing_acknowledge(struct standing *standing, struct case_id case_id, uint8_t revision);
/** STANDING_ADDED here means: not known. */
enum standing_answer standing_find(const struct standing *standing, struct case_id case_id,
                                   uint8_t revision);

/** True where it is time; the caller then adds again what still stands. */
bool standing_rotate(struct standing *standing);

#endif
