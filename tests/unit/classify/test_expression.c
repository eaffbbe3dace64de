/**
 * Conditions: what they mean (against values worked out by hand), where their errors stand, and
 * that random ones agree with a second evaluator that works on the text.
 */
#include "classify/pack/expression.h"

#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct channel_names channels;
static struct arena arena;

static enum redress_status parse(const char *text, struct error_list *errors,
                                 struct expression *out)
{
    const struct expression_source source = {.text = text, .file = "f", .line = 3, .column = 7};
    *errors = (struct error_list){0};
    return expression_parse(&source, &arena, &channels, errors, out);
}

static void conditions_mean_what_they_say(void **state)
{
    (void)state;
    static struct error_list errors;
    const struct recurrence history = {
        .scope = HISTORY_PARTIAL, .complaints_7d = 2, .repeat = true};
    const struct facts facts = {.traits = 1u << TRAIT_LOSS | 1u << TRAIT_FRAUD,
                                .categories = 1u << CATEGORY_FRAUD,
                                .severity = SEVERITY_SERIOUS,
                                .language = LANGUAGE_PL,
                                .announced = 1u << TRAIT_LEGAL,
                                .done = 1u << TRAIT_REGULATOR,
                                .values = {.duration_s = 14 * 86400, .money_eur = 80, .count = 3},
                                .score = 1.5f,
                                .recurrence = &history};
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        {"trait.loss", true},
        {"trait.legal", false},
        {"not trait.legal and category.fraud", true},
        {"trait.legal or trait.loss and trait.fraud", true},
        {"(trait.legal or trait.loss) and trait.safety", false},
        {"not (trait.legal or trait.loss)", false},
        {"not not trait.loss", true},
        {"language == pl and language != en", true},
        {"severity >= serious and severity < critical", true},
        {"severity == none", false},
        {"score > 1.4 and score <= 1.5", true},
        {"complaint and not urgent", true},
        {"recurrence.repeat and recurrence.complaints_7d >= 2", true},
        {"recurrence.complaints_1h >= 1", false},
        {"channel == \"chat\"", false},
        {"channel != 'chat'", true},
        {"announced.legal and not announced.regulator", true},
        {"done.regulator and not done.legal", true},
        {"duration >= 2 weeks and duration > 13 days", true},
        {"duration >= 1 month or duration < 336 hours", false},
        {"money >= 80 and count >= 3 and count < 4", true},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct expression expression;
        assert_int_equal(parse(cases[index].text, &errors, &expression), STATUS_OK);
        if (expression_holds(&expression, &facts) != cases[index].holds)
            print_message("%s\n", cases[index].text);
        assert_int_equal(expression_holds(&expression, &facts), cases[index].holds);
    }
    arena_free(&arena);
}

static void errors_stand_at_their_place(void **state)
{
    (void)state;
    static struct error_list errors;
    static const struct {
        const char *text;
        unsigned column; /* of the text, from 0 */
        const char *error;
    } cases[] = {
        {"", 0, "too early"},
        {"trait.loss and", 14, "too early"},
        {"trait.loss trait.demand", 11, "\"and\", \"or\""},
        {"trait.nothing", 0, "no trait"},
        {"category.loss", 0, "no category"},
        {"trait.abuse", 0, "never changes"},
        {"(trait.loss", 0, "never closed"},
        {"severity >= 3", 12, "a severity"},
        {"severity", 8, "a sign"},
        {"language > en", 9, "no order"},
        {"language == fr", 12, "no language"},
        {"score >= much", 9, "a number"},
        {"recurrence.complaints_2d >= 1", 0, "no such history"},
        {"mood == bad", 0, "nothing a condition knows"},
        {"channel == \"chat", 11, "never closed"},
        {"trait.loss & trait.demand", 11, "means nothing"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct expression expression;
        assert_int_equal(parse(cases[index].text, &errors, &expression), STATUS_INVALID);
        assert_int_equal(errors.count, 1);
        if (!strstr(errors.errors[0].text, cases[index].error) ||
            errors.errors[0].column != 7 + cases[index].column)
            error_list_print(&errors, stderr);
        assert_non_null(strstr(errors.errors[0].text, cases[index].error));
        assert_int_equal(errors.errors[0].line, 3);
        assert_int_equal(errors.errors[0].column, 7 + cases[index].column);
    }
    arena_free(&arena);
}

static uint64_t seed = 7;

/* Writes a random condition over four traits and answers what it is worth. */
static bool generate(char *out, size_t size, unsigned depth, trait_set traits)
{
    char left[600];
    char right[600];
    unsigned kind = depth == 0 ? 0 : random_below(&seed, 4);
    if (kind == 0) {
        enum trait trait = (enum trait)random_below(&seed, 4);
        snprintf(out, size, "trait.%s", redress_trait_name(trait));
        return traits >> trait & 1;
    }
    bool first = generate(left, sizeof left, depth - 1, traits);
    if (kind == 1) {
        snprintf(out, size, "not (%s)", left);
        return !first;
    }
    bool second = generate(right, sizeof right, depth - 1, traits);
    snprintf(out, size, "(%s) %s (%s)", left, kind == 2 ? "and" : "or", right);
    return kind == 2 ? first && second : first || second;
}

static void random_conditions_agree_with_their_construction(void **state)
{
    (void)state;
    static struct error_list errors;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 5000; round++) {
        char text[1300];
        trait_set traits = random_below(&seed, 16);
        bool worth = generate(text, sizeof text, 4, traits);
        struct expression expression;
        assert_int_equal(parse(text, &errors, &expression), STATUS_OK);
        assert_int_equal(expression_holds(&expression, &(struct facts){.traits = traits}), worth);
    }
    arena_free(&arena);
}

static void depth_and_length_are_bounded(void **state)
{
    (void)state;
    static struct error_list errors;
    struct expression expression;
    char text[EXPRESSION_BYTES_MAX + 100];
    memset(text, '(', 100);
    memcpy(text + 100, "trait.loss", 11);
    assert_int_equal(parse(text, &errors, &expression), STATUS_INVALID);
    assert_non_null(strstr(errors.errors[0].text, "deeper"));
    memset(text, ' ', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_int_equal(parse(text, &errors, &expression), STATUS_INVALID);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_mean_what_they_say),
        cmocka_unit_test(errors_stand_at_their_place),
        cmocka_unit_test(random_conditions_agree_with_their_construction),
        cmocka_unit_test(depth_and_length_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
