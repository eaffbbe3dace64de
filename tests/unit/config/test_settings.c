/**
 * The loader: what a file says arrives in the struct, what it leaves out has its default, and every
 * mistake is named at its place, all at once. Method: small files with the expected line, column
 * and words; the shipped examples; every allocation failing in turn.
 */
#include "config/settings.h"
#include "config/settings_internal.h"

#include "base/log.h"
#include "base/memory.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define MINIMAL "brokers: localhost:9092\nchannels:\n  - name: chat\n    topics: [contact.chat]\n"

static struct error_list errors;

static struct settings *load_with(const char *text, const struct settings_surroundings *around)
{
    errors.count = 0;
    return settings_load_bytes("test.yaml", "/etc/redress", text, strlen(text), around, &errors);
}

static struct settings *load(const char *text)
{
    return load_with(text, NULL);
}

static void print_errors(void)
{
    error_list_print(&errors, stderr);
}

static struct settings *load_good(const char *text)
{
    struct settings *settings = load(text);
    if (!settings)
        print_errors();
    assert_non_null(settings);
    return settings;
}

/* True where one of the errors stands there and says that. */
static void assert_error(uint32_t line, uint32_t column, const char *part)
{
    for (uint32_t index = 0; index < error_list_kept(&errors); index++)
        if (errors.errors[index].line == line && errors.errors[index].column == column &&
            strstr(errors.errors[index].text, part))
            return;
    print_errors();
    fail_msg("no error at %u:%u says \"%s\"", line, column, part);
}

static void assert_refused(const char *text, uint32_t line, uint32_t column, const char *part)
{
    assert_null(load(text));
    if (errors.count != 1)
        print_errors();
    assert_int_equal(errors.count, 1);
    assert_error(line, column, part);
}

static void a_file_of_four_lines_works(void **state)
{
    (void)state;
    struct settings *settings = load_good(MINIMAL);
    assert_string_equal(settings->brokers, "localhost:9092");
    assert_string_equal(settings->group, "redress");
    assert_non_null(settings->instance);
    assert_string_equal(settings->rules_folder, "/etc/redress/rules");
    assert_int_equal(settings->start_from, SETTINGS_START_EARLIEST);
    assert_int_equal(settings->on_log_loss, SETTINGS_LOG_LOSS_HALT);
    assert_int_equal(settings->channel_count, 1);
    assert_string_equal(settings->channels[0].topics[0], "contact.chat");
    assert_int_equal(settings->channels[0].line, 3);
    assert_int_equal(settings->channels[0].limits.payload_bytes_max, 1024 * 1024);
    assert_int_equal(settings->channels[0].limits.text_over, SETTINGS_OVER_TRUNCATE);
    assert_null(settings->channels[0].envelope.text_pointer);
    assert_int_equal(settings->bytes_max, 64 * 1024 * 1024);
    assert_int_equal(settings->repeat_window_ms, 7 * 86400000);
    assert_true(settings->calm_enabled);
    assert_string_equal(settings->topic_dead_letters, "redress.dead-letters");
    assert_int_equal(settings->queue_count, 1);
    assert_string_equal(settings->queues[settings->default_queue_index], "people");
    assert_int_equal(settings->route_count, 0);
    assert_string_equal(settings->http_address, "127.0.0.1");
    assert_int_equal(settings->http_port, 9464);
    assert_int_equal(settings->frontline_mode, 0660);
    assert_non_null(strstr(settings->frontline_socket, "/frontline.sock"));
    assert_non_null(strstr(settings->admin_socket, "/admin.sock"));
    assert_int_equal(settings->log_level, LOG_LEVEL_INFO);
    assert_int_equal(settings->log_format, LOG_FORMAT_TEXT);
    settings_free(settings);
}

