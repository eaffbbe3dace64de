#include "classify/language/language.h"

#include "classify/language/tally.h"

enum {
    POINTS_MIN = 6,
    LEAD_MIN = 12,          /* one word of its own; with less the letters are asked, too */
    TYPED_POINTS_MIN = 36,  /* Greek or Russian in Latin letters: three words of its own */
    WINDOW_BYTES = 128,     /* at either end of a text, where a second language is looked for */
    WINDOW_POINTS_MIN = 36, /* three words of its own say that it is there */
    GLANCE_BYTES = 32       /* of these, its outermost: most are in the main language */
};

/* What the letters say where the words leave it open. */
static enum language ask_letters(const struct trigrams *trigrams, const struct tally *latin,
                                 struct slice text)
{
    uint32_t lead[LANGUAGE_COUNT] = {0};
    if (!trigrams)
        return LANGUAGE_UNKNOWN;
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        lead[language] = latin->points[language];
    lead[LANGUAGE_EL] = latin->points[TYPED_GREEK];
    lead[LANGUAGE_RU] = latin->points[TYPED_RUSSIAN];
    return trigrams_tell(trigrams, text, lead);
}

/* Greek and Russian share their short words with many: they have to be far ahead. */
static bool leads(const struct tally *latin, uint32_t best, uint32_t second)
{
    if (best == TYPED_GREEK || best == TYPED_RUSSIAN)
        return latin->points[best] >= TYPED_POINTS_MIN &&
               latin->points[best] >= second + second / 2;
    return latin->points[best] >= second + LEAD_MIN;
}

static enum language decide_latin(const struct trigrams *trigrams, const struct tally *tally,
                                  struct slice text)
{
    struct tally latin = *tally;
    latin.points[LANGUAGE_UNKNOWN] = 0;
    latin.points[LANGUAGE_RU] = 0;
    latin.points[LANGUAGE_EL] = 0;
    uint32_t second = 0;
    uint32_t best = tally_leader(&latin, &second);
    bool foreign = best >= LANGUAGE_COUNT && best < TYPED_GREEK;
    if (foreign && latin.points[best] >= POINTS_MIN)
        return LANGUAGE_UNKNOWN;
    if (!leads(&latin, best, second)) {
        enum language asked = ask_letters(trigrams, &latin, text);
        if (asked != LANGUAGE_UNKNOWN || best >= LANGUAGE_COUNT)
            return asked;
        return latin.points[best] < POINTS_MIN || latin.points[best] == second
                   ? LANGUAGE_UNKNOWN
                   : (enum language)best;
    }
    if (best == TYPED_GREEK)
        return LANGUAGE_EL;
    return best == TYPED_RUSSIAN ? LANGUAGE_RU : (enum language)best;
}

/* Russian unless a neighbour's letters and words say more. */
static enum language decide_cyrillic(const struct tally *tally)
{
    uint32_t russian = tally->points[LANGUAGE_RU];
    if (tally->points[FOREIGN_UKRAINIAN] > russian || tally->points[FOREIGN_BULGARIAN] > russian)
        return LANGUAGE_UNKNOWN;
    return LANGUAGE_RU;
}

/* A part of what was tallied has no more letters and points than all of it. */
static uint32_t possible_in_part(const struct tally *tally)
{
    uint32_t languages = 0;
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        languages |= (uint32_t)(tally->points[language] >= WINDOW_POINTS_MIN) << language;
    languages |= (uint32_t)(tally->greek > 0) << LANGUAGE_EL;
    return languages | (uint32_t)(tally->cyrillic > 0) << LANGUAGE_RU;
}

static enum language detect(const struct language_table *table, struct slice text, bool guess,
                            struct language_heard *heard)
{
    struct tally tally = {0};
    heard->whole = tally_text(table, text, &tally);
    heard->head = true;
    heard->possible = possible_in_part(&tally);
    switch (tally_script(&tally)) {
    case SCRIPT_GREEK:
        return LANGUAGE_EL;
    case SCRIPT_CYRILLIC:
        return decide_cyrillic(&tally);
    case SCRIPT_LATIN:
        return decide_latin(guess ? table->trigrams : NULL, &tally, text);
    case SCRIPT_NONE:
        break;
    }
    return LANGUAGE_UNKNOWN;
}

enum language language_detect(const struct language_table *table, struct slice text)
{
    struct language_heard heard;
    return detect(table, text, true, &heard);
}

static enum script script_of_language(enum language language)
{
    if (language == LANGUAGE_EL)
        return SCRIPT_GREEK;
    return language == LANGUAGE_RU ? SCRIPT_CYRILLIC : SCRIPT_LATIN;
}

