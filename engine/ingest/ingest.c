#include "ingest/ingest_state.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "ingest/loop.h"

static bool settings_are_sound(const struct ingest_settings *settings)
{
    return settings->source && settings->partitions && settings->room_bytes &&
           settings->hand_over && settings->held_messages_max > 0 &&
           settings->channel_count <= CHANNELS_MAX && (!settings->loop || settings->doorbell);
}

static enum redress_status allocate_parts(struct ingest *ingest)
{
    const struct ingest_settings *settings = &ingest->settings;
    ingest->counters = memory_allocate_array(PARTITIONS_MAX, sizeof *ingest->counters);
    ingest->slots = memory_allocate_array(PARTITIONS_MAX, sizeof *ingest->slots);
    ingest->active = memory_allocate_array(PARTITIONS_MAX, sizeof *ingest->active);
    ingest->pending = memory_allocate_array(PARTITIONS_MAX, sizeof *ingest->pending);
    if (!ingest->counters || !ingest->slots || !ingest->active || !ingest->pending)
        return STATUS_MEMORY;
    enum redress_status status =
        offset_ledger_create(PARTITIONS_MAX, settings->held_messages_max, &ingest->ledger);
    if (status != STATUS_OK)
        return status;
    return slab_create(settings->held_bytes_max, message_block_bytes_max(settings), &ingest->slab);
}

enum redress_status ingest_create(const struct ingest_settings *settings, struct ingest **out)
{
    ASSERT(settings_are_sound(settings));
    *out = NULL;
    struct ingest *ingest = memory_allocate(sizeof *ingest);
    if (!ingest)
        return STATUS_MEMORY;
    ingest->settings = *settings;
    if (ingest->settings.quantum_messages == 0)
        ingest->settings.quantum_messages = INGEST_QUANTUM_DEFAULT;
    if (!ingest->settings.clock_ns)
        ingest->settings.clock_ns = clock_monotonic_ns;
    enum redress_status status = allocate_parts(ingest);
    if (status != STATUS_OK) {
        ingest_destroy(ingest);
        return status;
    }
    for (uint32_t slot = 0; slot < PARTITIONS_MAX; slot++) {
        COUNTER_SET(&ingest->counters[slot].stored_offset, -1);
        COUNTER_SET(&ingest->counters[slot].next_offset, -1);
        COUNTER_SET(&ingest->counters[slot].high_offset, -1);
    }
    if (settings->loop)
        status = loop_watch(settings->loop, settings->doorbell->fd);
    if (status != STATUS_OK) {
        ingest_destroy(ingest);
        return status;
    }
    *out = ingest;
    return STATUS_OK;
}

void ingest_destroy(struct ingest *ingest)
{
    if (!ingest)
        return;
    offset_ledger_destroy(ingest->ledger);
    slab_destroy(ingest->slab);
    memory_free(ingest->counters);
    memory_free(ingest->slots);
    memory_free(ingest->active);
    memory_free(ingest->pending);
    memory_free(ingest);
}

static void mark_done(struct ingest *ingest, const struct message *message)
{
    uint32_t slot = message->partition_slot;
    struct ingest_counters *counters = &ingest->counters[slot];
    enum redress_status status = offset_ledger_mark_done(ingest->ledger, slot, message->generation,
                                                         message->ledger_position);
    if (status == STATUS_OK) {
        COUNTER_SET(&counters->oldest_ns, offset_ledger_oldest_ns(ingest->ledger, slot));
        return;
    }
    COUNTER_ADD(&counters->stale_marks, 1);
    if (FAULT_IGNORE_GENERATION) {
        status = source_store(ingest->settings.source, slot, ingest->slots[slot].generation,
                              message->offset + 1);
        (void)status;
    }
}

void ingest_return(struct ingest *ingest, struct message *message)
{
    uint32_t slot = message->partition_slot;
    ASSERT(message->kind == MESSAGE_RECORD); /* markers end at egress */
    ASSERT(slot < PARTITIONS_MAX && ingest->held > 0 && message->ending < ENDING_COUNT);
    struct ingest_counters *counters = &ingest->counters[slot];
    COUNTER_ADD(&counters->done[message->ending], 1);
    COUNTER_ADD(&counters->held, -1ull);
    COUNTER_SET(&counters->progress_ns, ingest->now_ns);
    /* Without an ending it was given up: the watermark must never pass it. */
    if (message->ending != ENDING_NONE && !FAULT_STORE_BEFORE_DELIVERY)
        mark_done(ingest, message);
    ingest->held--;
    slab_free(ingest->slab, message);
}

/* Bounded by what is held, since every ring has room for all of it. */
static bool take_returns(struct ingest *ingest)
{
    bool moved = false;
    for (uint32_t index = 0; index < ingest->settings.return_ring_count; index++) {
        struct ring *ring = ingest->settings.return_rings[index];
        uint64_t count = ring_count(ring);
        for (; count > 0; count--) {
            struct message *message = ring_pop(ring);
            if (!message)
                break;
            ingest_return(ingest, message);
            moved = true;
        }
    }
    return moved;
}

static void publish_positions(struct ingest *ingest)
{
    for (uint32_t index = 0; index < ingest->active_count; index++) {
        uint32_t slot = ingest->active[index];
        struct source_position position;
        if (source_position(ingest->settings.source, slot, &position))
            COUNTER_SET(&ingest->counters[slot].high_offset, position.high_offset);
    }
}

