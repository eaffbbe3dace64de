/*
 * Random patterns of the tree's own grammar, and texts that such patterns have a chance to match.
 * Everything follows from the seed.
 */
#ifndef REDRESS_TESTS_PATTERN_GENERATOR_H
#define REDRESS_TESTS_PATTERN_GENERATOR_H

#include "support/random.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct generator {
    uint64_t state;
    char text[1024];
    size_t size;
    int groups; /* closed so far, for backreferences */
    bool ascii; /* letters of ASCII only */
};

static inline uint32_t generator_below(struct generator *generator, uint32_t limit)
{
    return random_below(&generator->state, limit);
}

static inline void generator_put(struct generator *generator, const char *text)
{
    size_t size = strlen(text);
    if (generator->size + size < sizeof generator->text) {
        memcpy(generator->text + generator->size, text, size + 1);
        generator->size += size;
    }
}

/* A small alphabet, so that patterns and texts meet: the same letters in several spellings. */
static inline const char *generator_letter(struct generator *generator, bool pattern)
{
    static const char *const ascii[] = {"a", "b", "e", "s", "A", "B", "x", "1", "2", " ", "_", "-"};
    static const char *const wide[] = {"ä", "É", "ß", "ж", "Ж", "е", "ё", "й",  "и", "σ", "ς",
                                       "Σ", "ά", "α", "æ", "€", "’", "ﬁ", "ａ", "ł", "é"};
    static const char *const strange[] = {"😀",      "漢",     "\u00ad", "\u0301", "\u200b",  "\n",
                                          "\u00a0", "\u2028", "א",      "½",      "\xC2\x85"};
    uint32_t kind = generator->ascii ? 0 : generator_below(generator, 10);
    if (kind < 5)
        return ascii[generator_below(generator, sizeof ascii / sizeof ascii[0])];
    if (kind < 9 || pattern)
        return wide[generator_below(generator, sizeof wide / sizeof wide[0])];
    return strange[generator_below(generator, sizeof strange / sizeof strange[0])];
}

static inline void generate_choice(struct generator *generator, int depth);

static inline void generate_class(struct generator *generator)
{
    static const char *const members[] = {"\\d", "\\w",        "\\s",
                                          "a-e", "[:alpha:]",  "\\W",
                                          "1-3", "[:^digit:]", "\\x{41}-\\x{5a}",
                                          "-",   "\\S",        "[:punct:]",
                                          "\\]", "\\D",        "[:space:]"};
    generator_put(generator, generator_below(generator, 4) == 0 ? "[^" : "[");
    uint32_t count = 1 + generator_below(generator, 3);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = generator_below(generator, 4);
        if (kind == 0 && !generator->ascii)
            generator_put(generator, "а-я");
        else if (kind == 1)
            generator_put(generator,
                          members[generator_below(generator, sizeof members / sizeof members[0])]);
        else
            generator_put(generator, generator_letter(generator, true));
        if (generator->text[generator->size - 1] == '-')
            break; /* a hyphen stands last, or it makes a range */
    }
    generator_put(generator, "]");
}

static inline void generate_group(struct generator *generator, int depth)
{
    static const char *const kinds[] = {
        "(", "(?:", "(?>", "(?:", "(", "(?s:", "(?m:", "(?x: ", "(?=", "(?!", "(?<=", "(?<!"};
    uint32_t kind = generator_below(generator, 12);
    generator_put(generator, kinds[kind]);
    if (kind >= 10) { /* lookbehind: fixed length */
        generator_put(generator, generator_letter(generator, true));
        if (generator_below(generator, 2))
            generate_class(generator);
    } else {
        generate_choice(generator, depth + 1);
    }
    generator_put(generator, ")");
    generator->groups += kind == 0 || kind == 4;
}

static inline void generate_quantifier(struct generator *generator)
{
    static const char *const counts[] = {"*", "+", "?", "{2}", "{1,3}", "{2,}", "{0,12}", "{1,}"};
    static const char *const moods[] = {"", "", "", "?", "+"};
    generator_put(generator, counts[generator_below(generator, 8)]);
    generator_put(generator, moods[generator_below(generator, 5)]);
}

static inline void generate_atom(struct generator *generator, int depth)
{
    static const char *const escapes[] = {
        "\\d", "\\w", "\\s", "\\W",     "\\D",   "\\S",      "\\h",  "\\H",
        "\\N", "\\v", "\\V", "\\x{e9}", "\\x61", "\\Qa-\\E", "\\pL", "\\p{Latin}"};
    static const char *const anchors[] = {"\\b", "\\b", "\\b", "\\B",  "^",    "$",
                                          "\\A", "\\z", "\\Z", "(?i)", "(?s)", "(?m)"};
    uint32_t kind = generator_below(generator, 16);
    if (kind < 7) {
        generator_put(generator, generator_letter(generator, true));
    } else if (kind == 7) {
        generator_put(generator, ".");
    } else if (kind == 8) {
        generate_class(generator);
    } else if (kind == 9) {
        uint32_t limit = generator->ascii ? 9 : 16; /* \v is a space in the view */
        generator_put(generator, escapes[generator_below(generator, limit)]);
    } else if (kind == 10) {
        generator_put(generator, anchors[generator_below(generator, 12)]);
        return;
    } else if (kind == 11 && generator->groups > 0) {
        char number[8];
        (void)snprintf(number, sizeof number, "\\%u",
                       1 + generator_below(generator, (uint32_t)generator->groups) % 9);
        generator_put(generator, number);
        if (generator_below(generator, 2))
            return;
    } else if (kind < 14 && depth < 3) {
        generate_group(generator, depth);
    } else {
        generator_put(generator, generator_letter(generator, true));
    }
    if (generator_below(generator, 4) == 0)
        generate_quantifier(generator);
}

static inline void generate_choice(struct generator *generator, int depth)
{
    do {
        uint32_t count = 1 + generator_below(generator, 4);
        for (uint32_t i = 0; i < count; i++)
            generate_atom(generator, depth);
    } while (generator_below(generator, 5) == 0 && (generator_put(generator, "|"), true));
}

/* A pattern in generator->text. Not every one is accepted by the parser. */
static inline void generate_pattern(struct generator *generator, bool ascii)
{
    generator->size = 0;
    generator->text[0] = '\0';
    generator->groups = 0;
    generator->ascii = ascii;
    generate_choice(generator, 0);
}

/* Whether `letter` makes the last two of `text` three of a kind, which the view would shorten. */
static inline bool generator_stretches(const char *text, size_t size, const char *letter)
{
    return size >= 2 && (text[size - 1] | 0x20) == (letter[0] | 0x20) &&
           (text[size - 2] | 0x20) == (letter[0] | 0x20);
}

/* A valid UTF-8 text of some letters into `out`; returns its size. */
static inline size_t generate_text(struct generator *generator, bool ascii, char *out,
                                   size_t out_max)
{
    size_t used = 0;
    /* Long ones cross the blocks of 64 bytes in which the scan reads. */
    uint32_t count = generator_below(generator, generator_below(generator, 6) ? 40 : 300);
    generator->ascii = ascii;
    for (uint32_t i = 0; i < count; i++) {
        const char *letter = generator_letter(generator, false);
        size_t size = strlen(letter);
        if (used + size > out_max)
            break;
        if (ascii && generator_stretches(out, used, letter))
            continue;
        memcpy(out + used, letter, size);
        used += size;
    }
    return used;
}

#endif
