/** The files of a folder whose names end alike, in the order of their names' bytes. */
#ifndef REDRESS_WORKBENCH_FOLDER_FILES_H
#define REDRESS_WORKBENCH_FOLDER_FILES_H

#include "base/arena.h"
#include "base/error_list.h"

enum { FOLDER_FILES_MAX = 2000 };

struct folder_files {
    const char **paths; /* folder/name, in the arena */
    uint32_t count;
};

/** STATUS_OK; STATUS_NOT_FOUND or STATUS_IO with an error; STATUS_TOO_LARGE; STATUS_MEMORY. */
NODISCARD enum redress_status folder_files_list(const char *folder, const char *suffix,
                                                struct arena *arena, struct error_list *errors,
                                                struct folder_files *out);

#endif
