/**
 * Reads the frontline queue of a running engine from another process: urgent cases, microseconds
 * after they were decided, with the words that decided them.
 *
 *   redress_frontline_attach("/run/redress/frontline.sock", &reader);
 *   while (redress_frontline_wait(reader, queues, FRONTLINE_WAIT_BLOCK, 1000) == STATUS_OK)
 *       if (redress_frontline_claim(reader, queues, 0, &record, &token) == STATUS_OK)
 *           status = redress_frontline_acknowledge(reader, &token);
 *
 * A claim belongs to its token. It ends when it is acknowledged or given back, when the lease runs
 * out without a renewal, and, unless it was made with FRONTLINE_CLAIM_KEEP, when the reader that
 * made it detaches or dies. Until then nobody else can claim the case.
 *
 * One case is never claimable twice. When its second decision raises a case that stands (revision
 * 1, with the customer's history), the new revision takes the place of the old one; if somebody has
 * the case already, the new one waits: it is shown by redress_frontline_latest(), ends with the
 * claimed one when that is acknowledged, and takes its place when that is given back or its lease
 * runs out. Only a case that was acknowledged before it was raised is offered once more. The engine
 * replaces within a few milliseconds; a claim made meanwhile is of the old revision, and stands.
 *
 * An acknowledged case is gone for good only once redress_frontline_wait_durable() says so; before
 * that an engine that dies may show it again.
 *
 * Library: redress-frontline, which needs nothing but libc.
 * Threads: one at a time per reader; any number of readers.
 */
#ifndef REDRESS_FRONTLINE_H
#define REDRESS_FRONTLINE_H

#include <redress/message.h>

enum {
    FRONTLINE_RECORD_MAGIC = 0x52464c31, /* "1LFR" in memory */
    FRONTLINE_RECORD_VERSION = 1,
    FRONTLINE_RECORD_BYTES = 3200,
    FRONTLINE_TEXT_BYTES_MAX = 1536,
    FRONTLINE_RULES_MAX = 8,
    FRONTLINE_RULE_ID_BYTES = 48, /* names below are NUL-terminated and cut at a whole character */
    FRONTLINE_RULE_WORDS_BYTES = 80,
    FRONTLINE_CHANNEL_BYTES = 32,
    FRONTLINE_QUEUE_BYTES = 64,
    FRONTLINE_TOPIC_BYTES = 128,
    FRONTLINE_CUSTOMER_BYTES = 96,
    FRONTLINE_MESSAGE_ID_BYTES = 64,
    FRONTLINE_TOKEN_TEXT_BYTES = 112
};

/** Every queue, in calls that take a set of queues: bit 1 << queue index. */
#define REDRESS_FRONTLINE_ALL UINT64_MAX

enum frontline_record_flag {
    FRONTLINE_TEXT_CUT = 1 << 0,      /* text is the head of a longer one */
    FRONTLINE_TEXT_REPAIRED = 1 << 1, /* invalid bytes were replaced by U+FFFD */
    FRONTLINE_RULES_CUT = 1 << 2,     /* more rules fired than fit */
    FRONTLINE_CUSTOMER_CUT = 1 << 3,
    FRONTLINE_REFILLED = 1 << 4, /* came back from the topic, after a restart or an overflow */
    FRONTLINE_URGENT = 1 << 5,
    FRONTLINE_UNDECIDED = 1 << 6,
    FRONTLINE_COMPLAINT = 1 << 7,
    FRONTLINE_REPEAT = 1 << 8 /* the customer complains again within the repeat window */
};

struct frontline_rule {
    char id[FRONTLINE_RULE_ID_BYTES];
    char words[FRONTLINE_RULE_WORDS_BYTES]; /* what it found, as the customer wrote it */
    uint32_t start;                         /* bytes in the whole repaired text */
    uint32_t end;
};

/**
 * One urgent case, of fixed size, without pointers; little endian.
 *
 * Units: *_ns are CLOCK_MONOTONIC of the machine that runs the engine, *_ms Unix time (-1: none).
 */
