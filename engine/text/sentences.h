/**
 * Where the sentences and the words of a view begin.
 *
 * A sentence ends at . ! ? ; (… is three dots in the view), at two blanks in a row (so at a blank
 * line), behind the first line of a paragraph that is short enough for a title, and where a small
 * letter is directly followed by a capital in the text ("workingIt"). Without any of these it ends
 * after SENTENCE_WORDS_MAX words. No end is a mark between digits ("3.5"), a dot behind a single
 * letter or inside "e.g.", "bl.a.", "bol.com".
 *
 * A word is a run of what view_is_word() says; an apostrophe between two of them belongs to it, and
 * so does a dot or comma between two digits: "don't" and "1.299,00" are one word each.
 *
 * Threads: one thread at a time; the view is only read.
 */
#ifndef REDRESS_TEXT_SENTENCES_H
#define REDRESS_TEXT_SENTENCES_H

#include "text/view.h"

enum { SENTENCE_WORDS_MAX = 25 };

struct sentences {
    uint32_t *starts; /* bytes of the view, rising, the first is 0 */
    uint32_t count;   /* 0 only for an empty view */
    uint32_t *words;  /* where each word begins, rising */
    uint32_t word_count;
    uint32_t *first_word; /* of each sentence; first_word[count] is word_count */
    bool *goes_on; /* a sentence that goes on from the one before, which had grown too long */

    uint64_t *word_bits;    /* bit n: a word begins at byte n of the view */
    uint64_t *bound_bits;   /* bit n: a sentence may end there */
    uint64_t *sure_bits;    /* bit n: one does, and the next begins two bytes further on */
    uint32_t *words_before; /* each 64 bytes of the view */
    const struct sentence_blocks *blocks;
};

/** Makes room for the views of texts of up to text_bytes_max bytes. */
NODISCARD enum redress_status sentences_init(struct sentences *sentences, uint32_t text_bytes_max);
void sentences_destroy(struct sentences *sentences);

/** Splits one view, which may be no larger than sentences_init() was told; allocates nothing. */
void sentences_split(struct sentences *sentences, const struct view *view);

/** The sentence that byte `offset` of the view stands in. Needs count > 0. */
uint32_t sentences_of(const struct sentences *sentences, uint32_t offset);

/**
 * The word that byte `offset` of the view stands in, or the last one before it; 0 where there is
 * none before it.
 */
uint32_t sentences_word_at(const struct sentences *sentences, uint32_t offset);

/** True where a mark, a blank line or the like stands between two sentences, the first before the
 * last. */
bool sentences_are_apart(const struct sentences *sentences, uint32_t first, uint32_t last);

/** The byte of the view behind a word. */
uint32_t sentences_word_end(const struct sentences *sentences, const struct view *view,
                            uint32_t word);

#endif
