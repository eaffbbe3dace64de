/**
 * What a call may answer, and an error with its place.
 *
 * STATUS_OK is 0. A status says what the caller can do about it; the text of an error is for
 * people.
 */
#ifndef REDRESS_STATUS_H
#define REDRESS_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#define NODISCARD   __attribute__((warn_unused_result))
#define REDRESS_API __attribute__((visibility("default")))

enum redress_status {
    STATUS_OK = 0,
    STATUS_UNDECIDED, /* a limit stopped the answer: people must look */
    STATUS_EMPTY,     /* nothing there now, try again later */
    STATUS_FULL,      /* no room now, try again later */
    STATUS_RETRY,     /* a passing fault of the environment */
    STATUS_TIMEOUT,   /* the time given was over */
    STATUS_STOPPED,   /* the other side has ended */
    STATUS_NOT_FOUND, /* no such thing */
    STATUS_CONFLICT,  /* somebody else has it: the claim or epoch is not yours */
    STATUS_INVALID,   /* the input is wrong */
    STATUS_TOO_LARGE, /* the input is over a limit */
    STATUS_DENIED,    /* not permitted */
    STATUS_MEMORY,    /* out of memory */
    STATUS_IO,        /* an I/O call failed */
    STATUS_FENCED,    /* another instance has taken this one's identity */
    STATUS_FATAL,     /* nothing more can be done in this process */
    STATUS_COUNT
};

/** True where the same call may succeed later without anybody changing anything. */
static inline bool redress_status_is_retriable(enum redress_status status)
{
    return status == STATUS_EMPTY || status == STATUS_FULL || status == STATUS_RETRY ||
           status == STATUS_TIMEOUT;
}

/** The status as one lower-case word, for logs and tests. Never NULL. */
REDRESS_API const char *redress_status_name(enum redress_status status);

/**
 * One error of a loader or of start-up.
 *
 * Units: line and column count from 1; 0 where the error has no place.
 */
struct redress_error {
    enum redress_status status;
    uint32_t line;
    uint32_t column;
    char file[256];
    char text[256]; /* what is wrong and what to do about it */
};

#endif
