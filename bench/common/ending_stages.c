/** The stages from a verdict to its ending: history, route, records, the frontline queue. */
#include "common/history_call.h"
#include "common/stage_bench.h"

#include "base/memory.h"
#include "egress/record.h"
#include "route/ending.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { CUSTOMERS = 1000 * 1000, CUSTOMERS_COUNTING = 10 * 1000 };

static uint32_t customers_of(const struct stage_bench *bench)
{
    return bench->counting ? CUSTOMERS_COUNTING : CUSTOMERS;
}

/* Each call another customer out of many, so that the table is as cold as it is in production. */
uint64_t run_history(struct stage_bench *bench)
{
    uint32_t customers = customers_of(bench);
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        struct message *message = bench->records.messages[i];
        uint64_t call = bench->history_calls++;
        history_call(bench->history, message, mix(call) % customers, call);
    }
    return measure_end(bench, begin_ns);
}

uint64_t run_route(struct stage_bench *bench)
{
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        struct message *message = bench->records.messages[i];
        message->queue_index = route_choose(bench->routing, message);
        message->ending = ending_decide(message);
    }
    return measure_end(bench, begin_ns);
}

static const char *rule_id(const void *rules, uint32_t version, uint32_t rule)
{
    (void)version;
    return redress_rule_id(rules, rule);
}

static const char *rule_why(const void *rules, uint32_t version, uint32_t rule)
{
    (void)version;
    return redress_rule_why(rules, rule);
}

static const char *const names[] = {"bench"};

uint64_t run_encode(struct stage_bench *bench)
{
    const struct record_names record_names = {
        .channels = names,
        .channel_count = 1,
        .queues = names,
        .queue_count = 1,
        .rules = {.id = rule_id, .why = rule_why, .context = bench->rules}};
    size_t size = 0;
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        const struct message *message = bench->records.messages[i];
        if (message->ending == ENDING_CALM)
            bench->sink += record_encode_calm(message, &record_names, bench->encoded,
                                              ENCODED_BYTES_MAX, &size);
        else
            bench->sink += record_encode_case(message, &record_names, RECORD_WHOLE, bench->encoded,
                                              ENCODED_BYTES_MAX, &size);
        bench->sink += size;
    }
    return measure_end(bench, begin_ns);
}

static const char *frontline_rule_id(const void *rules, uint32_t rule)
{
    return redress_rule_id(rules, rule);
}

uint64_t run_frontline_record(struct stage_bench *bench)
{
    const struct frontline_names frontline_names = {
        .channel = "bench", .queue = "bench", .rules = bench->rules, .rule_id = frontline_rule_id};
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++)
        frontline_record_from_message(bench->records.messages[i], &frontline_names, BEGIN_MS,
                                      &bench->cases[i % FRONTLINE_CHUNK]);
    return measure_end(bench, begin_ns);
}

static uint64_t push_chunk(struct stage_bench *bench, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        bench->cases[i].case_id = (struct case_id){1, ++bench->cases_pushed};
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < count; i++)
        bench->sink += frontline_push(bench->frontline, 0, 0, &bench->cases[i]) != STATUS_OK;
    return measure_end(bench, begin_ns);
}

static uint64_t pop_chunk(struct stage_bench *bench, uint32_t count)
{
    static struct frontline_record record;
    struct frontline_token token;
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < count; i++)
        if (redress_frontline_claim(bench->reader, 1, 0, &record, &token) == STATUS_OK)
            bench->sink += redress_frontline_acknowledge(bench->reader, &token);
    return measure_end(bench, begin_ns);
}

/* Chunks, because a ring has an end and a queue in good order is short. */
static void run_chunks(struct stage_bench *bench, uint64_t *push_ns, uint64_t *pop_ns)
{
    bool counting = bench->counting;
    *push_ns = *pop_ns = 0;
    for (uint32_t first = 0; first < bench->records.count; first += FRONTLINE_CHUNK) {
        uint32_t left = bench->records.count - first;
        uint32_t count = left < FRONTLINE_CHUNK ? left : FRONTLINE_CHUNK;
        bench->counting = counting && bench->pass == 0;
        *push_ns += push_chunk(bench, count);
        bench->counting = counting && bench->pass == 1;
        *pop_ns += pop_chunk(bench, count);
        frontline_server_step(bench->server, clock_monotonic_ns());
    }
    bench->counting = counting;
}

