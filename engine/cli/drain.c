/** redress drain: asks a running engine to finish what it holds and leave the consumer group. */
#include "cli/cli.h"

#include "config/settings.h"
#include "runtime/admin.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
    "usage: redress drain -c FILE | --admin SOCKET\n"
    "\n"
    "Asks the running engine to finish what it holds, store it and leave the consumer group, so\n"
    "that its partitions move to the others at once. Answers when the engine has taken the order.\n"
    "\n"
    "  -c, --config FILE    the configuration of that engine\n"
    "      --admin SOCKET   its admin socket\n"
    "      --verb VERB      another order: status, reload or stop\n"
    "      --help\n";

static int ask(const char *path, const char *verb)
{
    char reply[ADMIN_REPLY_BYTES_MAX + 1];
    if (admin_ask(path, verb, reply, sizeof reply) != STATUS_OK) {
        fprintf(stderr, "redress: no engine answers at %s; is it running, and yours?\n", path);
        return EXIT_ENVIRONMENT;
    }
    puts(reply);
    return EXIT_DONE;
}

static int ask_as_configured(const char *config, const char *verb)
{
    struct error_list errors = {0};
    const struct settings_surroundings surroundings = {.without_kafka = true};
    struct settings *settings = settings_load_file(config, &surroundings, &errors);
    error_list_print(&errors, stderr);
    if (!settings)
        return EXIT_ENVIRONMENT;
    int exit_code = ask(settings->admin_socket, verb);
    settings_free(settings);
    return exit_code;
}

int cli_drain(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"admin", required_argument, NULL, 'a'},
        {"verb", required_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *config = NULL;
    const char *admin = NULL;
    const char *verb = "drain";
    int option;
    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        if (option == 'c')
            config = optarg;
        else if (option == 'a')
            admin = optarg;
        else if (option == 'v')
            verb = optarg;
        else {
            fputs(usage, option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_DONE : EXIT_USAGE;
        }
    }
    if ((config == NULL) == (admin == NULL) || optind != argc) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return admin ? ask(admin, verb) : ask_as_configured(config, verb);
}
