/** The stages from a payload to its verdict. */
#include "common/stage_bench.h"

#include "base/memory.h"

#include <string.h>

enum { VIEW_ROOM = 16 /* times the text */ };

static struct message *message_at(const struct stage_bench *bench, uint32_t index)
{
    return bench->records.messages[index];
}

static struct classify_input input_of(const struct message *message)
{
    return (struct classify_input){.text = message->text,
                                   .language_hint = message->language_hint,
                                   .truncated = (message->flags & MESSAGE_TRUNCATED) != 0};
}

uint64_t run_ring(struct stage_bench *bench)
{
    enum { BATCH = 32 };
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t first = 0; first < bench->records.count; first += BATCH) {
        uint32_t end = first + BATCH < bench->records.count ? first + BATCH : bench->records.count;
        for (uint32_t i = first; i < end; i++)
            bench->sink += !ring_push(&bench->ring, message_at(bench, i));
        for (uint32_t i = first; i < end; i++)
            bench->sink += (uintptr_t)ring_pop(&bench->ring);
    }
    return measure_end(bench, begin_ns);
}

uint64_t run_decode(struct stage_bench *bench)
{
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        record_reset(message_at(bench, i));
        bench->sink += envelope_decode(&bench->mapping, bench->decode, message_at(bench, i));
    }
    return measure_end(bench, begin_ns);
}

uint64_t run_language(struct stage_bench *bench)
{
    struct language_heard heard;
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        const struct message *message = message_at(bench, i);
        bench->sink +=
            language_choose(bench->rules->languages, message->text, message->language_hint, &heard);
    }
    return measure_end(bench, begin_ns);
}

static uint32_t matcher_languages(const struct stage_bench *bench, uint32_t index)
{
    enum language language = bench->languages[index];
    return language == LANGUAGE_UNKNOWN ? RULE_GUARD_LANGUAGE : 1u << language;
}

uint64_t run_view(struct stage_bench *bench)
{
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        view_fold(&bench->view, message_at(bench, i)->text);
        bench->sink += bench->view.size;
    }
    return measure_end(bench, begin_ns);
}

uint64_t run_sentences(struct stage_bench *bench)
{
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        sentences_split(&bench->sentences, &bench->views[i]);
        bench->sink += bench->sentences.count;
    }
    return measure_end(bench, begin_ns);
}

uint64_t run_match(struct stage_bench *bench)
{
    struct match_outcome outcome;
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        bench->sink +=
            matcher_match(bench->rules->matcher, bench->scratch->matcher,
                          message_at(bench, i)->text, matcher_languages(bench, i), &outcome);
        bench->sink += outcome.hit_count;
    }
    return measure_end(bench, begin_ns);
}

uint64_t run_score(struct stage_bench *bench)
{
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        struct context *context = &bench->context;
        struct verdict verdict = {0};
        context_begin(context, bench->rules->pack.lexicons[bench->languages[i]]);
        context_weigh(context, &bench->rules->pack, &bench->views[i], &bench->outcomes[i]);
        context_finish(context, bench->rules->gifts);
        struct score score = score_context(bench->rules->gifts, context,
                                           bench->rules->pack.tiers.score_min[SEVERITY_MODERATE]);
        decide(&bench->rules->pack, &score, &verdict);
        bench->sink += verdict.severity;
    }
    return measure_end(bench, begin_ns);
}

/* As the worker does: the scratch is used again for the next text, so that hits are copied. */
static void classify(struct stage_bench *bench, struct message *message)
{
    const struct classify_input input = input_of(message);
    struct verdict *verdict = &message->verdict;
    bench->sink += redress_classify(bench->rules, bench->scratch, &input, verdict);
    if (verdict->hits_stored > 0)
        memcpy(message->hits, verdict->hits, verdict->hits_stored * sizeof *message->hits);
    verdict->hits = message->hits;
}

uint64_t run_classify(struct stage_bench *bench)
{
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++)
        classify(bench, message_at(bench, i));
    return measure_end(bench, begin_ns);
}

/* As a worker does it: decoding, then classifying, one message after the other. */
static void judge(struct stage_bench *bench, struct message *message)
{
    record_reset(message);
    if (envelope_decode(&bench->mapping, bench->decode, message) == STATUS_OK)
        classify(bench, message);
}

uint64_t run_whole(struct stage_bench *bench)
{
    uint64_t begin_ns = measure_begin(bench);
    for (uint32_t i = 0; i < bench->records.count; i++) {
        uint64_t at_ns = clock_monotonic_ns();
        if (i + 1 < bench->records.count)
            envelope_prefetch(message_at(bench, i + 1));
        judge(bench, message_at(bench, i));
        uint64_t took_ns = clock_monotonic_ns() - at_ns;
        if (took_ns < bench->whole_ns[i])
            bench->whole_ns[i] = took_ns;
    }
    return measure_end(bench, begin_ns);
}