uint64_t run_frontline_push(struct stage_bench *bench)
{
    uint64_t push_ns;
    uint64_t pop_ns;
    bench->pass = 0;
    run_chunks(bench, &push_ns, &pop_ns);
    return push_ns;
}

uint64_t run_frontline_pop(struct stage_bench *bench)
{
    uint64_t push_ns;
    uint64_t pop_ns;
    bench->pass = 1;
    run_chunks(bench, &push_ns, &pop_ns);
    return pop_ns;
}

struct serving {
    struct frontline_server *server;
    _Atomic bool stop;
};

static void *serve(void *argument)
{
    struct serving *serving = argument;
    while (!atomic_load(&serving->stop)) {
        frontline_server_step(serving->server, clock_monotonic_ns());
        usleep(1000);
    }
    return NULL;
}

/* Attaching asks the server, which another thread has to be meanwhile. */
static bool attach(struct stage_bench *bench)
{
    struct serving serving = {.server = bench->server};
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, &serving) != 0)
        return false;
    bool good = redress_frontline_attach(bench->socket_path, &bench->reader) == STATUS_OK;
    atomic_store(&serving.stop, true);
    (void)pthread_join(thread, NULL);
    return good;
}

static bool open_frontline(struct stage_bench *bench)
{
    const struct frontline_settings settings = {
        .producer_count = 1, .queue_count = 1, .queue_names = names};
    (void)snprintf(bench->socket_path, sizeof bench->socket_path, "/tmp/redress-bench-%d.sock",
                   (int)getpid());
    const struct frontline_server_settings server = {.socket_path = bench->socket_path};
    bench->cases = memory_allocate_array(FRONTLINE_CHUNK, sizeof *bench->cases);
    return bench->cases && frontline_create(&settings, &bench->frontline) == STATUS_OK &&
           frontline_server_open(bench->frontline, &server, &bench->server) == STATUS_OK &&
           attach(bench);
}

static bool open_routing(struct stage_bench *bench)
{
    const struct route_row rows[] = {
        {.traits = 1u << TRAIT_SELF_HARM, .queue_index = 0},
        {.categories = 1u << CATEGORY_SAFETY, .severity_at_least = SEVERITY_SERIOUS},
        {.categories = 1u << CATEGORY_FRAUD, .urgency = ROUTE_URGENCY_YES},
        {.traits = 1u << TRAIT_LEGAL | 1u << TRAIT_REGULATOR},
        {.languages = 1u << LANGUAGE_EL},
        {.categories = 1u << CATEGORY_BILLING | 1u << CATEGORY_REFUND},
        {.severity_at_least = SEVERITY_MODERATE},
    };
    return routing_create(rows, sizeof rows / sizeof *rows, 0, &bench->routing) == STATUS_OK;
}

/* Every customer has complained before. */
static bool open_history(struct stage_bench *bench)
{
    const struct history_settings settings = {.customers_max = 2 * customers_of(bench)};
    if (history_create(&settings, &bench->history) != STATUS_OK)
        return false;
    struct message *message = memory_allocate(sizeof *message);
    if (!message)
        return false;
    message->verdict.complaint = true;
    for (uint32_t i = 0; i < customers_of(bench); i++) {
        message->partition_slot = 1;
        message->offset = i;
        message->timestamp_ms = BEGIN_MS;
        message->customer_hash = mix(i);
        history_apply(bench->history, message, HISTORY_WHOLE, BEGIN_MS, &message->recurrence);
    }
    memory_free(message);
    return true;
}

bool ending_stages_open(struct stage_bench *bench)
{
    bench->encoded = memory_allocate(ENCODED_BYTES_MAX);
    return bench->encoded && open_history(bench) && open_routing(bench) && open_frontline(bench);
}

void ending_stages_close(struct stage_bench *bench)
{
    redress_frontline_detach(bench->reader);
    frontline_server_close(bench->server);
    frontline_free(bench->frontline);
    history_destroy(bench->history);
    routing_destroy(bench->routing);
    memory_free(bench->encoded);
    memory_free(bench->cases);
}
