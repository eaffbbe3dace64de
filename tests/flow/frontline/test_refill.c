/**
 * Acknowledgements and refill against librdkafka's mock cluster. Goal: after the engine's end every
 * unacknowledged case stands again, once, and no acknowledged one does. Method: several lives of
 * the queue, each with its own shared memory, over the same topics.
 */
#include "../../unit/frontline/frontline_fixture.h"

#include "frontline/acks.h"
#include "frontline/record.h"
#include "frontline/refill.h"

#include <librdkafka/rdkafka_mock.h>

enum { CASES = 40, WAIT_NS_MAX_S = 60 };

static const char *const topics[] = {"redress.frontline.safety", "redress.frontline.fraud",
                                     "redress.frontline.desk"};
static const char acks_topic[] = "redress.frontline.acks";

struct life {
    struct frontline *frontline;
    struct frontline_server *server;
    struct frontline_acks *acks;
    struct frontline_refill *refill;
};

static char bootstrap[256];

static rd_kafka_conf_t *new_conf(void)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, NULL, 0),
                     RD_KAFKA_CONF_OK);
    return conf;
}

static void start_life(struct life *life, uint32_t slots)
{
    char error[256];
    struct frontline_settings settings = {.producer_count = 2,
                                          .queue_count = 3,
                                          .queue_names = fixture_queues,
                                          .slots_per_ring = slots,
                                          .standing_max = 4096};
    memset(life, 0, sizeof *life);
    assert_int_equal(frontline_create(&settings, &life->frontline), STATUS_OK);
    struct frontline_acks_settings acks = {
        .conf = new_conf(), .topic = acks_topic, .queue_names = fixture_queues};
    assert_int_equal(frontline_acks_open(life->frontline, &acks, &life->acks, error), STATUS_OK);
    struct frontline_refill_settings refill = {.conf = new_conf(),
                                               .group = "test",
                                               .acks_topic = acks_topic,
                                               .queue_count = 3,
                                               .topics = topics,
                                               .producer_index = 1};
    assert_int_equal(frontline_refill_open(life->frontline, &refill, &life->refill, error),
                     STATUS_OK);
    struct frontline_server_settings server = {.context = life->acks,
                                               .on_acknowledged = frontline_acks_write};
    assert_int_equal(frontline_server_open(life->frontline, &server, &life->server), STATUS_OK);
}

static void step(struct life *life)
{
    frontline_server_step(life->server, clock_monotonic_ns());
    assert_int_equal(frontline_acks_step(life->acks), STATUS_OK);
    assert_int_equal(frontline_refill_step(life->refill, clock_monotonic_ns()), STATUS_OK);
    usleep(1000);
}

static void end_life(struct life *life)
{
    frontline_refill_close(life->refill);
    assert_true(frontline_acks_close(life->acks, 10000));
    frontline_server_close(life->server);
    frontline_free(life->frontline);
}

/** What stands, as bits of the case numbers; a case that stands twice fails. */
static uint64_t standing_cases(const struct life *life)
{
    uint64_t seen = 0;
    for (uint32_t slot = 0; slot < life->frontline->geometry.slot_count; slot++) {
        const struct slot_truth *truth = &life->frontline->truths[slot];
        if (atomic_load(&truth->holder) != HOLDER_SERVER || truth->state == SLOT_ACKED)
            continue;
        assert_true(truth->case_id.low >= 1 && truth->case_id.low <= CASES);
        uint64_t bit = UINT64_C(1) << truth->case_id.low;
        assert_false(seen & bit);
        seen |= bit;
    }
    return seen;
}

/** Acknowledges as a reader would: by the claim words. */
static void acknowledge(struct life *life, uint64_t number)
{
    for (uint32_t slot = 0; slot < life->frontline->geometry.slot_count; slot++) {
        const struct slot_truth *truth = &life->frontline->truths[slot];
        if (atomic_load(&truth->holder) == HOLDER_SERVER && truth->case_id.low == number)
            atomic_store(&life->frontline->claims->words[slot],
                         frontline_word(WORD_ACKED, FRONTLINE_OWNER_KEPT, truth->epoch));
    }
}

static void wait_caught_up(struct life *life)
{
    uint64_t end_ns = clock_monotonic_ns() + (uint64_t)WAIT_NS_MAX_S * NS_PER_S;
    while (!frontline_refill_caught_up(life->refill)) {
        assert_true(clock_monotonic_ns() < end_ns);
        step(life);
    }
}

