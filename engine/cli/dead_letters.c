/** redress dead-letters: what could not be read, and putting it back. */
#include "cli/dead_letters.h"

#include "base/json_writer.h"
#include "cli/cli.h"
#include "config/settings.h"
#include "egress/record.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { IDS_MAX = 1000, LINE_BYTES_MAX = 8 * 1024, TIMEOUT_MS = 30000 };

struct dead_letters_options {
    bool replay; /* the verb: replay, or list */
    bool json;
    bool all;
    bool help;
    const char *config_file;
    const char *brokers;
    const char *topic;
    const char *reason;
    uint64_t limit; /* 0: none */
    struct case_id ids[IDS_MAX];
    bool id_seen[IDS_MAX];
    uint32_t id_count;
    struct dead_letters_kafka kafka;
};

/* One run over the topic. */
struct pass {
    struct dead_letters_options *options;
    struct dead_letters_marks marks;    /* list */
    struct dead_letters_replay *replay; /* replay */
    FILE *out;
    uint64_t shown;
    uint64_t foreign; /* records that are no dead letters */
    uint64_t answers[DEAD_LETTERS_FAILED + 1];
};

static void print_usage(FILE *stream)
{
    fputs(
        "usage: redress dead-letters list [OPTIONS]\n"
        "       redress dead-letters replay --id CASE_ID... | --reason REASON | --all [OPTIONS]\n"
        "\n"
        "  list     what could not be read, oldest first in each partition\n"
        "  replay   puts originals back into their topics under their case ids, each once however\n"
        "           often it is asked; exit code 1 where one could not be put back\n"
        "\n"
        "  -c, --config FILE      brokers, properties and topic from the engine's configuration\n"
        "  -b, --brokers LIST     HOST:PORT,...; goes before the configuration\n"
        "  -X, --property N=V     a librdkafka property, any number of them\n"
        "  --topic TOPIC          redress.dead-letters by default\n"
        "  --reason REASON        only those (not_json, too_large, ...)\n"
        "  --id CASE_ID           only those; may be given often\n"
        "  --limit N              so many at most\n"
        "  --json                 JSON Lines\n",
        stream);
}

static int complain(const char *what, const char *value)
{
    fprintf(stderr, "redress dead-letters: %s%s%s\n", what, value ? " " : "", value ? value : "");
    return EXIT_USAGE;
}

static int add_property(struct dead_letters_options *options, const char *name, const char *value)
{
    if (options->kafka.property_count == DEAD_LETTERS_PROPERTIES_MAX)
        return complain("too many properties at", name);
    options->kafka.properties[options->kafka.property_count++] =
        (struct dead_letters_property){.name = name, .value = value};
    return EXIT_DONE;
}

static int read_property(struct dead_letters_options *options, char *argument)
{
    char *equals = strchr(argument, '=');
    if (!equals || equals == argument)
        return complain("a property is NAME=VALUE, not", argument);
    *equals = '\0';
    return add_property(options, argument, equals + 1);
}

static int read_id(struct dead_letters_options *options, const char *argument)
{
    struct slice text = {.data = argument, .size = (uint32_t)strlen(argument)};
    if (options->id_count == IDS_MAX)
        return complain("too many ids at", argument);
    if (!case_id_parse(text, &options->ids[options->id_count]))
        return complain("a case id is 32 hex digits, not", argument);
    options->id_count++;
    return EXIT_DONE;
}

static int read_reason(struct dead_letters_options *options, const char *argument)
{
    enum dead_reason reason;
    options->reason = argument;
    if (!redress_dead_reason_parse(argument, strlen(argument), &reason) || reason == DEAD_NONE)
        return complain("docs/schemas/dead-letter.json names the reasons; none is", argument);
    return EXIT_DONE;
}

static int read_limit(struct dead_letters_options *options, const char *argument)
{
    char *end;
    options->limit = strtoull(argument, &end, 10);
    if (*argument < '0' || *argument > '9' || *end || options->limit == 0)
        return complain("a limit is a number from 1, not", argument);
    return EXIT_DONE;
}

static int read_option(struct dead_letters_options *options, int option)
{
    switch (option) {
    case 'c':
        options->config_file = optarg;
        return EXIT_DONE;
    case 'b':
        options->brokers = optarg;
        return EXIT_DONE;
    case 'X':
        return read_property(options, optarg);
    case 't':
        options->topic = optarg;
        return EXIT_DONE;
    case 'r':
        return read_reason(options, optarg);
    case 'i':
        return read_id(options, optarg);
    case 'n':
        return read_limit(options, optarg);
    case 'j':
        options->json = true;
        return EXIT_DONE;
    case 'a':
        options->all = true;
        return EXIT_DONE;
    case 'h':
        options->help = true;
        return EXIT_DONE;
    default:
        return EXIT_USAGE; /* getopt has said which */
    }
}

static int read_verb(struct dead_letters_options *options, int argc, char **argv)
{
    if (optind == argc)
        return complain("list or replay?", NULL);
    const char *verb = argv[optind++];
    options->replay = strcmp(verb, "replay") == 0;
    if (!options->replay && strcmp(verb, "list") != 0)
        return complain("list or replay, not", verb);
    if (optind < argc)
        return complain("what is", argv[optind]);
    if (options->replay && !options->all && !options->reason && options->id_count == 0)
        return complain("replay needs --id, --reason or --all", NULL);
    return EXIT_DONE;
}

