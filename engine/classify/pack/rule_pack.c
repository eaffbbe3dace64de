/** Reads a rules folder: which files belong to it, in whatever order the file system lists them. */
#include "classify/pack/rule_pack.h"

#include "base/jobs.h"
#include "base/memory.h"
#include "base/yaml_tree.h"
#include "classify/pack/rule_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    FOLDER_ENTRIES_MAX = 4096,
    FILES_SHARED_MIN = 8 /* in a folder: fewer are not worth a thread */
};

/* Folders beside the languages that hold no rules. */
static const char *const other_folders[] = {"cases", "lexicon", "samples", "scores", "witnesses"};

struct folder_names {
    char **names;
    size_t count;
};

static void folder_names_free(struct folder_names *list)
{
    for (size_t index = 0; index < list->count; index++)
        memory_free(list->names[index]);
    memory_free(list->names);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The names in a folder, sorted, hidden ones left out. */
static enum redress_status folder_names_read(const char *folder, struct folder_names *out,
                                             struct error_list *errors)
{
    *out = (struct folder_names){0};
    DIR *stream = opendir(folder);
    if (!stream) {
        error_list_add(errors, STATUS_NOT_FOUND, folder, 0, 0, "cannot be read: %s",
                       strerror(errno));
        return STATUS_INVALID;
    }
    enum redress_status status = STATUS_OK;
    out->names = memory_allocate_array(FOLDER_ENTRIES_MAX, sizeof *out->names);
    if (!out->names)
        status = STATUS_MEMORY;
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(stream)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        if (out->count == FOLDER_ENTRIES_MAX) {
            error_list_add(errors, STATUS_TOO_LARGE, folder, 0, 0, "more than %d entries",
                           FOLDER_ENTRIES_MAX);
            break;
        }
        out->names[out->count] = memory_copy_string(entry->d_name);
        if (!out->names[out->count])
            status = STATUS_MEMORY;
        else
            out->count++;
    }
    closedir(stream);
    if (out->count > 1)
        qsort(out->names, out->count, sizeof *out->names, compare_names);
    return status;
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name);
    size_t end_size = strlen(end);
    return size > end_size && strcmp(name + size - end_size, end) == 0;
}

static bool join_path(char *out, const char *folder, const char *name, struct error_list *errors)
{
    int size = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    if (size >= 0 && size < PATH_MAX)
        return true;
    error_list_add(errors, STATUS_TOO_LARGE, folder, 0, 0, "the path is too long");
    return false;
}

/* A file of a folder on its way. */
struct language_file {
    char *path;
    bool is_grammar;
    struct yaml_tree *tree; /* NULL where the file is refused */
    struct error_list *errors;
};

static void parse_file(void *context, uint32_t job)
{
    struct language_file *file = &((struct language_file *)context)[job];
    file->tree = yaml_tree_load_file(file->path, file->errors);
}

/* The names become the rule files among them. */
static enum redress_status list_files(const struct folder_names *list, const char *folder,
                                      struct language_file *files, uint32_t *count,
                                      struct error_list *errors)
{
    for (size_t index = 0; index < list->count; index++) {
        char path[PATH_MAX];
        if (!join_path(path, folder, list->names[index], errors))
            continue;
        if (ends_with(path, ".yml"))
            error_list_add(errors, STATUS_INVALID, path, 0, 0,
                           "rule files end in .yaml: rename it");
        if (!ends_with(path, ".yaml"))
            continue;
        struct language_file *file = &files[(*count)++];
        file->is_grammar = strcmp(list->names[index], "language.yaml") == 0;
        file->path = memory_copy_string(path);
        file->errors = memory_allocate(sizeof *file->errors);
        if (!file->path || !file->errors)
            return STATUS_MEMORY;
    }
    return STATUS_OK;
}

static enum redress_status read_files(struct rule_pack *pack, struct language_file *files,
                                      uint32_t count, enum language language,
                                      struct error_list *errors)
{
    enum redress_status status = STATUS_OK;
    jobs_run(count, count >= FILES_SHARED_MIN, parse_file, files);
    for (uint32_t index = 0; status == STATUS_OK && index < count; index++) {
        struct language_file *file = &files[index];
        error_list_append(errors, file->errors);
        if (file->tree && file->is_grammar)
            status = grammar_file_read(pack, file->tree, file->path, language, errors);
        else if (file->tree)
            status = rule_file_read(pack, file->tree, file->path, language, errors);
    }
    return status;
}

