/**
 * A reader's life: the handshake, the mappings, the end. Everything the engine sends is checked
 * against the sizes of what was mapped, so that a wrong engine costs an error and not a crash.
 */
#include "frontline/reader.h"

#include "frontline/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { HANDSHAKE_TIMEOUT_MS = 5000 };

uint64_t reader_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t reader_deadline_ns(int64_t timeout_ms)
{
    uint64_t now_ns = reader_now_ns();
    if (timeout_ms < 0 || (uint64_t)timeout_ms > (UINT64_MAX - now_ns) / 1000000)
        return UINT64_MAX;
    return now_ns + (uint64_t)timeout_ms * 1000000;
}

static enum redress_status connect_to(const char *path, int *fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return STATUS_INVALID;
    memcpy(address.sun_path, path, strlen(path) + 1);
    *fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return STATUS_IO;
    if (connect(*fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return STATUS_OK;
    if (errno == EACCES || errno == EPERM)
        return STATUS_DENIED;
    return errno == ENOENT || errno == ECONNREFUSED ? STATUS_NOT_FOUND : STATUS_IO;
}

/** Takes the descriptors out of a control message; closes those beyond the two we know. */
static void take_descriptors(struct msghdr *message, int fds[2])
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            if (i < 2 && fds[i] < 0)
                fds[i] = fd;
            else
                close(fd);
        }
    }
}

static enum redress_status receive_welcome(int fd, struct frontline_welcome *welcome, int fds[2])
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = welcome, .iov_len = sizeof *welcome};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    if (poll(&wanted, 1, HANDSHAKE_TIMEOUT_MS) != 1)
        return STATUS_TIMEOUT;
    ssize_t size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0)
        return STATUS_IO;
    take_descriptors(&message, fds);
    if (size == 0)
        return STATUS_STOPPED;
    if ((size_t)size != sizeof *welcome || welcome->magic != FRONTLINE_WIRE_MAGIC ||
        welcome->version != FRONTLINE_WIRE_VERSION || welcome->status >= STATUS_COUNT)
        return STATUS_INVALID;
    return (enum redress_status)welcome->status;
}

/** A mapping that cannot shrink under us; NULL otherwise. */
static void *map_sealed(int fd, int protection, uint64_t size)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat facts;
    if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &facts) != 0 ||
        (uint64_t)facts.st_size < size || size == 0)
        return NULL;
    void *map = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return NULL;
    /* A wish: without it each slot's first case costs a fault here as well. */
    if (size <= FRONTLINE_POPULATED_BYTES_MAX)
        (void)madvise(map, size,
                      protection & PROT_WRITE ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    return map;
}

static bool head_is_sound(const struct frontline_head *head, struct frontline_geometry *geometry)
{
    if (head->magic != FRONTLINE_LAYOUT_MAGIC || head->version != FRONTLINE_LAYOUT_VERSION ||
        head->record_bytes != FRONTLINE_RECORD_BYTES || head->producer_count == 0 ||
        head->producer_count > WORKERS_MAX + 1 || head->queue_count == 0 ||
        head->queue_count > QUEUES_MAX || head->slots_per_ring == 0 ||
        head->slots_per_ring > 1u << 16 || (head->slots_per_ring & (head->slots_per_ring - 1)) != 0)
        return false;
    for (uint32_t i = 0; i < head->queue_count; i++)
        if (!memchr(head->queue_names[i], '\0', FRONTLINE_QUEUE_BYTES))
            return false;
    *geometry = frontline_geometry(head->producer_count, head->queue_count, head->slots_per_ring);
    return head->records_bytes == geometry->records_bytes &&
           head->claims_bytes == geometry->claims_bytes;
}

static enum redress_status read_head(int fd, struct frontline_geometry *geometry)
{
    struct frontline_head *head = map_sealed(fd, PROT_READ, sizeof *head);
    if (!head)
        return STATUS_INVALID;
    bool sound = head_is_sound(head, geometry);
    munmap(head, sizeof *head);
    return sound ? STATUS_OK : STATUS_INVALID;
}

