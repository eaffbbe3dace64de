/**
 * The whole engine: owns every stage, every thread and the order in which they start and end.
 *
 *   engine_create()  loads rules, checks the brokers, makes everything; nothing is read yet
 *   engine_run()     starts the threads, serves control on this one, answers the exit code
 *   engine_destroy()
 *
 * Threads: create, run and destroy on one thread; engine_request_*() and the readers below on any,
 * while the engine lives.
 */
#ifndef REDRESS_RUNTIME_ENGINE_H
#define REDRESS_RUNTIME_ENGINE_H

#include "config/settings.h"
#include "ingest/ingest.h"
#include "runtime/pipeline.h"

enum engine_output {
    ENGINE_OUTPUT_KAFKA, /* the topics of the configuration */
    ENGINE_OUTPUT_FILES, /* TOPIC.jsonl each, in output_folder */
    ENGINE_OUTPUT_MEMORY /* counted and forgotten: measuring and tests */
};

struct engine_options {
    const struct settings *settings;  /* outlives the engine */
    const char *replay_file;          /* read this instead of Kafka, then end; NULL: Kafka */
    uint64_t replay_lines_per_second; /* 0: full speed */
    uint32_t replay_repeat;           /* 0: once */
    enum engine_output output;
    const char *output_folder; /* must exist; for ENGINE_OUTPUT_FILES */
    bool handle_signals; /* SIGTERM, SIGINT: stop; SIGHUP: reload; after engine_keep_signals() */
};

struct engine;

/**
 * Keeps SIGTERM, SIGINT and SIGHUP for the engine that is about to be made: one that arrives while
 * it starts is served then. Call it first, before any thread exists.
 */
void engine_keep_signals(void);

/** What is wrong was written to stderr where this is not STATUS_OK. */
NODISCARD enum redress_status engine_create(const struct engine_options *options,
                                            struct engine **out);
/** Returns an exit code: 0 stopped or drained, 1 the conservation law was broken, 3 fatal. */
NODISCARD int engine_run(struct engine *engine);
void engine_destroy(struct engine *engine);

/** Drains what is in flight within the configured bound, then engine_run() returns. */
void engine_request_stop(struct engine *engine);
/** The same, and leaves the consumer group at once: for scale-in. */
void engine_request_drain(struct engine *engine);
void engine_request_reload(struct engine *engine);

/** True from the first moment that records are read until the end is asked for. */
bool engine_is_ready(const struct engine *engine);
const struct pipeline *engine_pipeline(const struct engine *engine);
/** NULL until the ingest thread has made it. */
const struct ingest *engine_ingest(const struct engine *engine);
const struct partition_table *engine_partitions(const struct engine *engine);
const struct settings *engine_settings(const struct engine *engine);
const char *engine_frontline_socket(const struct engine *engine);

#endif
