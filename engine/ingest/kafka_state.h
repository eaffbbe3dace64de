/** The inside of the Kafka source, shared by its files and nobody else. */
#ifndef REDRESS_INGEST_KAFKA_STATE_H
#define REDRESS_INGEST_KAFKA_STATE_H

#include "ingest/kafka_source.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>

enum {
    KAFKA_TIMER_MS = 100, /* queues and events are asked this often, doorbell or not */
    KAFKA_RETRY_MS = 500, /* between questions that the brokers did not answer */
    KAFKA_LEAVE_MS = 5,   /* between looks whether the group is left */
    KAFKA_COMMIT_INTERVAL_MS_DEFAULT = 1000,
    KAFKA_ASK_TIMEOUT_MS_DEFAULT = 10000,
    KAFKA_COMMIT_MS_MAX = 3000,    /* an ending or a revoke waits no longer for the coordinator */
    KAFKA_QUEUED_MESSAGES = 20000, /* with fetch.queue.backoff.ms */
    KAFKA_QUEUED_KBYTES = 16 * 1024,
    KAFKA_QUEUED_MESSAGES_OLD = 1000000, /* before librdkafka 2.2: a second's worth of records */
    KAFKA_QUEUED_KBYTES_OLD = 64 * 1024
};

enum { KAFKA_VERSION_QUEUE_BACKOFF = 0x02020000 };

struct kafka_source;

/* One (topic, partition). Its queue reference is kept until the source is closed. */
struct kafka_slot {
    struct kafka_source *source;
    atomic_bool ready; /* its queue may hold something; set by librdkafka's threads */
    bool assigned;
    bool reset; /* librdkafka found the position out of range: to be settled by poll */
    uint32_t generation;
    int64_t next_offset; /* the next to be read, -1 where not known */
    int64_t stored_offset;
    int64_t owed_offset; /* librdkafka did not take this store: tried again on the timer; or -1 */
    rd_kafka_queue_t *queue;
    rd_kafka_message_t *held;                 /* peeked and not advanced */
    rd_kafka_topic_partition_list_t *storing; /* one element, reused by every store */
};

enum kafka_group_state {
    KAFKA_GROUP_NONE,      /* nothing assigned */
    KAFKA_GROUP_ASSIGNING, /* the group gave partitions; positions are to be found */
    KAFKA_GROUP_READING,
    KAFKA_GROUP_REVOKE,   /* the group wants them back; ingest does not know yet */
    KAFKA_GROUP_DRAINING, /* it does */
    KAFKA_GROUP_LOST
};

struct kafka_source {
    struct source source;
    struct kafka_source_settings settings; /* strings are owned by the conf or by `names` */
    rd_kafka_t *consumer;
    rd_kafka_queue_t *events;
    struct partition_table *partitions;
    struct doorbell *doorbell;
    struct kafka_topic *topics;
    atomic_bool events_ready;
    enum kafka_group_state state;
    bool leaving;
    bool closing;
    bool end_told;
    bool commit_failed;
    bool fatal_told;
    bool recheck;                           /* some slot has `reset` set */
    rd_kafka_topic_partition_list_t *given; /* what the group assigned last */
    uint64_t timer_ns;
    uint64_t retry_ns;
    enum redress_status fatal;
    char fatal_text[256];
    char fault_text[256]; /* "": none */
    char *cluster_id;
    struct kafka_slot *slots; /* by slot, PARTITIONS_MAX */
    uint32_t *assigned;       /* slots of the present assignment */
    uint32_t assigned_count;
    struct source_assignment *told; /* slots of the event that was given last */
    uint32_t told_count;
    struct source_assignment *losses; /* found while positions were looked for */
    uint32_t loss_count;
    char loss_text[256];
    struct message_header headers[MESSAGE_HEADERS_MAX]; /* of the record peeked last */
};

/* kafka_config.c */
NODISCARD enum redress_status kafka_make_conf(const struct kafka_source_settings *settings,
                                              rd_kafka_conf_t **out, struct redress_error *error);

/* kafka_rebalance.c */
void kafka_on_rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t *list, void *opaque);
/** Moves the group's state on; true where event was filled in. */
bool kafka_group_step(struct kafka_source *source, struct source_event *event);
void kafka_released(struct source *base);
/** Everything is given back, and the group does not know yet that nothing more is wanted. */
bool kafka_is_leaving(const struct kafka_source *source);
enum redress_status kafka_leave(struct source *base);
/** Forgets the assignment on our side; every slot lets go of what it holds. */
void kafka_drop_slots(struct kafka_source *source);

/* kafka_offsets.c */
/** Fills in where each partition of the list begins. STATUS_RETRY: the brokers did not answer. */
NODISCARD enum redress_status kafka_find_positions(struct kafka_source *source,
                                                   rd_kafka_topic_partition_list_t *list);
/** A loss that was noted for this slot is told with the generation that begins after it. */
bool kafka_date_loss(struct kafka_source *source, uint32_t slot);
/** Settles slots whose position librdkafka found out of range. */
void kafka_settle_resets(struct kafka_source *source);
enum redress_status kafka_store(struct source *base, uint32_t slot, uint32_t generation,
                                int64_t next_offset);
/** Stores again what librdkafka did not take. */
void kafka_store_owed(struct kafka_source *source);
enum redress_status kafka_commit(struct source *base);

/* kafka_poll.c */
void kafka_poll(struct source *base, struct source_event *event);
enum redress_status kafka_peek(struct source *base, uint32_t slot, struct source_record *record);
void kafka_advance(struct source *base, uint32_t slot);
bool kafka_ready(struct source *base, uint32_t slot);
uint64_t kafka_wait_ns(struct source *base, uint64_t now_ns);
void kafka_on_queue(rd_kafka_t *consumer, void *opaque);
void kafka_on_events(rd_kafka_t *consumer, void *opaque);
void kafka_on_error(rd_kafka_t *consumer, int code, const char *reason, void *opaque);

/* Notes what went wrong, for the next poll. The first fatal one stays. */
void kafka_fault(struct kafka_source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void kafka_fatal(struct kafka_source *source, enum redress_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Reads librdkafka's fatal error, if there is one, as ours. */
void kafka_take_fatal(struct kafka_source *source);

#endif
