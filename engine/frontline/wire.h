/**
 * The messages on the frontline socket (SOCK_SEQPACKET, one struct a packet, host byte order: both
 * sides are on one machine). Needs only libc, because the readers' library includes it.
 *
 *   reader: hello    engine: welcome, with the memfds of records and claims where status is OK
 *   reader: request  engine: reply, to all but a nudge
 */
#ifndef REDRESS_FRONTLINE_WIRE_H
#define REDRESS_FRONTLINE_WIRE_H

#include <redress/frontline.h>

enum { FRONTLINE_WIRE_MAGIC = 0x52464c57, FRONTLINE_WIRE_VERSION = 1 };

struct frontline_hello {
    uint32_t magic;
    uint32_t version;
};

struct frontline_welcome {
    uint32_t magic;
    uint32_t version;
    uint32_t status; /* enum redress_status */
    uint32_t owner;
};

enum frontline_request_kind {
    FRONTLINE_REQUEST_NUDGE = 1, /* claim words have changed: look now */
    FRONTLINE_REQUEST_RENEW = 2,
    FRONTLINE_REQUEST_ADMIN = 3 /* a verb of `size` bytes follows; our own user only */
};

struct frontline_request {
    uint32_t kind;
    uint32_t slot;
    uint64_t epoch;
    struct case_id case_id;
    uint32_t serial; /* comes back in the reply */
    uint32_t size;
};

struct frontline_reply {
    uint32_t serial;
    uint32_t status; /* enum redress_status */
    uint64_t expires_ns;
};

#endif
