/**
 * The offset ledger.
 *
 * Goal:   a watermark never passes an unfinished message, and is never lower than it could be.
 * Method: examples for each rule, then seeded random walks beside a naive model that keeps every
 * received offset with its state and looks for the done prefix from the start each time.
 */
#include "ingest/ledger.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct offset_ledger *open_ledger(uint32_t slots, uint32_t messages)
{
    struct offset_ledger *ledger;
    assert_int_equal(offset_ledger_create(slots, messages, &ledger), STATUS_OK);
    return ledger;
}

static uint64_t receive(struct offset_ledger *ledger, uint32_t slot, int64_t offset)
{
    uint64_t position;
    assert_int_equal(offset_ledger_receive(ledger, slot, offset, (uint64_t)offset + 1, &position),
                     STATUS_OK);
    return position;
}

static int64_t take(struct offset_ledger *ledger, uint32_t slot, uint32_t generation)
{
    struct offset_watermark watermark;
    if (!offset_ledger_take(ledger, &watermark))
        return -1;
    assert_int_equal(watermark.slot, slot);
    assert_int_equal(watermark.generation, generation);
    return watermark.next_offset;
}

static void ledger_holds_watermark_at_unfinished_message(void **state)
{
    (void)state;
    struct offset_ledger *ledger = open_ledger(1, 8);
    offset_ledger_assign(ledger, 0, 1);
    uint64_t first = receive(ledger, 0, 10);
    uint64_t second = receive(ledger, 0, 12); /* 11 was compacted away */
    uint64_t third = receive(ledger, 0, 13);
    assert_int_equal(offset_ledger_mark_done(ledger, 0, 1, third), STATUS_OK);
    assert_int_equal(take(ledger, 0, 1), -1);
    assert_int_equal(offset_ledger_mark_done(ledger, 0, 1, first), STATUS_OK);
    assert_int_equal(take(ledger, 0, 1), 11);
    assert_int_equal(take(ledger, 0, 1), -1);
    assert_int_equal(offset_ledger_oldest_ns(ledger, 0), 13);
    assert_int_equal(offset_ledger_mark_done(ledger, 0, 1, second), STATUS_OK);
    assert_int_equal(take(ledger, 0, 1), 14);
    assert_int_equal(offset_ledger_oldest_ns(ledger, 0), 0);
    offset_ledger_destroy(ledger);
}

static void ledger_ignores_and_counts_marks_of_an_older_generation(void **state)
{
    (void)state;
    struct offset_ledger *ledger = open_ledger(2, 8);
    offset_ledger_assign(ledger, 1, 1);
    uint64_t old = receive(ledger, 1, 100);
    offset_ledger_revoke(ledger, 1);
    assert_int_equal(offset_ledger_mark_done(ledger, 1, 1, old), STATUS_CONFLICT);
    offset_ledger_assign(ledger, 1, 2);
    uint64_t again = receive(ledger, 1, 100);
    assert_int_equal(offset_ledger_mark_done(ledger, 1, 1, old), STATUS_CONFLICT);
    assert_int_equal(offset_ledger_stale_marks(ledger), 2);
    assert_int_equal(take(ledger, 1, 2), -1);
    assert_int_equal(offset_ledger_unfinished(ledger, 1), 1);
    assert_int_equal(offset_ledger_mark_done(ledger, 1, 2, again), STATUS_OK);
    assert_int_equal(take(ledger, 1, 2), 101);
    offset_ledger_destroy(ledger);
}

static void ledger_forgets_a_watermark_that_was_not_taken_before_the_revoke(void **state)
{
    (void)state;
    struct offset_ledger *ledger = open_ledger(1, 8);
    offset_ledger_assign(ledger, 0, 1);
    uint64_t position = receive(ledger, 0, 5);
    assert_int_equal(offset_ledger_mark_done(ledger, 0, 1, position), STATUS_OK);
    offset_ledger_revoke(ledger, 0);
    assert_int_equal(take(ledger, 0, 1), -1);
    offset_ledger_assign(ledger, 0, 2);
    assert_int_equal(take(ledger, 0, 2), -1);
    position = receive(ledger, 0, 5);
    assert_int_equal(offset_ledger_mark_done(ledger, 0, 2, position), STATUS_OK);
    offset_ledger_assign(ledger, 0, 3); /* queued by generation 2, but nothing is done in 3 */
    assert_int_equal(take(ledger, 0, 3), -1);
    offset_ledger_destroy(ledger);
}

