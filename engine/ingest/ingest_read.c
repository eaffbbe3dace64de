/** Reading partitions in turn, and what happens where there is no room. */
#include "ingest/ingest_state.h"

#include "base/fault.h"
#include "base/log.h"

static uint64_t clock_now_ns(const struct ingest *ingest)
{
    return ingest->settings.clock_ns();
}

void slot_set_not_read(struct ingest *ingest, uint32_t slot, bool not_read)
{
    struct ingest_slot *state = &ingest->slots[slot];
    if (not_read && state->not_read && !state->not_read_logged &&
        ingest->now_ns - state->not_read_ns > INGEST_NOT_READ_LOG_NS) {
        const struct partition_entry *entry =
            partition_table_get(ingest->settings.partitions, slot);
        LOG_INFO("partition is not read: no room behind it", log_text("topic", entry->topic),
                 log_integer("partition", entry->partition));
        state->not_read_logged = true;
    }
    if (not_read == state->not_read)
        return;
    state->not_read = not_read;
    atomic_store_explicit(&ingest->counters[slot].not_read, not_read, memory_order_relaxed);
    if (not_read) {
        COUNTER_ADD(&ingest->totals.partitions_not_read, 1);
        state->not_read_ns = ingest->now_ns;
        return;
    }
    COUNTER_ADD(&ingest->totals.partitions_not_read, -1ull);
    if (state->not_read_logged) {
        const struct partition_entry *entry =
            partition_table_get(ingest->settings.partitions, slot);
        LOG_INFO(
            "partition is read again", log_text("topic", entry->topic),
            log_integer("partition", entry->partition),
            log_integer("not_read_ms", (int64_t)((ingest->now_ns - state->not_read_ns) / 1000000)));
        state->not_read_logged = false;
    }
}

/* A planted fault only: forgets a message as a careless engine would. */
static void drop_message(struct ingest *ingest, struct message *message)
{
    offset_ledger_mark_done(ingest->ledger, message->partition_slot, message->generation,
                            message->ledger_position);
    COUNTER_ADD(&ingest->counters[message->partition_slot].held, -1ull);
    ingest->held--;
    slab_free(ingest->slab, message);
}

/* Gives the message to its worker. False where there was no room: it is pending then. */
static bool offer(struct ingest *ingest, struct message *message)
{
    uint32_t slot = message->partition_slot;
    uint32_t generation = message->generation;
    uint64_t position = message->ledger_position;
    enum redress_status status = ingest->settings.hand_over(ingest->settings.context, message);
    ASSERT(status == STATUS_OK || status == STATUS_FULL);
    if (status == STATUS_OK) {
        ingest->lap++;
        if (FAULT_STORE_BEFORE_DELIVERY)
            offset_ledger_mark_done(ingest->ledger, slot, generation, position);
        return true;
    }
    COUNTER_ADD(&ingest->counters[slot].refused_full, 1);
    if (FAULT_DROP_ON_FULL_RING) {
        drop_message(ingest, message);
        return true;
    }
    return false;
}

static bool offer_pending(struct ingest *ingest)
{
    uint32_t kept = 0;
    uint32_t count = ingest->pending_count;
    for (uint32_t index = 0; index < count; index++) {
        uint32_t slot = ingest->pending[index];
        struct message *message = ingest->slots[slot].pending;
        if (offer(ingest, message)) {
            ingest->slots[slot].pending = NULL;
        } else {
            ingest->pending[kept++] = slot;
            slot_set_not_read(ingest, slot, true);
        }
    }
    ingest->pending_count = kept;
    return kept < count;
}

static void count_received(struct ingest *ingest, const struct message *message)
{
    struct ingest_counters *counters = &ingest->counters[message->partition_slot];
    COUNTER_ADD(&counters->received, 1);
    COUNTER_ADD(&counters->held, 1);
    COUNTER_SET(&counters->next_offset, message->offset + 1);
    COUNTER_SET(&counters->progress_ns, message->received_ns);
    COUNTER_SET(&counters->oldest_ns,
                offset_ledger_oldest_ns(ingest->ledger, message->partition_slot));
    if (message->payload.size != message->payload_size_original)
        COUNTER_ADD(&counters->over_large, 1);
    ingest->held++;
}

