#include "ingest/memory_source.h"

#include "base/assert.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY_LOG_FIRST = 64, MEMORY_EVENTS_MAX = 64, MEMORY_EVENT_SLOTS_MAX = 256 };

struct memory_slot {
    struct memory_source_record *log;
    uint32_t count;
    uint32_t capacity;
    uint32_t next;      /* index of the next to be read */
    int64_t low_offset; /* what is below it was deleted */
    int64_t committed;  /* -1: nothing */
    int64_t stored;     /* -1: nothing in this generation */
    uint32_t generation;
    bool assigned;
};

struct memory_event {
    enum source_event_kind kind;
    enum redress_status status;
    uint32_t slot_count;
    uint32_t slots[MEMORY_EVENT_SLOTS_MAX];
    uint64_t lost;
    char text[128];
};

struct memory_source {
    struct source source;
    struct partition_table *partitions;
    struct memory_slot *slots;                     /* PARTITIONS_MAX */
    struct memory_event events[MEMORY_EVENTS_MAX]; /* a ring */
    uint32_t event_first;
    uint32_t event_count;
    bool revoking; /* events behind a revoke wait for source_released() */
    uint32_t revoked[MEMORY_EVENT_SLOTS_MAX];
    uint32_t revoked_count;
    bool leaving;
    struct source_assignment told[MEMORY_EVENT_SLOTS_MAX];
};

static struct memory_source *own(struct source *base)
{
    return (struct memory_source *)base;
}

static struct memory_event *add_event(struct memory_source *source, enum source_event_kind kind)
{
    if (source->event_count == MEMORY_EVENTS_MAX)
        return NULL;
    uint32_t index = (source->event_first + source->event_count++) % MEMORY_EVENTS_MAX;
    source->events[index] = (struct memory_event){.kind = kind};
    return &source->events[index];
}

static enum redress_status add_slots_event(struct source *base, enum source_event_kind kind,
                                           const uint32_t *slots, uint32_t count)
{
    if (count > MEMORY_EVENT_SLOTS_MAX)
        return STATUS_TOO_LARGE;
    struct memory_event *event = add_event(own(base), kind);
    if (!event)
        return STATUS_FULL;
    memcpy(event->slots, slots, count * sizeof *slots);
    event->slot_count = count;
    return STATUS_OK;
}

/* The first record that was neither committed nor deleted. */
static uint64_t seek(struct memory_slot *state)
{
    int64_t wanted = state->committed >= 0 ? state->committed : state->low_offset;
    uint64_t lost = 0;
    if (wanted < state->low_offset) {
        lost = (uint64_t)(state->low_offset - wanted);
        wanted = state->low_offset;
    }
    state->next = 0;
    while (state->next < state->count && state->log[state->next].offset < wanted)
        state->next++;
    return lost;
}

static void queue_loss(struct memory_source *source, uint32_t slot, uint64_t lost)
{
    if (lost == 0)
        return;
    struct memory_event *event = add_event(source, SOURCE_LOG_LOSS);
    ASSERT(event);
    event->slot_count = 1;
    event->slots[0] = slot;
    event->lost = lost;
    snprintf(event->text, sizeof event->text, "records were deleted before they were read");
}

static void begin(struct memory_source *source, const struct memory_event *event)
{
    for (uint32_t index = 0; index < event->slot_count; index++) {
        struct memory_slot *state = &source->slots[event->slots[index]];
        ASSERT(!state->assigned);
        state->assigned = true;
        state->generation++;
        state->stored = -1;
        queue_loss(source, event->slots[index], seek(state));
    }
}

static void end(struct memory_source *source, const uint32_t *slots, uint32_t count)
{
    for (uint32_t index = 0; index < count; index++)
        source->slots[slots[index]].assigned = false;
}

static void tell(struct memory_source *source, const struct memory_event *from,
                 struct source_event *event)
{
    for (uint32_t index = 0; index < from->slot_count; index++) {
        const struct memory_slot *state = &source->slots[from->slots[index]];
        source->told[index] = (struct source_assignment){
            .slot = from->slots[index],
            .generation = state->generation,
            .start_offset = state->next < state->count ? state->log[state->next].offset : -1,
            .lost_offsets = from->lost};
    }
    event->kind = from->kind;
    event->status = from->status;
    event->slots = source->told;
    event->slot_count = from->slot_count;
    snprintf(event->text, sizeof event->text, "%s", from->text);
}

