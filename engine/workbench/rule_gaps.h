/**
 * Phrases of labelled complaints that no rule covers: what the packs do not hear yet.
 *
 *   message ── words of one sentence, one to three ── without those that a rule's hit touches
 *           ── counted once a message among complaints and among calm ones ── log-odds
 *
 * A label is "complaint" (true, 1), else "severity" (above 0), else "stars" (1 and 2 complain, 4
 * and 5 are calm); messages without one count for nothing.
 *
 * Method:  the odds of a phrase among all phrases of its number of words, so that long complaints
 *          do not make every common word one of theirs; the log of the ratio of these odds in
 *          complaints and in calm messages, half a message added to each count, divided by its
 *          standard error. From GAPS_Z_MIN on a phrase is told.
 * Owns:    rule_gaps_free() frees everything.
 */
#ifndef REDRESS_WORKBENCH_RULE_GAPS_H
#define REDRESS_WORKBENCH_RULE_GAPS_H

#include "base/error_list.h"
#include "classify/rule_set.h"

enum {
    GAPS_WORDS_MAX = 3,
    GAPS_COMPLAINTS_MIN = 3,    /* a phrase of fewer complaints is chance */
    GAPS_PHRASES_MAX = 1 << 22, /* that are counted; later ones are left out */
    GAPS_PHRASE_BYTES_MAX = 120
};

#define GAPS_Z_MIN 1.96

struct gap_phrase {
    uint64_t key; /* 0: the place is free */
    uint32_t complaints;
    uint32_t calm;
    uint32_t last_message;
    uint32_t words;
    enum language language;
    const char *text; /* as it stood where it was seen often enough; NULL before */
    double log_odds;
    double z;
};

struct rule_gaps {
    struct arena arena;
    struct gap_phrase *table; /* by key while counting, then the phrases that are told */
    uint32_t room;            /* a power of two */
    uint32_t used;
    uint32_t phrase_count; /* by language, the surest first */
    /* All phrases by their number of words less one, each once a message. */
    uint64_t complaints[LANGUAGE_COUNT][GAPS_WORDS_MAX];
    uint64_t calm[LANGUAGE_COUNT][GAPS_WORDS_MAX];
    bool full; /* there were more than GAPS_PHRASES_MAX */
};

/** STATUS_OK; STATUS_INVALID, STATUS_NOT_FOUND or STATUS_IO with errors; STATUS_MEMORY. */
NODISCARD enum redress_status rule_gaps_run(struct rule_gaps *gaps, const struct rule_set *rule_set,
                                            const char *path, struct error_list *errors);
void rule_gaps_free(struct rule_gaps *gaps);

#endif
