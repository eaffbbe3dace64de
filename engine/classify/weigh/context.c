#include "classify/weigh/context.h"

#include "classify/pack/grammar.h"

#include "base/memory.h"
#include "base/small_sort.h"

#include <string.h>

const char *fate_name(enum fate fate)
{
    static const char *const names[FATE_COUNT] = {"fired",   "flipped", "negated",  "excepted",
                                                  "divided", "denied",  "reported", "repeated"};
    return names[fate];
}

enum redress_status context_init(struct context *context)
{
    *context = (struct context){0};
    context->evidence = memory_allocate_array(EVIDENCE_MAX, sizeof *context->evidence);
    if (!context->evidence || sentences_init(&context->sentences, MESSAGE_TEXT_BYTES_MAX)) {
        context_destroy(context);
        return STATUS_MEMORY;
    }
    return STATUS_OK;
}

void context_destroy(struct context *context)
{
    sentences_destroy(&context->sentences);
    memory_free(context->evidence);
    *context = (struct context){0};
}

void context_begin(struct context *context, const struct lexicon *lexicon)
{
    context->lexicon = lexicon;
    context->impression = (struct impression){0};
    context->view = NULL;
    context->evidence_count = 0;
}

/* One view of the text, and what stands in it. */
struct reading {
    const struct rule_pack *pack;
    const struct view *view;
    const struct sentences *sentences;
    struct grammar_reading *words;
    const struct match_outcome *outcome;
    uint32_t part_begin[RULE_PART_COUNT + 1]; /* where the hits of each part begin */
};

/* A hit in words: from the word it begins in to the one it ends in. */
struct span {
    uint32_t sentence;
    uint32_t sentence_first; /* word */
    uint32_t sentence_last;  /* the word behind its last */
    uint32_t first;          /* word */
    uint32_t last;
};

static struct span span_of(const struct reading *reading, const struct match_hit *hit)
{
    const struct sentences *sentences = reading->sentences;
    struct span span = {.sentence = sentences_of(sentences, hit->view_start)};
    span.sentence_first = sentences->first_word[span.sentence];
    span.sentence_last = sentences->first_word[span.sentence + 1];
    span.first = sentences_word_at(sentences, hit->view_start);
    /* What vanishes in the view leaves nothing there. */
    span.last = sentences_word_at(sentences, hit->view_end > hit->view_start ? hit->view_end - 1
                                                                             : hit->view_start);
    return span;
}

static const struct grammar_entry *entry_at(const struct reading *reading,
                                            const struct grammar *grammar, uint32_t word)
{
    return grammar_read(reading->words, grammar, word);
}

/* A comma and its like before a word: a clause ends there. */
static bool begins_clause(const struct reading *reading, uint32_t word)
{
    const uint8_t *bytes = reading->view->bytes;
    for (uint32_t at = reading->sentences->words[word]; at > 0 && !view_is_word(bytes[at - 1]);
         at--)
        if (bytes[at - 1] == ',' || bytes[at - 1] == ';' || bytes[at - 1] == ':')
            return true;
    return false;
}

/* Reads from within reach up to the hit; phrases are taken whole. */
static bool negated_before(const struct reading *reading, const struct grammar *grammar,
                           const struct span *span, uint32_t stoppers)
{
    uint32_t reach = grammar->reach_words + GRAMMAR_PHRASE_WORDS_MAX;
    uint32_t word = span->first > reach ? span->first - reach : 0;
    bool negated = false;
    word = word > span->sentence_first ? word : span->sentence_first;
    while (word < span->first) {
        const struct grammar_entry *entry = entry_at(reading, grammar, word);
        uint32_t words = entry ? entry->word_count : 1;
        bool near = word + words + grammar->reach_words >= span->first;
        bool outside = word + words <= span->first;
        if (begins_clause(reading, word) || (entry && outside && (entry->cues & stoppers)))
            negated = false;
        if (entry && outside && near && !(entry->cues & stoppers) &&
            !(entry->cues & CUE_EXCEPTION) && (entry->cues & CUE_NEGATOR))
            negated = grammar->negators_cancel ? !negated : true;
        word += words;
    }
    return negated && !begins_clause(reading, span->first);
}

