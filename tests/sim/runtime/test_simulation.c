/**
 * The stages on virtual time: one thread takes turns between ingest, workers and egress in an order
 * that a seed decides, while the group rebalances, inboxes are tiny, the sink stalls, refuses and
 * asks for repeats, and rules are reloaded under messages in flight.
 *
 * What must hold, whatever the order:
 *   - the conservation law, at every marker and at the end;
 *   - what is committed was delivered: no offset below a slot's committed one is missing in the
 *     output;
 *   - at the end every record was delivered, always under the same case id, and everything is
 *     committed.
 *
 * SIM_SEEDS (default 1000) says how many seeds, SIM_SEED runs one of them alone. A failing seed is
 * printed.
 */
#include "base/clock.h"
#include "base/memory.h"
#include "egress/memory_sink.h"
#include "helpers/load_rules.h"
#include "helpers/two_rules.h"
#include "ingest/ingest.h"
#include "ingest/memory_source.h"
#include "runtime/pipeline.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum {
    SLOTS_MAX = 6,
    RECORDS_MAX = 160, /* of one slot */
    WORKERS_SIM_MAX = 4,
    RELOADS_MAX = 3,
    STEPS_MAX = 400000,
    CHAOS_STEPS = 2500
};

/* One record of a slot's log: what came out of it. */
struct outcome {
    unsigned deliveries;
    char case_id[33];
};

struct world {
    uint64_t seed;
    uint64_t random;
    uint32_t slot_count;
    uint32_t worker_count;
    uint32_t appended[SLOTS_MAX];
    bool assigned[SLOTS_MAX];
    struct outcome outcomes[SLOTS_MAX][RECORDS_MAX];
    uint64_t outputs_seen;
    unsigned reloads;
    struct partition_table *partitions;
    struct source *source;
    struct generation_registry generations;
    struct routing *routing;
    struct frontline *frontline;
    struct memory_sink *sink;
    struct pipeline_channel channel;
    struct pipeline *pipeline;
    struct ring *return_ring;
    struct ingest *ingest;
    enum redress_status status; /* of the last ingest turn */
};

static uint64_t virtual_ns;

static uint64_t virtual_clock(void)
{
    return virtual_ns;
}

static int64_t virtual_unix_ms(void)
{
    return 1700000000000 + (int64_t)(virtual_ns / NS_PER_MS);
}

static uint32_t below(struct world *world, uint32_t bound)
{
    return random_below(&world->random, bound);
}

#define HOLDS(world, condition)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("seed %llu: %s does not hold", (unsigned long long)(world)->seed,             \
                     #condition);                                                                  \
    } while (0)

/* --- making a world --------------------------------------------------------------------------- */

static struct rules_folder rules;

static const char *const topics[SLOTS_MAX] = {"a", "b", "c", "d", "e", "f"};
static const char *const queues[] = {"people"};
static const char *const channels[] = {"chat"};

static void open_source(struct world *world)
{
    assert_int_equal(partition_table_create(&world->partitions), STATUS_OK);
    assert_int_equal(memory_source_create(world->partitions, &world->source), STATUS_OK);
    for (uint32_t index = 0; index < world->slot_count; index++) {
        uint32_t slot;
        assert_int_equal(partition_table_add(world->partitions, topics[index], 0, 0, &slot),
                         STATUS_OK);
        assert_int_equal(slot, index);
    }
}

static void open_frontline(struct world *world)
{
    const struct frontline_settings settings = {.producer_count = world->worker_count + 1,
                                                .queue_count = 1,
                                                .queue_names = queues,
                                                .slots_per_ring = 8,
                                                .standing_max = 1024};
    assert_int_equal(frontline_create(&settings, &world->frontline), STATUS_OK);
}

