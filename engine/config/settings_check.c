/** Defaults that depend on the machine, and what no single row can check. */
#include "config/settings_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SOCKET_PATH_BYTES_MAX = 107,
    TOPIC_BYTES_MAX = 249,
    POLL_INTERVAL_DEFAULT_MS = 300000 /* librdkafka's */
};

static unsigned allowed_cores(void)
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        return (unsigned)CPU_COUNT(&allowed);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

unsigned settings_quota_cores(const char *text)
{
    char *end;
    unsigned long long quota_us = strtoull(text, &end, 10);
    if (end == text || *end != ' ')
        return 0; /* "max", or no such file's content */
    unsigned long long period_us = strtoull(end + 1, NULL, 10);
    if (period_us == 0 || quota_us == 0)
        return 0;
    unsigned long long cores = (quota_us + period_us - 1) / period_us;
    return cores < WORKERS_MAX * 2 ? (unsigned)cores : WORKERS_MAX * 2;
}

/* What a container may use of them: inside one, the root of the file system of control groups is
 * its own group. Version 2 alone: with version 1 the quota is not seen. */
static unsigned quota_cores(void)
{
    char text[64] = "";
    int fd = open("/sys/fs/cgroup/cpu.max", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    return size > 0 ? settings_quota_cores(text) : 0;
}

static unsigned cores_of(const struct settings_loader *loader)
{
    if (loader->surroundings->cores)
        return loader->surroundings->cores;
    unsigned allowed = allowed_cores();
    unsigned quota = quota_cores();
    return quota > 0 && quota < allowed ? quota : allowed;
}

void settings_run_folder(char *out, size_t size)
{
    /* systemd may give several, separated by colons: the first is ours. */
    const char *given = getenv("RUNTIME_DIRECTORY");
    const char *user = getenv("XDG_RUNTIME_DIR");
    if (given && *given)
        snprintf(out, size, "%.*s", (int)strcspn(given, ":"), given);
    else if (access("/run/redress", W_OK) == 0)
        snprintf(out, size, "/run/redress");
    else if (user && *user)
        snprintf(out, size, "%s/redress", user);
    else
        snprintf(out, size, "/tmp/redress-%u", (unsigned)geteuid());
}

static void complete_socket(struct settings_loader *loader, const char **path, const char *name)
{
    char folder[PATH_MAX];
    char joined[PATH_MAX + 64];
    if (*path)
        return;
    settings_run_folder(folder, sizeof folder);
    int size = snprintf(joined, sizeof joined, "%s/%s", folder, name);
    if (size < 0 || size > SOCKET_PATH_BYTES_MAX) {
        yaml_error(loader->root, loader->errors,
                   "the run folder's path is too long for a socket: set frontline.socket and "
                   "admin.socket");
        return;
    }
    *path = arena_copy_text(&loader->settings->arena, joined, (size_t)size);
    if (!*path)
        settings_no_memory(loader);
}

static void complete_instance(struct settings_loader *loader)
{
    struct settings *settings = loader->settings;
    char host[256] = "";
    if (settings->instance)
        return;
    if (gethostname(host, sizeof host - 1) != 0 || !*host) {
        yaml_error(loader->root, loader->errors, "the host has no name: set `instance`");
        return;
    }
    for (char *byte = host; *byte; byte++) {
        bool plain = (*byte >= 'a' && *byte <= 'z') || (*byte >= 'A' && *byte <= 'Z') ||
                     (*byte >= '0' && *byte <= '9') || *byte == '.' || *byte == '-';
        if (!plain)
            *byte = '_';
    }
    settings->instance = arena_copy_text(&settings->arena, host, strlen(host));
    if (!settings->instance)
        settings_no_memory(loader);
}

static void complete_workers(struct settings *settings, unsigned cores)
{
    if (settings->workers == SETTINGS_WORKERS_NUMBER)
        return;
    settings->worker_count = 0;
    if (settings->workers == SETTINGS_WORKERS_AUTO && cores > 2)
        settings->worker_count = cores - 2 < WORKERS_MAX ? cores - 2 : WORKERS_MAX;
}

void settings_complete(struct settings_loader *loader)
{
    struct settings *settings = loader->settings;
    complete_instance(loader);
    complete_socket(loader, &settings->frontline_socket, "frontline.sock");
    complete_socket(loader, &settings->admin_socket, "admin.sock");
    complete_workers(settings, cores_of(loader));
}

static void check_brokers(struct settings_loader *loader)
{
    const struct settings *settings = loader->settings;
    if (!settings->brokers) {
        struct yaml_place place = settings_place(loader, "brokers");
        if (!loader->surroundings->without_kafka && place.node == loader->root.node)
            yaml_error(place, loader->errors, "\"brokers\" is missing: HOST:PORT of your Kafka");
        return;
    }
    for (const char *broker = settings->brokers; broker; broker = strchr(broker, ',')) {
        broker += *broker == ',';
        size_t size = strcspn(broker, ",");
        const char *colon = memrchr(broker, ':', size);
        char *end = NULL;
        long port = colon ? strtol(colon + 1, &end, 10) : 1;
        bool good = size > 0 && colon != broker && !memchr(broker, ' ', size) && port >= 1 &&
                    port <= 65535 && (!colon || end == broker + size);
        if (!good)
            yaml_error(settings_place(loader, "brokers"), loader->errors,
                       "\"%.*s\" is not HOST:PORT", size < 80 ? (int)size : 80, broker);
    }
}

static void check_spin(struct settings_loader *loader)
{
    unsigned cores = cores_of(loader);
    uint64_t threads = settings_spinning_threads(loader->settings);
    if (loader->settings->wait == SETTINGS_WAIT_SPIN && threads > cores)
        yaml_error(settings_place(loader, "wait"), loader->errors,
                   "%u threads would spin on %u cores, which makes everything slower: use `park` "
                   "or fewer workers",
                   (unsigned)threads, cores);
}

static void check_budget(struct settings_loader *loader)
{
    const struct settings *settings = loader->settings;
    uint64_t payload_max = settings->message_limits.payload_bytes_max;
    for (size_t index = 0; index < settings->channel_count; index++)
        if (settings->channels[index].limits.payload_bytes_max > payload_max)
            payload_max = settings->channels[index].limits.payload_bytes_max;
    if (settings->bytes_max < 8 * payload_max)
        yaml_error(settings_place(loader, "limits.in_flight.bytes"), loader->errors,
                   "limits.in_flight.bytes must hold eight of the largest payloads: at least %u "
                   "KiB",
                   (unsigned)(8 * payload_max / 1024));
}

static uint64_t poll_interval_ms(const struct settings *settings)
{
    const struct settings_properties *blocks[] = {&settings->consumer, &settings->kafka};
    for (size_t block = 0; block < 2; block++)
        for (size_t index = 0; index < blocks[block]->count; index++)
            if (strcmp(blocks[block]->items[index].name, "max.poll.interval.ms") == 0)
                return strtoull(blocks[block]->items[index].value, NULL, 10);
    return POLL_INTERVAL_DEFAULT_MS;
}

static void check_bounds(struct settings_loader *loader)
{
    const struct settings *settings = loader->settings;
    uint64_t interval_ms = poll_interval_ms(settings);
    if (settings->revoke_drain_ms * 2 >= interval_ms)
        yaml_error(settings_place(loader, "bounds.revoke"), loader->errors,
                   "bounds.revoke must be less than half of max.poll.interval.ms, which is %llu ms",
                   (unsigned long long)interval_ms);
}

static void check_mode(struct settings_loader *loader)
{
    uint32_t mode = loader->settings->frontline_mode;
    if ((mode & ~(uint32_t)0660) != 0 || (mode & 0600) != 0600)
        yaml_error(settings_place(loader, "frontline.mode"), loader->errors,
                   "frontline.mode is 0600 to 0660: the queue holds what customers wrote, others "
                   "have no access");
}

/* Adds an error where the channel stands. */
static void channel_error(struct settings_loader *loader, const struct settings_channel *channel,
                          const char *what, const char *name, const char *other)
{
    error_list_add(loader->errors, STATUS_INVALID, loader->settings->file, channel->line,
                   channel->column, what, name, other);
}

static void check_topic_once(struct settings_loader *loader, size_t channel, size_t topic)
{
    const struct settings *settings = loader->settings;
    const char *name = settings->channels[channel].topics[topic];
    for (size_t earlier = 0; earlier <= channel; earlier++) {
        const struct settings_channel *other = &settings->channels[earlier];
        size_t count = earlier == channel ? topic : other->topic_count;
        for (size_t index = 0; index < count; index++)
            if (strcmp(other->topics[index], name) == 0)
                channel_error(loader, &settings->channels[channel],
                              "the topic %.100s belongs to the channel %.64s already", name,
                              other->name ? other->name : "?");
    }
}

static bool is_frontline_topic(const struct settings *settings, const char *topic)
{
    size_t size = strlen(settings->frontline_prefix);
    if (strncmp(topic, settings->frontline_prefix, size) != 0)
        return false;
    for (size_t index = 0; index < settings->queue_count; index++)
        if (strcmp(settings->queues[index], topic + size) == 0)
            return true;
    return false;
}

/* What is written may not be read again: it would go round for ever. */
static void check_no_loop(struct settings_loader *loader, const struct settings_channel *channel,
                          const char *topic)
{
    const struct settings *settings = loader->settings;
    const char *const outputs[] = {settings->topic_cases, settings->topic_calm,
                                   settings->topic_dead_letters, settings->topic_acks};
    for (size_t index = 0; index < sizeof outputs / sizeof *outputs; index++)
        if (strcmp(outputs[index], topic) == 0)
            channel_error(loader, channel,
                          "the topic %.100s is an output%s: what is written would "
                          "be read again",
                          topic, "");
    if (is_frontline_topic(settings, topic))
        channel_error(loader, channel,
                      "the topic %.100s is an output%s: what is written would be "
                      "read again",
                      topic, "");
}

static void check_channels(struct settings_loader *loader)
{
    const struct settings *settings = loader->settings;
    for (size_t index = 0; index < settings->channel_count; index++) {
        const struct settings_channel *channel = &settings->channels[index];
        if (channel->name && settings_find_channel(settings, channel->name) < (int)index)
            channel_error(loader, channel, "a channel is called %.64s already%s", channel->name,
                          "");
        for (size_t topic = 0; topic < channel->topic_count; topic++) {
            check_topic_once(loader, index, topic);
            check_no_loop(loader, channel, channel->topics[topic]);
        }
    }
}

static void check_outputs(struct settings_loader *loader)
{
    const struct settings *settings = loader->settings;
    static const char *const names[] = {"outputs.cases", "outputs.calm.topic",
                                        "outputs.dead_letters", "outputs.acks"};
    const char *const topics[] = {settings->topic_cases, settings->topic_calm,
                                  settings->topic_dead_letters, settings->topic_acks};
    for (size_t index = 0; index < sizeof topics / sizeof *topics; index++) {
        struct yaml_place place = settings_place(loader, names[index]);
        for (size_t other = 0; other < index; other++)
            if (strcmp(topics[index], topics[other]) == 0)
                yaml_error(place, loader->errors, "%s and %s name the same topic", names[other],
                           names[index]);
        if (is_frontline_topic(settings, topics[index]))
            yaml_error(place, loader->errors, "%s is the topic of the queue %s: rename one of them",
                       names[index], topics[index] + strlen(settings->frontline_prefix));
    }
    for (size_t index = 0; index < settings->queue_count; index++)
        if (strlen(settings->frontline_prefix) + strlen(settings->queues[index]) > TOPIC_BYTES_MAX)
            yaml_error(settings_place(loader, "outputs.frontline_prefix"), loader->errors,
                       "with the queue %s behind it, it is too long for a topic",
                       settings->queues[index]);
}

/* A row without conditions fits everything: what follows it would be dead. */
static void check_routes(struct settings_loader *loader)
{
    const struct settings *settings = loader->settings;
    for (size_t index = 0; index + 1 < settings->route_count; index++) {
        const struct settings_route *route = &settings->routes[index];
        bool fits_all = route->severity_at_least == SEVERITY_NONE && !route->categories &&
                        !route->traits && !route->languages && !route->channels &&
                        route->urgent == SETTINGS_ANY;
        if (fits_all)
            error_list_add(loader->errors, STATUS_INVALID, settings->file, route->line,
                           route->column,
                           "this row fits every case, so that no row behind it is ever reached");
    }
}

void settings_check(struct settings_loader *loader)
{
    const struct settings *settings = loader->settings;
    check_brokers(loader);
    check_spin(loader);
    check_bounds(loader);
    check_mode(loader);
    check_budget(loader);
    check_routes(loader);
    /* NULL where memory ran out, which is said already. */
    if (settings->topic_cases && settings->topic_calm && settings->topic_dead_letters &&
        settings->topic_acks && settings->frontline_prefix) {
        check_outputs(loader);
        check_channels(loader);
    }
}
