/**
 * The outcome of classification: the vocabulary of severities, categories, traits and languages,
 * and the verdict built from it.
 *
 * Source: what each word means to a reader is said in docs/vocabulary.md.
 */
#ifndef REDRESS_VERDICT_H
#define REDRESS_VERDICT_H

#include <redress/status.h>

#include <stddef.h>
#include <stdint.h>

enum severity {
    SEVERITY_NONE = 0,
    SEVERITY_MINOR = 1,
    SEVERITY_MODERATE = 2,
    SEVERITY_SERIOUS = 3,
    SEVERITY_CRITICAL = 4,
    SEVERITY_COUNT
};

enum category {
    CATEGORY_BILLING,
    CATEGORY_REFUND,
    CATEGORY_DELIVERY,
    CATEGORY_PRODUCT,
    CATEGORY_OUTAGE,
    CATEGORY_DIGITAL,
    CATEGORY_STAFF,
    CATEGORY_ACCESS,
    CATEGORY_BOOKING,
    CATEGORY_CONTRACT,
    CATEGORY_FRAUD,
    CATEGORY_INFORMATION,
    CATEGORY_SAFETY,
    CATEGORY_OTHER,
    CATEGORY_COUNT
};

enum trait {
    TRAIT_REPEAT,
    TRAIT_FAILED_RECOVERY,
    TRAIT_LEGAL,
    TRAIT_REGULATOR,
    TRAIT_PUBLICITY,
    TRAIT_LEAVING,
    TRAIT_SAFETY,
    TRAIT_VULNERABLE,
    TRAIT_ABUSE,
    TRAIT_THREAT,
    TRAIT_SELF_HARM,
    TRAIT_DISCRIMINATION,
    TRAIT_FRAUD,
    TRAIT_PRIVACY,
    TRAIT_LOSS,
    TRAIT_TIME_CRITICAL,
    TRAIT_LIFE_EVENT,
    TRAIT_UNREACHABLE,
    TRAIT_DECEIVED,
    TRAIT_DEMAND,
    TRAIT_COUNT
};

enum language {
    LANGUAGE_UNKNOWN = 0,
    LANGUAGE_EN,
    LANGUAGE_PL,
    LANGUAGE_SV,
    LANGUAGE_NL,
    LANGUAGE_RU,
    LANGUAGE_EL,
    LANGUAGE_COUNT
};

/** Sets of categories and traits: bit 1u << CATEGORY_x, 1u << TRAIT_x. */
typedef uint32_t category_set;
typedef uint32_t trait_set;

/** Names as they stand in rule files and JSON ("minor", "billing", "self_harm", "en"). Never NULL.
 */
REDRESS_API const char *redress_severity_name(enum severity severity);
REDRESS_API const char *redress_category_name(enum category category);
REDRESS_API const char *redress_trait_name(enum trait trait);
REDRESS_API const char *redress_language_name(enum language language);

/** The reverse: false where the name (size bytes, no terminator) is none of ours. */
NODISCARD REDRESS_API bool redress_severity_parse(const char *name, size_t size,
                                                  enum severity *out);
NODISCARD REDRESS_API bool redress_category_parse(const char *name, size_t size,
                                                  enum category *out);
NODISCARD REDRESS_API bool redress_trait_parse(const char *name, size_t size, enum trait *out);
/** Takes "en", "EN" and tags such as "en-GB"; anything else is LANGUAGE_UNKNOWN and false. */
NODISCARD REDRESS_API bool redress_language_parse(const char *name, size_t size,
                                                  enum language *out);

/**
 * One rule that fired, and where.
 *
 * Units: start and end are byte offsets into the message's repaired text, start in, end out.
 */
struct verdict_hit {
    uint32_t rule_index; /* into the rule set that the verdict names */
    uint32_t start;
    uint32_t end;
};

enum { VERDICT_CATEGORIES_MAX = 2 };

/** The largest of each kind that the text names; 0 where it names none. */
struct verdict_values {
    float duration_s; /* "for three weeks" */
    float money_eur;  /* what it is worth in euros, roughly */
    float count;      /* "the third time" */
};

/**
 * The outcome of one classification.
 *
 * Owns: nothing; hits live in the scratch or in the message that carries the verdict.
 */
struct verdict {
    enum severity severity;
    enum language language;
    bool complaint; /* exactly when severity > SEVERITY_NONE */
    bool urgent;
    bool undecided;  /* a limit stopped a rule, or the language is not known: people must look */
    bool hits_cut;   /* hit_count rules fired, but not all of them fit into hits */
    bool truncated;  /* decided on a text that was cut at its limit */
    uint8_t channel; /* which of the channels that the composites name; 0 is none of them */
    uint8_t category_count;
    uint8_t categories[VERDICT_CATEGORIES_MAX]; /* enum category, strongest first */
    trait_set traits;
    trait_set traits_by_words; /* those of them that only single words say */
    trait_set announced; /* of legal, regulator, publicity, leaving: the writer's own next step */
    trait_set done;      /* of the same: a step already taken */
    struct verdict_values values;
    float score;
    uint32_t hit_count;
    uint32_t hits_stored;
    const struct verdict_hit *hits; /* one a rule, those that say most for the verdict first */
    uint64_t rule_set_hash;         /* XXH3 of the canonical rules */
    uint32_t rule_set_version;      /* counts reloads in this process, from 1 */
};

/** Its categories as a set. */
static inline category_set redress_verdict_categories(const struct verdict *verdict)
{
    category_set set = 0;
    for (unsigned index = 0; index < verdict->category_count; index++)
        set |= 1u << verdict->categories[index];
    return set;
}

/**
 * True for a message that no person needs to read: no complaint, decided, whole, and in a language
 * that has rules. Everything else that is no complaint goes to people.
 */
REDRESS_API bool redress_verdict_is_calm(const struct verdict *verdict);

#endif
