/**
 * Reads conditions by recursive descent and writes them as postfix steps. The first fault ends the
 * reading: what follows a syntax error is guesswork.
 */
#include "classify/pack/expression.h"

#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_COMPARE,
    TOKEN_OPEN,
    TOKEN_CLOSE
};

struct token {
    enum token_kind kind;
    const char *start;
    size_t size;
    enum expression_compare compare;
    double number;
};

struct parser {
    const struct expression_source *source;
    struct arena *arena;
    struct channel_names *channels;
    struct error_list *errors;
    const char *at;
    struct token token;
    struct expression_step steps[EXPRESSION_STEPS_MAX];
    uint32_t count;
    struct expression_reads reads;
    enum redress_status status;
};

/* Always false, so that a fault can be returned in one line. */
__attribute__((format(printf, 3, 4))) static bool fail(struct parser *parser, const char *where,
                                                       const char *format, ...)
{
    if (parser->status != STATUS_OK)
        return false;
    parser->status = STATUS_INVALID;
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const struct expression_source *source = parser->source;
    uint32_t line = source->line;
    uint32_t column = source->column;
    for (const char *byte = source->text; byte < where; byte++) {
        column = *byte == '\n' ? 1 : column + 1;
        line += *byte == '\n';
    }
    error_list_add(parser->errors, STATUS_INVALID, source->file, line, column, "%s", text);
    return false;
}

/* How much of a word an error repeats. */
static int shown(size_t size)
{
    return size < 40 ? (int)size : 40;
}

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte == '.' || (byte >= '0' && byte <= '9');
}

static bool read_compare(struct parser *parser)
{
    static const struct {
        const char *text;
        enum expression_compare compare;
    } signs[] = {
        {"==", COMPARE_EQUAL},         {"!=", COMPARE_NOT_EQUAL}, {"<=", COMPARE_LESS_EQUAL},
        {">=", COMPARE_GREATER_EQUAL}, {"<", COMPARE_LESS},       {">", COMPARE_GREATER},
    };
    for (size_t index = 0; index < sizeof signs / sizeof signs[0]; index++) {
        size_t size = strlen(signs[index].text);
        if (strncmp(parser->at, signs[index].text, size) != 0)
            continue;
        parser->token = (struct token){TOKEN_COMPARE, parser->at, size, signs[index].compare, 0};
        parser->at += size;
        return true;
    }
    return fail(parser, parser->at,
                "\"%.1s\" means nothing here; compare with == != < <= > >=", parser->at);
}

static bool read_quoted(struct parser *parser)
{
    const char *start = parser->at + 1;
    const char *end = strchr(start, *parser->at);
    if (!end)
        return fail(parser, parser->at, "the quotation mark is never closed");
    parser->token =
        (struct token){.kind = TOKEN_TEXT, .start = start, .size = (size_t)(end - start)};
    parser->at = end + 1;
    return true;
}

static bool read_word_or_number(struct parser *parser)
{
    const char *start = parser->at;
    bool negative = *parser->at == '-';
    parser->at += negative;
    while (is_word_byte(*parser->at))
        parser->at++;
    struct token token = {.kind = TOKEN_WORD, .start = start, .size = (size_t)(parser->at - start)};
    bool digit = start[negative] >= '0' && start[negative] <= '9';
    if (digit) {
        char copy[32] = {0};
        char *end = NULL;
        memcpy(copy, start, token.size < sizeof copy ? token.size : sizeof copy - 1);
        token.number = strtod(copy, &end);
        if (*end || token.size >= sizeof copy)
            return fail(parser, start, "\"%.*s\" is no number", shown(token.size), start);
        token.kind = TOKEN_NUMBER;
    } else if (negative || token.size == 0) {
        return fail(parser, start, "\"%.1s\" means nothing here", start);
    }
    parser->token = token;
    return true;
}

static bool next(struct parser *parser)
{
    while (*parser->at == ' ' || *parser->at == '\n' || *parser->at == '\t')
        parser->at++;
    char byte = *parser->at;
    if (byte == 0) {
        parser->token = (struct token){.kind = TOKEN_END, .start = parser->at};
        return true;
    }
    if (byte == '(' || byte == ')') {
        parser->token = (struct token){
            .kind = byte == '(' ? TOKEN_OPEN : TOKEN_CLOSE, .start = parser->at, .size = 1};
        parser->at++;
        return true;
    }
    if (byte == '"' || byte == '\'')
        return read_quoted(parser);
    if (strchr("=!<>", byte))
        return read_compare(parser);
    return read_word_or_number(parser);
}

static bool token_is(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && token->size == strlen(word) &&
           memcmp(token->start, word, token->size) == 0;
}

