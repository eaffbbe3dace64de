/**
 * The group's state. librdkafka's callback only notes what the group wants; poll does it:
 *
 *   NONE --assign--> ASSIGNING --positions found--> READING --revoke--> REVOKE --told--> DRAINING
 *     ^                                                |                                    |
 *     |<------------------ LOST <----------------------'<-------------- released() ---------|
 *
 * Giving partitions back late is allowed as long as the member keeps polling, but not inside
 * rd_kafka_consumer_close(): so ingest drains before it closes.
 */
#include "ingest/kafka_state.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

static void unassign(struct kafka_source *source)
{
    rd_kafka_resp_err_t code = rd_kafka_assign(source->consumer, NULL);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka_fault(source, "partitions could not be given back: %s", rd_kafka_err2str(code));
}

static void forget_given(struct kafka_source *source)
{
    if (source->given)
        rd_kafka_topic_partition_list_destroy(source->given);
    source->given = NULL;
}

static void note_assign(struct kafka_source *source, const rd_kafka_topic_partition_list_t *list)
{
    forget_given(source);
    source->given = rd_kafka_topic_partition_list_copy(list);
    source->state = KAFKA_GROUP_ASSIGNING;
    source->retry_ns = 0;
}

static void note_revoke(struct kafka_source *source)
{
    bool lost = rd_kafka_assignment_lost(source->consumer);
    if (source->assigned_count == 0) {
        /* What was given was never begun, or was empty. */
        forget_given(source);
        source->state = KAFKA_GROUP_NONE;
        unassign(source);
    } else if (lost) {
        source->state = KAFKA_GROUP_LOST;
    } else if (source->state != KAFKA_GROUP_DRAINING) {
        source->state = KAFKA_GROUP_REVOKE;
    }
}

void kafka_on_rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct kafka_source *source = opaque;
    ASSERT(consumer == source->consumer);
    if (source->closing) {
        unassign(source);
    } else if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        note_assign(source, list);
    } else if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
        note_revoke(source);
    } else {
        kafka_fault(source, "rebalance failed: %s", rd_kafka_err2str(code));
        unassign(source);
    }
}

static uint16_t channel_of(const struct kafka_source *source, const char *topic)
{
    uint32_t index = 0;
    while (strcmp(source->topics[index].name, topic) != 0) {
        index++;
        ASSERT(index < source->settings.topic_count); /* it assigns only what was subscribed */
    }
    return source->topics[index].channel_index;
}

/* The partition's own queue, out of the consumer's: reading it or not is up to us. */
static void open_queue(struct kafka_source *source, struct kafka_slot *state, const char *topic,
                       int32_t partition)
{
    if (state->queue)
        return;
    state->source = source;
    state->queue = rd_kafka_queue_get_partition(source->consumer, topic, partition);
    ASSERT(state->queue);
    rd_kafka_queue_forward(state->queue, NULL);
    rd_kafka_queue_cb_event_enable(state->queue, kafka_on_queue, state);
    state->storing = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(state->storing, topic, partition);
}

static void begin_slot(struct kafka_source *source, uint32_t slot, int64_t start_offset)
{
    struct kafka_slot *state = &source->slots[slot];
    state->assigned = true;
    state->reset = false;
    state->generation++;
    state->next_offset = start_offset;
    state->stored_offset = -1;
    state->owed_offset = -1;
    atomic_store_explicit(&state->ready, true, memory_order_relaxed); /* look once in any case */
    kafka_date_loss(source, slot);
    source->told[source->assigned_count] = (struct source_assignment){
        .slot = slot, .generation = state->generation, .start_offset = start_offset};
    source->assigned[source->assigned_count++] = slot;
}

void kafka_drop_slots(struct kafka_source *source)
{
    for (uint32_t index = 0; index < source->assigned_count; index++) {
        struct kafka_slot *state = &source->slots[source->assigned[index]];
        if (state->held)
            rd_kafka_message_destroy(state->held);
        state->held = NULL;
        state->assigned = false;
        state->reset = false;
        atomic_store_explicit(&state->ready, false, memory_order_relaxed);
    }
    source->assigned_count = 0;
}

/* Equal partitions of topics that share customers come to the same member only if there are as
 * many. */