static void memory_poll(struct source *base, struct source_event *event)
{
    struct memory_source *source = own(base);
    if (source->event_count == 0 || source->revoking)
        return;
    const struct memory_event *next = &source->events[source->event_first];
    source->event_first = (source->event_first + 1) % MEMORY_EVENTS_MAX;
    source->event_count--;
    if (next->kind == SOURCE_ASSIGNED)
        begin(source, next);
    if (next->kind == SOURCE_LOST)
        end(source, next->slots, next->slot_count);
    if (next->kind == SOURCE_REVOKING) {
        source->revoking = true;
        source->revoked_count = next->slot_count;
        memcpy(source->revoked, next->slots, next->slot_count * sizeof next->slots[0]);
    }
    tell(source, next, event);
}

static bool memory_ready(struct source *base, uint32_t slot)
{
    const struct memory_source *source = own(base);
    if (slot == SOURCE_EVENTS)
        return source->event_count > 0 && !source->revoking;
    const struct memory_slot *state = &source->slots[slot];
    return state->assigned && state->next < state->count;
}

static enum redress_status memory_peek(struct source *base, uint32_t slot,
                                       struct source_record *record)
{
    struct memory_source *source = own(base);
    if (!memory_ready(base, slot))
        return STATUS_EMPTY;
    const struct memory_slot *state = &source->slots[slot];
    const struct memory_source_record *from = &state->log[state->next];
    *record = (struct source_record){
        .offset = from->offset,
        .timestamp_ms = from->timestamp_ms,
        .key = {.data = from->key, .size = from->key ? (uint32_t)strlen(from->key) : 0},
        .value = {.data = from->value, .size = from->value_size},
        .tombstone = from->tombstone};
    return STATUS_OK;
}

static void memory_advance(struct source *base, uint32_t slot)
{
    struct memory_slot *state = &own(base)->slots[slot];
    ASSERT(state->next < state->count);
    state->next++;
}

static enum redress_status memory_store(struct source *base, uint32_t slot, uint32_t generation,
                                        int64_t next_offset)
{
    struct memory_slot *state = &own(base)->slots[slot];
    if (!state->assigned || generation != state->generation)
        return STATUS_CONFLICT;
    state->stored = next_offset;
    return STATUS_OK;
}

static enum redress_status memory_commit(struct source *base)
{
    struct memory_source *source = own(base);
    uint32_t count = partition_table_count(source->partitions);
    for (uint32_t slot = 0; slot < count; slot++) {
        struct memory_slot *state = &source->slots[slot];
        if (state->assigned && state->stored >= 0)
            state->committed = state->stored;
    }
    return STATUS_OK;
}

static void memory_released(struct source *base)
{
    struct memory_source *source = own(base);
    ASSERT(source->revoking);
    enum redress_status status = memory_commit(base);
    ASSERT(status == STATUS_OK);
    end(source, source->revoked, source->revoked_count);
    source->revoking = false;
    if (source->leaving)
        add_event(source, SOURCE_END);
}

static enum redress_status memory_leave(struct source *base)
{
    struct memory_source *source = own(base);
    uint32_t assigned[MEMORY_EVENT_SLOTS_MAX];
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < partition_table_count(source->partitions); slot++)
        if (source->slots[slot].assigned && count < MEMORY_EVENT_SLOTS_MAX)
            assigned[count++] = slot;
    source->leaving = true;
    return add_slots_event(base, SOURCE_REVOKING, assigned, count);
}

static bool memory_position(struct source *base, uint32_t slot, struct source_position *out)
{
    const struct memory_slot *state = &own(base)->slots[slot];
    if (!state->assigned)
        return false;
    out->high_offset = state->count ? state->log[state->count - 1].offset + 1 : 0;
    out->next_offset =
        state->next < state->count ? state->log[state->next].offset : out->high_offset;
    out->stored_offset = state->stored;
    return true;
}

static uint64_t memory_wait_ns(struct source *base, uint64_t now_ns)
{
    (void)base;
    (void)now_ns;
    return UINT64_MAX;
}

static void memory_close(struct source *base)
{
    struct memory_source *source = own(base);
    for (uint32_t slot = 0; source->slots && slot < PARTITIONS_MAX; slot++) {
        struct memory_slot *state = &source->slots[slot];
        for (uint32_t index = 0; index < state->count; index++) {
            memory_free((void *)(uintptr_t)state->log[index].key);
            memory_free((void *)(uintptr_t)state->log[index].value);
        }
        memory_free(state->log);
    }
    memory_free(source->slots);
    memory_free(source);
}