static enum redress_status reader_build(const struct frontline_geometry *geometry, int records_fd,
                                        int claims_fd, struct frontline_reader **out)
{
    uint64_t bytes = sizeof(struct frontline_reader) + geometry->ring_count * sizeof(uint64_t);
    struct frontline_reader *reader =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reader == MAP_FAILED)
        return STATUS_MEMORY;
    *out = reader;
    reader->fd = -1;
    reader->map_bytes = bytes;
    reader->geometry = *geometry;
    reader->tail_positions = (uint64_t *)(void *)(reader + 1);
    const char *map = map_sealed(records_fd, PROT_READ, geometry->records_bytes);
    reader->records_map = map;
    reader->claims = map_sealed(claims_fd, PROT_READ | PROT_WRITE, geometry->claims_bytes);
    if (!map || !reader->claims)
        return STATUS_INVALID;
    reader->head = (const struct frontline_head *)(const void *)map;
    reader->ring_heads = (const struct frontline_ring_head *)(const void *)(map + geometry->rings);
    reader->logs = (const _Atomic uint32_t *)(const void *)(map + geometry->logs);
    reader->standing_bits = (const _Atomic uint64_t *)(const void *)(map + geometry->standing);
    reader->orders = (const _Atomic uint64_t *)(const void *)(map + geometry->orders);
    reader->slot_heads = (const struct frontline_slot_head *)(const void *)(map + geometry->slots);
    reader->records =
        (const struct frontline_shared_record *)(const void *)(map + geometry->records);
    reader->producer_count = reader->head->producer_count;
    reader->queue_count = reader->head->queue_count;
    reader->slots_per_ring = reader->head->slots_per_ring;
    reader->lease_ns = reader->head->lease_ns;
    reader->instance = reader->head->instance;
    for (uint32_t i = 0; i < geometry->ring_count; i++)
        reader->tail_positions[i] =
            atomic_load_explicit(&reader->ring_heads[i].published, memory_order_acquire);
    return STATUS_OK;
}

static enum redress_status shake_hands(int fd, int fds[2], struct frontline_reader **out)
{
    const struct frontline_hello hello = {FRONTLINE_WIRE_MAGIC, FRONTLINE_WIRE_VERSION};
    struct frontline_welcome welcome = {0};
    /* Fails where the engine has refused us already; its reason is then waiting to be read. */
    (void)send(fd, &hello, sizeof hello, MSG_NOSIGNAL);
    enum redress_status status = receive_welcome(fd, &welcome, fds);
    if (status != STATUS_OK)
        return status;
    if (fds[0] < 0 || fds[1] < 0 || welcome.owner < FRONTLINE_OWNER_FIRST ||
        welcome.owner > FRONTLINE_OWNER_LAST)
        return STATUS_INVALID;
    struct frontline_geometry geometry;
    status = read_head(fds[0], &geometry);
    if (status == STATUS_OK)
        status = reader_build(&geometry, fds[0], fds[1], out);
    if (status == STATUS_OK)
        (*out)->owner = welcome.owner;
    return status;
}

enum redress_status redress_frontline_attach(const char *socket_path, struct frontline_reader **out)
{
    int fd = -1;
    int fds[2] = {-1, -1};
    *out = NULL;
    enum redress_status status = connect_to(socket_path, &fd);
    if (status == STATUS_OK)
        status = shake_hands(fd, fds, out);
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]); /* the mappings stay */
    if (status == STATUS_OK) {
        (*out)->fd = fd;
        return STATUS_OK;
    }
    redress_frontline_detach(*out);
    *out = NULL;
    if (fd >= 0)
        close(fd);
    return status;
}

void redress_frontline_detach(struct frontline_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    if (reader->records_map)
        munmap((void *)(uintptr_t)reader->records_map, reader->geometry.records_bytes);
    if (reader->claims)
        munmap(reader->claims, reader->geometry.claims_bytes);
    munmap(reader, reader->map_bytes);
}

uint32_t redress_frontline_queue_count(const struct frontline_reader *reader)
{
    return reader->queue_count;
}

const char *redress_frontline_queue_name(const struct frontline_reader *reader,
                                         uint32_t queue_index)
{
    return queue_index < reader->queue_count ? reader->head->queue_names[queue_index] : "";
}

uint64_t redress_frontline_queue_bit(const struct frontline_reader *reader, const char *name)
{
    for (uint32_t i = 0; i < reader->queue_count; i++)
        if (strcmp(reader->head->queue_names[i], name) == 0)
            return UINT64_C(1) << i;
    return 0;
}

uint64_t redress_frontline_lease_ms(const struct frontline_reader *reader)
{
    return reader->lease_ns / 1000000;
}

int redress_frontline_fd(const struct frontline_reader *reader)
{
    return reader->fd;
}

bool reader_is_stopped(struct frontline_reader *reader)
{
    char byte;
    if (reader->stopped)
        return true;
    ssize_t size = recv(reader->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    reader->stopped = size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
    return reader->stopped;
}

void reader_nudge(const struct frontline_reader *reader)
{
    const struct frontline_request request = {.kind = FRONTLINE_REQUEST_NUDGE};
    /* Pairs with the exchange in spare_nudges (server.c): it sees our word, or we see its 0. */
    if (atomic_exchange_explicit(&reader->claims->nudged, 1, memory_order_acq_rel) != 0)
        return;
    (void)send(reader->fd, &request, sizeof request, MSG_DONTWAIT | MSG_NOSIGNAL);
}

enum redress_status redress_frontline_stats(struct frontline_reader *reader,
                                            struct frontline_stats *stats)
{
    uint64_t words[FRONTLINE_STATS_WORDS];
    for (uint32_t i = 0; i < FRONTLINE_STATS_WORDS; i++)
        words[i] = atomic_load_explicit(&reader->head->stats[i], memory_order_relaxed);
    memcpy(stats, words, sizeof words);
    return reader_is_stopped(reader) ? STATUS_STOPPED : STATUS_OK;
}
