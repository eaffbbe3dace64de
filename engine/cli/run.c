/** redress run: the engine. */
#include "cli/cli.h"

#include "base/log.h"
#include "runtime/assembly.h"
#include "runtime/engine.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: redress run -c FILE [OPTIONS]\n"
    "\n"
    "Reads the channels, judges every message, puts urgent cases into the frontline queue and\n"
    "gives each message its ending. SIGTERM drains and ends, SIGHUP loads the rules again.\n"
    "\n"
    "  -c, --config FILE    the configuration (redress config check -c FILE says what is wrong)\n"
    "      --replay FILE    read this JSON Lines file instead of Kafka, then end\n"
    "      --rate N         with --replay: N lines a second, whatever the engine does; default:\n"
    "                       full speed\n"
    "      --repeat N       with --replay: read the file N times\n"
    "      --output DIR     with --replay: append the records of each topic to DIR/TOPIC.jsonl\n"
    "                       instead of producing them to Kafka\n"
    "      --discard        count endings and forget them instead of producing them to Kafka\n"
    "      --help\n";

enum { LINES_PER_SECOND_MAX = 1000 * 1000 * 1000 };

struct run_arguments {
    const char *config;
    const char *replay;
    const char *output;
    uint64_t rate;
    uint32_t repeat;
    bool discard;
};

/* A whole decimal number from 1 to max; 0 where it is none. */
static uint64_t read_count(const char *text, uint64_t max)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && value <= max ? value : 0;
}

static int take_option(int option, struct run_arguments *arguments)
{
    switch (option) {
    case 'c':
        arguments->config = optarg;
        return EXIT_DONE;
    case 'r':
        arguments->replay = optarg;
        return EXIT_DONE;
    case 'n':
        arguments->rate = read_count(optarg, LINES_PER_SECOND_MAX);
        if (arguments->rate)
            return EXIT_DONE;
        fprintf(stderr, "redress run: --rate takes 1 to %d\n", LINES_PER_SECOND_MAX);
        return EXIT_USAGE;
    case 't':
        arguments->repeat = (uint32_t)read_count(optarg, UINT32_MAX);
        if (arguments->repeat)
            return EXIT_DONE;
        fprintf(stderr, "redress run: --repeat takes 1 to %u\n", UINT32_MAX);
        return EXIT_USAGE;
    case 'o':
        arguments->output = optarg;
        return EXIT_DONE;
    case 'd':
        arguments->discard = true;
        return EXIT_DONE;
    default:
        return EXIT_USAGE;
    }
}

static int refuse_usage(void)
{
    fputs("redress run --help says more\n", stderr);
    return EXIT_USAGE;
}

/* Answers -1 where the command goes on, else the exit code. */
static int parse(int argc, char **argv, struct run_arguments *arguments)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"replay", required_argument, NULL, 'r'},
        {"rate", required_argument, NULL, 'n'},   {"repeat", required_argument, NULL, 't'},
        {"output", required_argument, NULL, 'o'}, {"discard", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_DONE;
        }
        if (take_option(option, arguments) != EXIT_DONE)
            return refuse_usage();
    }
    bool output_fits = !arguments->output || (arguments->replay && !arguments->discard);
    if (arguments->config && optind == argc && output_fits)
        return -1;
    if (!output_fits)
        fprintf(stderr, "redress run: --output stands with --replay and without --discard\n");
    else if (optind < argc)
        fprintf(stderr, "redress run: \"%s\" is no option; the file stands behind -c\n",
                argv[optind]);
    else
        fprintf(stderr, "redress run: where is the configuration? -c FILE\n");
    return refuse_usage();
}

static struct settings *load_settings(const struct run_arguments *arguments)
{
    struct error_list errors = {0};
    const struct settings_surroundings surroundings = {
        .property_check = assembly_check_property,
        .without_kafka = arguments->replay && (arguments->discard || arguments->output),
    };
    struct settings *settings = settings_load_file(arguments->config, &surroundings, &errors);
    error_list_print(&errors, stderr);
    return settings;
}

static enum engine_output output_of(const struct run_arguments *arguments)
{
    if (arguments->output)
        return ENGINE_OUTPUT_FILES;
    return arguments->discard ? ENGINE_OUTPUT_MEMORY : ENGINE_OUTPUT_KAFKA;
}

static int run(const struct run_arguments *arguments, const struct settings *settings)
{
    const struct engine_options options = {
        .settings = settings,
        .replay_file = arguments->replay,
        .replay_lines_per_second = arguments->rate,
        .replay_repeat = arguments->repeat,
        .output = output_of(arguments),
        .output_folder = arguments->output,
        .handle_signals = true,
    };
    struct engine *engine;
    log_configure((enum log_level)settings->log_level, (enum log_format)settings->log_format);
    if (engine_create(&options, &engine) != STATUS_OK)
        return EXIT_ENVIRONMENT;
    int exit_code = engine_run(engine);
    engine_destroy(engine);
    return exit_code;
}

int cli_run(int argc, char **argv)
{
    struct run_arguments arguments = {0};
    int parsed = parse(argc, argv, &arguments);
    if (parsed >= 0)
        return parsed;
    engine_keep_signals();
    struct settings *settings = load_settings(&arguments);
    if (!settings)
        return EXIT_ENVIRONMENT;
    int exit_code = run(&arguments, settings);
    settings_free(settings);
    return exit_code;
}
