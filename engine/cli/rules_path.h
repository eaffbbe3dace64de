/** Where a command finds the rules when nobody says. */
#ifndef REDRESS_CLI_RULES_PATH_H
#define REDRESS_CLI_RULES_PATH_H

/** `given`, or $REDRESS_RULES, or ./rules, or the folder that was installed. Never NULL. */
const char *rules_path(const char *given);

#endif