static bool negated_after(const struct reading *reading, const struct grammar *grammar,
                          const struct span *span)
{
    uint32_t end = span->last + 1 + grammar->reach_after_words;
    end = end < span->sentence_last ? end : span->sentence_last;
    for (uint32_t word = span->last + 1; word < end;) {
        const struct grammar_entry *entry = entry_at(reading, grammar, word);
        if (begins_clause(reading, word) || (entry && (entry->cues & CUE_STOPPER)))
            return false;
        if (entry && !(entry->cues & CUE_EXCEPTION) && (entry->cues & CUE_NEGATOR_AFTER))
            return true;
        word += entry ? entry->word_count : 1;
    }
    return false;
}

/* "If you do not pay, I will sue" announces: its cue ends the reach of "not", too. */
static bool is_negated(const struct reading *reading, const struct grammar *grammar,
                       const struct span *span, bool takes_step)
{
    uint32_t stoppers = CUE_STOPPER | (takes_step ? CUE_ANNOUNCED : 0u);
    return grammar && (negated_before(reading, grammar, span, stoppers) ||
                       negated_after(reading, grammar, span));
}

struct nearest {
    uint32_t announced; /* words away; UINT32_MAX: there is none */
    uint32_t done;
    bool reported;
};

static void note_cue(struct nearest *nearest, const struct grammar_entry *entry, uint32_t distance)
{
    if ((entry->cues & CUE_ANNOUNCED) && distance < nearest->announced)
        nearest->announced = distance;
    if ((entry->cues & CUE_DONE) && distance < nearest->done)
        nearest->done = distance;
    nearest->reported |= (entry->cues & CUE_REPORTED) != 0;
}

static struct nearest nearest_cues(const struct reading *reading, const struct grammar *grammar,
                                   const struct span *span)
{
    struct nearest nearest = {UINT32_MAX, UINT32_MAX, false};
    uint32_t reach = grammar->stance_reach_words;
    uint32_t word = span->first > reach ? span->first - reach : 0;
    uint32_t end = span->last + 1 + reach;
    word = word > span->sentence_first ? word : span->sentence_first;
    end = end < span->sentence_last ? end : span->sentence_last;
    while (word < end) {
        const struct grammar_entry *entry = entry_at(reading, grammar, word);
        uint32_t distance = word < span->first  ? span->first - word
                            : word > span->last ? word - span->last
                                                : 0;
        if (entry)
            note_cue(&nearest, entry, distance);
        word += entry ? entry->word_count : 1;
    }
    return nearest;
}

static void find_stance(const struct reading *reading, const struct grammar *grammar,
                        const struct span *span, struct evidence *evidence)
{
    if (!grammar)
        return;
    struct nearest nearest = nearest_cues(reading, grammar, span);
    if (nearest.reported)
        evidence->fate = FATE_REPORTED;
    else if (nearest.announced < nearest.done)
        evidence->stance = STANCE_ANNOUNCED;
    else if (nearest.done < UINT32_MAX)
        evidence->stance = STANCE_DONE;
}

