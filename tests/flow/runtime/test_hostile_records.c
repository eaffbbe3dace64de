/**
 * Hostile records among good ones through the whole engine: ingest, workers, history, egress, as
 * one thread steps them. The generator knows every record's ending; what is checked is what stands
 * in the output topics: each record ended exactly once, as it must, with the right reason and
 * marks, and the slab never held more than its budget.
 */
#include "base/clock.h"
#include "base/memory.h"
#include "decode/json_document.h"
#include "egress/memory_sink.h"
#include "helpers/load_rules.h"
#include "helpers/two_rules.h"
#include "ingest/ingest.h"
#include "runtime/pipeline.h"
#include "support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { RECORDS = 20000, SLOTS = ENVELOPE_KIND_COUNT, WORKERS = 2, HELD_BYTES_MAX = 16 << 20 };

static const char *const topics[SLOTS] = {"json", "events", "text"};
static const char *const queues[] = {"people"};

struct expected {
    const char *kind;
    enum dead_reason reason;
    uint32_t flags;
    bool seen;
};

static struct expected expected[SLOTS][RECORDS];

/* A source that gives what the generator makes, every second record a good one. */
struct hostile_source {
    struct source source;
    struct hostile *hostile;
    struct hostile_case good;
    const struct hostile_case *current; /* NULL: to be made */
    uint32_t made;
    int64_t offsets[SLOTS];
    bool told_assigned;
    bool told_end;
};

static struct hostile_source *own(struct source *source)
{
    return (struct hostile_source *)source;
}

static const struct hostile_case *current(struct hostile_source *source)
{
    if (!source->current && source->made < RECORDS)
        source->current = source->made++ % 2 ? hostile_next(source->hostile) : &source->good;
    return source->current;
}

static void poll_group(struct source *base, struct source_event *event)
{
    static const struct source_assignment slots[SLOTS] = {{0, 1, 0, 0}, {1, 1, 0, 0}, {2, 1, 0, 0}};
    struct hostile_source *source = own(base);
    if (!source->told_assigned) {
        source->told_assigned = true;
        *event =
            (struct source_event){.kind = SOURCE_ASSIGNED, .slot_count = SLOTS, .slots = slots};
    } else if (!current(source) && !source->told_end) {
        source->told_end = true;
        event->kind = SOURCE_END;
    }
}

static bool is_ready(struct source *base, uint32_t slot)
{
    struct hostile_source *source = own(base);
    if (slot == SOURCE_EVENTS)
        return !source->told_assigned || (!current(source) && !source->told_end);
    return current(source) && current(source)->envelope == slot;
}

static enum redress_status peek(struct source *base, uint32_t slot, struct source_record *record)
{
    const struct hostile_case *from = current(own(base));
    if (!from || from->envelope != slot)
        return STATUS_EMPTY;
    *record = (struct source_record){.offset = own(base)->offsets[slot],
                                     .timestamp_ms = 1700000000000,
                                     .value = {from->payload, (uint32_t)from->payload_size},
                                     .tombstone = !from->payload,
                                     .header_count = from->header_count,
                                     .headers = from->headers};
    return STATUS_OK;
}

static void advance(struct source *base, uint32_t slot)
{
    struct hostile_source *source = own(base);
    const struct hostile_case *from = source->current;
    expected[slot][source->offsets[slot]++] =
        (struct expected){.kind = from->kind,
                          .reason = from->reason,
                          .flags = (from->repaired ? MESSAGE_REPAIRED : 0u) |
                                   (from->truncated ? MESSAGE_TRUNCATED : 0u)};
    source->current = NULL;
}

static enum redress_status store(struct source *base, uint32_t slot, uint32_t generation,
                                 int64_t next_offset)
{
    (void)generation;
    assert_true(next_offset <= own(base)->offsets[slot]);
    return STATUS_OK;
}

static enum redress_status commit(struct source *base)
{
    (void)base;
    return STATUS_OK;
}

static void ignore(struct source *base)
{
    (void)base;
}

static bool position(struct source *base, uint32_t slot, struct source_position *out)
{
    (void)base;
    (void)slot;
    (void)out;
    return false;
}

static uint64_t wait_ns(struct source *base, uint64_t now_ns)
{
    (void)base;
    (void)now_ns;
    return 0;
}

static const struct source_operations operations = {.name = "hostile",
                                                    .poll = poll_group,
                                                    .peek = peek,
                                                    .advance = advance,
                                                    .store = store,
                                                    .commit = commit,
                                                    .released = ignore,
                                                    .leave = commit,
                                                    .position = position,
                                                    .ready = is_ready,
                                                    .wait_ns = wait_ns,
                                                    .close = ignore};

