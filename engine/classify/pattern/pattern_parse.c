#include "classify/pattern/pattern_parser.h"

#include "base/assert.h"
#include "base/memory.h"
#include "text/utf8.h"
#include "text/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static uint32_t parse_choice(struct pattern_parser *parser);

uint32_t pattern_refuse(struct pattern_parser *parser, uint32_t at, const char *format, ...)
{
    if (parser->failed)
        return 0;
    parser->failed = true;
    parser->error->at = at;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(parser->error->text, sizeof parser->error->text, format, arguments);
    va_end(arguments);
    return 0;
}

uint32_t pattern_add_node(struct pattern_parser *parser, enum pattern_kind kind, uint32_t at)
{
    struct pattern *pattern = parser->pattern;
    if (parser->failed)
        return 0;
    ASSERT(pattern->node_count < parser->node_max);
    pattern->nodes[pattern->node_count] =
        (struct pattern_node){.kind = kind,
                              .at = at,
                              .size = parser->at - at,
                              .min = 1,
                              .max = 1,
                              .caseless = parser->modes.caseless,
                              .multiline = parser->modes.multiline,
                              .dot_all = parser->modes.dot_all};
    return pattern->node_count++;
}

struct pattern_node *pattern_node_of(struct pattern_parser *parser, uint32_t node)
{
    return &parser->pattern->nodes[node];
}

int pattern_peek(const struct pattern_parser *parser, uint32_t ahead)
{
    return parser->at + ahead < parser->size ? (uint8_t)parser->text[parser->at + ahead] : -1;
}

bool pattern_accept(struct pattern_parser *parser, const char *token)
{
    size_t size = strlen(token);
    if (parser->size - parser->at < size || memcmp(parser->text + parser->at, token, size) != 0)
        return false;
    parser->at += (uint32_t)size;
    return true;
}

bool pattern_next_character(struct pattern_parser *parser, uint32_t *code_point)
{
    size_t length =
        utf8_decode(parser->text + parser->at, parser->size - parser->at, code_point, NULL);
    if (length == 0) {
        pattern_refuse(parser, parser->at, "the pattern ends too early or is no valid UTF-8");
        return false;
    }
    parser->at += (uint32_t)length;
    return true;
}

/* Blanks and comments of (?x), and (?#...): they stand for nothing. */
static void skip_comments(struct pattern_parser *parser)
{
    while (!parser->failed && !parser->quoted) {
        int byte = pattern_peek(parser, 0);
        if (parser->modes.extended && byte >= 0 &&
            (byte == ' ' || (byte >= '\t' && byte <= '\r'))) {
            parser->at++;
        } else if (parser->modes.extended && byte == '#') {
            while (pattern_peek(parser, 0) >= 0 && pattern_peek(parser, 0) != '\n')
                parser->at++;
        } else if (byte == '(' && pattern_peek(parser, 1) == '?' &&
                   pattern_peek(parser, 2) == '#') {
            uint32_t from = parser->at;
            while (pattern_peek(parser, 0) >= 0 && pattern_peek(parser, 0) != ')')
                parser->at++;
            if (!pattern_accept(parser, ")"))
                pattern_refuse(parser, from, "the comment is not closed: its ) is missing");
        } else {
            return;
        }
    }
}

uint32_t pattern_add_literal(struct pattern_parser *parser, uint32_t code_point, uint32_t from)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t size = view_fold_character(code_point, folded);
    if (!parser->pattern->original && code_point >= 0x80 && size == 1 && view_is_shared(folded[0]))
        return pattern_refuse(parser, from,
                              "U+%04X has no byte of its own in the view, it would "
                              "match any other such character: use `match: original`",
                              code_point);
    uint32_t node = pattern_add_node(parser, PATTERN_LITERAL, from);
    struct pattern_node *self = pattern_node_of(parser, node);
    self->code_point = code_point;
    self->fold_size = (uint8_t)size;
    memcpy(self->fold, folded, size);
    return node;
}

