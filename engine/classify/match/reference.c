#include "classify/match/reference.h"

#include "classify/pattern/character_tables.h"
#include "classify/match/confirm.h"

#include "base/assert.h"
#include "base/memory.h"
#include "text/view.h"

struct plain_code {
    pcre2_code *code;
    uint32_t rule_index;
    uint32_t languages;
    bool over_text; /* else over the view */
};

struct reference {
    struct plain_code *codes;
    size_t count;
    struct character_tables tables;
    struct view view;
    pcre2_match_context *context;
    pcre2_match_data *match_data;
    pcre2_jit_stack *jit_stack;
    struct match_hits hits;
    uint32_t *undecided;
    uint32_t options; /* of pcre2_match() */
};

static pcre2_code *compile(const struct matcher_pattern *pattern, enum reference_kind kind,
                           pcre2_compile_context *context, struct pattern_error *error)
{
    struct pattern tree;
    struct pattern_text printed = {0};
    pcre2_code *code = NULL;
    int number;
    size_t offset;
    if (kind == REFERENCE_ORIGINAL || pattern->original) {
        uint32_t options = PCRE2_UTF | PCRE2_UCP | (pattern->original ? 0 : PCRE2_CASELESS);
        return pcre2_compile((PCRE2_SPTR)pattern->text, pattern->text_size, options, &number,
                             &offset, context);
    }
    if (pattern_parse(pattern->text, pattern->text_size, false, &tree, error) != STATUS_OK)
        return NULL;
    if (pattern_print(&tree, false, &printed) == STATUS_OK)
        code = pcre2_compile((PCRE2_SPTR)printed.data, printed.size, 0, &number, &offset, context);
    pattern_text_free(&printed);
    pattern_free(&tree);
    return code;
}

static bool compile_all(struct reference *reference, const struct matcher_pattern *patterns,
                        size_t count, enum reference_kind kind, struct error_list *errors)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    bool good = context != NULL;
    if (!good)
        return false;
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    for (size_t i = 0; i < count; i++) {
        struct plain_code *code = &reference->codes[reference->count];
        code->over_text = kind == REFERENCE_ORIGINAL || patterns[i].original;
        code->rule_index = patterns[i].rule_index;
        code->languages = patterns[i].languages;
        struct pattern_error error = {.text = "PCRE2 refuses the pattern"};
        /* No tables stand for PCRE2's own, which UCP replaces anyway. */
        pcre2_set_character_tables(context, code->over_text ? NULL : reference->tables.bytes);
        code->code = compile(&patterns[i], kind, context, &error);
        if (code->code) {
            (void)pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE);
            reference->count++;
            continue;
        }
        error_list_add(errors, STATUS_INVALID, patterns[i].file, patterns[i].line,
                       patterns[i].column + error.at, "%s", error.text);
        good = false;
    }
    pcre2_compile_context_free(context);
    return good;
}

static bool allocate(struct reference *reference, size_t count, uint32_t rule_count)
{
    reference->codes = memory_allocate_array(count + 1, sizeof *reference->codes);
    reference->hits.items = memory_allocate_array(MATCH_HITS_MAX, sizeof *reference->hits.items);
    reference->undecided = memory_allocate_array(rule_count + 1, sizeof *reference->undecided);
    reference->context = pcre2_match_context_create(NULL);
    reference->match_data = pcre2_match_data_create(1, NULL);
    reference->jit_stack =
        pcre2_jit_stack_create(CONFIRM_JIT_STACK_BYTES_MIN, CONFIRM_JIT_STACK_BYTES_MAX, NULL);
    if (view_init(&reference->view, MESSAGE_TEXT_BYTES_MAX) != STATUS_OK)
        return false;
    return reference->codes && reference->hits.items && reference->undecided &&
           reference->context && reference->match_data && reference->jit_stack;
}

