/**
 * The profile counts each rule's candidates and hits once over the file, the dearest rule first.
 * Method: the small pack over four messages of which it is known what they hold.
 */
#include "workbench/profile.h"

#include "helpers/small_pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct error_list errors;

static const struct match_cost *cost_of(const struct profile *profile,
                                        const struct rule_set *rule_set, const char *id)
{
    for (uint32_t index = 0; index < profile->rule_count; index++)
        if (strcmp(redress_rule_id(rule_set, profile->rules[index].rule_index), id) == 0)
            return &profile->rules[index].cost;
    fail_msg("no rule %s", id);
    return NULL;
}

static void costs_are_counted_per_rule_and_the_dearest_stands_first(void **state)
{
    (void)state;
    char path[128];
    struct rules_folder folder = small_pack_make();
    struct profile profile;
    struct rule_set *rule_set = small_pack_load(&folder);
    snprintf(path, sizeof path, "%s/corpus/s.jsonl", folder.path);
    assert_int_equal(profile_run(&profile, rule_set, path, &errors), STATUS_OK);
    assert_int_equal(profile.messages, 4);
    assert_int_equal(cost_of(&profile, rule_set, "en.t.broken")->candidates, 1);
    assert_int_equal(cost_of(&profile, rule_set, "en.t.broken")->hits, 1);
    assert_int_equal(cost_of(&profile, rule_set, "en.t.awful")->hits, 1);
    assert_int_equal(cost_of(&profile, rule_set, "en.t.unused")->candidates, 0);
    assert_int_equal(profile.total.hits, 3);
    for (uint32_t index = 1; index < profile.rule_count; index++)
        assert_true(profile.rules[index - 1].cost.ns >= profile.rules[index].cost.ns);
    assert_true(profile.scan_ns > 0); /* and a part of the whole, in each pass */
    assert_true(profile.scan_ns < profile.whole_ns);
    profile_free(&profile);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_counted_per_rule_and_the_dearest_stands_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
