#include "classify/pattern/pattern.h"

#include "base/assert.h"
#include "base/memory.h"
#include "text/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_CAPACITY_MIN = 256 };

static bool has_room(struct pattern_text *text, size_t more)
{
    if (text->failed)
        return false;
    if (text->size + more + 1 <= text->capacity)
        return true;
    size_t capacity = text->capacity ? text->capacity : TEXT_CAPACITY_MIN;
    while (capacity < text->size + more + 1)
        capacity *= 2;
    char *data = memory_resize(text->data, capacity);
    text->failed = data == NULL;
    if (text->failed)
        return false;
    text->data = data;
    text->capacity = capacity;
    return true;
}

static void put_bytes(struct pattern_text *text, const char *bytes, size_t size)
{
    if (!has_room(text, size))
        return;
    memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

static void put(struct pattern_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct pattern_text *text, const char *format, ...)
{
    char piece[64];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    ASSERT(size >= 0 && (size_t)size < sizeof piece);
    put_bytes(text, piece, (size_t)size);
}

void pattern_text_free(struct pattern_text *text)
{
    memory_free(text->data);
    *text = (struct pattern_text){0};
}

static void put_byte(struct pattern_text *text, uint8_t byte)
{
    bool plain =
        (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == ' ' || byte == '_';
    if (plain)
        put(text, "%c", byte);
    else
        put(text, "\\x%02x", byte);
}

static void put_set(struct pattern_text *text, const struct byte_set *set)
{
    put(text, "[");
    for (uint32_t low = 0; low < 256; low++) {
        if (!byte_set_has(set, (uint8_t)low))
            continue;
        uint32_t high = low;
        while (high < 255 && byte_set_has(set, (uint8_t)(high + 1)))
            high++;
        put(text, low == high ? "\\x%02x" : "\\x%02x-\\x%02x", low, high);
        low = high;
    }
    put(text, "]");
}

/* The set, or one of its expansions. */
static void put_class(struct pattern_text *text, const struct pattern_class *class)
{
    bool several = class->expansion_count > 0;
    bool any = !byte_set_is_empty(&class->bytes);
    put(text, several ? "(?:" : "");
    if (any)
        put_set(text, &class->bytes);
    for (uint32_t i = 0; i < class->expansion_count; i++) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t count = view_fold_character(class->expansions[i], folded);
        put(text, any || i > 0 ? "|" : "");
        for (uint32_t j = 0; j < count; j++)
            put_byte(text, folded[j]);
    }
    put(text, several ? ")" : "");
}

static void put_bounds(struct pattern_text *text, uint32_t min, uint32_t max)
{
    if (min == 0 && max == PATTERN_UNBOUNDED)
        put(text, "*");
    else if (min == 1 && max == PATTERN_UNBOUNDED)
        put(text, "+");
    else if (min == 0 && max == 1)
        put(text, "?");
    else if (max == PATTERN_UNBOUNDED)
        put(text, "{%u,}", min);
    else if (min == max)
        put(text, "{%u}", min);
    else
        put(text, "{%u,%u}", min, max);
}

struct printer {
    const struct pattern *pattern;
    struct pattern_text *out;
    bool callouts;
};

static void print_node(const struct printer *printer, uint32_t node, bool tail);

static void print_children(const struct printer *printer, const struct pattern_node *self,
                           bool tail)
{
    const struct pattern_node *nodes = printer->pattern->nodes;
    bool choice = self->kind == PATTERN_CHOICE;
    for (uint32_t child = self->first; child; child = nodes[child].next) {
        bool is_last = nodes[child].next == 0;
        print_node(printer, child, tail && (choice || is_last));
        if (choice && !is_last)
            put(printer->out, "|");
    }
}

/* The modes that an original pattern's character was written under, as the opening of a group. */
static bool open_modes(const struct printer *printer, const struct pattern_node *self)
{
    bool character = self->kind == PATTERN_LITERAL || self->kind == PATTERN_CLASS;
    bool dot = self->kind == PATTERN_CLASS && self->dot_all;
    bool needed = printer->pattern->original && character && (self->caseless || dot);
    if (needed)
        put(printer->out, "(?%s%s:", self->caseless ? "i" : "", dot ? "s" : "");
    return needed;
}

static void print_literal(const struct printer *printer, const struct pattern_node *self)
{
    if (printer->pattern->original) {
        put(printer->out, "\\x{%x}", self->code_point);
        return;
    }
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t count = pattern_literal_bytes(self, folded);
    for (uint32_t i = 0; i < count; i++)
        put_byte(printer->out, folded[i]);
}

static void print_class(const struct printer *printer, const struct pattern_node *self)
{
    const struct pattern_class *class = &printer->pattern->classes[self->class_index];
    if (printer->pattern->original)
        put_bytes(printer->out, printer->pattern->text + self->at, self->size);
    else if (class->shorthand)
        put(printer->out, "\\%c", class->shorthand);
    else
        put_class(printer->out, class);
}

static void print_character(const struct printer *printer, const struct pattern_node *self)
{
    if (self->kind == PATTERN_LITERAL)
        print_literal(printer, self);
    else
        print_class(printer, self);
}

static void print_anchor(const struct printer *printer, const struct pattern_node *self)
{
    bool plain = self->anchor == '^' || self->anchor == '$';
    if (plain)
        put(printer->out, self->multiline ? "(?m:%c)" : "%c", self->anchor);
    else
        put(printer->out, "\\%c", self->anchor);
}

/* One item for a quantifier as it is. A group around a single character would make PCRE2 copy it
 * as often as it is counted, and lose its fast loops. */
static bool is_single(const struct printer *printer, const struct pattern_node *node)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    if (node->kind == PATTERN_LITERAL)
        return printer->pattern->original || pattern_literal_bytes(node, folded) == 1;
    return node->kind == PATTERN_CLASS || node->kind == PATTERN_GROUP;
}

