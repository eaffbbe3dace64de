#include "base/thread.h"

#include <sched.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLICE_NS = 100 * 1000 }; /* the shortest that the kernel takes */

/* The first version of the kernel's structure; the C library has none before 2.41. */
struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t niceness;
    uint32_t priority;
    uint64_t slice_ns;
    uint64_t deadline_ns;
    uint64_t period_ns;
};

void thread_ask_for_short_slices(void)
{
    struct scheduling scheduling = {.size = sizeof scheduling,
                                    .policy = SCHED_OTHER,
                                    .niceness = getpriority(PRIO_PROCESS, 0),
                                    .slice_ns = SLICE_NS};
    (void)syscall(SYS_sched_setattr, 0, &scheduling, 0);
}

void thread_ask_for_exact_timers(void)
{
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
}