struct frontline_record {
    uint32_t magic;
    uint16_t version;
    uint16_t reserved;
    uint64_t
        checksum; /* XXH3 of the `bytes` first bytes with this field 0; set on the topic only */
    struct case_id case_id;
    uint32_t bytes;  /* how many of FRONTLINE_RECORD_BYTES are used */
    uint32_t flags;  /* enum frontline_record_flag */
    uint32_t traits; /* trait_set */
    float score;
    uint8_t revision;
    uint8_t severity;      /* enum severity */
    uint8_t language;      /* enum language */
    uint8_t history_scope; /* enum history_scope; HISTORY_UNKNOWN in revision 0 */
    uint8_t category_count;
    uint8_t categories[VERDICT_CATEGORIES_MAX]; /* enum category, strongest first */
    uint8_t rules_stored;
    uint32_t rules_fired;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* the Kafka record's */
    int64_t decided_ms;
    uint64_t received_ns;
    uint64_t queued_ns;
    uint64_t latency_ns; /* from being read to standing in the queue, the first time */
    uint64_t rule_set_hash;
    int64_t last_complaint_ms;
    uint32_t complaints_1h;
    uint32_t complaints_1d;
    uint32_t complaints_7d;
    uint32_t complaints_30d;
    char channel[FRONTLINE_CHANNEL_BYTES];
    char queue[FRONTLINE_QUEUE_BYTES];
    char topic[FRONTLINE_TOPIC_BYTES];
    char customer[FRONTLINE_CUSTOMER_BYTES];
    char message_id[FRONTLINE_MESSAGE_ID_BYTES];
    struct frontline_rule rules[FRONTLINE_RULES_MAX];
    uint32_t text_size; /* of text, without a terminator */
    uint32_t text_size_whole;
    char text[FRONTLINE_TEXT_BYTES_MAX];
    char padding[40];
};

_Static_assert(sizeof(struct frontline_record) == FRONTLINE_RECORD_BYTES, "the size is stated");

/**
 * The right to one case. Copy it freely; as text it works from any process that may attach.
 */
struct frontline_token {
    struct case_id case_id;
    uint64_t epoch;      /* issued once by the engine; a later claim of the same case has another */
    uint64_t instance;   /* the engine's life that issued it */
    uint64_t expires_ns; /* CLOCK_MONOTONIC; from then on somebody else may have the case */
    uint32_t slot;
    uint32_t revision;
};

enum frontline_wait_mode { FRONTLINE_WAIT_BLOCK, FRONTLINE_WAIT_SPIN };
enum frontline_claim_flag { FRONTLINE_CLAIM_KEEP = 1 << 0 /* the claim outlives this reader */ };

enum frontline_case_state {
    FRONTLINE_CASE_READY,
    FRONTLINE_CASE_CLAIMED,
    FRONTLINE_CASE_ACKNOWLEDGED
};

/** The engine's figures, a few milliseconds old. Totals count since the engine started. */
struct frontline_stats {
    uint64_t standing; /* cases in shared memory that nobody has acknowledged */
    uint64_t claimed;
    uint64_t waiting_durable; /* acknowledged, not yet known to be in Kafka */
    uint64_t overflowed;      /* in the topic only, because their ring was full */
    uint64_t pushed_total;
    uint64_t refilled_total;
    uint64_t duplicates_total; /* pushes of a case that stands or is acknowledged already */
    uint64_t acknowledged_total;
    uint64_t given_back_total;
    uint64_t expired_total;
    uint64_t hung_up_total;  /* claims released because their reader was gone */
    uint64_t repaired_total; /* shared words that no reader of ours would write */
    uint64_t readers;
    uint64_t superseded_total; /* revisions that a higher one replaced before anybody had them */
};

struct frontline_reader;

/**
 * Connects to the engine and maps its queue.
 *
 * Returns: STATUS_OK; STATUS_NOT_FOUND no engine listens there; STATUS_DENIED not in the group;
 *          STATUS_FULL too many readers; STATUS_INVALID the engine speaks another version.
 */
NODISCARD REDRESS_API enum redress_status redress_frontline_attach(const char *socket_path,
                                                                   struct frontline_reader **out);
/** Ends the reader. Its claims go back to the queue, except those kept. NULL is fine. */
REDRESS_API void redress_frontline_detach(struct frontline_reader *reader);

REDRESS_API uint32_t redress_frontline_queue_count(const struct frontline_reader *reader);
/** The queue's name, or "" beyond the last one; lives as long as the reader. */
REDRESS_API const char *redress_frontline_queue_name(const struct frontline_reader *reader,
                                                     uint32_t queue_index);
