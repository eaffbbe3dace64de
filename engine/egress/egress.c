#include "egress/egress.h"

#include "base/assert.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum {
    STEP_RECORDS_MAX = 1024,
    REPORTS_MAX = 32, /* of the sink, settled together */
    TOPIC_NAME_BYTES_MAX = 256,
    HEADERS_OF_OURS_MAX = 3,
    /* A full sink is tried again after a delivery, or after so long: encoding in vain costs. */
    FULL_WAIT_NS = 5 * 1000 * 1000
};

enum delivery_part { PART_PRIMARY, PART_FRONTLINE };
enum delivery_state { DELIVERY_FREE, DELIVERY_WAITING, DELIVERY_DELAYED, DELIVERY_PENDING };

/* One record that must arrive; the opaque of the sink. A message has one or two of them. */
struct delivery {
    struct message *message;
    struct egress *egress;
    struct delivery *next;    /* in the list that its state names */
    struct delivery *sibling; /* the other delivery of the message while that is not done */
    uint64_t due_ns;          /* DELIVERY_DELAYED: not before */
    enum delivery_part part;
    enum delivery_state state;
    enum record_form form;
    bool alone; /* the broker refused it in company */
};

struct delivery_list {
    struct delivery *first;
    struct delivery *last;
};

/* What the sink said about one record. */
struct report {
    struct delivery *delivery;
    enum redress_status outcome;
};

struct law_counts {
    uint64_t accepted;
    uint64_t ended[ENDING_COUNT];
};

struct egress {
    struct egress_settings settings;
    struct sink *sink;
    uint32_t topic_cases;
    uint32_t topic_calm;
    uint32_t topic_dead_letters;
    uint32_t topic_frontline[QUEUES_MAX];
    struct delivery *deliveries; /* two for each message of the budget */
    uint32_t delivery_count;
    struct delivery_list free;
    struct delivery_list backlog; /* waits for room in the sink, oldest first */
    struct delivery_list delayed; /* failed; all wait equally long, so the first is due first */
    struct report reports[REPORTS_MAX]; /* heard in this poll, not yet settled */
    uint32_t report_count;
    uint64_t full_until_ns; /* the sink had no room: not before */
    uint64_t now_ns;
    char *buffer; /* output_bytes_max */
    char frontline_record[EGRESS_FRONTLINE_RECORD_BYTES_MAX];
    struct law_counts laws[PARTITIONS_MAX][2];
    _Atomic int state;
    /* Written by the egress thread alone, read by anybody: relaxed throughout, they only inform. */
    _Atomic uint64_t counts[EGRESS_COUNTER_COUNT];
    _Atomic uint64_t dead_counts[DEAD_REASON_COUNT];
};

static void count_add(_Atomic uint64_t *count, int64_t change)
{
    uint64_t value = atomic_load_explicit(count, memory_order_relaxed); /* one writer */
    atomic_store_explicit(count, value + (uint64_t)change, memory_order_relaxed);
}

static void list_append(struct delivery_list *list, struct delivery *delivery)
{
    delivery->next = NULL;
    if (list->last)
        list->last->next = delivery;
    else
        list->first = delivery;
    list->last = delivery;
}

static struct delivery *list_take(struct delivery_list *list)
{
    struct delivery *delivery = list->first;
    list->first = delivery->next;
    if (!list->first)
        list->last = NULL;
    return delivery;
}

static void wait_for_room(struct egress *egress, struct delivery *delivery)
{
    delivery->state = DELIVERY_WAITING;
    list_append(&egress->backlog, delivery);
    count_add(&egress->counts[EGRESS_COUNT_BACKLOG], 1);
}

static void wait_for_next_try(struct egress *egress, struct delivery *delivery)
{
    delivery->state = DELIVERY_DELAYED;
    delivery->due_ns = egress->now_ns + (uint64_t)egress->settings.retry_wait_us * 1000;
    list_append(&egress->delayed, delivery);
    count_add(&egress->counts[EGRESS_COUNT_BACKLOG], 1);
    count_add(&egress->counts[EGRESS_COUNT_RETRIES], 1);
}

static void become_fatal(struct egress *egress)
{
    if (egress_state(egress) == EGRESS_FATAL)
        return;
    LOG_ERROR("nothing more can be delivered: no offset is stored from now on",
              log_integer("held_messages", (int64_t)egress_count(egress, EGRESS_COUNT_HELD)));
    /* Release pairs with the acquire in egress_state: who sees it also sees nothing stored since.
     */
    atomic_store_explicit(&egress->state, EGRESS_FATAL, memory_order_release);
}

