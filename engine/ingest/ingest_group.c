/** What the source says about the group: assignments, revokes, losses, faults; and storing. */
#include "ingest/ingest_state.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>

/* What is in flight may still end and be stored, unless another instance has taken our name and
 * reads it again. */
static void settle(struct ingest *ingest)
{
    uint64_t deadline_ns = ingest->now_ns + ingest->settings.drain_ns_max;
    if (ingest->stopping && ingest->stop_deadline_ns < deadline_ns)
        deadline_ns = ingest->stop_deadline_ns;
    ingest_stop(ingest, deadline_ns);
    LOG_WARN("nothing more is read; what is in flight may end", log_integer("held", ingest->held),
             log_text("reason", ingest->error));
}

void ingest_fail(struct ingest *ingest, enum redress_status status, const char *text)
{
    ASSERT(status != STATUS_OK);
    if (ingest->failed != STATUS_OK)
        return;
    ingest->failed = status;
    snprintf(ingest->error, sizeof ingest->error, "%s", text);
    if (status != STATUS_FENCED)
        settle(ingest);
}

static void tell_assignment(struct ingest *ingest, uint32_t slot, uint32_t generation,
                            bool assigned)
{
    if (ingest->settings.assignment)
        ingest->settings.assignment(ingest->settings.context, slot, generation, assigned);
}

static void begin_generation(struct ingest *ingest, const struct source_assignment *assignment)
{
    struct ingest_counters *counters = &ingest->counters[assignment->slot];
    struct ingest_slot *state = &ingest->slots[assignment->slot];
    offset_ledger_assign(ingest->ledger, assignment->slot, assignment->generation);
    state->generation = assignment->generation;
    COUNTER_SET(&counters->generation, assignment->generation);
    COUNTER_SET(&counters->next_offset, assignment->start_offset);
    COUNTER_SET(&counters->stored_offset, -1);
    COUNTER_SET(&counters->oldest_ns, 0);
    COUNTER_SET(&counters->progress_ns, ingest->now_ns);
    tell_assignment(ingest, assignment->slot, assignment->generation, true);
}

static void take_slots(struct ingest *ingest, const struct source_event *event)
{
    for (uint32_t index = 0; index < event->slot_count; index++) {
        uint32_t slot = event->slots[index].slot;
        struct ingest_slot *state = &ingest->slots[slot];
        ASSERT(!state->assigned);
        state->assigned = true;
        state->draining = false;
        state->active_index = ingest->active_count;
        ingest->active[ingest->active_count++] = slot;
        atomic_store_explicit(&ingest->counters[slot].assigned, true, memory_order_relaxed);
        begin_generation(ingest, &event->slots[index]);
    }
    COUNTER_SET(&ingest->totals.partitions_assigned, ingest->active_count);
    COUNTER_ADD(&ingest->totals.rebalances, 1);
    LOG_INFO("partitions assigned", log_integer("count", event->slot_count),
             log_integer("assigned", ingest->active_count));
}

/* Its messages still in flight may finish, but move no watermark any more. */
static void give_up_slot(struct ingest *ingest, uint32_t slot)
{
    struct ingest_slot *state = &ingest->slots[slot];
    struct ingest_counters *counters = &ingest->counters[slot];
    ASSERT(state->assigned);
    slot_set_not_read(ingest, slot, false);
    offset_ledger_revoke(ingest->ledger, slot);
    uint32_t last = ingest->active[--ingest->active_count];
    ingest->active[state->active_index] = last;
    ingest->slots[last].active_index = state->active_index;
    if (ingest->turn >= ingest->active_count)
        ingest->turn = 0;
    if (state->draining)
        ingest->draining_count--;
    state->assigned = false;
    state->draining = false;
    atomic_store_explicit(&counters->assigned, false, memory_order_relaxed);
    COUNTER_SET(&counters->oldest_ns, 0);
    COUNTER_SET(&counters->high_offset, -1);
    COUNTER_SET(&counters->next_offset, -1);
    COUNTER_SET(&ingest->totals.partitions_assigned, ingest->active_count);
    tell_assignment(ingest, slot, state->generation, false);
}

static void lose_slots(struct ingest *ingest, const struct source_event *event)
{
    LOG_WARN("partitions lost: the group gave them to others, nothing of them is stored",
             log_integer("count", event->slot_count), log_text("reason", event->text));
    for (uint32_t index = 0; index < event->slot_count; index++)
        if (ingest->slots[event->slots[index].slot].assigned)
            give_up_slot(ingest, event->slots[index].slot);
    COUNTER_ADD(&ingest->totals.rebalances, 1);
}

