/*
 * The floor of the flow: the threads, rings, waits and schedule of an engine with `workers: inline`
 * that does no work. What a message costs here is handing it on.
 *
 *   flow_floor SOCKET RATE SECONDS URGENT_SHARE [--spin]
 *
 *   ingest  waits until a message is due, pushes it through inbox and crossing, shows every
 *           urgent one in the frontline queue, pushes it through outbox and return ring
 *   control serves the frontline's readers
 *
 * Message n is due at begin + n / RATE and carries that time as the engine's file source does.
 */
#include "base/clock.h"
#include "base/doorbell.h"
#include "base/ring.h"
#include "frontline/server.h"
#include "ingest/loop.h"

#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    TOKENS = 16384,
    BATCH = 64,
    TEXT_BYTES = 350,
    IDLE_WAIT_US = 50 * 1000,
    READERS_WAIT_MS = 60 * 1000,
    LAST_READ_MS = 300
};

struct floor {
    uint64_t rate;
    uint64_t messages;
    double urgent_share;
    bool spin;
    struct loop *loop;
    struct ring inbox, crossing, outbox, returns, idle;
    struct doorbell ingest_bell;
    struct frontline *frontline;
    struct frontline_server *server;
    struct frontline_record record;
    _Atomic bool stop;
};

static char tokens[TOKENS]; /* what travels; the number of the message is not needed */

static bool push(struct ring *ring, void *token)
{
    bool pushed = ring_push(ring, token);
    ASSERT(pushed); /* as many tokens as places */
    return pushed;
}

static void show_if_urgent(struct floor *floor, uint64_t number, uint64_t due_ns)
{
    uint64_t before = (uint64_t)((double)number * floor->urgent_share);
    uint64_t behind = (uint64_t)((double)(number + 1) * floor->urgent_share);
    if (behind == before)
        return;
    floor->record.case_id = (struct case_id){1, number + 1};
    floor->record.received_ns = due_ns;
    (void)!frontline_push(floor->frontline, 0, 0, &floor->record); /* full: the reader sleeps */
}

static bool take_returns(struct floor *floor)
{
    void *token;
    bool moved = false;
    while ((token = ring_pop(&floor->returns)) != NULL)
        moved = push(&floor->idle, token);
    return moved;
}

/* What is due enters the inbox, a batch at most; how many did. */
static uint32_t read_due(struct floor *floor, uint64_t begin_ns, uint64_t next)
{
    uint32_t count = 0;
    while (count < BATCH && next + count < floor->messages) {
        uint64_t due_ns = begin_ns + (next + count) * NS_PER_S / floor->rate;
        if (due_ns > clock_monotonic_ns())
            break;
        void *token = ring_pop(&floor->idle);
        if (!token)
            break;
        push(&floor->inbox, token);
        count++;
    }
    return count;
}

static void work_inline(struct floor *floor, uint64_t begin_ns, uint64_t next)
{
    void *token;
    while ((token = ring_pop(&floor->inbox)) != NULL) {
        show_if_urgent(floor, next, begin_ns + next * NS_PER_S / floor->rate);
        next++;
        push(&floor->crossing, token);
    }
    while ((token = ring_pop(&floor->crossing)) != NULL)
        push(&floor->outbox, token);
    while ((token = ring_pop(&floor->outbox)) != NULL)
        push(&floor->returns, token);
}

static void rest_ingest(struct floor *floor, uint64_t due_ns)
{
    uint64_t wait_ns = (uint64_t)IDLE_WAIT_US * NS_PER_US;
    doorbell_prepare(&floor->ingest_bell);
    uint64_t now_ns = clock_monotonic_ns();
    uint64_t until_due_ns = due_ns > now_ns ? due_ns - now_ns : 0;
    if (ring_count(&floor->returns) == 0 && until_due_ns > 0)
        loop_wait(floor->loop, until_due_ns < wait_ns ? until_due_ns : wait_ns);
    doorbell_finish(&floor->ingest_bell);
}

