#include "classify/language/drawn.h"

#include "classify/language/respell_words.h"

#include "base/lanes.h"
#include "text/view.h"

#include <string.h>

enum {
    LOOKED_AT = 3 * LANES, /* with what is read behind it no more than a text's padding */
    BLOCK = LOOKED_AT - 3, /* what begins in it ends in what is looked at */
    LETTERS_MAX = 32,
    RUN_MIN = 3,
    RUNS_MAX = 4 /* of a word: with more it stays */
};

/* Equal letters side by side. Most runs are of one letter. */
struct run {
    uint32_t first; /* bytes of the text: its first letter */
    uint32_t second;
    uint32_t end; /* behind the second letter, or behind the first where there is no other */
    uint32_t count;
    uint8_t letter;
};

struct drawn_word {
    uint32_t end;
    uint32_t run_count;
    uint32_t long_runs;
    bool is_plain; /* letters of one byte of the view each, and not too many */
    struct run runs[LETTERS_MAX];
};

static bool is_letter_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Where three equal letters of one byte may begin, by their bytes. */
static inline lanes_bytes find_plain_runs(const uint8_t *at)
{
    lanes_bytes folded = lanes_load(at) | 0x20;
    return (lanes_bytes)(folded == (lanes_load(at + 1) | 0x20)) &
           (lanes_bytes)(folded == (lanes_load(at + 2) | 0x20)) & lanes_within(folded, 'a', 'z');
}

/* The same of letters of two bytes: every other byte is the same. */
static inline lanes_bytes find_paired_runs(const uint8_t *at)
{
    lanes_bytes lanes = lanes_load(at);
    lanes_bytes folded = lanes | 0x20;
    return (lanes_bytes)(folded == (lanes_load(at + 2) | 0x20)) &
           (lanes_bytes)(folded == (lanes_load(at + 4) | 0x20)) &
           ~(lanes_bytes)(folded == (lanes_load(at + 1) | 0x20)) & lanes;
}

static bool begins_run(const uint8_t *at)
{
    if (is_letter_byte(at[0]))
        return (at[0] | 0x20) != 'x';
    return at[0] >= 0xC3 && at[1] == at[3] && at[1] == at[5];
}

/* The first byte of `at` on where three equal letters begin; BLOCK where none do in a block. */
static uint32_t run_in_block(const uint8_t *at)
{
    for (uint32_t i = 0; i < LOOKED_AT; i += LANES)
        for (uint32_t bits = lanes_bits(find_plain_runs(at + i) | find_paired_runs(at + i)); bits;
             bits &= bits - 1) {
            uint32_t found = i + (uint32_t)__builtin_ctz(bits);
            if (begins_run(at + found))
                return found;
        }
    return BLOCK;
}

/* Whether four bytes in a row are those two places behind them. */
static bool may_have_paired_run(const uint8_t *at)
{
    uint64_t same = 0;
    for (uint32_t i = 0; i < LOOKED_AT; i += LANES) {
        lanes_bytes folded = lanes_load(at + i) | 0x20;
        same |= (uint64_t)lanes_bits((lanes_bytes)(folded == (lanes_load(at + i + 2) | 0x20))) << i;
    }
    return same & same >> 1 & same >> 2 & same >> 3;
}

/* What tells most blocks apart, which have none: three equal bytes in a row, of whatever. */
static bool may_have_run(const uint8_t *at)
{
    uint64_t same = 0;
    lanes_bytes all = {0};
    for (uint32_t i = 0; i < LOOKED_AT; i += LANES) {
        lanes_bytes lanes = lanes_load(at + i);
        lanes_bytes next = lanes_load(at + i + 1);
        all |= lanes;
        same |= (uint64_t)lanes_bits((lanes_bytes)((lanes | 0x20) == (next | 0x20))) << i;
    }
    return (same & same >> 1) || (lanes_bits(all) && may_have_paired_run(at));
}

/* Where three equal letters begin from `at` on; the end of the text where none do. */
static uint32_t find_run(struct slice text, uint32_t at)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    for (; at < text.size; at += BLOCK) {
        uint32_t found = may_have_run(bytes + at) ? run_in_block(bytes + at) : BLOCK;
        if (found < BLOCK)
            return at + found < text.size ? at + found : text.size;
    }
    return text.size;
}

bool drawn_is_needed(struct slice text)
{
    return find_run(text, 0) < text.size;
}