static bool add_name(struct pattern_parser *parser, char end)
{
    uint32_t size;
    uint32_t at = pattern_read_name(parser, end, &size);
    if (parser->failed)
        return false;
    if (pattern_find_name(parser, at, size) || parser->name_count == PATTERN_NAMES_MAX) {
        pattern_refuse(parser, at, "this name is taken, or there are more than %d names",
                       PATTERN_NAMES_MAX);
        return false;
    }
    parser->names[parser->name_count++] =
        (struct pattern_name){.at = at, .size = size, .group = parser->pattern->group_count + 1};
    return true;
}

/* What stands behind "(?" as flags. True where a group of its own follows (":"), in *group. */
static bool read_modes(struct pattern_parser *parser, uint32_t from, bool *group)
{
    bool on = true;
    for (;;) {
        int flag = pattern_peek(parser, 0);
        parser->at++;
        if (flag == ')' || flag == ':') {
            *group = flag == ':';
            return true;
        }
        if (flag == '-' && on) {
            on = false;
        } else if (flag == 'i') {
            parser->modes.caseless = on;
            if (!on && !parser->pattern->original) {
                pattern_refuse(parser, from, "the view has no case: use `match: original`");
                return false;
            }
        } else if (flag == 'm') {
            parser->modes.multiline = on;
        } else if (flag == 's') {
            parser->modes.dot_all = on;
        } else if (flag == 'x' && pattern_peek(parser, 0) != 'x') {
            parser->modes.extended = on;
        } else {
            pattern_refuse(parser, from,
                           "this kind of group is not supported: use (...), (?:...), "
                           "(?>...), (?<name>...), lookaround or the flags i, m, s, x");
            return false;
        }
    }
}

/* The kind of group behind its "(". False where it is refused, or *flags where it was only flags.
 */
static bool read_group_kind(struct pattern_parser *parser, uint32_t from, struct pattern_node *node,
                            bool *flags)
{
    static const struct {
        const char *token;
        enum pattern_look_kind look;
    } looks[] = {
        {"?=", LOOK_AHEAD}, {"?!", LOOK_NOT_AHEAD}, {"?<=", LOOK_BEHIND}, {"?<!", LOOK_NOT_BEHIND}};
    *node = (struct pattern_node){.kind = PATTERN_GROUP, .group_kind = PATTERN_GROUP_PLAIN};
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        if (pattern_accept(parser, looks[i].token)) {
            node->kind = PATTERN_LOOK;
            node->look = looks[i].look;
            return true;
        }
    }
    if (pattern_accept(parser, "?:"))
        return true;
    if (pattern_accept(parser, "?>")) {
        node->group_kind = PATTERN_GROUP_ATOMIC;
        return true;
    }
    if (pattern_peek(parser, 0) == '*')
        return pattern_refuse(parser, from, "verbs such as (*SKIP) are not supported: take it out");
    if (pattern_peek(parser, 0) != '?' || pattern_accept(parser, "?<") ||
        pattern_accept(parser, "?P<") || pattern_accept(parser, "?'")) {
        node->group_kind = PATTERN_GROUP_CAPTURE;
        char opener = parser->text[parser->at - 1];
        bool named = opener != '(';
        if (named && !add_name(parser, opener == '<' ? '>' : '\''))
            return false;
        node->group = ++parser->pattern->group_count;
        return true;
    }
    parser->at++;
    bool group = false;
    if (!read_modes(parser, from, &group))
        return false;
    *flags = !group;
    return true;
}

/* Every way to match has the same length, or -1: PCRE2 10.42 looks behind only so. */
static int64_t fixed_length(const struct pattern *pattern, uint32_t node)
{
    const struct pattern_node *self = &pattern->nodes[node];
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    int64_t length = 0;
    switch (self->kind) {
    case PATTERN_LITERAL:
        return pattern_literal_bytes(self, folded);
    case PATTERN_CLASS:
        return pattern->classes[self->class_index].expansion_count ? -1 : 1;
    case PATTERN_ANCHOR:
    case PATTERN_LOOK:
        return 0;
    case PATTERN_BACKREFERENCE:
        return -1;
    case PATTERN_GROUP:
        return fixed_length(pattern, self->first);
    case PATTERN_REPEAT:
        length = fixed_length(pattern, self->first);
        return length < 0 || self->min != self->max ? -1 : length * self->min;
    case PATTERN_SEQUENCE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
            int64_t more = fixed_length(pattern, child);
            if (more < 0)
                return -1;
            length += more;
        }
        return length;
    case PATTERN_CHOICE:
        length = fixed_length(pattern, self->first);
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next)
            if (fixed_length(pattern, child) != length)
                return -1;
        return length;
    }
    return -1;
}

