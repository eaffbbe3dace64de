/**
 * Patterns that blow up: each is timed on hostile text made from itself.
 *
 *   for each repetition  what stands before it, then it alone, again and again
 *   for the whole        a match without its last character, again and again
 *   behind each          every character of the pattern, so that no shortcut of PCRE2's spares the
 *                        search, and once with and once without the literals that our scan looks
 *                        for, which may make a match of it
 *
 * The engine's own search runs over it at all start offsets. What a short text already shows to be
 * fast is left at that; the others are timed at doubling lengths, of three runs the fastest.
 */
#include "workbench/lint.h"

#include "workbench/pattern_sample.h"

#include "classify/pattern/character_tables.h"
#include "classify/match/confirm.h"
#include "classify/pattern/pattern_exact.h"
#include "classify/pattern/pattern_ways.h"

#include "base/clock.h"
#include "base/memory.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    SCREEN_BYTES = 1024,
    SCREEN_NS = 75 * NS_PER_US, /* 73 ns a byte: quadratic growth takes half a millisecond here */
    SHORTEST_BYTES = 1024,
    LENGTHS = 4, /* each twice the one before */
    ROUNDS = 3,
    PUMPS_MAX = 16, /* repetitions of a pattern that are tried, the first ones */
    TEXT_BYTES_MAX = MESSAGE_TEXT_BYTES_MAX,
    UNDECIDED_NS = -1
};

/* From the shortest to the longest text the time may grow by this factor for each doubling: twice
 * is linear, four times quadratic. */
#define GROWTH_MAX 2.8

struct grower {
    struct lint *lint;
    struct character_tables tables;
    struct confirm_scratch confirm;
    struct view view;
    struct pattern_exact exact;
    struct pattern_ways ways;
    char text[TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES];
    char sample[LINT_TEXT_BYTES];
    char tail[LINT_TEXT_BYTES];
};

/* One pattern, and the hostile text that is being made from it. */
struct hostile {
    const struct pattern *pattern;
    const struct confirm_code *code;
    uint32_t pump; /* node; PATTERN_SAMPLE_NONE: the whole */
};

static void put_apart(struct pattern_sample *tail, const uint8_t *bytes, uint32_t size)
{
    for (const char *mark = " ! "; *mark; mark++)
        (void)pattern_sample_put_byte(tail, (uint8_t)*mark);
    for (uint32_t at = 0; at < size; at++)
        (void)pattern_sample_put_byte(tail, bytes[at]);
}

static void put_literals(struct grower *grower, struct pattern_sample *tail)
{
    pattern_find_ways(tail->pattern, &grower->ways);
    for (uint32_t way = 0; way < grower->ways.count; way++)
        for (uint32_t set = 0; set < grower->ways.items[way].set_count; set++)
            put_apart(tail, grower->ways.items[way].sets[set].items[0].bytes,
                      grower->ways.items[way].sets[set].items[0].size);
}

/* A character of the pattern, as a text has it: over the original its case counts. */
static void put_literal(struct pattern_sample *tail, const struct pattern_node *node,
                        struct byte_set *seen)
{
    uint8_t bytes[VIEW_FOLD_BYTES_MAX];
    if (tail->pattern->original) {
        put_apart(tail, NULL, 0);
        pattern_sample_put(tail, node->code_point);
    } else if (pattern_literal_bytes(node, bytes) == 1 && !byte_set_has(seen, bytes[0])) {
        byte_set_add(seen, bytes[0]);
        put_apart(tail, bytes, 1);
    }
}

static void write_tail(struct grower *grower, const struct pattern *pattern, bool literals)
{
    struct pattern_sample tail = {
        .pattern = pattern, .text = grower->tail, .room = sizeof grower->tail};
    struct byte_set seen = {0};
    tail.text[0] = 0;
    if (literals)
        put_literals(grower, &tail);
    for (uint32_t node = 1; node < pattern->node_count; node++)
        if (pattern->nodes[node].kind == PATTERN_LITERAL)
            put_literal(&tail, &pattern->nodes[node], &seen);
}

