/** Finds the subcommand and hands over. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static const struct cli_command commands[] = {
    {"classify", "verdicts for JSON Lines, without Kafka", cli_classify},
    {"config", "check or show the configuration", cli_config},
    {"dead-letters", "show what could not be read, put it back", cli_dead_letters},
    {"demo", "the whole engine on a mock cluster, with sample traffic", cli_demo},
    {"drain", "ask a running engine to finish and leave its group", cli_drain},
    {"frontline", "read the frontline queue", cli_frontline},
    {"rules", "check and test rule packs", cli_rules},
    {"run", "the engine", cli_run},
    {0},
};

static void print_usage(FILE *stream)
{
    fputs("usage: redress COMMAND [OPTIONS]\n\n", stream);
    for (const struct cli_command *command = commands; command->name; command++)
        fprintf(stream, "  %-14s %s\n", command->name, command->summary);
    fputs("\nredress COMMAND --help says more. Exit codes: 0 done, 1 the answer is no, 2 usage,\n"
          "3 the environment failed.\n",
          stream);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    for (const struct cli_command *command = commands; command->name; command++)
        if (strcmp(command->name, argv[1]) == 0)
            return command->run(argc - 1, argv + 1);
    fprintf(stderr, "redress: no command \"%s\"; redress --help lists them\n", argv[1]);
    return EXIT_USAGE;
}
