#include "cli/dead_letters.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TOPIC_BYTES_MAX = 300, MARK_KEY_BYTES_MAX = 80, MARK_VALUE_BYTES_MAX = 256 };

struct dead_letters_replay {
    struct dead_letters_kafka *kafka;
    rd_kafka_t *producer;
    char marks_topic[TOPIC_BYTES_MAX];
    struct dead_letters_marks marks;   /* of earlier replays */
    struct dead_letters_marks session; /* of this one, in the order of work */
};

static void name_marks_topic(const struct dead_letters_kafka *kafka, char out[TOPIC_BYTES_MAX])
{
    snprintf(out, TOPIC_BYTES_MAX, "%s.replayed", kafka->topic);
}

/* Marks. */

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int compare_marks(const void *left_item, const void *right_item)
{
    const struct dead_letters_mark *left = left_item;
    const struct dead_letters_mark *right = right_item;
    int order = compare_numbers(left->case_id.high, right->case_id.high);
    if (order == 0)
        order = compare_numbers(left->case_id.low, right->case_id.low);
    if (order == 0)
        order = compare_numbers((uint32_t)left->partition, (uint32_t)right->partition);
    if (order == 0)
        order = compare_numbers((uint64_t)left->offset, (uint64_t)right->offset);
    return order;
}

static struct dead_letters_mark mark_of(const struct dead_letter *letter)
{
    return (struct dead_letters_mark){.case_id = letter->case_id,
                                      .partition = letter->own_partition,
                                      .offset = letter->own_offset};
}

static enum redress_status add_mark(struct dead_letters_marks *marks,
                                    const struct dead_letters_mark *mark)
{
    if (marks->count == marks->capacity) {
        size_t capacity = marks->capacity * 2 + 64;
        struct dead_letters_mark *grown = memory_resize(marks->items, capacity * sizeof *grown);
        if (!grown)
            return STATUS_MEMORY;
        marks->items = grown;
        marks->capacity = capacity;
    }
    marks->items[marks->count++] = *mark;
    return STATUS_OK;
}

/* CASE_ID/PARTITION/OFFSET. Somebody else's records in the topic are passed over. */
static bool parse_mark(const rd_kafka_message_t *record, struct dead_letters_mark *out)
{
    char key[MARK_KEY_BYTES_MAX];
    struct case_id id;
    if (record->key_len <= CASE_ID_DIGITS || record->key_len >= sizeof key)
        return false;
    memcpy(key, record->key, record->key_len);
    key[record->key_len] = '\0';
    if (!case_id_parse((struct slice){.data = key, .size = CASE_ID_DIGITS}, &id))
        return false;
    int32_t partition;
    int64_t offset;
    int used = 0;
    if (sscanf(key + CASE_ID_DIGITS, "/%9" SCNd32 "/%18" SCNd64 "%n", &partition, &offset, &used) !=
            2 ||
        key[CASE_ID_DIGITS + used] != '\0')
        return false;
    *out = (struct dead_letters_mark){.case_id = id, .partition = partition, .offset = offset};
    return true;
}

static enum redress_status visit_mark(void *context, const rd_kafka_message_t *record)
{
    struct dead_letters_mark mark;
    return parse_mark(record, &mark) ? add_mark(context, &mark) : STATUS_OK;
}

enum redress_status dead_letters_marks_load(struct dead_letters_kafka *kafka,
                                            struct dead_letters_marks *marks)
{
    char topic[TOPIC_BYTES_MAX];
    name_marks_topic(kafka, topic);
    *marks = (struct dead_letters_marks){0};
    enum redress_status status = dead_letters_read_topic(
        kafka, topic, (struct dead_letters_visitor){.visit = visit_mark, .context = marks});
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (marks->count > 0)
        qsort(marks->items, marks->count, sizeof *marks->items, compare_marks);
    return status;
}

bool dead_letters_marks_has(const struct dead_letters_marks *marks,
                            const struct dead_letter *letter)
{
    struct dead_letters_mark wanted = mark_of(letter);
    return marks->count > 0 &&
           bsearch(&wanted, marks->items, marks->count, sizeof wanted, compare_marks) != NULL;
}

void dead_letters_marks_free(struct dead_letters_marks *marks)
{
    memory_free(marks->items);
    *marks = (struct dead_letters_marks){0};
}

/* True where this session has put back a dead letter of the same message: under at-least-once one
 * message may have died twice. */
static bool session_has(const struct dead_letters_marks *session, struct case_id id)
{
    for (size_t index = 0; index < session->count; index++)
        if (session->items[index].case_id.high == id.high &&
            session->items[index].case_id.low == id.low)
            return true;
    return false;
}

/* The topic of the marks. */

static rd_kafka_resp_err_t created_code(rd_kafka_event_t *event)
{
    if (rd_kafka_event_error(event))
        return rd_kafka_event_error(event);
    size_t count;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    return rd_kafka_topic_result_error(results[0]);
}

