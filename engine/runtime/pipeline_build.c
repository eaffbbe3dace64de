/** Making the pipeline, ending it, and what others may look at. */
#include "runtime/pipeline_state.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"

#include <string.h>

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
    egress->done = pipeline_hand_back;
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

const struct undecided_rules *pipeline_undecided_rules(const struct pipeline *pipeline,
                                                       unsigned worker_index)
{
    return &pipeline->workers[worker_index]->undecided_rules;
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