static enum redress_status read_language_folder(struct rule_pack *pack, const char *folder,
                                                enum language language, struct error_list *errors)
{
    struct folder_names list;
    uint32_t count = 0;
    enum redress_status status = folder_names_read(folder, &list, errors);
    struct language_file *files = memory_allocate_array(list.count + 1, sizeof *files);
    if (!files)
        status = STATUS_MEMORY;
    if (status == STATUS_OK)
        status = list_files(&list, folder, files, &count, errors);
    if (status == STATUS_OK)
        status = read_files(pack, files, count, language, errors);
    for (uint32_t index = 0; index < count; index++) {
        yaml_tree_free(files[index].tree);
        memory_free(files[index].path);
        memory_free(files[index].errors);
    }
    memory_free(files);
    folder_names_free(&list);
    return status == STATUS_INVALID ? STATUS_OK : status;
}

static bool is_other_folder(const char *name)
{
    for (size_t index = 0; index < sizeof other_folders / sizeof other_folders[0]; index++)
        if (strcmp(name, other_folders[index]) == 0)
            return true;
    return false;
}

static enum redress_status read_entry(struct rule_pack *pack, const char *folder, const char *name,
                                      struct error_list *errors)
{
    char path[PATH_MAX];
    struct stat about;
    if (!join_path(path, folder, name, errors) || stat(path, &about) != 0)
        return STATUS_OK;
    enum language language = LANGUAGE_UNKNOWN;
    if (S_ISDIR(about.st_mode)) {
        if (strlen(name) == 2 && redress_language_parse(name, 2, &language))
            return read_language_folder(pack, path, language, errors);
        if (!is_other_folder(name))
            error_list_add(errors, STATUS_INVALID, path, 0, 0,
                           "no language is named so; a rules folder holds en, pl, sv, nl, ru, el, "
                           "cases, lexicon, samples, scores and witnesses");
        return STATUS_OK;
    }
    if (strcmp(name, "composites.yaml") != 0 && strcmp(name, "tiers.yaml") != 0) {
        if (ends_with(name, ".yaml") || ends_with(name, ".yml"))
            error_list_add(errors, STATUS_INVALID, path, 0, 0,
                           "rule files stand in a language's folder; here only composites.yaml and "
                           "tiers.yaml");
        return STATUS_OK;
    }
    struct yaml_tree *tree = yaml_tree_load_file(path, errors);
    enum redress_status status = STATUS_OK;
    if (tree && name[0] == 'c')
        status = composite_file_read(pack, tree, path, errors);
    else if (tree)
        status = tier_file_read(pack, tree, path, errors);
    yaml_tree_free(tree);
    return status;
}

/* What a site may change; grammars, composites and tiers belong to the packs. */
static enum redress_status read_override_entry(struct rule_pack *pack, const char *folder,
                                               const char *name, struct error_list *errors)
{
    char path[PATH_MAX];
    struct stat about;
    enum language language = LANGUAGE_UNKNOWN;
    if (!join_path(path, folder, name, errors) || stat(path, &about) != 0)
        return STATUS_OK;
    if (strcmp(name, "disabled.yaml") == 0) /* read before */
        return STATUS_OK;
    if (S_ISDIR(about.st_mode) && strlen(name) == 2 && redress_language_parse(name, 2, &language))
        return read_language_folder(pack, path, language, errors);
    if (S_ISDIR(about.st_mode) ? !is_other_folder(name)
                               : ends_with(name, ".yaml") || ends_with(name, ".yml"))
        error_list_add(errors, STATUS_INVALID, path, 0, 0,
                       "an override folder holds disabled.yaml and the folders en, pl, sv, nl, ru, "
                       "el, lexicon, scores, cases and witnesses");
    return STATUS_OK;
}

/* The disabled first: a rule of the site's own may have their ids. */
static enum redress_status read_override(struct rule_pack *pack, const char *folder,
                                         struct error_list *errors)
{
    char path[PATH_MAX];
    struct stat about;
    struct folder_names list;
    struct grammar *grammars[LANGUAGE_COUNT];
    enum redress_status status = STATUS_OK;
    memcpy(grammars, pack->grammars, sizeof grammars);
    if (join_path(path, folder, "disabled.yaml", errors) && stat(path, &about) == 0) {
        struct yaml_tree *tree = yaml_tree_load_file(path, errors);
        if (tree)
            status = disabled_file_read(pack, tree, path, errors);
        yaml_tree_free(tree);
    }
    if (status != STATUS_OK)
        return status;
    status = folder_names_read(folder, &list, errors);
    for (size_t index = 0; status == STATUS_OK && index < list.count; index++)
        status = read_override_entry(pack, folder, list.names[index], errors);
    folder_names_free(&list);
    if (status == STATUS_INVALID) /* its error is in the list; what else is wrong comes, too */
        status = STATUS_OK;
    if (memcmp(grammars, pack->grammars, sizeof grammars) != 0)
        error_list_add(errors, STATUS_INVALID, folder, 0, 0,
                       "language.yaml belongs to the pack: a site's rules are read by its grammar");
    return status;
}

