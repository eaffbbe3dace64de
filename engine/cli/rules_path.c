#include "cli/rules_path.h"

#include <stdlib.h>
#include <unistd.h>

#ifndef REDRESS_DATA_DIR
#define REDRESS_DATA_DIR "/usr/local/share/redress"
#endif

const char *rules_path(const char *given)
{
    const char *named = getenv("REDRESS_RULES");
    if (given)
        return given;
    if (named && named[0])
        return named;
    return access("rules/tiers.yaml", R_OK) == 0 ? "rules" : REDRESS_DATA_DIR "/rules";
}
