/** The words of the vocabulary as rule files, cases and JSON write them. */
#include <redress/verdict.h>

#include <string.h>

static const char *const severity_names[SEVERITY_COUNT] = {
    [SEVERITY_NONE] = "none",         [SEVERITY_MINOR] = "minor",
    [SEVERITY_MODERATE] = "moderate", [SEVERITY_SERIOUS] = "serious",
    [SEVERITY_CRITICAL] = "critical",
};

static const char *const category_names[CATEGORY_COUNT] = {
    [CATEGORY_BILLING] = "billing",   [CATEGORY_REFUND] = "refund",
    [CATEGORY_DELIVERY] = "delivery", [CATEGORY_PRODUCT] = "product",
    [CATEGORY_OUTAGE] = "outage",     [CATEGORY_DIGITAL] = "digital",
    [CATEGORY_STAFF] = "staff",       [CATEGORY_ACCESS] = "access",
    [CATEGORY_BOOKING] = "booking",   [CATEGORY_CONTRACT] = "contract",
    [CATEGORY_FRAUD] = "fraud",       [CATEGORY_INFORMATION] = "information",
    [CATEGORY_SAFETY] = "safety",     [CATEGORY_OTHER] = "other",
};

static const char *const trait_names[TRAIT_COUNT] = {
    [TRAIT_REPEAT] = "repeat",
    [TRAIT_FAILED_RECOVERY] = "failed_recovery",
    [TRAIT_LEGAL] = "legal",
    [TRAIT_REGULATOR] = "regulator",
    [TRAIT_PUBLICITY] = "publicity",
    [TRAIT_LEAVING] = "leaving",
    [TRAIT_SAFETY] = "safety",
    [TRAIT_VULNERABLE] = "vulnerable",
    [TRAIT_ABUSE] = "abuse",
    [TRAIT_THREAT] = "threat",
    [TRAIT_SELF_HARM] = "self_harm",
    [TRAIT_DISCRIMINATION] = "discrimination",
    [TRAIT_FRAUD] = "fraud",
    [TRAIT_PRIVACY] = "privacy",
    [TRAIT_LOSS] = "loss",
    [TRAIT_TIME_CRITICAL] = "time_critical",
    [TRAIT_LIFE_EVENT] = "life_event",
    [TRAIT_UNREACHABLE] = "unreachable",
    [TRAIT_DECEIVED] = "deceived",
    [TRAIT_DEMAND] = "demand",
};

static const char *const language_names[LANGUAGE_COUNT] = {
    [LANGUAGE_UNKNOWN] = "unknown", [LANGUAGE_EN] = "en", [LANGUAGE_PL] = "pl",
    [LANGUAGE_SV] = "sv",           [LANGUAGE_NL] = "nl", [LANGUAGE_RU] = "ru",
    [LANGUAGE_EL] = "el",
};

/* The sets are 32 bits wide. */
_Static_assert(CATEGORY_COUNT <= 32 && TRAIT_COUNT <= 32, "a set has one bit a word");

static const char *name_at(const char *const *names, unsigned count, unsigned index)
{
    return index < count ? names[index] : "invalid";
}

static bool name_find(const char *const *names, unsigned count, const char *name, size_t size,
                      unsigned *out)
{
    for (unsigned index = 0; index < count; index++) {
        if (strlen(names[index]) == size && memcmp(names[index], name, size) == 0) {
            *out = index;
            return true;
        }
    }
    return false;
}

const char *redress_severity_name(enum severity severity)
{
    return name_at(severity_names, SEVERITY_COUNT, (unsigned)severity);
}

const char *redress_category_name(enum category category)
{
    return name_at(category_names, CATEGORY_COUNT, (unsigned)category);
}

const char *redress_trait_name(enum trait trait)
{
    return name_at(trait_names, TRAIT_COUNT, (unsigned)trait);
}

const char *redress_language_name(enum language language)
{
    return name_at(language_names, LANGUAGE_COUNT, (unsigned)language);
}

bool redress_severity_parse(const char *name, size_t size, enum severity *out)
{
    unsigned index = 0;
    bool found = name_find(severity_names, SEVERITY_COUNT, name, size, &index);
    if (found)
        *out = (enum severity)index;
    return found;
}

bool redress_category_parse(const char *name, size_t size, enum category *out)
{
    unsigned index = 0;
    bool found = name_find(category_names, CATEGORY_COUNT, name, size, &index);
    if (found)
        *out = (enum category)index;
    return found;
}

bool redress_trait_parse(const char *name, size_t size, enum trait *out)
{
    unsigned index = 0;
    bool found = name_find(trait_names, TRAIT_COUNT, name, size, &index);
    if (found)
        *out = (enum trait)index;
    return found;
}

static char ascii_lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool redress_language_parse(const char *name, size_t size, enum language *out)
{
    *out = LANGUAGE_UNKNOWN;
    if (size < 2 || (size > 2 && name[2] != '-' && name[2] != '_'))
        return false;
    char primary[2] = {ascii_lower(name[0]), ascii_lower(name[1])};
    unsigned index = 0;
    if (!name_find(language_names, LANGUAGE_COUNT, primary, sizeof primary, &index))
        return false;
    *out = (enum language)index;
    return true;
}

bool redress_verdict_is_calm(const struct verdict *verdict)
{
    return !verdict->complaint && !verdict->undecided && !verdict->truncated &&
           verdict->language != LANGUAGE_UNKNOWN;
}
