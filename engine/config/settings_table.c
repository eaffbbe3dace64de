#include "config/settings_table.h"

#include "base/assert.h"

#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define KIB             ((uint64_t)1024)
#define MIB             (1024 * KIB)
#define GIB             (1024 * MIB)
#define SECOND_MS       ((uint64_t)1000)
#define HOUR_MS         (3600 * SECOND_MS)
#define DAY_MS          (24 * HOUR_MS)

static const char *const starts[] = {"earliest", "latest", NULL};
static const char *const log_losses[] = {"halt", "continue", NULL};
static const char *const waits[] = {"park", "spin", NULL};
static const char *const ios[] = {"auto", "uring", "epoll", NULL};
static const char *const envelopes[] = {"json", "cloudevents", "raw", NULL};
static const char *const partitioners[] = {"murmur2", "consistent_random", NULL};
static const char *const only_dead_letter[] = {"dead_letter", NULL};
static const char *const dead_letter_or_truncate[] = {"dead_letter", "truncate", NULL};
static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const log_formats[] = {"text", "json", NULL};

/* The rows of struct settings_message_limits, once for the file and once for a channel: there
 * without defaults, because the file's hold. */
#define LIMIT_ROWS(parent, field, payload_d, text_d, depth_d, keys_d, refuse_d, truncate_d)        \
    {.name = "limits.payload.max",                                                                 \
     .type = SETTING_BYTES,                                                                        \
     .offset = offsetof(parent, field.payload_bytes_max),                                          \
     .min = KIB,                                                                                   \
     .max = MESSAGE_PAYLOAD_BYTES_MAX,                                                             \
     .default_text = payload_d,                                                                    \
     .text = "Largest record that is decoded."},                                                   \
        {.name = "limits.payload.over",                                                            \
         .type = SETTING_CHOICE,                                                                   \
         .offset = offsetof(parent, field.payload_over),                                           \
         .choices = only_dead_letter,                                                              \
         .default_text = refuse_d,                                                                 \
         .text = "What happens to a larger one. It keeps its first 64 KiB."},                      \
        {.name = "limits.text.max",                                                                \
         .type = SETTING_BYTES,                                                                    \
         .offset = offsetof(parent, field.text_bytes_max),                                         \
         .min = 64,                                                                                \
         .max = MESSAGE_TEXT_BYTES_MAX,                                                            \
         .default_text = text_d,                                                                   \
         .text = "Longest text that is classified whole."},                                        \
        {.name = "limits.text.over",                                                               \
         .type = SETTING_CHOICE,                                                                   \
         .offset = offsetof(parent, field.text_over),                                              \
         .choices = dead_letter_or_truncate,                                                       \
         .default_text = truncate_d,                                                               \
         .text = "What happens to a longer one. A truncated text is marked and never calm."},      \
        {.name = "limits.depth.max",                                                               \
         .type = SETTING_COUNT,                                                                    \
         .offset = offsetof(parent, field.depth_max),                                              \
         .min = 2,                                                                                 \
         .max = 256,                                                                               \
         .default_text = depth_d,                                                                  \
         .text = "Deepest nesting of a record's JSON."},                                           \
        {.name = "limits.depth.over",                                                              \
         .type = SETTING_CHOICE,                                                                   \
         .offset = offsetof(parent, field.depth_over),                                             \
         .choices = only_dead_letter,                                                              \
         .default_text = refuse_d,                                                                 \
         .text = "What happens to a record nested deeper."},                                       \
        {.name = "limits.keys.max",                                                                \
         .type = SETTING_COUNT,                                                                    \
         .offset = offsetof(parent, field.keys_max),                                               \
         .min = 8,                                                                                 \
         .max = 1024 * 1024,                                                                       \
         .default_text = keys_d,                                                                   \
         .text = "Most keys of a record's JSON, all levels together."},                            \
    {                                                                                              \
        .name = "limits.keys.over", .type = SETTING_CHOICE,                                        \
        .offset = offsetof(parent, field.keys_over), .choices = only_dead_letter,                  \
        .default_text = refuse_d, .text = "What happens to a record with more."                    \
    }

#define AT(field) .offset = offsetof(struct settings, field)

