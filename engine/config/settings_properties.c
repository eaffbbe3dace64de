/** librdkafka properties: which are the engine's own, and where secrets come from. */
#include "config/settings_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* YAML takes no key of more than 1,024 characters, and a byte may be printed as six. */
enum { PROPERTY_NAME_BYTES_MAX = 128 };

/* A name that ends with '.' stands for all that begin with it. */
static const struct {
    const char *name;
    const char *why;
} owned[] = {
    {"bootstrap.servers", "`brokers` names them"},
    {"metadata.broker.list", "`brokers` names them"},
    {"group.id", "`group` names it"},
    {"group.instance.id", "`instance` names it"},
    {"enable.auto.", "offsets are stored when a message has ended, never before"},
    {"auto.commit.", "offsets are stored when a message has ended; see `commit_interval`"},
    {"offset.store.method", "offsets are stored in the group alone"},
    {"auto.offset.reset", "see `start_from` and `on_log_loss`"},
    {"partition.assignment.strategy", "only `range` keeps equal partitions of all topics together"},
    {"group.protocol", "the assignor must be `range`, on the client's side"},
    {"group.remote.assignor", "the assignor must be `range`, on the client's side"},
    {"isolation.level", "only committed records are messages"},
    {"enable.partition.eof", "it would be taken for the end of the input"},
    {"enable.idempotence", "it is always on"},
    {"enable.gapless.guarantee", "a producer error is handled by the engine"},
    {"transactional.id", "the engine writes idempotently, without transactions"},
    {"acks", "an idempotent producer needs all of them"},
    {"request.required.acks", "an idempotent producer needs all of them"},
    {"message.timeout.ms", "an outage is waited out, no message times out"},
    {"delivery.timeout.ms", "an outage is waited out, no message times out"},
    {"delivery.report.only.error", "a message ends when its delivery is reported"},
};

static const char *why_owned(const char *name)
{
    for (size_t index = 0; index < sizeof owned / sizeof *owned; index++) {
        size_t size = strlen(owned[index].name);
        bool prefix = owned[index].name[size - 1] == '.';
        if (prefix ? strncmp(name, owned[index].name, size) == 0
                   : strcmp(name, owned[index].name) == 0)
            return owned[index].why;
    }
    return NULL;
}

static bool must_be_secret(const char *name)
{
    static const char *const parts[] = {"password", "secret", "passphrase", "key.pem",
                                        "oauthbearer.config"};
    for (size_t index = 0; index < sizeof parts / sizeof *parts; index++)
        if (strstr(name, parts[index]))
            return true;
    return false;
}

/* Nobody but the owner, its group's readers and root may touch the file. */
static bool modes_are_safe(int fd, struct yaml_place place, struct error_list *errors)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        yaml_error(place, errors, "the secret must be a regular file");
        return false;
    }
    if (about.st_mode & (S_IWGRP | S_IRWXO)) {
        yaml_error(place, errors,
                   "the secret's file has mode %04o: chmod 0400 or 0440, so that others cannot "
                   "read it",
                   (unsigned)about.st_mode & 07777);
        return false;
    }
    if (about.st_uid != 0 && about.st_uid != geteuid()) {
        yaml_error(place, errors, "the secret's file belongs to user %u, not to us or root",
                   (unsigned)about.st_uid);
        return false;
    }
    return true;
}

/* The whole of a small file without the line end behind it; NULL with an error added. */
static const char *read_secret(struct settings_loader *loader, int fd, struct yaml_place place)
{
    char *bytes = arena_allocate(&loader->settings->arena, SECRET_FILE_BYTES_MAX + 1);
    if (!bytes) {
        settings_no_memory(loader);
        return NULL;
    }
    size_t used = 0;
    ssize_t got;
    while (used < SECRET_FILE_BYTES_MAX &&
           (got = read(fd, bytes + used, SECRET_FILE_BYTES_MAX - used)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            yaml_error(place, loader->errors, "the secret cannot be read: %s",
                       strerrordesc_np(errno));
            return NULL;
        }
        used += (size_t)got;
    }
    while (used > 0 && (bytes[used - 1] == '\n' || bytes[used - 1] == '\r'))
        used--;
    bytes[used] = 0;
    if (used == 0 || used >= SECRET_FILE_BYTES_MAX - 2 || strlen(bytes) != used) {
        yaml_error(place, loader->errors, "the secret's file is %s",
                   used == 0 ? "empty" : "too large or holds NUL characters");
        return NULL;
    }
    return bytes;
}

static const char *secret_from_file(struct settings_loader *loader, struct yaml_place place,
                                    const char **path)
{
    char joined[4200];
    const char *name = yaml_text(place);
    int size = *name == '/'
                   ? snprintf(joined, sizeof joined, "%s", name)
                   : snprintf(joined, sizeof joined, "%s/%s", loader->settings->folder, name);
    if (size < 0 || (size_t)size >= sizeof joined) {
        yaml_error(place, loader->errors, "the path is too long");
        return NULL;
    }
    *path = arena_copy_text(&loader->settings->arena, joined, (size_t)size);
    if (!*path) {
        settings_no_memory(loader);
        return NULL;
    }
    /* Not blocking: the path may name a pipe that nobody writes. */
    int fd = open(joined, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        yaml_error(place, loader->errors, "the secret cannot be read: %s", strerrordesc_np(errno));
        return NULL;
    }
    const char *value =
        modes_are_safe(fd, place, loader->errors) ? read_secret(loader, fd, place) : NULL;
    close(fd);
    return value;
}

