/**
 * The Kafka source and ingest's step machine on librdkafka's mock cluster.
 *
 * Goal:   what was committed was delivered, everything is read at least once, groups and budgets
 * hold. Method: one producer handle carries the mock cluster; each test makes its own topics and
 * drives one or two ingests by hand on this thread, ending messages when the test says so. Most of
 * the time is the mock cluster's, which waits 3 s before a group's first assignment and nearly a
 * session before each further one: so every test is a process with a cluster of its own, all at
 * once.
 */
#include "ingest/ingest.h"
#include "ingest/kafka_source.h"
#include "ingest/loop.h"

#include "base/clock.h"
#include "base/memory.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { SEEN_MAX = 20000, HELD_MAX = 2048, WAIT_S = 60 };

static rd_kafka_t *producer;
static rd_kafka_mock_cluster_t *cluster;
static const char *brokers;

/* One engine's ingest, with a worker that ends messages only when told. */
struct member {
    struct partition_table *partitions;
    struct source *source;
    struct ingest *ingest;
    struct loop *loop;
    struct doorbell bell;
    struct message *held[HELD_MAX];
    uint32_t held_count;
    uint32_t held_peak;
    bool end_at_once;
    uint32_t room; /* hand_over says FULL beyond it */
    uint32_t seen;
    struct {
        char topic[40];
        int32_t partition;
        int64_t offset;
        uint32_t generation;
    } records[SEEN_MAX];
    enum redress_status status;
};

static size_t room_bytes(uint32_t payload_size)
{
    return 2 * (size_t)payload_size + 64;
}

static enum redress_status take_message(void *context, struct message *message)
{
    struct member *member = context;
    if (member->held_count >= member->room)
        return STATUS_FULL;
    assert_true(member->seen < SEEN_MAX);
    snprintf(member->records[member->seen].topic, sizeof member->records[0].topic, "%s",
             message->topic);
    member->records[member->seen].partition = message->partition;
    member->records[member->seen].offset = message->offset;
    member->records[member->seen++].generation = message->generation;
    member->held[member->held_count++] = message;
    if (member->held_count > member->held_peak)
        member->held_peak = member->held_count;
    return STATUS_OK;
}

static void end_held(struct member *member, uint32_t count)
{
    for (uint32_t index = 0; index < count && member->held_count > 0; index++) {
        struct message *message = member->held[--member->held_count];
        message->ending = ENDING_CALM;
        ingest_return(member->ingest, message);
    }
}

struct plan {
    const char *group;
    const char *instance;
    struct kafka_topic topics[4];
    uint32_t topic_count;
    enum start_from start_from;
    enum on_log_loss on_log_loss;
    enum loop_kind loop_kind;
    uint32_t held_messages_max;
    uint64_t drain_ns_max;
    uint32_t room;
    struct kafka_property properties[4];
    uint32_t property_count;
};

static struct member *open_member(const struct plan *plan)
{
    struct member *member = memory_allocate(sizeof *member);
    assert_non_null(member);
    member->room = plan->room ? plan->room : HELD_MAX;
    member->end_at_once = true;
    assert_int_equal(doorbell_open(&member->bell), STATUS_OK);
    assert_int_equal(loop_create(plan->loop_kind, &member->loop), STATUS_OK);
    assert_int_equal(partition_table_create(&member->partitions), STATUS_OK);
    /* The mock cluster waits a whole session for members that left: keep sessions short. */
    struct kafka_property properties[6] = {{"session.timeout.ms", "6000"},
                                           {"heartbeat.interval.ms", "500"}};
    memcpy(properties + 2, plan->properties, plan->property_count * sizeof properties[0]);
    struct kafka_source_settings source = {.brokers = brokers,
                                           .group = plan->group,
                                           .instance = plan->instance,
                                           .topics = plan->topics,
                                           .topic_count = plan->topic_count,
                                           .properties = properties,
                                           .property_count = plan->property_count + 2,
                                           .start_from = plan->start_from,
                                           .on_log_loss = plan->on_log_loss,
                                           .commit_interval_ms =
                                               60000, /* tests commit themselves */
                                           .partitions = member->partitions,
                                           .doorbell = &member->bell};
    struct redress_error error;
    assert_int_equal(kafka_source_create(&source, &member->source, &error), STATUS_OK);
    struct ingest_settings settings = {
        .source = member->source,
        .partitions = member->partitions,
        .loop = member->loop,
        .doorbell = &member->bell,
        .held_messages_max = plan->held_messages_max ? plan->held_messages_max : HELD_MAX,
        .held_bytes_max = 64 << 20,
        .drain_ns_max = plan->drain_ns_max ? plan->drain_ns_max : 10ull * NS_PER_S,
        .payload_bytes_max = {1 << 20, 1 << 20},
        .channel_count = 2,
        .room_bytes = room_bytes,
        .hand_over = take_message,
        .context = member};
    assert_int_equal(ingest_create(&settings, &member->ingest), STATUS_OK);
    return member;
}

