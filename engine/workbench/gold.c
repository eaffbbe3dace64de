#include "workbench/gold.h"

#include "workbench/folder_files.h"
#include "workbench/json_lines.h"

#include "base/memory.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- gold files ---- */

/* The split and the language of ".../NAME.LANG.jsonl". */
static bool read_name(struct gold *gold, const char *path, uint32_t *split, enum language *language)
{
    const char *name = strrchr(path, '/') + 1;
    const char *dot = strchr(name, '.');
    const char *end = dot ? strchr(dot + 1, '.') : NULL;
    if (!end || !redress_language_parse(dot + 1, (size_t)(end - dot - 1), language))
        return false;
    const char *text = arena_copy_text(&gold->arena, name, (size_t)(dot - name));
    *split = 0;
    while (text && *split < gold->split_count && strcmp(gold->splits[*split], text) != 0)
        ++*split;
    if (!text || *split == GOLD_SPLITS_MAX)
        return false;
    gold->splits[*split] = text;
    gold->split_count += *split == gold->split_count;
    return true;
}

static const char *make_key(struct arena *arena, struct slice source, struct slice id)
{
    char *key = arena_allocate(arena, (size_t)source.size + id.size + 2);
    if (!key)
        return NULL;
    if (source.size)
        memcpy(key, source.data, source.size);
    key[source.size] = '|';
    if (id.size)
        memcpy(key + source.size + 1, id.data, id.size);
    return key;
}

/* The names of a list, each through `add`; false where one is none. */
static bool read_names(struct json_value object, const char *name,
                       bool (*add)(struct judgement *, struct slice), struct judgement *out)
{
    struct json_value list;
    struct json_member member;
    if (!json_lines_find(object, name, &list) || json_value_type(list) != JSON_ARRAY)
        return false;
    struct json_cursor cursor = json_cursor_open(list);
    while (json_cursor_next(&cursor, &member))
        if (json_value_type(member.value) != JSON_STRING ||
            !add(out, json_value_string(member.value)))
            return false;
    return true;
}

static bool add_category(struct judgement *out, struct slice name)
{
    enum category category;
    if (!redress_category_parse(name.data, name.size, &category))
        return false;
    if (out->first_category == CATEGORY_COUNT)
        out->first_category = (uint8_t)category;
    out->categories |= 1u << category;
    return true;
}

static bool add_trait(struct judgement *out, struct slice name)
{
    enum trait trait;
    if (!redress_trait_parse(name.data, name.size, &trait))
        return false;
    out->traits |= 1u << trait;
    return true;
}

static bool read_judgement(struct json_value object, struct judgement *out)
{
    int64_t complaint = 0;
    int64_t severity = 0;
    int64_t urgent = 0;
    *out = (struct judgement){.first_category = CATEGORY_COUNT};
    if (!json_lines_integer(object, "complaint", &complaint) ||
        !json_lines_integer(object, "severity", &severity) ||
        !json_lines_integer(object, "urgent", &urgent) || severity < SEVERITY_NONE ||
        severity > SEVERITY_CRITICAL)
        return false;
    out->complaint = complaint != 0;
    out->severity = (uint8_t)severity;
    out->urgent = urgent != 0;
    return read_names(object, "categories", add_category, out) &&
           read_names(object, "traits", add_trait, out);
}

static enum redress_status grow(struct gold *gold)
{
    if (gold->count < gold->room)
        return STATUS_OK;
    if (gold->count == GOLD_MESSAGES_MAX)
        return STATUS_TOO_LARGE;
    uint32_t room = gold->room ? gold->room * 2 : 1024;
    struct gold_message *larger = memory_resize(gold->messages, room * sizeof *larger);
    if (!larger)
        return STATUS_MEMORY;
    gold->messages = larger;
    gold->room = room;
    return STATUS_OK;
}

static enum redress_status read_gold_file(struct gold *gold, struct json_lines *lines,
                                          uint32_t split, enum language language)
{
    struct json_value object;
    enum redress_status status;
    while ((status = json_lines_next(lines, &object)) == STATUS_OK) {
        status = grow(gold);
        if (status != STATUS_OK)
            return status;
        struct gold_message *message = &gold->messages[gold->count];
        *message = (struct gold_message){.split = split, .language = language};
        if (!read_judgement(object, &message->gold)) {
            json_lines_error(lines, "a gold message has complaint, severity (0 to 4), urgent, "
                                    "categories and traits, in the words of the vocabulary");
            continue;
        }
        message->key = make_key(&gold->arena, json_lines_text(object, "source"),
                                json_lines_text(object, "id"));
        if (!message->key)
            return STATUS_MEMORY;
        gold->count++;
    }
    return status == STATUS_EMPTY ? STATUS_OK : status;
}

static enum redress_status read_gold(struct gold *gold, const char *folder,
                                     struct error_list *errors)
{
    struct folder_files files;
    enum redress_status status = folder_files_list(folder, ".jsonl", &gold->arena, errors, &files);
    for (uint32_t index = 0; status == STATUS_OK && index < files.count; index++) {
        uint32_t split = 0;
        enum language language = LANGUAGE_UNKNOWN;
        struct json_lines lines;
        if (!read_name(gold, files.paths[index], &split, &language)) {
            error_list_add(errors, STATUS_INVALID, files.paths[index], 0, 0,
                           "a gold file is named NAME.LANG.jsonl, such as train.en.jsonl");
            continue;
        }
        status = json_lines_open(&lines, files.paths[index], errors);
        if (status != STATUS_OK)
            return status;
        status = read_gold_file(gold, &lines, split, language);
        json_lines_close(&lines);
    }
    if (status == STATUS_OK && gold->count == 0 && errors->count == 0)
        error_list_add(errors, STATUS_INVALID, folder, 0, 0, "no gold message stands here");
    return status;
}

