#include "runtime/engine_parts.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CONTROL_EVENTS_MAX = 8,
    /* How long a start waits for the acknowledgements of before: a case that somebody has
     * acknowledged should not come back, but the first message must not wait for it. */
    LEARN_ACKNOWLEDGED_MS_MAX = 1500
};

static void watch(struct engine *engine, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(engine->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        LOG_ERROR("control can't watch a descriptor", log_text("why", strerror(errno)));
}

static void write_status(const struct engine *engine, char *reply, size_t reply_max)
{
    struct json_writer json;
    const struct egress *egress =
        engine_pipeline(engine) ? pipeline_egress(engine->pipeline) : NULL;
    json_start(&json, reply, reply_max - 1);
    json_object_open(&json);
    json_key(&json, "ready");
    json_bool(&json, engine_is_ready(engine));
    json_key(&json, "cases");
    json_unsigned(&json, egress_count(egress, EGRESS_COUNT_CASES));
    json_key(&json, "calm");
    json_unsigned(&json, egress_count(egress, EGRESS_COUNT_CALM));
    json_key(&json, "dead_letters");
    json_unsigned(&json, egress_count(egress, EGRESS_COUNT_DEAD_LETTERS));
    json_key(&json, "rule_set_version");
    json_unsigned(&json, engine->generations.versions_published);
    json_key(&json, "reloads_failed");
    json_unsigned(&json, atomic_load_explicit(&engine->reload.failures, memory_order_relaxed));
    json_object_close(&json);
    reply[json.size] = '\0';
}

static void answer_admin(void *context, const char *verb, char *reply, size_t reply_max)
{
    struct engine *engine = context;
    if (strcmp(verb, "status") == 0) {
        write_status(engine, reply, reply_max);
        return;
    }
    if (strcmp(verb, "reload") == 0)
        engine_request_reload(engine);
    else if (strcmp(verb, "stop") == 0)
        engine_request_stop(engine);
    else if (strcmp(verb, "drain") == 0)
        engine_request_drain(engine);
    else {
        snprintf(reply, reply_max,
                 "{\"error\":\"no such verb; there are status, reload, stop and drain\"}");
        return;
    }
    snprintf(reply, reply_max, "{\"accepted\":true}");
}

static sigset_t our_signals(void)
{
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGHUP);
    return ours;
}

void engine_keep_signals(void)
{
    sigset_t ours = our_signals();
    pthread_sigmask(SIG_BLOCK, &ours, NULL);
}

static enum redress_status open_signals(struct engine *engine)
{
    sigset_t ours = our_signals();
    engine_keep_signals(); /* every thread made from here on inherits it */
    engine->signal_fd = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
    return engine->signal_fd < 0 ? STATUS_IO : STATUS_OK;
}

/* Under systemd it is there already. Its last part is made where it is missing, and somebody
 * else's is refused: they could put a socket of their own into our place. The frontline's socket
 * stands in the same folder unless it was set. */
static enum redress_status make_run_folder(const char *socket_path)
{
    char folder[PATH_MAX];
    struct stat seen;
    const char *slash = strrchr(socket_path, '/');
    size_t size = slash ? (size_t)(slash - socket_path) : 0;
    if (size == 0 || size >= sizeof folder)
        return STATUS_OK; /* opening the socket will say what is wrong */
    memcpy(folder, socket_path, size);
    folder[size] = '\0';
    if (mkdir(folder, 0755) == 0 || lstat(folder, &seen) != 0)
        return STATUS_OK;
    bool is_ours = seen.st_uid == geteuid() || seen.st_uid == 0;
    return is_ours ? STATUS_OK : STATUS_DENIED;
}

static const char *admin_trouble(enum redress_status status)
{
    switch ((int)status) {
    case STATUS_CONFLICT:
        return "another engine listens there; give this one its own `admin.socket`";
    case STATUS_DENIED:
        return "not permitted; its folder must be this user's own, or set `admin.socket`";
    case STATUS_TOO_LARGE:
        return "its path is too long for a socket; set a shorter `admin.socket`";
    default:
        return strerror(errno);
    }
}

static enum redress_status open_admin(struct engine *engine)
{
    const char *path = engine->settings->admin_socket;
    if (!path || !path[0])
        return STATUS_OK;
    enum redress_status status = make_run_folder(path);
    if (status == STATUS_OK)
        status = admin_open(&engine->admin, path, answer_admin, engine);
    if (status != STATUS_OK)
        fprintf(stderr, "redress: the admin socket %s can't be opened: %s\n", path,
                admin_trouble(status));
    return status;
}

