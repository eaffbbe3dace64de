#include "runtime/pipeline.h"

#include "base/assert.h"
#include "base/clock.h"
#include "egress/case_id.h"
#include "runtime/pipeline_state.h"

/* How many of one ring before the next has its turn: long enough to amortise a wake, short enough
 * that a burst on one ring does not hold the others up. */
enum { BATCH_MESSAGES = 64 };

static void push_sure(struct ring *ring, struct message *message)
{
    bool pushed = ring_push(ring, message);
    ASSERT(pushed); /* the ring holds the whole message budget */
}

/* --- ingest's side --------------------------------------------------------------------------- */

static unsigned worker_of(const struct pipeline *pipeline, uint32_t partition_slot)
{
    return partition_slot % pipeline->settings.worker_count;
}

/* A marker goes before every message of the next epoch, so an inbox that still owes its copy takes
 * nothing else. */
static bool send_owed_marker(struct pipeline *pipeline, unsigned worker_index)
{
    uint64_t bit = UINT64_C(1) << worker_index;
    if (!(pipeline->inbox_markers_unsent & bit))
        return true;
    if (!ring_push(&pipeline->inboxes[worker_index], &pipeline->inbox_markers[worker_index]))
        return false;
    pipeline->inbox_markers_unsent &= ~bit;
    pipeline->inboxes_touched |= bit;
    return true;
}

enum redress_status pipeline_hand_over(void *context, struct message *message)
{
    struct pipeline *pipeline = context;
    unsigned worker_index = worker_of(pipeline, message->partition_slot);
    if (!send_owed_marker(pipeline, worker_index))
        return STATUS_FULL;
    case_id_assign(pipeline->settings.cluster_id, message);
    conservation_stamp(pipeline->conservation, message);
    if (!ring_push(&pipeline->inboxes[worker_index], message))
        return STATUS_FULL;
    conservation_received(pipeline->conservation, message);
    pipeline->inboxes_touched |= UINT64_C(1) << worker_index;
    return STATUS_OK;
}

void pipeline_hand_over_end(void *context)
{
    struct pipeline *pipeline = context;
    for (unsigned index = 0; pipeline->inboxes_touched >> index; index++)
        if (pipeline->inboxes_touched >> index & 1)
            doorbell_ring(&pipeline->worker_bells[index]);
    pipeline->inboxes_touched = 0;
}

static void begin_epoch(struct pipeline *pipeline, uint64_t now_ns)
{
    struct conservation *law = pipeline->conservation;
    law->next_marker_ns = now_ns + (uint64_t)CONSERVATION_INTERVAL_MS * NS_PER_MS;
    uint32_t epoch = conservation_begin(law);
    for (unsigned index = 0; index < pipeline->settings.worker_count; index++) {
        pipeline->inbox_markers[index] = (struct message){.kind = MESSAGE_MARKER, .epoch = epoch};
        pipeline->inbox_markers_unsent |= UINT64_C(1) << index;
    }
}

enum redress_status pipeline_tick(struct pipeline *pipeline, uint64_t now_ns)
{
    struct conservation *law = pipeline->conservation;
    enum redress_status status = STATUS_OK;
    if (law->is_under_way)
        status = conservation_check(law);
    else if (now_ns >= law->next_marker_ns)
        begin_epoch(pipeline, now_ns);
    for (unsigned index = 0; index < pipeline->settings.worker_count; index++)
        if (!send_owed_marker(pipeline, index))
            continue; /* tried again with the next message or tick */
    pipeline_hand_over_end(pipeline);
    return status == STATUS_FATAL ? STATUS_FATAL : STATUS_OK;
}

/* --- a worker's turn ------------------------------------------------------------------------- */

static void forward_marker(struct pipeline *pipeline, unsigned worker_index, uint32_t epoch)
{
    for (unsigned owner = 0; owner < pipeline->settings.worker_count; owner++) {
        struct message *marker =
            &pipeline->crossing_markers[worker_index * pipeline->settings.worker_count + owner];
        *marker = (struct message){.kind = MESSAGE_MARKER, .epoch = epoch};
        push_sure(pipeline_crossing(pipeline, worker_index, owner), marker);
        doorbell_ring(&pipeline->worker_bells[owner]);
    }
}

/* Judges what stood there, in order; urgent cases stand before people when this returns. The rules
 * are adopted behind the look at the inbox: what comes after a reload waits for the next turn, so
 * that no message that was sent when new rules were in use meets the old ones. */
static unsigned judge(struct pipeline *pipeline, struct worker *worker, struct message **judged)
{
    uint64_t waiting = ring_count(&pipeline->inboxes[worker->index]);
    worker_adopt_rules(worker);
    unsigned count = waiting < BATCH_MESSAGES ? (unsigned)waiting : BATCH_MESSAGES;
    for (unsigned index = 0; index < count; index++) {
        judged[index] = ring_pop(&pipeline->inboxes[worker->index]);
        ASSERT(judged[index]);
    }
    for (unsigned index = 0; index < count; index++) {
        if (index + 1 < count)
            envelope_prefetch(judged[index + 1]);
        if (judged[index]->kind == MESSAGE_RECORD)
            worker_judge(worker, judged[index]);
    }
    return count;
}

