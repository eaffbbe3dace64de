/**
 * Why a text has its verdict: sentence by sentence what fired and what each rule gave, what nearly
 * fired and which word stopped it, and what would change the severity.
 *
 * Method:  classifies as the engine does, then reads the evidence again beside the grammar. What a
 *          rule gave is the difference that it makes to its sentence's sum, groups included.
 * Owns:    explanation_free() frees everything; texts are places of the text that was given, which
 *          must live as long.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_EXPLAIN_H
#define REDRESS_WORKBENCH_EXPLAIN_H

#include "classify/rule_set.h"

/** Bytes of the text; end is 0 where there is no such place. */
struct text_span {
    uint32_t start;
    uint32_t end;
};

struct explained_hit {
    uint32_t rule_index;
    struct text_span span;
    uint8_t fate;   /* enum fate */
    uint8_t stance; /* enum rule_stance */
    float gave;     /* to the sum of its sentence; 0 where another of its group is stronger */
    struct text_span stopper; /* the word that stopped or turned it, where it could be found */
};

struct explained_sentence {
    struct text_span span;
    float sum;
    bool counts; /* one of those that make the score */
    struct explained_hit *hits;
    uint32_t hit_count;
};

/** The two of a rule's `near` stand in the text, but never near enough. */
struct apart_pair {
    uint32_t rule_index;
    struct text_span a;
    struct text_span b;
};

/** A composite that does not hold, but would with any one of `traits`, and would raise care. */
struct lacking_composite {
    const struct composite *composite;
    trait_set traits;
};

enum { EXPLAINED_WORDS_MAX = 5, EXPLAINED_SAYINGS_MAX = 2 + LEXICON_TRAIT_COUNT };

struct explained_word {
    struct text_span span;
    float weight; /* in the lexicon */
};

/** What the words of one sentence say by themselves, of all sentences the most. */
struct explained_saying {
    const char *what; /* complaint, doubt of a moderate one, or a trait */
    float sum;
    struct explained_word words[EXPLAINED_WORDS_MAX]; /* the strongest first */
    uint32_t word_count;
};

struct explanation {
    struct arena arena;
    struct slice text;
    struct scratch *scratch;
    struct verdict verdict;
    struct explained_sentence *sentences; /* those with hits, in their order */
    uint32_t sentence_count;
    struct apart_pair *apart;
    uint32_t apart_count;
    enum severity by_score;      /* what the tiers make of the score */
    enum severity next_by_score; /* by_score where no score leads further */
    float missing_score;         /* to next_by_score */
    const struct composite **holding;
    uint32_t holding_count;
    struct lacking_composite *lacking;
    uint32_t lacking_count;
    struct explained_saying sayings[EXPLAINED_SAYINGS_MAX]; /* of a complaint, and what is heard */
    uint32_t saying_count;
};

/**
 * Explains one text. input->text as redress_classify() takes it.
 *
 * Returns: STATUS_OK; STATUS_MEMORY. Undecided stands in the verdict.
 * Owns:    the caller frees with explanation_free() in every case.
 */
NODISCARD enum redress_status explain_text(const struct rule_set *rule_set,
                                           const struct classify_input *input,
                                           struct explanation *out);
void explanation_free(struct explanation *explanation);

#endif
