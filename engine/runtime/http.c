#include "runtime/http.h"

#include "base/json_writer.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

enum { CONNECTION_BYTES_MAX = 16 * 1024, REPORT_BYTES_MAX = 32 * 1024 };

struct http {
    struct http_settings settings;
    struct MHD_Daemon *daemon;
    uint16_t port;
};

struct reply {
    unsigned code;
    const char *type;
    const char *body;
    size_t size;
};

static struct reply plain(unsigned code, const char *body)
{
    return (struct reply){code, "text/plain; charset=utf-8", body, strlen(body)};
}

static struct reply answer_metrics(const struct http *http)
{
    struct reply reply = {.code = MHD_HTTP_OK, .type = "text/plain; version=0.0.4; charset=utf-8"};
    if (metrics_scrape(http->settings.metrics, &reply.body, &reply.size) != STATUS_OK)
        return plain(MHD_HTTP_INTERNAL_SERVER_ERROR, "the page of metrics did not fit\n");
    return reply;
}

/* `body` is room of REPORT_BYTES_MAX. */
static struct reply answer_check(const struct http *http, health_check *check, char *body)
{
    struct health_report report = {0};
    struct json_writer json;
    if (check)
        check(http->settings.context, &report);
    json_start(&json, body, REPORT_BYTES_MAX);
    json_object_open(&json);
    json_key(&json, "ok");
    json_bool(&json, report.count == 0);
    json_key(&json, "reasons");
    json_array_open(&json);
    for (uint32_t index = 0; index < report.count && index < HEALTH_REASONS_MAX; index++)
        json_string(&json, report.reasons[index]);
    json_array_close(&json);
    json_object_close(&json);
    json_newline(&json);
    return (struct reply){report.count ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
                          "application/json", body, json.size};
}

static struct reply answer(const struct http *http, const char *url, const char *method, char *room)
{
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return plain(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (strcmp(url, "/metrics") == 0)
        return answer_metrics(http);
    if (strcmp(url, "/healthz") == 0)
        return answer_check(http, http->settings.healthy, room);
    if (strcmp(url, "/readyz") == 0)
        return answer_check(http, http->settings.ready, room);
    return plain(MHD_HTTP_NOT_FOUND, "there are /metrics, /healthz and /readyz\n");
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    (void)version;
    (void)upload;
    /* The first call comes with the head alone; a body is read and thrown away. */
    static char seen;
    if (!*request) {
        *request = &seen;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    char room[REPORT_BYTES_MAX];
    struct reply reply = answer(context, url, method, room);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply.size, (void *)(uintptr_t)reply.body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply.type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    enum MHD_Result result = MHD_queue_response(connection, reply.code, response);
    MHD_destroy_response(response);
    return result;
}

union socket_address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
};

/* The flag that MHD wants for the family, or -1 where the text is no address. */
static int parse_address(const struct http_settings *settings, union socket_address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, settings->address, &address->ip4.sin_addr) == 1) {
        address->ip4.sin_family = AF_INET;
        address->ip4.sin_port = htons(settings->port);
        return 0;
    }
    if (inet_pton(AF_INET6, settings->address, &address->ip6.sin6_addr) == 1) {
        address->ip6.sin6_family = AF_INET6;
        address->ip6.sin6_port = htons(settings->port);
        return MHD_USE_IPv6;
    }
    return -1;
}

enum redress_status http_start(const struct http_settings *settings, struct http **out,
                               char error[HTTP_ERROR_BYTES])
{
    union socket_address address;
    int family = parse_address(settings, &address);
    if (family < 0) {
        snprintf(error, HTTP_ERROR_BYTES, "\"%.64s\" is no IP address", settings->address);
        return STATUS_INVALID;
    }
    struct http *http = memory_allocate(sizeof *http);
    if (!http) {
        snprintf(error, HTTP_ERROR_BYTES, "out of memory");
        return STATUS_MEMORY;
    }
    http->settings = *settings;
    errno = 0;
    http->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | (unsigned)family, settings->port, NULL,
        NULL, handle, http, MHD_OPTION_SOCK_ADDR, &address.any, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_PATIENCE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES_MAX, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        http->daemon ? MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info) {
        const char *why = errno ? strerrordesc_np(errno) : "the server did not start";
        snprintf(error, HTTP_ERROR_BYTES, "cannot listen on %.64s port %u: %s", settings->address,
                 settings->port, why);
        http_stop(http);
        return STATUS_IO;
    }
    http->port = info->port;
    *out = http;
    return STATUS_OK;
}

uint16_t http_port(const struct http *http)
{
    return http->port;
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    memory_free(http);
}
