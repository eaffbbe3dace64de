/**
 * Every witness of the shipped packs still holds, and every entry of a language that has a file of
 * them has one or the reason why not.
 */
#include "workbench/witness.h"

#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static const char shipped[] = REDRESS_SOURCE_DIR "/rules";

static void the_shipped_packs_hear_their_witnesses(void **state)
{
    (void)state;
    static struct error_list errors;
    struct rule_set *rule_set = load_rules(shipped);
    struct entry_probe probe;
    struct witness_judge judge;
    struct witness_book book;
    struct witness_counts counts = {0};
    assert_int_equal(entry_probe_init(&probe, rule_set), STATUS_OK);
    assert_int_equal(witness_judge_init(&judge, &probe), STATUS_OK);
    assert_int_equal(witness_book_init(&book, &probe, shipped), STATUS_OK);
    assert_int_equal(witness_book_read(&book, &errors), STATUS_OK);
    witness_check(&book, &judge, NULL, &errors, &counts);
    error_list_print(&errors, stderr);
    print_message("%u witnesses of %u entries, %u entries without any\n", counts.texts,
                  counts.entries, counts.dead);
    assert_int_equal(errors.count, 0);
    witness_book_free(&book);
    witness_judge_free(&judge);
    entry_probe_free(&probe);
    redress_rule_set_free(rule_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_packs_hear_their_witnesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
