/**
 * Texts made from a pattern: every one is a match, and no way through the pattern is left out.
 */
#include "workbench/pattern_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* All texts of a pattern, each in <>. */
static const char *all(const char *text)
{
    static char joined[4000];
    char buffer[256];
    struct pattern pattern;
    struct pattern_error error;
    struct pattern_sample sample;
    size_t used = 0;
    joined[0] = 0;
    assert_int_equal(pattern_parse(text, strlen(text), false, &pattern, &error), STATUS_OK);
    for (bool more = pattern_sample_first(&sample, &pattern, buffer, sizeof buffer); more;
         more = pattern_sample_next(&sample))
        used += (size_t)snprintf(joined + used, sizeof joined - used, "<%s>", buffer);
    if (sample.refused)
        snprintf(joined + used, sizeof joined - used, "refused");
    pattern_free(&pattern);
    return joined;
}

static void every_way_through_a_pattern_is_made_once(void **state)
{
    (void)state;
    assert_string_equal(all("\\brefunds?\\b"), "<refund><refunds>");
    assert_string_equal(all("\\b(?:no|not a) (?:refund|money)"),
                        "<no refund><no money><not a refund><not a money>");
    assert_string_equal(all("reklamac\\w*"), "<reklamac><reklamacqzq>");
    assert_string_equal(all("e[- ]?mail"), "<email><e mail><e-mail>");
    assert_string_equal(all("a(?:x|y){0,2}"), "<a><ax><ay><axx><axy><ayx><ayy>");
    assert_string_equal(all("пло[хк]о"), "<плоко><плохо>");
    assert_string_equal(all("b[oa]t"), "<bat><bot>");
    assert_string_equal(all("two(?:[^\\w.!?;]++\\w++){0,4}?[^\\w.!?;]++words"),
                        "<two words><two qzq words><two qzq zqz qzq zqz words>");
}

static void every_text_goes_through_the_alternative_that_is_asked_for(void **state)
{
    (void)state;
    char text[64];
    struct pattern pattern;
    struct pattern_error error;
    struct pattern_sample sample;
    const char *source = "(?:never(?: a)?|not) (?:refund|money)";
    uint16_t prefer[64] = {0};
    uint32_t node = 1;
    assert_int_equal(pattern_parse(source, strlen(source), false, &pattern, &error), STATUS_OK);
    while (pattern.nodes[node].kind != PATTERN_CHOICE)
        node++;
    uint32_t not = pattern.nodes[pattern.nodes[node].first].next;
    assert_true(pattern_sample_first_through(&sample, &pattern, not, NULL, text, sizeof text));
    assert_string_equal(text, "not refund");
    assert_true(pattern_sample_next(&sample));
    assert_string_equal(text, "not money");
    assert_false(pattern_sample_next(&sample));
    for (uint32_t other = node + 1; other < pattern.node_count; other++)
        prefer[other] = pattern.nodes[other].kind == PATTERN_CHOICE;
    assert_true(pattern_sample_first_through(&sample, &pattern, not, prefer, text, sizeof text));
    assert_string_equal(text, "not money");
    pattern_free(&pattern);
}

static void what_the_tree_cannot_tell_is_refused(void **state)
{
    (void)state;
    assert_string_equal(all("(a)\\1"), "refused");
    assert_string_equal(all("a(?!b)"), "refused");
}

static void a_pump_repeats_one_repetition_up_to_the_size(void **state)
{
    (void)state;
    char text[64];
    struct pattern pattern;
    struct pattern_error error;
    struct pattern_sample sample;
    uint32_t node = 1;
    const char *source = "(?:never|buy(?: \\d)* now)";
    assert_int_equal(pattern_parse(source, strlen(source), false, &pattern, &error), STATUS_OK);
    while (pattern.nodes[node].kind != PATTERN_REPEAT)
        node++;
    assert_true(pattern_sample_pump(&sample, &pattern, node, text, sizeof text, 9));
    assert_string_equal(text, "buy 0 0 0");
    assert_false(pattern_sample_pump(&sample, &pattern, node, text, sizeof text, 100));
    pattern_free(&pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_through_a_pattern_is_made_once),
        cmocka_unit_test(every_text_goes_through_the_alternative_that_is_asked_for),
        cmocka_unit_test(what_the_tree_cannot_tell_is_refused),
        cmocka_unit_test(a_pump_repeats_one_repetition_up_to_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