static struct law_counts *law_of(struct egress *egress, const struct message *message)
{
    ASSERT(message->partition_slot < PARTITIONS_MAX);
    return &egress->laws[message->partition_slot][message->epoch & 1];
}

/* The message is at its end: count it and hand it back. */
static void finish_message(struct egress *egress, struct message *message)
{
    static const enum egress_counter counters[ENDING_COUNT] = {
        [ENDING_CASE] = EGRESS_COUNT_CASES,
        [ENDING_CALM] = EGRESS_COUNT_CALM,
        [ENDING_DEAD_LETTER] = EGRESS_COUNT_DEAD_LETTERS,
    };
    ASSERT(message->deliveries_pending == 0);
    law_of(egress, message)->ended[message->ending]++;
    count_add(&egress->counts[counters[message->ending]], 1);
    if (message->ending == ENDING_DEAD_LETTER)
        count_add(&egress->dead_counts[message->dead_reason], 1);
    count_add(&egress->counts[EGRESS_COUNT_HELD], -1);
    egress->settings.done(egress->settings.done_context, message);
}

static void complete(struct egress *egress, struct delivery *delivery)
{
    struct message *message = delivery->message;
    if (delivery->part == PART_FRONTLINE)
        count_add(&egress->counts[EGRESS_COUNT_FRONTLINE], 1);
    if (delivery->sibling)
        delivery->sibling->sibling = NULL;
    delivery->state = DELIVERY_FREE;
    delivery->message = NULL;
    list_append(&egress->free, delivery);
    ASSERT(message->deliveries_pending > 0);
    if (--message->deliveries_pending == 0)
        finish_message(egress, message);
}

/* The next smaller form of a record that is too large; false where there is none. The form keeps
 * its company's suspicion: a smaller record starts in company again. */
static bool shrink(struct egress *egress, struct delivery *delivery)
{
    struct message *message = delivery->message;
    if (delivery->form == RECORD_BARE)
        return false;
    delivery->alone = false;
    count_add(&egress->counts[EGRESS_COUNT_TOO_LARGE], 1);
    delivery->form++;
    if (delivery->part == PART_PRIMARY && message->ending != ENDING_DEAD_LETTER) {
        message->ending = ENDING_DEAD_LETTER;
        message->dead_reason = DEAD_OUTPUT_TOO_LARGE;
        snprintf(message->dead_detail, sizeof message->dead_detail,
                 "raise message.max.bytes of broker, topic and producer, then replay");
    }
    return true;
}

static enum redress_status encode(struct egress *egress, const struct delivery *delivery,
                                  size_t *size)
{
    const struct message *message = delivery->message;
    const struct record_names *names = &egress->settings.names;
    size_t room = egress->settings.output_bytes_max;
    if (delivery->part == PART_FRONTLINE || message->ending == ENDING_CASE)
        return record_encode_case(message, names, delivery->form, egress->buffer, room, size);
    if (message->ending == ENDING_CALM)
        return record_encode_calm(message, names, egress->buffer, room, size);
    return record_encode_dead_letter(message, names, delivery->form, egress->buffer, room, size);
}

static uint32_t topic_of(const struct egress *egress, const struct delivery *delivery)
{
    const struct message *message = delivery->message;
    if (delivery->part == PART_FRONTLINE)
        return egress->topic_frontline[message->queue_index];
    if (message->ending == ENDING_CASE)
        return egress->topic_cases;
    return message->ending == ENDING_CALM ? egress->topic_calm : egress->topic_dead_letters;
}

static struct message_header header_of(const char *name, const char *value, size_t size)
{
    return (struct message_header){
        .name = {.data = name, .size = (uint32_t)strlen(name)},
        .value = {.data = value, .size = (uint32_t)size},
    };
}

