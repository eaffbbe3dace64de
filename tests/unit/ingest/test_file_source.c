/** The file source: every line once and in order, on time at a given rate, with the loop and
 * without. */
#include "ingest/file_source.h"

#include "base/clock.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static uint64_t virtual_ns;

static uint64_t virtual_clock(void)
{
    return virtual_ns;
}

struct replay {
    char path[64];
    struct partition_table *table;
    struct loop *loop;
    struct source *source;
    enum source_event_kind ended;
    char text[256];
};

static void open_replay(struct replay *replay, const char *content, size_t size,
                        struct file_source_settings settings)
{
    *replay = (struct replay){.path = "/tmp/redress-file-XXXXXX", .loop = settings.loop};
    int fd = mkstemp(replay->path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, size), size);
    close(fd);
    assert_int_equal(partition_table_create(&replay->table), STATUS_OK);
    settings.path = replay->path;
    settings.table = replay->table;
    struct redress_error error;
    assert_int_equal(file_source_create(&settings, &replay->source, &error), STATUS_OK);
}

static void close_replay(struct replay *replay)
{
    source_close(replay->source);
    partition_table_destroy(replay->table);
    unlink(replay->path);
}

/* The next line of any slot, copied; false at the end or where none is due. */
static bool next_line(struct replay *replay, char *out, size_t out_max, uint32_t *slot_out)
{
    for (int tries = 0; tries < 1000; tries++) {
        struct source_event event;
        source_poll(replay->source, &event);
        if (event.kind == SOURCE_END || event.kind == SOURCE_FATAL) {
            replay->ended = event.kind;
            snprintf(replay->text, sizeof replay->text, "%s", event.text);
            return false;
        }
        uint32_t count = partition_table_count(replay->table);
        for (uint32_t slot = 0; slot < count; slot++) {
            struct source_record record;
            if (source_peek(replay->source, slot, &record) != STATUS_OK)
                continue;
            assert_true(record.value.size < out_max);
            memcpy(out, record.value.data, record.value.size);
            out[record.value.size] = '\0';
            *slot_out = slot;
            source_advance(replay->source, slot);
            return true;
        }
        if (replay->loop)
            loop_wait(replay->loop, NS_PER_MS);
        else if (tries > 2)
            return false;
    }
    return false;
}

static void every_line_comes_once_and_in_order(void **state)
{
    const enum loop_kind *kind = *state;
    struct loop *loop = NULL;
    if (kind)
        assert_int_equal(loop_create(*kind, &loop), STATUS_OK);
    enum { LINES = 60000 };
    char *content = memory_allocate(LINES * 64 + 128);
    size_t size = 0;
    for (int line = 0; line < LINES; line++)
        size += (size_t)snprintf(content + size, 128, "{\"id\":%d,\"text\":\"%.*s\"}%s", line,
                                 line % 40, "the parcel never came and nobody answers",
                                 line == LINES - 1 ? ""
                                 : line % 5        ? "\n"
                                                   : "\r\n\n");
    struct replay replay;
    open_replay(
        &replay, content, size,
        (struct file_source_settings){.partitions = 3, .loop = loop, .line_bytes_max = 1000});
    char line[128];
    uint32_t slot;
    for (int number = 0; number < LINES; number++) {
        char expected[32];
        assert_true(next_line(&replay, line, sizeof line, &slot));
        int length = snprintf(expected, sizeof expected, "{\"id\":%d,", number);
        assert_memory_equal(line, expected, (size_t)length);
        assert_int_equal(line[strlen(line) - 1], '}');
        assert_int_equal(slot, number % 3);
    }
    assert_false(next_line(&replay, line, sizeof line, &slot));
    assert_int_equal(replay.ended, SOURCE_END);
    assert_int_equal(file_source_lines(replay.source), LINES);
    close_replay(&replay);
    loop_destroy(loop);
    memory_free(content);
}

static void lines_of_one_customer_share_a_partition(void **state)
{
    (void)state;
    const char content[] = "{\"customer\":\"anna\",\"n\":1}\n{\"customer\": \"ben\"}\n"
                           "{\"n\":2,\"customer\":\"anna\"}\n{\"customer\":\"anna\"}\n";
    struct replay replay;
    open_replay(&replay, content, sizeof content - 1,
                (struct file_source_settings){.partitions = 16, .customer_field = "customer"});
    char line[64];
    uint32_t slots[4];
    for (int number = 0; number < 4; number++)
        assert_true(next_line(&replay, line, sizeof line, &slots[number]));
    assert_int_equal(slots[0], slots[2]);
    assert_int_equal(slots[0], slots[3]);
    close_replay(&replay);
}

static void a_repeated_file_is_read_again_as_a_whole(void **state)
{
    (void)state;
    struct replay replay;
    open_replay(&replay, "one\ntwo", 7, (struct file_source_settings){.repeat = 3});
    char line[16];
    uint32_t slot;
    for (int number = 0; number < 6; number++) {
        assert_true(next_line(&replay, line, sizeof line, &slot));
        assert_string_equal(line, number % 2 ? "two" : "one");
    }
    assert_false(next_line(&replay, line, sizeof line, &slot));
    assert_int_equal(replay.ended, SOURCE_END);
    close_replay(&replay);
}