static struct json_value member(struct json_value object, const char *name)
{
    struct json_cursor cursor = json_cursor_open(object);
    struct json_member found;
    while (json_cursor_next(&cursor, &found))
        if (found.key.size == strlen(name) && memcmp(found.key.data, name, found.key.size) == 0)
            return found.value;
    fail_msg("no member %s", name);
    return object;
}

static bool is_text(struct json_value value, const char *text)
{
    struct slice found = json_value_string(value);
    return found.size == strlen(text) && memcmp(found.data, text, found.size) == 0;
}

static uint32_t flags_of(struct json_value record)
{
    uint32_t flags = 0;
    struct json_cursor cursor = json_cursor_open(member(record, "flags"));
    struct json_member flag;
    while (json_cursor_next(&cursor, &flag)) {
        flags |= is_text(flag.value, "repaired") ? MESSAGE_REPAIRED : 0u;
        flags |= is_text(flag.value, "truncated") ? MESSAGE_TRUNCATED : 0u;
    }
    return flags;
}

static struct expected *expected_of(struct json_value record)
{
    struct json_value source = member(record, "source");
    int64_t offset = json_value_integer(member(source, "offset"));
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (is_text(member(source, "topic"), topics[slot]))
            return &expected[slot][offset];
    fail_msg("a record of a topic that was never read");
    return NULL;
}

static void check_record(struct json_document *document, const struct memory_record *record)
{
    char *padded = memory_allocate(record->value.size + MESSAGE_PADDING_BYTES);
    memcpy(padded, record->value.data, record->value.size);
    assert_int_equal(json_document_parse(document, padded, record->value.size), JSON_PARSED);
    struct json_value root = json_document_root(document);
    struct expected *of = expected_of(root);
    bool is_dead = strcmp(record->topic, "dead") == 0;
    if (of->seen)
        fail_msg("%s: ended twice", of->kind);
    of->seen = true;
    if (is_dead != (of->reason != DEAD_NONE))
        fail_msg("%s: ended in %s", of->kind, record->topic);
    if (is_dead && !is_text(member(root, "reason"), redress_dead_reason_name(of->reason)))
        fail_msg("%s: not for %s", of->kind, redress_dead_reason_name(of->reason));
    if (!is_dead && flags_of(root) != of->flags)
        fail_msg("%s: other marks", of->kind);
    if (strcmp(record->topic, "calm") == 0 && (of->flags & MESSAGE_TRUNCATED))
        fail_msg("%s: a cut text is never calm", of->kind);
    memory_free(padded);
}

static void check_outputs(const struct memory_sink *sink)
{
    struct json_document *document;
    assert_int_equal(json_document_create(1 << 20, ENVELOPE_DEPTH_MAX, &document), STATUS_OK);
    for (uint64_t index = 0; index < memory_sink_count(sink); index++) {
        struct memory_record record = memory_sink_record(sink, index);
        check_record(document, &record);
    }
    assert_int_equal(memory_sink_count(sink), RECORDS);
    assert_true(memory_sink_topic_count(sink, "dead") > RECORDS / 10);
    json_document_free(document);
}

struct stage_parts {
    struct hostile_source source;
    struct partition_table *partitions;
    struct generation_registry generations;
    struct routing *routing;
    struct memory_sink *sink;
    struct pipeline_channel channels[SLOTS];
    struct pipeline *pipeline;
    struct ring *return_ring;
    struct ingest *ingest;
};

static void open_source(struct stage_parts *parts, uint64_t seed)
{
    static const char text[] = "{\"text\":\"Good morning, I was charged twice for one ticket\"}";
    parts->source = (struct hostile_source){
        .source = {&operations},
        .hostile = hostile_create(seed, &hostile_limits_usual),
        .good = {.kind = "good", .payload = text, .payload_size = sizeof text - 1}};
    assert_non_null(parts->source.hostile);
    assert_int_equal(partition_table_create(&parts->partitions), STATUS_OK);
    for (uint16_t channel = 0; channel < SLOTS; channel++) {
        uint32_t slot;
        assert_int_equal(partition_table_add(parts->partitions, topics[channel], 0, channel, &slot),
                         STATUS_OK);
        assert_int_equal(slot, channel);
    }
}

static void compile_channels(struct stage_parts *parts)
{
    static struct error_list errors;
    for (unsigned kind = 0; kind < SLOTS; kind++) {
        const struct envelope_settings envelope =
            hostile_envelope(&hostile_limits_usual, (enum envelope_kind)kind);
        parts->channels[kind] =
            (struct pipeline_channel){.name = topics[kind], .history_scope = HISTORY_WHOLE};
        assert_int_equal(
            envelope_mapping_compile(&envelope, NULL, &errors, &parts->channels[kind].mapping),
            STATUS_OK);
    }
}