/** The bit of a queue, for sets of queues; 0 where no queue has that name. */
REDRESS_API uint64_t redress_frontline_queue_bit(const struct frontline_reader *reader,
                                                 const char *name);
REDRESS_API uint64_t redress_frontline_lease_ms(const struct frontline_reader *reader);
/** Readable when the engine hangs up; for callers with a loop of their own. */
REDRESS_API int redress_frontline_fd(const struct frontline_reader *reader);

/**
 * Waits until a case of `queues` can be claimed. Another reader may be faster.
 *
 * Units:   timeout_ms; negative has no bound.
 * Returns: STATUS_OK, STATUS_TIMEOUT, STATUS_STOPPED when the engine has hung up.
 */
NODISCARD REDRESS_API enum redress_status redress_frontline_wait(struct frontline_reader *reader,
                                                                 uint64_t queues,
                                                                 enum frontline_wait_mode mode,
                                                                 int64_t timeout_ms);

/**
 * Claims the gravest case of `queues`, the oldest of equal ones.
 *
 * Returns: STATUS_OK; STATUS_EMPTY nothing to claim; STATUS_STOPPED the engine has hung up.
 * Owns:    record is a copy.
 */
NODISCARD REDRESS_API enum redress_status redress_frontline_claim(struct frontline_reader *reader,
                                                                  uint64_t queues, uint32_t flags,
                                                                  struct frontline_record *record,
                                                                  struct frontline_token *token);

/**
 * Ends the case, or puts it back for others.
 *
 * Returns: STATUS_OK; STATUS_CONFLICT the claim is over: expired, given back, already acknowledged;
 *          STATUS_NOT_FOUND the token is of another life of the engine; STATUS_STOPPED.
 */
NODISCARD REDRESS_API enum redress_status
redress_frontline_acknowledge(struct frontline_reader *reader, const struct frontline_token *token);
NODISCARD REDRESS_API enum redress_status
redress_frontline_give_back(struct frontline_reader *reader, const struct frontline_token *token);

/** Starts the lease again and moves token->expires_ns. Answers as acknowledge does. */
NODISCARD REDRESS_API enum redress_status redress_frontline_renew(struct frontline_reader *reader,
                                                                  struct frontline_token *token);

/**
 * Copies the higher revision of a claimed case, where the engine has decided again since.
 *
 * Returns: STATUS_OK; STATUS_EMPTY: what was claimed is the latest; STATUS_CONFLICT the claim is
 *          over; STATUS_STOPPED.
 */
NODISCARD REDRESS_API enum redress_status
redress_frontline_latest(struct frontline_reader *reader, const struct frontline_token *token,
                         struct frontline_record *record);

/** Waits until the acknowledgement stands in Kafka. STATUS_OK, STATUS_TIMEOUT, STATUS_STOPPED. */
NODISCARD REDRESS_API enum redress_status
redress_frontline_wait_durable(struct frontline_reader *reader, const struct frontline_token *token,
                               int64_t timeout_ms);

/**
 * Observes without claiming: every standing case once, in no order. Start with *cursor 0.
 * state may be NULL. Returns: STATUS_OK, STATUS_EMPTY at the end, STATUS_STOPPED.
 */
NODISCARD REDRESS_API enum redress_status redress_frontline_peek(struct frontline_reader *reader,
                                                                 uint64_t queues, uint32_t *cursor,
                                                                 struct frontline_record *record,
                                                                 enum frontline_case_state *state);

/**
 * Observes what is queued after attaching (or after the last call), oldest first in each ring.
 * *missed, where not NULL, counts those that were gone before this reader looked.
 * Returns: STATUS_OK, STATUS_TIMEOUT, STATUS_STOPPED.
 */
NODISCARD REDRESS_API enum redress_status
redress_frontline_tail(struct frontline_reader *reader, uint64_t queues, int64_t timeout_ms,
                       struct frontline_record *record, uint64_t *missed);

NODISCARD REDRESS_API enum redress_status redress_frontline_stats(struct frontline_reader *reader,
                                                                  struct frontline_stats *stats);

/** A token as one word of letters, digits and dashes, and back; false where it is none. */
REDRESS_API void redress_frontline_token_print(const struct frontline_token *token,
                                               char text[FRONTLINE_TOKEN_TEXT_BYTES]);
NODISCARD REDRESS_API bool redress_frontline_token_parse(const char *text,
                                                         struct frontline_token *token);

#endif
