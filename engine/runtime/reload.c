#include "runtime/reload.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/error_list.h"
#include "base/log.h"
#include "base/memory.h"
#include "classify/rule_set.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ERRORS_SHOWN_MAX = 20 };

/* What was wrong, as much of it as has room. */
static void describe(const struct error_list *errors, char *out, size_t out_max)
{
    size_t used = 0;
    for (uint32_t index = 0; index < error_list_kept(errors) && index < ERRORS_SHOWN_MAX; index++) {
        char line[ERROR_LINE_BYTES_MAX];
        error_write(&errors->errors[index], line, sizeof line);
        size_t room = out_max - used;
        size_t size = (size_t)snprintf(out + used, room, "%s%s", index ? "\n" : "", line);
        used += size < room ? size : room - 1;
    }
}

static enum redress_status load_rules(const struct reload_settings *settings, char *failure,
                                      size_t failure_max, struct rule_set **out)
{
    *out = NULL;
    struct error_list *errors = memory_allocate(sizeof *errors);
    enum redress_status status =
        errors ? rule_set_load_overridden(settings->rules_folder, settings->override_folder, errors,
                                          out)
               : STATUS_MEMORY;
    if (status != STATUS_OK && errors && errors->count > 0)
        describe(errors, failure, failure_max);
    else if (status != STATUS_OK)
        snprintf(failure, failure_max, "%s: %s", settings->rules_folder,
                 redress_status_name(status));
    memory_free(errors);
    return status;
}

/* Kept for those who report: the set itself may be replaced while they look. */
static void note_in_use(struct reload *reload, const struct rule_set *rule_set)
{
    atomic_store_explicit(&reload->rule_set_hash, redress_rule_set_hash(rule_set),
                          memory_order_relaxed);
    atomic_store_explicit(&reload->rule_count, redress_rule_set_count(rule_set),
                          memory_order_relaxed);
    atomic_store_explicit(&reload->version, reload->registry->versions_published,
                          memory_order_relaxed);
    atomic_store_explicit(&reload->last_success_ms, clock_unix_ms(), memory_order_relaxed);
}

enum redress_status reload_start(struct reload *reload, const struct reload_settings *settings,
                                 struct generation_registry *registry)
{
    *reload = (struct reload){
        .registry = registry, .settings = *settings, .child = -1, .child_output = -1};
    char failure[16 * 1024] = "";
    struct rule_set *rule_set = NULL;
    enum redress_status status = load_rules(settings, failure, sizeof failure, &rule_set);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s\nredress: the rules in %s can't be used\n", failure,
                settings->rules_folder);
        return status;
    }
    status = generation_publish(registry, rule_set);
    if (status == STATUS_OK)
        note_in_use(reload, rule_set);
    else
        redress_rule_set_free(rule_set);
    return status;
}

/* A line of the log is one line: errors stand behind one another. */
static void log_failure(const struct reload *reload, const char *stage)
{
    char why[2 * RELOAD_FAILURE_BYTES_MAX];
    size_t used = 0;
    for (const char *at = reload->failure; *at; at++) {
        if (*at == '\n')
            why[used++] = ';';
        why[used++] = *at == '\n' ? ' ' : *at;
    }
    why[used] = '\0';
    LOG_ERROR("rules were not reloaded; the ones in use stay", log_text("stage", stage),
              log_text("why", why));
}

static void fail(struct reload *reload, const char *stage)
{
    atomic_fetch_add_explicit(&reload->failures, 1, memory_order_relaxed); /* a counter */
    atomic_store_explicit(&reload->last_failure_ms, clock_unix_ms(), memory_order_relaxed);
    reload->failure[sizeof reload->failure - 1] = '\0';
    log_failure(reload, stage);
    reload->state = RELOAD_IDLE;
}

/* Sanitizers map terabytes of shadow, which an address space limit would refuse. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMITS_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LIMITS_MEMORY 0
#else
#define LIMITS_MEMORY 1
#endif
#else
#define LIMITS_MEMORY 1
#endif

/* The check has a tenth of the weight of a message's thread: it gives way, and yet gets done where
 * messages leave no idle time at all. A wish, not a need. */
enum { CHECKER_NICENESS = 10 };

/* Runs between vfork and exec in the engine's own memory: async-signal-safe calls only, and plain
 * system calls; it must not return. */
__attribute__((noreturn)) static void become_checker(const struct reload_settings *settings,
                                                     int output)
{
    struct rlimit memory = {settings->child_memory_bytes_max, settings->child_memory_bytes_max};
    /* SIGXCPU at the limit, which says what it was; SIGKILL a second later. */
    struct rlimit cpu = {settings->child_cpu_s_max, settings->child_cpu_s_max + 1};
    (void)setpriority(PRIO_PROCESS, 0, CHECKER_NICENESS);
    if (LIMITS_MEMORY)
        setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_CPU, &cpu);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    char *arguments[8] = {"redress", "rules", "check", "--quick",
                          (char *)(uintptr_t)settings->rules_folder};
    if (settings->override_folder) {
        arguments[5] = "--override";
        arguments[6] = (char *)(uintptr_t)settings->override_folder;
    }
    execv("/proc/self/exe", arguments);
    _exit(127);
}

static void start_child(struct reload *reload)
{
    int ends[2];
    reload->failure[0] = '\0';
    reload->failure_size = 0;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        snprintf(reload->failure, sizeof reload->failure, "pipe: %s", strerror(errno));
        fail(reload, "start");
        return;
    }
    /* vfork: a copy of the engine's page tables would have every message's thread copy the pages
     * that it writes, and break the huge ones into small, until the child has become another
     * program. */
    pid_t child = vfork();
    if (child == 0)
        become_checker(&reload->settings, ends[1]);
    close(ends[1]);
    if (child < 0) {
        snprintf(reload->failure, sizeof reload->failure, "vfork: %s", strerror(errno));
        close(ends[0]);
        fail(reload, "start");
        return;
    }
    reload->child = child;
    reload->child_output = ends[0];
    reload->state = RELOAD_CHECKING;
}