static bool looks_behind_fixed(const struct pattern *pattern, uint32_t node)
{
    if (pattern->nodes[node].kind != PATTERN_CHOICE)
        return fixed_length(pattern, node) >= 0;
    for (uint32_t child = pattern->nodes[node].first; child; child = pattern->nodes[child].next)
        if (fixed_length(pattern, child) < 0)
            return false;
    return true;
}

/* parser->at is at "(". Returns 0 without an error where it only set flags. */
static uint32_t parse_group(struct pattern_parser *parser)
{
    uint32_t from = parser->at++;
    struct pattern_modes outer = parser->modes;
    if (pattern_accept(parser, "?P="))
        return pattern_parse_named_backreference(parser, ')', from);
    struct pattern_node kind;
    bool flags = false;
    if (!read_group_kind(parser, from, &kind, &flags) || flags)
        return 0;
    if (++parser->depth > PATTERN_DEPTH_MAX)
        return pattern_refuse(parser, from, "groups stand more than %d deep: split the pattern",
                              PATTERN_DEPTH_MAX);
    uint32_t inside = parse_choice(parser);
    parser->depth--;
    parser->modes = outer;
    if (!parser->failed && !pattern_accept(parser, ")"))
        return pattern_refuse(parser, from, "the group is not closed: its ) is missing");
    uint32_t node = pattern_add_node(parser, kind.kind, from);
    if (node == 0)
        return 0;
    struct pattern_node *self = pattern_node_of(parser, node);
    self->first = inside;
    self->group_kind = kind.group_kind;
    if (kind.kind == PATTERN_LOOK)
        self->look = kind.look;
    else
        self->group = kind.group;
    bool behind =
        kind.kind == PATTERN_LOOK && (kind.look == LOOK_BEHIND || kind.look == LOOK_NOT_BEHIND);
    if (behind && !looks_behind_fixed(parser->pattern, inside))
        return pattern_refuse(parser, from,
                              "a lookbehind needs alternatives of fixed length: "
                              "write (?<=ab|abc) for (?<=abc?)");
    return node;
}

/* {n}, {n,}, {n,m}; anything else behind a brace is a plain character, as PCRE2 has it. */
static bool read_bounds(struct pattern_parser *parser, uint32_t *min, uint32_t *max)
{
    uint32_t from = parser->at;
    uint32_t read;
    parser->at++;
    *min = pattern_read_digits(parser, 10, 5, &read);
    bool good = read > 0;
    *max = *min;
    if (good && pattern_accept(parser, ",")) {
        *max = pattern_read_digits(parser, 10, 5, &read);
        if (read == 0)
            *max = PATTERN_UNBOUNDED;
    }
    good = good && pattern_accept(parser, "}");
    if (!good) {
        parser->at = from;
        return false;
    }
    if (*min > PATTERN_REPEAT_MAX || (*max != PATTERN_UNBOUNDED && *max > PATTERN_REPEAT_MAX))
        pattern_refuse(parser, from, "a repetition counts to %d at most: leave the upper end open",
                       PATTERN_REPEAT_MAX);
    else if (*min > *max)
        pattern_refuse(parser, from, "the repetition's ends are the wrong way round");
    else if (*max == 0)
        pattern_refuse(parser, from, "a repetition of zero times is nothing: take it out");
    return true;
}

