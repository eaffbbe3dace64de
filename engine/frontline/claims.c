#include "frontline/claims.h"

#include "base/assert.h"
#include "frontline/case_index.h"

/** One walk: what it needs everywhere, and which queues' readers to wake at its end. */
struct walk {
    struct frontline *frontline;
    const struct claims_sink *sink;
    uint64_t now_ns;
    uint64_t reissued_queues; /* bit 1 << queue index */
    bool moved;               /* a reader's word was taken */
    bool durable;             /* an acknowledgement became durable */
    bool withdraw;            /* acknowledgements were heard of from elsewhere */
};

static _Atomic uint64_t *word_of(const struct walk *walk, const struct slot_truth *truth)
{
    return &walk->frontline->claims->words[frontline_slot_of(walk->frontline, truth)];
}

static struct frontline_slot_head *head_of(const struct walk *walk, const struct slot_truth *truth)
{
    return &walk->frontline->slot_heads[frontline_slot_of(walk->frontline, truth)];
}

/** False where the word changed meanwhile: the next walk looks again. */
static bool replace(const struct walk *walk, const struct slot_truth *truth, uint64_t seen,
                    uint64_t wanted)
{
    /* Pairs with the readers' compare-and-swaps: of two that meet, one sees the other's word. */
    return atomic_compare_exchange_strong_explicit(word_of(walk, truth), &seen, wanted,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

/** Adds to a figure that only this thread writes. */
static void add(_Atomic uint64_t *figure, int64_t change)
{
    uint64_t value = atomic_load_explicit(figure, memory_order_relaxed);
    atomic_store_explicit(figure, value + (uint64_t)change, memory_order_relaxed);
}

static void set_state(struct walk *walk, struct slot_truth *truth, enum slot_state state)
{
    struct claim_figures *figures = &walk->frontline->figures;
    if (truth->state == SLOT_CLAIMED)
        add(&figures->claimed, -1);
    if (state == SLOT_CLAIMED)
        add(&figures->claimed, 1);
    if (truth->state == SLOT_ACKED)
        add(&figures->waiting_durable, -1);
    if (state == SLOT_ACKED)
        add(&figures->waiting_durable, 1);
    truth->state = state;
    truth->until_ns = 0;
}

/** Issues truth->epoch, which nobody has seen yet. */
static void issue(struct walk *walk, struct slot_truth *truth)
{
    struct frontline_ring_head *ring_head = &walk->frontline->ring_heads[truth->ring];
    uint64_t ready = frontline_word(WORD_READY, FRONTLINE_OWNER_NONE, truth->epoch);
    set_state(walk, truth, SLOT_READY);
    truth->owner = FRONTLINE_OWNER_NONE;
    truth->bound = false;
    truth->word = ready;
    atomic_store_explicit(word_of(walk, truth), ready, memory_order_release);
    /* Pairs with the reader's acquire: it claims only what `issued` names, so only from here on. */
    atomic_store_explicit(&head_of(walk, truth)->issued, ready, memory_order_release);
    uint64_t reissued = atomic_load_explicit(&ring_head->reissued, memory_order_relaxed);
    atomic_store_explicit(&ring_head->reissued, reissued + 1, memory_order_release);
    walk->reissued_queues |= UINT64_C(1) << frontline_queue_of(walk->frontline, truth->ring);
}

/** Takes the case out of everybody's hands under the next epoch. */
static bool hold(struct walk *walk, struct slot_truth *truth, uint64_t seen)
{
    uint64_t held = frontline_word(WORD_HELD, FRONTLINE_OWNER_NONE, truth->epoch + 1);
    if (!replace(walk, truth, seen, held))
        return false;
    /* Pairs with the reader's acquire: a copy begun before this is thrown away. */
    atomic_store_explicit(&head_of(walk, truth)->issued, 0, memory_order_release);
    truth->epoch++;
    truth->word = held;
    set_state(walk, truth, SLOT_HELD);
    return true;
}

/** The slot goes back to its producer. */
static void free_slot(struct walk *walk, struct slot_truth *truth)
{
    struct frontline_ring *ring = &walk->frontline->rings[truth->ring];
    struct frontline_slot_head *head = head_of(walk, truth);
    uint64_t word = frontline_word(WORD_FREE, FRONTLINE_OWNER_NONE, truth->epoch);
    set_state(walk, truth, SLOT_READY);
    if (truth->indexed)
        case_index_remove(walk->frontline, truth);
    truth->owner = FRONTLINE_OWNER_NONE;
    truth->bound = false;
    truth->reported = false;
    atomic_store_explicit(&head->issued, 0, memory_order_release);
    atomic_store_explicit(word_of(walk, truth), word, memory_order_release);
    /* Pairs with the acquire of a reader that waits for its acknowledgement. */
    atomic_store_explicit(&head->durable_epoch, truth->epoch, memory_order_release);
    walk->durable = true;
    uint32_t slot = frontline_slot_of(walk->frontline, truth);
    /* Relaxed: the ring of free slots orders it before the producer sets the bit again. */
    atomic_fetch_and_explicit(frontline_standing_word(walk->frontline, truth->ring, slot),
                              ~frontline_standing_bit(walk->frontline, truth->ring, slot),
                              memory_order_relaxed);
    /* Our own word until the producer takes the slot from the ring, which orders the rest. */
    atomic_store_explicit(&truth->holder, HOLDER_PRODUCER, memory_order_relaxed);
    bool pushed = ring_push(&ring->free_slots, truth);
    ASSERT(pushed); /* the ring has a place for every slot */
    uint64_t freed = atomic_load_explicit(&ring->freed_total, memory_order_relaxed);
    atomic_store_explicit(&ring->freed_total, freed + 1, memory_order_release);
}

/** A higher revision of the same case that waits for this one to end, or NULL. */
static const struct slot_truth *raised_behind(const struct walk *walk,
                                              const struct slot_truth *truth)
{
    const struct slot_truth *raised = case_index_find(walk->frontline, truth, true);
    return raised && raised->state == SLOT_WAITING ? raised : NULL;
}

/** Ends a lower revision that nobody has: the higher one is the case. */
static void retire(struct walk *walk, struct slot_truth *lower)
{
    add(&walk->frontline->figures.superseded_total, 1);
    free_slot(walk, lower);
}

static void reissue(struct walk *walk, struct slot_truth *truth, uint64_t seen,
                    _Atomic uint64_t *figure)
{
    if (!hold(walk, truth, seen))
        return;
    walk->moved = true;
    if (raised_behind(walk, truth))
        retire(walk, truth);
    else
        issue(walk, truth);
    add(figure, 1);
}

/** Hands the acknowledgement on once, and frees the slot when Kafka has it. */
static void settle(struct walk *walk, struct slot_truth *truth)
{
    const struct claims_sink *sink = walk->sink;
    if (!sink->on_acknowledged) {
        free_slot(walk, truth);
        return;
    }
    if (!truth->reported) {
        struct frontline_acknowledgement acknowledgement = {
            .reference = (uint64_t)frontline_slot_of(walk->frontline, truth) << 40 | truth->epoch,
            .queue_index = frontline_queue_of(walk->frontline, truth->ring),
            .revision = truth->revision,
            .case_id = truth->case_id,
        };
        truth->reported = sink->on_acknowledged(sink->context, &acknowledgement) == STATUS_OK;
    }
    /* Pairs with the release in frontline_acknowledgement_durable. */
    uint64_t durable = atomic_load_explicit(&truth->durable_epoch, memory_order_acquire);
    if (truth->reported && durable == truth->epoch)
        free_slot(walk, truth);
    if (truth->reported && durable == (truth->epoch | ACKNOWLEDGEMENT_FAILED)) {
        atomic_store_explicit(&truth->durable_epoch, 0, memory_order_relaxed);
        truth->reported = false;
    }
}

static void accept_acknowledgement(struct walk *walk, struct slot_truth *truth, uint64_t word)
{
    struct frontline *frontline = walk->frontline;
    walk->moved = true;
    set_state(walk, truth, SLOT_ACKED);
    truth->owner = frontline_word_owner(word);
    truth->word = word;
    truth->reported = false;
    /* Who had the case had all of it: what waits behind it ends with it. */
    const struct slot_truth *raised = raised_behind(walk, truth);
    if (raised)
        truth->revision = raised->revision;
    add(&frontline->figures.acknowledged_total, 1);
    atomic_store_explicit(&head_of(walk, truth)->issued, 0, memory_order_release);
    standing_acknowledge(&frontline->standing, truth->case_id, truth->revision);
    settle(walk, truth);
}

static void accept_claim(struct walk *walk, struct slot_truth *truth, uint64_t word)
{
    walk->moved = true;
    set_state(walk, truth, SLOT_CLAIMED);
    truth->owner = frontline_word_owner(word);
    truth->word = word;
    truth->bound = claims_is_attached(walk->frontline, truth->owner);
}

/** Puts a word back as our truth has it. */
static void repair(struct walk *walk, struct slot_truth *truth, uint64_t seen)
{
    if (replace(walk, truth, seen, truth->word))
        add(&walk->frontline->figures.repaired_total, 1);
}

static bool lease_is_over(const struct walk *walk, struct slot_truth *truth)
{
    /* The claim may be younger than this walk's clock: its lease starts with the next walk's. */
    if (truth->until_ns == 0) {
        truth->until_ns = walk->now_ns + walk->frontline->lease_ns;
        return false;
    }
    return walk->now_ns >= truth->until_ns;
}

/** Somebody else told Kafka that this case is done. */
static bool withdraw(struct walk *walk, struct slot_truth *truth, uint64_t seen)
{
    const struct standing *standing = &walk->frontline->standing;
    if (standing_find(standing, truth->case_id, truth->revision) != STANDING_ACKNOWLEDGED ||
        !hold(walk, truth, seen))
        return false;
    add(&walk->frontline->figures.withdrawn_total, 1);
    free_slot(walk, truth);
    return true;
}

static void observe_ready(struct walk *walk, struct slot_truth *truth, uint64_t word)
{
    if (word == truth->word) {
        if (walk->withdraw)
            (void)withdraw(walk, truth, word);
        return;
    }
    bool ours = frontline_word_is_sound(word) && frontline_word_epoch(word) == truth->epoch &&
                frontline_word_owner(word) != FRONTLINE_OWNER_NONE;
    enum frontline_word_state state = frontline_word_state(word);
    if (ours && state == WORD_CLAIMED)
        accept_claim(walk, truth, word);
    else if (ours && state == WORD_ACKED)
        accept_acknowledgement(walk, truth, word);
    else if (ours && state == WORD_RETURNED)
        reissue(walk, truth, word, &walk->frontline->figures.given_back_total);
    else if (hold(walk, truth, word))
        add(&walk->frontline->figures.repaired_total, 1);
}

static void observe_claimed(struct walk *walk, struct slot_truth *truth, uint64_t word)
{
    struct claim_figures *figures = &walk->frontline->figures;
    if (word != truth->word) {
        if (word == frontline_word(WORD_ACKED, truth->owner, truth->epoch)) {
            accept_acknowledgement(walk, truth, word);
            return;
        }
        if (word == frontline_word(WORD_RETURNED, truth->owner, truth->epoch)) {
            reissue(walk, truth, word, &figures->given_back_total);
            return;
        }
        repair(walk, truth, word);
    }
    if (lease_is_over(walk, truth))
        reissue(walk, truth, truth->word, &figures->expired_total);
}

static void observe_held(struct walk *walk, struct slot_truth *truth, uint64_t word)
{
    if (word != truth->word)
        repair(walk, truth, word);
    if (lease_is_over(walk, truth))
        issue(walk, truth);
}

static void observe_acked(struct walk *walk, struct slot_truth *truth, uint64_t word)
{
    if (word != truth->word)
        repair(walk, truth, word);
    settle(walk, truth);
}

/** Takes a lower revision away where nobody has it, or can believe to have it. */
static bool supersede(struct walk *walk, struct slot_truth *lower)
{
    if (lower->state != SLOT_READY || !hold(walk, lower, lower->word))
        return false;
    retire(walk, lower);
    return true;
}

static void observe_waiting(struct walk *walk, struct slot_truth *truth, uint64_t word)
{
    if (word != truth->word)
        repair(walk, truth, word);
    const struct standing *standing = &walk->frontline->standing;
    if (standing_find(standing, truth->case_id, truth->revision) == STANDING_ACKNOWLEDGED) {
        free_slot(walk, truth);
        return;
    }
    /* The lower one was published first, perhaps where this walk has yet to come: a whole walk from
     * here it is in the index for certain. */
    if (truth->first_walk == walk->frontline->walk_serial)
        return;
    struct slot_truth *lower = case_index_find(walk->frontline, truth, false);
    if (!lower || lower->state == SLOT_ACKED || supersede(walk, lower))
        issue(walk, truth);
    else /* Pairs with the acquire of a reader that asks for the latest of what it has claimed. */
        atomic_store_explicit(&head_of(walk, lower)->newer,
                              frontline_slot_of(walk->frontline, truth) + 1, memory_order_release);
}

/** A slot that was published since the last walk. */
static void observe_first(struct walk *walk, struct slot_truth *truth)
{
    case_index_add(walk->frontline, truth);
    truth->first_walk = walk->frontline->walk_serial;
    struct slot_truth *higher = case_index_find(walk->frontline, truth, true);
    struct slot_truth *lower = case_index_find(walk->frontline, truth, false);
    if (higher)
        (void)supersede(walk, truth);
    else if (lower && truth->state == SLOT_READY)
        (void)supersede(walk, lower);
}

static void observe(struct walk *walk, struct slot_truth *truth)
{
    /* Pairs with the release at the end of publish(): epoch and case id stand. */
    if (atomic_load_explicit(&truth->holder, memory_order_acquire) != HOLDER_SERVER)
        return;
    if (!truth->indexed) {
        observe_first(walk, truth);
        if (!truth->indexed)
            return;
    }
    /* Pairs with the readers' compare-and-swaps. */
    uint64_t word = atomic_load_explicit(word_of(walk, truth), memory_order_acquire);
    switch (truth->state) {
    case SLOT_READY:
        observe_ready(walk, truth, word);
        return;
    case SLOT_CLAIMED:
        observe_claimed(walk, truth, word);
        return;
    case SLOT_HELD:
        observe_held(walk, truth, word);
        return;
    case SLOT_ACKED:
        observe_acked(walk, truth, word);
        return;
    case SLOT_WAITING:
        observe_waiting(walk, truth, word);
        return;
    }
}

static void ring_bells(struct walk *walk)
{
    for (uint32_t queue = 0; queue < walk->frontline->queue_count; queue++)
        if (walk->reissued_queues & UINT64_C(1) << queue)
            frontline_ring_bell(walk->frontline, queue);
    if (walk->durable)
        frontline_ring_bell(walk->frontline, FRONTLINE_DURABLE_WAITERS);
}

static bool ring_is_empty(const struct frontline_ring *ring)
{
    return atomic_load_explicit(&ring->freed_total, memory_order_relaxed) ==
           atomic_load_explicit(&ring->pushed_total, memory_order_relaxed);
}

/** What stands of one ring, and nothing else of it: most slots are free most of the time. */
static void observe_ring(struct walk *walk, uint32_t ring)
{
    const struct frontline *frontline = walk->frontline;
    uint32_t first = ring * frontline->slots_per_ring;
    for (uint32_t n = 0; n < frontline->slots_per_ring; n += FRONTLINE_STANDING_BITS) {
        /* Pairs with the release in publish(): holder, epoch and case id stand. */
        uint64_t bits = atomic_load_explicit(frontline_standing_word(frontline, ring, first + n),
                                             memory_order_acquire);
        for (; bits; bits &= bits - 1)
            observe(walk, &frontline->truths[first + n + (uint32_t)__builtin_ctzll(bits)]);
    }
}

/** After the set forgot its older half: what stands must stay known. */
static void remember_standing(struct frontline *frontline)
{
    for (uint32_t slot = 0; slot < frontline->geometry.slot_count; slot++) {
        struct slot_truth *truth = &frontline->truths[slot];
        if (atomic_load_explicit(&truth->holder, memory_order_acquire) != HOLDER_SERVER)
            continue;
        if (truth->state == SLOT_ACKED)
            standing_acknowledge(&frontline->standing, truth->case_id, truth->revision);
        else
            (void)standing_add(&frontline->standing, truth->case_id, truth->revision);
        (void)standing_add_lower(&frontline->standing, truth->case_id, truth->revision);
    }
}

bool claims_walk(struct frontline *frontline, const struct claims_sink *sink, uint64_t now_ns)
{
    /* Pairs with the release in frontline_note_acknowledged: the set knows of it. */
    uint64_t noted = atomic_load_explicit(&frontline->noted_total, memory_order_acquire);
    struct walk walk = {.frontline = frontline,
                        .sink = sink,
                        .now_ns = now_ns,
                        .withdraw = noted != frontline->noted_seen};
    frontline->noted_seen = noted;
    frontline->walk_serial++;
    if (standing_rotate(&frontline->standing))
        remember_standing(frontline);
    for (uint32_t ring = 0; ring < frontline->geometry.ring_count; ring++)
        if (!ring_is_empty(&frontline->rings[ring]))
            observe_ring(&walk, ring);
    ring_bells(&walk);
    return walk.moved;
}

bool claims_is_attached(const struct frontline *frontline, uint32_t owner)
{
    return owner >= FRONTLINE_OWNER_FIRST && owner <= FRONTLINE_OWNER_LAST &&
           (frontline->attached[owner / 64] & UINT64_C(1) << owner % 64) != 0;
}

void claims_attach(struct frontline *frontline, uint32_t owner)
{
    ASSERT(owner >= FRONTLINE_OWNER_FIRST && owner <= FRONTLINE_OWNER_LAST);
    ASSERT(!claims_is_attached(frontline, owner));
    frontline->attached[owner / 64] |= UINT64_C(1) << owner % 64;
}

void claims_hang_up(struct frontline *frontline, const struct claims_sink *sink, uint32_t owner,
                    uint64_t now_ns)
{
    ASSERT(claims_is_attached(frontline, owner));
    claims_walk(frontline, sink, now_ns); /* sees what it claimed last */
    struct walk walk = {.frontline = frontline, .sink = sink, .now_ns = now_ns};
    for (uint32_t slot = 0; slot < frontline->geometry.slot_count; slot++) {
        struct slot_truth *truth = &frontline->truths[slot];
        if (atomic_load_explicit(&truth->holder, memory_order_acquire) != HOLDER_SERVER ||
            truth->state != SLOT_CLAIMED || !truth->bound || truth->owner != owner)
            continue;
        reissue(&walk, truth, truth->word, &frontline->figures.hung_up_total);
        /* Where the word changed since (junk, or a last acknowledgement) the next walk decides. */
        if (truth->state == SLOT_CLAIMED)
            truth->until_ns = 1;
    }
    frontline->attached[owner / 64] &= ~(UINT64_C(1) << owner % 64);
    ring_bells(&walk);
}

enum redress_status claims_renew(struct frontline *frontline, const struct claims_sink *sink,
                                 uint32_t slot, uint64_t epoch, struct case_id case_id,
                                 uint64_t now_ns, uint64_t *expires_ns)
{
    if (slot >= frontline->geometry.slot_count)
        return STATUS_CONFLICT;
    struct slot_truth *truth = &frontline->truths[slot];
    struct walk walk = {.frontline = frontline, .sink = sink, .now_ns = now_ns};
    /* A slot that waits is seen by whole walks only; nobody can have claimed it. */
    if (atomic_load_explicit(&truth->holder, memory_order_acquire) != HOLDER_SERVER ||
        truth->state == SLOT_WAITING)
        return STATUS_CONFLICT;
    observe(&walk, truth);
    ring_bells(&walk);
    if (atomic_load_explicit(&truth->holder, memory_order_acquire) != HOLDER_SERVER ||
        truth->state != SLOT_CLAIMED || truth->epoch != epoch ||
        truth->case_id.high != case_id.high || truth->case_id.low != case_id.low)
        return STATUS_CONFLICT;
    *expires_ns = now_ns + frontline->lease_ns;
    /* 0: first seen just now, perhaps younger than our clock; the next walk starts its lease. */
    if (truth->until_ns != 0 && truth->until_ns < *expires_ns)
        truth->until_ns = *expires_ns;
    return STATUS_OK;
}
