#include "workbench/rule_hits.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { WORD_BITS = 64 };

enum redress_status rule_hits_init(struct rule_hits *hits, const struct rule_set *rule_set,
                                   const struct gold *gold)
{
    uint32_t rule_count = rule_set->pack.rule_count;
    *hits = (struct rule_hits){
        .rule_set = rule_set, .gold = gold, .words_per_rule = gold->count / WORD_BITS + 1};
    hits->bits =
        memory_allocate_array((size_t)rule_count * hits->words_per_rule + 1, sizeof *hits->bits);
    hits->counts = memory_allocate_array(rule_count + 1, sizeof *hits->counts);
    if (hits->bits && hits->counts)
        return STATUS_OK;
    rule_hits_free(hits);
    return STATUS_MEMORY;
}

void rule_hits_free(struct rule_hits *hits)
{
    memory_free(hits->bits);
    memory_free(hits->counts);
    *hits = (struct rule_hits){0};
}

static uint64_t *bits_of(const struct rule_hits *hits, uint32_t rule_index)
{
    return hits->bits + (size_t)rule_index * hits->words_per_rule;
}

void rule_hits_visit(void *target, const struct gold_message *message, uint32_t index,
                     const struct scratch *scratch)
{
    struct rule_hits *hits = target;
    const struct context *context = &scratch->context;
    (void)message;
    for (uint32_t at = 0; at < context->evidence_count; at++) {
        const struct evidence *evidence = &context->evidence[at];
        if (evidence->fate == FATE_FIRED || evidence->fate == FATE_FLIPPED)
            bits_of(hits, evidence->rule_index)[index / WORD_BITS] |= (uint64_t)1
                                                                      << index % WORD_BITS;
    }
}

void wilson_interval(uint32_t part, uint32_t whole, double *low, double *high)
{
    const double z = 1.959964; /* 95 % of a normal distribution lie within so many deviations */
    double share = (double)part / whole;
    double weight = z * z / whole;
    double middle = (share + weight / 2) / (1 + weight);
    double reach = z * sqrt(share * (1 - share) / whole + weight / (4.0 * whole)) / (1 + weight);
    *low = middle - reach > 0 ? middle - reach : 0;
    *high = middle + reach < 1 ? middle + reach : 1;
}

static void count_messages(const struct rule_hits *hits, struct rule_count *count)
{
    const uint64_t *bits = bits_of(hits, count->rule_index);
    for (uint32_t index = 0; index < hits->gold->count; index++) {
        const struct judgement *gold = &hits->gold->messages[index].gold;
        if (!(bits[index / WORD_BITS] >> index % WORD_BITS & 1))
            continue;
        count->messages++;
        count->complaints += gold->complaint;
        count->calm += !gold->complaint;
        count->serious += gold->severity >= SEVERITY_SERIOUS;
        count->urgent += gold->urgent;
    }
    count->precision = count->low = count->high = (double)NAN;
    if (count->messages == 0)
        return;
    count->precision = (double)count->complaints / count->messages;
    wilson_interval(count->complaints, count->messages, &count->low, &count->high);
}

static uint32_t count_common(const struct rule_hits *hits, uint32_t left, uint32_t right)
{
    const uint64_t *a = bits_of(hits, left);
    const uint64_t *b = bits_of(hits, right);
    uint32_t common = 0;
    for (uint32_t word = 0; word < hits->words_per_rule; word++)
        common += (uint32_t)__builtin_popcountll(a[word] & b[word]);
    return common;
}

/* Keeps the strongest. */
static void add_overlap(struct rule_count *count, uint32_t rule_index, double share)
{
    uint32_t at = count->overlap_count;
    while (at > 0 && count->overlaps[at - 1].share < share) {
        if (at < RULE_OVERLAPS_MAX)
            count->overlaps[at] = count->overlaps[at - 1];
        at--;
    }
    if (at == RULE_OVERLAPS_MAX)
        return;
    count->overlaps[at] = (struct rule_overlap){rule_index, share};
    count->overlap_count += count->overlap_count < RULE_OVERLAPS_MAX;
}

/* The counts stand in order: whoever overlaps this one has about as many messages, or more. */
static void find_overlaps(const struct rule_hits *hits, struct rule_count *count)
{
    uint32_t rule_count = hits->rule_set->pack.rule_count;
    for (uint32_t other = 0; other < rule_count; other++) {
        const struct rule_count *beside = &hits->counts[other];
        if (beside->messages < RULE_OVERLAP_SHARE_MIN * count->messages)
            return;
        if (beside == count)
            continue;
        double share =
            (double)count_common(hits, count->rule_index, beside->rule_index) / count->messages;
        if (share >= RULE_OVERLAP_SHARE_MIN)
            add_overlap(count, beside->rule_index, share);
    }
}

static int compare_counts(const void *left, const void *right)
{
    const struct rule_count *a = left;
    const struct rule_count *b = right;
    if (a->messages != b->messages)
        return a->messages > b->messages ? -1 : 1;
    return a->rule_index < b->rule_index ? -1 : a->rule_index > b->rule_index;
}

void rule_hits_count(struct rule_hits *hits)
{
    uint32_t rule_count = hits->rule_set->pack.rule_count;
    for (uint32_t rule = 0; rule < rule_count; rule++) {
        hits->counts[rule] = (struct rule_count){.rule_index = rule};
        count_messages(hits, &hits->counts[rule]);
    }
    qsort(hits->counts, rule_count, sizeof *hits->counts, compare_counts);
    for (uint32_t rule = 0; rule < rule_count; rule++)
        if (hits->counts[rule].messages >= RULE_OVERLAP_HITS_MIN)
            find_overlaps(hits, &hits->counts[rule]);
}

bool rule_hits_is_kept(const struct rule *rule)
{
    return (rule->traits & RULE_GUARD_TRAITS) || rule->at_least >= SEVERITY_SERIOUS;
}