static const struct source_operations memory_operations = {
    .name = "memory",
    .poll = memory_poll,
    .peek = memory_peek,
    .advance = memory_advance,
    .store = memory_store,
    .commit = memory_commit,
    .released = memory_released,
    .leave = memory_leave,
    .position = memory_position,
    .ready = memory_ready,
    .wait_ns = memory_wait_ns,
    .close = memory_close,
};

enum redress_status memory_source_create(struct partition_table *partitions, struct source **out)
{
    struct memory_source *source = memory_allocate(sizeof *source);
    *out = NULL;
    if (!source)
        return STATUS_MEMORY;
    source->source.operations = &memory_operations;
    source->partitions = partitions;
    source->slots = memory_allocate_array(PARTITIONS_MAX, sizeof *source->slots);
    if (!source->slots) {
        memory_free(source);
        return STATUS_MEMORY;
    }
    for (uint32_t slot = 0; slot < PARTITIONS_MAX; slot++)
        source->slots[slot] = (struct memory_slot){.committed = -1, .stored = -1};
    *out = &source->source;
    return STATUS_OK;
}

static enum redress_status grow(struct memory_slot *state)
{
    if (state->count < state->capacity)
        return STATUS_OK;
    uint32_t capacity = state->capacity ? state->capacity * 2 : MEMORY_LOG_FIRST;
    struct memory_source_record *log = memory_resize(state->log, capacity * sizeof *log);
    if (!log)
        return STATUS_MEMORY;
    state->log = log;
    state->capacity = capacity;
    return STATUS_OK;
}

enum redress_status memory_source_append(struct source *base, uint32_t slot,
                                         const struct memory_source_record *record)
{
    struct memory_slot *state = &own(base)->slots[slot];
    ASSERT(slot < partition_table_count(own(base)->partitions));
    if (state->count > 0 && record->offset <= state->log[state->count - 1].offset)
        return STATUS_INVALID;
    if (grow(state) != STATUS_OK)
        return STATUS_MEMORY;
    struct memory_source_record copy = *record;
    char *value = record->value ? memory_allocate(record->value_size + 1u) : NULL;
    copy.value = value;
    copy.key = record->key ? memory_copy_string(record->key) : NULL;
    if ((record->value && !value) || (record->key && !copy.key)) {
        memory_free(value);
        memory_free((void *)(uintptr_t)copy.key);
        return STATUS_MEMORY;
    }
    if (value)
        memcpy(value, record->value, record->value_size);
    state->log[state->count++] = copy;
    return STATUS_OK;
}

enum redress_status memory_source_assign(struct source *base, const uint32_t *slots, uint32_t count)
{
    return add_slots_event(base, SOURCE_ASSIGNED, slots, count);
}

enum redress_status memory_source_revoke(struct source *base, const uint32_t *slots, uint32_t count)
{
    return add_slots_event(base, SOURCE_REVOKING, slots, count);
}

enum redress_status memory_source_lose(struct source *base, const uint32_t *slots, uint32_t count)
{
    return add_slots_event(base, SOURCE_LOST, slots, count);
}

enum redress_status memory_source_end(struct source *base)
{
    return add_event(own(base), SOURCE_END) ? STATUS_OK : STATUS_FULL;
}

enum redress_status memory_source_fail(struct source *base, enum redress_status status,
                                       const char *text)
{
    struct memory_event *event = add_event(own(base), SOURCE_FATAL);
    if (!event)
        return STATUS_FULL;
    event->status = status;
    snprintf(event->text, sizeof event->text, "%s", text);
    return STATUS_OK;
}

enum redress_status memory_source_delete_before(struct source *base, uint32_t slot, int64_t offset)
{
    struct memory_source *source = own(base);
    struct memory_slot *state = &source->slots[slot];
    if (offset <= state->low_offset)
        return STATUS_OK;
    int64_t position = state->next < state->count ? state->log[state->next].offset : offset;
    state->low_offset = offset;
    if (!state->assigned || position >= offset)
        return STATUS_OK;
    while (state->next < state->count && state->log[state->next].offset < offset)
        state->next++;
    state->generation++;
    state->stored = -1;
    queue_loss(source, slot, (uint64_t)(offset - position));
    return STATUS_OK;
}

int64_t memory_source_committed(const struct source *base, uint32_t slot)
{
    return ((const struct memory_source *)base)->slots[slot].committed;
}

bool memory_source_is_revoking(const struct source *base)
{
    return ((const struct memory_source *)base)->revoking;
}
