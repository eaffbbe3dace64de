/**
 * The law that nothing is lost: received = cases + calm + dead letters + in flight, per partition.
 *
 * Ingest closes an epoch by sending a marker down every path; when the copies have met again at
 * egress, every message of the epoch has been accepted there, so what egress knows to have ended
 * plus what it really holds must equal what was handed over:
 *
 *   ingest -m-> inbox[w] -m-> crossing[w][o] (all w met) -m-> outbox[o] (all o met) -> egress
 * answers
 *
 * Messages of the next epoch are counted apart (by parity) while the marker is under way; the epoch
 * after that begins only when it is back.
 *
 * Threads: conservation_received, _begin and _check by ingest; _answer by egress; reading: any.
 */
#ifndef REDRESS_RUNTIME_CONSERVATION_H
#define REDRESS_RUNTIME_CONSERVATION_H

#include "egress/egress.h"

enum { CONSERVATION_INTERVAL_MS = 500 };

struct conservation {
    uint32_t epoch;          /* of messages handed over now; from 1 */
    bool is_under_way;       /* the marker of epoch - 1 has not come back */
    uint32_t slot_count;     /* slots ever handed over */
    uint64_t next_marker_ns; /* when the next may be sent */
    struct egress_law *laws; /* written by egress before it answers */
    _Atomic uint32_t answered_epoch;
    _Atomic uint64_t checks;
    _Atomic uint64_t residue_messages;            /* a gauge: of the last check, over all slots */
    _Atomic uint64_t received[PARTITIONS_MAX][2]; /* by parity of the epoch; ingest writes */
};

NODISCARD enum redress_status conservation_create(struct conservation **out);
void conservation_destroy(struct conservation *conservation);

/** Stamps a message that is about to be handed over. */
static inline void conservation_stamp(const struct conservation *conservation,
                                      struct message *message)
{
    message->epoch = conservation->epoch;
}

/** Counts a message that was handed over. */
void conservation_received(struct conservation *conservation, const struct message *message);

/** Closes the present epoch; its marker must be sent now. Not while one is under way. */
uint32_t conservation_begin(struct conservation *conservation);
/** Egress has met every copy of the marker. */
void conservation_answer(struct conservation *conservation, const struct egress *egress,
                         uint32_t epoch);
/**
 * Compares once the marker is back. STATUS_EMPTY: not back yet; STATUS_OK: the law holds;
 * STATUS_FATAL: a residue, logged slot by slot.
 */
NODISCARD enum redress_status conservation_check(struct conservation *conservation);
/** With every ring empty and every other thread ended: true where nothing is left over. */
NODISCARD bool conservation_is_balanced(struct conservation *conservation,
                                        const struct egress *egress);

#endif
