/** Taking events and records from librdkafka's queues. */
#include "ingest/kafka_state.h"

#include "base/assert.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* On one of librdkafka's threads, inside its lock: set a flag, ring, nothing else. */
void kafka_on_queue(rd_kafka_t *consumer, void *opaque)
{
    (void)consumer;
    struct kafka_slot *state = opaque;
    /* Pairs with the exchange in next_message: who clears the flag looks at the queue after it. */
    atomic_store_explicit(&state->ready, true, memory_order_release);
    if (state->source->doorbell)
        doorbell_ring(state->source->doorbell);
}

void kafka_on_events(rd_kafka_t *consumer, void *opaque)
{
    (void)consumer;
    struct kafka_source *source = opaque;
    /* Pairs with the exchange in poll_consumer. */
    atomic_store_explicit(&source->events_ready, true, memory_order_release);
    if (source->doorbell)
        doorbell_ring(source->doorbell);
}

void kafka_on_error(rd_kafka_t *consumer, int code, const char *reason, void *opaque)
{
    (void)consumer;
    struct kafka_source *source = opaque;
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        kafka_take_fatal(source);
    else
        kafka_fault(source, "%s: %s", rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

/* The slot of a message or error, if this process knows its partition. */
static struct kafka_slot *slot_of(struct kafka_source *source, const rd_kafka_message_t *message)
{
    uint32_t slot;
    if (!message->rkt ||
        !partition_table_find(source->partitions, rd_kafka_topic_name(message->rkt),
                              message->partition, &slot))
        return NULL;
    return &source->slots[slot];
}

static void note_error(struct kafka_source *source, struct kafka_slot *state,
                       const rd_kafka_message_t *message)
{
    if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
        kafka_take_fatal(source);
        return;
    }
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
        if (state && state->assigned) {
            state->reset = true;
            source->recheck = true;
        }
        return;
    }
    kafka_fault(source, "%s[%" PRId32 "]: %s",
                message->rkt ? rd_kafka_topic_name(message->rkt) : "consumer", message->partition,
                rd_kafka_message_errstr(message));
}

/* A record on the consumer's queue was fetched before its partition's queue was taken out. */
static void keep_stray(struct kafka_source *source, rd_kafka_message_t *message)
{
    struct kafka_slot *state = slot_of(source, message);
    if (state && state->assigned && !state->held) {
        state->held = message;
        return;
    }
    if (state && state->assigned)
        kafka_fatal(source, STATUS_FATAL,
                    "librdkafka gave a record on the wrong queue: start again; nothing is lost");
    rd_kafka_message_destroy(message);
}

/* Serves group events, errors and callbacks; keeps the member alive. */
static void poll_consumer(struct kafka_source *source, uint64_t now_ns)
{
    bool due = now_ns >= source->timer_ns;
    /* Pairs with the release in kafka_on_events. */
    if (!atomic_exchange_explicit(&source->events_ready, false, memory_order_acq_rel) && !due)
        return;
    if (due) {
        source->timer_ns = now_ns + (uint64_t)KAFKA_TIMER_MS * NS_PER_MS;
        kafka_store_owed(source);
        for (uint32_t index = 0; index < source->assigned_count; index++)
            atomic_store_explicit(&source->slots[source->assigned[index]].ready, true,
                                  memory_order_relaxed); /* read by this thread alone */
    }
    rd_kafka_message_t *message = rd_kafka_consumer_poll(source->consumer, 0);
    if (!message)
        return;
    atomic_store_explicit(&source->events_ready, true, memory_order_relaxed); /* perhaps more */
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        keep_stray(source, message);
        return;
    }
    note_error(source, slot_of(source, message), message);
    rd_kafka_message_destroy(message);
}

static bool tell_losses(struct kafka_source *source, struct source_event *event)
{
    if (source->loss_count == 0)
        return false;
    memcpy(source->told, source->losses, source->loss_count * sizeof *source->told);
    event->kind = SOURCE_LOG_LOSS;
    event->slots = source->told;
    event->slot_count = source->loss_count;
    snprintf(event->text, sizeof event->text, "%s", source->loss_text);
    source->loss_count = 0;
    return true;
}

static bool tell_trouble(struct kafka_source *source, struct source_event *event)
{
    if (source->fatal != STATUS_OK && !source->fatal_told) {
        source->fatal_told = true;
        event->kind = SOURCE_FATAL;
        event->status = source->fatal;
        snprintf(event->text, sizeof event->text, "%s", source->fatal_text);
        return true;
    }
    if (source->fault_text[0] != '\0') {
        event->kind = SOURCE_FAULT;
        event->status = STATUS_RETRY;
        snprintf(event->text, sizeof event->text, "%s", source->fault_text);
        source->fault_text[0] = '\0';
        return true;
    }
    return false;
}

