/**
 * The engine's walk over claim words that anybody may have written. The input is a list of steps:
 * write a word, flip a bit, act as a right reader would, push, walk, let time pass. After each walk
 * the truth must hold together, and at the end, once the readers are quiet, no case may be missing.
 */
#include "base/assert.h"
#include "frontline/claims.h"

#include <stddef.h>
#include <string.h>

enum { SLOTS = 8, LEASE_MS = 10, CASES_MAX = 200 };

struct scene {
    struct frontline *frontline;
    uint64_t now_ns;
    uint64_t pushed;
    uint64_t acknowledged;
};

static enum redress_status take_acknowledgement(void *context,
                                                const struct frontline_acknowledgement *ack)
{
    struct scene *scene = context;
    scene->acknowledged++;
    frontline_acknowledgement_durable(scene->frontline, ack->reference);
    return STATUS_OK;
}

static void push(struct scene *scene)
{
    struct frontline_record record;
    if (scene->pushed == CASES_MAX)
        return;
    memset(&record, 0, sizeof record);
    record.case_id = (struct case_id){scene->pushed + 1, 7};
    record.bytes = offsetof(struct frontline_record, text);
    if (frontline_push(scene->frontline, 0, 0, &record) == STATUS_OK)
        scene->pushed++;
}

static void act_rightly(struct scene *scene, uint32_t slot, enum frontline_word_state state)
{
    _Atomic uint64_t *place = &scene->frontline->claims->words[slot];
    uint64_t word = atomic_load(place);
    enum frontline_word_state from = state == WORD_CLAIMED ? WORD_READY : WORD_CLAIMED;
    if (!frontline_word_is_sound(word) || frontline_word_state(word) != from)
        return;
    uint32_t owner = state == WORD_CLAIMED ? FRONTLINE_OWNER_KEPT : frontline_word_owner(word);
    atomic_store(place, frontline_word(state, owner, frontline_word_epoch(word)));
}

static void check(const struct scene *scene)
{
    struct frontline_stats stats;
    frontline_read_stats(scene->frontline, &stats);
    ASSERT(stats.standing + stats.waiting_durable + stats.acknowledged_total >= scene->pushed);
    ASSERT(stats.acknowledged_total <= scene->pushed);
    ASSERT(stats.claimed <= SLOTS);
}

static void walk(struct scene *scene)
{
    struct claims_sink sink = {scene, take_acknowledgement};
    claims_walk(scene->frontline, &sink, scene->now_ns);
    check(scene);
}

static void step(struct scene *scene, const uint8_t *bytes)
{
    uint32_t slot = bytes[1] % SLOTS;
    _Atomic uint64_t *place = &scene->frontline->claims->words[slot];
    uint64_t word;
    memcpy(&word, bytes + 2, sizeof word);
    switch (bytes[0] % 8) {
    case 0:
        atomic_store(place, word);
        break;
    case 1:
        atomic_fetch_xor(place, UINT64_C(1) << (word % 64));
        break;
    case 2:
        act_rightly(scene, slot, WORD_CLAIMED);
        break;
    case 3:
        act_rightly(scene, slot, WORD_ACKED);
        break;
    case 4:
        act_rightly(scene, slot, WORD_RETURNED);
        break;
    case 5:
        push(scene);
        break;
    case 6:
        scene->now_ns += word % (2 * LEASE_MS * UINT64_C(1000000));
        break;
    default:
        walk(scene);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const queues[] = {"fuzz"};
    struct frontline_settings settings = {.producer_count = 1,
                                          .queue_count = 1,
                                          .queue_names = queues,
                                          .slots_per_ring = SLOTS,
                                          .lease_ms = LEASE_MS,
                                          .standing_max = 1024};
    struct scene scene = {.now_ns = 1};
    if (frontline_create(&settings, &scene.frontline) != STATUS_OK)
        return 0;
    for (; size >= 10; data += 10, size -= 10)
        step(&scene, data);
    /* Quiet now: every case that is left can be finished. */
    for (int round = 0; round < 8; round++) {
        for (uint32_t slot = 0; slot < SLOTS; slot++) {
            act_rightly(&scene, slot, WORD_CLAIMED);
            act_rightly(&scene, slot, WORD_ACKED);
        }
        walk(&scene);
        scene.now_ns += 2 * LEASE_MS * UINT64_C(1000000);
    }
    ASSERT(scene.acknowledged == scene.pushed);
    frontline_free(scene.frontline);
    return 0;
}
