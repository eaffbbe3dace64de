/* What a backslash begins: characters by number, classes, anchors and backreferences. */
#include "classify/pattern/pattern_parser.h"

#include "base/hex.h"

#include <string.h>

/* Digits of a base, at most `count` of them; how many there were in *read. */
uint32_t pattern_read_digits(struct pattern_parser *parser, uint32_t base, uint32_t count,
                             uint32_t *read)
{
    uint32_t value = 0;
    *read = 0;
    /* What is no digit is, without a sign, above every base. */
    while (*read < count && (uint32_t)hex_digit(pattern_peek(parser, 0)) < base) {
        value = value * base + (uint32_t)hex_digit(pattern_peek(parser, 0));
        parser->at++;
        ++*read;
    }
    return value;
}

/* {digits} of \x and \o, from behind the letter. */
static bool read_braced(struct pattern_parser *parser, uint32_t base, uint32_t from,
                        uint32_t *code_point)
{
    uint32_t read;
    parser->at++;
    *code_point = pattern_read_digits(parser, base, 7, &read);
    if (read == 0 || !pattern_accept(parser, "}")) {
        pattern_refuse(parser, from, "write the character's number in braces, as in \\x{20ac}");
        return false;
    }
    if (*code_point > 0x10FFFF || (*code_point >= 0xD800 && *code_point <= 0xDFFF)) {
        pattern_refuse(parser, from, "no character has this number: at most \\x{10ffff}");
        return false;
    }
    return true;
}

bool pattern_character_escape(struct pattern_parser *parser, uint32_t from, uint32_t *code_point)
{
    static const char letters[] = "aefnrt";
    static const char meant[] = "\a\033\f\n\r\t";
    int letter = pattern_peek(parser, 0);
    uint32_t read;
    const char *known = letter > 0 ? strchr(letters, letter) : NULL;
    if (known) {
        parser->at++;
        *code_point = (uint8_t)meant[known - letters];
        return true;
    }
    if (letter == 'x' || letter == 'o') {
        parser->at++;
        if (pattern_peek(parser, 0) == '{')
            return read_braced(parser, letter == 'x' ? 16 : 8, from, code_point);
        *code_point = letter == 'x' ? pattern_read_digits(parser, 16, 2, &read) : 0;
        if (letter == 'o' || read == 0)
            pattern_refuse(parser, from, "write the character's number, as in \\x{20ac}");
        return !parser->failed;
    }
    if (letter == '0') {
        *code_point = pattern_read_digits(parser, 8, 3, &read);
        return true;
    }
    bool alphanumeric = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                        (letter >= 'A' && letter <= 'Z');
    if (alphanumeric || letter < 0)
        return false;
    return pattern_next_character(parser, code_point);
}

uint32_t pattern_add_anchor(struct pattern_parser *parser, char anchor, uint32_t from)
{
    uint32_t node = pattern_add_node(parser, PATTERN_ANCHOR, from);
    pattern_node_of(parser, node)->anchor = anchor;
    return node;
}

static uint32_t add_backreference(struct pattern_parser *parser, uint32_t group, uint32_t from)
{
    uint32_t node = pattern_add_node(parser, PATTERN_BACKREFERENCE, from);
    pattern_node_of(parser, node)->group = group;
    return node;
}

/* A name up to `end`; its size in *size. */
uint32_t pattern_read_name(struct pattern_parser *parser, char end, uint32_t *size)
{
    uint32_t begin = parser->at;
    int byte = pattern_peek(parser, 0);
    while ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (byte >= '0' && byte <= '9' && parser->at > begin)) {
        parser->at++;
        byte = pattern_peek(parser, 0);
    }
    *size = parser->at - begin;
    if (*size == 0 || *size > 32 || byte != end)
        pattern_refuse(parser, begin,
                       "a name has 1 to 32 letters, digits or underscores and ends "
                       "with %c",
                       end);
    else
        parser->at++;
    return begin;
}

const struct pattern_name *pattern_find_name(const struct pattern_parser *parser, uint32_t at,
                                             uint32_t size)
{
    for (uint32_t i = 0; i < parser->name_count; i++)
        if (parser->names[i].size == size &&
            memcmp(parser->text + parser->names[i].at, parser->text + at, size) == 0)
            return &parser->names[i];
    return NULL;
}

uint32_t pattern_parse_named_backreference(struct pattern_parser *parser, char end, uint32_t from)
{
    uint32_t size;
    uint32_t at = pattern_read_name(parser, end, &size);
    if (parser->failed)
        return 0;
    const struct pattern_name *name = pattern_find_name(parser, at, size);
    if (!name)
        return pattern_refuse(parser, from, "no group before this has that name");
    return add_backreference(parser, name->group, from);
}

/* \1, \g1, \g{1}, \g{-1}, \g{name}; parser->at is behind the letter, or at the digit. */
static uint32_t parse_backreference(struct pattern_parser *parser, uint32_t from)
{
    bool braced = pattern_accept(parser, "{");
    bool relative = pattern_accept(parser, "-");
    uint32_t read;
    uint32_t group = pattern_read_digits(parser, 10, 4, &read);
    if (read == 0 && braced && !relative)
        return pattern_parse_named_backreference(parser, '}', from);
    if (read == 0 || (braced && !pattern_accept(parser, "}")))
        return pattern_refuse(parser, from, "write a backreference as \\1, \\g{-1} or \\k{name}");
    if (relative)
        group =
            group <= parser->pattern->group_count ? parser->pattern->group_count + 1 - group : 0;
    if (group == 0 || group > parser->pattern->group_count)
        return pattern_refuse(parser, from, "there is no such group before this backreference");
    return add_backreference(parser, group, from);
}

uint32_t pattern_parse_escape(struct pattern_parser *parser)
{
    uint32_t from = parser->at++;
    int letter = pattern_peek(parser, 0);
    if (letter < 0)
        return pattern_refuse(parser, from, "the pattern ends with a backslash: write \\\\");
    if (strchr("bBAzZ", letter)) {
        parser->at++;
        return pattern_add_anchor(parser, (char)letter, from);
    }
    bool opaque = parser->pattern->original && (letter == 'R' || letter == 'X');
    if (opaque || pattern_is_class_escape(letter))
        return pattern_parse_class_escape(parser, from);
    if (letter >= '1' && letter <= '9')
        return parse_backreference(parser, from);
    int after = pattern_peek(parser, 1);
    if (letter == 'g' && after != '<' && after != '\'') {
        parser->at++;
        return parse_backreference(parser, from);
    }
    if (letter == 'k' && (after == '{' || after == '<' || after == '\'')) {
        parser->at += 2;
        return pattern_parse_named_backreference(parser,
                                                 after == '{'   ? '}'
                                                 : after == '<' ? '>'
                                                                : '\'',
                                                 from);
    }
    uint32_t code_point;
    if (pattern_character_escape(parser, from, &code_point))
        return pattern_add_literal(parser, code_point, from);
    return pattern_refuse(parser, from,
                          "\\%c is not supported: \\R can be written [\\r\\n]+, \\K "
                          "and \\G as a lookbehind, \\X and \\C as a dot",
                          letter);
}
