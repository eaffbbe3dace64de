/*
 * Stands before libc's clock in a bench. Under callgrind everything takes fifty times as long: the
 * matcher would run into its budget of time, here or there. So time stands still where instructions
 * are counted, and the same input takes the same way every time.
 */
#include "common/sampling.h"

#include <dlfcn.h>

#define PUBLIC __attribute__((visibility("default"), used))

PUBLIC int clock_gettime(clockid_t clock, struct timespec *out);

static bool is_frozen;

void clock_freeze(void)
{
    is_frozen = true;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    static int (*real)(clockid_t, struct timespec *);
    if (is_frozen) {
        *out = (struct timespec){.tv_sec = 1000};
        return 0;
    }
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    return real(clock, out);
}
