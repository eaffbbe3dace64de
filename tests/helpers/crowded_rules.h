/** Rules and a text of which the second rule is undecided: the first one's hits take the room. */
#ifndef TESTS_HELPERS_CROWDED_RULES_H
#define TESTS_HELPERS_CROWDED_RULES_H

#include "helpers/rules_folder.h"

/* Together more hits than a text has room for: each word stands CROWDED_REPEATS times in it. */
enum { CROWDED_FIRST = 400, CROWDED_SECOND = 150, CROWDED_REPEATS = 8 };

#define CROWDED_RULE_FIRST  "en.crowd.first"
#define CROWDED_RULE_SECOND "en.crowd.second"

enum { CROWDED_TEXT_BYTES = (CROWDED_FIRST + CROWDED_SECOND) * CROWDED_REPEATS * 4 };

static inline void crowded_word(unsigned number, char word[5])
{
    snprintf(word, 5, "w%c%c ", (char)('a' + number / 26), (char)('a' + number % 26));
}

static inline void crowded_write_words(FILE *file, const char *key, unsigned first, unsigned end)
{
    char word[5];
    fprintf(file, "    %s: [", key);
    for (unsigned number = first; number < end; number++) {
        crowded_word(number, word);
        fprintf(file, "%s%.3s", number > first ? ", " : "", word);
    }
    fputs("]\n", file);
}

/** As en/crowd.yaml of a folder. The second rule runs out in what it must not match. */
static inline void crowded_rules_write(const struct rules_folder *folder, const char *name)
{
    static char content[16 * 1024];
    FILE *file = fmemopen(content, sizeof content, "w");
    static const char rest[] = "    complaint: 1\n    examples: {match: [a, b], calm: [c, d]}\n";
    fprintf(file, "language: en\nrules:\n  - id: %s\n    why: Many words\n", CROWDED_RULE_FIRST);
    crowded_write_words(file, "words", 0, CROWDED_FIRST);
    fprintf(file, "%s  - id: %s\n    why: Many words that excuse\n    words: [zebra]\n", rest,
            CROWDED_RULE_SECOND);
    crowded_write_words(file, "not", CROWDED_FIRST, CROWDED_FIRST + CROWDED_SECOND);
    fputs(rest, file);
    fclose(file);
    rules_folder_write(folder, name, content);
}

/** CROWDED_TEXT_BYTES, without a terminator. */
static inline void crowded_text(char *text)
{
    char word[5];
    for (unsigned at = 0; at < CROWDED_TEXT_BYTES / 4; at++) {
        crowded_word(at % (CROWDED_FIRST + CROWDED_SECOND), word);
        memcpy(text + (size_t)at * 4, word, 4);
    }
}

#endif
