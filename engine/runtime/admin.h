/**
 * The admin socket: one verb a connection, one line of JSON back.
 *
 * Only the owner of the process and root may speak (SO_PEERCRED); others get a refusal and a log
 * line. A peer that connects and says nothing costs at most ADMIN_PATIENCE_MS.
 *
 * Threads: all calls on the control thread; admin_ask from any process.
 */
#ifndef REDRESS_RUNTIME_ADMIN_H
#define REDRESS_RUNTIME_ADMIN_H

#include <redress/status.h>

#include <stddef.h>

enum { ADMIN_LINE_BYTES_MAX = 256, ADMIN_REPLY_BYTES_MAX = 4096, ADMIN_PATIENCE_MS = 200 };

/** Answers one verb (trimmed, NUL-terminated, untrusted) with one line without its end. */
typedef void admin_handler(void *context, const char *verb, char *reply, size_t reply_max);

struct admin {
    int fd;
    char path[108]; /* as long as sun_path */
    admin_handler *handler;
    void *context;
};

/** Binds the socket with mode 0600; a stale file of a dead process is replaced, a live one not. */
NODISCARD enum redress_status admin_open(struct admin *admin, const char *path,
                                         admin_handler *handler, void *context);
/** Serves every connection that waits; call when admin->fd is readable. */
void admin_step(struct admin *admin);
void admin_close(struct admin *admin);

/** The other side: sends `verb`, waits for the line. STATUS_IO where nobody listens. */
NODISCARD enum redress_status admin_ask(const char *path, const char *verb, char *reply,
                                        size_t reply_max);

#endif
