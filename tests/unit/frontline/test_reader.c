/**
 * Readers against a live server on a thread of its own. Goal: claims, their ends and their leases
 * do what the public header says. Method: real socket, real shared memory, waits on conditions
 * only.
 */
#include "frontline_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { SLOTS = 16, SLOTS_FEW = 4, LEASE_MS = 60000, LEASE_MS_SHORT = 120 };

/* What every test has: a server, a reader of it, and what was claimed last. */
static struct fixture fixture;
static bool is_ended;
static struct frontline_reader *reader;
static struct frontline_record record;
static struct frontline_token token;

/* A sink that refuses some times, then keeps the acknowledgement until the test has it durable. */
static struct {
    _Atomic uint64_t reference;
    _Atomic uint32_t refusals;
} held;

static enum redress_status hold_acknowledgement(void *context,
                                                const struct frontline_acknowledgement *ack)
{
    (void)context;
    if (atomic_load(&held.refusals) > 0) {
        atomic_fetch_sub(&held.refusals, 1);
        return STATUS_FULL;
    }
    atomic_store(&held.reference, ack->reference);
    return STATUS_OK;
}

static int start(uint32_t slots, uint32_t lease_ms, const struct claims_sink *sink)
{
    fixture_start(&fixture, slots, lease_ms, sink);
    is_ended = false;
    reader = fixture_attach(&fixture);
    return 0;
}

static int start_usual(void **state)
{
    (void)state;
    return start(SLOTS, LEASE_MS, NULL);
}

static int start_with_few_slots(void **state)
{
    (void)state;
    return start(SLOTS_FEW, LEASE_MS, NULL);
}

static int start_with_short_leases(void **state)
{
    (void)state;
    return start(SLOTS, LEASE_MS_SHORT, NULL);
}

static int start_with_held_sink(void **state)
{
    (void)state;
    const struct claims_sink sink = {.on_acknowledged = hold_acknowledgement};
    atomic_store(&held.reference, 0);
    atomic_store(&held.refusals, 3);
    return start(SLOTS, LEASE_MS, &sink);
}

static void end_engine(void)
{
    fixture_end(&fixture);
    is_ended = true;
}

static int end(void **state)
{
    (void)state;
    redress_frontline_detach(reader);
    if (!is_ended)
        fixture_end(&fixture);
    return 0;
}

#define TEST(name)             TEST_WITH(name, start_usual)
#define TEST_WITH(name, setup) cmocka_unit_test_setup_teardown(name, setup, end)

static enum redress_status push(uint32_t producer, uint32_t queue, uint64_t number,
                                uint8_t severity)
{
    return fixture_push(&fixture, producer, queue, number, severity);
}

static enum redress_status claim(uint64_t queues, struct frontline_token *out)
{
    return redress_frontline_claim(reader, queues, 0, &record, out);
}

static void claims_the_gravest_then_the_oldest(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 2), STATUS_OK);
    assert_int_equal(push(0, 1, 2, 4), STATUS_OK);
    assert_int_equal(push(1, 2, 3, 3), STATUS_OK);
    assert_int_equal(push(1, 0, 4, 4), STATUS_OK);
    const int64_t expected[] = {2, 4, 3, 1};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(claim(REDRESS_FRONTLINE_ALL, &token), STATUS_OK);
        assert_int_equal(record.offset, expected[i]);
        assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
        assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    }
    assert_int_equal(claim(REDRESS_FRONTLINE_ALL, &token), STATUS_EMPTY);
}

static void keeps_to_the_queues_it_was_given(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 4), STATUS_OK);
    assert_int_equal(push(0, 1, 2, 1), STATUS_OK);
    uint64_t fraud = redress_frontline_queue_bit(reader, "fraud");
    assert_int_equal(fraud, 2);
    assert_int_equal(redress_frontline_queue_bit(reader, "none"), 0);
    assert_int_equal(claim(fraud, &token), STATUS_OK);
    assert_int_equal(record.offset, 2);
    assert_string_equal(record.text, "case number 2");
    assert_int_equal(claim(fraud, &token), STATUS_EMPTY);
}

