/**
 * The maxima that are compiled in. What an operator may lower stands in the configuration; no
 * setting goes above these.
 */
#ifndef REDRESS_LIMITS_H
#define REDRESS_LIMITS_H

enum {
    MESSAGE_PAYLOAD_BYTES_MAX = 16 * 1024 * 1024,
    MESSAGE_TEXT_BYTES_MAX = 64 * 1024,
    MESSAGE_FIELD_BYTES_MAX = 256, /* id, customer, time, language */
    MESSAGE_ATTRIBUTES_BYTES_MAX = 8 * 1024,
    MESSAGE_HEADERS_MAX = 64,
    MESSAGE_HITS_MAX = 64,
    /* Zeroed bytes behind every payload and text: parser and folder read whole words. */
    MESSAGE_PADDING_BYTES = 64,
    PARTITIONS_MAX = 4096, /* topic partitions one process may see in its life */
    CHANNELS_MAX = 64,
    QUEUES_MAX = 64,
    WORKERS_MAX = 64,
    DEAD_LETTER_BYTES_MAX = 64 * 1024 /* how much of a too large original is kept */
};

#endif
