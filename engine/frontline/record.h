/**
 * Builds a frontline record from a decided message, and carries it over Kafka as a header.
 *
 * The topic redress.frontline.<queue> holds the case as JSON for people and programs; the engine
 * itself comes back from the header FRONTLINE_RECORD_HEADER, whose bytes are this record, cut after
 * its text and sealed with a checksum. What comes back is input like any other: it is checked field
 * by field before it is shown to anybody.
 */
#ifndef REDRESS_FRONTLINE_RECORD_H
#define REDRESS_FRONTLINE_RECORD_H

#include <redress/frontline.h>

#define FRONTLINE_RECORD_HEADER "redress-record"

/** How the record names things that a message only numbers. Strings are copied. */
struct frontline_names {
    const char *channel;
    const char *queue;
    const void *rules;                                        /* given to rule_id */
    const char *(*rule_id)(const void *rules, uint32_t rule); /* never answers NULL */
};

/**
 * Fills record from message as it stands: revision 0 right after the verdict, revision 1 after
 * history. message->received_ns and queued_ns give the latency; the caller sets queued_ns first.
 *
 * Threads: any; touches only its arguments.
 */
void frontline_record_from_message(const struct message *message,
                                   const struct frontline_names *names, int64_t now_ms,
                                   struct frontline_record *record);

/**
 * Sets the checksum. Afterwards the first record->bytes bytes at `record` are the header's value.
 */
void frontline_record_seal(struct frontline_record *record);

/** The reverse. STATUS_INVALID where a byte is not as we would have written it. */
NODISCARD enum redress_status frontline_record_read(const void *bytes, size_t size,
                                                    struct frontline_record *record);

#endif