static void print_repeat(const struct printer *printer, const struct pattern_node *self, bool tail)
{
    const struct pattern_node *child = &printer->pattern->nodes[self->first];
    bool character = child->kind == PATTERN_LITERAL || child->kind == PATTERN_CLASS;
    bool wrap = !is_single(printer, child);
    bool modes = open_modes(printer, child);
    put(printer->out, wrap ? "(?:" : "");
    if (character)
        print_character(printer, child);
    else
        print_node(printer, self->first, false);
    put(printer->out, wrap ? ")" : "");
    put_bounds(printer->out, self->min, self->max);
    if (self->greed != PATTERN_GREEDY)
        put(printer->out, self->greed == PATTERN_LAZY ? "?" : "+");
    put(printer->out, modes ? ")" : "");
    if (printer->callouts && pattern_repeat_is_counted(self, tail))
        put(printer->out, "(?C1)");
}

static void print_node(const struct printer *printer, uint32_t node, bool tail)
{
    static const char *const looks[] = {[LOOK_AHEAD] = "(?=",
                                        [LOOK_NOT_AHEAD] = "(?!",
                                        [LOOK_BEHIND] = "(?<=",
                                        [LOOK_NOT_BEHIND] = "(?<!"};
    static const char *const groups[] = {[PATTERN_GROUP_CAPTURE] = "(",
                                         [PATTERN_GROUP_PLAIN] = "(?:",
                                         [PATTERN_GROUP_ATOMIC] = "(?>"};
    const struct pattern_node *self = &printer->pattern->nodes[node];
    bool modes;
    switch (self->kind) {
    case PATTERN_SEQUENCE:
    case PATTERN_CHOICE:
        print_children(printer, self, tail);
        break;
    case PATTERN_REPEAT:
        print_repeat(printer, self, tail);
        break;
    case PATTERN_GROUP:
        put(printer->out, "%s", groups[self->group_kind]);
        print_node(printer, self->first, tail);
        put(printer->out, ")");
        break;
    case PATTERN_LOOK:
        put(printer->out, "%s", looks[self->look]);
        print_node(printer, self->first, false);
        put(printer->out, ")");
        break;
    case PATTERN_LITERAL:
    case PATTERN_CLASS:
        modes = open_modes(printer, self);
        print_character(printer, self);
        put(printer->out, modes ? ")" : "");
        break;
    case PATTERN_ANCHOR:
        print_anchor(printer, self);
        break;
    case PATTERN_BACKREFERENCE:
        put(printer->out, self->caseless && printer->pattern->original ? "(?i:\\g{%u})" : "\\g{%u}",
            self->group);
        break;
    }
}

enum redress_status pattern_print(const struct pattern *pattern, bool callouts,
                                  struct pattern_text *out)
{
    *out = (struct pattern_text){0};
    struct printer printer = {.pattern = pattern, .out = out, .callouts = callouts};
    print_node(&printer, pattern->root, true);
    if (!out->failed)
        return STATUS_OK;
    pattern_text_free(out);
    return STATUS_MEMORY;
}
