/**
 * What a thread asks of the scheduler. Wishes, not needs: a kernel that knows none of it is slower.
 */
#ifndef REDRESS_BASE_THREAD_H
#define REDRESS_BASE_THREAD_H

/**
 * The shortest slice there is (Linux 6.12 or newer). Who wakes with one runs at once where another
 * thread would have its slice out first; who works with one is not in the way of others that wake.
 * The thread's share of the processor stays what it is; what it starts inherits the wish.
 * Async-signal-safe.
 */
void thread_ask_for_short_slices(void);

/** Timers to the microsecond; else the kernel may be 50 us late. */
void thread_ask_for_exact_timers(void);

#endif
