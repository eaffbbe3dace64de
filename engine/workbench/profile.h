/**
 * What the scan and every rule cost on a file of messages.
 *
 * Method:  the time between a candidate's being named and its being decided, read from the clock
 *          twice a candidate; PROFILE_ROUNDS passes over the file, of which each rule's cheapest
 *          counts, so that a preempted pass makes nobody dear. Reading the clock is in the time of
 *          every candidate alike (clock_ns). The scan is shared by all rules and has a time of
 *          its own: a dear rule is one that the scan names often, or that PCRE2 decides slowly.
 * Owns:    profile_free() frees everything.
 */
#ifndef REDRESS_WORKBENCH_PROFILE_H
#define REDRESS_WORKBENCH_PROFILE_H

#include "classify/rule_set.h"

enum { PROFILE_ROUNDS = 5 };

struct rule_cost {
    uint32_t rule_index;
    struct match_cost cost; /* of all parts of the rule, of all messages, once over the file */
};

struct profile {
    uint64_t messages;
    uint64_t text_bytes;
    uint64_t clock_ns;       /* what reading the clock twice takes */
    struct rule_cost *rules; /* the dearest first */
    uint32_t rule_count;
    struct match_cost total; /* of all rules */
    uint64_t scan_ns;        /* of the scan, in the pass in which it took least */
    uint64_t whole_ns;       /* of all of a classification, likewise */
};

/** STATUS_OK; STATUS_INVALID, STATUS_NOT_FOUND or STATUS_IO with errors; STATUS_MEMORY. */
NODISCARD enum redress_status profile_run(struct profile *profile, const struct rule_set *rule_set,
                                          const char *path, struct error_list *errors);
void profile_free(struct profile *profile);

#endif