/* Moves a window's edge from the middle of a word to the next blank. */
static uint32_t next_blank(struct slice text, uint32_t at)
{
    while (at < text.size && text.data[at] != ' ' && text.data[at] != '\n')
        at++;
    return at;
}

/* Its outermost words tell most windows to be in the main language. */
static bool is_in(const struct language_table *table, struct slice glance, enum language main)
{
    struct tally tally = {0};
    enum script script = script_of_language(main);
    if (script != SCRIPT_LATIN && tally_is_sole(glance, script))
        return true;
    tally_text(table, glance, &tally);
    if (tally_script(&tally) != SCRIPT_LATIN)
        return tally_script(&tally) == script;
    return tally_leads(&tally, main, LEAD_MIN);
}

/* The language that a part of a text is clearly in; LANGUAGE_UNKNOWN for others than our own. */
static enum language language_of_window(const struct language_table *table, struct slice window)
{
    struct tally tally = {0};
    uint32_t second = 0;
    tally_text(table, window, &tally);
    enum script script = tally_script(&tally);
    if (script == SCRIPT_GREEK)
        return LANGUAGE_EL;
    if (script == SCRIPT_CYRILLIC)
        return decide_cyrillic(&tally);
    uint32_t best = tally_leader(&tally, &second);
    bool clear = tally.points[best] >= WINDOW_POINTS_MIN && tally.points[best] >= 2 * second;
    return clear && best < LANGUAGE_COUNT ? (enum language)best : LANGUAGE_UNKNOWN;
}

static struct slice part_of(struct slice text, uint32_t from, uint32_t to)
{
    return (struct slice){text.data + from, to - from};
}

/* The other language that a window is clearly in, unless its glance is in the main one. */
static enum language other_language(const struct language_table *table, struct slice glance,
                                    struct slice window, enum language main)
{
    if (is_in(table, glance, main))
        return LANGUAGE_UNKNOWN;
    enum language found = language_of_window(table, window);
    return found == main ? LANGUAGE_UNKNOWN : found;
}

enum language language_second(const struct language_table *table, struct slice text,
                              enum language main, const struct language_heard *heard)
{
    uint32_t half = text.size / 2;
    uint32_t window = half < WINDOW_BYTES ? half : WINDOW_BYTES;
    uint32_t glance = half < GLANCE_BYTES ? half : GLANCE_BYTES;
    bool alone = heard->head && !(heard->possible & ~(1u << main));
    if (main == LANGUAGE_UNKNOWN || (alone && heard->whole))
        return LANGUAGE_UNKNOWN;
    uint32_t tail = next_blank(text, text.size - window);
    if (tail == text.size)
        return LANGUAGE_UNKNOWN;
    enum language found =
        other_language(table, part_of(text, next_blank(text, text.size - glance), text.size),
                       part_of(text, tail, text.size), main);
    if (found != LANGUAGE_UNKNOWN || alone)
        return found;
    return other_language(table, part_of(text, 0, next_blank(text, glance)),
                          part_of(text, 0, next_blank(text, window)), main);
}

enum language language_of_part(const struct language_table *table, struct slice part,
                               enum language left, enum language right)
{
    struct tally tally = {0};
    tally_text(table, part, &tally);
    enum script script = tally_script(&tally);
    if (script == SCRIPT_NONE)
        return LANGUAGE_UNKNOWN;
    if (script_of_language(left) != script_of_language(right))
        return script == script_of_language(left)    ? left
               : script == script_of_language(right) ? right
                                                     : LANGUAGE_UNKNOWN;
    if (tally.points[left] >= tally.points[right] + LEAD_MIN)
        return left;
    return tally.points[right] >= tally.points[left] + LEAD_MIN ? right : LANGUAGE_UNKNOWN;
}

bool language_is_typed(enum language language, struct slice text)
{
    return (language == LANGUAGE_EL || language == LANGUAGE_RU) &&
           tally_quick_script(text) == SCRIPT_LATIN;
}

enum language language_choose(const struct language_table *table, struct slice text,
                              struct slice hint, struct language_heard *heard)
{
    enum language hinted = LANGUAGE_UNKNOWN;
    *heard = (struct language_heard){.head = false};
    if (hint.size == 0)
        return detect(table, text, true, heard);
    /* Of a language that we do not know only words can say that it is another. */
    if (!redress_language_parse(hint.data, hint.size, &hinted))
        return detect(table, text, false, heard);
    enum script script = tally_quick_script(text);
    if (script == SCRIPT_NONE || script == script_of_language(hinted))
        return hinted;
    enum language detected = detect(table, text, true, heard);
    /* Russian and Greek are also typed in Latin letters. */
    if (detected == LANGUAGE_UNKNOWN && script == SCRIPT_LATIN)
        return hinted;
    return detected;
}
