/**
 * History: the compact counters against a naive model that keeps every complaint's time, over
 * seeded random streams with late, disordered and redelivered messages; and examples for what the
 * header promises about normalising, repeats, eviction and redelivery.
 */
#include "recurrence/history.h"

#include "base/hash.h"
#include "base/memory.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS  (24 * HOUR_MS)
#define NOW_MS  (INT64_C(1700000000) * 1000)

static struct history *history;
static int64_t next_offset;

static int open_history(void **state)
{
    (void)state;
    next_offset = 0;
    struct history_settings settings = {.customers_max = 1000};
    return history_create(&settings, &history) == STATUS_OK ? 0 : 1;
}

static int close_history(void **state)
{
    (void)state;
    history_destroy(history);
    return 0;
}

static struct message make(const char *customer, int64_t offset, int64_t time_ms, bool is_complaint)
{
    size_t size = strlen(customer);
    return (struct message){.kind = MESSAGE_RECORD,
                            .offset = offset,
                            .timestamp_ms = time_ms,
                            .customer_hash = size ? hash_bytes(customer, size) : 0,
                            .verdict = {.complaint = is_complaint}};
}

static struct recurrence apply_at(const char *customer, int64_t offset, int64_t time_ms,
                                  bool is_complaint)
{
    struct message message = make(customer, offset, time_ms, is_complaint);
    struct recurrence out;
    history_apply(history, &message, HISTORY_WHOLE, NOW_MS, &out);
    return out;
}

static struct recurrence complain(const char *customer, int64_t time_ms)
{
    return apply_at(customer, next_offset++, time_ms, true);
}

static void second_complaint_in_the_window_is_a_repeat(void **state)
{
    (void)state;
    struct recurrence first = complain("a", NOW_MS - 10 * DAY_MS);
    assert_false(first.repeat);
    assert_int_equal(first.scope, HISTORY_WHOLE);
    assert_int_equal(first.complaints_30d, 0);
    assert_int_equal(first.last_complaint_ms, -1);
    assert_false(complain("b", NOW_MS - 10 * DAY_MS).repeat);
    assert_true(complain("a", NOW_MS - 3 * DAY_MS).repeat); /* exactly seven days later */
    assert_false(complain("b", NOW_MS - 3 * DAY_MS + 1).repeat);
    struct recurrence question = apply_at("a", next_offset++, NOW_MS, false);
    assert_false(question.repeat);
    assert_int_equal(question.complaints_30d, 2);
    assert_int_equal(question.complaints_7d, 1);
    assert_int_equal(question.complaints_1d, 0);
    assert_int_equal(question.last_complaint_ms, NOW_MS - 3 * DAY_MS);
}

static void an_earlier_complaint_that_comes_late_is_a_repeat_too(void **state)
{
    (void)state;
    assert_false(complain("a", NOW_MS).repeat);
    struct recurrence late = complain("a", NOW_MS - 2 * HOUR_MS);
    assert_true(late.repeat);
    assert_int_equal(late.complaints_1h, 1);
    assert_int_equal(late.last_complaint_ms, NOW_MS);
}

static void without_a_customer_nothing_is_known(void **state)
{
    (void)state;
    struct recurrence out = complain("", NOW_MS);
    assert_int_equal(out.scope, HISTORY_UNKNOWN);
    assert_false(out.repeat);
    assert_false(complain("", NOW_MS).repeat);
    struct message message = make("a", next_offset, NOW_MS, true);
    history_apply(history, &message, HISTORY_PARTIAL, NOW_MS, &out);
    assert_int_equal(out.scope, HISTORY_PARTIAL);
}

