/**
 * Stems of a lexicon as people read them: of all letters that the view makes one, the plainest.
 *
 * Threads: a spelling is only read once it is made.
 */
#ifndef REDRESS_WORKBENCH_STEM_SPELLING_H
#define REDRESS_WORKBENCH_STEM_SPELLING_H

#include "classify/pack/lexicon.h"
#include "text/utf8.h"

enum { STEM_SPELLING_BYTES_MAX = UTF8_CHARACTER_BYTES_MAX * LEXICON_STEM_LETTERS + 1 };

struct stem_spelling {
    uint16_t letters[256]; /* code points; 0: a byte of the view that is no letter of its own */
};

void stem_spelling_init(struct stem_spelling *spelling);

/** A text that folds to the stem; "" where it has a byte that is no letter. */
void stem_spell(const struct stem_spelling *spelling, uint64_t stem,
                char out[STEM_SPELLING_BYTES_MAX]);

#endif
