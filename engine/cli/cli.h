/**
 * The subcommands. Each parses its arguments, hands over to the stages and answers an exit code.
 *
 * Exit codes: 0 done, 1 the answer is no, 2 usage, 3 the environment failed.
 */
#ifndef REDRESS_CLI_CLI_H
#define REDRESS_CLI_CLI_H

enum exit_code { EXIT_DONE = 0, EXIT_ANSWER_NO = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

struct cli_command {
    const char *name;
    const char *summary;
    /** argv[0] is the subcommand's own name, as getopt_long(3) expects. */
    int (*run)(int argc, char **argv);
};

int cli_classify(int argc, char **argv);
int cli_config(int argc, char **argv);
int cli_demo(int argc, char **argv);
int cli_drain(int argc, char **argv);
int cli_dead_letters(int argc, char **argv);
int cli_frontline(int argc, char **argv);
int cli_rules(int argc, char **argv);
int cli_run(int argc, char **argv);

#endif