static const struct setting file_rows[] = {
    {.name = "brokers",
     .type = SETTING_TEXT,
     AT(brokers),
     .max = 4096,
     .default_shown = "required",
     .text = "Where Kafka is: HOST:PORT, several separated by commas."},
    {.name = "group",
     .type = SETTING_NAME,
     AT(group),
     .max = 200,
     .default_text = "redress",
     .text = "The consumer group. Instances of one group share the partitions."},
    {.name = "instance",
     .type = SETTING_NAME,
     AT(instance),
     .max = 200,
     .default_shown = "the host name",
     .text = "Static membership: the name under which this instance comes back after a restart "
             "without a rebalance. No two running instances may share it."},
    {.name = "kafka",
     .type = SETTING_PROPERTIES,
     AT(kafka),
     .text = "librdkafka properties for consumer and producer alike, security above all."},
    {.name = "consumer",
     .type = SETTING_PROPERTIES,
     AT(consumer),
     .text = "librdkafka properties for the consumer alone."},
    {.name = "producer",
     .type = SETTING_PROPERTIES,
     AT(producer),
     .text = "librdkafka properties for the producer alone."},
    {.name = "start_from",
     .type = SETTING_CHOICE,
     AT(start_from),
     .choices = starts,
     .default_text = "earliest",
     .text = "Where the group begins on a partition of which it has no stored offset."},
    {.name = "on_log_loss",
     .type = SETTING_CHOICE,
     AT(on_log_loss),
     .choices = log_losses,
     .default_text = "halt",
     .text = "What happens when Kafka has deleted records before they were read: they are counted "
             "and logged in both cases."},
    {.name = "commit_interval",
     .type = SETTING_DURATION,
     AT(commit_interval_ms),
     .min = 10,
     .max = 60 * SECOND_MS,
     .default_text = "1 s",
     .text = "How often offsets of ended messages are committed. More often costs the brokers "
             "work, more seldom means more repeats after a crash."},
    {.name = "channels",
     .type = SETTING_CHANNELS,
     .max = CHANNELS_MAX,
     .required = true,
     .text = "What is read: a list of channels."},
    {.name = "workers",
     .type = SETTING_WORKERS,
     AT(workers),
     .min = 1,
     .max = WORKERS_MAX,
     .default_text = "auto",
     .text =
         "Threads that classify. `inline`: the ingest thread does it itself, and delivers, too. "
         "`auto`: inline on up to two cores, else two fewer than there are cores."},
    {.name = "wait",
     .type = SETTING_CHOICE,
     AT(wait),
     .choices = waits,
     .default_text = "park",
     .text = "How idle threads wait. `spin` answers sooner and burns a core a thread; refused "
             "where workers, ingest and egress are more than the cores. With inline workers only "
             "ingest spins; two cores are wanted all the same, the second for readers."},
    {.name = "io",
     .type = SETTING_CHOICE,
     AT(io),
     .choices = ios,
     .default_text = "auto",
     .text = "How ingest waits. `auto` takes io_uring where the kernel allows it, else epoll."},
    {.name = "repeat_window",
     .type = SETTING_DURATION,
     AT(repeat_window_ms),
     .min = SECOND_MS,
     .max = 30 * DAY_MS,
     .default_text = "7 d",
     .text = "A second complaint of the same customer within it sets the trait `repeat`."},
    {.name = "rules",
     .type = SETTING_PATH,
     AT(rules_folder),
     .max = 4000,
     .default_text = "rules",
     .text = "The folder of the rule files."},
    {.name = "rules_override",
     .type = SETTING_PATH,
     AT(rules_override),
     .max = 4000,
     .default_shown = "none",
     .text = "A folder with what this site changes of them: weights, disabled rules, rules of its "
             "own (rules/README.md). It wins, and is loaded again with them."},
    {.name = "limits.in_flight.messages",
     .type = SETTING_COUNT,
     AT(messages_max),
     .min = 16,
     .max = 1024 * 1024,
     .default_text = "16384",
     .text = "Most messages that are read and not yet ended. Over it nothing more is read."},
    {.name = "limits.in_flight.bytes",
     .type = SETTING_BYTES,
     AT(bytes_max),
     .min = 64 * KIB,
     .max = 64 * GIB,
     .default_text = "64 MiB",
     .text = "Memory that holds them; at least eight times limits.payload.max."},
    {.name = "limits.customers",
     .type = SETTING_COUNT,
     AT(customers_max),
     .min = 1024,
     .max = 64 * 1024 * 1024,
     .default_text = "1048576",
     .text = "Customers whose history is kept, 64 bytes each. Over it the oldest gives way and is "
             "counted."},
    {.name = "limits.output",
     .type = SETTING_BYTES,
     AT(output_bytes_max),
     .min = 4 * KIB,
     .max = 64 * MIB,
     .default_text = "900 KiB",
     .text = "Largest record that is produced; what is larger is cut and marked. Not above the "
             "topic's max.message.bytes."},
    LIMIT_ROWS(struct settings, message_limits, "1 MiB", "64 KiB", "64", "4096", "dead_letter",
               "truncate"),
    {.name = "outputs.cases",
     .type = SETTING_TOPIC,
     AT(topic_cases),
     .default_text = "redress.cases",
     .text = "Complaints, and all that people must read."},
    {.name = "outputs.dead_letters",
     .type = SETTING_TOPIC,
     AT(topic_dead_letters),
     .default_text = "redress.dead-letters",
     .text = "What could not be read, with the reason."},
    {.name = "outputs.frontline_prefix",
     .type = SETTING_PREFIX,
     AT(frontline_prefix),
     .default_text = "redress.frontline.",
     .text = "Urgent cases also go to this prefix with the queue's name behind it."},
    {.name = "outputs.acks",
     .type = SETTING_TOPIC,
     AT(topic_acks),
     .default_text = "redress.frontline.acks",
     .text = "Acknowledged urgent cases, a compacted topic."},
    {.name = "outputs.calm.enabled",
     .type = SETTING_BOOL,
     AT(calm_enabled),
     .default_text = "true",
     .text = "Whether verdicts of calm messages are produced. They are counted in both cases."},
    {.name = "outputs.calm.topic",
     .type = SETTING_TOPIC,
     AT(topic_calm),
     .default_text = "redress.calm",
     .text = "Verdicts of calm messages."},
    {.name = "routing.default_queue",
     .type = SETTING_QUEUE,
     AT(default_queue_index),
     .max = 63,
     .default_text = "people",
     .text = "The queue of every case that no row fits."},
    {.name = "routing.rows",
     .type = SETTING_ROUTES,
     .max = SETTINGS_ROUTES_MAX,
     .text = "The routing table: the first row that fits wins."},
    {.name = "frontline.socket",
     .type = SETTING_PATH,
     AT(frontline_socket),
     .max = 107,
     .default_shown = "frontline.sock in the run folder",
     .text = "The socket through which readers attach."},
    {.name = "frontline.group",
     .type = SETTING_NAME,
     AT(frontline_group),
     .max = 64,
     .default_shown = "the group of the process",
     .text = "The group that may read."},
    {.name = "frontline.mode",
     .type = SETTING_MODE,
     AT(frontline_mode),
     .default_text = "0660",
     .text = "Mode of the socket."},
    {.name = "frontline.lease",
     .type = SETTING_DURATION,
     AT(frontline_lease_ms),
     .min = SECOND_MS,
     .max = DAY_MS,
     .default_text = "60 s",
     .text = "How long a claimed case stays with its reader before it comes back."},
    {.name = "frontline.records",
     .type = SETTING_COUNT,
     AT(frontline_records),
     .min = 16,
     .max = 65536,
     .default_text = "1024",
     .text = "Cases that each ring shows, one ring a worker and queue. What is over it is kept in "
             "Kafka and comes in as room appears."},
    {.name = "admin.socket",
     .type = SETTING_PATH,
     AT(admin_socket),
     .max = 107,
     .default_shown = "admin.sock in the run folder",
     .text = "Where `redress drain` and reloads speak to the engine; only its owner may."},
    {.name = "http.enabled",
     .type = SETTING_BOOL,
     AT(http_enabled),
     .default_text = "true",
     .text = "Serves /metrics, /healthz and /readyz."},
    {.name = "http.address",
     .type = SETTING_ADDRESS,
     AT(http_address),
     .max = 64,
     .default_text = "127.0.0.1",
     .text = "Where it listens. There is no password: keep it on loopback or behind a firewall."},
    {.name = "http.port",
     .type = SETTING_COUNT,
     AT(http_port),
     .max = 65535,
     .default_text = "9464",
     .text = "0 takes a free one and logs it."},
    {.name = "log.level",
     .type = SETTING_CHOICE,
     AT(log_level),
     .choices = log_levels,
     .default_text = "info",
     .text = "The least level that is written."},
    {.name = "log.format",
     .type = SETTING_CHOICE,
     AT(log_format),
     .choices = log_formats,
     .default_text = "text",
     .text = "Lines for people or for machines."},
    {.name = "reload.memory",
     .type = SETTING_BYTES,
     AT(reload_memory_bytes_max),
     .min = 64 * MIB,
     .max = 64 * GIB,
     .default_text = "2 GiB",
     .text = "What checking a new rule set may take, in a process of its own."},
    {.name = "reload.cpu",
     .type = SETTING_DURATION,
     AT(reload_cpu_ms_max),
     .min = SECOND_MS,
     .max = HOUR_MS,
     .default_text = "60 s",
     .text = "CPU time that it may take."},
    {.name = "bounds.shutdown",
     .type = SETTING_DURATION,
     AT(shutdown_ms),
     .min = 100,
     .max = HOUR_MS,
     .default_text = "25 s",
     .text = "From SIGTERM to the exit: messages in flight end or are read again next time."},
    {.name = "bounds.revoke",
     .type = SETTING_DURATION,
     AT(revoke_drain_ms),
     .min = 10,
     .max = HOUR_MS,
     .default_text = "20 s",
     .text = "How long a rebalance waits for the messages of a partition that goes; less than half "
             "of max.poll.interval.ms."},
    {.name = "bounds.stalled",
     .type = SETTING_DURATION,
     AT(stalled_after_ms),
     .min = 500,
     .max = HOUR_MS,
     .default_text = "10 s",
     .text = "Without progress for so long, the watchdog names the thread or partition."},
};

