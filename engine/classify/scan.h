/**
 * The multi-pattern scan that names candidates: Vectorscan's literal matcher over the view.
 *
 * It only ever names too many: a pattern is a candidate where one of its literals stands, and one
 * without literals always is. Literals alone, because Vectorscan 5.4.9's search for a single byte
 * (its "vermicelli", which its automata use to skip ahead) is wrong on processors with AVX-512: in
 * each block of 64 bytes after the first it sees the last byte only. scan_create() checks the
 * literal matcher itself on every place of such blocks, and where it fails nothing is scanned for:
 * every pattern is then a candidate for every text, which is slow and right.
 *
 * Threads: a scan is immutable and shared; a scan_scratch serves one thread.
 */
#ifndef REDRESS_CLASSIFY_SCAN_H
#define REDRESS_CLASSIFY_SCAN_H

#include "classify/pattern_literals.h"

#include "text/view.h"

#include <hs.h>

enum {
    /* A shorter one stands in nearly every text, unless it is a symbol such as the euro sign: its
     * pattern is always a candidate. */
    SCAN_LITERAL_BYTES_MIN = 2,
    SCAN_PIECE_BYTES = 8 * 1024,
    SCAN_OVERLAP_BYTES = PATTERN_LITERAL_BYTES_MAX
};

struct scan {
    hs_database_t *database; /* NULL where no pattern is scanned for */
    hs_scratch_t *prototype;
    uint64_t *always; /* one bit a pattern: a candidate for every text */
    uint32_t pattern_count;
    uint32_t always_count;
    bool faulty; /* this processor's literal matcher failed its check: every pattern is in always */
};

struct scan_scratch {
    hs_scratch_t *hs;
    uint64_t *candidates; /* one bit a pattern, after scan_run() */
    uint32_t word_count;
};

/** Compiles: literals[i] are those of pattern i. */
NODISCARD enum redress_status scan_create(const struct pattern_literals *literals, uint32_t count,
                                          struct scan *out);
void scan_destroy(struct scan *scan);

NODISCARD enum redress_status scan_scratch_init(const struct scan *scan, struct scan_scratch *out);
void scan_scratch_destroy(struct scan_scratch *scratch);

/** Before each text: the candidates are those of every text. */
void scan_begin(const struct scan *scan, struct scan_scratch *scratch);

/**
 * Adds the candidates of a piece of the view. A text is scanned in pieces so that its caller may
 * look at the clock in between; each begins SCAN_OVERLAP_BYTES before the end of the one before.
 * STATUS_UNDECIDED where Vectorscan failed: then nothing is known.
 */
NODISCARD enum redress_status scan_piece(const struct scan *scan, struct scan_scratch *scratch,
                                         const uint8_t *bytes, uint32_t size);

#endif
