/**
 * What the files that make up the engine share. Nobody else includes this.
 *
 *   engine.c           making, running, ending
 *   engine_threads.c   the loops of ingest, workers and egress
 *   engine_metrics.c   what /metrics shows
 *   engine_health.c    what /healthz and /readyz say
 *   engine_control.c   signals, admin verbs, frontline, reload: one loop on the caller's thread
 */
#ifndef REDRESS_RUNTIME_ENGINE_PARTS_H
#define REDRESS_RUNTIME_ENGINE_PARTS_H

#include "frontline/acks.h"
#include "frontline/refill.h"
#include "frontline/server.h"
#include "runtime/admin.h"
#include "runtime/assembly.h"
#include "runtime/engine.h"
#include "runtime/http.h"
#include "runtime/reload.h"
#include "runtime/service_notify.h"
#include "runtime/watchdog.h"

#include <pthread.h>
#include <semaphore.h>

/* Ends the process where closing the clients waits for brokers that do not answer. */
struct ending_guard {
    pthread_t thread;
    sem_t over;
    bool started;
};

enum engine_end {
    ENGINE_GOES_ON = 0,
    ENGINE_STOPS, /* drain, keep the group membership */
    ENGINE_LEAVES /* drain, leave the group */
};

struct worker_thread {
    struct engine *engine;
    unsigned index;
    pthread_t thread;
    bool started;
    struct heartbeat *heart;
};

struct engine {
    struct engine_options options;
    const struct settings *settings;
    struct assembly assembly;

    struct generation_registry generations;
    struct reload reload;
    struct partition_table *partitions;
    struct source *source;
    struct sink *sink;
    struct frontline *frontline;
    struct frontline_server *frontline_server;
    struct frontline_acks *frontline_acks;
    struct frontline_refill *frontline_refill;
    struct pipeline *pipeline;

    struct doorbell ingest_bell;
    struct doorbell egress_bell;
    struct doorbell control_bell;
    int signal_fd; /* -1 where signals are not ours */
    int epoll_fd;
    struct admin admin;
    struct watchdog *watchdog;
    struct heartbeat *ingest_heart;
    struct heartbeat *egress_heart;
    struct heartbeat *control_heart;
    uint64_t next_watch_ns;
    struct metrics *metrics;
    struct http *http;

    pthread_t ingest_thread;
    pthread_t egress_thread;
    struct ending_guard ending_guard;
    bool ingest_started;
    bool egress_started;
    struct worker_thread workers[WORKERS_MAX];

    _Atomic(struct ingest *) ingest; /* made and stepped by the ingest thread */
    _Atomic int end;                 /* enum engine_end; only grows */
    atomic_bool reload_requested;
    atomic_bool ingest_done;
    atomic_bool workers_stop;
    atomic_bool egress_stop;
    _Atomic int exit_code;
    uint64_t created_ns;
};

/** Remembers the first failure, and ends the engine. Any thread. */
void engine_fail(struct engine *engine, int exit_code, const char *what, const char *why);

/* engine_threads.c */
NODISCARD enum redress_status engine_threads_start(struct engine *engine);
/** Ends workers and egress, in this order; the ingest thread has ended by itself. */
void engine_threads_join(struct engine *engine);
/** From here on everything must be closed within ENDING_MS_MAX; only where the process is ours. */
void engine_guard_ending(struct engine *engine);
/** Everything is closed. */
void engine_unguard_ending(struct engine *engine);

/* engine_control.c */
NODISCARD enum redress_status engine_control_open(struct engine *engine);
/** Once everything stands: what its loop waits on. */
void engine_control_watch(struct engine *engine);
/** Serves until the ingest thread has ended. */
void engine_control_run(struct engine *engine);
void engine_control_close(struct engine *engine);
/** Reads the acknowledgements that were written before, so that no acknowledged case comes back. */
void engine_control_learn_acknowledged(struct engine *engine);

/* engine_health.c */
/** Once a second: what stands still although it has work? */
void engine_watch(struct engine *engine, uint64_t now_ns);

/* engine_metrics.c, engine_health.c: on the HTTP thread */
void engine_collect_metrics(void *engine, struct metrics *metrics);
void engine_check_health(void *engine, struct health_report *report);
void engine_check_ready(void *engine, struct health_report *report);

#endif
