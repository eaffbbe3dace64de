/** Reads rules/<language>/language.yaml: negation, stance, and the words of numbers and units. */
#include "classify/pack/rule_file.h"
#include "classify/pack/yaml_fields.h"

#include <string.h>

enum { WORD_BYTES_MAX = 120 };

struct grammar_context {
    struct grammar *grammar;
    enum language language;
};

static void add_word(struct yaml_reader *reader, struct grammar *grammar, struct yaml_place place,
                     enum grammar_cue cue, float value)
{
    const char *phrase = yaml_fields_text(reader, place, WORD_BYTES_MAX);
    if (!phrase)
        return;
    enum redress_status status = grammar_add(grammar, reader->arena, phrase, cue, value);
    reader->no_memory |= status == STATUS_MEMORY;
    if (status == STATUS_INVALID)
        yaml_error(place, reader->errors,
                   "\"%.60s\" is no phrase: one to %d words of letters and digits with one blank "
                   "between, a * at the very end at most",
                   phrase, GRAMMAR_PHRASE_WORDS_MAX);
}

static void add_words(struct yaml_reader *reader, struct grammar *grammar, struct yaml_place list,
                      enum grammar_cue cue, float value)
{
    if (!yaml_fields_is_list(reader, list))
        return;
    for (size_t index = 0; index < yaml_count(list); index++)
        add_word(reader, grammar, yaml_item(list, index), cue, value);
}

static void read_reach(struct yaml_reader *reader, struct yaml_place value, uint32_t *out)
{
    double reach = 0;
    if (yaml_fields_number(reader, value, 0, GRAMMAR_REACH_WORDS_MAX, &reach))
        *out = (uint32_t)reach;
}

static void read_before(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, target, value, CUE_NEGATOR, 0);
}

static void read_after(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, target, value, CUE_NEGATOR_AFTER, 0);
}

static void read_stoppers(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, target, value, CUE_STOPPER, 0);
}

static void read_exceptions(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, target, value, CUE_EXCEPTION, 0);
}

static void read_negation_reach(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_reach(reader, value, &((struct grammar *)target)->reach_words);
}

static void read_reach_after(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_reach(reader, value, &((struct grammar *)target)->reach_after_words);
}

static void read_double(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct grammar *grammar = target;
    bool scalar = yaml_kind(value) == YAML_KIND_SCALAR;
    grammar->negators_cancel = scalar && strcmp(yaml_text(value), "even") == 0;
    if (!grammar->negators_cancel && !(scalar && strcmp(yaml_text(value), "one") == 0))
        yaml_error(
            value, reader->errors,
            "double is \"one\" (two negators negate) or \"even\" (they take each other back)");
}

static const struct yaml_field negation_fields[] = {
    {"before", read_before, false},        {"after", read_after, false},
    {"reach", read_negation_reach, false}, {"reach_after", read_reach_after, false},
    {"stoppers", read_stoppers, false},    {"exceptions", read_exceptions, false},
    {"double", read_double, false},
};

static void read_negation(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    yaml_fields_read(reader, value, negation_fields,
                     sizeof negation_fields / sizeof negation_fields[0],
                     ((struct grammar_context *)target)->grammar, "negation");
}

static void read_announced(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, target, value, CUE_ANNOUNCED, 0);
}

static void read_done(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, target, value, CUE_DONE, 0);
}

static void read_reported(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, target, value, CUE_REPORTED, 0);
}

static void read_stance_reach(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_reach(reader, value, &((struct grammar *)target)->stance_reach_words);
}

static const struct yaml_field stance_fields[] = {
    {"announced", read_announced, false},
    {"done", read_done, false},
    {"reported", read_reported, false},
    {"reach", read_stance_reach, false},
};

static void read_stance(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    yaml_fields_read(reader, value, stance_fields, sizeof stance_fields / sizeof stance_fields[0],
                     ((struct grammar_context *)target)->grammar, "stance");
}

