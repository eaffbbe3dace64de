/** Finds the files that redress ships with: rules, samples of the demo. */
#ifndef REDRESS_CLI_DATA_PATH_H
#define REDRESS_CLI_DATA_PATH_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Writes the path of `name` ("rules", "demo/messages.jsonl"): in the current directory, else in the
 * source tree that this program was built in, else where `cmake --install` put it. False where it
 * is in none of them; out then holds the last place tried.
 */
bool data_path_find(const char *name, char *out, size_t out_max);

#endif
