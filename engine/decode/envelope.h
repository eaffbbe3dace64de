/**
 * Reads what a channel's records carry: the text, and who wrote it, when, in which language.
 *
 *   payload ── repair ──> valid UTF-8 ── parse ──> document ── JSON Pointers ──> message->text, id
 * … └── everything else ──> message->attributes
 *
 * Bytes are repaired first (invalid UTF-8, lone \uD8xx escapes become U+FFFD, a BOM is dropped; the
 * message is marked MESSAGE_REPAIRED), then all of them must be valid JSON. What can't be read is a
 * dead letter with its reason; nothing is dropped and no input reaches an ASSERT.
 *
 * Plain JSON whose pointers all name members of the document itself is read in one walk without a
 * parser, where it is written as most senders write it; both ways say the same of every document.
 *
 * Three kinds of envelope. Each names its fields by RFC 6901 pointers; only the text is required.
 *
 *   plain JSON    /text /id /customer /time /language, in the document itself.
 *   CloudEvents   /data/text /id /data/customer /time /data/language, in the event as its
 * structured form writes it. In binary mode "/x" is the header "ce_x" and "/data/..." leads into
 *                 the value. Where the data is text, not JSON, the data is the message's text.
 *   raw text      the value is the text; "/x" is the record's header "x".
 *
 * id, customer and time may be strings or integers; integers are printed exactly, whatever their
 * length. null is the same as absent. What the pointers do not name becomes one JSON object of
 * attributes, cut at a whole member (with ATTRIBUTES_CUT_KEY set to true) where it grows too long.
 * Of an unmapped key that stands twice the first one stays; a number that may not fit 64 bits
 * stands there as a string of its digits.
 *
 * Threads: a mapping is immutable and shared; a scratch serves one thread.
 */
#ifndef REDRESS_DECODE_ENVELOPE_H
#define REDRESS_DECODE_ENVELOPE_H

#include "base/error_list.h"

#include <redress/message.h>

#include <stddef.h>

#define ATTRIBUTES_CUT_KEY "redress_attributes_cut"

enum {
    POINTER_TOKENS_MAX = 8,
    POINTER_BYTES_MAX = 128,
    ENVELOPE_DEPTH_MAX = 256, /* arrays and objects inside each other; the outermost is level 1 */
    ENVELOPE_DEPTH_DEFAULT = 64,
    ENVELOPE_KEYS_MAX = 1024 * 1024,
    ENVELOPE_KEYS_DEFAULT = 4096,
    ENVELOPE_PAYLOAD_BYTES_DEFAULT = 1024 * 1024,
    ENVELOPE_TEXT_BYTES_MIN = 64
};

enum envelope_kind { ENVELOPE_JSON, ENVELOPE_CLOUDEVENTS, ENVELOPE_TEXT, ENVELOPE_KIND_COUNT };

enum envelope_field {
    ENVELOPE_FIELD_TEXT,
    ENVELOPE_FIELD_ID,
    ENVELOPE_FIELD_CUSTOMER,
    ENVELOPE_FIELD_TIME,
    ENVELOPE_FIELD_LANGUAGE,
    ENVELOPE_FIELD_COUNT
};

/** What happens to a text over its limit. Every other limit makes a dead letter. */
enum text_policy { TEXT_POLICY_TRUNCATE, TEXT_POLICY_DEAD_LETTER };

/** What an operator wrote about one channel; 0 and NULL stand for the default. */
struct envelope_settings {
    enum envelope_kind kind;
    const char *pointers[ENVELOPE_FIELD_COUNT];
    struct {
        uint32_t line;
        uint32_t column;
    } places[ENVELOPE_FIELD_COUNT]; /* where each pointer stands, for errors; 0 where it is the
                                       default */
    bool customer_is_key; /* the record's key names the customer where the value does not */
    uint32_t payload_bytes_max;
    uint32_t text_bytes_max;
    uint32_t depth_max;
    uint32_t keys_max;
    enum text_policy text_policy;
};

/** One pointer, split and unescaped. No token at all points to the whole document. */
struct json_pointer {
    uint8_t token_count;
    struct pointer_token {
        uint8_t start;
        uint8_t size;
        bool is_index; /* may also name an element of an array */
        uint32_t index;
    } tokens[POINTER_TOKENS_MAX];
    char bytes[POINTER_BYTES_MAX];
};

