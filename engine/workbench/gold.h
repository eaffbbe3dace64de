/**
 * Gold: what careful readers say of messages, joined with the messages themselves.
 *
 *   GOLD/NAME.LANG.jsonl   {source, id, complaint, severity, urgent, categories, traits}; NAME is
 *                          the split: "train.en.jsonl"
 *   CORPUS/x.jsonl         {source, id, lang, text}: the first one of a source and id counts
 *
 * Errors:  all in a list, with file and line; a gold message without a text is one.
 * Owns:    everything lives in its arena; gold_free().
 * Threads: one at a time while it is loaded, then only read.
 */
#ifndef REDRESS_WORKBENCH_GOLD_H
#define REDRESS_WORKBENCH_GOLD_H

#include "base/arena.h"
#include "base/error_list.h"
#include "classify/rule_set.h"

enum { GOLD_SPLITS_MAX = 32, GOLD_MESSAGES_MAX = 1000000, GOLD_CATEGORIES_MAX = 14 };

/** What is said of a message: by readers, or by the rules. */
struct judgement {
    bool complaint;
    bool urgent;
    bool unanswered; /* the rules could not decide, which counts as calm */
    uint8_t severity;
    uint8_t first_category; /* enum category; CATEGORY_COUNT where there is none */
    category_set categories;
    trait_set traits;
};

struct gold_message {
    const char *key; /* "source|id" */
    uint32_t split;
    enum language language; /* of the gold file */
    struct slice hint;      /* of the corpus, for the engine */
    struct slice text;      /* padded; data is NULL until it is found */
    bool truncated;
    struct judgement gold;
    struct judgement said; /* after gold_judge() */
};

struct gold {
    struct arena arena;
    struct gold_message *messages; /* in the order of the files, these by name */
    uint32_t count;
    uint32_t room;
    struct gold_message **by_key;
    const char *splits[GOLD_SPLITS_MAX];
    uint32_t split_count;
};

/**
 * STATUS_OK; STATUS_INVALID with errors; STATUS_NOT_FOUND or STATUS_IO where a folder or file
 * cannot be read; STATUS_MEMORY. The caller frees in every case.
 */
NODISCARD enum redress_status gold_load(struct gold *gold, const char *gold_folder,
                                        const char *corpus_folder, struct error_list *errors);
void gold_free(struct gold *gold);

/** Called for each message once it is judged, while the scratch still holds its evidence. */
struct gold_visitor {
    void (*visit)(void *target, const struct gold_message *message, uint32_t index,
                  const struct scratch *scratch);
    void *target;
};

/** Judges every message as the engine does. visitor may be NULL. STATUS_OK, STATUS_MEMORY. */
NODISCARD enum redress_status gold_judge(struct gold *gold, const struct rule_set *rule_set,
                                         const struct gold_visitor *visitor);

#endif
