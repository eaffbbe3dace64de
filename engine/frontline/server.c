/**
 * The socket of the frontline queue. One packet in, at most one packet out; a reader that cannot
 * take its answer, says what nobody understands, or does not greet in time is hung up on. Losing
 * the socket costs a reader its claims, never a case.
 */
#include "frontline/server.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/memory.h"
#include "frontline/claims.h"
#include "frontline/wire.h"

#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define GREETING_NS UINT64_C(5000000000)

enum {
    EVENTS_PER_STEP_MAX = 64,
    PACKETS_PER_CONNECTION_MAX = 16, /* a step, so that one reader cannot hold the others up */
    GROUPS_MAX = 256,
    GROUP_BUFFER_BYTES = 16 * 1024,
    LISTENER = UINT32_MAX
};

struct connection {
    int fd;         /* -1: free */
    uint32_t owner; /* FRONTLINE_OWNER_NONE until it has greeted */
    uint64_t since_ns;
    struct ucred peer;
};

struct frontline_server {
    struct frontline *frontline;
    struct frontline_server_settings settings;
    struct claims_sink sink;
    int listener_fd;
    int epoll_fd;
    gid_t group;
    bool has_group;
    uint64_t now_ns;
    bool busy; /* readers moved words: the next step comes soon, nobody has to nudge */
    uint32_t owner_next;
    uint32_t connection_count;
    struct connection *connections;
    struct sockaddr_un address;
};

static enum redress_status find_group(struct frontline_server *server)
{
    const char *name = server->settings.group;
    if (!name || name[0] == '\0')
        return STATUS_OK;
    char buffer[GROUP_BUFFER_BYTES];
    struct group entry;
    struct group *found = NULL;
    if (getgrnam_r(name, &entry, buffer, sizeof buffer, &found) != 0 || !found)
        return STATUS_NOT_FOUND;
    server->group = found->gr_gid;
    server->has_group = true;
    return STATUS_OK;
}

/** True where somebody accepts there: the path is in use by a living engine. */
static bool somebody_listens(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool connected = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                     errno == EAGAIN || errno == EINPROGRESS;
    close(fd);
    return connected;
}

static enum redress_status status_of_errno(void)
{
    return errno == EACCES || errno == EPERM || errno == EROFS ? STATUS_DENIED : STATUS_IO;
}

/** Only sockets are removed: a wrong path in the configuration must not cost a file. */
static enum redress_status remove_stale(const struct sockaddr_un *address)
{
    struct stat existing;
    if (lstat(address->sun_path, &existing) != 0)
        return errno == ENOENT ? STATUS_OK : status_of_errno();
    if (!S_ISSOCK(existing.st_mode) || somebody_listens(address))
        return STATUS_CONFLICT;
    return unlink(address->sun_path) == 0 ? STATUS_OK : status_of_errno();
}

static enum redress_status bind_listener(struct frontline_server *server)
{
    const char *path = server->settings.socket_path;
    server->address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof server->address.sun_path)
        return STATUS_INVALID;
    memcpy(server->address.sun_path, path, strlen(path) + 1);
    enum redress_status status = remove_stale(&server->address);
    if (status != STATUS_OK)
        return status;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return STATUS_IO;
    if (bind(fd, (const struct sockaddr *)&server->address, sizeof server->address) != 0) {
        status = status_of_errno();
        close(fd);
        return status;
    }
    server->listener_fd = fd;
    mode_t mode_max = server->has_group ? 0660 : 0600;
    mode_t mode = server->settings.mode ? server->settings.mode & mode_max : mode_max;
    /* Nobody can connect before listen(), so the mode is right before the first one tries. */
    if ((server->has_group && chown(path, (uid_t)-1, server->group) != 0) || chmod(path, mode) != 0)
        return status_of_errno();
    return listen(fd, 64) == 0 ? STATUS_OK : STATUS_IO;
}

