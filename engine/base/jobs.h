/**
 * Does jobs that do not depend on one another on two threads: the caller's, and one more where the
 * machine has a second processor. That one has the caller's priority and is gone on return.
 *
 * Jobs begin in the order of their numbers. What a job finds out it keeps by its number, so that
 * nothing shows which thread was faster.
 */
#ifndef REDRESS_BASE_JOBS_H
#define REDRESS_BASE_JOBS_H

#include <stdbool.h>
#include <stdint.h>

typedef void job_run(void *context, uint32_t job);

/** is_shared: false keeps all of them on this thread, where they are not worth another. */
void jobs_run(uint32_t count, bool is_shared, job_run *run, void *context);

#endif
