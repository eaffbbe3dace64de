/**
 * redress dead-letters against librdkafka's mock cluster: what list shows, and that replay puts
 * each original back once, whole, under its case id.
 *
 * Dead letters are written with egress's own encoder. The command runs in-process; its output is
 * caught in memory. The mock cluster takes transactions but has no control records, and cannot
 * create topics by request; the run on a real Kafka covers those.
 */
#include "cli/dead_letters.c"
#include "cli/dead_letters_record.c"
#include "cli/dead_letters_replay.c"
#include "cli/dead_letters_topic.c"

#include "unit/egress/messages.h"

#include <librdkafka/rdkafka_mock.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ARGUMENTS_MAX = 24, OUTPUT_MAX = 64 * 1024, SHORT_TIMEOUT_MS = 10000 };

struct fixture {
    rd_kafka_t *host;
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *writer;
    char output[OUTPUT_MAX];
    char errors[OUTPUT_MAX];
};

static struct fixture fixture;

static rd_kafka_t *client(rd_kafka_type_t type, bool connected)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, NULL);
    if (connected)
        rd_kafka_conf_set(conf, "bootstrap.servers",
                          rd_kafka_mock_cluster_bootstraps(fixture.cluster), error, sizeof error);
    rd_kafka_t *made = rd_kafka_new(type, conf, error, sizeof error);
    assert_non_null(made);
    return made;
}

static int begin(void **state)
{
    (void)state;
    fixture.host = client(RD_KAFKA_PRODUCER, false);
    fixture.cluster = rd_kafka_mock_cluster_new(fixture.host, 1);
    rd_kafka_mock_topic_create(fixture.cluster, "dead", 2, 1);
    rd_kafka_mock_topic_create(fixture.cluster, "dead.replayed", 1, 1);
    rd_kafka_mock_topic_create(fixture.cluster, "in.web", 4, 1);
    fixture.writer = client(RD_KAFKA_PRODUCER, true);
    return 0;
}

static int end(void **state)
{
    (void)state;
    rd_kafka_destroy(fixture.writer);
    rd_kafka_mock_cluster_destroy(fixture.cluster);
    rd_kafka_destroy(fixture.host);
    return 0;
}

static void write_record(const char *topic, int32_t partition, struct slice key, struct slice value,
                         const struct message_header *header)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
    if (header)
        rd_kafka_header_add(headers, header->name.data, header->name.size, header->value.data,
                            header->value.size);
    assert_int_equal(rd_kafka_producev(fixture.writer, RD_KAFKA_V_TOPIC(topic),
                                       RD_KAFKA_V_PARTITION(partition),
                                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                       RD_KAFKA_V_VALUE((void *)(uintptr_t)value.data, value.size),
                                       RD_KAFKA_V_KEY((const void *)key.data, key.size),
                                       RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END),
                     0);
    assert_int_equal(rd_kafka_flush(fixture.writer, 10000), 0);
}

/* A dead letter of a message with that id and payload. */
static struct message dead_message(uint64_t id, const char *payload, enum dead_reason reason)
{
    struct message message = test_message();
    message.case_id = (struct case_id){.high = 7, .low = id};
    message.partition = 2;
    message.offset = 0;
    message.payload = test_slice(payload);
    message.payload_size_original = message.payload.size;
    message.payload_hash = hash_bytes(payload, strlen(payload));
    message.key = test_slice("customer");
    message.dead_reason = reason;
    message.decided_ns = 0;
    return message;
}

static void bury(const struct message *message, enum record_form form, int32_t partition)
{
    static char value[512 * 1024];
    struct record_names names = test_names();
    size_t size;
    assert_int_equal(record_encode_dead_letter(message, &names, form, value, sizeof value, &size),
                     STATUS_OK);
    write_record("dead", partition, (struct slice){0},
                 (struct slice){.data = value, .size = (uint32_t)size}, NULL);
}

