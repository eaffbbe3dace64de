#include "ingest/loop_make.h"

#include "base/assert.h"
#include "base/log.h"

#include <errno.h>

static const char *remedy(int error)
{
    switch (error) {
    case EPERM:
    case EACCES:
        return "set kernel.io_uring_disabled=0, or allow io_uring_setup, io_uring_enter and "
               "io_uring_register in the container's seccomp profile";
    case ENOSYS:
        return "use Linux 5.11 or newer, or a seccomp profile that allows io_uring";
    default:
        return "raise the limit on locked memory (ulimit -l) or see the errno";
    }
}

enum redress_status loop_create(enum loop_kind kind, struct loop **out)
{
    *out = NULL;
    if (kind == LOOP_EPOLL)
        return loop_epoll_create(out);
    int error = 0;
    enum redress_status status = loop_uring_create(out, &error);
    if (status == STATUS_OK || status == STATUS_MEMORY || kind == LOOP_URING)
        return status;
    LOG_WARN("io_uring is not to be had: the loop runs on epoll, which costs a few microseconds "
             "at each wake, and file replay reads on the ingest thread",
             log_integer("errno", error), log_text("remedy", remedy(error)));
    return loop_epoll_create(out);
}

void loop_destroy(struct loop *loop)
{
    if (loop)
        loop->operations->destroy(loop);
}

const char *loop_name(const struct loop *loop)
{
    return loop->operations->name;
}

enum redress_status loop_watch(struct loop *loop, int event_fd)
{
    ASSERT(event_fd >= 0);
    return loop->operations->watch(loop, event_fd);
}

void loop_wait(struct loop *loop, uint64_t timeout_ns)
{
    loop->operations->wait(loop, timeout_ns);
}

enum redress_status loop_read_start(struct loop *loop, int fd, void *buffer, size_t size,
                                    uint64_t offset)
{
    ASSERT(fd >= 0 && buffer && size > 0);
    return loop->operations->read_start(loop, fd, buffer, size, offset);
}

enum redress_status loop_read_result(struct loop *loop, size_t *size_read)
{
    return loop->operations->read_result(loop, size_read);
}
