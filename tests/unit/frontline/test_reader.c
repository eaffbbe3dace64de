/**
 * Readers against a live server on a thread of its own. Goal: claims, their ends and their leases
 * do what the public header says. Method: real socket, real shared memory, waits on conditions
 * only.
 */
#include "frontline_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void claims_the_gravest_then_the_oldest(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 16, 60000, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 2), STATUS_OK);
    assert_int_equal(fixture_push(&fixture, 0, 1, 2, 4), STATUS_OK);
    assert_int_equal(fixture_push(&fixture, 1, 2, 3, 3), STATUS_OK);
    assert_int_equal(fixture_push(&fixture, 1, 0, 4, 4), STATUS_OK);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    const int64_t expected[] = {2, 4, 3, 1};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, 0, &record, &token),
                         STATUS_OK);
        assert_int_equal(record.offset, expected[i]);
        assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
        assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    }
    assert_int_equal(redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, 0, &record, &token),
                     STATUS_EMPTY);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void keeps_to_the_queues_it_was_given(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 16, 60000, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 4), STATUS_OK);
    assert_int_equal(fixture_push(&fixture, 0, 1, 2, 1), STATUS_OK);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    uint64_t fraud = redress_frontline_queue_bit(reader, "fraud");
    assert_int_equal(fraud, 2);
    assert_int_equal(redress_frontline_queue_bit(reader, "none"), 0);
    assert_int_equal(redress_frontline_claim(reader, fraud, 0, &record, &token), STATUS_OK);
    assert_int_equal(record.offset, 2);
    assert_string_equal(record.text, "case number 2");
    assert_int_equal(redress_frontline_claim(reader, fraud, 0, &record, &token), STATUS_EMPTY);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void a_case_given_back_comes_back_under_another_epoch(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 16, 60000, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 4), STATUS_OK);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token first;
    struct frontline_token second;
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &first), STATUS_OK);
    assert_int_equal(redress_frontline_give_back(reader, &first), STATUS_OK);
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 5000), STATUS_OK);
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &second), STATUS_OK);
    assert_true(second.epoch > first.epoch);
    assert_int_equal(redress_frontline_acknowledge(reader, &first), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_give_back(reader, &first), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_renew(reader, &first), STATUS_CONFLICT);
    assert_int_equal(redress_frontline_acknowledge(reader, &second), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &second), STATUS_CONFLICT);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void hang_up_releases_claims_but_not_kept_ones(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 16, 60000, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 4), STATUS_OK);
    assert_int_equal(fixture_push(&fixture, 0, 0, 2, 3), STATUS_OK);
    struct frontline_reader *first = fixture_attach(&fixture);
    struct frontline_reader *second = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token kept;
    struct frontline_token lost;
    char text[FRONTLINE_TOKEN_TEXT_BYTES];
    assert_int_equal(redress_frontline_claim(first, 1, FRONTLINE_CLAIM_KEEP, &record, &kept),
                     STATUS_OK);
    assert_int_equal(redress_frontline_claim(first, 1, 0, &record, &lost), STATUS_OK);
    assert_int_equal(record.offset, 2);
    redress_frontline_detach(first);
    assert_int_equal(redress_frontline_wait(second, 1, FRONTLINE_WAIT_SPIN, 5000), STATUS_OK);
    assert_int_equal(redress_frontline_claim(second, 1, 0, &record, &lost), STATUS_OK);
    assert_int_equal(record.offset, 2);
    assert_int_equal(redress_frontline_claim(second, 1, 0, &record, &lost), STATUS_EMPTY);
    struct frontline_token parsed;
    redress_frontline_token_print(&kept, text);
    assert_true(redress_frontline_token_parse(text, &parsed));
    assert_memory_equal(&parsed, &kept, sizeof kept);
    assert_int_equal(redress_frontline_acknowledge(second, &parsed), STATUS_OK);
    redress_frontline_detach(second);
    fixture_end(&fixture);
}

