#include "runtime/engine_parts.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* Each thread wakes at least so often, whatever its descriptor says: a queue signals only when it
 * goes from empty to non-empty. */
enum {
    IDLE_WAIT_US = 50 * 1000,
    INLINE_LAP_MESSAGES = 32, /* read, judged and sent while they are in the near caches */
    SPINS_A_LOOK = 256,       /* of an ingest thread that spins, at its descriptors */
    ENDING_MS_MAX = 4 * 1000  /* acknowledgements are flushed within it */
};

/* --- ingest ---------------------------------------------------------------------------------- */

struct ingest_room {
    struct loop *loop;
    struct ring *return_ring;
    struct ingest *ingest;
    uint32_t spins;
    bool told_to_end;
};

static enum redress_status open_ingest(struct engine *engine, struct ingest_room *room)
{
    room->return_ring = pipeline_return_ring(engine->pipeline);
    enum redress_status status = loop_create(assembly_loop_kind(&engine->assembly), &room->loop);
    if (status != STATUS_OK)
        return status;
    struct ingest_settings settings = assembly_ingest(&engine->assembly);
    settings.source = engine->source;
    settings.partitions = engine->partitions;
    settings.loop = room->loop;
    settings.doorbell = &engine->ingest_bell;
    settings.return_rings = &room->return_ring;
    settings.return_ring_count = 1;
    settings.hand_over = pipeline_hand_over;
    settings.hand_over_end = pipeline_hand_over_end;
    settings.context = engine->pipeline;
    if (engine->assembly.workers_inline) {
        settings.quantum_messages = INLINE_LAP_MESSAGES;
        settings.lap_messages_max = INLINE_LAP_MESSAGES;
    }
    status = ingest_create(&settings, &room->ingest);
    if (status == STATUS_OK)
        /* Release: pairs with the acquire in engine_ingest(). */
        atomic_store_explicit(&engine->ingest, room->ingest, memory_order_release);
    return status;
}

static void tell_end(struct engine *engine, struct ingest_room *room, uint64_t now_ns)
{
    int end = atomic_load_explicit(&engine->end, memory_order_relaxed); /* a flag, no data behind */
    if (end == ENGINE_GOES_ON || room->told_to_end)
        return;
    uint64_t deadline_ns = now_ns + engine->settings->shutdown_ms * NS_PER_MS;
    room->told_to_end = true;
    if (end == ENGINE_LEAVES)
        ingest_leave(room->ingest, deadline_ns);
    else
        ingest_stop(room->ingest, deadline_ns);
}

static bool is_over(struct engine *engine, const struct ingest_room *room,
                    enum redress_status status)
{
    if (status == STATUS_STOPPED)
        return true;
    if (status != STATUS_OK && status != STATUS_EMPTY) {
        engine_fail(engine, EXIT_ENVIRONMENT, "reading has ended", ingest_error(room->ingest));
        return true;
    }
    /* Broken delivery or a broken law: stop at once and store nothing more. */
    return atomic_load_explicit(&engine->exit_code, memory_order_relaxed) != EXIT_DONE;
}

/* How long egress may be left alone. */
static uint64_t wait_us_of_egress(const struct engine *engine)
{
    int64_t wait_us = pipeline_egress_wait_us(engine->pipeline, clock_monotonic_ns());
    return wait_us < 0 || wait_us > IDLE_WAIT_US ? IDLE_WAIT_US : (uint64_t)wait_us;
}

/* One turn of egress; true where something moved. */
static bool egress_turn(struct engine *engine, uint64_t now_ns)
{
    bool moved = pipeline_egress_step(engine->pipeline, now_ns);
    if (pipeline_egress_state(engine->pipeline) == EGRESS_FATAL)
        engine_fail(engine, EXIT_ENVIRONMENT, "the producer has failed for good",
                    "nothing more is stored; start the engine again and it goes on from there");
    return moved;
}

/* With `workers: inline` ingest is worker and egress, too: on two cores a third thread would take
 * its processor from ingest or from a reader, for each message anew. */
static bool work_inline(struct engine *engine, uint64_t now_ns)
{
    if (!engine->assembly.workers_inline)
        return false;
    bool moved = pipeline_worker_step(engine->pipeline, 0, now_ns);
    return egress_turn(engine, now_ns) || moved;
}