static enum language language_of(const struct stage_bench *bench, const struct message *message)
{
    struct language_heard heard;
    enum language language =
        language_choose(bench->rules->languages, message->text, message->language_hint, &heard);
    return redress_rule_set_has_language(bench->rules, language) ? language : LANGUAGE_UNKNOWN;
}

/* The hits live in the scratch until the next text: a message keeps a copy. */
static bool keep_outcome(struct stage_bench *bench, uint32_t index)
{
    struct match_outcome found;
    if (matcher_match(bench->rules->matcher, bench->scratch->matcher,
                      message_at(bench, index)->text, matcher_languages(bench, index),
                      &found) != STATUS_OK)
        bench->undecided++;
    struct match_hit *hits = memory_allocate_array((size_t)found.hit_count + 1, sizeof *hits);
    if (hits && found.hit_count > 0)
        memcpy(hits, found.hits, found.hit_count * sizeof *hits);
    bench->outcomes[index] = (struct match_outcome){.hits = hits, .hit_count = found.hit_count};
    return hits != NULL;
}

/* What one stage reads of those before it. */
static bool prepare(struct stage_bench *bench, uint32_t index)
{
    struct message *message = message_at(bench, index);
    if (envelope_decode(&bench->mapping, bench->decode, message) != STATUS_OK) {
        (void)fprintf(stderr, "stages: a record is a dead letter: %s\n", message->dead_detail);
        return false;
    }
    bench->records.text_bytes += message->text.size;
    bench->languages[index] = language_of(bench, message);
    bench->whole_ns[index] = UINT64_MAX;
    /* Room for every edit that the matcher's larger view makes, or its hits stand elsewhere. */
    if (view_init(&bench->views[index], VIEW_ROOM * message->text.size + 1) != STATUS_OK)
        return false;
    view_fold(&bench->views[index], message->text);
    return keep_outcome(bench, index);
}

static bool open_decode(struct stage_bench *bench)
{
    static struct error_list errors;
    const struct envelope_settings settings = {.kind = ENVELOPE_JSON};
    return envelope_mapping_compile(&settings, NULL, &errors, &bench->mapping) == STATUS_OK &&
           decode_scratch_create(bench->mapping.payload_bytes_max, &bench->decode) == STATUS_OK;
}

static bool open_classify(struct stage_bench *bench, const char *rules_folder)
{
    static struct error_list errors;
    bool good = rule_set_load(rules_folder, &errors, &bench->rules) == STATUS_OK &&
                redress_scratch_create(bench->rules, &bench->scratch) == STATUS_OK &&
                view_init(&bench->view, MESSAGE_TEXT_BYTES_MAX) == STATUS_OK &&
                sentences_init(&bench->sentences, MESSAGE_TEXT_BYTES_MAX) == STATUS_OK &&
                context_init(&bench->context) == STATUS_OK;
    error_list_print(&errors, stderr);
    return good;
}

bool worker_stages_open(struct stage_bench *bench, const char *rules_folder)
{
    uint32_t count = bench->records.count;
    bench->languages = memory_allocate_array(count, sizeof *bench->languages);
    bench->outcomes = memory_allocate_array(count, sizeof *bench->outcomes);
    bench->views = memory_allocate_array(count, sizeof *bench->views);
    bench->whole_ns = memory_allocate_array(count, sizeof *bench->whole_ns);
    bool good = bench->languages && bench->outcomes && bench->views && bench->whole_ns &&
                ring_init(&bench->ring, 1024) == STATUS_OK && open_decode(bench) &&
                open_classify(bench, rules_folder);
    for (uint32_t i = 0; good && i < count; i++)
        good = prepare(bench, i);
    if (good)
        run_classify(bench);
    return good;
}

void worker_stages_close(struct stage_bench *bench)
{
    for (uint32_t i = 0; bench->views && i < bench->records.count; i++) {
        view_destroy(&bench->views[i]);
        memory_free((struct match_hit *)bench->outcomes[i].hits);
    }
    memory_free(bench->languages);
    memory_free(bench->outcomes);
    memory_free(bench->views);
    memory_free(bench->whole_ns);
    ring_destroy(&bench->ring);
    decode_scratch_free(bench->decode);
    view_destroy(&bench->view);
    sentences_destroy(&bench->sentences);
    context_destroy(&bench->context);
    redress_scratch_free(bench->scratch);
    redress_rule_set_free(bench->rules);
}