enum redress_status reference_create(const struct matcher_pattern *patterns, size_t count,
                                     uint32_t rule_count, enum reference_kind kind,
                                     struct error_list *errors, struct reference **out)
{
    *out = NULL;
    struct reference *reference = memory_allocate(sizeof *reference);
    if (!reference)
        return STATUS_MEMORY;
    if (!allocate(reference, count, rule_count)) {
        reference_free(reference);
        return STATUS_MEMORY;
    }
    pcre2_set_match_limit(reference->context, CONFIRM_MATCH_LIMIT);
    pcre2_jit_stack_assign(reference->context, NULL, reference->jit_stack);
    character_tables_fill(&reference->tables);
    if (!compile_all(reference, patterns, count, kind, errors)) {
        reference_free(reference);
        return STATUS_INVALID;
    }
    *out = reference;
    return STATUS_OK;
}

void reference_free(struct reference *reference)
{
    if (!reference)
        return;
    for (size_t i = 0; i < reference->count; i++)
        pcre2_code_free(reference->codes[i].code);
    view_destroy(&reference->view);
    pcre2_match_context_free(reference->context);
    pcre2_match_data_free(reference->match_data);
    pcre2_jit_stack_free(reference->jit_stack);
    memory_free(reference->codes);
    memory_free(reference->hits.items);
    memory_free(reference->undecided);
    memory_free(reference);
}

void reference_interpret(struct reference *reference, bool interpret)
{
    reference->options = interpret ? PCRE2_NO_JIT : 0;
}

/* As PCRE2 answers: at least 0 for a match, the leftmost that begins at `from` or behind. */
static int match_one(struct reference *reference, const struct plain_code *code, struct slice text,
                     uint32_t from, struct match_hit *hit)
{
    const struct view *view = &reference->view;
    const uint8_t *subject = code->over_text ? (const uint8_t *)text.data : view->bytes;
    size_t size = code->over_text ? text.size : view->size;
    int found = pcre2_match(code->code, subject, size, from,
                            reference->options | (code->over_text ? PCRE2_NO_UTF_CHECK : 0),
                            reference->match_data, reference->context);
    if (found < 0)
        return found;
    const size_t *span = pcre2_get_ovector_pointer(reference->match_data);
    uint32_t start = (uint32_t)span[0];
    uint32_t end = (uint32_t)span[1];
    *hit = (struct match_hit){.rule_index = code->rule_index,
                              .pattern_index = (uint32_t)(code - reference->codes),
                              .view_start = start,
                              .view_end = end};
    if (code->over_text) {
        hit->text_start = start;
        hit->text_end = end;
        struct view_cursor cursor = {0};
        hit->view_start = view_offset_of(view, &cursor, start);
        hit->view_end = view_offset_of(view, &cursor, end);
    }
    return found;
}

/* False where a limit stopped it. */
static bool match_all(struct reference *reference, const struct plain_code *code, struct slice text)
{
    struct match_hit hit = {0};
    uint32_t from = 0;
    for (int count = 0; count < MATCHES_PER_PATTERN_MAX; count++) {
        int found = match_one(reference, code, text, from, &hit);
        if (found < 0)
            return found == PCRE2_ERROR_NOMATCH;
        match_hits_add(&reference->hits, &hit);
        from = code->over_text ? hit.text_end : hit.view_end;
    }
    return true;
}

enum redress_status reference_match(struct reference *reference, struct slice text,
                                    uint32_t languages, struct match_outcome *out)
{
    *out = (struct match_outcome){.hits = reference->hits.items, .undecided = reference->undecided};
    view_fold(&reference->view, text);
    reference->hits.count = 0;
    for (size_t i = 0; i < reference->count;) {
        uint32_t rule = reference->codes[i].rule_index;
        bool stopped = false;
        match_hits_begin_rule(&reference->hits);
        for (; i < reference->count && reference->codes[i].rule_index == rule; i++) {
            const struct plain_code *code = &reference->codes[i];
            bool wanted = !languages || !code->languages || (languages & code->languages);
            stopped = (wanted && !match_all(reference, code, text)) || stopped;
        }
        if (!match_hits_end_rule(&reference->hits) || stopped)
            reference->undecided[out->undecided_count++] = rule;
    }
    out->hit_count = reference->hits.count;
    return out->undecided_count ? STATUS_UNDECIDED : STATUS_OK;
}
