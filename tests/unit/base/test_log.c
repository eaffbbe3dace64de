/**
 * Log lines: one line whatever the values hold, valid JSON however long, and no line left out
 * without being counted. Method: the formatting functions are called directly; the limiter with its
 * clock as an argument and, from several threads, by counting.
 */
#include "base/log.c"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static char line[LOG_LINE_BYTES_MAX];

static const char *text_line(const char *event, const struct log_field *fields, unsigned count)
{
    size_t size = format_text(line, "T", LOG_LEVEL_WARN, event, fields, count);
    assert_true(size < LOG_LINE_BYTES_MAX - 1);
    line[size] = 0;
    return line;
}

static const char *json_line(const char *event, const struct log_field *fields, unsigned count)
{
    size_t size = format_json(line, "T", LOG_LEVEL_WARN, event, fields, count);
    assert_true(size < LOG_LINE_BYTES_MAX - 1);
    line[size] = 0;
    return line;
}

static void values_cannot_forge_lines_or_fields(void **state)
{
    (void)state;
    const struct log_field fields[] = {log_text("topic", "a\nT error all is well\x1b[2J"),
                                       log_text("why", "x level=\"error\" \\"),
                                       log_text("name", "\xff\xe2\x80\xae żółć"),
                                       log_integer("count", -7), log_text("none", NULL)};
    assert_string_equal(text_line("it\nhappened", fields, 5),
                        "T warn  it?happened topic=\"a?T error all is well?[2J\" "
                        "why=\"x level=\\\"error\\\" \\\\\" name=\"???? żółć\" count=-7 none=\"\"");
    assert_string_equal(json_line("it\nhappened", fields, 5),
                        "{\"time\":\"T\",\"level\":\"warn\",\"event\":\"it?happened\","
                        "\"topic\":\"a?T error all is well?[2J\","
                        "\"why\":\"x level=\\\"error\\\" \\\\\",\"name\":\"???? żółć\","
                        "\"count\":-7,\"none\":\"\"}");
}

static void simple_values_stand_bare(void **state)
{
    (void)state;
    const struct log_field fields[] = {log_text("topic", "contact.chat"), log_text("x", "é")};
    assert_string_equal(text_line("hello", fields, 2), "T warn  hello topic=contact.chat x=é");
}

static void lines_that_are_too_long_are_cut_whole(void **state)
{
    (void)state;
    char value[1000];
    struct log_field fields[LOG_FIELDS_MAX];
    memset(value, '"', sizeof value - 1);
    value[sizeof value - 1] = 0;
    for (unsigned index = 0; index < LOG_FIELDS_MAX; index++)
        fields[index] = log_text("value", value);
    fields[LOG_FIELDS_MAX - 1] = log_integer("last", 5);
    const char *text = text_line("long", fields, LOG_FIELDS_MAX);
    assert_string_equal(text + strlen(text) - 16, " last=5 cut=true");
    const char *json = json_line("long", fields, LOG_FIELDS_MAX);
    assert_string_equal(json + strlen(json) - 22, "\",\"last\":5,\"cut\":true}");
}

static void what_is_left_out_is_counted_with_the_next_line(void **state)
{
    (void)state;
    struct log_site site = {0};
    uint32_t suppressed;
    for (int index = 0; index < LOG_LINES_PER_SECOND_MAX; index++) {
        assert_true(site_admits(&site, 100, &suppressed));
        assert_int_equal(suppressed, 0);
    }
    for (int index = 0; index < 25; index++)
        assert_false(site_admits(&site, 100, &suppressed));
    assert_true(site_admits(&site, 101, &suppressed));
    assert_int_equal(suppressed, 25);
    assert_true(site_admits(&site, 101, &suppressed));
    assert_int_equal(suppressed, 0);
}

enum { THREADS = 4, CALLS = 20000 };

static struct log_site shared_site;
static _Atomic int64_t shared_second;
static _Atomic uint64_t written;
static _Atomic uint64_t reported;

static void *call_often(void *argument)
{
    (void)argument;
    for (int index = 0; index < CALLS; index++) {
        uint32_t suppressed;
        int64_t second = atomic_fetch_add(&shared_second, 1) / 500; /* 160 seconds in all */
        if (site_admits(&shared_site, second, &suppressed)) {
            atomic_fetch_add(&written, 1);
            atomic_fetch_add(&reported, suppressed);
        }
    }
    return NULL;
}

static void threads_together_lose_no_count(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int index = 0; index < THREADS; index++)
        assert_int_equal(pthread_create(&threads[index], NULL, call_often, NULL), 0);
    for (int index = 0; index < THREADS; index++)
        pthread_join(threads[index], NULL);
    uint32_t rest = shared_site.suppressed;
    assert_int_equal(written + reported + rest, THREADS * CALLS);
    assert_true(written >= 160);
    assert_true(written < THREADS * CALLS / 2);
}

static void levels_below_the_least_are_not_written(void **state)
{
    (void)state;
    int fds[2];
    char text[4096];
    assert_int_equal(pipe(fds), 0);
    int saved = dup(STDERR_FILENO);
    dup2(fds[1], STDERR_FILENO);
    log_configure(LOG_LEVEL_WARN, LOG_FORMAT_JSON);
    LOG_INFO("quiet", log_integer("n", 1));
    LOG_ERROR("loud", log_integer("n", 2));
    log_configure(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    LOG_INFO("plain", log_integer("n", 3));
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fds[1]);
    ssize_t size = read(fds[0], text, sizeof text - 1);
    close(fds[0]);
    assert_true(size > 0);
    text[size] = 0;
    assert_null(strstr(text, "quiet"));
    assert_non_null(strstr(text, "\"level\":\"error\",\"event\":\"loud\",\"n\":2}\n"));
    assert_non_null(strstr(text, "Z info  plain n=3\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_cannot_forge_lines_or_fields),
        cmocka_unit_test(simple_values_stand_bare),
        cmocka_unit_test(lines_that_are_too_long_are_cut_whole),
        cmocka_unit_test(what_is_left_out_is_counted_with_the_next_line),
        cmocka_unit_test(threads_together_lose_no_count),
        cmocka_unit_test(levels_below_the_least_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
