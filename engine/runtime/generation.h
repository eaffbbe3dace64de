/**
 * The rule sets in use: one current, older ones until the last message judged by them has ended.
 *
 *   publish -> current -> (every worker has adopted a newer one, every message released) -> freed
 *
 * A worker adopts the current generation between batches and never waits. A message keeps the
 * version of the rule set that judged it, so that its rules can still be named when it is written
 * out. Counts of taken and released messages are kept apart by writer: no counter is shared.
 *
 * Threads: publish and retire on one thread at a time (control or reload); adopt and take by the
 *          worker of that index; release by egress; find by anybody who holds a message of it.
 */
#ifndef REDRESS_RUNTIME_GENERATION_H
#define REDRESS_RUNTIME_GENERATION_H

#include <redress/classify.h>

#include <stdalign.h>
#include <stdatomic.h>

enum { GENERATIONS_MAX = 8 };

struct generation_use {
    alignas(64) _Atomic uint64_t messages; /* judged with this generation by one worker */
};

struct generation {
    struct rule_set *rule_set;
    uint32_t version;
    unsigned worker_count;
    struct scratch *scratches[WORKERS_MAX];
    struct generation_use taken[WORKERS_MAX];
    alignas(64) _Atomic uint64_t released; /* written by egress */
};

struct generation_registry {
    _Atomic(struct generation *) current;
    _Atomic(struct generation *) alive[GENERATIONS_MAX]; /* place version % GENERATIONS_MAX */
    _Atomic uint32_t adopted[WORKERS_MAX];               /* version that each worker uses */
    unsigned worker_count;
    uint32_t versions_published;
};

void generation_registry_init(struct generation_registry *registry, unsigned worker_count);
/** Frees every generation; no other thread may run. */
void generation_registry_destroy(struct generation_registry *registry);

/**
 * Makes rule_set the current one and allocates each worker's scratch for it.
 *
 * Returns: STATUS_FULL while GENERATIONS_MAX generations are still in use (retire, then try again).
 * Owns:    takes rule_set over on STATUS_OK only.
 */
NODISCARD enum redress_status generation_publish(struct generation_registry *registry,
                                                 struct rule_set *rule_set);

/** The generation this worker uses from now on. Never NULL once one was published. */
struct generation *generation_adopt(struct generation_registry *registry, unsigned worker_index);
/** One message was judged with it; every message taken must be released once. */
void generation_take(struct generation *generation, unsigned worker_index);
/** The message judged with that version has ended. version 0 (never judged) is ignored. */
void generation_release(struct generation_registry *registry, uint32_t version);
/** The generation of a message still held; NULL for version 0. */
struct generation *generation_find(const struct generation_registry *registry, uint32_t version);

/** Frees generations that nobody uses any more; answers how many are still alive. */
unsigned generation_retire(struct generation_registry *registry);

#endif
