/** Endings: calm needs every condition at once, so each one is taken away alone. */
#include "route/ending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct message calm_message(void)
{
    return (struct message){.verdict = {.language = LANGUAGE_EN}};
}

static void calm_needs_everything(void **state)
{
    (void)state;
    struct message message = calm_message();
    assert_int_equal(ending_decide(&message), ENDING_CALM);
    message.flags = MESSAGE_REPAIRED | MESSAGE_REPLAYED;
    assert_int_equal(ending_decide(&message), ENDING_CALM);
    message.flags = MESSAGE_TRUNCATED;
    assert_int_equal(ending_decide(&message), ENDING_CASE);
    message = calm_message();
    message.verdict.language = LANGUAGE_UNKNOWN;
    assert_int_equal(ending_decide(&message), ENDING_CASE);
    message = calm_message();
    message.verdict.undecided = true;
    assert_int_equal(ending_decide(&message), ENDING_CASE);
    message = calm_message();
    message.verdict.complaint = true;
    message.verdict.severity = SEVERITY_MINOR;
    assert_int_equal(ending_decide(&message), ENDING_CASE);
    message = calm_message();
    message.verdict.urgent = true;
    assert_int_equal(ending_decide(&message), ENDING_CASE);
}

static void a_reason_makes_a_dead_letter_whatever_the_verdict(void **state)
{
    (void)state;
    struct message message = calm_message();
    message.dead_reason = DEAD_NOT_JSON;
    assert_int_equal(ending_decide(&message), ENDING_DEAD_LETTER);
    message.verdict.complaint = true;
    assert_int_equal(ending_decide(&message), ENDING_DEAD_LETTER);
}

static void endings_have_names(void **state)
{
    (void)state;
    assert_string_equal(ending_name(ENDING_NONE), "none");
    assert_string_equal(ending_name(ENDING_CASE), "case");
    assert_string_equal(ending_name(ENDING_CALM), "calm");
    assert_string_equal(ending_name(ENDING_DEAD_LETTER), "dead_letter");
    assert_string_equal(ending_name(ENDING_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calm_needs_everything),
        cmocka_unit_test(a_reason_makes_a_dead_letter_whatever_the_verdict),
        cmocka_unit_test(endings_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
