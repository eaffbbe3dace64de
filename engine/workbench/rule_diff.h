/**
 * What another version of the rules does to messages: which severities move, which urgent cases
 * are gained and lost, and the step of the version that this implies.
 *
 *   major  care falls: a message is no longer urgent or no longer serious, or more than
 *          RULE_DIFF_SHARE_MAX of the messages change their severity or urgency
 *   minor  any other verdict is different in severity, urgency, categories or traits
 *   patch  every verdict is the same
 *
 * Owns:    rule_diff_free() frees everything.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_RULE_DIFF_H
#define REDRESS_WORKBENCH_RULE_DIFF_H

#include "workbench/text_mask.h"

#include "base/error_list.h"
#include "classify/rule_set.h"

enum { RULE_DIFF_EXAMPLES = 5 };

/* A release in which one message in a hundred moves is no small one. */
#define RULE_DIFF_SHARE_MAX 0.01

enum rule_step { RULE_STEP_PATCH, RULE_STEP_MINOR, RULE_STEP_MAJOR };

/** "patch", …; never NULL. */
const char *rule_step_name(enum rule_step step);

/** What one version says of a message, as far as it moves. */
struct diff_side {
    enum severity severity;
    bool urgent;
};

struct diff_move {
    enum language language; /* as the new version sees it */
    uint8_t category;       /* of the graver verdict, its first; CATEGORY_COUNT: none */
    struct diff_side before;
    struct diff_side after;
    uint32_t count;
    char examples[RULE_DIFF_EXAMPLES][TEXT_MASK_BYTES]; /* the first ones, masked */
};

struct rule_diff {
    struct diff_move *moves; /* by language, category, then from the gravest fall to the rise */
    uint32_t move_count;
    uint32_t move_room;
    uint32_t messages;
    uint32_t moved;   /* severity or urgency */
    uint32_t changed; /* only categories or traits */
    uint32_t urgent_gained;
    uint32_t urgent_lost;
    uint32_t serious_lost; /* was serious or critical */
};

/**
 * Judges the messages of a file (message_file.h) with both versions.
 *
 * Returns: STATUS_OK; STATUS_INVALID, STATUS_NOT_FOUND or STATUS_IO with errors; STATUS_MEMORY.
 *          The caller frees in every case.
 */
NODISCARD enum redress_status rule_diff_run(struct rule_diff *diff, const struct rule_set *before,
                                            const struct rule_set *after, const char *path,
                                            struct error_list *errors);
void rule_diff_free(struct rule_diff *diff);

enum rule_step rule_diff_step(const struct rule_diff *diff);

#endif