/* ---- their texts ---- */

static int compare_keys(const void *left, const void *right)
{
    const struct gold_message *a = *(struct gold_message *const *)left;
    const struct gold_message *b = *(struct gold_message *const *)right;
    return strcmp(a->key, b->key);
}

static enum redress_status sort_by_key(struct gold *gold)
{
    gold->by_key = arena_allocate_array(&gold->arena, gold->count + 1, sizeof(void *));
    if (!gold->by_key)
        return STATUS_MEMORY;
    for (uint32_t index = 0; index < gold->count; index++)
        gold->by_key[index] = &gold->messages[index];
    qsort(gold->by_key, gold->count, sizeof(void *), compare_keys);
    return STATUS_OK;
}

/* How "source|id" compares with a key. */
static int compare_parts(struct slice source, struct slice id, const char *key)
{
    int order = strncmp(source.data, key, source.size);
    if (order == 0)
        order = '|' - (unsigned char)key[source.size];
    if (order == 0)
        order = strncmp(id.data, key + source.size + 1, id.size);
    return order ? order : key[source.size + 1 + id.size] ? -1 : 0;
}

static uint32_t first_of_key(const struct gold *gold, struct slice source, struct slice id)
{
    uint32_t low = 0;
    uint32_t high = gold->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_parts(source, id, gold->by_key[middle]->key) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A padded copy, cut at a whole character where it is too long. */
static enum redress_status copy_text(struct arena *arena, struct slice text,
                                     struct gold_message *out)
{
    uint32_t size = (uint32_t)utf8_cut(text.data, text.size, MESSAGE_TEXT_BYTES_MAX);
    out->truncated = size < text.size;
    char *copy = arena_allocate(arena, size + MESSAGE_PADDING_BYTES);
    if (!copy)
        return STATUS_MEMORY;
    if (size > 0)
        memcpy(copy, text.data, size);
    out->text = (struct slice){copy, size};
    return STATUS_OK;
}

static enum redress_status take_text(struct gold *gold, struct json_value object)
{
    struct slice source = json_lines_text(object, "source");
    struct slice id = json_lines_text(object, "id");
    struct slice hint = json_lines_text(object, "lang");
    if (source.size == 0 || id.size == 0)
        return STATUS_OK;
    uint32_t at = first_of_key(gold, source, id);
    for (; at < gold->count && compare_parts(source, id, gold->by_key[at]->key) == 0; at++) {
        struct gold_message *message = gold->by_key[at];
        if (message->text.data)
            continue;
        const char *kept = arena_copy_text(&gold->arena, hint.data ? hint.data : "", hint.size);
        enum redress_status status =
            copy_text(&gold->arena, json_lines_text(object, "text"), message);
        if (!kept || status != STATUS_OK)
            return STATUS_MEMORY;
        message->hint = (struct slice){kept, hint.size};
    }
    return STATUS_OK;
}

static enum redress_status read_corpus_file(struct gold *gold, const char *path,
                                            struct error_list *errors)
{
    struct json_lines lines;
    struct json_value object;
    enum redress_status status = json_lines_open(&lines, path, errors);
    if (status != STATUS_OK)
        return status;
    while (status == STATUS_OK && (status = json_lines_next(&lines, &object)) == STATUS_OK)
        status = take_text(gold, object);
    json_lines_close(&lines);
    return status == STATUS_EMPTY ? STATUS_OK : status;
}

static enum redress_status read_corpus(struct gold *gold, const char *folder,
                                       struct error_list *errors)
{
    struct folder_files files;
    enum redress_status status = folder_files_list(folder, ".jsonl", &gold->arena, errors, &files);
    for (uint32_t index = 0; status == STATUS_OK && index < files.count; index++)
        status = read_corpus_file(gold, files.paths[index], errors);
    for (uint32_t index = 0; status == STATUS_OK && index < gold->count; index++)
        if (!gold->messages[index].text.data)
            error_list_add(errors, STATUS_INVALID, folder, 0, 0,
                           "the text of the gold message %s is not there",
                           gold->messages[index].key);
    return status;
}

enum redress_status gold_load(struct gold *gold, const char *gold_folder, const char *corpus_folder,
                              struct error_list *errors)
{
    *gold = (struct gold){0};
    uint32_t errors_before = errors->count;
    enum redress_status status = read_gold(gold, gold_folder, errors);
    if (status == STATUS_OK)
        status = sort_by_key(gold);
    if (status == STATUS_OK)
        status = read_corpus(gold, corpus_folder, errors);
    if (status == STATUS_OK && errors->count > errors_before)
        status = STATUS_INVALID;
    return status;
}

void gold_free(struct gold *gold)
{
    memory_free(gold->messages);
    arena_free(&gold->arena);
    *gold = (struct gold){0};
}
