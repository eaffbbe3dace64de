/**
 * The loop on io_uring. Polls are multishot, so a wake costs one io_uring_enter(2) and no
 * re-arming.
 *
 * SINGLE_ISSUER and DEFER_TASKRUN (Linux 6.1) let the kernel do completions only when this thread
 * asks for them; the ring must then be created by the thread that submits. Older kernels get fewer
 * flags.
 */
#include "ingest/loop_make.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <unistd.h>

#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

enum { URING_ENTRIES = 64 };

/* user_data: the kind above, the descriptor below. */
enum { URING_POLL = 1, URING_READ = 2 };

struct loop_uring {
    struct loop loop;
    struct io_uring ring;
    bool multishot; /* false on kernels before 5.13: each poll is armed again */
    bool reading;
    bool read_done;
    int read_result;
};

static uint64_t tag(int kind, int fd)
{
    return (uint64_t)kind << 32 | (uint32_t)fd;
}

static struct io_uring_sqe *next_entry(struct loop_uring *uring)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&uring->ring);
    if (!entry) {
        io_uring_submit(&uring->ring);
        entry = io_uring_get_sqe(&uring->ring);
    }
    return entry;
}

static enum redress_status uring_watch(struct loop *loop, int event_fd)
{
    struct loop_uring *uring = (struct loop_uring *)loop;
    struct io_uring_sqe *entry = next_entry(uring);
    if (!entry)
        return STATUS_IO;
    if (uring->multishot)
        io_uring_prep_poll_multishot(entry, event_fd, POLLIN);
    else
        io_uring_prep_poll_add(entry, event_fd, POLLIN);
    io_uring_sqe_set_data64(entry, tag(URING_POLL, event_fd));
    return STATUS_OK;
}

/* A one-shot poll leaves the counter set, and would fire again at once: take it off. */
static void drain_event(int event_fd)
{
    uint64_t count;
    struct pollfd ready = {.fd = event_fd, .events = POLLIN};
    if (poll(&ready, 1, 0) > 0) {
        ssize_t taken = read(event_fd, &count, sizeof count);
        (void)taken; /* nothing there: somebody else took it, and we are awake */
    }
}

static void poll_completed(struct loop_uring *uring, const struct io_uring_cqe *completion)
{
    int event_fd = (int)(uint32_t)completion->user_data;
    if (completion->flags & IORING_CQE_F_MORE)
        return;
    if (completion->res == -EINVAL && uring->multishot)
        uring->multishot = false;
    if (!uring->multishot)
        drain_event(event_fd);
    enum redress_status status = uring_watch(&uring->loop, event_fd);
    ASSERT(status == STATUS_OK);
}

static void complete(struct loop_uring *uring, const struct io_uring_cqe *completion)
{
    if (completion->user_data >> 32 == URING_POLL) {
        poll_completed(uring, completion);
        return;
    }
    ASSERT(completion->user_data >> 32 == URING_READ && uring->reading);
    uring->reading = false;
    uring->read_done = true;
    uring->read_result = completion->res;
}

static void take_completions(struct loop_uring *uring)
{
    struct io_uring_cqe *completions[URING_ENTRIES];
    unsigned count;
    while ((count = io_uring_peek_batch_cqe(&uring->ring, completions, URING_ENTRIES)) > 0) {
        for (unsigned index = 0; index < count; index++)
            complete(uring, completions[index]);
        io_uring_cq_advance(&uring->ring, count);
    }
}

/* What the kernel has to say, without a timer that would go off at once. */
static void look_without_waiting(struct loop_uring *uring)
{
    int answer = io_uring_submit_and_get_events(&uring->ring);
    ASSERT(answer >= 0 || answer == -EINTR || answer == -EAGAIN || answer == -EBUSY);
    take_completions(uring);
}

static void uring_wait(struct loop *loop, uint64_t timeout_ns)
{
    struct loop_uring *uring = (struct loop_uring *)loop;
    if (timeout_ns == 0) {
        look_without_waiting(uring);
        return;
    }
    struct io_uring_cqe *completion;
    struct __kernel_timespec timeout = {.tv_sec = (int64_t)(timeout_ns / NS_PER_S),
                                        .tv_nsec = (int64_t)(timeout_ns % NS_PER_S)};
    int answer = io_uring_submit_and_wait_timeout(&uring->ring, &completion, 1, &timeout, NULL);
    ASSERT(answer >= 0 || answer == -ETIME || answer == -EINTR || answer == -EAGAIN ||
           answer == -EBUSY);
    take_completions(uring);
}

static enum redress_status uring_read_start(struct loop *loop, int fd, void *buffer, size_t size,
                                            uint64_t offset)
{
    struct loop_uring *uring = (struct loop_uring *)loop;
    ASSERT(!uring->reading && !uring->read_done);
    struct io_uring_sqe *entry = next_entry(uring);
    if (!entry)
        return STATUS_IO;
    io_uring_prep_read(entry, fd, buffer, (unsigned)(size < INT32_MAX ? size : INT32_MAX), offset);
    io_uring_sqe_set_data64(entry, tag(URING_READ, fd));
    uring->reading = true;
    return io_uring_submit(&uring->ring) >= 0 ? STATUS_OK : STATUS_IO;
}

static enum redress_status uring_read_result(struct loop *loop, size_t *size_read)
{
    struct loop_uring *uring = (struct loop_uring *)loop;
    if (!uring->read_done) {
        /* With DEFER_TASKRUN completions appear only when they are asked for. */
        io_uring_get_events(&uring->ring);
        take_completions(uring);
    }
    if (!uring->read_done)
        return STATUS_EMPTY;
    uring->read_done = false;
    if (uring->read_result < 0)
        return STATUS_IO;
    *size_read = (size_t)uring->read_result;
    return STATUS_OK;
}

static void uring_destroy(struct loop *loop)
{
    struct loop_uring *uring = (struct loop_uring *)loop;
    while (uring->reading) /* the kernel writes into the caller's buffer until then */
        uring_wait(loop, NS_PER_S);
    io_uring_queue_exit(&uring->ring);
    memory_free(uring);
}

static const struct loop_operations uring_operations = {
    .name = "io_uring",
    .destroy = uring_destroy,
    .watch = uring_watch,
    .wait = uring_wait,
    .read_start = uring_read_start,
    .read_result = uring_read_result,
};

/* 0 or an errno; tries fewer and fewer flags. */
static int open_ring(struct io_uring *ring)
{
    static const unsigned flags[] = {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
                                     IORING_SETUP_COOP_TASKRUN, 0};
    int answer = 0;
    for (unsigned index = 0; index < sizeof flags / sizeof flags[0]; index++) {
        answer = io_uring_queue_init(URING_ENTRIES, ring, flags[index]);
        if (answer != -EINVAL)
            break;
    }
    if (answer == 0 && !(ring->features & IORING_FEAT_EXT_ARG)) {
        /* Before Linux 5.11 a wait with a timeout needs an entry of its own: epoll is simpler. */
        io_uring_queue_exit(ring);
        return ENOSYS;
    }
    return -answer;
}

enum redress_status loop_uring_create(struct loop **out, int *error)
{
    struct loop_uring *uring = memory_allocate(sizeof *uring);
    if (!uring)
        return STATUS_MEMORY;
    uring->loop.operations = &uring_operations;
    uring->multishot = true;
    *error = open_ring(&uring->ring);
    if (*error != 0) {
        memory_free(uring);
        return STATUS_DENIED;
    }
    *out = &uring->loop;
    return STATUS_OK;
}
