/**
 * The stages wired together, without threads: rings, workers, history owners, egress.
 *
 *   hand_over -> inbox[w] -> worker w: decode, classify -> crossing[w][o] -> owner o: history,
 *   route -> outbox[o] -> egress -> returns -> ingest
 *
 * Every station is a step function, so that the engine runs each on its thread, `workers: inline`
 * runs them all on ingest's, and the simulator runs them all on one with virtual time.
 *
 * Rings: an inbox may be full, then ingest does not read that worker's partitions. Crossings,
 * outboxes and returns hold the whole message budget, so a push there cannot fail.
 *
 * Threads: hand_over* and pipeline_tick by ingest; pipeline_worker_step(i) by worker i;
 *          pipeline_egress_step by egress; the readers of counters: any.
 */
#ifndef REDRESS_RUNTIME_PIPELINE_H
#define REDRESS_RUNTIME_PIPELINE_H

#include "base/doorbell.h"
#include "base/histogram.h"
#include "base/ring.h"
#include "decode/envelope.h"
#include "egress/egress.h"
#include "frontline/frontline.h"
#include "recurrence/history.h"
#include "route/routing.h"
#include "runtime/conservation.h"
#include "runtime/generation.h"
#include "runtime/undecided_rules.h"
#include "runtime/worker_counters.h"

struct pipeline_channel {
    const char *name;
    struct envelope_mapping mapping;
    enum history_scope history_scope; /* what this instance can know of its customers */
};

struct pipeline_settings {
    unsigned worker_count;
    uint32_t messages_max;
    uint32_t inbox_messages_max;
    uint32_t payload_bytes_max; /* the largest of the channels' limits */
    const struct pipeline_channel *channels;
    uint32_t channel_count;
    const char *const *queues;
    uint32_t queue_count;
    struct slice cluster_id; /* part of every case id */
    struct generation_registry *generations;
    const struct routing *routing;
    struct history_settings history; /* of one owner */
    struct frontline *frontline;     /* NULL: no shared memory */
    struct egress_settings egress;   /* done, names and frontline_record are filled in here */
    struct sink *sink;
    struct doorbell *ingest_bell; /* rung after returns; NULL: nobody waits */
    struct doorbell *egress_bell; /* rung after endings; NULL: nobody waits */
    uint64_t (*clock_ns)(void);   /* NULL: CLOCK_MONOTONIC; the simulator gives its own */
    int64_t (*unix_ms)(void);     /* NULL: CLOCK_REALTIME */
};

struct pipeline;

NODISCARD enum redress_status pipeline_create(const struct pipeline_settings *settings,
                                              struct pipeline **out);
/** No thread may use it any more. */
void pipeline_destroy(struct pipeline *pipeline);
/** Bytes that pipeline_create takes, for the memory plan. */
uint64_t pipeline_plan_bytes(const struct pipeline_settings *settings);

/* For struct ingest_settings: context is the pipeline. */
enum redress_status pipeline_hand_over(void *pipeline, struct message *message);
void pipeline_hand_over_end(void *pipeline);
struct ring *pipeline_return_ring(struct pipeline *pipeline);

/** Names the cluster in every case id from now on; before the first hand-over. */
void pipeline_set_cluster_id(struct pipeline *pipeline, struct slice cluster_id);

/**
 * Keeps the conservation law under watch: sends a marker every CONSERVATION_INTERVAL_MS and
 * compares when it is back. Returns: STATUS_OK, or STATUS_FATAL once a residue was found.
 */
NODISCARD enum redress_status pipeline_tick(struct pipeline *pipeline, uint64_t now_ns);
/** After everything was drained: true where each slot's messages have all ended. */
NODISCARD bool pipeline_is_balanced(struct pipeline *pipeline);

/** One bounded turn each; true where anything moved. */
bool pipeline_worker_step(struct pipeline *pipeline, unsigned worker_index, uint64_t now_ns);
bool pipeline_egress_step(struct pipeline *pipeline, uint64_t now_ns);

struct doorbell *pipeline_worker_bell(struct pipeline *pipeline, unsigned worker_index);
/** True where a worker's rings hold something: to be asked between prepare and wait. */
bool pipeline_worker_has_work(struct pipeline *pipeline, unsigned worker_index);
bool pipeline_egress_has_work(struct pipeline *pipeline);
int64_t pipeline_egress_wait_us(const struct pipeline *pipeline, uint64_t now_ns);
enum egress_state pipeline_egress_state(const struct pipeline *pipeline);

/* Readable by any thread. */
const struct egress *pipeline_egress(const struct pipeline *pipeline);
/** From being read to standing in the frontline queue, nanoseconds. */
const struct histogram *pipeline_queue_latency(const struct pipeline *pipeline,
                                               unsigned worker_index);
const struct worker_counters *pipeline_worker_counters(const struct pipeline *pipeline,
                                                       unsigned worker_index);
const struct undecided_rules *pipeline_undecided_rules(const struct pipeline *pipeline,
                                                       unsigned worker_index);
const struct conservation *pipeline_conservation(const struct pipeline *pipeline);
const struct pipeline_settings *pipeline_settings_of(const struct pipeline *pipeline);
void pipeline_decode_counts(const struct pipeline *pipeline, struct decode_counts *sum);
void pipeline_history_stats(const struct pipeline *pipeline, unsigned worker_index,
                            struct history_stats *out);
uint64_t pipeline_inbox_depth(const struct pipeline *pipeline, unsigned worker_index);
uint64_t pipeline_outbox_depth(const struct pipeline *pipeline, unsigned worker_index);

#endif
