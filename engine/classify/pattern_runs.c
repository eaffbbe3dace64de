/* The view never has a letter more than twice in a row, so neither may a pattern. */
#include "classify/pattern_parser.h"

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

static void refuse_repeat(struct pattern_parser *parser, const struct pattern_node *repeat,
                          const struct run *run)
{
    const struct pattern_node *inside = pattern_node_of(parser, repeat->first);
    uint8_t byte;
    if (inside->kind != PATTERN_LITERAL || letters_of(inside, &byte) == 0)
        return;
    uint32_t before = run->byte == byte ? run->count : 0;
    if (before + letters_of(inside, &byte) * (uint64_t)repeat->min > RUN_MAX)
        pattern_refuse(parser, repeat->at,
                       "a letter that stands three times or more is shortened in the view, so "
                       "this never matches: ask for two at most, or use `match: original`");
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
        uint32_t count = node->kind == PATTERN_LITERAL ? letters_of(node, &byte) : 0;
        bool goes_on = count > 0 && run.count > 0 && byte == run.byte;
        if (node->kind == PATTERN_REPEAT)
            refuse_repeat(parser, node, &run);
        if (goes_on && run.count >= RUN_MAX) {
            *link = node->next;
            continue;
        }
        if (goes_on && run.count + count > RUN_MAX) { /* "s" before "ß" */
            *before = *link;
            link = before;
            run.count = count;
        } else if (goes_on || count > 0) {
            run = (struct run){.byte = byte, .count = goes_on ? run.count + count : count};
        } else if (node->kind != PATTERN_LITERAL || !leaves_nothing(node)) {
            run.count = 0;
        }
        before = link;
        link = &node->next;
    }
}
