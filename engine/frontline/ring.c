/**
 * Shared memory of the frontline queue: its life, and publishing into it.
 *
 * A slot and its claim word. The engine alone issues epochs; a slot never sees one twice, and each
 * slot starts at a random one, so that a word copied from elsewhere or from before fits nowhere.
 *
 *                       frontline_push                  reader's CAS
 *     FREE ------------------------------> READY(e) ------------------> CLAIMED(owner, e)
 *      ^                                    ^    ^                        |        |
 *      |                                    |    | engine: e+1            | CAS    | CAS
 *      |                                    |    +----- RETURNED(owner, e)         |
 *      |                   engine: e+1, lease over or owner gone, from CLAIMED     |
 *      |  engine: in Kafka                                                         v
 *      +------------------------------------------------------------ ACKED(owner, e)
 *
 * A higher revision of a case that stands is published HELD, its truth WAITING: one case is never
 * claimable twice. The walk takes the lower one away as soon as nobody has it and issues the higher
 * one; while somebody has it, the higher one waits, and an acknowledgement covers both. Where the
 * producers could not know (a crowded set, a race at start-up) the walk does it a step later.
 *
 *     any word that is none of these for the engine's own truth:
 *       truth says CLAIMED, ACKED or WAITING   the word is put back as it was
 *       truth says READY(e)           HELD(e+1) for one lease, then READY(e+1): somebody may have
 *                                     claimed e unseen, and believes in it until its lease is over
 *
 * Readers change READY, CLAIMED only, by compare-and-swap on the whole word, so an epoch that is
 * over cannot be acknowledged. They claim a word only if it equals slot_head.issued, which stands
 * in memory that they cannot write: a forged READY is not claimable. Records are copied word by
 * word between two reads of `issued` (a sequence lock whose sequence never repeats).
 *
 * The server's walk (claims.c) moves the truth along; it never derives an index, a size or a case
 * from a shared word. Between two walks a claim may be made and ended unseen; all that the engine
 * then learns is the outcome, which is all it needs.
 *
 * Never two owners: a claim's lease in the engine's truth ends no earlier than in its token (the
 * walk that sees a claim first starts no clock, the next one does), and the next epoch is issued
 * only then. Random words break this with probability 2^-48 each (epoch and check byte). Somebody
 * who forges words on purpose is in the group that may claim, and can do no more than mislead
 * other readers: the engine neither crashes nor forgets a case nobody acknowledged.
 *
 * Memory orders, each with its partner:
 *   word = READY(e), slot_head.issued release   <-> reader's acquire of issued: record is visible
 *   claim word CAS acq_rel                      <-> walk's acquire of the word
 *   truth.holder release (push)                 <-> acquire (walk): epoch and case id are visible
 *   free_slots ring                              the slot's truth goes back to the producer
 *   standing bit set, release (push)            <-> acquire (claim, walk): what it stands for is
 *                                                    visible; the server clears it before the slot
 *                                                    goes back, so its next setting comes after
 *   published release (push)                    <-> acquire (tail): log entry is visible
 *   waiter count, read-modify-write seq_cst both sides: either the reader's registration is seen
 *   and the bell is rung, or its second look sees what was published. A sleeping reader waits on
 * the bell's value from before it registered; the bell is counted up after the count is taken, so
 * no ring falls between. A reader killed while registered costs one wake; a count that somebody
 *   zeroes costs other readers up to one slice of their wait (they never sleep longer unasked).
 */
#include "frontline/ring.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

static_assert(FRONTLINE_SLOTS_TOTAL_MAX <= 1 << 24, "a reference is a slot and an epoch");
static_assert(sizeof(struct frontline_stats) % sizeof(uint64_t) == 0, "copied as words");

static uint32_t power_of_two_up(uint32_t value)
{
    uint32_t size = 1;
    while (size < value)
        size *= 2;
    return size;
}

/** Fills in defaults. False where the settings ask for what cannot be. */
static bool settings_complete(struct frontline_settings *settings)
{
    if (settings->slots_per_ring == 0)
        settings->slots_per_ring = FRONTLINE_SLOTS_DEFAULT;
    if (settings->lease_ms == 0)
        settings->lease_ms = FRONTLINE_LEASE_MS_DEFAULT;
    if (settings->standing_max == 0)
        settings->standing_max = FRONTLINE_STANDING_DEFAULT;
    if (settings->producer_count == 0 || settings->producer_count > FRONTLINE_PRODUCERS_MAX ||
        settings->queue_count == 0 || settings->queue_count > QUEUES_MAX ||
        settings->slots_per_ring > FRONTLINE_SLOTS_MAX || settings->standing_max > 1u << 28)
        return false;
    settings->slots_per_ring = power_of_two_up(settings->slots_per_ring);
    uint64_t total = (uint64_t)settings->producer_count * settings->queue_count;
    return total * settings->slots_per_ring <= FRONTLINE_SLOTS_TOTAL_MAX;
}

