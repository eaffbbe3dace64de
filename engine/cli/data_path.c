#include "cli/data_path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* build/<preset>/redress stands three levels below the source tree, bin/redress one below the
 * installation's prefix. */
static const char *const places_from_program[] = {"../..", "../share/redress"};

static bool program_folder(char *out, size_t out_max)
{
    ssize_t size = readlink("/proc/self/exe", out, out_max - 1);
    if (size <= 0)
        return false;
    out[size] = '\0';
    char *slash = strrchr(out, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

bool data_path_find(const char *name, char *out, size_t out_max)
{
    char folder[512];
    snprintf(out, out_max, "%s", name);
    if (access(out, R_OK) == 0)
        return true;
    if (!program_folder(folder, sizeof folder))
        return false;
    for (size_t index = 0; index < sizeof places_from_program / sizeof *places_from_program;
         index++) {
        snprintf(out, out_max, "%s/%s/%s", folder, places_from_program[index], name);
        if (access(out, R_OK) == 0)
            return true;
    }
    return false;
}