static bool read_quantifier(struct pattern_parser *parser, uint32_t *min, uint32_t *max)
{
    int byte = pattern_peek(parser, 0);
    if (byte == '{')
        return read_bounds(parser, min, max);
    if (byte != '*' && byte != '+' && byte != '?')
        return false;
    parser->at++;
    *min = byte == '+';
    *max = byte == '?' ? 1 : PATTERN_UNBOUNDED;
    return true;
}

static bool can_repeat(struct pattern_parser *parser, uint32_t atom)
{
    const struct pattern_node *self = pattern_node_of(parser, atom);
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    if (self->kind == PATTERN_LITERAL && !parser->pattern->original &&
        pattern_literal_bytes(self, folded) == 0) {
        pattern_refuse(parser, self->at,
                       "U+%04X leaves no trace in the view, so it cannot be "
                       "repeated: take it out, or write the letter and its mark as one character",
                       self->code_point);
        return false;
    }
    if (self->kind == PATTERN_ANCHOR || self->kind == PATTERN_LOOK) {
        pattern_refuse(parser, self->at,
                       "an anchor or lookaround cannot be repeated: take the "
                       "quantifier out");
        return false;
    }
    return true;
}

static uint32_t parse_quantifiers(struct pattern_parser *parser, uint32_t atom)
{
    if (parser->quoted && !pattern_accept(parser, "\\E"))
        return atom;
    parser->quoted = false;
    skip_comments(parser);
    uint32_t min;
    uint32_t max;
    uint32_t from = pattern_node_of(parser, atom)->at;
    if (parser->failed || !read_quantifier(parser, &min, &max) || !can_repeat(parser, atom))
        return parser->failed ? 0 : atom;
    enum pattern_greed greed = PATTERN_GREEDY;
    if (pattern_accept(parser, "?"))
        greed = PATTERN_LAZY;
    else if (pattern_accept(parser, "+"))
        greed = PATTERN_POSSESSIVE;
    uint32_t node = pattern_add_node(parser, PATTERN_REPEAT, from);
    if (node == 0)
        return 0;
    struct pattern_node *self = pattern_node_of(parser, node);
    self->first = atom;
    self->min = min;
    self->max = max;
    self->greed = greed;
    return node;
}

static uint32_t parse_atom(struct pattern_parser *parser)
{
    uint32_t from = parser->at;
    uint32_t code_point;
    int byte = pattern_peek(parser, 0);
    if (!parser->quoted) {
        uint32_t min;
        uint32_t max;
        if (byte == '\\')
            return pattern_parse_escape(parser);
        if (byte == '(')
            return parse_group(parser);
        if (byte == '^' || byte == '$') {
            parser->at++;
            return pattern_add_anchor(parser, (char)byte, from);
        }
        if (byte == '[') {
            parser->at++;
            return pattern_parse_class(parser, from);
        }
        if (byte == '.') {
            parser->at++;
            return pattern_parse_dot(parser, from);
        }
        if (read_quantifier(parser, &min, &max))
            return pattern_refuse(parser, from,
                                  "there is nothing to repeat before this: write \\%c "
                                  "for the character itself",
                                  byte);
    }
    return pattern_next_character(parser, &code_point)
               ? pattern_add_literal(parser, code_point, from)
               : 0;
}

/* Enters and leaves \Q...\E; true where one was read. */
static bool read_quote(struct pattern_parser *parser)
{
    if (parser->quoted ? pattern_accept(parser, "\\E") : pattern_accept(parser, "\\Q")) {
        parser->quoted = !parser->quoted;
        return true;
    }
    return !parser->quoted && pattern_accept(parser, "\\E");
}

/* A byte that begins a character without a meaning of its own. */
static bool is_plain(const struct pattern_parser *parser, int byte)
{
    bool letter = (byte >= 'a' && byte <= 'z') || byte >= 0x80 || byte == ' ';
    return letter && !parser->quoted && !parser->modes.extended;
}