/* The hits of one part of a rule: *end is behind the last. */
static uint32_t part_hits(const struct reading *reading, enum rule_part part, uint32_t rule_index,
                          uint32_t *end)
{
    const struct match_hit *hits = reading->outcome->hits;
    uint32_t wanted = part * reading->pack->rule_count + rule_index;
    uint32_t low = reading->part_begin[part];
    uint32_t high = reading->part_begin[part + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (hits[middle].rule_index < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    *end = low;
    while (*end < reading->part_begin[part + 1] && hits[*end].rule_index == wanted)
        ++*end;
    return low;
}

static bool is_excepted(const struct reading *reading, uint32_t rule_index, uint32_t sentence)
{
    uint32_t end = 0;
    uint32_t at = part_hits(reading, RULE_PART_NOT, rule_index, &end);
    for (; at < end; at++)
        if (sentences_of(reading->sentences, reading->outcome->hits[at].view_start) == sentence)
            return true;
    return false;
}

static bool is_overlapped(const struct reading *reading, const struct match_hit *hit)
{
    uint32_t end = 0;
    uint32_t at = part_hits(reading, RULE_PART_EXCEPT, hit->rule_index, &end);
    for (; at < end; at++)
        if (reading->outcome->hits[at].view_start < hit->view_end &&
            hit->view_start < reading->outcome->hits[at].view_end)
            return true;
    return false;
}

static bool is_divided(const struct reading *reading, const struct match_hit *hit,
                       const struct span *span)
{
    if (!reading->pack->one_sentence[hit->pattern_index] || span->last < span->sentence_last)
        return false;
    uint32_t last = sentences_of(reading->sentences, hit->view_end - 1);
    return sentences_are_apart(reading->sentences, span->sentence, last);
}

/* The first reason that speaks against a hit is its fate. */
static void judge(const struct reading *reading, const struct match_hit *hit,
                  const struct span *span, struct evidence *evidence)
{
    const struct rule *rule = &reading->pack->rules[hit->rule_index];
    const struct grammar *grammar = reading->pack->grammars[rule->home];
    bool takes_step = (rule->traits & RULE_STANCE_TRAITS) != 0;
    evidence->stance = rule->stance;
    if (is_divided(reading, hit, span))
        evidence->fate = FATE_DIVIDED;
    else if (is_excepted(reading, hit->rule_index, span->sentence) || is_overlapped(reading, hit))
        evidence->fate = FATE_EXCEPTED;
    else if (rule->negation != NEGATION_IGNORE && is_negated(reading, grammar, span, takes_step))
        evidence->fate = rule->negation == NEGATION_FLIP ? FATE_FLIPPED
                         : takes_step                    ? FATE_DENIED
                                                         : FATE_NEGATED;
    else if (takes_step && rule->stance == STANCE_FIND)
        find_stance(reading, grammar, span, evidence);
}

static void weigh(struct context *context, const struct reading *reading,
                  const struct match_hit *hit)
{
    if (context->evidence_count == EVIDENCE_MAX)
        return;
    struct span span = span_of(reading, hit);
    struct verdict_hit place;
    match_hit_text(reading->view, hit, &place);
    struct evidence *evidence = &context->evidence[context->evidence_count++];
    *evidence = (struct evidence){.rule_index = hit->rule_index,
                                  .sentence = span.sentence,
                                  .start = place.start,
                                  .end = place.end};
    judge(reading, hit, &span, evidence);
}

/* True where two hits of `near` stand close enough, in one sentence, apart from one another. */
static bool are_near(const struct reading *reading, const struct rule *rule,
                     const struct match_hit *a, const struct match_hit *b)
{
    bool ordered = a->view_start < b->view_start;
    if (!ordered && rule->near_ordered)
        return false;
    struct span first = span_of(reading, ordered ? a : b);
    struct span second = span_of(reading, ordered ? b : a);
    return first.sentence == second.sentence && second.last < second.sentence_last &&
           second.first > first.last && second.first - first.last - 1 <= rule->near_words;
}

static struct match_hit joined(const struct match_hit *a, const struct match_hit *b,
                               uint32_t rule_index)
{
    struct match_hit hit = a->view_start < b->view_start ? *a : *b;
    const struct match_hit *last = a->view_start < b->view_start ? b : a;
    hit.rule_index = rule_index;
    hit.view_end = last->view_end;
    hit.text_end = last->text_end;
    return hit;
}

/* Each hit of the one list is weighed once, with the first of the other that is near. */
static void weigh_near(struct context *context, const struct reading *reading)
{
    const struct match_hit *hits = reading->outcome->hits;
    uint32_t first_index = RULE_PART_NEAR_A * reading->pack->rule_count;
    for (uint32_t at = reading->part_begin[RULE_PART_NEAR_A];
         at < reading->part_begin[RULE_PART_NEAR_A + 1]; at++) {
        uint32_t rule_index = hits[at].rule_index - first_index;
        uint32_t end = 0;
        uint32_t other = part_hits(reading, RULE_PART_NEAR_B, rule_index, &end);
        while (other < end &&
               !are_near(reading, &reading->pack->rules[rule_index], &hits[at], &hits[other]))
            other++;
        if (other == end)
            continue;
        struct match_hit hit = joined(&hits[at], &hits[other], rule_index);
        weigh(context, reading, &hit);
    }
}

static void find_parts(struct reading *reading)
{
    const struct match_outcome *outcome = reading->outcome;
    uint32_t at = 0;
    for (unsigned part = 0; part < RULE_PART_COUNT; part++) {
        reading->part_begin[part] = at;
        while (at < outcome->hit_count &&
               outcome->hits[at].rule_index < (part + 1) * reading->pack->rule_count)
            at++;
    }
    reading->part_begin[RULE_PART_COUNT] = at;
}

void context_weigh(struct context *context, const struct rule_pack *pack, const struct view *view,
                   const struct match_outcome *outcome)
{
    if (outcome->hit_count == 0 && !context->lexicon)
        return;
    sentences_split(&context->sentences, view);
    if (context->sentences.word_count == 0)
        return;
    context->pack = pack;
    context->view = view;
    grammar_reading_begin(&context->reading, view, &context->sentences);
    struct reading reading = {.pack = pack,
                              .view = view,
                              .sentences = &context->sentences,
                              .words = &context->reading,
                              .outcome = outcome};
    find_parts(&reading);
    for (uint32_t index = 0; index < reading.part_begin[RULE_PART_MATCH + 1]; index++)
        weigh(context, &reading, &outcome->hits[index]);
    weigh_near(context, &reading);
}

static inline bool is_before(const void *left, const void *right)
{
    const struct evidence *a = left;
    const struct evidence *b = right;
    if (a->sentence != b->sentence)
        return a->sentence < b->sentence;
    if (a->rule_index != b->rule_index)
        return a->rule_index < b->rule_index;
    if (a->fate != b->fate)
        return a->fate < b->fate;
    /* Of one rule an announced step says most. */
    bool a_announced = a->stance == STANCE_ANNOUNCED;
    bool b_announced = b->stance == STANCE_ANNOUNCED;
    return a_announced != b_announced ? a_announced : a->start < b->start;
}

void context_finish(struct context *context, const struct rule_gift *gifts)
{
    struct evidence *evidence = context->evidence;
    small_sort(evidence, context->evidence_count, sizeof *evidence, is_before);
    for (uint32_t index = 1; index < context->evidence_count; index++) {
        const struct evidence *before = &evidence[index - 1];
        bool same = before->sentence == evidence[index].sentence &&
                    before->rule_index == evidence[index].rule_index;
        bool counted = before->fate <= FATE_FLIPPED || before->fate == FATE_REPEATED;
        if (same && counted && evidence[index].fate <= FATE_FLIPPED)
            evidence[index].fate = FATE_REPEATED;
    }
    if (context->lexicon && context->view)
        context->impression = impression_read(context, gifts);
}

enum fate context_fate(const struct context *context, uint32_t rule_index)
{
    enum fate fate = FATE_COUNT;
    for (uint32_t index = 0; index < context->evidence_count; index++)
        if (context->evidence[index].rule_index == rule_index &&
            context->evidence[index].fate < fate)
            fate = (enum fate)context->evidence[index].fate;
    return fate;
}
