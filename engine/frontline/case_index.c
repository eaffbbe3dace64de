#include "frontline/case_index.h"

#include "base/assert.h"

/** Case ids are hashes already. */
static uint32_t *bucket_of(const struct frontline *frontline, struct case_id case_id)
{
    return &frontline->buckets[case_id.low & (frontline->bucket_count - 1)];
}

static struct slot_truth *slot_at(struct frontline *frontline, uint32_t link)
{
    ASSERT(link <= frontline->geometry.slot_count);
    return link == 0 ? NULL : &frontline->truths[link - 1];
}

void case_index_add(struct frontline *frontline, struct slot_truth *truth)
{
    uint32_t *bucket = bucket_of(frontline, truth->case_id);
    ASSERT(!truth->indexed);
    truth->indexed = true;
    truth->next = *bucket;
    *bucket = frontline_slot_of(frontline, truth) + 1;
}

void case_index_remove(struct frontline *frontline, struct slot_truth *truth)
{
    uint32_t *link = bucket_of(frontline, truth->case_id);
    uint32_t wanted = frontline_slot_of(frontline, truth) + 1;
    ASSERT(truth->indexed);
    while (*link != wanted) {
        struct slot_truth *other = slot_at(frontline, *link);
        ASSERT(other);
        link = &other->next;
    }
    *link = truth->next;
    truth->indexed = false;
}

struct slot_truth *case_index_find(struct frontline *frontline, const struct slot_truth *truth,
                                   bool higher)
{
    struct slot_truth *other = slot_at(frontline, *bucket_of(frontline, truth->case_id));
    for (; other; other = slot_at(frontline, other->next)) {
        bool wanted =
            higher ? other->revision > truth->revision : other->revision < truth->revision;
        if (wanted && other->case_id.high == truth->case_id.high &&
            other->case_id.low == truth->case_id.low)
            return other;
    }
    return NULL;
}
