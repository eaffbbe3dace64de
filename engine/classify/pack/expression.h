/**
 * The conditions of composites: boolean expressions, compiled to a flat program that is run without
 * allocation.
 *
 *   trait.fraud and (trait.loss or category.billing) and not language == ru
 *   severity >= serious and recurrence.complaints_7d >= 2
 *
 *   or      := and ("or" and)*
 *   and     := not ("and" not)*
 *   not     := "not" not | "(" or ")" | operand
 *   operand := trait.NAME | announced.NAME | done.NAME | category.NAME | complaint | urgent
 *            | recurrence.repeat
 *            | language (== | !=) NAME | channel (== | !=) NAME
 *            | (severity | score | recurrence.complaints_WINDOW) COMPARE VALUE
 *            | duration COMPARE VALUE (seconds | minutes | hours | days | weeks | months | years)
 *            | (money | count) COMPARE VALUE
 *
 * severity, complaint and urgent are those that stood before any composite: a composite that asks
 * for a complaint may make it a grave one. Without history every recurrence.x is false, its
 * comparisons too.
 */
#ifndef REDRESS_CLASSIFY_PACK_EXPRESSION_H
#define REDRESS_CLASSIFY_PACK_EXPRESSION_H

#include "base/arena.h"
#include "base/error_list.h"

#include <redress/message.h>

enum {
    EXPRESSION_BYTES_MAX = 2000,
    EXPRESSION_STEPS_MAX = 256,
    /* Of brackets and nots: each level leaves two values at most on the run-time stack of 64. */
    EXPRESSION_DEPTH_MAX = 28,
    CHANNEL_NAMES_MAX = 32,
    CHANNEL_NAME_BYTES_MAX = 64
};

/** The traits that have a stance. */
#define RULE_STANCE_TRAITS                                                                         \
    (1u << TRAIT_LEGAL | 1u << TRAIT_REGULATOR | 1u << TRAIT_PUBLICITY | 1u << TRAIT_LEAVING)

/** The channels that conditions ask for; the index in `names` plus one stands in a verdict. */
struct channel_names {
    const char *names[CHANNEL_NAMES_MAX];
    uint32_t count;
};

enum expression_op {
    EXPRESSION_TRAIT,
    EXPRESSION_ANNOUNCED,
    EXPRESSION_DONE,
    EXPRESSION_CATEGORY,
    EXPRESSION_COMPLAINT,
    EXPRESSION_URGENT,
    EXPRESSION_REPEAT,
    EXPRESSION_LANGUAGE,
    EXPRESSION_CHANNEL,
    EXPRESSION_SEVERITY,
    EXPRESSION_SCORE,
    EXPRESSION_DURATION, /* seconds */
    EXPRESSION_MONEY,    /* euros, roughly */
    EXPRESSION_COUNT,
    EXPRESSION_COMPLAINTS, /* argument: enum recurrence_window */
    EXPRESSION_AND,
    EXPRESSION_OR,
    EXPRESSION_NOT
};

enum expression_compare {
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL
};

enum recurrence_window { WINDOW_1H, WINDOW_1D, WINDOW_7D, WINDOW_30D };

struct expression_step {
    uint8_t op;       /* enum expression_op */
    uint8_t argument; /* trait, category, language, channel or window */
    uint8_t compare;  /* enum expression_compare */
    float value;
};

/** What an expression reads, so that its place in the order of composites can be found. */
struct expression_reads {
    trait_set traits;
    bool recurrence;
};

struct expression {
    const struct expression_step *steps; /* postfix */
    uint32_t count;
    struct expression_reads reads;
    /* Without all of these it cannot hold; lets most conditions be passed over at once. */
    trait_set required_traits;
    bool requires_complaint;
};

/** What an expression is evaluated over. */
struct facts {
    trait_set traits;
    trait_set announced;
    trait_set done;
    category_set categories;
    enum severity severity;
    bool urgent;
    struct verdict_values values;
    enum language language;
    uint8_t channel; /* index in channel_names plus one; 0 is none of them */
    float score;
    const struct recurrence *recurrence; /* NULL without history */
};

/** Where the text of a condition stands, for errors: column is that of its first byte. */
struct expression_source {
    const char *text;
    const char *file;
    uint32_t line;
    uint32_t column;
};

/**
 * Returns: STATUS_OK; STATUS_INVALID with one error at its place; STATUS_MEMORY.
 * Owns:    steps and the names of channels live in `arena`.
 */
NODISCARD enum redress_status expression_parse(const struct expression_source *source,
                                               struct arena *arena, struct channel_names *channels,
                                               struct error_list *errors, struct expression *out);

/** True where the expression holds. Allocates nothing. */
bool expression_holds(const struct expression *expression, const struct facts *facts);

/** The index of a channel in `channels` plus one, or 0. */
uint8_t channel_names_find(const struct channel_names *channels, struct slice name);

#endif
