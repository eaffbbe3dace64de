/** The loop where io_uring is forbidden: epoll, edge-triggered so that eventfds need no read. */
#include "ingest/loop_make.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EPOLL_EVENTS_MAX = 16 };

struct loop_epoll {
    struct loop loop;
    int fd;
    bool read_done; /* a read was made and its result not yet taken */
    ssize_t read_size;
};

static void epoll_destroy(struct loop *loop)
{
    struct loop_epoll *epoll = (struct loop_epoll *)loop;
    close(epoll->fd);
    memory_free(epoll);
}

static enum redress_status epoll_watch(struct loop *loop, int event_fd)
{
    struct loop_epoll *epoll = (struct loop_epoll *)loop;
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = event_fd};
    return epoll_ctl(epoll->fd, EPOLL_CTL_ADD, event_fd, &event) == 0 ? STATUS_OK : STATUS_IO;
}

static void epoll_loop_wait(struct loop *loop, uint64_t timeout_ns)
{
    struct loop_epoll *epoll = (struct loop_epoll *)loop;
    struct epoll_event events[EPOLL_EVENTS_MAX];
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / NS_PER_S),
                               .tv_nsec = (long)(timeout_ns % NS_PER_S)};
    int count = epoll_pwait2(epoll->fd, events, EPOLL_EVENTS_MAX, &timeout, NULL);
    if (count < 0 && errno == ENOSYS) /* before Linux 5.11: whole milliseconds */
        count = epoll_wait(epoll->fd, events, EPOLL_EVENTS_MAX,
                           (int)((timeout_ns + NS_PER_MS - 1) / NS_PER_MS));
    ASSERT(count >= 0 || errno == EINTR);
}

static enum redress_status epoll_read_start(struct loop *loop, int fd, void *buffer, size_t size,
                                            uint64_t offset)
{
    struct loop_epoll *epoll = (struct loop_epoll *)loop;
    ASSERT(!epoll->read_done);
    do
        epoll->read_size = pread(fd, buffer, size, (off_t)offset);
    while (epoll->read_size < 0 && errno == EINTR);
    epoll->read_done = true;
    return STATUS_OK;
}

static enum redress_status epoll_read_result(struct loop *loop, size_t *size_read)
{
    struct loop_epoll *epoll = (struct loop_epoll *)loop;
    ASSERT(epoll->read_done);
    epoll->read_done = false;
    if (epoll->read_size < 0)
        return STATUS_IO;
    *size_read = (size_t)epoll->read_size;
    return STATUS_OK;
}

static const struct loop_operations epoll_operations = {
    .name = "epoll",
    .destroy = epoll_destroy,
    .watch = epoll_watch,
    .wait = epoll_loop_wait,
    .read_start = epoll_read_start,
    .read_result = epoll_read_result,
};

enum redress_status loop_epoll_create(struct loop **out)
{
    struct loop_epoll *epoll = memory_allocate(sizeof *epoll);
    if (!epoll)
        return STATUS_MEMORY;
    epoll->loop.operations = &epoll_operations;
    epoll->fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll->fd < 0) {
        memory_free(epoll);
        return STATUS_IO;
    }
    *out = &epoll->loop;
    return STATUS_OK;
}
