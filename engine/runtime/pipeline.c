#include "runtime/pipeline.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "egress/case_id.h"
#include "runtime/worker.h"

#include <string.h>

/* How many of one ring before the next has its turn: long enough to amortise a wake, short enough
 * that a burst on one ring does not hold the others up. */
enum { BATCH_MESSAGES = 64 };

struct pipeline {
    struct pipeline_settings settings;
    struct worker *workers[WORKERS_MAX];
    struct ring inboxes[WORKERS_MAX];
    struct ring *crossings; /* [from * worker_count + owner] */
    struct ring outboxes[WORKERS_MAX];
    struct ring returns;
    struct doorbell worker_bells[WORKERS_MAX];
    struct egress *egress;
    struct conservation *conservation;
    uint64_t inboxes_touched; /* bit w: worker w's bell is to be rung */
    /* Markers: one set of copies, since only one epoch is under way at a time. */
    uint64_t inbox_markers_unsent; /* bit w: inbox w had no room for its copy yet */
    struct message inbox_markers[WORKERS_MAX];
    struct message *crossing_markers; /* as crossings */
    struct message outbox_markers[WORKERS_MAX];
    unsigned owner_markers_met[WORKERS_MAX];
    unsigned egress_markers_met;
    bool returned_any;
};

static struct ring *crossing(struct pipeline *pipeline, unsigned from, unsigned owner)
{
    return &pipeline->crossings[from * pipeline->settings.worker_count + owner];
}

static void push_sure(struct ring *ring, struct message *message)
{
    bool pushed = ring_push(ring, message);
    ASSERT(pushed); /* the ring holds the whole message budget */
}

/* --- ingest's side --------------------------------------------------------------------------- */

static unsigned worker_of(const struct pipeline *pipeline, uint32_t partition_slot)
{
    return partition_slot % pipeline->settings.worker_count;
}

/* A marker goes before every message of the next epoch, so an inbox that still owes its copy takes
 * nothing else. */
static bool send_owed_marker(struct pipeline *pipeline, unsigned worker_index)
{
    uint64_t bit = UINT64_C(1) << worker_index;
    if (!(pipeline->inbox_markers_unsent & bit))
        return true;
    if (!ring_push(&pipeline->inboxes[worker_index], &pipeline->inbox_markers[worker_index]))
        return false;
    pipeline->inbox_markers_unsent &= ~bit;
    pipeline->inboxes_touched |= bit;
    return true;
}

enum redress_status pipeline_hand_over(void *context, struct message *message)
{
    struct pipeline *pipeline = context;
    unsigned worker_index = worker_of(pipeline, message->partition_slot);
    if (!send_owed_marker(pipeline, worker_index))
        return STATUS_FULL;
    case_id_assign(pipeline->settings.cluster_id, message);
    conservation_stamp(pipeline->conservation, message);
    if (!ring_push(&pipeline->inboxes[worker_index], message))
        return STATUS_FULL;
    conservation_received(pipeline->conservation, message);
    pipeline->inboxes_touched |= UINT64_C(1) << worker_index;
    return STATUS_OK;
}

void pipeline_hand_over_end(void *context)
{
    struct pipeline *pipeline = context;
    for (unsigned index = 0; pipeline->inboxes_touched >> index; index++)
        if (pipeline->inboxes_touched >> index & 1)
            doorbell_ring(&pipeline->worker_bells[index]);
    pipeline->inboxes_touched = 0;
}

static void begin_epoch(struct pipeline *pipeline, uint64_t now_ns)
{
    struct conservation *law = pipeline->conservation;
    law->next_marker_ns = now_ns + (uint64_t)CONSERVATION_INTERVAL_MS * NS_PER_MS;
    uint32_t epoch = conservation_begin(law);
    for (unsigned index = 0; index < pipeline->settings.worker_count; index++) {
        pipeline->inbox_markers[index] = (struct message){.kind = MESSAGE_MARKER, .epoch = epoch};
        pipeline->inbox_markers_unsent |= UINT64_C(1) << index;
    }
}

enum redress_status pipeline_tick(struct pipeline *pipeline, uint64_t now_ns)
{
    struct conservation *law = pipeline->conservation;
    enum redress_status status = STATUS_OK;
    if (law->is_under_way)
        status = conservation_check(law);
    else if (now_ns >= law->next_marker_ns)
        begin_epoch(pipeline, now_ns);
    for (unsigned index = 0; index < pipeline->settings.worker_count; index++)
        if (!send_owed_marker(pipeline, index))
            continue; /* tried again with the next message or tick */
    pipeline_hand_over_end(pipeline);
    return status == STATUS_FATAL ? STATUS_FATAL : STATUS_OK;
}

