/**
 * A small HTTP server on a thread of its own: /metrics, /healthz, /readyz. Nothing else, nothing is
 * changed through it, and a client that is slow or mute costs a place among HTTP_CONNECTIONS_MAX
 * for HTTP_PATIENCE_S at most.
 *
 *   /metrics   Prometheus' text form
 *   /healthz   200 {"ok":true,"reasons":[]} or 503 with the reasons
 *   /readyz    the same
 *
 * Threads: start and stop by one; scrapes and checks run on the server's thread.
 */
#ifndef REDRESS_RUNTIME_HTTP_H
#define REDRESS_RUNTIME_HTTP_H

#include "runtime/health.h"
#include "runtime/metrics.h"

enum { HTTP_CONNECTIONS_MAX = 32, HTTP_PATIENCE_S = 5, HTTP_ERROR_BYTES = 160 };

struct http_settings {
    const char *address; /* an IP address */
    uint16_t port;       /* 0: any free one */
    struct metrics *metrics;
    health_check *healthy; /* NULL: always well */
    health_check *ready;
    void *context; /* of both checks */
};

struct http;

/** STATUS_INVALID bad address, STATUS_IO port taken or the like, STATUS_MEMORY; error says it. */
NODISCARD enum redress_status http_start(const struct http_settings *settings, struct http **out,
                                         char error[HTTP_ERROR_BYTES]);
/** The port it listens on. */
uint16_t http_port(const struct http *http);
/** Waits for answers under way. NULL is fine. */
void http_stop(struct http *http);

#endif