static void the_examples_of_the_documentation_load(void **state)
{
    (void)state;
    errors.count = 0;
    struct settings *settings =
        settings_load_file(REDRESS_SOURCE_DIR "/docs/examples/minimal.yaml", NULL, &errors);
    print_errors();
    assert_non_null(settings);
    settings_free(settings);
    settings = settings_load_file(REDRESS_SOURCE_DIR "/docs/examples/redress.yaml", NULL, &errors);
    print_errors();
    assert_non_null(settings);
    assert_int_equal(settings->channel_count, 4);
    assert_int_equal(settings->channels[1].topic_count, 2);
    assert_string_equal(settings->channels[1].envelope.text_pointer, "/body/plain");
    assert_int_equal(settings->channels[1].limits.payload_bytes_max, 4 * 1024 * 1024);
    assert_int_equal(settings->channels[2].envelope.preset, SETTINGS_ENVELOPE_CLOUDEVENTS);
    assert_int_equal(settings->channels[3].envelope.preset, SETTINGS_ENVELOPE_RAW);
    assert_int_equal(settings->channels[3].limits.text_over, SETTINGS_OVER_DEAD_LETTER);
    assert_int_equal(settings->route_count, 4);
    assert_true(settings->routes[0].traits ==
                (1u << TRAIT_SELF_HARM | 1u << TRAIT_THREAT | 1u << TRAIT_SAFETY));
    assert_int_equal(settings->routes[1].severity_at_least, SEVERITY_SERIOUS);
    assert_int_equal(settings->routes[1].categories, 1u << CATEGORY_FRAUD);
    assert_int_equal(settings->routes[2].channels, 1u << 2);
    assert_int_equal(settings->routes[2].urgent, SETTINGS_YES);
    assert_int_equal(settings->routes[3].languages, 1u << LANGUAGE_RU | 1u << LANGUAGE_EL);
    assert_int_equal(settings->queue_count, 5);
    assert_string_equal(settings->queues[settings->routes[3].queue_index], "languages");
    assert_string_equal(settings->kafka.items[0].name, "client.id");
    assert_string_equal(settings->producer.items[0].value, "lz4");
    settings_free(settings);
}

static void all_errors_come_at_once(void **state)
{
    (void)state;
    assert_null(load("brokers: nowhere:x\n"
                     "grup: a\n"
                     "wait: dance\n"
                     "limits: {in_flight: {bytes: 12, messages: 1}}\n"
                     "channels:\n"
                     "  - topics: [a b]\n"
                     "  - name: x\n"
                     "    topic: [c]\n"
                     "routing:\n"
                     "  rows:\n"
                     "    - when: {channel: nobody, traits: [angry]}\n"
                     "http: {port: 70000, address: example.org}\n"
                     "consumer: {group.id: x}\n"
                     "bounds: {shutdown: 5}\n"));
    assert_error(1, 10, "\"nowhere:x\" is not HOST:PORT");
    assert_error(2, 1, "did you mean \"group\"?");
    assert_error(3, 7, "\"dance\" is not park or spin");
    assert_error(4, 29, "with its unit");
    assert_error(4, 43, "from 16 to 1048576");
    assert_error(6, 14, "\"a b\" is not");
    assert_error(6, 5, "\"name\" is missing");
    assert_error(8, 5, "did you mean \"topics\"?");
    assert_error(7, 5, "\"topics\" is missing");
    assert_error(11, 23, "channel of this file");
    assert_error(11, 40, "\"angry\" is not");
    assert_error(11, 7, "\"queue\" is missing");
    assert_error(12, 14, "from 0 to 65535");
    assert_error(12, 30, "IP address");
    assert_error(13, 12, "`group` names it");
    assert_error(14, 20, "with its unit");
    assert_int_equal(errors.count, 16);
}

static void unknown_names_are_errors_with_the_nearest_name(void **state)
{
    (void)state;
    assert_refused(MINIMAL "limts: {}\n", 5, 1, "did you mean \"limits\"?");
    assert_refused(MINIMAL "limits: {in_fligth: {}}\n", 5, 10, "did you mean \"in_flight\"?");
    assert_refused(MINIMAL "zebra: 1\n", 5, 1, "no setting is called \"zebra\"");
    assert_refused(MINIMAL "limits.output: 1 MiB\n", 5, 1, "no setting is called");
    assert_refused(MINIMAL "\"\": 1\n", 5, 1, "no setting is called");
}