#undef AT
#define AT(field) .offset = offsetof(struct settings_channel, field)

static const struct setting channel_rows[] = {
    {.name = "name",
     .type = SETTING_NAME,
     AT(name),
     .max = 64,
     .required = true,
     .text = "The channel's name in cases, routes and metrics."},
    {.name = "topics",
     .type = SETTING_TOPICS,
     .max = SETTINGS_TOPICS_MAX,
     .required = true,
     .text = "The topics that carry it."},
    {.name = "customer_is_key",
     .type = SETTING_BOOL,
     AT(customer_is_key),
     .default_text = "false",
     .text = "The record's key names the customer, so that one instance sees all of a customer's "
             "messages."},
    {.name = "partitioner",
     .type = SETTING_CHOICE,
     AT(partitioner),
     .choices = partitioners,
     .default_text = "murmur2",
     .text = "How the topic's producers place keys: murmur2 is Java's way, consistent_random "
             "librdkafka's. Channels that share customers must agree."},
    {.name = "envelope.preset",
     .type = SETTING_CHOICE,
     AT(envelope.preset),
     .choices = envelopes,
     .default_text = "json",
     .text = "What a record is: a JSON object, a CloudEvent (structured or binary), or bare text."},
    {.name = "envelope.text",
     .type = SETTING_POINTER,
     AT(envelope.text_pointer),
     .max = 127,
     .default_shown = "the preset's",
     .text = "JSON Pointer to the text."},
    {.name = "envelope.id",
     .type = SETTING_POINTER,
     AT(envelope.id_pointer),
     .max = 127,
     .default_shown = "the preset's",
     .text = "JSON Pointer to the message's own id."},
    {.name = "envelope.customer",
     .type = SETTING_POINTER,
     AT(envelope.customer_pointer),
     .max = 127,
     .default_shown = "the preset's",
     .text = "JSON Pointer to the customer."},
    {.name = "envelope.time",
     .type = SETTING_POINTER,
     AT(envelope.time_pointer),
     .max = 127,
     .default_shown = "the preset's",
     .text = "JSON Pointer to when it was written."},
    {.name = "envelope.language",
     .type = SETTING_POINTER,
     AT(envelope.language_pointer),
     .max = 127,
     .default_shown = "the preset's",
     .text = "JSON Pointer to the language, a hint."},
    LIMIT_ROWS(struct settings_channel, limits, NULL, NULL, NULL, NULL, NULL, NULL),
};