static int command(const char *const *arguments)
{
    char brokers[128];
    snprintf(brokers, sizeof brokers, "%s", rd_kafka_mock_cluster_bootstraps(fixture.cluster));
    char copies[ARGUMENTS_MAX][256];
    char *argv[ARGUMENTS_MAX + 1] = {0};
    int argc = 0;
    const char *const first[] = {"dead-letters", "--brokers", brokers, "--topic", "dead"};
    for (int index = 0; index < 5; index++, argc++)
        snprintf(copies[argc], sizeof copies[argc], "%s", first[index]);
    for (; *arguments; arguments++, argc++)
        snprintf(copies[argc], sizeof copies[argc], "%s", *arguments);
    for (int index = 0; index < argc; index++)
        argv[index] = copies[index];
    memset(fixture.output, 0, sizeof fixture.output);
    memset(fixture.errors, 0, sizeof fixture.errors);
    FILE *kept_out = stdout;
    FILE *kept_err = stderr;
    stdout = fmemopen(fixture.output, sizeof fixture.output, "w");
    stderr = fmemopen(fixture.errors, sizeof fixture.errors, "w");
    int code = cli_dead_letters(argc, argv);
    fclose(stdout);
    fclose(stderr);
    stdout = kept_out;
    stderr = kept_err;
    return code;
}

#define RUN(...) command((const char *const[]){__VA_ARGS__, NULL})

