#include "classify/pack/rule_match.h"

#include <string.h>

enum { NEAR_WORDS_DEFAULT = 6 };

/* The patterns of one rule, as they come. */
struct gathering {
    struct yaml_reader *reader;
    struct rule_words words;
    struct rule_pattern patterns[RULE_PATTERNS_MAX];
    uint32_t count;
    bool full;
};

struct rule_place rule_place_of(const struct yaml_reader *reader, struct yaml_place place)
{
    return (struct rule_place){
        .file = reader->file, .line = yaml_line(place), .column = yaml_column(place)};
}

struct rule_place rule_text_place_of(const struct yaml_reader *reader, struct yaml_place scalar)
{
    struct rule_place place = rule_place_of(reader, scalar);
    place.column = yaml_fields_text_column(scalar);
    return place;
}

void rule_match_remember(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    (void)reader;
    (void)target;
    (void)value;
}

static bool is_text(struct yaml_place value, const char *text)
{
    return yaml_exists(value) && yaml_kind(value) == YAML_KIND_SCALAR &&
           strcmp(yaml_text(value), text) == 0;
}

static void add(struct gathering *gathering, struct rule_pattern pattern, struct yaml_place place)
{
    if (!pattern.text)
        return;
    if (gathering->count == RULE_PATTERNS_MAX) {
        if (!gathering->full)
            yaml_error(place, gathering->reader->errors,
                       "a rule has at most %d entries and patterns: split it", RULE_PATTERNS_MAX);
        gathering->full = true;
        return;
    }
    gathering->patterns[gathering->count++] = pattern;
}

static void add_pattern(struct gathering *gathering, struct yaml_place place)
{
    struct yaml_reader *reader = gathering->reader;
    const char *text = yaml_fields_long_text(reader, place, RULE_PATTERN_BYTES_MAX);
    struct rule_pattern pattern = {.text = text, .place = rule_text_place_of(reader, place)};
    if (text)
        pattern.size = (uint32_t)yaml_text_size(place);
    add(gathering, pattern, place);
}

/* Whatever refused the entry says why, at the byte where it stands. */
static const char *entry_pattern(struct gathering *gathering, struct yaml_place place)
{
    struct yaml_reader *reader = gathering->reader;
    const char *entry = yaml_fields_text(reader, place, RULE_WORDS_BYTES_MAX);
    if (!entry)
        return NULL;
    const char *pattern = rule_words_pattern(&gathering->words, reader->arena, entry);
    if (pattern)
        return pattern;
    if (gathering->words.error[0])
        error_list_add(reader->errors, STATUS_INVALID, reader->file, yaml_line(place),
                       yaml_fields_text_column(place) + gathering->words.error_at, "%s",
                       gathering->words.error);
    else
        reader->no_memory = true;
    return NULL;
}

static void add_entries(struct gathering *gathering, struct yaml_place list, enum rule_part part)
{
    if (!yaml_exists(list) || !yaml_fields_is_list(gathering->reader, list))
        return;
    for (size_t index = 0; index < yaml_count(list); index++) {
        struct yaml_place item = yaml_item(list, index);
        const char *text = entry_pattern(gathering, item);
        add(gathering,
            (struct rule_pattern){.text = text,
                                  .size = text ? (uint32_t)strlen(text) : 0,
                                  .entry =
                                      text ? arena_copy_text(gathering->reader->arena,
                                                             yaml_text(item), yaml_text_size(item))
                                           : NULL,
                                  .one_sentence = true,
                                  .part = (uint8_t)part,
                                  .place = rule_text_place_of(gathering->reader, item)},
            item);
    }
}

static void add_patterns(struct gathering *gathering, struct yaml_place rule)
{
    struct yaml_place one = yaml_find(rule, "pattern");
    struct yaml_place many = yaml_find(rule, "patterns");
    if (yaml_exists(one) && yaml_exists(many))
        yaml_error(many, gathering->reader->errors,
                   "\"pattern\" and \"patterns\" exclude each other");
    else if (yaml_exists(one))
        add_pattern(gathering, one);
    else if (yaml_exists(many) && yaml_fields_is_list(gathering->reader, many))
        for (size_t index = 0; index < yaml_count(many); index++)
            add_pattern(gathering, yaml_item(many, index));
}

/* A named list as the writer of patterns wants it; each entry is tried alone first, for its errors.
 */
static bool read_entries(struct gathering *gathering, struct yaml_place list, struct word_list *out)
{
    struct yaml_reader *reader = gathering->reader;
    if (!yaml_fields_is_list(reader, list))
        return false;
    size_t count = yaml_count(list);
    const char **entries = arena_allocate_array(reader->arena, count, sizeof *entries);
    reader->no_memory |= !entries;
    for (size_t index = 0; entries && index < count; index++) {
        if (!entry_pattern(gathering, yaml_item(list, index)))
            return false;
        entries[index] = yaml_fields_text(reader, yaml_item(list, index), RULE_WORDS_BYTES_MAX);
    }
    out->entries = entries;
    out->count = (uint32_t)count;
    return entries != NULL;
}

/* `near` on its way. */
struct near_context {
    struct gathering *gathering;
    struct rule *rule;
};

static void read_near_a(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    (void)reader;
    add_entries(((struct near_context *)target)->gathering, value, RULE_PART_NEAR_A);
}

static void read_near_b(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    (void)reader;
    add_entries(((struct near_context *)target)->gathering, value, RULE_PART_NEAR_B);
}

