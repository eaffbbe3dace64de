/**
 * The figures that say how well the rules judge gold messages, with bootstrap intervals.
 *
 *   messages ── tally_add() ──► struct tally: counts only ── figures_of() ──► figures
 *
 * Owns: nothing. A figure that is not defined (a share of nothing) is not a number.
 */
#ifndef REDRESS_WORKBENCH_FIGURES_H
#define REDRESS_WORKBENCH_FIGURES_H

#include "workbench/gold.h"

enum figure {
    FIGURE_COMPLAINT_BALANCED, /* mean of the shares right among complaints and among the rest */
    FIGURE_COMPLAINT_F1,
    FIGURE_SEVERITY_KAPPA,            /* quadratic weights; 1 the same, 0 chance */
    FIGURE_SEVERITY_KAPPA_COMPLAINTS, /* among gold complaints */
    FIGURE_SEVERITY_WITHIN_ONE,
    FIGURE_SEVERITY_FAR, /* two levels off or more */
    FIGURE_SERIOUS_PRECISION,
    FIGURE_SERIOUS_RECALL,
    FIGURE_URGENT_PRECISION,
    FIGURE_URGENT_RECALL,
    FIGURE_URGENT_F1,
    FIGURE_CATEGORY_HIT, /* gold complaints whose gold has the first category that was said */
    FIGURE_TRAIT_F1,     /* over all traits of all messages */
    FIGURE_COUNT
};

/** "complaint_balanced" …; never NULL. */
const char *figure_name(enum figure figure);

/** Of a yes or no question. */
struct answers {
    uint32_t right_yes;
    uint32_t wrong_yes;
    uint32_t wrong_no;
    uint32_t right_no;
};

struct tally {
    uint32_t rows;
    uint32_t unanswered;
    struct answers complaint;
    struct answers serious;
    struct answers urgent;
    struct answers traits;
    uint32_t complaints;
    uint32_t category_hits;
    uint32_t levels[SEVERITY_COUNT][SEVERITY_COUNT]; /* gold, said */
    uint32_t complaint_levels[SEVERITY_COUNT][SEVERITY_COUNT];
};

struct figures {
    double values[FIGURE_COUNT];
};

void tally_add(struct tally *tally, const struct judgement *gold, const struct judgement *said);
struct figures figures_of(const struct tally *tally);

/** Between low and high lie 95 of 100 figures over messages that are drawn again and again. */
struct figure_intervals {
    double low[FIGURE_COUNT]; /* not a number where a figure was never defined */
    double high[FIGURE_COUNT];
};

enum { FIGURE_ROUNDS = 1000 };

/** Seeded: equal messages have equal intervals. STATUS_OK, STATUS_MEMORY. */
NODISCARD enum redress_status figures_find_intervals(const struct gold_message *const *messages,
                                                     uint32_t count, uint64_t seed,
                                                     struct figure_intervals *out);

#endif