static bool emit(struct parser *parser, struct expression_step step)
{
    if (parser->count == EXPRESSION_STEPS_MAX)
        return fail(parser, parser->token.start, "the condition is too long: split it");
    parser->steps[parser->count++] = step;
    return true;
}

static bool emit_operand(struct parser *parser, enum expression_op op, unsigned argument)
{
    return emit(parser, (struct expression_step){.op = (uint8_t)op, .argument = (uint8_t)argument});
}

/* The name behind "announced." or "done.". */
static bool parse_step(struct parser *parser, struct token token, enum expression_op op,
                       const char *prefix)
{
    const char *name = token.start + strlen(prefix);
    enum trait trait = TRAIT_REPEAT;
    if (redress_trait_parse(name, token.size - strlen(prefix), &trait) &&
        (1u << trait & RULE_STANCE_TRAITS))
        return emit_operand(parser, op, trait);
    return fail(parser, token.start,
                "only legal, regulator, publicity and leaving are announced or done");
}

/* The name behind "trait." or "category.". */
static bool parse_named(struct parser *parser, struct token token)
{
    size_t dot = (size_t)((const char *)memchr(token.start, '.', token.size) - token.start) + 1;
    const char *name = token.start + dot;
    size_t size = token.size - dot;
    enum trait trait = TRAIT_REPEAT;
    enum category category = CATEGORY_BILLING;
    if (token.start[0] == 't' && redress_trait_parse(name, size, &trait)) {
        /* Insults change nothing: a condition must not even see them. */
        if (trait == TRAIT_ABUSE)
            return fail(parser, token.start,
                        "abuse never changes a decision: leave trait.abuse out");
        parser->reads.traits |= 1u << trait;
        return emit_operand(parser, EXPRESSION_TRAIT, trait);
    }
    if (token.start[0] == 'c' && redress_category_parse(name, size, &category))
        return emit_operand(parser, EXPRESSION_CATEGORY, category);
    return fail(parser, token.start, "no %s is named \"%.*s\"; docs/vocabulary.md lists them",
                token.start[0] == 't' ? "trait" : "category", shown(size), name);
}

static bool parse_sign(struct parser *parser, enum expression_compare *out, const char *what)
{
    if (parser->token.kind != TOKEN_COMPARE)
        return fail(parser, parser->token.start, "%s is compared: a sign such as >= comes here",
                    what);
    *out = parser->token.compare;
    return next(parser);
}

/* language == en, channel != "chat": equality only. */
static bool parse_equality(struct parser *parser, enum expression_compare *compare,
                           struct token *value, const char *what)
{
    const char *start = parser->token.start;
    if (!parse_sign(parser, compare, what))
        return false;
    if (*compare != COMPARE_EQUAL && *compare != COMPARE_NOT_EQUAL)
        return fail(parser, start, "%s has no order: only == and != compare it", what);
    *value = parser->token;
    if (value->kind != TOKEN_WORD && value->kind != TOKEN_TEXT)
        return fail(parser, value->start, "the name of a %s comes here", what);
    return next(parser);
}

static bool parse_language(struct parser *parser)
{
    enum expression_compare compare = COMPARE_EQUAL;
    struct token value = {0};
    enum language language = LANGUAGE_UNKNOWN;
    if (!parse_equality(parser, &compare, &value, "language"))
        return false;
    if (value.size != 2 || !redress_language_parse(value.start, value.size, &language))
        return fail(parser, value.start, "no language \"%.*s\"; there are en, pl, sv, nl, ru, el",
                    shown(value.size), value.start);
    return emit(parser, (struct expression_step){.op = EXPRESSION_LANGUAGE,
                                                 .argument = (uint8_t)language,
                                                 .compare = (uint8_t)compare});
}

static bool channel_number(struct parser *parser, struct token value, uint8_t *out)
{
    struct channel_names *channels = parser->channels;
    if (value.size == 0 || value.size > CHANNEL_NAME_BYTES_MAX)
        return fail(parser, value.start, "the name of a channel has 1 to %d bytes",
                    CHANNEL_NAME_BYTES_MAX);
    *out = channel_names_find(channels, (struct slice){value.start, (uint32_t)value.size});
    if (*out)
        return true;
    if (channels->count == CHANNEL_NAMES_MAX)
        return fail(parser, value.start, "conditions name more than %d channels",
                    CHANNEL_NAMES_MAX);
    const char *copy = arena_copy_text(parser->arena, value.start, value.size);
    if (!copy) {
        parser->status = STATUS_MEMORY;
        return false;
    }
    channels->names[channels->count++] = copy;
    *out = (uint8_t)channels->count;
    return true;
}

static bool parse_channel(struct parser *parser)
{
    struct expression_step step = {.op = EXPRESSION_CHANNEL};
    enum expression_compare compare = COMPARE_EQUAL;
    struct token value = {0};
    if (!parse_equality(parser, &compare, &value, "channel") ||
        !channel_number(parser, value, &step.argument))
        return false;
    step.compare = (uint8_t)compare;
    return emit(parser, step);
}