/* The next record of the slot becomes a message and goes on. STATUS_FULL: the slot has to wait. */
static enum redress_status read_one(struct ingest *ingest, uint32_t slot, uint64_t received_ns)
{
    struct source_record record;
    enum redress_status status = source_peek(ingest->settings.source, slot, &record);
    if (status != STATUS_OK)
        return STATUS_EMPTY;
    if (record.received_ns != 0)
        received_ns = record.received_ns;
    struct message *message;
    status = message_build(ingest, slot, &record, &message);
    ASSERT(status == STATUS_OK || status == STATUS_FULL);
    if (status != STATUS_OK)
        return STATUS_FULL;
    status = offset_ledger_receive(ingest->ledger, slot, record.offset, received_ns,
                                   &message->ledger_position);
    if (status != STATUS_OK) {
        slab_free(ingest->slab, message);
        if (status == STATUS_FULL)
            return STATUS_FULL;
        /* Below what this generation read already: it was delivered twice by the source. */
        COUNTER_ADD(&ingest->counters[slot].repeated, 1);
        source_advance(ingest->settings.source, slot);
        return STATUS_OK;
    }
    message->received_ns = received_ns;
    source_advance(ingest->settings.source, slot);
    count_received(ingest, message);
    if (!offer(ingest, message)) {
        ingest->slots[slot].pending = message;
        ingest->pending[ingest->pending_count++] = slot;
        return STATUS_FULL;
    }
    return STATUS_OK;
}

static bool budget_is_used_up(const struct ingest *ingest)
{
    return ingest->held >= ingest->settings.held_messages_max;
}

/* One partition's turn. True where anything was read. */
static bool read_slot(struct ingest *ingest, uint32_t slot)
{
    struct ingest_slot *state = &ingest->slots[slot];
    if (state->draining || state->pending)
        return false;
    if (!source_ready(ingest->settings.source, slot)) {
        slot_set_not_read(ingest, slot, false);
        return false;
    }
    uint64_t received_ns = clock_now_ns(ingest);
    uint32_t count = 0;
    enum redress_status status = STATUS_OK;
    while (count < ingest->settings.quantum_messages) {
        status = budget_is_used_up(ingest) ? STATUS_FULL : read_one(ingest, slot, received_ns);
        if (status != STATUS_OK)
            break;
        count++;
    }
    slot_set_not_read(ingest, slot, status == STATUS_FULL);
    return count > 0;
}

/* The budget ended the lap: the next `count` partitions had no turn. */
static void mark_rest_not_read(struct ingest *ingest, uint32_t count)
{
    for (uint32_t index = 0; index < count; index++) {
        uint32_t slot = ingest->active[(ingest->turn + index) % ingest->active_count];
        if (source_ready(ingest->settings.source, slot))
            slot_set_not_read(ingest, slot, true);
    }
}

static bool lap_is_over(const struct ingest *ingest)
{
    return ingest->settings.lap_messages_max > 0 &&
           ingest->lap >= ingest->settings.lap_messages_max;
}

/* One lap over the assigned partitions, beginning where the last one had to stop. */
static bool read_lap(struct ingest *ingest)
{
    bool moved = false;
    uint32_t count = ingest->active_count;
    for (uint32_t index = 0; index < count; index++) {
        if (budget_is_used_up(ingest)) {
            COUNTER_ADD(&ingest->totals.budget_stops, 1);
            mark_rest_not_read(ingest, count - index);
            break;
        }
        if (lap_is_over(ingest))
            break;
        uint32_t slot = ingest->active[ingest->turn % count];
        ingest->turn = (ingest->turn + 1) % count;
        if (read_slot(ingest, slot))
            moved = true;
    }
    return moved;
}

bool ingest_read(struct ingest *ingest)
{
    ingest->lap = 0;
    bool moved = ingest->pending_count > 0 && offer_pending(ingest);
    if (!ingest->stopping && ingest->active_count > 0 && read_lap(ingest))
        moved = true;
    if (ingest->lap > 0 && ingest->settings.hand_over_end)
        ingest->settings.hand_over_end(ingest->settings.context);
    return moved;
}
