/**
 * The server answers its three paths and nothing else, on loopback, and survives clients that are
 * rude. Method: raw sockets against a server on a free port.
 */
#include "runtime/http.h"

#include "support/random.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static bool well = true;

static void healthy(void *context, struct health_report *report)
{
    (void)context;
    if (!well)
        health_add(report, "the thread \"%s\" is stuck", "egress");
}

static void not_ready(void *context, struct health_report *report)
{
    (void)context;
    for (int index = 0; index < HEALTH_REASONS_MAX + 3; index++)
        health_add(report, "reason %d", index);
}

static void put_uptime(void *context, struct metrics *metrics)
{
    (void)context;
    metrics_put(metrics, METRIC_UPTIME, 3, NULL, 0);
}

static int connect_to(const struct http *http)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(http_port(http))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Sends and reads until the server closes. */
static const char *ask(const struct http *http, const char *request)
{
    static char reply[65536];
    int fd = connect_to(http);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    size_t used = 0;
    ssize_t got;
    while ((got = recv(fd, reply + used, sizeof reply - 1 - used, 0)) > 0)
        used += (size_t)got;
    reply[used] = 0;
    close(fd);
    return reply;
}

static const char *get(const struct http *http, const char *path)
{
    char request[256];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             path);
    return ask(http, request);
}

static void assert_says(const char *reply, const char *part)
{
    if (!strstr(reply, part))
        fail_msg("expected \"%s\" in \"%s\"", part, reply);
}

static struct http *start(struct metrics **metrics)
{
    struct http *http = NULL;
    char error[HTTP_ERROR_BYTES];
    assert_int_equal(metrics_create(metrics), STATUS_OK);
    metrics_add_collector(*metrics, put_uptime, NULL);
    const struct http_settings settings = {
        .address = "127.0.0.1", .metrics = *metrics, .healthy = healthy, .ready = not_ready};
    assert_int_equal(http_start(&settings, &http, error), STATUS_OK);
    assert_true(http_port(http) > 0);
    return http;
}

static void three_paths_are_answered(void **state)
{
    (void)state;
    struct metrics *metrics;
    struct http *http = start(&metrics);
    const char *reply = get(http, "/metrics");
    assert_says(reply, "HTTP/1.1 200 ");
    assert_says(reply, "text/plain; version=0.0.4");
    assert_says(reply, "redress_runtime_uptime_seconds 3\n");
    reply = get(http, "/healthz");
    assert_says(reply, "HTTP/1.1 200 ");
    assert_says(reply, "{\"ok\":true,\"reasons\":[]}\n");
    well = false;
    reply = get(http, "/healthz");
    assert_says(reply, "HTTP/1.1 503 ");
    assert_says(reply, "{\"ok\":false,\"reasons\":[\"the thread \\\"egress\\\" is stuck\"]}\n");
    well = true;
    reply = get(http, "/readyz");
    assert_says(reply, "HTTP/1.1 503 ");
    assert_says(reply, "\"reason 15\"]}\n");
    http_stop(http);
    metrics_destroy(metrics);
}

static void all_else_is_refused(void **state)
{
    (void)state;
    struct metrics *metrics;
    struct http *http = start(&metrics);
    assert_says(get(http, "/"), "HTTP/1.1 404 ");
    assert_says(get(http, "/metricsx"), "HTTP/1.1 404 ");
    assert_says(ask(http, "POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          "Content-Length: 5\r\n\r\nhello"),
                "HTTP/1.1 405 ");
    assert_says(ask(http, "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                "HTTP/1.1 200 ");
    http_stop(http);
    metrics_destroy(metrics);
}

static void rude_clients_cost_nothing(void **state)
{
    (void)state;
    struct metrics *metrics;
    struct http *http = start(&metrics);
    int mute[8];
    for (int index = 0; index < 8; index++)
        mute[index] = connect_to(http); /* says nothing at all */
    uint64_t seed = 99;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 50; round++) {
        char noise[512];
        for (size_t index = 0; index < sizeof noise; index++)
            noise[index] = (char)random_next(&seed);
        int fd = connect_to(http);
        send(fd, noise, sizeof noise, MSG_NOSIGNAL);
        close(fd);
    }
    assert_says(get(http, "/healthz"), "HTTP/1.1 200 ");
    for (int index = 0; index < 8; index++)
        close(mute[index]);
    http_stop(http);
    metrics_destroy(metrics);
}

static void what_cannot_be_listened_on_is_said(void **state)
{
    (void)state;
    struct metrics *metrics;
    struct http *first = start(&metrics);
    struct http *second = NULL;
    char error[HTTP_ERROR_BYTES];
    struct http_settings settings = {
        .address = "127.0.0.1", .port = http_port(first), .metrics = metrics};
    assert_int_equal(http_start(&settings, &second, error), STATUS_IO);
    assert_says(error, "cannot listen on 127.0.0.1 port ");
    assert_says(error, "in use");
    settings.address = "example.org";
    assert_int_equal(http_start(&settings, &second, error), STATUS_INVALID);
    assert_null(second);
    http_stop(second);
    http_stop(first);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_paths_are_answered),
        cmocka_unit_test(all_else_is_refused),
        cmocka_unit_test(rude_clients_cost_nothing),
        cmocka_unit_test(what_cannot_be_listened_on_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
