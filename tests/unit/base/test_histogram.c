/** The histogram: buckets tile the whole range, and quantiles are right to an eighth. */
#include "base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void buckets_tile_the_range_without_gaps(void **state)
{
    (void)state;
    for (unsigned bucket = 0; bucket + 3 * HISTOGRAM_STEPS < HISTOGRAM_BUCKETS; bucket++) {
        uint64_t last = histogram_bucket_max(bucket);
        assert_int_equal(histogram_bucket(last), bucket);
        assert_int_equal(histogram_bucket(last + 1), bucket + 1);
    }
    assert_true(histogram_bucket(UINT64_MAX) < HISTOGRAM_BUCKETS);
}

static int compare(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static void quantiles_are_right_to_an_eighth(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static uint64_t values[COUNT];
    struct histogram *histogram;
    struct histogram_sum sum = {0};
    srandom(7);
    assert_int_equal(histogram_create(&histogram), STATUS_OK);
    for (unsigned index = 0; index < COUNT; index++) {
        values[index] = (uint64_t)random() >> (random() % 30);
        histogram_record(histogram, values[index]);
    }
    histogram_add(histogram, &sum);
    qsort(values, COUNT, sizeof values[0], compare);
    for (unsigned percent = 1; percent < 100; percent++) {
        uint64_t exact = values[COUNT * percent / 100 - 1];
        uint64_t answer = histogram_quantile(&sum, percent / 100.0);
        assert_true(answer >= exact && answer <= exact + exact / 8 + 1);
        assert_true(histogram_count_up_to(&sum, exact) >= COUNT * percent / 100);
    }
    histogram_destroy(histogram);
}

static void an_empty_histogram_answers_zero(void **state)
{
    (void)state;
    struct histogram_sum sum = {0};
    assert_int_equal(histogram_quantile(&sum, 0.5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_tile_the_range_without_gaps),
        cmocka_unit_test(quantiles_are_right_to_an_eighth),
        cmocka_unit_test(an_empty_histogram_answers_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
