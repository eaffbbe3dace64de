/**
 * What an operator may set, read from one YAML file.
 *
 * A plain struct: stages do not see this header, runtime/ hands each stage its share. Every field
 * of a simple type is one row of the table in settings_table.c, from which the loader,
 * `redress config print`, `redress config schema` and docs/configuration.md are all made.
 *
 * Units:   in the field's name. In the file every size and duration carries its unit ("64 MiB", "5
 * s"). Owns:    struct settings owns all it points to; settings_free() frees it whole. Threads:
 * written by the loader only, then read by anybody.
 */
#ifndef REDRESS_CONFIG_SETTINGS_H
#define REDRESS_CONFIG_SETTINGS_H

#include "base/arena.h"
#include "base/error_list.h"

#include <redress/limits.h>
#include <redress/verdict.h>

#include <stdio.h>

enum {
    SETTINGS_PROPERTIES_MAX = 128, /* librdkafka properties in one block */
    SETTINGS_ROUTES_MAX = 256,
    SETTINGS_TOPICS_MAX = 256 /* of one channel */
};

enum settings_start { SETTINGS_START_EARLIEST, SETTINGS_START_LATEST };
enum settings_log_loss { SETTINGS_LOG_LOSS_HALT, SETTINGS_LOG_LOSS_CONTINUE };
enum settings_wait { SETTINGS_WAIT_PARK, SETTINGS_WAIT_SPIN };
enum settings_io { SETTINGS_IO_AUTO, SETTINGS_IO_URING, SETTINGS_IO_EPOLL };
enum settings_envelope {
    SETTINGS_ENVELOPE_JSON,
    SETTINGS_ENVELOPE_CLOUDEVENTS,
    SETTINGS_ENVELOPE_RAW
};
enum settings_over { SETTINGS_OVER_DEAD_LETTER, SETTINGS_OVER_TRUNCATE };

/** Which producers' placement of keys the input topic follows. */
enum settings_partitioner {
    SETTINGS_PARTITIONER_MURMUR2,          /* Java's default */
    SETTINGS_PARTITIONER_CONSISTENT_RANDOM /* librdkafka's default: CRC32 */
};

/** One librdkafka property. What came from the environment or a file is never printed. */
struct settings_property {
    const char *name;
    const char *value;     /* the real one, secrets too */
    const char *from_env;  /* the variable it came from, or NULL */
    const char *from_file; /* the file it came from, or NULL */
};

struct settings_properties {
    const struct settings_property *items;
    size_t count;
};

/** What one message may have, and what happens over it. All but the text's policy: dead letter. */
struct settings_message_limits {
    uint64_t payload_bytes_max;
    enum settings_over payload_over;
    uint64_t text_bytes_max;
    enum settings_over text_over;
    uint64_t depth_max;
    enum settings_over depth_over;
    uint64_t keys_max;
    enum settings_over keys_over;
};

/** Counted from 1; 0 where the file does not say it. */
struct settings_place {
    uint32_t line;
    uint32_t column;
};

/** JSON Pointers (RFC 6901); NULL where the preset's own holds. */
struct settings_mapping {
    enum settings_envelope preset;
    const char *text_pointer;
    const char *id_pointer;
    const char *customer_pointer;
    const char *time_pointer;
    const char *language_pointer;
    struct settings_place text_place;
    struct settings_place id_place;
    struct settings_place customer_place;
    struct settings_place time_place;
    struct settings_place language_place;
};

struct settings_channel {
    const char *name;
    const char *const *topics;
    size_t topic_count;
    struct settings_mapping envelope;
    bool customer_is_key;
    enum settings_partitioner partitioner;
    struct settings_message_limits limits; /* the general ones where the channel names no own */
    uint32_t line;                         /* where it stands in the file */
    uint32_t column;
};

enum settings_either { SETTINGS_ANY, SETTINGS_NO, SETTINGS_YES };

/** One row of the routing table: every condition that is set must hold; the first row that fits
 * wins. */
struct settings_route {
    enum severity severity_at_least;
    category_set categories; /* any of them; 0: whatever they are */
    trait_set traits;        /* any of them; 0: whatever they are */
    uint32_t languages;      /* 1u << LANGUAGE_x; 0: any */
    uint64_t channels;       /* bit index of channels[]; 0: any */
    enum settings_either urgent;
    uint16_t queue_index; /* into settings.queues */
    uint32_t line;
    uint32_t column;
};

enum settings_workers { SETTINGS_WORKERS_AUTO, SETTINGS_WORKERS_INLINE, SETTINGS_WORKERS_NUMBER };

