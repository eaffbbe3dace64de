/**
 * The alternatives within entries: what stands between the bars of brackets, and the entries of a
 * list that another one names.
 *
 * A text hits an alternative where the entry finds something in it, and nothing without the
 * alternative. Where that text would be judged otherwise without the entry, leaving the alternative
 * out is noticed, too: to the text it is the same.
 *
 * Owns:    mutation_choices_free() frees everything.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_MUTATION_CHOICES_H
#define REDRESS_WORKBENCH_MUTATION_CHOICES_H

#include "workbench/entry_probe.h"

#include "classify/pattern/character_tables.h"
#include "classify/pattern/pattern.h"
#include "classify/match/confirm.h"

struct choice_alternative {
    uint32_t choice; /* node of the entry's pattern */
    uint32_t child;
    struct confirm_code without; /* the entry without it, from its first hit until it is killed */
    bool hit;
    bool killed;
    bool is_compiled;
};

struct mutation_choices {
    struct choice_alternative *items; /* by entry */
    uint32_t count;
    uint32_t *first; /* by entry, and one more for the end */
    struct character_tables tables;
    struct confirm_scratch confirm;
    struct pattern parsed; /* of the entry that was noted last: a long list is parsed once */
    uint32_t parsed_entry; /* UINT32_MAX: none */
};

/** STATUS_OK, STATUS_MEMORY. Free it in every case. */
NODISCARD enum redress_status mutation_choices_init(struct mutation_choices *choices,
                                                    const struct entry_probe *probe);
void mutation_choices_free(struct mutation_choices *choices);

/** True where an alternative of the entry is not killed yet. */
bool mutation_choices_live(const struct mutation_choices *choices, uint32_t entry);

/** Looks at the entry's hits in the text that the probe matched last; `killed` where that text
 * would be judged otherwise without the entry. STATUS_OK, STATUS_MEMORY. */
NODISCARD enum redress_status mutation_choices_note(struct mutation_choices *choices,
                                                    const struct entry_probe *probe, uint32_t entry,
                                                    bool killed);

#endif