static void *compile_aside(void *argument)
{
    struct reload *reload = argument;
    struct sched_param priority = {0};
    pthread_setschedparam(pthread_self(), SCHED_IDLE, &priority); /* a wish, not a need */
    if (load_rules(&reload->settings, reload->failure, sizeof reload->failure, &reload->loaded) !=
        STATUS_OK)
        reload->loaded = NULL;
    /* Release: pairs with the acquire in step_compiling; loaded and failure are complete. */
    atomic_store_explicit(&reload->thread_done, true, memory_order_release);
    return NULL;
}

static void start_compiling(struct reload *reload)
{
    reload->loaded = NULL;
    atomic_store_explicit(&reload->thread_done, false, memory_order_relaxed);
    if (pthread_create(&reload->thread, NULL, compile_aside, reload) != 0) {
        snprintf(reload->failure, sizeof reload->failure, "no thread for compiling");
        fail(reload, "start");
        return;
    }
    reload->state = RELOAD_COMPILING;
}

static void read_child_output(struct reload *reload)
{
    for (;;) {
        char dropped[256];
        size_t room = sizeof reload->failure - 1 - reload->failure_size;
        char *target = room ? reload->failure + reload->failure_size : dropped;
        ssize_t got = read(reload->child_output, target, room ? room : sizeof dropped);
        if (got <= 0)
            return;
        if (room) {
            reload->failure_size += (size_t)got;
            reload->failure[reload->failure_size] = '\0';
        }
    }
}

/* Adds to what the child said how it ended, where that was no plain "the rules are bad". */
static void describe_end(struct reload *reload, int end)
{
    bool signalled = WIFSIGNALED(end);
    size_t used = reload->failure_size;
    if (!signalled && WEXITSTATUS(end) == 1 && used > 0)
        return;
    const char *name = signalled ? sigdescr_np(WTERMSIG(end)) : NULL;
    snprintf(reload->failure + used, sizeof reload->failure - used,
             "%sthe check ended with %s %d%s%s (limits: %llu MB of memory, %llu s of CPU)",
             used ? "; " : "", signalled ? "signal" : "exit code",
             signalled ? WTERMSIG(end) : WEXITSTATUS(end), name ? ", " : "", name ? name : "",
             (unsigned long long)reload->settings.child_memory_bytes_max / 1000000,
             (unsigned long long)reload->settings.child_cpu_s_max);
}

static void step_checking(struct reload *reload)
{
    int end;
    read_child_output(reload);
    pid_t ended = waitpid(reload->child, &end, WNOHANG);
    if (ended == 0)
        return;
    read_child_output(reload);
    while (reload->failure_size > 0 && reload->failure[reload->failure_size - 1] == '\n')
        reload->failure[--reload->failure_size] = '\0';
    close(reload->child_output);
    reload->child = -1;
    reload->child_output = -1;
    if (ended > 0 && WIFEXITED(end) && WEXITSTATUS(end) == 0) {
        start_compiling(reload);
        return;
    }
    describe_end(reload, end);
    fail(reload, "check");
}

static void publish(struct reload *reload)
{
    enum redress_status status = generation_publish(reload->registry, reload->loaded);
    if (status == STATUS_FULL)
        return; /* older sets are still in use: tried again at the next step */
    reload->state = RELOAD_IDLE;
    if (status != STATUS_OK) {
        redress_rule_set_free(reload->loaded);
        snprintf(reload->failure, sizeof reload->failure, "%s", redress_status_name(status));
        fail(reload, "publish");
        return;
    }
    atomic_fetch_add_explicit(&reload->successes, 1, memory_order_relaxed); /* a counter */
    note_in_use(reload, reload->loaded);
    LOG_INFO("rules reloaded", log_integer("version", reload->registry->versions_published),
             log_integer("rules", redress_rule_set_count(reload->loaded)));
    reload->loaded = NULL;
}

static void step_compiling(struct reload *reload)
{
    if (!atomic_load_explicit(&reload->thread_done, memory_order_acquire))
        return;
    if (reload->thread) {
        pthread_join(reload->thread, NULL);
        reload->thread = 0;
    }
    if (reload->loaded)
        publish(reload);
    else
        fail(reload, "compile");
}

void reload_request(struct reload *reload)
{
    if (reload->state == RELOAD_IDLE)
        start_child(reload);
    else
        reload->again = true;
}

bool reload_step(struct reload *reload)
{
    generation_retire(reload->registry);
    if (reload->state == RELOAD_CHECKING)
        step_checking(reload);
    else if (reload->state == RELOAD_COMPILING)
        step_compiling(reload);
    if (reload->state == RELOAD_IDLE && reload->again) {
        reload->again = false;
        start_child(reload);
    }
    return reload->state != RELOAD_IDLE;
}

void reload_stop(struct reload *reload)
{
    reload->again = false;
    if (reload->state == RELOAD_CHECKING) {
        kill(reload->child, SIGKILL);
        waitpid(reload->child, NULL, 0);
        close(reload->child_output);
    }
    if (reload->state == RELOAD_COMPILING) {
        if (reload->thread)
            pthread_join(reload->thread, NULL);
        redress_rule_set_free(reload->loaded);
    }
    reload->state = RELOAD_IDLE;
}
