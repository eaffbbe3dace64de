/** What each make of the loop provides; for loop.c and the makes alone. */
#ifndef REDRESS_INGEST_LOOP_MAKE_H
#define REDRESS_INGEST_LOOP_MAKE_H

#include "ingest/loop.h"

#include <stdint.h>

struct loop_operations {
    const char *name;
    void (*destroy)(struct loop *loop);
    enum redress_status (*watch)(struct loop *loop, int event_fd);
    void (*wait)(struct loop *loop, uint64_t timeout_ns);
    enum redress_status (*read_start)(struct loop *loop, int fd, void *buffer, size_t size,
                                      uint64_t offset);
    enum redress_status (*read_result)(struct loop *loop, size_t *size_read);
};

/** Every make begins with this. */
struct loop {
    const struct loop_operations *operations;
};

/** *error is the errno that refused it. */
NODISCARD enum redress_status loop_uring_create(struct loop **out, int *error);
NODISCARD enum redress_status loop_epoll_create(struct loop **out);

#endif
