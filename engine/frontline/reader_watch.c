/** Looks without touching: waiting for cases, walking over them, following new ones. */
#include "frontline/reader.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/**
 * No sleep is longer, so that a hostile reader that zeroes the waiter counts, an engine that died,
 * and a producer that was stopped between taking the count and ringing cost no more than this.
 */
#define SLEEP_SLICE_NS UINT64_C(100000000)

enum { SPINS_PER_LOOK = 4096 };

bool reader_copy(const struct frontline_reader *reader, uint32_t slot, uint64_t ready,
                 struct frontline_record *record)
{
    const struct frontline_slot_head *head = &reader->slot_heads[slot];
    const struct frontline_shared_record *shared = &reader->records[slot];
    /* Acquires pair with the releases in store_record (ring.c): a word of the slot's next record
     * comes with the knowledge that `issued` has changed. */
    uint32_t bytes = atomic_load_explicit(&head->bytes, memory_order_acquire);
    if (bytes > FRONTLINE_RECORD_BYTES)
        return false;
    for (uint32_t i = 0; i < (bytes + 7) / 8; i++) {
        uint64_t word = atomic_load_explicit(&shared->words[i], memory_order_acquire);
        memcpy((char *)record + (size_t)i * 8, &word, sizeof word);
    }
    memset((char *)record + bytes, 0, FRONTLINE_RECORD_BYTES - bytes);
    return atomic_load_explicit(&head->issued, memory_order_relaxed) == ready;
}

bool reader_is_issued(const struct frontline_reader *reader, uint32_t slot, uint64_t word)
{
    /* Pairs with the release of whoever issued it: the record is visible. */
    return frontline_word_state(word) == WORD_READY &&
           atomic_load_explicit(&reader->slot_heads[slot].issued, memory_order_acquire) == word;
}

static bool any_ready_in(const struct frontline_reader *reader, uint32_t first, uint64_t standing)
{
    for (; standing; standing &= standing - 1) {
        uint32_t slot = first + (uint32_t)__builtin_ctzll(standing);
        uint64_t word = atomic_load_explicit(&reader->claims->words[slot], memory_order_acquire);
        if (reader_is_issued(reader, slot, word))
            return true;
    }
    return false;
}

bool reader_any_ready(const struct frontline_reader *reader, uint64_t queues)
{
    for (uint32_t ring = 0; ring < reader->geometry.ring_count; ring++) {
        if (!reader_selects(reader, queues, ring))
            continue;
        uint32_t first = ring * reader->slots_per_ring;
        for (uint32_t n = 0; n < reader->slots_per_ring; n += FRONTLINE_STANDING_BITS)
            if (any_ready_in(reader, first + n, reader_standing(reader, ring, n)))
                return true;
    }
    return false;
}

/** Grows whenever a case of `queues` becomes claimable. */
static uint64_t count_news(const struct frontline_reader *reader, uint64_t queues)
{
    uint64_t news = 0;
    for (uint32_t ring = 0; ring < reader->geometry.ring_count; ring++) {
        if (!reader_selects(reader, queues, ring))
            continue;
        /* Acquire pairs with the releases in publish() and issue(). */
        news += atomic_load_explicit(&reader->ring_heads[ring].published, memory_order_acquire);
        news += atomic_load_explicit(&reader->ring_heads[ring].reissued, memory_order_acquire);
    }
    return news;
}

uint32_t reader_register(struct frontline_reader *reader, uint64_t queues, bool durable)
{
    /* Before registering: pairs with the release in frontline_ring_bell. */
    uint32_t bell = atomic_load_explicit(&reader->head->bell, memory_order_acquire);
    for (uint32_t i = 0; i < reader->queue_count; i++)
        if (queues >> i & 1)
            /* Pairs with the exchange in frontline_ring_bell. */
            atomic_fetch_add_explicit(&reader->claims->waiters[i].count, 1, memory_order_seq_cst);
    if (durable)
        atomic_fetch_add_explicit(&reader->claims->waiters[FRONTLINE_DURABLE_WAITERS].count, 1,
                                  memory_order_seq_cst);
    return bell;
}

void reader_sleep(const struct frontline_reader *reader, uint32_t bell, uint64_t queues,
                  bool durable, uint64_t until_ns)
{
    uint32_t bits = durable ? frontline_bell_bit_durable() : 0;
    for (uint32_t i = 0; i < reader->queue_count; i++)
        if (queues >> i & 1)
            bits |= frontline_bell_bit(i);
    uint64_t slice_ns = reader_now_ns() + SLEEP_SLICE_NS;
    uint64_t wake_ns = until_ns < slice_ns ? until_ns : slice_ns;
    struct timespec wake = {.tv_sec = (time_t)(wake_ns / 1000000000),
                            .tv_nsec = (long)(wake_ns % 1000000000)};
    if (bits != 0)
        syscall(SYS_futex, &reader->head->bell, FUTEX_WAIT_BITSET, bell, &wake, NULL, bits);
    else
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
}

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void spin_until_news(const struct frontline_reader *reader, uint64_t queues, uint64_t news)
{
    for (uint32_t i = 0; i < SPINS_PER_LOOK; i++) {
        if (count_news(reader, queues) != news)
            return;
        relax();
    }
}