/* The loop's descriptors ring for what it sees without them; who spins looks at them all the same
 * now and then, so that the kernel does not keep what it has to say. */
static void rest_ingest(const struct engine *engine, struct ingest_room *room)
{
    if (engine->settings->wait == SETTINGS_WAIT_SPIN) {
        if (++room->spins % SPINS_A_LOOK == 0)
            ingest_wait(room->ingest, 0);
        return;
    }
    uint64_t wait_us = engine->assembly.workers_inline ? wait_us_of_egress(engine) : IDLE_WAIT_US;
    ingest_wait(room->ingest, wait_us * NS_PER_US);
}

/* One turn; true where the loop goes on. */
static bool ingest_turn(struct engine *engine, struct ingest_room *room)
{
    uint64_t now_ns = clock_monotonic_ns();
    tell_end(engine, room, now_ns);
    enum redress_status status = ingest_step(room->ingest, now_ns);
    if (pipeline_tick(engine->pipeline, now_ns) == STATUS_FATAL)
        engine_fail(engine, EXIT_ANSWER_NO, "the conservation law is broken",
                    "messages were received that have no ending and are nowhere; see the log");
    bool moved = work_inline(engine, now_ns);
    if (is_over(engine, room, status))
        return false;
    if (status == STATUS_EMPTY && !moved) {
        heartbeat_park(engine->ingest_heart);
        rest_ingest(engine, room);
    }
    return true;
}

static void *run_ingest(void *argument)
{
    struct engine *engine = argument;
    struct ingest_room room = {0};
    pthread_setname_np(pthread_self(), "redress-ingest");
    /* Without it the kernel may be 50 us late with a replay's next line. A wish, not a need. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    enum redress_status status = open_ingest(engine, &room);
    if (status != STATUS_OK)
        engine_fail(engine, EXIT_ENVIRONMENT, "ingest can't start", redress_status_name(status));
    else
        while (ingest_turn(engine, &room))
            heartbeat_beat(engine->ingest_heart);
    heartbeat_park(engine->ingest_heart);
    if (room.ingest && ingest_held(room.ingest) > 0)
        LOG_WARN("the time to drain is over; what is in flight will be read again",
                 log_integer("messages", ingest_held(room.ingest)));
    /* Release: pairs with the acquire in engine_control_run(). */
    atomic_store_explicit(&engine->ingest_done, true, memory_order_release);
    doorbell_wake(&engine->control_bell);
    /* The loop belongs to this thread; ingest stays for the final balance. */
    return room.loop;
}

/* --- workers ---------------------------------------------------------------------------------- */

static void rest_worker(struct engine *engine, unsigned index)
{
    struct doorbell *bell = pipeline_worker_bell(engine->pipeline, index);
    doorbell_prepare(bell);
    if (!pipeline_worker_has_work(engine->pipeline, index))
        doorbell_wait(bell, IDLE_WAIT_US);
    doorbell_finish(bell);
}

static void *run_worker(void *argument)
{
    struct worker_thread *own = argument;
    struct engine *engine = own->engine;
    bool spins = engine->settings->wait == SETTINGS_WAIT_SPIN;
    pthread_setname_np(pthread_self(), "redress-worker");
    memory_seal_thread();
    /* Relaxed: the join is what orders the end. */
    while (!atomic_load_explicit(&engine->workers_stop, memory_order_relaxed)) {
        heartbeat_beat(own->heart);
        if (pipeline_worker_step(engine->pipeline, own->index, 0) || spins)
            continue;
        heartbeat_park(own->heart);
        rest_worker(engine, own->index);
    }
    heartbeat_park(own->heart);
    return NULL;
}

/* --- egress ----------------------------------------------------------------------------------- */

static void rest_egress(struct engine *engine)
{
    struct doorbell *bell = &engine->egress_bell;
    uint64_t wait_us = wait_us_of_egress(engine);
    doorbell_prepare(bell);
    if (!pipeline_egress_has_work(engine->pipeline))
        doorbell_wait(bell, (int64_t)wait_us);
    doorbell_finish(bell);
}

