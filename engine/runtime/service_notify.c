#include "runtime/service_notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static enum redress_status send_state(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || !*path)
        return STATUS_NOT_FOUND;
    size_t size = strlen(path);
    if ((*path != '/' && *path != '@') || size < 2 || size >= sizeof address.sun_path)
        return STATUS_INVALID;
    memcpy(address.sun_path, path, size);
    if (*path == '@')
        address.sun_path[0] = 0; /* Linux's abstract names begin with a NUL */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return STATUS_IO;
    socklen_t address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    /* Not waiting: a deaf service manager is no reason to hold the engine up. */
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&address, address_size);
    close(fd);
    return sent == (ssize_t)strlen(state) ? STATUS_OK : STATUS_IO;
}

enum redress_status service_notify_ready(void)
{
    return send_state("READY=1");
}

enum redress_status service_notify_stopping(void)
{
    return send_state("STOPPING=1");
}

enum redress_status service_notify_alive(void)
{
    return send_state("WATCHDOG=1");
}

enum redress_status service_notify_status(const char *text)
{
    char state[SERVICE_STATUS_BYTES_MAX + 8];
    snprintf(state, sizeof state, "STATUS=%.*s", SERVICE_STATUS_BYTES_MAX, text);
    for (char *byte = state; *byte; byte++)
        if (*byte == '\n') /* it would begin another assignment */
            *byte = ' ';
    return send_state(state);
}

uint64_t service_watchdog_us(void)
{
    const char *interval = getenv("WATCHDOG_USEC");
    const char *process = getenv("WATCHDOG_PID");
    char *end;
    if (!interval || *interval < '0' || *interval > '9')
        return 0;
    if (process && strtol(process, NULL, 10) != (long)getpid())
        return 0;
    errno = 0;
    unsigned long long interval_us = strtoull(interval, &end, 10);
    return errno == 0 && *end == 0 ? interval_us : 0;
}
