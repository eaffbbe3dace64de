/** A rules folder of a test's own, written file by file into a temporary directory. */
#ifndef TESTS_HELPERS_RULES_FOLDER_H
#define TESTS_HELPERS_RULES_FOLDER_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rules_folder {
    char path[64];
};

static inline struct rules_folder rules_folder_make(void)
{
    struct rules_folder folder = {.path = "/tmp/redress-rules-XXXXXX"};
    if (!mkdtemp(folder.path))
        abort();
    return folder;
}

/** A folder inside another one, and removed with it. */
static inline struct rules_folder rules_folder_make_inside(const struct rules_folder *outer,
                                                           const char *name)
{
    struct rules_folder folder;
    if (snprintf(folder.path, sizeof folder.path, "%s/%s", outer->path, name) >=
            (int)sizeof folder.path ||
        mkdir(folder.path, 0700) != 0)
        abort();
    return folder;
}

/** Writes one file, its folder made where it is missing: rules_folder_write(&f, "en/a.yaml", ...).
 */
static inline void rules_folder_write(const struct rules_folder *folder, const char *name,
                                      const char *content)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    char *slash = strrchr(path, '/');
    *slash = 0;
    (void)mkdir(path, 0700);
    *slash = '/';
    FILE *file = fopen(path, "w");
    if (!file || fputs(content, file) < 0 || fclose(file) != 0)
        abort();
}

/** A folder with one file of rules, and tiers that a weight of 0.5 and one of 1 reach. */
static inline struct rules_folder rules_folder_make_english(const char *rules)
{
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "en/a.yaml", rules);
    rules_folder_write(&folder, "tiers.yaml", "tiers: {minor: 0.5, moderate: 1}\n");
    return folder;
}

static inline int rules_folder_remove_entry(const char *path, const struct stat *about, int kind,
                                            struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void rules_folder_remove(const struct rules_folder *folder)
{
    (void)nftw(folder->path, rules_folder_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