static void *run_egress(void *argument)
{
    struct engine *engine = argument;
    bool spins = engine->settings->wait == SETTINGS_WAIT_SPIN;
    pthread_setname_np(pthread_self(), "redress-egress");
    while (!atomic_load_explicit(&engine->egress_stop, memory_order_relaxed) &&
           pipeline_egress_state(engine->pipeline) != EGRESS_FATAL) {
        heartbeat_beat(engine->egress_heart);
        if (!egress_turn(engine, clock_monotonic_ns()) && !spins) {
            heartbeat_park(engine->egress_heart);
            rest_egress(engine);
        }
    }
    heartbeat_park(engine->egress_heart);
    return NULL;
}

/* --- starting and ending ---------------------------------------------------------------------- */

static bool start(pthread_t *thread, void *(*run)(void *), void *argument, bool *started)
{
    *started = pthread_create(thread, NULL, run, argument) == 0;
    return *started;
}

static bool start_workers_and_egress(struct engine *engine)
{
    for (unsigned index = 0; index < engine->assembly.worker_count; index++) {
        struct worker_thread *worker = &engine->workers[index];
        worker->engine = engine;
        worker->index = index;
        if (!start(&worker->thread, run_worker, worker, &worker->started))
            return false;
    }
    return start(&engine->egress_thread, run_egress, engine, &engine->egress_started);
}

enum redress_status engine_threads_start(struct engine *engine)
{
    if (!engine->assembly.workers_inline && !start_workers_and_egress(engine))
        return STATUS_MEMORY;
    return start(&engine->ingest_thread, run_ingest, engine, &engine->ingest_started)
               ? STATUS_OK
               : STATUS_MEMORY;
}

static void join_ingest(struct engine *engine)
{
    void *loop = NULL;
    if (!engine->ingest_started)
        return;
    pthread_join(engine->ingest_thread, &loop);
    loop_destroy(loop);
    engine->ingest_started = false;
}

static void join_workers(struct engine *engine)
{
    atomic_store_explicit(&engine->workers_stop, true, memory_order_relaxed);
    for (unsigned index = 0; index < engine->assembly.worker_count; index++) {
        if (!engine->workers[index].started)
            continue;
        doorbell_wake(pipeline_worker_bell(engine->pipeline, index));
        pthread_join(engine->workers[index].thread, NULL);
        engine->workers[index].started = false;
    }
}

static void join_egress(struct engine *engine)
{
    if (!engine->egress_started)
        return;
    atomic_store_explicit(&engine->egress_stop, true, memory_order_relaxed);
    doorbell_wake(&engine->egress_bell);
    pthread_join(engine->egress_thread, NULL);
    engine->egress_started = false;
}

void engine_threads_join(struct engine *engine)
{
    join_ingest(engine);
    join_workers(engine);
    join_egress(engine);
}

/* --- the bound of an ending --------------------------------------------------------------------
 */

/* librdkafka's clients wait for requests under way, up to a minute each, when they are destroyed.
 * All that counts is settled by then: what was delivered is stored or will be read again. */
static void *run_ending_guard(void *argument)
{
    struct engine *engine = argument;
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += ENDING_MS_MAX / 1000;
    while (sem_clockwait(&engine->ending_guard.over, CLOCK_MONOTONIC, &deadline) != 0) {
        if (errno == EINTR)
            continue;
        LOG_WARN("the brokers do not answer: ending without goodbye; nothing is lost",
                 log_integer("waited_ms", ENDING_MS_MAX));
        /* Relaxed: the main thread has set it for the last time before it began to close. */
        _exit(atomic_load_explicit(&engine->exit_code, memory_order_relaxed));
    }
    return NULL;
}

void engine_guard_ending(struct engine *engine)
{
    struct ending_guard *guard = &engine->ending_guard;
    if (!engine->options.handle_signals || sem_init(&guard->over, 0, 0) != 0)
        return;
    (void)start(&guard->thread, run_ending_guard, engine, &guard->started);
}

void engine_unguard_ending(struct engine *engine)
{
    struct ending_guard *guard = &engine->ending_guard;
    if (!guard->started)
        return;
    sem_post(&guard->over);
    pthread_join(guard->thread, NULL);
    sem_destroy(&guard->over);
}