static int read_arguments(struct dead_letters_options *options, int argc, char **argv)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"brokers", required_argument, NULL, 'b'},
        {"property", required_argument, NULL, 'X'},
        {"topic", required_argument, NULL, 't'},
        {"reason", required_argument, NULL, 'r'},
        {"id", required_argument, NULL, 'i'},
        {"limit", required_argument, NULL, 'n'},
        {"json", no_argument, NULL, 'j'},
        {"all", no_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    optind = 0; /* glibc: start anew, also when the same process parses a second time */
    while ((option = getopt_long(argc, argv, "c:b:X:h", known, NULL)) != -1) {
        int code = read_option(options, option);
        if (code != EXIT_DONE)
            return code;
    }
    return options->help ? EXIT_DONE : read_verb(options, argc, argv);
}

static int add_settings_properties(struct dead_letters_options *options,
                                   const struct settings_properties *properties)
{
    int code = EXIT_DONE;
    for (size_t index = 0; index < properties->count && code == EXIT_DONE; index++)
        code = add_property(options, properties->items[index].name, properties->items[index].value);
    return code;
}

/* Only what both kinds of client take; those for one kind may be unknown to the other. */
static int use_settings(struct dead_letters_options *options, const struct settings *settings)
{
    if (!options->topic)
        options->topic = settings->topic_dead_letters;
    if (!options->brokers)
        options->brokers = settings->brokers;
    return add_settings_properties(options, &settings->kafka);
}

static int load_settings(struct dead_letters_options *options, struct settings **out)
{
    static struct error_list errors;
    errors.count = 0;
    const struct settings_surroundings surroundings = {.without_kafka = options->brokers != NULL};
    *out = settings_load_file(options->config_file, &surroundings, &errors);
    if (!*out) {
        error_list_print(&errors, stderr);
        return EXIT_ENVIRONMENT;
    }
    return use_settings(options, *out);
}

/* The records. */

static bool is_wanted(struct dead_letters_options *options, const struct dead_letter *letter)
{
    if (options->reason && strcmp(options->reason, letter->reason) != 0)
        return false;
    for (uint32_t index = 0; index < options->id_count; index++) {
        if (options->ids[index].high == letter->case_id.high &&
            options->ids[index].low == letter->case_id.low) {
            options->id_seen[index] = true;
            return true;
        }
    }
    return options->id_count == 0;
}

/* What came from outside may hold bytes that a terminal would obey. */
static void print_plain(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || *text == 0x7F ? '?' : *text, out);
}

static const char *kept_name(const struct dead_letter *letter)
{
    return dead_letter_is_whole(letter) ? "whole" : "reference";
}

static void print_json(const struct pass *pass, const struct dead_letter *letter,
                       const char *answer_key, const char *answer)
{
    char line[LINE_BYTES_MAX];
    struct json_writer json;
    json_start(&json, line, sizeof line);
    json_object_open(&json);
    json_key(&json, "case_id");
    json_hex_128(&json, letter->case_id.high, letter->case_id.low);
    json_key(&json, answer_key);
    json_string(&json, answer);
    json_key(&json, "reason");
    json_string(&json, letter->reason);
    json_key(&json, "detail");
    json_string(&json, letter->detail);
    json_key(&json, "channel");
    json_string(&json, letter->channel);
    json_key(&json, "topic");
    json_string(&json, letter->topic);
    json_key(&json, "partition");
    json_integer(&json, letter->partition);
    json_key(&json, "offset");
    json_integer(&json, letter->offset);
    json_key(&json, "bytes");
    json_unsigned(&json, letter->payload_bytes);
    json_key(&json, "kept");
    json_string(&json, kept_name(letter));
    json_object_close(&json);
    json_newline(&json);
    if (!json.overflow)
        fwrite(line, 1, json.size, pass->out);
    else
        fputs("{\"error\":\"a dead letter with texts too long to show\"}\n", pass->out);
}

static void print_row(const struct pass *pass, const struct dead_letter *letter, const char *answer)
{
    char id[CASE_ID_DIGITS + 1];
    case_id_format(letter->case_id, id);
    fprintf(pass->out, "%s  %-10s  ", id, answer);
    print_plain(pass->out, letter->reason);
    fprintf(pass->out, "  ");
    print_plain(pass->out, letter->topic);
    fprintf(pass->out, "/%" PRId32 "/%" PRId64 "  %" PRIu64 " B  %s  ", letter->partition,
            letter->offset, letter->payload_bytes, kept_name(letter));
    print_plain(pass->out, letter->detail);
    fputc('\n', pass->out);
}

static enum redress_status list_one(struct pass *pass, const struct dead_letter *letter)
{
    const char *state = dead_letters_marks_has(&pass->marks, letter) ? "replayed" : "waiting";
    if (pass->options->json)
        print_json(pass, letter, "state", state);
    else
        print_row(pass, letter, state);
    return STATUS_OK;
}