/* --- a worker's turn ------------------------------------------------------------------------- */

static void forward_marker(struct pipeline *pipeline, unsigned worker_index, uint32_t epoch)
{
    for (unsigned owner = 0; owner < pipeline->settings.worker_count; owner++) {
        struct message *marker =
            &pipeline->crossing_markers[worker_index * pipeline->settings.worker_count + owner];
        *marker = (struct message){.kind = MESSAGE_MARKER, .epoch = epoch};
        push_sure(crossing(pipeline, worker_index, owner), marker);
        doorbell_ring(&pipeline->worker_bells[owner]);
    }
}

static unsigned judge_batch(struct pipeline *pipeline, struct worker *worker)
{
    uint64_t owners_touched = 0;
    unsigned count = 0;
    while (count < BATCH_MESSAGES) {
        struct message *message = ring_pop(&pipeline->inboxes[worker->index]);
        if (!message)
            break;
        count++;
        if (message->kind == MESSAGE_MARKER) {
            forward_marker(pipeline, worker->index, message->epoch);
            continue;
        }
        worker_judge(worker, message);
        unsigned owner = worker_history_owner(worker, message);
        push_sure(crossing(pipeline, worker->index, owner), message);
        owners_touched |= UINT64_C(1) << owner;
    }
    owners_touched &= ~(UINT64_C(1) << worker->index); /* we are awake */
    for (unsigned owner = 0; owners_touched >> owner; owner++)
        if (owners_touched >> owner & 1)
            doorbell_ring(&pipeline->worker_bells[owner]);
    return count;
}

static void meet_marker(struct pipeline *pipeline, struct worker *worker, uint32_t epoch)
{
    if (++pipeline->owner_markers_met[worker->index] < pipeline->settings.worker_count)
        return;
    pipeline->owner_markers_met[worker->index] = 0;
    struct message *marker = &pipeline->outbox_markers[worker->index];
    *marker = (struct message){.kind = MESSAGE_MARKER, .epoch = epoch};
    push_sure(&pipeline->outboxes[worker->index], marker);
}

static unsigned conclude_batch(struct pipeline *pipeline, struct worker *worker, unsigned from)
{
    unsigned count = 0;
    while (count < BATCH_MESSAGES) {
        struct message *message = ring_pop(crossing(pipeline, from, worker->index));
        if (!message)
            break;
        count++;
        if (message->kind == MESSAGE_MARKER) {
            meet_marker(pipeline, worker, message->epoch);
            continue;
        }
        worker_conclude(worker, message);
        push_sure(&pipeline->outboxes[worker->index], message);
    }
    return count;
}

bool pipeline_worker_step(struct pipeline *pipeline, unsigned worker_index, uint64_t now_ns)
{
    (void)now_ns;
    struct worker *worker = pipeline->workers[worker_index];
    worker_adopt_rules(worker);
    unsigned judged = judge_batch(pipeline, worker);
    unsigned concluded = 0;
    for (unsigned from = 0; from < pipeline->settings.worker_count; from++)
        concluded += conclude_batch(pipeline, worker, from);
    if (concluded > 0 && pipeline->settings.egress_bell)
        doorbell_ring(pipeline->settings.egress_bell);
    return judged + concluded > 0;
}

bool pipeline_worker_has_work(struct pipeline *pipeline, unsigned worker_index)
{
    if (ring_count(&pipeline->inboxes[worker_index]) > 0)
        return true;
    for (unsigned from = 0; from < pipeline->settings.worker_count; from++)
        if (ring_count(crossing(pipeline, from, worker_index)) > 0)
            return true;
    return false;
}

/* --- egress's turn --------------------------------------------------------------------------- */

static void hand_back(void *context, struct message *message)
{
    struct pipeline *pipeline = context;
    generation_release(pipeline->settings.generations, message->verdict.rule_set_version);
    push_sure(&pipeline->returns, message);
    pipeline->returned_any = true;
}

static void meet_last_marker(struct pipeline *pipeline, uint32_t epoch)
{
    if (++pipeline->egress_markers_met < pipeline->settings.worker_count)
        return;
    pipeline->egress_markers_met = 0;
    conservation_answer(pipeline->conservation, pipeline->egress, epoch);
}

static unsigned accept_batch(struct pipeline *pipeline, unsigned owner)
{
    unsigned count = 0;
    while (count < BATCH_MESSAGES) {
        struct message *message = ring_pop(&pipeline->outboxes[owner]);
        if (!message)
            break;
        count++;
        if (message->kind == MESSAGE_MARKER)
            meet_last_marker(pipeline, message->epoch);
        else
            egress_accept(pipeline->egress, message);
    }
    return count;
}