struct settings {
    struct arena arena;
    const char *file;   /* as it was named; errors of later checks use it */
    const char *folder; /* where it stands: relative paths begin here */

    const char *brokers; /* NULL where the loader was told that no Kafka is needed */
    const char *group;
    const char *instance;             /* group.instance.id; the host name by default */
    struct settings_properties kafka; /* for consumer and producer alike */
    struct settings_properties consumer;
    struct settings_properties producer;
    enum settings_start start_from;
    enum settings_log_loss on_log_loss;
    uint64_t commit_interval_ms;

    struct settings_channel *channels;
    size_t channel_count;

    enum settings_workers workers;
    uint64_t worker_count; /* resolved: 0 is inline, also where `auto` chose it */
    enum settings_wait wait;
    enum settings_io io;

    uint64_t messages_max; /* in flight: read and not yet ended */
    uint64_t bytes_max;    /* of the slab that holds them */
    uint64_t customers_max;
    uint64_t output_bytes_max; /* of one record that is produced */
    struct settings_message_limits message_limits;
    uint64_t repeat_window_ms;

    const char *rules_folder;
    const char *rules_override; /* NULL: the site changes nothing */
    uint64_t reload_memory_bytes_max;
    uint64_t reload_cpu_ms_max;

    const char *topic_cases;
    bool calm_enabled;
    const char *topic_calm;
    const char *topic_dead_letters;
    const char *frontline_prefix; /* the queue's name follows */
    const char *topic_acks;

    struct settings_route *routes;
    size_t route_count;
    const char **queues; /* every queue that a route or the default names, each once */
    size_t queue_count;
    uint16_t default_queue_index;

    bool http_enabled;
    const char *http_address;
    uint64_t http_port;

    const char *frontline_socket;
    const char *frontline_group; /* NULL: the group of the process */
    uint32_t frontline_mode;
    uint64_t frontline_lease_ms;
    uint64_t frontline_records; /* of each ring: one a worker and queue */
    const char *admin_socket;

    uint32_t log_level;  /* enum log_level */
    uint32_t log_format; /* enum log_format */

    uint64_t shutdown_ms;      /* SIGTERM to exit */
    uint64_t revoke_drain_ms;  /* how long a revoked partition may finish its messages */
    uint64_t stalled_after_ms; /* no progress for so long: the watchdog names it */
};

/** Which of the three blocks a property stands in. */
enum settings_side { SETTINGS_SIDE_BOTH, SETTINGS_SIDE_CONSUMER, SETTINGS_SIDE_PRODUCER };

/** Asks librdkafka whether it knows the property and takes the value; false and why where not. */
typedef bool settings_property_check(void *context, enum settings_side side, const char *name,
                                     const char *value, char *why, size_t why_size);

/** What the loader may ask of its surroundings. All zero is fine: properties go unchecked. */
struct settings_surroundings {
    settings_property_check *property_check;
    void *property_context;
    bool without_kafka; /* no brokers needed: file source, demo */
    unsigned cores;     /* 0: as many as this process may run on, by affinity and quota */
};

/**
 * Reads, checks and completes the settings; adds every error of the file at once.
 *
 * Returns: NULL with errors added, or settings that pass every check.
 * Owns:    the caller frees them.
 */
NODISCARD struct settings *settings_load_file(const char *path,
                                              const struct settings_surroundings *surroundings,
                                              struct error_list *errors);
/** The same for bytes in memory: `name` stands in errors, relative paths begin at `folder`. */
NODISCARD struct settings *settings_load_bytes(const char *name, const char *folder,
                                               const char *bytes, size_t size,
                                               const struct settings_surroundings *surroundings,
                                               struct error_list *errors);
void settings_free(struct settings *settings);

/** Index into channels[], or -1. */
int settings_find_channel(const struct settings *settings, const char *name);

/** Threads that want a core each under `wait: spin`: workers, ingest and egress. */
uint64_t settings_spinning_threads(const struct settings *settings);

/**
 * Where sockets go by default: $RUNTIME_DIRECTORY, /run/redress where it is ours to write,
 * $XDG_RUNTIME_DIR/redress, /tmp/redress-UID; the first that applies.
 */
void settings_run_folder(char *out, size_t size);

/** The effective settings as YAML that the loader takes again (but for masked secrets). */
void settings_print_yaml(const struct settings *settings, FILE *stream);
/** The same as one JSON object. */
void settings_print_json(const struct settings *settings, FILE *stream);
/** JSON Schema (draft 2020-12) of the file, for editors. */
void settings_print_schema(FILE *stream);
/** docs/configuration.md. */
void settings_print_reference(FILE *stream);

#endif