enum redress_status redress_frontline_wait(struct frontline_reader *reader, uint64_t queues,
                                           enum frontline_wait_mode mode, int64_t timeout_ms)
{
    uint64_t until_ns = reader_deadline_ns(timeout_ms);
    bool rung = false; /* by an engine that lived while we slept: no look at its socket stands
                          between its bell and what it rang for */
    while (true) {
        uint64_t news = count_news(reader, queues);
        if (!rung && reader_is_stopped(reader)) /* first: what a dead engine left is nobody's */
            return STATUS_STOPPED;
        if (reader_any_ready(reader, queues))
            return STATUS_OK;
        if (rung && reader_is_stopped(reader))
            return STATUS_STOPPED;
        if (reader_now_ns() >= until_ns)
            return STATUS_TIMEOUT;
        if (mode == FRONTLINE_WAIT_SPIN) {
            spin_until_news(reader, queues, news);
            continue;
        }
        uint32_t bell = reader_register(reader, queues, false);
        if (!reader_any_ready(reader, queues))
            reader_sleep(reader, bell, queues, false, until_ns);
        /* Acquire pairs with the release in frontline_ring_bell: what was published is visible. */
        rung = atomic_load_explicit(&reader->head->bell, memory_order_acquire) != bell;
    }
}

static enum frontline_case_state case_state(const struct frontline_reader *reader, uint32_t slot)
{
    uint64_t word = atomic_load_explicit(&reader->claims->words[slot], memory_order_acquire);
    switch (frontline_word_state(word)) {
    case WORD_CLAIMED:
        return FRONTLINE_CASE_CLAIMED;
    case WORD_ACKED:
        return FRONTLINE_CASE_ACKNOWLEDGED;
    case WORD_READY:
    case WORD_RETURNED:
    case WORD_FREE:
    case WORD_HELD:
    default:
        return FRONTLINE_CASE_READY;
    }
}

enum redress_status redress_frontline_latest(struct frontline_reader *reader,
                                             const struct frontline_token *token,
                                             struct frontline_record *record)
{
    if (token->instance != reader->instance || token->slot >= reader->geometry.slot_count)
        return STATUS_CONFLICT;
    const struct frontline_slot_head *head = &reader->slot_heads[token->slot];
    uint64_t ready = frontline_word(WORD_READY, FRONTLINE_OWNER_NONE, token->epoch);
    /* Acquires pair with the releases in observe_waiting (claims.c) and publish (ring.c). */
    uint32_t newer = atomic_load_explicit(&head->newer, memory_order_acquire);
    if (atomic_load_explicit(&head->issued, memory_order_acquire) != ready)
        return reader_is_stopped(reader) ? STATUS_STOPPED : STATUS_CONFLICT;
    if (newer == 0 || newer > reader->geometry.slot_count)
        return STATUS_EMPTY;
    uint64_t issued =
        atomic_load_explicit(&reader->slot_heads[newer - 1].issued, memory_order_acquire);
    bool same = reader_copy(reader, newer - 1, issued, record) && issued != 0 &&
                record->case_id.high == token->case_id.high &&
                record->case_id.low == token->case_id.low;
    return same ? STATUS_OK : STATUS_EMPTY;
}

enum redress_status redress_frontline_peek(struct frontline_reader *reader, uint64_t queues,
                                           uint32_t *cursor, struct frontline_record *record,
                                           enum frontline_case_state *state)
{
    while (*cursor < reader->geometry.slot_count) {
        uint32_t slot = (*cursor)++;
        if (!reader_selects(reader, queues, slot / reader->slots_per_ring))
            continue;
        uint64_t issued =
            atomic_load_explicit(&reader->slot_heads[slot].issued, memory_order_acquire);
        /* HELD: a revision that waits for the one that stands to end; that one is shown. */
        if (frontline_word_state(issued) != WORD_READY ||
            !reader_copy(reader, slot, issued, record))
            continue;
        if (state)
            *state = case_state(reader, slot);
        return STATUS_OK;
    }
    return reader_is_stopped(reader) ? STATUS_STOPPED : STATUS_EMPTY;
}

/** The next entry of one ring's log; false at its end. */
static bool tail_ring(struct frontline_reader *reader, uint32_t ring,
                      struct frontline_record *record, uint64_t *missed)
{
    uint64_t published =
        atomic_load_explicit(&reader->ring_heads[ring].published, memory_order_acquire);
    uint64_t *position = &reader->tail_positions[ring];
    const _Atomic uint32_t *log = &reader->logs[(size_t)ring * reader->slots_per_ring];
    if (published - *position > reader->slots_per_ring) {
        *missed += published - *position - reader->slots_per_ring;
        *position = published - reader->slots_per_ring;
    }
    while (*position < published) {
        uint32_t place = (uint32_t)((*position)++ & (reader->slots_per_ring - 1));
        uint32_t slot = atomic_load_explicit(&log[place], memory_order_acquire);
        if (slot / reader->slots_per_ring != ring)
            continue; /* not ours: the engine writes no such thing */
        uint64_t issued =
            atomic_load_explicit(&reader->slot_heads[slot].issued, memory_order_acquire);
        if (issued != 0 && reader_copy(reader, slot, issued, record))
            return true;
        (*missed)++;
    }
    return false;
}

enum redress_status redress_frontline_tail(struct frontline_reader *reader, uint64_t queues,
                                           int64_t timeout_ms, struct frontline_record *record,
                                           uint64_t *missed)
{
    uint64_t until_ns = reader_deadline_ns(timeout_ms);
    uint64_t missed_here = 0;
    while (true) {
        uint32_t bell = reader_register(reader, queues, false);
        for (uint32_t ring = 0; ring < reader->geometry.ring_count; ring++)
            if (reader_selects(reader, queues, ring) &&
                tail_ring(reader, ring, record, missed ? missed : &missed_here))
                return STATUS_OK;
        if (reader_is_stopped(reader))
            return STATUS_STOPPED;
        if (reader_now_ns() >= until_ns)
            return STATUS_TIMEOUT;
        reader_sleep(reader, bell, queues, false, until_ns);
    }
}
