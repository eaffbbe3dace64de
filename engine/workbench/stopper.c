#include "workbench/stopper.h"

#include "classify/pack/grammar.h"

/* The words of a hit and of its sentence, each from its first to behind its last. */
struct hit_words {
    uint32_t sentence_first;
    uint32_t sentence_end;
    uint32_t first;
    uint32_t end;
};

enum redress_status stopper_read(struct stopper_reading *reading, const struct rule_set *rule_set,
                                 struct scratch *scratch, struct slice text, enum language language)
{
    bool known = redress_rule_set_has_language(rule_set, language);
    *reading = (struct stopper_reading){.rule_set = rule_set, .scratch = scratch, .text = text};
    reading->view = matcher_view(scratch->matcher);
    enum redress_status status = sentences_init(&reading->sentences, MESSAGE_TEXT_BYTES_MAX);
    if (status != STATUS_OK)
        return status;
    bool whole = false;
    text = classify_respell(rule_set, scratch, language, classify_unmix(scratch, text), &whole);
    status = matcher_match(rule_set->matcher, scratch->matcher, text,
                           known ? 1u << language : RULE_GUARD_LANGUAGE, &reading->outcome);
    if (reading->view->size > 0)
        sentences_split(&reading->sentences, reading->view);
    return status == STATUS_UNDECIDED ? STATUS_OK : status;
}

void stopper_destroy(struct stopper_reading *reading)
{
    sentences_destroy(&reading->sentences);
}

static struct text_span text_of(const struct stopper_reading *reading, uint32_t view_start,
                                uint32_t view_end)
{
    struct text_span span = {0};
    if (view_start < view_end && view_end <= reading->view->size) {
        view_text_span(reading->view, view_start, view_end, &span.start, &span.end);
        classify_place(reading->scratch, &span.start, &span.end);
    }
    return span;
}

