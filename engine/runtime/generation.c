#include "runtime/generation.h"

#include "base/assert.h"
#include "base/memory.h"
#include "classify/warm.h"

void generation_registry_init(struct generation_registry *registry, unsigned worker_count)
{
    ASSERT(worker_count >= 1 && worker_count <= WORKERS_MAX);
    *registry = (struct generation_registry){.worker_count = worker_count};
}

static void generation_free(struct generation *generation)
{
    for (unsigned index = 0; index < generation->worker_count; index++)
        redress_scratch_free(generation->scratches[index]);
    redress_rule_set_free(generation->rule_set);
    memory_free(generation);
}

void generation_registry_destroy(struct generation_registry *registry)
{
    for (unsigned place = 0; place < GENERATIONS_MAX; place++) {
        struct generation *generation =
            atomic_load_explicit(&registry->alive[place], memory_order_relaxed); /* alone by now */
        if (generation)
            generation_free(generation);
        atomic_store_explicit(&registry->alive[place], NULL, memory_order_relaxed);
    }
    atomic_store_explicit(&registry->current, NULL, memory_order_relaxed);
}

static enum redress_status create_scratches(struct generation *generation)
{
    for (unsigned index = 0; index < generation->worker_count; index++) {
        enum redress_status status =
            redress_scratch_create(generation->rule_set, &generation->scratches[index]);
        if (status != STATUS_OK)
            return status;
        classify_warm(generation->rule_set, generation->scratches[index]);
    }
    return STATUS_OK;
}

enum redress_status generation_publish(struct generation_registry *registry,
                                       struct rule_set *rule_set)
{
    uint32_t version = registry->versions_published + 1;
    unsigned place = version % GENERATIONS_MAX;
    if (atomic_load_explicit(&registry->alive[place], memory_order_relaxed)) /* our own writes */
        return STATUS_FULL;
    struct generation *generation = memory_allocate(sizeof *generation);
    if (!generation)
        return STATUS_MEMORY;
    generation->rule_set = rule_set;
    generation->version = version;
    generation->worker_count = registry->worker_count;
    enum redress_status status = create_scratches(generation);
    if (status != STATUS_OK) {
        generation->rule_set = NULL; /* still the caller's */
        generation_free(generation);
        return status;
    }
    registry->versions_published = version;
    /* Release: pairs with the acquires in generation_find and generation_adopt. */
    atomic_store_explicit(&registry->alive[place], generation, memory_order_release);
    atomic_store_explicit(&registry->current, generation, memory_order_release);
    return STATUS_OK;
}

struct generation *generation_adopt(struct generation_registry *registry, unsigned worker_index)
{
    struct generation *generation = atomic_load_explicit(&registry->current, memory_order_acquire);
    ASSERT(generation != NULL);
    if (atomic_load_explicit(&registry->adopted[worker_index], memory_order_relaxed) !=
        generation->version)
        /* Release: pairs with the acquire in is_unused; our last take of the old one comes first.
         */
        atomic_store_explicit(&registry->adopted[worker_index], generation->version,
                              memory_order_release);
    return generation;
}

void generation_take(struct generation *generation, unsigned worker_index)
{
    _Atomic uint64_t *messages = &generation->taken[worker_index].messages;
    /* Relaxed: only this worker writes it; the reader orders itself by the adopted version. */
    uint64_t count = atomic_load_explicit(messages, memory_order_relaxed);
    atomic_store_explicit(messages, count + 1, memory_order_relaxed);
}

struct generation *generation_find(const struct generation_registry *registry, uint32_t version)
{
    if (version == 0)
        return NULL;
    struct generation *generation =
        atomic_load_explicit(&registry->alive[version % GENERATIONS_MAX], memory_order_acquire);
    ASSERT(generation != NULL && generation->version == version);
    return generation;
}

void generation_release(struct generation_registry *registry, uint32_t version)
{
    struct generation *generation = generation_find(registry, version);
    if (!generation)
        return;
    uint64_t count = atomic_load_explicit(&generation->released, memory_order_relaxed);
    /* Release: pairs with the acquire in is_unused; our last look at the rules comes first. */
    atomic_store_explicit(&generation->released, count + 1, memory_order_release);
}

/* Once every worker has adopted a newer generation, taken no longer grows and can be compared. */
static bool is_unused(const struct generation_registry *registry,
                      const struct generation *generation)
{
    uint64_t taken = 0;
    for (unsigned index = 0; index < registry->worker_count; index++) {
        if (atomic_load_explicit(&registry->adopted[index], memory_order_acquire) <=
            generation->version)
            return false;
        taken += atomic_load_explicit(&generation->taken[index].messages, memory_order_relaxed);
    }
    return atomic_load_explicit(&generation->released, memory_order_acquire) == taken;
}

unsigned generation_retire(struct generation_registry *registry)
{
    unsigned alive = 0;
    for (unsigned place = 0; place < GENERATIONS_MAX; place++) {
        struct generation *generation =
            atomic_load_explicit(&registry->alive[place], memory_order_relaxed);
        if (!generation)
            continue;
        if (generation->version == registry->versions_published ||
            !is_unused(registry, generation)) {
            alive++;
            continue;
        }
        atomic_store_explicit(&registry->alive[place], NULL, memory_order_relaxed);
        generation_free(generation);
    }
    return alive;
}