static void check_partition_counts(struct kafka_source *source)
{
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(source->consumer, 0, NULL, &metadata, KAFKA_TIMER_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    const char *first = NULL;
    int count = 0;
    for (uint32_t index = 0; index < source->settings.topic_count; index++) {
        const struct kafka_topic *topic = &source->topics[index];
        for (int at = 0; topic->shares_customers && at < metadata->topic_cnt; at++) {
            const struct rd_kafka_metadata_topic *known = &metadata->topics[at];
            if (strcmp(known->topic, topic->name) != 0 || known->partition_cnt == 0)
                continue;
            if (first && known->partition_cnt != count)
                LOG_WARN("topics that share customers differ in partitions: a customer's history "
                         "may be split between instances; give them equally many",
                         log_text("topic", topic->name),
                         log_integer("partitions", known->partition_cnt),
                         log_text("other_topic", first), log_integer("other_partitions", count));
            first = first ? first : topic->name;
            count = known->partition_cnt;
        }
    }
    rd_kafka_metadata_destroy(metadata);
}

/* Slots for everything given; false where the table is full or memory is out. */
static bool number_partitions(struct kafka_source *source)
{
    for (int index = 0; index < source->given->cnt; index++) {
        const rd_kafka_topic_partition_t *given = &source->given->elems[index];
        uint32_t slot;
        enum redress_status status =
            partition_table_add(source->partitions, given->topic, given->partition,
                                channel_of(source, given->topic), &slot);
        if (status != STATUS_OK) {
            kafka_fatal(source, status, "no room for %s[%d]: at most %d partitions in one process",
                        given->topic, (int)given->partition, PARTITIONS_MAX);
            return false;
        }
        open_queue(source, &source->slots[slot], given->topic, given->partition);
    }
    return true;
}

/* Offsets where reading begins are stored at once: a restart before the first message was done
 * begins there again, not at a later end, and finds out what was deleted meanwhile. */
static void store_starts(struct kafka_source *source)
{
    for (uint32_t index = 0; index < source->told_count; index++) {
        const struct source_assignment *told = &source->told[index];
        enum redress_status status =
            kafka_store(&source->source, told->slot, told->generation, told->start_offset);
        (void)status; /* taken away again already: the next owner finds its own start */
    }
}

static bool assign_given(struct kafka_source *source, struct source_event *event)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns < source->retry_ns)
        return false;
    if (!number_partitions(source))
        return false;
    if (kafka_find_positions(source, source->given) != STATUS_OK) {
        source->retry_ns = clock_monotonic_ns() + (uint64_t)KAFKA_RETRY_MS * NS_PER_MS;
        return false;
    }
    rd_kafka_resp_err_t code = rd_kafka_assign(source->consumer, source->given);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_fault(source, "assignment failed: %s", rd_kafka_err2str(code));
        source->retry_ns = clock_monotonic_ns() + (uint64_t)KAFKA_RETRY_MS * NS_PER_MS;
        return false;
    }
    for (int index = 0; index < source->given->cnt; index++) {
        const rd_kafka_topic_partition_t *given = &source->given->elems[index];
        uint32_t slot = 0;
        bool found =
            partition_table_find(source->partitions, given->topic, given->partition, &slot);
        ASSERT(found);
        begin_slot(source, slot, given->offset);
    }
    source->told_count = source->assigned_count;
    source->state = KAFKA_GROUP_READING;
    store_starts(source);
    check_partition_counts(source);
    event->kind = SOURCE_ASSIGNED;
    event->slots = source->told;
    event->slot_count = source->told_count;
    return true;
}

static void tell_assigned_slots(struct kafka_source *source, struct source_event *event,
                                enum source_event_kind kind)
{
    for (uint32_t index = 0; index < source->assigned_count; index++) {
        uint32_t slot = source->assigned[index];
        source->told[index] = (struct source_assignment){
            .slot = slot, .generation = source->slots[slot].generation, .start_offset = -1};
    }
    event->kind = kind;
    event->slots = source->told;
    event->slot_count = source->assigned_count;
}

/* librdkafka leaves when its last commits are through, and forgets its member id as it does. */
static bool has_left(const struct kafka_source *source)
{
    char *member_id = rd_kafka_memberid(source->consumer);
    bool left = !member_id || member_id[0] == '\0';
    rd_kafka_mem_free(source->consumer, member_id);
    return left;
}

/* A static member that is closed earlier keeps its partitions until its session runs out. */
static bool tell_end(struct kafka_source *source, struct source_event *event)
{
    if (!kafka_is_leaving(source) || clock_monotonic_ns() < source->retry_ns)
        return false;
    if (!has_left(source)) {
        source->retry_ns = clock_monotonic_ns() + (uint64_t)KAFKA_LEAVE_MS * NS_PER_MS;
        return false;
    }
    source->end_told = true;
    event->kind = SOURCE_END;
    return true;
}

bool kafka_group_step(struct kafka_source *source, struct source_event *event)
{
    switch (source->state) { /* unreachable: a state that is none of them */
    case KAFKA_GROUP_ASSIGNING:
        return assign_given(source, event);
    case KAFKA_GROUP_REVOKE:
        tell_assigned_slots(source, event, SOURCE_REVOKING);
        source->state = KAFKA_GROUP_DRAINING;
        return true;
    case KAFKA_GROUP_LOST:
        tell_assigned_slots(source, event, SOURCE_LOST);
        snprintf(event->text, sizeof event->text,
                 "the member was silent for too long, or was removed from the group");
        kafka_drop_slots(source);
        forget_given(source);
        source->state = KAFKA_GROUP_NONE;
        unassign(source);
        return true;
    case KAFKA_GROUP_NONE:
        return tell_end(source, event);
    case KAFKA_GROUP_READING:
    case KAFKA_GROUP_DRAINING:
        break;
    }
    return false;
}

void kafka_released(struct source *base)
{
    struct kafka_source *source = (struct kafka_source *)base;
    if (source->state == KAFKA_GROUP_DRAINING && !rd_kafka_assignment_lost(source->consumer)) {
        enum redress_status status = kafka_commit(base);
        if (status != STATUS_OK)
            kafka_fault(source,
                        "the commit before giving partitions back failed (%s): their last "
                        "messages will be read again",
                        redress_status_name(status));
    }
    kafka_drop_slots(source);
    forget_given(source);
    source->state = KAFKA_GROUP_NONE;
    source->retry_ns = 0;
    unassign(source);
}

bool kafka_is_leaving(const struct kafka_source *source)
{
    return source->leaving && !source->end_told && source->state == KAFKA_GROUP_NONE;
}

enum redress_status kafka_leave(struct source *base)
{
    struct kafka_source *source = (struct kafka_source *)base;
    /* Unlike closing, this sends LeaveGroup for a static member, too. */
    rd_kafka_resp_err_t code = rd_kafka_unsubscribe(source->consumer);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_RETRY;
    source->leaving = true;
    return STATUS_OK;
}