static void read_near_words(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    double words = NEAR_WORDS_DEFAULT;
    yaml_fields_number(reader, value, 0, RULE_NEAR_WORDS_MAX, &words);
    ((struct near_context *)target)->rule->near_words = (uint8_t)words;
}

static void read_near_order(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    if (!is_text(value, "any") && !is_text(value, "ab"))
        yaml_error(value, reader->errors, "order is \"any\" (the default) or \"ab\"");
    ((struct near_context *)target)->rule->near_ordered = is_text(value, "ab");
}

static const struct yaml_field near_fields[] = {
    {"a", read_near_a, true},
    {"b", read_near_b, true},
    {"words", read_near_words, false},
    {"order", read_near_order, false},
};

struct yaml_field_table rule_match_near_keys(void)
{
    return (struct yaml_field_table){near_fields, sizeof near_fields / sizeof near_fields[0]};
}

static void add_near(struct gathering *gathering, struct rule *rule, struct yaml_place near)
{
    if (!yaml_exists(near))
        return;
    rule->near_words = NEAR_WORDS_DEFAULT;
    yaml_fields_read(gathering->reader, near, near_fields,
                     sizeof near_fields / sizeof near_fields[0],
                     &(struct near_context){gathering, rule}, "near");
}

/* Where accents decide, what words say is matched against the original text. */
static void read_modes(struct gathering *gathering, struct rule *rule, struct yaml_place place)
{
    struct yaml_place match = yaml_find(place, "match");
    struct yaml_place accents = yaml_find(place, "accents");
    rule->original = is_text(match, "original");
    if (yaml_exists(match) && !rule->original && !is_text(match, "view"))
        yaml_error(match, gathering->reader->errors,
                   "match is \"view\" (the default) or \"original\"");
    if (!yaml_exists(accents))
        return;
    if (!is_text(accents, "decide"))
        yaml_error(accents, gathering->reader->errors,
                   "accents: decide is all that can stand here");
    else if (yaml_exists(yaml_find(place, "pattern")) || yaml_exists(yaml_find(place, "patterns")))
        yaml_error(accents, gathering->reader->errors,
                   "accents decide in words and near; a pattern says \"match: original\"");
    gathering->words.accents = true;
    rule->original = true;
}

static bool has_any(struct yaml_place place)
{
    return yaml_exists(yaml_find(place, "words")) || yaml_exists(yaml_find(place, "pattern")) ||
           yaml_exists(yaml_find(place, "patterns")) || yaml_exists(yaml_find(place, "near"));
}

static void keep(struct yaml_reader *reader, const struct gathering *gathering, struct rule *rule)
{
    struct rule_pattern *patterns =
        arena_allocate_array(reader->arena, gathering->count + 1, sizeof *patterns);
    reader->no_memory |= !patterns;
    if (!patterns)
        return;
    memcpy(patterns, gathering->patterns, gathering->count * sizeof *patterns);
    rule->patterns = patterns;
    rule->pattern_count = gathering->count;
}

void rule_match_read(struct yaml_reader *reader, struct rule_context *context,
                     struct yaml_place place)
{
    struct arena aside = {0};
    struct rule *rule = context->rule;
    struct gathering *gathering = arena_allocate(&aside, sizeof *gathering);
    if (!has_any(place))
        yaml_error(place, reader->errors,
                   "a rule needs \"words\", \"near\", \"pattern\" or \"patterns\"");
    if (gathering) {
        gathering->reader = reader;
        gathering->words.lists = context->file->lists;
        gathering->words.commas =
            context->file->language == LANGUAGE_PL || context->file->language == LANGUAGE_RU;
        read_modes(gathering, rule, place);
        if (rule->original && !gathering->words.accents &&
            (yaml_exists(yaml_find(place, "words")) || yaml_exists(yaml_find(place, "near"))))
            yaml_error(yaml_find(place, "match"), reader->errors,
                       "words and near match the view; \"accents: decide\" looks at the original");
        add_entries(gathering, yaml_find(place, "words"), RULE_PART_MATCH);
        add_patterns(gathering, place);
        add_near(gathering, rule, yaml_find(place, "near"));
        add_entries(gathering, yaml_find(place, "not"), RULE_PART_NOT);
        add_entries(gathering, yaml_find(place, "except"), RULE_PART_EXCEPT);
        keep(reader, gathering, rule);
    }
    reader->no_memory |= !gathering;
    arena_free(&aside);
}

void rule_match_read_lists(struct yaml_reader *reader, struct file_context *file)
{
    if (!yaml_exists(file->lists_place) || yaml_kind(file->lists_place) != YAML_KIND_MAPPING)
        return;
    struct gathering *gathering = arena_allocate(reader->arena, sizeof *gathering);
    reader->no_memory |= !gathering;
    for (size_t index = 0; gathering && index < yaml_count(file->lists_place); index++) {
        struct word_list *list = arena_allocate(reader->arena, sizeof *list);
        reader->no_memory |= !list;
        if (!list)
            return;
        gathering->reader = reader;
        gathering->words.lists = file->lists; /* those above it: no circles */
        list->name =
            yaml_fields_text(reader, yaml_key(file->lists_place, index), RULE_GROUP_BYTES_MAX);
        if (!list->name || !read_entries(gathering, yaml_value(file->lists_place, index), list))
            continue;
        list->next = file->lists;
        file->lists = list;
    }
}