/** One channel's settings, checked. A plain value: copy it, nothing to free. */
struct envelope_mapping {
    enum envelope_kind kind;
    bool customer_is_key;
    enum text_policy text_policy;
    uint32_t payload_bytes_max;
    uint32_t text_bytes_max;
    uint32_t depth_max;
    uint32_t keys_max;
    struct json_pointer pointers[ENVELOPE_FIELD_COUNT];
    bool is_direct; /* plain JSON, and each pointer names a member of the outermost object: */
    uint64_t key_marks[ENVELOPE_FIELD_COUNT]; /* the key_mark() of its one token */
};

/** "json", "cloudevents", "text": the names in the configuration. Never NULL. */
const char *envelope_kind_name(enum envelope_kind kind);
/** "text", "id", "customer", "time", "language". Never NULL. */
const char *envelope_field_name(enum envelope_field field);
NODISCARD bool envelope_kind_parse(const char *name, enum envelope_kind *out);

/**
 * Checks the settings of one channel: pointers well formed, none inside another, limits within the
 * compiled-in ones. All errors are added; file may be NULL.
 */
NODISCARD enum redress_status envelope_mapping_compile(const struct envelope_settings *settings,
                                                       const char *file, struct error_list *errors,
                                                       struct envelope_mapping *out);

/**
 * How many bytes of room decoding wants behind a payload of that size (MESSAGE_PADDING_BYTES for
 * the text included). payload_size counts the key and the headers' names and values in: fields may
 * stand there. With less room nothing breaks: attributes are cut, and a text that does not fit is
 * truncated.
 */
size_t envelope_room_bytes(uint32_t payload_size);

struct decode_scratch;

/**
 * All that one thread needs for payloads of up to payload_bytes_max (the largest of all channels).
 * Decoding allocates nothing afterwards: everything is reserved here for the largest payload, and
 * pages that no payload was long enough to need are never touched.
 *
 * Owns: the caller frees it.
 */
NODISCARD enum redress_status decode_scratch_create(uint32_t payload_bytes_max,
                                                    struct decode_scratch **out);
void decode_scratch_free(struct decode_scratch *scratch);
/** What a scratch may hold at most, for the memory plan. */
size_t decode_scratch_bytes_max(uint32_t payload_bytes_max);

/**
 * Decodes one record: fills text, id, customer, customer_hash, time, language_hint, attributes,
 * flags, dead_reason and dead_detail.
 *
 * Shape:    MESSAGE_PADDING_BYTES zeroed bytes behind message->payload; room_size bytes at room.
 * Returns:  STATUS_OK; STATUS_INVALID where the message is a dead letter: dead_reason and
 * dead_detail say why, the text may still be set. Owns:     nothing; the slices point into the
 * message's payload, room, headers or key.
 */
NODISCARD enum redress_status envelope_decode(const struct envelope_mapping *mapping,
                                              struct decode_scratch *scratch,
                                              struct message *message);

/**
 * Asks for the memory that decoding reads first and judging writes, while the message before is
 * judged: a record was written by another thread, or long ago, and waits beyond the near caches.
 * Always inlined, because gcc leaves out the call of a function that does nothing else.
 */
__attribute__((always_inline)) static inline void envelope_prefetch(const struct message *message)
{
    enum { LINE_BYTES = 64, HEAD_BYTES = 512, WRITTEN = 1 /* soon */ };
    const char *fields = (const char *)message;
    for (size_t at = 0; at < sizeof *message; at += LINE_BYTES)
        __builtin_prefetch(fields + at, WRITTEN);
    for (uint32_t at = 0; at < HEAD_BYTES && at < message->payload.size; at += LINE_BYTES)
        __builtin_prefetch(message->payload.data + at);
    for (uint32_t at = 0; at < HEAD_BYTES && at < message->room_size; at += LINE_BYTES)
        __builtin_prefetch(message->room + at, WRITTEN);
}

/**
 * XXH3 of a customer as history knows it: white space around it taken off, ASCII letters in lower
 * case, everything else as it is (no Unicode normalisation). 0 where nothing is left.
 * envelope_decode() writes it to message->customer_hash.
 */
uint64_t envelope_hash_customer(struct slice customer);

/** What one scratch has counted, or the sum over several. */
struct decode_counts {
    uint64_t decoded; /* every message, dead letters included */
    uint64_t repaired;
    uint64_t truncated;
    uint64_t attributes_cut;
    uint64_t numbers_rewritten; /* documents that held a number beyond 64 bits */
    uint64_t dead[DEAD_REASON_COUNT];
};

/** Adds the scratch's counts to *sum. Any thread: each count is read whole, the set is no snapshot.
 */
void decode_counts_add(const struct decode_scratch *scratch, struct decode_counts *sum);

#endif
