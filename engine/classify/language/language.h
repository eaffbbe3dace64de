/**
 * Which language a text is in: what the channel says, where the script does not contradict it; else
 * the script and the function words, and where these leave it open the letters (trigrams.h).
 * Neighbouring languages without a pack have short lists of
 * their own, so that French is unknown and not bad English.
 *
 * Shape:   every text and part of one is followed by MESSAGE_PADDING_BYTES readable bytes.
 * Owns:    the table lives in the arena that it was made in.
 * Threads: the table is immutable.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_H
#define REDRESS_CLASSIFY_LANGUAGE_LANGUAGE_H

#include "classify/language/trigrams.h"

#include <redress/message.h>

struct language_table;

/** NULL when memory is out. Without trigrams a text without function words is of no language. */
NODISCARD const struct language_table *language_table_create(const struct trigrams *trigrams,
                                                             struct arena *arena);

/** What reading a text from its head on says about a second language in it. */
struct language_heard {
    bool head;         /* its words were read up to where it is clear; else nothing is known */
    bool whole;        /* all of them were read */
    uint32_t possible; /* bits: the languages of ours that some of what was read may be in */
};

/** The language of a message; LANGUAGE_UNKNOWN where neither hint nor text tells. */
enum language language_choose(const struct language_table *table, struct slice text,
                              struct slice hint, struct language_heard *heard);

/**
 * A language of ours, besides its main one, that a message clearly begins or ends in; else
 * LANGUAGE_UNKNOWN. Looks at no more than its first and its last bytes, and not at those of which
 * is known that no other language is there.
 */
enum language language_second(const struct language_table *table, struct slice text,
                              enum language main, const struct language_heard *heard);

/** Which of two languages a part of a message is in; LANGUAGE_UNKNOWN where that is not clear. */
enum language language_of_part(const struct language_table *table, struct slice part,
                               enum language left, enum language right);

/** True for Greek and Russian in Latin letters. */
bool language_is_typed(enum language language, struct slice text);

/** From the text alone. */
enum language language_detect(const struct language_table *table, struct slice text);

#endif