enum redress_status engine_control_open(struct engine *engine)
{
    engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (engine->epoll_fd < 0)
        return STATUS_IO;
    if (engine->options.handle_signals && open_signals(engine) != STATUS_OK)
        return STATUS_IO;
    return open_admin(engine);
}

void engine_control_watch(struct engine *engine)
{
    watch(engine, engine->control_bell.fd);
    if (engine->signal_fd >= 0)
        watch(engine, engine->signal_fd);
    if (engine->admin.fd >= 0)
        watch(engine, engine->admin.fd);
    if (engine->frontline_server)
        watch(engine, frontline_server_fd(engine->frontline_server));
}

static void take_signals(struct engine *engine)
{
    struct signalfd_siginfo signal;
    while (read(engine->signal_fd, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo == SIGHUP) {
            engine_request_reload(engine);
            continue;
        }
        if (atomic_load_explicit(&engine->end, memory_order_relaxed) != ENGINE_GOES_ON) {
            LOG_WARN("asked to stop twice: ending at once",
                     log_integer("signal", signal.ssi_signo));
            engine_fail(engine, EXIT_ENVIRONMENT, "stopped before everything was drained",
                        "what was in flight will be read again");
        }
        engine_request_stop(engine);
    }
}

static void serve(struct engine *engine, int fd)
{
    if (fd == engine->control_bell.fd) {
        uint64_t rings;
        ssize_t taken = read(fd, &rings, sizeof rings);
        (void)taken; /* the bell only wakes */
    } else if (fd == engine->signal_fd) {
        take_signals(engine);
    } else if (fd == engine->admin.fd) {
        admin_step(&engine->admin);
    }
}

static void step_frontline(struct engine *engine, uint64_t now_ns)
{
    if (engine->frontline_server)
        frontline_server_step(engine->frontline_server, now_ns);
    if (engine->frontline_acks && frontline_acks_step(engine->frontline_acks) != STATUS_OK)
        engine_fail(engine, EXIT_ENVIRONMENT, "acknowledgements can't be written",
                    "the producer of acknowledgements has failed for good; start the engine again");
    if (engine->frontline_refill &&
        frontline_refill_step(engine->frontline_refill, now_ns) == STATUS_FATAL)
        engine_fail(engine, EXIT_ENVIRONMENT, "the frontline can't be refilled",
                    "its consumer has failed for good; start the engine again");
}

static void control_turn(struct engine *engine)
{
    struct epoll_event events[CONTROL_EVENTS_MAX];
    heartbeat_park(engine->control_heart);
    int wait_ms = engine->frontline_server ? frontline_server_wait_ms(engine->frontline_server)
                                           : FRONTLINE_STEP_MS;
    int count = epoll_wait(engine->epoll_fd, events, CONTROL_EVENTS_MAX, wait_ms);
    for (int index = 0; index < count; index++)
        serve(engine, events[index].data.fd);
    heartbeat_beat(engine->control_heart);
    step_frontline(engine, clock_monotonic_ns());
    engine_watch(engine, clock_monotonic_ns());
    if (atomic_exchange_explicit(&engine->reload_requested, false, memory_order_relaxed))
        reload_request(&engine->reload);
    reload_step(&engine->reload);
}

void engine_control_learn_acknowledged(struct engine *engine)
{
    uint64_t deadline_ns = clock_monotonic_ns() + (uint64_t)LEARN_ACKNOWLEDGED_MS_MAX * NS_PER_MS;
    while (engine->frontline_refill &&
           !frontline_refill_knows_acknowledged(engine->frontline_refill)) {
        if (clock_monotonic_ns() > deadline_ns) {
            LOG_WARN("old acknowledgements are still being read; a case may be shown again",
                     log_integer("waited_ms", LEARN_ACKNOWLEDGED_MS_MAX));
            return;
        }
        control_turn(engine);
    }
}

void engine_control_run(struct engine *engine)
{
    /* Acquire: pairs with the release at the end of the ingest thread. */
    while (!atomic_load_explicit(&engine->ingest_done, memory_order_acquire))
        control_turn(engine);
}

void engine_control_close(struct engine *engine)
{
    reload_stop(&engine->reload);
    admin_close(&engine->admin);
    if (engine->signal_fd >= 0)
        close(engine->signal_fd);
    if (engine->epoll_fd >= 0)
        close(engine->epoll_fd);
    engine->signal_fd = -1;
    engine->epoll_fd = -1;
}
