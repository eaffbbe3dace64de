/**
 * Witnesses: for every entry of the rules a short text of its own that it alone makes its rule
 * hear, kept in files that people review. What changes the rules and what they hear shows as a
 * diff.
 *
 *   FOLDER/witnesses/LANGUAGE.txt
 *
 *   # a remark
 *   en.contract.gym_locked_in                      a rule
 *     words let me out of (my|the) contract        a part of it, and an entry
 *       let me out of my contract                  a witness: with the entry the rule fires, ...
 *       let me out of the contract                 ... without it it does not (of not and except:
 *                                                  the other way round)
 *     words let me out
 *       ! covered by "let me out of ..."           none was found, and why: the entry is dead
 *
 * The language is that of the folder that the rule stands in. A folder without such a file promises
 * nothing; once it is there, every entry of its rules needs a witness or its reason.
 *
 * Owns:    witness_book_free() frees everything; the probe must live as long.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_WITNESS_BOOK_H
#define REDRESS_WORKBENCH_WITNESS_BOOK_H

#include "workbench/entry_probe.h"

struct witness {
    const char *text; /* or the reason of a dead entry */
    uint32_t size;
    uint32_t line;
    bool dead;
    struct witness *next; /* of the same entry, in the file's order */
};

struct witness_book {
    const struct entry_probe *probe;
    const char *folder;
    uint32_t *part_first;              /* first entry of part p of rule r at p * rule_count + r */
    struct witness **by_entry;         /* NULL: none */
    struct witness **last;             /* by entry */
    const char *paths[LANGUAGE_COUNT]; /* NULL: there is no such file */
    struct arena arena;
};

/** An empty book for the rules of a folder. STATUS_OK, STATUS_MEMORY. Free it in every case. */
NODISCARD enum redress_status
witness_book_init(struct witness_book *book, const struct entry_probe *probe, const char *folder);
void witness_book_free(struct witness_book *book);

/**
 * Reads the files that are there. What they name and the rules do not have is an error at its
 * place. STATUS_OK also then; STATUS_IO with an error; STATUS_MEMORY.
 */
NODISCARD enum redress_status witness_book_read(struct witness_book *book,
                                                struct error_list *errors);

/** Adds a witness, or the reason why there is none. STATUS_OK, STATUS_MEMORY. */
NODISCARD enum redress_status witness_book_add(struct witness_book *book, uint32_t entry,
                                               struct slice text, uint32_t line, bool dead);

/** Writes the files anew, rules by their ids. STATUS_OK; STATUS_IO with an error; STATUS_MEMORY. */
NODISCARD enum redress_status witness_book_write(const struct witness_book *book,
                                                 struct error_list *errors);

/** True for an entry of a rule that stands in the book's folder. */
bool witness_book_covers(const struct witness_book *book, uint32_t entry);

/** The file that has the entry's witnesses; NULL where there is none. */
const char *witness_book_file(const struct witness_book *book, uint32_t entry);

/** The entries of a part of a rule: `*first` and as many as are answered. */
uint32_t witness_book_entries(const struct witness_book *book, uint32_t rule_index,
                              enum rule_part part, uint32_t *first);

#endif
