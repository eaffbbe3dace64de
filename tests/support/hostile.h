/**
 * Generates hostile records, each with the ending that it must have. The generator builds a record
 * from parts whose effect it knows, so that it needs no decoder to know what should become of it.
 *
 * Same seed and limits, same records. Records of every envelope come; put them on a channel of that
 * envelope with the default pointers and the limits given here.
 */
#ifndef REDRESS_TESTS_SUPPORT_HOSTILE_H
#define REDRESS_TESTS_SUPPORT_HOSTILE_H

#include "decode/envelope.h"

enum { HOSTILE_HEADERS_MAX = 8 };

struct hostile_limits {
    uint32_t payload_bytes_max; /* of the channels */
    uint32_t text_bytes_max;
    uint32_t depth_max;
    uint32_t keys_max;
    enum text_policy text_policy;
    uint32_t record_bytes_max; /* no record is longer, whatever the channel's limit */
};

/** Low enough that thousands of records at and beyond each of them are soon made. */
extern const struct hostile_limits hostile_limits_usual;

/** The channel that these limits are those of. */
struct envelope_settings hostile_envelope(const struct hostile_limits *limits,
                                          enum envelope_kind kind);

/** One record and what must become of it. Lives until the next one is made. */
struct hostile_case {
    const char *kind; /* which generator made it, for failures */
    enum envelope_kind envelope;
    const char *payload; /* NULL: a tombstone */
    size_t payload_size;
    struct message_header headers[HOSTILE_HEADERS_MAX];
    uint16_t header_count;
    enum dead_reason reason; /* DEAD_NONE: it is routed, marked as the next two say */
    bool repaired;
    bool truncated;
    const char *text; /* exactly what the text must be, where it is routed */
    size_t text_size;
};

struct hostile;

/** NULL where memory is out. */
struct hostile *hostile_create(uint64_t seed, const struct hostile_limits *limits);
void hostile_destroy(struct hostile *hostile);

/** The next record. Each kind comes in turn, so that some hundred records hold all of them. */
const struct hostile_case *hostile_next(struct hostile *hostile);

/** How many kinds there are. */
size_t hostile_kind_count(void);

#endif
