#include "classify/mixed.h"

enum { SENTENCES_BACK_MAX = 3 /* whose language a sentence that does not tell may have */ };

enum language mixed_second(const struct rule_set *rule_set, const struct scratch *scratch,
                           struct slice text, enum language main,
                           const struct language_heard *heard)
{
    /* What is typed in Latin letters has no sentence in another language that could be told. */
    if (scratch->is_typed || !redress_rule_set_has_language(rule_set, main))
        return LANGUAGE_UNKNOWN;
    enum language second = language_second(rule_set->languages, text, main, heard);
    return redress_rule_set_has_language(rule_set, second) ? second : LANGUAGE_UNKNOWN;
}

static struct slice sentence_text(const struct scratch *scratch, uint32_t sentence)
{
    const struct sentences *sentences = &scratch->context.sentences;
    const struct view *view = matcher_view(scratch->matcher);
    uint32_t end = sentence + 1 < sentences->count ? sentences->starts[sentence + 1] : view->size;
    uint32_t text_start = 0;
    uint32_t text_end = 0;
    if (sentences->starts[sentence] < end)
        view_text_span(view, sentences->starts[sentence], end, &text_start, &text_end);
    return (struct slice){view->text.data + text_start, text_end - text_start};
}

static enum language language_of_sentence(const struct rule_set *rule_set,
                                          const struct scratch *scratch, uint32_t sentence,
                                          enum language main, enum language second)
{
    for (uint32_t back = 0; back <= SENTENCES_BACK_MAX && back <= sentence; back++) {
        enum language language = language_of_part(
            rule_set->languages, sentence_text(scratch, sentence - back), main, second);
        if (language != LANGUAGE_UNKNOWN)
            return language;
    }
    return main;
}

void mixed_sort_out(const struct rule_set *rule_set, struct scratch *scratch, enum language main,
                    enum language second)
{
    struct context *context = &scratch->context;
    uint32_t kept = 0;
    uint32_t last = UINT32_MAX;
    enum language language = main;
    for (uint32_t index = 0; index < context->evidence_count; index++) {
        struct evidence evidence = context->evidence[index];
        /* The second view of a text with drawn-out letters may have fewer sentences. */
        if (evidence.sentence != last && evidence.sentence < context->sentences.count)
            language = language_of_sentence(rule_set, scratch, evidence.sentence, main, second);
        last = evidence.sentence;
        if (rule_set->pack.rules[evidence.rule_index].languages >> language & 1)
            context->evidence[kept++] = evidence;
    }
    context->evidence_count = kept;
}
