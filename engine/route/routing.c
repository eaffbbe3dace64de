#include "route/routing.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

struct routing {
    uint16_t default_queue_index;
    uint32_t row_count;
    struct route_row rows[];
};

static bool is_good_row(const struct route_row *row)
{
    return (unsigned)row->severity_at_least < SEVERITY_COUNT &&
           row->categories >> CATEGORY_COUNT == 0 && row->traits >> TRAIT_COUNT == 0 &&
           row->languages >> LANGUAGE_COUNT == 0 && (unsigned)row->urgency <= ROUTE_URGENCY_YES &&
           row->queue_index < QUEUES_MAX;
}

enum redress_status routing_create(const struct route_row *rows, size_t row_count,
                                   uint16_t default_queue_index, struct routing **out)
{
    *out = NULL;
    if (row_count > ROUTES_MAX)
        return STATUS_TOO_LARGE;
    if (default_queue_index >= QUEUES_MAX)
        return STATUS_INVALID;
    for (size_t index = 0; index < row_count; index++)
        if (!is_good_row(&rows[index]))
            return STATUS_INVALID;
    struct routing *routing = memory_allocate(sizeof *routing + row_count * sizeof *rows);
    if (!routing)
        return STATUS_MEMORY;
    routing->default_queue_index = default_queue_index;
    routing->row_count = (uint32_t)row_count;
    if (row_count > 0)
        memcpy(routing->rows, rows, row_count * sizeof *rows);
    *out = routing;
    return STATUS_OK;
}

void routing_destroy(struct routing *routing)
{
    memory_free(routing);
}

static bool row_fits(const struct route_row *row, const struct message *message,
                     category_set categories)
{
    const struct verdict *verdict = &message->verdict;
    if (verdict->severity < row->severity_at_least)
        return false;
    if (row->categories && !(row->categories & categories))
        return false;
    if (row->traits && !(row->traits & verdict->traits))
        return false;
    if (row->languages && !(row->languages & 1u << verdict->language))
        return false;
    if (row->channels && !(row->channels & UINT64_C(1) << message->channel_index))
        return false;
    return row->urgency == ROUTE_URGENCY_ANY ||
           (row->urgency == ROUTE_URGENCY_YES) == verdict->urgent;
}

uint16_t route_choose(const struct routing *routing, const struct message *message)
{
    ASSERT(message->channel_index < CHANNELS_MAX);
    ASSERT(message->verdict.category_count <= VERDICT_CATEGORIES_MAX);
    category_set categories = redress_verdict_categories(&message->verdict);
    for (uint32_t index = 0; index < routing->row_count; index++)
        if (row_fits(&routing->rows[index], message, categories))
            return routing->rows[index].queue_index;
    return routing->default_queue_index;
}

/* True where whatever fits the later set fits the earlier one. */
static bool set_covers(uint64_t earlier, uint64_t later)
{
    return earlier == 0 || (later != 0 && (later & ~earlier) == 0);
}

static bool row_covers(const struct route_row *earlier, const struct route_row *later)
{
    return earlier->severity_at_least <= later->severity_at_least &&
           set_covers(earlier->categories, later->categories) &&
           set_covers(earlier->traits, later->traits) &&
           set_covers(earlier->languages, later->languages) &&
           set_covers(earlier->channels, later->channels) &&
           (earlier->urgency == ROUTE_URGENCY_ANY || earlier->urgency == later->urgency);
}

size_t routing_find_shadowed(const struct route_row *rows, size_t row_count)
{
    for (size_t later = 1; later < row_count; later++)
        for (size_t earlier = 0; earlier < later; earlier++)
            if (row_covers(&rows[earlier], &rows[later]))
                return later;
    return row_count;
}
