/** redress classify: verdicts for JSON Lines, without Kafka. */
#include "base/error_list.h"
#include "base/memory.h"
#include "classify/rule_set.h"
#include "cli/cli.h"
#include "cli/rules_path.h"
#include "runtime/classify_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: redress classify [--rules DIR] [--override DIR] [--explain] [--threads N] [FILE]\n\n"
    "Reads JSON Lines ({\"id\", \"text\", \"language\", ...; only the text is required) from FILE "
    "or\n"
    "standard input and writes one line for each, in the same order: the verdict, or\n"
    "{\"line\", \"error\"} where a line cannot be read.\n\n"
    "  --rules DIR   the rules folder (default: $REDRESS_RULES, ./rules, the installed one)\n"
    "  --override DIR  what the site changes of them (rules/README.md)\n"
    "  --explain     say what every rule gave and which composites hold\n"
    "  --threads N   how many threads work (default: one a processor)\n";

struct classify_options {
    const char *rules;
    const char *override;
    const char *file;
    unsigned threads;
    bool explain;
};

static unsigned default_threads(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (online < 1)
        return 1;
    return online > CLASSIFY_THREADS_MAX ? CLASSIFY_THREADS_MAX : (unsigned)online;
}

/* False where the command line is wrong; *help where only help was asked for. */
static bool parse(int argc, char **argv, struct classify_options *options, bool *help)
{
    static const struct option known[] = {
        {"rules", required_argument, NULL, 'r'},    {"threads", required_argument, NULL, 't'},
        {"override", required_argument, NULL, 'o'}, {"explain", no_argument, NULL, 'e'},
        {"json", no_argument, NULL, 'j'}, /* always so */
        {"help", no_argument, NULL, 'h'},           {0}};
    *options = (struct classify_options){.threads = default_threads()};
    for (int option = 0; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
        char *end = NULL;
        unsigned long threads = 0;
        if (option == 'r') {
            options->rules = optarg;
        } else if (option == 'o') {
            options->override = optarg;
        } else if (option == 'e') {
            options->explain = true;
        } else if (option == 't') {
            threads = strtoul(optarg, &end, 10);
            if (*end || threads < 1 || threads > CLASSIFY_THREADS_MAX) {
                fprintf(stderr, "redress classify: --threads takes 1 to %d\n",
                        CLASSIFY_THREADS_MAX);
                return false;
            }
            options->threads = (unsigned)threads;
        } else if (option == 'h') {
            *help = true;
        } else if (option != 'j') {
            return false;
        }
    }
    if (optind < argc)
        options->file = argv[optind++];
    return optind == argc;
}

static int classify_file(const struct classify_options *options, const struct rule_set *rule_set)
{
    bool named = options->file && strcmp(options->file, "-") != 0;
    int fd = named ? open(options->file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (fd < 0) {
        fprintf(stderr, "redress classify: %s: %s\n", options->file, strerror(errno));
        return EXIT_ENVIRONMENT;
    }
    const struct classify_stream stream = {.rule_set = rule_set,
                                           .threads = options->threads,
                                           .explain = options->explain,
                                           .input_fd = fd,
                                           .output_fd = STDOUT_FILENO};
    struct classify_totals totals;
    enum redress_status status = classify_stream_run(&stream, &totals);
    if (status != STATUS_OK)
        fprintf(stderr, "redress classify: %s\n",
                status == STATUS_IO ? strerror(errno) : redress_status_name(status));
    if (named)
        close(fd);
    return status == STATUS_OK ? EXIT_DONE : EXIT_ENVIRONMENT;
}

int cli_classify(int argc, char **argv)
{
    struct classify_options options;
    bool help = false;
    if (!parse(argc, argv, &options, &help)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (help) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    struct error_list *errors = memory_allocate(sizeof *errors);
    struct rule_set *rule_set = NULL;
    enum redress_status status = errors
                                     ? rule_set_load_overridden(rules_path(options.rules),
                                                                options.override, errors, &rule_set)
                                     : STATUS_MEMORY;
    if (errors)
        error_list_print(errors, stderr);
    memory_free(errors);
    if (status == STATUS_INVALID)
        return EXIT_ANSWER_NO;
    if (status != STATUS_OK) {
        fprintf(stderr, "redress classify: %s\n", redress_status_name(status));
        return EXIT_ENVIRONMENT;
    }
    int result = classify_file(&options, rule_set);
    redress_rule_set_free(rule_set);
    return result;
}