static void ledger_refuses_what_it_cannot_hold(void **state)
{
    (void)state;
    struct offset_ledger *ledger = open_ledger(2, 2);
    uint64_t position;
    assert_int_equal(offset_ledger_receive(ledger, 0, 1, 1, &position), STATUS_CONFLICT);
    offset_ledger_assign(ledger, 0, 1);
    uint64_t first = receive(ledger, 0, 7);
    assert_int_equal(offset_ledger_receive(ledger, 0, 7, 1, &position), STATUS_INVALID);
    assert_int_equal(offset_ledger_receive(ledger, 0, 6, 1, &position), STATUS_INVALID);
    receive(ledger, 0, 8);
    assert_int_equal(offset_ledger_receive(ledger, 0, 9, 1, &position), STATUS_FULL);
    assert_int_equal(offset_ledger_unfinished_total(ledger), 2);
    assert_int_equal(offset_ledger_mark_done(ledger, 0, 1, first), STATUS_OK);
    receive(ledger, 0, 9);
    offset_ledger_destroy(ledger);
}

static void ledger_needs_no_more_room_however_long_one_message_is_held(void **state)
{
    (void)state;
    struct offset_ledger *ledger = open_ledger(1, 2);
    offset_ledger_assign(ledger, 0, 1);
    uint64_t held = receive(ledger, 0, 0);
    for (int64_t offset = 1; offset < 100000; offset++) {
        uint64_t position = receive(ledger, 0, offset);
        assert_int_equal(offset_ledger_mark_done(ledger, 0, 1, position), STATUS_OK);
    }
    assert_int_equal(take(ledger, 0, 1), -1);
    assert_int_equal(offset_ledger_mark_done(ledger, 0, 1, held), STATUS_OK);
    assert_int_equal(take(ledger, 0, 1), 100000);
    offset_ledger_destroy(ledger);
}

static void ledger_says_when_memory_is_out(void **state)
{
    (void)state;
    for (long calls = 0; calls < 4; calls++) {
        struct offset_ledger *ledger;
        memory_fail_after(calls);
        enum redress_status status = offset_ledger_create(4, 4, &ledger);
        memory_fail_after(-1);
        assert_int_equal(status, STATUS_MEMORY);
        assert_null(ledger);
    }
    offset_ledger_destroy(NULL);
    assert_true(offset_ledger_bytes(4, 1000) > 1000 * 8);
}

/* The model: everything ever received in a slot's present generation. */
enum { SLOTS = 3, BUDGET = 40, MODEL_MAX = 400, STEPS = 4000, SEEDS = 60 };

struct model_message {
    uint32_t slot;
    uint32_t generation;
    int64_t offset;
    uint64_t position;
    bool done;
};

struct model {
    struct offset_ledger *ledger;
    unsigned seed;
    uint32_t generation[SLOTS];
    bool assigned[SLOTS];
    int64_t next_offset[SLOTS];
    int64_t yielded[SLOTS]; /* the last watermark of this generation */
    struct model_message messages[MODEL_MAX];
    uint32_t count;
    uint64_t stale;
};

static unsigned pick(struct model *model, unsigned below)
{
    return (unsigned)rand_r(&model->seed) % below;
}

static int64_t model_watermark(const struct model *model, uint32_t slot)
{
    int64_t watermark = -1;
    for (uint32_t index = 0; index < model->count; index++) {
        const struct model_message *message = &model->messages[index];
        if (message->slot != slot || message->generation != model->generation[slot])
            continue;
        if (!message->done)
            break;
        watermark = message->offset + 1;
    }
    return watermark;
}

static uint32_t model_unfinished(const struct model *model, uint32_t slot)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < model->count; index++) {
        const struct model_message *message = &model->messages[index];
        count += message->slot == slot && !message->done && model->assigned[slot] &&
                 message->generation == model->generation[slot];
    }
    return count;
}

static uint32_t model_unfinished_total(const struct model *model)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        count += model_unfinished(model, slot);
    return count;
}

