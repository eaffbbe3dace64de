/**
 * Claims and their ends: one compare-and-swap each, on the whole word, so that it succeeds only on
 * the epoch it means. See the head of ring.c.
 */
#include "frontline/reader.h"
#include "frontline/wire.h"

#include "base/fault.h"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

enum { REPAIR_LOOKS_MAX = 200, REPLY_TIMEOUT_MS = 2000 };

/** A slot that can be claimed; slot_count: none. */
struct choice {
    uint32_t slot;
    uint64_t order;
    uint64_t ready; /* its claim word */
};

/** Chooses the slot where it goes before the choice so far. What it was issued with is asked last:
 * that stands in a line of its own. An order that is younger than the word came with a change of
 * `issued`, so the two are of one case. */
static void consider(const struct frontline_reader *reader, uint32_t slot, struct choice *choice)
{
    uint64_t word = atomic_load_explicit(&reader->claims->words[slot], memory_order_acquire);
    uint64_t order = atomic_load_explicit(&reader->orders[slot], memory_order_acquire);
    bool is_first = choice->slot == reader->geometry.slot_count || order > choice->order;
    if (is_first && reader_is_issued(reader, slot, word))
        *choice = (struct choice){slot, order, word};
}

/** The slot that should go first. */
static struct choice find_first(const struct frontline_reader *reader, uint64_t queues)
{
    struct choice choice = {.slot = reader->geometry.slot_count};
    for (uint32_t ring = 0; ring < reader->geometry.ring_count; ring++) {
        if (!reader_selects(reader, queues, ring))
            continue;
        uint32_t first = ring * reader->slots_per_ring;
        for (uint32_t n = 0; n < reader->slots_per_ring; n += FRONTLINE_STANDING_BITS) {
            uint64_t standing = reader_standing(reader, ring, n);
            for (; standing; standing &= standing - 1)
                consider(reader, first + n + (uint32_t)__builtin_ctzll(standing), &choice);
        }
    }
    return choice;
}

static void fill_token(const struct frontline_reader *reader, uint32_t slot, uint64_t ready,
                       uint64_t claimed_ns, const struct frontline_record *record,
                       struct frontline_token *token)
{
    *token = (struct frontline_token){
        .case_id = record->case_id,
        .epoch = frontline_word_epoch(ready),
        .instance = reader->instance,
        .expires_ns = claimed_ns + reader->lease_ns,
        .slot = slot,
        .revision = record->revision,
    };
}

enum redress_status redress_frontline_claim(struct frontline_reader *reader, uint64_t queues,
                                            uint32_t flags, struct frontline_record *record,
                                            struct frontline_token *token)
{
    uint32_t owner = (flags & FRONTLINE_CLAIM_KEEP) ? FRONTLINE_OWNER_KEPT : reader->owner;
    while (true) {
        struct choice choice = find_first(reader, queues);
        uint32_t slot = choice.slot;
        uint64_t ready = choice.ready;
        if (slot == reader->geometry.slot_count)
            return reader_is_stopped(reader) ? STATUS_STOPPED : STATUS_EMPTY;
        /* Before the swap, so that our lease ends before the one in the engine's books. */
        uint64_t claimed_ns = reader_now_ns();
        uint64_t seen = ready;
        uint64_t claimed = frontline_word(WORD_CLAIMED, owner, frontline_word_epoch(ready));
        if (!atomic_compare_exchange_strong_explicit(&reader->claims->words[slot], &seen, claimed,
                                                     memory_order_acq_rel, memory_order_relaxed))
            continue;
        /* Stopped in between for longer than the lease, or the word was damaged: not ours. */
        if (!reader_copy(reader, slot, ready, record) ||
            reader_now_ns() - claimed_ns >= reader->lease_ns)
            continue;
        if (reader_is_stopped(reader))
            return STATUS_STOPPED;
        fill_token(reader, slot, ready, claimed_ns, record, token);
        return STATUS_OK;
    }
}

/** True while the engine still counts the token's epoch as the one in force. */
static bool token_is_in_force(const struct frontline_reader *reader,
                              const struct frontline_token *token)
{
    const struct frontline_slot_head *head = &reader->slot_heads[token->slot];
    uint64_t ready = frontline_word(WORD_READY, FRONTLINE_OWNER_NONE, token->epoch);
    bool same_case =
        atomic_load_explicit(&head->case_high, memory_order_acquire) == token->case_id.high &&
        atomic_load_explicit(&head->case_low, memory_order_acquire) == token->case_id.low;
    return same_case && atomic_load_explicit(&head->issued, memory_order_acquire) == ready;
}

static enum redress_status check_token(struct frontline_reader *reader,
                                       const struct frontline_token *token)
{
    if (reader->stopped)
        return STATUS_STOPPED;
    if (token->instance != reader->instance)
        return STATUS_NOT_FOUND;
    if (token->slot >= reader->geometry.slot_count || token->epoch > FRONTLINE_EPOCH_MAX)
        return STATUS_CONFLICT;
    return STATUS_OK;
}

/** What is to be done with the word of a claim that is to end. */
static enum redress_status check_word(const struct frontline_reader *reader,
                                      const struct frontline_token *token, uint64_t word)
{
    if (!token_is_in_force(reader, token))
        return STATUS_CONFLICT;
    if (!frontline_word_is_sound(word) || frontline_word_epoch(word) != token->epoch)
        return STATUS_RETRY;
    switch (frontline_word_state(word)) {
    case WORD_CLAIMED:
        return STATUS_OK;
    case WORD_RETURNED:
    case WORD_ACKED:
        return STATUS_CONFLICT;
    case WORD_FREE:
    case WORD_READY:
    case WORD_HELD:
    default:
        return STATUS_RETRY;
    }
}