/* The headers by which replays and readers know a record without parsing its value. */
static uint32_t add_headers(struct egress *egress, const struct delivery *delivery,
                            const char *case_id, char revision[4], struct message_header *headers)
{
    const struct message *message = delivery->message;
    if (delivery->part == PART_PRIMARY && message->ending != ENDING_DEAD_LETTER)
        return 0;
    uint32_t count = 0;
    headers[count++] = header_of(EGRESS_HEADER_CASE_ID, case_id, CASE_ID_DIGITS);
    if (delivery->part == PART_PRIMARY)
        return count;
    int digits = snprintf(revision, 4, "%u", message->revision);
    headers[count++] = header_of(EGRESS_HEADER_REVISION, revision, (size_t)digits);
    if (!egress->settings.frontline_record)
        return count;
    size_t size = egress->settings.frontline_record(egress->settings.frontline_context, message,
                                                    egress->frontline_record,
                                                    sizeof egress->frontline_record);
    ASSERT(size <= sizeof egress->frontline_record);
    if (size > 0)
        headers[count++] = header_of(EGRESS_HEADER_RECORD, egress->frontline_record, size);
    return count;
}

static enum redress_status encode_and_produce(struct egress *egress, struct delivery *delivery)
{
    const struct message *message = delivery->message;
    size_t size;
    if (encode(egress, delivery, &size) != STATUS_OK)
        return STATUS_TOO_LARGE;
    char case_id[CASE_ID_DIGITS + 1];
    char revision[4];
    struct message_header headers[HEADERS_OF_OURS_MAX];
    case_id_format(message->case_id, case_id);
    struct sink_record record = {
        .topic = topic_of(egress, delivery),
        .alone = delivery->alone,
        .key = message->customer,
        .value = {.data = egress->buffer, .size = (uint32_t)size},
        .headers = headers,
        .header_count = add_headers(egress, delivery, case_id, revision, headers),
        .opaque = delivery,
    };
    if (record.key.size == 0)
        record.key = (struct slice){.data = case_id, .size = CASE_ID_DIGITS};
    return sink_produce(egress->sink, &record);
}

/* True where the delivery found a place: in the sink, or among those that wait for their next try.
 * False where it must stay in the backlog, and everything behind it too. */
static bool produce(struct egress *egress, struct delivery *delivery)
{
    enum redress_status status;
    do {
        status = encode_and_produce(egress, delivery);
    } while (status == STATUS_TOO_LARGE && shrink(egress, delivery));
    if (status == STATUS_OK) {
        delivery->state = DELIVERY_PENDING;
        return true;
    }
    if (status == STATUS_FULL) {
        egress->full_until_ns = egress->now_ns + FULL_WAIT_NS;
        count_add(&egress->counts[EGRESS_COUNT_FULL], 1);
        if (FAULT_DROP_ON_FULL_RING) {
            complete(egress, delivery);
            return true;
        }
        return false;
    }
    if (status == STATUS_FATAL) {
        become_fatal(egress);
        return false;
    }
    if (status == STATUS_TOO_LARGE)
        LOG_ERROR("not even a reference to a message fits into the output topic: it waits",
                  log_text("topic", delivery->message->topic),
                  log_integer("partition", delivery->message->partition),
                  log_integer("offset", delivery->message->offset));
    wait_for_next_try(egress, delivery);
    return true;
}

static bool may_produce(const struct egress *egress)
{
    return egress->now_ns >= egress->full_until_ns && egress_state(egress) == EGRESS_RUNNING;
}

static void submit(struct egress *egress, struct delivery *delivery)
{
    if (egress->backlog.first || !may_produce(egress) || !produce(egress, delivery))
        wait_for_room(egress, delivery);
}

/* Nothing is produced from in here: the sink is polled, and may not expect it. */
static void settle(struct egress *egress, struct delivery *delivery, enum redress_status outcome)
{
    ASSERT(delivery->egress == egress && delivery->state == DELIVERY_PENDING);
    egress->full_until_ns = 0;
    if (outcome == STATUS_OK) {
        complete(egress, delivery);
    } else if (outcome == STATUS_TOO_LARGE && !delivery->alone) {
        delivery->alone = true;
        wait_for_room(egress, delivery);
    } else if (outcome == STATUS_TOO_LARGE && shrink(egress, delivery)) {
        wait_for_room(egress, delivery);
    } else if (outcome == STATUS_FATAL) {
        become_fatal(egress);
        wait_for_room(egress, delivery);
    } else {
        wait_for_next_try(egress, delivery);
    }
}

/* What the end of a message reads and writes of it. */
static void prefetch_end(const struct message *message)
{
    enum { WRITTEN = 1 };
    __builtin_prefetch(message);
    __builtin_prefetch(&message->verdict.rule_set_version);
    __builtin_prefetch(&message->deliveries_pending, WRITTEN);
}

/* A record comes back long after its message has left the near caches: memory brings several at
 * once. */
