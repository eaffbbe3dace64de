/**
 * The walk over the claim words: compares each with the engine's truth, moves the truth along where
 * a reader moved the word rightly, and puts the word right where it did not. See ring.c.
 *
 * Threads: all of these belong to the server's thread. Only for the files of this folder.
 */
#ifndef REDRESS_FRONTLINE_CLAIMS_H
#define REDRESS_FRONTLINE_CLAIMS_H

#include "frontline/ring.h"

struct claims_sink {
    void *context;
    /** As frontline_server_settings.on_acknowledged; NULL: durable at once. */
    enum redress_status (*on_acknowledged)(void *context,
                                           const struct frontline_acknowledgement *acknowledgement);
};

/** Looks at every slot that is not free. True where a reader had moved a word. */
bool claims_walk(struct frontline *frontline, const struct claims_sink *sink, uint64_t now_ns);

/** From now on claims of `owner` end when it hangs up. */
void claims_attach(struct frontline *frontline, uint32_t owner);
/** Gives back what `owner` holds. */
void claims_hang_up(struct frontline *frontline, const struct claims_sink *sink, uint32_t owner,
                    uint64_t now_ns);
bool claims_is_attached(const struct frontline *frontline, uint32_t owner);

/**
 * Starts a lease again. Every argument comes from a reader and may be anything.
 *
 * Returns: STATUS_OK and the new end of the lease; STATUS_CONFLICT where the claim is over.
 */
NODISCARD enum redress_status claims_renew(struct frontline *frontline,
                                           const struct claims_sink *sink, uint32_t slot,
                                           uint64_t epoch, struct case_id case_id, uint64_t now_ns,
                                           uint64_t *expires_ns);

#endif