static void model_receive(struct model *model, uint32_t slot)
{
    int64_t offset = model->next_offset[slot] + pick(model, 3);
    uint64_t position = 0;
    enum redress_status expected = STATUS_OK;
    if (!model->assigned[slot])
        expected = STATUS_CONFLICT;
    else if (model_unfinished_total(model) == BUDGET)
        expected = STATUS_FULL;
    assert_int_equal(offset_ledger_receive(model->ledger, slot, offset, 1, &position), expected);
    if (expected != STATUS_OK)
        return;
    model->next_offset[slot] = offset + 1;
    model->messages[model->count++] = (struct model_message){.slot = slot,
                                                             .generation = model->generation[slot],
                                                             .offset = offset,
                                                             .position = position};
}

static void model_mark(struct model *model)
{
    uint32_t start = model->count ? pick(model, model->count) : 0;
    for (uint32_t index = start; index < model->count; index++) {
        struct model_message *message = &model->messages[index];
        if (message->done)
            continue;
        bool current = model->assigned[message->slot] &&
                       message->generation == model->generation[message->slot];
        assert_int_equal(offset_ledger_mark_done(model->ledger, message->slot, message->generation,
                                                 message->position),
                         current ? STATUS_OK : STATUS_CONFLICT);
        model->stale += !current;
        message->done = true;
        return;
    }
}

static void model_regroup(struct model *model, uint32_t slot)
{
    if (model->assigned[slot] && pick(model, 2)) {
        offset_ledger_revoke(model->ledger, slot);
        model->assigned[slot] = false;
        return;
    }
    offset_ledger_assign(model->ledger, slot, ++model->generation[slot]);
    model->assigned[slot] = true;
    model->next_offset[slot] = pick(model, 100);
    model->yielded[slot] = -1;
}

static void model_take(struct model *model)
{
    struct offset_watermark watermark;
    while (offset_ledger_take(model->ledger, &watermark)) {
        uint32_t slot = watermark.slot;
        assert_true(model->assigned[slot]);
        assert_int_equal(watermark.generation, model->generation[slot]);
        assert_int_equal(watermark.next_offset, model_watermark(model, slot));
        model->yielded[slot] = watermark.next_offset;
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        if (model->assigned[slot])
            assert_int_equal(model->yielded[slot], model_watermark(model, slot));
        assert_int_equal(offset_ledger_unfinished(model->ledger, slot),
                         model_unfinished(model, slot));
    }
    assert_int_equal(offset_ledger_stale_marks(model->ledger), model->stale);
}

static void walk(unsigned seed)
{
    struct model *model = memory_allocate(sizeof *model);
    assert_non_null(model);
    model->seed = seed;
    model->ledger = open_ledger(SLOTS, BUDGET);
    for (int step = 0; step < STEPS && model->count < MODEL_MAX; step++) {
        unsigned choice = pick(model, 100);
        if (choice < 45)
            model_receive(model, pick(model, SLOTS));
        else if (choice < 90)
            model_mark(model);
        else if (choice < 92)
            model_regroup(model, pick(model, SLOTS));
        else
            model_take(model);
    }
    model_take(model);
    offset_ledger_destroy(model->ledger);
    memory_free(model);
}

static void ledger_agrees_with_a_naive_model_on_random_walks(void **state)
{
    (void)state;
    const char *given = getenv("REDRESS_SEED");
    unsigned first = given ? (unsigned)strtoul(given, NULL, 10) : 1;
    print_message("seeds %u to %u (REDRESS_SEED sets the first)\n", first, first + SEEDS - 1);
    for (unsigned seed = first; seed < first + SEEDS; seed++)
        walk(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ledger_holds_watermark_at_unfinished_message),
        cmocka_unit_test(ledger_ignores_and_counts_marks_of_an_older_generation),
        cmocka_unit_test(ledger_forgets_a_watermark_that_was_not_taken_before_the_revoke),
        cmocka_unit_test(ledger_refuses_what_it_cannot_hold),
        cmocka_unit_test(ledger_needs_no_more_room_however_long_one_message_is_held),
        cmocka_unit_test(ledger_says_when_memory_is_out),
        cmocka_unit_test(ledger_agrees_with_a_naive_model_on_random_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
