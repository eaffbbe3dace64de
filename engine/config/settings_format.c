/** One value at a time: from its field to its text, and what may stand there. */
#include "config/settings_table.h"

#include "base/assert.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* Largest first; what follows a factor of 1 is read but never printed. */
static const struct setting_unit byte_units[] = {
    {"GiB", 1u << 30},      {"MiB", 1u << 20},   {"KiB", 1u << 10}, {"B", 1},
    {"GB", 1000 * 1000000}, {"MB", 1000 * 1000}, {"kB", 1000},      {NULL, 0},
};
static const struct setting_unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0},
};

const struct setting_unit *setting_units(const struct setting *row)
{
    return row->type == SETTING_BYTES ? byte_units : duration_units;
}

static void print_with_unit(const struct setting *row, uint64_t value, char *out, size_t out_size)
{
    const struct setting_unit *unit = setting_units(row);
    while (unit->factor > 1 && (value == 0 || value % unit->factor))
        unit++;
    snprintf(out, out_size, "%" PRIu64 " %s", value / unit->factor, unit->name);
}

static const void *field_of(const struct setting *row, const void *base)
{
    return (const char *)base + row->offset;
}

static uint64_t get_number(const struct setting *row, const void *base)
{
    uint64_t value;
    memcpy(&value, field_of(row, base), sizeof value);
    return value;
}

static unsigned get_enum(const struct setting *row, const void *base)
{
    unsigned value;
    memcpy(&value, field_of(row, base), sizeof value);
    return value;
}

/* The index-th bit that is set, or -1. */
static int get_bit(uint64_t set, size_t index)
{
    for (int bit = 0; bit < 64; bit++)
        if (set >> bit & 1 && index-- == 0)
            return bit;
    return -1;
}

static const char *flag_name(bool value)
{
    return value ? "true" : "false";
}

static const char *scalar_name(const struct setting *row, const struct settings *settings,
                               const void *base)
{
    const char *text = NULL;
    bool flag;
    uint16_t queue;
    if (row->type == SETTING_BOOL) {
        memcpy(&flag, field_of(row, base), sizeof flag);
        text = flag_name(flag);
    } else if (row->type == SETTING_EITHER) {
        unsigned either = get_enum(row, base);
        text = either == SETTINGS_ANY ? NULL : flag_name(either == SETTINGS_YES);
    } else if (row->type == SETTING_CHOICE) {
        text = row->choices[get_enum(row, base)];
    } else if (row->type == SETTING_SEVERITY) {
        unsigned severity = get_enum(row, base);
        text = severity == SEVERITY_NONE ? NULL : redress_severity_name(severity);
    } else if (row->type == SETTING_QUEUE) {
        memcpy(&queue, field_of(row, base), sizeof queue);
        text = settings->queues[queue];
    } else {
        memcpy(&text, field_of(row, base), sizeof text);
    }
    return text;
}

static const char *item_name(const struct setting *row, const struct settings *settings,
                             const void *base, size_t index)
{
    if (row->type == SETTING_TOPICS) {
        const struct settings_channel *channel = base;
        return index < channel->topic_count ? channel->topics[index] : NULL;
    }
    bool wide = row->type == SETTING_CHANNEL_NAMES;
    int bit = get_bit(wide ? get_number(row, base) : get_enum(row, base), index);
    if (bit < 0)
        return NULL;
    if (row->type == SETTING_CATEGORIES)
        return redress_category_name((enum category)bit);
    if (row->type == SETTING_TRAITS)
        return redress_trait_name((enum trait)bit);
    if (row->type == SETTING_LANGUAGES)
        return redress_language_name((enum language)bit);
    return settings->channels[bit].name;
}

static void print_workers(const struct settings *settings, char *out, size_t out_size)
{
    if (settings->workers == SETTINGS_WORKERS_NUMBER)
        snprintf(out, out_size, "%" PRIu64, settings->worker_count);
    else
        snprintf(out, out_size, "%s",
                 settings->workers == SETTINGS_WORKERS_AUTO ? "auto" : "inline");
}

