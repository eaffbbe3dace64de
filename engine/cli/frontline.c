/**
 * redress frontline: a reader of the frontline queue.
 *
 * A claim made here belongs to its token and outlives this process, so that `ack TOKEN` works from
 * another one; with --hold it ends with this process, which then renews it until its input ends.
 */
#include "base/assert.h"
#include "base/json_writer.h"
#include "cli/cli.h"
#include "cli/frontline_print.h"
#include "config/settings.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DURABLE_WAIT_MS = 10000, TAIL_SLICE_MS = 1000, PATH_BYTES = 512 };

struct frontline_options {
    char socket[PATH_BYTES];
    const char *queues[QUEUES_MAX];
    uint32_t queue_count;
    int64_t wait_ms;
    uint64_t count; /* 0: no end */
    bool json;
    bool hold;
    bool no_wait;
    bool standing;
    bool help;
};

static const char usage[] =
    "usage: redress frontline tail      [--queue NAME]... [--standing] [--count N]\n"
    "       redress frontline claim     [--queue NAME]... [--wait SECONDS] [--hold]\n"
    "       redress frontline ack       [--no-wait] TOKEN...\n"
    "       redress frontline give-back TOKEN...\n"
    "\n"
    "  tail       shows cases as they are queued; --standing those that stand, then ends\n"
    "  claim      takes the gravest, oldest case and prints its token; 1 when there is none\n"
    "  ack        ends a claimed case, and waits until Kafka knows; 1 when the claim is over\n"
    "  give-back  puts a claimed case back for others\n"
    "\n"
    "  --socket PATH   of the engine (default: frontline.sock in its run folder)\n"
    "  --queue NAME    only these queues; may stand several times\n"
    "  --json          one JSON object a line\n"
    "  --wait SECONDS  how long claim waits for a case (default 0)\n"
    "  --keep          the claim outlives this process until its lease ends (the default)\n"
    "  --hold          keep the claim alive until standard input ends, then give it back\n"
    "  --no-wait       do not wait until the acknowledgement stands in Kafka\n"
    "  --count N       end after N cases\n";

static bool read_seconds(const char *text, int64_t *milliseconds)
{
    char *end;
    errno = 0;
    double seconds = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(seconds >= 0 && seconds <= 1e9))
        return false;
    *milliseconds = (int64_t)(seconds * 1000);
    return true;
}

static bool read_count(const char *text, uint64_t *count)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *count = value;
    return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

enum option_key {
    OPTION_SOCKET = 's',
    OPTION_QUEUE = 'q',
    OPTION_JSON = 'j',
    OPTION_WAIT = 'w',
    OPTION_COUNT = 'n',
    OPTION_KEEP = 'k',
    OPTION_HOLD = 'H',
    OPTION_NO_WAIT = 'N',
    OPTION_STANDING = 'a',
    OPTION_HELP = 'h'
};

static bool take_option(struct frontline_options *options, int key, const char *value)
{
    switch (key) {
    case OPTION_SOCKET:
        return (size_t)snprintf(options->socket, sizeof options->socket, "%s", value) <
               sizeof options->socket;
    case OPTION_QUEUE:
        if (options->queue_count == QUEUES_MAX)
            return false;
        options->queues[options->queue_count++] = value;
        return true;
    case OPTION_JSON:
        options->json = true;
        return true;
    case OPTION_WAIT:
        return read_seconds(value, &options->wait_ms);
    case OPTION_COUNT:
        return read_count(value, &options->count);
    case OPTION_KEEP:
        return !options->hold;
    case OPTION_HOLD:
        options->hold = true;
        return true;
    case OPTION_NO_WAIT:
        options->no_wait = true;
        return true;
    case OPTION_STANDING:
        options->standing = true;
        return true;
    case OPTION_HELP:
        options->help = true;
        return true;
    default:
        return false;
    }
}

static bool read_options(struct frontline_options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"socket", required_argument, NULL, OPTION_SOCKET},
        {"queue", required_argument, NULL, OPTION_QUEUE},
        {"json", no_argument, NULL, OPTION_JSON},
        {"wait", required_argument, NULL, OPTION_WAIT},
        {"count", required_argument, NULL, OPTION_COUNT},
        {"keep", no_argument, NULL, OPTION_KEEP},
        {"hold", no_argument, NULL, OPTION_HOLD},
        {"no-wait", no_argument, NULL, OPTION_NO_WAIT},
        {"standing", no_argument, NULL, OPTION_STANDING},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    char folder[PATH_BYTES - 32];
    settings_run_folder(folder, sizeof folder);
    (void)snprintf(options->socket, sizeof options->socket, "%s/frontline.sock", folder);
    int key;
    while ((key = getopt_long(argc, argv, "s:q:jw:n:h", names, NULL)) != -1)
        if (!take_option(options, key, optarg))
            return false;
    return true;
}