static void open_pipeline(struct world *world, uint32_t messages_max, uint32_t inbox_messages_max)
{
    static struct error_list errors;
    const struct envelope_settings envelope = {.kind = ENVELOPE_JSON, .payload_bytes_max = 4096};
    world->channel = (struct pipeline_channel){.name = "chat", .history_scope = HISTORY_WHOLE};
    assert_int_equal(envelope_mapping_compile(&envelope, NULL, &errors, &world->channel.mapping),
                     STATUS_OK);
    const struct pipeline_settings settings = {
        .worker_count = world->worker_count,
        .messages_max = messages_max,
        .inbox_messages_max = inbox_messages_max,
        .payload_bytes_max = 4096,
        .channels = &world->channel,
        .channel_count = 1,
        .queues = queues,
        .queue_count = 1,
        .cluster_id = {"sim", 3},
        .generations = &world->generations,
        .routing = world->routing,
        .history = {.customers_max = 64},
        .frontline = world->frontline,
        .egress = {.topics = {"cases", "calm", "dead", "frontline."},
                   .names = {.channels = channels,
                             .channel_count = 1,
                             .queues = queues,
                             .queue_count = 1},
                   .messages_max = messages_max,
                   .output_bytes_max = 1 << 20,
                   .retry_wait_us = 1000},
        .sink = memory_sink_base(world->sink),
        .clock_ns = virtual_clock,
        .unix_ms = virtual_unix_ms};
    assert_int_equal(pipeline_create(&settings, &world->pipeline), STATUS_OK);
    world->return_ring = pipeline_return_ring(world->pipeline);
}

static void open_ingest(struct world *world, uint32_t messages_max)
{
    const struct ingest_settings settings = {.source = world->source,
                                             .partitions = world->partitions,
                                             .return_rings = &world->return_ring,
                                             .return_ring_count = 1,
                                             .held_messages_max = messages_max,
                                             .held_bytes_max = 8 << 20,
                                             .quantum_messages = 1 + below(world, 16),
                                             .drain_ns_max = 20 * (uint64_t)NS_PER_MS,
                                             .payload_bytes_max = {4096},
                                             .channel_count = 1,
                                             .room_bytes = envelope_room_bytes,
                                             .hand_over = pipeline_hand_over,
                                             .hand_over_end = pipeline_hand_over_end,
                                             .context = world->pipeline,
                                             .clock_ns = virtual_clock};
    assert_int_equal(ingest_create(&settings, &world->ingest), STATUS_OK);
}

static void open_world(struct world *world, uint64_t seed)
{
    *world = (struct world){.seed = seed, .random = seed};
    virtual_ns = NS_PER_S;
    world->slot_count = 1 + below(world, SLOTS_MAX);
    world->worker_count = 1 + below(world, WORKERS_SIM_MAX);
    uint32_t messages_max = 4 + below(world, 60);
    open_source(world);
    open_frontline(world);
    generation_registry_init(&world->generations, world->worker_count);
    assert_int_equal(generation_publish(&world->generations, load_rules(rules.path)), STATUS_OK);
    assert_int_equal(routing_create(NULL, 0, 0, &world->routing), STATUS_OK);
    assert_int_equal(memory_sink_create(2 * messages_max, &world->sink), STATUS_OK);
    memory_sink_manners(world->sink)->keep = true;
    memory_sink_manners(world->sink)->seed = seed;
    open_pipeline(world, messages_max, 1 + below(world, 8));
    open_ingest(world, messages_max);
}

static void close_world(struct world *world)
{
    ingest_destroy(world->ingest);
    source_close(world->source);
    pipeline_destroy(world->pipeline);
    sink_close(memory_sink_base(world->sink));
    frontline_free(world->frontline);
    routing_destroy(world->routing);
    generation_registry_destroy(&world->generations);
    partition_table_destroy(world->partitions);
}

/* --- what may happen -------------------------------------------------------------------------- */

static void append_record(struct world *world)
{
    static const char *const values[] = {
        "{\"text\":\"there is a gas leak in the hall\",\"customer\":\"c%u\"}",
        "{\"text\":\"I was charged twice for one ticket\",\"customer\":\"c%u\"}",
        "{\"text\":\"thank you for the quick help\",\"customer\":\"c%u\"}",
        "no json at all %u",
    };
    uint32_t slot = below(world, world->slot_count);
    char value[128];
    if (world->appended[slot] == RECORDS_MAX)
        return;
    snprintf(value, sizeof value, values[below(world, 4)], below(world, 20));
    /* Offsets have gaps, as transactions and compaction leave them: three apart. */
    const struct memory_source_record record = {.offset = (int64_t)world->appended[slot]++ * 3,
                                                .timestamp_ms = virtual_unix_ms(),
                                                .value = value,
                                                .value_size = (uint32_t)strlen(value)};
    assert_int_equal(memory_source_append(world->source, slot, &record), STATUS_OK);
}