static bool watch(const struct frontline_server *server, int fd, uint32_t index)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = index};
    return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static enum redress_status server_start(struct frontline_server *server)
{
    uint32_t count = server->connection_count;
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    server->connections = memory_allocate_array(count, sizeof *server->connections);
    if (!server->connections)
        return STATUS_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        server->connections[i].fd = -1;
    if (server->epoll_fd < 0)
        return STATUS_IO;
    if (!server->settings.socket_path)
        return STATUS_OK;
    enum redress_status status = find_group(server);
    if (status == STATUS_OK)
        status = bind_listener(server);
    if (status == STATUS_OK && !watch(server, server->listener_fd, LISTENER))
        status = STATUS_IO;
    return status;
}

enum redress_status frontline_server_open(struct frontline *frontline,
                                          const struct frontline_server_settings *settings,
                                          struct frontline_server **out)
{
    *out = NULL;
    struct frontline_server *server = memory_allocate(sizeof *server);
    if (!server)
        return STATUS_MEMORY;
    server->frontline = frontline;
    server->settings = *settings;
    server->sink = (struct claims_sink){settings->context, settings->on_acknowledged};
    server->listener_fd = -1;
    server->owner_next = FRONTLINE_OWNER_FIRST;
    server->connection_count = settings->readers_max;
    if (server->connection_count == 0 || server->connection_count > FRONTLINE_READERS_MAX)
        server->connection_count = FRONTLINE_READERS_MAX;
    enum redress_status status = server_start(server);
    if (status != STATUS_OK) {
        frontline_server_close(server);
        return status;
    }
    *out = server;
    return STATUS_OK;
}

static void count_readers(struct frontline_server *server, int64_t change)
{
    _Atomic uint64_t *readers = &server->frontline->figures.readers;
    uint64_t count = atomic_load_explicit(readers, memory_order_relaxed);
    atomic_store_explicit(readers, count + (uint64_t)change, memory_order_relaxed);
}

static void hang_up(struct frontline_server *server, struct connection *connection)
{
    close(connection->fd);
    connection->fd = -1;
    if (connection->owner == FRONTLINE_OWNER_NONE)
        return;
    claims_hang_up(server->frontline, &server->sink, connection->owner, server->now_ns);
    connection->owner = FRONTLINE_OWNER_NONE;
    count_readers(server, -1);
}

void frontline_server_close(struct frontline_server *server)
{
    if (!server)
        return;
    for (uint32_t i = 0; server->connections && i < server->connection_count; i++)
        if (server->connections[i].fd >= 0)
            hang_up(server, &server->connections[i]);
    if (server->listener_fd >= 0) {
        close(server->listener_fd);
        unlink(server->address.sun_path);
    }
    if (server->epoll_fd >= 0)
        close(server->epoll_fd);
    memory_free(server->connections);
    memory_free(server);
}

int frontline_server_fd(const struct frontline_server *server)
{
    return server->epoll_fd;
}

/** Our own user, root, and the configured group, as its own or as one of its further groups. */
static bool peer_is_welcome(const struct frontline_server *server, int fd, const struct ucred *peer)
{
    if (peer->uid == geteuid() || peer->uid == 0)
        return true;
    if (!server->has_group)
        return false;
    if (peer->gid == server->group)
        return true;
    gid_t groups[GROUPS_MAX];
    socklen_t size = sizeof groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
        return false;
    for (size_t i = 0; i < size / sizeof groups[0]; i++)
        if (groups[i] == server->group)
            return true;
    return false;
}

static struct connection *free_connection(struct frontline_server *server)
{
    for (uint32_t i = 0; i < server->connection_count; i++)
        if (server->connections[i].fd < 0)
            return &server->connections[i];
    return NULL;
}

