/**
 * The multi-pattern scan that names candidates: Vectorscan over the guarded view.
 *
 * It only ever names too many. A pattern that Vectorscan cannot take is a candidate for every text.
 *
 * Threads: a scan is immutable and shared; a scan_scratch serves one thread.
 */
#ifndef REDRESS_CLASSIFY_SCAN_H
#define REDRESS_CLASSIFY_SCAN_H

#include "text/view.h"

#include <hs.h>

struct scan {
    hs_database_t *database; /* NULL where no pattern is scanned for */
    hs_scratch_t *prototype;
    uint64_t *always; /* one bit a pattern: a candidate for every text */
    uint32_t pattern_count;
    uint32_t always_count;
};

struct scan_scratch {
    hs_scratch_t *hs;
    uint64_t *candidates; /* one bit a pattern, after scan_run() */
    uint32_t word_count;
};

/** Compiles; expressions[i] is NULL for a pattern that is always a candidate. */
NODISCARD enum redress_status scan_create(const char *const *expressions, uint32_t count,
                                          struct scan *out);
void scan_destroy(struct scan *scan);

NODISCARD enum redress_status scan_scratch_init(const struct scan *scan, struct scan_scratch *out);
void scan_scratch_destroy(struct scan_scratch *scratch);

/** Fills the candidates. STATUS_UNDECIDED where Vectorscan failed: then nothing is known. */
NODISCARD enum redress_status scan_run(const struct scan *scan, struct scan_scratch *scratch,
                                       const struct view *view);

#endif