static void change_group(struct world *world)
{
    uint32_t slot = below(world, world->slot_count);
    if (memory_source_is_revoking(world->source))
        return;
    if (!world->assigned[slot])
        assert_int_equal(memory_source_assign(world->source, &slot, 1), STATUS_OK);
    else if (below(world, 3) == 0)
        assert_int_equal(memory_source_lose(world->source, &slot, 1), STATUS_OK);
    else
        assert_int_equal(memory_source_revoke(world->source, &slot, 1), STATUS_OK);
    world->assigned[slot] = !world->assigned[slot];
}

static void change_sink(struct world *world)
{
    struct memory_sink_manners *manners = memory_sink_manners(world->sink);
    manners->stalled = below(world, 4) == 0;
    manners->pending_max = below(world, 2) ? 1 + below(world, 8) : 0;
    manners->delay_polls = below(world, 6);
    manners->retry_per_1000 = below(world, 3) == 0 ? below(world, 300) : 0;
    manners->full_per_1000 = below(world, 3) == 0 ? below(world, 500) : 0;
}

static void reload_rules(struct world *world)
{
    generation_retire(&world->generations);
    if (world->reloads == RELOADS_MAX || below(world, 8) > 0)
        return;
    world->reloads++;
    assert_int_equal(generation_publish(&world->generations, load_rules(rules.path)), STATUS_OK);
}

static void step_ingest(struct world *world)
{
    world->status = ingest_step(world->ingest, virtual_ns);
    HOLDS(world, pipeline_tick(world->pipeline, virtual_ns) == STATUS_OK);
}

static void step_worker(struct world *world)
{
    pipeline_worker_step(world->pipeline, below(world, world->worker_count), virtual_ns);
}

/* --- what must hold --------------------------------------------------------------------------- */

static int64_t number_after(struct slice value, const char *name)
{
    const char *found = memmem(value.data, value.size, name, strlen(name));
    return found ? strtoll(found + strlen(name), NULL, 10) : -1;
}

static uint32_t slot_of(struct slice value)
{
    const char *found = memmem(value.data, value.size, "\"topic\":\"", 9);
    return found ? (uint32_t)(found[9] - 'a') : SLOTS_MAX;
}

static void see_output(struct world *world, const struct memory_record *record)
{
    const char *id = memmem(record->value.data, record->value.size, "\"case_id\":\"", 11);
    uint32_t slot = slot_of(record->value);
    int64_t offset = number_after(record->value, "\"offset\":");
    HOLDS(world, id != NULL && slot < world->slot_count && offset % 3 == 0);
    HOLDS(world, offset / 3 < (int64_t)world->appended[slot]);
    struct outcome *outcome = &world->outcomes[slot][offset / 3];
    if (outcome->deliveries++ == 0)
        memcpy(outcome->case_id, id + 11, 32);
    HOLDS(world, memcmp(outcome->case_id, id + 11, 32) == 0);
}

static void see_outputs(struct world *world)
{
    for (; world->outputs_seen < memory_sink_count(world->sink); world->outputs_seen++) {
        struct memory_record record = memory_sink_record(world->sink, world->outputs_seen);
        if (strncmp(record.topic, "frontline.", 10) != 0)
            see_output(world, &record);
    }
}

static void check_commits(struct world *world)
{
    see_outputs(world);
    for (uint32_t slot = 0; slot < world->slot_count; slot++) {
        int64_t committed = memory_source_committed(world->source, slot);
        for (int64_t offset = 0; offset < committed; offset += 3)
            HOLDS(world, world->outcomes[slot][offset / 3].deliveries > 0);
    }
}

static bool is_everything_delivered(struct world *world)
{
    see_outputs(world);
    for (uint32_t slot = 0; slot < world->slot_count; slot++)
        for (uint32_t index = 0; index < world->appended[slot]; index++)
            if (world->outcomes[slot][index].deliveries == 0)
                return false;
    return ingest_held(world->ingest) == 0;
}

