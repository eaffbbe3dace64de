/**
 * Replaces the rule set of a running engine: a bad pack changes nothing and says why.
 *
 *   idle -> checking (a child process parses and compiles it under memory and CPU limits)
 *        -> compiling (a thread of its own loads it aside) -> published -> idle
 *
 * The engine loads only what a child has loaded before it: a pack that takes all memory, or that
 * crashes what compiles it, ends the child and costs nothing else. So everything is loaded twice,
 * one after the other, and the child hands on nothing but its word: what it could hand on would
 * have to be checked as strictly as rules are, by code as large. Loading is made cheap instead
 * (two threads, scan_build.h), which serves the start as well. Both halves give way to messages:
 * the child by its niceness, the engine's thread takes the time that no message wants.
 *
 * Requests while one is under way coalesce into one more run. The last good set stays until the new
 * one is published.
 *
 * Threads: all calls on the control thread; reload_status_of reads from any.
 */
#ifndef REDRESS_RUNTIME_RELOAD_H
#define REDRESS_RUNTIME_RELOAD_H

#include "runtime/generation.h"

#include <pthread.h>
#include <sys/types.h>

enum reload_state { RELOAD_IDLE, RELOAD_CHECKING, RELOAD_COMPILING };

enum { RELOAD_FAILURE_BYTES_MAX = 512 };

struct reload_settings {
    const char *rules_folder;
    const char *override_folder; /* NULL where the site changes nothing */
    uint64_t child_memory_bytes_max;
    uint64_t child_cpu_s_max;
};

struct reload {
    struct generation_registry *registry;
    struct reload_settings settings;
    enum reload_state state;
    bool again; /* asked for while one was under way */
    pid_t child;
    int child_output;
    pthread_t thread;
    atomic_bool thread_done;
    struct rule_set *loaded;
    char failure[RELOAD_FAILURE_BYTES_MAX]; /* of the run under way */
    size_t failure_size;
    _Atomic uint64_t successes;
    _Atomic uint64_t failures;
    _Atomic int64_t last_failure_ms; /* Unix time; 0 never */
    _Atomic int64_t last_success_ms;
    _Atomic uint64_t rule_set_hash; /* of the set in use */
    _Atomic uint64_t rule_count;
    _Atomic uint64_t version;
};

/** Loads and publishes the first rule set, in this thread; all errors go to stderr. */
NODISCARD enum redress_status reload_start(struct reload *reload,
                                           const struct reload_settings *settings,
                                           struct generation_registry *registry);
/** Asks for a new load. */
void reload_request(struct reload *reload);
/** Moves on by what is ready now; true while a run is under way. */
bool reload_step(struct reload *reload);
/** Ends a run under way: the child is killed, the thread is awaited. */
void reload_stop(struct reload *reload);

#endif
