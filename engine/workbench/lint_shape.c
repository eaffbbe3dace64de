/**
 * What the shape of an entry tells without any text: a left end that is open, a stem of a few
 * letters, no literal to find it by.
 */
#include "workbench/lint.h"

#include "classify/pattern/pattern_exact.h"
#include "classify/pattern/pattern_ways.h"

#include "base/memory.h"

#include <string.h>

/* A word of an entry that stands alone: how many letters are fixed, and which ends are open. */
struct word_shape {
    uint32_t letters;
    bool open_left;
    bool open_right;
};

static bool is_open_end(const struct pattern *pattern, const struct pattern_node *node)
{
    if (node->kind != PATTERN_REPEAT || node->max != PATTERN_UNBOUNDED)
        return false;
    const struct pattern_node *child = &pattern->nodes[node->first];
    return child->kind == PATTERN_CLASS &&
           byte_set_has(&pattern->classes[child->class_index].bytes, 'q');
}

static void measure(const struct pattern *pattern, uint32_t index, struct word_shape *shape);

/* Of alternatives the one that says least. */
static struct word_shape weakest(const struct pattern *pattern, const struct pattern_node *choice)
{
    struct word_shape weakest = {.letters = UINT32_MAX};
    for (uint32_t child = choice->first; child; child = pattern->nodes[child].next) {
        struct word_shape shape = {0};
        measure(pattern, child, &shape);
        bool open = shape.open_left || shape.open_right;
        bool weakest_open = weakest.open_left || weakest.open_right;
        bool left = weakest.open_left || shape.open_left;
        if ((open && !weakest_open) || (open == weakest_open && shape.letters < weakest.letters))
            weakest = shape;
        weakest.open_left = left;
    }
    return weakest;
}

static void measure(const struct pattern *pattern, uint32_t index, struct word_shape *shape)
{
    const struct pattern_node *node = &pattern->nodes[index];
    if (is_open_end(pattern, node)) {
        *(shape->letters == 0 ? &shape->open_left : &shape->open_right) = true;
    } else if (node->kind == PATTERN_LITERAL || node->kind == PATTERN_CLASS) {
        shape->letters++;
    } else if (node->kind == PATTERN_CHOICE) {
        struct word_shape part = weakest(pattern, node);
        *(shape->letters == 0 ? &shape->open_left : &shape->open_right) |= part.open_left;
        shape->open_right |= part.open_right;
        shape->letters += part.letters;
    } else if (node->kind == PATTERN_SEQUENCE || node->kind == PATTERN_GROUP ||
               (node->kind == PATTERN_REPEAT && node->min > 0)) {
        for (uint32_t child = node->first; child; child = pattern->nodes[child].next)
            measure(pattern, child, shape);
    }
}

/* A blank, or what may be one: other words narrow the entry down. */
static bool has_blank(const struct pattern *pattern)
{
    for (uint32_t index = 1; index < pattern->node_count; index++) {
        const struct pattern_node *node = &pattern->nodes[index];
        if (node->kind == PATTERN_LITERAL && node->code_point == ' ')
            return true;
        if (node->kind == PATTERN_CLASS &&
            byte_set_has(&pattern->classes[node->class_index].bytes, ' '))
            return true;
    }
    return false;
}

static bool has_except(const struct rule *rule)
{
    for (uint32_t index = 0; index < rule->pattern_count; index++)
        if (rule->patterns[index].part == RULE_PART_EXCEPT)
            return true;
    return false;
}

/* Of `near` the other half narrows it down. */
static bool is_paired(const struct rule_entry *entry)
{
    return entry->pattern->part == RULE_PART_NEAR_A || entry->pattern->part == RULE_PART_NEAR_B;
}

static void check_word(struct lint *lint, const struct rule_entry *entry,
                       const struct pattern *pattern)
{
    char name[LINT_NAME_BYTES];
    struct word_shape shape = {0};
    bool takes_back = rule_part_takes_back(entry->pattern->part);
    if (has_blank(pattern))
        return;
    measure(pattern, pattern->root, &shape);
    if (shape.open_left && !takes_back &&
        !has_except(&lint->rule_set->pack.rules[entry->rule_index]))
        lint_add(lint->errors, entry, 0,
                 "%s is open on the left and finds every compound: list those that it does not "
                 "mean under except, or close it",
                 lint_name(entry, name));
    if ((shape.open_left || shape.open_right) && entry->pattern->entry && !is_paired(entry) &&
        shape.letters < LINT_STEM_LETTERS_MIN)
        lint_add(lint->errors, entry, 0,
                 "%s has %u letters before its open end, and at least %d are wanted: write its "
                 "forms out",
                 lint_name(entry, name), shape.letters, LINT_STEM_LETTERS_MIN);
}

/* What the scan needs to know, in memory that is too much for a stack. */
struct scan_shapes {
    struct pattern_exact exact;
    struct pattern_ways ways;
};

static void check_literals(struct lint *lint, const struct rule_entry *entry,
                           const struct pattern *pattern, struct scan_shapes *shapes)
{
    char name[LINT_NAME_BYTES];
    if (pattern_find_exact(pattern, &shapes->exact))
        return;
    pattern_find_ways(pattern, &shapes->ways);
    if (shapes->ways.count == 0)
        lint_add(lint->warnings, entry, 0,
                 "%s has no literal that every match holds, so it is tried on every text: give "
                 "each alternative a fixed word",
                 lint_name(entry, name));
}

enum redress_status lint_check_shape(struct lint *lint)
{
    struct scan_shapes *shapes = memory_allocate(sizeof *shapes);
    if (!shapes)
        return STATUS_MEMORY;
    for (uint32_t index = 0; index < lint->probe.entry_count; index++) {
        const struct rule_entry *entry = &lint->probe.entries[index];
        struct pattern pattern;
        struct pattern_error error;
        if (pattern_parse(entry->pattern->text, entry->pattern->size,
                          lint->rule_set->pack.rules[entry->rule_index].original, &pattern,
                          &error) != STATUS_OK)
            continue;
        check_word(lint, entry, &pattern);
        check_literals(lint, entry, &pattern, shapes);
        pattern_free(&pattern);
    }
    memory_free(shapes);
    return STATUS_OK;
}
