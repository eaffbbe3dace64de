#include "egress/sink_topics.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum redress_status sink_topics_find(const struct sink_topics *topics, const char *name,
                                     uint32_t *out)
{
    for (*out = 0; *out < topics->count; ++*out)
        if (strcmp(topics->names[*out], name) == 0)
            return STATUS_OK;
    return topics->count == SINK_TOPICS_MAX ? STATUS_FULL : STATUS_NOT_FOUND;
}

enum redress_status sink_topics_add(struct sink_topics *topics, const char *name)
{
    ASSERT(topics->count < SINK_TOPICS_MAX);
    char *copy = memory_copy_string(name);
    if (!copy)
        return STATUS_MEMORY;
    topics->names[topics->count++] = copy;
    return STATUS_OK;
}

void sink_topics_drop_last(struct sink_topics *topics)
{
    ASSERT(topics->count > 0);
    memory_free(topics->names[--topics->count]);
}

void sink_topics_free(struct sink_topics *topics)
{
    while (topics->count > 0)
        sink_topics_drop_last(topics);
}
