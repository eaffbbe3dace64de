#include "runtime/undecided_rules.h"

#include "base/assert.h"
#include "runtime/worker_counters.h"

#include <string.h>

static uint32_t kept_of(const struct undecided_rules *counts)
{
    /* Acquire: pairs with the release in keep; the ids below it are whole. */
    return atomic_load_explicit(&counts->kept, memory_order_acquire);
}

/* The rule's place among the first `kept`, or `kept`. */
static uint32_t find(const struct undecided_rules *counts, uint32_t kept, const char *id)
{
    uint32_t place = 0;
    while (place < kept && strcmp(counts->rules[place].id, id) != 0)
        place++;
    return place;
}

static void keep(struct undecided_rules *counts, uint32_t place, const char *id)
{
    size_t size = strlen(id);
    ASSERT(size <= RULE_ID_BYTES_MAX); /* the loader bounds it */
    memcpy(counts->rules[place].id, id, size + 1);
    /* Release: pairs with the acquire in kept_of; the id comes first. */
    atomic_store_explicit(&counts->kept, place + 1, memory_order_release);
}

void undecided_rules_add(struct undecided_rules *counts, const char *id)
{
    uint32_t kept = kept_of(counts);
    uint32_t place = id ? find(counts, kept, id) : UNDECIDED_RULES_KEPT_MAX;
    if (place == UNDECIDED_RULES_KEPT_MAX) {
        worker_count_add(&counts->others, 1);
        return;
    }
    if (place == kept)
        keep(counts, place, id);
    worker_count_add(&counts->rules[place].count, 1);
}

struct rule_sum {
    const char *id;
    uint64_t count;
};

static void add_rule(struct rule_sum *sums, uint32_t *sum_count, const struct undecided_rule *rule)
{
    uint32_t place = 0;
    while (place < *sum_count && strcmp(sums[place].id, rule->id) != 0)
        place++;
    if (place == *sum_count)
        sums[(*sum_count)++] = (struct rule_sum){.id = rule->id};
    sums[place].count += worker_count(&rule->count);
}

void undecided_rules_sum(const struct undecided_rules *const *workers, unsigned workers_count,
                         undecided_rules_visitor *visit, void *context)
{
    struct rule_sum sums[WORKERS_MAX * UNDECIDED_RULES_KEPT_MAX];
    uint32_t sum_count = 0;
    uint64_t others = 0;
    ASSERT(workers_count <= WORKERS_MAX);
    for (unsigned index = 0; index < workers_count; index++) {
        uint32_t kept = kept_of(workers[index]);
        others += worker_count(&workers[index]->others);
        for (uint32_t place = 0; place < kept; place++)
            add_rule(sums, &sum_count, &workers[index]->rules[place]);
    }
    for (uint32_t place = 0; place < sum_count; place++)
        if (sums[place].count > 0) /* named, but not counted yet */
            visit(context, sums[place].id, sums[place].count);
    if (others > 0)
        visit(context, UNDECIDED_RULES_OTHERS, others);
}
