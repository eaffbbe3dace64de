#include "classify/match/phrase.h"

#include "base/load.h"
#include "base/memory.h"
#include "text/view.h"

#include <string.h>

enum { PHRASE_SPEND_STEPS = 1 << 12 /* of the budget at once */ };

void phrase_free(struct phrase *phrase)
{
    memory_free(phrase); /* its arrays stand behind it */
}

struct walk {
    const struct phrase *phrase;
    const uint8_t *bytes;
    const uint64_t *words; /* as the view has them */
    uint32_t size;
    uint32_t end;
    uint32_t steps_left;
};

static bool is_edge(const struct walk *walk, uint32_t at)
{
    return view_is_word(walk->bytes[at]) != view_is_word(walk->bytes[(int64_t)at - 1]);
}

static uint32_t word_end(const struct walk *walk, uint32_t at)
{
    return word_blocks_end(walk->words, at);
}

static bool stands_at(const struct walk *walk, const struct phrase_string *string, uint32_t at)
{
    return string->size <= walk->size - at &&
           memcmp(walk->bytes + at, walk->phrase->bytes + string->bytes_at, string->size) == 0;
}

/* A word that begins at `at` and has the string in it: at its end or, with a run behind it,
 * anywhere. What is more than a word of it stands behind that. */
static bool match_behind_run(const struct walk *walk, const struct phrase_string *string,
                             uint32_t at, uint32_t *end)
{
    const uint8_t *bytes = walk->phrase->bytes + string->bytes_at;
    uint32_t behind = word_end(walk, at);
    uint32_t size = 0;
    while (size < string->size && view_is_word(bytes[size]))
        size++;
    if (behind - at < size)
        return false;
    bool open = (string->flags & PATTERN_RUN_BEHIND) && size == string->size;
    for (uint32_t place = behind - size;; place--) {
        if (stands_at(walk, string, place)) {
            *end = string->flags & PATTERN_RUN_BEHIND ? word_end(walk, place + string->size)
                                                      : place + string->size;
            return !(string->flags & PATTERN_EDGE_BEHIND) || is_edge(walk, *end);
        }
        if (!open || place == at)
            return false;
    }
}

static bool match_string(const struct walk *walk, const struct phrase_string *string, uint32_t at,
                         uint32_t *end)
{
    if (string->flags & PATTERN_RUN_BEFORE)
        return match_behind_run(walk, string, at, end);
    *end = at;
    if (string->size == 0)
        return !string->flags || is_edge(walk, at);
    if (!stands_at(walk, string, at) ||
        ((string->flags & PATTERN_EDGE_BEFORE) && !is_edge(walk, at)))
        return false;
    *end = at + string->size;
    if (string->flags & PATTERN_RUN_BEHIND)
        *end = word_end(walk, *end);
    return !(string->flags & PATTERN_EDGE_BEHIND) || is_edge(walk, *end);
}

static bool go_on(struct walk *walk, uint32_t step, uint32_t at);

static bool take_strings(struct walk *walk, uint32_t step, uint32_t at)
{
    const struct phrase_set *set = &walk->phrase->sets[walk->phrase->steps[step].index];
    const struct phrase_string *strings = walk->phrase->strings + set->first;
    uint32_t head = load_32(walk->bytes + at);
    uint32_t chain = phrase_chain(walk->bytes[at], walk->bytes[at + 1]);
    for (uint32_t place = set->chains[chain]; place > 0;) {
        const struct phrase_string *string = &strings[place - 1];
        uint32_t end;
        if ((head & string->mask) == string->head && match_string(walk, string, at, &end) &&
            go_on(walk, step + 1, end))
            return true;
        place = string->next;
    }
    return false;
}

static uint32_t run_end(const struct walk *walk, const struct byte_set *class, uint32_t at)
{
    while (at < walk->size && byte_set_has(class, walk->bytes[at]))
        at++;
    return at;
}

static bool take_gap(struct walk *walk, uint32_t step, uint32_t at)
{
    const struct phrase_step *gap = &walk->phrase->steps[step];
    const struct byte_set *between = &walk->phrase->classes[gap->index];
    for (uint32_t words = 0;; words++) {
        uint32_t behind = run_end(walk, between, at);
        if (behind == at)
            return false;
        if (go_on(walk, step + 1, behind))
            return true;
        at = word_end(walk, behind);
        if (at == behind || words == gap->words_max)
            return false;
    }
}

/* True where the phrase matches from this step on. Most steps are strings and gaps: they are asked
 * for first, since a switch would be guessed wrong. */
static bool go_on(struct walk *walk, uint32_t step, uint32_t at)
{
    while (walk->steps_left > 0) {
        const struct phrase_step *own = &walk->phrase->steps[step];
        walk->steps_left--;
        if (own->kind == PHRASE_STRINGS)
            return take_strings(walk, step, at);
        if (own->kind == PHRASE_GAP)
            return take_gap(walk, step, at);
        if (own->kind == PHRASE_END) {
            walk->end = at;
            return true;
        }
        if (own->kind == PHRASE_RUN) {
            uint32_t behind = run_end(walk, &walk->phrase->classes[own->index], at);
            if (behind == at)
                return false;
            at = behind;
            step++;
            continue;
        }
        if (own->kind == PHRASE_FORK && go_on(walk, step + 1, at))
            return true;
        step = own->index;
    }
    return false;
}

/* A walk costs more than to see that it will fail at once, and most do. */
static bool may_begin(const struct phrase *phrase, const uint8_t *bytes)
{
    return phrase->beginnings >> phrase_beginning(bytes[0], bytes[1]) & 1;
}

enum confirm_answer phrase_match(const struct phrase *phrase, struct confirm_scratch *scratch,
                                 const struct confirm_subject *subject, struct confirm_span *span)
{
    struct walk walk = {
        .phrase = phrase, .bytes = subject->bytes, .words = subject->words, .size = subject->size};
    uint32_t stop = subject->last < subject->size ? subject->last + 1 : subject->size;
    uint32_t steps = 0;
    for (uint32_t at = word_blocks_next(walk.words, subject->first, stop); at < stop;
         at = word_blocks_next(walk.words, at + 1, stop)) {
        bool found = false;
        walk.steps_left = PHRASE_WALK_STEPS_MAX - 1;
        if (may_begin(phrase, subject->bytes + at))
            found = go_on(&walk, 0, at);
        steps += PHRASE_WALK_STEPS_MAX - walk.steps_left;
        if (found) {
            *span = (struct confirm_span){at, walk.end};
            (void)confirm_spend(scratch, steps);
            return CONFIRM_YES;
        }
        if (steps < PHRASE_SPEND_STEPS)
            continue;
        if (!confirm_spend(scratch, steps) || walk.steps_left == 0)
            return CONFIRM_UNDECIDED;
        steps = 0;
    }
    (void)confirm_spend(scratch, steps);
    return CONFIRM_NO;
}