static void wait_figure(struct life *life, const uint64_t *figure, uint64_t wanted,
                        struct frontline_stats *stats)
{
    uint64_t end_ns = clock_monotonic_ns() + (uint64_t)WAIT_NS_MAX_S * NS_PER_S;
    do {
        assert_true(clock_monotonic_ns() < end_ns);
        step(life);
        frontline_read_stats(life->frontline, stats);
    } while (*figure != wanted);
}

static void produce(rd_kafka_t *producer, uint64_t number, bool damaged)
{
    struct frontline_record record;
    fixture_record(&record, number, 0, 3);
    frontline_record_seal(&record);
    if (damaged)
        record.severity ^= 1;
    assert_int_equal(
        rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topics[number % 3]),
                          RD_KAFKA_V_PARTITION((int32_t)(number % 2)), RD_KAFKA_V_VALUE("{}", 2),
                          RD_KAFKA_V_HEADER(FRONTLINE_RECORD_HEADER, &record, record.bytes),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
        RD_KAFKA_RESP_ERR_NO_ERROR);
}

static const uint64_t all_cases = ((UINT64_C(1) << CASES) - 1) << 1;

static void unacknowledged_cases_come_back_once(void **state)
{
    (void)state;
    struct life life;
    struct frontline_stats stats;
    start_life(&life, 64);
    wait_caught_up(&life);
    assert_int_equal(standing_cases(&life), all_cases);
    struct frontline_refill_stats refill;
    frontline_refill_read_stats(life.refill, &refill);
    assert_int_equal(refill.refused_total, 1);
    assert_int_equal(refill.pushed_total, CASES);
    for (uint64_t number = 1; number <= 10; number++)
        acknowledge(&life, number);
    wait_figure(&life, &stats.standing, CASES - 10, &stats);
    wait_figure(&life, &stats.waiting_durable, 0, &stats);
    end_life(&life);

    start_life(&life, 64);
    wait_caught_up(&life);
    assert_int_equal(standing_cases(&life), all_cases & ~UINT64_C(0x7FE));
    /* What the worker is handed again stands already, or is done. */
    struct frontline_record record;
    fixture_record(&record, 5, 0, 3);
    assert_int_equal(frontline_push(life.frontline, 0, 5 % 3, &record), STATUS_CONFLICT);
    fixture_record(&record, 15, 0, 3);
    assert_int_equal(frontline_push(life.frontline, 0, 15 % 3, &record), STATUS_CONFLICT);
    end_life(&life);
}

static void full_rings_are_refilled_as_they_empty(void **state)
{
    (void)state;
    struct life life;
    struct frontline_stats stats;
    uint64_t seen = 0;
    start_life(&life, 4);
    uint64_t end_ns = clock_monotonic_ns() + (uint64_t)WAIT_NS_MAX_S * NS_PER_S;
    const uint64_t expected = all_cases & ~UINT64_C(0x7FE);
    while (seen != expected) {
        step(&life);
        assert_true(clock_monotonic_ns() < end_ns);
        uint64_t standing = standing_cases(&life);
        assert_false(standing & ~expected);
        seen |= standing;
        for (uint64_t number = 1; number <= CASES; number++)
            if (standing >> number & 1)
                acknowledge(&life, number);
    }
    wait_figure(&life, &stats.waiting_durable, 0, &stats);
    end_life(&life);

    start_life(&life, 4);
    wait_caught_up(&life);
    assert_int_equal(standing_cases(&life), 0);
    end_life(&life);

    /* Nothing is unacknowledged, so nothing is read again. */
    struct frontline_refill_stats refill;
    start_life(&life, 4);
    wait_caught_up(&life);
    frontline_refill_read_stats(life.refill, &refill);
    assert_int_equal(refill.read_total, 0);
    end_life(&life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unacknowledged_cases_come_back_once),
        cmocka_unit_test(full_rings_are_refilled_as_they_empty),
    };
    char error[256];
    rd_kafka_t *host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof error);
    assert_non_null(host);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(host, 1);
    (void)snprintf(bootstrap, sizeof bootstrap, "%s", rd_kafka_mock_cluster_bootstraps(cluster));
    for (int i = 0; i < 3; i++)
        (void)rd_kafka_mock_topic_create(cluster, topics[i], 2, 1);
    (void)rd_kafka_mock_topic_create(cluster, acks_topic, 2, 1);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, new_conf(), error, sizeof error);
    assert_non_null(producer);
    for (uint64_t number = 1; number <= CASES; number++)
        produce(producer, number, false);
    produce(producer, 7, false); /* delivered twice */
    produce(producer, 50, true);
    assert_int_equal(rd_kafka_flush(producer, 30000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
    return failures;
}