static void a_lease_that_ends_gives_the_case_to_others_and_renewal_prevents_it(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 16, 120, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 4), STATUS_OK);
    struct frontline_reader *first = fixture_attach(&fixture);
    struct frontline_reader *second = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    struct frontline_token other;
    assert_int_equal(redress_frontline_claim(first, 1, 0, &record, &token), STATUS_OK);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(redress_frontline_wait(second, 1, FRONTLINE_WAIT_BLOCK, 40),
                         STATUS_TIMEOUT);
        assert_int_equal(redress_frontline_renew(first, &token), STATUS_OK);
    }
    assert_int_equal(redress_frontline_wait(second, 1, FRONTLINE_WAIT_BLOCK, 5000), STATUS_OK);
    assert_true(clock_monotonic_ns() >= token.expires_ns);
    assert_int_equal(redress_frontline_claim(second, 1, 0, &record, &other), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(first, &token), STATUS_CONFLICT);
    redress_frontline_detach(first);
    redress_frontline_detach(second);
    fixture_end(&fixture);
}

static void a_full_ring_answers_full_and_a_repeat_conflict(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 4, 60000, NULL);
    for (uint64_t i = 1; i <= 4; i++)
        assert_int_equal(fixture_push(&fixture, 0, 0, i, 1), STATUS_OK);
    assert_int_equal(fixture_push(&fixture, 0, 0, 2, 1), STATUS_CONFLICT);
    assert_int_equal(fixture_push(&fixture, 0, 0, 5, 1), STATUS_FULL);
    assert_int_equal(fixture_push(&fixture, 1, 0, 2, 1), STATUS_CONFLICT);
    struct frontline_stats stats;
    frontline_read_stats(fixture.frontline, &stats);
    assert_int_equal(stats.overflowed, 1);
    assert_int_equal(stats.duplicates_total, 2);
    assert_int_equal(stats.standing, 4);
    assert_int_equal(frontline_queue_depth(fixture.frontline, 0), 4);
    /* The refill brings it later, into its own ring. */
    assert_int_equal(fixture_push(&fixture, 1, 0, 5, 1), STATUS_OK);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    uint64_t seen = 0;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
        seen |= UINT64_C(1) << record.offset;
        assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
        assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    }
    assert_int_equal(seen, 0x3E);
    /* Acknowledged is as known as standing. */
    assert_int_equal(fixture_push(&fixture, 0, 0, 3, 1), STATUS_CONFLICT);
    assert_int_equal(fixture_push(&fixture, 0, 0, 6, 1), STATUS_OK);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

struct held_sink {
    _Atomic uint64_t reference;
    _Atomic uint32_t refusals;
};

static enum redress_status hold_acknowledgement(void *context,
                                                const struct frontline_acknowledgement *ack)
{
    struct held_sink *sink = context;
    if (atomic_load(&sink->refusals) > 0) {
        atomic_fetch_sub(&sink->refusals, 1);
        return STATUS_FULL;
    }
    atomic_store(&sink->reference, ack->reference);
    return STATUS_OK;
}

static bool somebody_asks(const struct fixture *fixture)
{
    struct pollfd wanted = {.fd = frontline_server_fd(fixture->server), .events = POLLIN};
    return poll(&wanted, 1, 0) == 1;
}

static uint64_t acknowledged_after_step(struct fixture *fixture)
{
    struct frontline_stats stats;
    frontline_server_step(fixture->server, clock_monotonic_ns());
    frontline_read_stats(fixture->frontline, &stats);
    return stats.acknowledged_total;
}

static void end_one(struct frontline_reader *reader)
{
    struct frontline_record record;
    struct frontline_token token;
    assert_int_equal(redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, 0, &record, &token),
                     STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
}

