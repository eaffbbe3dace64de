/** One value at a time: from its text into its field. */
#include "config/settings_table.h"

#include "base/assert.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

enum { TOPIC_BYTES_MAX = 249 /* Kafka's own bound */ };

static void *field_of(const struct setting *row, void *base)
{
    return (char *)base + row->offset;
}

/* Fields are written by memcpy: they are of many types and base is bytes. */
static void set_enum(const struct setting *row, void *base, unsigned value)
{
    memcpy(field_of(row, base), &value, sizeof value);
}

/* Decimal digits without a leading zero; the rest of the text, or NULL where none stand there or
 * the number is out of bounds. */
static const char *read_digits(const char *text, uint64_t *out)
{
    const char *digit = text;
    *out = 0;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        if (*out > (UINT64_MAX - 9) / 10)
            return NULL;
        *out = *out * 10 + (uint64_t)(*digit - '0');
    }
    if (digit == text || (*text == '0' && digit > text + 1))
        return NULL;
    return digit;
}

static bool read_with_unit(const struct setting_unit *units, const char *text, uint64_t *out)
{
    const char *rest = read_digits(text, out);
    if (!rest)
        return false;
    while (*rest == ' ')
        rest++;
    for (const struct setting_unit *unit = units; unit->name; unit++)
        if (strcmp(rest, unit->name) == 0) {
            if (*out > UINT64_MAX / unit->factor)
                return false;
            *out *= unit->factor;
            return true;
        }
    return false;
}

static bool is_name(const char *text, size_t size_max)
{
    size_t size = strlen(text);
    for (size_t index = 0; index < size; index++) {
        unsigned char byte = (unsigned char)text[index];
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
        if (!plain)
            return false;
    }
    return size > 0 && size <= size_max && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static bool is_printable(const char *text, size_t size_max)
{
    size_t size = strlen(text);
    for (size_t index = 0; index < size; index++)
        if ((unsigned char)text[index] < 0x20 || text[index] == 0x7F)
            return false;
    return size > 0 && size <= size_max;
}

/* RFC 6901: empty, or tokens each led by '/', where '~' only stands as ~0 and ~1. */
static bool is_pointer(const char *text, size_t size_max)
{
    if (strlen(text) > size_max || (*text && *text != '/'))
        return false;
    for (; *text; text++)
        if (*text == '~' && text[1] != '0' && text[1] != '1')
            return false;
    return true;
}

static bool is_address(const char *text)
{
    unsigned char binary[16];
    return inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
}

static bool read_mode(const char *text, uint32_t *out)
{
    *out = 0;
    if (strlen(text) != 4 || text[0] != '0')
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '7')
            return false;
        *out = *out * 8 + (uint32_t)(*text - '0');
    }
    return true;
}

static enum redress_status keep_text(const struct setting *row, struct settings *settings,
                                     void *base, const char *text)
{
    const char *copy = arena_copy_text(&settings->arena, text, strlen(text));
    if (!copy)
        return STATUS_MEMORY;
    memcpy(field_of(row, base), &copy, sizeof copy);
    return STATUS_OK;
}

static enum redress_status parse_bool(const struct setting *row, struct settings *settings,
                                      void *base, const char *text)
{
    (void)settings;
    bool value = strcmp(text, "true") == 0;
    if (!value && strcmp(text, "false") != 0)
        return STATUS_INVALID;
    memcpy(field_of(row, base), &value, sizeof value);
    return STATUS_OK;
}

static enum redress_status parse_either(const struct setting *row, struct settings *settings,
                                        void *base, const char *text)
{
    (void)settings;
    bool value = strcmp(text, "true") == 0;
    if (!value && strcmp(text, "false") != 0)
        return STATUS_INVALID;
    set_enum(row, base, value ? SETTINGS_YES : SETTINGS_NO);
    return STATUS_OK;
}

