/**
 * Which queue a case goes to: the first row of the routing table whose conditions all hold, or the
 * default, which people read.
 *
 * What a condition looks at is the verdict and the channel, and nothing about the customer's worth
 * or about who is at fault.
 *
 * Threads: immutable once created; shared by all.
 */
#ifndef REDRESS_ROUTE_ROUTING_H
#define REDRESS_ROUTE_ROUTING_H

#include <redress/message.h>

enum { ROUTES_MAX = 256 };

enum route_urgency { ROUTE_URGENCY_ANY, ROUTE_URGENCY_NO, ROUTE_URGENCY_YES };

/** One row. A condition that is 0 holds always. */
struct route_row {
    enum severity severity_at_least;
    category_set categories; /* one of them at least */
    trait_set traits;        /* one of them at least */
    uint32_t languages;      /* bits 1u << LANGUAGE_x, LANGUAGE_UNKNOWN among them */
    uint64_t channels;       /* bits 1 << channel_index */
    enum route_urgency urgency;
    uint16_t queue_index;
};

struct routing;

/**
 * Checks the rows and copies them.
 *
 * Returns: STATUS_INVALID where a row names what does not exist (a queue from QUEUES_MAX on, an
 *          unknown severity, category, trait or language), STATUS_TOO_LARGE over ROUTES_MAX,
 *          STATUS_MEMORY. The loader of the settings says the same with file and line before.
 * Owns:    the caller destroys *out.
 */
NODISCARD enum redress_status routing_create(const struct route_row *rows, size_t row_count,
                                             uint16_t default_queue_index, struct routing **out);
void routing_destroy(struct routing *routing);

/** The queue of a message whose verdict stands. */
uint16_t route_choose(const struct routing *routing, const struct message *message);

/** The row that an earlier one leaves nothing to, or row_count where every row can still win. */
size_t routing_find_shadowed(const struct route_row *rows, size_t row_count);

#endif
