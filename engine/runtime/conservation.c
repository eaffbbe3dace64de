#include "runtime/conservation.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/memory.h"

enum redress_status conservation_create(struct conservation **out)
{
    struct conservation *conservation = memory_allocate(sizeof *conservation);
    if (!conservation)
        return STATUS_MEMORY;
    conservation->laws = memory_allocate_array(PARTITIONS_MAX, sizeof *conservation->laws);
    if (!conservation->laws) {
        memory_free(conservation);
        return STATUS_MEMORY;
    }
    conservation->epoch = 1;
    *out = conservation;
    return STATUS_OK;
}

void conservation_destroy(struct conservation *conservation)
{
    if (!conservation)
        return;
    memory_free(conservation->laws);
    memory_free(conservation);
}

void conservation_received(struct conservation *conservation, const struct message *message)
{
    uint32_t slot = message->partition_slot;
    ASSERT(slot < PARTITIONS_MAX);
    if (slot >= conservation->slot_count)
        conservation->slot_count = slot + 1;
    _Atomic uint64_t *count = &conservation->received[slot][message->epoch & 1];
    /* Relaxed: ingest alone writes it; others read it for metrics. */
    uint64_t before = atomic_load_explicit(count, memory_order_relaxed);
    atomic_store_explicit(count, before + 1, memory_order_relaxed);
}

uint32_t conservation_begin(struct conservation *conservation)
{
    ASSERT(!conservation->is_under_way);
    conservation->is_under_way = true;
    return conservation->epoch++;
}

void conservation_answer(struct conservation *conservation, const struct egress *egress,
                         uint32_t epoch)
{
    egress_law_snapshot(egress, epoch, conservation->laws, PARTITIONS_MAX);
    /* Release: pairs with the acquire in conservation_check; the laws are complete. */
    atomic_store_explicit(&conservation->answered_epoch, epoch, memory_order_release);
}

/* Messages that are neither ended nor held, or were ended more often than received. */
static uint64_t residue_of(const struct conservation *conservation, uint32_t slot, uint32_t parity)
{
    uint64_t received =
        atomic_load_explicit(&conservation->received[slot][parity], memory_order_relaxed);
    uint64_t answered = egress_law_answered(&conservation->laws[slot]);
    if (received == answered)
        return 0;
    LOG_ERROR(
        "the conservation law is broken", log_integer("partition_slot", slot),
        log_integer("received", (int64_t)received),
        log_integer("cases", (int64_t)conservation->laws[slot].ended[ENDING_CASE]),
        log_integer("calm", (int64_t)conservation->laws[slot].ended[ENDING_CALM]),
        log_integer("dead_letters", (int64_t)conservation->laws[slot].ended[ENDING_DEAD_LETTER]),
        log_integer("in_flight", (int64_t)conservation->laws[slot].pending));
    return received > answered ? received - answered : answered - received;
}

static uint64_t residue_of_all(struct conservation *conservation, uint32_t parity)
{
    uint64_t residue = 0;
    for (uint32_t slot = 0; slot < conservation->slot_count; slot++)
        residue += residue_of(conservation, slot, parity);
    /* Relaxed: gauges for people. */
    atomic_store_explicit(&conservation->residue_messages, residue, memory_order_relaxed);
    atomic_fetch_add_explicit(&conservation->checks, 1, memory_order_relaxed);
    return residue;
}

enum redress_status conservation_check(struct conservation *conservation)
{
    ASSERT(conservation->is_under_way);
    uint32_t awaited = conservation->epoch - 1;
    if (atomic_load_explicit(&conservation->answered_epoch, memory_order_acquire) != awaited)
        return STATUS_EMPTY;
    conservation->is_under_way = false;
    return residue_of_all(conservation, awaited & 1) == 0 ? STATUS_OK : STATUS_FATAL;
}

bool conservation_is_balanced(struct conservation *conservation, const struct egress *egress)
{
    uint64_t residue = 0;
    for (uint32_t parity = 0; parity < 2; parity++) {
        egress_law_snapshot(egress, parity, conservation->laws, PARTITIONS_MAX);
        residue += residue_of_all(conservation, parity);
    }
    return residue == 0;
}
