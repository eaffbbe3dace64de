/**
 * The properties of the consumer: the user's, and over them the engine's own. That the user names
 * none of these config/settings_properties.c sees to.
 */
#include "ingest/kafka_state.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

static bool backoff_can_be_set(void)
{
    return rd_kafka_version() >= KAFKA_VERSION_QUEUE_BACKOFF;
}

size_t kafka_source_plan_bytes(const struct kafka_source_settings *settings, uint32_t partitions)
{
    size_t kbytes = backoff_can_be_set() ? KAFKA_QUEUED_KBYTES : KAFKA_QUEUED_KBYTES_OLD;
    for (uint32_t index = 0; index < settings->property_count; index++) {
        const struct kafka_property *property = &settings->properties[index];
        unsigned long value;
        if (strcmp(property->name, "queued.max.messages.kbytes") == 0 &&
            sscanf(property->value, "%lu", &value) == 1)
            kbytes = value;
    }
    return kbytes * 1024 * partitions;
}

static void explain(struct redress_error *error, enum redress_status status, const char *text)
{
    *error = (struct redress_error){.status = status};
    snprintf(error->text, sizeof error->text, "%s", text);
}

static enum redress_status set(rd_kafka_conf_t *conf, const char *name, const char *value,
                               struct redress_error *error)
{
    char reason[256];
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) == RD_KAFKA_CONF_OK)
        return STATUS_OK;
    explain(error, STATUS_INVALID, reason); /* librdkafka names the property and what it takes */
    return STATUS_INVALID;
}

static enum redress_status set_all(rd_kafka_conf_t *conf, const struct kafka_property *properties,
                                   uint32_t count, struct redress_error *error)
{
    for (uint32_t index = 0; index < count; index++) {
        enum redress_status status =
            set(conf, properties[index].name, properties[index].value, error);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* What a user may set otherwise: before the user's own. */
static enum redress_status set_defaults(rd_kafka_conf_t *conf, struct redress_error *error)
{
    static const struct kafka_property common[] = {
        {"client.id", "redress"},
        {"socket.nagle.disable", "true"},
        {"fetch.wait.max.ms", "100"},
    };
    enum redress_status status = set_all(conf, common, 3, error);
    bool newer = backoff_can_be_set();
    char messages[32];
    char kbytes[32];
    snprintf(messages, sizeof messages, "%d",
             newer ? KAFKA_QUEUED_MESSAGES : KAFKA_QUEUED_MESSAGES_OLD);
    snprintf(kbytes, sizeof kbytes, "%d", newer ? KAFKA_QUEUED_KBYTES : KAFKA_QUEUED_KBYTES_OLD);
    if (status == STATUS_OK)
        status = set(conf, "queued.min.messages", messages, error);
    if (status == STATUS_OK)
        status = set(conf, "queued.max.messages.kbytes", kbytes, error);
    /* Without it a full queue makes the fetcher sleep a second, and a slow reader starve. */
    if (status == STATUS_OK && newer)
        status = set(conf, "fetch.queue.backoff.ms", "1", error);
    return status;
}

static enum redress_status set_owned(rd_kafka_conf_t *conf,
                                     const struct kafka_source_settings *settings,
                                     struct redress_error *error)
{
    char interval[32];
    uint32_t interval_ms = settings->commit_interval_ms ? settings->commit_interval_ms
                                                        : KAFKA_COMMIT_INTERVAL_MS_DEFAULT;
    snprintf(interval, sizeof interval, "%u", interval_ms);
    const struct kafka_property own[] = {
        {"bootstrap.servers", settings->brokers},
        {"group.id", settings->group},
        {"enable.auto.commit", "true"},
        {"enable.auto.offset.store", "false"},
        {"auto.commit.interval.ms", interval},
        {"auto.offset.reset", "error"},
        {"partition.assignment.strategy", "range"},
        {"isolation.level", "read_committed"},
        {"enable.partition.eof", "false"},
    };
    enum redress_status status = set_all(conf, own, sizeof own / sizeof own[0], error);
    if (status == STATUS_OK && settings->instance && settings->instance[0] != '\0')
        status = set(conf, "group.instance.id", settings->instance, error);
    return status;
}

static void on_log(const rd_kafka_t *consumer, int level, const char *facility, const char *line)
{
    (void)consumer;
    if (level <= 3) /* syslog's error and above; the source tells what matters by its events */
        LOG_WARN("librdkafka", log_text("facility", facility), log_text("line", line));
    else
        LOG_DEBUG("librdkafka", log_text("facility", facility), log_text("line", line));
}

enum redress_status kafka_make_conf(const struct kafka_source_settings *settings,
                                    rd_kafka_conf_t **out, struct redress_error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    enum redress_status status = set_defaults(conf, error);
    if (status == STATUS_OK)
        status = set_all(conf, settings->properties, settings->property_count, error);
    if (status == STATUS_OK)
        status = set_owned(conf, settings, error);
    if (status != STATUS_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    rd_kafka_conf_set_log_cb(conf, on_log);
    *out = conf;
    return STATUS_OK;
}
