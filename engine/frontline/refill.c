/**
 * The refill's Kafka side. Asking for partitions and committed offsets waits for the broker, so a
 * small thread of its own does it and hands each partition over through a ring; a step only reads.
 *
 *   setup thread: metadata, committed offset --> found (ring) --> step: start, read, push, commit
 *
 * Topics that do not exist yet are asked for again, because egress makes them with the first case.
 */
#include "frontline/refill.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/ring.h"
#include "frontline/record.h"
#include "frontline/refill_book.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    TOPICS_MAX = QUEUES_MAX + 1,
    ERROR_BYTES = 256,
    MESSAGES_PER_TURN_MAX = 64, /* of one partition before the next one has its turn */
    SETUP_WAIT_MS = 1000,
    SETUP_AGAIN_MS = 2000,
    SETUP_NAP_MS = 20,
    CLOSE_WAIT_MS = 1000
};

#define STEP_NS_MAX    UINT64_C(1000000)
#define COMMIT_WAIT_NS UINT64_C(5000000000)

struct refill_partition {
    uint32_t topic_index; /* topics[0] is that of the acknowledgements */
    int32_t partition;
    int64_t position; /* the next offset to be read; below 0 until the first record */
    int64_t start;
    int64_t committed;
    bool caught_up;
    rd_kafka_message_t *held; /* its ring is full */
};

struct refill_topic {
    char *name;
    rd_kafka_topic_t *handle;
    bool found;
};

struct frontline_refill {
    rd_kafka_t *consumer;
    struct refill_book book;
    struct refill_topic topics[TOPICS_MAX];
    uint32_t topic_count;
    pthread_t setup;
    bool setup_runs;
    _Atomic bool stop;
    _Atomic bool looked_acks; /* the topic of acknowledgements was asked for */
    _Atomic bool looked;      /* every topic was */
    struct ring found;        /* setup to step: struct refill_partition, with its start set */
    struct refill_partition *partitions[PARTITIONS_MAX];
    uint32_t partition_count;
    uint32_t turn;
    uint64_t commit_ns;
};

/* ---- the setup thread ---- */

static int64_t ask_committed(struct frontline_refill *refill, const char *topic, int32_t partition)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition);
    rd_kafka_resp_err_t error = rd_kafka_committed(refill->consumer, list, SETUP_WAIT_MS);
    int64_t offset =
        error == RD_KAFKA_RESP_ERR_NO_ERROR && list->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR
            ? list->elems[0].offset
            : INT64_MIN;
    rd_kafka_topic_partition_list_destroy(list);
    return offset;
}

/** False where the broker did not say: the whole topic is asked for again. */
static bool choose_start(struct frontline_refill *refill, struct refill_partition *partition)
{
    partition->start = RD_KAFKA_OFFSET_BEGINNING;
    partition->position = -1;
    partition->committed = -1;
    if (partition->topic_index == 0)
        return true;
    int64_t committed =
        ask_committed(refill, refill->topics[partition->topic_index].name, partition->partition);
    if (committed >= 0)
        partition->start = committed;
    return committed != INT64_MIN;
}

static bool hand_over(struct frontline_refill *refill, uint32_t topic_index, int32_t count)
{
    struct refill_partition *made = memory_allocate_array((size_t)count, sizeof *made);
    bool complete = made != NULL;
    for (int32_t i = 0; complete && i < count; i++) {
        made[i].topic_index = topic_index;
        made[i].partition = i;
        complete = choose_start(refill, &made[i]);
    }
    for (int32_t i = 0; complete && i < count; i++)
        if (!ring_push(&refill->found, &made[i]))
            LOG_ERROR("too many frontline partitions: one is not refilled",
                      log_text("topic", refill->topics[topic_index].name),
                      log_integer("partition", i));
    if (!complete)
        memory_free(made);
    return complete;
}