static void turn(struct member *member)
{
    member->status = ingest_step(member->ingest, clock_monotonic_ns());
    if (member->end_at_once)
        end_held(member, HELD_MAX);
    if (member->status == STATUS_EMPTY)
        ingest_wait(member->ingest, 10ull * NS_PER_MS);
}

#define AWAIT(condition, first, second)                                                            \
    do {                                                                                           \
        uint64_t until_ns = clock_monotonic_ns() + WAIT_S * (uint64_t)NS_PER_S;                    \
        while (!(condition)) {                                                                     \
            assert_true(clock_monotonic_ns() < until_ns);                                          \
            turn(first);                                                                           \
            if (second)                                                                            \
                turn(second);                                                                      \
        }                                                                                          \
    } while (0)

static struct member *const no_one = NULL;

/* Like SIGKILL: nothing is drained, stored or committed. */
static void drop_member(struct member *member)
{
    end_held(member, 0);
    ingest_destroy(member->ingest);
    source_close(member->source);
    loop_destroy(member->loop);
    doorbell_close(&member->bell);
    partition_table_destroy(member->partitions);
    memory_free(member);
}

static void close_member(struct member *member)
{
    ingest_stop(member->ingest, clock_monotonic_ns() + 20ull * NS_PER_S);
    AWAIT(member->status == STATUS_STOPPED, member, no_one);
    assert_int_equal(ingest_held(member->ingest), 0);
    drop_member(member);
}

