/**
 * The plan in the stages' own figures: every purpose counts, more workers and larger limits never
 * take less, and the parts of the pipeline add up to what it says. Method: assembled settings.
 */
#include "runtime/assembly_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct error_list errors;
static struct assembly assembly;

static struct memory_plan plan_of(const char *more)
{
    char text[512];
    struct memory_plan plan;
    snprintf(text, sizeof text, "brokers: a:1\nchannels: [{name: a, topics: [b]}]\n%s", more);
    errors.count = 0;
    struct settings *settings =
        settings_load_bytes("plan.yaml", ".", text, strlen(text), NULL, &errors);
    assert_non_null(settings);
    assert_int_equal(assembly_create(settings, &errors, &assembly), STATUS_OK);
    assembly_memory_plan(&assembly, &plan);
    struct pipeline_settings pipeline = assembly_pipeline(&assembly);
    uint64_t parts = plan.bytes[MEMORY_SCRATCH] + plan.bytes[MEMORY_HISTORY] +
                     plan.bytes[MEMORY_EGRESS] + plan.bytes[MEMORY_RINGS];
    assert_int_equal(parts, pipeline_plan_bytes(&pipeline) +
                                (uint64_t)pipeline.worker_count * MEMORY_CLASSIFY_SCRATCH_BYTES);
    assembly_destroy(&assembly);
    settings_free(settings);
    return plan;
}

static void every_purpose_counts_and_grows_with_its_limits(void **state)
{
    (void)state;
    struct memory_plan small = plan_of("workers: 1\nlimits: {customers: 4096}\n");
    struct memory_plan large = plan_of("workers: 4\n"
                                       "limits: {customers: 4000000, payload: {max: 4 MiB},"
                                       " in_flight: {messages: 65536, bytes: 256 MiB}}\n"
                                       "frontline: {records: 8192}\n");
    for (unsigned purpose = 0; purpose < MEMORY_PURPOSE_COUNT; purpose++) {
        assert_true(small.bytes[purpose] > 0);
        assert_true(purpose == MEMORY_OPERATING || small.bytes[purpose] < large.bytes[purpose]);
        assert_true(large.bytes[purpose] < UINT64_C(1) << 40); /* no difference went below zero */
    }
}

static void queues_of_the_library_follow_the_operator(void **state)
{
    (void)state;
    struct memory_plan plan = plan_of("kafka: {queued.max.messages.kbytes: 2048}\n"
                                      "producer: {queue.buffering.max.kbytes: 4096}\n");
    assert_int_equal(plan.fetch_queue_bytes, 2048 * 1024);
    assert_int_equal(plan.producer_queue_bytes, 4096 * 1024);
    assert_true(plan_of("").producer_queue_bytes > 4096 * 1024);
}

static void errors_of_pointers_have_their_place(void **state)
{
    (void)state;
    const char text[] = "brokers: a:1\nchannels:\n  - name: a\n    topics: [b]\n    envelope:\n"
                        "      text: /a\n      customer: /a/b\n";
    errors.count = 0;
    struct settings *settings =
        settings_load_bytes("plan.yaml", ".", text, sizeof text - 1, NULL, &errors);
    assert_non_null(settings);
    assert_int_equal(assembly_create(settings, &errors, &assembly), STATUS_INVALID);
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.errors[0].line, 7);
    assert_int_equal(errors.errors[0].column, 17);
    assembly_destroy(&assembly);
    settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_purpose_counts_and_grows_with_its_limits),
        cmocka_unit_test(queues_of_the_library_follow_the_operator),
        cmocka_unit_test(errors_of_pointers_have_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
