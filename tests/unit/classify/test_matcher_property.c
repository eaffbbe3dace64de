/*
 * Goal:   the matcher finds exactly what a plain loop of PCRE2 over the same view finds, and on
 *         ASCII alone exactly what PCRE2 finds with the author's own pattern, caseless.
 * Method: random patterns of the tree's grammar in batches, each batch against random texts; hits
 * and spans are compared rule by rule, some rules having several patterns. The number of pairs
 *         comes from REDRESS_PROPERTY_PAIRS, the seed from REDRESS_SEED; both are printed.
 */
#include "support/matching.h"
#include "support/pattern_generator.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

enum { BATCH_PATTERNS = 40, BATCH_TEXTS = 50, PAIRS_DEFAULT = 30000, TEXT_BYTES = 1024 };

struct batch {
    char texts[BATCH_PATTERNS][1024];
    struct matcher_pattern patterns[BATCH_PATTERNS];
    bool odd[BATCH_PATTERNS]; /* PCRE2 disagrees with itself about it */
    uint32_t count;
    uint32_t rule_count;
};

static struct error_list errors;
static struct padded_text text;
static uint64_t self_disagreements; /* patterns */

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value ? strtoull(value, NULL, 10) : otherwise;
}

/* True where the parser takes the pattern. */
static bool is_accepted(const struct matcher_pattern *pattern)
{
    struct matcher *matcher;
    errors.count = 0;
    struct matcher_pattern alone = *pattern;
    alone.rule_index = 0;
    enum redress_status status = matcher_create(&alone, 1, 1, &errors, &matcher);
    if (status == STATUS_OK)
        matcher_free(matcher);
    return status == STATUS_OK;
}

/* How often more than once the letter before a quantifier has to stand: "{2,}" says 1, "?" -1. */
static int more_letters(const char *quantifier)
{
    if (*quantifier == '{')
        return quantifier[1] - '1';
    return *quantifier == '?' || *quantifier == '*' ? -1 : 0;
}

static const char *behind_quantifier(const char *at)
{
    if (*at == '{')
        at = strchr(at, '}') + 1;
    return at + strspn(at, "?*+");
}

/* A letter that a pattern wants three times, as "bbb" and "b{2,}b" do, is wanted twice in the view,
 * which is less than PCRE2 reads in it. */
static bool has_stretch(const struct generator *generator)
{
    int count = 0;
    char letter = '\0';
    for (const char *at = generator->text; *at;) {
        bool same = (*at | 0x20) == letter;
        letter = (char)(*at | 0x20);
        at++;
        count = (same ? count : 0) + 1 + (strchr("{?*+", *at) && *at ? more_letters(at) : 0);
        at = behind_quantifier(at);
        if (count > 2)
            return true;
    }
    return false;
}

static void fill_batch(struct generator *generator, struct batch *batch, bool ascii)
{
    /* Few patterns run on other engines of the scan than many do. */
    uint32_t size =
        generator_below(generator, 4) ? BATCH_PATTERNS : 1 + generator_below(generator, 3);
    uint32_t per_rule = 1 + generator_below(generator, 3);
    batch->count = 0;
    memset(batch->odd, 0, sizeof batch->odd);
    while (batch->count < size) {
        generate_pattern(generator, ascii);
        char *copy = batch->texts[batch->count];
        memcpy(copy, generator->text, generator->size + 1);
        struct matcher_pattern pattern = pattern_of(copy, batch->count / per_rule);
        pattern.original = !ascii && generator_below(generator, 8) == 0;
        if (!is_accepted(&pattern) || (ascii && has_stretch(generator)))
            continue;
        batch->patterns[batch->count++] = pattern;
    }
    batch->rule_count = (batch->count - 1) / per_rule + 1;
}

static void complain(const struct batch *batch, uint32_t rule, const struct match_outcome *found,
                     const struct match_outcome *wanted)
{
    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->patterns[i].rule_index == rule)
            print_message("pattern %s%s\n", batch->texts[i],
                          batch->patterns[i].original ? " (original)" : "");
    print_message("text    \"%.*s\"\n", (int)text.slice.size, text.slice.data);
    for (uint32_t i = 0; i < found->hit_count; i++)
        if (found->hits[i].rule_index == rule)
            print_message("found  %u-%u\n", found->hits[i].view_start, found->hits[i].view_end);
    for (uint32_t i = 0; i < wanted->hit_count; i++)
        if (wanted->hits[i].rule_index == rule)
            print_message("wanted %u-%u\n", wanted->hits[i].view_start, wanted->hits[i].view_end);
}

