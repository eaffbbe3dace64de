/**
 * What `redress dead-letters` is made of: the record, the topics it reads, the replay.
 *
 *   dead_letters_record.c  one record of the dead letter topic, parsed
 *   dead_letters_topic.c   reads a topic from its beginning to its present end
 *   dead_letters_replay.c  puts originals back, once each
 *   dead_letters.c         the command line
 *
 * A replay marks every dead letter that it puts back, in a compacted topic `<dead
 * letters>.replayed` whose keys are CASE_ID/PARTITION/OFFSET of the dead letter. Original and mark
 * are written in one transaction, and the marks are read after the transactional id was taken,
 * which fences any other replay: so a dead letter is put back once, whoever runs the command and
 * however often.
 *
 * Threads: one.
 */
#ifndef REDRESS_CLI_DEAD_LETTERS_H
#define REDRESS_CLI_DEAD_LETTERS_H

#include "base/arena.h"
#include "decode/json_document.h"
#include "egress/case_id.h"

#include <redress/message.h>

#include <librdkafka/rdkafka.h>

#include <stdio.h>

enum { DEAD_LETTERS_ERROR_BYTES = 512, DEAD_LETTERS_PROPERTIES_MAX = 160 };

struct dead_letters_property {
    const char *name;
    const char *value;
};

/** Where Kafka is. Properties are librdkafka's, bootstrap.servers among them. */
struct dead_letters_kafka {
    struct dead_letters_property properties[DEAD_LETTERS_PROPERTIES_MAX];
    uint32_t property_count;
    const char *topic;                    /* of the dead letters */
    int timeout_ms;                       /* without any answer from the brokers */
    char error[DEAD_LETTERS_ERROR_BYTES]; /* of the last call that failed, for people */
};

/* The record. */

struct dead_letter {
    struct case_id case_id;
    const char *reason;
    const char *detail;
    const char *channel;
    const char *topic; /* the original's coordinates */
    int32_t partition;
    int64_t offset;
    struct slice key; /* data NULL: none */
    bool key_cut;
    struct message_header headers[MESSAGE_HEADERS_MAX];
    uint16_t header_count;
    bool headers_cut;
    uint64_t payload_bytes; /* of the original */
    uint64_t payload_hash;
    bool payload_whole;
    struct slice payload;  /* what was kept; data NULL: the original had no value */
    int32_t own_partition; /* where the dead letter itself stands */
    int64_t own_offset;
};

/**
 * Parses the value of a record. Everything in *out lives in the arena.
 *
 * Returns: STATUS_OK; STATUS_INVALID where it is no dead letter of a known version; STATUS_MEMORY.
 */
NODISCARD enum redress_status dead_letter_parse(const char *value, size_t size, struct arena *arena,
                                                struct dead_letter *out);

/** True where the record holds all of the original: value, key and headers. */
bool dead_letter_is_whole(const struct dead_letter *letter);

/* Topics. */

/** Gets each record in turn; anything but STATUS_OK ends the reading and is answered. */
struct dead_letters_visitor {
    enum redress_status (*visit)(void *context, const rd_kafka_message_t *record);
    void *context;
};

/**
 * Reads what is committed in all partitions, up to the ends they have now.
 *
 * Returns: STATUS_OK, what visit answered, STATUS_NOT_FOUND (no such topic), STATUS_TIMEOUT,
 *          STATUS_INVALID (a property), STATUS_IO.
 */
NODISCARD enum redress_status dead_letters_read_topic(struct dead_letters_kafka *kafka,
                                                      const char *topic,
                                                      struct dead_letters_visitor visitor);

/** The one record at that offset, to visit; STATUS_NOT_FOUND where the topic no longer has it. */
NODISCARD enum redress_status dead_letters_read_record(struct dead_letters_kafka *kafka,
                                                       const char *topic, int32_t partition,
                                                       int64_t offset,
                                                       struct dead_letters_visitor visitor);

/** A client of that kind; NULL with kafka->error. `own` overrides, ended by a NULL name. */
NODISCARD rd_kafka_t *dead_letters_client(struct dead_letters_kafka *kafka, rd_kafka_type_t type,
                                          const struct dead_letters_property *own);

/* Marks and replay. */

struct dead_letters_mark {
    struct case_id case_id;
    int32_t partition;
    int64_t offset;
};

struct dead_letters_marks {
    struct dead_letters_mark *items; /* sorted */
    size_t count;
    size_t capacity;
};

/** Reads the marks; a topic that does not exist holds none. Freed with dead_letters_marks_free. */
NODISCARD enum redress_status dead_letters_marks_load(struct dead_letters_kafka *kafka,
                                                      struct dead_letters_marks *marks);
bool dead_letters_marks_has(const struct dead_letters_marks *marks,
                            const struct dead_letter *letter);
void dead_letters_marks_free(struct dead_letters_marks *marks);

struct dead_letters_replay;

enum dead_letters_answer {
    DEAD_LETTERS_REPLAYED,     /* the original stands in its topic again */
    DEAD_LETTERS_ALREADY,      /* an earlier replay did that, or this one for the same case id */
    DEAD_LETTERS_GONE,         /* kept by reference, and its source no longer has it */
    DEAD_LETTERS_OTHER_SOURCE, /* the source has another record at that offset now */
    DEAD_LETTERS_FAILED        /* kafka->error says why; nothing of it was committed */
};

/** Takes the transactional id, then loads the marks. On failure kafka->error says why. */
NODISCARD enum redress_status dead_letters_replay_open(struct dead_letters_kafka *kafka,
                                                       struct dead_letters_replay **out);
enum dead_letters_answer dead_letters_replay_one(struct dead_letters_replay *replay,
                                                 const struct dead_letter *letter);
void dead_letters_replay_close(struct dead_letters_replay *replay);

#endif