void kafka_poll(struct source *base, struct source_event *event)
{
    struct kafka_source *source = (struct kafka_source *)base;
    if (source->fatal == STATUS_OK) {
        poll_consumer(source, clock_monotonic_ns());
        if (source->recheck)
            kafka_settle_resets(source);
    }
    if (tell_losses(source, event) || tell_trouble(source, event) || source->fatal != STATUS_OK)
        return;
    if (kafka_group_step(source, event))
        return;
    /* Finding positions may have found losses instead. */
    if (!tell_losses(source, event))
        tell_trouble(source, event);
}

/* Clears the flag before the look that finds nothing, so that no edge is missed. */
static rd_kafka_message_t *next_message(struct kafka_slot *state)
{
    rd_kafka_message_t *message = rd_kafka_consume_queue(state->queue, 0);
    if (message)
        return message;
    /* Pairs with the release in kafka_on_queue. */
    if (!atomic_exchange_explicit(&state->ready, false, memory_order_acq_rel))
        return NULL;
    message = rd_kafka_consume_queue(state->queue, 0);
    if (message)
        atomic_store_explicit(&state->ready, true, memory_order_relaxed);
    return message;
}

static void fill_headers(struct kafka_source *source, const rd_kafka_message_t *message,
                         struct source_record *record)
{
    rd_kafka_headers_t *headers;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    const char *name;
    const void *value;
    size_t size;
    while (record->header_count < MESSAGE_HEADERS_MAX &&
           rd_kafka_header_get_all(headers, record->header_count, &name, &value, &size) ==
               RD_KAFKA_RESP_ERR_NO_ERROR) {
        source->headers[record->header_count++] =
            (struct message_header){.name = {.data = name, .size = (uint32_t)strlen(name)},
                                    .value = {.data = value, .size = (uint32_t)size}};
    }
    record->headers = source->headers;
}

static void fill_record(struct kafka_source *source, const rd_kafka_message_t *message,
                        struct source_record *record)
{
    rd_kafka_timestamp_type_t type;
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
    *record = (struct source_record){
        .offset = message->offset,
        .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp_ms,
        .key = {.data = message->key, .size = (uint32_t)message->key_len},
        .value = {.data = message->payload, .size = (uint32_t)message->len},
        .tombstone = message->payload == NULL,
    };
    fill_headers(source, message, record);
}

enum redress_status kafka_peek(struct source *base, uint32_t slot, struct source_record *record)
{
    struct kafka_source *source = (struct kafka_source *)base;
    struct kafka_slot *state = &source->slots[slot];
    ASSERT(state->assigned);
    while (!state->held) {
        rd_kafka_message_t *message = state->reset ? NULL : next_message(state);
        if (!message)
            return STATUS_EMPTY;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            state->held = message;
            break;
        }
        note_error(source, state, message);
        rd_kafka_message_destroy(message);
    }
    fill_record(source, state->held, record);
    return STATUS_OK;
}

void kafka_advance(struct source *base, uint32_t slot)
{
    struct kafka_source *source = (struct kafka_source *)base;
    struct kafka_slot *state = &source->slots[slot];
    ASSERT(state->held);
    state->next_offset = state->held->offset + 1;
    rd_kafka_message_destroy(state->held); /* at once: it pins its whole fetch buffer */
    state->held = NULL;
}

bool kafka_ready(struct source *base, uint32_t slot)
{
    struct kafka_source *source = (struct kafka_source *)base;
    if (slot == SOURCE_EVENTS)
        return atomic_load_explicit(&source->events_ready, memory_order_acquire) ||
               source->fault_text[0] != '\0' || source->loss_count > 0 ||
               source->state == KAFKA_GROUP_REVOKE || source->state == KAFKA_GROUP_LOST ||
               (source->fatal != STATUS_OK && !source->fatal_told);
    const struct kafka_slot *state = &source->slots[slot];
    /* Pairs with the release in kafka_on_queue. */
    return state->held || atomic_load_explicit(&state->ready, memory_order_acquire);
}

uint64_t kafka_wait_ns(struct source *base, uint64_t now_ns)
{
    const struct kafka_source *source = (const struct kafka_source *)base;
    uint64_t until_ns = source->timer_ns;
    if (kafka_is_leaving(source) && source->retry_ns < until_ns)
        until_ns = source->retry_ns;
    return until_ns > now_ns ? until_ns - now_ns : 0;
}