static const char *secret_from_environment(struct settings_loader *loader, struct yaml_place place,
                                           const char **name)
{
    struct arena *arena = &loader->settings->arena;
    const char *found = getenv(yaml_text(place));
    if (!found || !*found) {
        yaml_error(place, loader->errors, "the environment variable %.80s is %s", yaml_text(place),
                   found ? "empty" : "not set");
        return NULL;
    }
    *name = arena_copy_text(arena, yaml_text(place), yaml_text_size(place));
    const char *value = *name ? arena_copy_text(arena, found, strlen(found)) : NULL;
    if (!value)
        settings_no_memory(loader);
    return value;
}

static const char *plain_value(struct settings_loader *loader, const char *name,
                               struct yaml_place place)
{
    if (must_be_secret(name)) {
        yaml_error(place, loader->errors,
                   "a secret does not stand in this file: write {env: NAME} or {file: PATH}");
        return NULL;
    }
    const char *value =
        arena_copy_text(&loader->settings->arena, yaml_text(place), yaml_text_size(place));
    if (!value)
        settings_no_memory(loader);
    return value;
}

static const char *value_of(struct settings_loader *loader, struct settings_property *property,
                            struct yaml_place value)
{
    if (yaml_kind(value) == YAML_KIND_SCALAR)
        return plain_value(loader, property->name, value);
    if (yaml_kind(value) == YAML_KIND_MAPPING && yaml_count(value) == 1) {
        struct yaml_place from = yaml_value(value, 0);
        const char *kind = yaml_text(yaml_key(value, 0));
        if (yaml_kind(from) == YAML_KIND_SCALAR && strcmp(kind, "env") == 0)
            return secret_from_environment(loader, from, &property->from_env);
        if (yaml_kind(from) == YAML_KIND_SCALAR && strcmp(kind, "file") == 0)
            return secret_from_file(loader, from, &property->from_file);
    }
    yaml_error(value, loader->errors, "here stands a value, {env: NAME} or {file: PATH}");
    return NULL;
}

static void ask_kafka(struct settings_loader *loader, enum settings_side side,
                      const struct settings_property *property, struct yaml_place key,
                      struct yaml_place value)
{
    char why[160] = "";
    const struct settings_surroundings *surroundings = loader->surroundings;
    if (!surroundings->property_check ||
        surroundings->property_check(surroundings->property_context, side, property->name,
                                     property->value, why, sizeof why))
        return;
    /* librdkafka's reason may repeat the value. */
    if (property->from_env || property->from_file)
        yaml_error(value, loader->errors, "librdkafka refuses the value of %.80s", property->name);
    else
        yaml_error(key, loader->errors, "librdkafka refuses it: %s", why);
}

static void read_property(struct settings_loader *loader, enum settings_side side,
                          struct settings_properties *block, struct settings_property *property,
                          struct yaml_place key, struct yaml_place value)
{
    if (yaml_text_size(key) > PROPERTY_NAME_BYTES_MAX) {
        yaml_error(key, loader->errors,
                   "%.60s... is longer than %d bytes: librdkafka has no such name", yaml_text(key),
                   PROPERTY_NAME_BYTES_MAX);
        return;
    }
    const char *why = why_owned(yaml_text(key));
    if (why) {
        yaml_error(key, loader->errors, "%.60s cannot be set: %s", yaml_text(key), why);
        return;
    }
    property->name = arena_copy_text(&loader->settings->arena, yaml_text(key), yaml_text_size(key));
    if (!property->name) {
        settings_no_memory(loader);
        return;
    }
    property->value = value_of(loader, property, value);
    if (!property->value)
        return;
    block->count++;
    ask_kafka(loader, side, property, key, value);
}

static void read_block(struct settings_loader *loader, const char *name, enum settings_side side,
                       struct settings_properties *block)
{
    struct yaml_place mapping = settings_place(loader, name);
    if (mapping.node == loader->root.node || settings_is_nothing(mapping))
        return;
    size_t count = yaml_kind(mapping) == YAML_KIND_MAPPING ? yaml_count(mapping) : 0;
    if (yaml_kind(mapping) != YAML_KIND_MAPPING || count > SETTINGS_PROPERTIES_MAX) {
        yaml_error(mapping, loader->errors, "%s: here stands a mapping of up to %d properties",
                   name, SETTINGS_PROPERTIES_MAX);
        return;
    }
    struct settings_property *items =
        arena_allocate_array(&loader->settings->arena, count + 1, sizeof *items);
    if (!items) {
        settings_no_memory(loader);
        return;
    }
    block->items = items;
    for (size_t index = 0; index < count; index++)
        read_property(loader, side, block, &items[block->count], yaml_key(mapping, index),
                      yaml_value(mapping, index));
}

void settings_read_properties(struct settings_loader *loader)
{
    struct settings *settings = loader->settings;
    read_block(loader, "kafka", SETTINGS_SIDE_BOTH, &settings->kafka);
    read_block(loader, "consumer", SETTINGS_SIDE_CONSUMER, &settings->consumer);
    read_block(loader, "producer", SETTINGS_SIDE_PRODUCER, &settings->producer);
}