static void a_value_of_the_wrong_kind_is_refused(void **state)
{
    (void)state;
    assert_refused(MINIMAL "group: [a]\n", 5, 8, "group: here stands");
    assert_refused(MINIMAL "group:\n", 5, 7, "the value is missing");
    assert_refused(MINIMAL "limits: 5\n", 5, 9, "a mapping of settings");
    assert_refused(MINIMAL "http: {enabled: yes}\n", 5, 17, "true or false");
    assert_refused(MINIMAL "http: {enabled: \"true\"}\n", 5, 17, "without quotes");
    assert_refused(MINIMAL "consumer: 5\n", 5, 11, "a mapping of up to");
    assert_refused(MINIMAL "routing: {rows: {a: b}}\n", 5, 17, "a list of 1 to");
    assert_refused("brokers: a:1\nchannels: []\n", 2, 11, "a list of 1 to 64");
    assert_refused("[]\n", 1, 1, "here stands a mapping");
    assert_refused("", 1, 1, "the file is empty");
}

static void empty_sections_are_fine(void **state)
{
    (void)state;
    settings_free(load_good(MINIMAL "limits:\n  # payload: {max: 2 MiB}\nconsumer:\nrouting: ~\n"));
    settings_free(load_good(MINIMAL "routing:\n  rows: []\n"));
}

static void sizes_and_durations_need_units_and_know_bounds(void **state)
{
    (void)state;
    struct settings *settings = load_good(
        MINIMAL "limits: {in_flight: {bytes: 1 GiB}, payload: {max: 2MB}, output: 1048576 B}\n"
                "commit_interval: 250 ms\nrepeat_window: 36 h\nbounds: {shutdown: 2 min}\n");
    assert_int_equal(settings->bytes_max, 1u << 30);
    assert_int_equal(settings->message_limits.payload_bytes_max, 2000000);
    assert_int_equal(settings->channels[0].limits.payload_bytes_max, 2000000);
    assert_int_equal(settings->output_bytes_max, 1 << 20);
    assert_int_equal(settings->commit_interval_ms, 250);
    assert_int_equal(settings->repeat_window_ms, 36 * 3600000);
    assert_int_equal(settings->shutdown_ms, 120000);
    settings_free(settings);
    const char *const bad[] = {"5",
                               "5 parsec",
                               "s",
                               "-5 s",
                               "1.5 s",
                               "05 s",
                               "5 s s",
                               "0 s",
                               "31 d",
                               "1 GiB",
                               "5 S",
                               "99999999999999999999 s",
                               "18446744073709551615 d"};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        char text[256];
        snprintf(text, sizeof text, MINIMAL "repeat_window: %s\n", bad[index]);
        assert_refused(text, 5, 16, "repeat_window");
    }
}

static void budget_must_hold_large_payloads(void **state)
{
    (void)state;
    assert_refused(MINIMAL "    limits: {payload: {max: 16 MiB}}\n", 1, 1, "in_flight.bytes");
    assert_refused(MINIMAL "limits: {in_flight: {bytes: 4 MiB}}\n", 5, 29, "eight of the largest");
}

static void spinning_is_refused_where_threads_exceed_cores(void **state)
{
    (void)state;
    struct settings_surroundings around = {.cores = 4};
    struct settings *settings = load_with(MINIMAL "wait: spin\nworkers: 2\n", &around);
    assert_non_null(settings);
    assert_int_equal(settings_spinning_threads(settings), 4);
    settings_free(settings);
    assert_null(load_with(MINIMAL "wait: spin\nworkers: 3\n", &around));
    assert_error(5, 7, "5 threads would spin on 4 cores");
    around.cores = 1;
    assert_null(load_with(MINIMAL "wait: spin\nworkers: inline\n", &around));
    assert_error(5, 7, "2 threads would spin on 1 cores");
}

static void workers_follow_the_cores(void **state)
{
    (void)state;
    const struct {
        unsigned cores;
        const char *workers;
        uint64_t expected;
    } cases[] = {{1, "auto", 0},    {2, "auto", 0},    {3, "auto", 1}, {16, "auto", 14},
                 {256, "auto", 64}, {16, "inline", 0}, {2, "5", 5}};
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char text[256];
        struct settings_surroundings around = {.cores = cases[index].cores};
        snprintf(text, sizeof text, MINIMAL "workers: %s\n", cases[index].workers);
        struct settings *settings = load_with(text, &around);
        assert_non_null(settings);
        assert_int_equal(settings->worker_count, cases[index].expected);
        settings_free(settings);
    }
    assert_refused(MINIMAL "workers: 0\n", 5, 10, "auto, inline or a number from 1 to 64");
    assert_refused(MINIMAL "workers: 65\n", 5, 10, "auto, inline");
}