static struct frontline_reader *attach(const struct frontline_options *options)
{
    struct frontline_reader *reader = NULL;
    enum redress_status status = redress_frontline_attach(options->socket, &reader);
    const char *remedy = "";
    if (status == STATUS_OK)
        return reader;
    if (status == STATUS_NOT_FOUND)
        remedy = ": no engine listens there; is it running, and is --socket right?";
    else if (status == STATUS_DENIED)
        remedy = ": your user is not in the group that frontline.group names";
    else if (status == STATUS_FULL)
        remedy = ": the engine has as many readers as it takes";
    fprintf(stderr, "redress frontline: %s: %s%s\n", options->socket, redress_status_name(status),
            remedy);
    return NULL;
}

/** The set of queues that were asked for; 0 where one of them does not exist. */
static uint64_t find_queues(const struct frontline_reader *reader,
                            const struct frontline_options *options)
{
    uint64_t queues = 0;
    for (uint32_t i = 0; i < options->queue_count; i++) {
        uint64_t bit = redress_frontline_queue_bit(reader, options->queues[i]);
        if (bit == 0) {
            fprintf(stderr, "redress frontline: no queue \"%s\"; there are:", options->queues[i]);
            for (uint32_t n = 0; n < redress_frontline_queue_count(reader); n++)
                fprintf(stderr, " %s", redress_frontline_queue_name(reader, n));
            fputc('\n', stderr);
            return 0;
        }
        queues |= bit;
    }
    return options->queue_count == 0 ? REDRESS_FRONTLINE_ALL : queues;
}

static void print_case(const struct frontline_options *options,
                       const struct frontline_record *record, const struct frontline_token *token,
                       const char *state)
{
    if (options->json)
        frontline_print_json(stdout, record, token, state);
    else
        frontline_print_text(stdout, record, token, state);
}

static int say_stopped(void)
{
    fputs("redress frontline: the engine has hung up\n", stderr);
    return EXIT_ENVIRONMENT;
}

static int show_standing(struct frontline_reader *reader, uint64_t queues,
                         const struct frontline_options *options)
{
    static const char *const names[] = {"ready", "claimed", "acknowledged"};
    struct frontline_record record;
    enum frontline_case_state state;
    uint32_t cursor = 0;
    uint64_t shown = 0;
    enum redress_status status = STATUS_OK;
    while ((options->count == 0 || shown < options->count) && status == STATUS_OK) {
        status = redress_frontline_peek(reader, queues, &cursor, &record, &state);
        if (status != STATUS_OK)
            break;
        print_case(options, &record, NULL, names[state]);
        shown++;
    }
    return status == STATUS_STOPPED ? say_stopped() : EXIT_DONE;
}

static int run_tail(struct frontline_reader *reader, uint64_t queues,
                    const struct frontline_options *options)
{
    if (options->standing)
        return show_standing(reader, queues, options);
    struct frontline_record record;
    uint64_t shown = 0;
    uint64_t missed = 0;
    while (options->count == 0 || shown < options->count) {
        uint64_t missed_before = missed;
        enum redress_status status =
            redress_frontline_tail(reader, queues, TAIL_SLICE_MS, &record, &missed);
        if (missed != missed_before)
            fprintf(stderr, "redress frontline: %llu cases were gone before they could be shown\n",
                    (unsigned long long)(missed - missed_before));
        if (status == STATUS_STOPPED)
            return say_stopped();
        if (status != STATUS_OK)
            continue;
        print_case(options, &record, NULL, NULL);
        if (ferror(stdout))
            return EXIT_ENVIRONMENT;
        shown++;
    }
    return EXIT_DONE;
}

/** Renews until standard input ends or the lease is lost. */
static int hold_claim(struct frontline_reader *reader, struct frontline_token *token)
{
    int pause_ms = (int)(redress_frontline_lease_ms(reader) / 3 % 60000) + 1;
    while (true) {
        char bytes[256];
        struct pollfd wanted = {.fd = STDIN_FILENO, .events = POLLIN};
        int ready = poll(&wanted, 1, pause_ms);
        if (ready > 0 && read(STDIN_FILENO, bytes, sizeof bytes) <= 0)
            break;
        enum redress_status status = redress_frontline_renew(reader, token);
        if (status == STATUS_STOPPED)
            return say_stopped();
        if (status == STATUS_CONFLICT) {
            fputs("redress frontline: the claim is over\n", stderr);
            return EXIT_ANSWER_NO;
        }
    }
    /* A conflict here means that somebody has acknowledged it by its token meanwhile. */
    enum redress_status status = redress_frontline_give_back(reader, token);
    return status == STATUS_STOPPED ? say_stopped() : EXIT_DONE;
}