bool setting_format(const struct setting *row, const struct settings *settings, const void *base,
                    size_t index, char *out, size_t out_size)
{
    ASSERT(row->type < SETTING_PROPERTIES);
    if (setting_is_scalar(row) && index > 0)
        return false;
    if (row->type == SETTING_BYTES || row->type == SETTING_DURATION) {
        print_with_unit(row, get_number(row, base), out, out_size);
    } else if (row->type == SETTING_COUNT) {
        snprintf(out, out_size, "%" PRIu64, get_number(row, base));
    } else if (row->type == SETTING_MODE) {
        snprintf(out, out_size, "%04o", get_enum(row, base));
    } else if (row->type == SETTING_WORKERS) {
        print_workers(settings, out, out_size);
    } else {
        const char *text = setting_is_scalar(row) ? scalar_name(row, settings, base)
                                                  : item_name(row, settings, base, index);
        if (!text)
            return false;
        snprintf(out, out_size, "%s", text);
    }
    return true;
}

bool setting_is_bare(const struct setting *row, const char *text)
{
    return row->type == SETTING_BOOL || row->type == SETTING_EITHER || row->type == SETTING_COUNT ||
           (row->type == SETTING_WORKERS && isdigit((unsigned char)*text));
}

static void describe_choices(const struct setting *row, char *out, size_t out_size)
{
    size_t used = 0;
    for (size_t index = 0; row->choices[index] && used < out_size; index++) {
        const char *between = row->choices[index + 1] ? ", " : " or ";
        used += (size_t)snprintf(out + used, out_size - used, "%s%s", index ? between : "",
                                 row->choices[index]);
    }
}

static void describe_range(const struct setting *row, char *out, size_t out_size)
{
    char least[32];
    char most[32];
    print_with_unit(row, row->min, least, sizeof least);
    print_with_unit(row, row->max, most, sizeof most);
    snprintf(out, out_size, "a %s with its unit (%s), from %s to %s",
             row->type == SETTING_BYTES ? "size" : "duration",
             row->type == SETTING_BYTES ? "B, KiB, MiB, GiB" : "ms, s, min, h, d", least, most);
}

static const char *const descriptions[] = {
    [SETTING_BOOL] = "true or false",
    [SETTING_NAME] = "a name of letters, digits, '.', '_' and '-'",
    [SETTING_TOPIC] = "a topic's name: letters, digits, '.', '_' and '-', up to 249",
    [SETTING_PREFIX] = "the beginning of a topic's name: letters, digits, '.', '_' and '-'",
    [SETTING_TEXT] = "a text",
    [SETTING_PATH] = "a path",
    [SETTING_ADDRESS] = "an IP address, such as 127.0.0.1 or ::1",
    [SETTING_MODE] = "four octal digits, such as 0660",
    [SETTING_POINTER] = "a JSON Pointer, such as /customer/id",
    [SETTING_QUEUE] = "a queue's name: letters, digits, '.', '_' and '-', up to 63",
    [SETTING_SEVERITY] = "minor, moderate, serious or critical",
    [SETTING_EITHER] = "true or false",
    [SETTING_TOPICS] = "a list of topics' names",
    [SETTING_CATEGORIES] = "a category or a list of them, as docs/vocabulary.md names them",
    [SETTING_TRAITS] = "a trait or a list of them, as docs/vocabulary.md names them",
    [SETTING_LANGUAGES] = "a language or a list of them: en, pl, sv, nl, ru, el, unknown",
    [SETTING_CHANNEL_NAMES] = "the name of a channel of this file, or a list of them",
    [SETTING_PROPERTIES] = "a mapping of librdkafka properties",
    [SETTING_CHANNELS] = "a list of channels",
    [SETTING_ROUTES] = "a list of rows, each with `when` and `queue`",
};

void setting_describe(const struct setting *row, char *out, size_t out_size)
{
    if (row->type == SETTING_CHOICE)
        describe_choices(row, out, out_size);
    else if (row->type == SETTING_BYTES || row->type == SETTING_DURATION)
        describe_range(row, out, out_size);
    else if (row->type == SETTING_COUNT)
        snprintf(out, out_size, "a number from %" PRIu64 " to %" PRIu64, row->min, row->max);
    else if (row->type == SETTING_WORKERS)
        snprintf(out, out_size, "auto, inline or a number from %" PRIu64 " to %" PRIu64, row->min,
                 row->max);
    else
        snprintf(out, out_size, "%s", descriptions[row->type]);
}