static bool parse_severity(struct parser *parser)
{
    enum expression_compare compare = COMPARE_EQUAL;
    enum severity severity = SEVERITY_NONE;
    if (!parse_sign(parser, &compare, "severity"))
        return false;
    struct token value = parser->token;
    if (value.kind != TOKEN_WORD || !redress_severity_parse(value.start, value.size, &severity))
        return fail(parser, value.start,
                    "a severity comes here: none, minor, moderate, serious or critical");
    return next(parser) && emit(parser, (struct expression_step){.op = EXPRESSION_SEVERITY,
                                                                 .compare = (uint8_t)compare,
                                                                 .value = (float)severity});
}

static bool parse_number_comparison(struct parser *parser, struct expression_step step,
                                    const char *what)
{
    enum expression_compare compare = COMPARE_EQUAL;
    if (!parse_sign(parser, &compare, what))
        return false;
    if (parser->token.kind != TOKEN_NUMBER)
        return fail(parser, parser->token.start, "a number comes here");
    step.compare = (uint8_t)compare;
    step.value = (float)parser->token.number;
    return next(parser) && emit(parser, step);
}

/* duration >= 2 weeks */
static bool parse_duration(struct parser *parser)
{
    static const struct {
        const char *name; /* of several; one of them lacks the s */
        float seconds;
    } units[] = {{"seconds", 1},        {"minutes", 60},      {"hours", 3600},
                 {"days", 86400},       {"weeks", 7 * 86400}, {"months", 30 * 86400},
                 {"years", 365 * 86400}};
    struct expression_step step = {.op = EXPRESSION_DURATION};
    enum expression_compare compare = COMPARE_EQUAL;
    if (!parse_sign(parser, &compare, "duration"))
        return false;
    struct token number = parser->token;
    if (number.kind != TOKEN_NUMBER)
        return fail(parser, number.start, "a number comes here, then its unit: 2 weeks");
    if (!next(parser))
        return false;
    struct token unit = parser->token;
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        size_t size = strlen(units[index].name);
        if (unit.kind != TOKEN_WORD || (unit.size != size && unit.size != size - 1) ||
            memcmp(unit.start, units[index].name, unit.size) != 0)
            continue;
        step.compare = (uint8_t)compare;
        step.value = (float)number.number * units[index].seconds;
        return next(parser) && emit(parser, step);
    }
    return fail(parser, unit.start, "a unit comes here: seconds to years");
}

static bool parse_recurrence(struct parser *parser, struct token token)
{
    static const char *const windows[] = {"recurrence.complaints_1h", "recurrence.complaints_1d",
                                          "recurrence.complaints_7d", "recurrence.complaints_30d"};
    parser->reads.recurrence = true;
    if (token_is(&token, "recurrence.repeat"))
        return emit_operand(parser, EXPRESSION_REPEAT, 0);
    for (unsigned window = 0; window < sizeof windows / sizeof windows[0]; window++) {
        struct expression_step step = {.op = EXPRESSION_COMPLAINTS, .argument = (uint8_t)window};
        if (token_is(&token, windows[window]))
            return parse_number_comparison(parser, step, "a count");
    }
    return fail(parser, token.start,
                "no such history; there are recurrence.repeat and recurrence.complaints_1h, _1d, "
                "_7d, _30d");
}

static bool starts_with(const struct token *token, const char *prefix)
{
    return token->size >= strlen(prefix) && memcmp(token->start, prefix, strlen(prefix)) == 0;
}

static bool parse_operand(struct parser *parser)
{
    struct token token = parser->token;
    if (token.kind != TOKEN_WORD)
        return fail(parser, token.start,
                    token.kind == TOKEN_END ? "the condition ends too early"
                                            : "a condition comes here, such as "
                                              "trait.safety");
    if (!next(parser))
        return false;
    if (starts_with(&token, "trait.") || starts_with(&token, "category."))
        return parse_named(parser, token);
    if (starts_with(&token, "recurrence."))
        return parse_recurrence(parser, token);
    if (token_is(&token, "language"))
        return parse_language(parser);
    if (token_is(&token, "channel"))
        return parse_channel(parser);
    if (token_is(&token, "severity"))
        return parse_severity(parser);
    if (token_is(&token, "score"))
        return parse_number_comparison(parser, (struct expression_step){.op = EXPRESSION_SCORE},
                                       "score");
    if (starts_with(&token, "announced."))
        return parse_step(parser, token, EXPRESSION_ANNOUNCED, "announced.");
    if (starts_with(&token, "done."))
        return parse_step(parser, token, EXPRESSION_DONE, "done.");
    if (token_is(&token, "duration"))
        return parse_duration(parser);
    if (token_is(&token, "money"))
        return parse_number_comparison(parser, (struct expression_step){.op = EXPRESSION_MONEY},
                                       "money");
    if (token_is(&token, "count"))
        return parse_number_comparison(parser, (struct expression_step){.op = EXPRESSION_COUNT},
                                       "a count");
    if (token_is(&token, "complaint"))
        return emit_operand(parser, EXPRESSION_COMPLAINT, 0);
    if (token_is(&token, "urgent"))
        return emit_operand(parser, EXPRESSION_URGENT, 0);
    return fail(parser, token.start,
                "\"%.*s\" is nothing a condition knows; it knows trait.x, announced.x, done.x, "
                "category.x, language, channel, severity, score, complaint, urgent, duration, "
                "money, count, recurrence.x",
                shown(token.size), token.start);
}