/** Tells somebody who is not let in why; he need not have greeted. */
static void refuse(int fd, enum redress_status status)
{
    struct frontline_welcome welcome = {.magic = FRONTLINE_WIRE_MAGIC,
                                        .version = FRONTLINE_WIRE_VERSION,
                                        .status = (uint32_t)status};
    (void)send(fd, &welcome, sizeof welcome, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

static void accept_one(struct frontline_server *server, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        !peer_is_welcome(server, fd, &peer)) {
        LOG_WARN("frontline: a reader was refused", log_integer("peer_uid", (int64_t)peer.uid));
        refuse(fd, STATUS_DENIED);
        return;
    }
    struct connection *connection = free_connection(server);
    if (!connection) {
        refuse(fd, STATUS_FULL);
        return;
    }
    if (!watch(server, fd, (uint32_t)(connection - server->connections))) {
        refuse(fd, STATUS_IO);
        return;
    }
    *connection = (struct connection){.fd = fd, .since_ns = server->now_ns, .peer = peer};
}

static void accept_all(struct frontline_server *server)
{
    for (uint32_t i = 0; i < EVENTS_PER_STEP_MAX; i++) {
        int fd = accept4(server->listener_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        accept_one(server, fd);
    }
}

/** The next owner number nobody has; numbers come back as late as can be. */
static uint32_t next_owner(struct frontline_server *server)
{
    for (uint32_t i = 0; i <= FRONTLINE_OWNER_LAST; i++) {
        uint32_t owner = server->owner_next++;
        if (server->owner_next > FRONTLINE_OWNER_LAST)
            server->owner_next = FRONTLINE_OWNER_FIRST;
        if (!claims_is_attached(server->frontline, owner))
            return owner;
    }
    ASSERT(false); /* there are far fewer connections than numbers */
    return FRONTLINE_OWNER_NONE;
}

/** Sends the welcome together with both memfds. */
static bool send_welcome(const struct frontline_server *server, int fd,
                         const struct frontline_welcome *welcome)
{
    const int fds[2] = {server->frontline->records_fd, server->frontline->claims_fd};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof fds)];
    } control;
    memset(&control, 0, sizeof control);
    struct frontline_welcome copy = *welcome;
    struct iovec part = {.iov_base = &copy, .iov_len = sizeof copy};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(header), fds, sizeof fds);
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof copy;
}

/** False: hang up. */
static bool greet(struct frontline_server *server, struct connection *connection,
                  const char *packet, size_t size)
{
    struct frontline_hello hello;
    if (size != sizeof hello)
        return false;
    memcpy(&hello, packet, sizeof hello);
    struct frontline_welcome welcome = {
        .magic = FRONTLINE_WIRE_MAGIC, .version = FRONTLINE_WIRE_VERSION, .status = STATUS_INVALID};
    if (hello.magic != FRONTLINE_WIRE_MAGIC || hello.version != FRONTLINE_WIRE_VERSION) {
        (void)send(connection->fd, &welcome, sizeof welcome, MSG_DONTWAIT | MSG_NOSIGNAL);
        return false;
    }
    welcome.status = STATUS_OK;
    welcome.owner = next_owner(server);
    if (!send_welcome(server, connection->fd, &welcome))
        return false;
    connection->owner = welcome.owner;
    claims_attach(server->frontline, welcome.owner);
    count_readers(server, 1);
    LOG_INFO("frontline: a reader attached", log_integer("peer_pid", connection->peer.pid),
             log_integer("peer_uid", (int64_t)connection->peer.uid));
    return true;
}

static enum redress_status administer(const struct frontline_server *server,
                                      const struct connection *connection, const char *verb,
                                      size_t size)
{
    uid_t uid = connection->peer.uid;
    if (!server->settings.on_admin || (uid != geteuid() && uid != 0))
        return STATUS_DENIED;
    return server->settings.on_admin(server->settings.context, uid, verb, size);
}