static void settle_reports(struct egress *egress)
{
    for (uint32_t index = 0; index < egress->report_count; index++)
        prefetch_end(egress->reports[index].delivery->message);
    for (uint32_t index = 0; index < egress->report_count; index++)
        settle(egress, egress->reports[index].delivery, egress->reports[index].outcome);
    egress->report_count = 0;
}

static void on_delivered(void *context, void *opaque, enum redress_status outcome)
{
    struct egress *egress = context;
    if (egress->report_count == REPORTS_MAX)
        settle_reports(egress);
    __builtin_prefetch(opaque);
    egress->reports[egress->report_count++] = (struct report){opaque, outcome};
}

static struct delivery *take_delivery(struct egress *egress, struct message *message,
                                      enum delivery_part part)
{
    ASSERT(egress->free.first != NULL); /* the budget bounds what can be here */
    struct delivery *delivery = list_take(&egress->free);
    ASSERT(delivery->state == DELIVERY_FREE);
    *delivery = (struct delivery){
        .message = message,
        .egress = egress,
        .part = part,
        .state = DELIVERY_WAITING,
        .form = RECORD_WHOLE,
    };
    if (part == PART_PRIMARY && message->dead_reason == DEAD_OUTPUT_TOO_LARGE)
        delivery->form = RECORD_HEAD;
    message->deliveries_pending++;
    return delivery;
}

void egress_accept(struct egress *egress, struct message *message)
{
    ASSERT(message->kind == MESSAGE_RECORD);
    ASSERT(message->ending > ENDING_NONE && message->ending < ENDING_COUNT);
    ASSERT((message->ending == ENDING_DEAD_LETTER) == (message->dead_reason != DEAD_NONE));
    law_of(egress, message)->accepted++;
    count_add(&egress->counts[EGRESS_COUNT_HELD], 1);
    message->deliveries_pending = 0;
    if (message->ending == ENDING_CALM && !egress->settings.topics.calm) {
        finish_message(egress, message);
        return;
    }
    /* Both are taken before either is produced, so that the message cannot be done in between. */
    struct delivery *primary = take_delivery(egress, message, PART_PRIMARY);
    struct delivery *frontline = NULL;
    if (message->ending == ENDING_CASE && message->verdict.urgent) {
        ASSERT(message->queue_index < egress->settings.names.queue_count);
        frontline = take_delivery(egress, message, PART_FRONTLINE);
        frontline->sibling = primary;
        primary->sibling = frontline;
        submit(egress, frontline); /* first: somebody waits for it */
    }
    submit(egress, primary);
}

static bool drain_delayed(struct egress *egress)
{
    bool moved = false;
    while (egress->delayed.first && egress->delayed.first->due_ns <= egress->now_ns) {
        struct delivery *delivery = list_take(&egress->delayed);
        delivery->state = DELIVERY_WAITING;
        list_append(&egress->backlog, delivery);
        moved = true;
    }
    return moved;
}

static bool drain_backlog(struct egress *egress)
{
    uint32_t produced = 0;
    while (egress->backlog.first && may_produce(egress) && produced < STEP_RECORDS_MAX) {
        struct delivery *delivery = egress->backlog.first;
        /* Out of the list first: producing may put it into another one. */
        list_take(&egress->backlog);
        if (!produce(egress, delivery)) {
            delivery->next = egress->backlog.first;
            egress->backlog.first = delivery;
            if (!delivery->next)
                egress->backlog.last = delivery;
            break;
        }
        count_add(&egress->counts[EGRESS_COUNT_BACKLOG], -1);
        produced++;
    }
    return produced > 0;
}

bool egress_step(struct egress *egress, uint64_t now_ns)
{
    egress->now_ns = now_ns;
    bool moved = sink_poll(egress->sink) > 0;
    settle_reports(egress);
    if (egress_state(egress) == EGRESS_FATAL)
        return moved;
    if (sink_trouble(egress->sink) == STATUS_FATAL)
        become_fatal(egress);
    moved |= drain_delayed(egress);
    moved |= drain_backlog(egress);
    return moved;
}

int64_t egress_wait_us(const struct egress *egress, uint64_t now_ns)
{
    if (egress_state(egress) == EGRESS_FATAL)
        return -1;
    uint64_t due_ns = UINT64_MAX;
    if (egress->backlog.first)
        due_ns = egress->full_until_ns;
    if (egress->delayed.first && egress->delayed.first->due_ns < due_ns)
        due_ns = egress->delayed.first->due_ns;
    if (due_ns == UINT64_MAX)
        return -1;
    return due_ns <= now_ns ? 0 : (int64_t)((due_ns - now_ns + 999) / 1000);
}

