#include "config/memory_plan.h"

#include "base/json_writer.h"

#include <redress/frontline.h>
#include <redress/message.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLAB_BOOK_BYTES = 16, /* for each SLAB_GRAIN_BYTES of the slab */
    SLAB_GRAIN_BYTES = 1024,
    LEDGER_ENTRY_BYTES = 32,
    CUSTOMER_BYTES = 64,
    EGRESS_MESSAGE_BYTES = 256,         /* a message's place in egress's books */
    EGRESS_OUTPUTS = 3,                 /* records that are being put together at once */
    SCRATCH_PAYLOAD_TIMES = 13,         /* the parser's tape and strings for the largest payload */
    OPERATING_BYTES = 4 << 20,          /* metrics' text, HTTP connections, logs, admin */
    FETCH_QUEUE_DEFAULT_KB = 65536,     /* librdkafka's queued.max.messages.kbytes */
    PRODUCER_QUEUE_DEFAULT_KB = 1 << 20 /* librdkafka's queue.buffering.max.kbytes */
};

static const struct {
    const char *name;
    const char *text;
} purposes[] = {
    [MEMORY_MESSAGES] = {"messages", "the slab of messages in flight"},
    [MEMORY_LEDGER] = {"ledger", "offsets of messages in flight"},
    [MEMORY_RINGS] = {"rings", "rings between the threads"},
    [MEMORY_SCRATCH] = {"scratch", "parsers and matchers of the workers"},
    [MEMORY_HISTORY] = {"history", "the table of customers"},
    [MEMORY_FRONTLINE] = {"frontline", "the shared frontline records"},
    [MEMORY_EGRESS] = {"egress", "records on their way out"},
    [MEMORY_OPERATING] = {"operating", "metrics, HTTP, logs, admin socket"},
};

static uint64_t round_up(uint64_t value)
{
    uint64_t power = 1;
    while (power < value)
        power *= 2;
    return power;
}

static uint64_t payload_max(const struct settings *settings)
{
    uint64_t max = settings->message_limits.payload_bytes_max;
    for (size_t index = 0; index < settings->channel_count; index++)
        if (settings->channels[index].limits.payload_bytes_max > max)
            max = settings->channels[index].limits.payload_bytes_max;
    return max;
}

/* The last block that names the property wins, as librdkafka sees it. */
static uint64_t property(const struct settings_properties *common,
                         const struct settings_properties *own, const char *name,
                         uint64_t otherwise)
{
    const struct settings_properties *blocks[] = {common, own};
    for (size_t block = 0; block < 2; block++)
        for (size_t index = 0; index < blocks[block]->count; index++)
            if (strcmp(blocks[block]->items[index].name, name) == 0)
                otherwise = strtoull(blocks[block]->items[index].value, NULL, 10);
    return otherwise;
}

void memory_plan_compute(const struct settings *settings, struct memory_plan *plan)
{
    uint64_t workers = settings->worker_count ? settings->worker_count : 1;
    uint64_t messages = round_up(settings->messages_max);
    uint64_t rings = 2 * workers + workers * workers + 1; /* in, out, crossings, returns */
    uint64_t payload = payload_max(settings);
    *plan = (struct memory_plan){0};
    plan->bytes[MEMORY_MESSAGES] = settings->bytes_max;
    plan->bytes[MEMORY_LEDGER] =
        messages * LEDGER_ENTRY_BYTES + settings->bytes_max / SLAB_GRAIN_BYTES * SLAB_BOOK_BYTES;
    plan->bytes[MEMORY_RINGS] = rings * messages * sizeof(void *);
    plan->bytes[MEMORY_SCRATCH] =
        workers * (payload * SCRATCH_PAYLOAD_TIMES + MEMORY_CLASSIFY_SCRATCH_BYTES);
    plan->bytes[MEMORY_HISTORY] = round_up(settings->customers_max) * CUSTOMER_BYTES;
    plan->bytes[MEMORY_FRONTLINE] =
        workers * settings->queue_count * settings->frontline_records * FRONTLINE_RECORD_BYTES;
    plan->bytes[MEMORY_EGRESS] =
        messages * EGRESS_MESSAGE_BYTES + settings->output_bytes_max * EGRESS_OUTPUTS;
    plan->bytes[MEMORY_OPERATING] = OPERATING_BYTES;
    plan->fetch_queue_bytes = 1024 * property(&settings->kafka, &settings->consumer,
                                              "queued.max.messages.kbytes", FETCH_QUEUE_DEFAULT_KB);
    plan->producer_queue_bytes =
        1024 * property(&settings->kafka, &settings->producer, "queue.buffering.max.kbytes",
                        PRODUCER_QUEUE_DEFAULT_KB);
    plan->reload_bytes = settings->reload_memory_bytes_max;
}

uint64_t memory_plan_total(const struct memory_plan *plan)
{
    uint64_t total = 0;
    for (unsigned purpose = 0; purpose < MEMORY_PURPOSE_COUNT; purpose++)
        total += plan->bytes[purpose];
    return total;
}

const char *memory_purpose_name(enum memory_purpose purpose)
{
    return (unsigned)purpose < MEMORY_PURPOSE_COUNT ? purposes[purpose].name : "unknown";
}

const char *memory_purpose_text(enum memory_purpose purpose)
{
    return (unsigned)purpose < MEMORY_PURPOSE_COUNT ? purposes[purpose].text : "unknown";
}

static void print_line(const char *prefix, uint64_t bytes, const char *text, FILE *stream)
{
    uint64_t tenths = (bytes * 10 + (1 << 19)) >> 20;
    fprintf(stream, "%s%8" PRIu64 ".%u MiB  %s\n", prefix, tenths / 10, (unsigned)(tenths % 10),
            text);
}

void memory_plan_print(const struct memory_plan *plan, const char *prefix, FILE *stream)
{
    fprintf(stream, "%sMemory, at most:\n", prefix);
    for (unsigned purpose = 0; purpose < MEMORY_PURPOSE_COUNT; purpose++)
        print_line(prefix, plan->bytes[purpose], purposes[purpose].text, stream);
    print_line(prefix, memory_plan_total(plan), "in all, and the rule set", stream);
    fprintf(stream, "%sApart from it:\n", prefix);
    print_line(prefix, plan->fetch_queue_bytes, "librdkafka's fetch queue, for each partition",
               stream);
    print_line(prefix, plan->producer_queue_bytes, "librdkafka's producer queue", stream);
    print_line(prefix, plan->reload_bytes, "the process that checks a new rule set", stream);
}

void memory_plan_print_json(const struct memory_plan *plan, FILE *stream)
{
    char buffer[1024];
    struct json_writer json;
    json_start(&json, buffer, sizeof buffer);
    json_object_open(&json);
    json_key(&json, "bytes");
    json_object_open(&json);
    for (unsigned purpose = 0; purpose < MEMORY_PURPOSE_COUNT; purpose++) {
        json_key(&json, purposes[purpose].name);
        json_unsigned(&json, plan->bytes[purpose]);
    }
    json_object_close(&json);
    json_key(&json, "total_bytes");
    json_unsigned(&json, memory_plan_total(plan));
    json_key(&json, "fetch_queue_bytes_per_partition");
    json_unsigned(&json, plan->fetch_queue_bytes);
    json_key(&json, "producer_queue_bytes");
    json_unsigned(&json, plan->producer_queue_bytes);
    json_key(&json, "reload_bytes");
    json_unsigned(&json, plan->reload_bytes);
    json_object_close(&json);
    fwrite(buffer, 1, json.size, stream);
}