static struct text_span words_text(const struct stopper_reading *reading, uint32_t first,
                                   uint32_t count)
{
    return text_of(reading, reading->sentences.words[first],
                   sentences_word_end(&reading->sentences, reading->view, first + count - 1));
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

struct text_span stopper_sentence(const struct stopper_reading *reading, uint32_t sentence)
{
    const struct sentences *sentences = &reading->sentences;
    const char *text = reading->text.data;
    if (sentence >= sentences->count)
        return (struct text_span){0};
    uint32_t end =
        sentence + 1 < sentences->count ? sentences->starts[sentence + 1] : reading->view->size;
    struct text_span span = text_of(reading, sentences->starts[sentence], end);
    while (span.start < span.end && is_blank(text[span.start]))
        span.start++;
    while (span.start < span.end && is_blank(text[span.end - 1]))
        span.end--;
    return span;
}

/* False where the sentence is not the one that the engine saw (a text with drawn-out letters). */
static bool find_words(const struct stopper_reading *reading, const struct evidence *evidence,
                       struct hit_words *out)
{
    const struct sentences *sentences = &reading->sentences;
    if (evidence->sentence >= sentences->count)
        return false;
    out->sentence_first = sentences->first_word[evidence->sentence];
    out->sentence_end = sentences->first_word[evidence->sentence + 1];
    out->first = out->end = UINT32_MAX;
    for (uint32_t word = out->sentence_first; word < out->sentence_end; word++) {
        struct text_span span = words_text(reading, word, 1);
        if (span.end > evidence->start && out->first == UINT32_MAX)
            out->first = word;
        if (span.start < evidence->end)
            out->end = word + 1;
    }
    return out->first != UINT32_MAX && out->end != UINT32_MAX && out->first < out->end;
}

struct cue_search {
    const struct grammar *grammar;
    uint32_t from; /* words */
    uint32_t to;
    uint32_t cue;     /* of enum grammar_cue */
    uint32_t but_not; /* cues that make the entry something else */
    bool last;        /* the last one, not the first */
};

static struct text_span find_cue(const struct stopper_reading *reading,
                                 const struct cue_search *search)
{
    struct text_span found = {0};
    for (uint32_t word = search->from; word < search->to;) {
        const struct grammar_entry *entry =
            grammar_at(search->grammar, reading->view, &reading->sentences, word);
        uint32_t words = entry ? entry->word_count : 1;
        if (entry && (entry->cues & search->cue) && !(entry->cues & search->but_not)) {
            found = words_text(reading, word, words);
            if (!search->last)
                return found;
        }
        word += words;
    }
    return found;
}

static struct text_span find_negator(const struct stopper_reading *reading,
                                     const struct grammar *grammar, const struct hit_words *words)
{
    uint32_t reach = grammar->reach_words + GRAMMAR_PHRASE_WORDS_MAX;
    uint32_t from = words->first > reach ? words->first - reach : 0;
    uint32_t behind = words->end + grammar->reach_after_words;
    const struct cue_search before = {.grammar = grammar,
                                      .from = from > words->sentence_first ? from
                                                                           : words->sentence_first,
                                      .to = words->first,
                                      .cue = CUE_NEGATOR,
                                      .but_not = CUE_EXCEPTION | CUE_STOPPER,
                                      .last = true};
    const struct cue_search after = {.grammar = grammar,
                                     .from = words->end,
                                     .to = behind < words->sentence_end ? behind
                                                                        : words->sentence_end,
                                     .cue = CUE_NEGATOR_AFTER,
                                     .but_not = CUE_EXCEPTION};
    struct text_span found = find_cue(reading, &before);
    return found.end ? found : find_cue(reading, &after);
}

static struct text_span find_report(const struct stopper_reading *reading,
                                    const struct grammar *grammar, const struct hit_words *words)
{
    uint32_t reach = grammar->stance_reach_words;
    uint32_t from = words->first > reach ? words->first - reach : 0;
    uint32_t to = words->end + reach;
    const struct cue_search search = {.grammar = grammar,
                                      .from = from > words->sentence_first ? from
                                                                           : words->sentence_first,
                                      .to = to < words->sentence_end ? to : words->sentence_end,
                                      .cue = CUE_REPORTED};
    return find_cue(reading, &search);
}

static struct text_span hit_text(const struct stopper_reading *reading, const struct match_hit *hit)
{
    struct verdict_hit place;
    match_hit_text(reading->view, hit, &place);
    classify_place(reading->scratch, &place.start, &place.end);
    return (struct text_span){place.start, place.end};
}

/* The first hit of one part of a rule, in one sentence or (UINT32_MAX) anywhere. */
static struct text_span find_part(const struct stopper_reading *reading, enum rule_part part,
                                  uint32_t rule_index, uint32_t sentence)
{
    const struct match_outcome *outcome = &reading->outcome;
    uint32_t wanted = part * reading->rule_set->pack.rule_count + rule_index;
    for (uint32_t index = 0; index < outcome->hit_count; index++) {
        const struct match_hit *hit = &outcome->hits[index];
        if (hit->rule_index == wanted &&
            (sentence == UINT32_MAX ||
             sentences_of(&reading->sentences, hit->view_start) == sentence))
            return hit_text(reading, hit);
    }
    return (struct text_span){0};
}

struct text_span stopper_find(const struct stopper_reading *reading,
                              const struct evidence *evidence)
{
    const struct rule_pack *pack = &reading->rule_set->pack;
    const struct rule *rule = &pack->rules[evidence->rule_index];
    const struct grammar *grammar = pack->grammars[rule->home];
    struct hit_words words;
    if (evidence->fate == FATE_EXCEPTED) {
        struct text_span found =
            find_part(reading, RULE_PART_NOT, evidence->rule_index, evidence->sentence);
        return found.end
                   ? found
                   : find_part(reading, RULE_PART_EXCEPT, evidence->rule_index, evidence->sentence);
    }
    if (!grammar || !find_words(reading, evidence, &words))
        return (struct text_span){0};
    if (evidence->fate == FATE_REPORTED)
        return find_report(reading, grammar, &words);
    if (evidence->fate == FATE_NEGATED || evidence->fate == FATE_DENIED ||
        evidence->fate == FATE_FLIPPED)
        return find_negator(reading, grammar, &words);
    return (struct text_span){0};
}

bool stopper_pair(const struct stopper_reading *reading, const struct match_hit *hit,
                  struct apart_pair *out)
{
    uint32_t rule_count = reading->rule_set->pack.rule_count;
    if (hit->rule_index / rule_count != RULE_PART_NEAR_A)
        return false;
    out->rule_index = hit->rule_index % rule_count;
    out->a = hit_text(reading, hit);
    out->b = find_part(reading, RULE_PART_NEAR_B, out->rule_index, UINT32_MAX);
    return out->b.end > 0;
}
