/**
 * How long a case takes from frontline_push() to a reader in another process: p50 and p99, sleeping
 * and spinning, and what the push itself costs. One JSON line each.
 *
 * usage: bench_frontline_hop [PUSHES]
 */
#include "base/clock.h"
#include "frontline/server.h"

#include <stdatomic.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PUSHES_DEFAULT = 2000, PUSHES_MAX = 100000, PAUSE_US = 1000 };

struct bench {
    struct frontline *frontline;
    struct frontline_server *server;
    _Atomic bool stop;
    char path[64];
};

static _Atomic uint64_t *arrivals; /* shared with the reader; nanoseconds, 0: not yet */

static void *serve(void *argument)
{
    struct bench *bench = argument;
    while (!atomic_load(&bench->stop)) {
        frontline_server_step(bench->server, clock_monotonic_ns());
        usleep(FRONTLINE_STEP_MS * 1000);
    }
    return NULL;
}

static void read_all(const char *path, enum frontline_wait_mode mode)
{
    struct frontline_reader *reader;
    struct frontline_record record;
    struct frontline_token token;
    if (redress_frontline_attach(path, &reader) != STATUS_OK)
        _exit(1);
    while (redress_frontline_wait(reader, REDRESS_FRONTLINE_ALL, mode, -1) == STATUS_OK) {
        uint64_t now_ns = clock_monotonic_ns();
        if (redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, 0, &record, &token) != STATUS_OK)
            continue;
        atomic_store(&arrivals[record.case_id.low], now_ns);
        if (redress_frontline_acknowledge(reader, &token) != STATUS_OK)
            _exit(1);
    }
    _exit(0);
}

static int compare(const void *left, const void *right)
{
    uint64_t one = *(const uint64_t *)left;
    uint64_t other = *(const uint64_t *)right;
    return (one > other) - (one < other);
}

static void print_figures(const char *name, uint64_t *values, uint32_t count)
{
    qsort(values, count, sizeof *values, compare);
    printf("{\"bench\":\"frontline_hop\",\"what\":\"%s\",\"count\":%u,\"p50_us\":%.2f,"
           "\"p99_us\":%.2f,\"max_us\":%.2f}\n",
           name, count, (double)values[count / 2] / 1000.0,
           (double)values[(size_t)count * 99 / 100] / 1000.0, (double)values[count - 1] / 1000.0);
}

static void push_all(struct bench *bench, uint32_t pushes, uint32_t first, const char *name)
{
    static uint64_t hops[PUSHES_MAX];
    static uint64_t costs[PUSHES_MAX];
    struct frontline_record record = {.bytes = offsetof(struct frontline_record, text) + 300};
    for (uint32_t i = 0; i < pushes; i++) {
        record.case_id = (struct case_id){0, first + i};
        usleep(PAUSE_US);
        uint64_t begin_ns = clock_monotonic_ns();
        if (frontline_push(bench->frontline, 0, 0, &record) != STATUS_OK)
            exit(1);
        costs[i] = clock_monotonic_ns() - begin_ns;
        while (atomic_load(&arrivals[first + i]) == 0)
            usleep(100);
        hops[i] = atomic_load(&arrivals[first + i]) - begin_ns;
    }
    char push_name[64];
    (void)snprintf(push_name, sizeof push_name, "push alone, %s", name);
    print_figures(name, hops, pushes);
    print_figures(push_name, costs, pushes);
}

static void measure(struct bench *bench, uint32_t pushes, uint32_t first,
                    enum frontline_wait_mode mode, const char *name)
{
    pid_t child = fork();
    if (child == 0)
        read_all(bench->path, mode);
    struct frontline_stats stats;
    do {
        usleep(1000);
        frontline_read_stats(bench->frontline, &stats);
    } while (stats.readers == 0);
    push_all(bench, pushes, first, name);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    do {
        usleep(1000);
        frontline_read_stats(bench->frontline, &stats);
    } while (stats.readers != 0);
}

int main(int argc, char **argv)
{
    static const char *const queues[] = {"bench"};
    uint32_t pushes = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : PUSHES_DEFAULT;
    struct bench bench = {0};
    struct frontline_settings settings = {
        .producer_count = 1, .queue_count = 1, .queue_names = queues};
    if (pushes == 0 || pushes > PUSHES_MAX)
        return 2;
    (void)snprintf(bench.path, sizeof bench.path, "/tmp/redress-bench-%d.sock", (int)getpid());
    arrivals = mmap(NULL, (2 * (size_t)PUSHES_MAX + 2) * sizeof *arrivals, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct frontline_server_settings server = {.socket_path = bench.path};
    if (arrivals == MAP_FAILED || frontline_create(&settings, &bench.frontline) != STATUS_OK ||
        frontline_server_open(bench.frontline, &server, &bench.server) != STATUS_OK)
        return 3;
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, &bench) != 0)
        return 3;
    measure(&bench, pushes, 1, FRONTLINE_WAIT_BLOCK, "reader sleeps");
    measure(&bench, pushes, 1 + PUSHES_MAX, FRONTLINE_WAIT_SPIN, "reader spins");
    atomic_store(&bench.stop, true);
    pthread_join(thread, NULL);
    frontline_server_close(bench.server);
    frontline_free(bench.frontline);
    return 0;
}