static void a_redelivery_changes_no_count(void **state)
{
    (void)state;
    assert_false(apply_at("a", 10, NOW_MS, true).redelivered);
    struct recurrence again = apply_at("a", 10, NOW_MS, true);
    assert_true(again.redelivered);
    assert_false(again.repeat); /* not of itself */
    assert_int_equal(again.complaints_1h, 0);
    assert_int_equal(again.last_complaint_ms, -1);
    assert_true(apply_at("a", 11, NOW_MS + 1000, true).repeat);
    again = apply_at("a", 11, NOW_MS + 1000, true);
    assert_true(again.redelivered && again.repeat);
    assert_int_equal(again.complaints_1h, 1);
    assert_int_equal(again.last_complaint_ms, NOW_MS);
    struct history_stats stats;
    history_stats(history, &stats);
    assert_int_equal(stats.complaints, 2);
    assert_int_equal(stats.redelivered, 2);
    history_forget_partition(history, 0);
    assert_false(apply_at("a", 0, NOW_MS, true).redelivered);
}

static void a_topic_made_anew_is_no_redelivery(void **state)
{
    (void)state;
    apply_at("a", 500, NOW_MS - 2000, true);
    apply_at("a", 501, NOW_MS - 3000, true); /* clocks of senders differ */
    assert_true(apply_at("a", 500, NOW_MS - 2000, true).redelivered);
    assert_false(apply_at("a", 0, NOW_MS - 1000, true).redelivered);
    assert_false(apply_at("a", 1, NOW_MS - 5000, true).redelivered);
    assert_true(apply_at("a", 1, NOW_MS - 5000, true).redelivered);
}

static void clocks_ahead_are_bounded(void **state)
{
    (void)state;
    complain("a", NOW_MS + 1000 * DAY_MS);
    assert_int_equal(apply_at("a", next_offset++, -1, false).last_complaint_ms,
                     NOW_MS + HISTORY_FUTURE_MS_MAX);
    assert_int_equal(complain("a", NOW_MS).complaints_1h, 1);
}

static void a_full_table_forgets_the_oldest(void **state)
{
    (void)state;
    struct history_settings settings = {.customers_max = 8};
    struct history *small;
    assert_int_equal(history_create(&settings, &small), STATUS_OK);
    char customer[16];
    for (int index = 0; index < 100; index++) {
        snprintf(customer, sizeof customer, "c%d", index);
        struct message message = make(customer, index, NOW_MS - 1000 * (100 - index), true);
        struct recurrence out;
        history_apply(small, &message, HISTORY_WHOLE, NOW_MS, &out);
    }
    struct history_stats stats;
    history_stats(small, &stats);
    assert_int_equal(stats.customers, HISTORY_PROBE_SLOTS);
    assert_int_equal(stats.evictions, 100 - HISTORY_PROBE_SLOTS);
    for (int index = 0; index < 100; index++) {
        snprintf(customer, sizeof customer, "c%d", index);
        struct message message = make(customer, 1000 + index, NOW_MS, false);
        struct recurrence out;
        history_apply(small, &message, HISTORY_WHOLE, NOW_MS, &out);
        assert_int_equal(out.complaints_1h, index >= 100 - HISTORY_PROBE_SLOTS);
    }
    history_destroy(small);
}

static void buckets_stay_at_their_maximum(void **state)
{
    (void)state;
    for (int index = 0; index < 1000; index++)
        complain("a", NOW_MS);
    assert_int_equal(complain("a", NOW_MS).complaints_1h, HISTORY_BUCKET_COUNT_MAX);
}

static void start_up_says_when_memory_is_out(void **state)
{
    (void)state;
    struct history_settings settings = {.customers_max = 8};
    struct history *none;
    for (long calls = 0; calls < 2; calls++) {
        memory_fail_after(calls);
        assert_int_equal(history_create(&settings, &none), STATUS_MEMORY);
        assert_null(none);
    }
    memory_fail_after(-1);
}

/* The model: every complaint of every customer with its time. */
enum { MODEL_CUSTOMERS = 20, MODEL_MESSAGES = 400, MODEL_SEEDS = 300 };

struct model {
    int64_t times_ms[MODEL_MESSAGES];
    uint32_t count;
};

static uint64_t random_state;

static uint32_t count_after(const struct model *model, int64_t start_ms)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < model->count; index++)
        count += model->times_ms[index] > start_ms;
    return count;
}

