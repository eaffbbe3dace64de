/**
 * The file sink: lines land in their topic's file before they count as delivered; a disk that is
 * full (/dev/full stands in for one) is fatal.
 */
#include "egress/file_sink.c"

#include "unit/egress/messages.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct fixture {
    char folder[64];
    struct sink *sink;
    uint32_t topic;
    uint32_t outcomes[STATUS_COUNT];
};

static void note(void *context, void *opaque, enum redress_status outcome)
{
    struct fixture *fixture = context;
    assert_ptr_equal(opaque, fixture);
    fixture->outcomes[outcome]++;
}

static void begin(struct fixture *fixture)
{
    *fixture = (struct fixture){.folder = "/tmp/egress-test-files-XXXXXX"};
    assert_non_null(mkdtemp(fixture->folder));
    assert_int_equal(file_sink_create(fixture->folder, 2, &fixture->sink), STATUS_OK);
    fixture->sink->delivered = note;
    fixture->sink->context = fixture;
}

static void path_of(const struct fixture *fixture, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", fixture->folder, name);
}

static void end(struct fixture *fixture, const char *file)
{
    char path[128];
    path_of(fixture, file, path);
    sink_close(fixture->sink);
    unlink(path);
    assert_int_equal(rmdir(fixture->folder), 0);
}

static enum redress_status give(struct fixture *fixture, const char *value)
{
    struct sink_record record = {
        .topic = fixture->topic, .value = test_slice(value), .opaque = fixture};
    return sink_produce(fixture->sink, &record);
}

static void lines_stand_in_the_file_when_delivered(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(sink_topic(fixture.sink, "cases", &fixture.topic), STATUS_OK);
    assert_int_equal(sink_poll(fixture.sink), 0);
    assert_int_equal(give(&fixture, "{\"a\":1}"), STATUS_OK);
    assert_int_equal(give(&fixture, "{\"b\":2}"), STATUS_OK);
    assert_int_equal(give(&fixture, "{\"c\":3}"), STATUS_FULL);
    assert_int_equal(sink_pending(fixture.sink), 2);
    assert_int_equal(sink_poll(fixture.sink), 2);
    assert_int_equal(sink_pending(fixture.sink), 0);
    assert_int_equal(fixture.outcomes[STATUS_OK], 2);
    char path[128];
    char text[64] = "";
    path_of(&fixture, "cases.jsonl", path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof text - 1, file), 16);
    fclose(file);
    assert_string_equal(text, "{\"a\":1}\n{\"b\":2}\n");
    end(&fixture, "cases.jsonl");
}

static void disk_that_is_full_is_fatal(void **state)
{
    (void)state;
    static char large[1 << 20];
    memset(large, 'l', sizeof large - 1);
    for (int way = 0; way < 3; way++) {
        struct fixture fixture;
        char path[128];
        begin(&fixture);
        path_of(&fixture, "cases.jsonl", path);
        assert_int_equal(symlink("/dev/full", path), 0);
        assert_int_equal(sink_topic(fixture.sink, "cases", &fixture.topic), STATUS_OK);
        if (way == 0) {
            assert_int_equal(give(&fixture, "{}"), STATUS_OK);
            assert_int_equal(sink_poll(fixture.sink), 1);
            assert_int_equal(fixture.outcomes[STATUS_FATAL], 1);
        } else if (way == 1) {
            assert_int_equal(give(&fixture, large), STATUS_FATAL);
        } else {
            /* Only the line's end fails: nothing is buffered. */
            setvbuf(((struct file_sink *)fixture.sink)->files[0], NULL, _IONBF, 0);
            assert_int_equal(give(&fixture, ""), STATUS_FATAL);
        }
        assert_int_equal(sink_trouble(fixture.sink), STATUS_FATAL);
        assert_int_equal(give(&fixture, "{}"), STATUS_FATAL);
        end(&fixture, "cases.jsonl");
    }
}

static void topics_that_cannot_be_files_are_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    uint32_t topic;
    char long_name[300];
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    assert_int_equal(sink_topic(fixture.sink, "../out", &topic), STATUS_IO);
    assert_int_equal(sink_topic(fixture.sink, long_name, &topic), STATUS_IO);
    long_name[260] = '\0'; /* short enough for us, not for the file system */
    assert_int_equal(sink_topic(fixture.sink, long_name, &topic), STATUS_IO);
    memory_fail_after(0);
    assert_int_equal(sink_topic(fixture.sink, "t", &topic), STATUS_MEMORY);
    memory_fail_after(-1);
    for (int index = 0; index < SINK_TOPICS_MAX; index++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", index);
        assert_int_equal(sink_topic(fixture.sink, name, &topic), STATUS_OK);
    }
    assert_int_equal(sink_topic(fixture.sink, "one-too-many", &topic), STATUS_FULL);
    assert_int_equal(sink_topic(fixture.sink, "t3", &topic), STATUS_OK);
    assert_int_equal(topic, 3);
    for (int index = 0; index < SINK_TOPICS_MAX; index++) {
        char name[32];
        char path[128];
        snprintf(name, sizeof name, "t%d.jsonl", index);
        path_of(&fixture, name, path);
        unlink(path);
    }
    end(&fixture, "none");
}

static void start_fails_cleanly(void **state)
{
    (void)state;
    struct sink *sink;
    assert_int_equal(file_sink_create("/no/such/folder", 2, &sink), STATUS_IO);
    for (long calls = 0; calls < 2; calls++) {
        memory_fail_after(calls);
        assert_int_equal(file_sink_create("/tmp", 2, &sink), STATUS_MEMORY);
    }
    memory_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_stand_in_the_file_when_delivered),
        cmocka_unit_test(disk_that_is_full_is_fatal),
        cmocka_unit_test(topics_that_cannot_be_files_are_refused),
        cmocka_unit_test(start_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