/** True where the broker has answered, be it that there is no such topic. */
static bool look_for(struct frontline_refill *refill, uint32_t topic_index)
{
    struct refill_topic *topic = &refill->topics[topic_index];
    const struct rd_kafka_metadata *metadata = NULL;
    if (rd_kafka_metadata(refill->consumer, 0, topic->handle, &metadata, SETUP_WAIT_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    bool answered = metadata->topic_cnt == 1;
    if (answered && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
        metadata->topics[0].partition_cnt > 0) {
        topic->found = hand_over(refill, topic_index, metadata->topics[0].partition_cnt);
        answered = topic->found;
    } else if (answered) {
        rd_kafka_resp_err_t error = metadata->topics[0].err;
        answered =
            error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    rd_kafka_metadata_destroy(metadata);
    return answered;
}

static void nap(struct frontline_refill *refill, int whole_ms)
{
    const struct timespec pause = {.tv_nsec = SETUP_NAP_MS * NS_PER_MS};
    for (int ms = 0; ms < whole_ms; ms += SETUP_NAP_MS) {
        if (atomic_load_explicit(&refill->stop, memory_order_relaxed))
            return;
        (void)nanosleep(&pause, NULL);
    }
}

static void *look_for_topics(void *argument)
{
    struct frontline_refill *refill = argument;
    bool all_found = false;
    while (!all_found && !atomic_load_explicit(&refill->stop, memory_order_relaxed)) {
        bool all_answered = true;
        all_found = true;
        for (uint32_t i = 0; i < refill->topic_count; i++) {
            bool answered = refill->topics[i].found || look_for(refill, i);
            /* This and the next pair with the acquires in has_looked: partitions are in the ring.
             */
            if (i == 0 && answered)
                atomic_store_explicit(&refill->looked_acks, true, memory_order_release);
            all_answered = all_answered && answered;
            all_found = all_found && refill->topics[i].found;
        }
        if (all_answered)
            atomic_store_explicit(&refill->looked, true, memory_order_release);
        if (!all_found)
            nap(refill, all_answered ? SETUP_AGAIN_MS : SETUP_NAP_MS * 10);
    }
    return NULL;
}

/* ---- opening ---- */

static bool configure(rd_kafka_conf_t *conf, const char *group, char *error)
{
    char name[512];
    if ((size_t)snprintf(name, sizeof name, "%s.frontline", group) >= sizeof name) {
        (void)snprintf(error, ERROR_BYTES, "the group's name is too long");
        return false;
    }
    const char *const settings[][2] = {
        {"group.id", name},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"}, /* below what is left: whatever is left may be urgent */
        {"enable.partition.eof", "true"},
        {"allow.auto.create.topics", "false"},
        {"queued.max.messages.kbytes", "4096"},
        {"fetch.wait.max.ms", "100"}, /* how long an empty topic keeps its emptiness from us */
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], error, ERROR_BYTES) !=
            RD_KAFKA_CONF_OK)
            return false;
    return true;
}

static enum redress_status open_topics(struct frontline_refill *refill,
                                       const struct frontline_refill_settings *settings)
{
    refill->topic_count = settings->queue_count + 1;
    for (uint32_t i = 0; i < refill->topic_count; i++) {
        struct refill_topic *topic = &refill->topics[i];
        topic->name = memory_copy_string(i == 0 ? settings->acks_topic : settings->topics[i - 1]);
        if (!topic->name)
            return STATUS_MEMORY;
        topic->handle = rd_kafka_topic_new(refill->consumer, topic->name, NULL);
        if (!topic->handle)
            return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum redress_status refill_start(struct frontline_refill *refill,
                                        const struct frontline_refill_settings *settings,
                                        struct frontline *frontline)
{
    enum redress_status status =
        refill_book_init(&refill->book, frontline, settings->producer_index);
    if (status == STATUS_OK)
        status = ring_init(&refill->found, PARTITIONS_MAX);
    if (status == STATUS_OK)
        status = open_topics(refill, settings);
    if (status != STATUS_OK)
        return status;
    refill->setup_runs = pthread_create(&refill->setup, NULL, look_for_topics, refill) == 0;
    return refill->setup_runs ? STATUS_OK : STATUS_MEMORY;
}

enum redress_status frontline_refill_open(struct frontline *frontline,
                                          const struct frontline_refill_settings *settings,
                                          struct frontline_refill **out, char error[256])
{
    struct frontline_refill *refill = memory_map(sizeof *refill);
    *out = NULL;
    error[0] = '\0';
    if (refill && settings->queue_count <= QUEUES_MAX &&
        configure(settings->conf, settings->group, error))
        refill->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, settings->conf, error, ERROR_BYTES);
    if (!refill || !refill->consumer) {
        rd_kafka_conf_destroy(settings->conf);
        if (refill)
            memory_unmap(refill, sizeof *refill);
        return refill ? STATUS_INVALID : STATUS_MEMORY;
    }
    enum redress_status status = refill_start(refill, settings, frontline);
    if (status != STATUS_OK) {
        (void)snprintf(error, ERROR_BYTES, "%s", redress_status_name(status));
        frontline_refill_close(refill);
        return status;
    }
    *out = refill;
    return STATUS_OK;
}

/* ---- reading ---- */

static void take_found(struct frontline_refill *refill)
{
    struct refill_partition *partition;
    while (refill->partition_count < PARTITIONS_MAX && (partition = ring_pop(&refill->found))) {
        rd_kafka_topic_t *handle = refill->topics[partition->topic_index].handle;
        if (rd_kafka_consume_start(handle, partition->partition, partition->start) != 0)
            LOG_ERROR("a frontline partition can't be read",
                      log_text("topic", refill->topics[partition->topic_index].name),
                      log_integer("partition", partition->partition),
                      log_text("reason", rd_kafka_err2str(rd_kafka_last_error())));
        refill->partitions[refill->partition_count++] = partition;
    }
}

static enum redress_status offer(struct frontline_refill *refill, uint32_t index,
                                 const rd_kafka_message_t *message, uint64_t now_ns)
{
    const struct refill_partition *partition = refill->partitions[index];
    rd_kafka_headers_t *headers = NULL;
    const void *bytes = NULL;
    size_t size = 0;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        (void)rd_kafka_header_get_last(headers, FRONTLINE_RECORD_HEADER, &bytes, &size);
    uint64_t refused = refill->book.refused_total;
    enum redress_status status = refill_book_offer(&refill->book, partition->topic_index - 1, index,
                                                   message->offset, bytes, size, now_ns);
    if (refill->book.refused_total != refused)
        LOG_WARN("a record of the frontline topic is none of ours and can't be shown",
                 log_text("topic", refill->topics[partition->topic_index].name),
                 log_integer("partition", partition->partition),
                 log_integer("offset", message->offset));
    return status;
}

/** False: the message is held, and its partition waits. */
static bool take_message(struct frontline_refill *refill, uint32_t index,
                         const rd_kafka_message_t *message, uint64_t now_ns)
{
    struct refill_partition *partition = refill->partitions[index];
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        partition->caught_up = true;
        return true;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        LOG_WARN("reading a frontline topic failed",
                 log_text("topic", refill->topics[partition->topic_index].name),
                 log_text("reason", rd_kafka_err2str(message->err)));
        return true;
    }
    if (partition->topic_index == 0)
        refill_book_acknowledgement(&refill->book, message->key, message->key_len, message->payload,
                                    message->len);
    else if (offer(refill, index, message, now_ns) == STATUS_FULL)
        return false;
    partition->position = message->offset + 1;
    return true;
}

/** True where something was read. */
static bool read_partition(struct frontline_refill *refill, uint32_t index, uint64_t now_ns)
{
    struct refill_partition *partition = refill->partitions[index];
    rd_kafka_topic_t *handle = refill->topics[partition->topic_index].handle;
    bool read = false;
    for (int i = 0; i < MESSAGES_PER_TURN_MAX; i++) {
        rd_kafka_message_t *message = partition->held;
        partition->held = NULL;
        if (!message)
            message = rd_kafka_consume(handle, partition->partition, 0);
        if (!message)
            return read;
        if (!take_message(refill, index, message, now_ns)) {
            partition->held = message;
            return read;
        }
        rd_kafka_message_destroy(message);
        read = true;
    }
    return read;
}

/** The broker has answered, and the step has taken what it answered. */
static bool has_looked(const struct frontline_refill *refill, const _Atomic bool *looked)
{
    /* Pairs with the releases in look_for_topics. */
    return atomic_load_explicit(looked, memory_order_acquire) && ring_count(&refill->found) == 0;
}

bool frontline_refill_knows_acknowledged(const struct frontline_refill *refill)
{
    if (!has_looked(refill, &refill->looked_acks))
        return false;
    for (uint32_t i = 0; i < refill->partition_count; i++)
        if (refill->partitions[i]->topic_index == 0 && !refill->partitions[i]->caught_up)
            return false;
    return true;
}

bool frontline_refill_caught_up(const struct frontline_refill *refill)
{
    if (!has_looked(refill, &refill->looked))
        return false;
    for (uint32_t i = 0; i < refill->partition_count; i++)
        if (!refill->partitions[i]->caught_up)
            return false;
    return true;
}

/* ---- offsets ---- */

/** Adds what has moved; true where there is anything to commit. */
static bool list_low_offsets(struct frontline_refill *refill, rd_kafka_topic_partition_list_t *list)
{
    for (uint32_t i = 0; i < refill->partition_count; i++) {
        struct refill_partition *partition = refill->partitions[i];
        if (partition->topic_index == 0 || partition->position < 0)
            continue;
        int64_t low = refill_book_low_offset(&refill->book, i, partition->position);
        if (low == partition->committed)
            continue;
        partition->committed = low;
        const char *topic = refill->topics[partition->topic_index].name;
        rd_kafka_topic_partition_list_add(list, topic, partition->partition)->offset = low;
    }
    return list->cnt > 0;
}

static void commit(struct frontline_refill *refill, bool wait)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)refill->partition_count);
    rd_kafka_queue_t *answers = wait ? rd_kafka_queue_new(refill->consumer) : NULL;
    if (list_low_offsets(refill, list)) {
        /* A commit that fails costs reading the same records again after a restart. */
        if (!wait)
            (void)rd_kafka_commit(refill->consumer, list, 1);
        else if (rd_kafka_commit_queue(refill->consumer, list, answers, NULL, NULL) ==
                 RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_event_destroy(rd_kafka_queue_poll(answers, CLOSE_WAIT_MS));
    }
    if (answers)
        rd_kafka_queue_destroy(answers);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- the step ---- */

enum redress_status frontline_refill_step(struct frontline_refill *refill, uint64_t now_ns)
{
    char reason[ERROR_BYTES];
    uint64_t begin_ns = clock_monotonic_ns();
    (void)rd_kafka_poll(refill->consumer, 0);
    take_found(refill);
    /* Acknowledgements first: a case must not be shown because we had not read that it is done. */
    bool acknowledged_only = !frontline_refill_knows_acknowledged(refill);
    bool read = true;
    while (read && clock_monotonic_ns() - begin_ns < STEP_NS_MAX) {
        read = false;
        for (uint32_t i = 0; i < refill->partition_count; i++) {
            uint32_t index = (refill->turn + i) % refill->partition_count;
            if (!acknowledged_only || refill->partitions[index]->topic_index == 0)
                read = read_partition(refill, index, now_ns) || read;
        }
        refill->turn++;
    }
    if (!refill->book.late)
        refill->book.late = frontline_refill_caught_up(refill);
    if (now_ns - refill->commit_ns >= COMMIT_WAIT_NS) {
        refill->commit_ns = now_ns;
        commit(refill, false);
    }
    return rd_kafka_fatal_error(refill->consumer, reason, sizeof reason) ==
                   RD_KAFKA_RESP_ERR_NO_ERROR
               ? STATUS_OK
               : STATUS_FATAL;
}

void frontline_refill_read_stats(const struct frontline_refill *refill,
                                 struct frontline_refill_stats *stats)
{
    const struct refill_book *book = &refill->book;
    *stats = (struct frontline_refill_stats){.read_total = book->read_total,
                                             .pushed_total = book->pushed_total,
                                             .refused_total = book->refused_total,
                                             .known_total = book->known_total,
                                             .unacknowledged = book->entry_count};
    for (uint32_t i = 0; i < refill->partition_count; i++)
        stats->held += refill->partitions[i]->held ? 1 : 0;
}

static void stop_partitions(struct frontline_refill *refill)
{
    take_found(refill);
    for (uint32_t i = 0; i < refill->partition_count; i++) {
        struct refill_partition *partition = refill->partitions[i];
        if (partition->held)
            rd_kafka_message_destroy(partition->held);
        (void)rd_kafka_consume_stop(refill->topics[partition->topic_index].handle,
                                    partition->partition);
    }
    /* Partitions of a topic are one block, which begins with partition 0: from behind, so that it
     * is the last one looked at. */
    for (uint32_t i = refill->partition_count; i-- > 0;)
        if (refill->partitions[i]->partition == 0)
            memory_free(refill->partitions[i]);
    refill->partition_count = 0;
}

void frontline_refill_close(struct frontline_refill *refill)
{
    if (!refill)
        return;
    atomic_store_explicit(&refill->stop, true, memory_order_relaxed);
    if (refill->setup_runs)
        pthread_join(refill->setup, NULL);
    if (refill->partition_count > 0)
        commit(refill, true);
    stop_partitions(refill);
    for (uint32_t i = 0; i < refill->topic_count; i++) {
        if (refill->topics[i].handle)
            rd_kafka_topic_destroy(refill->topics[i].handle);
        memory_free(refill->topics[i].name);
    }
    rd_kafka_destroy(refill->consumer);
    ring_destroy(&refill->found);
    refill_book_destroy(&refill->book);
    memory_unmap(refill, sizeof *refill);
}
