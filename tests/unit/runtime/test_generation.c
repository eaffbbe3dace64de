/**
 * Rule set generations: a rule set is freed exactly once, and never while a worker may still judge
 * with it or a message judged by it is still held.
 * Method: stand-ins count what is freed; a seeded walk of publish, adopt, take, release and retire
 * is held against a plain model.
 */
#include "runtime/generation.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { SETS_MAX = 4096, WORKERS = 3, STEPS = 20000 };

struct rule_set {
    bool freed;
};

static struct rule_set rule_sets[SETS_MAX];
static unsigned scratches_alive;

void redress_rule_set_free(struct rule_set *rule_set)
{
    if (!rule_set)
        return;
    assert_false(rule_set->freed);
    rule_set->freed = true;
}

enum redress_status redress_scratch_create(const struct rule_set *rule_set, struct scratch **out)
{
    assert_false(rule_set->freed);
    *out = memory_allocate(1);
    scratches_alive += *out != NULL;
    return *out ? STATUS_OK : STATUS_MEMORY;
}

void classify_warm(const struct rule_set *rule_set, struct scratch *scratch)
{
    assert_false(rule_set->freed);
    assert_non_null(scratch);
}

void redress_scratch_free(struct scratch *scratch)
{
    scratches_alive -= scratch != NULL;
    memory_free(scratch);
}

struct held {
    uint32_t version;
};

struct walk {
    struct generation_registry registry;
    struct generation *adopted[WORKERS];
    struct held held[256];
    unsigned held_count;
    unsigned published;
};

static void walk_publish(struct walk *walk)
{
    if (walk->published == SETS_MAX)
        return;
    enum redress_status status = generation_publish(&walk->registry, &rule_sets[walk->published]);
    assert_true(status == STATUS_OK || status == STATUS_FULL);
    walk->published += status == STATUS_OK;
}

static void walk_judge(struct walk *walk, unsigned worker)
{
    if (walk->held_count == 256)
        return;
    walk->adopted[worker] = generation_adopt(&walk->registry, worker);
    assert_false(walk->adopted[worker]->rule_set->freed);
    generation_take(walk->adopted[worker], worker);
    walk->held[walk->held_count++].version = walk->adopted[worker]->version;
}

static void walk_end(struct walk *walk, unsigned index)
{
    if (walk->held_count == 0)
        return;
    index %= walk->held_count;
    struct generation *generation = generation_find(&walk->registry, walk->held[index].version);
    assert_false(generation->rule_set->freed);
    generation_release(&walk->registry, walk->held[index].version);
    walk->held[index] = walk->held[--walk->held_count];
}

static void rule_sets_live_as_long_as_anybody_needs_them(void **state)
{
    (void)state;
    static struct walk walk;
    unsigned seed = 20261124;
    print_message("seed %u\n", seed);
    srandom(seed);
    generation_registry_init(&walk.registry, WORKERS);
    walk_publish(&walk);
    for (unsigned worker = 0; worker < WORKERS; worker++)
        walk.adopted[worker] = generation_adopt(&walk.registry, worker);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned choice = (unsigned)random() % 16;
        if (choice == 0)
            walk_publish(&walk);
        else if (choice == 1)
            generation_retire(&walk.registry);
        else if (choice < 9)
            walk_judge(&walk, (unsigned)random() % WORKERS);
        else
            walk_end(&walk, (unsigned)random());
    }
    assert_true(walk.published > 50);
    while (walk.held_count > 0)
        walk_end(&walk, 0);
    for (unsigned worker = 0; worker < WORKERS; worker++)
        generation_adopt(&walk.registry, worker);
    assert_int_equal(generation_retire(&walk.registry), 1);
    for (unsigned index = 0; index + 1 < walk.published; index++)
        assert_true(rule_sets[index].freed);
    assert_false(rule_sets[walk.published - 1].freed);
    generation_registry_destroy(&walk.registry);
    assert_int_equal(scratches_alive, 0);
}

static void publishing_fails_cleanly_when_memory_is_out(void **state)
{
    (void)state;
    struct generation_registry registry;
    struct rule_set rule_set = {false};
    generation_registry_init(&registry, WORKERS);
    for (long allowed = 0; allowed < WORKERS + 1; allowed++) {
        memory_fail_after(allowed);
        assert_int_equal(generation_publish(&registry, &rule_set), STATUS_MEMORY);
        memory_fail_after(-1);
        assert_false(rule_set.freed);
        assert_int_equal(scratches_alive, 0);
    }
    assert_int_equal(generation_publish(&registry, &rule_set), STATUS_OK);
    generation_registry_destroy(&registry);
    assert_true(rule_set.freed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_sets_live_as_long_as_anybody_needs_them),
        cmocka_unit_test(publishing_fails_cleanly_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