#undef AT
#define AT(field) .offset = offsetof(struct settings_route, field)

static const struct setting route_rows[] = {
    {.name = "queue",
     .type = SETTING_QUEUE,
     AT(queue_index),
     .max = 63,
     .required = true,
     .text = "Where the case goes."},
    {.name = "when.severity_at_least",
     .type = SETTING_SEVERITY,
     AT(severity_at_least),
     .text = "That severity or a graver one."},
    {.name = "when.category",
     .type = SETTING_CATEGORIES,
     AT(categories),
     .text = "Any of these categories."},
    {.name = "when.traits", .type = SETTING_TRAITS, AT(traits), .text = "Any of these traits."},
    {.name = "when.language",
     .type = SETTING_LANGUAGES,
     AT(languages),
     .text = "Any of these languages."},
    {.name = "when.channel",
     .type = SETTING_CHANNEL_NAMES,
     AT(channels),
     .text = "Any of these channels."},
    {.name = "when.urgent",
     .type = SETTING_EITHER,
     AT(urgent),
     .text = "Only urgent cases, or only others."},
};

const struct settings_scope settings_scope_file = {"setting", file_rows, COUNT_OF(file_rows)};
const struct settings_scope settings_scope_channel = {"channel", channel_rows,
                                                      COUNT_OF(channel_rows)};
const struct settings_scope settings_scope_route = {"route", route_rows, COUNT_OF(route_rows)};

static_assert(COUNT_OF(file_rows) <= SETTINGS_ROWS_MAX, "room for a place of every row");
