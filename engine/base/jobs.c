#include "base/jobs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct jobs {
    job_run *run;
    void *context;
    uint32_t count;
    _Atomic uint32_t next;
};

static void *work(void *argument)
{
    struct jobs *jobs = argument;
    for (;;) {
        /* Relaxed: what jobs read was there before the thread, and the join ends them. */
        uint32_t job = atomic_fetch_add_explicit(&jobs->next, 1, memory_order_relaxed);
        if (job >= jobs->count)
            return NULL;
        jobs->run(jobs->context, job);
    }
}

void jobs_run(uint32_t count, bool is_shared, job_run *run, void *context)
{
    struct jobs jobs = {.run = run, .context = context, .count = count};
    pthread_t second;
    bool helped = is_shared && count > 1 && sysconf(_SC_NPROCESSORS_ONLN) > 1 &&
                  pthread_create(&second, NULL, work, &jobs) == 0;
    work(&jobs);
    if (helped)
        pthread_join(second, NULL);
}