static void topics_cannot_loop_or_belong_twice(void **state)
{
    (void)state;
    assert_refused(MINIMAL "  - {name: b, topics: [contact.chat]}\n", 5, 5,
                   "contact.chat belongs to the channel chat already");
    assert_refused(MINIMAL "  - {name: b, topics: [x, x]}\n", 5, 5, "belongs to the channel b");
    assert_refused(MINIMAL "  - {name: chat, topics: [x]}\n", 5, 5, "called chat already");
    assert_refused(MINIMAL "outputs: {cases: contact.chat}\n", 3, 5, "is an output");
    assert_refused(MINIMAL "outputs: {cases: a, acks: a}\n", 5, 27, "name the same topic");
    assert_refused(MINIMAL "  - {name: b, topics: [redress.frontline.people]}\n", 5, 5,
                   "is an output");
    assert_refused(MINIMAL "routing: {default_queue: acks}\n", 1, 1, "is the topic of the queue");
}

static void routes_that_nothing_reaches_are_refused(void **state)
{
    (void)state;
    assert_refused(MINIMAL
                   "routing:\n  rows:\n    - queue: a\n    - {when: {urgent: true}, queue: b}\n",
                   7, 7, "no row behind it");
    struct settings *settings = load_good(
        MINIMAL "routing:\n  rows:\n    - {when: {urgent: false}, queue: b}\n    - queue: a\n");
    assert_int_equal(settings->routes[0].urgent, SETTINGS_NO);
    settings_free(settings);
}

static void there_are_only_so_many_queues(void **state)
{
    (void)state;
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, MINIMAL "routing:\n  rows:\n");
    for (int index = 0; index < QUEUES_MAX; index++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "    - {when: {urgent: true}, queue: q%d}\n", index);
    assert_null(load(text));
    assert_error(6 + QUEUES_MAX, 37, "more than 64 queues");
}

static void owned_properties_are_refused_with_the_reason(void **state)
{
    (void)state;
    const char *const owned[] = {"enable.auto.commit", "enable.auto.offset.store",
                                 "auto.offset.reset",  "partition.assignment.strategy",
                                 "isolation.level",    "enable.idempotence",
                                 "group.id",           "group.instance.id",
                                 "bootstrap.servers",  "metadata.broker.list",
                                 "message.timeout.ms", "acks",
                                 "transactional.id",   "auto.commit.interval.ms"};
    for (size_t index = 0; index < sizeof owned / sizeof *owned; index++) {
        char text[256];
        snprintf(text, sizeof text, MINIMAL "kafka: {%s: x}\n", owned[index]);
        assert_refused(text, 5, 9, "cannot be set: ");
        assert_error(5, 9, owned[index]);
    }
}

static void a_property_whose_name_could_not_be_printed_is_refused(void **state)
{
    (void)state;
    char name[200];
    char text[400];
    memset(name, 'p', sizeof name);
    name[sizeof name - 1] = '\0';
    snprintf(text, sizeof text, MINIMAL "kafka: {%s: x}\n", name);
    assert_refused(text, 5, 9, "is longer than 128 bytes");
}

static bool refuse_bad(void *context, enum settings_side side, const char *name, const char *value,
                       char *why, size_t why_size)
{
    *(unsigned *)context |= 1u << side;
    snprintf(why, why_size, "%s=%s", name, value);
    return strcmp(name, "bad") != 0;
}

static void properties_are_checked_by_the_library(void **state)
{
    (void)state;
    unsigned sides = 0;
    struct settings_surroundings around = {.property_check = refuse_bad,
                                           .property_context = &sides};
    setenv("REDRESS_TEST_SECRET", "hunter2", 1);
    assert_null(load_with(MINIMAL "kafka: {good: 1}\nconsumer: {bad: 2}\n"
                                  "producer: {bad: {env: REDRESS_TEST_SECRET}}\n",
                          &around));
    assert_int_equal(sides, 7);
    assert_error(6, 12, "librdkafka refuses it: bad=2");
    assert_error(7, 17, "refuses the value of bad");
    for (uint32_t index = 0; index < errors.count; index++)
        assert_null(strstr(errors.errors[index].text, "hunter2"));
}

