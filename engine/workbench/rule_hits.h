/**
 * What every rule hits among gold messages: how often, how precisely, and beside which others.
 *
 *   gold_judge() ── rule_hits_visit() a message ──► bits ── rule_hits_count() ──► counts
 *
 * Owns:    rule_hits_free() frees everything.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_RULE_HITS_H
#define REDRESS_WORKBENCH_RULE_HITS_H

#include "workbench/gold.h"

enum {
    RULE_OVERLAPS_MAX = 4,    /* that are named, the strongest */
    RULE_OVERLAP_HITS_MIN = 5 /* fewer hits say nothing about an overlap */
};

/* From which share of a rule's messages on another one counts as overlapping it. */
#define RULE_OVERLAP_SHARE_MIN 0.8

struct rule_overlap {
    uint32_t rule_index;
    double share; /* of the messages of the rule itself */
};

struct rule_count {
    uint32_t rule_index;
    uint32_t messages;
    uint32_t complaints;
    uint32_t calm;
    uint32_t serious; /* and critical */
    uint32_t urgent;
    double precision; /* complaints among its messages; not a number without any */
    double low;       /* Wilson's interval of 95 % */
    double high;
    struct rule_overlap overlaps[RULE_OVERLAPS_MAX];
    uint32_t overlap_count;
};

struct rule_hits {
    const struct rule_set *rule_set;
    const struct gold *gold;
    uint64_t *bits; /* words_per_rule a rule: bit n is message n */
    uint32_t words_per_rule;
    struct rule_count *counts; /* the most hits first, then by id */
};

/** The visitor for gold_judge(); its target is the struct rule_hits. */
void rule_hits_visit(void *target, const struct gold_message *message, uint32_t index,
                     const struct scratch *scratch);

/** gold->count may still grow no more. STATUS_OK, STATUS_MEMORY. */
NODISCARD enum redress_status
rule_hits_init(struct rule_hits *hits, const struct rule_set *rule_set, const struct gold *gold);
void rule_hits_count(struct rule_hits *hits);
void rule_hits_free(struct rule_hits *hits);

/** True for a rule about life and money: it stays although it never fires. */
bool rule_hits_is_kept(const struct rule *rule);

/** Wilson's interval of 95 % of `part` in `whole`, which is above 0. */
void wilson_interval(uint32_t part, uint32_t whole, double *low, double *high);

#endif
