#include "runtime/admin.h"

#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static bool fill_address(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int size = snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
    return size > 0 && (size_t)size < sizeof address->sun_path;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address;
    if (!fill_address(&address, path))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool somebody_listens(const char *path)
{
    int fd = connect_to(path);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool bind_and_listen(int fd, const struct sockaddr_un *address)
{
    mode_t mask = umask(0177);
    int bound = bind(fd, (const struct sockaddr *)address, sizeof *address);
    umask(mask);
    return bound == 0 && listen(fd, 8) == 0;
}

enum redress_status admin_open(struct admin *admin, const char *path, admin_handler *handler,
                               void *context)
{
    struct sockaddr_un address;
    *admin = (struct admin){.fd = -1, .handler = handler, .context = context};
    if (!fill_address(&address, path))
        return STATUS_TOO_LARGE;
    if (somebody_listens(path))
        return STATUS_CONFLICT;
    unlink(path);
    admin->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (admin->fd < 0)
        return STATUS_IO;
    if (!bind_and_listen(admin->fd, &address)) {
        enum redress_status status = errno == EACCES ? STATUS_DENIED : STATUS_IO;
        close(admin->fd);
        admin->fd = -1;
        return status;
    }
    snprintf(admin->path, sizeof admin->path, "%s", path);
    return STATUS_OK;
}

static bool peer_is_owner(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    if (peer.uid == geteuid() || peer.uid == 0)
        return true;
    LOG_WARN("admin socket refused a peer", log_integer("uid", peer.uid),
             log_integer("pid", peer.pid));
    return false;
}

/* One line, without its end and the blanks around it; empty where the peer said nothing usable. */
static void read_verb(int fd, char *line, size_t line_max)
{
    ssize_t got = recv(fd, line, line_max - 1, 0);
    size_t size = got > 0 ? (size_t)got : 0;
    line[size] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    size = strlen(line);
    while (size > 0 && isspace((unsigned char)line[size - 1]))
        line[--size] = '\0';
}

static void limit_patience(int fd)
{
    struct timeval patience = {.tv_usec = ADMIN_PATIENCE_MS * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static void serve(struct admin *admin, int fd)
{
    char verb[ADMIN_LINE_BYTES_MAX];
    char reply[ADMIN_REPLY_BYTES_MAX + 1];
    limit_patience(fd);
    if (peer_is_owner(fd)) {
        read_verb(fd, verb, sizeof verb);
        reply[0] = '\0';
        admin->handler(admin->context, verb, reply, ADMIN_REPLY_BYTES_MAX);
    } else {
        snprintf(reply, sizeof reply, "{\"error\":\"only the owner of the engine may ask this\"}");
    }
    size_t size = strlen(reply);
    reply[size++] = '\n';
    ssize_t sent = send(fd, reply, size, MSG_NOSIGNAL);
    (void)sent; /* a peer that has gone does not want its answer */
}

void admin_step(struct admin *admin)
{
    for (;;) {
        int fd = accept4(admin->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return;
        serve(admin, fd);
        close(fd);
    }
}

void admin_close(struct admin *admin)
{
    if (admin->fd < 0)
        return;
    close(admin->fd);
    unlink(admin->path);
    admin->fd = -1;
}

enum redress_status admin_ask(const char *path, const char *verb, char *reply, size_t reply_max)
{
    int fd = connect_to(path);
    if (fd < 0)
        return STATUS_IO;
    char line[ADMIN_LINE_BYTES_MAX];
    int size = snprintf(line, sizeof line, "%s\n", verb);
    size_t used = 0;
    if (send(fd, line, (size_t)size, MSG_NOSIGNAL) == size) {
        ssize_t got;
        while (used < reply_max - 1 && (got = recv(fd, reply + used, reply_max - 1 - used, 0)) > 0)
            used += (size_t)got;
    }
    close(fd);
    reply[used] = '\0';
    reply[strcspn(reply, "\n")] = '\0';
    return used > 0 ? STATUS_OK : STATUS_IO;
}