/* Most of a pattern. Where something plain follows, or the end, no quantifier does. */
static uint32_t parse_plain(struct pattern_parser *parser)
{
    uint32_t from = parser->at;
    uint32_t code_point;
    if (!pattern_next_character(parser, &code_point))
        return 0;
    uint32_t item = pattern_add_literal(parser, code_point, from);
    int next = pattern_peek(parser, 0);
    bool alone = next < 0 || next == '|' || next == ')' || is_plain(parser, next);
    return item == 0 || alone ? item : parse_quantifiers(parser, item);
}

/* 0 where it was flags alone, or after an error. */
static uint32_t parse_item(struct pattern_parser *parser)
{
    uint32_t item = parse_atom(parser);
    return item ? parse_quantifiers(parser, item) : 0;
}

static uint32_t parse_sequence(struct pattern_parser *parser)
{
    uint32_t sequence = pattern_add_node(parser, PATTERN_SEQUENCE, parser->at);
    uint32_t last = 0;
    while (!parser->failed) {
        bool plain = is_plain(parser, pattern_peek(parser, 0));
        if (!plain) {
            skip_comments(parser);
            if (read_quote(parser))
                continue;
        }
        int byte = pattern_peek(parser, 0);
        if (byte < 0 || (!parser->quoted && (byte == '|' || byte == ')')))
            break;
        uint32_t item = plain ? parse_plain(parser) : parse_item(parser);
        if (item == 0)
            continue;
        if (last)
            pattern_node_of(parser, last)->next = item;
        else
            pattern_node_of(parser, sequence)->first = item;
        last = item;
    }
    if (!parser->failed && !parser->pattern->original)
        pattern_shorten_runs(parser, sequence);
    return sequence;
}

static uint32_t parse_choice(struct pattern_parser *parser)
{
    uint32_t from = parser->at;
    uint32_t first = parse_sequence(parser);
    uint32_t last = first;
    while (!parser->failed && pattern_accept(parser, "|")) {
        uint32_t more = parse_sequence(parser);
        pattern_node_of(parser, last)->next = more;
        last = more;
    }
    if (last == first)
        return first;
    uint32_t choice = pattern_add_node(parser, PATTERN_CHOICE, from);
    pattern_node_of(parser, choice)->first = first;
    return choice;
}

static void parse_whole(struct pattern_parser *parser)
{
    struct pattern *pattern = parser->pattern;
    pattern->nodes[0] = (struct pattern_node){.first = 0}; /* nobody */
    pattern->node_count = 1;
    pattern->root = parse_choice(parser);
    if (!parser->failed && parser->at < parser->size)
        pattern_refuse(parser, parser->at, "this ) closes nothing: write \\) for the character");
    if (!parser->failed && !pattern_has_length(pattern))
        pattern_refuse(parser, 0,
                       "this can match nothing at all, so it would match every text: say "
                       "at least one character that must be there");
}

enum redress_status pattern_parse(const char *text, size_t size, bool original, struct pattern *out,
                                  struct pattern_error *error)
{
    *out = (struct pattern){.text = text, .size = (uint32_t)size, .original = original};
    struct pattern_parser parser = {.pattern = out, .error = error, .text = text};
    if (size > PATTERN_BYTES_MAX) {
        pattern_refuse(&parser, 0, "a pattern has %d bytes at most: split it", PATTERN_BYTES_MAX);
        return STATUS_INVALID;
    }
    parser.size = (uint32_t)size;
    /* A byte makes at most an item, its repetition, and a sequence with its choice. */
    parser.node_max = parser.size * 4 + 8;
    /* Resized from nothing, because what is allocated is cleared: each is written before it is
     * read, and few of so many are. */
    out->nodes = memory_resize(NULL, parser.node_max * sizeof *out->nodes);
    out->classes = memory_resize(NULL, (size + 1) * sizeof *out->classes);
    if (!out->nodes || !out->classes) {
        pattern_free(out);
        return STATUS_MEMORY;
    }
    parse_whole(&parser);
    if (!parser.failed)
        return STATUS_OK;
    pattern_free(out);
    return STATUS_INVALID;
}

void pattern_free(struct pattern *pattern)
{
    memory_free(pattern->nodes);
    memory_free(pattern->classes);
    *pattern = (struct pattern){0};
}