/* The JIT of PCRE2 10.42 has rare bugs with atomic groups and possessive repetitions: it finds what
 * the interpreter does not. Then the interpreter has the last word: the matcher must say the same.
 */
static bool pcre2_disagrees_with_itself(struct reference *reference,
                                        const struct match_outcome *found, uint32_t rule)
{
    struct match_outcome interpreted;
    uint32_t differs = UINT32_MAX;
    reference_interpret(reference, true);
    (void)!reference_match(reference, text.slice, 0, &interpreted);
    reference_interpret(reference, false);
    bool itself = outcomes_agree(found, &interpreted, &differs) || differs != rule;
    print_message("PCRE2's JIT and its interpreter %s\n", itself ? "disagree" : "agree");
    return itself;
}

/* The view shortens a letter that stands three times, which the author's own pattern does not see.
 */
static void break_runs(char *bytes, size_t size)
{
    for (size_t i = 2; i < size; i++)
        if ((bytes[i] | 32) == (bytes[i - 1] | 32) && (bytes[i] | 32) == (bytes[i - 2] | 32))
            bytes[i] = '-';
}

static uint64_t run_batch(struct generator *generator, struct batch *batch, bool ascii,
                          uint64_t *pairs)
{
    struct matcher *matcher;
    struct matcher_scratch *scratch;
    struct reference *reference;
    uint64_t hits = 0;
    fill_batch(generator, batch, ascii);
    errors.count = 0;
    assert_int_equal(
        matcher_create(batch->patterns, batch->count, batch->rule_count, &errors, &matcher),
        STATUS_OK);
    assert_int_equal(matcher_scratch_create(matcher, &scratch), STATUS_OK);
    enum reference_kind kind = ascii ? REFERENCE_ORIGINAL : REFERENCE_VIEW;
    assert_int_equal(reference_create(batch->patterns, batch->count, batch->rule_count, kind,
                                      &errors, &reference),
                     STATUS_OK);
    for (int i = 0; i < BATCH_TEXTS; i++) {
        char bytes[TEXT_BYTES];
        struct match_outcome found;
        struct match_outcome wanted;
        uint32_t rule = 0;
        size_t size = generate_text(generator, ascii, bytes, sizeof bytes);
        if (ascii)
            break_runs(bytes, size);
        padded(&text, bytes, size);
        (void)!matcher_match(matcher, scratch, text.slice, 0, &found);
        (void)!reference_match(reference, text.slice, 0, &wanted);
        hits += found.hit_count;
        if (outcomes_agree(&found, &wanted, &rule))
            continue;
        complain(batch, rule, &found, &wanted);
        assert_true(pcre2_disagrees_with_itself(reference, &found, rule));
        self_disagreements += !batch->odd[rule];
        batch->odd[rule] = true;
    }
    reference_free(reference);
    matcher_scratch_free(scratch);
    matcher_free(matcher);
    *pairs += (uint64_t)batch->count * BATCH_TEXTS;
    return hits;
}

static void matcher_equals(bool ascii)
{
    uint64_t pairs = setting("REDRESS_PROPERTY_PAIRS", PAIRS_DEFAULT) / 2;
    uint64_t seed = setting("REDRESS_SEED", 7042);
    struct generator generator = {.state = seed * 2654435761u + ascii + 1};
    struct batch *batch = memory_allocate(sizeof *batch);
    assert_non_null(batch);
    uint64_t done = 0;
    uint64_t hits = 0;
    while (done < pairs)
        hits += run_batch(&generator, batch, ascii, &done);
    print_message("seed %llu: %llu pairs, %llu matches\n", (unsigned long long)seed,
                  (unsigned long long)done, (unsigned long long)hits);
    assert_true(hits > done / 50 && hits < done * 2);
    assert_true(self_disagreements <= 1 + done / 100000);
    memory_free(batch);
}

static void matcher_equals_the_plain_loop_over_the_view(void **state)
{
    (void)state;
    matcher_equals(false);
}

static void matcher_equals_pcre2_on_ascii(void **state)
{
    (void)state;
    matcher_equals(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matcher_equals_the_plain_loop_over_the_view),
        cmocka_unit_test(matcher_equals_pcre2_on_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
