#include "ingest/kafka_state.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void kafka_fault(struct kafka_source *source, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(source->fault_text, sizeof source->fault_text, format, arguments);
    va_end(arguments);
}

void kafka_fatal(struct kafka_source *source, enum redress_status status, const char *format, ...)
{
    if (source->fatal != STATUS_OK)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(source->fatal_text, sizeof source->fatal_text, format, arguments);
    va_end(arguments);
    source->fatal = status;
}

void kafka_take_fatal(struct kafka_source *source)
{
    char reason[160];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(source->consumer, reason, sizeof reason);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    if (code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
        kafka_fatal(source, STATUS_FENCED,
                    "another process runs as this instance of the group: give each its own "
                    "`instance` in the configuration, then start again (%s)",
                    rd_kafka_err2name(code));
    else
        kafka_fatal(source, STATUS_FATAL, "the consumer cannot go on: %s: %s",
                    rd_kafka_err2name(code), reason);
}

static bool kafka_position(struct source *base, uint32_t slot, struct source_position *out)
{
    struct kafka_source *source = (struct kafka_source *)base;
    const struct kafka_slot *state = &source->slots[slot];
    if (!state->assigned)
        return false;
    const struct partition_entry *entry = partition_table_get(source->partitions, slot);
    int64_t low = RD_KAFKA_OFFSET_INVALID;
    int64_t high = RD_KAFKA_OFFSET_INVALID;
    rd_kafka_get_watermark_offsets(source->consumer, entry->topic, entry->partition, &low, &high);
    out->high_offset = high >= 0 ? high : -1;
    out->next_offset = state->next_offset;
    out->stored_offset = state->stored_offset;
    return true;
}

static void free_source(struct kafka_source *source)
{
    memory_free(source->cluster_id);
    for (uint32_t index = 0; source->topics && index < source->settings.topic_count; index++)
        memory_free((void *)(uintptr_t)source->topics[index].name);
    memory_free(source->topics);
    memory_free(source->slots);
    memory_free(source->assigned);
    memory_free(source->told);
    memory_free(source->losses);
    memory_free(source);
}

/* Queue references first: closing waits for nobody who still holds one, and then frees it. */
static void destroy_queues(struct kafka_source *source)
{
    uint32_t count = partition_table_count(source->partitions);
    for (uint32_t slot = 0; slot < count; slot++) {
        struct kafka_slot *state = &source->slots[slot];
        if (!state->queue)
            continue;
        rd_kafka_queue_cb_event_enable(state->queue, NULL, NULL);
        rd_kafka_queue_destroy(state->queue);
        rd_kafka_topic_partition_list_destroy(state->storing);
    }
    rd_kafka_queue_cb_event_enable(source->events, NULL, NULL);
    rd_kafka_queue_destroy(source->events);
}

static void kafka_close(struct source *base)
{
    struct kafka_source *source = (struct kafka_source *)base;
    source->closing = true;
    if (source->leaving && !source->end_told)
        LOG_WARN("the group could not be left in time",
                 log_text("effect", "others have its partitions when the session runs out"));
    kafka_drop_slots(source);
    if (source->given)
        rd_kafka_topic_partition_list_destroy(source->given);
    rd_kafka_resp_err_t ignored = rd_kafka_assign(source->consumer, NULL);
    (void)ignored; /* fenced or fatal: there is nothing left to give up */
    destroy_queues(source);
    if (source->commit_failed || source->fatal != STATUS_OK) {
        /* Closing in order would wait for brokers that do not answer. */
        rd_kafka_destroy_flags(source->consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    } else {
        rd_kafka_consumer_close(source->consumer);
        rd_kafka_destroy(source->consumer);
    }
    free_source(source);
}

static const struct source_operations kafka_operations = {
    .name = "kafka",
    .poll = kafka_poll,
    .peek = kafka_peek,
    .advance = kafka_advance,
    .store = kafka_store,
    .commit = kafka_commit,
    .released = kafka_released,
    .leave = kafka_leave,
    .position = kafka_position,
    .ready = kafka_ready,
    .wait_ns = kafka_wait_ns,
    .close = kafka_close,
};

static struct kafka_source *allocate_source(const struct kafka_source_settings *settings)
{
    struct kafka_source *source = memory_allocate(sizeof *source);
    if (!source)
        return NULL;
    source->source.operations = &kafka_operations;
    source->settings = *settings;
    source->partitions = settings->partitions;
    source->doorbell = settings->doorbell;
    source->topics = memory_allocate_array(settings->topic_count, sizeof *source->topics);
    source->slots = memory_allocate_array(PARTITIONS_MAX, sizeof *source->slots);
    source->assigned = memory_allocate_array(PARTITIONS_MAX, sizeof *source->assigned);
    source->told = memory_allocate_array(PARTITIONS_MAX, sizeof *source->told);
    source->losses = memory_allocate_array(PARTITIONS_MAX, sizeof *source->losses);
    if (source->topics && source->slots && source->assigned && source->told && source->losses)
        return source;
    free_source(source);
    return NULL;
}

static enum redress_status subscribe(struct kafka_source *source, struct redress_error *error)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)source->settings.topic_count);
    for (uint32_t index = 0; index < source->settings.topic_count; index++)
        rd_kafka_topic_partition_list_add(list, source->settings.topics[index].name,
                                          RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(source->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    *error = (struct redress_error){.status = STATUS_INVALID};
    snprintf(error->text, sizeof error->text, "the topics cannot be subscribed: %s",
             rd_kafka_err2str(code));
    return STATUS_INVALID;
}

/* The configuration's strings may go after create: what is needed later is copied. */
static enum redress_status copy_topics(struct kafka_source *source)
{
    for (uint32_t index = 0; index < source->settings.topic_count; index++) {
        char *name = memory_copy_string(source->settings.topics[index].name);
        if (!name)
            return STATUS_MEMORY;
        source->topics[index] = source->settings.topics[index];
        source->topics[index].name = name;
    }
    source->settings.topics = source->topics;
    source->settings.brokers = NULL;
    source->settings.group = NULL;
    source->settings.instance = NULL;
    source->settings.properties = NULL;
    return STATUS_OK;
}

static enum redress_status start_consumer(struct kafka_source *source, struct redress_error *error)
{
    rd_kafka_conf_t *conf;
    enum redress_status status = kafka_make_conf(&source->settings, &conf, error);
    if (status != STATUS_OK)
        return status;
    rd_kafka_conf_set_opaque(conf, source);
    rd_kafka_conf_set_rebalance_cb(conf, kafka_on_rebalance);
    rd_kafka_conf_set_error_cb(conf, kafka_on_error);
    *error = (struct redress_error){.status = STATUS_INVALID};
    source->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error->text, sizeof error->text);
    if (!source->consumer) {
        rd_kafka_conf_destroy(conf);
        return STATUS_INVALID;
    }
    rd_kafka_poll_set_consumer(source->consumer);
    source->events = rd_kafka_queue_get_consumer(source->consumer);
    atomic_store_explicit(&source->events_ready, true, memory_order_relaxed);
    rd_kafka_queue_cb_event_enable(source->events, kafka_on_events, source);
    return STATUS_OK;
}

