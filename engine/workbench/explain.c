#include "workbench/explain.h"

#include "workbench/stopper.h"

#include "classify/weigh/decide.h"

#include <math.h>
#include <string.h>

static enum redress_status classify_again(const struct rule_set *rule_set,
                                          const struct classify_input *input,
                                          struct explanation *out)
{
    enum redress_status status = redress_scratch_create(rule_set, &out->scratch);
    if (status != STATUS_OK)
        return status;
    status = redress_classify(rule_set, out->scratch, input, &out->verdict);
    out->verdict.undecided |= status != STATUS_OK;
    return STATUS_OK;
}

/* What the first `count` pieces of evidence of a sentence add up to. */
static float sum_of(const struct rule_set *rule_set, const struct evidence *evidence,
                    uint32_t count)
{
    return score_evidence(rule_set->gifts, evidence, count,
                          rule_set->pack.tiers.score_min[SEVERITY_MODERATE])
        .complaint;
}

static void fill_hits(const struct rule_set *rule_set, const struct stopper_reading *reading,
                      const struct evidence *evidence, struct explained_sentence *sentence)
{
    float before = 0;
    for (uint32_t index = 0; index < sentence->hit_count; index++) {
        float sum = sum_of(rule_set, evidence, index + 1);
        sentence->hits[index] =
            (struct explained_hit){.rule_index = evidence[index].rule_index,
                                   .span = {evidence[index].start, evidence[index].end},
                                   .fate = evidence[index].fate,
                                   .stance = evidence[index].stance,
                                   .gave = sum - before,
                                   .stopper = stopper_find(reading, &evidence[index])};
        before = sum;
    }
    sentence->sum = before;
}

static uint32_t sentence_end(const struct context *context, uint32_t at)
{
    uint32_t end = at;
    while (end < context->evidence_count &&
           context->evidence[end].sentence == context->evidence[at].sentence)
        end++;
    return end;
}

static enum redress_status fill_sentences(const struct rule_set *rule_set,
                                          const struct stopper_reading *reading,
                                          struct explanation *out)
{
    const struct context *context = &out->scratch->context;
    out->sentences =
        arena_allocate_array(&out->arena, context->evidence_count + 1, sizeof *out->sentences);
    if (!out->sentences)
        return STATUS_MEMORY;
    for (uint32_t at = 0; at < context->evidence_count;) {
        uint32_t end = sentence_end(context, at);
        struct explained_sentence *sentence = &out->sentences[out->sentence_count++];
        sentence->hit_count = end - at;
        sentence->hits =
            arena_allocate_array(&out->arena, sentence->hit_count, sizeof *sentence->hits);
        if (!sentence->hits)
            return STATUS_MEMORY;
        sentence->span = stopper_sentence(reading, context->evidence[at].sentence);
        fill_hits(rule_set, reading, &context->evidence[at], sentence);
        at = end;
    }
    return STATUS_OK;
}

/* The strongest that is not marked yet: of complaint, or of praise. */
static struct explained_sentence *strongest(const struct explanation *out, bool praise)
{
    struct explained_sentence *best = NULL;
    for (uint32_t index = 0; index < out->sentence_count; index++) {
        struct explained_sentence *sentence = &out->sentences[index];
        float strength = praise ? -sentence->sum : sentence->sum;
        if (strength > 0 && !sentence->counts &&
            (!best || strength > (praise ? -best->sum : best->sum)))
            best = sentence;
    }
    return best;
}

/* As score.h says: the strongest of complaint, and the strongest of praise. */
static void mark_counting(struct explanation *out)
{
    for (unsigned rank = 0; rank <= SCORE_SENTENCES; rank++) {
        struct explained_sentence *sentence = strongest(out, rank == SCORE_SENTENCES);
        if (sentence)
            sentence->counts = true;
    }
}

static void find_next_tier(const struct tiers *tiers, struct explanation *out)
{
    out->by_score = score_severity(tiers, out->verdict.score);
    out->next_by_score = out->by_score;
    for (unsigned severity = out->by_score + 1u; severity < SEVERITY_COUNT; severity++)
        if (isfinite(tiers->score_min[severity])) {
            out->next_by_score = (enum severity)severity;
            out->missing_score = tiers->score_min[severity] - out->verdict.score;
            return;
        }
}

static bool has_evidence(const struct context *context, uint32_t rule_index)
{
    for (uint32_t index = 0; index < context->evidence_count; index++)
        if (context->evidence[index].rule_index == rule_index)
            return true;
    return false;
}

static enum redress_status find_apart(const struct stopper_reading *reading,
                                      struct explanation *out)
{
    const struct match_outcome *outcome = &reading->outcome;
    uint32_t last = UINT32_MAX;
    out->apart = arena_allocate_array(&out->arena, outcome->hit_count + 1, sizeof *out->apart);
    if (!out->apart)
        return STATUS_MEMORY;
    for (uint32_t index = 0; index < outcome->hit_count; index++) {
        struct apart_pair pair = {0};
        if (!stopper_pair(reading, &outcome->hits[index], &pair) || pair.rule_index == last ||
            has_evidence(&out->scratch->context, pair.rule_index))
            continue;
        last = pair.rule_index;
        out->apart[out->apart_count++] = pair;
    }
    return STATUS_OK;
}

