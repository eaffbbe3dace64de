/**
 * The frontline socket against peers that send anything: hellos, requests, packets of any size. The
 * first byte of each part of the input says how long the next packet is, and whether to connect
 * anew.
 */
#include "frontline/server.h"
#include "frontline/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct frontline *frontline;
static struct frontline_server *server;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static uint64_t now_ns = 1;

static void stop(void)
{
    frontline_server_close(server);
    frontline_free(frontline);
}

static void start(void)
{
    static const char *const queues[] = {"fuzz"};
    struct frontline_settings settings = {.producer_count = 1,
                                          .queue_count = 1,
                                          .queue_names = queues,
                                          .slots_per_ring = 4,
                                          .standing_max = 1024};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/tmp/redress-fuzz-%d.sock",
                   (int)getpid());
    struct frontline_server_settings options = {.socket_path = address.sun_path};
    if (frontline_create(&settings, &frontline) != STATUS_OK ||
        frontline_server_open(frontline, &options, &server) != STATUS_OK || atexit(stop) != 0)
        _exit(1);
}

static int connect_peer(bool greets)
{
    const struct frontline_hello hello = {FRONTLINE_WIRE_MAGIC, FRONTLINE_WIRE_VERSION};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        _exit(1);
    if (greets)
        (void)send(fd, &hello, sizeof hello, MSG_NOSIGNAL);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!server)
        start();
    int fd = connect_peer(size > 0 && (data[0] & 1) != 0);
    while (size >= 2) {
        size_t length = data[1] < size - 2 ? data[1] : size - 2;
        if (data[0] & 2) {
            close(fd);
            fd = connect_peer((data[0] & 1) != 0);
        }
        (void)send(fd, data + 2, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        frontline_server_step(server, now_ns += UINT64_C(1000000) << (data[0] >> 4));
        data += 2 + length;
        size -= 2 + length;
    }
    close(fd);
    frontline_server_step(server, ++now_ns);
    return 0;
}