static void secrets_come_from_environment_or_file(void **state)
{
    (void)state;
    char path[] = "/tmp/redress-secret-XXXXXX";
    char text[512];
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    close(fd);
    setenv("REDRESS_TEST_SECRET", "hunter2", 1);
    snprintf(text, sizeof text,
             MINIMAL "kafka: {sasl.password: {env: REDRESS_TEST_SECRET}, a: {file: %s}}\n", path);
    struct settings *settings = load_good(text);
    assert_string_equal(settings->kafka.items[0].value, "hunter2");
    assert_string_equal(settings->kafka.items[0].from_env, "REDRESS_TEST_SECRET");
    assert_string_equal(settings->kafka.items[1].value, "s3cret");
    assert_string_equal(settings->kafka.items[1].from_file, path);
    settings_free(settings);
    snprintf(text, sizeof text, MINIMAL "kafka: {a: {file: %s}}\n", path);
    const unsigned bad_modes[] = {0644, 0604, 0620, 0666};
    for (size_t index = 0; index < sizeof bad_modes / sizeof *bad_modes; index++) {
        assert_int_equal(chmod(path, bad_modes[index]), 0);
        assert_refused(text, 5, 19, "chmod 0400");
    }
    assert_int_equal(chmod(path, 0440), 0);
    settings_free(load_good(text));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 0), 0);
    assert_refused(text, 5, 19, "is empty");
    assert_int_equal(truncate(path, 100000), 0);
    assert_refused(text, 5, 19, "too large");
    unlink(path);
    assert_refused(text, 5, 19, "cannot be read: No such file");
    assert_refused(MINIMAL "kafka: {a: {file: /tmp}}\n", 5, 19, "regular file");
    unsetenv("REDRESS_TEST_SECRET");
    assert_refused(MINIMAL "kafka: {a: {env: REDRESS_TEST_SECRET}}\n", 5, 18, "is not set");
    assert_refused(MINIMAL "kafka: {sasl.password: hunter2}\n", 5, 24, "{env: NAME}");
    assert_refused(MINIMAL "kafka: {a: {vault: x}}\n", 5, 12, "{file: PATH}");
    assert_refused(MINIMAL "kafka: {a: [x]}\n", 5, 12, "{file: PATH}");
}

static void brokers_are_needed_but_for_files(void **state)
{
    (void)state;
    const char *text = "channels: [{name: a, topics: [b]}]\n";
    assert_refused(text, 1, 1, "\"brokers\" is missing");
    struct settings_surroundings around = {.without_kafka = true};
    struct settings *settings = load_with(text, &around);
    assert_non_null(settings);
    assert_null(settings->brokers);
    settings_free(settings);
    const char *const bad[] = {"\":9092\"", "a:0",       "a:99999", "\"a:\"",
                               "a:1,",      "\"a b:1\"", "a:1x"};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        char file[256];
        snprintf(file, sizeof file, "channels: [{name: a, topics: [b]}]\nbrokers: %s\n",
                 bad[index]);
        assert_refused(file, 2, 10, "is not HOST:PORT");
    }
    settings_free(load_good("channels: [{name: a, topics: [b]}]\nbrokers: a,b:1,[::1]:2\n"));
}

static void revoking_must_end_before_the_group_gives_up(void **state)
{
    (void)state;
    assert_refused(MINIMAL "bounds: {revoke: 150 s}\n", 5, 18, "300000 ms");
    assert_refused(MINIMAL "consumer: {max.poll.interval.ms: 30000}\n", 1, 1, "30000 ms");
    settings_free(load_good(MINIMAL "bounds: {revoke: 149999 ms}\n"));
}