static void readers_ask_once_and_the_server_comes_until_nothing_moves(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 8, 60000, NULL);
    struct frontline_reader *reader = fixture_attach(&fixture);
    fixture_stop_serving(&fixture);
    for (uint64_t number = 1; number <= 3; number++)
        assert_int_equal(fixture_push(&fixture, 0, 0, number, 3), STATUS_OK);
    (void)acknowledged_after_step(&fixture);
    assert_false(somebody_asks(&fixture));
    end_one(reader);
    assert_true(somebody_asks(&fixture));
    assert_int_equal(acknowledged_after_step(&fixture), 1);
    assert_int_equal(frontline_server_wait_ms(fixture.server), FRONTLINE_BUSY_STEP_MS);
    end_one(reader);
    assert_false(somebody_asks(&fixture));
    assert_int_equal(acknowledged_after_step(&fixture), 2);
    assert_int_equal(acknowledged_after_step(&fixture), 2);
    assert_int_equal(frontline_server_wait_ms(fixture.server), FRONTLINE_STEP_MS);
    end_one(reader);
    assert_true(somebody_asks(&fixture));
    assert_int_equal(acknowledged_after_step(&fixture), 3);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void durable_waits_for_kafka_and_survives_a_full_sink(void **state)
{
    (void)state;
    struct fixture fixture;
    struct held_sink held = {.refusals = 3};
    struct claims_sink sink = {.context = &held, .on_acknowledged = hold_acknowledgement};
    fixture_start(&fixture, 4, 60000, &sink);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 1), STATUS_OK);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 50), STATUS_TIMEOUT);
    while (atomic_load(&held.reference) == 0)
        usleep(1000);
    frontline_acknowledgement_durable(fixture.frontline, UINT64_MAX); /* nobody's */
    frontline_acknowledgement_durable(fixture.frontline, atomic_load(&held.reference) + 1);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 50), STATUS_TIMEOUT);
    frontline_acknowledgement_durable(fixture.frontline, atomic_load(&held.reference));
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void an_acknowledgement_from_elsewhere_withdraws_the_case(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 4, 60000, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 1), STATUS_OK);
    assert_int_equal(fixture_push(&fixture, 0, 0, 2, 1), STATUS_OK);
    struct frontline_record record;
    fixture_record(&record, 1, 0, 1);
    frontline_note_acknowledged(fixture.frontline, record.case_id, 0);
    while (frontline_queue_depth(fixture.frontline, 0) != 1)
        usleep(1000);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_token token;
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
    assert_int_equal(record.offset, 2);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static enum redress_status push_revision(struct fixture *fixture, uint32_t producer,
                                         uint64_t number, uint8_t revision)
{
    struct frontline_record record;
    fixture_record(&record, number, revision, (uint8_t)(2 + revision));
    return frontline_push(fixture->frontline, producer, 0, &record);
}

/** The engine has looked at what was pushed. */
static void wait_superseded(struct fixture *fixture, uint64_t wanted)
{
    struct frontline_stats stats;
    do {
        usleep(1000);
        frontline_read_stats(fixture->frontline, &stats);
    } while (stats.superseded_total != wanted);
}

static void a_raised_case_takes_the_place_of_the_one_that_stands(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 8, 60000, NULL);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    assert_int_equal(push_revision(&fixture, 0, 1, 0), STATUS_OK);
    assert_int_equal(push_revision(&fixture, 1, 1, 1), STATUS_OK);
    assert_int_equal(push_revision(&fixture, 0, 1, 0), STATUS_CONFLICT);
    assert_int_equal(push_revision(&fixture, 0, 1, 1), STATUS_CONFLICT);
    wait_superseded(&fixture, 1);
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 5000), STATUS_OK);
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
    assert_int_equal(record.revision, 1);
    struct frontline_token second;
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &second), STATUS_EMPTY);
    assert_int_equal(redress_frontline_latest(reader, &token, &record), STATUS_EMPTY);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    assert_int_equal(frontline_queue_depth(fixture.frontline, 0), 0);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void a_lower_revision_that_comes_late_is_known(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 8, 60000, NULL);
    assert_int_equal(push_revision(&fixture, 1, 1, 1), STATUS_OK);
    assert_int_equal(push_revision(&fixture, 0, 1, 0), STATUS_CONFLICT);
    fixture_end(&fixture);
}

static void a_claimed_case_that_is_raised_is_only_marked(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 8, 60000, NULL);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    struct frontline_token second;
    for (uint64_t number = 1; number <= 2; number++) {
        enum redress_status status;
        assert_int_equal(push_revision(&fixture, 0, number, 0), STATUS_OK);
        assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
        assert_int_equal(record.revision, 0);
        assert_int_equal(redress_frontline_latest(reader, &token, &record), STATUS_EMPTY);
        assert_int_equal(push_revision(&fixture, 1, number, 1), STATUS_OK);
        while ((status = redress_frontline_latest(reader, &token, &record)) == STATUS_EMPTY)
            usleep(1000);
        assert_int_equal(status, STATUS_OK);
        assert_int_equal(record.revision, 1);
        assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &second), STATUS_EMPTY);
        if (number == 1) { /* given back: the raised one is offered, once */
            assert_int_equal(redress_frontline_give_back(reader, &token), STATUS_OK);
            assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, 5000),
                             STATUS_OK);
            assert_int_equal(redress_frontline_latest(reader, &token, &record), STATUS_CONFLICT);
            assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
            assert_int_equal(record.revision, 1);
            assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &second), STATUS_EMPTY);
        }
        assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
        assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    }
    /* The second was acknowledged as revision 0 while revision 1 waited: both are done. */
    while (frontline_queue_depth(fixture.frontline, 0) != 0)
        usleep(1000);
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_EMPTY);
    assert_int_equal(push_revision(&fixture, 0, 2, 1), STATUS_CONFLICT);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void a_case_raised_after_its_acknowledgement_is_offered_again(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 8, 60000, NULL);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    assert_int_equal(push_revision(&fixture, 0, 1, 0), STATUS_OK);
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_OK);
    assert_int_equal(redress_frontline_wait_durable(reader, &token, 5000), STATUS_OK);
    assert_int_equal(push_revision(&fixture, 1, 1, 1), STATUS_OK);
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
    assert_int_equal(record.revision, 1);
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void peek_and_tail_observe_without_claiming(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 4, 60000, NULL);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    uint64_t missed = 0;
    assert_int_equal(redress_frontline_tail(reader, REDRESS_FRONTLINE_ALL, 0, &record, &missed),
                     STATUS_TIMEOUT);
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal(fixture_push(&fixture, 0, 2, i, 1), STATUS_OK);
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
    redress_frontline_detach(reader);
    fixture_end(&fixture);
}

