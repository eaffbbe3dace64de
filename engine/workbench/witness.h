/**
 * Finds witnesses and holds the rules to those that are written down (witness_book.h).
 *
 *   witness_record()  a book with what still holds in the old one, what is made from the entries
 *                     themselves (pattern_sample.h), and why an entry has none
 *   witness_check()   each text of a book, each entry without one
 *
 * A text is judged as a whole message whose language field is that of the rule, once with every
 * entry and once without the one.
 *
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_WITNESS_H
#define REDRESS_WORKBENCH_WITNESS_H

#include "workbench/mutation_choices.h"
#include "workbench/witness_book.h"

enum witness_answer {
    WITNESS_HOLDS,
    WITNESS_COVERED,   /* the rule comes out the same without the entry */
    WITNESS_STOPPED,   /* the entry matches, but its rule does not fire */
    WITNESS_SILENT,    /* the entry does not match */
    WITNESS_ELSEWHERE, /* the text is taken for one in a language that the rule is not for */
    WITNESS_NO_TEXT    /* there is no text to judge */
};

/* Small words that a text is judged with, kept from one to the next. */
struct witness_judge {
    struct entry_probe *probe;
    char *padded;
    enum fate fate; /* of the rule, with the entry, in the text that was judged last */
};

/** STATUS_OK, STATUS_MEMORY. Free it in every case. */
NODISCARD enum redress_status witness_judge_init(struct witness_judge *judge,
                                                 struct entry_probe *probe);
void witness_judge_free(struct witness_judge *judge);

/** Leaves the text's hits in the probe. */
enum witness_answer witness_judge_text(struct witness_judge *judge, uint32_t entry,
                                       struct slice text);

struct witness_counts {
    uint32_t texts;
    uint32_t entries; /* that have one, and ... */
    uint32_t dead;    /* ... that have a reason instead */
    uint32_t failures;
};

/** Called for each text as it is judged, its hits still in the probe. */
struct witness_visitor {
    void (*visit)(void *target, uint32_t entry, bool holds);
    void *target;
};

/**
 * Judges every text of a book; a text that no longer holds and an entry without any are errors at
 * their places. visitor may be NULL.
 */
void witness_check(const struct witness_book *book, struct witness_judge *judge,
                   const struct witness_visitor *visitor, struct error_list *errors,
                   struct witness_counts *counts);

/** Adds the entries that the book promises and has nothing for to `errors`, dead ones to
 * `warnings`; no text is judged. */
void witness_check_entries(const struct witness_book *book, struct error_list *errors,
                           struct error_list *warnings);

/** Fills `out`, an empty book of the same rules and folder. STATUS_OK, STATUS_MEMORY. */
NODISCARD enum redress_status witness_record(const struct witness_book *old,
                                             struct witness_judge *judge, struct witness_book *out,
                                             struct witness_counts *counts);

#endif
