/*
 * Goal:   a word index names every literal that stands in a text, and no other.
 * Method: random literals of few words, so that hundreds share one key and differ only in what
 *         stands beside it, near and far; random texts of the same words, read through a view.
 *         A plain search at every byte says what must be found, by the literal's edges, and what
 *         may be. The seed comes from REDRESS_SEED and is printed.
 */
#include "classify/pattern/pattern_literals.h"
#include "classify/match/word_index.h"

#include "support/matching.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LITERALS = 600, TEXTS = 60, TEXT_WORDS = 400, PLACES_MAX = 1 << 18, WORDS_MAX = 4 };

static const char *const vocabulary[] = {"a",         "i",
                                         "my",        "no",
                                         "not",       "pay",
                                         "paid",      "payment",
                                         "back",      "money",
                                         "refund",    "refunded",
                                         "customers", "custody",
                                         "service",   "disservice",
                                         "pays",      "ay",
                                         "backed",    "bank",
                                         "bankrupt",  "customerservice"};
enum { VOCABULARY = sizeof vocabulary / sizeof vocabulary[0] };

struct literal {
    char bytes[PATTERN_LITERAL_BYTES_MAX + 1];
    uint32_t size;
    uint32_t edges;
};

static struct literal literals[LITERALS];
static struct word_addition additions[LITERALS];
static struct word_choice choices[LITERALS];
static uint8_t stock[LITERALS * PATTERN_LITERAL_BYTES_MAX];
static struct word_hit found[PLACES_MAX];
static uint32_t found_count;
static struct padded_text text;
static uint64_t state;

static uint32_t below(uint32_t count)
{
    return random_below(&state, count);
}

static uint32_t write_words(char *out, size_t room, uint32_t words)
{
    size_t size = 0;
    for (uint32_t i = 0; i < words && size + 20 < room; i++)
        size += (size_t)snprintf(out + size, room - size, "%s%s", i ? " " : "",
                                 vocabulary[below(VOCABULARY)]);
    return (uint32_t)size;
}

/* One of four has an open end, and some begin or end within a word. */
static struct word_anchor make_literal(const struct word_counts *counts, struct literal *out)
{
    for (;;) {
        out->size = write_words(out->bytes, sizeof out->bytes, 1 + below(WORDS_MAX));
        uint32_t cut = below(8) == 0 && out->size > 6 ? 1 + below(2) : 0;
        out->size -= cut;
        memmove(out->bytes, out->bytes + cut, out->size);
        out->edges = below(4) ? PATTERN_EDGES : below(PATTERN_EDGES);
        struct word_anchor anchor =
            word_anchor_choose(counts, (const uint8_t *)out->bytes, out->size, out->edges);
        if (anchor.kind != WORD_ANCHOR_NONE)
            return anchor;
    }
}

static void build(struct word_index *index)
{
    struct word_counts counts;
    uint32_t used = 0;
    assert_int_equal(word_counts_init(&counts), STATUS_OK);
    word_counts_read(&counts, "money back no not", strlen("money back no not"));
    for (uint32_t i = 0; i < LITERALS; i++) {
        struct word_anchor anchor = make_literal(&counts, &literals[i]);
        const uint8_t *bytes = (const uint8_t *)literals[i].bytes;
        additions[i] = word_addition_of(anchor, bytes, literals[i].size, used);
        choices[i] = (struct word_choice){.addition = i, .literal = i};
        memcpy(stock + used, bytes, literals[i].size);
        used += literals[i].size;
    }
    word_counts_destroy(&counts);
    assert_int_equal(word_index_build(index, stock, additions, choices, LITERALS), STATUS_OK);
}

static void keep_hits(void *user, const struct word_hit *hits, uint32_t count)
{
    (void)user;
    assert_true(count <= WORD_HITS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(found_count < PLACES_MAX);
        found[found_count++] = hits[i];
    }
}

static bool is_edge(const uint8_t *at)
{
    return view_is_word(*at) != view_is_word(*(at - 1));
}

static bool was_found(uint32_t literal, uint32_t start)
{
    for (uint32_t i = 0; i < found_count; i++)
        if (found[i].literal == literal && found[i].start == start)
            return true;
    return false;
}

static void expect_all_that_stand(const struct view *view)
{
    for (uint32_t i = 0; i < LITERALS; i++) {
        const struct literal *literal = &literals[i];
        for (uint32_t at = 0; at + literal->size <= view->size; at++) {
            const uint8_t *begin = view->bytes + at;
            bool stands =
                memcmp(begin, literal->bytes, literal->size) == 0 &&
                (!(literal->edges & PATTERN_EDGE_BEFORE) || is_edge(begin)) &&
                (!(literal->edges & PATTERN_EDGE_BEHIND) || is_edge(begin + literal->size));
            if (stands && !was_found(i, at))
                fail_msg("\"%s\" at %u was not found", literal->bytes, at);
        }
    }
}

static void expect_no_others(const struct view *view)
{
    for (uint32_t i = 0; i < found_count; i++) {
        const struct literal *literal = &literals[found[i].literal];
        assert_int_equal(found[i].end - found[i].start, literal->size);
        assert_true(found[i].end <= view->size);
        assert_memory_equal(view->bytes + found[i].start, literal->bytes, literal->size);
    }
}

static void read_text(const struct word_index *index, struct view *view)
{
    static char bytes[TEXT_WORDS * 24];
    static struct word_place words[sizeof bytes];
    static struct word_presence presence;
    uint32_t size = write_words(bytes, sizeof bytes, 1 + below(TEXT_WORDS));
    padded(&text, bytes, size);
    view_fold(view, text.slice);
    uint32_t count = word_index_read(index, view, &presence, words);
    found_count = 0;
    word_index_scan(index, view, words, count, &(struct word_listener){keep_hits, NULL});
}

static void every_literal_that_stands_is_found_and_no_other(void **unused)
{
    (void)unused;
    const char *chosen = getenv("REDRESS_SEED");
    uint64_t seed = chosen ? strtoull(chosen, NULL, 10) : 11;
    struct word_index index;
    struct view view;
    uint64_t hits = 0;
    state = seed;
    print_message("seed %llu\n", (unsigned long long)seed);
    build(&index);
    assert_int_equal(view_init(&view, MESSAGE_TEXT_BYTES_MAX), STATUS_OK);
    for (uint32_t i = 0; i < TEXTS; i++) {
        read_text(&index, &view);
        expect_all_that_stand(&view);
        expect_no_others(&view);
        hits += found_count;
    }
    assert_true(hits > 1000);
    view_destroy(&view);
    word_index_destroy(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_literal_that_stands_is_found_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