static void add_letter(struct drawn_word *word, uint32_t at, uint32_t end, uint8_t letter)
{
    struct run *last = word->run_count ? &word->runs[word->run_count - 1] : NULL;
    if (last && last->letter == letter && view_can_stretch(letter)) {
        last->second = last->count == 1 ? at : last->second;
        last->end = last->count == 1 ? end : last->end;
        word->long_runs += ++last->count == RUN_MIN;
        return;
    }
    word->is_plain &= word->run_count < LETTERS_MAX;
    if (word->is_plain)
        word->runs[word->run_count++] = (struct run){at, at, end, 1, letter};
}

static bool is_word_character(struct view_character character)
{
    return character.count > 0 && view_is_word(character.fold[0]);
}

/* Where the word of the character at `at` begins, and not before `from`. */
static uint32_t word_begin(struct slice text, uint32_t from, uint32_t at)
{
    uint32_t begin = at;
    while (at > from) {
        do {
            at--;
        } while (at > from && ((uint8_t)text.data[at] & 0xC0) == 0x80);
        if (!is_word_character(view_character_at(text, at)))
            break;
        begin = at;
    }
    return begin;
}

static struct drawn_word word_at(struct slice text, uint32_t at)
{
    struct drawn_word word = {.end = at, .is_plain = true};
    while (word.end < text.size) {
        struct view_character next = view_character_at(text, word.end);
        if (!is_word_character(next))
            break;
        word.is_plain &= next.count == 1 && view_is_letter(next.fold[0]);
        add_letter(&word, word.end, word.end + next.size, next.fold[0]);
        word.end += next.size;
    }
    return word;
}

/* Whether the run has two letters in this choice, which has a bit for each long run. */
static bool is_double(const struct run *run, uint32_t choice, uint32_t *long_index)
{
    if (run->count < RUN_MIN)
        return run->count == 2;
    return choice >> (*long_index)++ & 1;
}

/* How well the word is known when its long runs are so; a stem has to hold them all. */
static enum word_known know(const struct respell_words *words, const struct drawn_word *word,
                            uint32_t choice)
{
    uint8_t letters[2 * LETTERS_MAX];
    uint32_t size = 0;
    uint32_t needed = 0;
    uint32_t stem = 0;
    uint32_t long_index = 0;
    for (uint32_t index = 0; index < word->run_count; index++) {
        const struct run *run = &word->runs[index];
        letters[size++] = run->letter;
        if (is_double(run, choice, &long_index))
            letters[size++] = run->letter;
        needed = run->count >= RUN_MIN ? size : needed;
    }
    enum word_known known = respell_words_know(words, letters, size, &stem);
    return known == WORD_BEGINS && stem < needed ? WORD_UNKNOWN : known;
}

/* True for the one choice that makes a known word; a whole one is better than a begun one. */
static bool choose(const struct respell_words *words, const struct drawn_word *word,
                   uint32_t *choice)
{
    enum word_known best = WORD_BEGINS;
    uint32_t found = 0;
    for (uint32_t tried = 0; tried < 1u << word->long_runs; tried++) {
        enum word_known known = know(words, word, tried);
        if (known < best || known == WORD_UNKNOWN)
            continue;
        found = known > best ? 1 : found + 1;
        best = known;
        *choice = tried;
    }
    return found == 1;
}

static bool put_word(const struct drawn_word *word, uint32_t choice, uint32_t at,
                     struct respelling *out)
{
    char spelt[2 * LETTERS_MAX * UTF8_CHARACTER_BYTES_MAX];
    uint32_t size = 0;
    uint32_t long_index = 0;
    for (uint32_t index = 0; index < word->run_count; index++) {
        const struct run *run = &word->runs[index];
        bool twice = is_double(run, choice, &long_index);
        uint32_t end = twice || run->count == 1 ? run->end : run->second;
        memcpy(spelt + size, out->text.data + run->first, end - run->first);
        size += end - run->first;
    }
    return respelling_replace(out, at, word->end, spelt, size);
}

static bool shorten(const struct respell_words *words, const struct drawn_word *word, uint32_t at,
                    struct respelling *out)
{
    uint32_t choice = 0;
    return word->is_plain && word->long_runs > 0 && word->long_runs <= RUNS_MAX &&
           choose(words, word, &choice) && put_word(word, choice, at, out);
}

void drawn_shorten(const struct respell_words *words, struct slice text, struct respelling *out)
{
    uint32_t done = 0; /* what stands before it is in the copy */
    respelling_begin(out, text);
    for (uint32_t run = find_run(text, 0); run < text.size;) {
        uint32_t begin = word_begin(text, done, run);
        struct drawn_word word = word_at(text, begin);
        respelling_keep(out, done, begin);
        done = begin;
        if (shorten(words, &word, begin, out))
            done = word.end;
        run = find_run(text, word.end > run ? word.end : run + 1);
    }
    respelling_keep(out, done, text.size);
    respelling_finish(out);
}