bool pipeline_egress_step(struct pipeline *pipeline, uint64_t now_ns)
{
    unsigned accepted = 0;
    pipeline->returned_any = false;
    for (unsigned owner = 0; owner < pipeline->settings.worker_count; owner++)
        accepted += accept_batch(pipeline, owner);
    bool moved = egress_step(pipeline->egress, now_ns);
    if (pipeline->returned_any && pipeline->settings.ingest_bell)
        doorbell_ring(pipeline->settings.ingest_bell);
    return moved || accepted > 0;
}

bool pipeline_egress_has_work(struct pipeline *pipeline)
{
    for (unsigned owner = 0; owner < pipeline->settings.worker_count; owner++)
        if (ring_count(&pipeline->outboxes[owner]) > 0)
            return true;
    return false;
}

int64_t pipeline_egress_wait_us(const struct pipeline *pipeline, uint64_t now_ns)
{
    return egress_wait_us(pipeline->egress, now_ns);
}

enum egress_state pipeline_egress_state(const struct pipeline *pipeline)
{
    return egress_state(pipeline->egress);
}

/* --- names that egress may not look up itself ------------------------------------------------- */

static const char *rule_id(const void *context, uint32_t version, uint32_t rule_index)
{
    const struct generation *generation = generation_find(context, version);
    return generation ? redress_rule_id(generation->rule_set, rule_index) : NULL;
}

static const char *rule_why(const void *context, uint32_t version, uint32_t rule_index)
{
    const struct generation *generation = generation_find(context, version);
    return generation ? redress_rule_why(generation->rule_set, rule_index) : NULL;
}

static const char *name_rule_of(const void *generation, uint32_t rule_index)
{
    return redress_rule_id(((const struct generation *)generation)->rule_set, rule_index);
}

static size_t write_frontline_record(void *context, const struct message *message, char *out,
                                     size_t out_max)
{
    const struct pipeline *pipeline = context;
    struct frontline_record record;
    const struct frontline_names names = {
        .channel = pipeline->settings.channels[message->channel_index].name,
        .queue = pipeline->settings.queues[message->queue_index],
        .rules = generation_find(pipeline->settings.generations, message->verdict.rule_set_version),
        .rule_id = name_rule_of,
    };
    frontline_record_from_message(message, &names, clock_unix_ms(), &record);
    frontline_record_seal(&record);
    if (record.bytes > out_max)
        return 0;
    memcpy(out, &record, record.bytes);
    return record.bytes;
}

/* --- making and ending ------------------------------------------------------------------------ */

static enum redress_status create_rings(struct pipeline *pipeline)
{
    const struct pipeline_settings *settings = &pipeline->settings;
    unsigned count = settings->worker_count;
    uint64_t budget = (uint64_t)settings->messages_max + 2; /* and a marker */
    pipeline->crossings = memory_allocate_array((size_t)count * count, sizeof *pipeline->crossings);
    pipeline->crossing_markers =
        memory_allocate_array((size_t)count * count, sizeof *pipeline->crossing_markers);
    if (!pipeline->crossings || !pipeline->crossing_markers)
        return STATUS_MEMORY;
    enum redress_status status = ring_init(&pipeline->returns, budget);
    for (unsigned index = 0; index < count && status == STATUS_OK; index++) {
        status = ring_init(&pipeline->inboxes[index], settings->inbox_messages_max);
        if (status == STATUS_OK)
            status = ring_init(&pipeline->outboxes[index], budget);
    }
    for (unsigned index = 0; index < count * count && status == STATUS_OK; index++)
        status = ring_init(&pipeline->crossings[index], budget);
    return status;
}

static enum redress_status create_workers(struct pipeline *pipeline)
{
    enum redress_status status = STATUS_OK;
    for (unsigned index = 0; index < pipeline->settings.worker_count && status == STATUS_OK;
         index++) {
        status = doorbell_open(&pipeline->worker_bells[index]);
        if (status == STATUS_OK)
            status = worker_create(index, &pipeline->settings, &pipeline->workers[index]);
    }
    return status;
}

static enum redress_status create_egress(struct pipeline *pipeline)
{
    struct egress_settings *egress = &pipeline->settings.egress;
    egress->done = hand_back;
    egress->done_context = pipeline;
    egress->names.rules = (struct rule_texts){
        .id = rule_id, .why = rule_why, .context = pipeline->settings.generations};
    egress->frontline_record = write_frontline_record;
    egress->frontline_context = pipeline;
    return egress_create(egress, pipeline->settings.sink, &pipeline->egress);
}