static int compare_rules(const void *left, const void *right)
{
    const struct rule *a = left;
    const struct rule *b = right;
    int order = strcmp(a->id, b->id);
    if (order == 0)
        order = strcmp(a->place.file, b->place.file);
    return order ? order : (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

/* From the list to an array by id: the order of files must not show in anything. */
static enum redress_status sort_rules(struct rule_pack *pack, struct error_list *errors)
{
    struct rule *rules = arena_allocate_array(&pack->arena, pack->rule_count, sizeof *rules);
    if (!rules)
        return STATUS_MEMORY;
    uint32_t used = 0;
    for (const struct rule *rule = pack->rules; rule; rule = rule->next)
        rules[used++] = *rule;
    pack->rules = rules;
    if (used > 1)
        qsort(rules, used, sizeof *rules, compare_rules);
    for (uint32_t index = 1; index < used; index++)
        if (strcmp(rules[index - 1].id, rules[index].id) == 0)
            error_list_add(errors, STATUS_INVALID, rules[index].place.file, rules[index].place.line,
                           rules[index].place.column, "the id \"%.60s\" is taken: %.120s:%u",
                           rules[index].id, rules[index - 1].place.file,
                           rules[index - 1].place.line);
    return STATUS_OK;
}

static enum redress_status read_scores(struct rule_pack *pack, const char *path,
                                       enum language language, struct error_list *errors)
{
    (void)language; /* the ids say it */
    struct yaml_tree *tree = yaml_tree_load_file(path, errors);
    enum redress_status status = tree ? score_file_read(pack, tree, path, errors) : STATUS_OK;
    yaml_tree_free(tree);
    return status;
}

/* What stands beside the rules, once they are known: one file a language, where there is one. */
static const struct {
    const char *path; /* in the folder, of the language's name */
    enum redress_status (*read)(struct rule_pack *pack, const char *path, enum language language,
                                struct error_list *errors);
} files_beside[] = {{"scores/%s.yaml", read_scores}, {"lexicon/%s.tsv", lexicon_file_read}};

enum { FILES_BESIDE = sizeof files_beside / sizeof files_beside[0] };

static enum redress_status read_file_beside(struct rule_pack *pack, const char *folder,
                                            unsigned which, enum language language,
                                            struct error_list *errors)
{
    char name[32];
    char path[PATH_MAX];
    struct stat about;
    snprintf(name, sizeof name, files_beside[which].path, redress_language_name(language));
    if (!join_path(path, folder, name, errors) || stat(path, &about) != 0)
        return STATUS_OK;
    return files_beside[which].read(pack, path, language, errors);
}

static enum redress_status read_files_beside(struct rule_pack *pack, const char *folder,
                                             struct error_list *errors)
{
    enum redress_status status = STATUS_OK;
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        for (unsigned which = 0; status == STATUS_OK && which < FILES_BESIDE; which++)
            status = read_file_beside(pack, folder, which, (enum language)language, errors);
    return status;
}

static enum redress_status read_folder(struct rule_pack *pack, const char *folder,
                                       struct error_list *errors)
{
    struct folder_names list;
    enum redress_status status = folder_names_read(folder, &list, errors);
    for (size_t index = 0; status == STATUS_OK && index < list.count; index++)
        status = read_entry(pack, folder, list.names[index], errors);
    folder_names_free(&list);
    return status;
}

enum redress_status rule_pack_load(struct rule_pack *pack, const char *folder,
                                   const char *override_folder, struct error_list *errors)
{
    *pack = (struct rule_pack){0};
    for (unsigned severity = 0; severity < SEVERITY_COUNT; severity++)
        pack->tiers.score_min[severity] = INFINITY;
    uint32_t errors_before = errors->count;
    enum redress_status status = read_folder(pack, folder, errors);
    if (status != STATUS_OK)
        return status;
    if (errors->count == errors_before && pack->rule_count == 0)
        error_list_add(errors, STATUS_INVALID, folder, 0, 0,
                       "no rules stand here: LANGUAGE/NAME.yaml files hold them");
    if (errors->count == errors_before && isinf(pack->tiers.score_min[SEVERITY_MINOR]))
        error_list_add(
            errors, STATUS_INVALID, folder, 0, 0,
            "tiers.yaml is missing: it says from which score on a message is a complaint");
    if (override_folder)
        status = read_override(pack, override_folder, errors);
    if (status == STATUS_OK)
        status = sort_rules(pack, errors);
    if (status == STATUS_OK)
        status = read_files_beside(pack, folder, errors);
    if (status == STATUS_OK && override_folder)
        status = read_files_beside(pack, override_folder, errors);
    if (status == STATUS_OK)
        status = composites_sort(pack, errors);
    if (status == STATUS_OK && errors->count != errors_before)
        status = STATUS_INVALID;
    return status;
}

void rule_pack_free(struct rule_pack *pack)
{
    arena_free(&pack->arena);
    *pack = (struct rule_pack){0};
}
