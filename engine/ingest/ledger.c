#include "ingest/ledger.h"

#include "base/assert.h"
#include "base/memory.h"

enum { NODE_NONE = UINT32_MAX };

/* One unfinished message. A free node uses `next` alone. */
struct ledger_node {
    int64_t offset;
    int64_t previous_offset; /* received just before it in the same generation; -1 for the first */
    uint64_t received_ns;
    uint32_t previous;
    uint32_t next;
    uint32_t slot;
    uint32_t use; /* counts the node's uses: an old position cannot mark a new message */
};

struct ledger_slot {
    uint32_t head; /* the oldest unfinished */
    uint32_t tail;
    uint32_t unfinished;
    uint32_t generation;
    int64_t last_offset; /* received last, -1 before the first */
    bool assigned;
    bool queued; /* stands in `advanced` */
};

struct offset_ledger {
    uint32_t slot_count;
    uint32_t messages_max;
    uint32_t unfinished;
    uint32_t free; /* the free nodes, last freed first: the warmest */
    uint64_t stale_marks;
    struct ledger_slot *slots;
    struct ledger_node *nodes;
    uint32_t *advanced; /* slots whose watermark moved; each at most once */
    uint32_t advanced_count;
};

enum redress_status offset_ledger_create(uint32_t slot_count_max, uint32_t messages_max,
                                         struct offset_ledger **out)
{
    ASSERT(slot_count_max > 0 && messages_max > 0 && messages_max < NODE_NONE);
    struct offset_ledger *ledger = memory_allocate(sizeof *ledger);
    *out = ledger;
    if (!ledger)
        return STATUS_MEMORY;
    ledger->slot_count = slot_count_max;
    ledger->messages_max = messages_max;
    ledger->slots = memory_allocate_array(slot_count_max, sizeof *ledger->slots);
    ledger->nodes = memory_allocate_array(messages_max, sizeof *ledger->nodes);
    ledger->advanced = memory_allocate_array(slot_count_max, sizeof *ledger->advanced);
    if (!ledger->slots || !ledger->nodes || !ledger->advanced) {
        offset_ledger_destroy(ledger);
        *out = NULL;
        return STATUS_MEMORY;
    }
    for (uint32_t index = 0; index < messages_max; index++)
        ledger->nodes[index].next = index + 1 < messages_max ? index + 1 : NODE_NONE;
    for (uint32_t slot = 0; slot < slot_count_max; slot++)
        ledger->slots[slot] = (struct ledger_slot){.head = NODE_NONE, .tail = NODE_NONE};
    return STATUS_OK;
}

size_t offset_ledger_bytes(uint32_t slot_count_max, uint32_t messages_max)
{
    return sizeof(struct offset_ledger) + messages_max * sizeof(struct ledger_node) +
           slot_count_max * (sizeof(struct ledger_slot) + sizeof(uint32_t));
}

void offset_ledger_destroy(struct offset_ledger *ledger)
{
    if (!ledger)
        return;
    memory_free(ledger->slots);
    memory_free(ledger->nodes);
    memory_free(ledger->advanced);
    memory_free(ledger);
}

/* Walks the slot's whole list: debug builds only. unreachable: its failing sides are our bugs. */
static bool slot_is_sound(const struct offset_ledger *ledger, uint32_t slot)
{
    const struct ledger_slot *state = &ledger->slots[slot];
    uint32_t count = 0;
    uint32_t before = NODE_NONE;
    int64_t offset = -1;
    for (uint32_t index = state->head; index != NODE_NONE; index = ledger->nodes[index].next) {
        const struct ledger_node *node = &ledger->nodes[index];
        if (node->previous != before || node->slot != slot || node->offset <= offset ||
            node->previous_offset < offset || node->previous_offset >= node->offset)
            return false;
        before = index;
        offset = node->offset;
        count++;
    }
    return state->tail == before && state->unfinished == count && offset <= state->last_offset;
}

static void free_node(struct offset_ledger *ledger, uint32_t index)
{
    struct ledger_node *node = &ledger->nodes[index];
    node->use++;
    node->slot = NODE_NONE;
    node->next = ledger->free;
    ledger->free = index;
    ledger->unfinished--;
}

static void forget_unfinished(struct offset_ledger *ledger, struct ledger_slot *state)
{
    while (state->head != NODE_NONE) {
        uint32_t index = state->head;
        state->head = ledger->nodes[index].next;
        free_node(ledger, index);
    }
    state->tail = NODE_NONE;
    state->unfinished = 0;
    state->last_offset = -1;
}

void offset_ledger_assign(struct offset_ledger *ledger, uint32_t slot, uint32_t generation)
{
    ASSERT(slot < ledger->slot_count);
    struct ledger_slot *state = &ledger->slots[slot];
    ASSERT(generation > state->generation);
    forget_unfinished(ledger, state);
    state->generation = generation;
    state->assigned = true;
}

