/* The view never has a letter more than twice in a row, so neither may a pattern. */
#include "classify/pattern/pattern_parser.h"

#include "text/view.h"

enum { RUN_MAX = 2 };

/* The letters at the end of what was read so far. */
struct run {
    uint8_t byte;
    uint32_t count;
};

/* How often a literal is the same letter that can be drawn out ("ß" is two); 0 where it is none. */
static uint32_t letters_of(const struct pattern_node *literal, uint8_t *byte)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t count = pattern_literal_bytes(literal, folded);
    for (uint32_t i = 1; i < count; i++)
        if (folded[i] != folded[0])
            return 0;
    *byte = folded[0];
    return count > 0 && view_can_stretch(folded[0]) ? count : 0;
}

static bool leaves_nothing(const struct pattern_node *literal)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    return pattern_literal_bytes(literal, folded) == 0;
}

/* A repetition of a letter counts as often as it must be there. */
static void add_repeat(struct pattern_parser *parser, const struct pattern_node *repeat,
                       struct run *run)
{
    const struct pattern_node *inside = pattern_node_of(parser, repeat->first);
    uint8_t byte;
    uint32_t count = inside->kind == PATTERN_LITERAL ? letters_of(inside, &byte) : 0;
    if (count == 0) {
        run->count = 0;
        return;
    }
    uint64_t least = (run->byte == byte ? run->count : 0) + (uint64_t)count * repeat->min;
    if (least > RUN_MAX)
        pattern_refuse(parser, repeat->at,
                       "a letter that stands three times or more is shortened in the view, so "
                       "this never matches: ask for two at most, or use `match: original`");
    *run = (struct run){.byte = byte, .count = (uint32_t)least};
}

void pattern_shorten_runs(struct pattern_parser *parser, uint32_t sequence)
{
    struct pattern_node *nodes = parser->pattern->nodes;
    struct run run = {0};
    uint32_t *link = &nodes[sequence].first; /* to the node at hand */
    uint32_t *before = link;                 /* to the one before it */
    while (*link && !parser->failed) {
        struct pattern_node *node = &nodes[*link];
        uint8_t byte = 0;
        bool is_literal = node->kind == PATTERN_LITERAL;
        uint32_t count = is_literal ? letters_of(node, &byte) : 0;
        bool goes_on = count > 0 && run.count > 0 && byte == run.byte;
        if (goes_on && run.count >= RUN_MAX) {
            *link = node->next;
            continue;
        }
        if (node->kind == PATTERN_REPEAT) {
            add_repeat(parser, node, &run);
        } else if (goes_on && run.count + count > RUN_MAX) { /* "s" before "ß" */
            *before = *link;
            link = before;
            run.count = count;
        } else if (count > 0) {
            run = (struct run){.byte = byte, .count = goes_on ? run.count + count : count};
        } else if (!is_literal || !leaves_nothing(node)) {
            run.count = 0;
        }
        before = link;
        link = &node->next;
    }
}