static void at_a_rate_lines_are_due_by_the_clock_however_late_the_reader_is(void **state)
{
    (void)state;
    virtual_ns = NS_PER_S;
    struct replay replay;
    open_replay(&replay, "a\nb\nc\nd\n", 8,
                (struct file_source_settings){.lines_per_second = 100, .clock_ns = virtual_clock});
    char line[16];
    uint32_t slot;
    assert_true(next_line(&replay, line, sizeof line, &slot));
    assert_false(next_line(&replay, line, sizeof line, &slot));
    assert_int_equal(source_wait_ns(replay.source, virtual_ns), 10 * NS_PER_MS);
    virtual_ns += 25ull * NS_PER_MS; /* the reader was away: two are due, stamped when they were */
    struct source_record record;
    assert_int_equal(source_peek(replay.source, 0, &record), STATUS_OK);
    assert_int_equal(record.received_ns, NS_PER_S + 10ull * NS_PER_MS);
    assert_true(next_line(&replay, line, sizeof line, &slot));
    assert_true(next_line(&replay, line, sizeof line, &slot));
    assert_false(next_line(&replay, line, sizeof line, &slot));
    virtual_ns += 5ull * NS_PER_MS;
    assert_true(next_line(&replay, line, sizeof line, &slot));
    close_replay(&replay);
}

/* Lines over the limit by one byte, by less and by more than the buffer holds. */
static void of_a_line_that_is_too_long_the_head_is_given(void **state)
{
    enum { LIMIT = 1 << 20, HUGE_BYTES = 9 * LIMIT + 77, OVER_BYTES = LIMIT + 1 };
    enum loop_kind *kind = *state;
    size_t size = 0;
    char *content = memory_allocate(HUGE_BYTES + OVER_BYTES + 64);
    memcpy(content, "short\n", 6);
    size = 6;
    memset(content + size, 'x', HUGE_BYTES);
    size += HUGE_BYTES;
    memcpy(content + size, "\nnext\n", 6);
    size += 6;
    memset(content + size, 'y', OVER_BYTES);
    size += OVER_BYTES;
    struct replay replay;
    struct file_source_settings settings = {.line_bytes_max = LIMIT, .repeat = 2};
    if (kind)
        assert_int_equal(loop_create(*kind, &settings.loop), STATUS_OK);
    open_replay(&replay, content, size, settings);
    static const uint32_t given[] = {5, LIMIT + 1, 4, OVER_BYTES};
    static const uint32_t original[] = {0, HUGE_BYTES, 0, 0};
    for (int round = 0; round < 2; round++)
        for (int line = 0; line < 4; line++) {
            struct source_record record;
            struct source_event event;
            while (source_peek(replay.source, 0, &record) != STATUS_OK) {
                source_poll(replay.source, &event);
                assert_true(event.kind == SOURCE_NOTHING || event.kind == SOURCE_ASSIGNED);
                if (settings.loop)
                    loop_wait(settings.loop, NS_PER_MS);
            }
            assert_int_equal(record.value.size, given[line]);
            assert_int_equal(record.value_size_original, original[line]);
            assert_int_equal(record.value.data[record.value.size - 1], "txty"[line]);
            source_advance(replay.source, 0);
        }
    char line[16];
    uint32_t slot;
    assert_false(next_line(&replay, line, sizeof line, &slot));
    assert_int_equal(replay.ended, SOURCE_END);
    close_replay(&replay);
    loop_destroy(settings.loop);
    memory_free(content);
}

static void an_empty_file_ends_at_once_and_an_absent_one_is_an_error(void **state)
{
    (void)state;
    struct replay replay;
    open_replay(&replay, "\n\n", 2, (struct file_source_settings){0});
    char line[16];
    uint32_t slot;
    assert_false(next_line(&replay, line, sizeof line, &slot));
    assert_int_equal(replay.ended, SOURCE_END);
    struct file_source_settings settings = {.path = "/nowhere/at/all", .table = replay.table};
    struct source *source;
    struct redress_error error;
    assert_int_equal(file_source_create(&settings, &source, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "cannot be opened"));
    close_replay(&replay);
}

static const enum loop_kind kinds[] = {LOOP_AUTO, LOOP_EPOLL};

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_comes_once_and_in_order),
        cmocka_unit_test_prestate(every_line_comes_once_and_in_order, (void *)(uintptr_t)&kinds[0]),
        cmocka_unit_test_prestate(every_line_comes_once_and_in_order, (void *)(uintptr_t)&kinds[1]),
        cmocka_unit_test(lines_of_one_customer_share_a_partition),
        cmocka_unit_test(a_repeated_file_is_read_again_as_a_whole),
        cmocka_unit_test(at_a_rate_lines_are_due_by_the_clock_however_late_the_reader_is),
        cmocka_unit_test(of_a_line_that_is_too_long_the_head_is_given),
        cmocka_unit_test_prestate(of_a_line_that_is_too_long_the_head_is_given,
                                  (void *)(uintptr_t)&kinds[0]),
        cmocka_unit_test_prestate(of_a_line_that_is_too_long_the_head_is_given,
                                  (void *)(uintptr_t)&kinds[1]),
        cmocka_unit_test(an_empty_file_ends_at_once_and_an_absent_one_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
