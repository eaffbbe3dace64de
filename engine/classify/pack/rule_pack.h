/**
 * The checked content of a rules folder, before it is compiled: rules, composites and tiers, each
 * with its place.
 *
 * Owns:    everything it points to lives in its arena and dies with rule_pack_free().
 * Threads: one at a time while it is loaded, then only read.
 */
#ifndef REDRESS_CLASSIFY_PACK_RULE_PACK_H
#define REDRESS_CLASSIFY_PACK_RULE_PACK_H

#include "base/arena.h"
#include "base/error_list.h"
#include "classify/pack/expression.h"
#include "classify/pack/grammar.h"
#include "classify/pack/lexicon.h"

#include <redress/verdict.h>

enum {
    RULES_MAX = 20000,
    RULE_ID_BYTES_MAX = 96,
    RULE_WHY_BYTES_MAX = 200,
    RULE_CATEGORIES_MAX = 4,
    RULE_PATTERNS_MAX = 400, /* patterns and entries of words, near and not */
    RULE_PATTERN_BYTES_MAX = 4096,
    RULE_NEAR_WORDS_MAX = 25,
    RULE_EXAMPLES_MIN = 2,
    RULE_EXAMPLES_MAX = 100,
    RULE_EXAMPLE_BYTES_MAX = 4096,
    RULE_FILES_MAX = 1000,
    COMPOSITES_MAX = 256,
    RULE_GROUPS_MAX = 1000,
    RULE_GROUP_BYTES_MAX = 64
};

/* Weights are small numbers: the tiers that they are compared with are, too. */
#define RULE_COMPLAINT_MAX 10.0
#define RULE_CATEGORY_MAX  10.0
#define RULE_SCORE_MAX     1000.0

struct rule_place {
    const char *file;
    uint32_t line;
    uint32_t column;
};

/*
 * What a pattern is to its rule. To the matcher each part is a rule of its own: that of the rule
 * with index i has index part * rule_count + i.
 */
enum rule_part {
    RULE_PART_MATCH,  /* the rule matches where it does */
    RULE_PART_NOT,    /* takes the rule's matches in its sentence back */
    RULE_PART_NEAR_A, /* one of each within near_words words: the rule matches from one to the other
                       */
    RULE_PART_NEAR_B,
    RULE_PART_EXCEPT, /* takes the matches back that it overlaps */
    RULE_PART_COUNT
};

/** True of the parts that speak against a match. */
static inline bool rule_part_takes_back(enum rule_part part)
{
    return part == RULE_PART_NOT || part == RULE_PART_EXCEPT;
}

struct rule_pattern {
    const char *text;
    uint32_t size;
    const char *entry; /* of words, near, not or except, as its author wrote it; NULL: a pattern */
    bool one_sentence; /* written from words: a match that crosses a sentence's end is none */
    uint8_t part;      /* enum rule_part */
    struct rule_place
        place; /* of the pattern's first byte, or of the entry that it was made from */
};

/* What a negator in reach does to a hit. */
enum rule_negation { NEGATION_CANCEL, NEGATION_FLIP, NEGATION_IGNORE };

/* Whose step it is that a rule of legal, regulator, publicity or leaving speaks of. */
enum rule_stance { STANCE_FIND, STANCE_ANNOUNCED, STANCE_DONE };

struct rule_example {
    const char *text;
    uint32_t size;
    bool must_match;
    struct rule_place place;
};

struct rule {
    const char *id;
    const char *why;
    uint32_t languages; /* bits 1u << LANGUAGE_x, at least one */
    trait_set traits;
    float complaint; /* may be negative */
    enum severity at_least;
    bool original;      /* patterns match the repaired text instead of the view */
    bool experimental;  /* reported, gives nothing */
    uint8_t home;       /* enum language whose grammar reads its hits */
    uint8_t negation;   /* enum rule_negation */
    uint8_t stance;     /* enum rule_stance */
    uint8_t near_words; /* at most so many stand between the two of `near` */
    bool near_ordered;  /* a before b */
    uint16_t group; /* 1 and up; of equal ones only the strongest counts in a sentence; 0: none */
    float categories[CATEGORY_COUNT];
    const struct rule_pattern *patterns;
    uint32_t pattern_count;
    const struct rule_example *examples;
    uint32_t example_count;
    struct rule_place place;
    struct rule *next; /* while loading */
};

struct composite {
    const char *id;
    const char *why;
    struct expression when;
    trait_set traits;
    enum severity at_least;
    bool urgent;
    struct rule_place place;
    struct composite *next; /* while loading */
};

/** The lowest score of each severity; a severity whose score is infinite is never reached by score.
 */
struct tiers {
    float score_min[SEVERITY_COUNT];
    struct rule_place place;
};

struct rule_pack {
    struct arena arena;
    struct grammar *grammars[LANGUAGE_COUNT]; /* NULL: the language has no language.yaml */
    struct lexicon *lexicons[LANGUAGE_COUNT]; /* NULL: the language has no lexicon */
    const char *groups[RULE_GROUPS_MAX];      /* names, by group minus one */
    uint32_t group_count;
    const bool *one_sentence; /* by pattern, in the matcher's order */
    struct rule *rules; /* sorted by id once the folder is read; a list through `next` before */
    uint32_t rule_count;
    struct composite *composites; /* sorted so that each comes after what it reads */
    uint32_t composite_count;
    struct tiers tiers;
    struct channel_names channels;
    const char **disabled; /* ids of shipped rules that the site has switched off */
    uint32_t disabled_count;
};

/**
 * Reads `folder`: <language>/x.yaml, lexicon/<language>.tsv, composites.yaml and tiers.yaml; then,
 * where it is not NULL, what a site changes of that, from a folder of its own:
 *
 *   disabled.yaml            disabled: ids of shipped rules that are left out
 *   <language>/x.yaml        rules of its own, as in a shipped file
 *   scores/<language>.yaml   weights, which win over those of the rules and over shipped scores
 *   lexicon/<language>.tsv   words of its own, in place of the shipped ones
 *   cases/                   cases of its own, for `rules test`
 *
 * Returns: STATUS_OK; STATUS_INVALID with every error in `errors`; STATUS_MEMORY.
 * Owns:    the caller frees the pack in every case.
 */
NODISCARD enum redress_status rule_pack_load(struct rule_pack *pack, const char *folder,
                                             const char *override_folder,
                                             struct error_list *errors);

/** True for the id of a rule that the site has switched off. */
bool rule_pack_is_disabled(const struct rule_pack *pack, const char *id);
void rule_pack_free(struct rule_pack *pack);

/** XXH3 of a canonical form: file names, order, white space, comments and examples do not matter.
 */
uint64_t rule_pack_hash(const struct rule_pack *pack);

#endif
