/**
 * The compiled rules: immutable, shared by every thread, freed whole.
 *
 * Owns: the pack's arena, the matcher and the compact table that scoring reads.
 */
#ifndef REDRESS_CLASSIFY_RULE_SET_H
#define REDRESS_CLASSIFY_RULE_SET_H

#include "classify/language/drawn.h"
#include "classify/language/language.h"
#include "classify/match/matcher.h"
#include "classify/language/respell.h"
#include "classify/language/unmix.h"
#include "classify/pack/rule_pack.h"
#include "classify/weigh/score.h"

#include <redress/classify.h>

/* In a language without rules only what may be about life and money is tried. */
#define RULE_GUARD_TRAITS                                                                          \
    (1u << TRAIT_SAFETY | 1u << TRAIT_SELF_HARM | 1u << TRAIT_THREAT | 1u << TRAIT_FRAUD)
/* The matcher takes texts in such a language for ones in a language of those rules' own. */
#define RULE_GUARD_LANGUAGE (1u << 31)

struct rule_set {
    struct rule_pack pack;
    struct matcher *matcher;
    const struct language_table *languages;
    const struct respell_words *words[LANGUAGE_COUNT]; /* NULL: the language has no rules */
    const struct rule_gift *gifts;                     /* by rule index */
    uint32_t language_bits;                            /* languages that have rules */
    uint64_t hash;
};

struct scratch {
    struct matcher_scratch *matcher;
    struct respelling unmixed; /* of the message, where `is_unmixed` */
    struct respelling respelt; /* of the text so far, where `is_respelt` */
    bool is_unmixed;
    bool is_respelt;
    bool is_typed;          /* in Latin letters */
    struct context context; /* of the text that was classified last: for explanations, too */
    struct verdict_hit hits[MESSAGE_HITS_MAX];
    uint32_t undecided[UNDECIDED_RULES_MAX]; /* rules, not parts of rules */
    uint32_t undecided_count;
};

/** A pattern of the pack beside its rule. */
struct rule_entry {
    const struct rule_pattern *pattern;
    uint32_t rule_index;
};

uint32_t rule_pack_entry_count(const struct rule_pack *pack);
/** In the matcher's order: all of one part, rule by rule, then those of the next. */
void rule_pack_list_entries(const struct rule_pack *pack, struct rule_entry *out);
/** An entry as the matcher takes it; its rule_index is that of the part (enum rule_part). */
struct matcher_pattern rule_entry_pattern(const struct rule_pack *pack,
                                          const struct rule_entry *entry);

/**
 * The text with every word in one script: `text` itself where it has no other. The first step of
 * reading a message.
 */
struct slice classify_unmix(struct scratch *scratch, struct slice text);

/**
 * The second, once the language is known: what rules match. That is `text` itself or, where it is
 * typed in Latin letters, the text respelt in the language's own; or, where words are drawn out,
 * the text with those written as they are known. False in *whole where a limit stopped the
 * respelling.
 */
struct slice classify_respell(const struct rule_set *rule_set, struct scratch *scratch,
                              enum language language, struct slice text, bool *whole);

/** Turns a place in what was matched last into one in the message. */
void classify_place(const struct scratch *scratch, uint32_t *start, uint32_t *end);

/** How a message is matched. */
struct classify_reading {
    struct slice text;
    enum language language; /* whose lexicon reads it; LANGUAGE_UNKNOWN: none does */
    uint32_t languages;     /* bits as matcher_match() takes them */
    enum language second;   /* LANGUAGE_UNKNOWN where it is in one */
    bool whole;             /* false where a limit stopped its respelling */
};

/**
 * Finds what speaks for a complaint and what does not: scratch->context holds it until its next
 * use.
 */
NODISCARD enum redress_status classify_find_evidence(const struct rule_set *rule_set,
                                                     struct scratch *scratch,
                                                     const struct classify_reading *reading);

/** The verdict before anything is found, and what is to be matched, which is in the scratch. */
struct verdict classify_begin(const struct rule_set *rule_set, struct scratch *scratch,
                              const struct classify_input *input, struct classify_reading *reading);
/** From the evidence in scratch->context to the verdict. */
void classify_conclude(const struct rule_set *rule_set, struct scratch *scratch,
                       struct verdict *verdict);

/** The same as redress_rule_set_load() with the loader's own list of errors. */
NODISCARD enum redress_status rule_set_load(const char *folder, struct error_list *errors,
                                            struct rule_set **out);
/** With what a site changes (rule_pack_load()); override_folder may be NULL. */
NODISCARD enum redress_status rule_set_load_overridden(const char *folder,
                                                       const char *override_folder,
                                                       struct error_list *errors,
                                                       struct rule_set **out);

#endif
