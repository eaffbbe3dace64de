#include "base/doorbell.h"

#include "base/assert.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum redress_status doorbell_open(struct doorbell *doorbell)
{
    atomic_init(&doorbell->waiting, 0);
    doorbell->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return doorbell->fd < 0 ? STATUS_IO : STATUS_OK;
}

void doorbell_close(struct doorbell *doorbell)
{
    if (doorbell->fd >= 0)
        close(doorbell->fd);
    doorbell->fd = -1;
}

void doorbell_wake(struct doorbell *doorbell)
{
    uint64_t one = 1;
    ssize_t written = write(doorbell->fd, &one, sizeof one);
    /* EAGAIN: the counter is full, so the waiter wakes anyway. */
    ASSERT(written == sizeof one || errno == EAGAIN || errno == EINTR);
}

void doorbell_wait(struct doorbell *doorbell, int64_t timeout_us)
{
    struct pollfd waited = {.fd = doorbell->fd, .events = POLLIN};
    struct timespec timeout = {.tv_sec = timeout_us / 1000000,
                               .tv_nsec = timeout_us % 1000000 * 1000};
    if (ppoll(&waited, 1, timeout_us < 0 ? NULL : &timeout, NULL) > 0) {
        uint64_t rings;
        ssize_t taken = read(doorbell->fd, &rings, sizeof rings);
        (void)taken; /* EAGAIN: another reader of the descriptor took it; either way we are awake */
    }
}
