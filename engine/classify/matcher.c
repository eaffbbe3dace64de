#include "classify/matcher.h"

#include "classify/character_tables.h"
#include "classify/pcre2.h"

#include "base/assert.h"
#include "base/memory.h"
#include "text/utf8.h"
#include "text/view.h"

#include <string.h>

struct compiled {
    pcre2_code *code;
    uint32_t rule_index;
    uint32_t languages;
    bool original;
};

struct matcher {
    struct compiled *patterns;
    uint32_t count;
    uint32_t rule_count;
    struct character_tables tables;
};

struct matcher_scratch {
    struct view view;
    pcre2_match_data *match_data;
    struct verdict_hit *hits;
    uint32_t *undecided;
};

/* Letters to their fold; everything else as it stands. */
static size_t fold_pattern(const char *text, size_t size, uint8_t *out)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        if (text[at] == '\\' && at + 1 < size && (uint8_t)text[at + 1] < 0x80) {
            out[used++] = (uint8_t)text[at++];
            out[used++] = (uint8_t)text[at++];
            continue;
        }
        uint32_t code_point;
        size_t length = utf8_decode(text + at, size - at, &code_point, NULL);
        if (length == 0)
            return 0;
        used += view_fold_character(code_point, out + used);
        at += length;
    }
    return used;
}

static bool compile(struct matcher *matcher, const struct matcher_pattern *pattern,
                    pcre2_compile_context *context, struct error_list *errors)
{
    uint8_t *folded = memory_allocate(pattern->text_size * 2 + VIEW_FOLD_BYTES_MAX);
    if (!folded)
        return false;
    size_t size = fold_pattern(pattern->text, pattern->text_size, folded);
    const uint8_t *source = pattern->original ? (const uint8_t *)pattern->text : folded;
    int error;
    size_t offset = 0;
    pcre2_code *code =
        pcre2_compile(source, pattern->original ? pattern->text_size : size,
                      pattern->original ? PCRE2_UTF | PCRE2_UCP : 0, &error, &offset, context);
    memory_free(folded);
    if (!code) {
        char reason[128];
        pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
        error_list_add(errors, STATUS_INVALID, pattern->file, pattern->line,
                       pattern->column + (uint32_t)offset, "%s", reason);
        return false;
    }
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    matcher->patterns[matcher->count++] = (struct compiled){.code = code,
                                                            .rule_index = pattern->rule_index,
                                                            .languages = pattern->languages,
                                                            .original = pattern->original};
    return true;
}

enum redress_status matcher_create(const struct matcher_pattern *patterns, size_t count,
                                   uint32_t rule_count, struct error_list *errors,
                                   struct matcher **out)
{
    *out = NULL;
    struct matcher *matcher = memory_allocate(sizeof *matcher);
    if (!matcher)
        return STATUS_MEMORY;
    matcher->patterns = memory_allocate_array(count + 1, sizeof *matcher->patterns);
    matcher->rule_count = rule_count;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!matcher->patterns || !context) {
        pcre2_compile_context_free(context);
        matcher_free(matcher);
        return STATUS_MEMORY;
    }
    character_tables_fill(&matcher->tables);
    pcre2_set_character_tables(context, matcher->tables.bytes);
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good &= compile(matcher, &patterns[i], context, errors);
    pcre2_compile_context_free(context);
    if (!good) {
        matcher_free(matcher);
        return STATUS_INVALID;
    }
    *out = matcher;
    return STATUS_OK;
}

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    for (uint32_t i = 0; i < matcher->count; i++)
        pcre2_code_free(matcher->patterns[i].code);
    memory_free(matcher->patterns);
    memory_free(matcher);
}

enum redress_status matcher_scratch_create(const struct matcher *matcher,
                                           struct matcher_scratch **out)
{
    *out = NULL;
    struct matcher_scratch *scratch = memory_allocate(sizeof *scratch);
    if (!scratch)
        return STATUS_MEMORY;
    scratch->match_data = pcre2_match_data_create(1, NULL);
    scratch->hits = memory_allocate_array(matcher->rule_count + 1, sizeof *scratch->hits);
    scratch->undecided = memory_allocate_array(matcher->rule_count + 1, sizeof *scratch->undecided);
    if (view_init(&scratch->view, MESSAGE_TEXT_BYTES_MAX) != STATUS_OK || !scratch->match_data ||
        !scratch->hits || !scratch->undecided) {
        matcher_scratch_free(scratch);
        return STATUS_MEMORY;
    }
    *out = scratch;
    return STATUS_OK;
}

void matcher_scratch_free(struct matcher_scratch *scratch)
{
    if (!scratch)
        return;
    view_destroy(&scratch->view);
    pcre2_match_data_free(scratch->match_data);
    memory_free(scratch->hits);
    memory_free(scratch->undecided);
    memory_free(scratch);
}

/* 1 for a match, 0 for none, -1 for undecided. */
static int try_pattern(const struct compiled *pattern, struct matcher_scratch *scratch,
                       struct slice text, struct verdict_hit *hit)
{
    const struct view *view = &scratch->view;
    const uint8_t *subject = pattern->original ? (const uint8_t *)text.data : view->bytes;
    size_t size = pattern->original ? text.size : view->size;
    int found = pcre2_match(pattern->code, subject, size, 0, 0, scratch->match_data, NULL);
    if (found == PCRE2_ERROR_NOMATCH)
        return 0;
    if (found < 0)
        return -1;
    const size_t *span = pcre2_get_ovector_pointer(scratch->match_data);
    *hit = (struct verdict_hit){
        .rule_index = pattern->rule_index, .start = (uint32_t)span[0], .end = (uint32_t)span[1]};
    if (!pattern->original && span[0] < span[1])
        view_text_span(view, (uint32_t)span[0], (uint32_t)span[1], &hit->start, &hit->end);
    return 1;
}

static bool rule_is_last(const struct match_outcome *out, uint32_t rule_index)
{
    return out->hit_count > 0 && out->hits[out->hit_count - 1].rule_index == rule_index;
}

enum redress_status matcher_match(const struct matcher *matcher, struct matcher_scratch *scratch,
                                  struct slice text, uint32_t languages, struct match_outcome *out)
{
    *out = (struct match_outcome){.hits = scratch->hits, .undecided = scratch->undecided};
    view_fold(&scratch->view, text);
    for (uint32_t i = 0; i < matcher->count; i++) {
        const struct compiled *pattern = &matcher->patterns[i];
        bool wanted = !languages || !pattern->languages || (languages & pattern->languages);
        if (!wanted || rule_is_last(out, pattern->rule_index))
            continue;
        int found = try_pattern(pattern, scratch, text, &scratch->hits[out->hit_count]);
        if (found > 0)
            out->hit_count++;
        else if (found < 0 && (out->undecided_count == 0 ||
                               scratch->undecided[out->undecided_count - 1] != pattern->rule_index))
            scratch->undecided[out->undecided_count++] = pattern->rule_index;
    }
    return out->undecided_count ? STATUS_UNDECIDED : STATUS_OK;
}
