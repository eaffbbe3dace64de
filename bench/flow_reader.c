/*
 * A reader of the frontline queue in a process of its own: claims and acknowledges every case and
 * notes when it could be claimed.
 *
 *   flow_reader SOCKET SAMPLES [--spin] [--sent-in-id]
 *
 * SAMPLES gets three little-endian 64-bit numbers a case, in nanoseconds of CLOCK_MONOTONIC: when
 * the message was due (with --sent-in-id: the number that its id is), when the engine put the case
 * into the queue, and when this process saw it. Cases that history raised or that come back from a
 * topic are acknowledged and not noted. Ends when the engine hangs up. Exit 3: no engine within a
 * minute.
 */
#include <redress/frontline.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { CASES_MAX = 8 * 1000 * 1000, ATTACH_TRIES = 6000, ATTACH_PAUSE_NS = 10 * 1000 * 1000 };

struct seen_case {
    uint64_t due_ns;
    uint64_t queued_ns;
    uint64_t seen_ns;
};

struct options {
    const char *socket;
    const char *samples;
    enum frontline_wait_mode mode;
    bool sent_in_id;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    *options = (struct options){.mode = FRONTLINE_WAIT_BLOCK};
    if (argc < 3)
        return false;
    options->socket = argv[1];
    options->samples = argv[2];
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--spin") == 0)
            options->mode = FRONTLINE_WAIT_SPIN;
        else if (strcmp(argv[i], "--sent-in-id") == 0)
            options->sent_in_id = true;
        else
            return false;
    }
    return true;
}

static struct frontline_reader *attach(const char *socket)
{
    struct frontline_reader *reader;
    for (int tries = 0; tries < ATTACH_TRIES; tries++) {
        if (redress_frontline_attach(socket, &reader) == STATUS_OK)
            return reader;
        nanosleep(&(struct timespec){.tv_nsec = ATTACH_PAUSE_NS}, NULL);
    }
    return NULL;
}

static uint64_t due_of(const struct options *options, const struct frontline_record *record)
{
    return options->sent_in_id ? strtoull(record->message_id, NULL, 10) : record->received_ns;
}

/* What one process pays for; the pages are touched as they fill. */
static uint32_t read_all(struct frontline_reader *reader, const struct options *options,
                         struct seen_case *cases)
{
    struct frontline_record record;
    struct frontline_token token;
    uint32_t count = 0;
    while (redress_frontline_wait(reader, REDRESS_FRONTLINE_ALL, options->mode, -1) == STATUS_OK) {
        uint64_t seen_ns = now_ns();
        if (redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, 0, &record, &token) != STATUS_OK)
            continue;
        bool is_first = record.revision == 0 && (record.flags & FRONTLINE_REFILLED) == 0;
        if (is_first && count < CASES_MAX)
            cases[count++] =
                (struct seen_case){due_of(options, &record), record.queued_ns, seen_ns};
        if (redress_frontline_acknowledge(reader, &token) == STATUS_STOPPED)
            break;
    }
    return count;
}

static bool write_cases(const char *path, const struct seen_case *cases, uint32_t count)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    bool whole = fwrite(cases, sizeof *cases, count, file) == count;
    return fclose(file) == 0 && whole;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: flow_reader SOCKET SAMPLES [--spin] [--sent-in-id]\n");
        return 2;
    }
    struct seen_case *cases = mmap(NULL, CASES_MAX * sizeof *cases, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct frontline_reader *reader = cases == MAP_FAILED ? NULL : attach(options.socket);
    if (!reader) {
        fprintf(stderr, "flow_reader: no engine at %s\n", options.socket);
        return 3;
    }
    fprintf(stderr, "attached\n");
    uint32_t count = read_all(reader, &options, cases);
    redress_frontline_detach(reader);
    return write_cases(options.samples, cases, count) ? 0 : 3;
}
