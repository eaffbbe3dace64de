/**
 * What the files of decode/ share while one message is being decoded. Not for other stages.
 *
 * Where a field may stand:
 *
 *   kind                     document               headers
 *   plain JSON               the value              -
 *   CloudEvents, structured  the value              -
 *   CloudEvents, binary      the value, as "/data"  "ce_" + name
 *   raw text                 -                      name
 */
#ifndef REDRESS_DECODE_DECODING_H
#define REDRESS_DECODE_DECODING_H

#include "base/assert.h"
#include "base/load.h"
#include "decode/envelope.h"
#include "decode/json_document.h"

#include <stdatomic.h>
#include <string.h>

enum {
    /* Repair makes at most three bytes of one; so does rewriting numbers, of other bytes. */
    REPAIR_GROWTH = 3,
    /* No more members fit into the attributes: each takes five bytes at least. */
    SEEN_KEYS = 4096,
    CUT_MARK_BYTES = sizeof ",\"" ATTRIBUTES_CUT_KEY "\":true}"
};
static_assert(SEEN_KEYS > 2 * (MESSAGE_ATTRIBUTES_BYTES_MAX / 5), "seen keys would fill up");

struct seen_key {
    uint64_t hash;
    uint64_t generation;
};

struct decode_scratch {
    struct json_document *document;
    char *repaired; /* buffer_size bytes each; pages are touched as far as payloads need them */
    char *rewritten;
    size_t buffer_size;
    size_t buffer_limit;   /* buffer_size without the padding */
    struct seen_key *seen; /* SEEN_KEYS; those of an older generation are empty */
    uint64_t seen_generation;
    uint32_t seen_count;
    /* One writer, which loads and stores relaxed; scrapes read relaxed. */
    struct {
        _Atomic uint64_t decoded;
        _Atomic uint64_t repaired;
        _Atomic uint64_t truncated;
        _Atomic uint64_t attributes_cut;
        _Atomic uint64_t numbers_rewritten;
        _Atomic uint64_t dead[DEAD_REASON_COUNT];
    } counts;
};

/* The members of the document's outermost object that a pointer's step there names. */
struct named_member {
    uint32_t count;
    struct json_value value; /* of the first */
};

enum { TOLD_MEMBERS_MAX = 64 };

struct decoding {
    const struct envelope_mapping *mapping;
    struct decode_scratch *scratch;
    struct message *message;
    uint32_t room_used;
    bool has_document;
    bool rewritten;            /* json_rewritten_kind() says what its strings were */
    struct json_value root;    /* of the document */
    uint32_t document_level;   /* how many tokens of a pointer lead to the document */
    const char *header_prefix; /* NULL where no field stands in headers */
    bool text_is_payload;      /* the value is the text */
    const struct json_pointer *pointers[ENVELOPE_FIELD_COUNT]; /* the mapping's, as a rule */
    struct named_member named[ENVELOPE_FIELD_COUNT];
    uint64_t fields; /* bit n: member n of the outermost object is a field; of the first ones */
    uint64_t others; /* and no pointer names it */
};

/** Makes the message a dead letter, unless it is one already: the first reason stays. */
void decoding_fail(struct decoding *decoding, enum dead_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Counts one up. */
static inline void decoding_count(_Atomic uint64_t *count)
{
    uint64_t value = atomic_load_explicit(count, memory_order_relaxed); /* we alone write it */
    atomic_store_explicit(count, value + 1,
                          memory_order_relaxed); /* pairs with decode_counts_add */
}

/** The value without its byte order mark; dropping one is a repair. */
struct slice decoding_payload(struct decoding *decoding);

/** Makes valid UTF-8 of `bytes` in the scratch, MESSAGE_PADDING_BYTES zeroed bytes behind it. */
struct slice decoding_repair(struct decoding *decoding, struct slice bytes);

/** Repairs, parses and measures the value. False where the message has become a dead letter. */
NODISCARD bool decoding_parse(struct decoding *decoding, struct slice bytes);

/** Finds out which form of event this is, and checks it. False as above. */
NODISCARD bool cloudevents_open(struct decoding *decoding);

/**
 * Decodes the whole message without a parser, where the document is of the usual kind. False where
 * it is not; then nothing has been said of the message, and the room's bytes mean nothing.
 */
NODISCARD bool decoding_read_direct(const struct envelope_mapping *mapping,
                                    struct decode_scratch *scratch, struct message *message);

/** White space, controls and characters without width: nothing that a person could read. */
bool decoding_is_blank(struct slice text);

/** Fills id, customer, time, language_hint and text. */
void decoding_read_fields(struct decoding *decoding);

/** Fills attributes with what the pointers do not name. */
void decoding_read_attributes(struct decoding *decoding);

/** The first header of that name (prefix and name together), or NULL; *count says how many. */
const struct message_header *decoding_find_header(const struct message *message, const char *prefix,
                                                  struct slice name, uint32_t *count);

/** True where a header's name begins with `prefix`; *rest is what follows it, never NULL. */
bool decoding_header_rest(const struct message_header *header, const char *prefix,
                          struct slice *rest);

/** How many members of an object have that key; *out is the first. */
uint32_t decoding_find_member(struct json_value object, struct slice key, struct json_value *out);

/** One step of a pointer. */
struct slice decoding_token(const struct json_pointer *pointer, uint32_t level);

static inline bool slices_are_equal(struct slice left, struct slice right)
{
    if (left.size != right.size)
        return false;
    uint32_t last = left.size - (uint32_t)sizeof(uint32_t);
    if (last <= sizeof(uint32_t)) /* most keys have four to eight bytes */
        return load_32(left.data) == load_32(right.data) &&
               load_32(left.data + last) == load_32(right.data + last);
    return left.size == 0 || memcmp(left.data, right.data, left.size) == 0;
}

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, (uint32_t)strlen(text)};
}

/**
 * The bytes of a string or of a number that was rewritten, without what rewriting put before them.
 * *is_number says which; false for every string of a document that was not rewritten.
 */
struct slice decoding_string(const struct decoding *decoding, struct json_value value,
                             bool *is_number);

#endif
