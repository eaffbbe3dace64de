/**
 * The page is what Prometheus reads: each metric announced once, values below it, labels escaped,
 * histograms cumulative; and docs/metrics.md is made from the same table. Method: a collector that
 * puts known values; the page is read back line by line. REDRESS_WRITE_DOCS=1 rewrites the
 * document.
 */
#include "runtime/metrics.h"

#include "base/memory.h"
#include "runtime/metrics_table.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void put_some(void *context, struct metrics *metrics)
{
    const struct histogram_sum *latency = context;
    const struct metric_label first[] = {{"topic", "contact.chat"}, {"partition", "0"}};
    const struct metric_label second[] = {{"topic", "a\"b\\c\nd"}, {"partition", "1"}};
    metrics_put_count(metrics, METRIC_INGEST_LAG, 7, first, 2);
    metrics_put_count(metrics, METRIC_INGEST_LAG, UINT64_MAX, second, 2);
    metrics_put(metrics, METRIC_UPTIME, 12.5, NULL, 0);
    metrics_put(metrics, METRIC_CLASSIFY_RELOAD_SUCCESS_TIME, 1795535201.125, NULL, 0);
    metrics_put_histogram(metrics, METRIC_FRONTLINE_LATENCY, latency, NULL, 0);
}

static void the_page_is_as_expected(void **state)
{
    (void)state;
    struct metrics *metrics;
    struct histogram *histogram;
    static struct histogram_sum latency;
    assert_int_equal(histogram_create(&histogram), STATUS_OK);
    histogram_record(histogram, 900);        /* 0.9 us */
    histogram_record(histogram, 15000);      /* 15 us */
    histogram_record(histogram, 3000000000); /* 3 s */
    histogram_record(histogram, 90000000000);
    histogram_add(histogram, &latency);
    assert_int_equal(metrics_create(&metrics), STATUS_OK);
    metrics_add_collector(metrics, put_some, &latency);
    const char *text;
    size_t size;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(metrics_scrape(metrics, &text, &size), STATUS_OK);
        char *page = calloc(1, size + 1);
        memcpy(page, text, size);
        const char *const expected[] = {
            "# HELP redress_ingest_lag_messages From the last",
            "\n# TYPE redress_ingest_lag_messages gauge\n"
            "redress_ingest_lag_messages{topic=\"contact.chat\",partition=\"0\"} 7\n"
            "redress_ingest_lag_messages{topic=\"a\\\"b\\\\c\\nd\",partition=\"1\"} "
            "18446744073709551615\n",
            "\nredress_runtime_uptime_seconds 12.5\n",
            "\nredress_classify_reload_success_timestamp_seconds 1795535201.125\n",
            ("\n# TYPE redress_frontline_latency_seconds histogram\n"
             "redress_frontline_latency_seconds_bucket{le=\"1e-06\"} 1\n"),
            "_bucket{le=\"1e-05\"} 1\n",
            "_bucket{le=\"2e-05\"} 2\n",
            "_bucket{le=\"2\"} 2\n",
            "_bucket{le=\"5\"} 3\n",
            "_bucket{le=\"60\"} 3\n",
            "_bucket{le=\"+Inf\"} 4\n",
            "\nredress_frontline_latency_seconds_count 4\n",
        };
        for (size_t index = 0; index < sizeof expected / sizeof *expected; index++)
            if (!strstr(page, expected[index]))
                fail_msg("not there: %s\n%s", expected[index], page);
        assert_int_equal(page[size - 1], '\n');
        free(page);
    }
    metrics_destroy(metrics);
    histogram_destroy(histogram);
}

static void put_many(void *context, struct metrics *metrics)
{
    (void)context;
    for (int index = 0; index < 20000; index++) {
        char partition[16];
        snprintf(partition, sizeof partition, "%d", index);
        const struct metric_label labels[] = {{"topic", "contact.chat"}, {"partition", partition}};
        metrics_put_count(metrics, METRIC_INGEST_LAG, 1, labels, 2);
    }
}

static void the_page_grows_and_its_growth_may_fail(void **state)
{
    (void)state;
    struct metrics *metrics;
    const char *text;
    size_t size;
    memory_fail_after(0);
    assert_int_equal(metrics_create(&metrics), STATUS_MEMORY);
    memory_fail_after(1);
    assert_int_equal(metrics_create(&metrics), STATUS_MEMORY);
    memory_fail_after(-1);
    assert_int_equal(metrics_create(&metrics), STATUS_OK);
    metrics_add_collector(metrics, put_many, NULL);
    memory_fail_after(1);
    assert_int_equal(metrics_scrape(metrics, &text, &size), STATUS_MEMORY);
    memory_fail_after(-1);
    assert_int_equal(metrics_scrape(metrics, &text, &size), STATUS_OK);
    size_t lines = 0;
    for (size_t index = 0; index < size; index++)
        lines += text[index] == '\n';
    assert_int_equal(lines, 20002);
    metrics_destroy(metrics);
}

static void names_follow_the_house_rule(void **state)
{
    (void)state;
    for (unsigned id = 0; id < METRIC_COUNT; id++) {
        const struct metric *metric = &metrics_table[id];
        assert_non_null(metric->name);
        assert_non_null(metric->help);
        assert_int_equal(strncmp(metric->name, "redress_", 8), 0);
        for (const char *byte = metric->name; *byte; byte++)
            assert_true(islower((unsigned char)*byte) || *byte == '_');
        size_t size = strlen(metric->name);
        bool total = size > 6 && strcmp(metric->name + size - 6, "_total") == 0;
        assert_int_equal(total, metric->kind == METRIC_COUNTER);
        for (unsigned other = 0; other < id; other++)
            assert_string_not_equal(metric->name, metrics_table[other].name);
    }
}

static void the_document_is_up_to_date(void **state)
{
    (void)state;
    const char *path = REDRESS_SOURCE_DIR "/docs/metrics.md";
    if (getenv("REDRESS_WRITE_DOCS")) {
        FILE *page = fopen(path, "w");
        assert_non_null(page);
        metrics_print_reference(page);
        fclose(page);
    }
    char *made = NULL;
    size_t made_size = 0;
    FILE *stream = open_memstream(&made, &made_size);
    metrics_print_reference(stream);
    fclose(stream);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *kept = calloc(1, made_size + 2);
    size_t kept_size = fread(kept, 1, made_size + 1, file);
    fclose(file);
    if (kept_size != made_size || memcmp(kept, made, made_size) != 0)
        fail_msg("docs/metrics.md is old: run this test with REDRESS_WRITE_DOCS=1");
    free(kept);
    free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_as_expected),
        cmocka_unit_test(the_page_grows_and_its_growth_may_fail),
        cmocka_unit_test(names_follow_the_house_rule),
        cmocka_unit_test(the_document_is_up_to_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