static enum redress_status replay_one(struct pass *pass, const struct dead_letter *letter)
{
    static const char *const names[] = {
        [DEAD_LETTERS_REPLAYED] = "replayed", [DEAD_LETTERS_ALREADY] = "already",
        [DEAD_LETTERS_GONE] = "gone",         [DEAD_LETTERS_OTHER_SOURCE] = "other",
        [DEAD_LETTERS_FAILED] = "failed",
    };
    enum dead_letters_answer answer = dead_letters_replay_one(pass->replay, letter);
    pass->answers[answer]++;
    if (pass->options->json)
        print_json(pass, letter, "answer", names[answer]);
    else
        print_row(pass, letter, names[answer]);
    return answer == DEAD_LETTERS_FAILED ? STATUS_IO : STATUS_OK;
}

static enum redress_status visit_letter(void *context, const rd_kafka_message_t *record)
{
    struct pass *pass = context;
    struct arena arena = {0};
    struct dead_letter letter;
    enum redress_status status = dead_letter_parse(record->payload, record->len, &arena, &letter);
    letter.own_partition = record->partition;
    letter.own_offset = record->offset;
    if (status == STATUS_INVALID) {
        pass->foreign++;
        status = STATUS_OK;
    } else if (status == STATUS_OK && is_wanted(pass->options, &letter)) {
        status = pass->replay ? replay_one(pass, &letter) : list_one(pass, &letter);
        if (status == STATUS_OK && ++pass->shown == pass->options->limit)
            status = STATUS_STOPPED;
    }
    arena_free(&arena);
    return status;
}

/* Says what was asked for and is not there; answers how many that are. */
static uint32_t count_unseen(const struct dead_letters_options *options)
{
    uint32_t unseen = 0;
    for (uint32_t index = 0; index < options->id_count; index++) {
        char id[CASE_ID_DIGITS + 1];
        if (options->id_seen[index])
            continue;
        case_id_format(options->ids[index], id);
        fprintf(stderr, "redress dead-letters: %s has no dead letter of case %s\n",
                options->kafka.topic, id);
        unseen++;
    }
    return unseen;
}

static int report(const struct pass *pass, enum redress_status status)
{
    if (status != STATUS_OK && status != STATUS_STOPPED) {
        fprintf(stderr, "redress dead-letters: %s\n",
                status == STATUS_MEMORY ? "out of memory" : pass->options->kafka.error);
        return EXIT_ENVIRONMENT;
    }
    if (pass->foreign)
        fprintf(stderr, "redress dead-letters: %" PRIu64 " records of %s are no dead letters\n",
                pass->foreign, pass->options->kafka.topic);
    if (pass->replay)
        fprintf(stderr,
                "redress dead-letters: %" PRIu64 " put back, %" PRIu64 " were already, %" PRIu64
                " are kept by reference and gone from their topic\n",
                pass->answers[DEAD_LETTERS_REPLAYED], pass->answers[DEAD_LETTERS_ALREADY],
                pass->answers[DEAD_LETTERS_GONE] + pass->answers[DEAD_LETTERS_OTHER_SOURCE]);
    /* With a limit the reading may have stopped before what was asked for. */
    bool unseen = status == STATUS_OK && count_unseen(pass->options) > 0;
    bool lost = pass->answers[DEAD_LETTERS_GONE] + pass->answers[DEAD_LETTERS_OTHER_SOURCE] > 0;
    return unseen || lost ? EXIT_ANSWER_NO : EXIT_DONE;
}

static int run(struct dead_letters_options *options)
{
    struct dead_letters_kafka *kafka = &options->kafka;
    kafka->topic = options->topic ? options->topic : "redress.dead-letters";
    kafka->timeout_ms = TIMEOUT_MS;
    if (!options->brokers)
        return complain("where is Kafka? --brokers HOST:PORT or --config FILE", NULL);
    if (add_property(options, "bootstrap.servers", options->brokers) != EXIT_DONE)
        return EXIT_USAGE;
    struct pass pass = {.options = options, .out = stdout};
    enum redress_status status = options->replay ? dead_letters_replay_open(kafka, &pass.replay)
                                                 : dead_letters_marks_load(kafka, &pass.marks);
    if (status == STATUS_OK)
        status = dead_letters_read_topic(
            kafka, kafka->topic,
            (struct dead_letters_visitor){.visit = visit_letter, .context = &pass});
    int code = report(&pass, status);
    if (pass.replay)
        dead_letters_replay_close(pass.replay);
    dead_letters_marks_free(&pass.marks);
    return code;
}

int cli_dead_letters(int argc, char **argv)
{
    static struct dead_letters_options options;
    memset(&options, 0, sizeof options);
    struct settings *settings = NULL;
    int code = read_arguments(&options, argc, argv);
    if (options.help && code == EXIT_DONE) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    if (code == EXIT_DONE && options.config_file)
        code = load_settings(&options, &settings);
    if (code == EXIT_DONE)
        code = run(&options);
    if (code == EXIT_USAGE)
        fputs("redress dead-letters --help says more\n", stderr);
    settings_free(settings);
    return code;
}