static bool names_fit(const struct frontline_settings *settings)
{
    for (uint32_t i = 0; i < settings->queue_count; i++) {
        size_t size = strnlen(settings->queue_names[i], FRONTLINE_QUEUE_BYTES);
        if (size == 0 || size == FRONTLINE_QUEUE_BYTES)
            return false;
    }
    return true;
}

/** A wish: an old kernel, or one without room, leaves it to the first case of each slot. */
static void populate(void *map, uint64_t size)
{
    if (size <= FRONTLINE_POPULATED_BYTES_MAX)
        (void)madvise(map, size, MADV_POPULATE_WRITE);
}

/** A sealed memfd, mapped for us; further seals as asked. NULL where the kernel says no. */
static void *map_shared(const char *name, uint64_t size, int further_seals, int *fd)
{
    *fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd < 0 || ftruncate(*fd, (off_t)size) != 0)
        return NULL;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (map == MAP_FAILED)
        return NULL;
    /* After mapping: our own mapping stays writable, later ones of sealed memory cannot be. */
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | further_seals;
    if (fcntl(*fd, F_ADD_SEALS, seals) == 0 && fcntl(*fd, F_ADD_SEALS, F_SEAL_SEAL) == 0) {
        populate(map, size);
        return map;
    }
    munmap(map, size);
    return NULL;
}

static enum redress_status map_both(struct frontline *frontline)
{
    const struct frontline_geometry *geometry = &frontline->geometry;
    char *map = map_shared("redress-frontline-records", geometry->records_bytes,
                           F_SEAL_FUTURE_WRITE, &frontline->records_fd);
    if (!map)
        return errno == ENOMEM ? STATUS_MEMORY : STATUS_IO;
    frontline->records_map = map;
    frontline->head = (struct frontline_head *)(void *)map;
    frontline->ring_heads = (struct frontline_ring_head *)(void *)(map + geometry->rings);
    frontline->logs = (_Atomic uint32_t *)(void *)(map + geometry->logs);
    frontline->standing_bits = (_Atomic uint64_t *)(void *)(map + geometry->standing);
    frontline->orders = (_Atomic uint64_t *)(void *)(map + geometry->orders);
    frontline->slot_heads = (struct frontline_slot_head *)(void *)(map + geometry->slots);
    frontline->records = (struct frontline_shared_record *)(void *)(map + geometry->records);
    frontline->claims =
        map_shared("redress-frontline-claims", geometry->claims_bytes, 0, &frontline->claims_fd);
    if (!frontline->claims)
        return errno == ENOMEM ? STATUS_MEMORY : STATUS_IO;
    return STATUS_OK;
}