static int64_t newest(const struct model *model)
{
    int64_t newest_ms = -1;
    for (uint32_t index = 0; index < model->count; index++)
        if (model->times_ms[index] > newest_ms)
            newest_ms = model->times_ms[index];
    return newest_ms;
}

static void assert_window(const struct model *model, uint32_t count, int64_t as_of_ms,
                          int64_t window_ms, int64_t bucket_ms)
{
    assert_in_range(count, count_after(model, as_of_ms - window_ms),
                    count_after(model, as_of_ms - window_ms - bucket_ms));
}

static void check_against_model(const struct model *model, const struct recurrence *out,
                                int64_t time_ms, bool is_complaint)
{
    int64_t newest_ms = newest(model);
    int64_t as_of_ms = time_ms > newest_ms ? time_ms : newest_ms;
    assert_window(model, out->complaints_1h, as_of_ms, HOUR_MS, HOUR_MS / 6);
    assert_window(model, out->complaints_1d, as_of_ms, DAY_MS, 2 * HOUR_MS);
    assert_window(model, out->complaints_7d, as_of_ms, 7 * DAY_MS, 12 * HOUR_MS);
    assert_window(model, out->complaints_30d, as_of_ms, 30 * DAY_MS, 90 * HOUR_MS);
    assert_int_equal(out->last_complaint_ms, newest_ms);
    bool repeat = is_complaint && newest_ms >= 0 && llabs(time_ms - newest_ms) <= 7 * DAY_MS;
    assert_int_equal(out->repeat, repeat);
}

static void run_model(uint64_t seed)
{
    static struct model models[MODEL_CUSTOMERS];
    memset(models, 0, sizeof models);
    random_state = seed;
    int64_t clock_ms = NOW_MS - 5000 * DAY_MS;
    int64_t step_ms =
        INT64_C(1) << random_next(&random_state) % 30; /* from a burst to days apart */
    for (int64_t offset = 0; offset < MODEL_MESSAGES; offset++) {
        clock_ms += (int64_t)(random_next(&random_state) % (uint64_t)step_ms);
        int64_t time_ms = clock_ms;
        if (random_next(&random_state) % 8 == 0)
            time_ms -= (int64_t)(random_next(&random_state) % (uint64_t)(40 * DAY_MS));
        struct model *model = &models[random_next(&random_state) % MODEL_CUSTOMERS];
        char customer[16];
        snprintf(customer, sizeof customer, "%u", (unsigned)(model - models));
        bool is_complaint = random_next(&random_state) % 3 > 0;
        struct message message = make(customer, offset, time_ms, is_complaint);
        struct recurrence out;
        history_apply(history, &message, HISTORY_WHOLE, NOW_MS, &out);
        assert_false(out.redelivered);
        check_against_model(model, &out, time_ms, is_complaint);
        if (is_complaint)
            model->times_ms[model->count++] = time_ms;
        if (random_next(&random_state) % 10 == 0) {
            history_apply(history, &message, HISTORY_WHOLE, NOW_MS, &out);
            assert_true(out.redelivered); /* and the next check shows that nothing was counted */
        }
    }
}

static void counts_stay_within_one_bucket_of_the_truth(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= MODEL_SEEDS; seed++) {
        print_message("seed %llu\r", (unsigned long long)seed);
        struct history_settings settings = {.customers_max = MODEL_CUSTOMERS * 10};
        history_destroy(history);
        assert_int_equal(history_create(&settings, &history), STATUS_OK);
        run_model(seed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_history, close_history)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(second_complaint_in_the_window_is_a_repeat),
        TEST(an_earlier_complaint_that_comes_late_is_a_repeat_too),
        TEST(without_a_customer_nothing_is_known),
        TEST(a_redelivery_changes_no_count),
        TEST(a_topic_made_anew_is_no_redelivery),
        TEST(clocks_ahead_are_bounded),
        TEST(a_full_table_forgets_the_oldest),
        TEST(buckets_stay_at_their_maximum),
        TEST(start_up_says_when_memory_is_out),
        TEST(counts_stay_within_one_bucket_of_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
