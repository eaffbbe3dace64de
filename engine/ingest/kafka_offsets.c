/** Where reading begins, what was lost before it, and how far it is done. */
#include "ingest/kafka_state.h"

#include "base/assert.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>

static int ask_timeout_ms(const struct kafka_source *source)
{
    return source->settings.ask_timeout_ms ? (int)source->settings.ask_timeout_ms
                                           : KAFKA_ASK_TIMEOUT_MS_DEFAULT;
}

static enum redress_status unanswered(struct kafka_source *source, const char *question,
                                      rd_kafka_resp_err_t code)
{
    kafka_fault(source, "the brokers did not answer what the %s are: %s", question,
                rd_kafka_err2str(code));
    return STATUS_RETRY;
}

/* The first error of any partition in the list. */
static rd_kafka_resp_err_t list_error(const rd_kafka_topic_partition_list_t *list)
{
    for (int index = 0; index < list->cnt; index++)
        if (list->elems[index].err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return list->elems[index].err;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* One question a broker for all partitions: the list's offsets become each log's first or end. The
 * protocol takes the two logical offsets where a timestamp would stand. */
static enum redress_status ask_log_ends(struct kafka_source *source, int64_t which,
                                        rd_kafka_topic_partition_list_t *list)
{
    for (int index = 0; index < list->cnt; index++)
        list->elems[index].offset = which;
    rd_kafka_resp_err_t code =
        rd_kafka_offsets_for_times(source->consumer, list, ask_timeout_ms(source));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = list_error(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK : unanswered(source, "logs' ends", code);
}

static uint32_t slot_of_element(const struct kafka_source *source,
                                const rd_kafka_topic_partition_t *element)
{
    uint32_t slot = 0;
    bool found =
        partition_table_find(source->partitions, element->topic, element->partition, &slot);
    ASSERT(found);
    return slot;
}

static void note_loss(struct kafka_source *source, const rd_kafka_topic_partition_t *element,
                      int64_t wanted, int64_t low, int64_t high)
{
    uint32_t slot = slot_of_element(source, element);
    bool anew = wanted > high;
    source->losses[source->loss_count++] =
        (struct source_assignment){.slot = slot,
                                   .generation = source->slots[slot].generation,
                                   .start_offset = low,
                                   .lost_offsets = anew ? 0 : (uint64_t)(low - wanted)};
    if (anew)
        snprintf(source->loss_text, sizeof source->loss_text,
                 "%s[%" PRId32 "]: offset %" PRId64 " is beyond the end %" PRId64
                 ": the topic was made anew or cut; it is read from its first record",
                 element->topic, element->partition, wanted, high);
    else
        snprintf(source->loss_text, sizeof source->loss_text,
                 "%s[%" PRId32 "]: offsets %" PRId64 " to %" PRId64
                 " were deleted before they were read: raise the topic's retention",
                 element->topic, element->partition, wanted, low - 1);
    if (source->settings.on_log_loss == ON_LOG_LOSS_HALT)
        kafka_fatal(source, STATUS_FATAL,
                    "%.150s; to go on without them, start with on_log_loss: continue",
                    source->loss_text);
}

/* Where a partition begins, from what was committed and what the log holds. */
static int64_t settle_start(struct kafka_source *source, const rd_kafka_topic_partition_t *element,
                            int64_t wanted, int64_t low, int64_t high)
{
    if (wanted < 0)
        return source->settings.start_from == START_FROM_LATEST ? high : low;
    if (wanted >= low && wanted <= high)
        return wanted;
    note_loss(source, element, wanted, low, high);
    return low;
}

static enum redress_status settle_list(struct kafka_source *source,
                                       rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_topic_partition_list_t *lows = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_topic_partition_list_t *highs = rd_kafka_topic_partition_list_copy(list);
    enum redress_status status = ask_log_ends(source, RD_KAFKA_OFFSET_BEGINNING, lows);
    if (status == STATUS_OK)
        status = ask_log_ends(source, RD_KAFKA_OFFSET_END, highs);
    for (int index = 0; status == STATUS_OK && index < list->cnt; index++) {
        rd_kafka_topic_partition_t *element = &list->elems[index];
        element->offset = settle_start(source, element, element->offset, lows->elems[index].offset,
                                       highs->elems[index].offset);
    }
    rd_kafka_topic_partition_list_destroy(lows);
    rd_kafka_topic_partition_list_destroy(highs);
    if (status == STATUS_OK && source->fatal != STATUS_OK)
        status = source->fatal;
    return status;
}

enum redress_status kafka_find_positions(struct kafka_source *source,
                                         rd_kafka_topic_partition_list_t *list)
{
    if (list->cnt == 0)
        return STATUS_OK;
    for (int index = 0; index < list->cnt; index++)
        list->elems[index].offset = RD_KAFKA_OFFSET_INVALID;
    rd_kafka_resp_err_t code = rd_kafka_committed(source->consumer, list, ask_timeout_ms(source));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = list_error(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return unanswered(source, "committed offsets", code);
    return settle_list(source, list);
}

bool kafka_date_loss(struct kafka_source *source, uint32_t slot)
{
    for (uint32_t index = 0; index < source->loss_count; index++)
        if (source->losses[index].slot == slot) {
            source->losses[index].generation = source->slots[slot].generation;
            return true;
        }
    return false;
}

/* What is in flight still counts: as long as offsets only grow the generation stays, so that no
 * watermark passes an unfinished message from before the gap. */
static void begin_again(struct kafka_source *source, const rd_kafka_topic_partition_t *element)
{
    uint32_t slot = slot_of_element(source, element);
    struct kafka_slot *state = &source->slots[slot];
    state->reset = false;
    if (element->offset < state->next_offset) {
        state->generation++; /* another topic under the old name: its offsets start anew */
        state->stored_offset = -1;
        state->owed_offset = -1;
    }
    state->next_offset = element->offset;
    atomic_store_explicit(&state->ready, true, memory_order_relaxed);
    if (kafka_date_loss(source, slot))
        return;
    /* Nothing was lost after all. */
    source->losses[source->loss_count++] = (struct source_assignment){
        .slot = slot, .generation = state->generation, .start_offset = element->offset};
    snprintf(source->loss_text, sizeof source->loss_text,
             "the position was out of range for a moment: nothing was deleted");
}

/* Where the fetcher is to go on: behind what was taken from its queue. */
static int64_t position_of(const struct kafka_slot *state)
{
    return state->held ? state->held->offset + 1 : state->next_offset;
}

/* A partition whose position was out of range is not fetched any more, and cannot be sought either;
 * under an eager assignor one partition cannot be assigned alone. So the whole assignment is made
 * again, each partition where it stood. What was fetched ahead is fetched again; a record that came
 * twice for it would be left out by the ledger. */
static enum redress_status move_list(struct kafka_source *source,
                                     const rd_kafka_topic_partition_list_t *moved)
{
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(1);
    for (uint32_t index = 0; index < source->assigned_count; index++) {
        uint32_t slot = source->assigned[index];
        const struct partition_entry *entry = partition_table_get(source->partitions, slot);
        rd_kafka_topic_partition_list_add(all, entry->topic, entry->partition)->offset =
            position_of(&source->slots[slot]);
    }
    for (int index = 0; index < moved->cnt; index++)
        rd_kafka_topic_partition_list_find(all, moved->elems[index].topic,
                                           moved->elems[index].partition)
            ->offset = moved->elems[index].offset;
    rd_kafka_resp_err_t code = rd_kafka_assign(source->consumer, all);
    rd_kafka_topic_partition_list_destroy(all);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK
                                              : unanswered(source, "new positions", code);
}

static bool any_reset(const struct kafka_source *source)
{
    for (uint32_t index = 0; index < source->assigned_count; index++)
        if (source->slots[source->assigned[index]].reset)
            return true;
    return false;
}

/* A slot that still holds a record waits until ingest has taken it. */
static rd_kafka_topic_partition_list_t *slots_to_settle(const struct kafka_source *source)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    for (uint32_t index = 0; index < source->assigned_count; index++) {
        uint32_t slot = source->assigned[index];
        const struct partition_entry *entry = partition_table_get(source->partitions, slot);
        if (source->slots[slot].reset && !source->slots[slot].held)
            rd_kafka_topic_partition_list_add(list, entry->topic, entry->partition)->offset =
                source->slots[slot].next_offset;
    }
    return list;
}

void kafka_settle_resets(struct kafka_source *source)
{
    uint64_t now_ns = clock_monotonic_ns();
    source->recheck = any_reset(source);
    if (!source->recheck || now_ns < source->retry_ns || source->state != KAFKA_GROUP_READING ||
        source->loss_count > 0)
        return;
    rd_kafka_topic_partition_list_t *list = slots_to_settle(source);
    enum redress_status status = STATUS_OK;
    if (list->cnt > 0)
        status = settle_list(source, list);
    if (list->cnt > 0 && status == STATUS_OK)
        status = move_list(source, list);
    if (status == STATUS_RETRY) {
        source->loss_count = 0; /* found again with the next answer */
        source->retry_ns = clock_monotonic_ns() + (uint64_t)KAFKA_RETRY_MS * NS_PER_MS;
    }
    for (int index = 0; status == STATUS_OK && index < list->cnt; index++)
        begin_again(source, &list->elems[index]);
    rd_kafka_topic_partition_list_destroy(list);
}

enum redress_status kafka_store(struct source *base, uint32_t slot, uint32_t generation,
                                int64_t next_offset)
{
    struct kafka_source *source = (struct kafka_source *)base;
    struct kafka_slot *state = &source->slots[slot];
    if (!state->assigned || generation != state->generation)
        return STATUS_CONFLICT;
    /* Unlike rd_kafka_offset_store(), this call does not add one. */
    state->storing->elems[0].offset = next_offset;
    rd_kafka_resp_err_t code = rd_kafka_offsets_store(source->consumer, state->storing);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        /* Given up to others, or just being put back after a log loss. */
        state->owed_offset = next_offset;
        return STATUS_CONFLICT;
    }
    state->owed_offset = -1;
    state->stored_offset = next_offset;
    return STATUS_OK;
}

void kafka_store_owed(struct kafka_source *source)
{
    for (uint32_t index = 0; index < source->assigned_count; index++) {
        uint32_t slot = source->assigned[index];
        struct kafka_slot *state = &source->slots[slot];
        if (state->owed_offset < 0)
            continue;
        enum redress_status status =
            kafka_store(&source->source, slot, state->generation, state->owed_offset);
        (void)status; /* owed again, or the group's next event ends it */
    }
}

static enum redress_status commit_status(struct kafka_source *source, rd_kafka_resp_err_t code)
{
    /* Other codes go by the default: not worth a case each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__NO_OFFSET: /* nothing new is stored */
        return STATUS_OK;
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
        return STATUS_CONFLICT; /* the group has gone on without us */
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__FATAL:
        kafka_take_fatal(source);
        return STATUS_FENCED;
    default:
        return STATUS_RETRY;
    }
#pragma GCC diagnostic pop
}

/* rd_kafka_commit() may wait for a coordinator longer than a shutdown may take: a queue is bounded.
 */
enum redress_status kafka_commit(struct source *base)
{
    struct kafka_source *source = (struct kafka_source *)base;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(source->consumer);
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(source->consumer, NULL, queue, NULL, NULL);
    enum redress_status status = STATUS_TIMEOUT;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        status = commit_status(source, code);
    } else {
        int wait_ms = ask_timeout_ms(source);
        rd_kafka_event_t *event = rd_kafka_queue_poll(
            queue, wait_ms < KAFKA_COMMIT_MS_MAX ? wait_ms : KAFKA_COMMIT_MS_MAX);
        if (event)
            status = commit_status(source, rd_kafka_event_error(event));
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    source->commit_failed = status == STATUS_TIMEOUT;
    return status;
}