static void a_case_given_back_comes_back_under_another_epoch(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 4), STATUS_OK);
    struct frontline_token first;
    struct frontline_token second;
    assert_int_equal(claim(1, &first), STATUS_OK);
    assert_int_equal(redress_frontline_give_back(reader, &first), STATUS_OK);
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 5000), STATUS_OK);
    assert_int_equal(claim(1, &second), STATUS_OK);
    assert_true(second.epoch > first.epoch);
    assert_int_equal(redress_frontline_acknowledge(reader, &first), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_give_back(reader, &first), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_renew(reader, &first), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_acknowledge(reader, &second), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &second), STATUS_CONFLICT);
}

static void hang_up_releases_claims_but_not_kept_ones(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 4), STATUS_OK);
    assert_int_equal(push(0, 0, 2, 3), STATUS_OK);
    struct frontline_reader *first = fixture_attach(&fixture);
    struct frontline_token kept;
    struct frontline_token lost;
    char text[FRONTLINE_TOKEN_TEXT_BYTES];
    assert_int_equal(redress_frontline_claim(first, 1, FRONTLINE_CLAIM_KEEP, &record, &kept),
                     STATUS_OK);
    assert_int_equal(redress_frontline_claim(first, 1, 0, &record, &lost), STATUS_OK);
    assert_int_equal(record.offset, 2);
    redress_frontline_detach(first);
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_SPIN, 5000), STATUS_OK);
    assert_int_equal(claim(1, &lost), STATUS_OK);
    assert_int_equal(record.offset, 2);
    assert_int_equal(claim(1, &lost), STATUS_EMPTY);
    struct frontline_token parsed;
    redress_frontline_token_print(&kept, text);
    assert_true(redress_frontline_token_parse(text, &parsed));
    assert_memory_equal(&parsed, &kept, sizeof kept);
    assert_int_equal(redress_frontline_acknowledge(reader, &parsed), STATUS_OK);
}

static void a_lease_that_ends_gives_the_case_to_others_and_renewal_prevents_it(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 4), STATUS_OK);
    struct frontline_reader *first = fixture_attach(&fixture);
    struct frontline_token other;
    assert_int_equal(redress_frontline_claim(first, 1, 0, &record, &token), STATUS_OK);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 40),
                         STATUS_TIMEOUT);
        assert_int_equal(redress_frontline_renew(first, &token), STATUS_OK);
    }
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 5000), STATUS_OK);
    assert_true(clock_monotonic_ns() >= token.expires_ns);
    assert_int_equal(claim(1, &other), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(first, &token), STATUS_CONFLICT);
    redress_frontline_detach(first);
}

static void a_full_ring_answers_full_and_a_repeat_conflict(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 4; i++)
        assert_int_equal(push(0, 0, i, 1), STATUS_OK);
    assert_int_equal(push(0, 0, 2, 1), STATUS_CONFLICT);
    assert_int_equal(push(0, 0, 5, 1), STATUS_FULL);
    assert_int_equal(push(1, 0, 2, 1), STATUS_CONFLICT);
    struct frontline_stats stats;
    frontline_read_stats(fixture.frontline, &stats);
    assert_int_equal(stats.overflowed, 1);
    assert_int_equal(stats.duplicates_total, 2);
    assert_int_equal(stats.standing, 4);
    assert_int_equal(frontline_queue_depth(fixture.frontline, 0), 4);
    /* The refill brings it later, into its own ring. */
    assert_int_equal(push(1, 0, 5, 1), STATUS_OK);
    uint64_t seen = 0;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(claim(1, &token), STATUS_OK);
        seen |= UINT64_C(1) << record.offset;
        assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
        assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    }
    assert_int_equal(seen, 0x3E);
    /* Acknowledged is as known as standing. */
    assert_int_equal(push(0, 0, 3, 1), STATUS_CONFLICT);
    assert_int_equal(push(0, 0, 6, 1), STATUS_OK);
}

