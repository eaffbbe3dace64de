/** What the frontline tests share: a queue with its server on a thread, and made-up records. */
#ifndef TESTS_UNIT_FRONTLINE_FIXTURE_H
#define TESTS_UNIT_FRONTLINE_FIXTURE_H

#include "base/clock.h"
#include "frontline/claims.h"
#include "frontline/server.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <poll.h>

static const char *const fixture_queues[] = {"safety", "fraud", "desk"};

struct fixture {
    struct frontline *frontline;
    struct frontline_server *server;
    pthread_t thread;
    _Atomic bool stop;
    char path[64];
};

static inline void fixture_record(struct frontline_record *record, uint64_t number,
                                  uint8_t revision, uint8_t severity)
{
    memset(record, 0, sizeof *record);
    record->magic = FRONTLINE_RECORD_MAGIC;
    record->version = FRONTLINE_RECORD_VERSION;
    record->case_id = (struct case_id){number * UINT64_C(0x9e3779b97f4a7c15), number};
    record->revision = revision;
    record->severity = severity;
    record->decided_ms = 1000 + (int64_t)number;
    record->offset = (int64_t)number;
    record->text_size = (uint32_t)snprintf(record->text, sizeof record->text, "case number %llu",
                                           (unsigned long long)number);
    record->text_size_whole = record->text_size;
    record->bytes = (uint32_t)offsetof(struct frontline_record, text) + record->text_size;
}

static inline void *fixture_serve(void *argument)
{
    struct fixture *fixture = argument;
    while (!atomic_load(&fixture->stop)) {
        struct pollfd wanted = {.fd = frontline_server_fd(fixture->server), .events = POLLIN};
        (void)poll(&wanted, 1, frontline_server_wait_ms(fixture->server));
        frontline_server_step(fixture->server, clock_monotonic_ns());
    }
    return NULL;
}

/** producer_count 2, three queues; lease and slots as asked; sink may be NULL. */
static inline void fixture_start(struct fixture *fixture, uint32_t slots, uint32_t lease_ms,
                                 const struct claims_sink *sink)
{
    static unsigned serial;
    struct frontline_settings settings = {.producer_count = 2,
                                          .queue_count = 3,
                                          .queue_names = fixture_queues,
                                          .slots_per_ring = slots,
                                          .lease_ms = lease_ms,
                                          .standing_max = 4096};
    memset(fixture, 0, sizeof *fixture);
    (void)snprintf(fixture->path, sizeof fixture->path, "/tmp/redress-test-%d-%u.sock",
                   (int)getpid(), serial++);
    assert_int_equal(frontline_create(&settings, &fixture->frontline), STATUS_OK);
    struct frontline_server_settings server = {.socket_path = fixture->path};
    if (sink) {
        server.context = sink->context;
        server.on_acknowledged = sink->on_acknowledged;
    }
    assert_int_equal(frontline_server_open(fixture->frontline, &server, &fixture->server),
                     STATUS_OK);
    assert_int_equal(pthread_create(&fixture->thread, NULL, fixture_serve, fixture), 0);
}

/** From here on the test steps the server itself. */
static inline void fixture_stop_serving(struct fixture *fixture)
{
    if (!atomic_exchange(&fixture->stop, true))
        pthread_join(fixture->thread, NULL);
}

static inline void fixture_end(struct fixture *fixture)
{
    fixture_stop_serving(fixture);
    frontline_server_close(fixture->server);
    frontline_free(fixture->frontline);
}

static inline enum redress_status fixture_push(struct fixture *fixture, uint32_t producer,
                                               uint32_t queue, uint64_t number, uint8_t severity)
{
    struct frontline_record record;
    fixture_record(&record, number, 0, severity);
    return frontline_push(fixture->frontline, producer, queue, &record);
}

static inline struct frontline_reader *fixture_attach(struct fixture *fixture)
{
    struct frontline_reader *reader = NULL;
    assert_int_equal(redress_frontline_attach(fixture->path, &reader), STATUS_OK);
    return reader;
}

#endif