static bool write_whole(struct grower *grower, const struct pattern *pattern, uint32_t bytes,
                        uint32_t *size)
{
    struct pattern_sample sample;
    if (!pattern_sample_first(&sample, pattern, grower->sample, sizeof grower->sample))
        return false;
    uint32_t piece =
        (uint32_t)utf8_cut(grower->sample, sample.size, sample.size ? sample.size - 1 : 0);
    for (*size = 0; piece > 0 && *size < bytes && *size + piece < TEXT_BYTES_MAX; *size += piece)
        memcpy(grower->text + *size, grower->sample, piece);
    return piece > 0;
}

/* False where no such text can be made. */
static bool write_text(struct grower *grower, const struct hostile *hostile, uint32_t bytes,
                       uint32_t *size)
{
    struct pattern_sample sample;
    size_t tail = strlen(grower->tail);
    if (hostile->pump == PATTERN_SAMPLE_NONE) {
        if (!write_whole(grower, hostile->pattern, bytes, size))
            return false;
    } else {
        if (!pattern_sample_pump(&sample, hostile->pattern, hostile->pump, grower->text,
                                 TEXT_BYTES_MAX, bytes))
            return false;
        *size = sample.size;
    }
    if (*size + tail > TEXT_BYTES_MAX)
        return false;
    memcpy(grower->text + *size, grower->tail, tail);
    *size += (uint32_t)tail;
    memset(grower->text + *size, 0, MESSAGE_PADDING_BYTES);
    return true;
}

/* UNDECIDED_NS where a limit stopped the search; 0 where there is no such text. */
static int64_t time_once(struct grower *grower, const struct hostile *hostile, uint32_t bytes)
{
    uint32_t size = 0;
    struct confirm_span span;
    if (!write_text(grower, hostile, bytes, &size))
        return 0;
    struct confirm_subject subject = {
        .bytes = (const uint8_t *)grower->text, .size = size, .last = UINT32_MAX};
    if (!hostile->pattern->original) {
        view_fold(&grower->view, (struct slice){grower->text, size});
        subject.bytes = grower->view.bytes;
        subject.size = grower->view.size;
    }
    confirm_begin(&grower->confirm, subject.size);
    uint64_t start_ns = clock_processor_ns();
    enum confirm_answer answer = confirm_match(hostile->code, &grower->confirm, &subject, &span);
    int64_t took_ns = (int64_t)(clock_processor_ns() - start_ns);
    return answer == CONFIRM_UNDECIDED ? UNDECIDED_NS : took_ns + 1;
}

static int64_t time_best(struct grower *grower, const struct hostile *hostile, uint32_t bytes)
{
    int64_t best_ns = time_once(grower, hostile, bytes);
    for (unsigned round = 1; round < ROUNDS && best_ns > 0; round++) {
        int64_t took_ns = time_once(grower, hostile, bytes);
        best_ns = took_ns == UNDECIDED_NS || took_ns < best_ns ? took_ns : best_ns;
    }
    return best_ns;
}

static double growth_limit(void)
{
    double limit = 1;
    for (unsigned step = 1; step < LENGTHS; step++)
        limit *= GROWTH_MAX;
    return limit;
}

/* What the hostile text shows, as text; "" where it shows nothing. */
static void judge(struct grower *grower, const struct hostile *hostile, char *out, size_t out_size)
{
    int64_t took_ns[LENGTHS];
    uint32_t longest = SHORTEST_BYTES << (LENGTHS - 1);
    out[0] = 0;
    for (unsigned length = 0; length < LENGTHS; length++) {
        took_ns[length] = time_best(grower, hostile, (uint32_t)SHORTEST_BYTES << length);
        if (took_ns[length] == 0)
            return;
        if (took_ns[length] == UNDECIDED_NS) {
            snprintf(out, out_size, "a text of %u bytes is over the budget of a message",
                     (unsigned)SHORTEST_BYTES << length);
            return;
        }
    }
    double growth = (double)took_ns[LENGTHS - 1] / (double)took_ns[0];
    int64_t whole_ns = took_ns[LENGTHS - 1] * (TEXT_BYTES_MAX / longest);
    if (growth > growth_limit())
        snprintf(out, out_size, "a text %u times as long takes %.0f times the time",
                 longest / SHORTEST_BYTES, growth);
    else if (whole_ns > (int64_t)CONFIRM_BUDGET_US * NS_PER_US)
        snprintf(out, out_size, "a text of %u KB takes %lld ms, more than a message has",
                 TEXT_BYTES_MAX / 1024, (long long)(whole_ns / NS_PER_MS));
}

