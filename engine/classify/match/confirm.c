#include "classify/match/confirm.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define CALLOUT "(?C" /* as pattern_print() writes it */

enum {
    CALLOUT_STEPS = 8,          /* a callout costs about as much as so many steps of the JIT */
    CALLOUT_BYTES_PER_STEP = 4, /* what a single-byte repetition runs over in one step */
    JIT_MATCH_DATA_PAIRS = 1
};

/* PCRE2's memory comes from ours, so that a sealed worker proves that matching allocates nothing.
 */
static void *allocate(size_t size, void *unused)
{
    (void)unused;
    return memory_allocate(size);
}

static void release(void *block, void *unused)
{
    (void)unused;
    memory_free(block);
}

static void start_clock(struct confirm_scratch *scratch)
{
    scratch->deadline_ns = clock_monotonic_ns() + CONFIRM_BUDGET_US / 2 * (uint64_t)NS_PER_US;
}

/* The first half of the budget is wall time, which costs no system call. Only a message that has
 * used it up, or whose thread was preempted, is then held to processor time. */
static bool is_over(struct confirm_scratch *scratch)
{
    if (scratch->processor_deadline_ns > 0)
        return clock_processor_ns() >= scratch->processor_deadline_ns;
    if (clock_monotonic_ns() >= scratch->deadline_ns)
        scratch->processor_deadline_ns =
            clock_processor_ns() + CONFIRM_BUDGET_US / 2 * (uint64_t)NS_PER_US;
    return false;
}

bool confirm_spend(struct confirm_scratch *scratch, uint64_t steps)
{
    scratch->steps += steps;
    if (scratch->steps < CONFIRM_CLOCK_STEPS || scratch->over)
        return !scratch->over;
    scratch->steps = 0;
    if (scratch->deadline_ns == 0)
        start_clock(scratch);
    scratch->over = is_over(scratch);
    return !scratch->over;
}

static int count_callout(pcre2_callout_block *block, void *user)
{
    struct confirm_scratch *scratch = user;
    uint64_t at = block->current_position;
    uint64_t run = at > scratch->callout_position ? at - scratch->callout_position : 0;
    scratch->callout_position = at;
    return confirm_spend(scratch, CALLOUT_STEPS + run / CALLOUT_BYTES_PER_STEP)
               ? 0
               : PCRE2_ERROR_CALLOUT;
}

enum redress_status confirm_scratch_init(struct confirm_scratch *scratch)
{
    *scratch = (struct confirm_scratch){0};
    enum redress_status status = STATUS_MEMORY;
    pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
    if (!general)
        return STATUS_MEMORY;
    scratch->context = pcre2_match_context_create(general);
    scratch->match_data = pcre2_match_data_create(JIT_MATCH_DATA_PAIRS, general);
    scratch->jit_stack =
        pcre2_jit_stack_create(CONFIRM_JIT_STACK_BYTES_MIN, CONFIRM_JIT_STACK_BYTES_MAX, general);
    if (scratch->context && scratch->match_data && scratch->jit_stack) {
        pcre2_set_match_limit(scratch->context, CONFIRM_MATCH_LIMIT);
        pcre2_set_callout(scratch->context, count_callout, scratch);
        pcre2_jit_stack_assign(scratch->context, NULL, scratch->jit_stack);
        status = STATUS_OK;
    }
    pcre2_general_context_free(general);
    if (status != STATUS_OK)
        confirm_scratch_destroy(scratch);
    return status;
}

void confirm_scratch_destroy(struct confirm_scratch *scratch)
{
    pcre2_match_context_free(scratch->context);
    pcre2_match_data_free(scratch->match_data);
    pcre2_jit_stack_free(scratch->jit_stack);
    *scratch = (struct confirm_scratch){0};
}

void confirm_begin(struct confirm_scratch *scratch, uint32_t text_size)
{
    scratch->steps = 0;
    scratch->deadline_ns = 0;
    scratch->processor_deadline_ns = 0;
    scratch->over = false;
    if (text_size >= CONFIRM_CLOCK_TEXT_BYTES)
        start_clock(scratch);
}

bool confirm_has_time(struct confirm_scratch *scratch)
{
    return confirm_spend(scratch, CONFIRM_CLOCK_STEPS);
}

static void explain(struct pattern_error *error, int code, size_t offset)
{
    char reason[120];
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    error->at = (uint32_t)offset;
    (void)snprintf(error->text, sizeof error->text, "PCRE2 refuses the pattern: %s", reason);
}

/* With callouts the JIT of PCRE2 10.42 must not optimize the start: what it remembers of a
 * repetition that failed before, it then believes of another one, and (?:ba|b)\w*(?C1)a b misses
 * "ba b". */
static pcre2_code *compile(const char *text, size_t size, bool original,
                           pcre2_compile_context *context, int *code, size_t *offset)
{
    uint32_t options = PCRE2_USE_OFFSET_LIMIT;
    if (memmem(text, size, CALLOUT, strlen(CALLOUT)))
        options |= PCRE2_NO_START_OPTIMIZE;
    if (original)
        options |= PCRE2_UTF | PCRE2_UCP;
    return pcre2_compile((PCRE2_SPTR)text, size, options, code, offset, context);
}

