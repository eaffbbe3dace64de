/*
 * Counts what the threads of a program allocate and lock, without a change to it:
 *
 *   LD_PRELOAD=libbench_count_calls.so REDRESS_COUNTS=FILE redress run ...
 *
 * FILE gets one line a thread that has named itself, when the process ends: name, allocations,
 * locks. Threads of one name are added up by who reads it. Locks are calls of pthread's mutexes and
 * read-write locks, taken at once or not.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

enum { THREADS_MAX = 128, NAME_BYTES = 16 };

struct counts {
    char name[NAME_BYTES];
    uint64_t allocations;
    uint64_t locks;
};

static struct counts threads[THREADS_MAX];
static _Atomic uint32_t thread_count;
static _Thread_local struct counts own;      /* until the thread has a name */
static _Thread_local struct counts *counted; /* from then on */

static struct counts *mine(void)
{
    return counted ? counted : &own;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

EXPORTED void *malloc(size_t size)
{
    mine()->allocations++;
    return __libc_malloc(size);
}

EXPORTED void *calloc(size_t count, size_t size)
{
    mine()->allocations++;
    return __libc_calloc(count, size);
}

EXPORTED void *realloc(void *block, size_t size)
{
    mine()->allocations++;
    return __libc_realloc(block, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    mine()->allocations++;
    return __libc_memalign(alignment, size);
}

EXPORTED int posix_memalign(void **out, size_t alignment, size_t size)
{
    mine()->allocations++;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : 12; /* ENOMEM */
}

typedef int lock_call(void *lock);
typedef int name_call(pthread_t thread, const char *name);

static int call_real(const char *name, lock_call **real, void *lock)
{
    if (!*real)
        *(void **)real = dlsym(RTLD_NEXT, name);
    mine()->locks++;
    return (*real)(lock);
}

EXPORTED int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static lock_call *real;
    return call_real("pthread_mutex_lock", &real, mutex);
}

EXPORTED int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    static lock_call *real;
    return call_real("pthread_rwlock_rdlock", &real, lock);
}

EXPORTED int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    static lock_call *real;
    return call_real("pthread_rwlock_wrlock", &real, lock);
}

EXPORTED int pthread_setname_np(pthread_t thread, const char *name)
{
    static name_call *real;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_setname_np");
    uint32_t place = atomic_fetch_add_explicit(&thread_count, 1, memory_order_relaxed);
    if (pthread_equal(thread, pthread_self()) && place < THREADS_MAX) {
        counted = &threads[place];
        *counted = own;
        (void)snprintf(counted->name, sizeof counted->name, "%s", name);
    }
    return real(thread, name);
}

__attribute__((destructor)) static void write_counts(void)
{
    const char *path = getenv("REDRESS_COUNTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    uint32_t count = atomic_load_explicit(&thread_count, memory_order_relaxed);
    for (uint32_t i = 0; i < count && i < THREADS_MAX; i++)
        fprintf(file, "%s %llu %llu\n", threads[i].name, (unsigned long long)threads[i].allocations,
                (unsigned long long)threads[i].locks);
    (void)fclose(file);
}
