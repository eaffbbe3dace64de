/**
 * The grammar of a language: the small words that decide what a hit means, from
 * rules/<language>/language.yaml.
 *
 *   "I was not told"      a negator within reach takes a hit back
 *   "if not, I will sue"  announced; "I have sued" done; "my neighbour sued" reported
 *   "three weeks"         a number and a unit of time
 *
 * Its words are looked up at the words of a view, each a phrase of up to GRAMMAR_PHRASE_WORDS_MAX;
 * the longest that stands at a word counts.
 *
 * Threads: immutable once loaded. Owns: everything lives in the pack's arena.
 */
#ifndef REDRESS_CLASSIFY_PACK_GRAMMAR_H
#define REDRESS_CLASSIFY_PACK_GRAMMAR_H

#include "base/arena.h"
#include "text/sentences.h"
#include "text/view.h"

enum {
    GRAMMAR_PHRASE_WORDS_MAX = 4,
    GRAMMAR_WORD_BYTES_MAX = 32, /* of the view */
    GRAMMAR_REACH_WORDS_MAX = 25,
    GRAMMAR_ENTRIES_MAX = 2000
};

enum grammar_cue {
    CUE_NEGATOR = 1 << 0,       /* stands before what it negates */
    CUE_NEGATOR_AFTER = 1 << 1, /* may stand behind it */
    CUE_STOPPER = 1 << 2,       /* ends the reach of a negator */
    CUE_EXCEPTION = 1 << 3,     /* looks like a negator and is none */
    CUE_ANNOUNCED = 1 << 4,
    CUE_DONE = 1 << 5,
    CUE_REPORTED = 1 << 6,
    CUE_NUMBER = 1 << 7,   /* value */
    CUE_ORDINAL = 1 << 8,  /* value */
    CUE_TIMES = 1 << 9,    /* what is counted: "time", "gången" */
    CUE_UNIT = 1 << 10,    /* of time; value is its seconds */
    CUE_CURRENCY = 1 << 11 /* value is what one is worth in euros, roughly */
};

struct grammar_entry {
    uint16_t cues;
    uint8_t word_count;
    bool open_end; /* its last word is a stem */
    float value;
    struct grammar_word {
        uint8_t size;
        uint8_t bytes[GRAMMAR_WORD_BYTES_MAX];
    } words[GRAMMAR_PHRASE_WORDS_MAX];
    struct grammar_entry *next; /* of the same hash, longer phrases first */
};

enum { GRAMMAR_SLOTS = 1024, GRAMMAR_STEM_BYTES_MIN = 2 };

struct grammar {
    struct grammar_entry *slots[GRAMMAR_SLOTS]; /* by the first word, or its stem */
    uint32_t stem_sizes;                        /* bit n: there is a one-word stem of n bytes */
    uint64_t beginnings[64]; /* a bit a pair of first bytes: most words end here */
    uint32_t entry_count;
    uint32_t reach_words;
    uint32_t reach_after_words;
    uint32_t stance_reach_words;
    bool negators_cancel; /* two negators take each other back */
};

/** Defaults of a language without a file. */
void grammar_init(struct grammar *grammar);

/**
 * Adds a phrase of one to GRAMMAR_PHRASE_WORDS_MAX words, a `*` at the end for a stem. What an
 * equal phrase means already is kept beside.
 *
 * Returns: STATUS_OK; STATUS_INVALID where it cannot be a phrase; STATUS_MEMORY.
 */
NODISCARD enum redress_status grammar_add(struct grammar *grammar, struct arena *arena,
                                          const char *phrase, enum grammar_cue cue, float value);

/** The longest entry that stands at a word, or NULL. */
const struct grammar_entry *grammar_at(const struct grammar *grammar, const struct view *view,
                                       const struct sentences *sentences, uint32_t word);

enum { GRAMMAR_READING_WORDS = 1024 /* kept at once: more than stand near each other */ };

/**
 * The same for a text whose words are asked for again and again, by every hit near them: each is
 * looked up once, or again where a word GRAMMAR_READING_WORDS away took its place. Valid for one
 * view and one grammar at a time; starts as {0}. Threads: serves one.
 */
struct grammar_reading {
    const struct grammar *grammar;
    const struct view *view;
    const struct sentences *sentences;
    uint32_t round;
    struct {
        uint32_t round; /* older ones were not looked up */
        uint32_t word;
        const struct grammar_entry *entry;
    } words[GRAMMAR_READING_WORDS]; /* by the last bits of a word's number */
};

/** Before each view; the words must be split. */
void grammar_reading_begin(struct grammar_reading *reading, const struct view *view,
                           const struct sentences *sentences);

/** As grammar_at(). */
const struct grammar_entry *grammar_read(struct grammar_reading *reading,
                                         const struct grammar *grammar, uint32_t word);

#endif