/* The author's own text must be good for PCRE2, and so must what the tree prints. */
static enum redress_status compile_both(const struct pattern *pattern,
                                        const struct pattern_text *printed,
                                        pcre2_compile_context *context, struct confirm_code *out,
                                        struct pattern_error *error)
{
    int code = 0;
    size_t offset = 0;
    if (pattern->original) {
        pcre2_code *own = compile(pattern->text, pattern->size, true, context, &code, &offset);
        if (!own) {
            explain(error, code, offset);
            return STATUS_INVALID;
        }
        pcre2_code_free(own);
    }
    out->code = compile(printed->data, printed->size, pattern->original, context, &code, &offset);
    if (!out->code) {
        explain(error, code, 0); /* the offset is one of the printed pattern */
        return code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY ? STATUS_MEMORY
                                                                               : STATUS_INVALID;
    }
    /* Without JIT (a kernel that forbids writable code) the interpreter gives the same answers. */
    bool jit = pcre2_jit_compile(out->code, PCRE2_JIT_COMPLETE) == 0;
    out->fast = jit && !pattern->original;
    return STATUS_OK;
}

enum redress_status confirm_compile(const struct pattern *pattern, const uint8_t *tables,
                                    struct confirm_code *out, struct pattern_error *error)
{
    *out = (struct confirm_code){.original = pattern->original};
    double quiet = pattern_quiet_steps(pattern);
    if (quiet > CONFIRM_QUIET_STEPS_MAX) {
        *error = (struct pattern_error){.at = 0};
        (void)snprintf(error->text, sizeof error->text,
                       "its repetitions could be combined in more than %d ways at one place: use "
                       "fewer optional parts, or possessive ones (a?+)",
                       CONFIRM_QUIET_STEPS_MAX);
        return STATUS_INVALID;
    }
    out->quiet_steps = (uint32_t)quiet + 1;
    struct pattern_text printed;
    enum redress_status status = pattern_print(pattern, true, &printed);
    if (status != STATUS_OK)
        return status;
    pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
    pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
    status = STATUS_MEMORY;
    if (context) {
        pcre2_set_newline(context, PCRE2_NEWLINE_LF);
        if (!pattern->original)
            pcre2_set_character_tables(context, tables);
        status = compile_both(pattern, &printed, context, out, error);
    }
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
    pattern_text_free(&printed);
    return status;
}

void confirm_free(struct confirm_code *code)
{
    pcre2_code_free(code->code);
    *code = (struct confirm_code){0};
}

/* Behind the last start offset of the slice that begins at `start`; never inside a character. */
static uint32_t slice_end(const struct confirm_code *code, const struct confirm_subject *subject,
                          uint32_t start, uint32_t stop)
{
    uint32_t count = CONFIRM_SLICE_STEPS / code->quiet_steps;
    uint32_t end = stop - start <= count ? stop : start + count;
    while (code->original && end < stop && (subject->bytes[end] & 0xC0) == 0x80)
        end++;
    return end;
}

static int try_slice(const struct confirm_code *code, const struct confirm_scratch *scratch,
                     const struct confirm_subject *subject, uint32_t start)
{
    /* pcre2_match() would find the JIT code again and check what was checked when it was made. */
    if (code->fast)
        return pcre2_jit_match(code->code, subject->bytes, subject->size, start, 0,
                               scratch->match_data, scratch->context);
    /* PCRE2 checks the text's UTF-8 once, with the first slice. */
    uint32_t options = code->original && start > 0 ? PCRE2_NO_UTF_CHECK : 0;
    return pcre2_match(code->code, subject->bytes, subject->size, start, options,
                       scratch->match_data, scratch->context);
}

enum confirm_answer confirm_match(const struct confirm_code *code, struct confirm_scratch *scratch,
                                  const struct confirm_subject *subject, struct confirm_span *span)
{
    if (scratch->over)
        return CONFIRM_UNDECIDED;
    uint32_t stop = subject->last < subject->size ? subject->last + 1 : subject->size;
    for (uint32_t start = subject->first; start < stop;) {
        uint32_t end = slice_end(code, subject, start, stop);
        pcre2_set_offset_limit(scratch->context, end - 1);
        scratch->callout_position = start;
        int found = try_slice(code, scratch, subject, start);
        if (found >= 0) {
            const size_t *offsets = pcre2_get_ovector_pointer(scratch->match_data);
            *span = (struct confirm_span){(uint32_t)offsets[0], (uint32_t)offsets[1]};
            /* What is left of the budget is the next call's concern. */
            (void)confirm_spend(scratch, (uint64_t)(span->start - start + 1) * code->quiet_steps);
            return CONFIRM_YES;
        }
        if (found != PCRE2_ERROR_NOMATCH)
            return CONFIRM_UNDECIDED;
        uint64_t steps = (uint64_t)(end - start) * code->quiet_steps;
        start = end;
        if (!confirm_spend(scratch, steps) && start < stop)
            return CONFIRM_UNDECIDED;
    }
    return CONFIRM_NO;
}