/* Compacted, one partition: it holds one small record for each dead letter put back. */
static rd_kafka_resp_err_t create_marks_topic(struct dead_letters_replay *replay)
{
    char error[DEAD_LETTERS_ERROR_BYTES];
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(replay->marks_topic, 1, -1, error, sizeof error);
    if (!topic)
        return RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
    rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact");
    rd_kafka_queue_t *queue = rd_kafka_queue_new(replay->producer);
    rd_kafka_CreateTopics(replay->producer, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, replay->kafka->timeout_ms);
    rd_kafka_resp_err_t code = event ? created_code(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(topic);
    return code;
}

static enum redress_status visit_nothing(void *context, const rd_kafka_message_t *record)
{
    (void)context;
    (void)record;
    return STATUS_STOPPED;
}

static enum redress_status ensure_marks_topic(struct dead_letters_replay *replay)
{
    enum redress_status status = dead_letters_read_topic(
        replay->kafka, replay->marks_topic, (struct dead_letters_visitor){.visit = visit_nothing});
    if (status == STATUS_OK || status == STATUS_STOPPED)
        return STATUS_OK;
    if (status != STATUS_NOT_FOUND)
        return status;
    rd_kafka_resp_err_t code = create_marks_topic(replay);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return STATUS_OK;
    snprintf(replay->kafka->error, sizeof replay->kafka->error,
             "%s cannot be created: %s; create it with cleanup.policy=compact", replay->marks_topic,
             rd_kafka_err2str(code));
    return STATUS_DENIED;
}

/* Transactions. */

static bool good(struct dead_letters_replay *replay, const char *what, rd_kafka_error_t *error)
{
    if (!error)
        return true;
    snprintf(replay->kafka->error, sizeof replay->kafka->error, "%s: %s", what,
             rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

static rd_kafka_headers_t *headers_with_id(const struct dead_letter *letter, const char *case_id)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(letter->header_count + 1u);
    for (unsigned index = 0; index < letter->header_count; index++) {
        const struct message_header *header = &letter->headers[index];
        rd_kafka_header_add(headers, header->name.data, header->name.size, header->value.data,
                            header->value.size);
    }
    rd_kafka_header_remove(headers, CASE_ID_HEADER); /* of an earlier replay */
    rd_kafka_header_add(headers, CASE_ID_HEADER, -1, case_id, CASE_ID_DIGITS);
    return headers;
}

/* Into the very partition it came from, so that it keeps its neighbours and its history. */
static bool produce_original(struct dead_letters_replay *replay, const struct dead_letter *letter)
{
    char case_id[CASE_ID_DIGITS + 1];
    case_id_format(letter->case_id, case_id);
    rd_kafka_headers_t *headers = headers_with_id(letter, case_id);
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = letter->topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = letter->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {(void *)(uintptr_t)letter->payload.data, letter->payload.size}},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {(void *)(uintptr_t)letter->key.data, letter->key.size}},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    rd_kafka_error_t *error =
        rd_kafka_produceva(replay->producer, parts, sizeof parts / sizeof parts[0]);
    if (error)
        rd_kafka_headers_destroy(headers);
    return good(replay, letter->topic, error);
}

static bool produce_mark(struct dead_letters_replay *replay, const struct dead_letter *letter)
{
    char case_id[CASE_ID_DIGITS + 1];
    char key[MARK_KEY_BYTES_MAX];
    char value[MARK_VALUE_BYTES_MAX];
    case_id_format(letter->case_id, case_id);
    int key_size = snprintf(key, sizeof key, "%s/%" PRId32 "/%" PRId64, case_id,
                            letter->own_partition, letter->own_offset);
    int value_size =
        snprintf(value, sizeof value,
                 "{\"schema\":\"redress.replayed/1\",\"case_id\":\"%s\","
                 "\"partition\":%" PRId32 ",\"offset\":%" PRId64 ",\"replayed_ms\":%" PRId64 "}",
                 case_id, letter->own_partition, letter->own_offset, clock_unix_ms());
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = replay->marks_topic},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {value, (size_t)value_size}},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {key, (size_t)key_size}},
    };
    return good(replay, replay->marks_topic,
                rd_kafka_produceva(replay->producer, parts, sizeof parts / sizeof parts[0]));
}

/* Original and mark, or neither. Without an original only the mark. */
static bool commit(struct dead_letters_replay *replay, const struct dead_letter *letter,
                   bool with_original)
{
    if (!good(replay, "beginning a transaction", rd_kafka_begin_transaction(replay->producer)))
        return false;
    bool done = (!with_original || produce_original(replay, letter)) &&
                produce_mark(replay, letter) &&
                good(replay, "committing",
                     rd_kafka_commit_transaction(replay->producer, replay->kafka->timeout_ms));
    if (!done) {
        rd_kafka_error_t *error =
            rd_kafka_abort_transaction(replay->producer, replay->kafka->timeout_ms);
        rd_kafka_error_destroy(error); /* the first error is the one to show; NULL is fine */
        return false;
    }
    struct dead_letters_mark mark = mark_of(letter);
    if (add_mark(&replay->session, &mark) == STATUS_OK)
        return true;
    snprintf(replay->kafka->error, sizeof replay->kafka->error, "out of memory");
    return false;
}