static void produce(const char *topic, int32_t partition, int count, size_t size)
{
    char *value = memory_allocate(size + 1);
    memset(value, 'x', size);
    for (int index = 0; index < count; index++) {
        rd_kafka_resp_err_t code;
        while ((code = rd_kafka_producev(
                    producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                    RD_KAFKA_V_KEY("customer", 8), RD_KAFKA_V_HEADER("id", "7", 1),
                    RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                    RD_KAFKA_V_END)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            rd_kafka_poll(producer, 10);
        assert_int_equal(code, 0);
    }
    assert_int_equal(rd_kafka_flush(producer, 30000), 0);
    memory_free(value);
}

static void make_topic(const char *topic, int partitions)
{
    assert_int_equal(rd_kafka_mock_topic_create(cluster, topic, partitions, 1), 0);
}

/* True where offsets 0 to count-1 of the partition were seen, by one or both. */
static bool saw_all(const struct member *first, const struct member *second, const char *topic,
                    int32_t partition, int64_t count)
{
    bool seen[SEEN_MAX] = {false};
    const struct member *const both[] = {first, second};
    for (int side = 0; side < 2; side++)
        for (uint32_t index = 0; both[side] && index < both[side]->seen; index++)
            if (strcmp(both[side]->records[index].topic, topic) == 0 &&
                both[side]->records[index].partition == partition)
                seen[both[side]->records[index].offset] = true;
    for (int64_t offset = 0; offset < count; offset++)
        if (!seen[offset])
            return false;
    return true;
}

static uint64_t total(const struct member *member, uint64_t (*of)(const struct ingest_counters *))
{
    uint64_t sum = 0;
    for (uint32_t slot = 0; slot < partition_table_count(member->partitions); slot++)
        sum += of(ingest_counters(member->ingest, slot));
    return sum;
}

static uint64_t lost_of(const struct ingest_counters *counters)
{
    return atomic_load(&counters->lost_before_read);
}

static uint64_t received_of(const struct ingest_counters *counters)
{
    return atomic_load(&counters->received);
}

static void source_reads_everything_and_goes_on_where_it_was_done(void **state)
{
    enum loop_kind kind = *(const enum loop_kind *)*state;
    const char *topic = kind == LOOP_EPOLL ? "plain-epoll" : "plain-uring";
    make_topic(topic, 2);
    produce(topic, 0, 500, 100);
    produce(topic, 1, 500, 100);
    struct plan plan = {
        .group = topic, .topics = {{topic, 0, false}}, .topic_count = 1, .loop_kind = kind};
    struct member *member = open_member(&plan);
    AWAIT(member->seen == 1000, member, no_one);
    assert_true(saw_all(member, NULL, topic, 0, 500) && saw_all(member, NULL, topic, 1, 500));
    close_member(member);
    produce(topic, 0, 10, 100);
    member = open_member(&plan);
    AWAIT(member->seen == 10, member, no_one);
    assert_int_equal(member->records[0].offset, 500);
    close_member(member);
}

static void source_commits_nothing_that_is_not_done(void **state)
{
    (void)state;
    make_topic("undone", 1);
    produce("undone", 0, 100, 50);
    struct plan plan = {.group = "undone", .topics = {{"undone", 0, false}}, .topic_count = 1};
    struct member *member = open_member(&plan);
    member->end_at_once = false;
    AWAIT(member->seen == 100, member, no_one);
    /* All but one are done, and that one is number 40. */
    struct message *held = member->held[40];
    member->held[40] = member->held[99];
    member->held_count = 99;
    end_held(member, 99);
    turn(member);
    assert_int_equal(source_commit(member->source), STATUS_OK);
    (void)held;
    drop_member(member);
    member = open_member(&plan);
    AWAIT(member->seen == 60, member, no_one);
    assert_int_equal(member->records[0].offset, 40);
    close_member(member);
}

static void source_starts_at_the_end_and_keeps_to_it(void **state)
{
    (void)state;
    make_topic("latest", 1);
    produce("latest", 0, 20, 50);
    struct plan plan = {.group = "latest",
                        .topics = {{"latest", 0, false}},
                        .topic_count = 1,
                        .start_from = START_FROM_LATEST};
    struct member *member = open_member(&plan);
    AWAIT(atomic_load(&ingest_totals(member->ingest)->partitions_assigned) == 1, member, no_one);
    close_member(member); /* nothing was read, yet its start is committed */
    produce("latest", 0, 5, 50);
    member = open_member(&plan);
    AWAIT(member->seen == 5, member, no_one);
    assert_int_equal(member->records[0].offset, 20);
    close_member(member);
}

static void two_members_share_the_partitions_and_miss_nothing(void **state)
{
    (void)state;
    make_topic("shared", 4);
    for (int32_t partition = 0; partition < 4; partition++)
        produce("shared", partition, 300, 50);
    struct plan plan = {.group = "shared", .topics = {{"shared", 0, true}}, .topic_count = 1};
    struct member *first = open_member(&plan);
    AWAIT(first->seen >= 100, first, no_one);
    struct member *second = open_member(&plan);
    AWAIT(atomic_load(&ingest_totals(first->ingest)->partitions_assigned) == 2 &&
              atomic_load(&ingest_totals(second->ingest)->partitions_assigned) == 2,
          first, second);
    for (int32_t partition = 0; partition < 4; partition++)
        produce("shared", partition, 300, 50);
    AWAIT(saw_all(first, second, "shared", 0, 600) && saw_all(first, second, "shared", 1, 600) &&
              saw_all(first, second, "shared", 2, 600) && saw_all(first, second, "shared", 3, 600),
          first, second);
    /* Repeats are possible here: unlike Kafka, the mock cluster refuses commits while it
     * rebalances. */
    assert_true(first->seen + second->seen >= 2400);
    close_member(second);
    AWAIT(atomic_load(&ingest_totals(first->ingest)->partitions_assigned) == 4, first, no_one);
    produce("shared", 3, 7, 50);
    AWAIT(saw_all(first, NULL, "shared", 3, 0) && first->records[first->seen - 1].offset == 606,
          first, no_one);
    close_member(first);
}

static void a_revoke_waits_for_messages_in_flight_but_not_for_ever(void **state)
{
    (void)state;
    make_topic("drain", 2);
    produce("drain", 0, 10, 50);
    produce("drain", 1, 10, 50);
    struct plan plan = {.group = "drain",
                        .topics = {{"drain", 0, false}},
                        .topic_count = 1,
                        .drain_ns_max = 300ull * NS_PER_MS};
    struct member *first = open_member(&plan);
    first->end_at_once = false;
    AWAIT(first->seen == 20, first, no_one);
    struct member *second = open_member(&plan);
    AWAIT(atomic_load(&ingest_totals(first->ingest)->partitions_assigned) == 1 &&
              atomic_load(&ingest_totals(second->ingest)->partitions_assigned) == 1,
          first, second);
    assert_true(atomic_load(&ingest_totals(first->ingest)->drain_timeouts) >= 1);
    /* Nothing was done, so both read theirs again; what ends late moves no watermark. On a slow
     * machine the group may rebalance once more, and they read once more. */
    AWAIT(first->seen >= 30 && second->seen >= 10, first, second);
    end_held(first, first->held_count);
    assert_int_equal(total(first, received_of), first->seen);
    close_member(first);
    close_member(second);
}

/* Requests of a kind that the broker answers with such a delay, or counts down by when they come.
 */
enum { OFFSET_COMMIT = 8, LEAVE_GROUP = 13, BROKER = 1 };

static void a_member_that_leaves_tells_the_group_however_slow_its_last_commits_are(void **state)
{
    (void)state;
    make_topic("left", 1);
    produce("left", 0, 10, 50);
    struct plan plan = {
        .group = "left", .instance = "one", .topics = {{"left", 0, false}}, .topic_count = 1};
    struct member *member = open_member(&plan);
    AWAIT(member->seen == 10, member, no_one);
    /* The first commit is ours, the second librdkafka's for the partitions that it lets go. */
    enum { OURS_MS = 0, ITS_MS = 500 };
    assert_int_equal(rd_kafka_mock_broker_push_request_error_rtts(
                         cluster, BROKER, OFFSET_COMMIT, 2, RD_KAFKA_RESP_ERR_NO_ERROR, OURS_MS,
                         RD_KAFKA_RESP_ERR_NO_ERROR, ITS_MS),
                     0);
    assert_int_equal(rd_kafka_mock_broker_push_request_error_rtts(cluster, BROKER, LEAVE_GROUP, 1,
                                                                  RD_KAFKA_RESP_ERR_NO_ERROR, 0),
                     0);
    ingest_leave(member->ingest, clock_monotonic_ns() + 20ull * NS_PER_S);
    AWAIT(member->status == STATUS_STOPPED, member, no_one);
    drop_member(member);
    size_t not_sent;
    assert_int_equal(rd_kafka_mock_broker_error_stack_cnt(cluster, BROKER, LEAVE_GROUP, &not_sent),
                     0);
    assert_int_equal(not_sent, 0);
}

static void a_backlog_does_not_starve_a_quiet_channel(void **state)
{
    (void)state;
    make_topic("backlog", 3);
    make_topic("chat", 1);
    for (int32_t partition = 0; partition < 3; partition++)
        produce("backlog", partition, 4000, 100);
    struct plan plan = {.group = "fair",
                        .topics = {{"backlog", 0, false}, {"chat", 1, false}},
                        .topic_count = 2,
                        .held_messages_max = 64};
    struct member *member = open_member(&plan);
    AWAIT(member->seen >= 500, member, no_one);
    produce("chat", 0, 20, 100);
    uint32_t before = member->seen;
    /* A slow sink, so that the backlog outlasts what the mock needs to answer a fetch. */
    member->end_at_once = false;
    while (!saw_all(member, NULL, "chat", 0, 20)) {
        turn(member);
        end_held(member, 2);
        usleep(500);
        assert_true(member->seen < 12020); /* long before the backlog is through */
    }
    member->end_at_once = true;
    print_message("chat was read after %u records of the backlog\n", member->seen - before);
    assert_true(member->held_peak <= 64);
    close_member(member);
}

static void over_its_budget_a_member_does_not_read_and_stays_in_the_group(void **state)
{
    (void)state;
    make_topic("budget", 2);
    produce("budget", 0, 200, 100);
    produce("budget", 1, 200, 100);
    struct plan plan = {.group = "budget",
                        .topics = {{"budget", 0, false}},
                        .topic_count = 1,
                        .held_messages_max = 50,
                        .properties = {{"max.poll.interval.ms", "6000"}},
                        .property_count = 1};
    struct member *member = open_member(&plan);
    member->end_at_once = false;
    AWAIT(member->seen == 50, member, no_one);
    uint64_t quiet_ns = clock_monotonic_ns() + 8ull * NS_PER_S;
    while (clock_monotonic_ns() < quiet_ns)
        turn(member);
    assert_int_equal(member->seen, 50);
    assert_int_equal(atomic_load(&ingest_totals(member->ingest)->partitions_assigned), 2);
    assert_int_equal(atomic_load(&ingest_totals(member->ingest)->partitions_not_read), 2);
    member->end_at_once = true;
    AWAIT(member->seen == 400, member, no_one);
    assert_int_equal(atomic_load(&ingest_totals(member->ingest)->rebalances), 1);
    close_member(member);
}

static void a_full_worker_ring_holds_its_message_and_offers_it_again(void **state)
{
    (void)state;
    make_topic("ring", 1);
    produce("ring", 0, 100, 100);
    struct plan plan = {
        .group = "ring", .topics = {{"ring", 0, false}}, .topic_count = 1, .room = 10};
    struct member *member = open_member(&plan);
    member->end_at_once = false;
    AWAIT(member->seen == 10 && ingest_held(member->ingest) == 11, member, no_one);
    member->end_at_once = true;
    AWAIT(member->seen == 100, member, no_one);
    for (uint32_t index = 0; index < 100; index++)
        assert_int_equal(member->records[index].offset, index);
    close_member(member);
}

static void what_was_deleted_before_it_was_read_is_counted_exactly(void **state)
{
    (void)state;
    make_topic("loss", 1);
    produce("loss", 0, 10, 100);
    struct plan plan = {.group = "loss", .topics = {{"loss", 0, false}}, .topic_count = 1};
    struct member *member = open_member(&plan);
    AWAIT(member->seen == 10, member, no_one);
    close_member(member);
    /* The mock cluster keeps a few megabytes a partition and deletes what is older. */
    produce("loss", 0, 300, 40000);
    plan.on_log_loss = ON_LOG_LOSS_HALT;
    member = open_member(&plan);
    AWAIT(member->status == STATUS_FATAL, member, no_one);
    assert_non_null(strstr(ingest_error(member->ingest), "on_log_loss"));
    uint64_t halted = total(member, lost_of);
    assert_int_equal(member->seen, 0);
    drop_member(member);
    plan.on_log_loss = ON_LOG_LOSS_CONTINUE;
    member = open_member(&plan);
    AWAIT(member->seen > 0 && member->records[member->seen - 1].offset == 309, member, no_one);
    assert_int_equal(total(member, lost_of), halted);
    assert_int_equal(total(member, lost_of) + member->seen, 300);
    close_member(member);
}

static void start_up_names_what_is_missing(void **state)
{
    (void)state;
    make_topic("there", 1);
    struct kafka_topic topics[] = {{"there", 0, false}, {"absent", 0, false}};
    struct kafka_source_settings settings = {
        .brokers = brokers, .group = "check", .topics = topics, .topic_count = 1};
    struct error_list *errors = memory_allocate(sizeof *errors);
    assert_int_equal(kafka_source_check(&settings, 1 << 20, 5000, errors), STATUS_OK);
    rd_kafka_mock_topic_set_error(cluster, "absent", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    settings.topic_count = 2;
    assert_int_equal(kafka_source_check(&settings, 1 << 20, 5000, errors), STATUS_INVALID);
    assert_int_equal(errors->count, 1);
    assert_non_null(strstr(errors->errors[0].text, "absent"));
    settings.brokers = "127.0.0.1:1";
    assert_int_equal(kafka_source_check(&settings, 1 << 20, 1000, errors), STATUS_TIMEOUT);
    settings.properties = &(struct kafka_property){"fetch.wait.max.mss", "1"};
    settings.property_count = 1;
    assert_int_equal(kafka_source_check(&settings, 1 << 20, 1000, errors), STATUS_INVALID);
    assert_non_null(strstr(errors->errors[2].text, "fetch.wait.max.mss"));
    memory_free(errors);
}

static int open_cluster(void **state)
{
    (void)state;
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "client.id", "test", text, sizeof text);
    rd_kafka_conf_set(conf, "linger.ms", "1", text, sizeof text);
    producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    cluster = rd_kafka_mock_cluster_new(producer, 1);
    brokers = rd_kafka_mock_cluster_bootstraps(cluster);
    /* The handle that carries the cluster talks to it, too. */
    rd_kafka_brokers_add(producer, brokers);
    return 0;
}

static int close_cluster(void **state)
{
    (void)state;
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(producer);
    return 0;
}

/* One test in a process of its own. */
struct child {
    pid_t pid;
    FILE *said;
};

static struct child start_child(const struct CMUnitTest *test)
{
    struct child child = {.said = tmpfile()};
    assert_non_null(child.said);
    fflush(NULL);
    child.pid = fork();
    assert_true(child.pid >= 0);
    if (child.pid > 0)
        return child;
    if (dup2(fileno(child.said), STDOUT_FILENO) < 0 || dup2(fileno(child.said), STDERR_FILENO) < 0)
        _exit(1);
    exit(_cmocka_run_group_tests(test->name, test, 1, open_cluster, close_cluster));
}

/* Shows what it said, too. */
static bool child_passed(struct child *child)
{
    int outcome;
    assert_int_equal(waitpid(child->pid, &outcome, 0), child->pid);
    rewind(child->said);
    char line[1024];
    while (fgets(line, sizeof line, child->said))
        fputs(line, stdout);
    fclose(child->said);
    return WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0;
}

static const enum loop_kind kinds[] = {LOOP_AUTO, LOOP_EPOLL};

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(source_reads_everything_and_goes_on_where_it_was_done,
                                  (void *)(uintptr_t)&kinds[0]),
        cmocka_unit_test_prestate(source_reads_everything_and_goes_on_where_it_was_done,
                                  (void *)(uintptr_t)&kinds[1]),
        cmocka_unit_test(source_commits_nothing_that_is_not_done),
        cmocka_unit_test(source_starts_at_the_end_and_keeps_to_it),
        cmocka_unit_test(two_members_share_the_partitions_and_miss_nothing),
        cmocka_unit_test(a_revoke_waits_for_messages_in_flight_but_not_for_ever),
        cmocka_unit_test(a_member_that_leaves_tells_the_group_however_slow_its_last_commits_are),
        cmocka_unit_test(a_backlog_does_not_starve_a_quiet_channel),
        cmocka_unit_test(over_its_budget_a_member_does_not_read_and_stays_in_the_group),
        cmocka_unit_test(a_full_worker_ring_holds_its_message_and_offers_it_again),
        cmocka_unit_test(what_was_deleted_before_it_was_read_is_counted_exactly),
        cmocka_unit_test(start_up_names_what_is_missing),
    };
    enum { COUNT = sizeof tests / sizeof tests[0] };
    struct child children[COUNT];
    int failed = 0;
    for (int index = 0; index < COUNT; index++)
        children[index] = start_child(&tests[index]);
    for (int index = 0; index < COUNT; index++)
        failed += !child_passed(&children[index]);
    print_message("%d of %d tests failed\n", failed, (int)COUNT);
    return failed;
}
