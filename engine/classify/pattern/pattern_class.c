#include "classify/pattern/pattern_parser.h"

#include "base/assert.h"
#include "base/load.h"
#include "text/utf8.h"
#include "text/view.h"

#include <string.h>

enum { CODE_POINT_MAX = 0x10FFFF };

/* A class while it is being read. */
struct draft {
    struct pattern_class class;
    bool negated;
};

static struct byte_set bytes_where(bool (*test)(uint8_t byte))
{
    struct byte_set set = {{0}};
    for (uint32_t byte = 0; byte < 256; byte++)
        if (test((uint8_t)byte))
            byte_set_add(&set, (uint8_t)byte);
    return set;
}

struct byte_set pattern_word_bytes(void)
{
    struct byte_set set = {{0}};
    const uint64_t lowest = 0x0101010101010101u * VIEW_CLASS_WORD;
    static_assert(VIEW_CLASS_WORD == 1,
                  "the product brings the lowest bits of eight bytes together");
    for (uint32_t byte = 0; byte < 256; byte += 8) {
        uint64_t words = load_64(view_class_of + byte) & lowest;
        set.bits[byte / 64] |= (words * 0x0102040810204080u >> 56) << byte % 64;
    }
    return set;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_horizontal(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* The view has spaces in the place of line feeds. */
static bool is_vertical(uint8_t byte)
{
    return byte == ' ';
}

static bool is_newline(uint8_t byte)
{
    return byte == '\n';
}

static bool is_graph(uint8_t byte)
{
    return (byte > ' ' && byte < 0x7F) || view_script(byte) != VIEW_SCRIPT_NONE;
}

static bool is_print(uint8_t byte)
{
    return byte == ' ' || is_graph(byte);
}

static bool is_alnum(uint8_t byte)
{
    return view_is_letter(byte) || is_digit(byte);
}

static bool is_punctuation(uint8_t byte)
{
    return is_graph(byte) && !is_alnum(byte) && !(byte >= 'A' && byte <= 'Z');
}

static bool is_control(uint8_t byte)
{
    return byte < ' ' || byte == 0x7F;
}

static bool is_hex_digit(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

static bool is_latin(uint8_t byte)
{
    return view_script(byte) == VIEW_SCRIPT_LATIN;
}

static bool is_cyrillic(uint8_t byte)
{
    return view_script(byte) == VIEW_SCRIPT_CYRILLIC;
}

static bool is_greek(uint8_t byte)
{
    return view_script(byte) == VIEW_SCRIPT_GREEK;
}

static bool is_ascii(uint8_t byte)
{
    return byte < 0x80;
}

struct named_class {
    const char *name;
    bool (*test)(uint8_t byte);
};

static const struct named_class *find_named(const struct named_class *list, const char *name,
                                            size_t size)
{
    for (; list->name; list++)
        if (strlen(list->name) == size && memcmp(list->name, name, size) == 0)
            return list;
    return NULL;
}

static const struct named_class posix_classes[] = {{"alpha", view_is_letter},
                                                   {"alnum", is_alnum},
                                                   {"digit", is_digit},
                                                   {"space", is_space},
                                                   {"word", view_is_word},
                                                   {"punct", is_punctuation},
                                                   {"graph", is_graph},
                                                   {"print", is_print},
                                                   {"cntrl", is_control},
                                                   {"xdigit", is_hex_digit},
                                                   {"blank", is_horizontal},
                                                   {"ascii", is_ascii},
                                                   {NULL, NULL}};

static const struct named_class properties[] = {
    {"L", view_is_letter}, {"N", is_digit},       {"Nd", is_digit},
    {"Latin", is_latin},   {"Greek", is_greek},   {"Cyrillic", is_cyrillic},
    {"Z", is_horizontal},  {"Zs", is_horizontal}, {NULL, NULL}};

static bool is_line_end(uint32_t code_point)
{
    return (code_point >= '\n' && code_point <= '\r') || code_point == 0x85 ||
           code_point == 0x2028 || code_point == 0x2029;
}

/* One member that stands there as itself: it must have a trace of its own in the view. */
static bool add_single(struct pattern_parser *parser, struct draft *draft, uint32_t code_point,
                       uint32_t at)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t count = view_fold_character(code_point, folded);
    if (parser->pattern->original) {
        draft->class.opaque = true;
        return true;
    }
    /* What says "no further than this line" must not come to mean "no further than this word". */
    if (is_line_end(code_point) && (draft->negated || count == 0))
        return true;
    if (count == 0) {
        pattern_refuse(parser, at, "U+%04X leaves no trace in the view: take it out of the class",
                       code_point);
        return false;
    }
    if (count > 1) {
        if (draft->class.expansion_count == PATTERN_EXPANSIONS_MAX) {
            pattern_refuse(parser, at,
                           "more than %d characters of this class become several "
                           "letters: split it into (?:...|...)",
                           PATTERN_EXPANSIONS_MAX);
            return false;
        }
        draft->class.expansions[draft->class.expansion_count++] = code_point;
        return true;
    }
    if (code_point >= 0x80 && view_is_shared(folded[0])) {
        pattern_refuse(parser, at,
                       "U+%04X has no byte of its own in the view, it would match any "
                       "other such character: use `match: original`",
                       code_point);
        return false;
    }
    byte_set_add(&draft->class.bytes, folded[0]);
    return true;
}

/* Members of a range that share a byte with strangers, or leave none or several, add nothing. */
static bool add_range(struct pattern_parser *parser, struct draft *draft, uint32_t low,
                      uint32_t high, uint32_t at)
{
    if (low > high) {
        pattern_refuse(parser, at, "the range runs backwards: write the lower end first");
        return false;
    }
    if (low == high)
        return add_single(parser, draft, low, at);
    if (parser->pattern->original) {
        draft->class.opaque = true;
        return true;
    }
    bool added = false;
    for (uint32_t code_point = low; code_point <= high; code_point++) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        if (view_fold_character(code_point, folded) != 1)
            continue;
        if (code_point >= 0x80 && view_is_shared(folded[0]))
            continue;
        if (is_line_end(code_point) && draft->negated)
            continue;
        byte_set_add(&draft->class.bytes, folded[0]);
        added = true;
    }
    if (!added)
        pattern_refuse(parser, at,
                       "no character of this range has a byte of its own in the view: "
                       "use `match: original`");
    return added;
}

static void add_set(struct draft *draft, bool (*test)(uint8_t byte), bool inverted)
{
    struct byte_set set = test == view_is_word ? pattern_word_bytes() : bytes_where(test);
    if (inverted)
        byte_set_invert(&set);
    byte_set_add_all(&draft->class.bytes, &set);
}

/* \p{Name}, \p{^Name}, \pL and \P; parser->at is behind the letter p or P. */
static bool add_property(struct pattern_parser *parser, struct draft *draft, bool inverted,
                         uint32_t from)
{
    uint32_t begin = parser->at;
    uint32_t end = begin + 1;
    if (pattern_peek(parser, 0) == '{') {
        begin++;
        end = begin;
        while (end < parser->size && parser->text[end] != '}')
            end++;
    }
    if (end > parser->size || (begin > parser->at && end == parser->size)) {
        pattern_refuse(parser, from, "\\p needs a property, as in \\p{L}");
        return false;
    }
    parser->at = begin > parser->at ? end + 1 : end;
    if (begin < end && parser->text[begin] == '^') {
        begin++;
        inverted = !inverted;
    }
    if (parser->pattern->original) {
        draft->class.opaque = true;
        return true;
    }
    const struct named_class *found = find_named(properties, parser->text + begin, end - begin);
    if (!found) {
        pattern_refuse(parser, from,
                       "the view knows the properties L, N, Nd, Z, Zs, Latin, "
                       "Cyrillic and Greek only: use one of them or `match: original`");
        return false;
    }
    add_set(draft, found->test, inverted);
    return true;
}

bool pattern_is_class_escape(int letter)
{
    return letter > 0 && strchr("dDwWsShHvVNpP", letter) != NULL;
}

/* parser->at is at the letter. */
static bool add_escape(struct pattern_parser *parser, struct draft *draft, uint32_t from)
{
    static const struct {
        char letter;
        bool (*test)(uint8_t byte);
    } escapes[] = {{'d', is_digit},
                   {'w', view_is_word},
                   {'s', is_space},
                   {'h', is_horizontal},
                   {'v', is_vertical}};
    char letter = parser->text[parser->at++];
    bool inverted = letter >= 'A' && letter <= 'Z';
    char lower = (char)(letter | 0x20);
    if (lower == 'p')
        return add_property(parser, draft, inverted, from);
    if (parser->pattern->original) {
        draft->class.opaque = true;
        return true;
    }
    if (letter == 'N' || letter == 'V') {
        if (letter == 'N' && pattern_peek(parser, 0) == '{') {
            pattern_refuse(parser, from, "\\N{...} is not known here: write \\x{...}");
            return false;
        }
        add_set(draft, is_newline, true);
        return true;
    }
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
        if (escapes[i].letter == lower)
            add_set(draft, escapes[i].test, inverted);
    return true;
}

static uint32_t finish(struct pattern_parser *parser, struct draft *draft, uint32_t from)
{
    struct pattern *pattern = parser->pattern;
    if (parser->failed)
        return 0;
    if (draft->negated) {
        if (draft->class.expansion_count > 0)
            return pattern_refuse(parser, from,
                                  "U+%04X becomes several letters in the view and "
                                  "cannot stand in a negated class: take it out",
                                  draft->class.expansions[0]);
        byte_set_invert(&draft->class.bytes);
    }
    if (!draft->class.opaque && draft->class.expansion_count == 0 &&
        byte_set_is_empty(&draft->class.bytes))
        return pattern_refuse(parser, from, "this class matches nothing: take the pattern out");
    uint32_t node = pattern_add_node(parser, PATTERN_CLASS, from);
    if (node == 0)
        return 0;
    pattern->nodes[node].class_index = pattern->class_count;
    pattern->classes[pattern->class_count++] = draft->class;
    return node;
}

uint32_t pattern_parse_class_escape(struct pattern_parser *parser, uint32_t from)
{
    struct draft draft = {.negated = false};
    char letter = parser->text[parser->at];
    if (!add_escape(parser, &draft, from))
        return 0;
    if (strchr("dDwWsS", letter))
        draft.class.shorthand = letter;
    return finish(parser, &draft, from);
}

uint32_t pattern_parse_dot(struct pattern_parser *parser, uint32_t from)
{
    struct draft draft = {.class.opaque = parser->pattern->original};
    if (parser->modes.dot_all)
        byte_set_invert(&draft.class.bytes);
    else
        add_set(&draft, is_newline, true);
    return finish(parser, &draft, from);
}

/* [:name:] or [:^name:], parser->at is at its '['; false where it is just a bracket. */
static bool add_posix(struct pattern_parser *parser, struct draft *draft)
{
    int mark = pattern_peek(parser, 1);
    if (mark != ':' && mark != '.' && mark != '=')
        return false;
    uint32_t begin = parser->at + 2;
    uint32_t end = begin;
    while (end < parser->size &&
           ((parser->text[end] >= 'a' && parser->text[end] <= 'z') || parser->text[end] == '^'))
        end++;
    if (end + 1 >= parser->size || parser->text[end] != (char)mark || parser->text[end + 1] != ']')
        return false;
    uint32_t from = parser->at;
    parser->at = end + 2;
    bool inverted = begin < end && parser->text[begin] == '^';
    begin += inverted;
    const struct named_class *found =
        mark == ':' ? find_named(posix_classes, parser->text + begin, end - begin) : NULL;
    if (parser->pattern->original)
        draft->class.opaque = true;
    else if (found)
        add_set(draft, found->test, inverted);
    else
        pattern_refuse(parser, from,
                       "this class is not known in the view, which has no case: "
                       "use [:alpha:], [:alnum:], [:digit:], [:space:], [:punct:] or "
                       "`match: original`");
    return true;
}

/* One end of a range or one member; *is_set where it was a whole set and no character. */
static bool read_member(struct pattern_parser *parser, struct draft *draft, uint32_t *code_point,
                        bool *is_set)
{
    uint32_t from = parser->at;
    *is_set = false;
    if (pattern_peek(parser, 0) == '[' && add_posix(parser, draft)) {
        *is_set = true;
        return !parser->failed;
    }
    if (pattern_peek(parser, 0) != '\\')
        return pattern_next_character(parser, code_point);
    parser->at++;
    int letter = pattern_peek(parser, 0);
    if (letter == 'b') {
        parser->at++;
        *code_point = '\b';
        return true;
    }
    if (pattern_is_class_escape(letter) && letter != 'N') {
        *is_set = true;
        return add_escape(parser, draft, from);
    }
    if (pattern_character_escape(parser, from, code_point))
        return true;
    if (!parser->failed)
        pattern_refuse(parser, from,
                       "this escape has no meaning inside a class: write the "
                       "character itself or \\x{...}");
    return false;
}

static bool read_item(struct pattern_parser *parser, struct draft *draft)
{
    uint32_t from = parser->at;
    uint32_t low;
    uint32_t high;
    bool is_set;
    if (!read_member(parser, draft, &low, &is_set))
        return false;
    int after = pattern_peek(parser, 1);
    bool range = pattern_peek(parser, 0) == '-' && after >= 0 && after != ']';
    if (!range)
        return is_set || add_single(parser, draft, low, from);
    parser->at++;
    if (!is_set && read_member(parser, draft, &high, &is_set) && !is_set)
        return add_range(parser, draft, low, high, from);
    if (!parser->failed)
        pattern_refuse(parser, from,
                       "a class such as \\d cannot be the end of a range: put the "
                       "hyphen first or write \\-");
    return false;
}

uint32_t pattern_parse_class(struct pattern_parser *parser, uint32_t from)
{
    struct draft draft = {.negated = pattern_peek(parser, 0) == '^'};
    parser->at += draft.negated;
    bool first = true;
    while (first || pattern_peek(parser, 0) != ']') {
        if (pattern_peek(parser, 0) < 0)
            return pattern_refuse(parser, from, "the class is not closed: its ] is missing");
        if (!read_item(parser, &draft))
            return 0;
        first = false;
    }
    parser->at++;
    return finish(parser, &draft, from);
}