/** One try. STATUS_RETRY: the word is damaged and the engine will put it right. */
static enum redress_status try_end(const struct frontline_reader *reader,
                                   const struct frontline_token *token,
                                   enum frontline_word_state state)
{
    _Atomic uint64_t *place = &reader->claims->words[token->slot];
    uint64_t word = atomic_load_explicit(place, memory_order_acquire);
    enum redress_status status = check_word(reader, token, word);
    if (status != STATUS_OK && !FAULT_ACKNOWLEDGE_WITHOUT_EPOCH)
        return status;
    uint64_t wanted = frontline_word(state, frontline_word_owner(word), frontline_word_epoch(word));
    /* Pairs with the walk's acquire and its own swaps: the whole word must still be the one seen.
     */
    bool swapped = atomic_compare_exchange_strong_explicit(
        place, &word, wanted, memory_order_acq_rel, memory_order_relaxed);
    return swapped ? STATUS_OK : STATUS_RETRY;
}

static void pause_1_ms(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    (void)nanosleep(&pause, NULL);
}

static enum redress_status end_claim(struct frontline_reader *reader,
                                     const struct frontline_token *token,
                                     enum frontline_word_state state)
{
    enum redress_status status = check_token(reader, token);
    if (status != STATUS_OK)
        return status;
    status = STATUS_RETRY;
    for (int look = 0; look < REPAIR_LOOKS_MAX && status == STATUS_RETRY; look++) {
        if (look > 0) {
            reader_nudge(reader);
            pause_1_ms();
        }
        status = try_end(reader, token, state);
    }
    reader_nudge(reader);
    /* The engine may have died before it saw our word: then nobody will ever see it. */
    if (reader_is_stopped(reader))
        return STATUS_STOPPED;
    return status == STATUS_OK ? STATUS_OK : STATUS_CONFLICT;
}

enum redress_status redress_frontline_acknowledge(struct frontline_reader *reader,
                                                  const struct frontline_token *token)
{
    return end_claim(reader, token, WORD_ACKED);
}

enum redress_status redress_frontline_give_back(struct frontline_reader *reader,
                                                const struct frontline_token *token)
{
    enum redress_status status = end_claim(reader, token, WORD_RETURNED);
    /* The engine offers it again at its next step; who asks right afterwards expects to see it. */
    for (int look = 0; status == STATUS_OK && look < REPAIR_LOOKS_MAX; look++) {
        if (!token_is_in_force(reader, token))
            break;
        pause_1_ms();
    }
    return status;
}

/** The reply to our own request; replies to earlier ones, which nobody waited for, are dropped. */
static enum redress_status receive_reply(struct frontline_reader *reader, uint32_t serial,
                                         struct frontline_reply *reply)
{
    uint64_t until_ns = reader_deadline_ns(REPLY_TIMEOUT_MS);
    while (true) {
        uint64_t now_ns = reader_now_ns();
        if (now_ns >= until_ns)
            return STATUS_TIMEOUT;
        struct pollfd wanted = {.fd = reader->fd, .events = POLLIN};
        if (poll(&wanted, 1, (int)((until_ns - now_ns) / 1000000) + 1) <= 0)
            continue;
        ssize_t size = recv(reader->fd, reply, sizeof *reply, MSG_DONTWAIT);
        if (size == 0) {
            reader->stopped = true;
            return STATUS_STOPPED;
        }
        if (size == (ssize_t)sizeof *reply && reply->serial == serial)
            return reply->status < STATUS_COUNT ? (enum redress_status)reply->status
                                                : STATUS_INVALID;
    }
}

enum redress_status redress_frontline_renew(struct frontline_reader *reader,
                                            struct frontline_token *token)
{
    enum redress_status status = check_token(reader, token);
    if (status != STATUS_OK)
        return status;
    const struct frontline_request request = {.kind = FRONTLINE_REQUEST_RENEW,
                                              .slot = token->slot,
                                              .epoch = token->epoch,
                                              .case_id = token->case_id,
                                              .serial = ++reader->serial};
    struct frontline_reply reply;
    if (send(reader->fd, &request, sizeof request, MSG_NOSIGNAL) != (ssize_t)sizeof request)
        return STATUS_STOPPED;
    status = receive_reply(reader, request.serial, &reply);
    if (status == STATUS_OK)
        token->expires_ns = reply.expires_ns;
    return status;
}

static bool is_durable(const struct frontline_reader *reader, const struct frontline_token *token)
{
    /* Pairs with the release in free_slot (claims.c). Epochs of a slot only rise, and the slot of
     * an acknowledged case is used again only once the acknowledgement is durable. */
    return atomic_load_explicit(&reader->slot_heads[token->slot].durable_epoch,
                                memory_order_acquire) >= token->epoch;
}

enum redress_status redress_frontline_wait_durable(struct frontline_reader *reader,
                                                   const struct frontline_token *token,
                                                   int64_t timeout_ms)
{
    uint64_t until_ns = reader_deadline_ns(timeout_ms);
    if (token->instance != reader->instance)
        return STATUS_NOT_FOUND;
    if (token->slot >= reader->geometry.slot_count)
        return STATUS_CONFLICT;
    while (!is_durable(reader, token)) {
        if (reader_is_stopped(reader))
            return STATUS_STOPPED;
        if (reader_now_ns() >= until_ns)
            return STATUS_TIMEOUT;
        uint32_t bell = reader_register(reader, 0, true);
        if (!is_durable(reader, token))
            reader_sleep(reader, bell, 0, true, until_ns);
    }
    return STATUS_OK;
}
