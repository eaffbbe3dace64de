/**
 * The shipped packs pass `redress rules check` without an error: no pattern blows up, no entry is
 * too open, stands twice or can never count. What is only a pity is printed.
 */
#include "workbench/lint.h"

#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char shipped[] = REDRESS_SOURCE_DIR "/rules";

static void the_shipped_packs_pass_the_check(void **state)
{
    (void)state;
    static struct error_list errors;
    static struct error_list warnings;
    struct rule_set *rule_set = load_rules(shipped);
    struct lint lint = {
        .rule_set = rule_set, .folder = shipped, .errors = &errors, .warnings = &warnings};
    assert_int_equal(lint_run(&lint), STATUS_OK);
    error_list_print(&errors, stderr);
    print_message("%u rules, %u errors, %u warnings\n", redress_rule_set_count(rule_set),
                  errors.count, warnings.count);
    assert_int_equal(errors.count, 0);
    redress_rule_set_free(rule_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_packs_pass_the_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