static void an_engine_that_ends_stops_its_readers(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 4, 60000, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 1), STATUS_OK);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
    fixture_end(&fixture);
    assert_int_equal(redress_frontline_acknowledge(reader, &token), STATUS_STOPPED);
    assert_int_equal(redress_frontline_wait(reader, 1, FRONTLINE_WAIT_BLOCK, -1), STATUS_STOPPED);
    redress_frontline_detach(reader);
}

static void a_token_of_another_life_is_not_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, 4, 60000, NULL);
    assert_int_equal(fixture_push(&fixture, 0, 0, 1, 1), STATUS_OK);
    struct frontline_reader *reader = fixture_attach(&fixture);
    struct frontline_record record;
    struct frontline_token token;
    assert_int_equal(redress_frontline_claim(reader, 1, 0, &record, &token), STATUS_OK);
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
    redress_frontline_detach(reader);
    fixture_end(&fixture);
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
    struct frontline_token token;
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
    struct fixture fixture;
    struct stat facts;
    fixture_start(&fixture, 4, 60000, NULL);
    assert_int_equal(stat(fixture.path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    struct frontline_server_settings settings = {.socket_path = fixture.path};
    struct frontline_server *second = NULL;
    assert_int_equal(frontline_server_open(fixture.frontline, &settings, &second), STATUS_CONFLICT);
    settings.group = "no-such-group-here";
    settings.socket_path = "/tmp/redress-test-never.sock";
    assert_int_equal(frontline_server_open(fixture.frontline, &settings, &second),
                     STATUS_NOT_FOUND);
    fixture_end(&fixture);
    struct frontline_reader *reader = NULL;
    assert_int_equal(redress_frontline_attach(fixture.path, &reader), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_the_gravest_then_the_oldest),
        cmocka_unit_test(keeps_to_the_queues_it_was_given),
        cmocka_unit_test(a_case_given_back_comes_back_under_another_epoch),
        cmocka_unit_test(hang_up_releases_claims_but_not_kept_ones),
        cmocka_unit_test(a_lease_that_ends_gives_the_case_to_others_and_renewal_prevents_it),
        cmocka_unit_test(a_full_ring_answers_full_and_a_repeat_conflict),
        cmocka_unit_test(readers_ask_once_and_the_server_comes_until_nothing_moves),
        cmocka_unit_test(durable_waits_for_kafka_and_survives_a_full_sink),
        cmocka_unit_test(an_acknowledgement_from_elsewhere_withdraws_the_case),
        cmocka_unit_test(a_raised_case_takes_the_place_of_the_one_that_stands),
        cmocka_unit_test(a_lower_revision_that_comes_late_is_known),
        cmocka_unit_test(a_claimed_case_that_is_raised_is_only_marked),
        cmocka_unit_test(a_case_raised_after_its_acknowledgement_is_offered_again),
        cmocka_unit_test(peek_and_tail_observe_without_claiming),
        cmocka_unit_test(an_engine_that_ends_stops_its_readers),
        cmocka_unit_test(a_token_of_another_life_is_not_found),
        cmocka_unit_test(tokens_that_are_no_tokens_are_refused),
        cmocka_unit_test(the_socket_is_for_its_group_only_and_never_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