static bool parse_or(struct parser *parser, unsigned depth);

static bool parse_not(struct parser *parser, unsigned depth)
{
    if (depth > EXPRESSION_DEPTH_MAX)
        return fail(parser, parser->token.start, "nested deeper than %d", EXPRESSION_DEPTH_MAX);
    if (token_is(&parser->token, "not"))
        return next(parser) && parse_not(parser, depth + 1) &&
               emit_operand(parser, EXPRESSION_NOT, 0);
    if (parser->token.kind != TOKEN_OPEN)
        return parse_operand(parser);
    struct token open = parser->token;
    if (!next(parser) || !parse_or(parser, depth + 1))
        return false;
    if (parser->token.kind != TOKEN_CLOSE)
        return fail(parser, open.start, "the bracket is never closed");
    return next(parser);
}

static bool parse_and(struct parser *parser, unsigned depth)
{
    if (!parse_not(parser, depth))
        return false;
    while (token_is(&parser->token, "and"))
        if (!next(parser) || !parse_not(parser, depth) || !emit_operand(parser, EXPRESSION_AND, 0))
            return false;
    return true;
}

static bool parse_or(struct parser *parser, unsigned depth)
{
    if (!parse_and(parser, depth))
        return false;
    while (token_is(&parser->token, "or"))
        if (!next(parser) || !parse_and(parser, depth) || !emit_operand(parser, EXPRESSION_OR, 0))
            return false;
    return true;
}

struct required {
    trait_set traits;
    bool complaint;
};

/* What must be true for the whole to hold, as far as joining by `and` tells. */
static void find_required(struct expression *expression)
{
    struct required stack[EXPRESSION_STEPS_MAX] = {0};
    uint32_t top = 0;
    for (uint32_t index = 0; index < expression->count; index++) {
        const struct expression_step *step = &expression->steps[index];
        if (step->op == EXPRESSION_NOT) {
            stack[top - 1] = (struct required){0};
        } else if (step->op == EXPRESSION_AND) {
            top--;
            stack[top - 1].traits |= stack[top].traits;
            stack[top - 1].complaint |= stack[top].complaint;
        } else if (step->op == EXPRESSION_OR) {
            top--;
            stack[top - 1].traits &= stack[top].traits;
            stack[top - 1].complaint &= stack[top].complaint;
        } else {
            ASSERT(top < EXPRESSION_STEPS_MAX);
            stack[top++] =
                (struct required){.traits = step->op == EXPRESSION_TRAIT ? 1u << step->argument : 0,
                                  .complaint = step->op == EXPRESSION_COMPLAINT};
        }
    }
    expression->required_traits = top ? stack[0].traits : 0;
    expression->requires_complaint = top && stack[0].complaint;
}

enum redress_status expression_parse(const struct expression_source *source, struct arena *arena,
                                     struct channel_names *channels, struct error_list *errors,
                                     struct expression *out)
{
    struct parser parser = {.source = source,
                            .arena = arena,
                            .channels = channels,
                            .errors = errors,
                            .at = source->text};
    *out = (struct expression){0};
    if (strlen(source->text) > EXPRESSION_BYTES_MAX) {
        (void)fail(&parser, source->text, "the condition has more than %d bytes: split it",
                   EXPRESSION_BYTES_MAX);
        return parser.status;
    }
    if (!next(&parser) || !parse_or(&parser, 0))
        return parser.status;
    if (parser.token.kind != TOKEN_END) {
        (void)fail(&parser, parser.token.start,
                   "\"and\", \"or\" or the end comes here, not \"%.*s\"", shown(parser.token.size),
                   parser.token.start);
        return parser.status;
    }
    size_t size = parser.count * sizeof *parser.steps;
    struct expression_step *steps = arena_allocate(arena, size);
    if (!steps)
        return STATUS_MEMORY;
    memcpy(steps, parser.steps, size);
    *out = (struct expression){.steps = steps, .count = parser.count, .reads = parser.reads};
    find_required(out);
    return STATUS_OK;
}
