/** What systemd hears, byte for byte. Method: a datagram socket in its place, by path and abstract.
 */
#include "runtime/service_notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, strlen(name));
    if (*name == '@')
        address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void assert_hears(int fd, const char *expected)
{
    char text[512];
    ssize_t got = recv(fd, text, sizeof text - 1, 0);
    assert_true(got > 0);
    text[got] = 0;
    assert_string_equal(text, expected);
}

static void every_state_is_one_datagram(void **state)
{
    (void)state;
    char folder[] = "/tmp/redress-notify-XXXXXX";
    char path[64];
    char abstract[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s", folder);
    snprintf(abstract, sizeof abstract, "@redress-test-%d", (int)getpid());
    const char *const names[] = {path, abstract};
    for (size_t index = 0; index < 2; index++) {
        int fd = listen_at(names[index]);
        assert_int_equal(service_notify_ready(), STATUS_OK);
        assert_hears(fd, "READY=1");
        assert_int_equal(service_notify_status("1,000 messages/s\nREADY=1"), STATUS_OK);
        assert_hears(fd, "STATUS=1,000 messages/s READY=1");
        assert_int_equal(service_notify_alive(), STATUS_OK);
        assert_hears(fd, "WATCHDOG=1");
        assert_int_equal(service_notify_stopping(), STATUS_OK);
        assert_hears(fd, "STOPPING=1");
        close(fd);
    }
    assert_int_equal(service_notify_ready(), STATUS_IO); /* nobody listens any more */
    unlink(path);
    rmdir(folder);
}

static void without_systemd_nothing_happens(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(service_notify_ready(), STATUS_NOT_FOUND);
    setenv("NOTIFY_SOCKET", "relative", 1);
    assert_int_equal(service_notify_ready(), STATUS_INVALID);
    char longest[200];
    memset(longest, '/', sizeof longest);
    longest[sizeof longest - 1] = 0;
    setenv("NOTIFY_SOCKET", longest, 1);
    assert_int_equal(service_notify_ready(), STATUS_INVALID);
}

static void the_interval_is_read_for_this_process_only(void **state)
{
    (void)state;
    char process[16];
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(service_watchdog_us(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(service_watchdog_us(), 30000000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(service_watchdog_us(), 0);
    snprintf(process, sizeof process, "%d", (int)getpid());
    setenv("WATCHDOG_PID", process, 1);
    assert_int_equal(service_watchdog_us(), 30000000);
    const char *const bad[] = {"", "-1", "12x", "99999999999999999999"};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        setenv("WATCHDOG_USEC", bad[index], 1);
        assert_int_equal(service_watchdog_us(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_is_one_datagram),
        cmocka_unit_test(without_systemd_nothing_happens),
        cmocka_unit_test(the_interval_is_read_for_this_process_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