static uint64_t spread(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static void fill_head(struct frontline *frontline, const struct frontline_settings *settings,
                      uint64_t instance)
{
    struct frontline_head *head = frontline->head;
    head->magic = FRONTLINE_LAYOUT_MAGIC;
    head->version = FRONTLINE_LAYOUT_VERSION;
    head->record_bytes = FRONTLINE_RECORD_BYTES;
    head->producer_count = frontline->producer_count;
    head->queue_count = frontline->queue_count;
    head->slots_per_ring = frontline->slots_per_ring;
    head->instance = instance;
    head->lease_ns = frontline->lease_ns;
    head->records_bytes = frontline->geometry.records_bytes;
    head->claims_bytes = frontline->geometry.claims_bytes;
    for (uint32_t i = 0; i < settings->queue_count; i++)
        memcpy(head->queue_names[i], settings->queue_names[i], strlen(settings->queue_names[i]));
}

/** Gives every slot its first epoch and its place in its ring's stock of free slots. */
static enum redress_status fill_rings(struct frontline *frontline, uint64_t seed)
{
    for (uint32_t i = 0; i < frontline->geometry.ring_count; i++) {
        struct frontline_ring *ring = &frontline->rings[i];
        if (ring_init(&ring->free_slots, frontline->slots_per_ring) != STATUS_OK)
            return STATUS_MEMORY;
        for (uint32_t n = 0; n < frontline->slots_per_ring; n++) {
            uint32_t slot = i * frontline->slots_per_ring + n;
            struct slot_truth *truth = &frontline->truths[slot];
            truth->ring = i;
            /* The lower half of the range: 2^39 issues lie before the end. */
            truth->epoch = spread(seed ^ spread(slot)) & (FRONTLINE_EPOCH_MAX >> 1);
            uint64_t word = frontline_word(WORD_FREE, FRONTLINE_OWNER_NONE, truth->epoch);
            atomic_init(&frontline->claims->words[slot], word);
            bool pushed = ring_push(&ring->free_slots, truth);
            ASSERT(pushed);
        }
    }
    return STATUS_OK;
}

static enum redress_status frontline_build(struct frontline *frontline,
                                           const struct frontline_settings *settings)
{
    uint64_t seeds[2];
    if (getrandom(seeds, sizeof seeds, 0) != (ssize_t)sizeof seeds)
        return STATUS_IO;
    enum redress_status status = map_both(frontline);
    if (status != STATUS_OK)
        return status;
    fill_head(frontline, settings, seeds[0]);
    const struct frontline_geometry *geometry = &frontline->geometry;
    frontline->rings = memory_map(geometry->ring_count * sizeof(struct frontline_ring));
    frontline->truths = memory_map(geometry->slot_count * sizeof(struct slot_truth));
    frontline->bucket_count = power_of_two_up(geometry->slot_count);
    frontline->buckets = memory_map(frontline->bucket_count * sizeof *frontline->buckets);
    if (!frontline->rings || !frontline->truths || !frontline->buckets)
        return STATUS_MEMORY;
    status = standing_init(&frontline->standing, settings->standing_max);
    return status == STATUS_OK ? fill_rings(frontline, seeds[1]) : status;
}

enum redress_status frontline_create(const struct frontline_settings *asked, struct frontline **out)
{
    struct frontline_settings settings = *asked;
    *out = NULL;
    if (!settings_complete(&settings) || !names_fit(&settings))
        return STATUS_INVALID;
    struct frontline *frontline = memory_map(sizeof *frontline);
    if (!frontline)
        return STATUS_MEMORY;
    frontline->records_fd = -1;
    frontline->claims_fd = -1;
    frontline->producer_count = settings.producer_count;
    frontline->queue_count = settings.queue_count;
    frontline->slots_per_ring = settings.slots_per_ring;
    frontline->lease_ns = (uint64_t)settings.lease_ms * NS_PER_MS;
    frontline->geometry =
        frontline_geometry(settings.producer_count, settings.queue_count, settings.slots_per_ring);
    enum redress_status status = frontline_build(frontline, &settings);
    if (status != STATUS_OK) {
        frontline_free(frontline);
        return status;
    }
    *out = frontline;
    return STATUS_OK;
}

void frontline_free(struct frontline *frontline)
{
    if (!frontline)
        return;
    const struct frontline_geometry *geometry = &frontline->geometry;
    standing_destroy(&frontline->standing);
    for (uint32_t i = 0; frontline->rings && i < geometry->ring_count; i++)
        ring_destroy(&frontline->rings[i].free_slots);
    if (frontline->rings)
        memory_unmap(frontline->rings, geometry->ring_count * sizeof(struct frontline_ring));
    if (frontline->buckets)
        memory_unmap(frontline->buckets, frontline->bucket_count * sizeof *frontline->buckets);
    if (frontline->truths)
        memory_unmap(frontline->truths, geometry->slot_count * sizeof(struct slot_truth));
    if (frontline->records_map)
        munmap(frontline->records_map, geometry->records_bytes);
    if (frontline->claims)
        munmap(frontline->claims, geometry->claims_bytes);
    if (frontline->records_fd >= 0)
        close(frontline->records_fd);
    if (frontline->claims_fd >= 0)
        close(frontline->claims_fd);
    memory_unmap(frontline, sizeof *frontline);
}

uint64_t frontline_memory_bytes(const struct frontline_settings *asked)
{
    struct frontline_settings settings = *asked;
    if (!settings_complete(&settings))
        return 0;
    struct frontline_geometry geometry =
        frontline_geometry(settings.producer_count, settings.queue_count, settings.slots_per_ring);
    uint64_t slot_bytes = sizeof(struct slot_truth) + sizeof(void *);
    return sizeof(struct frontline) + geometry.records_bytes + geometry.claims_bytes +
           geometry.ring_count * sizeof(struct frontline_ring) + geometry.slot_count * slot_bytes +
           (uint64_t)power_of_two_up(geometry.slot_count) * sizeof(uint32_t) +
           (uint64_t)power_of_two_up(settings.standing_max) * 2 * sizeof(uint64_t);
}

void frontline_ring_bell(struct frontline *frontline, uint32_t waiters)
{
    _Atomic uint32_t *count = &frontline->claims->waiters[waiters].count;
    /* Pairs with the reader's registration: see the head of this file. */
    if (atomic_exchange_explicit(count, 0, memory_order_seq_cst) == 0)
        return;
    /* Pairs with the reader's acquire of the bell before it registers. */
    atomic_fetch_add_explicit(&frontline->head->bell, 1, memory_order_release);
    uint32_t bit = waiters == FRONTLINE_DURABLE_WAITERS ? frontline_bell_bit_durable()
                                                        : frontline_bell_bit(waiters);
    syscall(SYS_futex, &frontline->head->bell, FUTEX_WAKE_BITSET, INT_MAX, NULL, NULL, bit);
}

/** Counts in a figure that only the calling thread writes. */
static inline void count_own(_Atomic uint64_t *figure)
{
    uint64_t value = atomic_load_explicit(figure, memory_order_relaxed);
    atomic_store_explicit(figure, value + 1, memory_order_relaxed);
}

static void store_record(struct frontline *frontline, uint32_t slot,
                         const struct frontline_record *record)
{
    struct frontline_slot_head *slot_head = &frontline->slot_heads[slot];
    struct frontline_shared_record *shared = &frontline->records[slot];
    uint32_t words = (record->bytes + 7) / 8;
    for (uint32_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, (const char *)record + (size_t)i * 8, sizeof word);
        /* Release pairs with a reader's acquire: who sees a new word sees that `issued` was 0. */
        atomic_store_explicit(&shared->words[i], word, memory_order_release);
    }
    atomic_store_explicit(&frontline->orders[slot], frontline_order(record), memory_order_release);
    atomic_store_explicit(&slot_head->case_high, record->case_id.high, memory_order_release);
    atomic_store_explicit(&slot_head->case_low, record->case_id.low, memory_order_release);
    atomic_store_explicit(&slot_head->revision, record->revision, memory_order_release);
    atomic_store_explicit(&slot_head->bytes, record->bytes, memory_order_release);
    atomic_store_explicit(&slot_head->newer, 0, memory_order_release);
}

