/**
 * Lets readers in and keeps the truth about every claim. A step function: the control thread calls
 * frontline_server_step() when frontline_server_fd() is readable, and after
 * frontline_server_wait_ms() in any case; the simulator calls it with its own clock.
 *
 * Threads: one at a time.
 */
#ifndef REDRESS_FRONTLINE_SERVER_H
#define REDRESS_FRONTLINE_SERVER_H

#include "frontline/frontline.h"

#include <sys/types.h>

enum {
    FRONTLINE_STEP_MS = 10,
    FRONTLINE_BUSY_STEP_MS = 1, /* while readers acknowledge and give back */
    FRONTLINE_READERS_MAX = 256,
    FRONTLINE_ADMIN_BYTES_MAX = 512
};

struct frontline_server;

struct frontline_server_settings {
    const char *socket_path; /* NULL: no socket, only the claims (tests, simulator) */
    const char *group;       /* who may connect, besides our own user; NULL or "": nobody else */
    unsigned mode;        /* of the socket: no more than 0660, or 0600 without a group; 0: that */
    uint32_t readers_max; /* 0 takes FRONTLINE_READERS_MAX */
    void *context;        /* given to the calls below */
    /**
     * One acknowledged case. STATUS_OK: it will be called durable later; anything else: it is
     * offered again at the next step. NULL: acknowledged is durable at once (no Kafka).
     */
    enum redress_status (*on_acknowledged)(void *context,
                                           const struct frontline_acknowledgement *acknowledgement);
    /** An admin verb from a connection of our own user (or root). NULL: refused. */
    enum redress_status (*on_admin)(void *context, uid_t uid, const char *verb, size_t size);
};

/**
 * Binds the socket (mode and group as set).
 *
 * Returns: STATUS_OK; STATUS_CONFLICT another engine listens there; STATUS_NOT_FOUND no such group;
 *          STATUS_DENIED, STATUS_INVALID (path too long), STATUS_IO, STATUS_MEMORY.
 */
NODISCARD enum redress_status
frontline_server_open(struct frontline *frontline, const struct frontline_server_settings *settings,
                      struct frontline_server **out);
/** Hangs up on every reader and removes the socket. NULL is fine. */
void frontline_server_close(struct frontline_server *server);

/** An epoll descriptor, readable when a reader wants something. */
int frontline_server_fd(const struct frontline_server *server);

/** How long the next step may wait. */
int frontline_server_wait_ms(const struct frontline_server *server);

/** Serves what is there, walks the claims, never blocks. now_ns: CLOCK_MONOTONIC or simulated. */
void frontline_server_step(struct frontline_server *server, uint64_t now_ns);

#endif