static void others_cannot_be_let_into_the_queue(void **state)
{
    (void)state;
    const char *const bad[] = {"0666", "0770", "0060", "0661"};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        char text[256];
        snprintf(text, sizeof text, MINIMAL "frontline: {mode: \"%s\"}\n", bad[index]);
        assert_refused(text, 5, 19, "0600 to 0660");
    }
    assert_refused(MINIMAL "frontline: {mode: 660}\n", 5, 19, "four octal digits");
    settings_free(load_good(MINIMAL "frontline: {mode: 0600}\n"));
}

static void pointers_are_checked(void **state)
{
    (void)state;
    assert_refused(MINIMAL "    envelope: {text: body}\n", 5, 22, "JSON Pointer");
    assert_refused(MINIMAL "    envelope: {text: /a~2b}\n", 5, 22, "JSON Pointer");
    struct settings *settings = load_good(MINIMAL "    envelope: {text: \"\", id: /a~1b~0}\n");
    assert_string_equal(settings->channels[0].envelope.text_pointer, "");
    assert_int_equal(settings->channels[0].envelope.id_place.line, 5);
    assert_int_equal(settings->channels[0].envelope.id_place.column, 30);
    assert_int_equal(settings->channels[0].envelope.time_place.line, 0);
    settings_free(settings);
}

static void sockets_must_fit_their_address(void **state)
{
    (void)state;
    char text[512];
    snprintf(text, sizeof text, MINIMAL "admin: {socket: /%0110d}\n", 0);
    assert_refused(text, 5, 17, "admin.socket");
    snprintf(text, sizeof text, MINIMAL "admin: {socket: %0100d}\n", 0);
    assert_refused(text, 5, 17, "admin.socket");
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    long failures = 0;
    for (;; failures++) {
        errors.count = 0;
        memory_fail_after(failures);
        struct settings *settings =
            settings_load_file(REDRESS_SOURCE_DIR "/docs/examples/redress.yaml", NULL, &errors);
        memory_fail_after(-1);
        if (settings) {
            settings_free(settings);
            break;
        }
        bool said = false;
        for (uint32_t index = 0; index < error_list_kept(&errors); index++)
            said = said || errors.errors[index].status == STATUS_MEMORY;
        assert_true(said);
    }
    assert_true(failures > 20);
}

static void a_quota_of_processor_time_counts_as_cores(void **state)
{
    (void)state;
    assert_int_equal(settings_quota_cores("max 100000\n"), 0);
    assert_int_equal(settings_quota_cores("200000 100000\n"), 2);
    assert_int_equal(settings_quota_cores("150000 100000\n"), 2);
    assert_int_equal(settings_quota_cores("50000 100000\n"), 1);
    assert_int_equal(settings_quota_cores(""), 0);
    assert_int_equal(settings_quota_cores("5"), 0);
    assert_int_equal(settings_quota_cores("5 0"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_of_processor_time_counts_as_cores),
        cmocka_unit_test(a_file_of_four_lines_works),
        cmocka_unit_test(the_examples_of_the_documentation_load),
        cmocka_unit_test(all_errors_come_at_once),
        cmocka_unit_test(unknown_names_are_errors_with_the_nearest_name),
        cmocka_unit_test(a_value_of_the_wrong_kind_is_refused),
        cmocka_unit_test(empty_sections_are_fine),
        cmocka_unit_test(sizes_and_durations_need_units_and_know_bounds),
        cmocka_unit_test(budget_must_hold_large_payloads),
        cmocka_unit_test(spinning_is_refused_where_threads_exceed_cores),
        cmocka_unit_test(workers_follow_the_cores),
        cmocka_unit_test(topics_cannot_loop_or_belong_twice),
        cmocka_unit_test(routes_that_nothing_reaches_are_refused),
        cmocka_unit_test(there_are_only_so_many_queues),
        cmocka_unit_test(owned_properties_are_refused_with_the_reason),
        cmocka_unit_test(a_property_whose_name_could_not_be_printed_is_refused),
        cmocka_unit_test(properties_are_checked_by_the_library),
        cmocka_unit_test(secrets_come_from_environment_or_file),
        cmocka_unit_test(brokers_are_needed_but_for_files),
        cmocka_unit_test(revoking_must_end_before_the_group_gives_up),
        cmocka_unit_test(others_cannot_be_let_into_the_queue),
        cmocka_unit_test(pointers_are_checked),
        cmocka_unit_test(sockets_must_fit_their_address),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
