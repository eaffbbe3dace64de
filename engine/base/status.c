#include <redress/status.h>

static const char *const status_names[STATUS_COUNT] = {
    [STATUS_OK] = "ok",
    [STATUS_UNDECIDED] = "undecided",
    [STATUS_EMPTY] = "empty",
    [STATUS_FULL] = "full",
    [STATUS_RETRY] = "retry",
    [STATUS_TIMEOUT] = "timeout",
    [STATUS_STOPPED] = "stopped",
    [STATUS_NOT_FOUND] = "not_found",
    [STATUS_CONFLICT] = "conflict",
    [STATUS_INVALID] = "invalid",
    [STATUS_TOO_LARGE] = "too_large",
    [STATUS_DENIED] = "denied",
    [STATUS_MEMORY] = "memory",
    [STATUS_IO] = "io",
    [STATUS_FENCED] = "fenced",
    [STATUS_FATAL] = "fatal",
};

const char *redress_status_name(enum redress_status status)
{
    if ((unsigned)status >= STATUS_COUNT)
        return "unknown";
    return status_names[status];
}