static unsigned lines(const char *text)
{
    unsigned count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

struct found {
    unsigned count;
    char value[256 * 1024];
    char key[256];
    char case_id[64];
    char header[64];
    int32_t partition;
};

static enum redress_status take(void *context, const rd_kafka_message_t *record)
{
    struct found *found = context;
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;
    found->count++;
    found->partition = record->partition;
    found->header[0] = found->case_id[0] = '\0';
    snprintf(found->value, sizeof found->value, "%.*s", (int)record->len, (char *)record->payload);
    snprintf(found->key, sizeof found->key, "%.*s", (int)record->key_len, (char *)record->key);
    if (rd_kafka_message_headers(record, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    if (!rd_kafka_header_get_last(headers, CASE_ID_HEADER, &value, &size))
        snprintf(found->case_id, sizeof found->case_id, "%.*s", (int)size, (const char *)value);
    if (!rd_kafka_header_get_last(headers, "trace", &value, &size))
        snprintf(found->header, sizeof found->header, "%.*s", (int)size, (const char *)value);
    return STATUS_OK;
}

/* All that stands in the input topic; the last record is in *found. */
static unsigned read_input(struct found *found)
{
    struct dead_letters_kafka kafka = {
        .properties = {{"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(fixture.cluster)}},
        .property_count = 1,
        .timeout_ms = SHORT_TIMEOUT_MS};
    found->count = 0;
    assert_int_equal(
        dead_letters_read_topic(&kafka, "in.web", (struct dead_letters_visitor){take, found}),
        STATUS_OK);
    return found->count;
}

static void list_shows_filters_and_stops(void **state)
{
    (void)state;
    struct message first = dead_message(1, "{bad", DEAD_NOT_JSON);
    struct message second = dead_message(2, "{}", DEAD_TEXT_MISSING);
    struct message third = dead_message(3, "large", DEAD_NOT_JSON);
    snprintf(first.dead_detail, sizeof first.dead_detail, "\x1b[2J at byte 1");
    third.payload_size_original = 70000;
    bury(&first, RECORD_WHOLE, 0);
    bury(&second, RECORD_WHOLE, 0);
    bury(&third, RECORD_HEAD, 1);
    write_record("dead", 0, (struct slice){0}, test_slice("not a dead letter"), NULL);
    assert_int_equal(RUN("list"), EXIT_DONE);
    assert_int_equal(lines(fixture.output), 3);
    assert_non_null(strstr(fixture.output,
                           "00000000000000070000000000000001  waiting     not_json  in.web/2/0  "
                           "4 B  whole  ?[2J at byte 1\n"));
    assert_non_null(strstr(fixture.output, "70000 B  reference"));
    assert_non_null(strstr(fixture.errors, "1 records of dead are no dead letters"));
    assert_int_equal(RUN("list", "--reason", "not_json"), EXIT_DONE);
    assert_int_equal(lines(fixture.output), 2);
    assert_int_equal(RUN("list", "--limit", "1"), EXIT_DONE);
    assert_int_equal(lines(fixture.output), 1);
    assert_int_equal(RUN("list", "--id", "00000000000000070000000000000002", "--json"), EXIT_DONE);
    assert_string_equal(fixture.output,
                        "{\"case_id\":\"00000000000000070000000000000002\",\"state\":\"waiting\","
                        "\"reason\":\"text_missing\",\"detail\":\"\",\"channel\":\"web\","
                        "\"topic\":\"in.web\",\"partition\":2,\"offset\":0,\"bytes\":2,"
                        "\"kept\":\"whole\"}\n");
    assert_int_equal(RUN("list", "--id", "00000000000000070000000000000009"), EXIT_ANSWER_NO);
    assert_non_null(
        strstr(fixture.errors, "no dead letter of case 0000000000000007000000000000000"));
}

static void replay_puts_the_original_back_once(void **state)
{
    (void)state;
    static struct found found;
    const struct message_header headers[] = {
        {test_slice("trace"), test_slice("t-1")},
        {test_slice(CASE_ID_HEADER), test_slice("ffffffffffffffffffffffffffffffff")}};
    struct message message = dead_message(1, "{bad", DEAD_NOT_JSON);
    message.headers = headers;
    message.header_count = 2;
    bury(&message, RECORD_WHOLE, 0);
    bury(&message, RECORD_WHOLE, 1); /* the same message, dead a second time */
    assert_int_equal(RUN("replay", "--all"), EXIT_DONE);
    assert_non_null(strstr(fixture.errors, "1 put back, 1 were already"));
    assert_int_equal(read_input(&found), 1);
    assert_string_equal(found.value, "{bad");
    assert_string_equal(found.key, "customer");
    assert_string_equal(found.header, "t-1");
    assert_string_equal(found.case_id, "00000000000000070000000000000001");
    assert_int_equal(found.partition, 2);
    assert_int_equal(RUN("replay", "--all", "--json"), EXIT_DONE);
    assert_non_null(strstr(fixture.output, "\"answer\":\"already\""));
    assert_non_null(strstr(fixture.errors, "0 put back, 2 were already"));
    assert_int_equal(read_input(&found), 1);
    assert_int_equal(RUN("list"), EXIT_DONE);
    assert_non_null(strstr(fixture.output, "replayed"));
    assert_null(strstr(fixture.output, "waiting"));
    /* It dies again after its replay: that is another dead letter, and may be put back again. */
    bury(&message, RECORD_WHOLE, 0);
    assert_int_equal(RUN("replay", "--id", "00000000000000070000000000000001"), EXIT_DONE);
    assert_non_null(strstr(fixture.errors, "1 put back, 2 were already"));
    assert_int_equal(read_input(&found), 2);
}

static void tombstone_comes_back_as_tombstone(void **state)
{
    (void)state;
    static struct found found;
    struct message message = dead_message(4, "", DEAD_TOMBSTONE);
    message.payload = (struct slice){0};
    message.key = (struct slice){0};
    bury(&message, RECORD_WHOLE, 0);
    assert_int_equal(RUN("replay", "--reason", "tombstone"), EXIT_DONE);
    assert_int_equal(read_input(&found), 1);
    assert_string_equal(found.value, "");
    assert_string_equal(found.key, "");
}

static void letter_by_reference_is_read_from_its_source(void **state)
{
    (void)state;
    static struct found found;
    static char payload[DEAD_LETTER_BYTES_MAX + 1001];
    memset(payload, 'p', sizeof payload - 1);
    struct message_header header = {test_slice("trace"), test_slice("t-2")};
    write_record("in.web", 2, test_slice("customer"), test_slice(payload), &header);
    write_record("in.web", 2, test_slice("customer"), test_slice("other"), NULL);
    struct message here = dead_message(1, payload, DEAD_TOO_LARGE);
    struct message gone = dead_message(2, payload, DEAD_TOO_LARGE);
    struct message other = dead_message(3, payload, DEAD_TOO_LARGE);
    struct message nowhere = dead_message(4, payload, DEAD_TOO_LARGE);
    struct message changed = dead_message(5, payload, DEAD_TOO_LARGE);
    gone.offset = 99;
    other.offset = 1;
    nowhere.partition = 77;
    changed.payload_hash++;
    bury(&here, RECORD_HEAD, 0);
    bury(&gone, RECORD_HEAD, 0);
    bury(&other, RECORD_HEAD, 0);
    bury(&nowhere, RECORD_HEAD, 0);
    bury(&changed, RECORD_BARE, 0);
    assert_int_equal(RUN("replay", "--all"), EXIT_ANSWER_NO);
    assert_non_null(strstr(fixture.errors, "1 put back, 0 were already, 4 are kept by reference"));
    assert_int_equal(lines(fixture.output), 5);
    assert_int_equal(read_input(&found), 3);
    assert_int_equal(strlen(found.value), sizeof payload - 1);
    assert_string_equal(found.case_id, "00000000000000070000000000000001");
    assert_string_equal(found.header, "t-2");
}

static void failed_transaction_leaves_nothing(void **state)
{
    (void)state;
    static struct found found;
    struct message message = dead_message(1, "{bad", DEAD_NOT_JSON);
    message.partition = 40; /* the topic has no such partition */
    bury(&message, RECORD_WHOLE, 0);
    assert_int_equal(RUN("replay", "--all"), EXIT_ENVIRONMENT);
    assert_true(strlen(fixture.errors) > 20);
    /* That the mark was rolled back too only a broker with control records can show. */
    assert_int_equal(read_input(&found), 0);
}

static void marks_of_others_are_passed_over(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "",
        "short",
        "x0000000000000070000000000000001/0/0",
        "00000000000000070000000000000001/0/x",
        "00000000000000070000000000000001/0/0/more",
        "00000000000000070000000000000001/0/00000000000000000000000000000000000000000000000000000"};
    for (size_t index = 0; index < sizeof keys / sizeof keys[0]; index++)
        write_record("dead.replayed", 0, test_slice(keys[index]), test_slice("v"), NULL);
    struct message message = dead_message(1, "{bad", DEAD_NOT_JSON);
    bury(&message, RECORD_WHOLE, 0);
    assert_int_equal(RUN("list"), EXIT_DONE);
    assert_non_null(strstr(fixture.output, "waiting"));
    write_record("dead.replayed", 0, test_slice("00000000000000070000000000000001/0/0"),
                 test_slice("v"), NULL);
    assert_int_equal(RUN("list"), EXIT_DONE);
    assert_non_null(strstr(fixture.output, "replayed"));
}

static void usage_errors_say_what_is_wrong(void **state)
{
    (void)state;
    static const char *const rows[][4] = {
        {NULL},
        {"bury", NULL},
        {"list", "more", NULL},
        {"replay", NULL},
        {"list", "--id", "12", NULL},
        {"list", "--reason", "none", NULL},
        {"list", "--limit", "0", NULL},
        {"list", "--limit", "-1", NULL},
        {"list", "--limit", "5x", NULL},
        {"list", "-X", "novalue", NULL},
        {"list", "-X", "=value", NULL},
        {"list", "--unknown", NULL},
        {"list", "--brokers=", "--config", NULL},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        assert_int_equal(command(rows[row]), EXIT_USAGE);
        assert_non_null(strstr(fixture.errors, "--help says more"));
    }
    assert_int_equal(RUN("--help"), EXIT_DONE);
    assert_non_null(strstr(fixture.output, "usage: redress dead-letters list"));
    char *alone[] = {(char[]){"dead-letters"}, (char[]){"list"}, NULL};
    assert_int_equal(cli_dead_letters(2, alone), EXIT_USAGE);
}

static void environment_errors_are_told(void **state)
{
    (void)state;
    assert_int_equal(RUN("list", "--property", "no.such=1"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(fixture.errors, "no.such"));
    assert_int_equal(RUN("replay", "--all", "-X", "no.such=1"), EXIT_ENVIRONMENT);
    assert_int_equal(RUN("list", "-c", "/no/such/file.yaml"), EXIT_ENVIRONMENT);
    rd_kafka_mock_topic_set_error(fixture.cluster, "dead", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    assert_int_equal(RUN("list"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(fixture.errors, "dead: "));
    rd_kafka_mock_topic_set_error(fixture.cluster, "dead.replayed",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    assert_int_equal(RUN("replay", "--all"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(fixture.errors, "cleanup.policy=compact"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(list_shows_filters_and_stops, begin, end),
        cmocka_unit_test_setup_teardown(replay_puts_the_original_back_once, begin, end),
        cmocka_unit_test_setup_teardown(tombstone_comes_back_as_tombstone, begin, end),
        cmocka_unit_test_setup_teardown(letter_by_reference_is_read_from_its_source, begin, end),
        cmocka_unit_test_setup_teardown(failed_transaction_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(marks_of_others_are_passed_over, begin, end),
        cmocka_unit_test_setup_teardown(usage_errors_say_what_is_wrong, begin, end),
        cmocka_unit_test_setup_teardown(environment_errors_are_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
