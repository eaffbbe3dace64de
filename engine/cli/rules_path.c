#include "cli/rules_path.h"

#include "cli/data_path.h"

#include <stdlib.h>

const char *rules_path(const char *given)
{
    static char found[1024];
    const char *named = getenv("REDRESS_RULES");
    if (given)
        return given;
    if (named && named[0])
        return named;
    (void)data_path_find("rules", found, sizeof found); /* else the last place, for the error */
    return found;
}