static void report(struct grower *grower, const struct rule_entry *entry,
                   const struct hostile *hostile, const char *found)
{
    char name[LINT_NAME_BYTES];
    const struct pattern *pattern = hostile->pattern;
    const struct pattern_node *node = &pattern->nodes[hostile->pump];
    bool whole = hostile->pump == PATTERN_SAMPLE_NONE || entry->pattern->entry;
    lint_add(grower->lint->errors, entry, whole ? 0 : node->at,
             "%.*s blows up: %s; bound the repetition ({0,20}), make it possessive (++) or begin "
             "it at a word's edge (\\b)",
             whole ? (int)LINT_NAME_BYTES : (int)node->size,
             whole ? lint_name(entry, name) : pattern->text + node->at, found);
}

/* True where the text shows that the pattern blows up; it is told once, for the worst text seen. */
static bool try_text(struct grower *grower, const struct rule_entry *entry,
                     const struct hostile *hostile)
{
    char found[100];
    int64_t screen_ns = time_once(grower, hostile, SCREEN_BYTES);
    if (screen_ns != UNDECIDED_NS && screen_ns <= SCREEN_NS)
        return false;
    judge(grower, hostile, found, sizeof found);
    if (!found[0])
        return false;
    report(grower, entry, hostile, found);
    return true;
}

/* With one tail behind the text. */
static bool check_pumps(struct grower *grower, const struct rule_entry *entry,
                        const struct pattern *pattern, const struct confirm_code *code)
{
    unsigned pumps = 0;
    for (uint32_t node = 1; node < pattern->node_count && pumps < PUMPS_MAX; node++) {
        if (pattern->nodes[node].kind != PATTERN_REPEAT || pattern->nodes[node].max < 2)
            continue;
        pumps++;
        if (try_text(grower, entry, &(struct hostile){pattern, code, node}))
            return true;
    }
    return pumps > 0 &&
           try_text(grower, entry, &(struct hostile){pattern, code, PATTERN_SAMPLE_NONE});
}

static void check_compiled(struct grower *grower, const struct rule_entry *entry,
                           const struct pattern *pattern, const struct confirm_code *code)
{
    write_tail(grower, pattern, false);
    /* What words are written as has no shortcut that a literal alone would take. */
    if (check_pumps(grower, entry, pattern, code) || entry->pattern->entry)
        return;
    write_tail(grower, pattern, true);
    (void)check_pumps(grower, entry, pattern, code);
}

/* Exact ones are matched by the scan alone, in one pass whatever the text. */
static enum redress_status check_entry(struct grower *grower, const struct rule_entry *entry)
{
    bool original = grower->lint->rule_set->pack.rules[entry->rule_index].original;
    struct pattern pattern;
    struct pattern_error error;
    struct confirm_code code;
    enum redress_status status =
        pattern_parse(entry->pattern->text, entry->pattern->size, original, &pattern, &error);
    if (status != STATUS_OK)
        return status == STATUS_MEMORY ? status : STATUS_OK;
    if (!pattern_find_exact(&pattern, &grower->exact)) {
        status = confirm_compile(&pattern, grower->tables.bytes, &code, &error);
        if (status == STATUS_OK)
            check_compiled(grower, entry, &pattern, &code);
        confirm_free(&code);
    }
    pattern_free(&pattern);
    return status == STATUS_MEMORY ? status : STATUS_OK;
}

enum redress_status lint_check_growth(struct lint *lint)
{
    struct grower *grower = memory_allocate(sizeof *grower);
    if (!grower)
        return STATUS_MEMORY;
    grower->lint = lint;
    character_tables_fill(&grower->tables);
    enum redress_status status = confirm_scratch_init(&grower->confirm);
    if (status == STATUS_OK)
        status = view_init(&grower->view, TEXT_BYTES_MAX);
    for (uint32_t index = 0; status == STATUS_OK && index < lint->probe.entry_count; index++)
        status = check_entry(grower, &lint->probe.entries[index]);
    view_destroy(&grower->view);
    confirm_scratch_destroy(&grower->confirm);
    memory_free(grower);
    return status;
}