static void run_ingest(struct floor *floor)
{
    uint64_t begin_ns = clock_monotonic_ns() + NS_PER_MS;
    uint64_t next = 0;
    while (next < floor->messages) {
        bool moved = take_returns(floor);
        uint32_t count = read_due(floor, begin_ns, next);
        if (count > 0)
            work_inline(floor, begin_ns, next);
        next += count;
        if (count == 0 && !moved && !floor->spin)
            rest_ingest(floor, begin_ns + next * NS_PER_S / floor->rate);
    }
}

static void *run_control(void *argument)
{
    struct floor *floor = argument;
    while (!atomic_load_explicit(&floor->stop, memory_order_relaxed)) {
        struct pollfd asked = {.fd = frontline_server_fd(floor->server), .events = POLLIN};
        (void)poll(&asked, 1, frontline_server_wait_ms(floor->server));
        frontline_server_step(floor->server, clock_monotonic_ns());
    }
    return NULL;
}

static bool open_floor(struct floor *floor, const char *socket)
{
    static const char *const queues[] = {"people"};
    struct frontline_settings settings = {
        .producer_count = 1, .queue_count = 1, .queue_names = queues};
    struct frontline_server_settings server = {.socket_path = socket};
    floor->record.magic = FRONTLINE_RECORD_MAGIC;
    floor->record.version = FRONTLINE_RECORD_VERSION;
    floor->record.bytes = offsetof(struct frontline_record, text) + TEXT_BYTES;
    struct ring *rings[] = {&floor->inbox, &floor->crossing, &floor->outbox, &floor->returns,
                            &floor->idle};
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
        if (ring_init(rings[i], TOKENS) != STATUS_OK)
            return false;
    for (uint32_t i = 0; i < TOKENS; i++)
        push(&floor->idle, &tokens[i]);
    return doorbell_open(&floor->ingest_bell) == STATUS_OK &&
           loop_create(LOOP_AUTO, &floor->loop) == STATUS_OK &&
           loop_watch(floor->loop, floor->ingest_bell.fd) == STATUS_OK &&
           frontline_create(&settings, &floor->frontline) == STATUS_OK &&
           frontline_server_open(floor->frontline, &server, &floor->server) == STATUS_OK;
}

static void close_floor(struct floor *floor)
{
    frontline_server_close(floor->server);
    frontline_free(floor->frontline);
    loop_destroy(floor->loop);
    doorbell_close(&floor->ingest_bell);
    struct ring *rings[] = {&floor->inbox, &floor->crossing, &floor->outbox, &floor->returns,
                            &floor->idle};
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
        ring_destroy(rings[i]);
}

/* A schedule that nobody watches measures nothing. */
static bool await_reader(const struct floor *floor)
{
    struct frontline_stats stats = {0};
    for (int waited_ms = 0; waited_ms < READERS_WAIT_MS; waited_ms++) {
        frontline_read_stats(floor->frontline, &stats);
        if (stats.readers > 0)
            return true;
        usleep(1000);
    }
    return false;
}

static bool run(struct floor *floor)
{
    pthread_t control;
    if (pthread_create(&control, NULL, run_control, floor) != 0)
        return false;
    (void)prctl(PR_SET_TIMERSLACK, 1UL); /* as the engine's ingest thread */
    bool read = await_reader(floor);
    if (read)
        run_ingest(floor);
    usleep(LAST_READ_MS * 1000);
    atomic_store_explicit(&floor->stop, true, memory_order_relaxed);
    pthread_join(control, NULL);
    return read;
}

int main(int argc, char **argv)
{
    static struct floor floor;
    if (argc < 5 || (argc > 5 && strcmp(argv[5], "--spin") != 0)) {
        fprintf(stderr, "usage: flow_floor SOCKET RATE SECONDS URGENT_SHARE [--spin]\n");
        return 2;
    }
    floor.rate = strtoull(argv[2], NULL, 10);
    floor.messages = (uint64_t)(strtod(argv[3], NULL) * (double)floor.rate);
    floor.urgent_share = strtod(argv[4], NULL);
    floor.spin = argc > 5;
    if (floor.rate == 0 || !open_floor(&floor, argv[1]))
        return 3;
    bool measured = run(&floor);
    close_floor(&floor);
    return measured ? 0 : 3;
}
