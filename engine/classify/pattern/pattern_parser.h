/**
 * What the files of the pattern parser share. Only pattern_parse.c, pattern_escape.c
 * and pattern_class.c include it.
 */
#ifndef REDRESS_CLASSIFY_PATTERN_PATTERN_PARSER_H
#define REDRESS_CLASSIFY_PATTERN_PATTERN_PARSER_H

#include "classify/pattern/pattern.h"

struct pattern_modes {
    bool caseless;
    bool multiline;
    bool dot_all;
    bool extended;
};

struct pattern_name {
    uint32_t at;
    uint32_t size;
    uint32_t group;
};

struct pattern_parser {
    struct pattern *pattern;
    struct pattern_error *error;
    const char *text;
    uint32_t size;
    uint32_t at;
    uint32_t depth;
    uint32_t node_max;
    bool quoted; /* between \Q and \E */
    bool failed;
    struct pattern_modes modes;
    struct pattern_name names[PATTERN_NAMES_MAX];
    uint32_t name_count;
};

/** Notes the first error; returns 0, which is no node. */
uint32_t pattern_refuse(struct pattern_parser *parser, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** A new node at `at`, or 0 after an error. */
uint32_t pattern_add_node(struct pattern_parser *parser, enum pattern_kind kind, uint32_t at);

struct pattern_node *pattern_node_of(struct pattern_parser *parser, uint32_t node);

/** Reads `token` where it stands next. */
bool pattern_accept(struct pattern_parser *parser, const char *token);

/** Digits of a base, at most `count` of them; how many there were in *read. */
uint32_t pattern_read_digits(struct pattern_parser *parser, uint32_t base, uint32_t count,
                             uint32_t *read);

/** A name up to the byte `end`, which is read, too: where it begins, and its size in *size. */
uint32_t pattern_read_name(struct pattern_parser *parser, char end, uint32_t *size);
const struct pattern_name *pattern_find_name(const struct pattern_parser *parser, uint32_t at,
                                             uint32_t size);

uint32_t pattern_add_literal(struct pattern_parser *parser, uint32_t code_point, uint32_t from);
uint32_t pattern_add_anchor(struct pattern_parser *parser, char anchor, uint32_t from);
/** Everything that begins with a backslash, which is next. */
uint32_t pattern_parse_escape(struct pattern_parser *parser);
/** A backreference by name, from behind its opening bracket. */
uint32_t pattern_parse_named_backreference(struct pattern_parser *parser, char end, uint32_t from);

/** The byte `ahead` bytes on, or -1 behind the end. */
int pattern_peek(const struct pattern_parser *parser, uint32_t ahead);

/** Reads one character of the pattern; false and an error where it is not valid UTF-8. */
bool pattern_next_character(struct pattern_parser *parser, uint32_t *code_point);

/**
 * Reads an escape that stands for one character (\n, \x{e9}, \., \0), from behind the backslash at
 * `from`. False where it is no such escape; then nothing is read, or an error is noted.
 */
bool pattern_character_escape(struct pattern_parser *parser, uint32_t from, uint32_t *code_point);

/** A class from behind its '['; from the letter of \d \w \s \h \v \N \p and their negations. */
uint32_t pattern_parse_class(struct pattern_parser *parser, uint32_t from);
bool pattern_is_class_escape(int letter);
uint32_t pattern_parse_class_escape(struct pattern_parser *parser, uint32_t from);
/** A dot. */
uint32_t pattern_parse_dot(struct pattern_parser *parser, uint32_t from);

/** Takes letters out of a sequence that stand three times or more, as the view does with a text. */
void pattern_shorten_runs(struct pattern_parser *parser, uint32_t sequence);

#endif
