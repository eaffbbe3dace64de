/**
 * Routing: each condition alone, the order of rows, and a seeded property against a plain
 * restatement of "the first row that fits".
 */
#include "route/routing.h"

#include "base/memory.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { DEFAULT_QUEUE = 9, CASES = 20000 };

static uint16_t choose(const struct route_row *rows, size_t row_count,
                       const struct message *message)
{
    struct routing *routing;
    assert_int_equal(routing_create(rows, row_count, DEFAULT_QUEUE, &routing), STATUS_OK);
    uint16_t queue = route_choose(routing, message);
    routing_destroy(routing);
    return queue;
}

static struct message serious_message(void)
{
    return (struct message){.channel_index = 5,
                            .verdict = {.severity = SEVERITY_SERIOUS,
                                        .complaint = true,
                                        .urgent = true,
                                        .language = LANGUAGE_PL,
                                        .category_count = 2,
                                        .categories = {CATEGORY_FRAUD, CATEGORY_BILLING},
                                        .traits = 1u << TRAIT_LEGAL | 1u << TRAIT_REPEAT}};
}

static void without_rows_people_get_it(void **state)
{
    (void)state;
    struct message message = serious_message();
    assert_int_equal(choose(NULL, 0, &message), DEFAULT_QUEUE);
}

static void each_condition_decides_alone(void **state)
{
    (void)state;
    struct message message = serious_message();
    static const struct {
        struct route_row row;
        bool fits;
    } cases[] = {
        {{.severity_at_least = SEVERITY_SERIOUS}, true},
        {{.severity_at_least = SEVERITY_CRITICAL}, false},
        {{.categories = 1u << CATEGORY_BILLING}, true},
        {{.categories = 1u << CATEGORY_OUTAGE | 1u << CATEGORY_FRAUD}, true},
        {{.categories = 1u << CATEGORY_OUTAGE}, false},
        {{.traits = 1u << TRAIT_REPEAT | 1u << TRAIT_ABUSE}, true},
        {{.traits = 1u << TRAIT_ABUSE}, false},
        {{.languages = 1u << LANGUAGE_PL}, true},
        {{.languages = 1u << LANGUAGE_EN | 1u << LANGUAGE_UNKNOWN}, false},
        {{.channels = 1u << 5}, true},
        {{.channels = ~(UINT64_C(1) << 5)}, false},
        {{.urgency = ROUTE_URGENCY_YES}, true},
        {{.urgency = ROUTE_URGENCY_NO}, false},
        {{0}, true},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        assert_int_equal(choose(&cases[index].row, 1, &message),
                         cases[index].fits ? 0 : DEFAULT_QUEUE);
}

static void bad_rows_are_refused(void **state)
{
    (void)state;
    static const struct route_row bad[] = {
        {.severity_at_least = SEVERITY_COUNT}, {.categories = 1u << CATEGORY_COUNT},
        {.traits = 1u << TRAIT_COUNT},         {.languages = 1u << LANGUAGE_COUNT},
        {.urgency = (enum route_urgency)3},    {.queue_index = QUEUES_MAX},
    };
    struct routing *routing;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++)
        assert_int_equal(routing_create(&bad[index], 1, 0, &routing), STATUS_INVALID);
    assert_int_equal(routing_create(NULL, 0, QUEUES_MAX, &routing), STATUS_INVALID);
    static const struct route_row many[ROUTES_MAX + 1];
    assert_int_equal(routing_create(many, ROUTES_MAX + 1, 0, &routing), STATUS_TOO_LARGE);
    memory_fail_after(0);
    assert_int_equal(routing_create(many, 1, 0, &routing), STATUS_MEMORY);
    memory_fail_after(-1);
}

static void rows_that_can_never_win_are_found(void **state)
{
    (void)state;
    const struct route_row rows[] = {
        {.severity_at_least = SEVERITY_SERIOUS, .categories = 1u << CATEGORY_FRAUD},
        {.severity_at_least = SEVERITY_MINOR, .categories = 1u << CATEGORY_FRAUD},
        {.severity_at_least = SEVERITY_CRITICAL},
        {.severity_at_least = SEVERITY_CRITICAL, .urgency = ROUTE_URGENCY_YES},
    };
    assert_int_equal(routing_find_shadowed(rows, 3), 3);
    assert_int_equal(routing_find_shadowed(rows, 4), 3);
    assert_int_equal(routing_find_shadowed(rows, 0), 0);
}

static uint64_t random_state;

static uint32_t pick(uint32_t bound)
{
    return random_below(&random_state, bound);
}

static uint32_t pick_set(uint32_t members)
{
    uint32_t set = 0;
    if (pick(2))
        for (uint32_t count = pick(3) + 1; count > 0; count--)
            set |= 1u << pick(members);
    return set;
}

static struct route_row pick_row(uint16_t queue)
{
    return (struct route_row){.severity_at_least = (enum severity)pick(SEVERITY_COUNT),
                              .categories = pick_set(CATEGORY_COUNT),
                              .traits = pick_set(TRAIT_COUNT),
                              .languages = pick_set(LANGUAGE_COUNT),
                              .channels = pick_set(8),
                              .urgency = (enum route_urgency)pick(3),
                              .queue_index = queue};
}

static bool is_in(uint64_t set, uint32_t member)
{
    return set == 0 || set >> member & 1;
}

static bool restated_fits(const struct route_row *row, const struct message *message)
{
    const struct verdict *verdict = &message->verdict;
    bool category = row->categories == 0;
    for (int index = 0; index < verdict->category_count; index++)
        category |= row->categories >> verdict->categories[index] & 1;
    bool trait = row->traits == 0;
    for (uint32_t index = 0; index < TRAIT_COUNT; index++)
        trait |= (row->traits >> index & 1) && (verdict->traits >> index & 1);
    bool urgency = row->urgency == ROUTE_URGENCY_ANY ||
                   row->urgency == (verdict->urgent ? ROUTE_URGENCY_YES : ROUTE_URGENCY_NO);
    return verdict->severity >= row->severity_at_least && category && trait && urgency &&
           is_in(row->languages, verdict->language) && is_in(row->channels, message->channel_index);
}

static void first_row_that_fits_wins(void **state)
{
    (void)state;
    random_state = 20240519;
    print_message("seed %llu\n", (unsigned long long)random_state);
    for (int round = 0; round < CASES; round++) {
        struct route_row rows[8];
        for (uint16_t index = 0; index < 8; index++)
            rows[index] = pick_row(index);
        struct message message = {.channel_index = (uint16_t)pick(8),
                                  .verdict = {.severity = (enum severity)pick(SEVERITY_COUNT),
                                              .urgent = pick(2),
                                              .language = (enum language)pick(LANGUAGE_COUNT),
                                              .category_count = (uint8_t)pick(3),
                                              .categories = {(uint8_t)pick(CATEGORY_COUNT),
                                                             (uint8_t)pick(CATEGORY_COUNT)},
                                              .traits = pick_set(TRAIT_COUNT)}};
        uint16_t expected = DEFAULT_QUEUE;
        for (uint16_t index = 8; index-- > 0;)
            if (restated_fits(&rows[index], &message))
                expected = index;
        assert_int_equal(choose(rows, 8, &message), expected);
        assert_int_not_equal(routing_find_shadowed(rows, 8), expected); /* a winner has no shadow */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rows_people_get_it),
        cmocka_unit_test(each_condition_decides_alone),
        cmocka_unit_test(bad_rows_are_refused),
        cmocka_unit_test(rows_that_can_never_win_are_found),
        cmocka_unit_test(first_row_that_fits_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
