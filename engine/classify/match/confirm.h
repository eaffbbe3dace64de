/**
 * PCRE2's word on one pattern, within one budget of time for the whole message.
 *
 * match_limit starts anew at each start offset and PCRE2's JIT does not count the steps of a plain
 * repetition, so neither bounds the time. Two things together do:
 *   - start offsets are tried in slices (PCRE2_USE_OFFSET_LIMIT), each of at most
 *     CONFIRM_SLICE_STEPS estimated steps;
 *   - a callout behind every repetition that could be retried often counts the retries.
 * The clock is read only after CONFIRM_CLOCK_STEPS steps. It is wall time at first, without a
 * system call, and this thread's processor time for what outlives half the budget, so that a
 * preempted worker does not run out.
 *
 * Threads: a code is immutable and shared; a confirm_scratch serves one thread.
 */
#ifndef REDRESS_CLASSIFY_MATCH_CONFIRM_H
#define REDRESS_CLASSIFY_MATCH_CONFIRM_H

#include "classify/pattern/pattern.h"
#include "classify/pattern/pcre2.h"

#if defined(__SANITIZE_THREAD__)
enum { CONFIRM_BUDGET_SCALE = 10 }; /* about what ThreadSanitizer costs */
#elif defined(__SANITIZE_ADDRESS__)
enum { CONFIRM_BUDGET_SCALE = 3 };
#else
enum { CONFIRM_BUDGET_SCALE = 1 };
#endif

enum {
    /* Half of the 20 ms that 64 KB of hostile text may take; the rest is for folding, the scan and
     * the last slice, which runs to its end. */
    CONFIRM_BUDGET_US = 10 * 1000 * CONFIRM_BUDGET_SCALE,
    CONFIRM_SLICE_STEPS = 1 << 20, /* one or two milliseconds at worst */
    CONFIRM_CLOCK_STEPS = 1 << 18,
    CONFIRM_CLOCK_TEXT_BYTES = 8 * 1024, /* from this size on the clock runs before the scan */
    CONFIRM_QUIET_STEPS_MAX = 50 * 1000, /* a costlier pattern is refused when it is loaded */
    CONFIRM_MATCH_LIMIT = 1000 * 1000,   /* of PCRE2, at one start offset */
    CONFIRM_JIT_STACK_BYTES_MIN = 32 * 1024,
    CONFIRM_JIT_STACK_BYTES_MAX = 1024 * 1024
};

enum confirm_answer { CONFIRM_NO, CONFIRM_YES, CONFIRM_UNDECIDED };

struct confirm_code {
    pcre2_code *code;
    uint32_t quiet_steps; /* at one start offset, callouts apart */
    bool original;
    bool fast; /* JIT code over the view: called directly */
};

struct confirm_scratch {
    pcre2_match_context *context;
    pcre2_match_data *match_data;
    pcre2_jit_stack *jit_stack;
    uint64_t steps;       /* since the clock was read */
    uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0 before the clock was read */
    uint64_t
        processor_deadline_ns; /* this thread's processor time; 0 before the first half is over */
    uint64_t callout_position;
    bool over;
};

struct confirm_span {
    uint32_t start;
    uint32_t end;
};

/**
 * Compiles a parsed pattern; `tables` must outlive the code. STATUS_INVALID with *error where PCRE2
 * refuses it or it could cost too much; STATUS_MEMORY.
 */
NODISCARD enum redress_status confirm_compile(const struct pattern *pattern, const uint8_t *tables,
                                              struct confirm_code *out,
                                              struct pattern_error *error);
void confirm_free(struct confirm_code *code);

NODISCARD enum redress_status confirm_scratch_init(struct confirm_scratch *scratch);
void confirm_scratch_destroy(struct confirm_scratch *scratch);

/** Before each message: the budget is whole again. A large text's folding and scan count, too. */
void confirm_begin(struct confirm_scratch *scratch, uint32_t text_size);

/** For a large text: false once its budget is over, which confirm_match() then knows, too. */
bool confirm_has_time(struct confirm_scratch *scratch);

/** Takes so many steps from the budget; false once it is over. */
bool confirm_spend(struct confirm_scratch *scratch, uint64_t steps);

struct confirm_subject {
    const uint8_t *bytes;
    const uint64_t *words; /* of a view, as it has them; PCRE2 needs none */
    uint32_t size;
    uint32_t first; /* a match may only begin from here ... */
    uint32_t last;  /* ... to here; UINT32_MAX for the end */
};

/** The leftmost match, or CONFIRM_UNDECIDED where a limit stopped the search. Allocates nothing. */
enum confirm_answer confirm_match(const struct confirm_code *code, struct confirm_scratch *scratch,
                                  const struct confirm_subject *subject, struct confirm_span *span);

#endif
