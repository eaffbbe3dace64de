/**
 * What the ingest thread waits on: eventfds, a timeout, and reads of files.
 *
 * Two makes behind one shape: io_uring, and epoll with pread(2) where io_uring is forbidden or too
 * old. A watched eventfd is never read: each write to it wakes once, which saves a system call a
 * wake.
 *
 * Threads: everything by the thread that created it (the ring is SINGLE_ISSUER).
 */
#ifndef REDRESS_INGEST_LOOP_H
#define REDRESS_INGEST_LOOP_H

#include <redress/status.h>

#include <stddef.h>
#include <sys/types.h>

enum loop_kind { LOOP_AUTO, LOOP_URING, LOOP_EPOLL };

struct loop;

/**
 * LOOP_AUTO falls back to epoll and logs one warning that says what it costs and how to allow
 * io_uring. LOOP_URING: STATUS_DENIED where io_uring is not to be had.
 */
NODISCARD enum redress_status loop_create(enum loop_kind kind, struct loop **out);
void loop_destroy(struct loop *loop);

/** "io_uring" or "epoll". */
const char *loop_name(const struct loop *loop);

/** Wakes loop_wait() at each write to this eventfd, until loop_destroy(). */
NODISCARD enum redress_status loop_watch(struct loop *loop, int event_fd);

/** Returns after a wake, a finished read, or timeout_ns. Spurious returns are allowed. */
void loop_wait(struct loop *loop, uint64_t timeout_ns);

/** One read of a regular file, at most one under way. The buffer belongs to the loop until the end.
 */
NODISCARD enum redress_status loop_read_start(struct loop *loop, int fd, void *buffer, size_t size,
                                              uint64_t offset);
/** STATUS_EMPTY: under way. STATUS_OK: *size_read bytes, 0 at the end of the file. STATUS_IO. */
NODISCARD enum redress_status loop_read_result(struct loop *loop, size_t *size_read);

#endif
