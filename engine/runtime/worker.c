#include "runtime/worker.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "route/ending.h"

#include <string.h>

enum redress_status worker_create(unsigned index, const struct pipeline_settings *settings,
                                  struct worker **out)
{
    struct worker *worker = memory_allocate(sizeof *worker);
    if (!worker)
        return STATUS_MEMORY;
    worker->index = index;
    worker->settings = settings;
    enum redress_status status =
        decode_scratch_create(settings->payload_bytes_max, &worker->decode_scratch);
    if (status == STATUS_OK)
        status = history_create(&settings->history, &worker->history);
    if (status == STATUS_OK)
        status = histogram_create(&worker->queue_latency);
    if (status != STATUS_OK) {
        worker_destroy(worker);
        return status;
    }
    *out = worker;
    return STATUS_OK;
}

void worker_destroy(struct worker *worker)
{
    if (!worker)
        return;
    decode_scratch_free(worker->decode_scratch);
    history_destroy(worker->history);
    histogram_destroy(worker->queue_latency);
    memory_free(worker);
}

void worker_adopt_rules(struct worker *worker)
{
    worker->generation = generation_adopt(worker->settings->generations, worker->index);
}

uint64_t worker_now_ns(const struct worker *worker)
{
    return worker->settings->clock_ns ? worker->settings->clock_ns() : clock_monotonic_ns();
}

static int64_t now_ms(const struct worker *worker)
{
    return worker->settings->unix_ms ? worker->settings->unix_ms() : clock_unix_ms();
}

static const char *name_rule(const void *generation, uint32_t rule_index)
{
    return redress_rule_id(((const struct generation *)generation)->rule_set, rule_index);
}

/* Urgent cases go straight into shared memory: nothing they could wait for stands before this. */
static void queue_for_people(struct worker *worker, struct message *message)
{
    const struct pipeline_settings *settings = worker->settings;
    if (!settings->frontline)
        return;
    const struct frontline_names names = {
        .channel = settings->channels[message->channel_index].name,
        .queue = settings->queues[message->queue_index],
        .rules = generation_find(settings->generations, message->verdict.rule_set_version),
        .rule_id = name_rule,
    };
    bool is_first = message->queued_ns == 0;
    message->queued_ns = worker_now_ns(worker);
    frontline_record_from_message(message, &names, now_ms(worker), &worker->record);
    enum redress_status status =
        frontline_push(settings->frontline, worker->index, message->queue_index, &worker->record);
    if (status == STATUS_CONFLICT) {
        worker_count_add(&worker->counters.queue_duplicates, 1);
        return;
    }
    if (status == STATUS_FULL) {
        worker_count_add(&worker->counters.queue_overflowed, 1);
        return;
    }
    worker_count_add(&worker->counters.queued, 1);
    if (is_first)
        histogram_record(worker->queue_latency, message->queued_ns - message->received_ns);
}

/* The scratch is used again for the next message: what travels on is copied. */
static void keep_hits(struct message *message)
{
    struct verdict *verdict = &message->verdict;
    uint32_t kept =
        verdict->hits_stored < MESSAGE_HITS_MAX ? verdict->hits_stored : (uint32_t)MESSAGE_HITS_MAX;
    if (kept > 0)
        memcpy(message->hits, verdict->hits, kept * sizeof *message->hits);
    verdict->hits = message->hits;
    verdict->hits_stored = kept;
    verdict->hits_cut = kept < verdict->hit_count;
}

/* Once per rule and message: by their ids, because places in the set change with a reload. */
static void count_undecided_rules(struct worker *worker)
{
    const struct generation *generation = worker->generation;
    const uint32_t *rules;
    uint32_t count = redress_undecided_rules(generation->scratches[worker->index], &rules);
    for (uint32_t index = 0; index < count; index++)
        undecided_rules_add(&worker->undecided_rules,
                            redress_rule_id(generation->rule_set, rules[index]));
    if (count == 0)
        undecided_rules_add(&worker->undecided_rules, NULL);
}

static void classify(struct worker *worker, struct message *message)
{
    const char *channel = worker->settings->channels[message->channel_index].name;
    const struct classify_input input = {
        .text = message->text,
        .language_hint = message->language_hint,
        .channel = {channel, (uint32_t)strlen(channel)},
        .truncated = (message->flags & MESSAGE_TRUNCATED) != 0,
    };
    struct generation *generation = worker->generation;
    enum redress_status status = redress_classify(
        generation->rule_set, generation->scratches[worker->index], &input, &message->verdict);
    if (status != STATUS_OK) {
        message->verdict.undecided = true;
        count_undecided_rules(worker);
    }
    message->verdict.rule_set_version = generation->version;
    keep_hits(message);
}

static void count_verdict(struct worker *worker, const struct message *message)
{
    struct worker_counters *counters = &worker->counters;
    const struct verdict *verdict = &message->verdict;
    worker_count_add(&counters->judged, 1);
    worker_count_add(&counters->by_language[verdict->language], 1);
    worker_count_add(&counters->by_severity[verdict->severity], 1);
    worker_count_add(&counters->urgent, verdict->urgent);
    worker_count_add(&counters->undecided, verdict->undecided);
}

void worker_judge(struct worker *worker, struct message *message)
{
    struct generation *generation = worker->generation;
    ASSERT(message->channel_index < worker->settings->channel_count);
    message->verdict = (struct verdict){
        .rule_set_hash = redress_rule_set_hash(generation->rule_set),
        .rule_set_version = generation->version,
    };
    generation_take(generation, worker->index);
    worker_count_add(&worker->counters.by_channel[message->channel_index], 1);
    const struct envelope_mapping *mapping =
        &worker->settings->channels[message->channel_index].mapping;
    if (envelope_decode(mapping, worker->decode_scratch, message) != STATUS_OK) {
        ASSERT(message->dead_reason != DEAD_NONE);
        message->ending = ENDING_DEAD_LETTER;
        return;
    }
    classify(worker, message);
    count_verdict(worker, message);
    message->queue_index = route_choose(worker->settings->routing, message);
    if (message->verdict.urgent)
        queue_for_people(worker, message);
}

unsigned worker_history_owner(const struct worker *worker, const struct message *message)
{
    if (message->ending == ENDING_DEAD_LETTER || message->customer_hash == 0)
        return worker->index;
    return (unsigned)(message->customer_hash % worker->settings->worker_count);
}

void worker_prefetch_history(const struct worker *worker, const struct message *message)
{
    history_prefetch(worker->history, message->customer_hash);
}

static void decide_again(struct worker *worker, struct message *message)
{
    const struct generation *generation =
        generation_find(worker->settings->generations, message->verdict.rule_set_version);
    if (!redress_decide_again(generation->rule_set, &message->recurrence, &message->verdict))
        return;
    message->revision = 1;
    message->queue_index = route_choose(worker->settings->routing, message);
    worker_count_add(&worker->counters.raised, 1);
    if (message->verdict.urgent)
        queue_for_people(worker, message);
}

void worker_conclude(struct worker *worker, struct message *message)
{
    if (message->ending == ENDING_DEAD_LETTER)
        return;
    const struct pipeline_channel *channel = &worker->settings->channels[message->channel_index];
    history_apply(worker->history, message, channel->history_scope, now_ms(worker),
                  &message->recurrence);
    worker_count_add(&worker->counters.redelivered, message->recurrence.redelivered);
    decide_again(worker, message);
    message->ending = ending_decide(message);
}