static void send_to_owners(struct pipeline *pipeline, struct worker *worker,
                           struct message *const *judged, unsigned count)
{
    uint64_t owners_touched = 0;
    uint64_t decided_ns = worker_now_ns(worker); /* one look at the clock a batch */
    for (unsigned index = 0; index < count; index++) {
        struct message *message = judged[index];
        if (message->kind == MESSAGE_MARKER) {
            forward_marker(pipeline, worker->index, message->epoch);
            continue;
        }
        unsigned owner = worker_history_owner(worker, message);
        message->decided_ns = decided_ns;
        push_sure(pipeline_crossing(pipeline, worker->index, owner), message);
        owners_touched |= UINT64_C(1) << owner;
    }
    owners_touched &= ~(UINT64_C(1) << worker->index); /* we are awake */
    for (unsigned owner = 0; owners_touched >> owner; owner++)
        if (owners_touched >> owner & 1)
            doorbell_ring(&pipeline->worker_bells[owner]);
}

static unsigned judge_batch(struct pipeline *pipeline, struct worker *worker)
{
    struct message *judged[BATCH_MESSAGES];
    unsigned count = judge(pipeline, worker, judged);
    if (count > 0)
        send_to_owners(pipeline, worker, judged, count);
    return count;
}

static void meet_marker(struct pipeline *pipeline, struct worker *worker, uint32_t epoch)
{
    if (++pipeline->owner_markers_met[worker->index] < pipeline->settings.worker_count)
        return;
    pipeline->owner_markers_met[worker->index] = 0;
    struct message *marker = &pipeline->outbox_markers[worker->index];
    *marker = (struct message){.kind = MESSAGE_MARKER, .epoch = epoch};
    push_sure(&pipeline->outboxes[worker->index], marker);
}

/* Takes what has come, and has memory bring what it needs in the meantime: a customer is in no
 * cache. */
static unsigned take_crossed(struct pipeline *pipeline, const struct worker *worker, unsigned from,
                             struct message **crossed)
{
    unsigned count = 0;
    while (count < BATCH_MESSAGES) {
        struct message *message = ring_pop(pipeline_crossing(pipeline, from, worker->index));
        if (!message)
            break;
        if (message->kind == MESSAGE_RECORD)
            worker_prefetch_history(worker, message);
        crossed[count++] = message;
    }
    return count;
}

static unsigned conclude_batch(struct pipeline *pipeline, struct worker *worker, unsigned from)
{
    struct message *crossed[BATCH_MESSAGES];
    unsigned count = take_crossed(pipeline, worker, from, crossed);
    for (unsigned index = 0; index < count; index++) {
        struct message *message = crossed[index];
        if (message->kind == MESSAGE_MARKER) {
            meet_marker(pipeline, worker, message->epoch);
            continue;
        }
        worker_conclude(worker, message);
        push_sure(&pipeline->outboxes[worker->index], message);
    }
    return count;
}

bool pipeline_worker_step(struct pipeline *pipeline, unsigned worker_index, uint64_t now_ns)
{
    (void)now_ns;
    struct worker *worker = pipeline->workers[worker_index];
    unsigned judged = judge_batch(pipeline, worker);
    unsigned concluded = 0;
    for (unsigned from = 0; from < pipeline->settings.worker_count; from++)
        concluded += conclude_batch(pipeline, worker, from);
    if (concluded > 0 && pipeline->settings.egress_bell)
        doorbell_ring(pipeline->settings.egress_bell);
    return judged + concluded > 0;
}

bool pipeline_worker_has_work(struct pipeline *pipeline, unsigned worker_index)
{
    if (ring_count(&pipeline->inboxes[worker_index]) > 0)
        return true;
    for (unsigned from = 0; from < pipeline->settings.worker_count; from++)
        if (ring_count(pipeline_crossing(pipeline, from, worker_index)) > 0)
            return true;
    return false;
}

/* --- egress's turn --------------------------------------------------------------------------- */

void pipeline_hand_back(void *context, struct message *message)
{
    struct pipeline *pipeline = context;
    generation_release(pipeline->settings.generations, message->verdict.rule_set_version);
    push_sure(&pipeline->returns, message);
    pipeline->returned_any = true;
}

static void meet_last_marker(struct pipeline *pipeline, uint32_t epoch)
{
    if (++pipeline->egress_markers_met < pipeline->settings.worker_count)
        return;
    pipeline->egress_markers_met = 0;
    conservation_answer(pipeline->conservation, pipeline->egress, epoch);
}

static unsigned accept_batch(struct pipeline *pipeline, unsigned owner)
{
    unsigned count = 0;
    while (count < BATCH_MESSAGES) {
        struct message *message = ring_pop(&pipeline->outboxes[owner]);
        if (!message)
            break;
        count++;
        if (message->kind == MESSAGE_MARKER)
            meet_last_marker(pipeline, message->epoch);
        else
            egress_accept(pipeline->egress, message);
    }
    return count;
}

bool pipeline_egress_step(struct pipeline *pipeline, uint64_t now_ns)
{
    unsigned accepted = 0;
    pipeline->returned_any = false;
    for (unsigned owner = 0; owner < pipeline->settings.worker_count; owner++)
        accepted += accept_batch(pipeline, owner);
    bool moved = egress_step(pipeline->egress, now_ns);
    if (pipeline->returned_any && pipeline->settings.ingest_bell)
        doorbell_ring(pipeline->settings.ingest_bell);
    return moved || accepted > 0;
}

bool pipeline_egress_has_work(struct pipeline *pipeline)
{
    for (unsigned owner = 0; owner < pipeline->settings.worker_count; owner++)
        if (ring_count(&pipeline->outboxes[owner]) > 0)
            return true;
    return false;
}

int64_t pipeline_egress_wait_us(const struct pipeline *pipeline, uint64_t now_ns)
{
    return egress_wait_us(pipeline->egress, now_ns);
}

enum egress_state pipeline_egress_state(const struct pipeline *pipeline)
{
    return egress_state(pipeline->egress);
}