static int run_claim(struct frontline_reader *reader, uint64_t queues,
                     const struct frontline_options *options)
{
    struct frontline_record record;
    struct frontline_token token;
    uint32_t flags = options->hold ? 0 : FRONTLINE_CLAIM_KEEP;
    enum redress_status status = STATUS_EMPTY;
    while (status == STATUS_EMPTY) {
        status = redress_frontline_wait(reader, queues, FRONTLINE_WAIT_BLOCK, options->wait_ms);
        if (status == STATUS_OK)
            status = redress_frontline_claim(reader, queues, flags, &record, &token);
    }
    if (status == STATUS_STOPPED)
        return say_stopped();
    if (status != STATUS_OK) {
        fputs("redress frontline: nothing to claim\n", stderr);
        return EXIT_ANSWER_NO;
    }
    print_case(options, &record, &token, NULL);
    return options->hold ? hold_claim(reader, &token) : EXIT_DONE;
}

static int say_outcome(const struct frontline_options *options, const char *token,
                       enum redress_status status, bool durable)
{
    if (options->json) {
        char line[512];
        struct json_writer json;
        json_start(&json, line, sizeof line);
        json_object_open(&json);
        json_key(&json, "token");
        json_string(&json, token);
        json_key(&json, "status");
        json_string(&json, redress_status_name(status));
        json_key(&json, "durable");
        json_bool(&json, durable);
        json_object_close(&json);
        json_newline(&json);
        fwrite(line, 1, json.size, stdout);
    }
    if (status == STATUS_OK)
        return EXIT_DONE;
    if (status == STATUS_CONFLICT || status == STATUS_NOT_FOUND) {
        fputs("redress frontline: the claim is over (its lease ended, it was given back, or the "
              "engine was started anew)\n",
              stderr);
        return EXIT_ANSWER_NO;
    }
    fprintf(stderr, "redress frontline: %s\n",
            status == STATUS_TIMEOUT ? "acknowledged, but Kafka does not know yet"
                                     : "the engine has hung up; the case may come back");
    return EXIT_ENVIRONMENT;
}

static int end_one(struct frontline_reader *reader, const struct frontline_options *options,
                   const char *text, bool acknowledge)
{
    struct frontline_token token;
    bool durable = false;
    if (!redress_frontline_token_parse(text, &token)) {
        fprintf(stderr, "redress frontline: \"%.120s\" is no token\n", text);
        return EXIT_USAGE;
    }
    enum redress_status status = acknowledge ? redress_frontline_acknowledge(reader, &token)
                                             : redress_frontline_give_back(reader, &token);
    if (status == STATUS_OK && acknowledge && !options->no_wait) {
        status = redress_frontline_wait_durable(reader, &token, DURABLE_WAIT_MS);
        durable = status == STATUS_OK;
    }
    return say_outcome(options, text, status, durable);
}

static int run_verb(const struct frontline_options *options, const char *verb, char **tokens)
{
    bool acknowledge = strcmp(verb, "ack") == 0;
    struct frontline_reader *reader = attach(options);
    if (!reader)
        return EXIT_ENVIRONMENT;
    uint64_t queues = find_queues(reader, options);
    int code = EXIT_USAGE;
    if (queues != 0 && strcmp(verb, "tail") == 0)
        code = run_tail(reader, queues, options);
    else if (queues != 0 && strcmp(verb, "claim") == 0)
        code = run_claim(reader, queues, options);
    else if (queues != 0)
        for (code = EXIT_DONE; *tokens && code == EXIT_DONE; tokens++)
            code = end_one(reader, options, *tokens, acknowledge);
    redress_frontline_detach(reader);
    return code;
}

int cli_frontline(int argc, char **argv)
{
    struct frontline_options options = {0};
    if (!read_options(&options, argc, argv)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (options.help) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    const char *verb = optind < argc ? argv[optind] : "";
    char **tokens = argv + optind + 1;
    bool ends = strcmp(verb, "ack") == 0 || strcmp(verb, "give-back") == 0;
    bool looks = strcmp(verb, "tail") == 0 || strcmp(verb, "claim") == 0;
    if ((!ends && !looks) || (ends && !*tokens) || (looks && *tokens)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return run_verb(&options, verb, tokens);
}
