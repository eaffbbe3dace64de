/**
 * Writes what leaves the engine as JSON: cases, calm messages, dead letters.
 *
 * docs/schemas/ holds the JSON Schema of each; RECORD_SCHEMA_* is its version, raised when a field
 * changes its meaning or goes.
 *
 * Threads: one at a time per buffer; nothing is kept between calls.
 */
#ifndef REDRESS_EGRESS_RECORD_H
#define REDRESS_EGRESS_RECORD_H

#include <redress/message.h>

#define RECORD_SCHEMA_CASE        "redress.case/1"
#define RECORD_SCHEMA_CALM        "redress.calm/1"
#define RECORD_SCHEMA_DEAD_LETTER "redress.dead-letter/1"

enum {
    RECORD_MATCHED_BYTES_MAX = 160,       /* of the matched words shown with each rule */
    RECORD_TEXT_HEAD_BYTES_MAX = 4 * 1024 /* of the text in a frontline copy that must be cut */
};

/**
 * Names of rules, which egress may not look up itself. The rule set is the one of that version
 * (verdict.rule_set_version): a message may arrive after a reload. NULL where it is gone.
 */
struct rule_texts {
    const char *(*id)(const void *context, uint32_t rule_set_version, uint32_t rule_index);
    const char *(*why)(const void *context, uint32_t rule_set_version, uint32_t rule_index);
    const void *context;
};

/** Owns nothing; all of it outlives the encoder. Indexes beyond the counts are written as "". */
struct record_names {
    const char *const *channels;
    uint32_t channel_count;
    const char *const *queues;
    uint32_t queue_count;
    struct rule_texts rules;
};

/** How much of the original goes into a record. */
enum record_form {
    RECORD_WHOLE,
    RECORD_HEAD, /* a dead letter by reference: first DEAD_LETTER_BYTES_MAX; a case: cut text */
    RECORD_BARE, /* by reference alone: no payload, no headers; a case: no text */
    RECORD_FORM_COUNT
};

/**
 * Each writes one JSON document into out.
 *
 * Returns: STATUS_OK with *size bytes written; STATUS_TOO_LARGE where out_max is too small.
 */
NODISCARD enum redress_status record_encode_case(const struct message *message,
                                                 const struct record_names *names,
                                                 enum record_form form, char *out, size_t out_max,
                                                 size_t *size);
NODISCARD enum redress_status record_encode_calm(const struct message *message,
                                                 const struct record_names *names, char *out,
                                                 size_t out_max, size_t *size);
NODISCARD enum redress_status record_encode_dead_letter(const struct message *message,
                                                        const struct record_names *names,
                                                        enum record_form form, char *out,
                                                        size_t out_max, size_t *size);

#endif
