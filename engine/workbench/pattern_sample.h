/**
 * Texts that a pattern matches, made from the pattern itself.
 *
 *   pattern_sample_first(), then pattern_sample_next() until it answers false: every way through
 *   its alternatives, optional parts and small repetitions. What may be any letter is q and z, what
 *   may be missing is once there and once not, an open end is empty or some letters.
 *
 *   pattern_sample_first_through() and the same: every way through one alternative.
 *
 *   pattern_sample_pump() goes one way, to one repetition, and repeats that until the text is long.
 *
 * Threads: one at a time per sample.
 */
#ifndef REDRESS_WORKBENCH_PATTERN_SAMPLE_H
#define REDRESS_WORKBENCH_PATTERN_SAMPLE_H

#include "classify/pattern/pattern.h"

enum { PATTERN_SAMPLE_DECISIONS_MAX = 64, PATTERN_SAMPLE_NONE = 0 };

struct pattern_sample {
    const struct pattern *pattern;
    char *text; /* UTF-8, NUL-terminated; the caller's */
    uint32_t size;
    uint32_t room; /* bytes of text, NUL included */
    bool refused;  /* what the pattern matches can't be told from its tree, or there is no room */
    struct {
        uint16_t chosen;
        uint16_t count;
    } decisions[PATTERN_SAMPLE_DECISIONS_MAX];
    uint32_t decision_count;
    uint32_t decision_at;
    const uint16_t *prefer; /* by node: of a choice the alternative that comes first; or NULL */
    uint32_t through;       /* node that every text goes through; PATTERN_SAMPLE_NONE without one */
    uint32_t pump;          /* node; PATTERN_SAMPLE_NONE without one */
    uint32_t pump_bytes;    /* how long the text is to become */
    bool pumped;            /* nothing is written behind the pump */
    uint32_t letter;        /* which of the letters comes next */
};

/** The first text. False where the pattern is refused. */
bool pattern_sample_first(struct pattern_sample *sample, const struct pattern *pattern, char *text,
                          uint32_t room);
/** The next one; false after the last. `refused` where it could not be made. */
bool pattern_sample_next(struct pattern_sample *sample);

/**
 * The first text that goes through the node. `prefer` has for each node that is a choice the number
 * of the alternative to begin with; NULL: the first. False where the pattern is refused.
 */
bool pattern_sample_first_through(struct pattern_sample *sample, const struct pattern *pattern,
                                  uint32_t node, const uint16_t *prefer, char *text, uint32_t room);

/** What stands before the repetition `node`, then that until `bytes`. False where it is refused. */
bool pattern_sample_pump(struct pattern_sample *sample, const struct pattern *pattern,
                         uint32_t node, char *text, uint32_t room, uint32_t bytes);

/** Appends a character. */
void pattern_sample_put(struct pattern_sample *sample, uint32_t code_point);

/** Appends the character that a byte of the view comes from; false where none is known. */
bool pattern_sample_put_byte(struct pattern_sample *sample, uint8_t byte);

#endif
