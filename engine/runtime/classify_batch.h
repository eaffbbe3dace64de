/** A batch of whole lines, the answers to them, and what one thread needs to find these. */
#ifndef REDRESS_RUNTIME_CLASSIFY_BATCH_H
#define REDRESS_RUNTIME_CLASSIFY_BATCH_H

#include "decode/envelope.h"

#include <redress/classify.h>

enum { BATCH_BYTES = 1024 * 1024, LINE_BYTES_MAX = MESSAGE_PAYLOAD_BYTES_MAX };

struct classify_batch {
    char *input;
    size_t input_size;
    size_t input_capacity;
    uint64_t first_line; /* from 1 */
    bool too_long;       /* the batch is the head of one line over LINE_BYTES_MAX */
    char *output;
    size_t output_size;
    size_t output_capacity;
    uint64_t lines;
    uint64_t errors;
    enum redress_status status;
    bool done; /* guarded by the stream's lock */
};

struct classify_worker {
    const struct rule_set *rule_set;
    bool explain;
    struct envelope_mapping mapping;
    struct decode_scratch *decode;
    struct scratch *scratch;
    struct message *message;
    char *payload; /* one line with its padding */
    size_t payload_capacity;
    char *room;
    uint32_t room_size;
};

NODISCARD enum redress_status classify_worker_init(struct classify_worker *worker,
                                                   const struct rule_set *rule_set, bool explain);
void classify_worker_destroy(struct classify_worker *worker);

/** Answers every line of the batch into batch->output; batch->status says whether memory lasted. */
void classify_worker_run(struct classify_worker *worker, struct classify_batch *batch);

void classify_batch_destroy(struct classify_batch *batch);

/** Grows a block to at least `size` bytes; what it holds stays. */
NODISCARD bool classify_batch_reserve(char **block, size_t *capacity, size_t size);

#endif