static int64_t end_of(const struct world *world, uint32_t slot)
{
    return world->appended[slot] > 0 ? ((int64_t)world->appended[slot] - 1) * 3 + 1 : -1;
}

/* Delivered by a generation that was lost is not stored: the next one reads it again. */
static bool is_everything_stored(struct world *world)
{
    for (uint32_t slot = 0; slot < world->slot_count; slot++) {
        const struct ingest_counters *counters = ingest_counters(world->ingest, slot);
        if (world->appended[slot] > 0 &&
            (!atomic_load(&counters->assigned) ||
             (atomic_load(&counters->stored_offset) != end_of(world, slot) &&
              memory_source_committed(world->source, slot) != end_of(world, slot))))
            return false;
    }
    return true;
}

/* --- a run ------------------------------------------------------------------------------------ */

static void step_chaos(struct world *world)
{
    uint32_t choice = below(world, 40);
    if (choice < 12)
        step_ingest(world);
    else if (choice < 22)
        step_worker(world);
    else if (choice < 29)
        pipeline_egress_step(world->pipeline, virtual_ns);
    else if (choice < 34)
        append_record(world);
    else if (choice < 37)
        virtual_ns += below(world, 5) * (uint64_t)NS_PER_MS;
    else if (choice == 37)
        change_sink(world);
    else if (choice == 38)
        change_group(world);
    else
        reload_rules(world);
}

static void heal(struct world *world)
{
    struct memory_sink_manners *manners = memory_sink_manners(world->sink);
    *manners = (struct memory_sink_manners){.keep = true, .seed = manners->seed};
    for (uint32_t slot = 0; slot < world->slot_count; slot++)
        if (!world->assigned[slot]) {
            assert_int_equal(memory_source_assign(world->source, &slot, 1), STATUS_OK);
            world->assigned[slot] = true;
        }
}

static void step_all(struct world *world)
{
    step_ingest(world);
    for (uint32_t worker = 0; worker < world->worker_count; worker++)
        pipeline_worker_step(world->pipeline, worker, virtual_ns);
    pipeline_egress_step(world->pipeline, virtual_ns);
    virtual_ns += NS_PER_MS;
}

static void finish(struct world *world)
{
    unsigned steps = 0;
    heal(world);
    while (!is_everything_delivered(world) || !is_everything_stored(world)) {
        HOLDS(world, ++steps < STEPS_MAX);
        step_all(world);
    }
    ingest_stop(world->ingest, virtual_ns + NS_PER_S);
    while (world->status != STATUS_STOPPED) {
        HOLDS(world, ++steps < STEPS_MAX);
        step_all(world);
    }
    HOLDS(world, ingest_held(world->ingest) == 0);
    HOLDS(world, pipeline_is_balanced(world->pipeline));
    for (uint32_t slot = 0; slot < world->slot_count; slot++)
        HOLDS(world, world->appended[slot] == 0 ||
                         memory_source_committed(world->source, slot) == end_of(world, slot));
}

static void run_seed(uint64_t seed)
{
    static struct world world;
    open_world(&world, seed);
    for (unsigned step = 0; step < CHAOS_STEPS; step++) {
        step_chaos(&world);
        HOLDS(&world, world.status == STATUS_OK || world.status == STATUS_EMPTY);
        if (step % 50 == 0)
            check_commits(&world);
    }
    finish(&world);
    check_commits(&world);
    close_world(&world);
}

static void the_law_holds_whatever_the_order_of_turns(void **state)
{
    (void)state;
    const char *one = getenv("SIM_SEED");
    const char *count = getenv("SIM_SEEDS");
    uint64_t seeds = count ? strtoull(count, NULL, 10) : 1000;
    rules = rules_folder_make();
    two_rules_write(&rules);
    if (one) {
        run_seed(strtoull(one, NULL, 10));
    } else {
        for (uint64_t seed = 1; seed <= seeds; seed++)
            run_seed(seed);
        print_message("%llu seeds\n", (unsigned long long)seeds);
    }
    rules_folder_remove(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_law_holds_whatever_the_order_of_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
