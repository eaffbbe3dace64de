/** What the files that compile a scan share. Only scan_compile.c and scan_database.c include it. */
#ifndef REDRESS_CLASSIFY_MATCH_SCAN_STOCK_H
#define REDRESS_CLASSIFY_MATCH_SCAN_STOCK_H

#include "classify/match/scan_build.h"

/* What a literal means for one pattern. */
struct stock_use {
    struct scan_target target; /* of a need: index is the need's */
    uint32_t literal;
    uint32_t languages; /* of the pattern */
    bool is_second;     /* a need that is not the first of its way */
};

/* Of all that patterns ask for, each literal once, and its uses. */
struct stock {
    struct scan *scan;               /* whose literal_bytes they stand in */
    struct word_addition *additions; /* by literal; without a key where no word finds it */
    bool *by_words;                  /* by literal */
    uint32_t literal_count;
    struct stock_use *uses; /* in the order of their literals */
    uint32_t use_count;
};

static inline bool stock_serves(const struct stock_use *use, uint32_t languages)
{
    return !languages || !use->languages || (use->languages & languages);
}

/**
 * Builds the database for texts of these languages; 0 for all. *faulty: this processor's literal
 * matcher does not find what stands there.
 * Owns: on every return the caller frees with scan_database_destroy().
 */
NODISCARD enum redress_status scan_database_build(struct scan_database *database,
                                                  const struct stock *stock, uint32_t languages,
                                                  bool *faulty);
void scan_database_destroy(struct scan_database *database);

#endif