static void publish(struct ingest *ingest)
{
    COUNTER_SET(&ingest->totals.held_messages, ingest->held);
    COUNTER_SET(&ingest->totals.held_bytes, slab_held_bytes(ingest->slab));
    COUNTER_ADD(&ingest->totals.steps, 1);
    if (ingest->now_ns < ingest->publish_ns)
        return;
    ingest->publish_ns = ingest->now_ns + INGEST_PUBLISH_NS;
    publish_positions(ingest);
}

/* True where nothing more is to come and everything is back, or the time for it is over. */
static bool is_through(const struct ingest *ingest)
{
    bool late = ingest->stopping && ingest->now_ns >= ingest->stop_deadline_ns;
    if (late)
        return true;
    bool all_back = ingest->held == 0 && ingest->pending_count == 0;
    if (ingest->leaving || !ingest->stopping)
        return ingest->source_ended && all_back;
    return all_back && !ingest->revoking;
}

static enum redress_status finish(struct ingest *ingest)
{
    if (ingest->committed)
        return STATUS_STOPPED;
    if (ingest->held > 0)
        LOG_WARN("stopped before all was done: these messages will be read again",
                 log_integer("messages", ingest->held));
    ingest_store(ingest);
    enum redress_status status = source_commit(ingest->settings.source);
    if (status != STATUS_OK && status != STATUS_EMPTY)
        LOG_WARN("the last commit failed: some messages will be read again",
                 log_text("status", redress_status_name(status)));
    ingest->committed = true;
    return STATUS_STOPPED;
}

/* Others read what is in flight already: waiting for it would only end it twice. */
static bool is_cut_short(const struct ingest *ingest)
{
    return ingest->failed == STATUS_FENCED;
}

enum redress_status ingest_step(struct ingest *ingest, uint64_t now_ns)
{
    ingest->now_ns = now_ns;
    if (is_cut_short(ingest))
        return ingest->failed;
    bool moved = take_returns(ingest);
    if (ingest_events(ingest))
        moved = true;
    if (ingest_read(ingest))
        moved = true;
    ingest_store(ingest);
    if (ingest_drain(ingest))
        moved = true;
    publish(ingest);
    if (is_cut_short(ingest))
        return ingest->failed;
    if (is_through(ingest)) {
        enum redress_status status = finish(ingest);
        return ingest->failed != STATUS_OK ? ingest->failed : status;
    }
    return moved ? STATUS_OK : STATUS_EMPTY;
}

/* A partition that could be read now, if there is room for its records at all. */
static bool anything_to_read(const struct ingest *ingest)
{
    if (ingest->stopping || ingest->held >= ingest->settings.held_messages_max)
        return false;
    for (uint32_t index = 0; index < ingest->active_count; index++) {
        const struct ingest_slot *state = &ingest->slots[ingest->active[index]];
        if (!state->draining && !state->not_read && !state->pending &&
            source_ready(ingest->settings.source, ingest->active[index]))
            return true;
    }
    return false;
}

static bool anything_to_do(const struct ingest *ingest)
{
    for (uint32_t index = 0; index < ingest->settings.return_ring_count; index++)
        if (ring_count(ingest->settings.return_rings[index]) > 0)
            return true;
    return source_ready(ingest->settings.source, SOURCE_EVENTS) || anything_to_read(ingest);
}

static uint64_t wait_ns(const struct ingest *ingest, uint64_t timeout_ns)
{
    uint64_t least = source_wait_ns(ingest->settings.source, ingest->settings.clock_ns());
    if (timeout_ns < least)
        least = timeout_ns;
    /* No one rings when a worker's ring has room again. */
    if (ingest->pending_count > 0 && least > INGEST_RETRY_NS)
        least = INGEST_RETRY_NS;
    return least;
}

void ingest_wait(struct ingest *ingest, uint64_t timeout_ns)
{
    if (!ingest->settings.loop)
        return;
    doorbell_prepare(ingest->settings.doorbell);
    if (!anything_to_do(ingest))
        loop_wait(ingest->settings.loop, wait_ns(ingest, timeout_ns));
    doorbell_finish(ingest->settings.doorbell);
}

void ingest_stop(struct ingest *ingest, uint64_t deadline_ns)
{
    ingest->stopping = true;
    ingest->stop_deadline_ns = deadline_ns;
}

void ingest_leave(struct ingest *ingest, uint64_t deadline_ns)
{
    ingest_stop(ingest, deadline_ns);
    enum redress_status status = source_leave(ingest->settings.source);
    if (status == STATUS_OK)
        ingest->leaving = true;
    else
        LOG_WARN("the group could not be left at once: the session has to run out",
                 log_text("status", redress_status_name(status)));
}

uint32_t ingest_held(const struct ingest *ingest)
{
    return ingest->held;
}

const char *ingest_error(const struct ingest *ingest)
{
    return ingest->error;
}

const struct ingest_counters *ingest_counters(const struct ingest *ingest, uint32_t slot)
{
    ASSERT(slot < PARTITIONS_MAX);
    return &ingest->counters[slot];
}

const struct ingest_totals *ingest_totals(const struct ingest *ingest)
{
    return &ingest->totals;
}

size_t ingest_plan_bytes(const struct ingest_settings *settings)
{
    size_t per_slot =
        sizeof(struct ingest_counters) + sizeof(struct ingest_slot) + 2 * sizeof(uint32_t);
    return sizeof(struct ingest) + PARTITIONS_MAX * per_slot +
           offset_ledger_bytes(PARTITIONS_MAX, settings->held_messages_max) +
           settings->held_bytes_max + slab_book_bytes(settings->held_bytes_max);
}