enum egress_state egress_state(const struct egress *egress)
{
    /* Pairs with the release in become_fatal. */
    return (enum egress_state)atomic_load_explicit(&egress->state, memory_order_acquire);
}

uint64_t egress_count(const struct egress *egress, enum egress_counter counter)
{
    return atomic_load_explicit(&egress->counts[counter], memory_order_relaxed);
}

uint64_t egress_dead_letters(const struct egress *egress, enum dead_reason reason)
{
    return atomic_load_explicit(&egress->dead_counts[reason], memory_order_relaxed);
}

/* A message counts once: with its primary delivery, or with the copy where only that is left. */
static bool stands_for_message(const struct delivery *delivery)
{
    return delivery->state != DELIVERY_FREE &&
           (delivery->part == PART_PRIMARY || !delivery->sibling);
}

void egress_law_snapshot(const struct egress *egress, uint32_t epoch, struct egress_law *laws,
                         uint32_t slot_count)
{
    ASSERT(slot_count <= PARTITIONS_MAX);
    for (uint32_t slot = 0; slot < slot_count; slot++) {
        const struct law_counts *counts = &egress->laws[slot][epoch & 1];
        laws[slot] = (struct egress_law){.accepted = counts->accepted};
        memcpy(laws[slot].ended, counts->ended, sizeof counts->ended);
    }
    for (uint32_t index = 0; index < egress->delivery_count; index++) {
        const struct delivery *delivery = &egress->deliveries[index];
        if (!stands_for_message(delivery))
            continue;
        const struct message *message = delivery->message;
        if ((message->epoch & 1) == (epoch & 1) && message->partition_slot < slot_count)
            laws[message->partition_slot].pending++;
    }
}

static enum redress_status open_topics(struct egress *egress)
{
    const struct egress_topics *topics = &egress->settings.topics;
    const struct record_names *names = &egress->settings.names;
    enum redress_status status = sink_topic(egress->sink, topics->cases, &egress->topic_cases);
    if (status == STATUS_OK)
        status = sink_topic(egress->sink, topics->dead_letters, &egress->topic_dead_letters);
    if (status == STATUS_OK && topics->calm)
        status = sink_topic(egress->sink, topics->calm, &egress->topic_calm);
    for (uint32_t queue = 0; queue < names->queue_count && status == STATUS_OK; queue++) {
        char name[TOPIC_NAME_BYTES_MAX];
        int size =
            snprintf(name, sizeof name, "%s%s", topics->frontline_prefix, names->queues[queue]);
        if (size >= (int)sizeof name)
            return STATUS_INVALID;
        status = sink_topic(egress->sink, name, &egress->topic_frontline[queue]);
    }
    return status;
}

uint64_t egress_memory_bytes(const struct egress_settings *settings)
{
    return sizeof(struct egress) + settings->output_bytes_max +
           2 * (uint64_t)settings->messages_max * sizeof(struct delivery);
}

enum redress_status egress_create(const struct egress_settings *settings, struct sink *sink,
                                  struct egress **out)
{
    ASSERT(settings->names.queue_count <= QUEUES_MAX);
    ASSERT(settings->done != NULL);
    struct egress *egress = memory_allocate(sizeof *egress);
    if (!egress)
        return STATUS_MEMORY;
    egress->settings = *settings;
    egress->sink = sink;
    egress->delivery_count = 2 * settings->messages_max;
    egress->deliveries = memory_allocate_array(egress->delivery_count, sizeof(struct delivery));
    egress->buffer = memory_allocate(settings->output_bytes_max);
    enum redress_status status =
        egress->deliveries && egress->buffer ? open_topics(egress) : STATUS_MEMORY;
    if (status != STATUS_OK) {
        egress_destroy(egress);
        return status;
    }
    for (uint32_t index = 0; index < egress->delivery_count; index++)
        list_append(&egress->free, &egress->deliveries[index]);
    sink->delivered = on_delivered;
    sink->context = egress;
    *out = egress;
    return STATUS_OK;
}

void egress_destroy(struct egress *egress)
{
    if (!egress)
        return;
    memory_free(egress->deliveries);
    memory_free(egress->buffer);
    memory_free(egress);
}