static void open_pipeline(struct stage_parts *parts)
{
    enum { MESSAGES_MAX = 512 };
    struct rules_folder rules = rules_folder_make();
    two_rules_write(&rules);
    generation_registry_init(&parts->generations, WORKERS);
    assert_int_equal(generation_publish(&parts->generations, load_rules(rules.path)), STATUS_OK);
    rules_folder_remove(&rules);
    assert_int_equal(routing_create(NULL, 0, 0, &parts->routing), STATUS_OK);
    assert_int_equal(memory_sink_create(2 * MESSAGES_MAX, &parts->sink), STATUS_OK);
    memory_sink_manners(parts->sink)->keep = true;
    struct pipeline_settings settings = {
        .worker_count = WORKERS,
        .messages_max = MESSAGES_MAX,
        .inbox_messages_max = MESSAGES_MAX / 2,
        .payload_bytes_max = hostile_limits_usual.payload_bytes_max,
        .channels = parts->channels,
        .channel_count = SLOTS,
        .queues = queues,
        .queue_count = 1,
        .cluster_id = {"hostile", 7},
        .generations = &parts->generations,
        .routing = parts->routing,
        .history = {.customers_max = 1000},
        .egress = {.topics = {"cases", "calm", "dead", "frontline."},
                   .names = {.channels = topics,
                             .channel_count = SLOTS,
                             .queues = queues,
                             .queue_count = 1},
                   .messages_max = MESSAGES_MAX,
                   .output_bytes_max = 1 << 20},
        .sink = memory_sink_base(parts->sink)};
    assert_int_equal(pipeline_create(&settings, &parts->pipeline), STATUS_OK);
    parts->return_ring = pipeline_return_ring(parts->pipeline);
    struct ingest_settings ingest = {.source = &parts->source.source,
                                     .partitions = parts->partitions,
                                     .return_rings = &parts->return_ring,
                                     .return_ring_count = 1,
                                     .held_messages_max = MESSAGES_MAX,
                                     .held_bytes_max = HELD_BYTES_MAX,
                                     .drain_ns_max = NS_PER_S,
                                     .channel_count = SLOTS,
                                     .room_bytes = envelope_room_bytes,
                                     .hand_over = pipeline_hand_over,
                                     .hand_over_end = pipeline_hand_over_end,
                                     .context = parts->pipeline};
    for (unsigned channel = 0; channel < SLOTS; channel++)
        ingest.payload_bytes_max[channel] = hostile_limits_usual.payload_bytes_max;
    assert_int_equal(ingest_create(&ingest, &parts->ingest), STATUS_OK);
}

static void run_to_the_end(struct stage_parts *parts)
{
    enum redress_status status = STATUS_OK;
    uint64_t deadline_ns = clock_monotonic_ns() + UINT64_C(300) * NS_PER_S;
    while (status == STATUS_OK || status == STATUS_EMPTY) {
        uint64_t now_ns = clock_monotonic_ns();
        assert_true(now_ns < deadline_ns);
        status = ingest_step(parts->ingest, now_ns);
        assert_int_equal(pipeline_tick(parts->pipeline, now_ns), STATUS_OK);
        for (unsigned worker = 0; worker < WORKERS; worker++)
            pipeline_worker_step(parts->pipeline, worker, now_ns);
        pipeline_egress_step(parts->pipeline, now_ns);
        uint64_t held_bytes = atomic_load(&ingest_totals(parts->ingest)->held_bytes);
        assert_true(held_bytes <= HELD_BYTES_MAX);
    }
    if (status != STATUS_STOPPED)
        fail_msg("ingest: %s", ingest_error(parts->ingest));
    assert_int_equal(ingest_held(parts->ingest), 0);
    assert_true(pipeline_is_balanced(parts->pipeline));
}

static void close_parts(struct stage_parts *parts)
{
    ingest_destroy(parts->ingest);
    pipeline_destroy(parts->pipeline);
    sink_close(memory_sink_base(parts->sink));
    routing_destroy(parts->routing);
    generation_registry_destroy(&parts->generations);
    partition_table_destroy(parts->partitions);
    hostile_destroy(parts->source.hostile);
}

static void every_record_ends_once_and_as_it_must(void **state)
{
    (void)state;
    static struct stage_parts parts;
    const char *given = getenv("HOSTILE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("seed %llu, %d records, half of them hostile\n", (unsigned long long)seed,
                  RECORDS);
    open_source(&parts, seed);
    compile_channels(&parts);
    open_pipeline(&parts);
    run_to_the_end(&parts);
    check_outputs(parts.sink);
    close_parts(&parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_ends_once_and_as_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
