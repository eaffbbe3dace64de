/*
 * The floor of a wake-up: a chain of threads that sleep, the last in another process, each woken by
 * an eventfd that the one before it writes. The first is woken by its clock, as a file source is.
 *
 *   wake_chain WAKES MESSAGES GAP_MS SAMPLES
 *
 * WAKES is how many eventfds there are. SAMPLES gets what flow_reader writes, three numbers a
 * message: when it was due, when the first of the chain was awake, and when the last was.
 */
#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAKES_MAX = 8, MESSAGES_MAX = 100 * 1000 };

struct chain {
    int fds[WAKES_MAX];
    uint32_t wakes;
    uint32_t messages;
    uint64_t gap_ns;
    const char *samples;
};

struct link {
    const struct chain *chain;
    uint32_t place;
};

/* When each was due and when the first was awake, shared with the other process. */
static _Atomic uint64_t (*begun_ns)[2];

static void wait_for(int fd)
{
    uint64_t rings;
    if (read(fd, &rings, sizeof rings) != sizeof rings)
        exit(3);
}

static void wake(int fd)
{
    uint64_t one = 1;
    if (write(fd, &one, sizeof one) != sizeof one)
        exit(3);
}

static void *pass_on(void *argument)
{
    const struct link *link = argument;
    for (uint32_t i = 0; i < link->chain->messages; i++) {
        wait_for(link->chain->fds[link->place]);
        wake(link->chain->fds[link->place + 1]);
    }
    return NULL;
}

static void receive(const struct chain *chain)
{
    FILE *file = fopen(chain->samples, "wb");
    for (uint32_t i = 0; i < chain->messages && file; i++) {
        wait_for(chain->fds[chain->wakes - 1]);
        uint64_t seen_ns = clock_monotonic_ns();
        uint64_t times[3] = {begun_ns[i][0], begun_ns[i][1], seen_ns};
        if (fwrite(times, sizeof times, 1, file) != 1)
            _exit(3);
    }
    _exit(file && fclose(file) == 0 ? 0 : 3);
}

static void send_all(const struct chain *chain)
{
    uint64_t begin_ns = clock_monotonic_ns() + chain->gap_ns;
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    for (uint32_t i = 0; i < chain->messages; i++) {
        uint64_t due = begin_ns + i * chain->gap_ns;
        struct timespec until = {.tv_sec = (time_t)(due / NS_PER_S),
                                 .tv_nsec = (long)(due % NS_PER_S)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
            continue;
        begun_ns[i][0] = due;
        begun_ns[i][1] = clock_monotonic_ns();
        wake(chain->fds[0]);
    }
}

static int run(const struct chain *chain)
{
    static struct link links[WAKES_MAX];
    pthread_t threads[WAKES_MAX];
    pid_t child = fork();
    if (child == 0)
        receive(chain);
    for (uint32_t place = 0; place + 1 < chain->wakes; place++) {
        links[place] = (struct link){chain, place};
        if (pthread_create(&threads[place], NULL, pass_on, &links[place]) != 0)
            return 3;
    }
    send_all(chain);
    for (uint32_t place = 0; place + 1 < chain->wakes; place++)
        pthread_join(threads[place], NULL);
    int end = 0;
    waitpid(child, &end, 0);
    return WIFEXITED(end) ? WEXITSTATUS(end) : 3;
}

int main(int argc, char **argv)
{
    struct chain chain = {0};
    if (argc == 5) {
        chain.wakes = (uint32_t)strtoul(argv[1], NULL, 10);
        chain.messages = (uint32_t)strtoul(argv[2], NULL, 10);
        chain.gap_ns = strtoull(argv[3], NULL, 10) * NS_PER_MS;
        chain.samples = argv[4];
    }
    if (chain.wakes == 0 || chain.wakes > WAKES_MAX || chain.messages == 0 ||
        chain.messages > MESSAGES_MAX) {
        fprintf(stderr, "usage: wake_chain WAKES MESSAGES GAP_MS SAMPLES\n");
        return 2;
    }
    begun_ns = mmap(NULL, MESSAGES_MAX * sizeof *begun_ns, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (begun_ns == MAP_FAILED)
        return 3;
    for (uint32_t i = 0; i < chain.wakes; i++)
        if ((chain.fds[i] = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)) < 0)
            return 3;
    return run(&chain);
}
