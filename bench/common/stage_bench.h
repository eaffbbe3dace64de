/*
 * What the stage bench holds: a corpus, every stage of a worker, and the rows that are measured.
 * A row runs one stage over the whole corpus, so that each message finds the caches as the others
 * have left them.
 */
#ifndef REDRESS_BENCH_STAGE_BENCH_H
#define REDRESS_BENCH_STAGE_BENCH_H

#include "common/records.h"
#include "common/sampling.h"

#include "base/ring.h"
#include "classify/rule_set.h"
#include "classify/weigh/decide.h"
#include "decode/envelope.h"
#include "frontline/record.h"
#include "frontline/server.h"
#include "recurrence/history.h"
#include "route/routing.h"

enum { ENCODED_BYTES_MAX = 1024 * 1024, FRONTLINE_CHUNK = 64 };

struct stage_bench {
    bool counting; /* under callgrind: each row is counted once */
    uint32_t pass;
    uint64_t sink; /* what is computed goes here, so that it is */

    struct records records;
    struct envelope_mapping mapping;
    struct decode_scratch *decode;
    struct rule_set *rules;
    struct scratch *scratch;
    uint32_t undecided;             /* messages that a limit stopped a rule of */
    enum language *languages;       /* by message; LANGUAGE_UNKNOWN: one without rules */
    struct match_outcome *outcomes; /* by message; their hits are copies */
    struct view view;
    struct view *views; /* by message */
    struct sentences sentences;
    struct context context;
    uint64_t *whole_ns; /* by message: the shortest of all rounds, from payload to verdict */

    struct ring ring;
    struct history *history;
    uint64_t history_calls;
    struct routing *routing;
    char *encoded;

    struct frontline *frontline;
    struct frontline_server *server;
    struct frontline_reader *reader;
    struct frontline_record *cases; /* FRONTLINE_CHUNK */
    uint64_t cases_pushed;
    char socket_path[64];
};

/* Starts and ends what is measured; between them stands nothing but the stage. */
static inline uint64_t measure_begin(const struct stage_bench *bench)
{
    if (bench->counting)
        CALLGRIND_START_INSTRUMENTATION;
    return clock_processor_ns();
}

static inline uint64_t measure_end(const struct stage_bench *bench, uint64_t begin_ns)
{
    uint64_t took_ns = clock_processor_ns() - begin_ns;
    if (bench->counting)
        CALLGRIND_STOP_INSTRUMENTATION;
    return took_ns;
}

/** One row: nanoseconds that one pass over the corpus took. */
struct stage_row {
    const char *name;
    uint64_t (*run)(struct stage_bench *bench);
};

bool worker_stages_open(struct stage_bench *bench, const char *rules_folder);
void worker_stages_close(struct stage_bench *bench);
uint64_t run_ring(struct stage_bench *bench);
uint64_t run_decode(struct stage_bench *bench);
uint64_t run_language(struct stage_bench *bench);
uint64_t run_view(struct stage_bench *bench);
uint64_t run_sentences(struct stage_bench *bench);
uint64_t run_match(struct stage_bench *bench);
uint64_t run_score(struct stage_bench *bench);
uint64_t run_classify(struct stage_bench *bench);
uint64_t run_whole(struct stage_bench *bench);

bool ending_stages_open(struct stage_bench *bench);
void ending_stages_close(struct stage_bench *bench);
uint64_t run_history(struct stage_bench *bench);
uint64_t run_route(struct stage_bench *bench);
uint64_t run_encode(struct stage_bench *bench);
uint64_t run_frontline_record(struct stage_bench *bench);
uint64_t run_frontline_push(struct stage_bench *bench);
uint64_t run_frontline_pop(struct stage_bench *bench);

#endif