static bool somebody_asks(void)
{
    struct pollfd wanted = {.fd = frontline_server_fd(fixture.server), .events = POLLIN};
    return poll(&wanted, 1, 0) == 1;
}

static uint64_t acknowledged_after_step(void)
{
    struct frontline_stats stats;
    frontline_server_step(fixture.server, clock_monotonic_ns());
    frontline_read_stats(fixture.frontline, &stats);
    return stats.acknowledged_total;
}

static void end_one(void)
{
    assert_int_equal(claim(REDRESS_FRONTLINE_ALL, &token), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
}

static void readers_ask_once_and_the_server_comes_until_nothing_moves(void **state)
{
    (void)state;
    fixture_stop_serving(&fixture);
    for (uint64_t number = 1; number <= 3; number++)
        assert_int_equal(push(0, 0, number, 3), STATUS_OK);
    (void)acknowledged_after_step();
    assert_false(somebody_asks());
    end_one();
    assert_true(somebody_asks());
    assert_int_equal(acknowledged_after_step(), 1);
    assert_int_equal(frontline_server_wait_ms(fixture.server), FRONTLINE_BUSY_STEP_MS);
    end_one();
    assert_false(somebody_asks());
    assert_int_equal(acknowledged_after_step(), 2);
    assert_int_equal(acknowledged_after_step(), 2);
    assert_int_equal(frontline_server_wait_ms(fixture.server), FRONTLINE_STEP_MS);
    end_one();
    assert_true(somebody_asks());
    assert_int_equal(acknowledged_after_step(), 3);
}

static void durable_waits_for_kafka_and_survives_a_full_sink(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 1), STATUS_OK);
    assert_int_equal(claim(1, &token), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 50), STATUS_TIMEOUT);
    while (atomic_load(&held.reference) == 0)
        usleep(1000);
    frontline_acknowledgement_durable(fixture.frontline, UINT64_MAX); /* nobody's */
    frontline_acknowledgement_durable(fixture.frontline, atomic_load(&held.reference) + 1);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 50), STATUS_TIMEOUT);
    frontline_acknowledgement_durable(fixture.frontline, atomic_load(&held.reference));
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
}

static void an_acknowledgement_from_elsewhere_withdraws_the_case(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 1), STATUS_OK);
    assert_int_equal(push(0, 0, 2, 1), STATUS_OK);
    fixture_record(&record, 1, 0, 1);
    frontline_note_acknowledged(fixture.frontline, record.case_id, 0);
    while (frontline_queue_depth(fixture.frontline, 0) != 1)
        usleep(1000);
    assert_int_equal(claim(1, &token), STATUS_OK);
    assert_int_equal(record.offset, 2);
}

static enum redress_status push_revision(uint32_t producer, uint64_t number, uint8_t revision)
{
    struct frontline_record pushed;
    fixture_record(&pushed, number, revision, (uint8_t)(2 + revision));
    return frontline_push(fixture.frontline, producer, 0, &pushed);
}

/** The engine has looked at what was pushed. */
static void wait_superseded(uint64_t wanted)
{
    struct frontline_stats stats;
    do {
        usleep(1000);
        frontline_read_stats(fixture.frontline, &stats);
    } while (stats.superseded_total != wanted);
}

static void a_raised_case_takes_the_place_of_the_one_that_stands(void **state)
{
    (void)state;
    assert_int_equal(push_revision(0, 1, 0), STATUS_OK);
    assert_int_equal(push_revision(1, 1, 1), STATUS_OK);
    assert_int_equal(push_revision(0, 1, 0), STATUS_CONFLICT);
    assert_int_equal(push_revision(0, 1, 1), STATUS_CONFLICT);
    wait_superseded(1);
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 5000), STATUS_OK);
    assert_int_equal(claim(1, &token), STATUS_OK);
    assert_int_equal(record.revision, 1);
    struct frontline_token second;
    assert_int_equal(claim(1, &second), STATUS_EMPTY);
    assert_int_equal(redress_frontline_latest(reader, &token, &record), STATUS_EMPTY);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    assert_int_equal(frontline_queue_depth(fixture.frontline, 0), 0);
}

