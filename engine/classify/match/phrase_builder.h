/** What phrase_read.c writes of a pattern and phrase_build.c makes a phrase of. */
#ifndef REDRESS_CLASSIFY_MATCH_PHRASE_BUILDER_H
#define REDRESS_CLASSIFY_MATCH_PHRASE_BUILDER_H

#include "classify/match/phrase.h"

/* What is known of the place where the next step begins. */
enum place {
    PLACE_ANY,
    PLACE_BETWEEN_WORDS, /* a byte of no word stands before it, or an edge where a word begins */
    PLACE_START          /* of a walk, which begins with a word */
};

struct phrase_builder {
    const struct word_counts *counts;
    struct byte_set word_bytes;
    double shares[PATTERN_LITERAL_BYTES_MAX + 1]; /* by the words behind the first */
    const struct pattern *pattern;
    uint32_t depth;
    enum place place;
    uint16_t last_set; /* the step before the next one in every walk; or NO_SET */
    uint32_t step_count;
    uint32_t set_count;
    uint32_t string_count;
    uint32_t class_count;
    struct phrase_anchors anchors;
    uint32_t need_count;
    uint16_t needs[PHRASE_SETS_MAX]; /* sets that every match has a string of */
    struct phrase_step steps[PHRASE_STEPS_MAX];
    struct phrase_set sets[PHRASE_SETS_MAX];
    struct pattern_string strings[PHRASE_STRINGS_MAX];
    struct word_anchor anchors_of[PHRASE_STRINGS_MAX]; /* by string: where the scan and the presence
                                                          of words look for it */
    struct byte_set classes[PHRASE_CLASSES_MAX];
};

#endif