void offset_ledger_revoke(struct offset_ledger *ledger, uint32_t slot)
{
    ASSERT(slot < ledger->slot_count);
    forget_unfinished(ledger, &ledger->slots[slot]);
    ledger->slots[slot].assigned = false;
}

enum redress_status offset_ledger_receive(struct offset_ledger *ledger, uint32_t slot,
                                          int64_t offset, uint64_t received_ns, uint64_t *position)
{
    ASSERT(slot < ledger->slot_count);
    struct ledger_slot *state = &ledger->slots[slot];
    if (!state->assigned)
        return STATUS_CONFLICT;
    if (offset <= state->last_offset)
        return STATUS_INVALID;
    if (ledger->free == NODE_NONE)
        return STATUS_FULL;
    uint32_t index = ledger->free;
    struct ledger_node *node = &ledger->nodes[index];
    ledger->free = node->next;
    ledger->unfinished++;
    *node = (struct ledger_node){.offset = offset,
                                 .previous_offset = state->last_offset,
                                 .received_ns = received_ns,
                                 .previous = state->tail,
                                 .next = NODE_NONE,
                                 .slot = slot,
                                 .use = node->use};
    if (state->tail == NODE_NONE)
        state->head = index;
    else
        ledger->nodes[state->tail].next = index;
    state->tail = index;
    state->unfinished++;
    state->last_offset = offset;
    *position = (uint64_t)node->use << 32 | index;
    ASSERT_SLOW(slot_is_sound(ledger, slot));
    return STATUS_OK;
}

static void unlink_node(struct offset_ledger *ledger, struct ledger_slot *state, uint32_t index)
{
    const struct ledger_node *node = &ledger->nodes[index];
    if (node->previous == NODE_NONE)
        state->head = node->next;
    else
        ledger->nodes[node->previous].next = node->next;
    if (node->next == NODE_NONE)
        state->tail = node->previous;
    else
        ledger->nodes[node->next].previous = node->previous;
    state->unfinished--;
}

enum redress_status offset_ledger_mark_done(struct offset_ledger *ledger, uint32_t slot,
                                            uint32_t generation, uint64_t position)
{
    ASSERT(slot < ledger->slot_count);
    struct ledger_slot *state = &ledger->slots[slot];
    if (!state->assigned || generation != state->generation) {
        ledger->stale_marks++;
        return STATUS_CONFLICT;
    }
    uint32_t index = (uint32_t)position;
    ASSERT(index < ledger->messages_max);
    ASSERT(ledger->nodes[index].use == position >> 32 && ledger->nodes[index].slot == slot);
    bool was_head = state->head == index;
    unlink_node(ledger, state, index);
    free_node(ledger, index);
    if (was_head && !state->queued) {
        state->queued = true;
        ledger->advanced[ledger->advanced_count++] = slot;
    }
    ASSERT_SLOW(slot_is_sound(ledger, slot));
    return STATUS_OK;
}

/* Everything before the oldest unfinished message is done; without one, everything received. */
static int64_t last_done(const struct offset_ledger *ledger, const struct ledger_slot *state)
{
    return state->head == NODE_NONE ? state->last_offset
                                    : ledger->nodes[state->head].previous_offset;
}

bool offset_ledger_take(struct offset_ledger *ledger, struct offset_watermark *out)
{
    while (ledger->advanced_count > 0) {
        uint32_t slot = ledger->advanced[--ledger->advanced_count];
        struct ledger_slot *state = &ledger->slots[slot];
        state->queued = false;
        /* Queued by a generation that has ended since: there may be nothing done in this one. */
        if (!state->assigned || last_done(ledger, state) < 0)
            continue;
        *out = (struct offset_watermark){.slot = slot,
                                         .generation = state->generation,
                                         .next_offset = last_done(ledger, state) + 1};
        return true;
    }
    return false;
}

uint32_t offset_ledger_unfinished(const struct offset_ledger *ledger, uint32_t slot)
{
    ASSERT(slot < ledger->slot_count);
    return ledger->slots[slot].unfinished;
}

uint32_t offset_ledger_unfinished_total(const struct offset_ledger *ledger)
{
    return ledger->unfinished;
}

uint64_t offset_ledger_oldest_ns(const struct offset_ledger *ledger, uint32_t slot)
{
    ASSERT(slot < ledger->slot_count);
    uint32_t head = ledger->slots[slot].head;
    return head == NODE_NONE ? 0 : ledger->nodes[head].received_ns;
}

uint64_t offset_ledger_stale_marks(const struct offset_ledger *ledger)
{
    return ledger->stale_marks;
}