/* Traits of which any one alone would make the composite hold. */
static trait_set lacking_traits(const struct composite *composite, const struct verdict *verdict)
{
    trait_set lacking = 0;
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++) {
        struct verdict with = *verdict;
        with.traits |= 1u << trait;
        if (with.traits != verdict->traits && decide_composite_holds(composite, &with))
            lacking |= 1u << trait;
    }
    return lacking;
}

static bool would_raise(const struct composite *composite, const struct verdict *verdict)
{
    return composite->at_least > verdict->severity || (composite->urgent && !verdict->urgent);
}

static enum redress_status find_composites(const struct rule_pack *pack, struct explanation *out)
{
    size_t room = pack->composite_count + 1;
    out->holding = arena_allocate_array(&out->arena, room, sizeof *out->holding);
    out->lacking = arena_allocate_array(&out->arena, room, sizeof *out->lacking);
    if (!out->holding || !out->lacking)
        return STATUS_MEMORY;
    for (uint32_t index = 0; index < pack->composite_count; index++) {
        const struct composite *composite = &pack->composites[index];
        if (decide_composite_holds(composite, &out->verdict)) {
            out->holding[out->holding_count++] = composite;
            continue;
        }
        trait_set traits = lacking_traits(composite, &out->verdict);
        if (traits && would_raise(composite, &out->verdict))
            out->lacking[out->lacking_count++] = (struct lacking_composite){composite, traits};
    }
    return STATUS_OK;
}

static void keep_word(struct explained_saying *saying, const struct explained_word *word)
{
    uint32_t at = saying->word_count;
    while (at > 0 && fabsf(saying->words[at - 1].weight) < fabsf(word->weight))
        at--;
    if (at == EXPLAINED_WORDS_MAX)
        return;
    saying->word_count += saying->word_count < EXPLAINED_WORDS_MAX;
    memmove(&saying->words[at + 1], &saying->words[at],
            (saying->word_count - 1 - at) * sizeof *saying->words);
    saying->words[at] = *word;
}

static void keep_words(const struct explanation *explanation, uint32_t sentence, unsigned column,
                       struct explained_saying *saying)
{
    const struct context *context = &explanation->scratch->context;
    const struct sentences *sentences = &context->sentences;
    const struct view *view = matcher_view(explanation->scratch->matcher);
    for (uint32_t word = sentences->first_word[sentence];
         word < sentences->first_word[sentence + 1]; word++) {
        uint32_t start = sentences->words[word];
        const struct lexicon_entry *entry = lexicon_entry_at(context->lexicon, view->bytes + start);
        struct explained_word found = {.weight =
                                           (float)entry->weights[column] / (float)LEXICON_ONE};
        if (found.weight == 0)
            continue;
        view_text_span(view, start, sentences_word_end(sentences, view, word), &found.span.start,
                       &found.span.end);
        classify_place(explanation->scratch, &found.span.start, &found.span.end);
        keep_word(saying, &found);
    }
}

/* What is said of a column whose sum is compared with 0. */
static void find_heard(struct explanation *out, const char *what, unsigned column)
{
    uint32_t sentence = 0;
    int most = impression_most(&out->scratch->context, column, &sentence);
    if (most <= 0)
        return;
    struct explained_saying *saying = &out->sayings[out->saying_count++];
    *saying = (struct explained_saying){.what = what, .sum = (float)most / (float)LEXICON_ONE};
    keep_words(out, sentence, column, saying);
}

/* What is said against a moderate complaint that rules hear. */
static void find_doubt(struct explanation *out)
{
    const struct impression *impression = &out->scratch->context.impression;
    if (impression->heard >= 0)
        return;
    struct explained_saying *doubt = &out->sayings[out->saying_count++];
    *doubt = (struct explained_saying){"doubt", .sum = impression->heard};
    keep_words(out, impression->heard_sentence, LEXICON_COMPLAINT, doubt);
}

static void find_sayings(struct explanation *out)
{
    const struct context *context = &out->scratch->context;
    if (!context->lexicon || context->sentences.word_count == 0)
        return;
    struct explained_saying *complaint = &out->sayings[out->saying_count++];
    *complaint = (struct explained_saying){"complaint", .sum = context->impression.complaint};
    keep_words(out, context->impression.sentence, LEXICON_COMPLAINT, complaint);
    find_doubt(out);
    for (unsigned index = 0; index < LEXICON_TRAIT_COUNT; index++)
        find_heard(out, redress_trait_name(lexicon_traits[index]), LEXICON_TRAITS + index);
}

enum redress_status explain_text(const struct rule_set *rule_set,
                                 const struct classify_input *input, struct explanation *out)
{
    struct stopper_reading reading = {0};
    *out = (struct explanation){.text = input->text};
    enum redress_status status = classify_again(rule_set, input, out);
    if (status == STATUS_OK)
        find_sayings(out);
    if (status == STATUS_OK)
        status = stopper_read(&reading, rule_set, out->scratch, input->text, out->verdict.language);
    if (status == STATUS_OK)
        status = fill_sentences(rule_set, &reading, out);
    if (status == STATUS_OK)
        status = find_apart(&reading, out);
    if (status == STATUS_OK)
        status = find_composites(&rule_set->pack, out);
    stopper_destroy(&reading);
    mark_counting(out);
    find_next_tier(&rule_set->pack.tiers, out);
    return status;
}

void explanation_free(struct explanation *explanation)
{
    redress_scratch_free(explanation->scratch);
    arena_free(&explanation->arena);
    *explanation = (struct explanation){0};
}
