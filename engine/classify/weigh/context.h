/**
 * What a hit means where it stands: its sentence, and whether it is negated, excepted, announced,
 * done or only reported.
 *
 *   matcher: where rules match  ──►  context: which of those count, and how  ──►  score
 *
 * Every hit gets a fate; only those that fired give anything. The others stay for explanations.
 *
 * Threads: the context of a scratch serves one thread. Allocates nothing after context_init().
 */
#ifndef REDRESS_CLASSIFY_WEIGH_CONTEXT_H
#define REDRESS_CLASSIFY_WEIGH_CONTEXT_H

#include "classify/pack/grammar.h"
#include "classify/match/matcher.h"
#include "classify/pack/rule_pack.h"
#include "classify/weigh/impression.h"
#include "text/sentences.h"

enum fate {
    FATE_FIRED,
    FATE_FLIPPED,  /* fired with its complaint weight turned round */
    FATE_NEGATED,  /* a negator is in reach */
    FATE_EXCEPTED, /* a `not` of the rule stands in its sentence, or an `except` over it */
    FATE_DIVIDED,  /* the end of a sentence stands between its words */
    FATE_DENIED,   /* a step that the writer says they will not take */
    FATE_REPORTED, /* somebody else's step */
    FATE_REPEATED, /* the rule has fired in this sentence */
    FATE_COUNT
};

/** "fired", "negated" …; never NULL. */
const char *fate_name(enum fate fate);

struct evidence {
    uint32_t rule_index;
    uint32_t sentence;
    uint32_t start; /* bytes of the text */
    uint32_t end;
    uint8_t fate;   /* enum fate */
    uint8_t stance; /* enum rule_stance: STANCE_FIND where no cue was found */
};

enum { EVIDENCE_MAX = 2 * MATCH_HITS_MAX };

struct context {
    const struct lexicon *lexicon; /* of the text's language; NULL: words alone say nothing */
    struct impression impression;
    const struct rule_pack *pack; /* of what was weighed last, and ... */
    const struct view *view;      /* ... its view; NULL where it has no words */
    struct sentences sentences;
    struct grammar_reading reading; /* of the last view */
    struct evidence *evidence;      /* by sentence, then by rule */
    uint32_t evidence_count;
};

NODISCARD enum redress_status context_init(struct context *context);
void context_destroy(struct context *context);

/** Before each text; `lexicon` may be NULL. */
void context_begin(struct context *context, const struct lexicon *lexicon);

/** Weighs the hits of one view of the text; a text that is stretched has two views. */
void context_weigh(struct context *context, const struct rule_pack *pack, const struct view *view,
                   const struct match_outcome *outcome);

/** After the last view: sorts the evidence, marks what repeats and reads what the words say;
 * `gifts` (score.h) by rule index. */
void context_finish(struct context *context, const struct rule_gift *gifts);

/** What a rule's evidence comes to, its best fate; FATE_COUNT where it has none. */
enum fate context_fate(const struct context *context, uint32_t rule_index);

#endif