enum redress_status pipeline_create(const struct pipeline_settings *settings, struct pipeline **out)
{
    ASSERT(settings->worker_count >= 1 && settings->worker_count <= WORKERS_MAX);
    struct pipeline *pipeline = memory_allocate(sizeof *pipeline);
    if (!pipeline)
        return STATUS_MEMORY;
    pipeline->settings = *settings;
    for (unsigned index = 0; index < WORKERS_MAX; index++)
        pipeline->worker_bells[index].fd = -1;
    enum redress_status status = create_rings(pipeline);
    if (status == STATUS_OK)
        status = create_workers(pipeline);
    if (status == STATUS_OK)
        status = conservation_create(&pipeline->conservation);
    if (status == STATUS_OK)
        status = create_egress(pipeline);
    if (status != STATUS_OK) {
        pipeline_destroy(pipeline);
        return status;
    }
    *out = pipeline;
    return STATUS_OK;
}

void pipeline_destroy(struct pipeline *pipeline)
{
    if (!pipeline)
        return;
    unsigned count = pipeline->settings.worker_count;
    if (pipeline->egress)
        egress_destroy(pipeline->egress);
    conservation_destroy(pipeline->conservation);
    for (unsigned index = 0; index < count; index++) {
        worker_destroy(pipeline->workers[index]);
        doorbell_close(&pipeline->worker_bells[index]);
        ring_destroy(&pipeline->inboxes[index]);
        ring_destroy(&pipeline->outboxes[index]);
    }
    for (unsigned index = 0; pipeline->crossings && index < count * count; index++)
        ring_destroy(&pipeline->crossings[index]);
    ring_destroy(&pipeline->returns);
    memory_free(pipeline->crossings);
    memory_free(pipeline->crossing_markers);
    memory_free(pipeline);
}

uint64_t pipeline_plan_bytes(const struct pipeline_settings *settings)
{
    uint64_t count = settings->worker_count;
    uint64_t rings = (count * count + count + 1) * settings->messages_max * sizeof(void *) * 2 +
                     count * settings->inbox_messages_max * sizeof(void *) * 2;
    uint64_t workers =
        count * (sizeof(struct worker) + decode_scratch_bytes_max(settings->payload_bytes_max) +
                 history_plan_bytes(&settings->history));
    return sizeof(struct pipeline) + sizeof(struct conservation) +
           PARTITIONS_MAX * sizeof(struct egress_law) + rings + workers +
           egress_memory_bytes(&settings->egress);
}

/* --- what others may look at ------------------------------------------------------------------ */

struct ring *pipeline_return_ring(struct pipeline *pipeline)
{
    return &pipeline->returns;
}

void pipeline_set_cluster_id(struct pipeline *pipeline, struct slice cluster_id)
{
    pipeline->settings.cluster_id = cluster_id;
}

bool pipeline_is_balanced(struct pipeline *pipeline)
{
    return conservation_is_balanced(pipeline->conservation, pipeline->egress);
}

struct doorbell *pipeline_worker_bell(struct pipeline *pipeline, unsigned worker_index)
{
    return &pipeline->worker_bells[worker_index];
}

const struct egress *pipeline_egress(const struct pipeline *pipeline)
{
    return pipeline->egress;
}

const struct worker_counters *pipeline_worker_counters(const struct pipeline *pipeline,
                                                       unsigned worker_index)
{
    return &pipeline->workers[worker_index]->counters;
}

const struct histogram *pipeline_queue_latency(const struct pipeline *pipeline,
                                               unsigned worker_index)
{
    return pipeline->workers[worker_index]->queue_latency;
}

const struct conservation *pipeline_conservation(const struct pipeline *pipeline)
{
    return pipeline->conservation;
}

const struct pipeline_settings *pipeline_settings_of(const struct pipeline *pipeline)
{
    return &pipeline->settings;
}

void pipeline_decode_counts(const struct pipeline *pipeline, struct decode_counts *sum)
{
    for (unsigned index = 0; index < pipeline->settings.worker_count; index++)
        decode_counts_add(pipeline->workers[index]->decode_scratch, sum);
}

void pipeline_history_stats(const struct pipeline *pipeline, unsigned worker_index,
                            struct history_stats *out)
{
    history_stats(pipeline->workers[worker_index]->history, out);
}

uint64_t pipeline_inbox_depth(const struct pipeline *pipeline, unsigned worker_index)
{
    return ring_count(&pipeline->inboxes[worker_index]);
}

uint64_t pipeline_outbox_depth(const struct pipeline *pipeline, unsigned worker_index)
{
    return ring_count(&pipeline->outboxes[worker_index]);
}