/** `waits`: a lower revision stands, and the server lets this one in once that one is gone. */
static void publish(struct frontline *frontline, struct slot_truth *truth,
                    const struct frontline_record *record, bool waits)
{
    uint32_t slot = frontline_slot_of(frontline, truth);
    struct frontline_ring *ring = &frontline->rings[truth->ring];
    truth->epoch++;
    truth->state = waits ? SLOT_WAITING : SLOT_READY;
    truth->case_id = record->case_id;
    truth->revision = record->revision;
    store_record(frontline, slot, record);
    uint64_t word =
        frontline_word(waits ? WORD_HELD : WORD_READY, FRONTLINE_OWNER_NONE, truth->epoch);
    truth->word = word;
    atomic_store_explicit(&frontline->claims->words[slot], word, memory_order_release);
    /* Last: from here on it can be claimed, or only be looked at. Pairs with the reader's acquire.
     */
    atomic_store_explicit(&frontline->slot_heads[slot].issued, word, memory_order_release);
    /* Pairs with the walk's acquire; until then the walk leaves the slot alone. */
    atomic_store_explicit(&truth->holder, HOLDER_SERVER, memory_order_release);
    /* Pairs with the acquires of those who look for what stands. */
    atomic_fetch_or_explicit(frontline_standing_word(frontline, truth->ring, slot),
                             frontline_standing_bit(frontline, truth->ring, slot),
                             memory_order_release);
    uint64_t position = ring->log_position++;
    uint32_t place = (uint32_t)(position & (frontline->slots_per_ring - 1));
    _Atomic uint32_t *log = &frontline->logs[(size_t)truth->ring * frontline->slots_per_ring];
    atomic_store_explicit(&log[place], slot, memory_order_release);
    /* Pairs with the tailing reader's acquire: the log entry is there. */
    atomic_store_explicit(&frontline->ring_heads[truth->ring].published, position + 1,
                          memory_order_release);
}