static void a_lower_revision_that_comes_late_is_known(void **state)
{
    (void)state;
    assert_int_equal(push_revision(1, 1, 1), STATUS_OK);
    assert_int_equal(push_revision(0, 1, 0), STATUS_CONFLICT);
}

static void a_claimed_case_that_is_raised_is_only_marked(void **state)
{
    (void)state;
    struct frontline_token second;
    for (uint64_t number = 1; number <= 2; number++) {
        enum redress_status status;
        assert_int_equal(push_revision(0, number, 0), STATUS_OK);
        assert_int_equal(claim(1, &token), STATUS_OK);
        assert_int_equal(record.revision, 0);
        assert_int_equal(redress_frontline_latest(reader, &token, &record), STATUS_EMPTY);
        assert_int_equal(push_revision(1, number, 1), STATUS_OK);
        while ((status = redress_frontline_latest(reader, &token, &record)) == STATUS_EMPTY)
            usleep(1000);
        assert_int_equal(status, STATUS_OK);
        assert_int_equal(record.revision, 1);
        assert_int_equal(claim(1, &second), STATUS_EMPTY);
        if (number == 1) { /* given back: the raised one is offered, once */
            assert_int_equal(redress_frontline_give_back(reader, &token), STATUS_OK);
            assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 5000),
                             STATUS_OK);
            assert_int_equal(redress_frontline_latest(reader, &token, &record), STATUS_CONFLICT);
            assert_int_equal(claim(1, &token), STATUS_OK);
            assert_int_equal(record.revision, 1);
            assert_int_equal(claim(1, &second), STATUS_EMPTY);
        }
        assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
        assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    }
    /* The second was acknowledged as revision 0 while revision 1 waited: both are done. */
    while (frontline_queue_depth(fixture.frontline, 0) != 0)
        usleep(1000);
    assert_int_equal(claim(1, &token), STATUS_EMPTY);
    assert_int_equal(push_revision(0, 2, 1), STATUS_CONFLICT);
}

static void a_case_raised_after_its_acknowledgement_is_offered_again(void **state)
{
    (void)state;
    assert_int_equal(push_revision(0, 1, 0), STATUS_OK);
    assert_int_equal(claim(1, &token), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    assert_int_equal(push_revision(1, 1, 1), STATUS_OK);
    assert_int_equal(claim(1, &token), STATUS_OK);
    assert_int_equal(record.revision, 1);
}

static void peek_and_tail_observe_without_claiming(void **state)
{
    (void)state;
    uint64_t missed = 0;
    assert_int_equal(redress_frontline_tail(reader, REDRESS_FRONTLINE_ALL, 0, &record, &missed),
                     STATUS_TIMEOUT);
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal(push(0, 2, i, 1), STATUS_OK);
    for (int64_t i = 1; i <= 3; i++) {
        assert_int_equal(
            redress_frontline_tail(reader, REDRESS_FRONTLINE_ALL, 5000, &record, &missed),
            STATUS_OK);
        assert_int_equal(record.offset, i);
    }
    uint32_t cursor = 0;
    int count = 0;
    enum frontline_case_state seen;
    while (redress_frontline_peek(reader, 4, &cursor, &record, &seen) == STATUS_OK) {
        assert_int_equal(seen, FRONTLINE_CASE_READY);
        count++;
    }
    assert_int_equal(count, 3);
    assert_int_equal(missed, 0);
}

static void an_engine_that_ends_stops_its_readers(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 1), STATUS_OK);
    assert_int_equal(claim(1, &token), STATUS_OK);
    end_engine();
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_STOPPED);
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, -1), STATUS_STOPPED);
}

