/**
 * What rules hit and where they err, among six gold messages: worked out by hand.
 * Method: the small pack, and bits set by hand for overlaps.
 */
#include "workbench/rule_hits.h"

#include "helpers/small_pack.h"
#include "workbench/gold_errors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct rules_folder folder;
static struct rule_set *rule_set;
static struct error_list errors;
static struct gold gold;
static struct rule_hits hits;

static int set_up(void **state)
{
    (void)state;
    char gold_path[128];
    char corpus[128];
    const struct gold_visitor visitor = {rule_hits_visit, &hits};
    folder = small_pack_make();
    rule_set = small_pack_load(&folder);
    snprintf(gold_path, sizeof gold_path, "%s/gold", folder.path);
    snprintf(corpus, sizeof corpus, "%s/corpus", folder.path);
    bool ready = gold_load(&gold, gold_path, corpus, &errors) == STATUS_OK &&
                 rule_hits_init(&hits, rule_set, &gold) == STATUS_OK &&
                 gold_judge(&gold, rule_set, &visitor) == STATUS_OK;
    error_list_print(&errors, stderr);
    return ready ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rule_hits_free(&hits);
    gold_free(&gold);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
    return 0;
}

static const struct rule_count *count_of(const char *id)
{
    for (uint32_t index = 0; index < rule_set->pack.rule_count; index++)
        if (strcmp(redress_rule_id(rule_set, hits.counts[index].rule_index), id) == 0)
            return &hits.counts[index];
    fail_msg("no rule %s", id);
    return NULL;
}

static void hits_are_counted_by_what_readers_said(void **state)
{
    (void)state;
    rule_hits_count(&hits);
    const struct rule_count *awful = count_of("en.t.awful");
    assert_ptr_equal(awful, &hits.counts[0]); /* the most hits stand first */
    assert_int_equal(awful->messages, 2);
    assert_int_equal(awful->complaints, 1);
    assert_int_equal(awful->calm, 1);
    assert_int_equal(awful->serious, 1);
    assert_int_equal(awful->urgent, 0);
    assert_float_equal(awful->precision, 0.5, 1e-12);
    assert_int_equal(count_of("en.t.gas")->urgent, 1);
    assert_int_equal(count_of("en.t.broken")->overlap_count, 0); /* one hit says nothing */
}

static void wilsons_interval_is_the_known_one(void **state)
{
    (void)state;
    double low = 0;
    double high = 0;
    wilson_interval(1, 2, &low, &high);
    assert_float_equal(low, 0.0945, 1e-4);
    assert_float_equal(high, 0.9055, 1e-4);
    wilson_interval(10, 10, &low, &high);
    assert_float_equal(low, 0.7225, 1e-4);
    assert_float_equal(high, 1, 1e-12);
    wilson_interval(0, 10, &low, &high);
    assert_float_equal(low, 0, 1e-12);
    assert_float_equal(high, 0.2775, 1e-4);
}

static void rules_that_never_fire_are_known_and_those_about_life_are_kept(void **state)
{
    (void)state;
    rule_hits_count(&hits);
    const struct rule_count *unused = count_of("en.t.unused");
    const struct rule_count *danger = count_of("en.t.unused_danger");
    assert_int_equal(unused->messages, 0);
    assert_true(isnan(unused->precision));
    assert_int_equal(danger->messages, 0);
    assert_false(rule_hits_is_kept(&rule_set->pack.rules[unused->rule_index]));
    assert_true(rule_hits_is_kept(&rule_set->pack.rules[danger->rule_index]));
}

static void a_rule_that_hits_most_of_anothers_messages_overlaps_it(void **state)
{
    (void)state;
    struct rule_hits made;
    assert_int_equal(rule_hits_init(&made, rule_set, &gold), STATUS_OK);
    made.bits[0] = 0x1F; /* rule 0: five messages */
    made.bits[1] = 0x3F; /* rule 1: the same and one more */
    made.bits[2] = 0x07; /* rule 2: too few to say anything */
    made.bits[3] = 0x3E; /* rule 3: four of rule 0's five */
    assert_int_equal(made.words_per_rule, 1);
    rule_hits_count(&made);
    assert_int_equal(made.counts[0].rule_index, 1);
    assert_int_equal(made.counts[0].overlap_count, 2); /* five of six, twice */
    assert_int_equal(made.counts[1].rule_index, 0);
    assert_int_equal(made.counts[1].overlap_count, 2);
    assert_int_equal(made.counts[1].overlaps[0].rule_index, 1); /* the strongest first */
    assert_float_equal(made.counts[1].overlaps[0].share, 1, 1e-12);
    assert_int_equal(made.counts[1].overlaps[1].rule_index, 3);
    assert_float_equal(made.counts[1].overlaps[1].share, 0.8, 1e-12);
    assert_int_equal(made.counts[3].rule_index, 2);
    assert_int_equal(made.counts[3].overlap_count, 0);
    rule_hits_free(&made);
}

static void assert_group(const struct gold_error_group *group, enum gold_error_kind kind,
                         const char *name, uint32_t message)
{
    assert_int_equal(group->kind, kind);
    assert_string_equal(gold_error_argument_name(group), name);
    assert_int_equal(group->count, 1);
    for (uint32_t index = 0; index < gold.count; index++)
        assert_int_equal(gold_error_holds(group, &gold.messages[index]), index == message);
}

static void errors_stand_in_the_groups_that_name_what_is_missing(void **state)
{
    (void)state;
    struct gold_error_group groups[GOLD_ERROR_GROUPS_MAX];
    assert_int_equal(gold_errors_group(&gold, groups), 4);
    assert_group(&groups[0], GOLD_ERROR_MISSING_COMPLAINT, "", 5);
    assert_group(&groups[1], GOLD_ERROR_FALSE_COMPLAINT, "", 3);
    assert_group(&groups[2], GOLD_ERROR_MISSING_TRAIT, "loss", 1);
    assert_group(&groups[3], GOLD_ERROR_WRONG_CATEGORY, "other", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_are_counted_by_what_readers_said),
        cmocka_unit_test(wilsons_interval_is_the_known_one),
        cmocka_unit_test(rules_that_never_fire_are_known_and_those_about_life_are_kept),
        cmocka_unit_test(a_rule_that_hits_most_of_anothers_messages_overlaps_it),
        cmocka_unit_test(errors_stand_in_the_groups_that_name_what_is_missing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