/** False: hang up. */
static bool answer(struct frontline_server *server, const struct connection *connection,
                   const char *packet, size_t size)
{
    struct frontline_request request;
    if (size < sizeof request)
        return false;
    memcpy(&request, packet, sizeof request);
    struct frontline_reply reply = {.serial = request.serial};
    if (request.size != size - sizeof request)
        return false;
    switch (request.kind) {
    case FRONTLINE_REQUEST_NUDGE:
        return request.size == 0; /* the walk at the end of this step is the answer */
    case FRONTLINE_REQUEST_RENEW:
        reply.status =
            (uint32_t)claims_renew(server->frontline, &server->sink, request.slot, request.epoch,
                                   request.case_id, server->now_ns, &reply.expires_ns);
        break;
    case FRONTLINE_REQUEST_ADMIN:
        reply.status =
            (uint32_t)administer(server, connection, packet + sizeof request, request.size);
        break;
    default:
        return false;
    }
    return send(connection->fd, &reply, sizeof reply, MSG_DONTWAIT | MSG_NOSIGNAL) ==
           (ssize_t)sizeof reply;
}

static void serve(struct frontline_server *server, struct connection *connection)
{
    char packet[sizeof(struct frontline_request) + FRONTLINE_ADMIN_BYTES_MAX];
    for (uint32_t i = 0; i < PACKETS_PER_CONNECTION_MAX; i++) {
        /* With MSG_TRUNC the true size comes back, so a packet that was cut is seen as too long.
         * Descriptors that a reader sends along are closed by the kernel: we offer no room. */
        ssize_t size = recv(connection->fd, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        bool kept = size > 0 && (size_t)size <= sizeof packet;
        if (kept && connection->owner == FRONTLINE_OWNER_NONE)
            kept = greet(server, connection, packet, (size_t)size);
        else if (kept)
            kept = answer(server, connection, packet, (size_t)size);
        if (!kept) {
            hang_up(server, connection);
            return;
        }
    }
}

static void drop_silent(struct frontline_server *server)
{
    for (uint32_t i = 0; i < server->connection_count; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->fd >= 0 && connection->owner == FRONTLINE_OWNER_NONE &&
            server->now_ns > connection->since_ns &&
            server->now_ns - connection->since_ns > GREETING_NS)
            hang_up(server, connection);
    }
}

static void show_stats(const struct frontline *frontline)
{
    struct frontline_stats stats;
    uint64_t words[FRONTLINE_STATS_WORDS];
    frontline_read_stats(frontline, &stats);
    memcpy(words, &stats, sizeof words);
    for (uint32_t i = 0; i < FRONTLINE_STATS_WORDS; i++)
        atomic_store_explicit(&frontline->head->stats[i], words[i], memory_order_relaxed);
}

/* Whether readers that move a word may leave it at that: the next step is close. */
static void spare_nudges(const struct frontline_server *server, bool spared)
{
    /* Pairs with the exchange in reader_nudge: a reader sees this, or our next walk its word. */
    (void)atomic_exchange_explicit(&server->frontline->claims->nudged, spared,
                                   memory_order_acq_rel);
}

static void walk(struct frontline_server *server)
{
    server->busy = claims_walk(server->frontline, &server->sink, server->now_ns);
}

/* A nudge for each acknowledgement would cost a reader a system call and take its processor away:
 * after the first one the server comes by itself, until it finds nothing. */
static void look(struct frontline_server *server)
{
    bool was_busy = server->busy;
    if (was_busy)
        walk(server);
    if (!server->busy) {
        spare_nudges(server, false);
        walk(server);
    }
    if (server->busy && !was_busy)
        spare_nudges(server, true);
}

int frontline_server_wait_ms(const struct frontline_server *server)
{
    return server->busy ? FRONTLINE_BUSY_STEP_MS : FRONTLINE_STEP_MS;
}

void frontline_server_step(struct frontline_server *server, uint64_t now_ns)
{
    struct epoll_event events[EVENTS_PER_STEP_MAX];
    server->now_ns = now_ns;
    int count = epoll_wait(server->epoll_fd, events, EVENTS_PER_STEP_MAX, 0);
    for (int i = 0; i < count; i++) {
        uint32_t index = events[i].data.u32;
        if (index == LISTENER)
            accept_all(server);
        else if (server->connections[index].fd >= 0)
            serve(server, &server->connections[index]);
    }
    drop_silent(server);
    look(server);
    show_stats(server->frontline);
}
