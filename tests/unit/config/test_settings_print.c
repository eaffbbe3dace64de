/**
 * What is printed is what was read: the YAML and the JSON form load again to the same print, the
 * reference page is the one in docs/, and no secret shows. Method: round trips of the examples.
 */
#include "config/memory_plan.h"
#include "config/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct error_list errors;

static struct settings *load(const char *text)
{
    errors.count = 0;
    struct settings *settings =
        settings_load_bytes("printed.yaml", "/etc/redress", text, strlen(text), NULL, &errors);
    error_list_print(&errors, stderr);
    if (!settings)
        print_message("%s\n", text);
    assert_non_null(settings);
    return settings;
}

static struct settings *load_example(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, REDRESS_SOURCE_DIR "/docs/examples/%s", name);
    errors.count = 0;
    struct settings *settings = settings_load_file(path, NULL, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(settings);
    return settings;
}

static char *printed(const struct settings *settings,
                     void (*print)(const struct settings *settings, FILE *stream))
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    print(settings, stream);
    fclose(stream);
    return text;
}

static void assert_round_trip(struct settings *settings)
{
    char *yaml = printed(settings, settings_print_yaml);
    char *json = printed(settings, settings_print_json);
    struct settings *from_yaml = load(yaml);
    struct settings *from_json = load(json);
    char *again = printed(from_yaml, settings_print_yaml);
    char *json_again = printed(from_json, settings_print_json);
    assert_string_equal(yaml, again);
    assert_string_equal(json, json_again);
    settings_free(from_yaml);
    settings_free(from_json);
    free(yaml);
    free(json);
    free(again);
    free(json_again);
}

static void print_loads_again_to_the_same(void **state)
{
    (void)state;
    const char *const examples[] = {"minimal.yaml", "redress.yaml"};
    for (size_t index = 0; index < sizeof examples / sizeof *examples; index++) {
        struct settings *settings = load_example(examples[index]);
        assert_round_trip(settings);
        settings_free(settings);
    }
}

static void odd_texts_survive_the_round_trip(void **state)
{
    (void)state;
    struct settings *settings =
        load("brokers: 'a:1'\nchannels: [{name: '0x', topics: ['true', '12', '1e3'],"
             " envelope: {text: \"/a: #\\\"b\\\\\", id: \"\", customer: \"/\\u2028ż\"}}]\n"
             "consumer: {x: \"multi\\nline\", 'y: z': '- q'}\n");
    assert_round_trip(settings);
    settings_free(settings);
}

static void secrets_do_not_show(void **state)
{
    (void)state;
    setenv("REDRESS_TEST_SECRET", "hunter2", 1);
    struct settings *settings = load("brokers: a:1\nchannels: [{name: a, topics: [b]}]\n"
                                     "kafka: {sasl.password: {env: REDRESS_TEST_SECRET}}\n");
    char *yaml = printed(settings, settings_print_yaml);
    char *json = printed(settings, settings_print_json);
    assert_null(strstr(yaml, "hunter2"));
    assert_null(strstr(json, "hunter2"));
    assert_non_null(strstr(yaml, "\"sasl.password\": {\"env\": \"REDRESS_TEST_SECRET\"}\n"));
    assert_round_trip(settings);
    settings_free(settings);
    free(yaml);
    free(json);
}

static void the_reference_page_is_up_to_date(void **state)
{
    (void)state;
    char *made = NULL;
    size_t made_size = 0;
    FILE *stream = open_memstream(&made, &made_size);
    settings_print_reference(stream);
    fclose(stream);
    FILE *file = fopen(REDRESS_SOURCE_DIR "/docs/configuration.md", "r");
    assert_non_null(file);
    char *kept = calloc(1, made_size + 2);
    assert_non_null(kept);
    size_t kept_size = fread(kept, 1, made_size + 1, file);
    fclose(file);
    if (kept_size != made_size || memcmp(kept, made, made_size) != 0)
        fail_msg("docs/configuration.md is old: redress config reference > docs/configuration.md");
    free(kept);
    free(made);
}

static void the_memory_plan_follows_the_settings(void **state)
{
    (void)state;
    struct settings *small = load("brokers: a:1\nchannels: [{name: a, topics: [b]}]\n"
                                  "limits: {in_flight: {bytes: 16 MiB}, customers: 1024}\n"
                                  "consumer: {queued.max.messages.kbytes: 1024}\n");
    struct settings *large = load_example("redress.yaml");
    struct memory_plan plan;
    struct memory_plan other;
    memory_plan_compute(small, &plan);
    memory_plan_compute(large, &other);
    assert_true(plan.bytes[MEMORY_MESSAGES] >= 16 << 20);
    assert_true(plan.bytes[MEMORY_MESSAGES] < 17 << 20);
    assert_int_equal(plan.bytes[MEMORY_HISTORY], 1024 * 64);
    assert_int_equal(plan.fetch_queue_bytes, 1024 * 1024);
    uint64_t sum = 0;
    for (unsigned purpose = 0; purpose < MEMORY_PURPOSE_COUNT; purpose++) {
        assert_true(plan.bytes[purpose] > 0);
        assert_true(plan.bytes[purpose] <= other.bytes[purpose]);
        sum += plan.bytes[purpose];
    }
    assert_int_equal(memory_plan_total(&plan), sum);
    settings_free(small);
    settings_free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_loads_again_to_the_same),
        cmocka_unit_test(odd_texts_survive_the_round_trip),
        cmocka_unit_test(secrets_do_not_show),
        cmocka_unit_test(the_reference_page_is_up_to_date),
        cmocka_unit_test(the_memory_plan_follows_the_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
