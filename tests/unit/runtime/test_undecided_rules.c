/**
 * Which rules limits stopped: bounded per worker, and nothing goes uncounted.
 *
 * Goal: sums over workers name each rule once; over the bound all is counted as the others.
 */
#include "runtime/undecided_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct seen {
    unsigned series;
    uint64_t sum;
    uint64_t others;
    uint64_t both;
};

static void see(void *context, const char *id, uint64_t count)
{
    struct seen *seen = context;
    seen->series++;
    seen->sum += count;
    if (strcmp(id, UNDECIDED_RULES_OTHERS) == 0)
        seen->others += count;
    if (strcmp(id, "en.a.both") == 0)
        seen->both += count;
}

static struct seen sum_of(const struct undecided_rules *first, const struct undecided_rules *second)
{
    const struct undecided_rules *const workers[] = {first, second};
    struct seen seen = {0};
    undecided_rules_sum(workers, 2, see, &seen);
    return seen;
}

static void a_rule_of_several_workers_is_one_series(void **state)
{
    (void)state;
    static struct undecided_rules first;
    static struct undecided_rules second;
    assert_int_equal(sum_of(&first, &second).series, 0);
    undecided_rules_add(&first, "en.a.first");
    undecided_rules_add(&first, "en.a.both");
    undecided_rules_add(&second, "en.a.both");
    undecided_rules_add(&second, "en.a.both");
    struct seen seen = sum_of(&first, &second);
    assert_int_equal(seen.series, 2);
    assert_int_equal(seen.both, 3);
    assert_int_equal(seen.others, 0);
}

static void over_the_bound_nothing_goes_uncounted(void **state)
{
    (void)state;
    static struct undecided_rules first;
    static struct undecided_rules second;
    for (unsigned round = 0; round < 2; round++)
        for (unsigned index = 0; index < UNDECIDED_RULES_KEPT_MAX + 3; index++) {
            char id[32];
            snprintf(id, sizeof id, "en.a.rule_%u", index);
            undecided_rules_add(&first, id);
        }
    undecided_rules_add(&second, NULL);
    struct seen seen = sum_of(&first, &second);
    assert_int_equal(seen.series, UNDECIDED_RULES_KEPT_MAX + 1);
    assert_int_equal(seen.others, 2 * 3 + 1);
    assert_int_equal(seen.sum, 2 * (UNDECIDED_RULES_KEPT_MAX + 3) + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_of_several_workers_is_one_series),
        cmocka_unit_test(over_the_bound_nothing_goes_uncounted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