static void begin_drain(struct ingest *ingest, const struct source_event *event)
{
    for (uint32_t index = 0; index < event->slot_count; index++) {
        struct ingest_slot *state = &ingest->slots[event->slots[index].slot];
        if (!state->assigned || state->draining)
            continue;
        state->draining = true;
        ingest->draining_count++;
    }
    ingest->revoking = true;
    ingest->drain_deadline_ns = ingest->now_ns + ingest->settings.drain_ns_max;
    COUNTER_ADD(&ingest->totals.rebalances, 1);
    LOG_INFO("partitions are being revoked: draining", log_integer("count", event->slot_count),
             log_integer("held", ingest->held));
}

static void log_loss(struct ingest *ingest, const struct source_event *event)
{
    for (uint32_t index = 0; index < event->slot_count; index++) {
        const struct source_assignment *assignment = &event->slots[index];
        const struct partition_entry *entry =
            partition_table_get(ingest->settings.partitions, assignment->slot);
        COUNTER_ADD(&ingest->counters[assignment->slot].lost_before_read, assignment->lost_offsets);
        LOG_ERROR("records were lost before they could be read", log_text("topic", entry->topic),
                  log_integer("partition", entry->partition),
                  log_integer("lost_offsets", (int64_t)assignment->lost_offsets),
                  log_integer("next_offset", assignment->start_offset),
                  log_text("reason", event->text));
        if (ingest->slots[assignment->slot].assigned &&
            assignment->generation != ingest->slots[assignment->slot].generation)
            begin_generation(ingest, assignment);
    }
}

static void take_event(struct ingest *ingest, const struct source_event *event)
{
    switch (event->kind) {
    case SOURCE_NOTHING:
        return;
    case SOURCE_ASSIGNED:
        take_slots(ingest, event);
        return;
    case SOURCE_REVOKING:
        begin_drain(ingest, event);
        return;
    case SOURCE_LOST:
        lose_slots(ingest, event);
        return;
    case SOURCE_LOG_LOSS:
        log_loss(ingest, event);
        return;
    case SOURCE_END:
        ingest->source_ended = true;
        return;
    case SOURCE_FAULT:
        COUNTER_ADD(&ingest->totals.source_faults, 1);
        LOG_WARN("the source has trouble and goes on", log_text("reason", event->text));
        return;
    case SOURCE_FATAL:
        ingest_fail(ingest, event->status, event->text);
        return;
    }
}

bool ingest_events(struct ingest *ingest)
{
    for (int count = 0; count < INGEST_EVENTS_PER_STEP; count++) {
        struct source_event event;
        source_poll(ingest->settings.source, &event);
        if (event.kind == SOURCE_NOTHING)
            return count > 0;
        take_event(ingest, &event);
    }
    return true;
}

void ingest_store(struct ingest *ingest)
{
    struct offset_watermark watermark;
    while (offset_ledger_take(ingest->ledger, &watermark)) {
        enum redress_status status = source_store(ingest->settings.source, watermark.slot,
                                                  watermark.generation, watermark.next_offset);
        if (status != STATUS_OK)
            continue; /* the group took the slot meanwhile: its event is on the way */
        struct ingest_counters *counters = &ingest->counters[watermark.slot];
        COUNTER_ADD(&counters->stores, 1);
        COUNTER_SET(&counters->stored_offset, watermark.next_offset);
    }
}

/* Messages of the slots that are being revoked, wherever they are. */
static uint32_t draining_unfinished(const struct ingest *ingest)
{
    uint32_t unfinished = 0;
    for (uint32_t index = 0; index < ingest->active_count; index++)
        if (ingest->slots[ingest->active[index]].draining)
            unfinished += offset_ledger_unfinished(ingest->ledger, ingest->active[index]);
    return unfinished;
}

bool ingest_drain(struct ingest *ingest)
{
    if (!ingest->revoking)
        return false;
    uint32_t unfinished = draining_unfinished(ingest);
    if (unfinished > 0 && ingest->now_ns < ingest->drain_deadline_ns)
        return false;
    if (unfinished > 0) {
        COUNTER_ADD(&ingest->totals.drain_timeouts, 1);
        LOG_WARN("revoked before all was done: these messages will be read again by others",
                 log_integer("messages", unfinished));
    }
    ingest_store(ingest);
    source_released(ingest->settings.source);
    for (uint32_t index = ingest->active_count; index-- > 0;)
        if (ingest->slots[ingest->active[index]].draining)
            give_up_slot(ingest, ingest->active[index]);
    ingest->revoking = false;
    return true;
}
