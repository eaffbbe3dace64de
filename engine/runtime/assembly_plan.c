#include "runtime/assembly_plan.h"

#include <string.h>

/* The operator's own word goes before what the sink would set. */
static bool names_property(const struct assembly *assembly, const char *name)
{
    for (uint32_t index = 0; index < assembly->producer_property_count; index++)
        if (strcmp(assembly->producer_properties[index].name, name) == 0)
            return true;
    return false;
}

static void plan_pipeline(const struct assembly *assembly, struct memory_plan *plan)
{
    struct pipeline_settings pipeline = assembly_pipeline(assembly);
    uint64_t workers = pipeline.worker_count;
    uint64_t decode = workers * decode_scratch_bytes_max(pipeline.payload_bytes_max);
    uint64_t history = workers * history_plan_bytes(&pipeline.history);
    uint64_t egress = egress_memory_bytes(&pipeline.egress);
    plan->bytes[MEMORY_SCRATCH] = decode + workers * MEMORY_CLASSIFY_SCRATCH_BYTES;
    plan->bytes[MEMORY_HISTORY] = history;
    plan->bytes[MEMORY_EGRESS] = egress;
    plan->bytes[MEMORY_RINGS] = pipeline_plan_bytes(&pipeline) - decode - history - egress;
}

void assembly_memory_plan(const struct assembly *assembly, struct memory_plan *plan)
{
    memory_plan_compute(assembly->settings, plan);
    struct ingest_settings ingest = assembly_ingest(assembly);
    plan->bytes[MEMORY_MESSAGES] = ingest.held_bytes_max;
    plan->bytes[MEMORY_LEDGER] = ingest_plan_bytes(&ingest) - ingest.held_bytes_max;
    plan_pipeline(assembly, plan);
    struct frontline_settings frontline = assembly_frontline(assembly);
    plan->bytes[MEMORY_FRONTLINE] = frontline_memory_bytes(&frontline);
    struct kafka_source_settings source = assembly_kafka_source(assembly);
    plan->fetch_queue_bytes = kafka_source_plan_bytes(&source, 1);
    struct kafka_sink_settings sink = assembly_kafka_sink(assembly);
    if (!names_property(assembly, "queue.buffering.max.kbytes"))
        plan->producer_queue_bytes = sink.queue_kbytes_max * UINT64_C(1024);
}
