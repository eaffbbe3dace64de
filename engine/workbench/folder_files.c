#include "workbench/folder_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t size = strlen(name);
    size_t suffix_size = strlen(suffix);
    return size > suffix_size && strcmp(name + size - suffix_size, suffix) == 0;
}

static const char *join(struct arena *arena, const char *folder, const char *name)
{
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = arena_allocate(arena, size);
    if (path)
        (void)snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static enum redress_status read_names(DIR *stream, const char *folder, const char *suffix,
                                      struct arena *arena, struct folder_files *out)
{
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (!ends_with(entry->d_name, suffix))
            continue;
        if (out->count == FOLDER_FILES_MAX)
            return STATUS_TOO_LARGE;
        const char *path = join(arena, folder, entry->d_name);
        if (!path)
            return STATUS_MEMORY;
        out->paths[out->count++] = path;
    }
    return STATUS_OK;
}

enum redress_status folder_files_list(const char *folder, const char *suffix, struct arena *arena,
                                      struct error_list *errors, struct folder_files *out)
{
    *out = (struct folder_files){
        .paths = arena_allocate_array(arena, FOLDER_FILES_MAX, sizeof *out->paths)};
    if (!out->paths)
        return STATUS_MEMORY;
    DIR *stream = opendir(folder);
    if (!stream) {
        enum redress_status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
        error_list_add(errors, status, folder, 0, 0, "the folder cannot be read: %s",
                       strerror(errno));
        return status;
    }
    enum redress_status status = read_names(stream, folder, suffix, arena, out);
    closedir(stream);
    qsort(out->paths, out->count, sizeof *out->paths, compare_paths);
    return status;
}