static enum redress_status parse_number(const struct setting *row, struct settings *settings,
                                        void *base, const char *text)
{
    (void)settings;
    uint64_t value;
    if (row->type == SETTING_COUNT) {
        const char *rest = read_digits(text, &value);
        if (!rest || *rest)
            return STATUS_INVALID;
    } else if (!read_with_unit(setting_units(row), text, &value)) {
        return STATUS_INVALID;
    }
    if (value < row->min || value > row->max)
        return STATUS_INVALID;
    memcpy(field_of(row, base), &value, sizeof value);
    return STATUS_OK;
}

static enum redress_status parse_choice(const struct setting *row, struct settings *settings,
                                        void *base, const char *text)
{
    (void)settings;
    for (unsigned index = 0; row->choices[index]; index++)
        if (strcmp(row->choices[index], text) == 0) {
            set_enum(row, base, index);
            return STATUS_OK;
        }
    return STATUS_INVALID;
}

static enum redress_status parse_workers(const struct setting *row, struct settings *settings,
                                         void *base, const char *text)
{
    ASSERT(base == settings);
    uint64_t value;
    const char *rest = read_digits(text, &value);
    if (strcmp(text, "auto") == 0) {
        settings->workers = SETTINGS_WORKERS_AUTO;
    } else if (strcmp(text, "inline") == 0) {
        settings->workers = SETTINGS_WORKERS_INLINE;
    } else if (rest && !*rest && value >= row->min && value <= row->max) {
        settings->workers = SETTINGS_WORKERS_NUMBER;
        settings->worker_count = value;
    } else {
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum redress_status parse_name(const struct setting *row, struct settings *settings,
                                      void *base, const char *text)
{
    return is_name(text, row->max) ? keep_text(row, settings, base, text) : STATUS_INVALID;
}

static enum redress_status parse_topic(const struct setting *row, struct settings *settings,
                                       void *base, const char *text)
{
    return is_name(text, TOPIC_BYTES_MAX) ? keep_text(row, settings, base, text) : STATUS_INVALID;
}

static enum redress_status parse_text(const struct setting *row, struct settings *settings,
                                      void *base, const char *text)
{
    return is_printable(text, row->max) ? keep_text(row, settings, base, text) : STATUS_INVALID;
}

static enum redress_status parse_path(const struct setting *row, struct settings *settings,
                                      void *base, const char *text)
{
    if (!is_printable(text, row->max))
        return STATUS_INVALID;
    if (*text == '/' || strcmp(settings->folder, ".") == 0)
        return keep_text(row, settings, base, text);
    size_t size = strlen(settings->folder) + 1 + strlen(text);
    char *path = size <= row->max ? arena_allocate(&settings->arena, size + 1) : NULL;
    if (!path)
        return size <= row->max ? STATUS_MEMORY : STATUS_INVALID;
    snprintf(path, size + 1, "%s/%s", settings->folder, text);
    memcpy(field_of(row, base), &path, sizeof path);
    return STATUS_OK;
}

static enum redress_status parse_address(const struct setting *row, struct settings *settings,
                                         void *base, const char *text)
{
    return is_address(text) ? keep_text(row, settings, base, text) : STATUS_INVALID;
}

static enum redress_status parse_pointer(const struct setting *row, struct settings *settings,
                                         void *base, const char *text)
{
    return is_pointer(text, row->max) ? keep_text(row, settings, base, text) : STATUS_INVALID;
}

static enum redress_status parse_mode(const struct setting *row, struct settings *settings,
                                      void *base, const char *text)
{
    (void)settings;
    uint32_t mode;
    if (!read_mode(text, &mode))
        return STATUS_INVALID;
    memcpy(field_of(row, base), &mode, sizeof mode);
    return STATUS_OK;
}

static enum redress_status parse_queue(const struct setting *row, struct settings *settings,
                                       void *base, const char *text)
{
    uint16_t index = 0;
    if (!is_name(text, row->max))
        return STATUS_INVALID;
    enum redress_status status = settings_add_queue(settings, text, &index);
    if (status == STATUS_OK)
        memcpy(field_of(row, base), &index, sizeof index);
    return status;
}

static enum redress_status parse_severity(const struct setting *row, struct settings *settings,
                                          void *base, const char *text)
{
    (void)settings;
    enum severity severity;
    if (!redress_severity_parse(text, strlen(text), &severity))
        return STATUS_INVALID;
    set_enum(row, base, severity);
    return STATUS_OK;
}

static void add_bit(const struct setting *row, void *base, unsigned bit)
{
    uint32_t set;
    memcpy(&set, field_of(row, base), sizeof set);
    set |= UINT32_C(1) << bit;
    memcpy(field_of(row, base), &set, sizeof set);
}

static enum redress_status parse_category(const struct setting *row, struct settings *settings,
                                          void *base, const char *text)
{
    (void)settings;
    enum category category;
    if (!redress_category_parse(text, strlen(text), &category))
        return STATUS_INVALID;
    add_bit(row, base, category);
    return STATUS_OK;
}

static enum redress_status parse_trait(const struct setting *row, struct settings *settings,
                                       void *base, const char *text)
{
    (void)settings;
    enum trait trait;
    if (!redress_trait_parse(text, strlen(text), &trait))
        return STATUS_INVALID;
    add_bit(row, base, trait);
    return STATUS_OK;
}

/* "unknown" too: a route may want what no pack could read. */
static enum redress_status parse_language(const struct setting *row, struct settings *settings,
                                          void *base, const char *text)
{
    (void)settings;
    for (unsigned index = 0; index < LANGUAGE_COUNT; index++)
        if (strcmp(redress_language_name(index), text) == 0) {
            add_bit(row, base, index);
            return STATUS_OK;
        }
    return STATUS_INVALID;
}

static enum redress_status parse_channel_name(const struct setting *row, struct settings *settings,
                                              void *base, const char *text)
{
    int index = settings_find_channel(settings, text);
    if (index < 0)
        return STATUS_INVALID;
    uint64_t set;
    memcpy(&set, field_of(row, base), sizeof set);
    set |= UINT64_C(1) << index;
    memcpy(field_of(row, base), &set, sizeof set);
    return STATUS_OK;
}

static enum redress_status (*const parsers[])(const struct setting *row, struct settings *settings,
                                              void *base, const char *text) = {
    [SETTING_BOOL] = parse_bool,           [SETTING_COUNT] = parse_number,
    [SETTING_BYTES] = parse_number,        [SETTING_DURATION] = parse_number,
    [SETTING_CHOICE] = parse_choice,       [SETTING_NAME] = parse_name,
    [SETTING_TOPIC] = parse_topic,         [SETTING_PREFIX] = parse_topic,
    [SETTING_TEXT] = parse_text,           [SETTING_PATH] = parse_path,
    [SETTING_ADDRESS] = parse_address,     [SETTING_MODE] = parse_mode,
    [SETTING_POINTER] = parse_pointer,     [SETTING_WORKERS] = parse_workers,
    [SETTING_QUEUE] = parse_queue,         [SETTING_SEVERITY] = parse_severity,
    [SETTING_EITHER] = parse_either,       [SETTING_TOPICS] = parse_topic,
    [SETTING_CATEGORIES] = parse_category, [SETTING_TRAITS] = parse_trait,
    [SETTING_LANGUAGES] = parse_language,  [SETTING_CHANNEL_NAMES] = parse_channel_name,
};

enum redress_status setting_parse(const struct setting *row, struct settings *settings, void *base,
                                  const char *text)
{
    ASSERT(row->type < SETTING_PROPERTIES);
    return parsers[row->type](row, settings, base, text);
}

enum redress_status settings_add_queue(struct settings *settings, const char *name, uint16_t *index)
{
    for (size_t known = 0; known < settings->queue_count; known++)
        if (strcmp(settings->queues[known], name) == 0) {
            *index = (uint16_t)known;
            return STATUS_OK;
        }
    if (settings->queue_count == QUEUES_MAX)
        return STATUS_FULL;
    const char *copy = arena_copy_text(&settings->arena, name, strlen(name));
    if (!copy)
        return STATUS_MEMORY;
    *index = (uint16_t)settings->queue_count;
    settings->queues[settings->queue_count++] = copy;
    return STATUS_OK;
}
