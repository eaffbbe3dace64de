/**
 * One record on its way from a channel to its ending, and everything learnt about it.
 *
 * A message lives in one block of ingest's slab: this struct, then the payload, then room for what
 * decoding produces. It has one owner at a time; handing it on is a ring push. Ingest makes it and
 * frees it, so that allocation needs no lock:
 *
 *   ingest -> worker (decode, classify) -> history owner (recurrence, route) -> egress -> ingest
 *
 * Each part below says who writes it; later owners only read it.
 */
#ifndef REDRESS_MESSAGE_H
#define REDRESS_MESSAGE_H

#include <redress/limits.h>
#include <redress/verdict.h>

/** Bytes that somebody else owns; no terminator. data may be NULL only when size is 0. */
struct slice {
    const char *data;
    uint32_t size;
};

enum message_kind {
    MESSAGE_RECORD, /* a real record */
    MESSAGE_MARKER  /* travels every ring to prove that nothing stayed behind; carries no payload */
};

enum message_flag {
    MESSAGE_REPAIRED = 1 << 0,  /* bytes or lone surrogates were replaced by U+FFFD */
    MESSAGE_TRUNCATED = 1 << 1, /* the text was cut at its limit */
    MESSAGE_REPLAYED = 1 << 2,  /* a dead letter put back; case_id is its original one */
    MESSAGE_TOMBSTONE = 1 << 3  /* the record had no value at all */
};

/** Why a message became a dead letter. The names stand in docs/schemas/dead-letter.json. */
enum dead_reason {
    DEAD_NONE = 0,
    DEAD_TOMBSTONE,      /* the record had no value */
    DEAD_EMPTY,          /* the value has no bytes, or the text is blank */
    DEAD_TOO_LARGE,      /* payload over the channel's limit */
    DEAD_NOT_JSON,       /* the value is no valid JSON */
    DEAD_TOO_DEEP,       /* JSON nested deeper than the limit */
    DEAD_TOO_MANY_KEYS,  /* more keys than the limit */
    DEAD_DUPLICATE_KEY,  /* a mapped key stands twice */
    DEAD_WRONG_TYPE,     /* a mapped field has the wrong type */
    DEAD_TEXT_MISSING,   /* nothing at the text's pointer */
    DEAD_TEXT_TOO_LONG,  /* text over the limit, policy dead_letter */
    DEAD_FIELD_TOO_LONG, /* id, customer, time or language over MESSAGE_FIELD_BYTES_MAX */
    DEAD_ENVELOPE,       /* a CloudEvent without its required attributes, or an unknown encoding */
    DEAD_OUTPUT_TOO_LARGE, /* the broker refuses the case as too large */
    DEAD_REASON_COUNT
};

/** "tombstone", "not_json" …: the words that people and schemas read. Never NULL. */
REDRESS_API const char *redress_dead_reason_name(enum dead_reason reason);
/** The reverse: false where the name (size bytes, no terminator) is none of ours. */
NODISCARD REDRESS_API bool redress_dead_reason_parse(const char *name, size_t size,
                                                     enum dead_reason *out);

enum ending { ENDING_NONE = 0, ENDING_CASE, ENDING_CALM, ENDING_DEAD_LETTER, ENDING_COUNT };

enum history_scope {
    HISTORY_UNKNOWN, /* the message names no customer */
    HISTORY_PARTIAL, /* the topic's key is not the customer: other instances may know more */
    HISTORY_WHOLE
};

/** Complaints of the same customer before this message, and whether this one makes it a repeat. */
struct recurrence {
    enum history_scope scope;
    bool repeat;      /* a second complaint within the repeat window */
    bool redelivered; /* seen before: counts were left alone */
    uint32_t complaints_1h;
    uint32_t complaints_1d;
    uint32_t complaints_7d;
    uint32_t complaints_30d;
    int64_t last_complaint_ms; /* Unix time; -1 where there was none */
};

/** 128 bits, written as 32 lower-case hex digits, high half first. */
struct case_id {
    uint64_t high;
    uint64_t low;
};

struct message_header {
    struct slice name;
    struct slice value;
};

struct message {
    /* Written by ingest. */
    enum message_kind kind;
    uint32_t epoch;          /* which marker of the conservation law counts it */
    uint32_t partition_slot; /* index of (topic, partition) in this process, < PARTITIONS_MAX */
    uint32_t generation;     /* assignment generation of that slot when it was read */
    uint64_t ledger_position;
    uint16_t channel_index;
    uint16_t header_count;
    int32_t partition;
    const char *topic; /* owned by ingest, lives as long as the process */
    int64_t offset;
    int64_t timestamp_ms; /* the record's; -1 where it has none */
    uint64_t received_ns; /* CLOCK_MONOTONIC when it was taken from the source */
    struct slice key;
    struct slice payload; /* MESSAGE_PADDING_BYTES zeroed bytes follow */
    const struct message_header *headers;
    uint64_t payload_hash;          /* XXH3 of the payload; for an over-large record of all of it */
    uint32_t payload_size_original; /* differs from payload.size where only the head was kept */
    struct case_id case_id;
    uint32_t room_size; /* what decoding may use behind the payload */
    char *room;

    /* Written by the worker that decodes and classifies. */
    uint32_t flags; /* enum message_flag */
    enum dead_reason dead_reason;
    char dead_detail[96]; /* the place and the remedy, for people */
    struct slice text;    /* repaired UTF-8, padded like the payload; in room, or the payload */
    struct slice id;
    struct slice customer;
    uint64_t customer_hash; /* of the customer as history knows it, 0 where there is none */
    struct slice time;
    struct slice language_hint;
    struct slice attributes; /* one JSON object, or empty */
    struct verdict verdict;
    struct verdict_hit hits[MESSAGE_HITS_MAX];
    uint64_t decided_ns; /* CLOCK_MONOTONIC when its batch had revision 0 */
    uint64_t queued_ns;  /* when it stood in the frontline queue; 0 where it does not */

    /* Written by the history owner. */
    uint8_t revision; /* 0 without history, 1 where history raised care */
    struct recurrence recurrence;
    enum ending ending;
    uint16_t queue_index; /* where people find the case */

    /* Written by egress. */
    uint8_t deliveries_pending;
};

#endif