static void a_token_of_another_life_is_not_found(void **state)
{
    (void)state;
    assert_int_equal(push(0, 0, 1, 1), STATUS_OK);
    assert_int_equal(claim(1, &token), STATUS_OK);
    struct frontline_token wrong = token;
    wrong.instance++;
    assert_int_equal(redress_frontline_acknowledge(reader, &wrong), STATUS_NOT_FOUND);
    wrong = token;
    wrong.slot = UINT32_MAX;
    assert_int_equal(redress_frontline_acknowledge(reader, &wrong), STATUS_CONFLICT);
    wrong = token;
    wrong.case_id.low++;
    assert_int_equal(redress_frontline_acknowledge(reader, &wrong), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_renew(reader, &wrong), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
}

static void tokens_that_are_no_tokens_are_refused(void **state)
{
    (void)state;
    const char *const bad[] = {"",
                               "f1-",
                               "f2-00000000000000010000000000000002-1-2-3-4-0",
                               "f1-0000000000000001000000000000000-1-2-3-4-0",
                               "f1-00000000000000010000000000000002-1-2-3-4",
                               "f1-00000000000000010000000000000002-1-2-3-4-0 ",
                               "f1-00000000000000010000000000000002-1-2-3-123456789-0",
                               "f1-00000000000000010000000000000002-fffffffffff-2-3-4-0",
                               "f1-0000000000000001000000000000000G-1-2-3-4-0"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(redress_frontline_token_parse(bad[i], &token));
    assert_true(
        redress_frontline_token_parse("f1-00000000000000010000000000000002-1-2-3-4-0", &token));
    assert_int_equal(token.case_id.low, 2);
    assert_int_equal(token.slot, 4);
}

static void the_socket_is_for_its_group_only_and_never_taken_over(void **state)
{
    (void)state;
    struct stat facts;
    assert_int_equal(stat(fixture.path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    struct frontline_server_settings settings = {.socket_path = fixture.path};
    struct frontline_server *second = NULL;
    assert_int_equal(frontline_server_open(fixture.frontline, &settings, &second), STATUS_CONFLICT);
    settings.group = "no-such-group-here";
    settings.socket_path = "/tmp/redress-test-never.sock";
    assert_int_equal(frontline_server_open(fixture.frontline, &settings, &second),
                     STATUS_NOT_FOUND);
    end_engine();
    struct frontline_reader *late = NULL;
    assert_int_equal(redress_frontline_attach(fixture.path, &late), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(claims_the_gravest_then_the_oldest),
        TEST(keeps_to_the_queues_it_was_given),
        TEST(a_case_given_back_comes_back_under_another_epoch),
        TEST(hang_up_releases_claims_but_not_kept_ones),
        TEST_WITH(a_lease_that_ends_gives_the_case_to_others_and_renewal_prevents_it,
                  start_with_short_leases),
        TEST_WITH(a_full_ring_answers_full_and_a_repeat_conflict, start_with_few_slots),
        TEST(readers_ask_once_and_the_server_comes_until_nothing_moves),
        TEST_WITH(durable_waits_for_kafka_and_survives_a_full_sink, start_with_held_sink),
        TEST(an_acknowledgement_from_elsewhere_withdraws_the_case),
        TEST(a_raised_case_takes_the_place_of_the_one_that_stands),
        TEST(a_lower_revision_that_comes_late_is_known),
        TEST(a_claimed_case_that_is_raised_is_only_marked),
        TEST(a_case_raised_after_its_acknowledgement_is_offered_again),
        TEST(peek_and_tail_observe_without_claiming),
        TEST(an_engine_that_ends_stops_its_readers),
        TEST(a_token_of_another_life_is_not_found),
        cmocka_unit_test(tokens_that_are_no_tokens_are_refused),
        TEST(the_socket_is_for_its_group_only_and_never_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