enum redress_status frontline_push(struct frontline *frontline, uint32_t producer_index,
                                   uint32_t queue_index, const struct frontline_record *record)
{
    ASSERT(producer_index < frontline->producer_count && queue_index < frontline->queue_count);
    ASSERT(record->bytes >= offsetof(struct frontline_record, text));
    ASSERT(record->bytes <= sizeof *record);
    struct frontline_ring *ring =
        &frontline->rings[queue_index * frontline->producer_count + producer_index];
    struct slot_truth *truth = ring->spare ? ring->spare : ring_pop(&ring->free_slots);
    ring->spare = truth;
    if (!truth &&
        standing_find(&frontline->standing, record->case_id, record->revision) == STANDING_ADDED) {
        count_own(&ring->overflowed_total);
        return STATUS_FULL;
    }
    enum standing_answer answer =
        truth ? standing_add(&frontline->standing, record->case_id, record->revision)
              : STANDING_STANDS;
    if (answer == STANDING_STANDS || answer == STANDING_ACKNOWLEDGED) {
        count_own(&ring->duplicates_total);
        return STATUS_CONFLICT;
    }
    ring->spare = NULL;
    bool waits = standing_add_lower(&frontline->standing, record->case_id, record->revision) ==
                 STANDING_STANDS;
    publish(frontline, truth, record, waits);
    count_own(&ring->pushed_total);
    frontline_ring_bell(frontline, queue_index);
    return STATUS_OK;
}

static void settle_reference(struct frontline *frontline, uint64_t reference, uint64_t outcome)
{
    uint64_t slot = reference >> 40;
    if (slot >= frontline->geometry.slot_count)
        return;
    /* Pairs with the walk's acquire. */
    atomic_store_explicit(&frontline->truths[slot].durable_epoch,
                          (reference & FRONTLINE_EPOCH_MAX) | outcome, memory_order_release);
}

void frontline_acknowledgement_durable(struct frontline *frontline, uint64_t reference)
{
    settle_reference(frontline, reference, 0);
}

void frontline_acknowledgement_failed(struct frontline *frontline, uint64_t reference)
{
    settle_reference(frontline, reference, ACKNOWLEDGEMENT_FAILED);
}

void frontline_note_acknowledged(struct frontline *frontline, struct case_id case_id,
                                 uint8_t revision)
{
    if (standing_find(&frontline->standing, case_id, revision) == STANDING_ACKNOWLEDGED)
        return;
    standing_acknowledge(&frontline->standing, case_id, revision);
    /* Pairs with the walk's acquire, which then withdraws what stands of it. */
    atomic_fetch_add_explicit(&frontline->noted_total, 1, memory_order_release);
}

static uint64_t ring_standing(const struct frontline_ring *ring)
{
    /* Freed first: a slot cannot be freed before it was pushed. */
    uint64_t freed = atomic_load_explicit(&ring->freed_total, memory_order_acquire);
    uint64_t pushed = atomic_load_explicit(&ring->pushed_total, memory_order_acquire);
    return pushed > freed ? pushed - freed : 0;
}

uint64_t frontline_queue_depth(const struct frontline *frontline, uint32_t queue_index)
{
    uint64_t depth = 0;
    ASSERT(queue_index < frontline->queue_count);
    for (uint32_t i = 0; i < frontline->producer_count; i++)
        depth += ring_standing(&frontline->rings[queue_index * frontline->producer_count + i]);
    return depth;
}

static uint64_t read_figure(const _Atomic uint64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

static void sum_rings(const struct frontline *frontline, struct frontline_stats *stats)
{
    for (uint32_t i = 0; i < frontline->geometry.ring_count; i++) {
        const struct frontline_ring *ring = &frontline->rings[i];
        uint64_t pushed = read_figure(&ring->pushed_total);
        stats->pushed_total += pushed;
        if (i % frontline->producer_count == frontline->producer_count - 1)
            stats->refilled_total += pushed;
        else
            stats->overflowed += read_figure(&ring->overflowed_total);
        stats->duplicates_total += read_figure(&ring->duplicates_total);
        stats->standing += ring_standing(ring);
    }
    uint64_t late = read_figure(&frontline->refilled_late_total);
    stats->overflowed = stats->overflowed > late ? stats->overflowed - late : 0;
}

void frontline_read_stats(const struct frontline *frontline, struct frontline_stats *stats)
{
    const struct claim_figures *figures = &frontline->figures;
    *stats = (struct frontline_stats){
        .claimed = read_figure(&figures->claimed),
        .waiting_durable = read_figure(&figures->waiting_durable),
        .acknowledged_total = read_figure(&figures->acknowledged_total),
        .given_back_total = read_figure(&figures->given_back_total),
        .expired_total = read_figure(&figures->expired_total),
        .hung_up_total = read_figure(&figures->hung_up_total),
        .repaired_total = read_figure(&figures->repaired_total),
        .readers = read_figure(&figures->readers),
        .superseded_total = read_figure(&figures->superseded_total),
    };
    sum_rings(frontline, stats);
    stats->standing -=
        stats->standing < stats->waiting_durable ? stats->standing : stats->waiting_durable;
}