enum redress_status kafka_source_create(const struct kafka_source_settings *settings,
                                        struct source **out, struct redress_error *error)
{
    ASSERT(settings->topic_count > 0 && settings->partitions && settings->brokers &&
           settings->group);
    *out = NULL;
    *error = (struct redress_error){.status = STATUS_MEMORY, .text = "out of memory"};
    struct kafka_source *source = allocate_source(settings);
    if (!source)
        return STATUS_MEMORY;
    enum redress_status status = start_consumer(source, error);
    if (status != STATUS_OK) {
        free_source(source);
        return status;
    }
    status = copy_topics(source);
    if (status == STATUS_OK)
        status = subscribe(source, error);
    if (status != STATUS_OK) {
        kafka_close(&source->source);
        return status;
    }
    *out = &source->source;
    return STATUS_OK;
}

const char *kafka_source_cluster_id(struct source *base, int timeout_ms)
{
    struct kafka_source *source = (struct kafka_source *)base;
    ASSERT(base->operations == &kafka_operations);
    if (!source->cluster_id) {
        char *id = rd_kafka_clusterid(source->consumer, timeout_ms);
        if (!id)
            return "";
        source->cluster_id = memory_copy_string(id);
        rd_kafka_mem_free(source->consumer, id);
    }
    return source->cluster_id ? source->cluster_id : "";
}