/* word: value */
static void read_values(struct yaml_reader *reader, void *target, struct yaml_place value,
                        enum grammar_cue cue)
{
    struct grammar *grammar = ((struct grammar_context *)target)->grammar;
    if (!yaml_fields_is_mapping(reader, value))
        return;
    for (size_t index = 0; index < yaml_count(value); index++) {
        double number = 0;
        if (yaml_fields_number(reader, yaml_value(value, index), 0, 1e9, &number))
            add_word(reader, grammar, yaml_key(value, index), cue, (float)number);
    }
}

static void read_numbers(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_values(reader, target, value, CUE_NUMBER);
}

static void read_ordinals(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    read_values(reader, target, value, CUE_ORDINAL);
}

static void read_times(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    add_words(reader, ((struct grammar_context *)target)->grammar, value, CUE_TIMES, 0);
}

/* A name in a table of values, and the words that mean it. */
struct named_value {
    const char *name;
    float value;
};

static void read_named(struct yaml_reader *reader, struct grammar *grammar,
                       struct yaml_place mapping, enum grammar_cue cue,
                       const struct named_value *table, size_t count)
{
    if (!yaml_fields_is_mapping(reader, mapping))
        return;
    for (size_t index = 0; index < yaml_count(mapping); index++) {
        struct yaml_place key = yaml_key(mapping, index);
        size_t at = 0;
        while (at < count && strcmp(table[at].name, yaml_text(key)) != 0)
            at++;
        if (at == count)
            yaml_error(key, reader->errors, "\"%.40s\" is not known here; %s to %s are",
                       yaml_text(key), table[0].name, table[count - 1].name);
        else
            add_words(reader, grammar, yaml_value(mapping, index), cue, table[at].value);
    }
}

static void read_units(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    static const struct named_value units[] = {
        {"second", 1},       {"minute", 60},        {"hour", 3600},       {"day", 86400},
        {"week", 7 * 86400}, {"month", 30 * 86400}, {"year", 365 * 86400}};
    read_named(reader, ((struct grammar_context *)target)->grammar, value, CUE_UNIT, units,
               sizeof units / sizeof units[0]);
}

/* Rough on purpose: a sum is large or it is not. */
static void read_currency(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    static const struct named_value currencies[] = {{"EUR", 1},     {"USD", 0.9F},  {"GBP", 1.15F},
                                                    {"PLN", 0.23F}, {"SEK", 0.09F}, {"RUB", 0.01F},
                                                    {"KZT", 0.002F}};
    read_named(reader, ((struct grammar_context *)target)->grammar, value, CUE_CURRENCY, currencies,
               sizeof currencies / sizeof currencies[0]);
}

static void read_language(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct grammar_context *context = target;
    enum language language = LANGUAGE_UNKNOWN;
    if (yaml_fields_language(reader, value, &language) && language != context->language)
        yaml_error(value, reader->errors, "the file stands in the folder of \"%s\"",
                   redress_language_name(context->language));
}

/* Pairs for people and for the checks of a pack: here only their form is read. */
static void read_false_friends(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    (void)target;
    if (!yaml_fields_is_list(reader, value))
        return;
    for (size_t index = 0; index < yaml_count(value); index++)
        yaml_fields_is_list(reader, yaml_item(value, index));
}

static const struct yaml_field grammar_fields[] = {
    {"language", read_language, true},
    {"negation", read_negation, false},
    {"stance", read_stance, false},
    {"numbers", read_numbers, false},
    {"ordinals", read_ordinals, false},
    {"times", read_times, false},
    {"units", read_units, false},
    {"currency", read_currency, false},
    {"false_friends", read_false_friends, false},
};

enum redress_status grammar_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                      const char *file, enum language language,
                                      struct error_list *errors)
{
    struct yaml_reader reader = {.errors = errors, .arena = &pack->arena};
    struct grammar *grammar = arena_allocate(&pack->arena, sizeof *grammar);
    reader.file = arena_copy_text(&pack->arena, file, strlen(file));
    if (!reader.file || !grammar)
        return STATUS_MEMORY;
    grammar_init(grammar);
    struct grammar_context context = {grammar, language};
    yaml_fields_read(&reader, yaml_root(tree), grammar_fields,
                     sizeof grammar_fields / sizeof grammar_fields[0], &context, "language.yaml");
    pack->grammars[language] = grammar;
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}
