/** The loop: both makes wake at an eventfd, time out, and read files. */
#include "ingest/loop.h"

#include "base/clock.h"
#include "base/doorbell.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const enum loop_kind kinds[] = {LOOP_URING, LOOP_EPOLL};

static struct loop *open_loop(enum loop_kind kind)
{
    struct loop *loop;
    enum redress_status status = loop_create(kind, &loop);
    if (status == STATUS_DENIED && kind == LOOP_URING) {
        print_message("io_uring is forbidden here: only epoll is tested\n");
        skip();
    }
    assert_int_equal(status, STATUS_OK);
    return loop;
}

static void *ring_soon(void *argument)
{
    usleep(20000); /* so that the other side sleeps already; the test holds without it, too */
    doorbell_wake(argument);
    return NULL;
}

static void loop_wakes_at_every_write_although_nobody_reads_the_eventfd(void **state)
{
    enum loop_kind kind = *(const enum loop_kind *)*state;
    struct loop *loop = open_loop(kind);
    struct doorbell bell;
    assert_int_equal(doorbell_open(&bell), STATUS_OK);
    assert_int_equal(loop_watch(loop, bell.fd), STATUS_OK);
    for (int round = 0; round < 3; round++) {
        pthread_t ringer;
        uint64_t begin_ns = clock_monotonic_ns();
        assert_int_equal(pthread_create(&ringer, NULL, ring_soon, &bell), 0);
        loop_wait(loop, 20ull * NS_PER_S);
        assert_true(clock_monotonic_ns() - begin_ns < 10ull * NS_PER_S);
        pthread_join(ringer, NULL);
        loop_wait(loop, 0); /* a wake that was still on its way */
    }
    loop_destroy(loop);
    doorbell_close(&bell);
}

static void loop_sleeps_while_a_rung_bell_is_old_news(void **state)
{
    enum loop_kind kind = *(const enum loop_kind *)*state;
    struct loop *loop = open_loop(kind);
    struct doorbell bell;
    assert_int_equal(doorbell_open(&bell), STATUS_OK);
    doorbell_wake(&bell);
    assert_int_equal(loop_watch(loop, bell.fd), STATUS_OK);
    loop_wait(loop, NS_PER_MS);
    uint64_t begin_ns = clock_monotonic_ns();
    /* A signal, or the kernel taking an older ring apart, may interrupt a wait or two. */
    int waits = 0;
    for (; clock_monotonic_ns() - begin_ns < 30ull * NS_PER_MS; waits++)
        loop_wait(loop, 30ull * NS_PER_MS);
    assert_in_range(waits, 1, 5);
    loop_destroy(loop);
    doorbell_close(&bell);
}

static size_t await_read(struct loop *loop)
{
    size_t size = 0;
    enum redress_status status;
    while ((status = loop_read_result(loop, &size)) == STATUS_EMPTY)
        loop_wait(loop, NS_PER_S);
    assert_int_equal(status, STATUS_OK);
    return size;
}

static void loop_reads_a_file_to_its_end(void **state)
{
    enum loop_kind kind = *(const enum loop_kind *)*state;
    struct loop *loop = open_loop(kind);
    char path[] = "/tmp/redress-loop-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, "complaint", 9), 9);
    char buffer[4];
    char whole[16] = "";
    size_t offset = 0;
    for (;;) {
        assert_int_equal(loop_read_start(loop, fd, buffer, sizeof buffer, offset), STATUS_OK);
        size_t size = await_read(loop);
        if (size == 0)
            break;
        memcpy(whole + offset, buffer, size);
        offset += size;
    }
    assert_string_equal(whole, "complaint");
    close(fd);
    loop_destroy(loop);
}

static void loop_says_when_a_read_fails(void **state)
{
    enum loop_kind kind = *(const enum loop_kind *)*state;
    struct loop *loop = open_loop(kind);
    int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
    char buffer[4];
    assert_int_equal(loop_read_start(loop, fd, buffer, sizeof buffer, 0), STATUS_OK);
    size_t size;
    enum redress_status status;
    while ((status = loop_read_result(loop, &size)) == STATUS_EMPTY)
        loop_wait(loop, NS_PER_S);
    assert_int_equal(status, STATUS_IO);
    close(fd);
    loop_destroy(loop);
}

static void loop_is_always_to_be_had(void **state)
{
    (void)state;
    struct loop *loop;
    assert_int_equal(loop_create(LOOP_AUTO, &loop), STATUS_OK);
    assert_true(strcmp(loop_name(loop), "io_uring") == 0 || strcmp(loop_name(loop), "epoll") == 0);
    loop_destroy(loop);
}

#define BOTH(test)                                                                                 \
    {#test " (io_uring)", test, NULL, NULL, (void *)(uintptr_t)&kinds[0]},                         \
    {                                                                                              \
#test " (epoll)", test, NULL, NULL, (void *)(uintptr_t)&kinds[1]                           \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(loop_wakes_at_every_write_although_nobody_reads_the_eventfd),
        BOTH(loop_sleeps_while_a_rung_bell_is_old_news),
        BOTH(loop_reads_a_file_to_its_end),
        BOTH(loop_says_when_a_read_fails),
        cmocka_unit_test(loop_is_always_to_be_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