/* By reference. */

struct source {
    struct dead_letters_replay *replay;
    const struct dead_letter *letter;
    bool committed;
};

static void take_headers(const rd_kafka_message_t *record, struct dead_letter *whole)
{
    rd_kafka_headers_t *headers;
    whole->header_count = 0;
    if (rd_kafka_message_headers(record, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    const char *name;
    const void *value;
    size_t size;
    for (unsigned index = 0; index < MESSAGE_HEADERS_MAX &&
                             rd_kafka_header_get_all(headers, index, &name, &value, &size) ==
                                 RD_KAFKA_RESP_ERR_NO_ERROR;
         index++)
        whole->headers[whole->header_count++] = (struct message_header){
            .name = {.data = name, .size = (uint32_t)strlen(name)},
            .value = {.data = value, .size = (uint32_t)size},
        };
}

static enum redress_status visit_source(void *context, const rd_kafka_message_t *record)
{
    struct source *source = context;
    if (record->len != source->letter->payload_bytes ||
        hash_bytes(record->payload, record->len) != source->letter->payload_hash)
        return STATUS_CONFLICT;
    struct dead_letter whole = *source->letter;
    whole.payload = (struct slice){.data = record->payload, .size = (uint32_t)record->len};
    whole.key = (struct slice){.data = record->key, .size = (uint32_t)record->key_len};
    take_headers(record, &whole);
    source->committed = commit(source->replay, &whole, true);
    return STATUS_OK;
}

static enum dead_letters_answer replay_by_reference(struct dead_letters_replay *replay,
                                                    const struct dead_letter *letter)
{
    struct source source = {.replay = replay, .letter = letter};
    enum redress_status status = dead_letters_read_record(
        replay->kafka, letter->topic, letter->partition, letter->offset,
        (struct dead_letters_visitor){.visit = visit_source, .context = &source});
    if (status == STATUS_NOT_FOUND)
        return DEAD_LETTERS_GONE;
    if (status == STATUS_CONFLICT)
        return DEAD_LETTERS_OTHER_SOURCE;
    return source.committed ? DEAD_LETTERS_REPLAYED : DEAD_LETTERS_FAILED;
}

enum dead_letters_answer dead_letters_replay_one(struct dead_letters_replay *replay,
                                                 const struct dead_letter *letter)
{
    if (dead_letters_marks_has(&replay->marks, letter))
        return DEAD_LETTERS_ALREADY;
    if (session_has(&replay->session, letter->case_id))
        return commit(replay, letter, false) ? DEAD_LETTERS_ALREADY : DEAD_LETTERS_FAILED;
    if (!dead_letter_is_whole(letter))
        return replay_by_reference(replay, letter);
    return commit(replay, letter, true) ? DEAD_LETTERS_REPLAYED : DEAD_LETTERS_FAILED;
}

static enum redress_status open_producer(struct dead_letters_replay *replay)
{
    char transactional_id[TOPIC_BYTES_MAX + 32];
    snprintf(transactional_id, sizeof transactional_id, "redress-replay-%s", replay->kafka->topic);
    const struct dead_letters_property own[] = {
        {"transactional.id", transactional_id},
        {"transaction.timeout.ms", "30000"},
        {"message.timeout.ms", "20000"},
        {"message.max.bytes", "20000000"}, /* what the broker takes is the broker's to say */
        {"linger.ms", "0"},
        {NULL, NULL},
    };
    replay->producer = dead_letters_client(replay->kafka, RD_KAFKA_PRODUCER, own);
    if (!replay->producer)
        return STATUS_INVALID;
    if (!good(replay, "taking the transactional id",
              rd_kafka_init_transactions(replay->producer, replay->kafka->timeout_ms)))
        return STATUS_TIMEOUT;
    return STATUS_OK;
}

enum redress_status dead_letters_replay_open(struct dead_letters_kafka *kafka,
                                             struct dead_letters_replay **out)
{
    struct dead_letters_replay *replay = memory_allocate(sizeof *replay);
    if (!replay) {
        snprintf(kafka->error, sizeof kafka->error, "out of memory");
        return STATUS_MEMORY;
    }
    replay->kafka = kafka;
    name_marks_topic(kafka, replay->marks_topic);
    enum redress_status status = open_producer(replay);
    if (status == STATUS_OK)
        status = ensure_marks_topic(replay);
    if (status == STATUS_OK)
        status = dead_letters_marks_load(kafka, &replay->marks);
    if (status != STATUS_OK) {
        dead_letters_replay_close(replay);
        return status;
    }
    *out = replay;
    return STATUS_OK;
}

void dead_letters_replay_close(struct dead_letters_replay *replay)
{
    if (replay->producer)
        rd_kafka_destroy(replay->producer);
    dead_letters_marks_free(&replay->marks);
    dead_letters_marks_free(&replay->session);
    memory_free(replay);
}
